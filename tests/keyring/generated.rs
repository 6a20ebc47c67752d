//! A passphrase that the program makes: shown once, and then in the keyring or with the person.

use std::fs;

use crate::support::Keyring::{self, Locked, Unlocked};
use crate::support::{Account, Mailbox, Program};

const PROMPT: &str = "Passphrase for the new key";

fn request(mailbox: &Mailbox, state: Keyring) -> Program {
    let request = ["request", Mailbox::ID, "--ods", "X26", "--env", "sandbox"];
    let program = mailbox.person().without_env("MESH_KEY_PASSPHRASE").args(request);
    account(mailbox).lends(program, state, &[("sandbox/other", "locks with the others")])
}

fn account(mailbox: &Mailbox) -> Account {
    Account::new(mailbox.file("account"))
}

/// The passphrase on the screen; it is there once.
fn shown(screen: &str) -> String {
    let is_one = |line: &&str| line.len() == 29 && line.matches('-').count() == 4;
    let found: Vec<_> = screen.lines().map(str::trim).filter(is_one).collect();
    let [one] = found[..] else { panic!("not one passphrase: {screen}") };
    one.to_owned()
}

fn held_by(mailbox: &Mailbox) -> String {
    let record = fs::read_to_string(mailbox.own_folder().join("mailbox.toml")).expect("a record");
    let line = record.lines().find(|line| line.starts_with("held_by")).expect("a holder");
    line.trim_start_matches("held_by = ").to_owned()
}

#[test]
fn generated_passphrase_is_shown_once_and_kept_by_the_keyring_unless_told_otherwise() {
    let mailbox = Mailbox::none();
    // An empty answer is a yes.
    let talk = request(&mailbox, Unlocked).in_terminal(&[(PROMPT, "\r"), ("keyring?", "\r")]);
    assert_eq!(talk.status, 0, "{}", talk.screen);
    let generated = shown(&talk.screen);
    assert!(talk.screen.contains("It is kept in this account's keyring."), "{}", talk.screen);
    assert_eq!(held_by(&mailbox), "\"keyring\"");
    assert!(account(&mailbox).after().contains(&format!("secret = {generated}")));
    // From there it opens the key without a question.
    let import = mailbox.import([mailbox.certificate()]).without_env("MESH_KEY_PASSPHRASE");
    account(&mailbox).lends(import, Unlocked, &[]).run().expect(0);
}

#[test]
fn generated_passphrase_that_the_keyring_is_not_to_have_is_confirmed() {
    let mailbox = Mailbox::none();
    let answers = [(PROMPT, "\r"), ("keyring?", "n"), ("safe place?", "n"), ("safe place?", "y")];
    let talk = request(&mailbox, Unlocked).in_terminal(&answers);
    assert_eq!(talk.status, 0, "{}", talk.screen);
    assert_eq!(held_by(&mailbox), "\"you\"");
    let generated = shown(&talk.screen);
    assert!(!account(&mailbox).after().contains(&generated));
    mailbox.import([mailbox.certificate()]).env("MESH_KEY_PASSPHRASE", generated).run().expect(0);
}

#[test]
fn generated_passphrase_that_a_locked_keyring_does_not_take_is_confirmed() {
    let mailbox = Mailbox::none();
    let answers = [(PROMPT, "\r"), ("keyring?", "y"), ("did not take it", ""), ("safe place?", "y")];
    let talk = request(&mailbox, Locked).in_terminal(&answers);
    assert_eq!(talk.status, 0, "{}", talk.screen);
    assert_eq!(held_by(&mailbox), "\"you\"");
    mailbox.import([mailbox.certificate()]).env("MESH_KEY_PASSPHRASE", shown(&talk.screen)).run().expect(0);
}
