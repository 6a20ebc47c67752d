//! Whether a CA of the chain has taken a certificate back, by the lists that the certificates name (RFC 5280, 5 and
//! 4.2.1.13). Asked for only where the user wants it.

use time::OffsetDateTime;

use super::{authority, name_of};
use crate::check::report::{Cause, Finding, ProbeId};
use crate::expiry::day;
use crate::mesh::Getter;
use crate::pki::chain::Chain;
use crate::pki::{Certificate, Revocation, RevocationError, RevocationList, RevocationStatus};

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

/// What the lists of a chain say.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// What is not well.
    pub findings: Vec<Finding>,
    /// What is, in words.
    pub good: Vec<String>,
}

/// Asks for the list of each certificate below the root, and believes what the issuer signed.
pub(super) fn judge(chain: &Chain, getter: &Getter, now: OffsetDateTime) -> Judged {
    let mut judged = Judged::default();
    let below = std::iter::once(&chain.leaf).chain(&chain.intermediates);
    for (certificate, issuer) in below.zip(chain.authorities()).filter(|(this, issuer)| this != issuer) {
        match judge_one(certificate, issuer, getter, now) {
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
    getter: &Getter,
    now: OffsetDateTime,
) -> Option<Result<String, Finding>> {
    let mut refused = None;
    let addresses = certificate.details().crl_distribution_points;
    for address in addresses.iter().filter(|address| Getter::takes(address)).take(ADDRESSES) {
        match ask(address, certificate, issuer, getter, now) {
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
    getter: &Getter,
    now: OffsetDateTime,
) -> Result<String, Finding> {
    let who = name_of(certificate);
    let unavailable = |why: String| {
        Finding::warning(
            &CRL_UNAVAILABLE,
            format!("the revocation list of {who} at {address}: {why}"),
            format!(
                "see what is there: curl -v -o list.crl '{}'; a proxy or firewall may stand between",
                plain(address)
            ),
        )
    };
    let bytes = getter.get(address).map_err(|error| unavailable(error.to_string()))?;
    let list = RevocationList::read(&bytes).map_err(|error| unavailable(error.to_string()))?;
    let dates = match list.next() {
        Some(next) => format!("of {}, the next by {}", day(list.issued()), day(next)),
        None => format!("of {}", day(list.issued())),
    };
    match list.status_of(certificate, issuer, now) {
        Ok(RevocationStatus::Good) => Ok(format!("{who} is not revoked by {address} ({dates})")),
        Ok(RevocationStatus::Revoked(revocation)) => Err(revoked(certificate, address, &dates, &revocation)),
        Err(error @ RevocationError::NotAList { .. }) => Err(unavailable(error.to_string())),
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
        "ask the service desk why, and for a new certificate with a new key: mesh-onboard request makes the email",
    )
}

/// An address as it can stand between single quotes in a shell.
fn plain(address: &str) -> String {
    address.replace('\'', "%27")
}
