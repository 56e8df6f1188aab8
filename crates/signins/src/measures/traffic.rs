//! Counts over all user sign-ins: totals and by day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rollout::{DayCount, Totals};

use crate::measures::days::Days;
use crate::measures::judged::Judged;
use crate::measures::translation::Translation;
use crate::outcome::Outcome;

/// Counts over the user sign-ins of the window.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    pub totals: Totals,
    by_day: Vec<DayCount>,
}

impl Traffic {
    /// Counts a user sign-in.
    pub(crate) fn observe(&mut self, judged: &Judged) {
        let mut count = DayCount { sign_ins: 1, ..DayCount::default() };
        if judged.legacy {
            match judged.outcome {
                Outcome::Success => count.legacy_successes = 1,
                Outcome::Failure(_) | Outcome::Interrupt(_) => count.legacy_failures = 1,
                Outcome::Unknown => self.totals.legacy_unknown += 1,
            }
        }
        self.totals.sign_ins += count.sign_ins;
        self.totals.legacy_successes += count.legacy_successes;
        self.totals.legacy_failures += count.legacy_failures;
        self.add(judged.day.place(), count);
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: &Self, to: &Translation<'_>) {
        self.totals.sign_ins += other.totals.sign_ins;
        self.totals.legacy_successes += other.totals.legacy_successes;
        self.totals.legacy_failures += other.totals.legacy_failures;
        self.totals.legacy_unknown += other.totals.legacy_unknown;
        for (count, day) in other.by_day.iter().zip(&to.days) {
            if let Some(day) = day {
                self.add(day.place(), *count);
            }
        }
    }

    fn add(&mut self, place: usize, count: DayCount) {
        if place >= self.by_day.len() {
            self.by_day.resize(place + 1, DayCount::default());
        }
        if let Some(day) = self.by_day.get_mut(place) {
            day.sign_ins += count.sign_ins;
            day.legacy_successes += count.legacy_successes;
            day.legacy_failures += count.legacy_failures;
        }
    }

    /// Every date with a user sign-in.
    pub(crate) fn by_day(&self, days: &Days) -> BTreeMap<Date, DayCount> {
        let counted = self.by_day.iter().enumerate().filter(|(_, count)| count.sign_ins > 0);
        counted.filter_map(|(place, count)| Some((days.date(place)?, *count))).collect()
    }
}
