//! Files in the downloads folder that answer a request.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::desk::reply;
use crate::pki::Fingerprint;
use crate::store::{CredentialRecord, MailboxRecord, files};

/// How many files are looked into, the newest first.
const FILES: usize = 200;

/// Larger files are not what a desk sends, emails with pictures in them included.
const FILE_SIZE: u64 = 4 << 20;

/// How much is read in all: nobody waits for this long.
const ALL: u64 = 32 << 20;

/// A file whose certificate has the key of a request.
pub struct Fit {
    /// The file.
    pub path: PathBuf,
    /// When it was saved.
    pub saved: OffsetDateTime,
    /// The credential that it answers.
    pub credential: u32,
}

/// The files in `folder` that answer a request of this mailbox, the newest first. What cannot be read is
/// passed over: nobody has named it.
pub fn fitting(folder: &Path, record: &MailboxRecord) -> Vec<Fit> {
    let waiting: Vec<_> = record.credentials.iter().filter(|credential| waits(credential)).collect();
    let Some(since) = waiting.iter().map(|credential| credential.requested_at).min() else {
        return Vec::new();
    };
    let mut found: Vec<_> = files::list(folder)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|path| {
            let metadata = fs::metadata(&path).ok()?;
            let saved = OffsetDateTime::from(metadata.modified().ok()?);
            let likely = metadata.is_file() && (1..=FILE_SIZE).contains(&metadata.len()) && saved >= since;
            likely.then_some((Reverse(saved), path, metadata.len()))
        })
        .collect();
    found.sort();
    let mut read = 0;
    let affordable = found.into_iter().take(FILES).take_while(|(_, _, size)| {
        read += size;
        read <= ALL
    });
    affordable
        .filter_map(|(Reverse(saved), path, _)| {
            let keys = keys(&path);
            let credential = waiting.iter().find(|credential| keys.contains(&credential.key_sha256))?;
            Some(Fit { path, saved, credential: credential.number })
        })
        .collect()
}

/// Whether a credential has asked for a certificate that has not been imported.
fn waits(credential: &CredentialRecord) -> bool {
    credential.certificate.is_none() && credential.adopted_at.is_none()
}

fn keys(path: &Path) -> Vec<Fingerprint> {
    let bytes = files::read_bounded(path, FILE_SIZE).unwrap_or_default();
    let certificates = reply::certificates(&bytes).unwrap_or_default();
    certificates.iter().map(crate::pki::Certificate::key_fingerprint).collect()
}
