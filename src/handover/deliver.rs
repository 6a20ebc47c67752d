use std::path::{Path, PathBuf};

use time::OffsetDateTime;

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
    let old = load(mailbox)?;
    let consumer = handover.preset.name;
    let earlier = old.exports.iter().find(|e| e.folder == to.folder && e.consumer == consumer);
    let earlier = earlier.filter(|_| to.folder.symlink_metadata().is_ok());
    match earlier {
        Some(earlier) => must_be_ours(earlier, handover)?,
        None => files::check_new(to.folder)?,
    }
    let files: Vec<_> = handover.files.iter().map(|f| (f.path.clone(), f.bytes.expose())).collect();
    let ready = writer.ready_outside(to.folder, &files, to.readers)?;
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
        sha256: handover.digest(),
        server_ca: to.server_ca.iter().map(Certificate::pem).collect(),
        settings: handover.settings.iter().map(|(name, value)| ((*name).into(), value.clone())).collect(),
        files: handover.files.iter().map(MadeFile::recorded).collect(),
    };
    let mut record = old.clone();
    record.exports.retain(|other| other.folder != to.folder);
    record.exports.push(export.clone());
    // Killed between the two, the next run has to know the folder for ours.
    if earlier.is_some() {
        let before = files::replace_tree(to.folder, ready)?;
        writer.commit(&record)?;
        return Ok(Delivered { record: export, before: Some(before) });
    }
    writer.commit(&record)?;
    if let Err(error) = ready.put(to.folder) {
        writer.commit(&old)?;
        return Err(error.into());
    }
    Ok(Delivered { record: export, before: None })
}

pub(super) fn load(mailbox: &Folder) -> Result<MailboxRecord, HandoverError> {
    Ok(mailbox.load()?.ok_or_else(|| StoreError::NoSuchMailbox {
        mailbox: mailbox.mailbox().clone(),
        environment: Some(mailbox.environment()),
        home: mailbox.path().to_owned(),
    })?)
}

/// An application's own files beside ours would be gone for it. Those of `handover` are there if a run was killed before
/// it could note them.
fn must_be_ours(earlier: &ExportRecord, handover: &Handover) -> Result<(), HandoverError> {
    let folder = &earlier.folder;
    let mut waiting = vec![folder.clone()];
    while let Some(below) = waiting.pop() {
        for path in files::list(&below)? {
            if path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
                waiting.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path);
            let noted = earlier.files.iter().any(|file| Path::new(&file.path) == name);
            if !noted && !handover.files.iter().any(|file| file.path == name) {
                return Err(HandoverError::NotOurs {
                    folder: folder.clone(),
                    name: name.display().to_string(),
                });
            }
        }
    }
    Ok(())
}
