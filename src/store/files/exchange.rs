use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{ReadyTree, failed, fault, folder_of, name_of, sync_folder};
use crate::store::StoreError;

/// Puts a folder of files in the place of one that is there, and returns where the earlier one lies now: a folder may
/// hold keys, and none is ever deleted.
///
/// Where the operating system can, the two change places at once; elsewhere nothing is there for a moment.
pub fn replace_tree(path: &Path, ready: ReadyTree) -> Result<PathBuf, StoreError> {
    let aside = aside(path);
    ready.put(&aside)?;
    fault::point();
    exchange(&aside, path).map_err(failed(path))?;
    fault::point();
    sync_folder(folder_of(path))?;
    Ok(aside)
}

/// The first name beside `path` that is free.
fn aside(path: &Path) -> PathBuf {
    let name = name_of(path);
    (1..)
        .map(|number| path.with_file_name(format!("{name}.before-{number}")))
        .find(|free| free.symlink_metadata().is_err())
        .expect("numbers do not end")
}

fn exchange(new: &Path, path: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, new, CWD, path, RenameFlags::EXCHANGE) {
            // Not every file system can.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            done => return Ok(done?),
        }
    }
    let between = aside(path);
    fs::rename(path, &between)?;
    if let Err(error) = fs::rename(new, path) {
        fs::rename(between, path)?;
        return Err(error);
    }
    fs::rename(between, new)
}
