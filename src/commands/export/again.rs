//! `export --refresh`: what was handed over, made again from the credential in use.

use std::path::Path;

use serde_json::{Value, json};

use super::apart::{must_be_told_apart, settings};
use super::gather::{self, Opened, Wanted, gather, own_templates};
use super::{ExportArgs, after, every, told};
use crate::commands::Context;
use crate::handover::{self, HandoverError, Plan, Preset};
use crate::mailbox::Network;
use crate::pki::{Certificate, PfxProfile, sniff};
use crate::store::files::{Readers, ReadersError};
use crate::store::{ExportRecord, MailboxRecord};
use crate::ui::{Explained, Failure, Outcome, exit};

pub fn run(context: &Context, args: &ExportArgs, to: Option<&Path>) -> Result<Outcome, Failure> {
    let exports = every::exports(context, args, to)?;
    must_be_told_apart(context, args, &exports)?;
    let mut opened = Opened::default();
    let (mut lines, mut json, mut failed) = (Vec::new(), Vec::new(), None);
    let mut next: Vec<(&str, &str)> = Vec::new();
    for (record, export) in &exports {
        let (folder, consumer) = (export.folder.display(), &export.consumer);
        let whose = format!("{} ({}), {consumer}", record.mailbox, record.environment);
        match one(context, args, record, export, &mut opened) {
            Ok((value, before, preset)) => {
                // Whoever stops the run at a later question knows how far it came.
                if exports.len() > 1 {
                    context.screen.note(&format!("{whose}: made again in {folder}"));
                }
                lines.push(format!("{whose}: made again in {folder}{before}"));
                json.push(value);
                if !next.iter().any(|(name, _)| *name == preset.name) {
                    next.push((preset.name, preset.next));
                }
            }
            // One that fails is no reason to leave the others old.
            Err(failure) => {
                let explained = Explained::from(&failure);
                if exports.len() > 1 {
                    context.screen.note(&format!("{whose}: NOT made again in {folder}"));
                }
                lines.push(format!("{whose}: NOT made again in {folder}: {}", explained.message));
                lines.extend(explained.because.iter().map(|because| format!("  because: {because}")));
                lines.extend(explained.hint.iter().map(|hint| format!("  hint: {hint}")));
                json.push(json!({"mailbox": record.mailbox.as_str(), "environment": record.environment.as_str(), "consumer": consumer, "folder": folder.to_string(), "error": explained.json()["error"]}));
                failed.get_or_insert(failure);
            }
        }
    }
    if exports.len() == 1
        && let Some(failure) = failed
    {
        return Err(failure);
    }
    let exit = if failed.is_some() { exit::FAILED } else { exit::DONE };
    if !next.is_empty() {
        lines.push(String::new());
        lines.extend(next.iter().map(|(consumer, next)| format!("Next, for {consumer}: {next}")));
        lines.push("An application that reads its files when it starts has to be started again.".into());
    }
    Ok(Outcome { exit, json: json!({"exports": json}), text: lines.join("\n") })
}

fn one(
    context: &Context,
    args: &ExportArgs,
    record: &MailboxRecord,
    export: &ExportRecord,
    opened: &mut Opened,
) -> Result<(Value, String, &'static Preset), Failure> {
    let preset = handover::find(&export.consumer)?;
    let plan = Plan::new(preset, &settings(export), &record.mailbox, own_templates(context))?;
    let readers: Readers = match &export.mode {
        Some(mode) => mode.parse().map_err(|error: ReadersError| spoilt(export, &error.to_string()))?,
        None => Readers::Owner,
    };
    gather::readers_fit(readers, &plan)?;
    // Before anybody is asked.
    let own = context.store.folder(record.environment, &record.mailbox);
    handover::place(&context.store, &own, preset.name, &export.folder)?;
    let wanted = Wanted {
        mailbox: &record.mailbox,
        environment: Some(record.environment),
        credential: None,
        network: Network::default(),
        url: export.url.as_deref(),
        server_ca: recorded(export)?,
        profile: if export.legacy_pfx { PfxProfile::Legacy } else { PfxProfile::Modern },
        login: &args.login,
        secrets: &args.secrets,
    };
    let gathered = gather(context, &wanted, &plan, opened)?;
    let installed_at = export.installed_at.as_deref();
    let made = plan.make(&gathered.ingredients(), installed_at.unwrap_or(&export.folder))?;
    let mut warnings = told::warn(context, &made, &gathered);
    let delivered = gathered.deliver(context, &made, &export.folder, installed_at, readers)?;
    warnings.extend(after::warn(context, &delivered));
    let before = delivered.before.as_ref().map(|before| before.display().to_string());
    let value = json!({
        "mailbox": record.mailbox.as_str(),
        "environment": record.environment.as_str(),
        "consumer": export.consumer,
        "folder": export.folder.display().to_string(),
        "credential": delivered.record.credential,
        "before": before,
        "warnings": told::warnings_json(&warnings),
        "next": preset.next,
    });
    let before = before.map(|before| format!("; the earlier one is in {before}")).unwrap_or_default();
    Ok((value, before, preset))
}

/// The certificates that the user named. An empty list would mean others: what cannot be read is an error.
fn recorded(export: &ExportRecord) -> Result<Vec<Certificate>, HandoverError> {
    let mut all = Vec::new();
    for pem in &export.server_ca {
        let found = sniff::certificates(pem.as_bytes()).unwrap_or_default();
        if found.is_empty() {
            return Err(spoilt(export, "its server_ca is no certificate"));
        }
        all.extend(found);
    }
    Ok(all)
}

fn spoilt(export: &ExportRecord, detail: &str) -> HandoverError {
    HandoverError::Recorded {
        consumer: export.consumer.clone(),
        folder: export.folder.clone(),
        detail: detail.into(),
    }
}
