//! UTC dates by number, and small sets of them.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

/// Most dates kept: eleven years. A log of broken clocks may name any.
const MOST: usize = 4_096;
const SECONDS: i64 = 86_400;

/// Number of a date in [`Days`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day(u16);

impl Day {
    /// Its place in a table with an entry for each date.
    pub(crate) fn place(self) -> usize {
        usize::from(self.0)
    }
}

/// Every UTC date with a record, once.
#[derive(Debug, Default)]
pub(crate) struct Days {
    /// Days since 1970-01-01, by number of the date.
    since_epoch: Vec<i64>,
    numbers: HashMap<i64, Day, FixedState>,
    last: Option<(i64, Day)>,
}

/// The UTC day (days since 1970-01-01) and hour of a time.
pub(crate) fn day_and_hour(time: Timestamp) -> (i64, u8) {
    // Both parts have one sign: a moment before a whole second before 1970 has the next one.
    let second = time.as_second() - i64::from(time.subsec_nanosecond() < 0);
    let hour = second.rem_euclid(SECONDS) / 3_600;
    (second.div_euclid(SECONDS), u8::try_from(hour).unwrap_or(0))
}

impl Days {
    /// The number of a day. `None` when dates enough are kept.
    pub(crate) fn day(&mut self, since_epoch: i64) -> Option<Day> {
        if let Some((last, day)) = self.last
            && last == since_epoch
        {
            return Some(day);
        }
        let day = match self.numbers.get(&since_epoch) {
            Some(day) => *day,
            None => {
                let place = self.since_epoch.len();
                let day = Day(u16::try_from(place).ok().filter(|_| place < MOST)?);
                self.since_epoch.push(since_epoch);
                self.numbers.insert(since_epoch, day);
                day
            }
        };
        self.last = Some((since_epoch, day));
        Some(day)
    }

    /// Every date by place, with its day since 1970-01-01.
    pub(crate) fn all(&self) -> &[i64] {
        &self.since_epoch
    }

    /// How many dates there are.
    pub(crate) fn len(&self) -> usize {
        self.since_epoch.len()
    }

    /// The date at a place. `None`: there is none, or the calendar does not reach it.
    pub(crate) fn date(&self, place: usize) -> Option<Date> {
        let second = self.since_epoch.get(place)?.checked_mul(SECONDS)?;
        // The first day of all begins before the first moment.
        let time = Timestamp::from_second(second).unwrap_or(Timestamp::MIN);
        Some(Offset::UTC.to_datetime(time).date())
    }
}

/// A set of dates, by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct DaySet {
    first: u64,
    more: Option<Box<[u64]>>,
}

impl DaySet {
    /// Adds a date.
    pub(crate) fn insert(&mut self, day: Day) {
        let place = day.place();
        let bit = 1_u64 << (place % 64);
        let Some(part) = (place / 64).checked_sub(1) else {
            self.first |= bit;
            return;
        };
        let more = self.more.get_or_insert_default();
        if part >= more.len() {
            let mut longer = more.to_vec();
            longer.resize(part + 1, 0);
            *more = longer.into();
        }
        if let Some(bits) = more.get_mut(part) {
            *bits |= bit;
        }
    }

    /// How many dates.
    pub(crate) fn len(&self) -> u32 {
        self.parts().map(u64::count_ones).sum()
    }

    /// The places of the dates.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> {
        self.parts().enumerate().flat_map(|(part, bits)| {
            (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| part * 64 + bit)
        })
    }

    /// Adds the dates of another set, whose numbers `to` translates by place.
    pub(crate) fn merge(&mut self, other: &Self, to: &[Option<Day>]) {
        for day in other.places().filter_map(|place| *to.get(place)?) {
            self.insert(day);
        }
    }

    /// Adds the dates of another set of the same [`Days`].
    pub(crate) fn unite(&mut self, other: &Self) {
        for place in other.places() {
            if let Ok(number) = u16::try_from(place) {
                self.insert(Day(number));
            }
        }
    }

    fn parts(&self) -> impl Iterator<Item = u64> {
        std::iter::once(self.first).chain(self.more.iter().flat_map(|more| more.iter().copied()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_hours_are_those_of_the_calendar() {
        let times = [
            "1969-12-31T23:59:59.5Z",
            "1970-01-01T00:00:00Z",
            "2026-02-28T23:00:00Z",
            "-009999-01-02T01:59:59Z",
            "9999-12-30T22:00:00.999999999Z",
        ];
        for text in times {
            let time: Timestamp = text.parse().expect("a time");
            let (day, hour) = day_and_hour(time);
            let mut days = Days::default();
            let day = days.day(day).expect("room");
            let expected = Offset::UTC.to_datetime(time);
            assert_eq!(days.date(day.place()), Some(expected.date()), "{text}");
            assert_eq!(i8::try_from(hour), Ok(expected.hour()), "{text}");
        }
    }

    #[test]
    fn a_set_counts_each_date_once_whatever_its_number() {
        let mut days = Days::default();
        let all: Vec<Day> = (0..300).filter_map(|number| days.day(number * 3)).collect();
        let mut set = DaySet::default();
        for day in [0, 63, 64, 299, 64, 0] {
            set.insert(all[day]);
        }
        assert_eq!(set.len(), 4);
        assert_eq!(set.places().collect::<Vec<_>>(), [0, 63, 64, 299]);
        let mut other = DaySet::default();
        other.insert(all[128]);
        other.unite(&set);
        assert_eq!(other.places().collect::<Vec<_>>(), [0, 63, 64, 128, 299]);
        let to: Vec<Option<Day>> = all.iter().rev().copied().map(Some).collect();
        let mut translated = DaySet::default();
        translated.merge(&set, &to);
        assert_eq!(translated.places().collect::<Vec<_>>(), [0, 235, 236, 299]);
    }

    #[test]
    fn dates_beyond_the_limit_are_refused_and_those_kept_stay() {
        let mut days = Days::default();
        assert_eq!((0..5_000).filter_map(|number| days.day(number)).count(), MOST);
        assert_eq!(days.day(7), Some(Day(7)));
        assert_eq!((days.day(4_999), days.len()), (None, MOST));
    }
}
