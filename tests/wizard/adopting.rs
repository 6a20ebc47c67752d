//! What was made elsewhere, and what a file is.

use std::fs;

use crate::support::{Authority, Mailbox, openssl, path_arg, tree};
use crate::visit::{LEAVE, MENU, REHEARSAL_REQUEST, Visit, answered, command_lines, credential};

/// Key and certificate of the rehearsal CA, made with openssl, in files with spaces in their names.
fn made_elsewhere(mailbox: &Mailbox) -> (String, String) {
    let (key, csr) = (mailbox.file("private key.pem"), mailbox.file("request.csr"));
    let plain = mailbox.file("key.pem");
    openssl(&format!(
        "req -newkey rsa:2048 -nodes -keyout {} -out {} -subj /CN=X26ABC1.X26.api.mesh-client.nhs.uk",
        path_arg(&plain),
        path_arg(&csr)
    ));
    fs::rename(plain, &key).unwrap();
    let certificate = mailbox.file("the certificate.pem");
    let issue = mailbox.program().args(["rehearse", "--issue"]).arg(csr).arg("--to").arg(&certificate);
    issue.run().expect(0);
    (key.display().to_string(), certificate.display().to_string())
}

#[test]
fn key_and_certificate_from_elsewhere_are_taken_in() {
    let mailbox = Mailbox::none();
    let (key, certificate) = made_elsewhere(&mailbox);
    let (dragged_key, dragged) = (format!("'{key}' "), format!("'{certificate}'"));
    let both = format!("'{key}' '{certificate}'");
    let talk = [
        (MENU, "2"),
        ("Mailbox ID", "X26"),
        ("File of the key", "/gone.pem"),
        ("File of the key", &both),
        ("File of the key", &dragged_key),
        ("File of the certificate", "<"),
        ("File of the key", "<"),
        ("Mailbox ID", "X 26"),
        ("Mailbox ID", "X26ABC1"),
        ("File of the key", &dragged_key),
        ("File of the certificate", &dragged),
        ("Environment [", "9"),
        ("Environment [", ""),
        ("ODS code", "X"),
        ("ODS code", ""),
        ("Go ahead", ""),
        // The key was not encrypted: its copy is.
        ("assphrase", "a passphrase for the copy"),
        ("The same again", "a passphrase for the copy"),
        LEAVE,
    ];
    let seen = Visit::of(&mailbox).answer(&talk);
    assert_eq!(seen.status, 0, "{}", seen.screen);
    assert!(seen.screen.contains("Adopted key and certificate as credential 1"), "{}", seen.screen);
    let line = &command_lines(&seen.screen.replace('\r', ""))[0];
    assert_eq!(line[1..], ["adopt", "X26ABC1", "--key", &key, "--cert", &certificate]);
    assert!(credential(&mailbox, "rehearsal").join("key.pem").exists());
}

#[test]
fn certificate_whose_key_stays_elsewhere_is_taken_in() {
    let mailbox = Mailbox::none();
    let (_, certificate) = made_elsewhere(&mailbox);
    let talk = [
        (MENU, "2"),
        ("Mailbox ID", "X26ABC1"),
        ("File of the key", ""),
        // Without a key there must be a certificate.
        ("File of the certificate", ""),
        ("File of the certificate", certificate.as_str()),
        ("Environment [", "8"),
        ("ODS code", "X26"),
        ("Go ahead", ""),
    ];
    let screen = Visit::of(&mailbox).through(&talk);
    assert!(screen.contains("Adopted the certificate, without its key,"), "{screen}");
}

#[test]
fn sandbox_pair_is_taken_in_with_the_ca_that_issued_it() {
    let mailbox = Mailbox::requested();
    let certificate = mailbox.certificate();
    let authority = Authority::ours();
    let both = format!("'{}' '{}'", authority.root().display(), authority.sub().display());
    let other = Mailbox::none();
    let talk = [
        (MENU, "2"),
        ("Mailbox ID", "X26ABC1"),
        ("File of the key", ""),
        ("File of the certificate", certificate.to_str().unwrap()),
        ("Environment [", "7"),
        ("Files of the CA", &both),
        ("ODS code", ""),
        ("Go ahead", ""),
    ];
    let screen = Visit::of(&other).through(&talk);
    assert!(screen.contains("Adopted the certificate"), "{screen}");
    assert_eq!(command_lines(&screen)[0].iter().filter(|word| *word == "--ca").count(), 2);
}

#[test]
fn file_is_named_for_what_it_is_and_nothing_is_changed() {
    let mailbox = Mailbox::none();
    Visit::of(&mailbox).through(&REHEARSAL_REQUEST);
    let answer = answered(&mailbox, "what is this.bin", crate::support::NOW);
    let text = fs::read_to_string(&answer).unwrap();
    let before = tree(&mailbox.home());
    let path = answer.display().to_string();
    let talk = [(MENU, "4"), ("Drag files here", &path), (MENU, "4"), ("Drag files here", &text)];
    let screen = Visit::of(&mailbox).through(&talk);
    assert!(screen.contains("what is this.bin"), "{screen}");
    let lines = command_lines(&screen);
    assert_eq!(
        (&lines[0][1..], &lines[1][1..]),
        (&["inspect".into(), path][..], &["inspect".into(), "-".into()][..])
    );
    assert!(screen.matches("X26ABC1").count() > 2, "it is not said whose it is\n{screen}");
    assert_eq!(tree(&mailbox.home()), before);
}
