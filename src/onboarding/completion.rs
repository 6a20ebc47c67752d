//! Completes a chain: from what is here, and where that is allowed from where the certificate says.

use time::OffsetDateTime;

use super::Warning;
use super::fetch::{FetchError, Fetcher};
use crate::mesh::Getter;
use crate::pki::Certificate;
use crate::pki::chain::{self, Chain, ChainError};

/// A chain that was proved.
#[derive(Debug)]
pub(super) struct Completed {
    pub chain: Chain,
    /// What had to be fetched for it.
    pub fetched: Vec<Warning>,
}

/// Why there is no chain, and what was tried to complete it.
#[derive(Debug)]
pub(super) struct NotCompleted {
    pub error: ChainError,
    pub attempts: Attempts,
}

/// The way to a missing issuer by the addresses in certificates.
#[derive(Debug, Default)]
pub struct Attempts {
    /// An address that could be fetched, where fetching was not allowed.
    pub offered: Option<String>,
    /// Each address that was asked in vain.
    pub failed: Vec<(String, FetchError)>,
}

/// The most certificates for one key that are tried, and the most that something is fetched for: more than
/// honest files hold, and soon done.
const CANDIDATES: usize = 32;
const FETCHED_FOR: usize = 4;

/// What becomes of the first of `candidates`, the best one first, that passes; else why the best one does
/// not. Nothing is fetched while one passes without. At least one is given.
pub(super) fn first_proved<C, T, E>(
    candidates: &[C],
    fetcher: Option<&Fetcher>,
    prove: impl Fn(&C, Option<&Fetcher>) -> Result<T, E>,
) -> Result<T, E> {
    let first_of = |most: usize, fetcher: Option<&Fetcher>| {
        let mut refusal = None;
        for candidate in candidates.iter().take(most) {
            match prove(candidate, fetcher) {
                Ok(proved) => return Ok(proved),
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        Err(refusal.expect("there is a candidate"))
    };
    match (first_of(CANDIDATES, None), fetcher) {
        (Err(_), Some(_)) => first_of(FETCHED_FOR, fetcher),
        (without, _) => without,
    }
}

/// Proves the chain of `leaf` with the certificates of `pool`, in any order, up to one of `roots`. Where an
/// issuer is missing and there is a fetcher, asks the addresses that the certificate names; what comes from
/// there completes the chain, and is never trusted for being there.
pub(super) fn complete(
    leaf: &Certificate,
    mut pool: Vec<Certificate>,
    roots: &[Certificate],
    fetcher: Option<&Fetcher>,
    now: OffsetDateTime,
) -> Result<Completed, NotCompleted> {
    let mut from: Vec<(Certificate, String)> = Vec::new();
    let mut asked: Vec<String> = Vec::new();
    let mut attempts = Attempts::default();
    loop {
        let error = match chain::build(leaf, &pool, roots, now) {
            Ok(chain) => {
                let fetched = from.iter().filter(|(c, _)| chain.intermediates.contains(c));
                let fetched = fetched.map(|(certificate, address)| said(certificate, address)).collect();
                return Ok(Completed { chain, fetched });
            }
            Err(error) => error,
        };
        let ChainError::Incomplete { certificate: at, .. } = &error else {
            return Err(NotCompleted { error, attempts });
        };
        let addresses = at.details().ca_issuers;
        let Some(fetcher) = fetcher else {
            attempts.offered = addresses.into_iter().find(|address| Getter::takes(address));
            return Err(NotCompleted { error, attempts });
        };
        let mut found = Vec::new();
        for address in addresses {
            if asked.contains(&address) {
                continue;
            }
            match ask(fetcher, at, &address, asked.len()) {
                Ok(certificates) => found = certificates.into_iter().map(|c| (c, address.clone())).collect(),
                Err(failure) => attempts.failed.push((address.clone(), failure)),
            }
            asked.push(address);
            if !found.is_empty() {
                break;
            }
        }
        if found.is_empty() {
            return Err(NotCompleted { error, attempts });
        }
        pool.extend(found.iter().map(|(certificate, _)| certificate.clone()));
        from.extend(found);
    }
}

/// The certificates at an address, if the issuer of `certificate` is one of them.
fn ask(
    fetcher: &Fetcher,
    certificate: &Certificate,
    address: &str,
    asked: usize,
) -> Result<Vec<Certificate>, FetchError> {
    if asked >= fetcher.addresses {
        return Err(FetchError::NotAsked(asked));
    }
    let found = fetcher.certificates(address)?;
    if found.iter().any(|issuer| certificate.is_signed_by(issuer)) {
        return Ok(found);
    }
    let described = |c: &Certificate| format!("{} ({})", c.subject(), c.fingerprint().short());
    Err(FetchError::NotTheIssuer { found: found.iter().take(3).map(described).collect() })
}

fn said(certificate: &Certificate, address: &str) -> Warning {
    Warning::new(
        "fetched_issuer",
        format!(
            "{} was fetched from {address}, SHA-256 {}; it is accepted because it leads to a trusted root",
            certificate.subject(),
            certificate.fingerprint()
        ),
    )
}

#[cfg(test)]
mod tests;
