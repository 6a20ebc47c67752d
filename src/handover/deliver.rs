use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::error::HandoverError;
use super::made::{Handover, MadeFile};
use super::place::{Place, place};
use super::refresh::forget;
use crate::pki::{Certificate, Fingerprint};
use crate::store::files::{self, Ownership, Readers};
use crate::store::{ExportRecord, Folder, MailboxRecord, Store, StoreError};

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
    /// Owner and group of that one, if the new one could not have them.
    pub not_taken_over: Option<Ownership>,
    /// Handovers that were to the same folder, whose files are gone, and their mailboxes.
    pub forgotten: Vec<(Folder, ExportRecord)>,
}

/// Writes a handover and records where. A folder that holds an earlier one for the same consumer is replaced, and kept
/// under another name; any other that is there stays as it is.
pub fn deliver(
    store: &Store,
    mailbox: &Folder,
    handover: &Handover,
    to: &Destination<'_>,
    holder: &str,
    now: OffsetDateTime,
) -> Result<Delivered, HandoverError> {
    let writer = mailbox.lock(holder)?;
    let old = load(mailbox)?;
    let consumer = handover.preset.name;
    let (earlier, forgotten) = match place(store, mailbox, consumer, to.folder)? {
        Place::Ours(earlier) => (Some(earlier), Vec::new()),
        Place::Free(forgotten) => (None, forgotten),
    };
    let files: Vec<_> = handover.files.iter().map(|f| (f.path.clone(), f.bytes.expose())).collect();
    let ready = writer.ready_outside(to.folder, &files, to.readers, earlier.is_some())?;
    let not_taken_over = ready.not_taken_over();
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
        pending: Vec::new(),
    };
    let mut record = old.clone();
    record.exports.retain(|other| other.folder != to.folder);
    record.exports.push(export.clone());
    if earlier.is_some() {
        // Killed between the exchange and the last commit, the next run has to know the files for ours.
        let mut between = old.clone();
        between
            .exports
            .iter_mut()
            .filter(|other| other.folder == to.folder)
            .for_each(|other| other.pending.clone_from(&export.files));
        writer.commit(&between)?;
        let before = match files::replace_tree(to.folder, ready) {
            Ok(before) => before,
            Err(error) => {
                writer.commit(&old)?;
                return Err(error.into());
            }
        };
        writer.commit(&record)?;
        return Ok(Delivered { record: export, before: Some(before), not_taken_over, forgotten });
    }
    for (other, gone) in forgotten.iter().filter(|(other, _)| other.path() != mailbox.path()) {
        forget(other, &gone.folder, holder)?;
    }
    // Killed between the two, the next run has to know the folder for ours.
    writer.commit(&record)?;
    if let Err(error) = ready.put(to.folder) {
        writer.commit(&old)?;
        return Err(error.into());
    }
    Ok(Delivered { record: export, before: None, not_taken_over, forgotten })
}

pub(super) fn load(mailbox: &Folder) -> Result<MailboxRecord, HandoverError> {
    Ok(mailbox.load()?.ok_or_else(|| StoreError::NoSuchMailbox {
        mailbox: mailbox.mailbox().clone(),
        environment: Some(mailbox.environment()),
        home: mailbox.path().to_owned(),
    })?)
}
