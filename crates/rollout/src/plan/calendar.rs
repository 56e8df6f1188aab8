//! Which dates are good for which work.
//!
//! Pure calendar arithmetic on civil dates: a plan's day has no hour, so daylight saving cannot
//! move it. The time zone only decides on which date a moment of the tenant fell.

use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};

use super::ClosedDay;
use crate::rollout::CalendarSettings;

/// How far a good date is looked for.
const HORIZON_DAYS: i32 = 400;

/// A kind of work, as far as the calendar cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// The first day of the plan: somebody has to be there.
    Start,
    /// Something a person does or looks at, which changes nothing for anybody else.
    People,
    /// A change to the tenant that challenges nobody.
    Change,
    /// The pilot begins: the pilot group is challenged and the helpdesk must be there.
    PilotStart,
    /// Enforcement for everybody, or security defaults going off.
    Enforcement,
}

/// What speaks against a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// In words.
    pub reason: String,
    /// True when the work should not be done on that date.
    pub serious: bool,
}

/// The operator's calendar.
#[derive(Debug, Clone)]
pub struct Calendar<'a> {
    settings: &'a CalendarSettings,
    zone: TimeZone,
}

/// The time zone of an IANA name, from the database lockstep carries.
#[must_use]
pub fn time_zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name.trim()).ok()
}

/// A date so many days later; the last representable date where there is none.
#[must_use]
pub fn days_later(date: Date, days: i32) -> Date {
    date.saturating_add(days.clamp(-100_000, 100_000).days())
}

/// Days from one date to another; negative when the second is earlier.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

/// `Monday 23 November 2026`
#[must_use]
pub fn long_date(date: Date) -> String {
    date.strftime("%A %-d %B %Y").to_string()
}

impl<'a> Calendar<'a> {
    /// The calendar of the settings; `None` when their time zone is unknown.
    #[must_use]
    pub fn new(settings: &'a CalendarSettings) -> Option<Self> {
        Some(Self { settings, zone: time_zone(&settings.time_zone)? })
    }

    /// The date a moment fell on, in the operator's time zone.
    #[must_use]
    pub fn date_of(&self, moment: Timestamp) -> Date {
        self.zone.to_datetime(moment).date()
    }

    /// True when people work on this date.
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        self.settings.works_on(date.weekday()) && !self.is_holiday(date)
    }

    fn is_holiday(&self, date: Date) -> bool {
        self.settings.holidays.contains(&date)
    }

    /// Working days among a span of dates, both ends included.
    #[must_use]
    pub fn working_days(&self, first: Date, last: Date) -> usize {
        let length = i32::try_from(days_between(first, last)).unwrap_or(0);
        (0..=length).filter(|day| self.is_working_day(days_later(first, *day))).count()
    }

    /// Holidays and freezes of a span of dates, both ends included.
    #[must_use]
    pub fn closed_days(&self, first: Date, last: Date) -> Vec<ClosedDay> {
        let length = i32::try_from(days_between(first, last)).unwrap_or(0);
        let mut days = Vec::new();
        for date in (0..=length).map(|day| days_later(first, day)) {
            let freeze = self.settings.freezes.iter().find(|it| it.from <= date && date <= it.to);
            if let Some(freeze) = freeze {
                let reason = if freeze.reason.is_empty() { "freeze" } else { &freeze.reason };
                days.push(ClosedDay { date, why: reason.to_owned(), freeze: true });
            } else if self.is_holiday(date) {
                days.push(ClosedDay { date, why: "holiday".to_owned(), freeze: false });
            }
        }
        days
    }

    /// Everything that speaks against doing this work on this date.
    #[must_use]
    pub fn objections(&self, date: Date, work: Work) -> Vec<Objection> {
        [
            self.day_off(date, work),
            self.before_days_off(date, work),
            self.freeze(date, work),
            self.year_end(date, work),
            self.period_end(date, work),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// True when nothing serious speaks against the date, and people work on it.
    #[must_use]
    pub fn is_good(&self, date: Date, work: Work) -> bool {
        self.is_working_day(date)
            && !self.objections(date, work).iter().any(|objection| objection.serious)
    }

    /// The first good date after this one. `None`: none within thirteen months.
    #[must_use]
    pub fn next_good(&self, date: Date, work: Work) -> Option<Date> {
        (1..=HORIZON_DAYS).map(|days| days_later(date, days)).find(|day| self.is_good(*day, work))
    }

    fn day_off(&self, date: Date, work: Work) -> Option<Objection> {
        let reason = if self.is_holiday(date) {
            "a holiday".to_owned()
        } else if self.settings.works_on(date.weekday()) {
            return None;
        } else {
            format!("{}, not a working day", weekday(date.weekday()))
        };
        let serious = matches!(work, Work::Start | Work::PilotStart | Work::Enforcement);
        Some(Objection { reason, serious })
    }

    /// The last working day before a weekend, or the day before a holiday: whoever is locked out
    /// then waits days for help.
    fn before_days_off(&self, date: Date, work: Work) -> Option<Objection> {
        if !self.is_working_day(date) {
            return None;
        }
        let tomorrow = days_later(date, 1);
        if self.is_holiday(tomorrow) {
            let serious = work == Work::Enforcement;
            let told = matches!(work, Work::Change | Work::PilotStart | Work::Enforcement);
            let reason = "the day before a holiday".to_owned();
            return told.then_some(Objection { reason, serious });
        }
        let last_of_the_week = !self.settings.works_on(tomorrow.weekday())
            && matches!(work, Work::PilotStart | Work::Enforcement);
        last_of_the_week.then(|| Objection {
            reason: format!(
                "{}, the last working day of the week: whoever is locked out waits over the \
                 days off",
                weekday(date.weekday())
            ),
            serious: true,
        })
    }

    fn freeze(&self, date: Date, work: Work) -> Option<Objection> {
        let freeze = self.settings.freezes.iter().find(|it| it.from <= date && date <= it.to)?;
        let why = freeze.reason.trim();
        let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
        let serious = matches!(work, Work::Change | Work::PilotStart | Work::Enforcement);
        let told = serious || work == Work::Start;
        told.then(|| Objection {
            reason: format!("the change freeze {} to {}{why}", freeze.from, freeze.to),
            serious,
        })
    }

    /// Many firms change nothing between 20 December and 2 January. Said only while the operator
    /// has named no freeze of their own, and never serious: lockstep does not know this firm's.
    fn year_end(&self, date: Date, work: Work) -> Option<Objection> {
        let inside = match date.month() {
            12 => date.day() >= 20,
            1 => date.day() <= 2,
            _ => false,
        };
        let told = matches!(work, Work::Change | Work::PilotStart | Work::Enforcement);
        (inside && told && self.settings.freezes.is_empty()).then(|| Objection {
            reason: "the turn of the year (20 December to 2 January), when many firms freeze \
                     changes; no freeze is set under [calendar]"
                .to_owned(),
            serious: false,
        })
    }

    /// The last two and the first working day of a month: payment runs and closing of accounts.
    fn period_end(&self, date: Date, work: Work) -> Option<Objection> {
        let told = matches!(work, Work::Change | Work::PilotStart | Work::Enforcement);
        if !told || !self.is_working_day(date) {
            return None;
        }
        let left = self.working_days(days_later(date, 1), date.last_of_month());
        let before = self.working_days(date.first_of_month(), days_later(date, -1));
        let quarter = |month: i8| month % 3 == 0;
        let reason = if left <= 1 {
            let period = if quarter(date.month()) { "quarter" } else { "month" };
            format!("the end of the {period} (last two working days)")
        } else if before == 0 {
            let period = if quarter(days_later(date.first_of_month(), -1).month()) {
                "quarter"
            } else {
                "month"
            };
            format!("the first working day after the end of the {period}")
        } else {
            return None;
        };
        Some(Objection { reason, serious: work == Work::Enforcement })
    }
}

const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}
