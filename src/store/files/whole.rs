use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::{
    Readers, TEMPORARY, create_folder, failed, fault, private_temporary_folder, read_back, sync_folder,
    write_new,
};
use crate::store::StoreError;

/// Makes a folder of files whole, each by its path below it: temporary name, every file synced and read back, rename to
/// `path`, parent synced. A folder that is there already is left as it is, unless it is empty.
pub fn write_new_tree(path: &Path, files: &[(PathBuf, &[u8])]) -> Result<(), StoreError> {
    write_new_tree_for(path, files, Readers::Owner)
}

/// The same for `readers`: until the folder has its name, it is private.
pub fn write_new_tree_for(
    path: &Path,
    files: &[(PathBuf, &[u8])],
    readers: Readers,
) -> Result<(), StoreError> {
    let parent = path.parent().expect("a folder of ours lies in another");
    fault::point();
    let temporary = private_temporary_folder(TEMPORARY, parent)?;
    let files: Vec<_> = files.iter().map(|(name, bytes)| (temporary.path().join(name), *bytes)).collect();
    let mut folders: Vec<_> = files.iter().filter_map(|(file, _)| file.parent()).collect();
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
    readers.admit(files.iter().map(|(file, _)| file.as_path()), &folders)?;
    // Renaming a folder onto one with files in it fails, so nothing is ever replaced.
    fs::rename(temporary.path(), path).map_err(failed(path))?;
    let _ = temporary.keep();
    fault::point();
    sync_folder(parent)
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
