//! A backup taken out into a home: what is missing there is written, what is there stays as it is.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::backup::InKeyring;
use crate::mailbox::Environment;
use crate::secret::Passphrase;
use crate::store::{
    ArchiveError, ArchiveFile, ArchiveReader, Folder, HeldPassphrase, MailboxRecord, PassphraseHolder, Place,
    REHEARSAL_CA, SealError, Store, StoreError, by_place, files, held, may_open, open_sealed,
};

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The file does not open.
    #[error("{}: {error}", path.display())]
    Seal {
        /// The file.
        path: PathBuf,
        /// Why.
        error: SealError,
    },
    /// It opens, and what is in it is not taken out.
    #[error("{}: {error}", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// Why.
        error: ArchiveError,
    },
    /// The disk refused, or another run is at work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Something that is restored as a whole.
#[derive(Debug)]
pub struct Unit {
    /// What.
    pub place: Place,
    /// Whether it has to be written.
    pub state: UnitState,
    /// Why the record of this mailbox cannot be read, if it cannot. Its files are as good as they were.
    pub unread: Option<String>,
    files: Vec<ArchiveFile>,
}

/// Whether something has to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitState {
    /// It is not here.
    New,
    /// It is here, just as in the backup.
    Same,
    /// It is here with other content, which stays.
    Other,
}

/// What a backup would bring back.
#[derive(Debug)]
pub struct Restoration {
    /// When the backup was made.
    pub made_at: OffsetDateTime,
    /// What is in it.
    pub units: Vec<Unit>,
    /// The passphrases that it keeps.
    pub passphrases: Vec<KeptPassphrase>,
}

/// A passphrase of a backup.
#[derive(Debug)]
pub struct KeptPassphrase {
    /// Whose it is, and the keyring's entry in which its record looks for it.
    pub key: InKeyring,
    /// It.
    pub passphrase: Passphrase,
    /// Whether its mailbox is not here yet, so that its record may still name another entry.
    pub is_new: bool,
}

impl Restoration {
    /// Refuses what can be no backup, before anybody is asked for its passphrase.
    pub fn may_open(path: &Path) -> Result<(), RestoreError> {
        let file = std::io::BufReader::new(files::open(path)?);
        may_open(file).map_err(|error| RestoreError::Seal { path: path.into(), error })
    }

    /// Opens a backup and compares it with the home. Nothing is written.
    pub fn examine(store: &Store, path: &Path, passphrase: &Passphrase) -> Result<Self, RestoreError> {
        let seal = |error| RestoreError::Seal { path: path.into(), error };
        let file = std::io::BufReader::new(files::open(path)?);
        let opened = open_sealed(file, passphrase).map_err(seal)?;
        let read = ArchiveReader::read(opened)
            .map_err(|error| RestoreError::Archive { path: path.into(), error })?;
        let mut units = Vec::new();
        for (place, files) in by_place(read.files) {
            units.push(Unit::compared(store, place, files)?);
        }
        let mut passphrases = Vec::new();
        for held in read.label.passphrases {
            passphrases.extend(wanted(store, &units, held)?);
        }
        Ok(Self { made_at: read.label.made_at, units, passphrases })
    }

    /// Writes what is not here, each unit whole or not at all. `holders` says who keeps passphrases from now on, where
    /// that is not as in the records. Killed midway, the same command goes on.
    pub fn write(
        &self,
        store: &Store,
        holders: &[(InKeyring, PassphraseHolder)],
        holder: &str,
    ) -> Result<(), StoreError> {
        files::create_folder(store.home())?;
        let _lock = files::LockFile::take(&store.home().join(".lock"), holder)?;
        // What a killed restore left. Only a rehearsal that makes its CA at this very moment writes there, too.
        for folder in [store.home().to_owned(), store.home().join("templates")] {
            files::sweep(&folder)?;
        }
        for environment in Environment::ALL {
            files::sweep(&store.home().join(environment.as_str()))?;
        }
        for unit in self.units.iter().filter(|unit| unit.state == UnitState::New) {
            unit.write(store, holders)?;
        }
        for (key, now) in holders {
            // Those that were here already.
            let folder = store.folder(key.environment, &key.mailbox);
            super::record_holder(&folder, key.credential, now.clone(), holder)?;
        }
        Ok(())
    }
}

impl Unit {
    /// Compares files of a place with what is here.
    fn compared(store: &Store, place: Place, files: Vec<ArchiveFile>) -> Result<Self, StoreError> {
        let theirs = match &place {
            Place::Mailbox(environment, mailbox) => store.folder(*environment, mailbox).archived(&files),
            _ => Ok(None),
        };
        let (theirs, unread) = match theirs {
            Ok(record) => (record, None),
            Err(error) => (None, Some(error.to_string())),
        };
        let state = state(store, &place, theirs, &files)?;
        Ok(Self { place, state, unread, files })
    }

    fn write(&self, store: &Store, holders: &[(InKeyring, PassphraseHolder)]) -> Result<(), StoreError> {
        let home = store.home();
        let (folder, prefix) = match &self.place {
            Place::Settings | Place::Template(_) => {
                let file = &self.files[0];
                let path = home.join(&file.path);
                files::create_folder(path.parent().expect("it lies below the home"))?;
                return files::write_result(&path, &file.bytes);
            }
            Place::RehearsalCa => (home.join(REHEARSAL_CA), format!("{REHEARSAL_CA}/")),
            Place::Mailbox(environment, mailbox) => {
                let folder = store.folder(*environment, mailbox).path().to_owned();
                (folder, format!("{environment}/{mailbox}/"))
            }
        };
        let parent = folder.parent().expect("it lies below the home");
        files::create_folder(parent)?;
        let record = self.record_with(store, holders)?;
        let contents: Vec<_> = self
            .files
            .iter()
            .map(|file| {
                let name = file.path.strip_prefix(&prefix).expect("its place is this");
                let bytes = match (&record, name) {
                    (Some(record), "mailbox.toml") => record.as_bytes(),
                    _ => &file.bytes,
                };
                (PathBuf::from(name), bytes)
            })
            .collect();
        files::remove_bare(&folder)?;
        files::write_new_tree(&folder, &contents)
    }

    /// The record of a mailbox some of whose passphrases others keep now.
    fn record_with(
        &self,
        store: &Store,
        holders: &[(InKeyring, PassphraseHolder)],
    ) -> Result<Option<String>, StoreError> {
        let Place::Mailbox(environment, mailbox) = &self.place else { return Ok(None) };
        let theirs = |key: &InKeyring| key.environment == *environment && key.mailbox == *mailbox;
        let holders: Vec<_> = holders.iter().filter(|(key, _)| theirs(key)).collect();
        let Some(mut record) = self.record(store)?.filter(|_| !holders.is_empty()) else { return Ok(None) };
        for (key, now) in holders {
            for credential in record.credentials.iter_mut().filter(|c| c.number == key.credential) {
                credential.passphrase = now.clone();
            }
        }
        store.folder(*environment, mailbox).text(&record).map(Some)
    }

    /// The record in the backup, if there is one that can be read.
    fn record(&self, store: &Store) -> Result<Option<MailboxRecord>, StoreError> {
        match &self.place {
            Place::Mailbox(environment, mailbox) if self.unread.is_none() => {
                store.folder(*environment, mailbox).archived(&self.files)
            }
            _ => Ok(None),
        }
    }

    /// Whether the key of a credential is here, the very same as in the backup.
    fn holds_key(&self, folder: &Folder, credential: u32) -> Result<bool, StoreError> {
        let below = format!("credentials/{credential:04}/key.pem");
        let name = format!("{}/{}/{below}", folder.environment(), folder.mailbox());
        let Some(theirs) = self.files.iter().find(|file| file.path == name) else { return Ok(false) };
        Ok(held(&folder.path().join(below))?.is_some_and(|here| *here == *theirs.bytes))
    }
}

/// How files of a place, a mailbox's with this record, stand to what is here.
fn state(
    store: &Store,
    place: &Place,
    theirs: Option<MailboxRecord>,
    files: &[ArchiveFile],
) -> Result<UnitState, StoreError> {
    let home = store.home();
    let here = match place {
        Place::Mailbox(environment, mailbox) => store.folder(*environment, mailbox).path().to_owned(),
        Place::RehearsalCa => home.join(REHEARSAL_CA),
        _ => home.join(&files[0].path),
    };
    // A run that was refused or cancelled may have left its lock.
    let is_bare = matches!(place, Place::Mailbox(..)) && files::holds_only_a_lock(&here)?;
    if here.symlink_metadata().is_err() || is_bare {
        return Ok(UnitState::New);
    }
    let same = match (place, theirs) {
        (Place::Mailbox(environment, mailbox), Some(theirs)) => {
            let ours = store.folder(*environment, mailbox).load().ok().flatten();
            let others = files.iter().filter(|file| !file.path.ends_with("/mailbox.toml"));
            ours.map(without_holders) == Some(without_holders(theirs)) && all_here(home, others)?
        }
        _ => all_here(home, files.iter())?,
    };
    Ok(if same { UnitState::Same } else { UnitState::Other })
}

fn all_here<'a>(home: &Path, mut files: impl Iterator<Item = &'a ArchiveFile>) -> Result<bool, StoreError> {
    files.try_fold(true, |so_far, file| {
        Ok(so_far && held(&home.join(&file.path))?.is_some_and(|found| *found == *file.bytes))
    })
}

/// A record but for who holds its passphrases, which may be another one on every machine.
fn without_holders(mut record: MailboxRecord) -> MailboxRecord {
    for credential in &mut record.credentials {
        credential.passphrase = PassphraseHolder::You;
    }
    record
}

/// A passphrase with the entry in which the record here, or that of the backup, looks for it.
fn wanted(store: &Store, units: &[Unit], held: HeldPassphrase) -> Result<Option<KeptPassphrase>, StoreError> {
    let HeldPassphrase { environment, mailbox, credential, passphrase } = held;
    let place = Place::Mailbox(environment, mailbox.clone());
    let Some(unit) = units.iter().find(|unit| unit.place == place) else { return Ok(None) };
    let folder = store.folder(environment, &mailbox);
    let record = match unit.state {
        UnitState::New => unit.record(store)?,
        UnitState::Same => folder.load().ok().flatten(),
        // It went on since the backup: its older keys are the same all the same.
        UnitState::Other if unit.holds_key(&folder, credential)? => folder.load().ok().flatten(),
        UnitState::Other => None,
    };
    let credentials = record.map(|record| record.credentials).unwrap_or_default();
    let holder = credentials.into_iter().find(|c| c.number == credential).map(|c| c.passphrase);
    Ok(match holder {
        Some(PassphraseHolder::Keyring { entry }) => {
            let key = InKeyring { mailbox, environment, credential, entry };
            Some(KeptPassphrase { key, passphrase, is_new: unit.state == UnitState::New })
        }
        _ => None,
    })
}
