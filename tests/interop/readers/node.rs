use super::*;
use crate::support::{refused, tool};

#[test]
fn node_connects_with_the_pfx_and_with_pem() {
    let (mailbox, both) = Bundles::both();
    let key = mailbox.credential(1).join("key.pem");
    for bundles in &both {
        let pem = ["certificate", "chain", "fullchain", "plaintext_key"].map(|role| bundles.file(role));
        for role in ["pfx", "keystore"] {
            let files =
                |store: PathBuf| [vec![store, Authority::ours().root(), key.clone()], pem.to_vec()].concat();
            let found =
                answers(&tool("node", script_args("tls.mjs", PASSPHRASE, &files(bundles.file(role)))));
            assert_eq!(found.len(), 3, "{found:?}");
            for connection in &found {
                assert_eq!(connection["authorized"], true, "{role} of {}: {connection}", bundles.profile);
                assert_eq!(
                    connection["leaf"],
                    bundles.chain()[0],
                    "{role} of {}: {connection}",
                    bundles.profile
                );
            }
            refused("node", script_args("tls.mjs", WRONG, &files(bundles.file(role))));
        }
    }
}
