use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{FILE_LIMIT, Folder, StoreError, files, unread};

const FORMAT: u32 = 1;

/// The journals of a mailbox: messages that were sent in part. They hold no secret.
#[derive(Debug, Clone)]
pub struct Transfers {
    folder: PathBuf,
}

/// A message that was sent in part. `S` is what the transfer wants to be told when it goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendJournal<S> {
    format: u32,
    /// What MESH calls it.
    pub message_id: String,
    /// The recipient's mailbox.
    pub to: String,
    /// The workflow ID.
    pub workflow: String,
    /// What is sent.
    pub file: SourceFile,
    /// How far it was sent.
    pub state: S,
}

/// Which file it is that is sent, and when it was changed last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Where it lies, absolute; nothing if its name is not Unicode.
    pub path: Option<PathBuf>,
    /// Its length in bytes.
    pub size: u64,
    /// When its content was changed, in nanoseconds since 1970.
    pub modified: i64,
    /// Its number on its disk, as text: it may be larger than TOML's numbers.
    pub inode: Option<String>,
    /// When anything about it was changed, in nanoseconds since 1970; no program can set it.
    pub changed: Option<i64>,
}

impl SourceFile {
    /// What is known of an open file.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn of(path: &Path, file: &File) -> Result<Self, StoreError> {
        let metadata = file.metadata().map_err(files::failed(path))?;
        let absolute = std::path::absolute(path).map_err(files::failed(path))?;
        let (inode, changed) = files::identity(&metadata);
        Ok(Self {
            path: Some(absolute).filter(|path| path.to_str().is_some()),
            size: metadata.len(),
            modified: modified(&metadata),
            inode,
            changed,
        })
    }

    /// In what it differs from what it is `now`; its place does not matter.
    pub fn difference(&self, now: &Self) -> Option<String> {
        let mut told = Vec::new();
        if self.size != now.size {
            told.push(format!("it had {} bytes and has {}", self.size, now.size));
        }
        if self.modified != now.modified {
            told.push("it was modified".into());
        }
        if self.inode != now.inode {
            told.push("it is another file".into());
        } else if self.changed != now.changed && self.modified == now.modified {
            told.push("its content or its properties were changed".into());
        }
        (!told.is_empty()).then(|| told.join(", "))
    }
}

fn modified(metadata: &Metadata) -> i64 {
    let nanos = |time: SystemTime| match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |n| -n),
    };
    metadata.modified().map(nanos).unwrap_or_default()
}

impl<S> SendJournal<S> {
    /// A journal of `message_id`.
    pub fn new(message_id: &str, to: &str, workflow: &str, file: SourceFile, state: S) -> Self {
        Self {
            format: FORMAT,
            message_id: message_id.into(),
            to: to.into(),
            workflow: workflow.into(),
            file,
            state,
        }
    }
}

impl Transfers {
    /// Those of the mailbox of `folder`, which need not have been made here.
    pub fn of(folder: &Folder) -> Self {
        Self { folder: folder.path().join("transfers") }
    }

    /// Writes a journal, or writes it anew.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Malformed`] for what can be no message ID.
    pub fn save<S: Serialize>(&self, journal: &SendJournal<S>) -> Result<(), StoreError> {
        let path = self.path(&journal.message_id)?;
        let text = toml::to_string(journal)
            .map_err(|e| StoreError::Malformed { path: path.clone(), detail: e.to_string() })?;
        if path.exists() {
            return files::replace_soon(&path, text.as_bytes());
        }
        files::create_folder(&self.folder)?;
        files::replace(&path, text.as_bytes())
    }

    /// The journal of a message, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Malformed`], [`StoreError::NewerFormat`], [`StoreError::Io`].
    pub fn load<S: DeserializeOwned>(&self, message_id: &str) -> Result<Option<SendJournal<S>>, StoreError> {
        let path = self.path(message_id)?;
        let bytes = match files::read_bounded(&path, FILE_LIMIT) {
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(None);
            }
            other => other?,
        };
        let malformed = |detail: String| StoreError::Malformed { path: path.clone(), detail };
        let text = String::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8".into()))?;
        // The format is looked at first: a newer file may hold anything else.
        let table: toml::Table = toml::from_str(&text).map_err(|e| malformed(unread(&e)))?;
        match table.get("format").and_then(toml::Value::as_integer) {
            Some(found) if found > i64::from(FORMAT) => {
                Err(StoreError::NewerFormat { path, found: found.try_into().unwrap_or(u32::MAX) })
            }
            _ => toml::from_str(&text).map(Some).map_err(|e| malformed(unread(&e))),
        }
    }

    /// Removes the journal of a message: it is complete, or nobody wants it any more.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn remove(&self, message_id: &str) -> Result<(), StoreError> {
        files::remove(&self.path(message_id)?)
    }

    /// The messages that can be resumed, by ID.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn message_ids(&self) -> Result<Vec<String>, StoreError> {
        let id = |path: PathBuf| {
            Some(files::name_of(&path).strip_prefix("send-")?.strip_suffix(".toml")?.to_owned())
        };
        Ok(files::list(&self.folder)?.into_iter().filter_map(id).collect())
    }

    fn path(&self, message_id: &str) -> Result<PathBuf, StoreError> {
        check_id(&self.folder, message_id)?;
        Ok(self.folder.join(format!("send-{message_id}.toml")))
    }
}

/// Refuses what could be no message ID, and would lead to another folder.
pub(super) fn check_id(folder: &Path, id: &str) -> Result<(), StoreError> {
    let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if id.is_empty() || id.len() > 200 || !id.bytes().all(safe) {
        let detail = format!("{id:?} is no message ID");
        return Err(StoreError::Malformed { path: folder.to_owned(), detail });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
