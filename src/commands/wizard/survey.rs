//! Where every mailbox stands, the most urgent first.

use time::OffsetDateTime;

use crate::commands::Context;
use crate::expiry::{Deadlines, SOON, day};
use crate::onboarding::{Standing, standing};
use crate::store::{CredentialRecord, MailboxRecord, StoreError};
use crate::ui::Failure;

/// Every mailbox that can be read.
pub struct Survey {
    /// The most urgent first.
    pub subjects: Vec<Subject>,
}

/// One mailbox.
pub struct Subject {
    pub record: MailboxRecord,
    /// The mailbox whose credential it uses: the same, unless it shares.
    pub owner: MailboxRecord,
    pub standing: Standing,
    pub credential: CredentialRecord,
    pub deadlines: Option<Deadlines>,
}

impl Survey {
    /// Reads them; one that cannot be read is told and hides no other.
    pub fn read(context: &Context) -> Result<Self, Failure> {
        let mut subjects = Vec::new();
        for folder in context.store.folders()? {
            let subject = folder.load().and_then(|record| match record {
                Some(record) => Subject::of(context, record),
                None => Ok(None),
            });
            match subject {
                Ok(subject) => subjects.extend(subject),
                Err(error) => context.screen.warning(&error.to_string()),
            }
        }
        subjects.sort_by_key(Subject::urgency);
        Ok(Self { subjects })
    }
}

impl Subject {
    fn of(context: &Context, record: MailboxRecord) -> Result<Option<Self>, StoreError> {
        let folder = context.store.folder(record.environment, &record.mailbox);
        let (_, owner) = context.store.credentials_of(folder, record.clone())?;
        let Some((standing, credential, deadlines)) = standing(&owner, SOON, context.now) else {
            return Ok(None);
        };
        let credential = credential.clone();
        Ok(Some(Self { standing, credential, deadlines, owner, record }))
    }

    /// "X26ABC1 (integration)".
    pub fn name(&self) -> String {
        format!("{} ({})", self.record.mailbox, self.record.environment)
    }

    /// Its name and how it stands.
    pub fn sentence(&self, _context: &Context) -> String {
        let stands = match (self.standing, self.deadlines) {
            (_, Some(deadlines)) => deadlines.expiry_sentence(),
            (standing, None) => format!("{} on {}", standing.as_str(), day(self.credential.requested_at)),
        };
        format!("{}: {stands}", self.name())
    }

    fn urgency(&self) -> (u8, Option<OffsetDateTime>) {
        let rank = match self.standing {
            Standing::Expired(_) => 0,
            Standing::Expiring => 1,
            Standing::Ready => 2,
            Standing::Requested | Standing::Renewing(_) => 3,
            Standing::Current => 4,
        };
        (rank, self.deadlines.map(|d| d.not_after))
    }
}
