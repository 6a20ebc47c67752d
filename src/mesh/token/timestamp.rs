//! Timestamps in the forms that people write, and how far they are off.

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset, Weekday};

use super::fault::Fault;
use super::{TIMESTAMP, TOLERANCE};

/// A timestamp as far as it can be read.
pub(super) struct Read {
    /// What is wrong with its form.
    pub(super) fault: Option<Fault>,
    /// The time that it means.
    pub(super) instant: Option<OffsetDateTime>,
}

/// Further from now than this, ten digits are no count of seconds.
const EPOCH_PLAUSIBLE: Duration = Duration::days(730);

/// Offsets from UTC that are in use, in minutes, beside whole and half hours.
const QUARTERS: [i64; 3] = [5 * 60 + 45, 8 * 60 + 45, 12 * 60 + 45];

/// How long ago a header may have been made that counts as made just now.
const JUST_NOW: Duration = Duration::minutes(5);

/// Reads a timestamp in any form.
pub(super) fn read(text: &str, now: OffsetDateTime) -> Read {
    let is_digits = text.bytes().all(|b| b.is_ascii_digit());
    let (fault, instant) = match (is_digits, text.len()) {
        (true, 12) => (None, minutes(text)),
        (true, 14 | 17) => (Some(Fault::TimestampSeconds), minutes(&text[..12])),
        (true, 10 | 13) => (Some(Fault::TimestampEpoch), epoch(text, now)),
        _ => (Some(Fault::TimestampIso), iso(text)),
    };
    match instant {
        Some(_) => Read { fault, instant },
        None => Read { fault: Some(Fault::TimestampForm), instant },
    }
}

/// `yyyyMMddHHmm`, as it should be.
fn minutes(digits: &str) -> Option<OffsetDateTime> {
    Some(PrimitiveDateTime::parse(digits, TIMESTAMP).ok()?.assume_utc())
}

fn epoch(digits: &str, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let count: i64 = digits.parse().ok()?;
    let seconds = if digits.len() == 13 { count / 1000 } else { count };
    let instant = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    ((instant - now).abs() < EPOCH_PLAUSIBLE).then_some(instant)
}

/// ISO 8601 and its like, with any separators, with or without seconds and offset.
fn iso(text: &str) -> Option<OffsetDateTime> {
    let (date, rest) = text.split_once(['T', 't', ' ', '_'])?;
    let end = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(end);
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (date, clock, hours) = (digits(date), digits(clock), digits(zone));
    if date.len() != 8 || clock.len() < 4 {
        return None;
    }
    let local = minutes(&format!("{date}{}", &clock[..4]))?;
    let part = |range| hours.get(range).map_or(Ok(0), str::parse::<i64>).ok();
    let offset = Duration::hours(part(0..2)?) + Duration::minutes(part(2..4)?);
    local.checked_sub(if zone.starts_with('-') { -offset } else { offset })
}

/// Says how far a timestamp is off, and what it may be instead.
pub(super) fn judge(instant: OffsetDateTime, now: OffsetDateTime, faults: &mut Vec<Fault>) {
    let by = instant - now;
    if by < -TOLERANCE {
        faults.push(Fault::TimestampOld { by: by.abs() });
    } else if by > TOLERANCE {
        faults.push(Fault::TimestampAhead { by });
    }
    let Some(offset) = local_offset(by) else { return };
    if is_twelve_hour_clock(offset, instant, now) {
        faults.push(Fault::TimestampTwelveHours);
    } else if offset.is_positive() || by < -TOLERANCE {
        // A header of an hour ago is nothing to wonder at.
        faults.push(Fault::TimestampLocal { offset, british: is_british(offset, now) });
    }
}

/// The offset from UTC that a header made just now would have to be off by so much.
pub(super) fn local_offset(by: Duration) -> Option<Duration> {
    let fits = |offset: Duration| (-JUST_NOW..=Duration::minutes(2)).contains(&(by - offset));
    offsets().filter(|offset| !offset.is_zero()).find(|offset| fits(*offset))
}

/// From -12:00 to +14:00.
pub(super) fn offsets() -> impl Iterator<Item = Duration> {
    (-24..=28).map(|half| Duration::minutes(half * 30)).chain(QUARTERS.map(Duration::minutes))
}

/// Whether `hh` in the place of `HH` explains it: twelve hours early in the afternoon, late after midnight.
fn is_twelve_hour_clock(offset: Duration, written: OffsetDateTime, now: OffsetDateTime) -> bool {
    let hour = now.to_offset(UtcOffset::UTC).hour();
    match offset.whole_minutes() {
        -720 => hour >= 12,
        720 => hour == 0 && written.hour() == 12,
        _ => false,
    }
}

/// Whether the United Kingdom had this offset: an hour from the last Sunday of March, 01:00 UTC, to the last
/// Sunday of October, 01:00 UTC (Summer Time Act 1972 as amended in 2002).
pub(super) fn is_british(offset: Duration, at: OffsetDateTime) -> bool {
    let change = |month| {
        let last = Date::from_calendar_date(at.year(), month, 31).expect("a month of 31 days");
        let sunday =
            if last.weekday() == Weekday::Sunday { last } else { last.prev_occurrence(Weekday::Sunday) };
        sunday.with_time(Time::from_hms(1, 0, 0).expect("one o'clock")).assume_utc()
    };
    offset == Duration::HOUR && (change(Month::March)..change(Month::October)).contains(&at)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-06-01 13:05:40 UTC);

    fn codes(instant: OffsetDateTime, now: OffsetDateTime) -> Vec<&'static str> {
        let mut faults = Vec::new();
        judge(instant, now, &mut faults);
        faults.iter().map(Fault::code).collect()
    }

    #[test]
    fn every_form_is_recognised_with_its_time() {
        let at = datetime!(2026-06-01 13:05 UTC);
        for (text, code) in [
            ("202606011305", None),
            ("20260601130540", Some("timestamp_seconds")),
            ("20260601130540123", Some("timestamp_seconds")),
            ("2026-06-01T13:05:40Z", Some("timestamp_iso")),
            ("2026-06-01T13:05", Some("timestamp_iso")),
            ("2026-06-01 13:05:40.123456", Some("timestamp_iso")),
            ("20260601T130540Z", Some("timestamp_iso")),
            ("2026-06-01T14:05:40+01:00", Some("timestamp_iso")),
            ("2026-06-01T08:05:40-0500", Some("timestamp_iso")),
            ("1780319100", Some("timestamp_epoch")),
            ("1780319100123", Some("timestamp_epoch")),
        ] {
            let read = read(text, NOW);
            assert_eq!(read.fault.map(|fault| fault.code()), code, "{text}");
            assert_eq!(read.instant, Some(at), "{text}");
        }
        for text in ["", "010620261305", "2606011305", "0000000000", "+20260601130", "2026060113", "noon"] {
            let read = read(text, NOW);
            assert_eq!(read.fault.map(|fault| fault.code()), Some("timestamp_form"), "{text}");
        }
    }

    #[test]
    fn local_times_are_recognised() {
        let at = |offset| NOW.to_offset(offset).replace_offset(UtcOffset::UTC);
        assert_eq!(codes(NOW, NOW), [""; 0]);
        assert_eq!(codes(at(UtcOffset::from_hms(1, 0, 0).unwrap()), NOW), ["timestamp_local"]);
        for offset in [(5, 30), (5, 45), (8, 0), (14, 0)] {
            let instant = at(UtcOffset::from_hms(offset.0, offset.1, 0).unwrap());
            assert_eq!(codes(instant, NOW), ["timestamp_ahead", "timestamp_local"], "{offset:?}");
        }
        assert_eq!(codes(NOW - Duration::hours(5), NOW), ["timestamp_old", "timestamp_local"]);
    }

    #[test]
    fn age_alone_is_no_local_time() {
        assert_eq!(codes(NOW - Duration::minutes(60), NOW), [""; 0]);
        assert_eq!(codes(NOW - Duration::minutes(120), NOW), [""; 0]);
        assert_eq!(codes(NOW - Duration::minutes(140), NOW), ["timestamp_old"]);
        assert_eq!(codes(NOW + Duration::minutes(40), NOW), [""; 0]);
        assert_eq!(codes(NOW + Duration::minutes(135), NOW), ["timestamp_ahead"]);
        assert_eq!(codes(NOW - Duration::days(400), NOW), ["timestamp_old"]);
    }

    #[test]
    fn twelve_hour_clock_is_recognised_by_the_hour_of_the_day() {
        let twelve = ["timestamp_old", "timestamp_twelve_hours"];
        assert_eq!(codes(NOW - Duration::hours(12), NOW), twelve);
        let morning = datetime!(2026-06-01 09:05 UTC);
        assert_eq!(codes(morning - Duration::hours(12), morning), ["timestamp_old", "timestamp_local"]);
        let midnight = datetime!(2026-06-01 00:05 UTC);
        let twelve = ["timestamp_ahead", "timestamp_twelve_hours"];
        assert_eq!(codes(midnight + Duration::hours(12), midnight), twelve);
    }

    #[test]
    fn british_summer_ends_when_the_law_says() {
        for (at, british) in [
            (datetime!(2026-03-29 00:59 UTC), false),
            (datetime!(2026-03-29 01:00 UTC), true),
            (datetime!(2026-10-25 00:59 UTC), true),
            (datetime!(2026-10-25 01:00 UTC), false),
            (datetime!(2027-10-31 00:59 UTC), true),
        ] {
            assert_eq!(is_british(Duration::HOUR, at), british, "{at}");
        }
        assert!(!is_british(Duration::hours(2), NOW));
    }
}
