use std::fs::{File, TryLockError};
use std::io::{Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::transfers::check_id;
use super::{FILE_LIMIT, StoreError, files};

const FORMAT: u32 = 1;

/// How often the name is tried while other runs come and go.
const TRIES: usize = 10;

/// A message that is being received: a private file beside where it will lie, and its journal, which says how
/// much of it counts. `S` is what the transfer wants to be told when it goes on.
///
/// Killed at any instant, the next [`open`](Self::open) finds what [`keep`](Self::keep) said last.
#[derive(Debug)]
pub struct PartFile<S> {
    file: File,
    path: PathBuf,
    journal: PathBuf,
    kept: Option<Journal<S>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Journal<S> {
    format: u32,
    bytes: u64,
    state: S,
}

impl<S: Serialize + DeserializeOwned> PartFile<S> {
    /// Opens what an earlier run left of message `id` in `folder`, or begins anew.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another run is receiving it into the same folder.
    pub fn open(folder: &Path, id: &str) -> Result<Self, StoreError> {
        check_id(folder, id)?;
        let path = folder.join(format!(".{id}.part"));
        let journal = folder.join(format!(".{id}.part.toml"));
        for _ in 0..TRIES {
            let Some((file, is_new)) = files::part(&path)? else { continue };
            let mut part = Self::locked(file, path.clone(), journal.clone())?;
            // Another run may have given the file its own name before it was locked here.
            if !files::is_at(&part.file, &path)? {
                continue;
            }
            if is_new {
                part.start_over()?;
                return Ok(part);
            }
            return part.with_journal();
        }
        Err(StoreError::Locked { path, holder: String::new() })
    }

    fn locked(file: File, path: PathBuf, journal: PathBuf) -> Result<Self, StoreError> {
        match file.try_lock() {
            Ok(()) => Ok(Self { file, path, journal, kept: None }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path, holder: String::new() }),
            Err(TryLockError::Error(error)) => Err(files::failed(&path)(error)),
        }
    }

    /// What its journal says, if it can be believed; otherwise it begins anew.
    fn with_journal(mut self) -> Result<Self, StoreError> {
        let kept = files::open_part(&self.journal)?
            .and_then(|_| files::read_bounded(&self.journal, FILE_LIMIT).ok())
            .and_then(|bytes| toml::from_slice::<Journal<S>>(&bytes).ok())
            .filter(|journal| journal.format == FORMAT);
        let long = self.file.metadata().map_err(files::failed(&self.path))?.len();
        match kept {
            Some(kept) if kept.bytes <= long => self.kept = Some(kept),
            _ => self.start_over()?,
        }
        Ok(self)
    }

    /// What [`keep`](Self::keep) was told last, by this run or an earlier one.
    pub fn state(&self) -> Option<&S> {
        self.kept.as_ref().map(|kept| &kept.state)
    }

    /// Forgets everything in it.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn start_over(&mut self) -> Result<(), StoreError> {
        files::remove(&self.journal)?;
        self.kept = None;
        self.cut(0)
    }

    /// The file, to be written in order.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// The file from its beginning, to be read before anything is written.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn reader(&self) -> Result<File, StoreError> {
        let mut reader = self.file.try_clone().map_err(files::failed(&self.path))?;
        reader.seek(SeekFrom::Start(0)).map_err(files::failed(&self.path))?;
        Ok(reader)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Notes in the journal that the first `bytes` of it count.
    ///
    /// # Errors
    /// [`StoreError::Io`], such as a full disk; what was noted before still holds.
    pub fn keep(&mut self, bytes: u64, state: S) -> Result<(), StoreError> {
        let journal = Journal { format: FORMAT, bytes, state };
        let malformed =
            |e: toml::ser::Error| StoreError::Malformed { path: self.journal.clone(), detail: e.to_string() };
        let text = toml::to_string(&journal).map_err(malformed)?;
        files::replace_soon(&self.journal, text.as_bytes())?;
        self.kept = Some(journal);
        Ok(())
    }

    /// Makes it safe on disk and gives it its own name, which never replaces another. When this returns the message may
    /// be acknowledged. If the name is taken, try another.
    ///
    /// # Errors
    /// [`StoreError::Io`] about the name or the disk; the part is still there.
    pub fn finish(&mut self, target: &Path) -> Result<(), StoreError> {
        self.file.sync_all().map_err(files::failed(&self.path))?;
        if !files::is_at(&self.file, &self.path)? {
            return Err(StoreError::Locked { path: self.path.clone(), holder: String::new() });
        }
        files::rename_new(&self.path, target)?;
        files::remove(&self.journal)
    }

    /// Leaves what can be continued, and says where; otherwise removes it.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn leave(mut self) -> Result<Option<PathBuf>, StoreError> {
        match self.kept.as_ref().map(|kept| kept.bytes) {
            Some(bytes) => {
                self.cut(bytes)?;
                Ok(Some(self.path))
            }
            None => {
                files::remove(&self.path)?;
                files::remove(&self.journal)?;
                Ok(None)
            }
        }
    }

    fn cut(&mut self, len: u64) -> Result<(), StoreError> {
        self.file
            .set_len(len)
            .and_then(|()| self.file.seek(SeekFrom::Start(len)))
            .map(drop)
            .map_err(files::failed(&self.path))
    }
}
