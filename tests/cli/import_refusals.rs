//! `import`: bad input gets its own error, and not one byte under the home changes.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Authority, Leaf, Mailbox, Program, changes, tree};

/// Runs an import that has to fail with `code`, and returns the error.
#[track_caller]
fn refused(mailbox: &Mailbox, program: Program, code: &str) -> Value {
    let before = tree(&mailbox.home());
    let output = program.run();
    let changed = changes(&before, &tree(&mailbox.home()));
    assert!(changed.is_empty(), "changed: {changed:?}\n{}", output.shown());
    output.expect_error(1, code)
}

fn leaf(mailbox: &Mailbox) -> Leaf {
    Authority::ours().leaf(&mailbox.csr(), Mailbox::COMMON_NAME)
}

/// Imports a certificate as `shape` makes it.
#[track_caller]
fn refused_leaf(code: &str, shape: impl FnOnce(Leaf) -> Leaf) -> Value {
    let mailbox = Mailbox::requested();
    let certificate = shape(leaf(&mailbox)).sign(&mailbox.file("reply.pem"));
    refused(&mailbox, mailbox.import([certificate]), code)
}

#[track_caller]
fn refused_bytes(code: &str, bytes: &[u8]) -> Value {
    let mailbox = Mailbox::requested();
    let file = mailbox.file_with("reply.pem", bytes);
    refused(&mailbox, mailbox.import([file]), code)
}

#[test]
fn import_refuses_certificate_for_another_key() {
    let mailbox = Mailbox::requested();
    let certificate = leaf(&mailbox).with_new_key(&mailbox.file("other")).sign(&mailbox.file("reply.pem"));
    let error = refused(&mailbox, mailbox.import([certificate]), "key_mismatch");
    let ours = mailbox.request["key_sha256"].as_str().unwrap();
    assert!(error["because"].to_string().contains(&ours[..4]), "our key is not named: {error}");
}

#[test]
fn import_refuses_certificate_for_another_name() {
    let mailbox = Mailbox::requested();
    let other = "x26abc2.x26.api.mesh-client.nhs.uk";
    let certificate = Authority::ours().leaf(&mailbox.csr(), other).sign(&mailbox.file("reply.pem"));
    let error = refused(&mailbox, mailbox.import([certificate]), "name_mismatch");
    let shown = error.to_string();
    assert!(shown.contains(other) && shown.contains(Mailbox::COMMON_NAME), "{error}");
}

#[test]
fn import_refuses_expired_certificate() {
    let error = refused_leaf("expired", |leaf| leaf.valid("20230101000000Z", "20260501000000Z"));
    assert!(error.to_string().contains("2026"), "{error}");
}

#[test]
fn import_refuses_certificate_that_is_not_yet_valid() {
    let error = refused_leaf("not_yet_valid", |leaf| leaf.valid("20270101000000Z", "20300101000000Z"));
    assert!(error.to_string().contains("2027"), "{error}");
}

#[test]
fn import_refuses_server_certificate() {
    let mailbox = Mailbox::requested();
    let certificate = leaf(&mailbox).extended_key_usage("serverAuth").sign(&mailbox.file("reply.pem"));
    let before = tree(&mailbox.home());
    mailbox.import([certificate]).run().expect(1);
    assert_eq!(tree(&mailbox.home()), before);
}

#[test]
fn import_refuses_chain_without_its_sub_ca() {
    let mailbox = Mailbox::requested();
    let program = mailbox.program().args(["import", Mailbox::ID]).arg(mailbox.certificate());
    let program = program.arg("--ca").arg(Authority::ours().root());
    let error = refused(&mailbox, program, "chain_incomplete");
    assert!(error.to_string().contains("ours-sub"), "the missing issuer is not named: {error}");
}

#[test]
fn import_refuses_chain_of_a_stranger() {
    let mailbox = Mailbox::requested();
    let foreign = Authority::foreign();
    let certificate = foreign.leaf(&mailbox.csr(), Mailbox::COMMON_NAME).sign(&mailbox.file("reply.pem"));
    // Being sent along makes a root no more trusted.
    let program = mailbox.import([certificate, foreign.sub(), foreign.root()]);
    let error = refused(&mailbox, program, "chain_untrusted");
    assert!(error.to_string().contains("foreign-root"), "{error}");
}

#[test]
fn import_refuses_foreign_chain_in_an_nhs_environment() {
    let mailbox = Mailbox::none();
    let request = ["request", Mailbox::ID, "--ods", "X26", "--env", "integration"];
    mailbox.program().args(request).run().expect(0);
    let csr = mailbox.home().join("integration/X26ABC1/credentials/0001/request.csr");
    let authority = Authority::ours();
    let certificate = authority.leaf(&csr, Mailbox::COMMON_NAME).sign(&mailbox.file("reply.pem"));
    let files: [PathBuf; 3] = [certificate, authority.sub(), authority.root()];
    let program = mailbox.program().args(["import", Mailbox::ID]).args(files);
    refused(&mailbox, program, "chain_untrusted");
}

#[test]
fn import_names_what_is_no_certificate() {
    let mailbox = Mailbox::requested();
    let error = refused(&mailbox, mailbox.import([mailbox.csr()]), "not_a_certificate");
    assert!(error.to_string().contains("request"), "a CSR is not named: {error}");
    let error =
        refused(&mailbox, mailbox.import([mailbox.credential(1).join("key.pem")]), "not_a_certificate");
    assert!(error.to_string().contains("private key"), "a key is not named: {error}");
}

#[test]
fn import_refuses_empty_file() {
    let error = refused_bytes("not_a_certificate", b"");
    assert!(error.to_string().contains("empty"), "{error}");
}

#[test]
fn import_refuses_ten_megabytes_of_noise() {
    // A linear congruential generator: the same noise every time.
    let mut state = 1_u64;
    let noise: Vec<u8> = (0..10 * 1024 * 1024)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect();
    refused_bytes("not_a_certificate", &noise);
}

#[test]
fn import_refuses_damaged_certificate() {
    refused_bytes("not_a_certificate", b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    refused_bytes("not_a_certificate", b"-----BEGIN CERTIFICATE-----\nMIIB");
}

#[test]
fn import_refuses_file_that_is_not_there() {
    let mailbox = Mailbox::requested();
    let error = refused(&mailbox, mailbox.import([mailbox.file("nowhere.cer")]), "io");
    assert!(error.to_string().contains("nowhere.cer"), "{error}");
}

#[test]
fn import_refuses_wrong_passphrase() {
    let mailbox = Mailbox::requested();
    let program = mailbox.program().env("MESH_KEY_PASSPHRASE", "wrong horse battery");
    let program = mailbox.import_with(program, [mailbox.certificate()]);
    refused(&mailbox, program, "passphrase_wrong");
}

#[test]
fn import_refuses_when_nobody_can_be_asked_for_the_passphrase() {
    let mailbox = Mailbox::requested();
    let program = mailbox.program().without_env("MESH_KEY_PASSPHRASE");
    let certificate = mailbox.certificate();
    let before = tree(&mailbox.home());
    let error = mailbox.import_with(program, [certificate]).run().expect_error(2, "input_needed");
    assert!(error.to_string().contains("--key-passphrase-file"), "{error}");
    assert_eq!(tree(&mailbox.home()), before);
}

#[test]
fn text_from_a_certificate_cannot_command_the_terminal() {
    let mailbox = Mailbox::requested();
    let name = "evil\u{1b}[31m.x26.api.mesh-client.nhs.uk";
    let certificate = Authority::ours().leaf(&mailbox.csr(), name).sign(&mailbox.file("reply.pem"));
    let output = mailbox.import_with(mailbox.person(), [certificate]).run().expect(1);
    assert!(!output.stderr.contains('\u{1b}'), "{:?}", output.stderr);
}
