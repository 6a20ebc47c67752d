//! A mailbox that is not known here yet: from its ID to the email.

mod answers;
pub mod contact;
mod identity;
pub mod summary;
mod ways;

pub use self::answers::Answers;
use super::Wizard;
use super::form::{Turn, fill};
use super::survey::{Subject, Survey};
use crate::expiry::{day, working_days};
use crate::onboarding::may_request;
use crate::store::files;
use crate::ui::{BACK, Failure};

/// How long the desk takes, in working days.
const DESK_DAYS: u32 = 5;

/// Asks for what is needed and makes the request.
pub fn ask(wizard: &Wizard<'_>) -> Result<Turn, Failure> {
    // Nobody answers twelve questions for a folder that takes nothing.
    if let Err(error) = files::check_room(wizard.context.store.home()) {
        wizard.explain(&error.into());
        return Ok(Turn::On);
    }
    let mut answers = Answers::known(wizard)?;
    fill(
        &mut answers,
        &[
            &|_| ways::ask(wizard),
            &|answers| identity::mailbox(wizard, answers),
            &|answers| identity::environment(wizard, answers),
            &|answers| match known(wizard, answers)? {
                Some(subject) => attend(wizard, &subject),
                None => details(wizard, answers),
            },
        ],
    )
}

/// Makes the request of a mailbox once more, with what was answered before.
pub fn again(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    let waits = subject.owner.requested().is_some();
    let mut answers = Answers { again: waits, ..Answers::of(wizard, &subject.owner) };
    if !waits {
        return details(wizard, &mut answers);
    }
    wizard.screen().tell(
        "\nA new key and a new request take the place of the one that waits. Nothing is deleted: an answer to the old one can still be imported.\n",
    );
    details(wizard, &mut answers)
}

/// All that is asked once mailbox and environment are known.
fn details(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    fill(
        answers,
        &[
            &|answers| identity::owner(wizard, answers),
            &|answers| contact::name(wizard, answers),
            &|answers| contact::email(wizard, answers),
            &|answers| contact::phone(wizard, answers),
            &|answers| contact::organisation(wizard, answers),
            &|answers| contact::application(wizard, answers),
            &|answers| contact::ticket(wizard, answers),
            &|answers| contact::attachments(wizard, answers),
            &|answers| make(wizard, answers),
        ],
    )
}

/// The mailbox as it is known here, if a new request of it would be refused.
fn known(wizard: &Wizard<'_>, answers: &Answers) -> Result<Option<Subject>, Failure> {
    let (mailbox, environment) = (answers.mailbox(), answers.environment());
    if may_request(&wizard.context.store, environment, mailbox, false).is_ok() {
        return Ok(None);
    }
    let same =
        |subject: &Subject| (&subject.record.mailbox, subject.record.environment) == (mailbox, environment);
    Ok(Survey::read(wizard.context, wizard.now())?.subjects.into_iter().find(same))
}

/// What fits a mailbox that is known: its own menu.
fn attend(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    wizard.screen().tell(&format!(
        "\n{} is known here already, and nothing has to be made anew. This can be done with it ({BACK} leads to another one):",
        subject.name()
    ));
    wizard.attend(subject)
}

/// Shows all that was answered and all that will be written, and writes it.
fn make(wizard: &Wizard<'_>, answers: &Answers) -> Result<Turn, Failure> {
    summary::tell(wizard, answers, &answers.common_name()?, Vec::new())?;
    let turn = wizard.go(|| answers.line())?;
    if turn == Turn::On {
        wizard.screen().tell(&farewell(wizard, answers));
    }
    Ok(turn)
}

/// What comes after the request, and when to come back.
pub fn farewell(wizard: &Wizard<'_>, answers: &Answers) -> String {
    let now = wizard.now();
    let by = working_days::after(now.date(), DESK_DAYS).map(|date| day(date.midnight().assume_utc()));
    match by.filter(|_| answers.environment().has_desk()) {
        Some(by) => format!(
            "\nWhen to come back: once the email has gone out, to note it here. The desk answers within {DESK_DAYS} working days; if it goes out today, by {by}. Then come back with the certificate.\n"
        ),
        None => "\nNo service desk is asked here: come back with the certificate once your CA has signed the request.\n".into(),
    }
}
