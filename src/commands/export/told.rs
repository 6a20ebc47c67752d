//! How a handover that was made is told.

use serde_json::{Value, json};

use super::gather::Gathered;
use crate::commands::{Context, known, rfc3339};
use crate::expiry::{Deadlines, SOON, day};
use crate::handover::{Delivered, Handover, MadeFile};
use crate::store::ExportRecord;
use crate::ui::{Outcome, table};

/// What to know before a handover is used: a code and words for people.
pub type Warning = (&'static str, String);

/// Says what there is to know, and returns it.
pub fn warn(context: &Context, made: &Handover, gathered: &Gathered) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = made.doubts.iter().map(|d| ("read_differently", d.clone())).collect();
    if Deadlines::of(gathered.certificate(), context.now).falls_within(SOON) {
        let end = day(gathered.certificate().not_after());
        warnings.push(("expires_soon", format!("the certificate expires on {end}")));
    }
    warnings.iter().for_each(|(_, message)| context.screen.warning(message));
    warnings
}

pub fn warnings_json(warnings: &[Warning]) -> Vec<Value> {
    warnings.iter().map(|(code, message)| json!({"code": code, "message": message})).collect()
}

pub fn outcome(
    context: &Context,
    gathered: &Gathered,
    made: &Handover,
    delivered: &Delivered,
    warnings: &[Warning],
) -> Outcome {
    let record = &gathered.record;
    let export = &delivered.record;
    let (mailbox, environment) = (&record.mailbox, record.environment);
    let verify = context.line("export", mailbox, environment, "--verify");
    let next = format!("{} Later, whether it still is what is in use: {verify}", made.preset.next);
    let json = known(json!({
        "mailbox": mailbox.as_str(),
        "environment": environment.as_str(),
        "credential": export.credential,
        "consumer": export.consumer,
        "folder": export.folder.display().to_string(),
        "certificate_sha256": export.certificate_sha256.to_string(),
        "not_after": rfc3339(gathered.certificate().not_after()),
        "files": made.files.iter().map(|file| file_json(export, file)).collect::<Vec<_>>(),
        "before": delivered.before.as_ref().map(|before| before.display().to_string()),
        "warnings": warnings_json(warnings),
        "next": next,
    }));
    let rows = made.files.iter().map(|file| {
        let secrets: Vec<_> = file.secrets.iter().map(|secret| secret.words()).collect();
        vec![file.path.display().to_string(), file.holds.to_owned(), secrets.join(", ")]
    });
    let mut text = format!(
        "Credential {} of {mailbox} ({environment}), for {}, in {}\n\n",
        export.credential,
        made.preset.does,
        export.folder.display()
    );
    for line in table(&["FILE", "HOLDS", "SECRETS"], rows).lines() {
        text.push_str(&format!("  {line}\n"));
    }
    if let Some(before) = &delivered.before {
        text.push_str(&format!(
            "\nWhat lay there before is in {}: remove it once the application works with the new files.\n",
            before.display()
        ));
    }
    if made.is_secret() {
        text.push_str("\nWhoever reads these files can act as the mailbox.\n");
    }
    text.push_str(&format!("\nNext: {next}"));
    Outcome::done(json, text)
}

fn file_json(export: &ExportRecord, file: &MadeFile) -> Value {
    json!({
        "path": export.folder.join(&file.path).display().to_string(),
        "holds": file.holds,
        "secrets": file.secrets.iter().map(|secret| secret.as_str()).collect::<Vec<_>>(),
        "mode": export.mode.as_deref().unwrap_or("600"),
    })
}
