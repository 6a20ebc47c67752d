use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::error::HandoverError;
use super::made::{Handover, MadeFile};
use crate::pki::{Certificate, Fingerprint};
use crate::store::files::{self, Readers};
use crate::store::{ExportRecord, Folder, MailboxRecord, StoreError};

/// Where a handover goes, and what has to be remembered to make it again.
#[derive(Debug)]
pub struct Destination<'a> {
    /// The folder, absolute.
    pub folder: &'a Path,
    /// Where the consumer finds it, if elsewhere.
    pub installed_at: Option<&'a Path>,
    /// Who may read it.
    pub readers: Readers,
    /// The address of MESH, where the user named one.
    pub url: Option<&'a str>,
    /// The certificates to believe at the server, where the user named them.
    pub server_ca: &'a [Certificate],
    /// Whether PFX and keystore are of the legacy profile.
    pub legacy_pfx: bool,
    /// The credential that is handed over.
    pub credential: u32,
    /// SHA-256 of its certificate.
    pub certificate_sha256: Fingerprint,
}

/// A handover that lies where it should.
#[derive(Debug)]
pub struct Delivered {
    /// What is recorded of it.
    pub record: ExportRecord,
    /// Where the one lies that was there before.
    pub before: Option<PathBuf>,
}

/// Writes a handover and records where. A folder that holds an earlier one for the same consumer is replaced, and kept
/// under another name; any other that is there stays as it is.
pub fn deliver(
    mailbox: &Folder,
    handover: &Handover,
    to: &Destination<'_>,
    holder: &str,
    now: OffsetDateTime,
) -> Result<Delivered, HandoverError> {
    let writer = mailbox.lock(holder)?;
    let mut record = load(mailbox)?;
    let consumer = handover.preset.name;
    let earlier = record.exports.iter().find(|e| e.folder == to.folder && e.consumer == consumer);
    let files: Vec<_> = handover.files.iter().map(|f| (f.path.clone(), f.bytes.expose())).collect();
    let before = match earlier.filter(|_| to.folder.symlink_metadata().is_ok()) {
        Some(earlier) => {
            must_be_ours(earlier)?;
            Some(files::replace_tree(to.folder, &files, to.readers)?)
        }
        None => {
            files::check_new(to.folder)?;
            files::write_new_tree_for(to.folder, &files, to.readers)?;
            None
        }
    };
    let export = ExportRecord {
        consumer: consumer.into(),
        folder: to.folder.to_owned(),
        credential: to.credential,
        certificate_sha256: to.certificate_sha256,
        exported_at: now,
        url: to.url.map(str::to_owned),
        installed_at: to.installed_at.map(Path::to_owned),
        mode: (to.readers != Readers::Owner).then(|| to.readers.to_string()),
        legacy_pfx: to.legacy_pfx,
        sha256: digest(handover.files.iter().map(|f| (f.path.as_path(), f.bytes.expose()))),
        server_ca: to.server_ca.iter().map(Certificate::pem).collect(),
        settings: handover.settings.iter().map(|(name, value)| ((*name).into(), value.clone())).collect(),
        files: handover.files.iter().map(MadeFile::recorded).collect(),
    };
    record.exports.retain(|other| other.folder != to.folder);
    record.exports.push(export.clone());
    writer.commit(&record)?;
    Ok(Delivered { record: export, before })
}

pub(super) fn load(mailbox: &Folder) -> Result<MailboxRecord, HandoverError> {
    Ok(mailbox.load()?.ok_or_else(|| StoreError::NoSuchMailbox {
        mailbox: mailbox.mailbox().clone(),
        environment: Some(mailbox.environment()),
        home: mailbox.path().to_owned(),
    })?)
}

/// SHA-256 over files with their paths, in their order.
pub(super) fn digest<'a>(files: impl Iterator<Item = (&'a Path, &'a [u8])>) -> Fingerprint {
    let mut all = Zeroizing::new(Vec::new());
    for (path, bytes) in files {
        all.extend_from_slice(Fingerprint::of(path.to_string_lossy().as_bytes()).as_bytes());
        all.extend_from_slice(Fingerprint::of(bytes).as_bytes());
    }
    Fingerprint::of(&all)
}

/// An application's own files beside ours would be gone for it.
fn must_be_ours(earlier: &ExportRecord) -> Result<(), HandoverError> {
    let folder = &earlier.folder;
    let mut waiting = vec![folder.clone()];
    while let Some(below) = waiting.pop() {
        for path in files::list(&below)? {
            if path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
                waiting.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path);
            if !earlier.files.iter().any(|file| Path::new(&file.path) == name) {
                return Err(HandoverError::NotOurs {
                    folder: folder.clone(),
                    name: name.display().to_string(),
                });
            }
        }
    }
    Ok(())
}
