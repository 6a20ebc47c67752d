//! A new credential beside the one in use.

use super::Wizard;
use super::form::{Turn, fill, keep};
use super::new_mailbox::{Answers, contact, farewell, summary};
use super::survey::Subject;
use crate::expiry::day;
use crate::store::Contact;
use crate::ui::{Failure, Reply};

/// Why one asks: what the command takes, and what it means. After these comes one in one's own words.
const REASONS: [(&str, &str); 3] = [
    ("renewal", "The certificate in use ends, or its key is to be replaced"),
    ("expired", "The certificate in use has expired"),
    ("compromised", "Somebody else may have the key"),
];

/// What was answered.
struct Renewal {
    reason: usize,
    own_words: Option<String>,
    /// Whether those who ask are the same as the last time.
    same: Option<bool>,
    /// Who asks, and with what.
    order: Answers,
}

/// Asks for what may have changed, and makes the request.
pub fn ask(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    order(wizard, subject, false)
}

/// Sets a renewal aside that is on its way, and asks once more.
pub fn again(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    order(wizard, subject, true)
}

fn order(wizard: &Wizard<'_>, subject: &Subject, again: bool) -> Result<Turn, Failure> {
    wizard.screen().tell(&introduction(subject, again));
    let order = Answers { again, ..Answers::of(wizard, &subject.owner) };
    let reason = usize::from(subject.urgency.is_over());
    let mut answers = Renewal { reason, own_words: None, same: None, order };
    let changed = |answers: &mut Renewal, question: Question| match answers.same {
        Some(true) => Ok(Turn::Skip),
        _ => question(wizard, &mut answers.order),
    };
    fill(
        &mut answers,
        &[
            &|answers| why(wizard, answers),
            &|answers| own_words(wizard, answers),
            &|answers| same(wizard, answers),
            &|answers| changed(answers, contact::name),
            &|answers| changed(answers, contact::email),
            &|answers| changed(answers, contact::phone),
            &|answers| changed(answers, contact::organisation),
            &|answers| changed(answers, contact::application),
            &|answers| contact::ticket(wizard, &mut answers.order),
            &|answers| contact::attachments(wizard, &mut answers.order),
            &|answers| make(wizard, subject, answers),
        ],
    )
}

/// One of the questions that a new mailbox has, too.
type Question = fn(&Wizard<'_>, &mut Answers) -> Result<Turn, Failure>;

/// What a renewal is, and how much time there is.
fn introduction(subject: &Subject, again: bool) -> String {
    let mut text = String::from(
        "\nA renewal makes a new key and a request beside the credential in use, which stays as it is. The new one takes its place when its certificate is imported and proved.\n",
    );
    if again {
        text.push_str("The request that waits is set aside, and nothing is deleted: an answer to it can still be imported.\n");
    }
    if let Some(asking) = subject.deadlines.and_then(|dates| dates.asking_sentence()) {
        text.push_str(&format!("The time that is left: {asking}.\n"));
    }
    if let Some(other) = &subject.record.shares {
        text.push_str(&format!("The credential is that of {other}, and is renewed for both.\n"));
    }
    text + "\n"
}

fn why(wizard: &Wizard<'_>, answers: &mut Renewal) -> Result<Turn, Failure> {
    let mut choices: Vec<_> = REASONS.iter().map(|(_, means)| *means).collect();
    choices.push("Another reason, in your own words");
    Ok(match wizard.screen().choose("Why", &choices, answers.reason)? {
        Reply::Answer(number) => {
            answers.reason = number;
            Turn::On
        }
        Reply::Back => Turn::Back,
    })
}

fn own_words(wizard: &Wizard<'_>, answers: &mut Renewal) -> Result<Turn, Failure> {
    if answers.reason < REASONS.len() {
        return Ok(Turn::Skip);
    }
    let read = |text: &str| match text {
        _ if text.chars().any(char::is_control) => Err("Type it as one line of plain text.".to_owned()),
        "" => Err("Say it in a few words, such as: another supplier takes over.".to_owned()),
        words => Ok(words.to_owned()),
    };
    let default = answers.own_words.clone();
    Ok(keep(&mut answers.own_words, wizard.screen().ask("The reason", default.as_deref(), read)?))
}

/// Asks whether those who ask are still the same, where anybody is known.
fn same(wizard: &Wizard<'_>, answers: &mut Renewal) -> Result<Turn, Failure> {
    let known = lines(&answers.order.contact);
    if known.is_empty() || !answers.order.environment().has_desk() {
        return Ok(Turn::Skip);
    }
    let screen = wizard.screen();
    screen.tell("\nThe email to the desk names who asks:\n\n");
    known.iter().for_each(|line| screen.say(line));
    screen.tell("\n");
    Ok(keep(&mut answers.same, screen.ask_yes("Is that still right", Some(true))?))
}

fn lines(contact: &Contact) -> Vec<String> {
    let rows = [&contact.name, &contact.email, &contact.phone, &contact.organisation, &contact.application];
    rows.into_iter().flatten().map(|value| format!("  {value}")).collect()
}

/// Shows all that was answered and all that will be written, and writes it.
fn make(wizard: &Wizard<'_>, subject: &Subject, answers: &mut Renewal) -> Result<Turn, Failure> {
    let Some(current) = subject.owner.current() else { return Ok(Turn::Back) };
    let reason = REASONS.get(answers.reason).map(|(word, _)| (*word).to_owned());
    let reason = reason.or(answers.own_words.clone()).unwrap_or_default();
    let until = subject.deadlines.map(|dates| format!(", valid until {}", day(dates.not_after)));
    let rows = vec![
        ("In use now", format!("credential {}{}; it stays", current.number, until.unwrap_or_default())),
        ("Reason", reason.clone()),
    ];
    summary::tell(wizard, &answers.order, &current.common_name, rows)?;
    let line =
        || answers.order.renewal(subject.line("renew", &subject.owner).option("--reason", Some(&reason)));
    let turn = wizard.go(line)?;
    if turn == Turn::On {
        wizard.screen().tell(&farewell(wizard, &answers.order));
    }
    Ok(turn)
}
