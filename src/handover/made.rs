use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::item::Secret;
use super::preset::Preset;
use crate::pki::Fingerprint;
use crate::secret::SecretBytes;
use crate::store::ExportedFile;

/// What one consumer loads, in memory.
#[derive(Debug)]
pub struct Handover {
    /// For whom.
    pub preset: &'static Preset,
    /// The settings that it was made with.
    pub settings: BTreeMap<&'static str, String>,
    /// The files.
    pub files: Vec<MadeFile>,
    /// Values that some readers of a file take for others, in words.
    pub doubts: Vec<String>,
}

/// One file.
#[derive(Debug)]
pub struct MadeFile {
    /// Its path below the folder.
    pub path: PathBuf,
    /// What it is, in a few words.
    pub holds: &'static str,
    /// The secrets in it.
    pub secrets: Vec<Secret>,
    /// The name of the template that made it, if it is one of the user's own.
    pub own_template: Option<String>,
    /// What is in it.
    pub bytes: SecretBytes,
}

/// SHA-256 over files, each with its path and its length before it, in their order.
pub(super) fn digest(files: &[(&Path, &[u8])]) -> Fingerprint {
    let parts = |(path, bytes): &(&Path, &[u8])| 16 + path.as_os_str().len() + bytes.len();
    // Large enough from the start, so that it does not move and leave a copy behind.
    let mut all = Zeroizing::new(Vec::with_capacity(files.iter().map(parts).sum()));
    for (path, bytes) in files {
        for part in [path.as_os_str().as_encoded_bytes(), bytes] {
            all.extend_from_slice(&(part.len() as u64).to_be_bytes());
            all.extend_from_slice(part);
        }
    }
    Fingerprint::of(&all)
}

impl MadeFile {
    /// What is recorded of it. The hash of a file that holds a password and no key would let whoever reads the record
    /// try passwords: it is left out.
    pub(super) fn recorded(&self) -> ExportedFile {
        let sha256 = self.may_be_hashed().then(|| Fingerprint::of(self.bytes.expose()));
        ExportedFile { path: self.path.display().to_string(), sha256 }
    }

    fn has_key(&self) -> bool {
        self.secrets.iter().any(|secret| matches!(secret, Secret::OpenKey | Secret::ClosedKey))
    }

    fn may_be_hashed(&self) -> bool {
        self.secrets.is_empty() || self.has_key()
    }
}

impl Handover {
    /// What tells a change of the files that have no hash of their own. The hashes of the others stand in the record, so
    /// that it is over what is in them: a key, of which nobody knows enough to try passwords. Without one there is none.
    pub(super) fn digest(&self) -> Option<Fingerprint> {
        let needed = self.files.iter().any(|file| !file.may_be_hashed());
        let safe = self.files.iter().any(MadeFile::has_key);
        let files = || self.files.iter().map(|file| (file.path.as_path(), file.bytes.expose()));
        (needed && safe).then(|| digest(&files().collect::<Vec<_>>()))
    }

    /// Whether any file holds a secret.
    pub fn is_secret(&self) -> bool {
        self.files.iter().any(|file| !file.secrets.is_empty())
    }
}
