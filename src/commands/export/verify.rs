//! `export --verify`.

use std::cmp::Reverse;
use std::path::Path;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{ExportArgs, every};
use crate::commands::{Context, known, rfc3339};
use crate::expiry::{Deadlines, day};
use crate::handover::{Fault, HandoverError, Verified, verify};
use crate::store::{ExportRecord, MailboxRecord};
use crate::ui::{Failure, Outcome, exit};

/// A handover, with what the mailbox says of it.
struct Seen {
    record: MailboxRecord,
    /// The number of the credential in use.
    current: Option<u32>,
    /// When the certificate that was handed over expires.
    not_after: Option<OffsetDateTime>,
    verified: Verified,
}

pub fn run(context: &Context, args: &ExportArgs, to: Option<&Path>) -> Result<Outcome, Failure> {
    let (exports, elsewhere) = match every::exports(context, args, to) {
        // It may have been taken there from where it was written.
        Err(Failure::Handover(HandoverError::NotRecorded { .. })) => {
            (every::exports(context, args, None)?, to)
        }
        found => (found?, None),
    };
    let mut all = Vec::new();
    for (record, export) in exports {
        all.push(look(context, record, &export, elsewhere)?);
    }
    if let Some(folder) = elsewhere {
        // Of those that could have been taken there, the one that it is: another may have but a part of its files.
        all.retain(|seen| seen.verified.has_every_file());
        all.sort_by_key(|seen| (Reverse(seen.verified.record.files.len()), seen.verified.faults.len()));
        all.truncate(1);
        if all.is_empty() {
            return Err(HandoverError::NotRecorded { folder: folder.to_owned() }.into());
        }
    }
    let mut lines: Vec<_> = all.iter().map(|seen| text(context, seen)).collect();
    let other = all.iter().find(|seen| !seen.verified.is_in_use());
    if let Some(Seen { record, .. }) = other {
        let line = context.line("export", &record.mailbox, record.environment, "--refresh");
        lines.push(format!("\nNext: make it again: {line}"));
    }
    let json = json!({"exports": all.iter().map(|seen| one_json(context, seen)).collect::<Vec<_>>()});
    let exit = if other.is_some() { exit::ATTENTION } else { exit::DONE };
    Ok(Outcome { exit, json, text: lines.join("\n") })
}

fn look(
    context: &Context,
    record: MailboxRecord,
    export: &ExportRecord,
    folder: Option<&Path>,
) -> Result<Seen, Failure> {
    let own = context.store.folder(record.environment, &record.mailbox);
    let (_, owner) = context.store.credentials_of(own, record.clone())?;
    let handed = owner.credential(export.credential).and_then(|credential| credential.certificate.as_ref());
    Ok(Seen {
        current: owner.current().map(|credential| credential.number),
        not_after: handed.filter(|c| c.sha256 == export.certificate_sha256).map(|c| c.not_after),
        verified: verify(export, folder, owner.current()),
        record,
    })
}

fn text(context: &Context, seen: &Seen) -> String {
    let Seen { record, verified, .. } = seen;
    let export = &verified.record;
    let standing = match (verified.is_current, seen.current) {
        (true, _) if verified.faults.is_empty() => {
            format!("credential {}, which is in use", export.credential)
        }
        (true, _) => "not as it was written".into(),
        (false, Some(current)) => {
            format!("credential {}, and credential {current} is in use", export.credential)
        }
        (false, None) => format!("credential {}, and none is in use", export.credential),
    };
    let mut text = format!(
        "{} ({}), {}, in {}: {standing}",
        record.mailbox,
        record.environment,
        export.consumer,
        verified.folder.display()
    );
    for fault in &verified.faults {
        text.push_str(&format!("\n  {}", words(fault)));
    }
    for path in &verified.not_compared {
        text.push_str(&format!(
            "\n  {path} was not compared: it holds a password and no key, so no hash of it is kept"
        ));
    }
    if let Some(end) = seen.not_after.filter(|end| ends_soon(*end, context.now)) {
        let verb = if end < context.now { "expired" } else { "expires" };
        text.push_str(&format!("\n  its certificate {verb} on {}", day(end)));
    }
    text
}

/// The time in which `status` draws attention to a certificate.
fn ends_soon(end: OffsetDateTime, now: OffsetDateTime) -> bool {
    Deadlines::new(end, None, now).days_left() < super::told::SOON_DAYS
}

fn words(fault: &Fault) -> String {
    match fault {
        Fault::NoFolder => "the folder is not there".into(),
        Fault::Missing(path) => format!("{path} is missing"),
        Fault::Changed(path) => format!("{path} has changed"),
        Fault::OneChanged(paths) => match paths.as_slice() {
            [path] => format!("{path} has changed"),
            _ => format!("one of these has changed: {}", paths.join(", ")),
        },
        Fault::Open { path, mode } => {
            format!("{path} can be read by more than it should: its mode is {mode:03o}")
        }
        Fault::Unreadable { path, detail } => format!("{path} cannot be read: {detail}"),
    }
}

fn one_json(context: &Context, seen: &Seen) -> Value {
    let Seen { record, verified, .. } = seen;
    let export = &verified.record;
    let state = match (verified.is_current, verified.faults.first()) {
        (_, Some(Fault::NoFolder)) => "missing",
        (_, Some(_)) => "changed",
        (false, None) => "stale",
        (true, None) => "in_use",
    };
    known(json!({
        "mailbox": record.mailbox.as_str(),
        "environment": record.environment.as_str(),
        "consumer": export.consumer,
        "folder": verified.folder.display().to_string(),
        "state": state,
        "credential": export.credential,
        "credential_in_use": seen.current,
        "certificate_sha256": export.certificate_sha256.to_string(),
        "not_after": seen.not_after.map(rfc3339),
        "days_left": seen.not_after.map(|end| Deadlines::new(end, None, context.now).days_left()),
        "exported_at": rfc3339(export.exported_at),
        "faults": verified.faults.iter().map(words).collect::<Vec<_>>(),
        "not_compared": verified.not_compared,
    }))
}
