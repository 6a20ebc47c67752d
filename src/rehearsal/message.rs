//! One message, from its first chunk to its end.

use std::sync::Arc;

use axum::http::HeaderValue;
use time::{Duration, OffsetDateTime};

use super::spool::Content;
use crate::mailbox::MailboxId;
use crate::mesh::wire::headers::{CONTENT_CHECKSUM, FILE_NAME, LOCAL_ID, SUBJECT};

/// How long a message waits in an inbox, and how long its next chunk is waited for.
pub const WAITS: Duration = Duration::days(5);
/// How long a message is remembered after it was sent, whatever became of it.
pub const REMEMBERED: Duration = Duration::days(30);

/// What goes with a message unread.
pub const PASSED_ON: [&str; 5] = [LOCAL_ID, "mex-partnerid", FILE_NAME, SUBJECT, CONTENT_CHECKSUM];

/// A message as its sender describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Whose it is; nobody's where MESH itself wrote it.
    pub sender: Option<MailboxId>,
    /// In whose inbox it goes.
    pub recipient: MailboxId,
    pub workflow: String,
    /// Headers that travel with the message as they are, by names of [`PASSED_ON`].
    pub headers: Vec<(&'static str, HeaderValue)>,
    pub content_type: Option<HeaderValue>,
    /// Whether its chunks came as gzip.
    pub gzip: bool,
    /// Whether the sender says that the file itself is compressed, or encrypted.
    pub compressed: bool,
    pub encrypted: bool,
    /// How many chunks it has.
    pub total: u32,
    /// Set where it is a report.
    pub report: Option<Report>,
}

/// What a report is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The message that was not collected.
    pub about: String,
    /// Who should have collected it.
    pub intended: MailboxId,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Chunks are missing; nobody but its sender knows of it.
    Uploading,
    /// It waits in an inbox.
    Accepted,
    /// Its recipient has it.
    Acknowledged,
    /// Nobody collected it in time.
    Undelivered,
}

/// When, and in which order, it came into an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    pub place: u64,
    pub at: OffsetDateTime,
}

/// A message. Its chunks are shared, not copied, by a copy of it.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: String,
    /// The count in its ID.
    pub number: u64,
    pub draft: Draft,
    /// As many as have come; none once it has ended.
    pub chunks: Vec<Arc<Content>>,
    /// All chunks together, as they were sent.
    pub bytes: u64,
    pub sent: OffsetDateTime,
    pub standing: Standing,
    /// Since when it stands there.
    pub since: OffsetDateTime,
    pub delivered: Option<Delivered>,
}

impl Standing {
    /// As tracking says it in version 2.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Accepted => "accepted",
            Self::Acknowledged => "acknowledged",
            Self::Undelivered => "undeliverable",
        }
    }

    /// Whether nothing more happens to it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Acknowledged | Self::Undelivered)
    }
}

impl Draft {
    /// A header that travels with the message.
    pub fn value(&self, name: &str) -> Option<&HeaderValue> {
        self.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }
}

impl Message {
    /// A header that travels with the message, or nothing.
    pub fn header(&self, name: &str) -> String {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        self.draft.value(name).map(text).unwrap_or_default()
    }

    /// The name of the file, made up where the sender gave none.
    pub fn file_name(&self) -> String {
        match self.header(FILE_NAME) {
            name if name.is_empty() => format!("{}.dat", self.id),
            name => name,
        }
    }

    /// When it leaves the inbox, or will.
    pub fn expires(&self) -> OffsetDateTime {
        self.delivered.map_or(self.sent, |delivered| delivered.at) + WAITS
    }

    /// When something happens to it by itself.
    pub fn due(&self) -> OffsetDateTime {
        if self.standing.is_over() { self.sent + REMEMBERED } else { self.expires() }
    }

    /// Whether this mailbox sent it.
    pub fn is_from(&self, mailbox: &MailboxId) -> bool {
        self.draft.sender.as_ref() == Some(mailbox)
    }
}
