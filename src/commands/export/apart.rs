//! Secrets of several mailboxes in one run: what names no mailbox serves one alone.

use std::collections::BTreeSet;

use super::ExportArgs;
use super::gather::own_templates;
use crate::commands::Context;
use crate::commands::secrets::{SecretName, Secrets};
use crate::handover::{self, Item, Plan};
use crate::store::{ExportRecord, MailboxRecord};
use crate::ui::{Failure, InputError};

/// Refuses a password that would be handed over for several mailboxes, and a shared key for several environments, before
/// anything is written.
pub fn must_be_told_apart(
    context: &Context,
    args: &ExportArgs,
    exports: &[(MailboxRecord, ExportRecord)],
) -> Result<(), Failure> {
    for (secret, item) in
        [(SecretName::MailboxPassword, Item::Password), (SecretName::SharedKey, Item::SharedKey)]
    {
        let taking: Vec<_> =
            exports.iter().filter(|(record, export)| takes(context, record, export, item)).collect();
        let owners: BTreeSet<_> = taking
            .iter()
            .map(|(record, _)| match secret {
                SecretName::SharedKey => record.environment.to_string(),
                _ => format!("{} ({})", record.mailbox, record.environment),
            })
            .collect();
        if owners.len() < 2 {
            continue;
        }
        for (record, _) in taking {
            let secrets = Secrets::new(context, &args.secrets, None).of(&record.mailbox, record.environment);
            if let Some(source) = secrets.answers_for_anyone(secret, &args.login)? {
                let (what, owners) = (secret.words(), owners.into_iter().collect::<Vec<_>>().join(", "));
                return Err(InputError::Usage(format!(
                    "{source} does not say whose {what} it is, and these have one each: {owners}; name one mailbox, or keep them apart in tables of --secrets, in the keyring or behind secret_command"
                ))
                .into());
            }
        }
    }
    Ok(())
}

/// Whether the files hold the item; what stands in the way of knowing is told when they are made.
fn takes(context: &Context, record: &MailboxRecord, export: &ExportRecord, item: Item) -> bool {
    let plan = handover::find(&export.consumer)
        .and_then(|preset| Plan::new(preset, &settings(export), &record.mailbox, own_templates(context)));
    plan.is_ok_and(|plan| plan.items().contains(&item))
}

/// The settings that it was made with.
pub fn settings(export: &ExportRecord) -> Vec<(String, String)> {
    export.settings.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}
