//! `request`: what it refuses, and that nothing is written then.

use crate::support::{Mailbox, Output, Program, changes, tree};

/// Runs the program and asserts that not one byte under the home changed.
#[track_caller]
fn unchanged(mailbox: &Mailbox, program: Program) -> Output {
    let before = tree(&mailbox.home());
    let output = program.run();
    let changed = changes(&before, &tree(&mailbox.home()));
    assert!(changed.is_empty(), "changed: {changed:?}\n{}", output.shown());
    output
}

const REQUEST: [&str; 6] = ["request", "X26ABC1", "--ods", "X26", "--env", "sandbox"];

#[test]
fn request_refuses_weak_passphrase() {
    let mailbox = Mailbox::none();
    for (weak, rule) in [("too short", "12"), ("twelve chärs and more", "ASCII"), ("", "12")] {
        let program = mailbox.program().args(REQUEST).env("MESH_KEY_PASSPHRASE", weak);
        let output = unchanged(&mailbox, program);
        assert!(matches!(output.code(), Some(1 | 2)), "'{weak}' was accepted\n{}", output.shown());
        let error = output.json()["error"].to_string();
        // An empty variable may as well count as none.
        assert!(error.contains(rule) || weak.is_empty(), "{error}");
        assert!(weak.is_empty() || !error.contains(weak), "the passphrase is shown: {error}");
    }
}

#[test]
fn request_names_the_flag_that_is_missing() {
    let mailbox = Mailbox::none();
    for (args, flag) in [
        (&["request", "X26ABC1", "--env", "sandbox"][..], "--ods"),
        (&["request", "X26ABC1", "--ods", "X26"], "--env"),
    ] {
        let output = unchanged(&mailbox, mailbox.program().args(args)).expect(2);
        assert!(output.json()["error"].to_string().contains(flag), "{}", output.shown());
        unchanged(&mailbox, mailbox.person().args(args)).expect(2).says(flag);
    }
    let program = mailbox.program().args(REQUEST).without_env("MESH_KEY_PASSPHRASE");
    let error = unchanged(&mailbox, program).expect_error(2, "input_needed");
    assert!(error.to_string().contains("--key-passphrase-file"), "{error}");
}

#[test]
fn request_refuses_names_that_are_none() {
    let mailbox = Mailbox::none();
    for args in [
        ["request", "X26_ABC1", "--ods", "X26", "--env", "sandbox"],
        ["request", "../X26", "--ods", "X26", "--env", "sandbox"],
        ["request", "X26ABC1", "--ods", "X2", "--env", "sandbox"],
        ["request", "X26ABC1", "--ods", "X26", "--env", "staging"],
    ] {
        unchanged(&mailbox, mailbox.program().args(args)).expect_error(2, "usage");
    }
}

#[test]
fn second_request_is_refused_while_one_is_outstanding() {
    let mailbox = Mailbox::requested();
    let error = unchanged(&mailbox, mailbox.program().args(REQUEST)).expect_error(1, "request_outstanding");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("--again")), "{error}");
    unchanged(&mailbox, mailbox.person().args(REQUEST))
        .expect(1)
        .says("error:")
        .says("hint:")
        .says("--again");
}

#[test]
fn request_is_refused_while_a_credential_is_in_use() {
    let mailbox = Mailbox::imported();
    let error = unchanged(&mailbox, mailbox.program().args(REQUEST)).expect_error(1, "already_in_use");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("renew")), "{error}");
}

#[test]
fn attachment_that_is_not_there_is_refused_before_a_key_is_made() {
    let mailbox = Mailbox::none();
    let program = mailbox.program().args(REQUEST).arg("--attach").arg(mailbox.file("nowhere.pdf"));
    let error = unchanged(&mailbox, program).expect_error(1, "io");
    assert!(error.to_string().contains("nowhere.pdf"), "{error}");
}

#[test]
fn home_that_cannot_be_written_is_named_before_a_passphrase_is_asked_for() {
    let mailbox = Mailbox::none();
    let home = mailbox.file_with("a-file", "").join("home");
    let program = mailbox.program().args(REQUEST).arg("--home").arg(home).without_env("MESH_KEY_PASSPHRASE");
    let error = unchanged(&mailbox, program).expect_error(1, "io");
    assert!(error.to_string().contains("a-file"), "{error}");
}
