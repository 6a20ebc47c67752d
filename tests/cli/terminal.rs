//! What a person at a terminal is asked, and what the terminal is like afterwards.

use std::fs;

use crate::support::{Mailbox, PASSPHRASE, Program, tree};

const PROMPT: &str = "Passphrase for the new key";

fn request(mailbox: &Mailbox) -> Program {
    Program::new().home(&mailbox.home()).args(["request", Mailbox::ID, "--ods", "X26", "--env", "sandbox"])
}

#[test]
fn passphrase_is_asked_for_twice_and_never_shown() {
    let mailbox = Mailbox::none();
    let typed = format!("{PASSPHRASE}\r");
    let talk = request(&mailbox).in_terminal(&[
        (PROMPT, "short\r"),
        ("it has 5 characters", ""),
        (PROMPT, &typed),
        ("The same again", "something else\r"),
        ("not the same", ""),
        (PROMPT, &typed),
        ("The same again", &typed),
    ]);
    assert_eq!(talk.status, 0, "{}", talk.screen);
    assert!(!talk.screen.contains(PASSPHRASE), "{}", talk.screen);
    assert!(talk.echo);
    // The key opens with what was typed.
    mailbox.import([mailbox.certificate()]).run().expect(0);
}

#[test]
fn generated_passphrase_is_shown_once_where_no_keyring_could_keep_it() {
    let mailbox = Mailbox::none();
    let talk = request(&mailbox).in_terminal(&[(PROMPT, "\r"), ("safe place?", "n"), ("safe place?", "y")]);
    assert_eq!(talk.status, 0, "{}", talk.screen);
    let shown = talk.screen.lines().map(str::trim).find(|l| l.len() == 29 && l.matches('-').count() == 4);
    let generated = shown.unwrap_or_else(|| panic!("no passphrase in {}", talk.screen));
    let import = mailbox.import([mailbox.certificate()]).env("MESH_KEY_PASSPHRASE", generated);
    import.run().expect(0);
    let record = fs::read_to_string(mailbox.own_folder().join("mailbox.toml")).unwrap();
    assert!(!record.contains(generated), "the record holds the passphrase");
}

#[test]
fn interrupt_at_a_prompt_changes_nothing_and_leaves_the_terminal_as_it_was() {
    let mailbox = Mailbox::none();
    let before = tree(&mailbox.home());
    let talk = request(&mailbox).in_terminal(&[(PROMPT, "half a pass\u{3}")]);
    assert_eq!(talk.status, 130, "{}", talk.screen);
    assert!(talk.screen.contains("cancelled"), "{}", talk.screen);
    assert!(talk.echo, "the terminal was left without echo");
    assert_eq!(tree(&mailbox.home()), before);
}

#[test]
fn request_that_is_refused_asks_for_nothing() {
    let mailbox = Mailbox::requested();
    let talk = request(&mailbox).in_terminal(&[]);
    assert_eq!(talk.status, 1, "{}", talk.screen);
    assert!(!talk.screen.contains(PROMPT), "{}", talk.screen);
}
