use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::catalogue::find;
use super::made::digest;
use super::preset::Delivery;
use crate::pki::Fingerprint;
use crate::store::files::{self, Readers};
use crate::store::{CredentialRecord, ExportRecord, StoreError, held};

/// How a handover stands.
#[derive(Debug)]
pub struct Verified {
    /// What is recorded of it.
    pub record: ExportRecord,
    /// Where it was read.
    pub folder: PathBuf,
    /// Whether its certificate is the one in use.
    pub is_current: bool,
    /// How it reaches its consumer.
    pub delivery: Delivery,
    /// What is not as it was written.
    pub faults: Vec<Fault>,
    /// Files that are there, and of which no hash is kept: they hold a password and no key.
    pub not_compared: Vec<String>,
}

/// Where a handover stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is as it was written, and its certificate is the one in use.
    InUse,
    /// Its certificate is not the one in use.
    Stale,
    /// A file holds something else than was written.
    Changed,
    /// More may read a file than should.
    Open,
    /// The folder or a file is not there.
    Missing,
    /// The folder or a file cannot be read.
    Unreadable,
    /// Its certificate is the one in use; the folder went when its files had been carried to their consumer.
    Removed,
}

impl State {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InUse => "in_use",
            Self::Stale => "stale",
            Self::Changed => "changed",
            Self::Open => "open",
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
            Self::Removed => "removed",
        }
    }

    /// Whether nothing has to be done about it.
    pub fn is_well(self) -> bool {
        matches!(self, Self::InUse | Self::Removed)
    }
}

/// What is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The folder is not there.
    NoFolder,
    /// It cannot be looked into.
    ClosedFolder {
        /// What the operating system says.
        detail: String,
    },
    /// A file is not there.
    Missing(String),
    /// A file holds something else.
    Changed(String),
    /// One of these files holds something else, of which no hash of its own is kept.
    OneChanged(Vec<String>),
    /// More may read a file than should.
    Open {
        /// The file.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// A file cannot be read.
    Unreadable {
        /// The file.
        path: String,
        /// What the operating system says.
        detail: String,
    },
}

impl Verified {
    /// Whether no file of it is absent.
    pub fn has_every_file(&self) -> bool {
        !self
            .faults
            .iter()
            .any(|fault| matches!(fault, Fault::NoFolder | Fault::ClosedFolder { .. } | Fault::Missing(_)))
    }

    /// Where it stands. What is wrong with its files comes before what is wrong with its certificate.
    pub fn state(&self) -> State {
        let has = |is: fn(&Fault) -> bool| self.faults.iter().any(is);
        let lacks = |fault: &Fault| matches!(fault, Fault::NoFolder | Fault::Missing(_));
        match self.is_current {
            is_current if self.is_removed() => {
                if is_current {
                    State::Removed
                } else {
                    State::Stale
                }
            }
            _ if has(lacks) => State::Missing,
            _ if has(|f| matches!(f, Fault::ClosedFolder { .. } | Fault::Unreadable { .. })) => {
                State::Unreadable
            }
            _ if self.is_changed() => State::Changed,
            _ if has(|f| matches!(f, Fault::Open { .. })) => State::Open,
            true => State::InUse,
            false => State::Stale,
        }
    }

    /// Whether somebody has changed a file of it.
    pub fn is_changed(&self) -> bool {
        self.faults.iter().any(|fault| matches!(fault, Fault::Changed(_) | Fault::OneChanged(_)))
    }

    /// Whether its folder went when what it held was carried to where the consumer reads it.
    pub fn is_removed(&self) -> bool {
        self.faults == [Fault::NoFolder] && self.delivery != Delivery::Loaded
    }
}

/// Reads a handover where it was put, or in `folder` where it was taken to, and compares it with what was written and with the credential in use.
pub fn verify(record: &ExportRecord, folder: Option<&Path>, current: Option<&CredentialRecord>) -> Verified {
    let folder = folder.unwrap_or(&record.folder);
    let certificate = current.and_then(|current| current.certificate.as_ref());
    let faults = faults(record, folder);
    let not_compared = match (record.sha256, faults.as_slice()) {
        (Some(_), _) | (None, [Fault::NoFolder | Fault::ClosedFolder { .. }]) => Vec::new(),
        (None, _) => without_hash(record).filter(|path| folder.join(path).is_file()).collect(),
    };
    Verified {
        record: record.clone(),
        folder: folder.to_owned(),
        is_current: certificate.is_some_and(|c| c.sha256 == record.certificate_sha256),
        // One that a later version knows is judged by its files.
        delivery: find(&record.consumer).map_or(Delivery::Loaded, |preset| preset.delivery),
        faults,
        not_compared,
    }
}

fn without_hash(record: &ExportRecord) -> impl Iterator<Item = String> {
    record.files.iter().filter(|file| file.sha256.is_none()).map(|file| file.path.clone())
}

fn faults(record: &ExportRecord, folder: &Path) -> Vec<Fault> {
    match folder.metadata() {
        Ok(metadata) if metadata.is_dir() => {}
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return vec![Fault::ClosedFolder { detail: error.to_string() }];
        }
        Ok(_) | Err(_) => return vec![Fault::NoFolder],
    }
    let mut faults = Vec::new();
    let mut all: Vec<(&Path, Zeroizing<Vec<u8>>)> = Vec::new();
    for file in &record.files {
        let path = folder.join(&file.path);
        match held(&path) {
            Ok(Some(bytes)) => {
                if file.sha256.is_some_and(|sha256| sha256 != Fingerprint::of(&bytes)) {
                    faults.push(Fault::Changed(file.path.clone()));
                }
                faults.extend(
                    too_open(record, &path).map(|mode| Fault::Open { path: file.path.clone(), mode }),
                );
                all.push((Path::new(&file.path), bytes));
            }
            Ok(None) => faults.push(Fault::Missing(file.path.clone())),
            Err(error) => {
                faults.push(Fault::Unreadable { path: file.path.clone(), detail: said(&error) });
            }
        }
    }
    let whole = all.len() == record.files.len();
    let named = faults.iter().any(|fault| matches!(fault, Fault::Changed(_)));
    let files: Vec<_> = all.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
    if whole && !named && record.sha256.is_some_and(|sha256| sha256 != digest(&files)) {
        faults.push(Fault::OneChanged(without_hash(record).collect()));
    }
    faults
}

fn said(error: &StoreError) -> String {
    match error {
        StoreError::Io { source, .. } => source.to_string(),
        other => other.to_string(),
    }
}

/// The permissions of a file, if more may read it than was asked for.
fn too_open(record: &ExportRecord, path: &Path) -> Option<u32> {
    let wanted = record.mode.as_deref().and_then(|mode| mode.parse::<Readers>().ok()).unwrap_or_default();
    let mode = files::open_permissions(path).ok().flatten()?;
    (mode & 0o777 & !wanted.mode() != 0).then_some(mode & 0o777)
}
