//! The first screen: where every mailbox stands.

use std::fs;

use crate::several::{Credential, every_kind, mailbox};
use crate::support::{Mailbox, tree};
use crate::visit::{MENU, Visit, in_one_line};

#[test]
fn every_mailbox_is_told_with_its_next_step_the_most_urgent_first() {
    let home = Mailbox::none();
    every_kind(&home.home());
    let before = tree(&home.home());
    let screen = Visit::of(&home).through(&[]);
    let told = [
        ("X26OVER (live): stopped working on 30 May 2026, 2 days ago", "renew it now"),
        ("X26SOON (live): stops working on 11 June 2026, in 9 days", "renew it; ask by 2 June 2026"),
        (
            "X26READY (live): stops working on 1 August 2026, in 60 days; the next certificate is here, not in use yet",
            "put it in use",
        ),
        ("X26LATE (integration): the email was sent 21 days ago, and the answer is late", "ask the desk"),
        (
            "X26UNSENT (integration): the request was made yesterday; its email is not noted as sent",
            "send the email",
        ),
        ("X26BARE (integration): no credential here is in use", "ask for a certificate"),
        (
            "X26SENT (integration): the email was sent 6 days ago",
            "if nothing has come by 2 June 2026, ask the desk",
        ),
        (
            "X26RENEWS (deployment): stops working on 1 August 2026, in 60 days; the email was sent 4 days ago",
            "import",
        ),
        ("X26SHARES (integration): works until 1 July 2028", "It uses the credential of X26WELL."),
        ("X26WELL (integration): works until 1 July 2028", "nothing until 1 August 2027"),
        ("X26AWAY (integration): works until 1 September 2028", "Its key is kept elsewhere."),
    ];
    let said = in_one_line(&screen);
    let mut rest = said.as_str();
    for (stands, next) in told {
        let at = rest
            .find(stands)
            .unwrap_or_else(|| panic!("{stands} is not in, or not below\n{rest}\nof\n{screen}"));
        rest = &rest[at..];
        let entry = rest.split(" (").take(2).collect::<String>();
        assert!(entry.contains(next), "{next} is not in\n{entry}\nof\n{screen}");
    }
    // Leaving names what is urgent.
    assert!(said.contains("Still to do, for X26OVER (live) first: renew it now"), "{screen}");
    assert_eq!(tree(&home.home()), before);
}

#[test]
fn leaving_names_the_day_to_come_back() {
    let home = Mailbox::none();
    let sent = Credential::requested("2026-05-26T09:00:00Z", Some("2026-05-26T10:00:00Z"));
    mailbox(&home.home(), "integration", "X26SENT", None, &[sent]);
    let screen = Visit::of(&home).through(&[]);
    assert!(screen.contains("Come back on 2 June 2026, for X26SENT (integration)."), "{screen}");
}

#[test]
fn mailbox_is_chosen_by_its_id_too() {
    let home = Mailbox::none();
    every_kind(&home.home());
    mailbox(&home.home(), "live", "X26WELL", None, &[Credential::current("2029-01-01T00:00:00Z")]);
    let talk = [
        (MENU, "x26sent"),
        ("What next", "<"),
        (MENU, "X26NONE"),
        ("No mailbox X26NONE is here", ""),
        (MENU, "X26WELL"),
    ];
    let talk: Vec<_> = talk.into_iter().filter(|(words, _)| !words.starts_with("No mailbox")).collect();
    let screen = Visit::of(&home).through(&talk);
    assert!(screen.contains("X26SENT (integration): the email was sent 6 days ago."), "{screen}");
    assert!(screen.contains("No mailbox X26NONE is here. Type a number from 1 to 17"), "{screen}");
    assert!(screen.contains("X26WELL is in several environments: type its number."), "{screen}");
}

#[test]
fn many_mailboxes_are_shown_fifteen_at_first_and_all_on_demand() {
    let home = Mailbox::none();
    for number in 10..30 {
        mailbox(
            &home.home(),
            "integration",
            &format!("X26M{number}"),
            None,
            &[Credential::current("2029-01-01T00:00:00Z")],
        );
    }
    mailbox(&home.home(), "live", "X26OVER", None, &[Credential::current("2026-05-30T12:00:00Z")]);
    let screen = Visit::of(&home).through(&[(MENU, "X26M29"), ("What next", "<"), (MENU, "16")]);
    let (first, all) = screen.split_once("All mailboxes, the most urgent first:").expect("both lists");
    assert!(
        first.contains("   1  X26OVER (live)") && first.contains("  16  6 more, less urgent: show all"),
        "{first}"
    );
    // One that is not shown can be named.
    assert!(first.contains("X26M29 (integration): works until 1 January 2029."), "{first}");
    assert!(all.contains("  21  X26M29 (integration)") && all.contains("  22  A new mailbox"), "{all}");
}

#[test]
fn what_cannot_be_read_or_was_left_behind_is_told_and_hides_nothing() {
    let home = Mailbox::none();
    mailbox(&home.home(), "integration", "X26WELL", None, &[Credential::current("2029-01-01T00:00:00Z")]);
    let broken = home.home().join("live/X26BROKEN");
    fs::create_dir_all(&broken).unwrap();
    fs::write(broken.join("mailbox.toml"), "format = 99\n").unwrap();
    fs::create_dir_all(home.home().join("integration/X26WELL/credentials/0007")).unwrap();
    let screen = in_one_line(&Visit::of(&home).through(&[]));
    for said in [
        "a mailbox cannot be read",
        "X26BROKEN",
        "credentials/0007 of X26WELL",
        "X26WELL (integration): works",
    ] {
        assert!(screen.contains(said), "{said} is not in\n{screen}");
    }
}
