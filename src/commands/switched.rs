//! How it is told that another credential is in use now.

use serde_json::{Map, Value, json};

use super::handed_over::Stale;
use super::hook::{self, Event, HookArgs};
use super::renew::shared;
use super::{Context, known, rfc3339};
use crate::expiry::Deadlines;
use crate::mailbox::MailboxId;
use crate::onboarding::{self, Switched};
use crate::store::CredentialRecord;
use crate::ui::{Failure, Outcome, exit};

/// Runs the deploy hook, and tells of both.
pub(super) fn outcome(
    context: &Context,
    hook: &HookArgs,
    switched: &Switched,
    event: Event,
) -> Result<Outcome, Failure> {
    let ran = hook::run(context, hook, switched, event);
    let Switched { record, current, previous, sharers } = switched;
    let (mailbox, environment) = (&record.mailbox, record.environment);
    let check = match current.key_elsewhere {
        true => context.line("check", mailbox, environment, "--cert FILE --key FILE"),
        false => context.check_line(mailbox, environment),
    };
    let way = match event {
        Event::Rollback => "to go forward again",
        _ => "to go back",
    };
    let next =
        format!("prove that it works: {check}{}{}", again(context, switched), undone(context, switched, way));
    let json = known(json!({
        "mailbox": mailbox.as_str(),
        "environment": environment.as_str(),
        "credential": current.number,
        "state": current.state.as_str(),
        "not_after": current.certificate.as_ref().map(|c| rfc3339(c.not_after)),
        "files": files(context, switched, current),
        "previous": previous.as_ref().map(|previous| json!({
            "credential": previous.number,
            "files": files(context, switched, previous),
        })),
        "handed_over": handed_over(context, switched),
        "shared_by": sharers.iter().map(MailboxId::as_str).collect::<Vec<_>>(),
        "deploy_hook": ran.as_ref().map(hook::HookReport::json),
        "next": next,
    }));
    let mut lines =
        vec![format!("Credential {} of {mailbox} ({environment}) is in use now.", current.number)];
    lines.extend(change(context, switched));
    lines.extend(ran.as_ref().map(|ran| format!("\n{}", ran.sentence())));
    lines.push(format!("\nNext: {next}"));
    let exit = ran.map_or(exit::DONE, |ran| ran.exit());
    Ok(Outcome { exit, json, text: lines.join("\n") })
}

/// How to make again what was handed over, where that is not what is in use now.
pub(super) fn again(context: &Context, switched: &Switched) -> String {
    let lines = Stale::after(context, switched).into_iter().map(|stale| stale.refresh(context));
    lines.map(|line| format!("; make again what was handed over: {line}")).collect()
}

/// How to swap the two credentials again, where that is possible and wise.
pub(super) fn undone(context: &Context, switched: &Switched, way: &str) -> String {
    let record = &switched.record;
    let folder = context.store.folder(record.environment, &record.mailbox);
    match onboarding::may_roll_back(&folder, record, context.now) {
        true => format!("; {way}: {}", context.line("rollback", &record.mailbox, record.environment, "")),
        false => String::new(),
    }
}

/// Which files are in use now and which were before, and what does not change by itself.
pub(super) fn change(context: &Context, switched: &Switched) -> Vec<String> {
    let Switched { record, current, previous, sharers } = switched;
    let folder = context.store.folder(record.environment, &record.mailbox);
    let rows = |title: &str, credential: &CredentialRecord| {
        let mut rows = vec![format!("\n  {title}, credential {}", credential.number)];
        if let Some(certificate) = &credential.certificate {
            let deadlines = Deadlines::new(certificate.not_after, certificate.key_usage_ends, context.now);
            rows.push(format!("    Expiry   {}", deadlines.expiry_sentence()));
        }
        rows.extend(folder.key(credential).map(|path| format!("    Key      {}", path.display())));
        rows.extend(folder.bundles(credential).map(|path| format!("    Bundles  {}", path.display())));
        rows
    };
    let mut lines = rows("In use now", current);
    if let Some(previous) = previous {
        lines.extend(rows("In use before", previous));
        lines.push(format!(
            "\nCredential {} is archived and kept. What was handed over elsewhere does not change by itself: an application that has a copy of the old files goes on with them until it gets the new ones.",
            previous.number
        ));
        if previous.compromised_at.is_some() {
            lines.push(format!(
                "The key of credential {} may be in other hands: MESH accepts its certificate until it expires or is revoked.",
                previous.number
            ));
        }
    }
    lines.extend(Stale::after(context, switched).iter().flat_map(|stale| stale.lines(context)));
    lines.extend(shared(sharers, "switched"));
    lines
}

/// What was handed over and holds another certificate than the one in use now; nothing where there is none.
pub(super) fn handed_over(context: &Context, switched: &Switched) -> Option<Vec<Value>> {
    let stale: Vec<_> = Stale::after(context, switched).iter().flat_map(Stale::json).collect();
    (!stale.is_empty()).then_some(stale)
}

/// Key and bundles of a credential, as far as they are there.
fn files(context: &Context, switched: &Switched, credential: &CredentialRecord) -> Value {
    let folder = context.store.folder(switched.record.environment, &switched.record.mailbox);
    let mut files: Map<String, Value> = folder
        .bundle_files(credential)
        .into_iter()
        .map(|(role, path)| (role.as_str().to_owned(), path.display().to_string().into()))
        .collect();
    if let Some(key) = folder.key(credential) {
        files.insert("key".into(), key.display().to_string().into());
    }
    files.into()
}
