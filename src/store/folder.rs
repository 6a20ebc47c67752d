use std::io;
use std::path::{Path, PathBuf};

use super::record::FORMAT;
use super::{CredentialRecord, FILE_LIMIT, MailboxRecord, StoreError, Writer, files, unread};
use crate::mailbox::{Environment, MailboxId};
use crate::pki::sniff;
use crate::pki::{BundleRole, Certificate, CertificateRequest};

/// The folder of one mailbox.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    environment: Environment,
    mailbox: MailboxId,
}

impl Folder {
    pub(super) fn new(path: PathBuf, environment: Environment, mailbox: MailboxId) -> Self {
        Self { path, environment, mailbox }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `mailbox.toml`, if a run got as far as writing it.
    pub fn load(&self) -> Result<Option<MailboxRecord>, StoreError> {
        let path = self.record_path();
        let bytes = match files::read_bounded(&path, FILE_LIMIT) {
            Ok(bytes) => bytes,
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        self.parse(bytes).map(Some)
    }

    /// The content of a `mailbox.toml` that is to be this mailbox's.
    pub fn parse(&self, bytes: Vec<u8>) -> Result<MailboxRecord, StoreError> {
        let malformed = |detail| self.unreadable(detail);
        let text = String::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8".into()))?;
        let newer = |found| StoreError::NewerFormat { path: self.record_path(), found };
        let record = match toml::from_str::<MailboxRecord>(&text) {
            Ok(record) if record.format > FORMAT => return Err(newer(record.format)),
            Ok(record) => record,
            // A newer file may hold anything else; only its format counts then.
            Err(error) => {
                let table: toml::Table = toml::from_str(&text).map_err(|e| malformed(unread(&e)))?;
                return Err(match table.get("format").and_then(toml::Value::as_integer) {
                    Some(found) if found > i64::from(FORMAT) => newer(found.try_into().unwrap_or(u32::MAX)),
                    _ => malformed(unread(&error)),
                });
            }
        };
        // A copied folder would otherwise speak for another environment.
        if (record.environment, &record.mailbox) != (self.environment, &self.mailbox) {
            let found = format!("it is about {} ({})", record.mailbox, record.environment);
            return Err(malformed(format!("{found}, and lies in the folder of another")));
        }
        Ok(record)
    }

    /// Whether `mailbox.toml` is there, whatever it says.
    pub fn is_begun(&self) -> bool {
        self.record_path().exists()
    }

    /// `mailbox.toml` as it is written.
    pub fn text(&self, record: &MailboxRecord) -> Result<String, StoreError> {
        toml::to_string_pretty(record)
            .map_err(|e| StoreError::Malformed { path: self.record_path(), detail: e.to_string() })
    }

    /// What is wrong with `mailbox.toml`.
    pub(super) fn unreadable(&self, detail: String) -> StoreError {
        let (mailbox, environment) = (self.mailbox.clone(), self.environment);
        StoreError::Unreadable { mailbox, environment, path: self.record_path(), detail }
    }

    /// The environment that the folder is for.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// The mailbox that the folder is for.
    pub fn mailbox(&self) -> &MailboxId {
        &self.mailbox
    }

    /// The folder of a credential.
    pub fn credential(&self, number: u32) -> PathBuf {
        self.credentials().join(format!("{number:04}"))
    }

    /// Credential folders that `mailbox.toml` does not name: a run was killed before its commit. They are
    /// kept, and their numbers are not used again.
    pub fn orphans(&self, record: Option<&MailboxRecord>) -> Result<Vec<(u32, PathBuf)>, StoreError> {
        let named = |number| record.is_some_and(|r| r.credentials.iter().any(|c| c.number == number));
        Ok(self.numbered_credentials()?.into_iter().filter(|(n, _)| !named(*n)).collect())
    }

    /// The number of the next credential, above every number ever used here.
    pub fn next_credential(&self, record: Option<&MailboxRecord>) -> Result<u32, StoreError> {
        let named = record.iter().flat_map(|r| &r.credentials).map(|c| c.number);
        let on_disk = self.numbered_credentials()?.into_iter().map(|(number, _)| number);
        Ok(named.chain(on_disk).max().unwrap_or(0) + 1)
    }

    /// Where the next bundles of a credential go: `bundles-01`, `bundles-02`, …, after those that are there.
    pub fn next_bundles(&self, number: u32) -> Result<PathBuf, StoreError> {
        let credential = self.credential(number);
        let number = |path: PathBuf| files::name_of(&path).strip_prefix("bundles-")?.parse::<u32>().ok();
        let last = files::list(&credential)?.into_iter().filter_map(number).max().unwrap_or(0);
        Ok(credential.join(format!("bundles-{:02}", last + 1)))
    }

    /// The email of a request as text, as it was drafted.
    pub fn request_text(&self, number: u32) -> Result<String, StoreError> {
        let path = self.credential(number).join("request.txt");
        let bytes = files::read_bounded(&path, FILE_LIMIT)?;
        String::from_utf8(bytes).map_err(|_| StoreError::Malformed { path, detail: "it is not UTF-8".into() })
    }

    /// The request of a credential.
    pub fn request(&self, number: u32) -> Result<CertificateRequest, StoreError> {
        let path = self.credential(number).join("request.csr");
        let bytes = files::read_bounded(&path, FILE_LIMIT)?;
        sniff::read(&bytes, &[])
            .request()
            .cloned()
            .ok_or_else(|| StoreError::Malformed { path, detail: "it is no certificate request".into() })
    }

    /// The certificate of a credential with as much of its chain as is kept, leaf first; nothing before it is
    /// imported.
    pub fn certificates(&self, credential: &CredentialRecord) -> Result<Vec<Certificate>, StoreError> {
        let Some(certificate) = &credential.certificate else { return Ok(Vec::new()) };
        let bundles = self.credential(credential.number).join(&certificate.bundles);
        let kept =
            [BundleRole::Fullchain, BundleRole::Certificate].map(|role| bundles.join(role.file_name("")));
        let path = kept.iter().find(|path| path.exists()).unwrap_or(&kept[1]);
        let bytes = files::read_bounded(path, FILE_LIMIT)?;
        sniff::certificates(&bytes).map_err(|detail| StoreError::Malformed { path: path.clone(), detail })
    }

    /// The folder of a credential's bundles, once it is imported.
    pub fn bundles(&self, credential: &CredentialRecord) -> Option<PathBuf> {
        let certificate = credential.certificate.as_ref()?;
        Some(self.credential(credential.number).join(&certificate.bundles))
    }

    /// The key of a credential, unless it is kept elsewhere.
    pub fn key(&self, credential: &CredentialRecord) -> Option<PathBuf> {
        (!credential.key_elsewhere).then(|| self.credential(credential.number).join("key.pem"))
    }

    /// The bundles of a credential that are there.
    pub fn bundle_files(&self, credential: &CredentialRecord) -> Vec<(BundleRole, PathBuf)> {
        let Some(bundles) = self.bundles(credential) else { return Vec::new() };
        let path = |role: BundleRole| (role, bundles.join(role.file_name(self.mailbox.as_str())));
        BundleRole::ALL.into_iter().map(path).filter(|(_, path)| path.is_file()).collect()
    }

    /// What a credential cannot do without, and is not there.
    pub fn missing(&self, credential: &CredentialRecord) -> Option<PathBuf> {
        let bundles = self.bundles(credential).unwrap_or_else(|| self.credential(credential.number));
        // Without its key, its chain may be unknown.
        let role = if credential.key_elsewhere { BundleRole::Certificate } else { BundleRole::Fullchain };
        let needed = [Some(bundles.join(role.file_name(""))), self.key(credential)];
        needed.into_iter().flatten().find(|path| !path.is_file())
    }

    /// Takes the lock, making the folder if need be. `holder` says who and since when.
    pub fn lock(&self, holder: &str) -> Result<Writer, StoreError> {
        Writer::take(self.clone(), holder)
    }

    pub(super) fn record_path(&self) -> PathBuf {
        self.path.join("mailbox.toml")
    }

    pub(super) fn credentials(&self) -> PathBuf {
        self.path.join("credentials")
    }

    pub(super) fn numbered_credentials(&self) -> Result<Vec<(u32, PathBuf)>, StoreError> {
        let paths = files::list(&self.credentials())?;
        Ok(paths.into_iter().filter_map(|p| Some((files::name_of(&p).parse().ok()?, p))).collect())
    }
}
