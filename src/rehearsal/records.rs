//! Messages on disk: a small file for what is known of each, and one for each chunk.
//!
//! ```text
//! <state>/.lock                one server at a time
//! <state>/messages/<ID>.json   what is known; the commit point
//! <state>/bodies/<ID>.<i>      chunk i, as it was sent
//! ```
//!
//! A body gets its name before the record that counts it is written, and loses it after. A killed server
//! leaves at most a body that no record counts, which the next one sweeps away.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::http::HeaderValue;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::message::{Delivered, Draft, Message, PASSED_ON, Report, Standing};
use super::spool::Spool;
use crate::mailbox::MailboxId;
use crate::store::{StoreError, files};

/// The largest record that is read, in bytes.
const RECORD_LIMIT: u64 = 64 << 20;
/// The format of a record.
const FORMAT: u32 = 1;

/// The folder of a server that keeps its messages.
#[derive(Debug)]
pub struct Records {
    folder: PathBuf,
    _lock: files::LockFile,
}

/// What is known of a message, as it lies on disk. Times are microseconds since 1970, header values are read
/// as Latin-1, which loses no byte.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    format: u32,
    id: String,
    number: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sender: Option<String>,
    recipient: String,
    workflow: String,
    headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    gzip: bool,
    compressed: bool,
    encrypted: bool,
    total: u32,
    /// The message that a report is about, and who should have collected it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    report: Option<(String, String)>,
    /// The lengths of the chunks that are here.
    chunks: Vec<u64>,
    bytes: u64,
    sent: i64,
    standing: String,
    since: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delivered: Option<(u64, i64)>,
}

impl Records {
    /// Takes a folder, making it if need be, for this server alone.
    pub fn at(folder: &Path) -> Result<Self, StoreError> {
        files::create_folder(folder)?;
        let holder = format!("a rehearsal MESH, process {}\n", std::process::id());
        let lock = files::LockFile::take(&folder.join(".lock"), &holder)?;
        for name in ["messages", "bodies"] {
            files::create_folder(&folder.join(name))?;
            files::sweep(&folder.join(name))?;
        }
        Ok(Self { folder: folder.to_owned(), _lock: lock })
    }

    /// Where bodies lie.
    pub fn bodies(&self) -> PathBuf {
        self.folder.join("bodies")
    }

    /// The name of a chunk, from 1.
    pub fn body(&self, id: &str, chunk: usize) -> PathBuf {
        self.bodies().join(format!("{id}.{chunk}"))
    }

    fn record(&self, id: &str) -> PathBuf {
        self.folder.join("messages").join(format!("{id}.json"))
    }

    /// Writes down what is known of a message, in place of what was.
    pub fn save(&self, message: &Message) -> Result<(), StoreError> {
        let text = serde_json::to_vec(&Record::of(message)).expect("our own types have a JSON form");
        let mut file = files::SpoolFile::create(&self.folder.join("messages"))?;
        file.append(&text)?;
        file.name(self.record(&message.id))
    }

    /// Forgets a message.
    pub fn remove(&self, id: &str) {
        files::SpoolFile::named(self.record(id)).discard();
    }

    /// Everything of an earlier run, in the order in which it came. What belongs to no record is removed.
    pub fn load(&self, spool: &Spool) -> Result<Vec<Message>, StoreError> {
        let mut messages = Vec::new();
        for path in files::list(&self.folder.join("messages"))? {
            let malformed = |detail: String| StoreError::Malformed { path: path.clone(), detail };
            let bytes = files::read_bounded(&path, RECORD_LIMIT)?;
            let record: Record = serde_json::from_slice(&bytes).map_err(|e| malformed(e.to_string()))?;
            if self.record(&record.id) != path {
                return Err(malformed(format!("it is about the message {}", record.id)));
            }
            messages.push(self.revived(record, spool).map_err(malformed)?);
        }
        messages.sort_by_key(|message| message.number);
        let counted: std::collections::HashSet<PathBuf> = messages
            .iter()
            .flat_map(|message| (1..=message.chunks.len()).map(|chunk| self.body(&message.id, chunk)))
            .collect();
        for body in files::list(&self.bodies())?.into_iter().filter(|body| !counted.contains(body)) {
            files::SpoolFile::named(body).discard();
        }
        Ok(messages)
    }

    fn revived(&self, record: Record, spool: &Spool) -> Result<Message, String> {
        if record.format != FORMAT {
            return Err(format!("it has format {}, and this version reads {FORMAT}", record.format));
        }
        let mailbox = |id: &str| id.parse::<MailboxId>().map_err(|e| e.to_string());
        let moment = |micros: i64| {
            OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).map_err(|e| e.to_string())
        };
        let value = |text: &str| {
            let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
            let value = bytes.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok());
            value.ok_or_else(|| format!("'{}' is no header value", text.escape_debug()))
        };
        let mut chunks = Vec::new();
        for (number, len) in record.chunks.iter().enumerate() {
            let path = self.body(&record.id, number + 1);
            let found = path.metadata().map(|m| m.len()).map_err(|e| format!("{}: {e}", path.display()))?;
            if found != *len {
                return Err(format!("{} has {found} bytes instead of {len}", path.display()));
            }
            chunks.push(Arc::new(spool.found(path, *len)));
        }
        let headers = record.headers.iter().map(|(name, text)| {
            let name = PASSED_ON.iter().find(|known| *known == name);
            Ok((*name.ok_or("it has an unknown header")?, value(text)?))
        });
        let report =
            record.report.map(|(about, intended)| Ok(Report { about, intended: mailbox(&intended)? }));
        let delivered = record.delivered.map(|(place, at)| Ok(Delivered { place, at: moment(at)? }));
        let all = [Standing::Uploading, Standing::Accepted, Standing::Acknowledged, Standing::Undelivered];
        let standing = all.into_iter().find(|standing| standing.as_str() == record.standing);
        Ok(Message {
            draft: Draft {
                sender: record.sender.as_deref().map(mailbox).transpose()?,
                recipient: mailbox(&record.recipient)?,
                workflow: record.workflow,
                headers: headers.collect::<Result<_, String>>()?,
                content_type: record.content_type.as_deref().map(value).transpose()?,
                gzip: record.gzip,
                compressed: record.compressed,
                encrypted: record.encrypted,
                total: record.total,
                report: report.transpose().map_err(|e: String| e)?,
            },
            chunks,
            bytes: record.bytes,
            sent: moment(record.sent)?,
            standing: standing.ok_or("it stands nowhere that is known")?,
            since: moment(record.since)?,
            delivered: delivered.transpose().map_err(|e: String| e)?,
            number: record.number,
            id: record.id,
        })
    }
}

impl Record {
    fn of(message: &Message) -> Self {
        let draft = &message.draft;
        let text = |value: &HeaderValue| value.as_bytes().iter().copied().map(char::from).collect::<String>();
        let micros = |at: OffsetDateTime| (at.unix_timestamp_nanos() / 1000) as i64;
        Self {
            format: FORMAT,
            id: message.id.clone(),
            number: message.number,
            sender: draft.sender.as_ref().map(ToString::to_string),
            recipient: draft.recipient.to_string(),
            workflow: draft.workflow.clone(),
            headers: draft.headers.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect(),
            content_type: draft.content_type.as_ref().map(text),
            gzip: draft.gzip,
            compressed: draft.compressed,
            encrypted: draft.encrypted,
            total: draft.total,
            report: draft.report.as_ref().map(|r| (r.about.clone(), r.intended.to_string())),
            chunks: message.chunks.iter().map(|chunk| chunk.len()).collect(),
            bytes: message.bytes,
            sent: micros(message.sent),
            standing: message.standing.as_str().into(),
            since: micros(message.since),
            delivered: message.delivered.map(|delivered| (delivered.place, micros(delivered.at))),
        }
    }
}
