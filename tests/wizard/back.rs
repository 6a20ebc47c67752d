//! One step back, from everywhere.

use std::fs;

use crate::support::{Mailbox, tree};
use crate::visit::{INTEGRATION_REQUEST, MENU, Visit, credential};

/// The form from its end to its beginning.
fn back(from: usize) -> Vec<(&'static str, &'static str)> {
    INTEGRATION_REQUEST[1..=from].iter().rev().map(|(words, _)| (*words, "<")).collect()
}

#[test]
fn form_goes_back_to_its_first_question_and_forward_again_with_other_answers() {
    for columns in [None, Some(80)] {
        let mailbox = Mailbox::none();
        // To the first passphrase, all the way back, and in again with the answers that were given.
        let mut talk = INTEGRATION_REQUEST[..12].to_vec();
        talk.push(("Passphrase for the new key", "<"));
        talk.extend(back(11));
        talk.extend([
            (MENU, "1"),
            ("Which way", ""),
            ("Mailbox ID", "X27DEF1"),
            ("Environment [", "3"),
            // The code of the mailbox before is no default for this one.
            ("ODS code of the organisation that owns it", ""),
            ("Your name", "B. Engineer"),
            ("email address", "b@example.nhs.uk"),
            ("telephone number", ""),
            ("Your organisation", "Other Trust"),
            ("Application", "Other App"),
            ("Reference", "CS7654321"),
            ("Go ahead", ""),
            INTEGRATION_REQUEST[12],
            // At the second passphrase, too.
            ("The same again", "<"),
            ("Go ahead", "no"),
            ("Reference", ""),
            ("Go ahead", ""),
            INTEGRATION_REQUEST[12],
            INTEGRATION_REQUEST[13],
        ]);
        let visit = Visit::of(&mailbox);
        let visit = if let Some(columns) = columns { visit.columns(columns) } else { visit };
        visit.through(&talk);
        let text = fs::read_to_string(mailbox.home().join("deployment/X27DEF1/credentials/0001/request.txt"))
            .unwrap();
        for line in ["ODS code:      X27", "Name:          B. Engineer", "Reference:     CS7654321"] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("reached on"), "{text}");
        assert!(!mailbox.home().join("integration").exists(), "the answers that were taken back were used");
    }
}

#[test]
fn one_step_back_keeps_the_answers_that_follow() {
    let mailbox = Mailbox::none();
    let mut talk = INTEGRATION_REQUEST[..11].to_vec();
    talk.extend([
        ("Go ahead", "<"),
        ("Reference", "<"),
        ("Application", "Corrected App"),
        ("Reference", ""),
        ("Go ahead", ""),
        INTEGRATION_REQUEST[12],
        INTEGRATION_REQUEST[13],
    ]);
    Visit::of(&mailbox).through(&talk);
    let text = fs::read_to_string(credential(&mailbox, "integration").join("request.txt")).unwrap();
    assert!(
        text.contains("Application:   Corrected App") && text.contains("Name:          Zoë O'Neil"),
        "{text}"
    );
}

#[test]
fn going_back_writes_nothing() {
    let mailbox = Mailbox::none();
    let mut talk = INTEGRATION_REQUEST[..11].to_vec();
    talk.extend(back(11));
    Visit::of(&mailbox).through(&talk);
    assert!(tree(&mailbox.home()).is_empty());
}
