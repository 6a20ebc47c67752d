use std::path::{Path, PathBuf};

use super::{StoreError, files};
use crate::pki::{BundleRole, Bundles};

/// Bundles on disk. No secret: names only.
#[derive(Debug, Clone)]
pub struct KeptBundles {
    /// The folder that holds them and nothing else.
    pub folder: PathBuf,
    /// The files, in the order in which they are told.
    pub files: Vec<KeptFile>,
}

/// One bundle on disk.
#[derive(Debug, Clone)]
pub struct KeptFile {
    /// What it is for.
    pub role: BundleRole,
    /// Its path.
    pub path: PathBuf,
    /// Which readers open it, in a few words.
    pub readers: &'static str,
}

impl KeptBundles {
    /// Writes all of `bundles` as the new folder `path`, or nothing: the folder appears whole, after every
    /// file in it was compared with what it should be. The folder above it has to be there.
    pub fn write(path: &Path, bundles: &Bundles) -> Result<Self, StoreError> {
        Self::write_with(path, bundles, &[])
    }

    /// The same with `more` files by name, such as the key that the bundles were made with.
    pub fn write_with(path: &Path, bundles: &Bundles, more: &[(&str, &[u8])]) -> Result<Self, StoreError> {
        let files = bundles.files().iter().map(|f| (f.name.as_str(), f.bytes.expose()));
        files::write_new_folder(path, &files.chain(more.iter().copied()).collect::<Vec<_>>())?;
        let kept = bundles.files().iter().map(|f| KeptFile {
            role: f.role,
            path: path.join(&f.name),
            readers: f.readers,
        });
        Ok(Self { folder: path.to_owned(), files: kept.collect() })
    }

    /// The file of one role, if it was asked for.
    pub fn file(&self, role: BundleRole) -> Option<&Path> {
        self.files.iter().find(|f| f.role == role).map(|f| f.path.as_path())
    }
}
