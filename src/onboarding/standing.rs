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
    /// Over; its successor may be on its way.
    Expired(Option<Successor>),
    /// In use, and its successor is on its way.
    Renewing(Successor),
}

/// How far the credential is that is to follow the one in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Successor {
    /// The email has not gone out, as far as is known.
    Unsent,
    /// The desk has it.
    Sent,
    /// Imported under this number, and to be put in use: a check with it did not pass, or was not made.
    Ready(u32),
}

impl Successor {
    fn of(record: &MailboxRecord) -> Option<Self> {
        let successor = record.successor()?;
        Some(match successor.state {
            CredentialState::Ready => Self::Ready(successor.number),
            _ if successor.sent_at.is_none() => Self::Unsent,
            _ => Self::Sent,
        })
    }
}

impl Standing {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Ready => "ready",
            Self::Current => "current",
            Self::Expiring => "expiring",
            Self::Expired(_) => "expired",
            Self::Renewing(_) => "renewing",
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
    let successor = Successor::of(record).filter(|_| credential.state == CredentialState::Current);
    let standing = match (credential.state, deadlines, successor) {
        (CredentialState::Requested, ..) => Standing::Requested,
        (_, Some(deadlines), successor) if deadlines.is_over() => Standing::Expired(successor),
        (CredentialState::Ready, ..) => Standing::Ready,
        (.., Some(successor)) => Standing::Renewing(successor),
        (_, Some(deadlines), _) if deadlines.falls_within(soon) => Standing::Expiring,
        _ => Standing::Current,
    };
    Some((standing, credential, deadlines))
}
