//! Whether key, certificate and the name that was asked for belong together.

use super::{Expectation, quoted, shown_by};
use crate::check::material::{Material, MaterialError};
use crate::check::report::{Cause, Finding, ProbeId};

pub(super) static NOT_A_CERTIFICATE: Cause = Cause {
    probe: ProbeId::Match,
    code: "not_a_certificate",
    meaning: "What was given as the certificate holds none. A request (CSR) is only the question; the certificate is what the service desk sends back.",
};

pub(super) static KEY_MISMATCH: Cause = Cause {
    probe: ProbeId::Match,
    code: "key_mismatch",
    meaning: "The certificate was issued for another key. A client has to prove to MESH that it holds the key of its certificate, and this one cannot.",
};

pub(super) static NAME_MISMATCH: Cause = Cause {
    probe: ProbeId::Match,
    code: "name_mismatch",
    meaning: "The certificate bears another name than was asked for. MESH may have another name on record for this mailbox, and then refuses.",
};

pub(super) fn probe(material: &Material, expectation: &Expectation) -> Finding {
    let file = quoted(material.certificate_file());
    let leaf = match (&material.certificates, material.leaf()) {
        (_, Some(leaf)) => leaf,
        (Err(error @ MaterialError::NoCertificate { .. }), _) => {
            return Finding::failure(
                &NOT_A_CERTIFICATE,
                error.to_string(),
                format!(
                    "give the certificate with --cert FILE; what this one is: mesh-onboard inspect {file}"
                ),
            );
        }
        _ => return Finding::skipped(ProbeId::Match, "there is no certificate to judge"),
    };
    let Ok(key) = &material.key else {
        return Finding::skipped(ProbeId::Match, "there is no key to judge");
    };
    let found = leaf.common_name().unwrap_or_default();
    if leaf.key_fingerprint() != key.fingerprint() {
        return Finding::failure(
            &KEY_MISMATCH,
            format!(
                "the certificate of {} has the public key SHA-256 {}, that of the private key is {}",
                leaf.common_name().unwrap_or(leaf.subject()),
                leaf.key_fingerprint(),
                key.fingerprint()
            ),
            format!(
                "use the key that the certificate was asked for with; whose the certificate is: mesh-onboard inspect {file}"
            ),
        );
    }
    match &expectation.common_name {
        Some(name) if !name.matches(found) => Finding::failure(
            &NAME_MISMATCH,
            format!(
                "asked for {name}, the certificate says {found}; see: {}",
                shown_by(material, "-subject")
            ),
            "ask the service desk which name is on record for the mailbox, and for a certificate with it",
        ),
        _ => Finding::pass(ProbeId::Match, format!("key and certificate of {found} belong together")),
    }
}
