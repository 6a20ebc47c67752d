use clap::Args;
use serde_json::json;
use time::macros::format_description;

use super::handed_over::{one_json, sentence};
use super::hook::HookArgs;
use super::order::{OrderArgs, Placed, Wanted};
use super::{Context, Example, rfc3339};
use crate::desk::{Reason, Service};
use crate::expiry::{day, working_days};
use crate::mailbox::{Environment, MailboxId};
use crate::onboarding::{self, Purpose, Renewal};
use crate::store::MailboxRecord;
use crate::ui::{Failure, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "A new credential beside the one in use, by what is recorded of the mailbox",
        line: "mesh-onboard renew X26ABC1",
    },
    Example {
        does: "The key may be in other hands",
        line: "mesh-onboard renew X26ABC1 --reason compromised --ticket CS1234567",
    },
    Example {
        does: "Run a program of yours whenever another credential is put in use",
        line: "mesh-onboard renew X26ABC1 --deploy-hook './deploy --quietly'",
    },
    Example {
        does: "Replace what is on its way already; nothing is deleted",
        line: "mesh-onboard renew X26ABC1 --again",
    },
];

/// The days that the desk takes at most.
const DESK_DAYS: u32 = 5;

/// Request a new credential beside the one in use, which stays as it is
#[derive(Debug, Args)]
pub struct RenewArgs {
    /// Mailbox ID
    mailbox: MailboxId,
    /// Which environment, where several hold this mailbox
    #[arg(long, value_name = "ENV")]
    env: Option<Environment>,
    /// renewal, expired, compromised, or your own words; default: renewal, or expired once it is
    #[arg(long, value_name = "REASON")]
    reason: Option<String>,
    #[command(flatten)]
    hook: HookArgs,
    #[command(flatten)]
    order: OrderArgs,
}

/// Makes the request and says what to do with it.
pub fn run(context: &Context, args: RenewArgs) -> Result<Outcome, Failure> {
    let (_, record) = context.find_own(&args.mailbox, args.env, "renew")?;
    let renewal = onboarding::renewal(&context.store, &record, args.order.again, context.now)?;
    let wanted = Wanted {
        command: "renew",
        purpose: Purpose::Renewal,
        mailbox: args.mailbox,
        environment: record.environment,
        ods: renewal.ods.clone(),
        common_name: renewal.common_name.clone(),
        reason: args.reason.map_or_else(|| renewal.reason(), |text| Reason::from_text(&text)),
        existing: Some(renewal.existing.clone()),
        deploy_hook: args.hook.words(),
    };
    let placed = args.order.place(context, wanted)?;
    placed.warn(context);
    Ok(outcome(context, &placed, &renewal, &record))
}

fn outcome(context: &Context, placed: &Placed, renewal: &Renewal, record: &MailboxRecord) -> Outcome {
    let old = renewal.current;
    let chase = working_days::after(context.now.date(), DESK_DAYS);
    let sharers: Vec<&str> = renewal.sharers.iter().map(MailboxId::as_str).collect();
    let mut json = placed.json(context);
    json["renews"] = json!({
        "credential": old,
        "serial": renewal.existing.serial,
        "not_after": rfc3339(renewal.existing.not_after),
        "days_left": renewal.deadlines.days_left(),
    });
    json["shared_by"] = json!(sharers);
    if !record.exports.is_empty() {
        json["handed_over"] = record.exports.iter().map(|export| one_json(record, export)).collect();
    }
    let date = format_description!("[year]-[month]-[day]");
    json["chase_on"] = json!(chase.and_then(|day| day.format(date).ok()));

    let named = format!(
        "the old certificate (serial {}, valid until {})",
        renewal.existing.serial,
        day(renewal.existing.not_after)
    );
    let mut lines = vec![match renewal.existing.service {
        None => format!("It names {named}."),
        Some(Service::StopsOn(_)) => format!("It names {named}, and says that the service stops then."),
        Some(Service::StoppedOn(_)) => format!("It names {named}, and says that the service has stopped."),
    }];
    lines.push(format!(
        "Nothing in use changes: credential {old} stays current; {}.",
        renewal.deadlines.expiry_sentence()
    ));
    lines.extend(shared(&renewal.sharers, "will switch"));
    lines.extend(record.exports.iter().map(|export| {
        format!("Handed over to {}: to be made again once the new certificate is in use.", sentence(export))
    }));
    if let Some(chase) = chase {
        lines.push(format!(
            "The desk answers within {DESK_DAYS} working days: sent today, chase it on {}.",
            day(chase.midnight().assume_utc())
        ));
    }
    Outcome::done(json, placed.text(context, &format!(", to follow credential {old}"), &lines))
}

/// Who has the same credential, as a sentence.
pub(super) fn shared(sharers: &[MailboxId], verb: &str) -> Option<String> {
    let names: Vec<&str> = sharers.iter().map(MailboxId::as_str).collect();
    let (last, others) = names.split_last()?;
    Some(match others {
        [] => format!("{last} shares it, and {verb} with it."),
        others => format!("{} and {last} share it, and {verb} with it.", others.join(", ")),
    })
}
