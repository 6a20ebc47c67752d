use std::collections::BTreeMap;
use std::path::PathBuf;

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
    /// What is in it.
    pub bytes: SecretBytes,
}

impl MadeFile {
    /// What is recorded of it. The hash of a file that holds a password and no key would let whoever reads the record
    /// try passwords: it is left out.
    pub(super) fn recorded(&self) -> ExportedFile {
        let has_key = self.secrets.iter().any(|s| matches!(s, Secret::OpenKey | Secret::ClosedKey));
        let sha256 = (self.secrets.is_empty() || has_key).then(|| Fingerprint::of(self.bytes.expose()));
        ExportedFile { path: self.path.display().to_string(), sha256 }
    }
}

impl Handover {
    /// Whether any file holds a secret.
    pub fn is_secret(&self) -> bool {
        self.files.iter().any(|file| !file.secrets.is_empty())
    }
}
