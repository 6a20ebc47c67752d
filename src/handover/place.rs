use std::io::ErrorKind;
use std::path::Path;

use super::error::HandoverError;
use crate::pki::Fingerprint;
use crate::store::{ExportRecord, Folder, Store, files, held};

/// What programs and desktops leave in a folder unasked, and make again.
const CLUTTER: [&str; 4] = ["__pycache__", ".DS_Store", "Thumbs.db", "desktop.ini"];

/// What is in the place where a handover goes.
#[derive(Debug)]
pub enum Place {
    /// Nothing. What was handed over there is gone, and its record goes with the new one: other mailboxes' and other
    /// consumers' handovers.
    Free(Vec<(Folder, ExportRecord)>),
    /// The earlier handover of the same mailbox to the same consumer, as it was written.
    Ours(Box<ExportRecord>),
}

/// Looks whose the folder is; what may not be replaced is an error.
pub fn place(store: &Store, mailbox: &Folder, consumer: &str, folder: &Path) -> Result<Place, HandoverError> {
    let mut ours = None;
    let mut others = Vec::new();
    for own in store.folders()? {
        let is_ours = own.path() == mailbox.path();
        let record = match own.load() {
            Ok(Some(record)) => record,
            Err(error) if is_ours => return Err(error.into()),
            // That another mailbox cannot be read is no matter of this one.
            Ok(None) | Err(_) => continue,
        };
        for export in record.exports.into_iter().filter(|export| export.folder == folder) {
            match is_ours && export.consumer == consumer {
                true => ours = Some(export),
                false => others.push((own.clone(), export)),
            }
        }
    }
    let found = folder.symlink_metadata();
    let is_free = matches!(&found, Err(error) if error.kind() == ErrorKind::NotFound);
    let Some(ours) = ours else {
        files::check_new(folder)?;
        return Ok(Place::Free(others));
    };
    if let Some((other, export)) = others.into_iter().next() {
        return Err(HandoverError::Contested {
            folder: folder.to_owned(),
            mailbox: other.mailbox().clone(),
            environment: other.environment(),
            consumer: export.consumer,
        });
    }
    if is_free {
        files::check_new(folder)?;
        return Ok(Place::Free(Vec::new()));
    }
    match found {
        Ok(found) if found.is_symlink() => return Err(HandoverError::Linked { folder: folder.to_owned() }),
        Ok(found) if found.is_dir() => must_be_as_noted(&ours)?,
        _ => files::check_new(folder)?,
    }
    Ok(Place::Ours(Box::new(ours)))
}

/// An application's own files beside ours would be gone for it, and files that are not those we wrote may be another's
/// handover. One that is absent is no loss.
fn must_be_as_noted(ours: &ExportRecord) -> Result<(), HandoverError> {
    let folder = &ours.folder;
    let mut waiting = vec![folder.clone()];
    while let Some(below) = waiting.pop() {
        for path in files::list(&below)? {
            if CLUTTER.contains(&files::name_of(&path).as_str()) {
                continue;
            }
            if path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
                waiting.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path).to_owned();
            let noted: Vec<_> =
                ours.files.iter().chain(&ours.pending).filter(|file| Path::new(&file.path) == name).collect();
            if noted.is_empty() {
                return Err(HandoverError::NotOurs {
                    folder: folder.clone(),
                    name: name.display().to_string(),
                });
            }
            let sha256 = held(&path)?.map(|bytes| Fingerprint::of(&bytes));
            if !noted.iter().any(|file| file.sha256.is_none() || file.sha256 == sha256) {
                return Err(HandoverError::Changed { folder: folder.clone(), name });
            }
        }
    }
    Ok(())
}
