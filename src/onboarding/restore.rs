//! A backup taken out into a home that has none of it yet.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::backup::InKeyring;
use crate::mailbox::{Environment, MailboxId};
use crate::secret::Passphrase;
use crate::store::{
    ArchiveError, ArchiveFile, ArchiveReader, HeldPassphrase, MailboxRecord, PassphraseHolder, Place,
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
    /// Something else is here already.
    #[error("other content is here already: {}", places.join(", "))]
    AlreadyHere {
        /// What, in words.
        places: Vec<String>,
        /// The home.
        home: PathBuf,
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
    files: Vec<ArchiveFile>,
}

/// Whether something has to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitState {
    /// It is not here.
    New,
    /// It is here, just as in the backup.
    Same,
}

/// What a backup would bring back.
#[derive(Debug)]
pub struct Restoration {
    /// When the backup was made.
    pub made_at: OffsetDateTime,
    /// What is in it.
    pub units: Vec<Unit>,
    /// The passphrases that it keeps, and the keyring's entries in which their records look for them.
    pub passphrases: Vec<(InKeyring, Passphrase)>,
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
        let (mut units, mut in_the_way) = (Vec::new(), Vec::new());
        for (place, files) in by_place(read.files) {
            match state(store, &place, &files)? {
                Some(state) => units.push(Unit { place, state, files }),
                None => in_the_way.push(place.words()),
            }
        }
        if !in_the_way.is_empty() {
            return Err(RestoreError::AlreadyHere { places: in_the_way, home: store.home().into() });
        }
        let mut passphrases = Vec::new();
        for held in read.label.passphrases {
            passphrases.extend(wanted(store, &units, held)?);
        }
        Ok(Self { made_at: read.label.made_at, units, passphrases })
    }

    /// Writes what is not here, each unit whole or not at all. The records of `with_you` say that their passphrases are
    /// no longer in a keyring. Killed midway, the same command goes on.
    pub fn write(&self, store: &Store, with_you: &[InKeyring], holder: &str) -> Result<(), StoreError> {
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
            unit.write(store, with_you)?;
        }
        for key in with_you {
            // Those that were here already.
            let folder = store.folder(key.environment, &key.mailbox);
            super::record_holder(&folder, key.credential, PassphraseHolder::You, holder)?;
        }
        Ok(())
    }
}

impl Unit {
    fn write(&self, store: &Store, with_you: &[InKeyring]) -> Result<(), StoreError> {
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
        let record = self.record_without(store, with_you)?;
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
        files::write_new_tree(&folder, &contents)
    }

    /// The record of a mailbox some of whose passphrases are no longer in a keyring.
    fn record_without(&self, store: &Store, with_you: &[InKeyring]) -> Result<Option<String>, StoreError> {
        let Place::Mailbox(environment, mailbox) = &self.place else { return Ok(None) };
        let theirs = |key: &&InKeyring| key.environment == *environment && key.mailbox == *mailbox;
        let numbers: Vec<_> = with_you.iter().filter(theirs).map(|key| key.credential).collect();
        let Some(mut record) = self.record(store)?.filter(|_| !numbers.is_empty()) else { return Ok(None) };
        for credential in record.credentials.iter_mut().filter(|c| numbers.contains(&c.number)) {
            credential.passphrase = PassphraseHolder::You;
        }
        store.folder(*environment, mailbox).text(&record).map(Some)
    }

    /// The record in the backup.
    fn record(&self, store: &Store) -> Result<Option<MailboxRecord>, StoreError> {
        let Place::Mailbox(environment, mailbox) = &self.place else { return Ok(None) };
        record(store, *environment, mailbox, &self.files)
    }
}

/// The record of a mailbox among its files in a backup. It has to be a record of this mailbox.
fn record(
    store: &Store,
    environment: Environment,
    mailbox: &MailboxId,
    files: &[ArchiveFile],
) -> Result<Option<MailboxRecord>, StoreError> {
    let name = format!("{environment}/{mailbox}/mailbox.toml");
    let Some(file) = files.iter().find(|file| file.path == name) else { return Ok(None) };
    store.folder(environment, mailbox).parse(file.bytes.to_vec()).map(Some)
}

/// Whether files of a place are here; nothing if something else is.
fn state(store: &Store, place: &Place, files: &[ArchiveFile]) -> Result<Option<UnitState>, StoreError> {
    let home = store.home();
    if let Place::Mailbox(environment, mailbox) = place {
        let new = record(store, *environment, mailbox, files)?;
        let folder = store.folder(*environment, mailbox);
        if folder.path().symlink_metadata().is_err() {
            return Ok(Some(UnitState::New));
        }
        let same = folder.load()?.map(without_holders) == new.map(without_holders);
        let others = files.iter().filter(|file| !file.path.ends_with("/mailbox.toml"));
        return Ok((same && all_here(home, others)?).then_some(UnitState::Same));
    }
    let nothing = match place {
        Place::RehearsalCa => home.join(REHEARSAL_CA).symlink_metadata().is_err(),
        _ => home.join(&files[0].path).symlink_metadata().is_err(),
    };
    match nothing {
        true => Ok(Some(UnitState::New)),
        false => Ok(all_here(home, files.iter())?.then_some(UnitState::Same)),
    }
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
fn wanted(
    store: &Store,
    units: &[Unit],
    held: HeldPassphrase,
) -> Result<Option<(InKeyring, Passphrase)>, StoreError> {
    let HeldPassphrase { environment, mailbox, credential, passphrase } = held;
    let place = Place::Mailbox(environment, mailbox.clone());
    let Some(unit) = units.iter().find(|unit| unit.place == place) else { return Ok(None) };
    let record = match unit.state {
        UnitState::New => unit.record(store)?,
        UnitState::Same => store.folder(environment, &mailbox).load()?,
    };
    let credentials = record.map(|record| record.credentials).unwrap_or_default();
    let holder = credentials.into_iter().find(|c| c.number == credential).map(|c| c.passphrase);
    Ok(match holder {
        Some(PassphraseHolder::Keyring { entry }) => {
            Some((InKeyring { mailbox, environment, credential, entry }, passphrase))
        }
        _ => None,
    })
}
