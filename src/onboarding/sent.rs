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

/// Notes that the email went out; a ticket given earlier stays unless a new one is given. Returns the
/// credential's number.
pub fn note_sent(
    folder: &Folder,
    mailbox: &MailboxId,
    at: OffsetDateTime,
    ticket: Option<String>,
    holder: &str,
) -> Result<u32, SentError> {
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
    credential.sent_at = Some(at);
    credential.ticket = ticket.or(credential.ticket.take());
    let number = credential.number;
    writer.commit(&record)?;
    Ok(number)
}
