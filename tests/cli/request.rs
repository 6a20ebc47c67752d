//! `request`: what a new credential consists of.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use mesh_onboard::pki::Fingerprint;

use crate::keys;
use crate::support::{Authority, Mailbox, PASSPHRASE, openssl, openssl_with, path_arg, tree};

/// The public key of a key file in DER, as openssl reads it.
fn public_key_of(key: &Path) -> Vec<u8> {
    let line = format!("pkey -in {} -passin env:PASS -pubout -outform DER", path_arg(key));
    openssl_with(PASSPHRASE, &line)
}

#[test]
fn request_answers_with_the_promised_json() {
    let mailbox = Mailbox::requested();
    let answer = &mailbox.request;
    assert_eq!(
        keys(answer),
        ["common_name", "credential", "desk", "environment", "files", "key_sha256", "mailbox", "next"]
    );
    assert_eq!(answer["mailbox"], "X26ABC1");
    assert_eq!(answer["environment"], "sandbox");
    assert_eq!(answer["common_name"], Mailbox::COMMON_NAME);
    assert_eq!(answer["credential"], 1);
    let folder = mailbox.credential(1);
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    assert_eq!(keys(&answer["files"]), ["csr", "email", "email_text", "key"]);
    assert_eq!(answer["files"]["key"], path("key.pem"));
    assert_eq!(answer["files"]["csr"], path("request.csr"));
    assert_eq!(answer["files"]["email"], path("request.eml"));
    assert_eq!(answer["files"]["email_text"], path("request.txt"));
    assert_eq!(keys(&answer["desk"]), ["subject", "to"]);
    assert_eq!(answer["desk"]["to"], "service-desk@rehearsal.invalid");
    assert!(answer["desk"]["subject"].as_str().unwrap().contains("X26ABC1"), "{answer}");
    assert!(answer["next"].as_str().is_some_and(|next| !next.is_empty()), "{answer}");
    let public_key = public_key_of(&folder.join("key.pem"));
    assert_eq!(answer["key_sha256"], Fingerprint::of(&public_key).to_string());
}

#[test]
fn every_file_is_private_from_the_home_downwards() {
    let mailbox = Mailbox::requested();
    let mode = mailbox.home().metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode, 0o700, "the home itself");
    let files = tree(&mailbox.home());
    for name in ["key.pem", "request.csr", "request.eml", "request.txt"] {
        assert!(files.contains_key(&format!("sandbox/X26ABC1/credentials/0001/{name}")), "{name} is missing");
    }
    assert!(files.contains_key("sandbox/X26ABC1/mailbox.toml"));
    for (name, (mode, content)) in files {
        let expected = if content == "folder" { 0o700 } else { 0o600 };
        assert_eq!(mode, expected, "{name} has mode {mode:o}");
        assert!(!name.contains(".tmp"), "{name} was left behind");
    }
    assert_eq!(fs::read(mailbox.own_folder().join(".lock")).unwrap(), b"", "the lock names a holder");
}

#[test]
fn csr_carries_the_common_name_alone_and_fits_the_key() {
    let mailbox = Mailbox::requested();
    let csr = path_arg(&mailbox.csr());
    openssl(&format!("req -in {csr} -noout -verify"));
    let subject = openssl(&format!("req -in {csr} -noout -subject -nameopt RFC2253"));
    assert_eq!(subject.trim(), format!("subject=CN={}", Mailbox::COMMON_NAME));
    let text = openssl(&format!("req -in {csr} -noout -text"));
    assert!(text.contains("sha256WithRSAEncryption"), "{text}");
    assert!(text.contains("(2048 bit)"), "{text}");
    // The attributes are the [0] in the outer level of the request; theirs is the only zero length.
    let structure = openssl(&format!("asn1parse -in {csr}"));
    let attributes = structure.lines().find(|l| l.contains("d=2") && l.contains("cont [ 0 ]"));
    assert!(attributes.is_some_and(|l| l.contains("l=   0")), "attributes: {structure}");
    let in_csr = openssl(&format!("req -in {csr} -noout -pubkey"));
    let key = path_arg(&mailbox.credential(1).join("key.pem"));
    let in_key = openssl_with(PASSPHRASE, &format!("pkey -in {key} -passin env:PASS -pubout"));
    assert_eq!(in_csr.as_bytes(), in_key);
}

#[test]
fn key_is_encrypted_as_promised() {
    let mailbox = Mailbox::requested();
    let key = mailbox.credential(1).join("key.pem");
    assert!(fs::read_to_string(&key).unwrap().starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    let structure = openssl(&format!("asn1parse -in {}", path_arg(&key)));
    for part in [":PBES2", ":PBKDF2", ":0927C0", ":hmacWithSHA256", ":aes-256-cbc"] {
        assert!(structure.contains(part), "{part} is missing in\n{structure}");
    }
}

#[test]
fn larger_key_is_made_on_request() {
    let mailbox = Mailbox::none();
    mailbox.request_again(&["--key-size", "3072"]);
    let text = openssl(&format!("req -in {} -noout -text", path_arg(&mailbox.csr())));
    assert!(text.contains("(3072 bit)"), "{text}");
}

#[test]
fn again_archives_the_old_request_and_keeps_its_files() {
    let mailbox = Mailbox::requested();
    let before = tree(&mailbox.credential(1));
    let answer = mailbox.request_again(&["--again"]);
    assert_eq!(answer["credential"], 2);
    assert_ne!(answer["key_sha256"], mailbox.request["key_sha256"]);
    assert_eq!(tree(&mailbox.credential(1)), before, "the first credential changed");
}

#[test]
fn label_and_whole_name_change_the_common_name() {
    let mailbox = Mailbox::none();
    let answer = mailbox.request_again(&["--cn-label", "SERVER001"]);
    assert_eq!(answer["common_name"], "SERVER001.X26.api.mesh-client.nhs.uk");

    let foreign = "endpoint.x26.thirdparty.nhs.uk";
    let output = Mailbox::none()
        .program()
        .args(["request", "X26ABC1", "--ods", "X26", "--env", "sandbox", "--common-name", foreign])
        .run()
        .expect(0)
        .says("warning")
        .says(foreign);
    assert_eq!(output.json()["common_name"], foreign);
}

#[test]
fn like_takes_the_name_from_an_existing_certificate() {
    let old = Mailbox::requested();
    let name = "server001.x26.api.mesh-client.nhs.uk";
    let certificate = Authority::ours().leaf(&old.csr(), name).sign(&old.file("old.pem"));
    let answer = Mailbox::none().request_again(&["--like", certificate.to_str().unwrap()]);
    let found = answer["common_name"].as_str().unwrap();
    assert!(found.eq_ignore_ascii_case(name), "{found}");
}

#[test]
fn mailbox_of_another_organisation_is_warned_about() {
    let mailbox = Mailbox::none();
    mailbox
        .program()
        .args(["request", "X26ABC1", "--ods", "X27", "--env", "sandbox"])
        .run()
        .expect(0)
        .says("warning")
        .says("X27");
}

#[test]
fn mailbox_id_is_taken_in_any_case() {
    let mailbox = Mailbox::none();
    let request = ["request", "x26abc1", "--ods", "x26", "--env", "sandbox"];
    let answer = mailbox.program().args(request).run().expect(0).json();
    assert_eq!(answer["mailbox"], "X26ABC1");
    assert_eq!(answer["common_name"], Mailbox::COMMON_NAME);
}

#[test]
fn person_is_told_what_comes_next_and_where_the_passphrase_is() {
    let mailbox = Mailbox::none();
    let request = ["request", "X26ABC1", "--ods", "X26", "--env", "sandbox"];
    let output = mailbox.person().args(request).run().expect(0);
    for words in ["request.eml", "request.csr", Mailbox::COMMON_NAME] {
        assert!(output.stdout.contains(words), "stdout does not name {words}\n{}", output.shown());
    }
    let all = format!("{}{}", output.stdout, output.stderr).to_lowercase();
    assert!(all.contains("passphrase"), "{}", output.shown());
    assert!(!all.contains(PASSPHRASE), "{}", output.shown());
}
