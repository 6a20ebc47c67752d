//! A new credential beside the one in use.

use std::path::PathBuf;

use super::form::{Turn, fill, keep};
use super::survey::Subject;
use super::{Line, Wizard, place};
use crate::expiry::day;
use crate::store::Contact;
use crate::ui::{Failure, Reply};

/// What was answered.
#[derive(Default)]
struct Answers {
    reason: Option<usize>,
    own_words: Option<String>,
    contact_is_right: Option<bool>,
    contact: Contact,
    ticket: Option<String>,
    attachment: Option<PathBuf>,
}

/// Why one asks: what the command takes, and what it means. The last is asked for.
const REASONS: [(&str, &str); 3] = [
    ("renewal", "The certificate in use ends, or its key is to be replaced"),
    ("expired", "The certificate in use has expired"),
    ("compromised", "Somebody else may have the key"),
];

/// Asks for what may have changed, and makes the request.
pub fn ask(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    let (screen, owner) = (wizard.screen(), &subject.owner);
    let known = owner.contact.clone().or(&wizard.context.settings.contact);
    let over = subject.urgency.is_over();
    let reason = |answers: &mut Answers| {
        screen.tell(&introduction(subject));
        let mut choices: Vec<_> = REASONS.iter().map(|(_, means)| *means).collect();
        choices.push("Another reason, in your own words");
        let default = answers.reason.unwrap_or(usize::from(over));
        Ok(keep(&mut answers.reason, screen.choose("Why", &choices, default)?))
    };
    let own_words = |answers: &mut Answers| {
        if answers.reason != Some(REASONS.len()) {
            answers.own_words = None;
            return Ok(Turn::Skip);
        }
        let read = |text: &str| match text {
            "" => Err("Say it in a few words, such as: the application moves to another supplier.".into()),
            words => Ok(words.to_owned()),
        };
        let default = answers.own_words.clone();
        Ok(keep(&mut answers.own_words, screen.ask("The reason", default.as_deref(), read)?))
    };
    let contact = |answers: &mut Answers| {
        let lines = contact_lines(&known);
        if lines.is_empty() {
            answers.contact_is_right = Some(false);
            return Ok(Turn::Skip);
        }
        screen.tell(&format!("\nThe email to the desk says who asks:\n\n{lines}\n"));
        Ok(keep(&mut answers.contact_is_right, screen.ask_yes("Is that still right", Some(true))?))
    };
    let detail = |words: &'static str, field: fn(&mut Contact) -> &mut Option<String>, form: Form| {
        let known = known.clone();
        move |answers: &mut Answers| {
            if answers.contact_is_right == Some(true) {
                *field(&mut answers.contact) = None;
                return Ok(Turn::Skip);
            }
            let before = field(&mut known.clone()).clone();
            let default = field(&mut answers.contact).clone().or(before.clone());
            Ok(match screen.ask(words, default.as_deref(), |text| form(text))? {
                Reply::Answer(given) => {
                    *field(&mut answers.contact) = given.filter(|given| Some(given) != before.as_ref());
                    Turn::On
                }
                Reply::Back => Turn::Back,
            })
        }
    };
    let name = detail("Your name", |contact| &mut contact.name, one_line);
    let email = detail("Your email address", |contact| &mut contact.email, address);
    let phone = detail("Your telephone number, or nothing", |contact| &mut contact.phone, one_line);
    let organisation = detail("Your organisation", |contact| &mut contact.organisation, one_line);
    let application = detail("The application that uses the mailbox", |contact| &mut contact.application, one_line);
    let ticket = |answers: &mut Answers| {
        let default = answers.ticket.clone();
        let words = "The desk's reference, such as CS1234567, or nothing";
        Ok(match screen.ask(words, default.as_deref(), one_line)? {
            Reply::Answer(given) => {
                answers.ticket = given;
                Turn::On
            }
            Reply::Back => Turn::Back,
        })
    };
    let attachment = |answers: &mut Answers| {
        if !owner.environment.needs_conformance_certificate() {
            return Ok(Turn::Skip);
        }
        let read = |text: &str| match text.trim() {
            "" => Ok(None),
            _ => place::readable(wizard, text).map(Some),
        };
        let words = "File with the technical conformance certificate, or nothing for now";
        Ok(match screen.ask(words, None, read)? {
            Reply::Answer(given) => {
                answers.attachment = given;
                Turn::On
            }
            Reply::Back => Turn::Back,
        })
    };
    let renew = |answers: &mut Answers| {
        screen.tell(&summary(wizard, subject, &known, answers)?);
        match screen.ask_yes("Go ahead", Some(true))? {
            Reply::Answer(true) => wizard.carry_out(line(subject, answers)),
            Reply::Answer(false) | Reply::Back => Ok(Turn::Back),
        }
    };
    fill(
        &mut Answers::default(),
        &[
            &reason, &own_words, &contact, &name, &email, &phone, &organisation, &application, &ticket,
            &attachment, &renew,
        ],
    )
}

/// What an answer has to be like; nothing is an answer.
type Form = fn(&str) -> Result<Option<String>, String>;

fn one_line(text: &str) -> Result<Option<String>, String> {
    match text.trim() {
        "" => Ok(None),
        text if text.chars().any(char::is_control) => Err("Plain text in one line, please.".into()),
        text => Ok(Some(text.to_owned())),
    }
}

fn address(text: &str) -> Result<Option<String>, String> {
    let Some(text) = one_line(text)? else { return Ok(None) };
    match text.parse::<lettre::Address>() {
        Ok(_) => Ok(Some(text)),
        Err(error) => Err(format!("{error}. An address looks like a.engineer@example.nhs.uk.")),
    }
}

/// What a renewal is, and how much time there is.
fn introduction(subject: &Subject) -> String {
    let time = subject.deadlines.and_then(|dates| dates.asking_sentence());
    let time = time.map_or(String::new(), |asking| {
        let mut letters = asking.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase()).into_iter();
        format!(" {}.", first.chain(letters).collect::<String>())
    });
    let sharers = match &subject.record.shares {
        Some(owner) => format!(" It is the credential of {owner}, and is renewed for both."),
        None => String::new(),
    };
    format!(
        "\nA renewal makes a new key and a request beside the credential in use, which goes on working. It is replaced when the new certificate is imported and proved.{time}{sharers}\n\n"
    )
}

fn contact_lines(contact: &Contact) -> String {
    let rows = [
        ("Name", &contact.name),
        ("Email", &contact.email),
        ("Phone", &contact.phone),
        ("Organisation", &contact.organisation),
        ("Application", &contact.application),
    ];
    let known = rows.iter().filter_map(|(label, value)| Some(format!("  {label:<13} {}\n", value.as_ref()?)));
    known.collect()
}

fn summary(
    wizard: &Wizard<'_>,
    subject: &Subject,
    known: &Contact,
    answers: &Answers,
) -> Result<String, Failure> {
    let (context, owner) = (wizard.context, &subject.owner);
    let folder = context.store.folder(owner.environment, &owner.mailbox);
    let orphans = folder.orphans(Some(owner))?.into_iter().map(|(number, _)| number);
    let number = owner.credentials.iter().map(|c| c.number).chain(orphans).max().unwrap_or(0) + 1;
    let desk = context.settings.desk_address(owner.environment).unwrap_or(owner.environment.desk_address());
    let common_name = owner.current().map_or(String::new(), |c| c.common_name.to_string());
    let mut text = format!(
        "\nThis will be made:\n\n  Credential    {number} of {} ({}), beside the one in use\n  Common name   {common_name}\n",
        owner.mailbox, owner.environment
    );
    if let Some(dates) = subject.deadlines {
        text.push_str(&format!("  In use now    until {}; it stays as it is\n", day(dates.not_after)));
    }
    text.push_str(&format!("  Reason        {}\n", reason(answers)));
    text.push_str(&contact_lines(&answers.contact.clone().or(known)));
    text.push_str(&answers.ticket.as_ref().map_or(String::new(), |t| format!("  Reference     {t}\n")));
    let attached = answers.attachment.as_ref();
    text.push_str(&attached.map_or(String::new(), |path| format!("  Attached      {}\n", path.display())));
    text.push_str(&format!("  Email to      {desk}; you send it yourself\n"));
    text.push_str(&format!("\nkey.pem, request.csr, request.eml and request.txt are written into {}.\n", folder.credential(number).display()));
    text.push_str("The key gets a passphrase of its own, for which you are asked next.\n\n");
    Ok(text)
}

fn reason(answers: &Answers) -> String {
    let chosen = answers.reason.and_then(|number| REASONS.get(number)).map(|(word, _)| (*word).to_owned());
    chosen.or(answers.own_words.clone()).unwrap_or_default()
}

fn line(subject: &Subject, answers: &Answers) -> Line {
    let contact = &answers.contact;
    subject
        .line("renew", &subject.owner)
        .option("--reason", Some(reason(answers)))
        .option("--name", contact.name.as_ref())
        .option("--email", contact.email.as_ref())
        .option("--phone", contact.phone.as_ref())
        .option("--organisation", contact.organisation.as_ref())
        .option("--application", contact.application.as_ref())
        .option("--ticket", answers.ticket.as_ref())
        .option("--attach", answers.attachment.as_ref().map(|path| path.display()))
}
