//! The deadlines of a certificate. MESH refuses after notAfter; the private key usage period is what the
//! CA means for renewal. Alarms follow the first, advice also the second.

mod asking;
pub mod calendar;
pub mod prometheus;
pub mod working_days;

pub use asking::{DESK_DAYS, ago, chase_on, chase_sentence, date_of};

use time::{Date, Duration, OffsetDateTime};

use crate::pki::Certificate;

/// From when on a certificate counts as expiring.
pub const SOON: Duration = Duration::days(90);

/// The dates of a certificate, seen from `now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// MESH refuses the certificate from here on.
    pub not_after: OffsetDateTime,
    /// The CA means the key to be renewed by then.
    pub key_usage_ends: Option<OffsetDateTime>,
    now: OffsetDateTime,
}

impl Deadlines {
    /// From the dates themselves.
    pub fn new(
        not_after: OffsetDateTime,
        key_usage_ends: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Self {
        Self { not_after, key_usage_ends, now }
    }

    /// From a certificate.
    pub fn of(certificate: &Certificate, now: OffsetDateTime) -> Self {
        Self::new(certificate.not_after(), certificate.key_usage_ends(), now)
    }

    /// Whole days to notAfter, rounded down.
    pub fn days_left(&self) -> i64 {
        whole_days(self.not_after - self.now)
    }

    /// Whole days since notAfter; 0 on the first day.
    pub fn days_over(&self) -> i64 {
        (self.now - self.not_after).whole_days()
    }

    /// Whether notAfter has passed.
    pub fn is_over(&self) -> bool {
        self.now > self.not_after
    }

    /// Whether notAfter falls within `span` from now, or has passed.
    pub fn falls_within(&self, span: Duration) -> bool {
        self.not_after - self.now <= span
    }

    /// Whether the private key usage period ends within `span` from now, or has passed.
    pub fn key_usage_falls_within(&self, span: Duration) -> bool {
        self.key_usage_ends.is_some_and(|ends| ends - self.now <= span)
    }

    /// Whether the private key usage period has passed.
    pub fn key_usage_is_over(&self) -> bool {
        self.key_usage_ends.is_some_and(|ends| self.now > ends)
    }

    /// "it stops working on 20 November 2029 (1096 days left)".
    pub fn expiry_sentence(&self) -> String {
        if self.is_over() {
            return format!(
                "it stopped working on {} ({})",
                day(self.not_after),
                ago(self.not_after, self.now)
            );
        }
        format!("it stops working on {} ({} days left)", day(self.not_after), self.days_left())
    }

    /// What to think of the private key usage period, if there is one and the certificate still works.
    pub fn key_usage_sentence(&self) -> Option<String> {
        let ends = self.key_usage_ends.filter(|_| !self.is_over())?;
        Some(if self.key_usage_is_over() {
            format!(
                "its key usage period ended on {}: it still works, and the CA means it to be renewed now",
                day(ends)
            )
        } else {
            format!(
                "its key usage period ends on {} ({} days left): plan the renewal for then",
                day(ends),
                whole_days(ends - self.now)
            )
        })
    }
}

fn whole_days(span: Duration) -> i64 {
    span.whole_seconds().div_euclid(Duration::DAY.whole_seconds())
}

/// A date for people: "20 November 2029".
pub fn day(at: OffsetDateTime) -> String {
    date_text(at.checked_to_offset(time::UtcOffset::UTC).unwrap_or(at).date())
}

/// The same of a date.
pub fn date_text(date: Date) -> String {
    format!("{} {} {}", date.day(), date.month(), date.year())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn days_are_rounded_down_and_follow_not_after() {
        let now = datetime!(2026-11-20 12:00 UTC);
        let at = |not_after| Deadlines::new(not_after, None, now);
        assert_eq!(at(datetime!(2026-11-21 11:59 UTC)).days_left(), 0);
        assert_eq!(at(datetime!(2026-11-21 12:00 UTC)).days_left(), 1);
        assert_eq!(at(datetime!(2026-11-20 11:00 UTC)).days_left(), -1);
        assert!(at(datetime!(2026-11-20 11:00 UTC)).is_over());
        assert!(at(datetime!(2027-02-18 12:00 UTC)).falls_within(SOON));
        assert!(!at(datetime!(2027-02-18 12:01 UTC)).falls_within(SOON));
    }

    #[test]
    fn key_usage_period_is_advice_with_its_date() {
        let now = datetime!(2026-11-20 12:00 UTC);
        let ends = datetime!(2028-12-20 12:00 UTC);
        let before = Deadlines::new(datetime!(2029-11-20 12:30 UTC), Some(ends), now);
        assert!(before.key_usage_sentence().unwrap().contains("20 December 2028 (761 days left)"));
        let after =
            Deadlines::new(datetime!(2029-11-20 12:30 UTC), Some(ends), datetime!(2029-01-01 0:00 UTC));
        assert!(after.key_usage_sentence().unwrap().contains("it still works"));
        assert!(!after.is_over());
    }
}
