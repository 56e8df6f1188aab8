//! Counts per day as columns: successes below, failures on top of them.

use rollout::legacy::LegacyDay;

use super::{coordinate, written};
use crate::words;

const LEFT: f64 = 48.0;
const TOP: f64 = 12.0;
const WIDTH: f64 = 620.0;
const HEIGHT: f64 = 150.0;

/// Columns with their axis.
#[derive(Debug)]
pub(in crate::documents) struct Columns {
    /// The top of the axis.
    pub(in crate::documents) most: String,
    /// One column per day.
    pub(in crate::documents) columns: Vec<Column>,
    /// First and last date.
    pub(in crate::documents) dates: [String; 2],
    /// Rows of the table beside it: date, sign-ins, legacy successes, legacy failures.
    pub(in crate::documents) rows: Vec<[String; 4]>,
}

/// One day.
#[derive(Debug)]
pub(in crate::documents) struct Column {
    /// Left edge.
    pub(in crate::documents) x: String,
    /// Width.
    pub(in crate::documents) width: String,
    /// Top of the successes.
    pub(in crate::documents) successes_y: String,
    /// Height of the successes.
    pub(in crate::documents) successes_height: String,
    /// Top of the failures.
    pub(in crate::documents) failures_y: String,
    /// Height of the failures.
    pub(in crate::documents) failures_height: String,
}

impl Columns {
    /// The columns of these days; `None` with fewer than two days or without a legacy sign-in.
    pub(in crate::documents) fn new(days: &[LegacyDay]) -> Option<Self> {
        let (first, last) = (days.first()?, days.last()?);
        let place = |day: &LegacyDay| {
            let after = day.date.duration_since(first.date).as_hours() / 24;
            u32::try_from(after).map_or(0.0, f64::from)
        };
        let slots = place(last) + 1.0;
        let legacy =
            |day: &LegacyDay| day.count.legacy_successes.saturating_add(day.count.legacy_failures);
        let most = days.iter().map(legacy).max().filter(|most| *most > 0 && slots > 1.0)?;
        let slot = WIDTH / slots;
        let high = |count: u64| HEIGHT * coordinate(count) / coordinate(most);
        let columns = days.iter().map(|day| {
            let successes = high(day.count.legacy_successes);
            let failures = high(day.count.legacy_failures);
            let bottom = TOP + HEIGHT;
            Column {
                x: written(LEFT + slot * place(day) + slot * 0.15),
                width: written(slot * 0.7),
                successes_y: written(bottom - successes),
                successes_height: written(successes),
                failures_y: written(bottom - successes - failures),
                failures_height: written(failures),
            }
        });
        Some(Self {
            most: words::number(most),
            columns: columns.collect(),
            dates: [first.date, last.date].map(words::short_date),
            rows: days.iter().map(row).collect(),
        })
    }
}

fn row(day: &LegacyDay) -> [String; 4] {
    let it = day.count;
    [
        words::date(day.date),
        words::number(it.sign_ins),
        words::number(it.legacy_successes),
        words::number(it.legacy_failures),
    ]
}
