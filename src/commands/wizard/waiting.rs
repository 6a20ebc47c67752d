//! A request that waits for the desk: its email again, when it was sent, and the request once more.

use time::{OffsetDateTime, UtcOffset};

use super::form::{Turn, fill};
use super::survey::Subject;
use super::{Wizard, new_mailbox};
use crate::commands::sent;
use crate::expiry::day;
use crate::ui::{Failure, Reply};

/// Shows the email once more, to be copied, and where its draft is.
pub fn show(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    let screen = wizard.screen();
    let Some(credential) = subject.owner.requested() else { return Ok(Turn::On) };
    let folder = wizard.context.store.folder(subject.owner.environment, &subject.owner.mailbox);
    let text = folder.request_text(credential.number)?;
    screen.tell("\nThe email, from its first line to the end of the request:\n\n");
    text.lines().for_each(|line| screen.say(line));
    screen.tell("\nIt lies in\n");
    let files = folder.credential(credential.number);
    for (name, what) in [
        ("request.eml", "a draft that a mail program opens, with the request attached"),
        ("request.txt", "the text above"),
        ("request.csr", "the request alone"),
    ] {
        screen.say(&format!("  {}", files.join(name).display()));
        screen.tell(&format!("      {what}"));
    }
    screen.tell("\nWhen it has gone out, note that here: then you are told when to chase.\n");
    Ok(Turn::On)
}

/// What was answered about the email.
struct Sent {
    at: OffsetDateTime,
    ticket: Option<String>,
}

/// Notes when the email went out, and the desk's reference.
pub fn sent(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    let Some(credential) = subject.owner.requested() else { return Ok(Turn::On) };
    let (screen, now, made) = (wizard.screen(), wizard.now(), credential.requested_at);
    let begin = Sent { at: credential.sent_at.unwrap_or(now), ticket: credential.ticket.clone() };
    let date = |answers: &mut Sent| {
        let default = iso(answers.at);
        Ok(
            match screen.ask("When did the email go out", Some(&default), |text| read_day(text, made, now))? {
                Reply::Answer(at) => {
                    answers.at = at;
                    Turn::On
                }
                Reply::Back => Turn::Back,
            },
        )
    };
    let ticket = |answers: &mut Sent| {
        let words = "Reference that the desk gave, such as CS1234567 (optional)";
        let read = |text: &str| match text.chars().any(char::is_control) {
            true => Err("Type it without tabs and other control characters, such as CS1234567.".to_owned()),
            false => Ok((!text.is_empty()).then(|| text.to_owned())),
        };
        Ok(match screen.ask(words, answers.ticket.clone().as_deref(), read)? {
            Reply::Answer(ticket) => {
                answers.ticket = ticket;
                Turn::On
            }
            Reply::Back => Turn::Back,
        })
    };
    let note = |answers: &mut Sent| {
        screen.tell(&format!(
            "\nmailbox.toml of {} will say that the email went out on {}. The desk is told nothing.\n",
            subject.owner.mailbox,
            day(answers.at)
        ));
        wizard.go(|| {
            // Without a date the command takes this one.
            let known = answers.at.date() == credential.sent_at.unwrap_or(now).date();
            subject
                .line("sent", &subject.owner)
                .option("--on", (!known).then(|| iso(answers.at)))
                .option("--ticket", answers.ticket.as_ref())
        })
    };
    fill(&mut { begin }, &[&date, &ticket, &note])
}

/// Asks once more, with the recorded answers as defaults.
pub fn again(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    new_mailbox::again(wizard, subject)
}

/// Has the rehearsal CA sign the request, in the place of a desk.
#[cfg(feature = "rehearsal")]
pub fn sign(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    let Some(credential) = subject.owner.requested() else { return Ok(Turn::On) };
    let folder = wizard.context.store.folder(subject.owner.environment, &subject.owner.mailbox);
    let request = folder.credential(credential.number).join("request.csr");
    let name = format!("{}-rehearsal-{}.pem", subject.owner.mailbox, credential.number);
    let saved = wizard.context.user_home.clone().unwrap_or_default().join(name);
    let read = |text: &str| {
        let paths = super::dragged::paths(text, wizard.context.user_home.as_deref(), |path| path.exists());
        let path =
            std::path::absolute(paths.first().ok_or("Type a path for the new file.")?).unwrap_or_default();
        crate::store::files::check_new(&path).map_err(|error| format!("{error}: type another path."))?;
        path.to_str().map(str::to_owned).ok_or_else(|| "Type a path that is text.".to_owned())
    };
    wizard.screen().tell("\nThe rehearsal CA signs in the place of a service desk. Its answer is a new file, which is then imported as a real one.\n\n");
    match wizard.screen().ask("Where to put the answer", saved.to_str(), read)? {
        Reply::Back => Ok(Turn::Back),
        Reply::Answer(path) => wizard.carry_out(
            super::Line::new("rehearse")
                .option("--issue", Some(request.display()))
                .option("--to", Some(path)),
        ),
    }
}

/// A day as the command takes it.
fn iso(at: OffsetDateTime) -> String {
    at.to_offset(UtcOffset::UTC).date().to_string()
}

/// The day that an answer names: not to come, and not before the request was made.
fn read_day(text: &str, made: OffsetDateTime, now: OffsetDateTime) -> Result<OffsetDateTime, String> {
    let at = match text.to_ascii_lowercase().as_str() {
        "today" | "now" => now,
        "yesterday" => now - time::Duration::DAY,
        _ if text == iso(now) => now,
        _ => sent::date(text).map_err(|_| {
            format!(
                "{text} is no date. Type year, month and day, such as {}, or today or yesterday.",
                iso(now)
            )
        })?,
    };
    if at.date() > now.date() {
        return Err(format!("{} is in the future.", day(at)));
    }
    if at.date() < made.date() {
        return Err(format!("{} is before the request was made, on {}.", day(at), day(made)));
    }
    Ok(at)
}
