//! The handovers that a line is about.

use std::path::Path;

use super::ExportArgs;
use crate::commands::Context;
use crate::handover::HandoverError;
use crate::store::{ExportRecord, MailboxRecord};
use crate::ui::{Failure, InputError};

/// Those of the mailbox that was named, or of all; with `to` the one that lies there.
pub fn exports(
    context: &Context,
    args: &ExportArgs,
    to: Option<&Path>,
) -> Result<Vec<(MailboxRecord, ExportRecord)>, Failure> {
    let records = match &args.mailbox {
        Some(mailbox) => vec![context.find(mailbox, args.env)?.1],
        None => all(context, args)?,
    };
    let every: Vec<_> = records
        .iter()
        .flat_map(|record| record.exports.iter().map(|export| (record.clone(), export.clone())))
        .collect();
    let Some(to) = to else {
        return match every.is_empty() {
            true => Err(InputError::NothingHandedOver.into()),
            false => Ok(every),
        };
    };
    let there: Vec<_> = every.into_iter().filter(|(_, export)| export.folder == to).collect();
    match there.is_empty() {
        true => Err(HandoverError::NotRecorded { folder: to.to_owned() }.into()),
        false => Ok(there),
    }
}

fn all(context: &Context, args: &ExportArgs) -> Result<Vec<MailboxRecord>, Failure> {
    let mut records = Vec::new();
    for folder in context.store.folders()? {
        if args.env.is_none_or(|environment| folder.environment() == environment) {
            records.extend(folder.load()?);
        }
    }
    Ok(records)
}
