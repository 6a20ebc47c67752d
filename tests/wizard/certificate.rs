//! The certificate has come: the second visit, six days after the first.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::support::{Answer, Authority, Mailbox, PASSPHRASE, WebServer};
use crate::visit::{LEAVE, MENU, REHEARSAL_REQUEST, Visit, answered, command_lines, credential, flat};

/// Six days after the first visit.
const LATER: &str = "2026-06-07T12:00:00Z";

const FILE: &str = "Drag the file here";

/// A mailbox that waits, and the answer of the rehearsal CA.
fn waiting(name: &str) -> (Mailbox, PathBuf) {
    let mailbox = Mailbox::none();
    Visit::of(&mailbox).through(&REHEARSAL_REQUEST);
    fs::create_dir_all(mailbox.file("user/Downloads")).unwrap();
    let answer = answered(&mailbox, name, LATER);
    // As if it had been saved then.
    saved_at(&answer, 1_780_830_000);
    (mailbox, answer)
}

/// Says that a file was saved so many seconds after 1970.
fn saved_at(path: &PathBuf, seconds: u64) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}

/// From the opening to the import of what is given.
fn import<'a>(given: &'a str, files: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        (MENU, "1"),
        ("What next", "2"),
        (FILE, given),
        ("Files [", files),
        ("Go ahead", ""),
        ("Passphrase of the key", PASSPHRASE),
    ]
}

#[track_caller]
fn imports(mailbox: &Mailbox, talk: &[(&str, &str)]) -> String {
    let screen = Visit::of(mailbox).at("2026-06-07T13:00:00Z").through(talk);
    assert!(
        screen.contains("Imported the certificate of X26ABC1 (rehearsal), credential 1, now current"),
        "{screen}"
    );
    // Where it will be, said before the go-ahead.
    let bundles = credential(mailbox, "rehearsal").join("bundles-01");
    let before = &screen[..screen.rfind("Go ahead").expect("it asks")];
    assert!(before.contains(bundles.to_str().unwrap()), "{before}");
    assert!(bundles.join("X26ABC1.pfx").exists());
    screen
}

#[test]
fn certificate_is_imported_by_its_path() {
    let (mailbox, answer) = waiting("reply.cer");
    imports(&mailbox, &import(answer.to_str().unwrap(), ""));
}

#[test]
fn certificate_is_imported_by_a_path_below_the_users_home() {
    let (mailbox, _) = waiting("user/reply.cer");
    imports(&mailbox, &import("~/reply.cer", ""));
}

#[test]
fn certificate_that_is_dragged_onto_the_terminal_is_imported() {
    let forms: [fn(&str) -> String; 4] = [
        |path| format!("'{}' ", path.replace('\'', r"'\''")),
        // A backslash before all that a shell would read.
        |path| {
            let escaped = |c: char| if " '()".contains(c) { format!("\\{c}") } else { c.to_string() };
            path.chars().map(escaped).collect::<String>() + " "
        },
        |path| format!("\"{path}\""),
        |path| format!("file://{}", path.replace(' ', "%20").replace('\'', "%27")),
    ];
    let (waiting, answer) = waiting("Desk's reply (1).cer");
    let path = answer.to_str().unwrap();
    for form in forms {
        let mailbox = Mailbox::copy_of(&waiting.home());
        let dragged = form(path);
        let screen = imports(&mailbox, &import(&dragged, ""));
        assert_eq!(command_lines(&screen)[0].last().unwrap(), path, "{dragged}");
    }
}

#[test]
fn certificate_that_is_pasted_is_imported() {
    let (mailbox, answer) = waiting("reply.pem");
    let text = fs::read_to_string(answer).unwrap();
    let screen = imports(&mailbox, &import(&text, ""));
    assert!(screen.contains("import X26ABC1 --env rehearsal -\n"), "{screen}");
}

#[test]
fn letter_with_its_certificates_is_pasted_whole() {
    let (mailbox, answer) = waiting("reply.pem");
    let leaf = fs::read_to_string(answer).unwrap();
    let cas = fs::read_to_string(mailbox.home().join("rehearsal-ca/ca-bundle.pem")).unwrap();
    let quoted: String = leaf.lines().map(|line| format!("> {line}\n")).collect();
    for text in [
        format!("Dear colleague,\n\nplease find below:\n\n{leaf}\n\nand its CAs:\n{cas}\nKind regards\n"),
        format!("Hello,\n{quoted}\n> Kind regards\n"),
        // Where a terminal keeps both characters of a line end, each line is followed by an empty one.
        leaf.replace('\n', "\n\n"),
        cas + &leaf,
    ] {
        imports(&Mailbox::copy_of(&mailbox.home()), &import(&text, ""));
    }
}

#[test]
fn paste_that_never_ends_can_be_ended() {
    let (mailbox, answer) = waiting("reply.pem");
    let path = answer.to_str().unwrap();
    let text = fs::read_to_string(&answer).unwrap();
    let half: String = text.lines().take(5).map(|line| format!("{line}\n")).collect();
    let last = half.lines().last().unwrap().to_owned();
    let mut talk = import(path, "");
    // The last line of the half, an empty one, and the question comes again.
    talk.splice(2..2, [(FILE, half.as_str()), (&last, "")]);
    let screen = imports(&mailbox, &talk);
    assert!(screen.contains("there is no certificate in the text that was pasted"), "{screen}");
}

#[test]
fn downloads_folder_offers_what_has_the_key_of_the_request_and_nothing_else() {
    let (mailbox, answer) = waiting("user/Downloads/reply (2).cer");
    let (other, foreign) = waiting("foreign.cer");
    let put = |name: &str, from: &PathBuf| {
        let path = mailbox.file("user/Downloads").join(name);
        fs::copy(from, &path).unwrap();
        saved_at(&path, 1_780_830_000);
        path
    };
    put("of another mailbox.cer", &foreign);
    put("request.csr", &credential(&mailbox, "rehearsal").join("request.csr"));
    put("letter.txt", &mailbox.file_with("letter.txt", "Dear desk"));
    // From before the request, though it fits.
    saved_at(&put("old.cer", &answer), 1_700_000_000);
    let mut talk = import("", "");
    talk[2] = ("Which one", "");
    let screen = imports(&mailbox, &talk);
    let offered = "reply (2).cer, saved on 7 June 2026: it has the key of credential 1";
    assert!(flat(&screen).contains(offered), "{screen}");
    for name in ["of another mailbox.cer", "request.csr, ", "letter.txt", "old.cer"] {
        assert!(!screen.contains(name), "{name} is offered\n{screen}");
    }
    assert_eq!(command_lines(&screen)[0].last().unwrap(), answer.to_str().unwrap());
    drop(other);
}

#[test]
fn another_file_than_those_in_the_downloads_folder_can_be_given() {
    let (mailbox, answer) = waiting("user/Downloads/reply.cer");
    let elsewhere = mailbox.file("elsewhere.cer");
    fs::copy(answer, &elsewhere).unwrap();
    let mut talk = import(elsewhere.to_str().unwrap(), "");
    // There, back to the offer, and there again.
    talk.splice(2..2, [("Which one", "2"), (FILE, "<"), ("Which one", "2")]);
    let screen = imports(&mailbox, &talk);
    assert_eq!(command_lines(&screen)[0].last().unwrap(), elsewhere.to_str().unwrap());
}

#[test]
fn other_files_for_applications_are_one_question() {
    let (mailbox, answer) = waiting("reply.cer");
    let screen = imports(&mailbox, &import(answer.to_str().unwrap(), "4"));
    assert!(screen.contains("X26ABC1.p12"), "{screen}");
    assert!(command_lines(&screen)[0].ends_with(&[
        "--keystore".into(),
        "--pfx-profile".into(),
        "legacy".into()
    ]));
}

#[test]
fn wrong_passphrase_is_asked_for_again() {
    let (mailbox, answer) = waiting("reply.cer");
    let mut talk = import(answer.to_str().unwrap(), "");
    talk.splice(5..5, [("Passphrase of the key", "not the passphrase"), ("Try again", "")]);
    let screen = imports(&mailbox, &talk);
    assert!(
        screen.contains("hint: type it once more; capitals") && !screen.contains("--key-passphrase-file"),
        "{screen}"
    );
}

#[test]
fn sandbox_asks_whose_certificates_are_trusted() {
    let mailbox = Mailbox::requested();
    let (answer, authority) = (mailbox.certificate(), Authority::ours());
    let both = format!("'{}' '{}'", authority.root().display(), authority.sub().display());
    let sub = authority.sub().display().to_string();
    let talk = [
        (MENU, "1"),
        ("What next", "1"),
        (FILE, answer.to_str().unwrap()),
        ("Files of the CA", ""),
        ("Files of the CA", &sub),
        ("Files of the CA", &both),
        ("Files [", ""),
        ("Go ahead", ""),
        ("Passphrase of the key", PASSPHRASE),
    ];
    let screen = Visit::of(&mailbox).through(&talk);
    assert!(screen.contains("Imported the certificate of X26ABC1 (sandbox)"), "{screen}");
    assert_eq!(command_lines(&screen)[0].iter().filter(|word| *word == "--ca").count(), 2);
}

#[test]
fn rehearsal_goes_the_whole_way_without_leaving_the_wizard() {
    let mailbox = Mailbox::none();
    let answer = mailbox.file("from the rehearsal CA.pem");
    let path = answer.display().to_string();
    let taken = mailbox.file_with("taken", "").display().to_string();
    let mut talk = REHEARSAL_REQUEST.to_vec();
    talk.extend([(MENU, "1"), ("What next", "1"), ("Where to put the answer", taken.as_str())]);
    talk.push(("Where to put the answer", &path));
    talk.extend(import(&path, ""));
    // Its certificate begins after the visit did: time goes on while the wizard waits.
    let visit = Visit::of(&mailbox);
    let seen = visit.answer_as(visit.program().real_clock(), &[&talk[..], &[LEAVE]].concat());
    assert!(seen.screen.contains("credential 1, now current"), "{}", seen.screen);
}

#[test]
fn missing_ca_is_fetched_and_its_root_is_given() {
    let (mailbox, authority) = (Mailbox::imported(), Authority::foreign());
    let sub = fs::read(authority.sub()).unwrap();
    let server = WebServer::start(move |_| Answer::Body(sub.clone()));
    let leaf = authority.leaf(&mailbox.csr(), Mailbox::COMMON_NAME).issuer_at(&server.url("/sub.crt"));
    let answer = leaf.sign(&mailbox.file("foreign.pem")).display().to_string();
    let root = authority.root().display().to_string();
    let talk = [
        (MENU, "1"),
        ("What next", "4"),
        (FILE, answer.as_str()),
        // Left, and given once more.
        ("What now", "3"),
        (FILE, &answer),
        ("What now", "1"),
        ("What now", "1"),
        ("Files of the CA", "<"),
        ("What now", "1"),
        ("Files of the CA", &root),
        ("Files [", ""),
        ("Go ahead", ""),
        ("Passphrase of the key", PASSPHRASE),
    ];
    let screen = Visit::of(&mailbox).through(&talk);
    assert!(screen.contains("Imported the certificate of X26ABC1 (sandbox)"), "{screen}");
    assert!(!screen.contains("the same command with --fetch"), "{screen}");
    assert!(flat(&screen).contains(&format!("Fetch the CA's certificate from {}", server.url("/sub.crt"))));
    let line = &command_lines(&screen)[0];
    assert!(
        line.contains(&"--fetch".to_owned()) && line.ends_with(&["--ca".into(), root.clone()]),
        "{line:?}"
    );
}

#[test]
fn missing_ca_is_given_beside_the_certificate() {
    let (mailbox, _) = waiting("reply.cer");
    let authority = Authority::foreign();
    // Its root is trusted for this mailbox, as if it had been named with --ca.
    let record = mailbox.home().join("rehearsal/X26ABC1/mailbox.toml");
    let root = fs::read_to_string(authority.root()).unwrap();
    let text = fs::read_to_string(&record).unwrap();
    let trusting = format!("format = 1\nauthorities = [\"\"\"{root}\"\"\"]\n");
    fs::write(&record, text.replacen("format = 1\n", &trusting, 1)).unwrap();
    let csr = credential(&mailbox, "rehearsal").join("request.csr");
    let answer = authority.leaf(&csr, Mailbox::COMMON_NAME).sign(&mailbox.file("of-a-sub-CA.pem"));
    let (answer, sub) = (answer.display().to_string(), authority.sub().display().to_string());
    let mut talk = import(&answer, "");
    talk.splice(3..3, [("What now", "1"), ("Files of the CA", sub.as_str())]);
    let screen = imports(&mailbox, &talk);
    assert!(command_lines(&screen)[0].ends_with(&[answer.clone(), sub.clone()]), "{screen}");
}
