//! Records per UTC date and hour, so that a missing hour of an archive shows.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::measures::days::{Day, Days};
use crate::measures::translation::Translation;

/// Records of every kind by date and hour.
#[derive(Debug, Default)]
pub(crate) struct Hours {
    by_day: Vec<[u64; 24]>,
}

impl Hours {
    /// Counts records of one hour.
    pub(crate) fn observe(&mut self, day: Day, hour: u8, records: u64) {
        let place = day.place();
        if place >= self.by_day.len() {
            self.by_day.resize(place + 1, [0; 24]);
        }
        let hours = self.by_day.get_mut(place);
        if let Some(count) = hours.and_then(|hours| hours.get_mut(usize::from(hour))) {
            *count += records;
        }
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: &Self, to: &Translation<'_>) {
        for (hours, day) in other.by_day.iter().zip(&to.days) {
            let Some(day) = day else { continue };
            for (hour, records) in (0_u8..).zip(hours) {
                self.observe(*day, hour, *records);
            }
        }
    }

    /// Every date with a record.
    pub(crate) fn finish(&self, days: &Days) -> BTreeMap<Date, [u64; 24]> {
        let dates = self.by_day.iter().enumerate();
        dates.filter_map(|(place, hours)| Some((days.date(place)?, *hours))).collect()
    }
}
