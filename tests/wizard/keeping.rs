//! What is kept safe from the wizard: passwords in a real keyring, a backup, dates in a calendar.

use std::fs;

use crate::several::{Credential, mailbox};
use crate::support::{Account, Keyring, Mailbox, Terminal};
use crate::visit::{LEAVE, MENU, Visit, command_lines, in_one_line, with_enter};

const BACKUP: &str = "four words for backups";

/// A home with a credential in use, written by hand.
fn in_use() -> Mailbox {
    let home = Mailbox::none();
    mailbox(&home.home(), "integration", "X26WELL", None, &[Credential::current("2029-01-01T00:00:00Z")]);
    fs::create_dir_all(home.file("user")).expect("a test can write beside its home");
    home
}

#[test]
fn password_is_kept_in_the_keyring_found_there_and_forgotten() {
    let home = in_use();
    let account = Account::new(home.file("account"));
    let secrets = [(MENU, "X26WELL"), ("What next", "5")];
    let set =
        [("Which secret", "2"), ("What about it", "1"), ("mailbox password of X26WELL", "hunter2-hunter2")];
    let list = [("Which secret", "1")];
    let forget = [("Which secret", "2"), ("What about it", "2")];
    let visit = |talk: &[(&str, &str)]| {
        let program = account.lends(Visit::of(&home).program(), Keyring::Unlocked, &[]);
        let typed: Vec<_> = talk.iter().map(|(words, answer)| (*words, with_enter(answer))).collect();
        let typed: Vec<_> = typed.iter().map(|(words, answer)| (*words, answer.as_str())).collect();
        let seen = program.in_terminal_like(&Terminal::default(), &typed);
        assert_eq!(seen.status, 0, "{}", seen.screen);
        assert!(!seen.screen.contains("hunter2"), "{}", seen.screen);
        seen.screen.replace('\r', "")
    };
    let screen = visit(&[&secrets[..], &set, &secrets, &list, &[LEAVE]].concat());
    assert!(screen.contains("Kept in this account's keyring"), "{screen}");
    let found = screen.lines().find(|line| line.contains("  mailbox-password")).expect("a row");
    assert!(found.contains("keyring"), "{screen}");
    assert!(account.after().contains("hunter2-hunter2"), "{}", account.after());
    assert_eq!(command_lines(&screen)[0][1..4], ["secret", "set", "X26WELL"]);
    visit(&[&secrets[..], &forget, &[LEAVE]].concat());
    assert!(!account.after().contains("hunter2-hunter2"), "{}", account.after());
}

#[test]
fn backup_is_written_where_it_was_said() {
    let home = in_use();
    let taken = home.file_with("user/mesh-onboard-2026-06-01.age", "another");
    let talk = [
        (MENU, "5"),
        // The suggested name is one that is free.
        ("File to write [~/mesh-onboard-2026-06-01-2.age]", ""),
        ("assphrase for the backup", BACKUP),
        ("The same again", BACKUP),
    ];
    let screen = Visit::of(&home).through(&talk);
    let written = home.file("user/mesh-onboard-2026-06-01-2.age");
    assert!(fs::read(&written).unwrap().starts_with(b"age-encryption.org/v1"), "{screen}");
    assert_eq!(fs::read(taken).unwrap(), b"another");
    assert_eq!(command_lines(&screen)[0][1..], ["backup".to_owned(), written.display().to_string()]);
}

#[test]
fn dates_go_into_a_calendar() {
    let home = in_use();
    let talk = [(MENU, "1"), ("What next", "6"), ("File to write [~/mesh-certificates.ics]", "")];
    // A second time it is brought up to date.
    let screen = Visit::of(&home).through(&[talk, talk].concat());
    let text = fs::read_to_string(home.file("user/mesh-certificates.ics")).expect("a calendar");
    assert!(text.contains("X26WELL") && text.contains("DTSTART:20290101T000000Z"), "{text}");
    assert!(in_one_line(&screen).contains("reminders 90, 60, 30 and 7 days before"), "{screen}");
    // Another file is left alone, and that is told.
    let other = home.file_with("user/other.ics", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n");
    let before = fs::read(&other).unwrap();
    Visit::of(&home).through(&[(MENU, "1"), ("What next", "6"), ("File to write", "~/other.ics")]);
    assert_eq!(fs::read(&other).unwrap(), before);
}
