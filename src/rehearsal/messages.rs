//! All messages: how they come, where they wait, and how they end.
//!
//! Nothing here waits for the clock: what is due is done when somebody next asks, as of the time at which it
//! was due, so that nobody can tell the difference.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode};
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use super::answers::Refusal;
use super::body::{cannot_keep, full};
use super::message::{Delivered, Draft, Message, Report, Standing};
use super::records::Records;
use super::spool::{Content, Spool};
use crate::mailbox::MailboxId;
use crate::mesh::wire::headers::{LOCAL_ID, SUBJECT};
use crate::store::StoreError;

/// A message ID begins with the time, to the microsecond.
const ID_TIME: StaticFormatDescription =
    format_description!("[year][month][day][hour][minute][second][subsecond digits:6]");

/// What the code `InvalidHeaderChunks` says in the specification's words.
pub const INVALID_CHUNKS: &str = "InvalidHeaderChunks";

/// All messages of a server.
#[derive(Debug)]
pub struct Messages {
    all: HashMap<String, Message>,
    /// What waits for each mailbox, oldest first.
    inboxes: HashMap<MailboxId, BTreeMap<u64, String>>,
    local_ids: HashMap<(MailboxId, String), Vec<String>>,
    /// When something happens to which message by itself.
    due: BTreeSet<(OffsetDateTime, String)>,
    /// Those to which nothing happens any more, first ended first.
    over: VecDeque<String>,
    limit: usize,
    /// The number of the next message, and its place in an inbox.
    next: (u64, u64),
    records: Option<Records>,
}

/// What is to be done with a chunk that comes.
#[derive(Debug)]
pub enum Chunk {
    /// It is the next one.
    Next,
    /// It is here already, with this content: clients send again what they had no answer to.
    Repeated(Arc<Content>),
}

impl Messages {
    /// None yet, and at most this many.
    pub fn new(limit: usize) -> Self {
        Self {
            all: HashMap::new(),
            inboxes: HashMap::new(),
            local_ids: HashMap::new(),
            due: BTreeSet::new(),
            over: VecDeque::new(),
            limit,
            next: (0, 0),
            records: None,
        }
    }

    /// Those of an earlier run, which go on where they stood.
    pub fn kept(limit: usize, records: Records, spool: &Spool) -> Result<Self, StoreError> {
        let mut messages = Self::new(limit);
        for message in records.load(spool)? {
            messages.next.0 = messages.next.0.max(message.number + 1);
            let place = message.delivered.map_or(0, |delivered| delivered.place + 1);
            messages.next.1 = messages.next.1.max(place);
            messages.put(message);
        }
        messages.records = Some(records);
        Ok(messages)
    }

    /// Takes the first chunk of a message, which may be its only one, and gives it an ID.
    pub fn open(
        &mut self,
        draft: Draft,
        mut body: Content,
        now: OffsetDateTime,
    ) -> Result<&Message, Refusal> {
        if !self.make_room() {
            return Err(full());
        }
        let mut message = self.draw_up(draft, now);
        if let Some(records) = &self.records {
            body.name(&records.body(&message.id, 1)).map_err(|e| cannot_keep(&e))?;
        }
        message.bytes = body.len();
        message.chunks.push(Arc::new(body));
        if message.draft.total == 1 {
            self.deliver(&mut message, now);
        }
        self.save_new(&message)?;
        let id = message.id.clone();
        self.put(message);
        Ok(&self.all[&id])
    }

    /// What to do with chunk `number` of `total` of a message, or why it is refused.
    ///
    /// Strict in what the specification asks for: the sender alone, in order, as many as were announced, and
    /// nothing once the message is final.
    pub fn chunk(&self, sender: &MailboxId, id: &str, number: u32, total: u32) -> Result<Chunk, Refusal> {
        let message = self.get(id).ok_or_else(Refusal::no_message)?;
        if !message.is_from(sender) {
            return Err(Refusal::plain(StatusCode::FORBIDDEN, "Forbidden"));
        }
        let refused = if message.standing != Standing::Uploading {
            const TEXT: &str = "Message has been finalised; no more chunks can be uploaded";
            Refusal::event(StatusCode::LOCKED, "SEND", "", TEXT)
        } else if total != message.draft.total {
            let announced = message.draft.total;
            Refusal::send(INVALID_CHUNKS, format!("this message was announced with {announced} chunks"))
        } else if let Some(content) = message.chunks.get(number as usize - 1) {
            return Ok(Chunk::Repeated(content.clone()));
        } else if number as usize == message.chunks.len() + 1 {
            return Ok(Chunk::Next);
        } else {
            let expected = message.chunks.len() + 1;
            let text = format!("chunks are sent in order: chunk {expected} is the next, not {number}");
            Refusal::send(INVALID_CHUNKS, text)
        };
        Err(refused.about(&message.id))
    }

    /// Takes the next chunk. With the last one the message is in the inbox of its recipient.
    pub fn add(&mut self, id: &str, mut body: Content, now: OffsetDateTime) -> Result<(), Refusal> {
        let mut changed = self.get(id).ok_or_else(Refusal::no_message)?.clone();
        if let Some(records) = &self.records {
            body.name(&records.body(&changed.id, changed.chunks.len() + 1)).map_err(|e| cannot_keep(&e))?;
        }
        changed.bytes += body.len();
        changed.chunks.push(Arc::new(body));
        if changed.chunks.len() == changed.draft.total as usize {
            self.deliver(&mut changed, now);
        }
        self.save_new(&changed)?;
        self.put(changed);
        Ok(())
    }

    /// A message by its ID, in either case.
    pub fn get(&self, id: &str) -> Option<&Message> {
        self.all.get(&id.to_ascii_uppercase())
    }

    /// What a mailbox sent under a local ID, oldest first.
    pub fn by_local_id(&self, sender: &MailboxId, local_id: &str) -> impl Iterator<Item = &Message> {
        let ids = self.local_ids.get(&(sender.clone(), local_id.to_owned()));
        ids.into_iter().flatten().filter_map(|id| self.all.get(id))
    }

    /// Takes a message out of the inbox; once is enough.
    pub fn acknowledge(&mut self, id: &str, now: OffsetDateTime) -> Result<(), Refusal> {
        match self.get(id) {
            Some(message) if message.standing == Standing::Accepted => {
                let id = message.id.clone();
                self.end(&id, Standing::Acknowledged, now).map_err(|e| cannot_keep(&e))
            }
            _ => Ok(()),
        }
    }

    /// What waits for a mailbox, after a place in its inbox or from the beginning.
    pub fn inbox(&self, mailbox: &MailboxId, after: Option<u64>) -> impl Iterator<Item = &Message> {
        let start = after.map_or(0, |place| place + 1);
        let waiting = self.inboxes.get(mailbox).into_iter();
        waiting.flat_map(move |inbox| inbox.range(start..)).filter_map(|(_, id)| self.all.get(id))
    }

    /// How many wait for a mailbox.
    pub fn count(&self, mailbox: &MailboxId) -> usize {
        self.inboxes.get(mailbox).map_or(0, BTreeMap::len)
    }

    /// Does what has become due: messages that nobody collected come back as reports, unfinished and old ones
    /// are forgotten.
    pub fn catch_up(&mut self, now: OffsetDateTime) {
        while let Some((at, id)) = self.due.first().filter(|(at, _)| *at <= now).cloned() {
            let message = &self.all[&id];
            if message.standing == Standing::Accepted {
                let report = message.draft.sender.clone().map(|sender| report(message, sender));
                // A full disk: it is tried again with the next call.
                if self.end(&id, Standing::Undelivered, at).is_err() {
                    return;
                }
                if let Some(report) = report {
                    self.make_room();
                    let mut report = self.draw_up(report, at);
                    self.deliver(&mut report, at);
                    let _ = self.save(&report);
                    self.put(report);
                }
            } else {
                self.forget(&id);
            }
        }
    }

    fn draw_up(&mut self, draft: Draft, now: OffsetDateTime) -> Message {
        let number = self.next.0;
        self.next.0 += 1;
        let time = now.to_offset(UtcOffset::UTC).format(ID_TIME).expect("a date can be written");
        Message {
            // The count keeps IDs apart when the clock stands still.
            id: format!("{time}_{number:06X}"),
            number,
            draft,
            chunks: Vec::new(),
            bytes: 0,
            sent: now,
            standing: Standing::Uploading,
            since: now,
            delivered: None,
        }
    }

    fn deliver(&mut self, message: &mut Message, now: OffsetDateTime) {
        message.delivered = Some(Delivered { place: self.next.1, at: now });
        self.next.1 += 1;
        (message.standing, message.since) = (Standing::Accepted, now);
    }

    /// Ends a message and lets its chunks go.
    fn end(&mut self, id: &str, standing: Standing, at: OffsetDateTime) -> Result<(), StoreError> {
        let mut changed = self.all[id].clone();
        let chunks = std::mem::take(&mut changed.chunks);
        (changed.standing, changed.since) = (standing, at);
        self.save(&changed)?;
        self.put(changed);
        chunks.iter().for_each(|chunk| chunk.discard());
        Ok(())
    }

    /// Whether one more has room, if need be in the place of one that ended long ago.
    fn make_room(&mut self) -> bool {
        while self.all.len() >= self.limit {
            let Some(oldest) = self.over.pop_front() else { return false };
            self.forget(&oldest);
        }
        true
    }

    fn forget(&mut self, id: &str) {
        let Some(message) = self.all.remove(id) else { return };
        self.due.remove(&(message.due(), id.to_owned()));
        if let Some(key) = local_key(&message)
            && let Some(ids) = self.local_ids.get_mut(&key)
        {
            ids.retain(|other| other != id);
            if ids.is_empty() {
                self.local_ids.remove(&key);
            }
        }
        if let Some(records) = &self.records {
            records.remove(id);
        }
        message.chunks.iter().for_each(|chunk| chunk.discard());
    }

    /// Saves a message with a chunk that is new; the chunk goes again where that fails.
    fn save_new(&self, message: &Message) -> Result<(), Refusal> {
        self.save(message).map_err(|error| {
            message.chunks.last().expect("there is a new one").discard();
            cannot_keep(&error)
        })
    }

    fn save(&self, message: &Message) -> Result<(), StoreError> {
        self.records.as_ref().map_or(Ok(()), |records| records.save(message))
    }

    /// Puts a message in its place, or in that of its former self.
    fn put(&mut self, message: Message) {
        let id = message.id.clone();
        let before = self.all.get(&id);
        if let Some(before) = before {
            self.due.remove(&(before.due(), id.clone()));
        } else if let Some(key) = local_key(&message) {
            self.local_ids.entry(key).or_default().push(id.clone());
        }
        if message.standing.is_over() && !before.is_some_and(|before| before.standing.is_over()) {
            self.over.push_back(id.clone());
        }
        if let Some(delivered) = message.delivered {
            let inbox = self.inboxes.entry(message.draft.recipient.clone()).or_default();
            match message.standing {
                Standing::Accepted => drop(inbox.insert(delivered.place, id.clone())),
                _ => drop(inbox.remove(&delivered.place)),
            }
        }
        self.due.insert((message.due(), id.clone()));
        self.all.insert(id, message);
    }
}

/// Sender and local ID, where there is one.
fn local_key(message: &Message) -> Option<(MailboxId, String)> {
    let local_id = message.header(LOCAL_ID);
    message.draft.sender.clone().filter(|_| !local_id.is_empty()).map(|sender| (sender, local_id))
}

/// What the sender is told of a message that nobody collected.
fn report(message: &Message, sender: MailboxId) -> Draft {
    let subject = match message.draft.value(SUBJECT) {
        Some(subject) => HeaderValue::from_bytes(&[b"NDR: ", subject.as_bytes()].concat()),
        None => Ok(HeaderValue::from_static("NDR")),
    };
    let local_id = message.draft.value(LOCAL_ID).cloned();
    let mut headers = vec![(SUBJECT, subject.expect("it was a header before"))];
    headers.extend(local_id.map(|local_id| (LOCAL_ID, local_id)));
    Draft {
        sender: None,
        recipient: sender,
        workflow: message.draft.workflow.clone(),
        headers,
        content_type: None,
        gzip: false,
        compressed: false,
        encrypted: false,
        total: 0,
        report: Some(Report { about: message.id.clone(), intended: message.draft.recipient.clone() }),
    }
}
