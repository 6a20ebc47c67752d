use super::*;
use crate::support::{path_arg, refused, tool};

#[test]
fn gnutls_opens_pfx_and_keystore() {
    let (_mailbox, both) = Bundles::both();
    for bundles in &both {
        // Not the truststore, which is for Java: certtool stops at its second part, which holds no key.
        for (role, certificates) in [("pfx", 3), ("keystore", 5)] {
            let file = path_arg(&bundles.file(role));
            let arguments = |password: &str| {
                ["--p12-info", "--inder", "--infile", &file, "--password", password].map(str::to_owned)
            };
            let text = tool("certtool", arguments(PASSPHRASE));
            let shown = format!("{role} of {}\n{text}", bundles.profile);
            assert_eq!(text.matches("BEGIN CERTIFICATE").count(), certificates, "{shown}");
            assert_eq!(text.matches("PRIVATE KEY-----\n").count(), 2, "{shown}");
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
