//! `import`: bundles that are made only when asked for, and none that is not what it should be.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::keys;
use crate::support::{Mailbox, PASSPHRASE, Program, openssl, openssl_with, path_arg, tree};

const EVERYTHING: [&str; 5] = ["--keystore", "--truststore", "--plaintext-key", "pkcs8", "--i-understand"];

fn import(mailbox: &Mailbox, more: &[&str]) -> Program {
    mailbox.import([mailbox.certificate()]).args(more)
}

fn path<'a>(answer: &'a Value, role: &str) -> &'a Path {
    Path::new(answer["files"][role].as_str().unwrap_or_else(|| panic!("{role}: {answer}")))
}

#[test]
fn each_file_is_told_with_its_readers_and_nothing_else_is_there() {
    let mailbox = Mailbox::requested();
    let answer = import(&mailbox, &EVERYTHING).run().expect(0).json();
    let roles = [
        "ca_bundle",
        "certificate",
        "chain",
        "fullchain",
        "keystore",
        "pfx",
        "pfx_base64",
        "plaintext_key",
        "truststore",
    ];
    assert_eq!(keys(&answer["files"]), roles);
    assert_eq!(keys(&answer["readers"]), roles);
    let folder = mailbox.credential(1).join("bundles-01");
    for (role, name) in
        [("keystore", "X26ABC1.p12"), ("truststore", "truststore.p12"), ("plaintext_key", "key-plain.pem")]
    {
        assert_eq!(path(&answer, role), folder.join(name));
    }
    let mut told: Vec<_> = roles.iter().map(|role| path(&answer, role).to_owned()).collect();
    told.sort();
    let mut there: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    there.sort();
    assert_eq!(told, there);
    for (name, (mode, content)) in tree(&mailbox.home()) {
        assert_eq!(mode, if content == "folder" { 0o700 } else { 0o600 }, "{name} has mode {mode:o}");
    }
}

#[test]
fn person_reads_in_one_line_what_each_file_is_for() {
    let mailbox = Mailbox::requested();
    let program = mailbox.import_with(mailbox.person(), [mailbox.certificate()]).args(EVERYTHING);
    let output = program.run().expect(0).says("key-plain.pem is the private key without encryption");
    for line in [
        "X26ABC1.pfx      key and chain, PKCS#12       OpenSSL 1.1.1+, .NET, Windows 2019+, Java 8u301+",
        "X26ABC1.p12      key, chain and trusted CAs   Java 8u301+, the MESH Java client",
        "key-plain.pem    the key, NOT ENCRYPTED       anything, and anybody who reads the file",
    ] {
        assert!(output.stdout.contains(line), "'{line}' is missing\n{}", output.shown());
    }
    let table = output.stdout.lines().skip_while(|l| !l.contains("OPENS IN")).take_while(|l| !l.is_empty());
    let widest = table.map(str::len).max().expect("a table");
    assert!(widest <= 100, "{widest} columns\n{}", output.shown());
}

#[test]
fn plaintext_key_needs_a_second_flag_before_anything_is_asked_or_written() {
    let mailbox = Mailbox::requested();
    let before = tree(&mailbox.home());
    let program = import(&mailbox, &["--plaintext-key", "pkcs8"]).without_env("MESH_KEY_PASSPHRASE");
    let error = program.run().expect_error(2, "usage");
    assert!(error["because"][0].as_str().unwrap().contains("key-plain.pem"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("--i-understand"), "{error}");
    import(&mailbox, &["--i-understand"]).run().expect_error(2, "usage");
    import(&mailbox, &["--plaintext-key", "sec1", "--i-understand"]).run().expect_error(2, "usage");
    let mut after = tree(&mailbox.home());
    after.retain(|name, _| before.contains_key(name));
    assert_eq!(after, before);
    assert!(!mailbox.credential(1).join("bundles-01").exists());
}

#[test]
fn plaintext_key_is_the_key_and_a_warning_names_it() {
    for (form, begins) in [("pkcs8", "-----BEGIN PRIVATE KEY"), ("pkcs1", "-----BEGIN RSA PRIVATE KEY")] {
        let mailbox = Mailbox::requested();
        let answer = import(&mailbox, &["--plaintext-key", form, "--i-understand"]).run().expect(0).json();
        let plain = path(&answer, "plaintext_key");
        assert!(fs::read_to_string(plain).unwrap().starts_with(begins), "{form}");
        let public = openssl(&format!("pkey -in {} -pubout", path_arg(plain)));
        let key = path_arg(&mailbox.credential(1).join("key.pem"));
        let expected = openssl_with(PASSPHRASE, &format!("pkey -in {key} -passin env:PASS -pubout"));
        assert_eq!(public.as_bytes(), expected, "{form}");
        let warnings = answer["warnings"].as_array().unwrap();
        let warning = warnings.iter().find(|w| w["code"] == "plaintext_key").expect("a warning");
        assert!(warning["message"].as_str().unwrap().contains(plain.to_str().unwrap()), "{warning}");
    }
}

#[test]
fn dry_run_leaves_no_plaintext_key_and_warns_of_none() {
    let mailbox = Mailbox::requested();
    let certificate = mailbox.certificate();
    let before = tree(&mailbox.home());
    let answer = mailbox.import([certificate]).args(EVERYTHING).arg("--dry-run").run().expect(0).json();
    assert_eq!(tree(&mailbox.home()), before);
    assert!(!answer["warnings"].to_string().contains("plaintext_key"), "{answer}");
}

#[test]
fn alias_is_printable_and_never_that_of_a_ca() {
    let mailbox = Mailbox::requested();
    for alias in ["", "Zoë", "token:name", " padded"] {
        import(&mailbox, &["--alias", alias]).run().expect_error(2, "usage");
    }
    let error = import(&mailbox, &["--keystore", "--alias", "RootCA"]).run().expect_error(2, "usage");
    assert!(error["hint"].as_str().unwrap().contains("--alias"), "{error}");
    assert!(!mailbox.credential(1).join("bundles-01").exists());
    let answer = import(&mailbox, &["--alias", "Our Mailbox"]).run().expect(0).json();
    let pfx = path_arg(path(&answer, "pfx"));
    let text = openssl_with(PASSPHRASE, &format!("pkcs12 -in {pfx} -passin env:PASS -nocerts -nodes"));
    assert!(String::from_utf8_lossy(&text).contains("friendlyName: Our Mailbox\n"));
}

/// A disk that gives back other bytes than were written.
#[test]
fn bundle_that_is_not_on_disk_as_it_was_made_gets_no_name() {
    let mailbox = Mailbox::requested();
    let certificate = mailbox.certificate();
    // The lock file is made by the first run that gets so far.
    let spoilt = |name: &str| {
        let program = mailbox.import([&certificate]).args(EVERYTHING).env("MESH_ONBOARD_TEST_SPOIL", name);
        let error = program.run().expect_error(1, "bundles_failed");
        assert!(error["message"].as_str().unwrap().contains(name), "{error}");
    };
    spoilt("certificate.pem");
    let before = tree(&mailbox.home());
    for name in
        ["ca-bundle.pem", "X26ABC1.pfx", "X26ABC1.pfx.b64", "X26ABC1.p12", "truststore.p12", "key-plain.pem"]
    {
        spoilt(name);
        assert_eq!(tree(&mailbox.home()), before, "{name}");
    }
    assert!(!mailbox.credential(1).join("bundles-01").exists());
    // The next run finds nothing in its way.
    mailbox.import([&certificate]).args(EVERYTHING).run().expect(0);
}
