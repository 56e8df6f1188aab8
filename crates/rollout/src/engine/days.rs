//! Days where the people are.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use super::State;
use crate::plan::calendar::{days_between, time_zone};

/// Days in one time zone.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Days(TimeZone);

impl Days {
    /// Where a date begins last. A moment has the earliest date there.
    pub(super) const EARLIEST: Self = Self(TimeZone::fixed(Offset::constant(-12)));

    /// By the name of a time zone. A name that is none counts in UTC.
    pub(super) fn of(name: &str) -> Self {
        Self(time_zone(name).unwrap_or(TimeZone::UTC))
    }

    /// Where the people are, by the gates that were asked: they carry the time zone.
    pub(super) fn of_state(state: &State) -> Self {
        state.gates.values().next().map_or(Self(TimeZone::UTC), |it| Self::of(&it.time_zone))
    }

    /// The date of a moment.
    pub(super) fn date(&self, moment: Timestamp) -> Date {
        moment.to_zoned(self.0.clone()).date()
    }

    /// Days from one date to another; negative backwards.
    pub(super) fn between(from: Date, to: Date) -> i64 {
        days_between(from, to)
    }
}
