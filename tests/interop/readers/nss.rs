use super::*;
use crate::support::{path_arg, refused, tool};

#[test]
fn nss_imports_key_and_certificates() {
    let (mailbox, both) = Bundles::both();
    let (right, wrong) = (path_arg(&password_file(&mailbox, PASSPHRASE)), mailbox.file_with("wrong", WRONG));
    let wrong = path_arg(&wrong);
    for bundles in &both {
        for (role, alias) in [("pfx", "X26ABC1"), ("keystore", "meshclient")] {
            let file = path_arg(&bundles.file(role));
            let folder = mailbox.file(&format!("nss-{role}-{}", bundles.profile));
            fs::create_dir(&folder).unwrap();
            let database = format!("sql:{}", path_arg(&folder));
            tool("certutil", ["-N", "-d", &database, "--empty-password"]);
            let listing = tool("pk12util", ["-l", &file, "-d", &database, "-w", &right]);
            assert!(listing.contains(&format!("Friendly Name: {alias}")), "{listing}");
            assert!(listing.contains("Key(shrouded)"), "{listing}");
            refused("pk12util", ["-i", &file, "-d", &database, "-w", &wrong]);
            tool("pk12util", ["-i", &file, "-d", &database, "-w", &right]);
            let certificates = tool("certutil", ["-L", "-d", &database]);
            // u,u,u: there is a key to it.
            assert_eq!(certificates.matches("u,u,u").count(), 1, "{certificates}");
            assert_eq!(certificates.matches(",,").count(), 2, "{certificates}");
            let keys = tool("certutil", ["-K", "-d", &database]);
            assert_eq!(keys.matches("rsa").count(), 1, "{keys}");
        }
        // Without a key NSS has nothing to import; it lists what is there.
        let file = path_arg(&bundles.file("truststore"));
        let database = format!("sql:{}", path_arg(&mailbox.file(&format!("nss-pfx-{}", bundles.profile))));
        let listing = tool("pk12util", ["-l", &file, "-d", &database, "-w", &right]);
        assert!(listing.contains("rootca") && listing.contains("subca"), "{listing}");
        refused("pk12util", ["-l", &file, "-d", &database, "-w", &wrong]);
    }
}
