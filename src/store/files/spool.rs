use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::{TEMPORARY, failed};
use crate::store::StoreError;

/// A private file for what is too large for memory: written piece by piece, read as often as need be, and
/// gone when dropped unless it was given a name.
///
/// Nothing is synced: a killed process loses nothing that has a name, a power cut may. It is for the
/// rehearsal's messages, not for credentials.
#[derive(Debug)]
pub struct SpoolFile {
    file: Option<File>,
    path: PathBuf,
    goes: AtomicBool,
}

impl SpoolFile {
    /// A new file under a temporary name.
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        let made = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder).map_err(failed(folder))?;
        let (file, path) = made.keep().map_err(|e| failed(folder)(e.error))?;
        Ok(Self { file: Some(file), path, goes: AtomicBool::new(true) })
    }

    /// A file that was given its name earlier.
    pub fn named(path: PathBuf) -> Self {
        Self { file: None, path, goes: AtomicBool::new(false) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes at its end. Only for a file made by [`create`](Self::create) that has no name yet.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let mut file =
            self.file.as_ref().ok_or_else(|| failed(&self.path)(io::ErrorKind::NotFound.into()))?;
        file.write_all(bytes).map_err(failed(&self.path))
    }

    /// Gives it a name, in place of whatever has it, and keeps it.
    pub fn name(&mut self, path: PathBuf) -> Result<(), StoreError> {
        fs::rename(&self.path, &path).map_err(failed(&path))?;
        (self.file, self.path) = (None, path);
        self.goes.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Lets it go when dropped, though it has a name.
    pub fn discard(&self) {
        self.goes.store(true, Ordering::Relaxed);
    }
}

impl Drop for SpoolFile {
    fn drop(&mut self) {
        if self.goes.load(Ordering::Relaxed) {
            // A destructor has nobody to tell.
            let _ = fs::remove_file(&self.path);
        }
    }
}
