//! The only code that writes to disk, and the only home of what differs between operating systems.
//!
//! Files are private (0600, folders 0700) from the first byte. They are written under a temporary name,
//! synced, and only then given their own name, which never replaces another. The one exception is
//! [`replace`], for the file whose rename is the commit.

mod exchange;
mod owner;
mod readers;
mod reading;
mod spool;
mod whole;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

use zeroize::Zeroizing;

use super::fault;
use super::{FILE_LIMIT, StoreError};
pub use exchange::replace_tree;
pub use owner::Ownership;
use owner::take_over;
pub use readers::{Readers, ReadersError};
pub use spool::SpoolFile;
pub(super) use whole::ready_tree;
pub use whole::{ReadyTree, write_new_tree, write_streamed};

pub(super) use reading::identity;
use reading::is_private;
pub use reading::{
    is_readable_by_others, list, name_of, open_permissions, read_bounded, read_stdin, resolved,
};

/// Marks a name as temporary: whoever holds the lock may sweep it away.
pub(super) const TEMPORARY: &str = ".tmp-";

/// Names the path in an I/O error.
pub fn failed(path: &Path) -> impl FnOnce(io::Error) -> StoreError + '_ {
    move |source| StoreError::Io { path: path.to_owned(), source }
}

/// Creates a private folder and those above it that are missing, each synced into its parent.
pub fn create_folder(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
    if let Some(parent) = parent {
        create_folder(parent)?;
    }
    fault::point();
    match private_folder(path) {
        Ok(()) => {}
        // Two first runs at once: the other one made it.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(failed(path)(io::Error::new(error.kind(), "it is there and no folder")));
        }
        Err(error) => return Err(failed(path)(error)),
    }
    fault::point();
    parent.map_or(Ok(()), sync_folder)
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Makes the names in a folder survive a crash. A no-op where folders cannot be opened.
pub(super) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    File::open(path).and_then(|folder| folder.sync_all()).map_err(failed(path))?;
    let _ = path;
    fault::point();
    Ok(())
}

/// Writes new files whole: temporary name, sync, rename that never replaces. The folder is not yet synced,
/// so that several files share one [`sync_folder`].
///
/// The files are synced side by side, which most file systems do in the time of one.
pub(super) fn write_new(files: &[(PathBuf, &[u8])]) -> Result<(), StoreError> {
    let written: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> =
            files.iter().map(|(path, bytes)| scope.spawn(|| write_temporary(path, bytes))).collect();
        threads.into_iter().map(|t| t.join().expect("writing does not panic")).collect()
    });
    for ((path, _), temporary) in files.iter().zip(written) {
        temporary?.persist_noclobber(path).map_err(|e| failed(path)(e.error))?;
        fault::point();
    }
    Ok(())
}

/// Where a file lies; a bare name lies in the working folder.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file whole in place of the one that is there.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let temporary = write_temporary(path, bytes)?;
    temporary.persist(path).map_err(|e| failed(path)(e.error))?;
    fault::point();
    sync_folder(folder_of(path))
}

/// Writes a file whole in place of the one that is there, or not at all; after a crash of the whole machine the old
/// one may be back. For what is written often, and whose loss costs no more than time.
pub(super) fn replace_soon(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    fault::point();
    let folder = path.parent().expect("a file lies in a folder");
    let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder).map_err(failed(path))?;
    file.write_all(bytes).map_err(failed(path))?;
    fault::point();
    file.persist(path).map_err(|e| failed(path)(e.error))?;
    fault::point();
    Ok(())
}

/// A private file to be written in parts, and whether it is new: the one that is there, or a new one in place of
/// what somebody else put there. Nothing if another run was quicker: try again.
pub(super) fn part(path: &Path) -> Result<Option<(File, bool)>, StoreError> {
    if let Some(file) = open_part(path)? {
        return Ok(Some((file, false)));
    }
    // Only what is certainly no part of ours is taken away.
    if path.symlink_metadata().is_ok_and(|metadata| !is_private(&metadata)) {
        remove(path)?;
    }
    fault::point();
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match options.open(path) {
        Ok(file) => Ok(Some((file, true))),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(failed(path)(error)),
    }
}

/// Whether an open file is the one that has this name.
pub(super) fn is_at(file: &File, path: &Path) -> Result<bool, StoreError> {
    let open = file.metadata().map_err(failed(path))?;
    match path.symlink_metadata() {
        #[cfg(unix)]
        Ok(named) => {
            use std::os::unix::fs::MetadataExt;
            Ok((open.dev(), open.ino()) == (named.dev(), named.ino()))
        }
        // An open file keeps its name there.
        #[cfg(not(unix))]
        Ok(named) => Ok(open.len() == named.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(path)(error)),
    }
}

/// Opens a file that was written in part; nothing if there is none, or one that somebody else could have put
/// there: another owner, a link, or open to other writers.
pub(super) fn open_part(path: &Path) -> Result<Option<File>, StoreError> {
    match path.symlink_metadata() {
        Ok(metadata) if is_private(&metadata) => {
            fs::OpenOptions::new().read(true).write(true).open(path).map(Some).map_err(failed(path))
        }
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path)(error)),
    }
}

/// Opens a file that the user named, to be sent.
pub fn open(path: &Path) -> Result<File, StoreError> {
    File::open(path).map_err(failed(path))
}

/// Gives a synced file its own name, which never replaces another, and syncs the folder.
pub(super) fn rename_new(from: &Path, to: &Path) -> Result<(), StoreError> {
    fault::point();
    let mut from = tempfile::TempPath::try_from_path(from).map_err(failed(from))?;
    // A name that is taken costs nobody the file.
    from.disable_cleanup(true);
    from.persist_noclobber(to).map_err(|e| failed(to)(e.error))?;
    fault::point();
    sync_folder(folder_of(to))
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    fault::point();
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path)(error)),
        _ => Ok(()),
    }
}

/// A private, synced file beside `path`.
fn write_temporary(path: &Path, bytes: &[u8]) -> Result<tempfile::NamedTempFile, StoreError> {
    fault::point();
    let folder = folder_of(path);
    // tempfile creates with O_EXCL and 0600.
    let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder).map_err(failed(path))?;
    fault::point();
    let written = fault::spoilt(path, bytes);
    let (first, second) = written.split_at(written.len() / 2);
    file.write_all(first).map_err(failed(path))?;
    fault::point();
    file.write_all(second).map_err(failed(path))?;
    fault::point();
    file.as_file().sync_all().map_err(failed(path))?;
    fault::point();
    Ok(file)
}

/// Makes a folder of files whole, as [`write_new_tree`] does.
pub fn write_new_folder(path: &Path, files: &[(&str, &[u8])]) -> Result<(), StoreError> {
    let files: Vec<_> = files.iter().map(|(name, bytes)| (PathBuf::from(name), *bytes)).collect();
    write_new_tree(path, &files)
}

/// Compares what the operating system gives back with what was written.
fn read_back(files: &[(PathBuf, &[u8])]) -> Result<(), StoreError> {
    for (path, bytes) in files {
        // Some of them are keys.
        let found = Zeroizing::new(read_bounded(path, bytes.len() as u64 + 1)?);
        if found.as_slice() != *bytes {
            return Err(StoreError::Differs { path: path.clone() });
        }
    }
    Ok(())
}

/// Writes a result where the user asked for it; never over another file.
pub fn write_result(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    write_new(&[(path.to_owned(), bytes)])?;
    sync_folder(folder_of(path))
}

/// Writes a file whole where the user asked for it, in place of an earlier one of ours; what anybody else has put there
/// stays.
pub fn write_ours(path: &Path, bytes: &[u8], is_ours: impl FnOnce(&[u8]) -> bool) -> Result<(), StoreError> {
    let found = match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return write_result(path, bytes),
        Err(error) => return Err(failed(path)(error)),
        Ok(found) => found,
    };
    // A link is not followed: what it leads to may be anybody's.
    if !found.is_file() || !is_ours(&read_bounded(path, FILE_LIMIT)?) {
        let other = "it is there, and was not made by mesh-onboard";
        return Err(failed(path)(io::Error::new(io::ErrorKind::AlreadyExists, other)));
    }
    replace(path, bytes)
}

/// Whether a result could be written to `path`: nothing is there, and its folder is.
pub fn check_new(path: &Path) -> Result<(), StoreError> {
    let taken = path.symlink_metadata().is_ok();
    let folder = folder_of(path);
    match (taken, folder.is_dir()) {
        (true, _) => Err(failed(path)(io::Error::new(io::ErrorKind::AlreadyExists, "already exists"))),
        (false, false) => {
            Err(failed(folder)(io::Error::new(io::ErrorKind::NotFound, "there is no such folder")))
        }
        (false, true) => Ok(()),
    }
}

/// Whether something could be written below the folder `path`, which need not be there. Leaves nothing behind.
pub fn check_room(path: &Path) -> Result<(), StoreError> {
    let there = path.ancestors().find(|folder| folder.exists()).unwrap_or(path);
    private_temporary_folder(TEMPORARY, there).map(drop).map_err(|error| match error {
        StoreError::Io { source, .. } => StoreError::Io { path: path.to_owned(), source },
        other => other,
    })
}

/// Removes temporary names that a killed run left in `folder`. Call it under the lock only.
pub fn sweep(folder: &Path) -> Result<(), StoreError> {
    sweep_named(folder, TEMPORARY)
}

/// The same of those alone that begin with `prefix`.
pub(super) fn sweep_named(folder: &Path, prefix: &str) -> Result<(), StoreError> {
    for entry in list(folder)? {
        if !name_of(&entry).starts_with(prefix) {
            continue;
        }
        fault::point();
        let removed = if entry.is_dir() { fs::remove_dir_all(&entry) } else { fs::remove_file(&entry) };
        removed.map_err(failed(&entry))?;
        fault::point();
    }
    Ok(())
}

/// A private folder that goes away when dropped.
pub fn temporary_home() -> Result<TemporaryFolder, StoreError> {
    private_temporary_folder("mesh-onboard-", &std::env::temp_dir())
}

fn private_temporary_folder(prefix: &str, parent: &Path) -> Result<tempfile::TempDir, StoreError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // tempfile leaves the mode of folders to the umask.
        builder.permissions(fs::Permissions::from_mode(0o700));
    }
    builder.tempdir_in(parent).map_err(failed(parent))
}

/// An advisory lock on a file. The holder stands in it while it is held; released, it is empty.
#[derive(Debug)]
pub struct LockFile(File);

impl LockFile {
    /// Takes the lock or says who holds it.
    pub fn take(path: &Path, holder: &str) -> Result<Self, StoreError> {
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(path).map_err(failed(path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The holder may not have written its name yet; the lock is what counts.
                let _ = file.read_to_string(&mut holder);
                return Err(StoreError::Locked { path: path.to_owned(), holder: holder.trim().to_owned() });
            }
            Err(fs::TryLockError::Error(error)) => return Err(failed(path)(error)),
        }
        file.set_len(0).and_then(|()| file.write_all(holder.as_bytes())).map_err(failed(path))?;
        fault::hold_lock();
        Ok(Self(file))
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // The lock goes with the handle; a name left behind would only mislead until the next holder.
        let _ = self.0.set_len(0);
    }
}

/// Whether a folder is there, and holds nothing but a lock that a run left.
pub fn holds_only_a_lock(folder: &Path) -> Result<bool, StoreError> {
    Ok(folder.is_dir() && list(folder)?.iter().all(|path| name_of(path) == ".lock"))
}

/// Takes such a folder away; any other stays as it is.
pub fn remove_bare(folder: &Path) -> Result<(), StoreError> {
    if !holds_only_a_lock(folder)? {
        return Ok(());
    }
    remove(&folder.join(".lock"))?;
    fs::remove_dir(folder).map_err(failed(folder))
}

/// A private folder that goes away with everything in it when dropped.
pub type TemporaryFolder = tempfile::TempDir;
