//! The text format of Prometheus (exposition format 0.0.4): metrics by the names and labels of the x509 exporter of Enix, so
//! that rules written for that one fire.
//!
//! Written by hand: the crates for it keep registers of counters that live as long as a service, and print OpenMetrics.

use std::collections::BTreeSet;
use std::fmt::Write;

use time::OffsetDateTime;

/// The name that this program has as a source of certificates, beside those that are watched.
pub const HOME: &str = "mesh-onboard";

/// Names and values of labels. A label without a value is the same as none, and left out.
pub type Labels = Vec<(&'static str, String)>;

/// A certificate as it is measured.
#[derive(Debug, Clone)]
pub struct Measured {
    /// What tells it from others.
    pub labels: Labels,
    /// Valid from, where that is known.
    pub not_before: Option<OffsetDateTime>,
    /// Valid until.
    pub not_after: OffsetDateTime,
}

/// A file that was read or could not be.
#[derive(Debug, Clone)]
pub struct ReadFile {
    /// Which file.
    pub labels: Labels,
    /// Whether it could not be read.
    pub failed: bool,
}

/// Where certificates come from.
#[derive(Debug, Clone)]
pub struct Source {
    /// [`HOME`], or the folder that is watched.
    pub name: String,
    /// The files in it that hold certificates.
    pub files: usize,
    /// Whether it could be read at all.
    pub up: bool,
}

/// What is known besides of a mailbox.
#[derive(Debug, Clone)]
pub struct MailboxDates {
    /// Mailbox and environment.
    pub labels: Labels,
    /// The end of the key usage period.
    pub key_usage_ends: Option<OffsetDateTime>,
    /// The end of the last day to ask for the next certificate, while that was not done.
    pub ask_by: Option<OffsetDateTime>,
    /// The end of the desk's last working day, for a request that was sent.
    pub chase_after: Option<OffsetDateTime>,
}

/// Everything that is printed.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    /// The certificates.
    pub certificates: Vec<Measured>,
    /// The files that they are in, and those that could not be read.
    pub files: Vec<ReadFile>,
    /// Where they come from.
    pub sources: Vec<Source>,
    /// The mailboxes.
    pub mailboxes: Vec<MailboxDates>,
    /// What was handed over to applications, and until when its certificate is valid.
    pub handed_over: Vec<(Labels, OffsetDateTime)>,
}

impl Metrics {
    /// As text. Each series stands there once, however often it was measured.
    pub fn text(&self, now: OffsetDateTime) -> String {
        let mut page = Page::default();
        let certificates = || self.certificates.iter();
        let of = |value: fn(&Measured, OffsetDateTime) -> Option<i64>| {
            certificates().filter_map(move |c| Some((&c.labels, value(c, now)?)))
        };
        let not_before = of(|c, _| c.not_before.map(OffsetDateTime::unix_timestamp));
        page.family(
            "x509_cert_not_before",
            "When the certificate begins to be valid, in Unix time",
            not_before,
        );
        let not_after = of(|c, _| Some(c.not_after.unix_timestamp()));
        page.family("x509_cert_not_after", "When the certificate stops being valid, in Unix time", not_after);
        let expired = of(|c, now| Some(i64::from(now > c.not_after)));
        page.family("x509_cert_expired", "1 once the certificate is over", expired);
        let files = self.files.iter().map(|file| (&file.labels, i64::from(file.failed)));
        page.family("x509_cert_error", "1 if the file could not be read", files);
        let none = Labels::new();
        let errors = self.files.iter().filter(|file| file.failed).count();
        let errors = i64::try_from(errors).unwrap_or(i64::MAX);
        page.family("x509_read_errors", "How many files could not be read", [(&none, errors)]);
        let sources: Vec<(Labels, &Source)> = self
            .sources
            .iter()
            .map(|s| (vec![("source_kind", "file".into()), ("source_name", s.name.clone())], s))
            .collect();
        let up = sources.iter().map(|(labels, source)| (labels, i64::from(source.up)));
        page.family("x509_source_up", "1 if the home or the watched folder could be read", up);
        let held =
            sources.iter().map(|(labels, source)| (labels, i64::try_from(source.files).unwrap_or(i64::MAX)));
        page.family("x509_source_bundles", "How many files with certificates it holds", held);
        self.own(&mut page);
        let began = [(&none, now.unix_timestamp())];
        page.family("mesh_onboard_last_run_timestamp_seconds", "When these metrics were made", began);
        page.text
    }

    /// What no exporter of certificates knows.
    fn own(&self, page: &mut Page) {
        let of = |value: fn(&MailboxDates) -> Option<OffsetDateTime>| {
            self.mailboxes.iter().filter_map(move |m| Some((&m.labels, value(m)?.unix_timestamp())))
        };
        page.family(
            "mesh_onboard_key_usage_ends_timestamp_seconds",
            "When the private key usage period ends, by which the CA means the key to be renewed",
            of(|m| m.key_usage_ends),
        );
        page.family(
            "mesh_onboard_ask_by_timestamp_seconds",
            "The end of the last day to ask the service desk for the next certificate, while none was asked for",
            of(|m| m.ask_by),
        );
        page.family(
            "mesh_onboard_chase_after_timestamp_seconds",
            "The end of the service desk's working days for a request that was sent",
            of(|m| m.chase_after),
        );
        page.family(
            "mesh_onboard_handed_over_not_after_timestamp_seconds",
            "When the certificate stops being valid that was handed over to an application, in Unix time",
            self.handed_over.iter().map(|(labels, not_after)| (labels, not_after.unix_timestamp())),
        );
    }
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    /// A metric with its samples, all of them gauges. Without samples it says nothing.
    fn family<'a>(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = (&'a Labels, i64)>) {
        let mut seen = BTreeSet::new();
        for (labels, value) in samples {
            let series = series(labels);
            if seen.is_empty() {
                // Writing to a string cannot fail.
                let _ = write!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge\n");
            }
            if seen.contains(&series) {
                continue;
            }
            let _ = writeln!(self.text, "{name}{series} {value}");
            seen.insert(series);
        }
    }
}

/// Labels as they stand behind a name.
fn series(labels: &Labels) -> String {
    let labels: Vec<_> = labels
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
        .collect();
    if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn values_are_escaped_and_empty_labels_left_out() {
        let labels = vec![("filepath", "C:\\a \"b\"\nc".to_owned()), ("subject_C", String::new())];
        assert_eq!(series(&labels), r#"{filepath="C:\\a \"b\"\nc"}"#);
        assert_eq!(series(&Labels::new()), "");
    }

    #[test]
    fn series_stand_once_and_metrics_without_samples_not_at_all() {
        let certificate = Measured {
            labels: vec![("serial_number", "7".into())],
            not_before: None,
            not_after: datetime!(2026-11-20 0:00 UTC),
        };
        let metrics = Metrics { certificates: vec![certificate.clone(), certificate], ..Metrics::default() };
        let text = metrics.text(datetime!(2026-11-20 0:01 UTC));
        assert_eq!(text.matches("x509_cert_expired{serial_number=\"7\"} 1\n").count(), 1, "{text}");
        assert!(!text.contains("x509_cert_not_before"), "{text}");
        assert!(text.contains("x509_read_errors 0\n"), "{text}");
    }
}
