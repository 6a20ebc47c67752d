//! The probes that need nothing of MESH: files, key, match, chain, expiry.

mod authority;
mod belongs;
mod chain;
mod expiry;
mod files;
mod imported;
mod key;
mod revocation;
mod surroundings;

use std::path::Path;

use time::OffsetDateTime;

pub use self::authority::KnownRoot;
pub use self::imported::ImportedBundles;
pub use self::revocation::RevocationLists;
use crate::check::material::Material;
#[cfg(feature = "test-hooks")]
use crate::check::report::Cause;
use crate::check::report::{Finding, Findings, ProbeId, Status};
use crate::mailbox::{CommonName, Environment};
use crate::pki::Certificate;

/// What can be wrong here.
#[cfg(feature = "test-hooks")]
pub(super) static CAUSES: &[&Cause] = &[
    &files::MISSING,
    &files::UNREADABLE,
    &files::OPEN_PERMISSIONS,
    &surroundings::IN_GIT_WORK_TREE,
    &surroundings::IN_SYNCED_FOLDER,
    &imported::EDITED_SINCE_IMPORT,
    &key::PASSPHRASE_WRONG,
    &key::KEY_UNREADABLE,
    &key::NOT_RSA,
    &key::WEAK_KEY,
    &belongs::NOT_A_CERTIFICATE,
    &belongs::KEY_MISMATCH,
    &belongs::NAME_MISMATCH,
    &chain::NO_CLIENT_AUTH,
    &chain::WEAK_SIGNATURE,
    &chain::SUB_CA_MISSING,
    &chain::ORDER_WRONG,
    &chain::CHAIN_INCOMPLETE,
    &chain::CHAIN_UNTRUSTED,
    &chain::CHAIN_INVALID,
    &chain::ISSUER_EXPIRED,
    &authority::WRONG_ENVIRONMENT,
    &authority::RETIRED_AUTHORITY,
    &revocation::REVOKED,
    &revocation::CRL_UNAVAILABLE,
    &revocation::CRL_NOT_TRUSTED,
    &expiry::EXPIRED,
    &expiry::NOT_YET_VALID,
    &expiry::EXPIRES_SOON,
    &expiry::KEY_USAGE_PERIOD_OVER,
];

/// What the credentials ought to be.
#[derive(Debug)]
pub struct Expectation {
    /// Where they are to be used.
    pub environment: Environment,
    /// The name that was asked for, where it is known.
    pub common_name: Option<CommonName>,
    /// Roots that may issue client certificates.
    pub roots: Vec<Certificate>,
    /// Whether these are all the roots that can matter. A sandbox may trust others.
    pub roots_are_known: bool,
    /// Roots that are recognised, trusted here or not.
    pub known_roots: Vec<KnownRoot>,
    /// CA certificates that may complete the chain, trusted or not.
    pub known: Vec<Certificate>,
    /// What import made of a stored credential.
    pub imported: Option<ImportedBundles>,
    /// Where revocation is to be asked for.
    pub revocation: Option<RevocationLists>,
    /// The time at which all is judged.
    pub now: OffsetDateTime,
}

pub(super) fn probe(material: &Material, expectation: &Expectation, findings: &mut Findings<'_>) {
    findings.add(files::probe(material, expectation));
    findings.add(key::probe(material));
    findings.add(belongs::probe(material, expectation));
    match material.leaf() {
        Some(leaf) => {
            findings.add(chain::probe(material, leaf, expectation));
            findings.add(expiry::probe(leaf, &shown_by(material, "-dates"), expectation.now));
        }
        None => {
            for probe in [ProbeId::Chain, ProbeId::Expiry] {
                findings.add(Finding::skipped(probe, "there is no certificate to judge"));
            }
        }
    }
}

/// The one finding of a probe that may notice several things: the gravest, with the others beside it.
fn gravest(mut found: Vec<Finding>) -> Option<Finding> {
    let at = found.iter().position(|finding| finding.status == Status::Fail).unwrap_or(0);
    if found.is_empty() {
        return None;
    }
    let mut told = found.remove(at);
    for other in found {
        let code = other.code.unwrap_or_default();
        told.evidence.push_str(&format!("; besides ({code}), {}", other.evidence));
        if let (Some(remedy), Some(more)) = (&mut told.remedy, other.remedy) {
            remedy.push_str(&format!("; besides, {more}"));
        }
    }
    Some(told)
}

/// What people call a certificate by.
fn name_of(certificate: &Certificate) -> &str {
    certificate.common_name().unwrap_or(certificate.subject())
}

/// The command that shows something of the leaf, such as `-dates`.
fn shown_by(material: &Material, what: &str) -> String {
    let file = quoted(material.certificate_file());
    // openssl reads the first certificate of a file.
    if material.is_pem && material.certificates().first() == material.leaf() {
        format!("openssl x509 -in {file} -noout {what}")
    } else {
        format!("mesh-onboard inspect {file}")
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    shell_words::quote(&path.to_string_lossy()).into_owned()
}
