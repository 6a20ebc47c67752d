//! Who asks the desk, and with what: only where there is a desk.

use std::path::PathBuf;

use super::super::Wizard;
use super::super::form::{Turn, keep};
use super::answers::Answers;
use crate::desk;
use crate::store::Contact;
use crate::ui::{Failure, Reply};

/// Typed for an answer that was known and is to be left out.
const NONE: &str = "-";

/// Asks for the name.
pub fn name(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    if answers.environment().has_desk() {
        wizard.screen().tell(&format!(
            "\nThe email to the desk names who asks. What is left empty is marked in it, to be filled in; {NONE} leaves out what stands in [ ].\n\n"
        ));
    }
    detail(wizard, answers, "Your name", |c| &mut c.name, one_line)
}

/// Asks for the address that the certificate is sent to.
pub fn email(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    let read = |text: &str| {
        let form = |_| format!("{text} is no email address. Type one such as a.engineer@example.nhs.uk.");
        desk::check_address(text).map_err(form)?;
        one_line(text)
    };
    detail(wizard, answers, "Your email address", |c| &mut c.email, read)
}

/// Asks for a telephone number.
pub fn phone(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    let read = |text: &str| {
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let usual = |c: char| c.is_ascii_digit() || " +()-./#".contains(c);
        // An extension has a word before it.
        let rest = ["extension", "ext", "x"]
            .iter()
            .fold(text.to_ascii_lowercase(), |rest, word| rest.replace(word, ""));
        if digits >= 5 && rest.chars().all(usual) {
            return one_line(text);
        }
        Err(format!(
            "{text} is no telephone number. Type one such as 0113 496 0000, +44 113 496 0000 or 0113 496 0000 ext 12."
        ))
    };
    optional(wizard, answers, "Your telephone number (optional)", |a| &mut a.contact.phone, read)
}

/// Asks for the organisation.
pub fn organisation(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    detail(wizard, answers, "Your organisation", |c| &mut c.organisation, one_line)
}

/// Asks for the application.
pub fn application(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    detail(wizard, answers, "Application that will use the mailbox", |c| &mut c.application, one_line)
}

/// Asks for the desk's own reference.
pub fn ticket(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    let words = "Reference of the desk, such as CS1234567 (optional)";
    optional(wizard, answers, words, |a| &mut a.ticket, one_line)
}

/// Asks for the conformance certificate, and what else goes along, where the desk wants it.
pub fn attachments(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    if !answers.environment().needs_conformance_certificate() {
        return Ok(Turn::Skip);
    }
    let screen = wizard.screen();
    screen.tell("\nThe desk of live asks for the technical conformance certificate. It comes from digital onboarding once your tests are accepted.\n\n");
    let read = |text: &str| match text {
        "none yet" => Ok(Vec::new()),
        _ => wizard.files(text).map_err(|why| format!("{why} If you have none yet, type none yet.")),
    };
    let before = answers.attachments.first().map(|path| path.display().to_string());
    let words = "Its file: drag it here or type the path; or none yet";
    let mut chosen: Option<Vec<PathBuf>> = None;
    let turn = keep(&mut chosen, screen.ask(words, Some(before.as_deref().unwrap_or("none yet")), read)?);
    let mut chosen = chosen.unwrap_or_default();
    while turn == Turn::On && !chosen.is_empty() {
        let another =
            screen.ask("Another file to attach (optional)", None, |text| wizard.files_or_none(text))?;
        match another {
            Reply::Answer(paths) if paths.is_empty() => break,
            Reply::Answer(paths) => chosen.extend(paths),
            Reply::Back => return attachments(wizard, answers),
        }
    }
    if turn == Turn::On {
        answers.attachments = chosen;
    }
    Ok(turn)
}

/// Asks for a detail that the desk wants. It can be left out, unless the command would take a known one then.
fn detail(
    wizard: &Wizard<'_>,
    answers: &mut Answers,
    words: &str,
    field: fn(&mut Contact) -> &mut Option<String>,
    read: impl Fn(&str) -> Result<String, String>,
) -> Result<Turn, Failure> {
    if !answers.environment().has_desk() {
        return Ok(Turn::Skip);
    }
    let known = field(&mut answers.fallback).clone();
    let read = |text: &str| match &known {
        Some(known) if text == NONE => {
            Err(format!("{known} is known here, and would be taken: type another."))
        }
        _ if text.is_empty() || text == NONE => Ok(None),
        _ => read(text).map(Some),
    };
    let reply = wizard.screen().ask(words, field(&mut answers.contact).as_deref(), read)?;
    Ok(answered(field(&mut answers.contact), reply))
}

/// Asks for what the desk can do without.
fn optional(
    wizard: &Wizard<'_>,
    answers: &mut Answers,
    words: &str,
    place: fn(&mut Answers) -> &mut Option<String>,
    read: impl Fn(&str) -> Result<String, String>,
) -> Result<Turn, Failure> {
    if !answers.environment().has_desk() {
        return Ok(Turn::Skip);
    }
    let read = |text: &str| if text.is_empty() || text == NONE { Ok(None) } else { read(text).map(Some) };
    let reply = wizard.screen().ask(words, place(answers).as_deref(), read)?;
    Ok(answered(place(answers), reply))
}

/// Keeps what may be nothing.
fn answered(place: &mut Option<String>, reply: Reply<Option<String>>) -> Turn {
    match reply {
        Reply::Answer(answer) => {
            *place = answer;
            Turn::On
        }
        Reply::Back => Turn::Back,
    }
}

/// Details become lines of the email.
fn one_line(text: &str) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err(
            "It becomes a line of the email: type it without tabs and other control characters.".into()
        );
    }
    Ok(text.to_owned())
}
