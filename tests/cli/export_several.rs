//! `export --refresh` of several mailboxes: what names none of them serves one alone.

use std::fs;

use serde_json::Value;

use crate::export::{again, export, with_login};
use crate::support::{Mailbox, PASSPHRASE, Program, copy_folder, tree};

/// X26ABC1 and X26ABC2, both handed over to `consumer` with passwords of their own.
fn two(consumer: &str) -> Mailbox {
    let mailbox = Mailbox::imported();
    mailbox.program().args(["adopt", "X26ABC2", "--share", "X26ABC1"]).run().expect(0);
    export(&mailbox, consumer, "one").env("MESH_MAILBOX_PASSWORD", "of-one").run().expect(0);
    let program = with_login(mailbox.program()).env("MESH_MAILBOX_PASSWORD", "of-two");
    let program = program.args(["export", "X26ABC2", "--for", consumer, "--to"]);
    program.arg(mailbox.file("two")).run().expect(0);
    mailbox
}

fn all(mailbox: &Mailbox) -> Program {
    mailbox.program().env("MESH_SHARED_KEY", "TestKey").args(["export", "--refresh"])
}

#[track_caller]
fn refused(mailbox: &Mailbox, program: Program, words: &[&str]) {
    let home = mailbox.home();
    let beside = home.parent().unwrap();
    let before = tree(beside);
    let error: Value = program.run().expect_error(2, "usage");
    assert_eq!(tree(beside), before, "something was written");
    for word in words {
        assert!(error.to_string().contains(word), "'{word}' is not in {error}");
    }
}

fn settings(mailbox: &Mailbox, folder: &str) -> String {
    fs::read_to_string(mailbox.file(folder).join("mesh.env")).unwrap()
}

#[test]
fn password_of_nobody_by_name_is_not_handed_over_for_two_mailboxes() {
    let mailbox = two("mesh-client");
    let whose = ["mailbox password", "X26ABC1 (sandbox), X26ABC2 (sandbox)"];
    let program = all(&mailbox).env("MESH_MAILBOX_PASSWORD", "only-of-one");
    refused(&mailbox, program, &[&whose[..], &["MESH_MAILBOX_PASSWORD"]].concat());
    let file = mailbox.file_with("password", "only-of-one");
    refused(&mailbox, all(&mailbox).arg("--mailbox-password-file").arg(file), &whose);
    let program = all(&mailbox).args(["--mailbox-password-file", "-"]).stdin("only-of-one");
    refused(&mailbox, program, &whose);
    for text in [
        "MESH_MAILBOX_PASSWORD=only-of-one",
        "MESH_MAILBOX_PASSWORD = 'only-of-one'",
        "[sandbox]\nMESH_MAILBOX_PASSWORD = 'only-of-one'",
        "[X26ABC1]\nMESH_MAILBOX_PASSWORD = 'one'\n[sandbox]\nMESH_MAILBOX_PASSWORD = 'anyone'",
    ] {
        refused(&mailbox, all(&mailbox).arg("--secrets").arg(private(&mailbox, text)), &whose);
    }
    // One alone may have it.
    let program = again(&mailbox, "--refresh").env("MESH_MAILBOX_PASSWORD", "new-of-one");
    program.run().expect(0);
    assert!(settings(&mailbox, "one").contains("new-of-one"));
    assert!(settings(&mailbox, "two").contains("of-two"));
}

fn private(mailbox: &Mailbox, text: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let file = mailbox.file_with("secrets", text);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    mailbox.file("secrets")
}

#[test]
fn passwords_by_name_reach_each_its_mailbox() {
    let mailbox = two("mesh-client");
    let text = "[X26ABC1]\nMESH_MAILBOX_PASSWORD = 'new-of-one'\n[sandbox.X26ABC2]\nMESH_MAILBOX_PASSWORD = 'new-of-two'";
    // A variable comes after the tables.
    let program = all(&mailbox).env("MESH_MAILBOX_PASSWORD", "of-nobody").arg("--secrets");
    program.arg(private(&mailbox, text)).run().expect(0);
    for (folder, password) in [("one", "new-of-one"), ("two", "new-of-two")] {
        assert!(settings(&mailbox, folder).contains(password), "{folder}");
    }
}

#[test]
fn secrets_that_no_file_holds_stand_in_nobodys_way() {
    let mailbox = two("pem");
    let answer = all(&mailbox).env("MESH_MAILBOX_PASSWORD", "of-one").run().expect(0);
    assert_eq!(answer.json()["exports"].as_array().unwrap().len(), 2);
    // Each is told when it is done.
    for folder in ["one", "two"] {
        let line = format!("pem: made again in {}", mailbox.file(folder).display());
        assert!(answer.stderr.contains(&line), "{}", answer.shown());
    }
}

#[test]
fn shared_key_serves_one_environment() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "mesh-client", "one").run().expect(0);
    let other = mailbox.home().join("integration").join(Mailbox::ID);
    fs::create_dir(other.parent().unwrap()).unwrap();
    copy_folder(&mailbox.own_folder(), &other);
    let record = other.join("mailbox.toml");
    let text = fs::read_to_string(&record).unwrap().replace("\"sandbox\"", "\"integration\"");
    fs::write(&record, text).unwrap();
    let passwords = "[sandbox.X26ABC1]\nMESH_MAILBOX_PASSWORD = 'one'\n[integration.X26ABC1]\nMESH_MAILBOX_PASSWORD = 'two'";
    let program = all(&mailbox).arg("--secrets").arg(private(&mailbox, passwords));
    refused(&mailbox, program, &["MESH_SHARED_KEY", "the shared key", "integration, sandbox"]);
}

#[test]
fn passphrase_from_standard_input_answers_for_every_key() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "pem", "one").run().expect(0);
    export(&mailbox, "pem", "two").run().expect(0);
    let piped = |text: &str| {
        let program = mailbox.program().without_env("MESH_KEY_PASSPHRASE").stdin(text);
        program.args(["export", Mailbox::ID, "--refresh", "--key-passphrase-file", "-"])
    };
    let answer = piped("another horse").run().expect(1).json();
    for export in answer["exports"].as_array().unwrap() {
        assert_eq!(export["error"]["code"], "passphrase_wrong", "{answer}");
    }
    piped(PASSPHRASE).run().expect(0);
}
