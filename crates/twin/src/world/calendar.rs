//! Days of the firm: all offices keep the time of London.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Bank holidays in England and Wales of the years around which lockstep is shown.
const BANK_HOLIDAYS: [Date; 15] = [
    Date::constant(2026, 4, 3),
    Date::constant(2026, 4, 6),
    Date::constant(2026, 5, 4),
    Date::constant(2026, 5, 25),
    Date::constant(2026, 8, 31),
    Date::constant(2026, 12, 25),
    Date::constant(2026, 12, 28),
    Date::constant(2027, 1, 1),
    Date::constant(2027, 3, 26),
    Date::constant(2027, 3, 29),
    Date::constant(2027, 5, 3),
    Date::constant(2027, 5, 31),
    Date::constant(2027, 8, 30),
    Date::constant(2027, 12, 27),
    Date::constant(2027, 12, 28),
];

/// One day of the firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) date: Date,
    /// First second, UTC.
    pub(crate) begins: i64,
    pub(crate) is_working: bool,
}

/// The time zone of the offices; UTC where the database of zones lacks it.
fn zone() -> TimeZone {
    TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC)
}

impl Day {
    /// The day an instant lies in.
    pub(crate) fn of(at: Timestamp) -> Self {
        Self::on(at.to_zoned(zone()).date())
    }

    /// A day by its date.
    pub(crate) fn on(date: Date) -> Self {
        let begins = date.to_zoned(zone()).map_or(0, |midnight| midnight.timestamp().as_second());
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        Self { date, begins, is_working: !weekend && !BANK_HOLIDAYS.contains(&date) }
    }

    /// The day before.
    pub(crate) fn before(self) -> Option<Self> {
        self.date.yesterday().ok().map(Self::on)
    }

    /// The day after.
    pub(crate) fn after(self) -> Option<Self> {
        self.date.tomorrow().ok().map(Self::on)
    }

    /// An instant of the day: seconds after midnight by the clock of a day without change of time.
    pub(crate) fn at(self, second: u32) -> Timestamp {
        Timestamp::from_second(self.begins + i64::from(second)).unwrap_or(Timestamp::MAX)
    }

    /// A number of its own for every day.
    pub(crate) fn number(self) -> u64 {
        u64::try_from(self.begins.div_euclid(43_200)).unwrap_or(0)
    }
}

/// So many days before or after an instant, by the clock of UTC.
pub(crate) fn days(at: Timestamp, days: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_hours(days * 24)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_know_summer_time_and_holidays() {
        let day = |text: &str| Day::of(text.parse().unwrap());
        let summer = day("2026-10-24T23:30:00Z");
        assert_eq!(summer.date, Date::constant(2026, 10, 25));
        assert!(!summer.is_working);
        assert_eq!(summer.at(0).to_string(), "2026-10-24T23:00:00Z");
        assert_eq!(day("2026-11-20T00:00:00Z").at(3600).to_string(), "2026-11-20T01:00:00Z");
        assert!(day("2026-11-20T09:00:00Z").is_working);
        assert!(!day("2026-12-25T09:00:00Z").is_working);
        assert_eq!(summer.after().and_then(Day::before), Some(summer));
        assert_ne!(summer.number(), summer.after().unwrap().number());
    }
}
