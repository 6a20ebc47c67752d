//! The home in one encrypted file, each mailbox whole, with the passphrases that only the keyring holds.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::mailbox::{Environment, MailboxId};
use crate::pki::Fingerprint;
use crate::secret::Passphrase;
use crate::store::{
    ArchiveError, ArchiveFile, ArchiveReader, ArchiveWriter, Folder, Found, HeldPassphrase, Label,
    MailboxRecord, PassphraseHolder, SealError, Sealed, Store, StoreError, files, open_sealed,
};

/// Why there is no backup; nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// There is nothing to keep.
    #[error("there is nothing to back up in {}", home.display())]
    Nothing {
        /// The home.
        home: PathBuf,
    },
    /// The keyring does not give the passphrases that it is said to hold.
    #[error("the keyring does not give the passphrase of {}", of.join(", "))]
    Passphrases {
        /// Of which credentials, in words.
        of: Vec<String>,
        /// What the keyring said, if it said anything.
        reason: Option<String>,
    },
    /// What was written does not open, or holds something else.
    #[error("{} does not read back as it was written: {detail}", path.display())]
    Differs {
        /// The file that was to be.
        path: PathBuf,
        /// How.
        detail: String,
    },
    /// The disk refused, or another run is at work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A key whose passphrase only the keyring holds, as far as is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InKeyring {
    /// Whose credential it is.
    pub mailbox: MailboxId,
    /// Of the mailbox.
    pub environment: Environment,
    /// The credential's number.
    pub credential: u32,
    /// The name of the keyring's entry.
    pub entry: String,
}

impl fmt::Display for InKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}), credential {}", self.mailbox, self.environment, self.credential)
    }
}

/// Refuses a home in which there is nothing to keep.
pub fn must_hold_anything(store: &Store) -> Result<(), BackupError> {
    match store.folders()?.is_empty() && store.common_files()?.files.is_empty() {
        true => Err(BackupError::Nothing { home: store.home().into() }),
        false => Ok(()),
    }
}

/// Every key whose passphrase only the keyring holds, of the mailboxes whose records can be read.
pub fn in_keyring(store: &Store) -> Result<Vec<InKeyring>, StoreError> {
    let mut found = Vec::new();
    for folder in store.folders()? {
        found.extend(
            folder.load().ok().flatten().map(|record| kept_by_keyring(&folder, record)).unwrap_or_default(),
        );
    }
    Ok(found)
}

fn kept_by_keyring(folder: &Folder, record: MailboxRecord) -> Vec<InKeyring> {
    let mut found = Vec::new();
    for credential in record.credentials {
        if let PassphraseHolder::Keyring { entry } = credential.passphrase {
            let (mailbox, environment) = (folder.mailbox().clone(), folder.environment());
            found.push(InKeyring { mailbox, environment, credential: credential.number, entry });
        }
    }
    found
}

/// What lies in a home, read once. What is said of it is about these very bytes, whatever is changed meanwhile.
#[derive(Default)]
pub struct Gathered {
    files: Vec<ArchiveFile>,
    mailboxes: usize,
    left_out: Vec<PathBuf>,
    /// The keys whose passphrases only the keyring holds.
    pub keys: Vec<InKeyring>,
    /// Mailboxes whose records cannot be read, and why: their files are taken as they are, and nobody knows which
    /// passphrases of theirs a keyring holds.
    pub unread: Vec<(MailboxId, Environment, StoreError)>,
}

/// Reads the home. Each mailbox is read under its lock, so that it is whole. A mailbox that another run is changing is
/// an error.
pub fn gather(store: &Store, holder: &str) -> Result<Gathered, StoreError> {
    let common = store.common_files()?;
    let mut gathered = Gathered { files: common.files, left_out: common.others, ..Gathered::default() };
    for folder in store.folders()? {
        let Found { files, others } = folder.lock(holder)?.contents(store.home())?;
        gathered.mailboxes += usize::from(!files.is_empty());
        match folder.archived(&files) {
            Ok(Some(record)) => gathered.keys.extend(kept_by_keyring(&folder, record)),
            Ok(None) => {}
            Err(error) => {
                gathered.unread.push((folder.mailbox().clone(), folder.environment(), error));
            }
        }
        gathered.files.extend(files);
        gathered.left_out.extend(others);
    }
    Ok(gathered)
}

/// What is to be backed up, and how.
pub struct BackupOrder<'a> {
    /// Where; nothing may be there.
    pub path: &'a Path,
    /// What opens it.
    pub passphrase: &'a Passphrase,
    /// What the keyring gave.
    pub held: Vec<HeldPassphrase>,
    /// When.
    pub now: OffsetDateTime,
}

/// A backup that was made.
#[derive(Debug)]
pub struct BackedUp {
    /// Its length.
    pub bytes: u64,
    /// How many mailboxes are in it.
    pub mailboxes: usize,
    /// How many files.
    pub files: usize,
    /// How many passphrases.
    pub passphrases: usize,
    /// What lies in the home and is none of ours: it is not in it.
    pub left_out: Vec<PathBuf>,
}

/// Makes a backup: written, synced, opened again and compared before it gets its name.
pub fn backup(gathered: Gathered, order: BackupOrder) -> Result<BackedUp, BackupError> {
    let Gathered { files: ours, mailboxes, left_out, .. } = gathered;
    let passphrases = order.held.len();
    let label = Label { made_at: order.now, passphrases: order.held };
    let failed = |error: io::Error| BackupError::Store(files::failed(order.path)(error));
    let bytes = files::write_streamed(
        order.path,
        |output| {
            let sealed = Sealed::begin(output, order.passphrase).map_err(failed)?;
            let mut archive = ArchiveWriter::begin(sealed, &label).map_err(failed)?;
            for file in &ours {
                archive.add(file).map_err(failed)?;
            }
            archive.finish().and_then(Sealed::finish).map_err(failed)?;
            Ok(())
        },
        |input| {
            let differs = |detail: String| BackupError::Differs { path: order.path.into(), detail };
            let opened =
                open_sealed(input, order.passphrase).map_err(|e: SealError| differs(e.to_string()))?;
            let read = ArchiveReader::read(opened).map_err(|e: ArchiveError| differs(e.to_string()))?;
            match prints(&ours) == prints(&read.files) && read.label.holds_the_same(&label) {
                true => Ok(()),
                false => Err(differs("it holds something else".into())),
            }
        },
    )?;
    Ok(BackedUp { bytes, mailboxes, files: ours.len(), passphrases, left_out })
}

/// Files by their paths, to be compared.
fn prints(files: &[ArchiveFile]) -> BTreeMap<&str, Fingerprint> {
    files.iter().map(|file| (file.path.as_str(), Fingerprint::of(&file.bytes))).collect()
}
