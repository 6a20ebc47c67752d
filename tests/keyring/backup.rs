//! Passphrases that only the keyring holds go into a backup, and come back from it.

use std::fs;
use std::path::Path;

use crate::support::Keyring::{self, Locked, NoBus, Unlocked};
use crate::support::{Account, Mailbox, PASSPHRASE, Program, tree};

const BACKUP_PASSPHRASE: &str = "another four words";

/// A mailbox in use whose passphrase only the keyring holds.
fn kept() -> Mailbox {
    let mailbox = Mailbox::imported();
    let set = ["secret", "set", Mailbox::ID, "key-passphrase", "--value-file", "-"];
    run(&mailbox, "account", Unlocked, &set).stdin(PASSPHRASE).run().expect(0);
    mailbox
}

/// A script with the keyring of an account, and the passphrase of the backup.
fn run(mailbox: &Mailbox, account: &str, state: Keyring, words: &[&str]) -> Program {
    lent(mailbox, account, state, mailbox.program().args(words))
}

fn lent(mailbox: &Mailbox, account: &str, state: Keyring, program: Program) -> Program {
    let program = program.without_env("MESH_KEY_PASSPHRASE").env("MESH_BACKUP_PASSPHRASE", BACKUP_PASSPHRASE);
    Account::new(mailbox.file(account)).lends(program.directory(mailbox.home().parent().unwrap()), state, &[])
}

fn back_up(mailbox: &Mailbox) {
    let answer = run(mailbox, "account", Unlocked, &["backup", "kept.age"]).run().expect(0).json();
    assert_eq!(answer["passphrases"], 1, "{answer:#}");
}

fn record(home: &Path) -> String {
    fs::read_to_string(home.join("sandbox/X26ABC1/mailbox.toml")).expect("a record")
}

/// Whether the key of a home opens with what the keyring of an account holds.
fn opens(mailbox: &Mailbox, account: &str, home: &str) -> bool {
    let words = ["--home", home, "check", Mailbox::ID, "--offline"];
    let output = run(mailbox, account, Unlocked, &words).run();
    let answer = output.json();
    answer["probes"]
        .as_array()
        .is_some_and(|probes| probes.iter().any(|p| p["id"] == "key" && p["status"] == "pass"))
}

#[test]
fn passphrases_of_the_keyring_come_back_into_another_keyring() {
    let mailbox = kept();
    back_up(&mailbox);
    assert!(!fs::read(mailbox.file("kept.age")).unwrap().windows(7).any(|part| part == b"correct"));
    // Another machine: another home, another keyring.
    let restore = ["--home", "restored", "restore", "kept.age"];
    let answer = run(&mailbox, "another", Unlocked, &restore).run().expect(0).json();
    assert_eq!(answer["passphrases"]["keyring"], 1, "{answer:#}");
    assert!(Account::new(mailbox.file("another")).after().contains(&format!("secret = {PASSPHRASE}")));
    let but_for_entries = |home: &Path| -> Vec<String> {
        record(home).lines().filter(|line| !line.starts_with("entry = ")).map(str::to_owned).collect()
    };
    assert_eq!(but_for_entries(&mailbox.file("restored")), but_for_entries(&mailbox.home()));
    assert!(opens(&mailbox, "another", "restored"));
}

#[test]
fn what_is_forgotten_in_a_home_on_trial_is_still_there_for_the_first_one() {
    let mailbox = kept();
    back_up(&mailbox);
    let on_trial = |words: &[&str]| {
        run(&mailbox, "account", Unlocked, &[&["--home", "trial"], words].concat()).run().expect(0).json()
    };
    // The keyring of the same account.
    assert_eq!(on_trial(&["restore", "kept.age"])["passphrases"]["keyring"], 1);
    assert!(opens(&mailbox, "account", "trial"));
    on_trial(&["secret", "forget", Mailbox::ID, "key-passphrase", "--yes"]);
    assert!(!opens(&mailbox, "account", "trial"));
    assert!(opens(&mailbox, "account", mailbox.home().to_str().unwrap()));
}

#[test]
fn home_that_is_here_gets_back_the_passphrases_that_its_keyring_lost() {
    let mailbox = kept();
    back_up(&mailbox);
    let before = tree(&mailbox.home());
    let answer = run(&mailbox, "another", Unlocked, &["restore", "kept.age"]).run().expect(0).json();
    assert_eq!(answer["restored"], serde_json::json!([]), "{answer:#}");
    assert_eq!(answer["passphrases"]["keyring"], 1, "{answer:#}");
    let after: Vec<_> = crate::support::changes(&before, &tree(&mailbox.home()));
    assert_eq!(after, [".lock"]);
    assert!(opens(&mailbox, "another", mailbox.home().to_str().unwrap()));
}

#[test]
fn without_a_keyring_passphrases_are_shown_once_and_confirmed() {
    let mailbox = kept();
    back_up(&mailbox);
    for state in [NoBus, Locked] {
        let path = |name: &str| mailbox.file(name).to_str().expect("UTF-8").to_owned();
        let (home, file) = (path(&format!("restored-{state:?}")), path("kept.age"));
        let words = ["--home", &home, "restore", &file];
        let error = run(&mailbox, "another", state, &words).run().expect_error(2, "input_needed");
        assert!(error["hint"].as_str().unwrap().contains("--without-passphrases"), "{error}");
        assert!(!Path::new(&home).exists(), "something was written");

        let program = lent(&mailbox, "another", state, mailbox.person().args(words));
        let talk = program.in_terminal(&[("safe place?", "n"), ("safe place?", "y")]);
        assert_eq!(talk.status, 0, "{}", talk.screen);
        assert_eq!(talk.screen.matches(PASSPHRASE).count(), 1, "{}", talk.screen);
        assert!(record(Path::new(&home)).contains("held_by = \"you\""));
    }
}

#[test]
fn passphrases_can_stay_in_the_backup() {
    let mailbox = kept();
    back_up(&mailbox);
    let words = ["--home", "restored", "restore", "kept.age", "--without-passphrases"];
    let answer = run(&mailbox, "another", Unlocked, &words).run().expect(0).json();
    assert_eq!(answer["passphrases"]["left"], 1, "{answer:#}");
    assert!(record(&mailbox.file("restored")).contains("held_by = \"you\""));
    assert!(!Account::new(mailbox.file("another")).after().contains(PASSPHRASE));
}

#[test]
fn keyring_that_does_not_give_a_passphrase_stops_the_backup() {
    let mailbox = kept();
    for state in [Locked, NoBus] {
        let error = run(&mailbox, "account", state, &["backup", "kept.age"]).run().expect_error(1, "keyring");
        assert!(error["message"].as_str().unwrap().contains("X26ABC1 (sandbox), credential 1"), "{error}");
        assert!(!mailbox.file("kept.age").exists());
    }
    let words = ["backup", "kept.age", "--without-passphrases"];
    let answer = run(&mailbox, "account", NoBus, &words).run().expect(0).json();
    assert_eq!(
        (&answer["passphrases"], &answer["passphrases_left_behind"]),
        (&0.into(), &1.into()),
        "{answer:#}"
    );
}
