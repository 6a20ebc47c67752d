//! Whether a CA of the chain has taken a certificate back, by the lists that the certificates name (RFC 5280, 5 and
//! 4.2.1.13). Asked for only where the user wants it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use time::OffsetDateTime;

use super::{authority, name_of};
use crate::check::report::{Cause, Finding, ProbeId};
use crate::expiry::day;
use crate::mesh::Getter;
use crate::pki::chain::Chain;
use crate::pki::{Certificate, Revocation, RevocationList, RevocationStatus};

pub(super) static REVOKED: Cause = Cause {
    probe: ProbeId::Chain,
    code: "revoked",
    meaning: "The CA has taken the certificate back before its time. Servers that look at the CA's list refuse it, and so may MESH.",
};

pub(super) static CRL_UNAVAILABLE: Cause = Cause {
    probe: ProbeId::Chain,
    code: "crl_unavailable",
    meaning: "The list of revoked certificates could not be had, so nobody can tell here whether the certificate was taken back. That says nothing against it.",
};

pub(super) static CRL_NOT_TRUSTED: Cause = Cause {
    probe: ProbeId::Chain,
    code: "crl_not_trusted",
    meaning: "What lies at the address of the revocation list cannot be believed for this certificate. Whoever changed the list could hide that a certificate was taken back.",
};

/// How many addresses are asked for one certificate.
const ADDRESSES: usize = 3;

/// Fetches revocation lists, each address once: many mailboxes have certificates of one CA. Clones share what came.
#[derive(Debug, Clone)]
pub struct RevocationLists {
    getter: Getter,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
}

/// What came from an address, or why nothing did; empty until the first who asked has it.
type Answer = Arc<OnceLock<Result<RevocationList, String>>>;

impl RevocationLists {
    /// Nothing is fetched before it is asked for.
    pub fn new(getter: Getter) -> Self {
        Self { getter, answers: Arc::default() }
    }

    /// The list at an address. Whoever asks for the same meanwhile waits for it.
    fn at(&self, address: &str) -> Answer {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.entry(address.to_owned()).or_default().clone();
        drop(answers);
        answer.get_or_init(|| {
            let bytes = self.getter.get(address).map_err(|error| error.to_string())?;
            RevocationList::read(&bytes).map_err(|error| error.to_string())
        });
        answer
    }
}

/// What the lists of a chain say.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// What is not well.
    pub findings: Vec<Finding>,
    /// What is, in words.
    pub good: Vec<String>,
}

/// Asks for the list of each certificate below the root, and believes what the issuer signed.
pub(super) fn judge(chain: &Chain, lists: &RevocationLists, now: OffsetDateTime) -> Judged {
    let mut judged = Judged::default();
    let below = std::iter::once(&chain.leaf).chain(&chain.intermediates);
    for (certificate, issuer) in below.zip(chain.authorities()).filter(|(this, issuer)| this != issuer) {
        match judge_one(certificate, issuer, lists, now) {
            Some(Ok(good)) => judged.good.push(good),
            Some(Err(finding)) => judged.findings.push(finding),
            // Some CAs publish none for their sub CAs; then there is nothing to ask for.
            None if *certificate != chain.leaf => {}
            None => judged.findings.push(Finding::warning(
                &CRL_UNAVAILABLE,
                format!(
                    "the certificate of {} names no revocation list at an http:// address",
                    name_of(certificate)
                ),
                "ask the service desk whether the certificate stands; its serial number: ".to_owned()
                    + certificate.serial(),
            )),
        }
    }
    judged
}

/// What the first list that can be believed says; `None` where the certificate names none.
fn judge_one(
    certificate: &Certificate,
    issuer: &Certificate,
    lists: &RevocationLists,
    now: OffsetDateTime,
) -> Option<Result<String, Finding>> {
    let mut refused = None;
    let addresses = certificate.details().crl_distribution_points;
    for address in addresses.iter().filter(|address| Getter::takes(address)).take(ADDRESSES) {
        match ask(address, certificate, issuer, lists, now) {
            Ok(told) => return Some(Ok(told)),
            // That it is revoked needs no second opinion; of what failed, the first is told.
            Err(finding) if finding.code == Some(REVOKED.code) => return Some(Err(finding)),
            Err(finding) => refused = refused.or(Some(finding)),
        }
    }
    refused.map(Err)
}

fn ask(
    address: &str,
    certificate: &Certificate,
    issuer: &Certificate,
    lists: &RevocationLists,
    now: OffsetDateTime,
) -> Result<String, Finding> {
    let who = name_of(certificate);
    let unavailable = |why: &str| {
        Finding::warning(
            &CRL_UNAVAILABLE,
            format!("the revocation list of {who} at {address}: {why}"),
            format!(
                "see what is there: curl -v -o list.crl '{}'; a proxy or firewall may stand between",
                plain(address)
            ),
        )
    };
    let answer = lists.at(address);
    let list = match answer.get() {
        Some(Ok(list)) => list,
        Some(Err(why)) => return Err(unavailable(why)),
        None => return Err(unavailable("nothing came")),
    };
    let dates = match list.next() {
        Some(next) => format!("of {}, the next by {}", day(list.issued()), day(next)),
        None => format!("of {}", day(list.issued())),
    };
    match list.status_of(certificate, issuer, now) {
        Ok(RevocationStatus::Good) => Ok(format!("{who} is not revoked by {address} ({dates})")),
        Ok(RevocationStatus::Revoked(revocation)) => Err(revoked(certificate, address, &dates, &revocation)),
        Err(error) => Err(Finding::warning(
            &CRL_NOT_TRUSTED,
            format!("the revocation list of {who} at {address} ({dates}): {error}"),
            format!(
                "try again later and from another network, then tell the service desk; the list in words: curl -s '{}' | openssl crl -inform DER -noout -text",
                plain(address)
            ),
        )),
    }
}

fn revoked(certificate: &Certificate, address: &str, dates: &str, revocation: &Revocation) -> Finding {
    let reason = revocation.reason.unwrap_or("no reason given");
    Finding::failure(
        &REVOKED,
        format!(
            "{} was revoked on {} ({reason}): serial number {} stands in {address} ({dates})",
            authority::of(certificate),
            day(revocation.at),
            certificate.serial()
        ),
        "ask the service desk why, and for a new certificate with a new key",
    )
}

/// An address as it can stand between single quotes in a shell.
fn plain(address: &str) -> String {
    address.replace('\'', "%27")
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::mesh::testing;

    #[test]
    fn list_that_several_certificates_name_is_asked_for_once() {
        let server = testing::WebServer::start(|_| testing::Answer::Status(404));
        let getter = Getter { bytes: 1024, time: Duration::from_secs(10), redirects: 0, proxy: None };
        let lists = RevocationLists::new(getter);
        thread::scope(|scope| {
            for _ in 0..4 {
                let (lists, address) = (lists.clone(), server.url("/list.crl"));
                scope.spawn(move || {
                    let answer = lists.at(&address);
                    assert!(matches!(answer.get(), Some(Err(why)) if why.contains("404")), "{answer:?}");
                });
            }
        });
        assert_eq!(server.asked(), 1);
    }
}
