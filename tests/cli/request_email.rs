//! `request`: the email to the service desk, read by Python's email package.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Mailbox, NOW, PASSPHRASE, python};

/// Headers, text and attachments (base64) of a message.
const READ_EMAIL: &str = "
import base64, email, email.policy, email.utils, json, sys
message = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
assert not message.defects, message.defects
print(json.dumps({
    'headers': {name.lower(): str(value) for name, value in message.items()},
    'time': email.utils.parsedate_to_datetime(message['Date']).timestamp(),
    'text': message.get_body(('plain',)).get_content(),
    'attachments': {part.get_filename(): base64.b64encode(part.get_content() if isinstance(part.get_content(), bytes) else part.get_content().encode()).decode()
                    for part in message.iter_attachments()},
}))
";

fn email(path: &Path) -> Value {
    serde_json::from_str(&python(READ_EMAIL, [path])).expect("the script prints JSON")
}

fn attachment(email: &Value, name: &str) -> Vec<u8> {
    use base64::Engine;
    let text = email["attachments"][name].as_str().unwrap_or_else(|| panic!("no attachment {name}: {email}"));
    base64::prelude::BASE64_STANDARD.decode(text).expect("base64")
}

/// Runs `request` for an environment and returns its stderr and the email.
fn request_for(mailbox: &Mailbox, environment: &str, more: &[&str]) -> (String, Value) {
    let output = mailbox
        .program()
        .args(["request", Mailbox::ID, "--ods", "X26", "--env", environment])
        .args(more)
        .run()
        .expect(0);
    let answer = output.json();
    let path = answer["files"]["email"].as_str().expect("a path").to_owned();
    (output.stderr, email(Path::new(&path)))
}

const CONTACT: &[&str] = &[
    "--name",
    "Ada Lovelace",
    "--email",
    "ada@example.nhs.uk",
    "--phone",
    "0113 496 0000",
    "--organisation",
    "Tèst Trust",
    "--application",
    "Ward Round",
    "--ticket",
    "CS1234567",
    "--reason",
    "renewal",
];

#[test]
fn draft_opens_unsent_with_the_csr_attached() {
    let mailbox = Mailbox::none();
    let (_, email) = request_for(&mailbox, "integration", CONTACT);
    let headers = &email["headers"];
    assert_eq!(headers["to"], "itoc.supportdesk@nhs.net");
    assert_eq!(headers["x-unsent"], "1");
    assert_eq!(headers["mime-version"], "1.0");
    assert!(headers["subject"].as_str().unwrap().contains("X26ABC1"), "{headers}");
    let now = time::OffsetDateTime::parse(NOW, &time::format_description::well_known::Rfc3339).unwrap();
    assert_eq!(email["time"].as_f64().unwrap() as i64, now.unix_timestamp(), "{headers}");
    let csr = mailbox.home().join("integration/X26ABC1/credentials/0001/request.csr");
    let name = email["attachments"].as_object().unwrap().keys().next().expect("an attachment").clone();
    assert!(name.ends_with(".csr"), "{name}");
    assert_eq!(attachment(&email, &name), fs::read(csr).unwrap());
}

#[test]
fn body_says_what_the_desk_needs() {
    let mailbox = Mailbox::none();
    let (_, email) = request_for(&mailbox, "integration", CONTACT);
    let text = email["text"].as_str().unwrap();
    for words in [
        "Ada Lovelace",
        "ada@example.nhs.uk",
        "0113 496 0000",
        "Tèst Trust",
        "Ward Round",
        "CS1234567",
        "X26ABC1",
        "X26",
        "integration",
        Mailbox::COMMON_NAME,
    ] {
        assert!(text.to_lowercase().contains(&words.to_lowercase()), "the body lacks '{words}':\n{text}");
    }
}

#[test]
fn text_to_paste_says_the_same() {
    let mailbox = Mailbox::none();
    let (_, email) = request_for(&mailbox, "integration", CONTACT);
    let text = mailbox.home().join("integration/X26ABC1/credentials/0001/request.txt");
    let text = fs::read_to_string(text).unwrap();
    let body = email["text"].as_str().unwrap().replace("\r\n", "\n");
    assert!(text.contains(body.trim()), "request.txt:\n{text}\nthe email:\n{body}");
    assert!(text.contains("itoc.supportdesk@nhs.net"), "the address is missing:\n{text}");
    assert!(text.contains(email["headers"]["subject"].as_str().unwrap()), "the subject is missing:\n{text}");
}

#[test]
fn what_is_missing_is_marked_and_said() {
    let mailbox = Mailbox::none();
    let request = ["request", Mailbox::ID, "--ods", "X26", "--env", "integration", "--name", "Ada Lovelace"];
    let output = mailbox.person().args(request).run().expect(0);
    let said = format!("{}{}", output.stdout, output.stderr);
    let draft = mailbox.home().join("integration/X26ABC1/credentials/0001/request.eml");
    let text = email(&draft)["text"].as_str().unwrap().to_owned();
    for missing in ["email", "organisation", "application"] {
        assert!(said.contains(missing), "'{missing}' is not said\n{}", output.shown());
        let marked = text.lines().any(|l| l.contains(missing) && (l.contains('[') || l.contains('<')));
        assert!(marked, "'{missing}' is not marked:\n{text}");
    }
    assert!(!said.contains("name, "), "the name was given\n{}", output.shown());
}

#[test]
fn live_without_conformance_certificate_is_warned_about() {
    let (stderr, email) = request_for(&Mailbox::none(), "live", CONTACT);
    assert_eq!(email["headers"]["to"], "ssd.nationalservicedesk@nhs.net");
    assert!(stderr.to_lowercase().contains("conformance"), "{stderr}");

    let mailbox = Mailbox::none();
    let certificate = mailbox.file_with("conformance.pdf", b"%PDF-1.7 \x00\xff not really");
    let attach = [CONTACT, &["--attach", certificate.to_str().unwrap()]].concat();
    let (stderr, email) = request_for(&mailbox, "live", &attach);
    assert!(!stderr.to_lowercase().contains("conformance"), "{stderr}");
    assert_eq!(attachment(&email, "conformance.pdf"), fs::read(certificate).unwrap());
    assert_eq!(email["attachments"].as_object().unwrap().len(), 2);
}

#[test]
fn address_can_be_chosen() {
    let (_, email) = request_for(&Mailbox::none(), "integration", &["--to", "dir@nhs.net"]);
    assert_eq!(email["headers"]["to"], "dir@nhs.net");
}

#[test]
fn no_secret_is_ever_in_the_email() {
    let mailbox = Mailbox::none();
    let (_, email) = request_for(&mailbox, "integration", CONTACT);
    let folder = mailbox.home().join("integration/X26ABC1/credentials/0001");
    let raw = fs::read_to_string(folder.join("request.eml")).unwrap();
    let pasted = fs::read_to_string(folder.join("request.txt")).unwrap();
    let name = email["attachments"].as_object().unwrap().keys().next().unwrap();
    let csr = String::from_utf8(attachment(&email, name)).unwrap();
    for text in [&raw, &pasted, &csr, &email.to_string()] {
        assert!(!text.contains(PASSPHRASE), "the passphrase is in it:\n{text}");
        assert!(!text.contains("PRIVATE KEY"), "a private key is in it:\n{text}");
    }
}
