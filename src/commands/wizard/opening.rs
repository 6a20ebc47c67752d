//! The first screen: every mailbox with its next step, and what else can be done.

use super::form::Turn;
use super::survey::{Subject, Survey};
use super::{Wizard, adopting, inspecting, keeping, new_mailbox};
use crate::expiry::date_text;
use crate::mailbox::MailboxId;
use crate::ui::{Entry, Failure, Reply};

/// As many mailboxes fit a screen that one reads; the others are shown on demand.
const SHOWN: usize = 15;

/// What is offered below the mailboxes.
#[derive(Clone, Copy)]
enum Other {
    /// The mailboxes that are not shown yet.
    All,
    /// From its ID to the email.
    NewMailbox,
    /// A key and a certificate that were made elsewhere.
    Adopt,
    /// What a file is.
    Inspect,
    /// A copy of everything.
    Backup,
    /// The end.
    Leave,
}

/// Shows where everything stands and does one thing about it. [`Turn::Back`] leaves.
pub fn ask(wizard: &Wizard<'_>) -> Result<Turn, Failure> {
    let survey = Survey::read(wizard.context, wizard.now())?;
    tell_oddities(wizard, &survey);
    wizard.screen().heading(match survey.subjects.len() {
        0 => "No mailbox is known here yet.",
        1 => "Where your mailbox stands:",
        _ => "Where your mailboxes stand, the most urgent first:",
    });
    let mut shown = survey.subjects.len().min(SHOWN);
    loop {
        let others = others(&survey, shown);
        match choose(wizard, &survey, shown, &others)? {
            None => return leave(wizard, &survey),
            Some(Chosen::Other(Other::All)) => {
                wizard.screen().heading("All mailboxes, the most urgent first:");
                shown = survey.subjects.len();
                continue;
            }
            Some(Chosen::Other(Other::Leave)) => return leave(wizard, &survey),
            Some(Chosen::Other(Other::NewMailbox)) => new_mailbox::ask(wizard)?,
            Some(Chosen::Other(Other::Adopt)) => adopting::ask(wizard)?,
            Some(Chosen::Other(Other::Inspect)) => inspecting::ask(wizard)?,
            Some(Chosen::Other(Other::Backup)) => keeping::back_up(wizard)?,
            Some(Chosen::Subject(subject)) => wizard.attend(subject)?,
        };
        return Ok(Turn::On);
    }
}

fn others(survey: &Survey, shown: usize) -> Vec<Other> {
    let mut others = Vec::new();
    if shown < survey.subjects.len() {
        others.push(Other::All);
    }
    others.extend([Other::NewMailbox, Other::Adopt, Other::Inspect]);
    if !survey.subjects.is_empty() {
        others.push(Other::Backup);
    }
    others.push(Other::Leave);
    others
}

enum Chosen<'a> {
    Subject(&'a Subject),
    Other(Other),
}

fn choose<'a>(
    wizard: &Wizard<'_>,
    survey: &'a Survey,
    shown: usize,
    others: &[Other],
) -> Result<Option<Chosen<'a>>, Failure> {
    let subjects = &survey.subjects;
    let mut entries: Vec<_> = subjects[..shown].iter().map(|s| s.entry(wizard.now())).collect();
    entries.extend(others.iter().enumerate().map(|(index, other)| {
        let name = match other {
            Other::All => format!("{} more, less urgent: show all", subjects.len() - shown),
            Other::NewMailbox => "A new mailbox".into(),
            Other::Adopt => "You have a key and a certificate already: take them in".into(),
            Other::Inspect => "What is this file?".into(),
            Other::Backup => "Back everything up".into(),
            Other::Leave => "Leave".into(),
        };
        Entry { name, apart: index == 0, ..Entry::default() }
    }));
    // A number above those of the entries stands for a mailbox that was named by its ID.
    let named = |answer: &str| {
        let id: MailboxId = answer.parse().ok()?;
        let mut found = subjects.iter().enumerate().filter(|(_, subject)| subject.record.mailbox == id);
        match (found.next(), found.next()) {
            (Some((index, _)), None) => Some(Ok(entries.len() + index)),
            (Some(_), Some(_)) => Some(Err(format!("{id} is in several environments: type its number."))),
            (None, _) => Some(Err(format!(
                "No mailbox {id} is here. Type a number from 1 to {}, or the ID of a mailbox above.",
                entries.len()
            ))),
        }
    };
    Ok(match wizard.screen().choose_entry("Which one", &entries, named)? {
        Reply::Back => None,
        Reply::Answer(number) if number < shown => Some(Chosen::Subject(&subjects[number])),
        Reply::Answer(number) if number < entries.len() => Some(Chosen::Other(others[number - shown])),
        Reply::Answer(number) => Some(Chosen::Subject(&subjects[number - entries.len()])),
    })
}

/// What no entry of the list tells.
fn tell_oddities(wizard: &Wizard<'_>, survey: &Survey) {
    for error in &survey.unread {
        wizard.screen().warning(&format!("a mailbox cannot be read, and is left as it is: {error}"));
    }
    for (path, mailbox) in &survey.orphans {
        wizard.screen().note(&format!(
            "note: {} of {mailbox} is left from a run that was interrupted; it is kept",
            path.display()
        ));
    }
}

/// What is still to do, or when there is something to do again.
fn leave(wizard: &Wizard<'_>, survey: &Survey) -> Result<Turn, Failure> {
    let (screen, now) = (wizard.screen(), wizard.now());
    let dates =
        survey.subjects.iter().filter_map(|s| Some((s.comes_back(now)?, s))).min_by_key(|(date, _)| *date);
    match survey.subjects.first() {
        Some(first) if first.urgency.is_pressing() => {
            screen.tell(&format!("\nStill to do, for {} first: {}.", first.name(), first.next(now)));
        }
        _ => {
            if let Some((date, subject)) = dates {
                screen.tell(&format!("\nCome back on {}, for {}.", date_text(date), subject.name()));
            }
        }
    }
    screen.say(&format!("To go on whenever you like: {}", wizard.program()));
    Ok(Turn::Back)
}
