//! The first visit: from nothing to the request and its email.

use std::fs;

use crate::support::{Mailbox, tree};
use crate::visit::{INTEGRATION_REQUEST, LEAVE, MENU, REHEARSAL_REQUEST, Visit, command_lines, credential};

#[test]
fn first_visit_ends_with_the_request_and_its_email() {
    let mailbox = Mailbox::none();
    let screen = Visit::of(&mailbox).through(&INTEGRATION_REQUEST);
    for said in [
        // What must be in hand, and what is asked only later.
        "the technical conformance certificate",
        "asked for when the credentials are checked",
        "X26ABC1.X26.api.mesh-client.nhs.uk",
        "itoc.supportdesk@nhs.net",
        "Made credential 1 of X26ABC1 (integration)",
        // Five working days from Monday 1 June 2026.
        "if it goes out today, by 8 June 2026",
    ] {
        assert!(screen.contains(said), "{said} is not in\n{screen}");
    }
    // Where it will be, said before the go-ahead.
    let folder = credential(&mailbox, "integration");
    let before = &screen[..screen.find("Go ahead").expect("it asks")];
    assert!(before.contains(folder.to_str().unwrap()), "{before}");
    let text = fs::read_to_string(folder.join("request.txt")).unwrap();
    for line in [
        "Name:          Zoë O'Neil",
        "Organisation:  Example Trust",
        "Application:   Example App",
        "I can be reached on 0113 496 0000.",
        "The certificate can be sent to z.oneil@example.nhs.uk.",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("PLEASE FILL IN"), "{text}");
}

#[test]
fn equivalent_command_line_makes_the_same() {
    let (typed, scripted) = (Mailbox::none(), Mailbox::none());
    let screen = Visit::of(&typed).through(&INTEGRATION_REQUEST);
    let lines = command_lines(&screen);
    assert_eq!(lines.len(), 1, "{screen}");
    scripted.person().args(&lines[0][1..]).run().expect(0);
    let record = |mailbox: &Mailbox| {
        let path = mailbox.home().join("integration/X26ABC1/mailbox.toml");
        let text = fs::read_to_string(path).unwrap();
        let own = |line: &&str| !line.starts_with("key_sha256") && !line.starts_with("requested_at");
        text.lines().filter(own).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(record(&typed), record(&scripted));
    let names = |mailbox: &Mailbox| tree(&mailbox.home()).into_keys().collect::<Vec<_>>();
    assert_eq!(names(&typed), names(&scripted));
    let email = |mailbox: &Mailbox| {
        let text = fs::read_to_string(credential(mailbox, "integration").join("request.txt")).unwrap();
        text.split("-----BEGIN").next().unwrap().to_owned()
    };
    assert_eq!(email(&typed), email(&scripted));
}

#[test]
fn lines_can_be_edited_where_the_terminal_can() {
    let mailbox = Mailbox::none();
    let mut talk = INTEGRATION_REQUEST.to_vec();
    // Three steps to the left, one character out, another in.
    talk[2].1 = "X26AXBC1\u{1b}[D\u{1b}[D\u{1b}[D\u{7f}\r";
    let screen = Visit::of(&mailbox).columns(80).through(&talk);
    assert!(screen.contains("Made credential 1 of X26ABC1 (integration)"), "{screen}");
    assert!(credential(&mailbox, "integration").join("request.eml").exists());
}

#[test]
fn second_mailbox_begins_with_who_asked_for_the_first() {
    let mailbox = Mailbox::none();
    Visit::of(&mailbox).through(&INTEGRATION_REQUEST);
    // Every default is taken, but for the telephone number, which is left out.
    let talk = [
        (MENU, "2"),
        ("Which way", ""),
        ("Mailbox ID", "X26ABC2"),
        ("Environment [", "3"),
        ("ODS code", ""),
        ("Your name", ""),
        ("email address", ""),
        ("telephone number", "-"),
        ("Your organisation", ""),
        ("Application", ""),
        ("Reference", ""),
        ("Go ahead", ""),
        INTEGRATION_REQUEST[12],
        INTEGRATION_REQUEST[13],
    ];
    Visit::of(&mailbox).through(&talk);
    let folder = mailbox.home().join("deployment/X26ABC2/credentials/0001");
    let text = fs::read_to_string(folder.join("request.txt")).unwrap();
    assert!(
        text.contains("Name:          Zoë O'Neil\nOrganisation:  Example Trust\nODS code:      X26"),
        "{text}"
    );
    assert!(!text.contains("reached on"), "{text}");
}

#[test]
fn settings_are_the_defaults_of_the_first_mailbox() {
    let mailbox = Mailbox::none();
    fs::create_dir_all(mailbox.home()).unwrap();
    let settings = "[contact]\nname = \"S. Ettings\"\nphone = \"0113 496 0001\"\n[desk]\nintegration = \"desk@example.nhs.uk\"\n";
    fs::write(mailbox.home().join("settings.toml"), settings).unwrap();
    let mut talk = INTEGRATION_REQUEST.to_vec();
    (talk[5].1, talk[7].1) = ("", "-");
    let screen = Visit::of(&mailbox).through(&talk);
    assert!(screen.contains("Goes to       desk@example.nhs.uk"), "{screen}");
    let text = fs::read_to_string(credential(&mailbox, "integration").join("request.txt")).unwrap();
    assert!(
        text.starts_with("To: desk@example.nhs.uk\n") && text.contains("Name:          S. Ettings"),
        "{text}"
    );
    assert!(!text.contains("reached on"), "what was left out comes from the settings:\n{text}");
}

#[test]
fn live_attaches_the_conformance_certificate() {
    let mailbox = Mailbox::none();
    let certificate = mailbox.file_with("technical conformance.pdf", "%PDF");
    let dragged = format!("'{}' ", certificate.display());
    let mut talk = INTEGRATION_REQUEST.to_vec();
    talk[3].1 = "2";
    talk.splice(11..11, [("Its file", dragged.as_str()), ("Another file", "")]);
    let screen = Visit::of(&mailbox).through(&talk);
    let email = fs::read_to_string(credential(&mailbox, "live").join("request.eml")).unwrap();
    assert!(email.contains("technical conformance.pdf"), "{email}");
    assert!(email.contains("To: ssd.nationalservicedesk@nhs.net"), "{email}");
    assert!(command_lines(&screen)[0].ends_with(&["--attach".into(), certificate.display().to_string()]));
}

#[test]
fn rehearsal_asks_for_nothing_that_no_desk_reads() {
    let mailbox = Mailbox::none();
    let screen = Visit::of(&mailbox).through(&REHEARSAL_REQUEST);
    assert!(!screen.contains("Your name") && !screen.contains("conformance certificate. It"), "{screen}");
    assert!(screen.contains("No service desk is asked here"), "{screen}");
}

#[test]
fn nobody_asks_for_a_certificate_that_the_way_does_not_use() {
    for (way, needs) in [("2", "keystore"), ("3", "needs no certificate")] {
        let mailbox = Mailbox::none();
        let talk = [(MENU, "1"), ("Which way", way), ("all the same", "")];
        let screen = Visit::of(&mailbox).through(&talk);
        assert!(screen.contains(needs), "{screen}");
        assert!(tree(&mailbox.home()).is_empty());
    }
}

#[test]
fn mailbox_that_is_known_leads_to_what_can_be_done_with_it() {
    let mailbox = Mailbox::none();
    Visit::of(&mailbox).through(&INTEGRATION_REQUEST);
    let before = tree(&mailbox.home());
    let talk = [
        (MENU, "2"),
        ("Which way", ""),
        ("Mailbox ID", "X26ABC1"),
        ("Environment [", ""),
        ("known here already", ""),
        ("What next", "<"),
        // The same ID in another environment is another mailbox.
        ("Environment [", "4"),
        ("ODS code", "<"),
        ("Environment [", "<"),
        ("Mailbox ID", "<"),
        ("Which way", "<"),
        LEAVE,
    ];
    // Words that are no question are only waited for.
    let talk: Vec<_> = talk.into_iter().filter(|(words, _)| *words != "known here already").collect();
    let seen = Visit::of(&mailbox).answer(&talk);
    assert_eq!(seen.status, 0, "{}", seen.screen);
    assert!(seen.screen.contains("X26ABC1 (integration) is known here already"), "{}", seen.screen);
    assert_eq!(tree(&mailbox.home()), before);
}

#[test]
fn home_that_takes_nothing_is_told_before_anything_is_asked() {
    let mailbox = Mailbox::none();
    let visit = Visit::of(&mailbox);
    // Nobody can make a folder there.
    let program = visit.program().env("MESH_ONBOARD_HOME", "/proc/nope");
    let seen = visit.answer_as(program, &[(MENU, "1"), LEAVE]);
    assert!(seen.screen.contains("error: /proc/nope: "), "{}", seen.screen);
    assert!(!seen.screen.contains("Which way"), "{}", seen.screen);
}

#[test]
fn folder_that_takes_nothing_is_told_before_a_passphrase_is_made() {
    let mailbox = Mailbox::none();
    let program = Visit::of(&mailbox).program().env("MESH_ONBOARD_HOME", "/proc/nope");
    let seen = program.args(["request", "X26ABC1", "--ods", "X26", "--env", "integration"]).in_terminal(&[]);
    assert_eq!(seen.status, 1, "{}", seen.screen);
    assert!(seen.screen.contains("error: /proc/nope/integration/X26ABC1: "), "{}", seen.screen);
    assert!(!seen.screen.contains("passphrase"), "{}", seen.screen);
}
