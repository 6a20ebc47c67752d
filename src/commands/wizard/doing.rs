//! What can be done about a mailbox.

use super::form::Turn;
use super::survey::Subject;
use super::{Line, Wizard, certificate, keeping, proving, reminding, renewing, switching};
use crate::onboarding::Need;
use crate::store::MailboxRecord;
use crate::ui::Failure;

/// One thing that can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Import what the desk sent.
    Import,
    /// Prove the credentials.
    Check,
    /// Ask for a new certificate.
    Renew,
    /// Put the credential in use that is ready.
    Activate,
    /// Put the credential in use again that was in use before.
    RollBack,
    /// What the keyring keeps.
    Secrets,
    /// Dates for a calendar.
    Remind,
    /// Every credential that it had.
    History,
    /// Look at all that is known.
    Look,
}

impl Doing {
    /// What makes sense for `subject`, the next step first.
    pub fn of(subject: &Subject) -> Vec<Self> {
        let in_use = subject.owner.current().is_some();
        let first = match subject.need {
            Need::Renew => Some(Self::Renew),
            Need::Activate => Some(Self::Activate),
            Need::Send | Need::Chase | Need::Wait => Some(Self::Import),
            Need::Request | Need::Nothing => None,
        };
        let mut doings = Vec::from_iter(first);
        let possible = [
            (Self::Check, in_use),
            (Self::Renew, in_use && subject.owner.requested().is_none()),
            (Self::Import, !subject.owner.credentials.is_empty()),
            (Self::RollBack, subject.owner.previous().is_some()),
            (Self::Secrets, true),
            (Self::Remind, subject.deadlines.is_some()),
            (Self::History, true),
            (Self::Look, true),
        ];
        let more = possible.into_iter().filter(|(doing, fits)| *fits && Some(*doing) != first);
        doings.extend(more.map(|(doing, _)| doing));
        doings
    }

    /// In a few words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Import => "The certificate has come: import it",
            Self::Check => "Prove that the credentials work",
            Self::Renew => "Renew: ask for the next certificate",
            Self::Activate => "Put the credential in use that is ready",
            Self::RollBack => "Go back to the credential that was in use before",
            Self::Secrets => "Passwords: keep them in the keyring, forget them",
            Self::Remind => "Put the dates of expiry into your calendar",
            Self::History => "Every credential that it had",
            Self::Look => "All that is known of it",
        }
    }

    /// Asks what is needed, and does it.
    pub fn ask(self, wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
        match self {
            Self::Import => certificate::ask(wizard, subject),
            Self::Check => proving::ask(wizard, subject),
            Self::Renew => renewing::ask(wizard, subject),
            Self::Activate => switching::activate(wizard, subject),
            Self::RollBack => switching::roll_back(wizard, subject),
            Self::Secrets => keeping::secrets(wizard, subject),
            Self::Remind => reminding::ask(wizard),
            Self::History => wizard.carry_out(subject.line("history", &subject.record)),
            Self::Look => wizard.carry_out(subject.line("status", &subject.record)),
        }
    }
}

impl Subject {
    /// The line of a command about `record`: this mailbox or its owner.
    pub fn line(&self, command: &str, record: &MailboxRecord) -> Line {
        Line::new(command).word(&record.mailbox).option("--env", Some(record.environment))
    }
}
