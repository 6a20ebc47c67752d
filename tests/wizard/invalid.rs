//! Answers of a wrong form: each is told the right one, and asked again.

use std::fs;

use crate::support::{Mailbox, tree};
use crate::visit::{MENU, REHEARSAL_REQUEST, Visit, answered};

/// A question, an answer of a wrong form, and what is said of it.
type Wrong<'a> = (&'a str, &'a str, &'a str);

/// A question, its wrong answers with what is said of each, and the right one.
type Asked<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

/// Gives the wrong answers of a question, then the right one; each message stands between its answer and the
/// same question again.
fn told(mailbox: &Mailbox, questions: &[Asked]) {
    let wrong: Vec<Wrong> = questions
        .iter()
        .flat_map(|(words, wrong, _)| wrong.iter().map(|(answer, says)| (*words, *answer, *says)))
        .collect();
    let mut talk = Vec::new();
    for (words, wrong, right) in questions {
        talk.extend(wrong.iter().map(|(answer, _)| (*words, *answer)));
        talk.push((*words, *right));
    }
    let screen = Visit::of(mailbox).through(&talk);
    let mut rest = screen.as_str();
    for (words, answer, says) in wrong {
        let asked = rest.find(words).unwrap_or_else(|| panic!("{words} is not asked any more in\n{screen}"));
        rest = &rest[asked + words.len()..];
        let until = rest.find(words).unwrap_or(rest.len());
        let between = rest[..until].replace('\n', " ");
        assert!(between.contains(says), "{words} {answer:?}: '{says}' is not in\n{between}");
    }
}

#[test]
fn every_wrong_answer_is_told_the_right_form() {
    let mailbox = Mailbox::none();
    let empty = mailbox.file_with("empty.pdf", "");
    let (empty, folder) = (empty.display().to_string(), mailbox.file("").display().to_string());
    let large = mailbox.file("large.pdf");
    fs::File::create(&large).unwrap().set_len(11 << 20).unwrap();
    let large = large.display().to_string();
    told(
        &mailbox,
        &[
            (MENU, &[("0", "from 1 to 4"), ("new", "from 1 to 4"), ("5", "from 1 to 4")], "1"),
            ("Which way", &[("4", "from 1 to 3"), ("API", "from 1 to 3")], "1"),
            (
                "Mailbox ID",
                &[
                    ("", "3 to 32 letters and digits"),
                    ("X2", "3 to 32 letters and digits"),
                    ("X26-ABC1", "such as X26ABC1"),
                    ("Ä26ABC1", "such as X26ABC1"),
                ],
                "X26ABC1",
            ),
            ("Environment [", &[("8", "from 1 to 7"), ("live", "from 1 to 7")], "2"),
            ("ODS code of", &[("X", "3 to 10 letters and digits"), ("X26.", "such as X26")], "X26"),
            ("Your name", &[("A.\tEngineer", "without tabs")], "A. Engineer"),
            (
                "Your email address",
                &[
                    ("me", "a.engineer@example.nhs.uk"),
                    ("me@", "no email address"),
                    ("a b@c.uk", "no email address"),
                ],
                "a@example.nhs.uk",
            ),
            (
                "Your telephone number",
                &[("call me", "+44 113 496 0000"), ("12", "no telephone number")],
                "+44 (0)113 496 0000 ext. 12",
            ),
            ("Your organisation", &[("A\u{7}B", "without tabs")], "Example Trust"),
            ("Application", &[("A\tB", "without tabs")], "Example App"),
            ("Reference", &[("CS\t1", "without tabs")], "CS1234567"),
            (
                "Its file",
                &[
                    ("/nowhere.pdf", "There is no file /nowhere.pdf"),
                    (&empty, "is empty"),
                    (&folder, "is a folder"),
                    (&large, "larger than"),
                    ("/dev/tty", "is no file"),
                ],
                "none yet",
            ),
            ("Go ahead", &[("maybe", "Type yes or no"), ("2", "Type yes or no")], "no"),
            ("Its file", &[], "<"),
            ("Reference", &[], "<"),
            ("Application", &[], "<"),
            ("Your organisation", &[], "<"),
            ("Your telephone number", &[], "<"),
            ("Your email address", &[], "<"),
            ("Your name", &[], "<"),
            ("ODS code of", &[], "<"),
            ("Environment [", &[], "<"),
            ("Mailbox ID", &[], "<"),
            ("Which way", &[], "<"),
        ],
    );
    assert!(tree(&mailbox.home()).is_empty(), "something was written");
}

#[test]
fn owner_that_does_not_fit_is_warned_of_at_once() {
    let mailbox = Mailbox::none();
    let mut talk = REHEARSAL_REQUEST.to_vec();
    talk[4].1 = "Y99";
    talk.splice(5..5, [("does not begin with ODS code Y99", "<"), ("ODS code of", "")]);
    Visit::of(&mailbox).through(&talk);
    let record = fs::read_to_string(mailbox.home().join("rehearsal/X26ABC1/mailbox.toml")).unwrap();
    assert!(record.contains("ods = \"X26\"") && !record.contains("Y99"), "{record}");
}

#[test]
fn wrong_certificate_is_explained_and_asked_for_again() {
    let mailbox = Mailbox::none();
    Visit::of(&mailbox).through(&REHEARSAL_REQUEST);
    let right = answered(&mailbox, "right.pem", crate::support::NOW).display().to_string();
    let foreign = Mailbox::none();
    Visit::of(&foreign).through(&REHEARSAL_REQUEST);
    let foreign = answered(&foreign, "foreign.pem", crate::support::NOW).display().to_string();
    let text = mailbox.file_with("letter.txt", "Dear desk,").display().to_string();
    let csr = crate::visit::credential(&mailbox, "rehearsal").join("request.csr").display().to_string();
    let file = "Drag the file here";
    let before = tree(&mailbox.home());
    told(
        &mailbox,
        &[
            (MENU, &[], "1"),
            ("What next", &[], "2"),
            (
                file,
                &[
                    ("", "type a path"),
                    ("gone.cer", "There is no file"),
                    ("'half a quote", "There is no file"),
                    (&text, "there is no certificate in"),
                    (&csr, "there is no certificate in"),
                    (&foreign, "does not belong to any key"),
                    (
                        "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",
                        "there is no certificate",
                    ),
                ],
                &right,
            ),
            ("Files [", &[("5", "from 1 to 4")], "<"),
            (file, &[], "<"),
            ("What next", &[], "<"),
        ],
    );
    let after = tree(&mailbox.home());
    let changed = crate::support::changes(&before, &after);
    assert!(changed.is_empty(), "{changed:?}");
}
