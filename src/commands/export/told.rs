//! How a handover that was made is told.

use serde_json::{Value, json};

use super::gather::Gathered;
use crate::commands::{Context, known, rfc3339};
use crate::expiry::{Deadlines, SOON, day};
use crate::handover::{Delivered, Handover, MadeFile, Secret};
use crate::store::ExportRecord;
use crate::ui::{Look, Outcome, table};

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
    // Nothing is wrong with one; but nobody is to wonder, years later, why a file looks otherwise than its page says.
    let own = made.files.iter().filter_map(|file| Some((file, own_template(context, file)?)));
    let own: Vec<_> = own
        .map(|(file, template)| format!("{} is made by your own template {template}", file.path.display()))
        .collect();
    own.iter().for_each(|note| context.screen.note(&format!("note: {note}")));
    warnings.extend(own.into_iter().map(|note| ("own_template", note)));
    warnings
}

/// Where the template of the user's own lies that made the file.
pub fn own_template(context: &Context, file: &MadeFile) -> Option<String> {
    let name = file.own_template.as_ref()?;
    Some(context.store.templates().join(name).display().to_string())
}

/// Which file holds what, right of `indent` columns: a table where it fits, otherwise each file with its secrets below.
pub fn files<'a>(
    look: Look,
    files: impl IntoIterator<Item = (&'a str, &'a str, &'a [Secret])>,
    indent: usize,
) -> String {
    let words = |secrets: &[Secret]| secrets.iter().map(|s| s.words()).collect::<Vec<_>>().join(", ");
    let rows: Vec<_> =
        files.into_iter().map(|(path, holds, secrets)| (path, holds, words(secrets))).collect();
    let look = Look { width: look.width.map(|width| width.saturating_sub(indent)), ..look };
    let cells = rows.iter().map(|(path, holds, secrets)| [path, *holds, secrets].map(str::to_owned).to_vec());
    let mut text = table(&["FILE", "HOLDS", "SECRETS"], cells);
    if look.width.is_some_and(|width| text.lines().any(|line| line.chars().count() > width)) {
        let widest = rows.iter().map(|(path, ..)| path.len()).max().unwrap_or_default();
        let one = |(path, holds, secrets): &(&str, &str, String)| {
            let mut lines = vec![look.hanging(&format!("{path:<widest$}  "), holds)];
            if !secrets.is_empty() {
                lines.push(look.hanging("  secrets: ", secrets));
            }
            lines.join("\n")
        };
        text = rows.iter().map(one).collect::<Vec<_>>().join("\n");
    }
    text.lines().map(|line| format!("{:indent$}{line}", "")).collect::<Vec<_>>().join("\n")
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
        "files": made.files.iter().map(|file| file_json(context, export, file)).collect::<Vec<_>>(),
        "before": delivered.before.as_ref().map(|before| before.display().to_string()),
        "warnings": warnings_json(warnings),
        "next": next,
    }));
    let mut text = format!(
        "Credential {} of {mailbox} ({environment}), for {}, in {}\n\n",
        export.credential,
        made.preset.does,
        export.folder.display()
    );
    let rows =
        made.files.iter().map(|file| (file.path.to_str().unwrap_or_default(), file.holds, &file.secrets[..]));
    text.push_str(&format!("{}\n", files(context.screen.look(), rows, 2)));
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

fn file_json(context: &Context, export: &ExportRecord, file: &MadeFile) -> Value {
    json!({
        "path": export.folder.join(&file.path).display().to_string(),
        "holds": file.holds,
        "secrets": file.secrets.iter().map(|secret| secret.as_str()).collect::<Vec<_>>(),
        "template": own_template(context, file),
        "mode": export.mode.as_deref().unwrap_or("600"),
    })
}
