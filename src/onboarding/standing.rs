use time::{Duration, OffsetDateTime};

use crate::expiry::Deadlines;
use crate::store::{CredentialRecord, CredentialState, MailboxRecord};

/// Where a mailbox stands, seen from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Waiting for the desk.
    Requested,
    /// Imported, not in use.
    Ready,
    /// In use.
    Current,
    /// In use, and near its end.
    Expiring,
    /// Over.
    Expired,
    /// In use, and its successor is on its way.
    Renewing,
}

impl Standing {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Ready => "ready",
            Self::Current => "current",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Renewing => "renewing",
        }
    }
}

/// Where a mailbox stands, and which credential says so. `None` if it has none but archived ones.
pub fn standing(
    record: &MailboxRecord,
    soon: Duration,
    now: OffsetDateTime,
) -> Option<(Standing, &CredentialRecord, Option<Deadlines>)> {
    let credential = record.foremost()?;
    let deadlines =
        credential.certificate.as_ref().map(|c| Deadlines::new(c.not_after, c.key_usage_ends, now));
    let successor = record.requested().or(record.in_state(CredentialState::Ready)).is_some();
    let standing = match (credential.state, deadlines) {
        (CredentialState::Requested, _) => Standing::Requested,
        (_, Some(deadlines)) if deadlines.is_over() => Standing::Expired,
        (CredentialState::Ready, _) => Standing::Ready,
        _ if successor => Standing::Renewing,
        (_, Some(deadlines)) if deadlines.falls_within(soon) => Standing::Expiring,
        _ => Standing::Current,
    };
    Some((standing, credential, deadlines))
}
