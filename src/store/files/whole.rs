use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::{
    Ownership, Readers, TEMPORARY, TemporaryFolder, create_folder, failed, fault, folder_of,
    private_temporary_folder, read_back, sync_folder, take_over, write_new,
};
use crate::store::StoreError;

/// Makes a folder of files whole, each by its path below it: temporary name, every file synced and read back, rename to
/// `path`, parent synced. A folder that is there already is left as it is, unless it is empty.
pub fn write_new_tree(path: &Path, files: &[(PathBuf, &[u8])]) -> Result<(), StoreError> {
    ready_tree(folder_of(path), TEMPORARY, files, Readers::Owner, None)?.put(path)
}

/// A folder of files that is whole and private, and has no name of its own yet. It goes away when dropped.
#[derive(Debug)]
pub struct ReadyTree {
    folder: TemporaryFolder,
    not_taken_over: Option<Ownership>,
}

/// Writes one in the folder `parent`, under a name that begins with `prefix`, synced and read back, with owner and group
/// of the folder that it is to replace.
pub(in crate::store) fn ready_tree(
    parent: &Path,
    prefix: &str,
    files: &[(PathBuf, &[u8])],
    readers: Readers,
    replaces: Option<&Path>,
) -> Result<ReadyTree, StoreError> {
    fault::point();
    let temporary = private_temporary_folder(prefix, parent)?;
    let files: Vec<_> = files.iter().map(|(name, bytes)| (temporary.path().join(name), *bytes)).collect();
    let mut folders: Vec<_> = files
        .iter()
        .flat_map(|(file, _)| file.ancestors().skip(1))
        .filter(|folder| folder.starts_with(temporary.path()))
        .collect();
    folders.sort_unstable();
    folders.dedup();
    for folder in &folders {
        create_folder(folder)?;
    }
    write_new(&files)?;
    for folder in &folders {
        sync_folder(folder)?;
    }
    read_back(&files)?;
    // Before any of them is let in.
    let paths = files.iter().map(|(file, _)| file.as_path()).chain(folders.iter().copied());
    let not_taken_over = replaces.and_then(|old| take_over(temporary.path(), paths, old));
    readers.admit(files.iter().map(|(file, _)| file.as_path()), &folders)?;
    Ok(ReadyTree { folder: temporary, not_taken_over })
}

impl ReadyTree {
    /// Owner and group of the folder that it is to replace, if they could not be given to all of it.
    pub fn not_taken_over(&self) -> Option<Ownership> {
        self.not_taken_over
    }

    /// Gives it the name `path`, beside which it was written. Nothing that is there is replaced.
    pub fn put(self, path: &Path) -> Result<(), StoreError> {
        // Renaming a folder onto one with files in it fails.
        fs::rename(self.folder.path(), path).map_err(failed(path))?;
        let _ = self.folder.keep();
        fault::point();
        sync_folder(folder_of(path))
    }
}

/// Writes a new private file by `write`, which may take a while: under a temporary name, synced, then read by `check`;
/// only what both are content with gets the name `path`, which never replaces another. Returns its length in bytes.
pub fn write_streamed<E: From<StoreError>>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    check: impl FnOnce(&mut dyn Read) -> Result<(), E>,
) -> Result<u64, E> {
    fault::point();
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // tempfile creates with O_EXCL and 0600.
    let file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder).map_err(failed(folder))?;
    fault::point();
    let mut output = BufWriter::new(file.as_file());
    write(&mut output)?;
    output.flush().map_err(failed(path))?;
    drop(output);
    fault::point();
    file.as_file().sync_all().map_err(failed(path))?;
    let mut input: &File = file.as_file();
    let bytes = input.metadata().map_err(failed(path))?.len();
    input.rewind().map_err(failed(path))?;
    check(&mut BufReader::new(input))?;
    fault::point();
    file.persist_noclobber(path).map_err(|e| failed(path)(e.error))?;
    fault::point();
    sync_folder(folder)?;
    Ok(bytes)
}
