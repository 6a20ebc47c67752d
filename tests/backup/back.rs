//! What `restore` writes, and what it refuses without writing anything.

use std::fs;

use crate::scene::{PASSPHRASE, back_up, home, kept, put, run, run_in};
use crate::support::Mailbox;

#[test]
fn dry_run_names_everything_and_writes_nothing() {
    let mailbox = home();
    let file = back_up(&mailbox);
    let other = mailbox.file("other");
    let answer = run_in(&mailbox, &other, &["restore", "--dry-run"]).arg(&file).run().expect(0).json();
    assert_eq!(answer["restored"].as_array().unwrap().len(), 5, "{answer:#}");
    assert!(!other.exists());
}

#[test]
fn what_is_here_already_is_left_as_it_is_and_what_is_missing_comes_back() {
    let mailbox = home();
    let file = back_up(&mailbox);
    let before = kept(&mailbox.home());
    fs::remove_dir_all(mailbox.home().join("live")).unwrap();
    // A mailbox that came later.
    let later = ["request", "X26ABC3", "--ods", "X26", "--env", "sandbox"];
    mailbox.program().args(later).run().expect(0);
    let answer = run(&mailbox, &["restore"]).arg(&file).run().expect(0).json();
    assert_eq!(answer["restored"], serde_json::json!(["X26ABC2 (live)"]), "{answer:#}");
    assert_eq!(answer["already_here"].as_array().unwrap().len(), 4, "{answer:#}");
    let after = kept(&mailbox.home());
    assert!(before.iter().all(|(name, what)| after.get(name) == Some(what)));
    assert!(mailbox.home().join("sandbox/X26ABC3/mailbox.toml").exists());
}

/// What is done to a home since its backup.
type Change = fn(&Mailbox);

#[test]
fn other_content_is_left_as_it_is_and_the_rest_comes_back() {
    let changes: [(&str, Change); 5] = [
        ("X26ABC1 (sandbox)", |m| put(&m.own_folder().join("credentials/0001/request.txt"), "changed")),
        ("X26ABC1 (sandbox)", |m| {
            let record = m.own_folder().join("mailbox.toml");
            let text = fs::read_to_string(&record).unwrap().replace("X26\"", "X27\"");
            put(&record, &text);
        }),
        ("X26ABC1 (sandbox)", |m| put(&m.own_folder().join("mailbox.toml"), "no record")),
        ("settings.toml", |m| put(&m.home().join("settings.toml"), "[contact]\norganisation = \"Other\"\n")),
        ("the rehearsal CA", |m| put(&m.home().join("rehearsal-ca/root.pem"), "another\n")),
    ];
    for (named, change) in changes {
        let mailbox = home();
        let file = back_up(&mailbox);
        let live = kept(&mailbox.home().join("live"));
        fs::remove_dir_all(mailbox.home().join("live")).unwrap();
        change(&mailbox);
        let before = kept(&mailbox.home());
        let restore =
            |more: &[&str]| run(&mailbox, &["restore"]).arg(&file).args(more).run().expect(3).json();
        let would = restore(&["--dry-run"]);
        assert_eq!(kept(&mailbox.home()), before, "{named}");
        let answer = restore(&[]);
        for answer in [would, answer] {
            assert_eq!(answer["left_as_it_is"], serde_json::json!([named]), "{answer:#}");
            assert_eq!(answer["restored"], serde_json::json!(["X26ABC2 (live)"]), "{answer:#}");
        }
        let after = kept(&mailbox.home());
        assert!(before.iter().all(|(name, what)| after.get(name) == Some(what)), "{named}");
        assert_eq!(kept(&mailbox.home().join("live")), live, "{named}");
    }
}

#[test]
fn lock_that_a_refused_run_left_does_not_stand_in_the_way() {
    let mailbox = home();
    let file = back_up(&mailbox);
    let before = kept(&mailbox.home());
    fs::remove_dir_all(mailbox.home().join("live/X26ABC2")).unwrap();
    put(&mailbox.home().join("live/X26ABC2/.lock"), "");
    run(&mailbox, &["restore"]).arg(&file).run().expect(0);
    assert_eq!(kept(&mailbox.home()), before);
}

#[test]
fn wrong_passphrase_and_what_is_no_backup_are_refused() {
    let mailbox = home();
    let file = back_up(&mailbox);
    let other = mailbox.file("other");
    let restore = || run_in(&mailbox, &other, &["restore"]);
    restore()
        .arg(&file)
        .env("MESH_BACKUP_PASSPHRASE", "not the one")
        .run()
        .expect_error(1, "passphrase_wrong");
    let error =
        restore().arg(&file).without_env("MESH_BACKUP_PASSPHRASE").run().expect_error(2, "input_needed");
    assert!(error["hint"].as_str().unwrap().contains("MESH_BACKUP_PASSPHRASE"), "{error}");
    // Before anybody is asked.
    let program = || restore().without_env("MESH_BACKUP_PASSPHRASE");
    program().arg(mailbox.csr()).run().expect_error(1, "not_a_backup");
    restore().arg(mailbox.file("nowhere")).run().expect_error(1, "io");
    let whole = fs::read(&file).unwrap();
    for (what, bytes) in [
        ("cut", whole[..whole.len() - 1].to_vec()),
        ("cut short", whole[..whole.len() / 2].to_vec()),
        ("longer", [&whole[..], b"x"].concat()),
        ("changed", whole.iter().enumerate().map(|(at, b)| b ^ u8::from(at == whole.len() - 40)).collect()),
    ] {
        let broken = mailbox.file_with("broken.age", bytes);
        let error = restore().arg(broken).run().expect_error(1, "not_a_backup");
        assert!(error["hint"].as_str().is_some(), "{what}: {error}");
    }
    assert!(!other.exists());
}

#[test]
fn mailbox_whose_record_cannot_be_read_is_kept_as_it_lies_there_and_named() {
    for (what, text) in [
        ("garbage", Some("no record at all")),
        // Of another mailbox.
        ("false", None),
    ] {
        let mailbox = home();
        let own = fs::read_to_string(mailbox.own_folder().join("mailbox.toml")).unwrap();
        put(&mailbox.home().join("live/X26ABC2/mailbox.toml"), text.unwrap_or(&own));
        let answer = run(&mailbox, &["backup", "kept.age"]).run().expect(3).json();
        assert_eq!(answer["unread"][0]["mailbox"], "X26ABC2", "{what}: {answer:#}");
        assert_eq!(answer["mailboxes"], 2, "{what}: {answer:#}");
        let other = mailbox.file("other");
        let answer = run_in(&mailbox, &other, &["restore", "kept.age"]).run().expect(3).json();
        assert_eq!(answer["unread"], serde_json::json!(["X26ABC2 (live)"]), "{what}: {answer:#}");
        assert_eq!(kept(&other), kept(&mailbox.home()), "{what}");
        let again = run_in(&mailbox, &other, &["restore", "kept.age"]).run().expect(0).json();
        assert_eq!(again["restored"], serde_json::json!([]), "{what}: {again:#}");
    }
    let mailbox = home();
    put(&mailbox.home().join("live/X26ABC2/mailbox.toml"), "no record at all");
    let person = mailbox.person().args(["backup", "told.age"]).env("MESH_BACKUP_PASSPHRASE", PASSPHRASE);
    let output = person.directory(mailbox.home().parent().unwrap()).run().expect(3);
    assert!(output.stdout.contains("\nX26ABC2 (live) is in it as it lies there"), "{}", output.stdout);
    assert!(!output.stdout.contains("no keyring holds one"), "{}", output.stdout);
}

#[test]
fn person_is_told_what_came_back_and_from_when() {
    let mailbox = home();
    let file = back_up(&mailbox);
    let program = mailbox.person().args(["--home", "other", "restore"]).arg(&file);
    let program = program.env("MESH_BACKUP_PASSPHRASE", PASSPHRASE);
    let output = program.directory(mailbox.home().parent().unwrap()).run().expect(0);
    assert!(output.stdout.starts_with("The backup of 1 June 2026, into "), "{}", output.stdout);
    assert!(output.stdout.contains("\n  Restored       X26ABC1 (sandbox)\n"), "{}", output.stdout);
    assert!(
        output.stdout.ends_with("Next: see where every mailbox stands: mesh-onboard --home other status\n")
    );
}
