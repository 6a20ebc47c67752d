//! Where every mailbox stands, the most urgent first.

use std::path::PathBuf;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::commands::Context;
use crate::commands::handed_over::Stale;
use crate::expiry::{Deadlines, SOON};
use crate::mailbox::MailboxId;
use crate::onboarding::{Need, Urgency, Whereabouts, need, overview};
use crate::store::{CredentialRecord, MailboxRecord, StoreError};
use crate::ui::Failure;

/// What the home holds.
pub struct Survey {
    /// Every mailbox that can be read, the most urgent first.
    pub subjects: Vec<Subject>,
    /// What an interrupted run left, and whose it is.
    pub orphans: Vec<(PathBuf, MailboxId)>,
    /// Why a mailbox cannot be read; it hides no other.
    pub unread: Vec<StoreError>,
}

/// One mailbox.
pub struct Subject {
    pub record: Arc<MailboxRecord>,
    /// The mailbox whose credential it uses: the same, unless it shares.
    pub owner: Arc<MailboxRecord>,
    /// What it needs next.
    pub need: Need,
    pub urgency: Urgency,
    /// The credential that says where it stands; none if all are archived.
    pub credential: Option<CredentialRecord>,
    /// Its dates, once it is imported.
    pub deadlines: Option<Deadlines>,
}

impl Survey {
    /// Reads every mailbox, as it stands `now`.
    pub fn read(context: &Context, now: OffsetDateTime) -> Result<Self, Failure> {
        let found = overview(&context.store, None, SOON, now)?;
        let bare = found.bare.into_iter().map(|(record, owner)| {
            let (need, urgency) = need(&owner, SOON, now);
            Subject { record, owner, need, urgency, credential: None, deadlines: None }
        });
        let mut subjects: Vec<_> = found.mailboxes.into_iter().map(Subject::from).chain(bare).collect();
        subjects.sort_by_key(|subject| subject.urgency);
        let unread = found.unread.into_iter().map(|(_, error)| error).collect();
        Ok(Self { subjects, orphans: found.orphans, unread })
    }
}

impl Subject {
    /// What was handed over of it and is not the credential in use.
    pub fn stale(&self) -> Option<Stale> {
        Stale::of(self.record.as_ref().clone(), self.owner.current()?)
    }
}

impl From<Whereabouts> for Subject {
    fn from(place: Whereabouts) -> Self {
        let Whereabouts { record, owner, need, urgency, credential, deadlines, .. } = place;
        Self { record, owner, need, urgency, credential: Some(credential), deadlines }
    }
}
