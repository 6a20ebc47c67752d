//! The home folder: one folder a mailbox, readable by people.
//!
//! [`Store`] finds mailboxes, [`Folder`] reads one, and [`Writer`], which holds its lock, is the only way
//! to write to it. What counts is what `mailbox.toml` names.

mod archive;
mod as_text;
mod bundles;
mod export;
mod fault;
pub mod files;
mod folder;
mod layout;
mod optional_text;
mod part;
mod record;
mod safe_name;
mod sealed;
mod settings;
mod transfers;
mod unread;
mod writer;

use std::path::{Path, PathBuf};
use std::{fs, io};

pub use archive::{ArchiveError, ArchiveFile, ArchiveReader, ArchiveWriter, HeldPassphrase, Label};
pub use bundles::{KeptBundles, KeptFile};
pub use export::{ExportRecord, ExportedFile};
pub use folder::Folder;
pub use layout::{Found, Place, by_place, held};
pub use part::PartFile;
pub use record::{
    CertificateRecord, Contact, CredentialRecord, CredentialState, MailboxRecord, PassphraseHolder,
};
pub use safe_name::{safe_name, with_mark};
pub use sealed::{SealError, Sealed, may_open, open as open_sealed};
pub use settings::Settings;
pub use transfers::{SendJournal, SourceFile, Transfers};
pub use unread::unread;
pub use writer::Writer;

use crate::mailbox::{Environment, MailboxId};

/// The largest file that is read: what a service desk sends is far smaller.
pub const FILE_LIMIT: u64 = 10 * 1024 * 1024;

/// The rehearsal CA's files below the home.
pub const REHEARSAL_CA: &str = "rehearsal-ca";

/// What went wrong on disk.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// There is no home where one was expected.
    #[error("there is no folder {}", path.display())]
    NoHome {
        /// Where it was expected.
        path: PathBuf,
    },
    /// Larger than any file that belongs here.
    #[error("{} is larger than {} MB", path.display(), limit / 1024 / 1024)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// Another run holds the lock.
    #[error("another run is changing this mailbox")]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// Who holds it, in its own words.
        holder: String,
    },
    /// No such mailbox.
    #[error("there is no mailbox {mailbox} here")]
    NoSuchMailbox {
        /// Which one was asked for.
        mailbox: MailboxId,
        /// In which environment, if one was named.
        environment: Option<Environment>,
        /// The home that was searched.
        home: PathBuf,
    },
    /// The same ID in several environments.
    #[error("mailbox {mailbox} exists in more than one environment")]
    Ambiguous {
        /// Which one was asked for.
        mailbox: MailboxId,
        /// Where it exists.
        environments: Vec<Environment>,
    },
    /// The mailbox uses the credential of another one.
    #[error("{mailbox} uses the credential of {other}, and has none of its own")]
    SharesCredential {
        /// The mailbox.
        mailbox: MailboxId,
        /// Whose credential it uses.
        other: MailboxId,
        /// Of both.
        environment: Environment,
    },
    /// `mailbox.toml` was written by a newer version.
    #[error("{} has format {found}, and this version reads up to {}", path.display(), record::FORMAT)]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The disk gave back other bytes than were written.
    #[error("{} does not read back as it was written", path.display())]
    Differs {
        /// The file.
        path: PathBuf,
    },
    /// `mailbox.toml` cannot be understood.
    #[error("{} cannot be read: {detail}", path.display())]
    Unreadable {
        /// Whose it is.
        mailbox: MailboxId,
        /// Of the mailbox.
        environment: Environment,
        /// The file.
        path: PathBuf,
        /// Why.
        detail: String,
    },
    /// Another file of ours cannot be understood.
    #[error("{} cannot be read: {detail}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why.
        detail: String,
    },
}

impl From<StoreError> for io::Error {
    /// Keeps the kind: a full disk stays one.
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::Io { source, .. } => source.kind(),
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

/// The home folder.
#[derive(Debug, Clone)]
pub struct Store {
    home: PathBuf,
}

impl Store {
    /// Looks at a home, which need not exist yet.
    pub fn at(home: impl Into<PathBuf>) -> Self {
        Self { home: home.into() }
    }

    /// Where it is.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The folder of a mailbox, whether it exists or not.
    pub fn folder(&self, environment: Environment, mailbox: &MailboxId) -> Folder {
        Folder::new(self.home.join(environment.as_str()).join(mailbox.as_str()), environment, mailbox.clone())
    }

    /// Every mailbox folder, environments in their usual order; also those that a killed first run left
    /// without `mailbox.toml`.
    pub fn folders(&self) -> Result<Vec<Folder>, StoreError> {
        let mut found = Vec::new();
        for environment in Environment::ALL {
            let folders = files::list(&self.home.join(environment.as_str()))?;
            for path in folders.into_iter().filter(|path| path.is_dir()) {
                if let Ok(mailbox) = files::name_of(&path).parse() {
                    found.push(Folder::new(path, environment, mailbox));
                }
            }
        }
        Ok(found)
    }

    /// The mailbox meant by an ID and perhaps an environment.
    pub fn find(
        &self,
        mailbox: &MailboxId,
        environment: Option<Environment>,
    ) -> Result<(Folder, MailboxRecord), StoreError> {
        let mut matches = Vec::new();
        for candidate in
            Environment::ALL.into_iter().filter(|e| environment.is_none_or(|wanted| wanted == *e))
        {
            let folder = self.folder(candidate, mailbox);
            if let Some(record) = folder.load()? {
                matches.push((folder, record));
            }
        }
        if matches.len() > 1 {
            let environments = matches.iter().map(|(_, record)| record.environment).collect();
            return Err(StoreError::Ambiguous { mailbox: mailbox.clone(), environments });
        }
        matches.pop().ok_or_else(|| StoreError::NoSuchMailbox {
            mailbox: mailbox.clone(),
            environment,
            home: self.home.clone(),
        })
    }

    /// Whose credentials a mailbox uses: its own, or those of the mailbox that it shares with.
    pub fn credentials_of(
        &self,
        folder: Folder,
        record: MailboxRecord,
    ) -> Result<(Folder, MailboxRecord), StoreError> {
        let Some(other) = &record.shares else { return Ok((folder, record)) };
        let wrong = |detail| folder.unreadable(detail);
        let others = self.folder(record.environment, other);
        let found = others.load()?.ok_or_else(|| wrong(format!("it shares {other}, which is not here")))?;
        // Never written so; a loop of such names would have no end.
        match &found.shares {
            Some(third) => Err(wrong(format!("it shares {other}, which itself shares {third}"))),
            None => Ok((others, found)),
        }
    }

    /// The mailboxes of an environment that use the credentials of another one.
    pub fn sharers(
        &self,
        environment: Environment,
        mailbox: &MailboxId,
    ) -> Result<Vec<MailboxId>, StoreError> {
        let mut found = Vec::new();
        for folder in self.folders()?.into_iter().filter(|folder| folder.environment() == environment) {
            if folder.load()?.is_some_and(|record| record.shares.as_ref() == Some(mailbox)) {
                found.push(folder.mailbox().clone());
            }
        }
        Ok(found)
    }

    /// The user's settings; the defaults if there is no `settings.toml`.
    pub fn settings(&self) -> Result<Settings, StoreError> {
        let path = self.home.join("settings.toml");
        match self.optional(&path)? {
            Some(text) => {
                toml::from_str(&text).map_err(|e| StoreError::Malformed { path, detail: unread(&e) })
            }
            None => Ok(Settings::default()),
        }
    }

    /// The user's own version of a template, if there is one.
    pub fn template(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.optional(&self.templates().join(name))
    }

    /// The folder of the user's own templates.
    pub fn templates(&self) -> PathBuf {
        self.home.join("templates")
    }

    /// The names of the user's own templates, in their order; none without the folder.
    pub fn template_names(&self) -> Result<Vec<String>, StoreError> {
        let path = self.templates();
        let failed = |source| StoreError::Io { path: path.clone(), source };
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
        let mut names = entries.map(name).collect::<io::Result<Vec<_>>>().map_err(failed)?;
        names.sort();
        Ok(names)
    }

    /// A file of the rehearsal CA, if it was made.
    pub fn rehearsal_ca(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.optional(&self.home.join(REHEARSAL_CA).join(name))
    }

    /// Keeps the rehearsal CA: all files together, once. Another run that was first wins.
    pub fn keep_rehearsal_ca(&self, contents: &[(&str, &[u8])]) -> Result<(), StoreError> {
        files::create_folder(&self.home)?;
        match files::write_new_folder(&self.home.join(REHEARSAL_CA), contents) {
            Err(_) if self.home.join(REHEARSAL_CA).join("root.pem").is_file() => Ok(()),
            other => other,
        }
    }

    fn optional(&self, path: &Path) -> Result<Option<String>, StoreError> {
        match files::read_bounded(path, FILE_LIMIT) {
            Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| StoreError::Malformed {
                path: path.to_owned(),
                detail: "it is not UTF-8".into(),
            }),
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
