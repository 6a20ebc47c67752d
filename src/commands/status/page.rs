//! The result for people.

use super::calendar::Written;
use super::row::Row;
use super::watched::{Watched, WatchedRow};
use super::{Context, Status};
use crate::commands::handed_over::HandedOver;
use crate::commands::history::reported;
use crate::expiry::{Deadlines, ago, chase_sentence, day};
use crate::store::CredentialState;
use crate::ui::{Look, clean, listing, passphrase_sentence};

const MAILBOXES: &[&str] = &["MAILBOX", "ENVIRONMENT", "STATE", "CREDENTIAL", "EXPIRES", "DAYS LEFT", "NEXT"];
const WATCHED: &[&str] = &["WATCHED FILE", "SUBJECT", "EXPIRES", "DAYS LEFT"];

/// A table of everything, the most urgent first, or one mailbox in detail.
pub fn text(context: &Context, status: &Status, one: bool, written: Option<&Written>) -> String {
    let look = context.screen.look();
    let mut parts = Vec::new();
    match status.rows.as_slice() {
        [] if one || !status.watched.is_empty() => {}
        [] => parts.push("No mailbox is known here.\n\nNext: mesh-onboard request MAILBOX --ods CODE --env ENV, or rehearse first: mesh-onboard rehearse".to_owned()),
        [row] if one => parts.push(detail(context, row)),
        rows => {
            let mut rows: Vec<_> = rows.iter().collect();
            rows.sort_by_key(|row| row.place.urgency);
            parts.push(listing(look, MAILBOXES, rows.into_iter().map(cells)));
        }
    }
    if !status.watched.is_empty() {
        parts.push(watched(look, &status.watched));
    }
    parts.extend(written.map(Written::sentence));
    parts.join("\n\n")
}

fn cells(row: &Row) -> Vec<String> {
    let place = &row.place;
    let (expires, days) =
        place.deadlines.map_or((String::new(), String::new()), |d| (day(d.not_after), days(d)));
    vec![
        place.record.mailbox.to_string(),
        place.record.environment.to_string(),
        place.standing.as_str().into(),
        match &place.record.shares {
            Some(other) => format!("{} of {other}", place.credential.number),
            None => place.credential.number.to_string(),
        },
        expires,
        days,
        row.next.clone(),
    ]
}

/// Days that are left. How long it is over is said beside the table, in days that people count.
fn days(deadlines: Deadlines) -> String {
    if deadlines.is_over() { "none".into() } else { deadlines.days_left().to_string() }
}

fn watched(look: Look, watched: &Watched) -> String {
    let mut rows: Vec<&WatchedRow> = watched.rows().collect();
    rows.sort_by_key(|row| row.deadlines.not_after);
    let cells = rows.into_iter().map(|row| {
        let (expires, days) = (day(row.deadlines.not_after), days(row.deadlines));
        vec![row.path.display().to_string(), row.name(), expires, days]
    });
    listing(look, WATCHED, cells)
}

fn detail(context: &Context, row: &Row) -> String {
    let (place, now) = (&row.place, context.now);
    let (record, credential) = (&place.record, &place.credential);
    let mut lines = vec![
        format!("{} ({}): {}", record.mailbox, record.environment, place.standing.as_str()),
        String::new(),
        format!("  Common name  {}", credential.common_name),
        match &record.shares {
            Some(other) => format!("  Credential   {} of {other}, which it shares", credential.number),
            None => format!("  Credential   {} of {}", credential.number, place.owner.credentials.len()),
        },
        format!("  Key SHA-256  {}", credential.key_sha256),
    ];
    lines.extend(credential.asked_at().map(|at| format!("  Requested    {}", day(at))));
    lines.extend(credential.adopted_at.map(|at| format!("  Adopted      {}", day(at))));
    if let Some(sent) = credential.sent_at {
        let ticket = credential.ticket.as_ref().map(|t| format!(", reference {t}")).unwrap_or_default();
        lines.push(format!("  Sent         {}, {}{ticket}", day(sent), ago(sent, now)));
    }
    if let Some((request, sent)) = place.sent_request() {
        if request.number != credential.number {
            let ticket = request.ticket.as_ref().map(|t| format!(", reference {t}")).unwrap_or_default();
            let (number, ago) = (request.number, ago(sent, now));
            lines.push(format!("  Renewal      credential {number}, sent {}, {ago}{ticket}", day(sent)));
        }
        lines.extend(chase_sentence(sent, now).map(|sentence| format!("  Answer       {sentence}")));
    }
    let ready = place.owner.in_state(CredentialState::Ready);
    if let Some((ready, reason)) = ready.and_then(|ready| Some((ready, ready.stays_ready.as_ref()?))) {
        lines.push(format!("  Ready        credential {}, not in use: {reason}", ready.number));
    }
    lines.extend(credential.compromised_at.map(|at| format!("  Compromised  {}", reported(at))));
    lines.push(format!("  Folder       {}", row.folder.display()));
    lines.extend(
        row.handed_over.iter().map(HandedOver::sentence).map(|sentence| format!("  Handed over  {sentence}")),
    );
    if let Some(deadlines) = place.deadlines {
        lines.push(format!("  Expiry       {}", deadlines.expiry_sentence()));
        lines.extend(deadlines.key_usage_sentence().map(|s| format!("  Key usage    {s}")));
        if place.is_to_ask() {
            lines.extend(deadlines.planning_sentence().map(|s| format!("  Renewal      {s}")));
        }
    }
    lines.push(String::new());
    lines.push(match credential.key_elsewhere {
        true => "Note that its key is kept elsewhere: only what the certificate says is known here.".into(),
        false => format!("Note that {}.", passphrase_sentence(&credential.passphrase)),
    });
    lines.push(format!("Next: {}", row.next));
    lines.iter().map(|line| clean(line)).collect::<Vec<_>>().join("\n")
}
