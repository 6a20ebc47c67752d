use crate::handover::item::Item;
use crate::handover::preset::{Default, Delivery, FileSpec, Preset, Setting, When, one_of};

/// Certificate, key and CAs for anything that takes PEM.
pub const PRESET: Preset = Preset {
    name: "pem",
    does: "anything that takes PEM files",
    proved_with: "OpenSSL 3.0",
    settings: &[
        Setting {
            name: "key",
            does: "how the key is written: pkcs8, pkcs1, or encrypted under a password of its own",
            default: Default::Text("pkcs8"),
            check: |value| one_of(value, &["pkcs8", "pkcs1", "encrypted"]),
        },
        Setting {
            name: "chain",
            does: "what goes with the certificate: sub-ca, root too, or nothing",
            default: Default::Text("sub-ca"),
            check: |value| one_of(value, &["sub-ca", "root", "nothing"]),
        },
    ],
    files: &[
        FileSpec::item("client.pem", Item::CertificateChain, "certificate, sub CA")
            .when(When::Is("chain", "sub-ca")),
        FileSpec::item("client.pem", Item::Fullchain, "certificate, sub CA, root")
            .when(When::Is("chain", "root")),
        FileSpec::item("client.pem", Item::Certificate, "the certificate alone")
            .when(When::Is("chain", "nothing")),
        FileSpec::item("key.pem", Item::Key, "the key, PKCS#8").when(When::Is("key", "pkcs8")),
        FileSpec::item("key.pem", Item::KeyPkcs1, "the key, PKCS#1").when(When::Is("key", "pkcs1")),
        FileSpec::item("key.pem", Item::EncryptedKey, "the key, encrypted PKCS#8")
            .when(When::Is("key", "encrypted")),
        FileSpec::item("key-password.txt", Item::GeneratedPassword, "the password of the key")
            .when(When::Is("key", "encrypted")),
        FileSpec::item("ca.pem", Item::CaBundle, "root, sub CA: whom to believe"),
    ],
    limits: &[],
    rules: &[],
    delivery: Delivery::Loaded,
    next: "Give the application client.pem as its certificate, key.pem as its key and ca.pem as the CAs that it trusts.",
};
