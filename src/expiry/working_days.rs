//! Working days in England: neither weekends nor bank holidays.
//!
//! The days are those of the Banking and Financial Dealings Act 1971, schedule 1, with the substitutes that are
//! proclaimed for holidays that fall on a weekend, and of common law (Good Friday, Christmas Day). A day that is
//! proclaimed once, such as for a coronation, cannot be known beforehand.

use time::{Date, Duration, Month, Weekday};

/// Whether people work in England on this day.
pub fn is_working_day(date: Date) -> bool {
    !is_weekend(date) && !is_bank_holiday(date)
}

/// The working day that is `count` working days after `date`; `None` beyond the year 9999.
pub fn after(date: Date, count: u32) -> Option<Date> {
    step(date, count, Date::next_day)
}

/// The working day that is `count` working days before `date`; `None` before the year -9999.
pub fn before(date: Date, count: u32) -> Option<Date> {
    step(date, count, Date::previous_day)
}

fn step(mut date: Date, count: u32, next: fn(Date) -> Option<Date>) -> Option<Date> {
    for _ in 0..count {
        date = next(date)?;
        while !is_working_day(date) {
            date = next(date)?;
        }
    }
    Some(date)
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn is_bank_holiday(date: Date) -> bool {
    let (day, weekday) = (date.day(), date.weekday());
    let is_monday = weekday == Weekday::Monday;
    let from_easter = date - easter(date.year());
    if from_easter == Duration::days(-2) || from_easter == Duration::days(1) {
        return true;
    }
    match date.month() {
        // On a weekend, the Monday after.
        Month::January => day == 1 || is_monday && matches!(day, 2 | 3),
        // The first and the last Monday; the last alone.
        Month::May => is_monday && (day <= 7 || day > 24),
        Month::August => is_monday && day > 24,
        // Where one of the two falls on a weekend, the next days that people would work on.
        Month::December => {
            matches!((day, weekday), (25 | 26, _) | (27 | 28, Weekday::Monday | Weekday::Tuesday))
        }
        _ => false,
    }
}

/// Easter Sunday of the Gregorian calendar, as Butcher's Ecclesiastical Calendar (1876) has it.
fn easter(year: i32) -> Date {
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let golden = year.rem_euclid(19);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15).rem_euclid(30);
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let sum = epact + weekday - 7 * late + 114;
    let month = if sum / 31 == 3 { Month::March } else { Month::April };
    let day = u8::try_from(sum % 31 + 1).unwrap_or(1);
    Date::from_calendar_date(year, month, day).unwrap_or(Date::MIN)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    /// As the government published them for England and Wales.
    #[test]
    fn bank_holidays_are_those_that_were_published() {
        let published = [
            date!(2021 - 01 - 01),
            date!(2021 - 04 - 02),
            date!(2021 - 04 - 05),
            date!(2021 - 05 - 03),
            date!(2021 - 05 - 31),
            date!(2021 - 08 - 30),
            date!(2021 - 12 - 27),
            date!(2021 - 12 - 28),
            date!(2024 - 01 - 01),
            date!(2024 - 03 - 29),
            date!(2024 - 04 - 01),
            date!(2024 - 05 - 06),
            date!(2024 - 05 - 27),
            date!(2024 - 08 - 26),
            date!(2024 - 12 - 25),
            date!(2024 - 12 - 26),
            date!(2026 - 01 - 01),
            date!(2026 - 04 - 03),
            date!(2026 - 04 - 06),
            date!(2026 - 05 - 04),
            date!(2026 - 05 - 25),
            date!(2026 - 08 - 31),
            date!(2026 - 12 - 25),
            date!(2026 - 12 - 28),
            date!(2027 - 01 - 01),
            date!(2027 - 03 - 26),
            date!(2027 - 03 - 29),
            date!(2027 - 05 - 03),
            date!(2027 - 05 - 31),
            date!(2027 - 08 - 30),
            date!(2027 - 12 - 27),
            date!(2027 - 12 - 28),
        ];
        for year in [2021, 2024, 2026, 2027] {
            let days = (1..=366).filter_map(|day| Date::from_ordinal_date(year, day).ok());
            let found: Vec<_> = days.filter(|day| is_bank_holiday(*day) && !is_weekend(*day)).collect();
            let expected: Vec<_> = published.into_iter().filter(|day| day.year() == year).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn new_year_on_a_weekend_moves_to_monday() {
        assert!(!is_working_day(date!(2022 - 01 - 03)));
        assert!(!is_working_day(date!(2023 - 01 - 02)));
        assert!(is_working_day(date!(2023 - 01 - 03)));
    }

    #[test]
    fn weekends_and_holidays_do_not_count() {
        // Maundy Thursday; Good Friday, a weekend and Easter Monday lie between.
        assert_eq!(after(date!(2026 - 04 - 02), 1), Some(date!(2026 - 04 - 07)));
        assert_eq!(before(date!(2026 - 04 - 07), 1), Some(date!(2026 - 04 - 02)));
        assert_eq!(after(date!(2026 - 11 - 20), 5), Some(date!(2026 - 11 - 27)));
        assert_eq!(after(date!(2026 - 12 - 21), 5), Some(date!(2026 - 12 - 30)));
        // From a Saturday the first is Monday.
        assert_eq!(after(date!(2026 - 11 - 21), 1), Some(date!(2026 - 11 - 23)));
        assert_eq!(after(date!(2026 - 11 - 21), 0), Some(date!(2026 - 11 - 21)));
    }
}
