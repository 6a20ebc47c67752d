//! What the home itself holds of X26ABC1, for a comparison with what was handed over.

use std::fs;

use crate::support::{Mesh, PASSPHRASE, openssl_with, path_arg};

/// All in PEM.
pub struct Kept {
    /// The certificate and its sub CA.
    pub chain: String,
    /// Root, sub CA.
    pub ca: String,
    /// The key in PKCS#8, as OpenSSL opens it.
    pub key: String,
}

impl Kept {
    pub fn of(mesh: &Mesh) -> Self {
        let credential = mesh.home().join("rehearsal/X26ABC1/credentials/0001");
        let bundle =
            |name: &str| fs::read_to_string(credential.join("bundles-01").join(name)).expect("a bundle");
        let end = "-----END CERTIFICATE-----\n";
        let chain: String = bundle("fullchain.pem").split_inclusive(end).take(2).collect();
        assert!(chain.starts_with(&bundle("certificate.pem")) && chain.matches(end).count() == 2);
        let key = path_arg(&credential.join("key.pem"));
        let key = openssl_with(PASSPHRASE, &format!("pkey -in {key} -passin env:PASS"));
        Self { chain, ca: bundle("ca-bundle.pem"), key: String::from_utf8(key).expect("PEM is text") }
    }
}
