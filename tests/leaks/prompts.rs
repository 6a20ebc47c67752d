//! Secrets that are typed at a terminal: the screen is searched, and everything else.

use super::row::Findings;
use super::scene::Scene;
use super::secrets::{MAILBOX_PASSWORD, PASSPHRASE, SHARED_KEY, WRONG};
use crate::support::NOW;

/// What is run, what is asked and typed, and how it ends.
type Conversation<'a> = (Vec<&'a str>, Vec<(&'a str, &'a str)>, i32);

#[test]
fn nothing_that_is_typed_at_a_prompt_is_written() {
    let scene = Scene::new();
    let (right, wrong) = (format!("{PASSPHRASE}\r"), format!("{WRONG}\r"));
    let (password, shared_key) = (format!("{MAILBOX_PASSWORD}\r"), format!("{SHARED_KEY}\r"));
    let request = ["request", "X26ABC1", "--ods", "X26", "--env", "rehearsal"];
    let url = scene.url();
    let validate = ["-v", "validate", "X26ABC1", "--url", &url];
    let wizard_answer = scene.path("work/wizard.pem");
    let wizard_path = format!("{wizard_answer}\r");
    let (key, of_mailbox, of_all) = ("Passphrase of the key", "Password of mailbox", "Shared key");
    let talks: Vec<Conversation> = vec![
        // The wizard: a request, its answer and the import, with secrets taken back, mistyped and interrupted.
        (
            vec![],
            vec![
                ("Which one", "1\r"),
                ("Which way", "1\r"),
                ("Mailbox ID", "X26ABC2\r"),
                ("Environment [", "7\r"),
                ("ODS code", "\r"),
                ("Go ahead", "\r"),
                ("Passphrase for the new key", &right),
                ("The same again", &wrong),
                ("not the same", ""),
                ("Passphrase for the new key", "<\r"),
                ("Go ahead", "\r"),
                ("Passphrase for the new key", &right),
                ("The same again", &right),
                ("Which one", "<\r"),
            ],
            0,
        ),
        (vec!["rehearse", "--issue", "WIZARD", "--to", &wizard_answer], vec![], 0),
        (
            vec!["-v"],
            vec![
                ("Which one", "1\r"),
                ("What next", "2\r"),
                ("Drag the file here", &wizard_path),
                ("Files [", "\r"),
                ("Go ahead", "\r"),
                (key, &wrong),
                ("Try again", "\r"),
                (key, &right),
                ("Imported", ""),
                ("Which one", "1\r"),
                ("What next", "\u{3}"),
            ],
            130,
        ),
        (
            request.to_vec(),
            vec![
                ("Passphrase for the new key", &wrong[..9]),
                ("", "\r"),
                ("cannot be used", ""),
                ("Passphrase for the new key", &right),
                ("The same again", &wrong),
                ("not the same", ""),
                ("Passphrase for the new key", &right),
                ("The same again", &right),
            ],
            0,
        ),
        (vec!["rehearse", "--issue", "REQUEST", "--to", "ANSWER"], vec![], 0),
        (vec!["import", "X26ABC1", "ANSWER"], vec![(key, &wrong)], 1),
        (vec!["import", "X26ABC1", "ANSWER"], vec![(key, &right)], 0),
        (validate.to_vec(), vec![(key, &right), (of_mailbox, &password), (of_all, &shared_key)], 0),
        (validate.to_vec(), vec![(key, &right), (of_mailbox, &wrong), (of_all, &shared_key)], 1),
        (validate.to_vec(), vec![(key, &right), (of_mailbox, &password), (of_all, "\u{3}")], 130),
        (
            vec!["token", "X26ABC9", "--verify", "NHSMESH x"],
            vec![(of_mailbox, &password), (of_all, &shared_key)],
            3,
        ),
    ];
    let (request, answer) = (scene.credential("request.csr"), scene.path("work/answer.pem"));
    let of_wizard = scene.path("home/rehearsal/X26ABC2/credentials/0001/request.csr");
    let mut findings = Findings::default();
    for (words, talk, status) in talks {
        let words = words.into_iter().map(|word| match word {
            "WIZARD" => &of_wizard,
            "REQUEST" => &request,
            "ANSWER" => &answer,
            other => other,
        });
        let words: Vec<_> = words.collect();
        // A certificate begins a minute before anybody shows it.
        let program = if words.first() == Some(&"rehearse") { scene.bare().now(NOW) } else { scene.bare() };
        let talk = program.args(&words).in_terminal(&talk);
        assert_eq!(talk.status, status, "{words:?}\n{}", talk.screen);
        findings.look_at_all(&scene, &format!("{words:?} at a terminal"), &talk.screen, "", "");
    }
    assert!(findings.leaks.is_empty(), "{}", findings.leaks.join("\n"));
}
