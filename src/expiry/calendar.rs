//! The calendar file (RFC 5545): an event when each certificate stops working, with alarms before it.
//!
//! An event is the mailbox's, not the certificate's: its UID stays, so that a second import brings it up to date, and a
//! renewal moves it. Its sequence number and its dates come from when the certificate was put in use; what has not changed is
//! exported byte for byte the same.

use chrono::TimeDelta;
use icalendar::{Alarm, Calendar, Component, Event, EventLike, Property};
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

/// A calendar of these events.
pub fn calendar(endings: &[Ending]) -> String {
    let mut calendar = Calendar::empty();
    for (name, value) in [
        ("VERSION", "2.0"),
        ("PRODID", PRODUCT),
        ("CALSCALE", "GREGORIAN"),
        ("NAME", "MESH certificates"),
        ("X-WR-CALNAME", "MESH certificates"),
    ] {
        calendar.append_property(Property::new(name, value));
    }
    for ending in endings {
        calendar.push(event(ending));
    }
    calendar.to_string()
}

/// Whether bytes are a calendar that [`calendar`] made.
pub fn is_ours(bytes: &[u8]) -> bool {
    let head = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\n");
    bytes.starts_with(head.as_bytes())
}

fn event(ending: &Ending) -> Event {
    let mut event = Event::new();
    let since = instant(ending.since);
    // Without an end it takes no time (RFC 5545, 3.6.1).
    event
        .uid(&ending.uid)
        .summary(&ending.summary)
        .description(&ending.description)
        .add_property("DTSTART", instant(ending.not_after))
        .add_property("DTSTAMP", since.as_str())
        .add_property("LAST-MODIFIED", since)
        .add_property("SEQUENCE", sequence(ending.since).to_string())
        .add_property("TRANSP", "TRANSPARENT");
    for days in ALARMS {
        // In seconds, from an instant in UTC: a duration in days would follow the reader's summer time.
        let before = TimeDelta::seconds(-days * 24 * 60 * 60);
        event.alarm(Alarm::display(&format!("{} in {days} days", ending.reminder), before));
    }
    event
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
        assert!(text.contains("TRIGGER:-PT7776000S\r\n"), "{text}");
        assert!(
            text.replace("\r\n ", "").contains(r"Renew it\; by 3 June\, as follows:\nmesh-onboard"),
            "{text}"
        );
        assert!(text.lines().all(|line| line.len() <= 75), "{text}");
        assert_eq!(text, calendar(&[ending()]));
    }

    #[test]
    fn sequence_rises_with_every_certificate_put_in_use() {
        let (first, second) = (datetime!(2026-06-15 11:30 UTC), datetime!(2026-06-15 11:31 UTC));
        assert!(sequence(first) < sequence(second));
        assert_eq!(sequence(datetime!(2001-01-01 0:00 UTC)), 0);
        assert!(sequence(datetime!(9999-01-01 0:00 UTC)) <= i64::from(i32::MAX));
    }
}
