//! Reading, and what the operating system says of files.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::failed;
use crate::store::StoreError;

/// Reads a file of at most `limit` bytes. `-` is no special name here.
pub fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, StoreError> {
    let file = File::open(path).map_err(failed(path))?;
    // In one piece: a buffer that grows leaves parts of a secret behind, which nobody wipes.
    let size = file.metadata().map(|m| m.len()).unwrap_or_default().min(limit);
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    file.take(limit + 1).read_to_end(&mut bytes).map_err(failed(path))?;
    if bytes.len() as u64 > limit {
        return Err(StoreError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

/// Reads standard input, at most `limit` bytes.
pub fn read_stdin(limit: u64) -> Result<Vec<u8>, StoreError> {
    let path = Path::new("standard input");
    let mut bytes = Vec::new();
    io::stdin().lock().take(limit + 1).read_to_end(&mut bytes).map_err(failed(path))?;
    if bytes.len() as u64 > limit {
        return Err(StoreError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

/// Whether group or others may read the file.
pub fn is_readable_by_others(path: &Path) -> Result<bool, StoreError> {
    Ok(open_permissions(path)?.is_some())
}

/// The permission bits of a file that are not its owner's alone, such as `0644`, where the operating system has these;
/// nothing if all are.
pub fn open_permissions(path: &Path) -> Result<Option<u32>, StoreError> {
    let metadata = fs::metadata(path).map_err(failed(path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode() & 0o7777;
        Ok((mode & 0o077 != 0).then_some(mode))
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        Ok(None)
    }
}

/// What lies in a folder, sorted by name; nothing if there is no such folder.
pub fn list(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(folder)(error)),
    };
    let mut paths = entries
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed(folder))?;
    paths.sort();
    Ok(paths)
}

/// A path from its root, without links, `..` and the like on the way to its last part, which need not be there; as it is
/// spelled where the way is not there either.
pub fn resolved(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // Elsewhere a resolved path has a form that few programs take, and the one above has no `..`.
    #[cfg(unix)]
    {
        let resolved = match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => fs::canonicalize(parent).map(|parent| parent.join(name)),
            _ => fs::canonicalize(&path),
        };
        resolved.unwrap_or(path)
    }
    #[cfg(not(unix))]
    path
}

/// The last part of a path, as text.
pub fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A plain file of ours that nobody else may read or write.
pub(super) fn is_private(metadata: &fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let ours = metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o077 == 0;
        metadata.is_file() && ours
    }
    #[cfg(not(unix))]
    metadata.is_file()
}

/// A file's number on its disk and when anything about it was changed, in nanoseconds since 1970, where the operating system
/// has these.
pub(in crate::store) fn identity(metadata: &fs::Metadata) -> (Option<String>, Option<i64>) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let changed = metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec());
        (Some(metadata.ino().to_string()), Some(changed))
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        (None, None)
    }
}
