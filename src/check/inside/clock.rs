use time::{Duration, OffsetDateTime};

use crate::check::report::{Finding, ProbeId};
use crate::mesh::token::TOLERANCE;

/// How far clocks may differ before it is worth saying.
const CLOCK_SLACK: Duration = Duration::minutes(2);

pub(super) fn probe(server: Option<OffsetDateTime>, ours: OffsetDateTime) -> Finding {
    let Some(server) = server else {
        return Finding::skipped(ProbeId::Clock, "the server does not tell its time");
    };
    let off = ours - server;
    // The header has whole seconds, and servers make it once a second at most.
    if off.abs() < Duration::seconds(5) {
        return Finding::pass(ProbeId::Clock, "this clock and the server's agree");
    }
    let direction = if off.is_negative() { "behind" } else { "ahead of" };
    let evidence = format!("this clock is {} {direction} the server's", span(off.abs()));
    let remedy = "set the clock of this machine by NTP";
    if off.abs() > TOLERANCE {
        return Finding::fail(ProbeId::Clock, "clock_off", evidence, remedy);
    }
    if off.abs() > CLOCK_SLACK {
        return Finding::warn(ProbeId::Clock, "clock_drifts", evidence, remedy);
    }
    Finding::pass(ProbeId::Clock, evidence)
}

fn span(span: Duration) -> String {
    match (span.whole_hours(), span.whole_minutes() % 60, span.whole_seconds() % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::check::Status;

    #[test]
    fn clock_warns_after_two_minutes_and_fails_after_two_hours() {
        let server = datetime!(2026-11-20 12:00 UTC);
        let status = |off: Duration| probe(Some(server), server + off).status;
        assert_eq!(status(Duration::seconds(119)), Status::Pass);
        assert_eq!(status(Duration::seconds(-121)), Status::Warn);
        assert_eq!(status(Duration::minutes(119)), Status::Warn);
        assert_eq!(status(Duration::minutes(-121)), Status::Fail);
        assert_eq!(probe(None, server).status, Status::Skipped);
    }

    #[test]
    fn clock_says_how_far_and_which_way() {
        let server = datetime!(2026-11-20 12:00 UTC);
        let finding = probe(Some(server), server - Duration::minutes(150));
        assert_eq!(finding.evidence, "this clock is 2 h 30 min behind the server's");
    }
}
