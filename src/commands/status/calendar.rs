//! The calendar file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::Status;
use super::row::Row;
use super::watched::WatchedRow;
use crate::expiry::calendar::{Ending, calendar, is_ours};
use crate::expiry::{DESK_DAYS, Deadlines, date_text, day};
use crate::mailbox::{Environment, MailboxId};
use crate::pki::Fingerprint;
use crate::store::{StoreError, files};
use crate::ui::clean;

/// A calendar that was written.
pub struct Written {
    path: PathBuf,
    events: usize,
}

impl Written {
    pub fn json(&self) -> Value {
        json!({"file": self.path.display().to_string(), "events": self.events})
    }

    pub fn sentence(&self) -> String {
        let events = if self.events == 1 { "1 event".into() } else { format!("{} events", self.events) };
        format!("Wrote {events} to {}: open it with your calendar.", clean(&self.path.display().to_string()))
    }
}

/// Writes it, in place of an earlier one.
pub fn write(path: &Path, status: &Status) -> Result<Written, StoreError> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let owners = status.rows.iter().filter(|row| row.place.is_in_use() && !row.place.shares());
    let sharers = sharers(&status.rows);
    let mut endings: Vec<Ending> =
        owners.filter_map(|row| Some(ours(row, row.place.deadlines?, &sharers))).collect();
    endings.extend(status.watched.rows().map(watched));
    files::write_ours(&path, calendar(&endings).as_bytes(), is_ours)?;
    Ok(Written { path, events: endings.len() })
}

/// Who uses the credential of whom, each in its environment.
type Sharers<'a> = BTreeMap<(Environment, &'a MailboxId), Vec<&'a str>>;

fn sharers(rows: &[Row]) -> Sharers<'_> {
    let mut sharers = Sharers::new();
    for record in rows.iter().map(|row| &row.place.record) {
        if let Some(owner) = &record.shares {
            sharers.entry((record.environment, owner)).or_default().push(record.mailbox.as_str());
        }
    }
    sharers
}

/// The end of a credential in use, with the mailboxes that share it.
fn ours(row: &Row, deadlines: Deadlines, sharers: &Sharers) -> Ending {
    let record = &row.place.record;
    let (mailbox, environment) = (&record.mailbox, record.environment);
    let mut lines = vec![format!(
        "MESH refuses the certificate of {mailbox} ({environment}) from {} on.",
        day(deadlines.not_after)
    )];
    match sharers.get(&(environment, mailbox)).map_or(&[][..], Vec::as_slice) {
        [] => {}
        [one] => lines.push(format!("{one} uses it too.")),
        several => lines.push(format!("{} use it too.", several.join(", "))),
    }
    lines.push(format!("Common name: {}", row.place.credential.common_name));
    if let Some(ends) = deadlines.key_usage_ends {
        lines.push(format!("Its key usage period ends on {}.", day(ends)));
    }
    // The same on whatever day the calendar is written: both dates, and not how far away they are.
    let dates = [(deadlines.plan_by(), "in time for that"), (deadlines.ask_by(), "at the latest")];
    for (by, why) in dates.into_iter().filter_map(|(by, why)| Some((by?, why))) {
        lines.push(format!("Ask the service desk for the next one by {}, {why}.", date_text(by)));
    }
    lines.push(format!("The desk answers within {DESK_DAYS} working days."));
    lines.push(format!("To ask: {}", row.renew));
    Ending {
        uid: format!("{environment}-{mailbox}@mesh-onboard"),
        summary: format!("{mailbox} ({environment}): MESH certificate stops working"),
        description: lines.join("\n"),
        reminder: format!("The MESH certificate of {mailbox} ({environment}) stops working"),
        not_after: deadlines.not_after,
        since: in_use_since(row),
    }
}

/// Since when a credential is in use.
fn in_use_since(row: &Row) -> OffsetDateTime {
    let credential = &row.place.credential;
    let imported = credential.certificate.as_ref().map(|certificate| certificate.imported_at);
    credential.in_use_from.or(imported).unwrap_or(credential.requested_at)
}

/// The end of a certificate in a file. The next one in its place, of the same name, is the same event.
fn watched(row: &WatchedRow) -> Ending {
    let (name, path) = (clean(&row.name()), row.path.display().to_string());
    let place = Fingerprint::of(format!("{path}\n{}", row.certificate.subject()).as_bytes());
    let mut lines = vec![
        format!("The certificate of {name} stops working on {}.", day(row.deadlines.not_after)),
        format!("File: {}", clean(&path)),
        format!("Issuer: {}", clean(row.certificate.issuer())),
    ];
    if let Some(ends) = row.deadlines.key_usage_ends {
        lines.push(format!("Its key usage period ends on {}.", day(ends)));
    }
    Ending {
        uid: format!("file-{}@mesh-onboard", &place.to_string()[..32]),
        summary: format!("{name}: certificate stops working"),
        description: lines.join("\n"),
        reminder: format!("The certificate of {name} stops working"),
        not_after: row.deadlines.not_after,
        since: row.certificate.not_before(),
    }
}
