//! What can be done about a mailbox.

use super::form::Turn;
use super::survey::Subject;
use super::{Line, Wizard, certificate};
use crate::onboarding::Standing;
use crate::ui::Failure;

/// One thing that can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Import what the desk sent.
    Import,
    /// Prove the credentials.
    Check,
    /// Look at all that is known.
    Look,
}

impl Doing {
    /// What makes sense for `subject`, the next step first.
    pub fn of(subject: &Subject) -> Vec<Self> {
        match subject.standing {
            Standing::Requested => vec![Self::Import, Self::Look],
            Standing::Renewing(_) => vec![Self::Import, Self::Check, Self::Look],
            _ => vec![Self::Check, Self::Import, Self::Look],
        }
    }

    /// In a few words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Import => "The certificate has come: import it",
            Self::Check => "Prove that the credentials work",
            Self::Look => "See all that is known of it",
        }
    }

    /// Asks what is needed, and does it.
    pub fn ask(self, wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
        match self {
            Self::Import => certificate::ask(wizard, subject),
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
