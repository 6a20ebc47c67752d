use super::*;
use crate::support::{refused, tool, venv_python};

#[test]
fn python_cryptography_opens_pkcs12_and_pem() {
    let (mailbox, both) = Bundles::both();
    let python = venv_python();
    let python = python.to_str().expect("UTF-8");
    assert_opened(&mailbox, &both, |password, files| tool(python, script_args("pkcs12.py", password, files)));
    for bundles in &both {
        for role in ["pfx", "keystore", "truststore"] {
            refused(python, script_args("pkcs12.py", WRONG, &[bundles.file(role)]));
        }
        let truststore =
            answers(&tool(python, script_args("pkcs12.py", PASSPHRASE, &[bundles.file("truststore")])));
        assert!(truststore[0]["key"].is_null(), "{truststore:?}");
        assert_eq!(sorted(texts(&truststore[0]["certificates"])), sorted(bundles.chain()[1..].to_vec()));
        let key = mailbox.credential(1).join("key.pem");
        let files = [
            key.clone(),
            bundles.file("plaintext_key"),
            bundles.file("fullchain"),
            bundles.file("ca_bundle"),
        ];
        let found = answers(&tool(python, script_args("pem.py", PASSPHRASE, &files)));
        for opened in &found[..2] {
            assert_eq!(opened["key"], mailbox.request["key_sha256"], "{opened}");
        }
        assert_eq!(texts(&found[2]["certificates"]), bundles.chain());
        assert_eq!(texts(&found[3]["certificates"]), sha256_of(&bundles.file("ca_bundle")));
        refused(python, script_args("pem.py", WRONG, &[key]));
    }
}
