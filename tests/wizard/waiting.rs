//! While the desk is working.

use std::fs;

use crate::support::{Mailbox, tree};
use crate::visit::{INTEGRATION_REQUEST, MENU, Visit, command_lines, credential};

fn requested() -> Mailbox {
    let mailbox = Mailbox::none();
    Visit::of(&mailbox).through(&INTEGRATION_REQUEST);
    mailbox
}

#[test]
fn email_is_shown_again_as_it_was_drafted() {
    let mailbox = requested();
    let before = tree(&mailbox.home());
    let screen = Visit::of(&mailbox).through(&[(MENU, "1"), ("What next", "2")]);
    let folder = credential(&mailbox, "integration");
    let text = fs::read_to_string(folder.join("request.txt")).unwrap();
    assert!(screen.contains(text.trim_end()), "{screen}");
    assert!(screen.contains(folder.join("request.eml").to_str().unwrap()), "{screen}");
    assert_eq!(tree(&mailbox.home()), before);
}

#[test]
fn email_that_went_out_is_noted_with_its_day_and_reference() {
    let mailbox = requested();
    let wrong = [
        ("tomorrow", "no date"),
        ("2026-06-31", "no date"),
        ("1/6/2026", "no date"),
        ("2026-06-04", "in the future"),
        ("2026-05-31", "before the request was made, on 1 June 2026"),
    ];
    let mut talk = vec![(MENU, "1"), ("What next", "1")];
    for (answer, says) in wrong {
        talk.extend([("go out", answer), (says, "")]);
    }
    // Only words are waited for there: nothing is typed.
    let talk: Vec<_> =
        talk.into_iter()
            .map(|(words, answer)| {
                if wrong.iter().any(|(_, says)| *says == words) { (words, "\u{0}") } else { (words, answer) }
            })
            .filter(|(_, answer)| *answer != "\u{0}")
            .chain([
                ("go out", "yesterday"),
                ("Reference", "CS1\t2"),
                ("Reference", "CS1234567"),
                ("Go ahead", ""),
            ])
            .collect();
    let screen = Visit::of(&mailbox).at("2026-06-03T09:00:00Z").through(&talk);
    for (answer, says) in wrong {
        assert!(screen.contains(says), "{answer}: {says} is not in\n{screen}");
    }
    let record = fs::read_to_string(mailbox.home().join("integration/X26ABC1/mailbox.toml")).unwrap();
    assert!(record.contains("sent_at = \"2026-06-02T"), "{record}");
    assert!(record.contains("ticket = \"CS1234567\""), "{record}");
    let expected = ["sent", "X26ABC1", "--env", "integration", "--on", "2026-06-02", "--ticket", "CS1234567"];
    assert_eq!(command_lines(&screen)[0][1..], expected);
}

#[test]
fn asking_again_begins_with_the_recorded_answers_and_keeps_the_old_request() {
    let mailbox = requested();
    let old = tree(&credential(&mailbox, "integration"));
    let talk = [
        (MENU, "1"),
        ("What next", "4"),
        ("ODS code", ""),
        ("Your name", ""),
        ("email address", ""),
        ("telephone number", "-"),
        ("Your organisation", ""),
        ("Application", ""),
        ("Reference", "CS1234567"),
        ("Go ahead", ""),
        INTEGRATION_REQUEST[12],
        INTEGRATION_REQUEST[13],
    ];
    let screen = Visit::of(&mailbox).through(&talk);
    assert!(screen.contains("Made credential 2 of X26ABC1"), "{screen}");
    assert!(screen.contains("credentials/0002"), "the folder is not said before\n{screen}");
    let second = mailbox.home().join("integration/X26ABC1/credentials/0002/request.txt");
    let text = fs::read_to_string(second).unwrap();
    assert!(text.contains("Name:          Zoë O'Neil") && !text.contains("reached on"), "{text}");
    assert_eq!(tree(&credential(&mailbox, "integration")), old);
}
