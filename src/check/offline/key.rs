//! Whether the private key opens, and is one that MESH takes.

use super::quoted;
use crate::check::material::{Material, MaterialError};
use crate::check::report::{Cause, Finding, ProbeId};
use crate::pki::KeyError;

/// The shortest key that MESH asks for, in bits.
const SHORTEST: usize = 2048;

pub(super) static PASSPHRASE_WRONG: Cause = Cause {
    probe: ProbeId::Key,
    code: "passphrase_wrong",
    meaning: "The passphrase does not open the private key, or the PFX. Nobody can read a key without its passphrase, the service desk neither.",
};

pub(super) static KEY_UNREADABLE: Cause = Cause {
    probe: ProbeId::Key,
    code: "key_unreadable",
    meaning: "There is no private key in the file, or it is in a form that is not read here and that many programs refuse too.",
};

pub(super) static NOT_RSA: Cause = Cause {
    probe: ProbeId::Key,
    code: "not_rsa",
    meaning: "The key is of another kind than RSA. MESH certificates are issued for RSA keys alone, so no certificate can fit it.",
};

pub(super) static WEAK_KEY: Cause = Cause {
    probe: ProbeId::Key,
    code: "weak_key",
    meaning: "The key is shorter than MESH asks for, and TLS libraries of today refuse it.",
};

/// How a new key and its certificate are come by. No command: what is stored here already, `request` does not replace.
const ANEW: &str = "ask the service desk for a new certificate with a new key: RSA, of 2048 bits at least";

pub(super) fn probe(material: &Material) -> Finding {
    let error = match &material.key {
        Ok(key) if key.bits() < SHORTEST => {
            let evidence = format!(
                "an RSA key of {} bits, SHA-256 {}; MESH asks for at least {SHORTEST}",
                key.bits(),
                key.fingerprint()
            );
            return Finding::failure(&WEAK_KEY, evidence, ANEW);
        }
        Ok(key) => {
            let evidence = format!("RSA, {} bits, SHA-256 {}", key.bits(), key.fingerprint().short());
            return Finding::pass(ProbeId::Key, evidence);
        }
        Err(error) => error,
    };
    let path = material.files.iter().find(|file| file.secret).map(|file| &file.path);
    let name = path.map(|path| path.display().to_string()).unwrap_or_default();
    let path = path.map(|path| quoted(path)).unwrap_or_default();
    let (cause, remedy) = match error {
        MaterialError::Unread(path) => {
            return Finding::skipped(ProbeId::Key, format!("{} could not be read", path.display()));
        }
        MaterialError::Key(KeyError::PassphraseWrong | KeyError::PassphraseNeeded) => (
            &PASSPHRASE_WRONG,
            format!(
                "give the right one with --key-passphrase-file FILE; to try one by hand: openssl pkey -in {path} -noout"
            ),
        ),
        MaterialError::PfxPassword(_) => (
            &PASSPHRASE_WRONG,
            format!(
                "give the right one with --pfx-password-file FILE; to try one by hand: openssl pkcs12 -in {path} -noout"
            ),
        ),
        MaterialError::Key(KeyError::Scheme { .. }) => (
            &KEY_UNREADABLE,
            format!("convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in {path} -out key.pem"),
        ),
        MaterialError::Key(KeyError::NotRsa) => (&NOT_RSA, ANEW.into()),
        _ => (
            &KEY_UNREADABLE,
            format!(
                "give the key that the certificate was asked for with; what it is: mesh-onboard inspect {path}"
            ),
        ),
    };
    let evidence = error.to_string();
    // Some of the errors do not know whose they are.
    let evidence = if evidence.contains(&name) { evidence } else { format!("{name}: {evidence}") };
    Finding::failure(cause, evidence, remedy)
}
