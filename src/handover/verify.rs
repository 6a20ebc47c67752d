use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::made::digest;
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
    /// What is not as it was written.
    pub faults: Vec<Fault>,
    /// Files that are there, and of which no hash is kept: they hold a password and no key.
    pub not_compared: Vec<String>,
}

/// What is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The folder is not there.
    NoFolder,
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
        !self.faults.iter().any(|fault| matches!(fault, Fault::NoFolder | Fault::Missing(_)))
    }

    /// Whether it is what is in use.
    pub fn is_in_use(&self) -> bool {
        self.is_current && self.faults.is_empty()
    }
}

/// Reads a handover where it was put, or in `folder` where it was taken to, and compares it with what was written and with the credential in use.
pub fn verify(record: &ExportRecord, folder: Option<&Path>, current: Option<&CredentialRecord>) -> Verified {
    let folder = folder.unwrap_or(&record.folder);
    let certificate = current.and_then(|current| current.certificate.as_ref());
    let faults = faults(record, folder);
    let not_compared = match (record.sha256, faults.as_slice()) {
        (Some(_), _) | (None, [Fault::NoFolder]) => Vec::new(),
        (None, _) => without_hash(record).filter(|path| folder.join(path).is_file()).collect(),
    };
    Verified {
        record: record.clone(),
        folder: folder.to_owned(),
        is_current: certificate.is_some_and(|c| c.sha256 == record.certificate_sha256),
        faults,
        not_compared,
    }
}

fn without_hash(record: &ExportRecord) -> impl Iterator<Item = String> {
    record.files.iter().filter(|file| file.sha256.is_none()).map(|file| file.path.clone())
}

fn faults(record: &ExportRecord, folder: &Path) -> Vec<Fault> {
    if !folder.is_dir() {
        return vec![Fault::NoFolder];
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
