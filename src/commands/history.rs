use clap::Args;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Context, Example, known, rfc3339};
use crate::expiry::{Deadlines, day};
use crate::mailbox::{Environment, MailboxId};
use crate::store::{CredentialRecord, Folder};
use crate::ui::{Failure, Outcome, clean};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example { does: "Every credential that a mailbox ever had", line: "mesh-onboard history X26ABC1" },
    Example { does: "The same for a script", line: "mesh-onboard --json history X26ABC1" },
];

/// List the credentials of a mailbox with their dates and fingerprints
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// Mailbox ID
    mailbox: MailboxId,
    /// Which environment, where several hold this mailbox
    #[arg(long, value_name = "ENV")]
    env: Option<Environment>,
}

/// Lists them, the oldest first.
pub fn run(context: &Context, args: &HistoryArgs) -> Result<Outcome, Failure> {
    let (folder, record) = context.find(&args.mailbox, args.env)?;
    let (environment, shares) = (record.environment, record.shares.clone());
    let (owners, owner) = context.store.credentials_of(folder.clone(), record)?;
    let orphans = owners.orphans(Some(&owner))?;
    let json = known(json!({
        "mailbox": args.mailbox.as_str(),
        "environment": environment.as_str(),
        "shares": shares.as_ref().map(MailboxId::as_str),
        "credentials": owner.credentials.iter().map(|c| one_json(context, &owners, c)).collect::<Vec<_>>(),
        "orphans": orphans.iter().map(|(number, path)| json!({
            "credential": number,
            "folder": path.display().to_string(),
        })).collect::<Vec<_>>(),
    }));
    let mut parts = vec![match &shares {
        Some(other) => format!("{} ({environment}) uses the credentials of {other}", args.mailbox),
        None => format!("{} ({environment})", args.mailbox),
    }];
    parts.extend(owner.credentials.iter().map(|credential| one_text(context, &owners, credential)));
    parts.extend(orphans.iter().map(|(number, path)| {
        format!(
            "Credential {number}: left from a run that was interrupted\n  Folder       {}\n  It is kept, and an answer to it can be imported.",
            path.display()
        )
    }));
    Ok(Outcome::done(json, parts.iter().map(|part| shown(part)).collect::<Vec<_>>().join("\n\n")))
}

fn shown(part: &str) -> String {
    part.lines().map(clean).collect::<Vec<_>>().join("\n")
}

/// What is told of a credential that was renewed as compromised.
pub(super) fn reported(at: OffsetDateTime) -> String {
    format!("its key may be in other hands, reported on {}", day(at))
}

fn one_json(context: &Context, folder: &Folder, credential: &CredentialRecord) -> Value {
    let certificate = credential.certificate.as_ref();
    let deadlines = certificate.map(|c| Deadlines::new(c.not_after, c.key_usage_ends, context.now));
    known(json!({
        "credential": credential.number,
        "state": credential.state.as_str(),
        "common_name": credential.common_name.as_str(),
        "requested_at": credential.asked_at().map(rfc3339),
        "adopted_at": credential.adopted_at.map(rfc3339),
        "sent_at": credential.sent_at.map(rfc3339),
        "ticket": credential.ticket,
        "imported_at": certificate.filter(|_| credential.adopted_at.is_none()).map(|c| rfc3339(c.imported_at)),
        "in_use_from": credential.in_use_from.map(rfc3339),
        "in_use_until": credential.in_use_until.map(rfc3339),
        "compromised_at": credential.compromised_at.map(rfc3339),
        "stays_ready": credential.stays_ready,
        "not_after": certificate.map(|c| rfc3339(c.not_after)),
        "key_usage_ends": certificate.and_then(|c| c.key_usage_ends).map(rfc3339),
        "days_left": deadlines.map(|d| d.days_left()),
        "serial": certificate.map(|c| c.serial.as_str()),
        "sha256": certificate.map(|c| c.sha256.to_string()),
        "key_sha256": credential.key_sha256.to_string(),
        "key_elsewhere": credential.key_elsewhere.then_some(true),
        "folder": folder.credential(credential.number).display().to_string(),
    }))
}

fn one_text(context: &Context, folder: &Folder, credential: &CredentialRecord) -> String {
    let certificate = credential.certificate.as_ref();
    let deadlines = certificate.map(|c| Deadlines::new(c.not_after, c.key_usage_ends, context.now));
    let sent = credential.sent_at.map(|at| {
        let ticket = credential.ticket.as_ref().map(|t| format!(", reference {t}")).unwrap_or_default();
        format!("{}{ticket}", day(at))
    });
    let in_use = match (credential.in_use_from, credential.in_use_until) {
        (Some(from), Some(until)) => Some(format!("from {} until {}", day(from), day(until))),
        (Some(from), None) => Some(format!("since {}", day(from))),
        (None, Some(until)) => Some(format!("until {}", day(until))),
        (None, None) => None,
    };
    let imported = certificate.filter(|_| credential.adopted_at.is_none()).map(|c| day(c.imported_at));
    let rows = [
        ("Common name", Some(credential.common_name.to_string())),
        ("Requested", credential.asked_at().map(day)),
        ("Adopted", credential.adopted_at.map(day)),
        ("Sent", sent),
        ("Imported", imported),
        ("In use", in_use),
        ("Stays ready", credential.stays_ready.clone()),
        ("Compromised", credential.compromised_at.map(reported)),
        ("Expiry", deadlines.map(|d| d.expiry_sentence())),
        ("Serial", certificate.map(|c| c.serial.clone())),
        ("SHA-256", certificate.map(|c| c.sha256.to_string())),
        ("Key SHA-256", Some(credential.key_sha256.to_string())),
        ("Key", credential.key_elsewhere.then(|| "kept elsewhere".to_owned())),
        ("Folder", Some(folder.credential(credential.number).display().to_string())),
    ];
    let rows = rows.into_iter().filter_map(|(name, value)| Some(format!("  {name:<12} {}", value?)));
    let heading = format!("Credential {}: {}", credential.number, credential.state.as_str());
    std::iter::once(heading).chain(rows).collect::<Vec<_>>().join("\n")
}
