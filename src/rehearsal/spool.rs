//! Where bodies lie: small ones in memory, others in files, and never more than was allowed.

use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;

use crate::store::{StoreError, files};

/// The largest body that stays in memory, in bytes; also how much of a larger one is gathered before it
/// is written.
pub const SMALL: usize = 64 * 1024;
/// How much memory the small bodies may take together, in bytes.
const MEMORY: u64 = 64 << 20;
/// How much is compared or counted at a time.
const BLOCK: usize = 128 * 1024;

/// The place for bodies.
#[derive(Debug)]
pub struct Spool {
    place: Place,
    disk: Budget,
    memory: Budget,
}

#[derive(Debug)]
enum Place {
    /// A temporary folder, made with the first body that needs it.
    Temporary(Mutex<Option<files::TemporaryFolder>>),
    /// A folder that outlives the server. No body stays in memory alone.
    Kept(PathBuf),
}

/// The body of one request.
#[derive(Debug)]
pub struct Content {
    held: Held,
    len: u64,
    _room: Room,
}

#[derive(Debug)]
enum Held {
    Memory(Bytes),
    File(files::SpoolFile),
}

/// How much may be taken together.
#[derive(Debug, Clone)]
struct Budget {
    used: Arc<AtomicU64>,
    limit: u64,
}

/// A part of a budget; given back when dropped.
#[derive(Debug)]
pub struct Room {
    budget: Budget,
    bytes: u64,
}

impl Spool {
    /// Keeps at most `limit` bytes, in `folder` or, without one, for as long as the server runs.
    pub fn new(folder: Option<PathBuf>, limit: u64) -> Self {
        let place = folder.map_or_else(|| Place::Temporary(Mutex::default()), Place::Kept);
        Self { place, disk: Budget::new(limit), memory: Budget::new(MEMORY) }
    }

    /// Whether bodies outlive the server.
    pub fn is_kept(&self) -> bool {
        matches!(self.place, Place::Kept(_))
    }

    /// No bytes yet, and room for as many as are left.
    pub fn room(&self) -> Room {
        Room { budget: self.disk.clone(), bytes: 0 }
    }

    /// A body that is whole; `None` where it has to go to a file.
    pub fn in_memory(&self, bytes: &[u8]) -> Option<Content> {
        let mut room = Room { budget: self.memory.clone(), bytes: 0 };
        let fits = !self.is_kept() && bytes.len() <= SMALL && room.grow(bytes.len() as u64);
        let len = bytes.len() as u64;
        fits.then(|| Content { held: Held::Memory(Bytes::copy_from_slice(bytes)), len, _room: room })
    }

    /// A new file for a body.
    pub fn file(&self) -> Result<files::SpoolFile, StoreError> {
        match &self.place {
            Place::Kept(folder) => files::SpoolFile::create(folder),
            Place::Temporary(folder) => {
                let mut folder = folder.lock().expect("nothing panics under this lock");
                if folder.is_none() {
                    *folder = Some(files::temporary_home()?);
                }
                files::SpoolFile::create(folder.as_ref().expect("it was just made").path())
            }
        }
    }

    /// A body of an earlier run. It counts even where it does not fit.
    pub fn found(&self, path: PathBuf, len: u64) -> Content {
        self.disk.used.fetch_add(len, Ordering::Relaxed);
        let room = Room { budget: self.disk.clone(), bytes: len };
        Content { held: Held::File(files::SpoolFile::named(path)), len, _room: room }
    }
}

impl Content {
    /// What was written to a file.
    pub fn from_file(file: files::SpoolFile, len: u64, room: Room) -> Self {
        Self { held: Held::File(file), len, _room: room }
    }

    /// Its length in bytes, as it was sent.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// From its beginning.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match &self.held {
            Held::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
            Held::File(file) => Box::new(std::fs::File::open(file.path())?),
        })
    }

    /// Gives its file a name that outlives the server.
    pub fn name(&mut self, path: &Path) -> Result<(), StoreError> {
        match &mut self.held {
            Held::Memory(_) => Ok(()),
            Held::File(file) => file.name(path.to_owned()),
        }
    }

    /// Takes its file away once nobody reads it any more.
    pub fn discard(&self) {
        if let Held::File(file) = &self.held {
            file.discard();
        }
    }

    /// Whether both hold the same bytes.
    pub fn is_same(&self, other: &Self) -> io::Result<bool> {
        if self.len != other.len {
            return Ok(false);
        }
        let (mut ours, mut theirs) = (self.open()?, other.open()?);
        let (mut one, mut two) = (vec![0; BLOCK], vec![0; BLOCK]);
        let mut left = self.len;
        while left > 0 {
            let block = left.min(BLOCK as u64) as usize;
            ours.read_exact(&mut one[..block])?;
            theirs.read_exact(&mut two[..block])?;
            if one[..block] != two[..block] {
                return Ok(false);
            }
            left -= block as u64;
        }
        Ok(true)
    }
}

impl Budget {
    fn new(limit: u64) -> Self {
        Self { used: Arc::default(), limit }
    }
}

impl Room {
    /// Takes more, unless that is more than is left.
    pub fn grow(&mut self, bytes: u64) -> bool {
        let limit = self.budget.limit;
        let more = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= limit);
        let fits = self.budget.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        self.bytes += if fits { bytes } else { 0 };
        fits
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_file(spool: &Spool, bytes: &[u8]) -> Content {
        let mut file = spool.file().unwrap();
        file.append(bytes).unwrap();
        Content::from_file(file, bytes.len() as u64, spool.room())
    }

    #[test]
    fn room_is_bounded_and_given_back() {
        let spool = Spool::new(None, 10);
        let (mut one, mut two) = (spool.room(), spool.room());
        assert!(one.grow(6) && two.grow(4));
        assert!(!two.grow(1));
        drop(one);
        assert!(two.grow(6) && !two.grow(1));
    }

    #[test]
    fn memory_is_bounded_and_then_bodies_go_to_files() {
        let spool = Spool::new(None, u64::MAX);
        let body = vec![0; SMALL];
        let kept: Vec<_> = (0..MEMORY / SMALL as u64).map(|_| spool.in_memory(&body).unwrap()).collect();
        assert!(spool.in_memory(&body).is_none());
        drop(kept);
        assert!(spool.in_memory(&body).is_some());
        assert!(spool.in_memory(&vec![0; SMALL + 1]).is_none());
    }

    #[test]
    fn files_are_private_and_go_with_their_contents_and_the_folder_with_the_spool() {
        use std::os::unix::fs::PermissionsExt;
        let spool = Spool::new(None, 1 << 20);
        let (one, two) = (in_file(&spool, b"abc"), in_file(&spool, b"abc"));
        let Held::File(file) = &one.held else { panic!("no file") };
        let path = file.path().to_owned();
        let folder = path.parent().unwrap().to_owned();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&folder)), (0o600, 0o700));
        drop(one);
        assert!(!path.exists() && folder.exists());
        drop(two);
        drop(spool);
        assert!(!folder.exists());
    }

    #[test]
    fn contents_are_compared_byte_by_byte_wherever_they_lie() {
        let spool = Spool::new(None, 1 << 20);
        let mut long = vec![7; 2 * BLOCK + 5];
        let small = spool.in_memory(b"abc").unwrap();
        assert!(small.is_same(&in_file(&spool, b"abc")).unwrap());
        assert!(!small.is_same(&in_file(&spool, b"abd")).unwrap());
        let one = in_file(&spool, &long);
        assert!(one.is_same(&in_file(&spool, &long)).unwrap());
        *long.last_mut().unwrap() = 8;
        assert!(!one.is_same(&in_file(&spool, &long)).unwrap());
    }
}
