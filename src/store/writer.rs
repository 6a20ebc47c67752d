use std::path::{Path, PathBuf};

use super::files::{self, LockFile, Readers, ReadyTree};
use super::{Folder, KeptBundles, MailboxRecord, StoreError};
use crate::pki::{Bundles, Fingerprint};

/// The right to write to a mailbox's folder: it exists only while the lock is held.
#[derive(Debug)]
pub struct Writer {
    folder: Folder,
    _lock: LockFile,
}

impl Writer {
    pub(super) fn take(folder: Folder, holder: &str) -> Result<Self, StoreError> {
        files::create_folder(folder.path())?;
        let lock = LockFile::take(&folder.path().join(".lock"), holder)?;
        let writer = Self { folder, _lock: lock };
        writer.sweep()?;
        Ok(writer)
    }

    /// Temporary names of a killed run have no owner once the lock is ours.
    fn sweep(&self) -> Result<(), StoreError> {
        files::sweep(self.folder.path())?;
        for (_, credential) in self.folder.numbered_credentials()? {
            files::sweep(&credential)?;
        }
        Ok(())
    }

    /// Whose it is.
    pub(super) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// An empty folder for a new credential. Returns its number, above every number ever used here.
    pub fn new_credential(&self, record: Option<&MailboxRecord>) -> Result<u32, StoreError> {
        let number = self.folder.next_credential(record)?;
        files::create_folder(&self.folder.credential(number))?;
        Ok(number)
    }

    /// Writes the key of a new credential; it is on disk and synced when this returns.
    pub fn keep_key(&self, number: u32, key_pem: &str) -> Result<(), StoreError> {
        let credential = self.folder.credential(number);
        files::write_new(&[(credential.join("key.pem"), key_pem.as_bytes())])?;
        files::sync_folder(&credential)
    }

    /// Writes the request beside its key.
    pub fn keep_request(&self, number: u32, csr: &str, eml: &[u8], text: &str) -> Result<(), StoreError> {
        let credential = self.folder.credential(number);
        files::write_new(&[
            (credential.join("request.csr"), csr.as_bytes()),
            (credential.join("request.eml"), eml),
            (credential.join("request.txt"), text.as_bytes()),
        ])?;
        files::sync_folder(&credential)
    }

    /// Writes the bundles of a credential as one new folder.
    pub fn keep_bundles(&self, number: u32, bundles: &Bundles) -> Result<KeptBundles, StoreError> {
        KeptBundles::write(&self.folder.next_bundles(number)?, bundles)
    }

    /// A folder of files to be put beside `path`, outside of the home. What a killed run left there of an earlier one of
    /// this mailbox is swept away; its name tells it from those of other mailboxes and homes, whose locks are not ours.
    /// What `replaces` a folder has its owner and group.
    pub fn ready_outside(
        &self,
        path: &Path,
        files: &[(PathBuf, &[u8])],
        readers: Readers,
        replaces: bool,
    ) -> Result<ReadyTree, StoreError> {
        let whose = Fingerprint::of(self.folder.path().as_os_str().as_encoded_bytes()).to_string();
        let prefix = format!("{}{}-", files::TEMPORARY, &whose[..12]);
        let parent = files::folder_of(path);
        files::sweep_named(parent, &prefix)?;
        files::ready_tree(parent, &prefix, files, readers, replaces.then_some(path))
    }

    /// Makes `record` what counts. Everything that it names is on disk already.
    pub fn commit(&self, record: &MailboxRecord) -> Result<(), StoreError> {
        files::replace(&self.folder.record_path(), self.folder.text(record)?.as_bytes())
    }
}
