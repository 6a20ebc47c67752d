use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

use crate::check::report::{Cause, Finding, ProbeId};
use crate::mesh::Refusal;
use crate::mesh::token::TOLERANCE;

pub(super) static CLOCK_DRIFTS: Cause = Cause {
    probe: ProbeId::Clock,
    code: "clock_drifts",
    meaning: "MESH puts up with two hours between its clock and this one. It works today; a clock that drifts, or is set to another time zone, will not stop there.",
};

pub(super) static CLOCK_OFF: Cause = Cause {
    probe: ProbeId::Clock,
    code: "clock_off",
    meaning: "Each request carries the time of this machine, and MESH refuses it when that is more than two hours from its own. Password and shared key can be right all the same.",
};

/// How far clocks may differ before it is worth saying.
const CLOCK_SLACK: Duration = Duration::minutes(2);

const REMEDY: &str = "set the clock and the time zone of this machine, best by NTP (Linux: timedatectl set-ntp true; Windows: w32tm /resync), and check again";

/// Judges by the server's Date header.
pub(super) fn probe(server: Option<OffsetDateTime>, ours: OffsetDateTime) -> Finding {
    let Some(server) = server else {
        return Finding::skipped(ProbeId::Clock, "the server does not tell its time");
    };
    // The header has whole seconds, and servers make it once a second at most. What is told has them, too.
    let off = whole_seconds(ours) - whole_seconds(server);
    if off.abs() < Duration::seconds(5) {
        return Finding::pass(ProbeId::Clock, "this clock and the server's agree");
    }
    let direction = if off.is_negative() { "behind" } else { "ahead of" };
    let short = format!("this clock is {} {direction} the server's", span(off.abs()));
    if off.abs() <= CLOCK_SLACK {
        return Finding::pass(ProbeId::Clock, short);
    }
    let evidence = format!("{short}: {} here (date -u), {} by its Date header", utc(ours), utc(server));
    let remedy = match whole_hours(off) {
        Some(hours) => format!("{REMEDY}; it is {hours} to the minute, so look at the time zone first"),
        None => REMEDY.to_owned(),
    };
    if off.abs() > TOLERANCE {
        return Finding::failure(&CLOCK_OFF, evidence, remedy);
    }
    Finding::warning(&CLOCK_DRIFTS, evidence, remedy)
}

/// Judges by the words with which a server refused a token, where it has no Date header.
pub(super) fn told_by_refusal(refusal: &Refusal, ours: OffsetDateTime) -> Finding {
    let evidence = format!(
        "it is {} here (date -u); the server does not tell its own time, and says: {refusal}",
        utc(ours)
    );
    Finding::failure(&CLOCK_OFF, evidence, REMEDY)
}

/// An hour or several, give or take a minute: local time taken for UTC.
fn whole_hours(off: Duration) -> Option<String> {
    let hours = (off.abs() + Duration::minutes(1)).whole_hours();
    let near = (off.abs() - Duration::hours(hours)).abs() <= Duration::minutes(1);
    match hours {
        1 if near => Some("an hour".into()),
        2..=14 if near => Some(format!("{hours} hours")),
        _ => None,
    }
}

/// A moment as `date -u` can be compared with.
pub(super) fn utc(at: OffsetDateTime) -> String {
    whole_seconds(at.to_offset(UtcOffset::UTC)).format(&Rfc3339).unwrap_or_default()
}

fn whole_seconds(at: OffsetDateTime) -> OffsetDateTime {
    at.replace_nanosecond(0).unwrap_or(at)
}

pub(super) fn span(span: Duration) -> String {
    match (span.whole_days(), span.whole_hours() % 24, span.whole_minutes() % 60, span.whole_seconds() % 60) {
        (0, 0, 0, seconds) => format!("{seconds} s"),
        (0, 0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min"),
        (days, hours, ..) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::check::Status;

    const SERVER: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);

    #[test]
    fn clock_warns_after_two_minutes_and_fails_after_two_hours() {
        let status = |off: Duration| probe(Some(SERVER), SERVER + off).status;
        assert_eq!(status(Duration::seconds(119)), Status::Pass);
        assert_eq!(status(Duration::seconds(-121)), Status::Warn);
        assert_eq!(status(Duration::minutes(119)), Status::Warn);
        assert_eq!(status(Duration::minutes(-121)), Status::Fail);
        assert_eq!(probe(None, SERVER).status, Status::Skipped);
    }

    #[test]
    fn clock_says_how_far_which_way_and_both_times() {
        let finding = probe(Some(SERVER), SERVER - Duration::minutes(150));
        assert_eq!(
            finding.evidence,
            "this clock is 2 h 30 min behind the server's: 2026-11-20T09:30:00Z here (date -u), 2026-11-20T12:00:00Z by its Date header"
        );
    }

    #[test]
    fn difference_is_that_of_the_times_that_are_told() {
        let finding = probe(Some(SERVER), SERVER - Duration::hours(3) + Duration::milliseconds(400));
        assert!(finding.evidence.starts_with("this clock is 3 h 0 min behind"), "{}", finding.evidence);
    }

    #[test]
    fn whole_hours_point_to_the_time_zone() {
        let remedy = |off: Duration| probe(Some(SERVER), SERVER + off).remedy.unwrap();
        assert!(remedy(Duration::minutes(60)).contains("an hour to the minute"));
        assert!(remedy(Duration::seconds(-3 * 3600 + 40)).contains("3 hours to the minute"));
        assert!(!remedy(Duration::minutes(90)).contains("to the minute"));
        assert!(!remedy(Duration::minutes(3)).contains("to the minute"));
    }
}
