//! `export --refresh`: what was handed over, made again from the credential in use.

use std::path::Path;

use serde_json::{Value, json};

use super::gather::{self, Opened, Wanted, gather, own_templates};
use super::{ExportArgs, every, told};
use crate::commands::Context;
use crate::handover::{self, Plan};
use crate::mailbox::Network;
use crate::pki::{Certificate, PfxProfile, sniff};
use crate::store::files::Readers;
use crate::store::{ExportRecord, MailboxRecord};
use crate::ui::{Explained, Failure, Outcome, exit};

pub fn run(context: &Context, args: &ExportArgs, to: Option<&Path>) -> Result<Outcome, Failure> {
    let exports = every::exports(context, args, to)?;
    let mut opened = Opened::default();
    let (mut lines, mut json, mut failed) = (Vec::new(), Vec::new(), None);
    for (record, export) in &exports {
        let (folder, consumer) = (export.folder.display(), &export.consumer);
        match one(context, args, record, export, &mut opened) {
            Ok((value, before)) => {
                lines.push(format!(
                    "{} ({}), {consumer}: made again in {folder}{before}",
                    record.mailbox, record.environment
                ));
                json.push(value);
            }
            // One that fails is no reason to leave the others old.
            Err(failure) => {
                let explained = Explained::from(&failure);
                lines.push(format!(
                    "{} ({}), {consumer}: NOT made again in {folder}: {}",
                    record.mailbox, record.environment, explained.message
                ));
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
    lines.push("\nAn application that reads its files when it starts has to be started again.".into());
    Ok(Outcome { exit, json: json!({"exports": json}), text: lines.join("\n") })
}

fn one(
    context: &Context,
    args: &ExportArgs,
    record: &MailboxRecord,
    export: &ExportRecord,
    opened: &mut Opened,
) -> Result<(Value, String), Failure> {
    let preset = handover::find(&export.consumer)?;
    let settings: Vec<_> =
        export.settings.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let plan = Plan::new(preset, &settings, &record.mailbox, own_templates(context))?;
    let readers: Readers = match &export.mode {
        Some(mode) => mode
            .parse()
            .map_err(|_| crate::ui::InputError::Usage(format!("the record names the mode {mode}")))?,
        None => Readers::Owner,
    };
    gather::readers_fit(readers, &plan)?;
    let wanted = Wanted {
        mailbox: &record.mailbox,
        environment: Some(record.environment),
        credential: None,
        network: Network::default(),
        url: export.url.as_deref(),
        server_ca: recorded(export),
        profile: if export.legacy_pfx { PfxProfile::Legacy } else { PfxProfile::Modern },
        login: &args.login,
        secrets: &args.secrets,
    };
    let gathered = gather(context, &wanted, &plan, opened)?;
    let installed_at = export.installed_at.as_deref();
    let made = plan.make(&gathered.ingredients(), installed_at.unwrap_or(&export.folder))?;
    let warnings = told::warn(context, &made, &gathered);
    let delivered = gathered.deliver(context, &made, &export.folder, installed_at, readers)?;
    let before = delivered.before.as_ref().map(|before| before.display().to_string());
    let value = json!({
        "mailbox": record.mailbox.as_str(),
        "environment": record.environment.as_str(),
        "consumer": export.consumer,
        "folder": export.folder.display().to_string(),
        "credential": delivered.record.credential,
        "before": before,
        "warnings": told::warnings_json(&warnings),
    });
    Ok((value, before.map(|before| format!("; the earlier one is in {before}")).unwrap_or_default()))
}

fn recorded(export: &ExportRecord) -> Vec<Certificate> {
    export.server_ca.iter().flat_map(|pem| sniff::certificates(pem.as_bytes()).unwrap_or_default()).collect()
}
