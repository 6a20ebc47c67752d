//! The probes that need no network: files, key, match, chain, expiry.

use time::OffsetDateTime;

use crate::check::material::{Material, MaterialError};
use crate::check::report::{Cause, Finding, Findings, ProbeId};
use crate::expiry::{Deadlines, SOON, day};
use crate::mailbox::CommonName;
use crate::pki::chain::{self, ChainError};
use crate::pki::{Certificate, KeyError};

/// What can be wrong here.
#[cfg(feature = "test-hooks")]
pub(super) static CAUSES: &[&Cause] = &[];

/// What the credentials ought to be.
#[derive(Debug)]
pub struct Expectation {
    /// The name that was asked for, where it is known.
    pub common_name: Option<CommonName>,
    /// Roots that may issue client certificates.
    pub roots: Vec<Certificate>,
    /// Whether these are all the roots that can matter. A sandbox may trust others.
    pub roots_are_known: bool,
    /// CA certificates that may complete the chain, trusted or not.
    pub known: Vec<Certificate>,
    /// The time at which all is judged.
    pub now: OffsetDateTime,
}

pub(super) fn probe(material: &Material, expectation: &Expectation, findings: &mut Findings<'_>) {
    findings.add(files(material));
    findings.add(key(material));
    findings.add(belongs(material, expectation));
    match material.leaf() {
        Some(leaf) => {
            findings.add(chain(material, leaf, expectation));
            findings.add(expiry(leaf, expectation.now));
        }
        None => {
            for probe in [ProbeId::Chain, ProbeId::Expiry] {
                findings.add(Finding::skipped(probe, "there is no certificate to judge"));
            }
        }
    }
}

fn files(material: &Material) -> Finding {
    let unread: Vec<_> = material
        .files
        .iter()
        .filter_map(|f| Some(format!("{}: {}", f.path.display(), f.problem.as_ref()?)))
        .collect();
    if !unread.is_empty() {
        return Finding::fail(
            ProbeId::Files,
            "unreadable",
            unread.join("; "),
            "check the paths and who may read them",
        );
    }
    let names: Vec<_> = material.files.iter().map(|f| f.path.display().to_string()).collect();
    match material.files.iter().find(|f| f.open_to_others) {
        Some(open) => Finding::warn(
            ProbeId::Files,
            "open_permissions",
            format!("others on this machine can read {}", open.path.display()),
            format!("make it private: chmod 600 {}", open.path.display()),
        ),
        None => Finding::pass(ProbeId::Files, names.join(", ")),
    }
}

fn key(material: &Material) -> Finding {
    let (code, remedy) = match &material.key {
        Ok(key) if key.bits() < 2048 => {
            return Finding::fail(
                ProbeId::Key,
                "weak_key",
                format!("an RSA key of {} bits; MESH asks for at least 2048", key.bits()),
                "make a new one with mesh-onboard request",
            );
        }
        Ok(key) => {
            let evidence = format!("RSA, {} bits, SHA-256 {}", key.bits(), key.fingerprint().short());
            return Finding::pass(ProbeId::Key, evidence);
        }
        Err(MaterialError::Unread(path)) => {
            return Finding::skipped(ProbeId::Key, format!("{} could not be read", path.display()));
        }
        Err(MaterialError::Key(KeyError::PassphraseWrong)) => {
            ("passphrase_wrong", "give the right one with --key-passphrase-file FILE")
        }
        Err(MaterialError::PfxPassword(_)) => {
            ("passphrase_wrong", "give the right one with --pfx-password-file FILE")
        }
        Err(MaterialError::Key(KeyError::Scheme { .. })) => {
            ("key_unreadable", "convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW")
        }
        Err(MaterialError::Key(KeyError::NotRsa)) => ("not_rsa", "make a new key with mesh-onboard request"),
        Err(_) => ("key_unreadable", "give the private key that the certificate was asked for with"),
    };
    let evidence = material.key.as_ref().expect_err("the good cases returned").to_string();
    Finding::fail(ProbeId::Key, code, evidence, remedy)
}

fn belongs(material: &Material, expectation: &Expectation) -> Finding {
    let leaf = match (&material.certificates, material.leaf()) {
        (_, Some(leaf)) => leaf,
        (Err(error @ MaterialError::NoCertificate { .. }), _) => {
            return Finding::fail(
                ProbeId::Match,
                "not_a_certificate",
                error.to_string(),
                "give the certificate with --cert FILE",
            );
        }
        _ => return Finding::skipped(ProbeId::Match, "there is no certificate to judge"),
    };
    let Ok(key) = &material.key else {
        return Finding::skipped(ProbeId::Match, "there is no key to judge");
    };
    if leaf.key_fingerprint() != key.fingerprint() {
        return Finding::fail(
            ProbeId::Match,
            "key_mismatch",
            format!(
                "the certificate of {} has key SHA-256 {}, the key is {}",
                leaf.common_name().unwrap_or(leaf.subject()),
                leaf.key_fingerprint().short(),
                key.fingerprint().short()
            ),
            "use the key that the certificate was asked for with",
        );
    }
    let found = leaf.common_name().unwrap_or_default();
    match &expectation.common_name {
        Some(name) if !name.matches(found) => Finding::fail(
            ProbeId::Match,
            "name_mismatch",
            format!("asked for {name}, the certificate says {found}"),
            "ask the desk for a certificate with the right name",
        ),
        _ => Finding::pass(ProbeId::Match, format!("key and certificate of {found} belong together")),
    }
}

fn chain(material: &Material, leaf: &Certificate, expectation: &Expectation) -> Finding {
    let given = material.certificates();
    let pool: Vec<Certificate> = given.iter().chain(&expectation.known).cloned().collect();
    // The leaf's own dates are judged by the next probe.
    let at = expectation.now.max(leaf.not_before()).min(leaf.not_after());
    let chain = match chain::build(leaf, &pool, &expectation.roots, at) {
        Ok(chain) => chain,
        Err(error @ ChainError::Incomplete { .. }) if !expectation.roots_are_known => {
            return Finding::warn(
                ProbeId::Chain,
                "chain_incomplete",
                error.to_string(),
                "the server may know the issuer; if it refuses, put the issuer's certificate into the file",
            );
        }
        Err(error) => return broken_chain(&error),
    };
    let missing = chain.intermediates.iter().find(|sub_ca| !given.contains(sub_ca));
    let path: Vec<_> = chain.leaf_first().map(|c| c.common_name().unwrap_or(c.subject())).collect();
    match missing {
        Some(sub_ca) => Finding::warn(
            ProbeId::Chain,
            "sub_ca_missing",
            format!(
                "{} is not in the file: a server that trusts only the root will refuse",
                sub_ca.subject()
            ),
            "use fullchain.pem or the PFX that mesh-onboard import makes",
        ),
        None => Finding::pass(ProbeId::Chain, path.join(" < ")),
    }
}

fn broken_chain(error: &ChainError) -> Finding {
    let (code, remedy) = match error {
        ChainError::Incomplete { .. } => {
            ("chain_incomplete", "put the certificate of the issuer into the certificate file")
        }
        ChainError::Untrusted { .. } => (
            "chain_untrusted",
            "check that the certificate is for this environment; name your own root with --ca",
        ),
        ChainError::SelfSigned { .. } => (
            "chain_untrusted",
            "send the CSR to the service desk; what comes back is signed by its authority",
        ),
        ChainError::Expired { .. } => {
            ("issuer_expired", "ask the desk for a certificate from the authority of today")
        }
        _ => ("chain_invalid", "ask the desk for a certificate that MESH accepts, and send it this message"),
    };
    Finding::fail(ProbeId::Chain, code, error.to_string(), remedy)
}

fn expiry(leaf: &Certificate, now: OffsetDateTime) -> Finding {
    let deadlines = Deadlines::of(leaf, now);
    let evidence = deadlines.expiry_sentence();
    if deadlines.is_over() {
        return Finding::fail(ProbeId::Expiry, "expired", evidence, "ask the desk for a new certificate now");
    }
    if now < leaf.not_before() {
        return Finding::fail(
            ProbeId::Expiry,
            "not_yet_valid",
            format!("it is valid only from {}", day(leaf.not_before())),
            "check the clock of this machine, or wait until then",
        );
    }
    if deadlines.falls_within(SOON) {
        let remedy = "ask the desk for a new certificate: it takes up to 5 working days";
        return Finding::warn(ProbeId::Expiry, "expires_soon", evidence, remedy);
    }
    match deadlines.key_usage_sentence() {
        Some(sentence) if deadlines.key_usage_is_over() => Finding::warn(
            ProbeId::Expiry,
            "key_usage_period_over",
            sentence,
            "plan the renewal; MESH goes on accepting the certificate until it expires",
        ),
        Some(sentence) => Finding::pass(ProbeId::Expiry, format!("{evidence}; {sentence}")),
        None => Finding::pass(ProbeId::Expiry, evidence),
    }
}
