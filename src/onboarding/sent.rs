use time::OffsetDateTime;

use crate::mailbox::MailboxId;
use crate::store::{CredentialState, Folder, StoreError};

/// Why nothing was noted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SentError {
    /// No request waits for its certificate.
    #[error("no request of {mailbox} is outstanding")]
    NoRequest {
        /// The mailbox.
        mailbox: MailboxId,
    },
    /// The disk refused, or another run is at work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is noted of an email that went out.
#[derive(Debug)]
pub struct NotedSent {
    /// The credential's number.
    pub credential: u32,
    /// When it went out.
    pub at: OffsetDateTime,
    /// Whether that was noted before.
    pub noted_before: bool,
    /// The desk's reference, if there is one.
    pub ticket: Option<String>,
}

/// Notes that the email went out: at `on`; without it, when was noted before; else `now`. A ticket given earlier
/// stays unless a new one is given.
pub fn note_sent(
    folder: &Folder,
    mailbox: &MailboxId,
    on: Option<OffsetDateTime>,
    now: OffsetDateTime,
    ticket: Option<String>,
    holder: &str,
) -> Result<NotedSent, SentError> {
    let none = || SentError::NoRequest { mailbox: mailbox.clone() };
    let record = folder.load()?.ok_or_else(none)?;
    record.must_not_share()?;
    record.requested().ok_or_else(none)?;
    let writer = folder.lock(holder)?;
    let mut record = folder.load()?.ok_or_else(none)?;
    record.must_not_share()?;
    let credential = record
        .credentials
        .iter_mut()
        .rev()
        .find(|c| c.state == CredentialState::Requested)
        .ok_or_else(none)?;
    // The desk gives its reference days after the email went out: that is no reason to chase it later.
    let before = credential.sent_at.filter(|_| on.is_none());
    let at = on.or(before).unwrap_or(now);
    credential.sent_at = Some(at);
    credential.ticket = ticket.or(credential.ticket.take());
    let (credential, ticket) = (credential.number, credential.ticket.clone());
    writer.commit(&record)?;
    Ok(NotedSent { credential, at, noted_before: before.is_some(), ticket })
}
