//! `export --verify`.

use std::path::Path;

use serde_json::{Value, json};

use super::{ExportArgs, every};
use crate::commands::{Context, rfc3339};
use crate::handover::{Fault, HandoverError, Verified, verify};
use crate::store::MailboxRecord;
use crate::ui::{Failure, Outcome, exit};

pub fn run(context: &Context, args: &ExportArgs, to: Option<&Path>) -> Result<Outcome, Failure> {
    let (exports, elsewhere) = match every::exports(context, args, to) {
        // It may have been taken there from where it was written.
        Err(Failure::Handover(HandoverError::NotRecorded { .. })) => {
            (every::exports(context, args, None)?, to)
        }
        found => (found?, None),
    };
    let mut verified = Vec::new();
    for (record, export) in exports {
        let (_, owner) = context
            .store
            .credentials_of(context.store.folder(record.environment, &record.mailbox), record.clone())?;
        verified.push((record, verify(&export, elsewhere, owner.current())));
    }
    if let Some(folder) = elsewhere {
        // Of those that could have been taken there, the one that it is.
        verified.retain(|(_, verified)| verified.faults.is_empty());
        verified.truncate(1);
        if verified.is_empty() {
            return Err(HandoverError::NotRecorded { folder: folder.to_owned() }.into());
        }
    }
    let well = verified.iter().all(|(_, verified)| verified.is_in_use());
    let mut lines: Vec<_> = verified.iter().map(|(record, verified)| text(record, verified)).collect();
    let again: Vec<_> = verified.iter().filter(|(_, verified)| !verified.is_in_use()).collect();
    if let [(record, _), ..] = again.as_slice() {
        let line = context.line("export", &record.mailbox, record.environment, "--refresh");
        lines.push(format!("\nNext: make it again: {line}"));
    }
    let json = json!({"exports": verified.iter().map(|(record, verified)| one_json(record, verified)).collect::<Vec<_>>()});
    Ok(Outcome { exit: if well { exit::DONE } else { exit::ATTENTION }, json, text: lines.join("\n") })
}

fn text(record: &MailboxRecord, verified: &Verified) -> String {
    let export = &verified.record;
    let mut text = format!(
        "{} ({}), {}, in {}: ",
        record.mailbox,
        record.environment,
        export.consumer,
        verified.folder.display()
    );
    match (verified.in_use, verified.faults.is_empty()) {
        (None, true) => text.push_str(&format!("credential {}, which is in use", export.credential)),
        (None, false) => text.push_str("not as it was written"),
        (Some(current), _) => {
            text.push_str(&format!("credential {}, and credential {current} is in use", export.credential));
        }
    }
    for fault in &verified.faults {
        text.push_str(&format!("\n  {}", words(fault)));
    }
    text
}

fn words(fault: &Fault) -> String {
    match fault {
        Fault::NoFolder => "the folder is not there".into(),
        Fault::Missing(path) => format!("{path} is missing"),
        Fault::Changed(path) => format!("{path} has changed"),
        Fault::OneChanged(paths) => format!("one of these has changed: {}", paths.join(", ")),
        Fault::Open { path, mode } => {
            format!("{path} can be read by more than it should: its mode is {mode:03o}")
        }
        Fault::Unreadable { path, detail } => format!("{path} cannot be read: {detail}"),
    }
}

fn one_json(record: &MailboxRecord, verified: &Verified) -> Value {
    let export = &verified.record;
    let state = match (verified.in_use, verified.faults.first()) {
        (_, Some(Fault::NoFolder)) => "missing",
        (_, Some(_)) => "changed",
        (Some(_), None) => "stale",
        (None, None) => "in_use",
    };
    json!({
        "mailbox": record.mailbox.as_str(),
        "environment": record.environment.as_str(),
        "consumer": export.consumer,
        "folder": verified.folder.display().to_string(),
        "state": state,
        "credential": export.credential,
        "credential_in_use": verified.in_use.unwrap_or(export.credential),
        "certificate_sha256": export.certificate_sha256.to_string(),
        "exported_at": rfc3339(export.exported_at),
        "faults": verified.faults.iter().map(words).collect::<Vec<_>>(),
    })
}
