use super::*;
use crate::support::{refused, tool};

#[test]
fn ruby_opens_pkcs12_and_pem_and_trusts_the_ca_bundle() {
    let (mailbox, both) = Bundles::both();
    assert_opened(&mailbox, &both, |password, files| tool("ruby", script_args("pkcs12.rb", password, files)));
    for bundles in &both {
        for role in ["pfx", "keystore"] {
            refused("ruby", script_args("pkcs12.rb", WRONG, &[bundles.file(role)]));
        }
        let key = mailbox.credential(1).join("key.pem");
        let rest = [bundles.file("plaintext_key"), bundles.file("certificate"), bundles.file("ca_bundle")];
        let files = [vec![key], rest.to_vec()].concat();
        let found = answers(&tool("ruby", script_args("pem.rb", PASSPHRASE, &files)));
        for opened in &found[..2] {
            assert_eq!(opened["key"], mailbox.request["key_sha256"], "{opened}");
        }
        assert_eq!(found[2]["trusted"], true, "{found:?}");
        refused("ruby", script_args("pem.rb", WRONG, &files));
    }
}
