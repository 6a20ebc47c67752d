//! What `restore` writes, and what it refuses without writing anything.

use std::fs;

use crate::scene::{PASSPHRASE, back_up, home, kept, put, run, run_in};
use crate::support::{Mailbox, tree};

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
fn other_content_anywhere_refuses_all_of_it() {
    let changes: [(&str, Change); 4] = [
        ("X26ABC1 (sandbox)", |m| put(&m.own_folder().join("credentials/0001/request.txt"), "changed")),
        ("X26ABC1 (sandbox)", |m| {
            m.program().args(["request", "X26ABC1", "--ods", "X26", "--env", "sandbox", "--again"]).run();
            let record = m.own_folder().join("mailbox.toml");
            let text = fs::read_to_string(&record).unwrap().replace("X26\"", "X27\"");
            put(&record, &text);
        }),
        ("settings.toml", |m| put(&m.home().join("settings.toml"), "[contact]\norganisation = \"Other\"\n")),
        ("the rehearsal CA", |m| put(&m.home().join("rehearsal-ca/root.pem"), "another\n")),
    ];
    for (named, change) in changes {
        let mailbox = home();
        let file = back_up(&mailbox);
        fs::remove_dir_all(mailbox.home().join("live")).unwrap();
        change(&mailbox);
        let before = tree(&mailbox.home());
        let error = run(&mailbox, &["restore"]).arg(&file).run().expect_error(1, "already_here");
        assert!(error["message"].as_str().unwrap().ends_with(&format!(": {named}")), "{error}");
        assert_eq!(tree(&mailbox.home()), before, "{named}");
    }
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
fn record_of_another_mailbox_is_not_restored_in_its_place() {
    let mailbox = home();
    let record = fs::read_to_string(mailbox.own_folder().join("mailbox.toml")).unwrap();
    let false_one = mailbox.home().join("live/X26ABC2/mailbox.toml");
    fs::write(&false_one, record).unwrap();
    // A backup takes what is there; it is for the restore to doubt it.
    let answer = run(&mailbox, &["backup", "kept.age"]).run();
    answer.expect_error(1, "record_unreadable");
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
