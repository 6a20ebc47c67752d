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
        let contents: Vec<_> = bundles.files().iter().map(|f| (f.name.as_str(), f.bytes.expose())).collect();
        files::write_new_folder(path, &contents)?;
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
