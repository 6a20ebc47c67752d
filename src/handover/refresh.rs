use std::path::Path;

use super::deliver::load;
use super::error::HandoverError;
use crate::store::{ExportRecord, Folder};

/// Forgets a handover; its files stay where they are.
pub fn forget(mailbox: &Folder, folder: &Path, holder: &str) -> Result<ExportRecord, HandoverError> {
    let writer = mailbox.lock(holder)?;
    let mut record = load(mailbox)?;
    let place = record.exports.iter().position(|export| export.folder == folder);
    let place = place.ok_or_else(|| HandoverError::NotRecorded { folder: folder.to_owned() })?;
    let forgotten = record.exports.remove(place);
    writer.commit(&record)?;
    Ok(forgotten)
}
