//! The visits of three years later: renewal, the switch, and the way back.

use std::fs;
use std::path::PathBuf;

use crate::interrupted::{loses_nothing, talk};
use crate::several::{Credential, mailbox};
use crate::support::{Mailbox, Mesh, PASSPHRASE, Program, closed_port, tree};
use crate::visit::{LEAVE, MENU, Visit, command_lines, in_one_line};

/// Nine days before the certificate of the rehearsal stops, and the days after.
const NINE_DAYS_LEFT: &str = "2029-05-23T12:00:00Z";
const DAY_AFTER: &str = "2029-05-24T12:01:00Z";
const TWO_DAYS_AFTER: &str = "2029-05-25T12:01:00Z";

/// What a person types for what MESH asks for.
const LOGIN: [(&str, &str); 2] = [("Password of mailbox X26ABC1", "password"), ("hared key", "TestKey")];

/// The wizard in the home of a rehearsal MESH, nothing answered by the environment.
fn visits(mesh: &Mesh, now: &str, talk: &[(&str, &str)]) -> String {
    let nobody = Mailbox::none();
    let visit = Visit::of(&nobody);
    let seen = visit.answer_as(wizard(mesh, now), &[talk, &[LEAVE]].concat());
    assert_eq!(seen.status, 0, "{}", seen.screen);
    assert!(seen.echo, "the terminal was left without echo");
    seen.screen.replace('\r', "")
}

/// The same, whatever the width of the terminal.
fn said(mesh: &Mesh, now: &str, talk: &[(&str, &str)]) -> String {
    in_one_line(&visits(mesh, now, talk))
}

fn wizard(mesh: &Mesh, now: &str) -> Program {
    Program::new().home(&mesh.home()).now(now).env("MESH_ONBOARD_TEST_FIRST_WAIT", "10")
}

/// From the opening to the request of the renewal. The rehearsal has no desk that would want to know more.
const RENEWAL: [(&str, &str); 6] = [
    (MENU, "X26ABC1"),
    ("What next", ""),
    ("Why", ""),
    ("Go ahead", ""),
    ("Passphrase for the new key", PASSPHRASE),
    ("The same again", PASSPHRASE),
];

/// The rehearsal CA signs, and its answer lies in the user's folder.
const SIGNED: [(&str, &str); 3] = [(MENU, "X26ABC1"), ("What next", "1"), ("Where to put the answer", "")];

/// The answer is imported and proved at `url`.
fn import(url: &str) -> Vec<(&str, &str)> {
    let mut talk = vec![
        (MENU, "X26ABC1"),
        ("What next", "2"),
        ("Drag the file here", "~/X26ABC1-rehearsal-2.pem"),
        ("Files [", ""),
        ("Address of MESH", url),
        ("Go ahead", ""),
        ("Passphrase of the key", PASSPHRASE),
    ];
    talk.extend(LOGIN);
    talk
}

/// A rehearsal MESH nine days before its clients' certificate stops.
fn nine_days_left() -> Mesh {
    let mut mesh = Mesh::start();
    mesh.restart_at(NINE_DAYS_LEFT);
    fs::create_dir_all(mesh.file("user")).expect("a test can write beside its home");
    mesh
}

fn record(mesh: &Mesh) -> String {
    fs::read_to_string(mesh.home().join("rehearsal/X26ABC1/mailbox.toml")).expect("a record")
}

#[test]
fn expiring_mailbox_is_renewed_proved_and_can_go_back() {
    let mut mesh = nine_days_left();
    let in_use = tree(&mesh.home().join("rehearsal/X26ABC1/credentials/0001"));
    let screen = said(&mesh, DAY_AFTER, &RENEWAL);
    assert!(screen.contains("X26ABC1 (rehearsal): stops working on 1 June 2029, in 8 days"), "{screen}");
    assert!(screen.contains("In use now credential 1, valid until 1 June 2029; it stays"), "{screen}");
    assert!(screen.contains("Reason renewal"), "{screen}");
    assert!(screen.contains("the request was made today Next: have the request signed"), "{screen}");
    assert_eq!(tree(&mesh.home().join("rehearsal/X26ABC1/credentials/0001")), in_use);

    // Each mailbox that shares the credential is told of the renewal.
    let screen = said(&mesh, DAY_AFTER, &SIGNED);
    assert!(screen.contains("X26ABC2 (rehearsal): stops working on 1 June 2029, in 8 days; the request was made today It uses the credential of X26ABC1."), "{screen}");

    mesh.restart_at("2029-05-25T12:00:00Z");
    let url = mesh.url();
    let screen = visits(&mesh, TWO_DAYS_AFTER, &import(&url));
    assert!(in_one_line(&screen).contains("it takes the place of the credential in use"), "{screen}");
    assert!(record(&mesh).contains("state = \"current\""), "{screen}");
    let line = command_lines(&screen).pop().expect("a line");
    assert_eq!(line[1..3], ["import", "X26ABC1"]);
    assert!(line.ends_with(&["--url".into(), url.clone()]), "{line:?}");
    assert!(screen.contains("X26ABC1 (rehearsal): works until"), "{screen}");

    // Proved once more, all the way and with a message there and back.
    let mut check = vec![
        (MENU, "X26ABC1"),
        ("What next", "1"),
        ("How far", ""),
        ("Address of MESH", url.as_str()),
        ("Also send", "yes"),
    ];
    check.extend([("Passphrase of the key", PASSPHRASE)]);
    check.extend(LOGIN);
    let screen = visits(&mesh, TWO_DAYS_AFTER, &check);
    assert!(screen.contains("round_trip") && !screen.contains("✗"), "{screen}");

    // There is no default: the switch must be meant.
    let back = [(MENU, "X26ABC1"), ("What next", "4"), ("Switch now", ""), ("Switch now", "yes")];
    let screen = visits(&mesh, TWO_DAYS_AFTER, &back);
    assert!(screen.contains("Type yes or no"), "{screen}");
    assert!(screen.contains("In use then:  credential 1, valid until 1 June 2029"), "{screen}");
    assert_eq!(command_lines(&screen)[0][1..3], ["rollback", "X26ABC1"]);
    assert!(screen.contains("X26ABC1 (rehearsal): stops working on 1 June 2029"), "{screen}");
}

#[test]
fn certificate_that_cannot_be_proved_is_kept_ready_and_put_in_use_by_hand() {
    let mesh = nine_days_left();
    visits(&mesh, DAY_AFTER, &RENEWAL);
    visits(&mesh, DAY_AFTER, &SIGNED);
    let url = closed_port().replace("http:", "https:");
    let screen = said(&mesh, TWO_DAYS_AFTER, &import(&url));
    assert!(screen.contains("the next certificate is here, not in use yet"), "{screen}");
    let no = [(MENU, "X26ABC1"), ("What next", ""), ("Switch now", "no")];
    let before = tree(&mesh.home());
    let screen = visits(&mesh, TWO_DAYS_AFTER, &no);
    assert!(screen.contains("Nothing was changed."), "{screen}");
    assert_eq!(tree(&mesh.home()), before);
    let yes = [(MENU, "X26ABC1"), ("What next", ""), ("Switch now", "y")];
    let screen = visits(&mesh, TWO_DAYS_AFTER, &yes);
    assert_eq!(command_lines(&screen)[0][1..3], ["activate", "X26ABC1"]);
    assert!(screen.contains("X26ABC1 (rehearsal): works until"), "{screen}");
}

#[test]
fn interrupt_at_any_question_of_a_renewal_loses_nothing() {
    let begin = || {
        let home = Mailbox::none();
        mailbox(&home.home(), "integration", "X26SOON", None, &[Credential::current("2026-06-11T12:00:00Z")]);
        home
    };
    let asked = [
        (MENU, "1"),
        ("What next", ""),
        ("Why", "4"),
        ("The reason", "another supplier"),
        ("Is that still right", "no"),
        ("Your name", ""),
        ("email address", ""),
        ("telephone number", ""),
        ("Your organisation", ""),
        ("Application", ""),
        ("Reference", ""),
        ("Go ahead", ""),
        ("Passphrase for the new key", PASSPHRASE),
        ("The same again", PASSPHRASE),
        LEAVE,
    ];
    let program = |home: &Mailbox| (Visit::of(home).program(), home.home());
    loses_nothing(begin, program, None, &talk(&asked, &["The same again"]));
}

#[test]
fn interrupt_at_any_question_about_credentials_in_use_loses_nothing() {
    let talks: [&[(&str, &str)]; 5] = [
        &[
            (MENU, "1"),
            ("What next", "1"),
            ("How far", "1"),
            ("How this machine", "<"),
            ("How far", "<"),
            ("What next", "<"),
        ],
        &[(MENU, "1"), ("What next", "4"), ("Switch now", "no"), (MENU, "<")],
        &[(MENU, "1"), ("What next", "6"), ("Which secret", "2"), ("What about it", "1"), (MENU, "<")],
        &[(MENU, "1"), ("What next", "7"), ("File to write", "<"), ("What next", "<")],
        &[(MENU, "5"), ("File to write", "<"), (MENU, "<")],
    ];
    let begin = || {
        let home = Mailbox::none();
        let before = Credential::replaced("2028-01-01T00:00:00Z");
        mailbox(
            &home.home(),
            "integration",
            "X26WELL",
            None,
            &[before, Credential::current("2029-01-01T00:00:00Z")],
        );
        stands_whole(&home, "integration/X26WELL/credentials/0001");
        home
    };
    let program = |home: &Mailbox| (Visit::of(home).program(), home.home());
    for asked in talks {
        loses_nothing(begin, program, None, &talk(asked, &[]));
    }
}

#[test]
fn every_answer_of_a_renewal_can_be_taken_back() {
    let home = Mailbox::none();
    mailbox(&home.home(), "live", "X26SOON", None, &[Credential::current("2026-06-11T12:00:00Z")]);
    let conformance = home.file_with("conformance.pdf", "%PDF");
    let path = conformance.display().to_string();
    let before = tree(&home.home());
    let talk = [
        (MENU, "1"),
        ("What next", ""),
        ("Why", "4"),
        ("The reason", ""),
        ("The reason", "another supplier"),
        ("Is that still right", "yes"),
        ("Reference", "CS1"),
        ("Its file", path.as_str()),
        ("Another file", ""),
        ("Go ahead", ""),
        // Back from the passphrase to the first question, and out.
        ("Passphrase for the new key", "<"),
        ("Go ahead", "<"),
        ("Its file", "<"),
        ("Reference", "<"),
        ("Is that still right", "<"),
        ("The reason", "<"),
        ("Why", "<"),
        ("What next", "<"),
    ];
    let screen = Visit::of(&home).through(&talk);
    assert!(screen.contains("Say it in a few words"), "{screen}");
    assert_eq!(tree(&home.home()), before);
    // Forward again, with other answers.
    let talk = [
        (MENU, "1"),
        ("What next", ""),
        ("Why", "3"),
        ("Is that still right", "no"),
        ("Your name", "Z. Other"),
        ("email address", ""),
        ("telephone number", ""),
        ("Your organisation", ""),
        ("Application", ""),
        ("Reference", ""),
        ("Its file", "none yet"),
        ("Go ahead", ""),
        ("Passphrase for the new key", PASSPHRASE),
        ("The same again", PASSPHRASE),
    ];
    let screen = Visit::of(&home).through(&talk);
    let line = command_lines(&screen).pop().expect("a line");
    let expected = ["renew", "X26SOON", "--env", "live", "--reason", "compromised", "--name", "Z. Other"];
    assert_eq!(line[1..], expected, "only what is new is said");
    let folder: PathBuf = home.home().join("live/X26SOON/credentials/0002");
    let text = fs::read_to_string(folder.join("request.txt")).unwrap();
    assert!(text.contains("Z. Other") && text.contains("Example Trust"), "{text}");
    assert!(
        in_one_line(&screen).contains("request was made today; its email is not noted as sent"),
        "{screen}"
    );
}

#[test]
fn every_wrong_answer_is_told_the_right_form() {
    let home = Mailbox::none();
    let before = Credential::replaced("2028-01-01T00:00:00Z");
    let current = || Credential::current("2029-01-01T00:00:00Z");
    mailbox(&home.home(), "sandbox", "X26WELL", None, &[before, current()]);
    fs::create_dir_all(home.file("user")).unwrap();
    let there = home.file_with("there.age", "x").display().to_string();
    let talk = [
        (MENU, "1", ""),
        ("What next", "0", "from 1 to"),
        ("What next", "1", ""),
        ("How far", "3", "from 1 to 2"),
        ("How far", "1", ""),
        ("Address of MESH", "the usual", "looks like https://localhost:8700"),
        ("Address of MESH", "https://127.0.0.1:1", ""),
        ("Also send", "perhaps", "Type yes or no"),
        ("Also send", "<", ""),
        ("Address of MESH", "<", ""),
        ("How far", "<", ""),
        ("What next", "<", ""),
        (MENU, "5", ""),
        ("File to write", there.as_str(), "is there already"),
        ("File to write", "~/none/backup.age", "There is no folder"),
        ("File to write", "~", "is a folder"),
        ("File to write", "<", ""),
    ];
    let typed: Vec<_> = talk.iter().map(|(words, answer, _)| (*words, *answer)).collect();
    let screen = in_one_line(&Visit::of(&home).through(&typed));
    for (words, answer, says) in talk {
        assert!(screen.contains(says), "{words} {answer}: '{says}' is not in\n{screen}");
    }
}

/// Puts files where those of a credential lie.
fn stands_whole(home: &Mailbox, credential: &str) {
    let folder = home.home().join(credential);
    fs::create_dir_all(folder.join("bundles-01")).unwrap();
    for name in ["key.pem", "bundles-01/fullchain.pem"] {
        fs::write(folder.join(name), "of a credential").unwrap();
    }
}

#[test]
fn renewal_comes_first_once_the_key_is_to_be_replaced() {
    let home = Mailbox::none();
    let ends = Some("2026-05-01T00:00:00Z");
    let current = Credential { key_usage_ends: ends, ..Credential::current("2028-07-01T12:00:00Z") };
    mailbox(&home.home(), "live", "X26WELL", None, &[current]);
    let screen = Visit::of(&home).through(&[(MENU, "1"), ("What next", "<")]);
    assert!(screen.contains("   1  Renew: ask for the next certificate"), "{screen}");
}

#[test]
fn way_back_that_would_be_refused_is_not_offered() {
    let home = Mailbox::none();
    let credentials =
        [Credential::replaced("2026-05-01T12:00:00Z"), Credential::current("2028-07-01T12:00:00Z")];
    mailbox(&home.home(), "live", "X26OVER", None, &credentials);
    stands_whole(&home, "live/X26OVER/credentials/0001");
    let screen = Visit::of(&home).through(&[(MENU, "1"), ("What next", "<")]);
    assert!(screen.contains("Every credential that it had") && !screen.contains("Go back to"), "{screen}");
}
