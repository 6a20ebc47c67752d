//! The mailboxes, the rules between them, and the messages in them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode};
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use super::answers::Refusal;
use super::authorization::SpentTokens;
use super::config::{RehearsalConfig, Workflow};
use crate::mailbox::{MailboxId, OdsCode};
use crate::mesh::token::Login;
use crate::mesh::wire::headers::FILE_NAME;
use crate::secret::SharedKey;

/// How much the messages that wait may hold together, in bytes.
const KEPT_BYTES: usize = 1 << 30;
/// How many messages are remembered.
const KEPT_MESSAGES: usize = 100_000;

/// A message ID begins with the time, to the microsecond.
const ID_TIME: StaticFormatDescription =
    format_description!("[year][month][day][hour][minute][second][subsecond digits:6]");

/// Everything that the rehearsal MESH holds.
#[derive(Debug)]
pub struct Mailboxes {
    members: HashMap<String, Member>,
    workflows: Vec<Workflow>,
    messages: Mutex<Messages>,
    /// The tokens that were used.
    pub spent: Mutex<SpentTokens>,
}

/// A mailbox.
#[derive(Debug)]
pub struct Member {
    /// Its ID.
    pub id: MailboxId,
    /// Its owner.
    pub ods: OdsCode,
    /// What its tokens are made with.
    pub login: Login,
}

/// A message before it has an ID.
#[derive(Debug)]
pub struct Draft {
    pub sender: MailboxId,
    pub recipient: MailboxId,
    pub workflow: String,
    /// Headers that travel with the message as they are.
    pub headers: Vec<(&'static str, HeaderValue)>,
    pub content_type: Option<HeaderValue>,
    pub content_encoding: Option<HeaderValue>,
}

/// A message that was accepted.
#[derive(Debug)]
pub struct Message {
    pub id: String,
    pub draft: Draft,
    /// Emptied once it is acknowledged.
    pub body: Bytes,
    pub size: usize,
    pub sent: OffsetDateTime,
    pub acknowledged: Option<OffsetDateTime>,
}

/// All messages, oldest first.
#[derive(Debug, Default)]
pub struct Messages {
    all: Vec<Message>,
    positions: HashMap<String, usize>,
    bytes: usize,
}

impl Mailboxes {
    /// The mailboxes of a configuration, empty.
    pub fn new(config: RehearsalConfig) -> Self {
        let key = config.shared_key;
        let member = |m: super::config::RehearsalMailbox| {
            let login = Login { password: m.password, shared_key: SharedKey::new(key.expose()) };
            (m.mailbox.as_str().to_owned(), Member { id: m.mailbox, ods: m.ods, login })
        };
        Self {
            members: config.mailboxes.into_iter().map(member).collect(),
            workflows: config.workflows,
            messages: Mutex::default(),
            spent: Mutex::default(),
        }
    }

    /// The mailbox of an ID in upper case.
    pub fn member(&self, id: &str) -> Option<&Member> {
        self.members.get(id)
    }

    /// The messages. Never held while anything is waited for.
    pub fn messages(&self) -> MutexGuard<'_, Messages> {
        self.messages.lock().expect("nothing panics under this lock")
    }

    /// Whether `sender` may send to `recipient` with a workflow.
    pub fn check_workflow(&self, sender: &Member, recipient: &Member, workflow: &str) -> Result<(), Refusal> {
        let unregistered = Refusal::send("17", "Workflow ID not registered for mailbox");
        let Some(workflow) = self.workflows.iter().find(|w| w.id == workflow) else {
            return Err(unregistered);
        };
        if !workflow.senders.contains(&sender.id) {
            return Err(Refusal::send("16", "Sender is not allowed to send messages of this type"));
        }
        if workflow.receivers.contains(&recipient.id) { Ok(()) } else { Err(unregistered) }
    }
}

impl Message {
    /// A header that travels with the message, or nothing.
    pub fn header(&self, name: &str) -> String {
        let found = self.draft.headers.iter().find(|(n, _)| *n == name);
        found.map(|(_, value)| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
    }

    /// The name of the file, made up where the sender gave none.
    pub fn file_name(&self) -> String {
        match self.header(FILE_NAME) {
            name if name.is_empty() => format!("{}.dat", self.id),
            name => name,
        }
    }

    /// Where the message stands.
    pub fn status(&self) -> &'static str {
        if self.acknowledged.is_some() { "acknowledged" } else { "accepted" }
    }
}

impl Messages {
    /// Takes a message in and gives it an ID.
    pub fn accept(&mut self, draft: Draft, body: Bytes, now: OffsetDateTime) -> Result<&Message, Refusal> {
        if self.all.len() >= KEPT_MESSAGES || self.bytes + body.len() > KEPT_BYTES {
            return Err(Refusal::plain(
                StatusCode::INSUFFICIENT_STORAGE,
                "the rehearsal MESH is full: acknowledge messages or start it again",
            ));
        }
        let time = now.to_offset(UtcOffset::UTC).format(ID_TIME).expect("a date can be written");
        // The count keeps IDs apart when the clock stands still.
        let id = format!("{time}_{:06X}", self.all.len());
        self.bytes += body.len();
        self.positions.insert(id.clone(), self.all.len());
        self.all.push(Message { id, draft, size: body.len(), body, sent: now, acknowledged: None });
        Ok(self.all.last().expect("one was just added"))
    }

    /// A message by its ID, in either case.
    pub fn get(&self, id: &str) -> Option<&Message> {
        self.positions.get(&id.to_ascii_uppercase()).map(|&at| &self.all[at])
    }

    /// Takes a message out of the inbox; once is enough.
    pub fn acknowledge(&mut self, id: &str, now: OffsetDateTime) {
        let Some(&at) = self.positions.get(&id.to_ascii_uppercase()) else { return };
        let message = &mut self.all[at];
        if message.acknowledged.is_none() {
            message.acknowledged = Some(now);
            self.bytes -= message.body.len();
            message.body = Bytes::new();
        }
    }

    /// What waits for a mailbox, after the message `after` or from the beginning.
    pub fn inbox(&self, mailbox: &MailboxId, after: Option<&str>) -> impl Iterator<Item = &Message> {
        let start = after.and_then(|id| self.positions.get(id)).map_or(0, |at| at + 1);
        self.all[start..].iter().filter(move |m| m.draft.recipient == *mailbox && m.acknowledged.is_none())
    }
}
