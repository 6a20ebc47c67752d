//! `status`: where every mailbox stands, and what expires when.

mod calendar;
mod metrics;
mod page;
mod row;
mod watched;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use time::Duration;

use self::row::Row;
use self::watched::Watched;
use super::handed_over::HandedOver;
use super::{Context, Example, rfc3339};
use crate::expiry::SOON;
use crate::mailbox::{Environment, MailboxId};
use crate::onboarding::{Overview, Whereabouts, overview};
use crate::store::StoreError;
use crate::ui::{Failure, Outcome, exit};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example { does: "Where every mailbox stands", line: "mesh-onboard status" },
    Example { does: "One mailbox in detail", line: "mesh-onboard status X26ABC1" },
    Example {
        does: "For cron: exit code 3 when anything expires within 60 days",
        line: "mesh-onboard --json status --within 60d",
    },
    Example {
        does: "Reminders for your calendar, and certificates that were made elsewhere",
        line: "mesh-onboard status --calendar mesh.ics --watch certificates",
    },
    Example { does: "Metrics for Prometheus", line: "mesh-onboard status --prometheus" },
];

/// Show where every mailbox stands and what expires when
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Mailbox ID; default: all
    mailbox: Option<MailboxId>,
    /// Which environment, where several hold this mailbox
    #[arg(long, value_name = "ENV")]
    env: Option<Environment>,
    /// Exit with 3 when a certificate expires within this time, such as 90d: in use, handed over, or watched
    #[arg(long, value_name = "DURATION", default_value = "90d", value_parser = span)]
    within: Duration,
    /// Also look at the certificates in a folder, made elsewhere; may be repeated
    #[arg(long, value_name = "DIR")]
    watch: Vec<PathBuf>,
    /// Write a calendar of what expires, with reminders 90, 60, 30 and 7 days before; an earlier one is replaced
    #[arg(long, value_name = "FILE")]
    calendar: Option<PathBuf>,
    /// Print metrics for Prometheus instead; with --json they are in it, under prometheus
    #[arg(long)]
    prometheus: bool,
}

fn span(text: &str) -> Result<Duration, String> {
    let span = humantime::parse_duration(text).map_err(|e| format!("{e}; give a time such as 90d"))?;
    span.try_into().map_err(|_| "too long".into())
}

/// What is known of the home, and of what is watched besides.
struct Status {
    rows: Vec<Row>,
    /// Mailboxes that could not be read.
    unread: Vec<Unread>,
    watched: Watched,
}

/// A mailbox whose record cannot be read, or not that of the owner of its credential.
struct Unread {
    record: PathBuf,
    environment: Environment,
    mailbox: MailboxId,
}

impl Status {
    /// Whether everything could be read.
    fn is_complete(&self) -> bool {
        self.unread.is_empty() && self.watched.is_complete()
    }

    /// Whether a certificate ends within this time: one in use, one that an application still has, or one that is watched.
    fn has_due(&self, within: Duration) -> bool {
        let ours = self.rows.iter().filter_map(|row| row.place.deadlines);
        let handed_over = self.rows.iter().flat_map(Row::stale).map(|(_, deadlines)| deadlines);
        ours.chain(handed_over)
            .chain(self.watched.deadlines())
            .any(|deadlines| deadlines.falls_within(within))
    }
}

/// Lists, or shows one mailbox.
pub fn run(context: &Context, args: StatusArgs) -> Result<Outcome, Failure> {
    must_have_home(context, &args)?;
    let (rows, unread) = match &args.mailbox {
        Some(mailbox) => (one(context, mailbox, &args)?, Vec::new()),
        None => all(context, &args)?,
    };
    let watched = Watched::look(context, &args.watch);
    let status = Status { rows, unread, watched };
    for row in &status.rows {
        warn(context, row);
    }
    status.watched.warn(context);
    let written = args.calendar.as_deref().map(|path| calendar::write(path, &status)).transpose()?;
    let mut json = json!({
        "now": rfc3339(context.now),
        "mailboxes": status.rows.iter().map(Row::json).collect::<Vec<_>>(),
    });
    if !args.watch.is_empty() {
        json["watched"] = status.watched.json();
    }
    if let Some(written) = &written {
        json["calendar"] = written.json();
    }
    let text = if args.prometheus {
        let metrics = metrics::text(context, &status);
        json["prometheus"] = metrics.as_str().into();
        metrics
    } else {
        page::text(context, &status, args.mailbox.is_some(), written.as_ref())
    };
    let exit = match (status.has_due(args.within), status.is_complete()) {
        (true, _) => exit::ATTENTION,
        (false, false) => exit::FAILED,
        (false, true) => exit::DONE,
    };
    Ok(Outcome { exit, json, text })
}

/// To what reads metrics and calendars, a wrong path must not look as if nothing expired; a person sees that it is empty.
fn must_have_home(context: &Context, args: &StatusArgs) -> Result<(), StoreError> {
    let home = context.store.home();
    let is_meant = args.prometheus || args.calendar.is_some();
    match is_meant && !home.is_dir() {
        true => Err(StoreError::NoHome { path: home.to_owned() }),
        false => Ok(()),
    }
}

fn one(context: &Context, mailbox: &MailboxId, args: &StatusArgs) -> Result<Vec<Row>, Failure> {
    let (folder, record) = context.find(mailbox, args.env)?;
    let (_, owner) = context.store.credentials_of(folder, record.clone())?;
    let place = Whereabouts::of(Arc::new(record), Arc::new(owner), args.within, context.now);
    Ok(place.map(|place| Row::new(context, place, None)).into_iter().collect())
}

/// Every mailbox that can be read, and those that cannot: one of these must not hide the others.
fn all(context: &Context, args: &StatusArgs) -> Result<(Vec<Row>, Vec<Unread>), Failure> {
    let Overview { mailboxes, orphans, unread, ambiguous, .. } =
        overview(&context.store, args.env, args.within, context.now)?;
    for (_, error) in &unread {
        context.screen.warning(&error.to_string());
    }
    for (orphan, mailbox) in orphans {
        context.screen.note(&format!(
            "note: {} of {mailbox} is left from a run that was interrupted; it is kept",
            orphan.display(),
        ));
    }
    let rows = mailboxes.into_iter().map(|place| Row::new(context, place, Some(&ambiguous))).collect();
    let unread = unread.into_iter().map(|(folder, _)| Unread {
        record: folder.path().join("mailbox.toml"),
        environment: folder.environment(),
        mailbox: folder.mailbox().clone(),
    });
    Ok((rows, unread.collect()))
}

/// The three-year expiry once it is near, also of what was handed over and not made again, and the key usage period once it is over.
fn warn(context: &Context, row: &Row) {
    let mailbox = &row.place.record.mailbox;
    for (HandedOver { export, .. }, deadlines) in row.stale().filter(|(_, d)| d.falls_within(SOON)) {
        let (consumer, folder) = (&export.consumer, export.folder.display());
        context.screen.warning(&format!(
            "certificate of {mailbox} that was handed over to {consumer} in {folder}, not the one in use: {}",
            deadlines.expiry_sentence()
        ));
    }
    let Some(deadlines) = row.place.deadlines else { return };
    // The owner's certificate is told with its owner.
    if row.place.shares() && row.is_listed {
        return;
    }
    if deadlines.falls_within(SOON) {
        context.screen.warning(&format!("certificate of {mailbox}: {}", deadlines.expiry_sentence()));
    }
    if deadlines.key_usage_is_over()
        && let Some(sentence) = deadlines.key_usage_sentence()
    {
        context.screen.warning(&format!("certificate of {mailbox}: {sentence}"));
    }
}
