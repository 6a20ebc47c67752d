//! What was answered, and what will be written where.

use super::super::Wizard;
use super::answers::Answers;
use crate::mailbox::CommonName;
use crate::ui::Failure;

/// What a credential folder gets.
const FILES: [(&str, &str); 4] = [
    ("key.pem", "the private key, encrypted: you are asked for a passphrase"),
    ("request.csr", "the certificate signing request (CSR)"),
    ("request.eml", "the email to the desk, as a draft for a mail program"),
    ("request.txt", "the same as text"),
];

/// A name and what was answered.
pub type Row = (&'static str, String);

/// Tells it; `more` is what stands below the common name.
pub fn tell(
    wizard: &Wizard<'_>,
    answers: &Answers,
    common_name: &CommonName,
    more: Vec<Row>,
) -> Result<(), Failure> {
    let (context, screen) = (wizard.context, wizard.screen());
    let folder = context.store.folder(answers.environment(), answers.mailbox());
    let record = folder.load()?;
    let credential = folder.credential(folder.next_credential(record.as_ref())?);
    screen.tell("\nThis is what you answered:\n\n");
    for (name, value) in rows(wizard, answers, common_name, more) {
        screen.tell(&format!("  {name:<13} {value}"));
    }
    screen.tell("\nThis will be made, and nothing that is there is changed, in\n");
    screen.say(&format!("  {}", credential.display()));
    for (name, what) in FILES {
        screen.tell(&format!("    {name:<12} {what}"));
    }
    screen
        .tell("\nmailbox.toml beside it notes the request. Nothing is sent: the email is yours to send.\n\n");
    Ok(())
}

fn rows(wizard: &Wizard<'_>, answers: &Answers, common_name: &CommonName, more: Vec<Row>) -> Vec<Row> {
    let mut rows = vec![
        ("Mailbox", answers.mailbox().to_string()),
        ("Environment", answers.environment().to_string()),
        ("ODS code", answers.ods.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("Common name", common_name.to_string()),
    ];
    rows.extend(more);
    if !answers.environment().has_desk() {
        return rows;
    }
    let contact = &answers.contact;
    for (name, value) in [
        ("Name", &contact.name),
        ("Email", &contact.email),
        ("Telephone", &contact.phone),
        ("Organisation", &contact.organisation),
        ("Application", &contact.application),
        ("Reference", &answers.ticket),
    ] {
        let optional = matches!(name, "Telephone" | "Reference");
        let left_out = if optional { "none" } else { "left out: it is marked in the email, to be filled in" };
        rows.push((name, value.as_deref().unwrap_or(left_out).to_owned()));
    }
    if answers.environment().needs_conformance_certificate() {
        let none = "none yet: add the conformance certificate to the draft before you send it";
        rows.extend(answers.attachments.iter().map(|path| ("Attached", path.display().to_string())));
        rows.extend(answers.attachments.is_empty().then(|| ("Attached", none.to_owned())));
    }
    rows.push(("Goes to", answers.desk(wizard.context).to_owned()));
    rows
}
