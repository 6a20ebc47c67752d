//! What can be done about a mailbox.

use super::form::Turn;
use super::survey::Subject;
use super::{Line, Wizard, certificate, waiting};
use crate::onboarding::Standing;
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
    /// Look at all that is known.
    Look,
}

impl Doing {
    /// What makes sense for `subject`, the next step first.
    pub fn of(subject: &Subject) -> Vec<Self> {
        match subject.standing {
            Standing::Requested => Self::while_waiting(subject),
            Standing::Renewing => vec![Self::Import, Self::Check, Self::Look],
            _ => vec![Self::Check, Self::Import, Self::Look],
        }
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
        doings.extend([Self::Again, Self::Look]);
        doings
    }

    /// In a few words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Import => "The certificate has come: import it",
            Self::Email => "See the email to the desk again",
            Self::Sent => "The email has gone out: note when, and the desk's reference",
            Self::Again => "Ask once more, with a new key",
            #[cfg(feature = "rehearsal")]
            Self::Sign => "Let the rehearsal CA sign it, in the place of a desk",
            Self::Check => "Prove that the credentials work",
            Self::Look => "See all that is known of it",
        }
    }

    /// Asks what is needed, and does it.
    pub fn ask(self, wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
        match self {
            Self::Import => certificate::ask(wizard, subject),
            Self::Email => waiting::show(wizard, subject),
            Self::Sent => waiting::sent(wizard, subject),
            Self::Again => waiting::again(wizard, subject),
            #[cfg(feature = "rehearsal")]
            Self::Sign => waiting::sign(wizard, subject),
            Self::Check => wizard.carry_out(subject.line("check", &subject.record)),
            Self::Look => wizard.carry_out(subject.line("status", &subject.record)),
        }
    }
}

impl Subject {
    /// The line of a command about `record`: this mailbox or its owner.
    pub fn line(&self, command: &str, record: &crate::store::MailboxRecord) -> Line {
        Line::new(command).word(&record.mailbox).option("--env", Some(record.environment))
    }
}
