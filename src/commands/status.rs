use clap::Args;
use serde_json::{Value, json};
use time::Duration;

use super::{Context, Example, known, rfc3339};
use crate::expiry::{Deadlines, SOON, day};
use crate::mailbox::{Environment, MailboxId};
use crate::onboarding::{Standing, standing};
use crate::store::{CredentialRecord, MailboxRecord, StoreError};
use crate::ui::{Failure, Outcome, exit, next_step, passphrase_sentence, table};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example { does: "Where every mailbox stands", line: "mesh-onboard status" },
    Example { does: "One mailbox in detail", line: "mesh-onboard status X26ABC1" },
    Example {
        does: "For cron: exit code 3 when anything expires within 60 days",
        line: "mesh-onboard --json status --within 60d",
    },
];

/// Show where every mailbox stands and what expires when
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Mailbox ID; default: all
    mailbox: Option<MailboxId>,
    /// Which environment, where several hold this mailbox
    #[arg(long, value_name = "ENV")]
    env: Option<Environment>,
    /// Exit with 3 when a certificate expires within this time, such as 90d
    #[arg(long, value_name = "DURATION", default_value = "90d", value_parser = span)]
    within: Duration,
}

fn span(text: &str) -> Result<Duration, String> {
    let span = humantime::parse_duration(text).map_err(|e| format!("{e}; give a time such as 90d"))?;
    span.try_into().map_err(|_| "too long".into())
}

/// One mailbox, as far as there is something to say of it.
struct Row {
    record: MailboxRecord,
    /// The mailbox whose credential it is: the same, unless it shares.
    owner: MailboxRecord,
    standing: Standing,
    credential: CredentialRecord,
    deadlines: Option<Deadlines>,
}

impl Row {
    fn of(record: MailboxRecord, soon: Duration, context: &Context) -> Result<Option<Self>, StoreError> {
        let folder = context.store.folder(record.environment, &record.mailbox);
        let (_, owner) = context.store.credentials_of(folder, record.clone())?;
        let Some((standing, credential, deadlines)) = standing(&owner, soon, context.now) else {
            return Ok(None);
        };
        let credential = credential.clone();
        Ok(Some(Self { standing, credential, deadlines, owner, record }))
    }

    fn next(&self, context: &Context) -> String {
        let environment = self.record.environment;
        next_step(
            self.standing,
            &self.credential,
            // What is done to a credential is done for its owner; a check is this mailbox's own.
            |verb, more| context.line(verb, &self.owner.mailbox, environment, more),
            || match self.credential.key_elsewhere {
                true => context.line("check", &self.record.mailbox, environment, "--cert FILE --key FILE"),
                false => context.check_line(&self.record.mailbox, environment),
            },
        )
    }

    fn json(&self, context: &Context) -> Value {
        known(json!({
            "mailbox": self.record.mailbox.as_str(),
            "environment": self.record.environment.as_str(),
            "state": self.standing.as_str(),
            "common_name": self.credential.common_name.as_str(),
            "credential": self.credential.number,
            "shares": self.record.shares.as_ref().map(MailboxId::as_str),
            "key_elsewhere": self.credential.key_elsewhere.then_some(true),
            "requested_at": self.credential.asked_at().map(rfc3339),
            "adopted_at": self.credential.adopted_at.map(rfc3339),
            "sent_at": self.credential.sent_at.map(rfc3339),
            "not_after": self.deadlines.map(|d| rfc3339(d.not_after)),
            "key_usage_ends": self.deadlines.and_then(|d| d.key_usage_ends).map(rfc3339),
            "days_left": self.deadlines.map(|d| d.days_left()),
            "next": self.next(context),
        }))
    }

    fn cells(&self, context: &Context) -> Vec<String> {
        let (expires, days) = self
            .deadlines
            .map_or((String::new(), String::new()), |d| (day(d.not_after), d.days_left().to_string()));
        vec![
            self.record.mailbox.to_string(),
            self.record.environment.to_string(),
            self.standing.as_str().into(),
            match &self.record.shares {
                Some(other) => format!("{} of {other}", self.credential.number),
                None => self.credential.number.to_string(),
            },
            expires,
            days,
            self.next(context),
        ]
    }

    fn detail(&self, context: &Context) -> String {
        let (record, credential) = (&self.record, &self.credential);
        let mut lines = vec![
            format!("{} ({}): {}", record.mailbox, record.environment, self.standing.as_str()),
            String::new(),
            format!("  Common name  {}", credential.common_name),
            format!("  Credential   {} of {}", credential.number, self.owner.credentials.len()),
            format!("  Key SHA-256  {}", credential.key_sha256),
        ];
        if let Some(other) = &record.shares {
            lines[3] = format!("  Credential   {} of {other}, which it shares", credential.number);
        }
        lines.extend(credential.asked_at().map(|at| format!("  Requested    {}", day(at))));
        lines.extend(credential.adopted_at.map(|at| format!("  Adopted      {}", day(at))));
        if let Some(sent) = credential.sent_at {
            let ticket = credential.ticket.as_ref().map(|t| format!(", reference {t}")).unwrap_or_default();
            lines.push(format!("  Sent         {}{ticket}", day(sent)));
        }
        let folder = context.store.folder(record.environment, &self.owner.mailbox);
        lines.push(format!("  Folder       {}", folder.credential(credential.number).display()));
        if let Some(deadlines) = self.deadlines {
            lines.push(format!("  Expiry       {}", deadlines.expiry_sentence()));
            lines.extend(deadlines.key_usage_sentence().map(|s| format!("  Key usage    {s}")));
        }
        lines.push(String::new());
        lines.push(match credential.key_elsewhere {
            true => {
                "Note that its key is kept elsewhere: only what the certificate says is known here.".into()
            }
            false => format!("Note that {}.", passphrase_sentence(&credential.passphrase)),
        });
        lines.push(format!("Next: {}", self.next(context)));
        lines.iter().map(|line| crate::ui::clean(line)).collect::<Vec<_>>().join("\n")
    }
}

/// Lists, or shows one mailbox.
pub fn run(context: &Context, args: StatusArgs) -> Result<Outcome, Failure> {
    let (rows, complete) = match &args.mailbox {
        Some(mailbox) => {
            let (_, record) = context.find(mailbox, args.env)?;
            (Row::of(record, args.within, context)?.into_iter().collect(), true)
        }
        None => all(context, &args)?,
    };
    for row in &rows {
        warn(context, row);
    }
    let text = match (&args.mailbox, rows.as_slice()) {
        (_, []) => "No mailbox is known here.\n\nNext: mesh-onboard request MAILBOX --ods CODE --env ENV, or rehearse first: mesh-onboard rehearse".into(),
        (Some(_), [row]) => row.detail(context),
        _ => table(
            &["MAILBOX", "ENVIRONMENT", "STATE", "CREDENTIAL", "EXPIRES", "DAYS LEFT", "NEXT"],
            rows.iter().map(|row| row.cells(context)),
        ),
    };
    let due = rows.iter().any(|row| row.deadlines.is_some_and(|d| d.falls_within(args.within)));
    let json = json!({
        "now": rfc3339(context.now),
        "mailboxes": rows.iter().map(|row| row.json(context)).collect::<Vec<_>>(),
    });
    let exit = match (due, complete) {
        (true, _) => exit::ATTENTION,
        (false, false) => exit::FAILED,
        (false, true) => exit::DONE,
    };
    Ok(Outcome { exit, json, text })
}

/// Every mailbox that can be read, and whether that were all: one that cannot must not hide the others.
fn all(context: &Context, args: &StatusArgs) -> Result<(Vec<Row>, bool), Failure> {
    let (mut rows, mut complete) = (Vec::new(), true);
    for folder in context.store.folders()? {
        if args.env.is_some_and(|wanted| wanted != folder.environment()) {
            continue;
        }
        let record = match folder.load() {
            Ok(record) => record,
            Err(error) => {
                context.screen.warning(&error.to_string());
                complete = false;
                continue;
            }
        };
        for (_, orphan) in folder.orphans(record.as_ref())? {
            context.screen.note(&format!(
                "note: {} of {} is left from a run that was interrupted; it is kept",
                orphan.display(),
                folder.mailbox()
            ));
        }
        match record.map_or(Ok(None), |record| Row::of(record, args.within, context)) {
            Ok(row) => rows.extend(row),
            Err(error) => {
                context.screen.warning(&error.to_string());
                complete = false;
            }
        }
    }
    Ok((rows, complete))
}

/// The three-year expiry once it is near, and the key usage period once it is over.
fn warn(context: &Context, row: &Row) {
    let Some(deadlines) = row.deadlines else { return };
    let mailbox = &row.record.mailbox;
    if deadlines.falls_within(SOON) {
        context.screen.warning(&format!("certificate of {mailbox}: {}", deadlines.expiry_sentence()));
    }
    if deadlines.key_usage_is_over()
        && let Some(sentence) = deadlines.key_usage_sentence()
    {
        context.screen.warning(&format!("certificate of {mailbox}: {sentence}"));
    }
}
