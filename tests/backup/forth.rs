//! What `backup` writes, and what it refuses.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use crate::scene::{PASSPHRASE, back_up, home, kept, put, run, run_in};
use crate::support::{Mailbox, Program, tool, tree};

#[test]
fn everything_comes_back_from_one_private_file() {
    let mailbox = home();
    let answer = run(&mailbox, &["backup", "kept.age"]).run().expect(0).json();
    let file = mailbox.file("kept.age");
    assert_eq!(answer["file"], file.to_str().unwrap(), "{answer:#}");
    let metadata = fs::metadata(&file).unwrap();
    assert_eq!((metadata.permissions().mode() & 0o7777, &answer["bytes"]), (0o600, &metadata.len().into()));
    assert_eq!((&answer["mailboxes"], &answer["passphrases"]), (&2.into(), &0.into()), "{answer:#}");
    assert!(fs::read(&file).unwrap().starts_with(b"age-encryption.org/v1\n-> scrypt "));

    let other = mailbox.file("another/home");
    let answer = run_in(&mailbox, &other, &["restore"]).arg(&file).run().expect(0).json();
    assert_eq!(kept(&other), kept(&mailbox.home()));
    let restored = serde_json::json!([
        "settings.toml",
        "the template check-letter.txt",
        "the rehearsal CA",
        "X26ABC1 (sandbox)",
        "X26ABC2 (live)"
    ]);
    let mut names: Vec<_> =
        answer["restored"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
    names.sort_unstable();
    let mut expected: Vec<_> = restored.as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
    expected.sort_unstable();
    assert_eq!(names, expected);
}

#[test]
fn locks_temporary_names_and_transfers_stay_out_and_strangers_are_named() {
    let mailbox = home();
    let before = kept(&mailbox.home());
    let own = mailbox.own_folder();
    put(&own.join("transfers/send-1.toml"), "format = 1\n");
    put(&own.join(".hidden"), "x");
    symlink("/etc/passwd", own.join("link")).unwrap();
    put(&own.join("a/b/c/d/too-deep"), "x");
    let answer = run(&mailbox, &["backup", "kept.age"]).run().expect(0).json();
    let left: Vec<_> = answer["left_out"].as_array().expect("strangers").iter().collect();
    assert_eq!(left.len(), 2, "{answer:#}");
    let other = mailbox.file("other");
    run_in(&mailbox, &other, &["restore", "kept.age"]).run().expect(0);
    assert_eq!(kept(&other), before);
}

#[test]
fn what_is_there_is_never_written_over_and_nobody_is_asked_in_vain() {
    let mailbox = home();
    let file = mailbox.file_with("kept.age", "something else");
    let program = mailbox.person().args(["backup"]).arg(&file);
    let talk = program.in_terminal(&[]);
    assert_eq!(talk.status, 1, "{}", talk.screen);
    assert!(!talk.screen.contains("Passphrase"), "{}", talk.screen);
    assert_eq!(fs::read(&file).unwrap(), b"something else");
    let nothing = Mailbox::none();
    run(&nothing, &["backup", "kept.age"]).run().expect_error(1, "nothing_to_back_up");
}

#[test]
fn passphrase_of_a_backup_is_given_and_as_good_as_that_of_a_key() {
    let mailbox = home();
    let before = tree(mailbox.home().parent().unwrap());
    let without = || run(&mailbox, &["backup", "kept.age"]).without_env("MESH_BACKUP_PASSPHRASE");
    let error = without().run().expect_error(2, "input_needed");
    assert!(error["hint"].as_str().unwrap().contains("--backup-passphrase-file"), "{error}");
    without().env("MESH_BACKUP_PASSPHRASE", "short").run().expect_error(2, "passphrase_weak");
    assert_eq!(tree(mailbox.home().parent().unwrap()), before);

    let file = mailbox.file_with("passphrase", format!("{PASSPHRASE}\n"));
    without().arg("--backup-passphrase-file").arg(&file).run().expect(0);
    let secrets = mailbox.file("secrets");
    put(&secrets, &format!("MESH_BACKUP_PASSPHRASE={PASSPHRASE}\n"));
    let restore = ["restore", "kept.age", "--dry-run", "--secrets", "secrets"];
    run(&mailbox, &restore).without_env("MESH_BACKUP_PASSPHRASE").run().expect(0);
}

#[test]
fn passphrase_is_typed_twice_or_made_and_shown_once() {
    let mailbox = home();
    let typed = format!("{PASSPHRASE}\r");
    let back_up = |name: &str| mailbox.person().arg("backup").arg(mailbox.file(name));
    let prompt = "Passphrase for the backup";
    let talk = back_up("typed.age").in_terminal(&[(prompt, &typed), ("The same again", &typed)]);
    assert_eq!(talk.status, 0, "{}", talk.screen);
    assert!(!talk.screen.contains(PASSPHRASE), "{}", talk.screen);
    let open = |name: &str, passphrase: &str| -> Program {
        let program = run_in(&mailbox, &mailbox.file("other"), &["restore", "--dry-run"]);
        program.arg(mailbox.file(name)).env("MESH_BACKUP_PASSPHRASE", passphrase)
    };
    open("typed.age", PASSPHRASE).run().expect(0);

    let answers = [(prompt, "\r"), ("away from this machine?", "n"), ("away from this machine?", "y")];
    let talk = back_up("made.age").in_terminal(&answers);
    assert_eq!(talk.status, 0, "{}", talk.screen);
    let is_one = |line: &&str| line.len() == 29 && line.matches('-').count() == 4;
    let made: Vec<_> = talk.screen.lines().map(str::trim).filter(is_one).collect();
    let [made] = made[..] else { panic!("not one passphrase: {}", talk.screen) };
    open("made.age", made).run().expect(0);
    open("made.age", PASSPHRASE).run().expect_error(1, "passphrase_wrong");
}

#[test]
fn passphrase_that_goes_to_the_keyring_while_somebody_is_asked_is_not_left_behind_in_silence() {
    let mailbox = home();
    let record = mailbox.own_folder().join("mailbox.toml");
    let edit = "s|held_by = \"you\"|held_by = \"keyring\"\\nentry = \"sandbox/X26ABC1/key-passphrase/1\"|\n";
    let edit = mailbox.file_with("edit.sed", edit);
    let pipe = mailbox.file("pipe");
    tool("mkfifo", [&pipe]);
    let back_up = || run(&mailbox, &["backup", "kept.age"]).env("DBUS_SESSION_BUS_ADDRESS", "disabled:");
    // The pipe opens when the program asks for the passphrase; somebody may take minutes over it.
    let script = "exec 3>\"$0\"; sed -i -f \"$1\" \"$2\"; echo \"$3\" >&3";
    let mut somebody = Command::new("timeout");
    somebody.args(["60", "sh", "-c", script]).args([&pipe, &edit, &record]).arg(PASSPHRASE);
    let mut somebody = somebody.spawn().expect("timeout starts");
    let asking = back_up().without_env("MESH_BACKUP_PASSPHRASE").arg("--backup-passphrase-file").arg(&pipe);
    let error = asking.run().expect_error(1, "keyring");
    assert!(somebody.wait().expect("it ends").success());
    assert!(fs::read_to_string(&record).unwrap().contains("held_by = \"keyring\""), "it did not happen");
    assert!(error["message"].as_str().unwrap().contains("X26ABC1 (sandbox), credential 1"), "{error}");
    assert!(!mailbox.file("kept.age").exists());
    let answer = back_up().arg("--without-passphrases").run().expect(0).json();
    assert_eq!(answer["passphrases_left_behind"], 1, "{answer:#}");
}

#[test]
fn mailbox_that_another_run_is_changing_is_not_backed_up_in_half() {
    let mailbox = home();
    let sent = mailbox.program().args(["sent", "X26ABC2"]).env("MESH_ONBOARD_TEST_HOLD_LOCK_MS", "300000");
    let mut child = sent.spawn();
    let lock = mailbox.home().join("live/X26ABC2/.lock");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while fs::read(&lock).unwrap_or_default().is_empty() {
        assert!(std::time::Instant::now() < end, "the lock was not taken");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let before = tree(mailbox.home().parent().unwrap());
    run(&mailbox, &["backup", "kept.age"]).run().expect_error(1, "locked");
    assert_eq!(tree(mailbox.home().parent().unwrap()), before);
    child.kill().expect("our own child");
    child.wait().expect("it ends");
    back_up(&mailbox);
}
