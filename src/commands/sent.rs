use clap::Args;
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::{Context, Example, full_date, known, rfc3339};
use crate::expiry::{chase_on, chase_sentence, day};
use crate::mailbox::{Environment, MailboxId};
use crate::onboarding::{self, NotedSent};
use crate::ui::{Failure, InputError, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example { does: "The email went out just now", line: "mesh-onboard sent X26ABC1" },
    Example { does: "It went out earlier", line: "mesh-onboard sent X26ABC1 --on 2026-11-18" },
    Example {
        does: "The desk has given a reference; the date that was noted stays",
        line: "mesh-onboard sent X26ABC1 --ticket CS1234567",
    },
];

/// Note that the email to the service desk went out
#[derive(Debug, Args)]
pub struct SentArgs {
    /// Mailbox ID
    mailbox: MailboxId,
    /// Which environment, where several hold this mailbox
    #[arg(long, value_name = "ENV")]
    env: Option<Environment>,
    /// When it went out, as YYYY-MM-DD or RFC 3339; default: as noted before, else now
    #[arg(long, value_name = "DATE", value_parser = date)]
    on: Option<OffsetDateTime>,
    /// Reference of the desk, such as CS1234567
    #[arg(long, value_name = "REF")]
    ticket: Option<String>,
}

/// A day or a time.
pub(super) fn date(text: &str) -> Result<OffsetDateTime, String> {
    OffsetDateTime::parse(text, &Rfc3339)
        .ok()
        .and_then(|at| at.checked_to_offset(time::UtcOffset::UTC))
        .or_else(|| {
            Some(Date::parse(text, format_description!("[year]-[month]-[day]")).ok()?.midnight().assume_utc())
        })
        .ok_or_else(|| format!("'{text}' is not a date such as 2026-11-18"))
}

/// Notes it.
pub fn run(context: &Context, args: SentArgs) -> Result<Outcome, Failure> {
    let (folder, record) = context.find(&args.mailbox, args.env)?;
    if let Some(at) = args.on {
        if at > context.now {
            return Err(InputError::Usage(format!("{} is in the future", day(at))).into());
        }
        // A date alone is midnight, which may lie before the request of the same day.
        if let Some(requested) = record.requested().filter(|c| at.date() < c.requested_at.date()) {
            let made = day(requested.requested_at);
            return Err(
                InputError::Usage(format!("{} is before the request was made ({made})", day(at))).into()
            );
        }
    }
    let holder = context.holder("sent");
    let NotedSent { credential, at, noted_before, ticket } =
        onboarding::note_sent(&folder, &args.mailbox, args.on, context.now, args.ticket, &holder)?;
    let import = context.line("import", &args.mailbox, record.environment, "FILE");
    let next = format!("when the certificate arrives: {import}");
    let json = known(json!({
        "mailbox": args.mailbox.as_str(),
        "environment": record.environment.as_str(),
        "credential": credential,
        "sent_at": rfc3339(at),
        "chase_on": chase_on(at).map(full_date),
        "next": next,
    }));
    let chase = chase_sentence(at, context.now).map(|sentence| format!(": {sentence}")).unwrap_or_default();
    let before = match noted_before {
        // Whoever is asked for the day has seen which one stands.
        true if !context.screen.guided => ", as was noted before (another day is noted with --on)",
        true => ", as was noted before",
        false => "",
    };
    let ticket = ticket.map(|ticket| format!(" Its reference is {ticket}.")).unwrap_or_default();
    let text = format!(
        "Noted: the email for {} went out on {}{before}.{ticket} The desk answers within 5 working days{chase}.\n\nNext: {next}",
        args.mailbox,
        day(at)
    );
    Ok(Outcome::done(json, text))
}
