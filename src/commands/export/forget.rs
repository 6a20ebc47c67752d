//! `export --forget`.

use std::path::Path;

use serde_json::json;

use super::ExportArgs;
use crate::commands::Context;
use crate::handover;
use crate::ui::{Failure, InputError, Outcome};

pub fn run(context: &Context, args: &ExportArgs, folder: &Path) -> Result<Outcome, Failure> {
    let mailbox = args.mailbox.as_ref().ok_or_else(|| InputError::Usage("name the mailbox".into()))?;
    let (mailbox, record) = context.find(mailbox, args.env)?;
    let forgotten = handover::forget(&mailbox, folder, &context.holder("export"))?;
    let json = json!({
        "mailbox": record.mailbox.as_str(),
        "environment": record.environment.as_str(),
        "consumer": forgotten.consumer,
        "folder": forgotten.folder.display().to_string(),
    });
    let there = forgotten.folder.is_dir();
    let files = if there {
        "Its files are still there, with the secrets in them."
    } else {
        "Its files are gone already."
    };
    let text = format!(
        "What was handed over to {} in {} is not made again. {files}",
        forgotten.consumer,
        forgotten.folder.display()
    );
    Ok(Outcome::done(json, text))
}
