use super::*;
use crate::support::{Program, Rehearsal, path_arg, refused, tool};

/// `keytool -list -v` of a PKCS#12 file.
fn keytool_args(file: &Path, password: &Path) -> Vec<String> {
    let fixed = ["-J-Duser.language=en", "-list", "-v", "-storetype", "PKCS12", "-keystore"];
    let rest = [path_arg(file), "-storepass:file".into(), path_arg(password)];
    fixed.iter().map(|s| (*s).to_owned()).chain(rest).collect()
}

/// Alias, type and chain length of each entry, by alias.
fn entries(listing: &str) -> Vec<(String, String, Option<String>)> {
    let mut found: Vec<_> = listing
        .split("Alias name: ")
        .skip(1)
        .map(|entry| {
            let after = |words: &str| entry.lines().find_map(|l| l.strip_prefix(words)).map(str::to_owned);
            let alias = entry.lines().next().expect("an alias").to_owned();
            (alias, after("Entry type: ").expect("a type"), after("Certificate chain length: "))
        })
        .collect();
    found.sort();
    found
}

#[test]
fn keytool_lists_every_entry_under_its_alias() {
    let (mailbox, both) = Bundles::both();
    let (right, wrong) = (password_file(&mailbox, PASSPHRASE), mailbox.file_with("wrong", WRONG));
    let key = |alias: &str| (alias.to_owned(), "PrivateKeyEntry".to_owned(), Some("3".to_owned()));
    let trusted = |alias: &str| (alias.to_owned(), "trustedCertEntry".to_owned(), None);
    std::thread::scope(|scope| {
        for bundles in &both {
            for (role, expected) in [
                ("pfx", vec![key("x26abc1")]),
                ("keystore", vec![key("meshclient"), trusted("rootca"), trusted("subca")]),
                ("truststore", vec![trusted("rootca"), trusted("subca")]),
            ] {
                let (right, wrong) = (&right, &wrong);
                // A JVM takes a while to start.
                scope.spawn(move || {
                    let listing = tool("keytool", keytool_args(&bundles.file(role), right));
                    assert_eq!(entries(&listing), expected, "{role} of {}\n{listing}", bundles.profile);
                    if role == "keystore" {
                        let said = refused("keytool", keytool_args(&bundles.file(role), wrong));
                        assert!(said.contains("password was incorrect"), "{said}");
                    }
                });
            }
        }
    });
}

/// A mailbox whose certificate the rehearsal CA issued, valid by the machine's own clock.
fn rehearsal_mailbox() -> Mailbox {
    let mailbox = Mailbox::none();
    let program = || mailbox.program().real_clock();
    program().args(["request", Mailbox::ID, "--ods", "X26", "--env", "rehearsal"]).run().expect(0);
    let csr = mailbox.home().join("rehearsal/X26ABC1/credentials/0001/request.csr");
    let issue = program().args(["rehearse", "--issue"]).arg(csr).arg("--to").arg(mailbox.file("reply.pem"));
    issue.run().expect(0);
    mailbox
}

#[test]
fn java_validates_the_mailbox_over_mutual_tls_with_keystore_and_truststore() {
    let mailbox = rehearsal_mailbox();
    let both = PROFILES.map(|profile| {
        let import = mailbox.program().args(["import", Mailbox::ID]).arg(mailbox.file("reply.pem"));
        Bundles::of(&mailbox, profile, import)
    });
    let person = Program::new().home(&mailbox.home()).real_clock();
    let mesh = Rehearsal::start(person, &[]);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/readers/MutualTls.java");
    let mut arguments = vec![path_arg(&source), mesh.url(), path_arg(&password_file(&mailbox, PASSPHRASE))];
    // key store, trust store
    for bundles in &both {
        let file = |role| path_arg(&bundles.file(role));
        arguments.extend([file("keystore"), file("truststore")]);
        arguments.extend([file("pfx"), file("truststore")]);
        // The MESH client holds key and CAs in one store.
        arguments.extend([file("keystore"), file("keystore")]);
        arguments.extend(["-".into(), file("truststore")]);
        // The key alone makes nobody trusted.
        arguments.extend([file("keystore"), file("pfx")]);
    }
    let said = tool("java", arguments);
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 10, "{said}");
    for (lines, profile) in lines.chunks(5).zip(PROFILES) {
        for with_certificate in &lines[..3] {
            assert_eq!(*with_certificate, "200 X26ABC1", "{profile}\n{said}");
        }
        assert!(lines[3].contains("certificate_required"), "without a certificate, {profile}\n{said}");
        assert!(lines[4].contains("PKIX path building failed"), "without a trusted entry, {profile}\n{said}");
    }
}
