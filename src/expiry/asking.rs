//! When to ask the service desk, and when to ask it again.

use time::{Date, OffsetDateTime};

use super::{Deadlines, date_text, day, working_days};

/// The working days that the desk takes for its answer.
pub const DESK_DAYS: u32 = 5;

/// What happens on the working days before a certificate stops: the desk's, and one to import its answer.
const ASKING_DAYS: u32 = DESK_DAYS + 1;

/// The last of the desk's working days for a request that was sent at this time. The day of sending does not count; days are
/// those of UTC. After this day it is time to chase.
pub fn chase_on(sent_at: OffsetDateTime) -> Option<Date> {
    working_days::after(date_of(sent_at), DESK_DAYS)
}

/// What to do about a request that was sent: wait until a day, or chase the desk.
pub fn chase_sentence(sent_at: OffsetDateTime, now: OffsetDateTime) -> Option<String> {
    let last = chase_on(sent_at)?;
    Some(match date_of(now) > last {
        true => format!("chase the desk now: its {DESK_DAYS} working days ended on {}", date_text(last)),
        false => format!("chase the desk on {} if nothing has come", date_text(last)),
    })
}

/// How long ago something was: "today", "yesterday", "3 days ago". Days are those of UTC.
pub fn ago(at: OffsetDateTime, now: OffsetDateTime) -> String {
    match (date_of(now) - date_of(at)).whole_days() {
        ..=0 => "today".into(),
        1 => "yesterday".into(),
        days => format!("{days} days ago"),
    }
}

impl Deadlines {
    /// The last working day on which a request can be sent so that the desk's five working days, and one more to
    /// import the answer, end before the day on which the certificate stops. Days are those of UTC.
    pub fn ask_by(&self) -> Option<Date> {
        // The first step back leads to the last working day before the end: the one to import on.
        working_days::before(date_of(self.not_after), ASKING_DAYS + 1)
    }

    /// The same for the end of the private key usage period, which is when the CA means the key to be renewed.
    pub fn plan_by(&self) -> Option<Date> {
        working_days::before(date_of(self.key_usage_ends?), ASKING_DAYS + 1)
    }

    /// When to ask, by both dates: so that the next certificate is there when the key usage period ends, as the CA
    /// means it, and at the latest before this one stops.
    pub fn planning_sentence(&self) -> Option<String> {
        let (latest, today) = (self.asking_sentence()?, date_of(self.now));
        let still = self.ask_by().is_some_and(|by| today <= by);
        let Some(meant) = self.plan_by().filter(|_| still) else { return Some(latest) };
        Some(match today <= meant {
            true => format!(
                "ask by {}, for the end of its key usage period; at the latest {latest}",
                date_text(meant)
            ),
            false => format!("ask now, for its key usage period; at the latest {latest}"),
        })
    }

    /// By when to ask, or what it means that it is later; nothing once the certificate is over.
    pub fn asking_sentence(&self) -> Option<String> {
        if self.is_over() {
            return None;
        }
        let (by, today) = (self.ask_by()?, date_of(self.now));
        if today <= by {
            return Some(format!("ask by {}", date_text(by)));
        }
        let answer = date_text(working_days::after(today, DESK_DAYS)?);
        Some(format!(
            "asked today, the desk may take until {answer}, and service stops on {}",
            day(self.not_after)
        ))
    }
}

/// The day of a time, by UTC.
pub fn date_of(at: OffsetDateTime) -> Date {
    at.checked_to_offset(time::UtcOffset::UTC).unwrap_or(at).date()
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    fn deadlines(not_after: OffsetDateTime, now: OffsetDateTime) -> Deadlines {
        Deadlines::new(not_after, None, now)
    }

    #[test]
    fn desk_is_chased_after_five_working_days() {
        // A Friday; the next Friday is the fifth working day.
        let sent = datetime!(2026-11-20 16:00 UTC);
        assert_eq!(chase_on(sent), Some(date!(2026 - 11 - 27)));
        let said = |now| chase_sentence(sent, now).unwrap();
        assert_eq!(
            said(datetime!(2026-11-27 23:59 UTC)),
            "chase the desk on 27 November 2026 if nothing has come"
        );
        assert!(said(datetime!(2026-11-28 00:00 UTC)).starts_with("chase the desk now"));
        // Christmas Day and the Monday for Boxing Day lie between.
        assert_eq!(chase_on(datetime!(2026-12-21 09:00 UTC)), Some(date!(2026 - 12 - 30)));
    }

    #[test]
    fn day_to_ask_by_leaves_the_desk_five_working_days_and_one_to_import() {
        let now = datetime!(2026-11-20 12:00 UTC);
        // It stops on a Friday. Thursday is to import on, Thursday to Wednesday are the desk's; the request is sent on
        // the Wednesday before these.
        let friday = deadlines(datetime!(2026-11-20 00:30 UTC), now);
        assert_eq!(friday.ask_by(), Some(date!(2026 - 11 - 11)));
        // The same over a weekend, whatever the hour.
        let monday = deadlines(datetime!(2026-11-23 23:59 UTC), now);
        assert_eq!(monday.ask_by(), Some(date!(2026 - 11 - 12)));
        assert_eq!(deadlines(datetime!(2026-11-22 12:00 UTC), now).ask_by(), Some(date!(2026 - 11 - 12)));
        // Good Friday and Easter Monday of 2029 are 30 March and 2 April.
        assert_eq!(deadlines(datetime!(2029-04-05 12:00 UTC), now).ask_by(), Some(date!(2029 - 03 - 23)));
    }

    #[test]
    fn who_asks_late_is_told_when_service_stops() {
        let not_after = datetime!(2026-11-20 00:30 UTC);
        let said = |now| deadlines(not_after, now).asking_sentence();
        assert_eq!(said(datetime!(2026-11-11 23:00 UTC)).unwrap(), "ask by 11 November 2026");
        let late = said(datetime!(2026-11-12 00:00 UTC)).unwrap();
        assert_eq!(
            late,
            "asked today, the desk may take until 19 November 2026, and service stops on 20 November 2026"
        );
        assert_eq!(said(datetime!(2026-11-20 00:31 UTC)), None);
    }

    #[test]
    fn plan_follows_the_key_usage_period_and_ends_with_the_certificate() {
        let (ends, not_after) = (datetime!(2028-12-20 12:00 UTC), datetime!(2029-11-20 12:30 UTC));
        let said = |now| Deadlines::new(not_after, Some(ends), now).planning_sentence().unwrap();
        assert_eq!(
            said(datetime!(2028-01-01 12:00 UTC)),
            "ask by 11 December 2028, for the end of its key usage period; at the latest ask by 9 November 2029"
        );
        assert_eq!(
            said(datetime!(2029-01-05 12:00 UTC)),
            "ask now, for its key usage period; at the latest ask by 9 November 2029"
        );
        assert!(said(datetime!(2029-11-15 12:00 UTC)).starts_with("asked today, "));
        let without = Deadlines::new(not_after, None, datetime!(2028-01-01 12:00 UTC));
        assert_eq!(without.planning_sentence(), without.asking_sentence());
    }

    #[test]
    fn time_since_sending_is_told_in_days() {
        let sent = datetime!(2026-11-20 23:00 UTC);
        assert_eq!(ago(sent, datetime!(2026-11-20 23:30 UTC)), "today");
        assert_eq!(ago(sent, datetime!(2026-11-21 00:30 UTC)), "yesterday");
        assert_eq!(ago(sent, datetime!(2026-11-24 00:30 UTC)), "4 days ago");
    }
}
