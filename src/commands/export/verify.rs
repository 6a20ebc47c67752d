//! `export --verify`.

use std::cmp::Reverse;
use std::path::Path;

use serde_json::{Value, json};

use super::{ExportArgs, every};
use crate::commands::handed_over::deadlines;
use crate::commands::{Context, known, rfc3339};
use crate::expiry::{Deadlines, SOON, day};
use crate::handover::{Delivery, Fault, HandoverError, State, Verified, verify};
use crate::store::{CredentialState, ExportRecord, MailboxRecord};
use crate::ui::{Failure, Outcome, exit};

/// A handover, with what the mailbox says of it.
struct Seen {
    record: MailboxRecord,
    /// The mailbox whose credential it uses.
    owner: MailboxRecord,
    /// The dates of the certificate that was handed over.
    deadlines: Option<Deadlines>,
    verified: Verified,
}

/// What is to be done about one, and the command for that.
type Step = (&'static str, String);

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
    let steps: Vec<_> = all.iter().map(|seen| step(context, seen, &all, to.is_some())).collect();
    let mut lines: Vec<_> = all.iter().map(text).collect();
    lines.push(
        "\nCompared: certificates and files. Mailbox password and shared key were not: whether they have changed since is not known.".into(),
    );
    lines.extend(next(steps.iter().flatten()));
    let json: Vec<_> = all.iter().zip(&steps).map(|(seen, step)| one_json(seen, step.as_ref())).collect();
    let json = json!({"exports": json, "not_compared": ["mailbox_password", "shared_key"]});
    let is_well = steps.iter().all(Option::is_none);
    let exit = if is_well { exit::DONE } else { exit::ATTENTION };
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
    let deadlines = deadlines(&record, &owner, export, context.now);
    Ok(Seen { deadlines, verified: verify(export, folder, owner.current()), record, owner })
}

impl Seen {
    /// Its dates, if its certificate is near its end, as `status` has it.
    fn ending(&self) -> Option<Deadlines> {
        self.deadlines.filter(|deadlines| deadlines.falls_within(SOON))
    }

    fn state(&self) -> &'static str {
        let state = self.verified.state();
        match self.ending() {
            Some(deadlines) if state.is_well() && deadlines.is_over() => "expired",
            Some(_) if state.is_well() => "expiring",
            _ => state.as_str(),
        }
    }

    /// Whether it is put right by making it again.
    fn is_to_make_again(&self) -> bool {
        let state = self.verified.state();
        !state.is_well() && state != State::Unreadable && self.owner.current().is_some()
    }
}

/// What is to be done about one of `all`.
fn step(context: &Context, seen: &Seen, all: &[Seen], is_alone: bool) -> Option<Step> {
    let Seen { record, owner, verified, .. } = seen;
    let environment = record.environment;
    let line = |verb, more: &str| context.line(verb, &record.mailbox, environment, more);
    if seen.is_to_make_again() {
        // The others of the mailbox stay as they are.
        let of = |other: &&Seen| {
            (other.record.environment, &other.record.mailbox) == (environment, &record.mailbox)
        };
        let again = all.iter().filter(of).filter(|other| other.is_to_make_again()).count();
        let more = match is_alone || (again == 1 && record.exports.len() > 1) {
            true => {
                let folder = verified.record.folder.display().to_string();
                format!("--refresh --to {}", shell_words::quote(&folder))
            }
            false => "--refresh".into(),
        };
        // A refresh puts nothing in the place of what somebody has changed.
        let what = match verified.is_changed() {
            true => "move the folder elsewhere, and make it again",
            false => "make it again",
        };
        return Some((what, line("export", &more)));
    }
    match verified.state() {
        State::InUse | State::Removed => {}
        State::Unreadable => {
            return Some(("let this account read it, then look again", line("export", "--verify")));
        }
        _ => return Some(("no credential is in use", line("status", ""))),
    }
    seen.ending()?;
    let is_renewing = owner.requested().is_some() || owner.in_state(CredentialState::Ready).is_some();
    Some(match is_renewing {
        true => ("the next certificate is on its way", line("status", "")),
        false => ("renew it", context.line("renew", &owner.mailbox, environment, "")),
    })
}

/// Each step once.
fn next<'a>(steps: impl Iterator<Item = &'a Step>) -> Vec<String> {
    let mut lines = Vec::new();
    for (what, command) in steps {
        let line = format!("{what}: {command}");
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    match lines.as_slice() {
        [] => lines,
        [one] => vec![format!("\nNext: {one}")],
        several => vec![format!("\nNext:\n  {}", several.join("\n  "))],
    }
}

fn text(seen: &Seen) -> String {
    let Seen { record, owner, verified, .. } = seen;
    let export = &verified.record;
    let standing = match (verified.is_current, owner.current().map(|credential| credential.number)) {
        (true, _) if verified.state().is_well() => {
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
    if !verified.is_removed() {
        for fault in &verified.faults {
            text.push_str(&format!("\n  {}", words(fault)));
        }
    }
    if let Delivery::Carried { to, by } = verified.delivery {
        text.push_str(&match verified.is_removed() {
            true => format!("\n  its folder was removed; what lies in {to} was not looked at"),
            false => format!("\n  what lies in {to} was not looked at: {by} carries these files there"),
        });
    }
    for path in &verified.not_compared {
        text.push_str(&format!(
            "\n  {path} was not compared: it holds a password and no key, so no hash of it is kept"
        ));
    }
    if let Some(deadlines) = seen.ending() {
        let verb = if deadlines.is_over() { "expired" } else { "expires" };
        text.push_str(&format!("\n  its certificate {verb} on {}", day(deadlines.not_after)));
    }
    text
}

fn words(fault: &Fault) -> String {
    match fault {
        Fault::NoFolder => "the folder is not there".into(),
        Fault::ClosedFolder { detail } => format!("the folder cannot be read: {detail}"),
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

fn one_json(seen: &Seen, step: Option<&Step>) -> Value {
    let Seen { record, owner, verified, deadlines } = seen;
    let export = &verified.record;
    let carried = match verified.delivery {
        Delivery::Loaded => None,
        Delivery::Carried { to, by } => Some(json!({"to": to, "by": by})),
    };
    known(json!({
        "mailbox": record.mailbox.as_str(),
        "environment": record.environment.as_str(),
        "consumer": export.consumer,
        "folder": verified.folder.display().to_string(),
        "state": seen.state(),
        "credential": export.credential,
        "credential_in_use": owner.current().map(|credential| credential.number),
        "certificate_sha256": export.certificate_sha256.to_string(),
        "not_after": deadlines.map(|deadlines| rfc3339(deadlines.not_after)),
        "days_left": deadlines.map(|deadlines| deadlines.days_left()),
        "exported_at": rfc3339(export.exported_at),
        "faults": verified.faults.iter().map(words).collect::<Vec<_>>(),
        "not_compared": verified.not_compared,
        "carried": carried,
        "next": step.map(|(what, command)| format!("{what}: {command}")),
    }))
}
