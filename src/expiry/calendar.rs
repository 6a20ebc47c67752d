//! The calendar file (RFC 5545): an event when each certificate stops working, with alarms before it.
//!
//! An event is the mailbox's, not the certificate's: its UID stays, so that a second import brings it up to date, and a
//! renewal moves it. Its sequence number and its dates come from when the certificate was put in use; what has not changed is
//! exported byte for byte the same.
//!
//! Written by hand: of the crates for it one reads the clock into every alarm, and the other folds lines too late.

use time::OffsetDateTime;
use time::macros::datetime;

/// Who made the calendar; no other is ever replaced.
const PRODUCT: &str = "-//mesh-onboard//certificate expiry//EN";

/// Days before the end at which the reader is reminded. The first is the one that Outlook takes, which knows only one.
const ALARMS: [i64; 4] = [90, 60, 30, 7];

/// What sequence numbers count from: in seconds, they then fit 32 bits until 2088.
const EPOCH: OffsetDateTime = datetime!(2020-01-01 0:00 UTC);

/// One certificate that ends.
#[derive(Debug, Clone)]
pub struct Ending {
    /// What it is for; the same for its successor.
    pub uid: String,
    /// In a few words.
    pub summary: String,
    /// What to do, in lines.
    pub description: String,
    /// What the reminder says.
    pub reminder: String,
    /// When it ends.
    pub not_after: OffsetDateTime,
    /// Since when it is this certificate.
    pub since: OffsetDateTime,
}

/// Octets of a line (RFC 5545, 3.1).
const LINE: usize = 75;

/// A calendar of these events.
pub fn calendar(endings: &[Ending]) -> String {
    let mut lines = Lines::default();
    lines.begin("VCALENDAR");
    lines.add("VERSION", "2.0");
    lines.add("PRODID", PRODUCT);
    lines.add("CALSCALE", "GREGORIAN");
    // The name that most readers know, and the one of RFC 7986.
    lines.add("X-WR-CALNAME", "MESH certificates");
    lines.add("NAME", "MESH certificates");
    for ending in endings {
        lines.event(ending);
    }
    lines.end("VCALENDAR");
    lines.text
}

/// Whether bytes are a calendar that [`calendar`] made.
pub fn is_ours(bytes: &[u8]) -> bool {
    let head = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\n");
    bytes.starts_with(head.as_bytes())
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn event(&mut self, ending: &Ending) {
        let since = instant(ending.since);
        self.begin("VEVENT");
        self.add("UID", &escaped(&ending.uid));
        self.add("DTSTAMP", &since);
        self.add("LAST-MODIFIED", &since);
        self.add("SEQUENCE", &sequence(ending.since).to_string());
        // Without an end it takes no time (3.6.1).
        self.add("DTSTART", &instant(ending.not_after));
        self.add("TRANSP", "TRANSPARENT");
        self.add("SUMMARY", &escaped(&ending.summary));
        self.add("DESCRIPTION", &escaped(&ending.description));
        for days in ALARMS {
            self.begin("VALARM");
            self.add("ACTION", "DISPLAY");
            self.add("DESCRIPTION", &escaped(&format!("{} in {days} days", ending.reminder)));
            // In hours, from an instant in UTC: a duration in days would follow the reader's summer time.
            self.add("TRIGGER", &format!("-PT{}H", days * 24));
            self.end("VALARM");
        }
        self.end("VEVENT");
    }

    fn begin(&mut self, component: &str) {
        self.add("BEGIN", component);
    }

    fn end(&mut self, component: &str) {
        self.add("END", component);
    }

    /// A line, folded where it is too long. The break stands between characters, and the space that follows it counts.
    fn add(&mut self, name: &str, value: &str) {
        let mut octets = 0;
        for c in format!("{name}:{value}").chars() {
            if octets + c.len_utf8() > LINE {
                self.text.push_str("\r\n ");
                octets = 1;
            }
            self.text.push(c);
            octets += c.len_utf8();
        }
        self.text.push_str("\r\n");
    }
}

/// Text as it stands in a value (3.3.11). Other control characters have no place there.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// Rises whenever another certificate is put in use, also by going back to an older one.
fn sequence(since: OffsetDateTime) -> i64 {
    (since - EPOCH).whole_seconds().clamp(0, i64::from(i32::MAX))
}

/// A form 2 date with time (RFC 5545, 3.3.5): UTC.
fn instant(at: OffsetDateTime) -> String {
    let format = time::macros::format_description!("[year][month][day]T[hour][minute][second]Z");
    let at = at.checked_to_offset(time::UtcOffset::UTC).unwrap_or(at);
    at.format(format).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending() -> Ending {
        Ending {
            uid: "live-X26ABC1@mesh-onboard".into(),
            summary: "X26ABC1, live: the certificate stops".into(),
            description: "Renew it; by 3 June, as follows:\nmesh-onboard renew X26ABC1".into(),
            reminder: "The certificate of X26ABC1 stops working".into(),
            not_after: datetime!(2029-06-15 12:00:30.9 +1),
            since: datetime!(2026-06-15 11:30 UTC),
        }
    }

    #[test]
    fn calendar_is_recognised_as_ours_and_no_other() {
        let text = calendar(&[ending()]);
        assert!(is_ours(text.as_bytes()), "{text}");
        assert!(is_ours(calendar(&[]).as_bytes()));
        assert!(!is_ours(text.replace("mesh-onboard//", "other//").as_bytes()));
        assert!(!is_ours(b"") && !is_ours(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
    }

    #[test]
    fn instants_are_in_utc_and_lines_are_folded_and_escaped() {
        let text = calendar(&[ending()]);
        assert!(text.contains("DTSTART:20290615T110030Z\r\n"), "{text}");
        assert!(text.contains("TRIGGER:-PT2160H\r\n"), "{text}");
        assert!(
            text.replace("\r\n ", "").contains(r"Renew it\; by 3 June\, as follows:\nmesh-onboard"),
            "{text}"
        );
        assert!(text.lines().all(|line| line.len() <= 75), "{text}");
        assert_eq!(text, calendar(&[ending()]));
        let wide = Ending { summary: "Zoë \u{1f512} ".repeat(40), ..ending() };
        let text = calendar(std::slice::from_ref(&wide));
        assert!(text.lines().all(|line| line.len() <= 75), "{text}");
        assert!(text.replace("\r\n ", "").contains(&wide.summary), "{text}");
    }

    #[test]
    fn sequence_rises_with_every_certificate_put_in_use() {
        let (first, second) = (datetime!(2026-06-15 11:30 UTC), datetime!(2026-06-15 11:31 UTC));
        assert!(sequence(first) < sequence(second));
        assert_eq!(sequence(datetime!(2001-01-01 0:00 UTC)), 0);
        assert!(sequence(datetime!(9999-01-01 0:00 UTC)) <= i64::from(i32::MAX));
    }
}
