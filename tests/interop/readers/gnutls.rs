use super::*;
use crate::support::{path_arg, refused, tool};

#[test]
fn gnutls_opens_every_pkcs12() {
    let (_mailbox, both) = Bundles::both();
    for bundles in &both {
        for (role, keys, certificates) in [("pfx", 1, 3), ("keystore", 1, 5), ("truststore", 0, 2)] {
            let file = path_arg(&bundles.file(role));
            let arguments = |password: &str| {
                ["--p12-info", "--inder", "--infile", &file, "--password", password].map(str::to_owned)
            };
            let text = tool("certtool", arguments(PASSPHRASE));
            let shown = format!("{role} of {}\n{text}", bundles.profile);
            assert_eq!(text.matches("BEGIN CERTIFICATE").count(), certificates, "{shown}");
            assert_eq!(text.matches("PRIVATE KEY-----\n").count(), 2 * keys, "{shown}");
            refused("certtool", arguments(WRONG));
        }
    }
}

#[test]
fn gnutls_verifies_the_chain() {
    let (_mailbox, [bundles, _]) = Bundles::both();
    let (root, full) = (path_arg(&Authority::ours().root()), path_arg(&bundles.file("fullchain")));
    let text = tool("certtool", ["--verify", "--load-ca-certificate", &root, "--infile", &full]);
    assert!(text.contains("Chain verification output: Verified"), "{text}");
}
