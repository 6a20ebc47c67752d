//! What can be done about a mailbox.

use time::OffsetDateTime;

use super::form::Turn;
use super::survey::Subject;
use super::{
    Line, Wizard, certificate, handing_over, keeping, proving, reminding, renewing, switching, waiting,
};
use crate::onboarding::{Need, may_roll_back};
use crate::store::{MailboxRecord, Store};
use crate::ui::Failure;

/// One thing that can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Import what the desk sent.
    Import,
    /// Show the email to the desk again.
    Email,
    /// Note that the email went out.
    Sent,
    /// Ask once more.
    Again,
    /// Have the rehearsal CA sign.
    #[cfg(feature = "rehearsal")]
    Sign,
    /// Prove the credentials.
    Check,
    /// Write what an application loads.
    HandOver,
    /// Write it again, from another credential than before.
    Refresh,
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
    pub fn of(subject: &Subject, store: &Store, now: OffsetDateTime) -> Vec<Self> {
        let folder = store.folder(subject.owner.environment, &subject.owner.mailbox);
        let (in_use, waits) = (subject.owner.current().is_some(), subject.owner.requested().is_some());
        let mut doings = match subject.need {
            Need::Renew => vec![Self::Renew],
            Need::Activate => vec![Self::Activate],
            Need::Send | Need::Chase | Need::Wait => Self::while_waiting(subject),
            Need::Request => vec![Self::Again],
            Need::Nothing if subject.stale().is_some() => vec![Self::Refresh],
            // The CA means its key to be replaced, and the opening says so.
            Need::Nothing if in_use && !waits && subject.deadlines.is_some_and(|d| d.key_usage_is_over()) => {
                vec![Self::Renew]
            }
            Need::Nothing => vec![],
        };
        let possible = [
            (Self::Check, in_use),
            (Self::HandOver, subject.owner.current().is_some_and(|credential| !credential.key_elsewhere)),
            (Self::Refresh, subject.stale().is_some()),
            (Self::Renew, in_use && !waits),
            (Self::RollBack, may_roll_back(&folder, &subject.owner, now)),
            (Self::Import, !waits && !subject.owner.credentials.is_empty()),
            (Self::Secrets, true),
            (Self::Remind, in_use),
            (Self::History, true),
            (Self::Look, true),
        ];
        for (doing, _) in possible.into_iter().filter(|(_, fits)| *fits) {
            if !doings.contains(&doing) {
                doings.push(doing);
            }
        }
        doings
    }

    /// While a request waits for its certificate.
    fn while_waiting(subject: &Subject) -> Vec<Self> {
        let sent = subject.owner.requested().is_some_and(|credential| credential.sent_at.is_some());
        let mut doings = match (subject.owner.environment.has_desk(), sent) {
            (true, true) => vec![Self::Import, Self::Email, Self::Sent],
            (true, false) => vec![Self::Sent, Self::Email, Self::Import],
            (false, _) => vec![Self::Import],
        };
        #[cfg(feature = "rehearsal")]
        if subject.owner.environment == crate::mailbox::Environment::Rehearsal {
            doings.insert(0, Self::Sign);
        }
        doings.push(Self::Again);
        doings
    }

    /// In a few words.
    pub fn label(self, subject: &Subject) -> &'static str {
        match self {
            Self::Import if subject.owner.requested().is_none() => {
                "Import a certificate once more, for other files"
            }
            Self::Import => "The certificate has come: import it",
            Self::Email => "See the email to the desk again",
            Self::Sent => "The email has gone out: note when, and the desk's reference",
            Self::Again if subject.owner.requested().is_none() => "Ask for a certificate",
            Self::Again => "Ask once more, with a new key",
            #[cfg(feature = "rehearsal")]
            Self::Sign => "Let the rehearsal CA sign it, in the place of a desk",
            Self::Check => "Prove that the credentials work",
            Self::HandOver => "Hand over to an application: files in its own shape",
            Self::Refresh => "Make again what was handed over, from the credential in use",
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
            Self::Email => waiting::show(wizard, subject),
            Self::Sent => waiting::sent(wizard, subject),
            Self::Again if subject.owner.current().is_some() => renewing::again(wizard, subject),
            Self::Again => waiting::again(wizard, subject),
            #[cfg(feature = "rehearsal")]
            Self::Sign => waiting::sign(wizard, subject),
            Self::Check => proving::ask(wizard, subject),
            Self::HandOver => handing_over::ask(wizard, subject),
            Self::Refresh => handing_over::again(wizard, subject),
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
