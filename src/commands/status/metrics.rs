//! Metrics for Prometheus.

use std::path::Path;

use time::{Date, Duration, OffsetDateTime};

use super::row::Row;
use super::{Context, Status};
use crate::expiry::chase_on;
use crate::expiry::prometheus::{HOME, Labels, MailboxDates, Measured, Metrics, ReadFile, Source};
use crate::mailbox::{Environment, MailboxId};
use crate::onboarding::side_by_side;
use crate::pki::{Certificate, NameFields, sniff};
use crate::store::{FILE_LIMIT, files};
use crate::ui::clean;

/// Every certificate once: a credential that several mailboxes share is measured where its owner is.
pub fn text(context: &Context, status: &Status) -> String {
    let mut metrics = Metrics::default();
    let owners: Vec<&Row> =
        status.rows.iter().filter(|row| !row.place.shares() || status.rows.len() == 1).collect();
    let read = side_by_side(&owners, |row| row.certificate_file().map(|path| (leaf(&path), path)));
    for (row, read) in owners.iter().zip(read) {
        metrics.mailboxes.push(dates(row));
        let Some((certificate, path)) = read else { continue };
        let labels = file_labels(&path, Some((&row.place.owner.mailbox, row.place.owner.environment)));
        if certificate.is_none() {
            context
                .screen
                .warning(&format!("{} cannot be read; mailbox.toml says when it ends", path.display()));
        }
        metrics.certificates.extend(measured(row, certificate.as_ref(), labels.clone()));
        metrics.files.push(ReadFile { labels, failed: certificate.is_none() });
    }
    let ours = metrics.files.len();
    for unread in &status.unread {
        let labels = file_labels(&unread.record, Some((&unread.mailbox, unread.environment)));
        metrics.files.push(ReadFile { labels, failed: true });
    }
    metrics.sources.push(Source { name: HOME.into(), files: ours, up: true });
    metrics.handed_over = status.rows.iter().flat_map(handed_over).collect();
    watched(status, &mut metrics);
    metrics.text(context.now)
}

fn watched(status: &Status, metrics: &mut Metrics) {
    for row in status.watched.rows() {
        let labels = file_labels(&row.path, None);
        metrics.certificates.push(Measured {
            labels: [labels.clone(), name_labels(&row.certificate)].concat(),
            not_before: Some(row.certificate.not_before()),
            not_after: row.deadlines.not_after,
        });
    }
    for folder in &status.watched.folders {
        let failed: Vec<_> = folder.unread.iter().map(|(path, _)| path).collect();
        let mut read: Vec<_> = folder.certificates.iter().map(|found| &found.path).collect();
        read.dedup();
        read.retain(|path| !failed.contains(path));
        metrics.sources.push(Source {
            name: clean(&folder.path.display().to_string()),
            files: read.len(),
            up: folder.is_readable,
        });
        for (path, failed) in
            read.into_iter().map(|p| (p, false)).chain(failed.into_iter().map(|p| (p, true)))
        {
            metrics.files.push(ReadFile { labels: file_labels(path, None), failed });
        }
    }
}

/// A certificate of ours; what its file no longer says is known from `mailbox.toml`.
fn measured(row: &Row, certificate: Option<&Certificate>, labels: Labels) -> Option<Measured> {
    let recorded = row.place.credential.certificate.as_ref()?;
    Some(match certificate {
        Some(certificate) => Measured {
            labels: [labels, name_labels(certificate)].concat(),
            not_before: Some(certificate.not_before()),
            not_after: certificate.not_after(),
        },
        None => {
            let common_name = row.place.credential.common_name.to_string();
            Measured {
                labels: [labels, vec![("subject_CN", common_name)]].concat(),
                not_before: None,
                not_after: recorded.not_after,
            }
        }
    })
}

fn dates(row: &Row) -> MailboxDates {
    let place = &row.place;
    let in_use = place.deadlines.filter(|_| place.is_in_use());
    MailboxDates {
        labels: mailbox_labels(&place.record.mailbox, place.record.environment),
        key_usage_ends: in_use.and_then(|deadlines| deadlines.key_usage_ends),
        ask_by: in_use
            .filter(|_| place.is_to_ask())
            .and_then(|deadlines| deadlines.ask_by())
            .and_then(end_of),
        chase_after: place.sent_request().and_then(|(_, sent)| chase_on(sent)).and_then(end_of),
    }
}

/// Until when each application can go on with what it was given.
fn handed_over(row: &Row) -> impl Iterator<Item = (Labels, OffsetDateTime)> {
    let of = mailbox_labels(&row.place.record.mailbox, row.place.record.environment);
    row.handed_over.iter().filter_map(move |handed| {
        let mut labels = of.clone();
        labels.push(("consumer", clean(&handed.export.consumer)));
        labels.push(("filepath", clean(&handed.export.folder.display().to_string())));
        Some((labels, handed.deadlines?.not_after))
    })
}

/// The midnight, in UTC, at which a day ends.
fn end_of(date: Date) -> Option<OffsetDateTime> {
    date.midnight().assume_utc().checked_add(Duration::DAY)
}

fn leaf(path: &Path) -> Option<Certificate> {
    let bytes = files::read_bounded(path, FILE_LIMIT).ok()?;
    sniff::certificates(&bytes).ok()?.into_iter().next()
}

fn file_labels(path: &Path, of: Option<(&MailboxId, Environment)>) -> Labels {
    let mut labels =
        vec![("filename", clean(&files::name_of(path))), ("filepath", clean(&path.display().to_string()))];
    labels.extend(of.into_iter().flat_map(|(mailbox, environment)| mailbox_labels(mailbox, environment)));
    labels
}

fn mailbox_labels(mailbox: &MailboxId, environment: Environment) -> Labels {
    vec![("mailbox", mailbox.to_string()), ("environment", environment.to_string())]
}

fn name_labels(certificate: &Certificate) -> Labels {
    let names = certificate.names();
    let mut labels = vec![("serial_number", names.serial)];
    const SUBJECT: [&str; 6] =
        ["subject_C", "subject_ST", "subject_L", "subject_O", "subject_OU", "subject_CN"];
    const ISSUER: [&str; 6] = ["issuer_C", "issuer_ST", "issuer_L", "issuer_O", "issuer_OU", "issuer_CN"];
    for (labelled, name) in [(SUBJECT, names.subject), (ISSUER, names.issuer)] {
        let NameFields { country, state, locality, organisation, unit, common_name } = name;
        let fields = [country, state, locality, organisation, unit, common_name];
        let values = fields.map(|field| clean(&field.unwrap_or_default()));
        labels.extend(labelled.into_iter().zip(values));
    }
    labels
}
