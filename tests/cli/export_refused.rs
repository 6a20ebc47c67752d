//! Why there is no handover; nothing is written then, neither in the home nor where it was to go.

use std::fs;

use serde_json::Value;

use crate::export::{again, export, with_login};
use crate::support::{Authority, Elsewhere, Mailbox, Program, authority_args, changes, tree};

/// The error of `program`, which leaves everything beside the home as it was, too.
#[track_caller]
fn refused(mailbox: &Mailbox, program: Program, exit: i32, code: &str) -> Value {
    let folder = mailbox.home();
    let folder = folder.parent().unwrap();
    let before = tree(folder);
    let output = program.run();
    let changed = changes(&before, &tree(folder));
    assert!(changed.is_empty(), "changed: {changed:?}\n{}", output.shown());
    output.expect_error(exit, code)
}

#[track_caller]
fn says(error: &Value, words: &str) {
    assert!(error.to_string().contains(words), "'{words}' is not in {error}");
}

#[test]
fn what_is_not_known_is_refused_with_what_is() {
    let mailbox = Mailbox::imported();
    let error = refused(&mailbox, export(&mailbox, "pemm", "to"), 2, "unknown_consumer");
    says(&error, "known are pem, nel-mesh, mavis, mesh-client");
    let set = |setting: &str| export(&mailbox, "pem", "to").args(["--set", setting]);
    says(&refused(&mailbox, set("colour=red"), 2, "usage"), "it has key, chain");
    says(&refused(&mailbox, set("key=pkcs12"), 2, "usage"), "it is one of pkcs8, pkcs1, encrypted");
    says(&refused(&mailbox, set("key"), 2, "usage"), "--set takes NAME=VALUE");
    let program = export(&mailbox, "mesh-client", "to").args(["--set", "key=pkcs1"]);
    says(&refused(&mailbox, program, 2, "usage"), "mesh-client takes none");
    let program = export(&mailbox, "pem", "to").args(["--credential", "7"]);
    says(&refused(&mailbox, program, 1, "no_credential"), "no credential 7");
    let program = mailbox.program().args(["export", "X26ABC9", "--for", "pem", "--to", "to"]);
    refused(&mailbox, program, 1, "no_such_mailbox");
    for wrong in ["--mode=777", "--url=https://user:password@mesh.example", "--ca=absent.pem"] {
        let error = export(&mailbox, "pem", "to").arg(wrong).run();
        assert!(
            !error.stdout.contains("password@") && !error.stderr.contains("password@"),
            "{}",
            error.shown()
        );
        assert!(matches!(error.code(), Some(1 | 2)), "{}", error.shown());
    }
    assert!(!mailbox.file("to").exists());
}

#[test]
fn secrets_are_not_opened_to_everybody() {
    let mailbox = Mailbox::imported();
    for mode in ["644", "604", "444"] {
        let error = refused(&mailbox, export(&mailbox, "pem", "to").args(["--mode", mode]), 2, "usage");
        says(&error, "key.pem, which holds a secret; 640 lets a group read it");
    }
}

#[test]
fn folder_of_somebody_else_stays_as_it_is() {
    let mailbox = Mailbox::imported();
    for name in ["empty", "full"] {
        fs::create_dir(mailbox.file(name)).unwrap();
    }
    fs::write(mailbox.file("full").join("theirs"), "theirs").unwrap();
    mailbox.file_with("file", "theirs");
    for name in ["empty", "full", "file"] {
        says(&refused(&mailbox, export(&mailbox, "pem", name), 1, "io"), "already exists");
    }
    fs::remove_file(mailbox.file("file")).unwrap();
    std::os::unix::fs::symlink("nowhere", mailbox.file("link")).unwrap();
    let error = export(&mailbox, "pem", "link").run().expect_error(1, "io");
    says(&error, "already exists");
    fs::remove_file(mailbox.file("link")).unwrap();
    says(&refused(&mailbox, export(&mailbox, "pem", "absent/to"), 1, "io"), "no such folder");
}

#[test]
fn folder_of_ours_with_something_else_in_it_stays_as_it_is() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "pem", "to").run().expect(0);
    fs::create_dir(mailbox.file("to").join("sub")).unwrap();
    fs::write(mailbox.file("to").join("sub/application.log"), "theirs").unwrap();
    let error = refused(&mailbox, export(&mailbox, "pem", "to"), 1, "not_ours");
    says(&error, "sub/application.log");
    refused(&mailbox, again(&mailbox, "--refresh"), 1, "not_ours");
    fs::remove_dir_all(mailbox.file("to").join("sub")).unwrap();
    // Of another consumer, or another mailbox, it is no folder to be replaced.
    says(&refused(&mailbox, export(&mailbox, "mesh-client", "to"), 1, "io"), "already exists");
    mailbox.program().args(["adopt", "X26ABC2", "--share", "X26ABC1"]).run().expect(0);
    let program =
        mailbox.program().args(["export", "X26ABC2", "--for", "pem", "--to"]).arg(mailbox.file("to"));
    says(&refused(&mailbox, program, 1, "io"), "already exists");
}

#[test]
fn credentials_that_would_not_work_are_not_handed_over() {
    let waiting = Mailbox::requested();
    refused(&waiting, export(&waiting, "pem", "to"), 1, "no_certificate");
    let mailbox = Mailbox::imported();
    refused(&mailbox, export(&mailbox, "pem", "to").now("2029-02-01T00:00:00Z"), 1, "expired");
    refused(&mailbox, export(&mailbox, "pem", "to").now("2025-02-01T00:00:00Z"), 1, "not_yet_valid");
    let program = export(&mailbox, "pem", "to").env("MESH_KEY_PASSPHRASE", "another horse");
    refused(&mailbox, program, 1, "passphrase_wrong");
    let program = export(&mailbox, "pem", "to").without_env("MESH_KEY_PASSPHRASE");
    refused(&mailbox, program, 2, "input_needed");
    // A credential whose certificate has not come.
    let renewing = Mailbox::renewing();
    refused(&renewing, export(&renewing, "pem", "to").args(["--credential", "2"]), 1, "no_certificate");
}

#[test]
fn files_that_somebody_has_changed_are_not_handed_over() {
    let mailbox = Mailbox::switched();
    let bundles = mailbox.credential(2).join("bundles-01");
    let fullchain = bundles.join("fullchain.pem");
    let whole = fs::read_to_string(&fullchain).unwrap();
    let leaf = fs::read_to_string(bundles.join("certificate.pem")).unwrap();
    // Another sub CA, or none.
    let authority = Authority::ours();
    let root = fs::read_to_string(authority.root()).unwrap();
    fs::write(&fullchain, format!("{leaf}{root}")).unwrap();
    refused(&mailbox, export(&mailbox, "pem", "to"), 1, "chain_incomplete");
    fs::write(&fullchain, "nothing").unwrap();
    refused(&mailbox, export(&mailbox, "pem", "to"), 1, "io");
    fs::write(&fullchain, whole).unwrap();
    // The key of the other credential.
    let key = mailbox.credential(2).join("key.pem");
    let own = fs::read(&key).unwrap();
    fs::write(&key, fs::read(mailbox.credential(1).join("key.pem")).unwrap()).unwrap();
    let error = refused(&mailbox, export(&mailbox, "pem", "to"), 1, "key_mismatch");
    says(&error, "restore FILE");
    fs::remove_file(&key).unwrap();
    refused(&mailbox, export(&mailbox, "pem", "to"), 1, "io");
    fs::write(&key, own).unwrap();
    export(&mailbox, "pem", "to").run().expect(0);
}

#[test]
fn certificate_without_its_key_is_handed_over_where_no_file_takes_the_key() {
    let mailbox = Mailbox::none();
    let other = Elsewhere::new(Mailbox::COMMON_NAME);
    let program = mailbox.program().args(["adopt", "X26ABC1", "--env", "sandbox", "--cert"]);
    program.arg(other.leaf()).args(authority_args()).run().expect(0);
    let error = refused(&mailbox, export(&mailbox, "pem", "to"), 1, "key_elsewhere");
    says(&error, "credential 1");
    let program = with_login(mailbox.person()).args(["export", "X26ABC1", "--for", "pem", "--to", "-"]);
    let printed = program.args(["--only", "ca.pem"]).run().expect(0).stdout;
    assert_eq!(printed.matches("BEGIN CERTIFICATE").count(), 2);
}

#[test]
fn environment_without_an_address_needs_one() {
    let mailbox = Mailbox::none();
    let request = ["request", "X26ABC1", "--ods", "X26", "--env", "rehearsal"];
    let csr =
        mailbox.program().args(request).run().expect(0).json()["files"]["csr"].as_str().unwrap().to_owned();
    let answer = mailbox.file("answer.pem");
    mailbox.program().args(["rehearse", "--issue", &csr, "--to"]).arg(&answer).run().expect(0);
    let later = |program: Program| program.now("2026-06-01T12:01:00Z");
    later(mailbox.program().args(["import", "X26ABC1"]).arg(&answer)).run().expect(0);
    let error = refused(&mailbox, later(export(&mailbox, "mesh-client", "to")), 2, "usage");
    says(&error, "--url URL");
    // Files that name none do without.
    later(export(&mailbox, "pem", "to")).run().expect(0);
}

#[test]
fn wrong_usage_is_told_before_anything_else() {
    let mailbox = Mailbox::imported();
    let run = |words: &[&str]| mailbox.person().args(["--no-input", "export"]).args(words).run().expect(2);
    run(&["X26ABC1"]).says("--for");
    run(&["X26ABC1", "--for", "pem"]).says("--to");
    run(&["--for", "pem", "--to", "x"]).says("name the mailbox");
    run(&["X26ABC1", "--list"]);
    run(&["X26ABC1", "--refresh", "--verify"]);
    run(&["X26ABC1", "--refresh", "--mode", "640"]);
    run(&["X26ABC1", "--refresh", "--to", "x", "--mode", "640"]);
    run(&["X26ABC1", "--verify", "--only", "ca.pem"]);
    run(&["--forget", "x"]);
}
