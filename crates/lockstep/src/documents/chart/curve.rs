//! The share of capable people over time, with the threshold.

use std::fmt::Write as _;

use rollout::registration::SeriesPoint;

use super::{coordinate, written};
use crate::words;

const LEFT: f64 = 48.0;
const TOP: f64 = 12.0;
const WIDTH: f64 = 620.0;
const HEIGHT: f64 = 170.0;

/// A curve.
#[derive(Debug)]
pub(in crate::documents) struct Curve {
    /// Points of the line.
    pub(in crate::documents) line: String,
    /// Points of the area under it.
    pub(in crate::documents) area: String,
    /// Height of the threshold.
    pub(in crate::documents) threshold_y: String,
    /// The threshold in words.
    pub(in crate::documents) threshold: String,
    /// Base line of the threshold's label.
    pub(in crate::documents) threshold_label_y: String,
    /// First and last date.
    pub(in crate::documents) dates: [String; 2],
    /// Position of the last point.
    pub(in crate::documents) last: (String, String),
    /// Label of the last point.
    pub(in crate::documents) last_label: String,
    /// Base line of that label.
    pub(in crate::documents) last_label_y: String,
    /// Rows of the table beside it: date, capable, in scope, share.
    pub(in crate::documents) rows: Vec<[String; 4]>,
}

impl Curve {
    /// The curve of a series; `None` with fewer than two days.
    pub(in crate::documents) fn new(series: &[SeriesPoint], threshold: f64) -> Option<Self> {
        let (first, last) = (series.first()?, series.last()?);
        let days = last.date.duration_since(first.date).as_hours().checked_div(24)?;
        let days = u32::try_from(days).ok().filter(|days| *days > 0)?;
        let share =
            |point: &SeriesPoint| coordinate(point.capable) / coordinate(point.in_scope.max(1));
        let place = |point: &SeriesPoint| {
            let after = point.date.duration_since(first.date).as_hours() / 24;
            let after = f64::from(u32::try_from(after).unwrap_or(0));
            let x = LEFT + WIDTH * after / f64::from(days);
            (x, TOP + HEIGHT * (1.0 - share(point).clamp(0.0, 1.0)))
        };
        let mut line = String::new();
        for point in series {
            let (x, y) = place(point);
            // Writing to a text cannot fail.
            let _ = write!(line, "{x:.1},{y:.1} ");
        }
        let bottom = TOP + HEIGHT;
        let area = format!("{LEFT:.1},{bottom:.1} {line}{:.1},{bottom:.1}", LEFT + WIDTH);
        let (last_x, last_y) = place(last);
        let threshold_y = TOP + HEIGHT * (1.0 - threshold);
        Some(Self {
            line,
            area,
            threshold_y: written(threshold_y),
            threshold: rollout::threshold_percent(threshold),
            threshold_label_y: written(threshold_y + 13.0),
            dates: [first.date, last.date].map(words::short_date),
            last: (written(last_x), written(last_y)),
            last_label: words::percent(Some(share(last))),
            last_label_y: written(last_y + 18.0),
            rows: thinned(series)
                .map(|point| {
                    [
                        words::date(point.date),
                        words::number(point.capable),
                        words::number(point.in_scope),
                        words::percent(Some(share(point))),
                    ]
                })
                .collect(),
        })
    }
}

/// At most about forty points, first and last among them: the table beside the curve.
fn thinned(series: &[SeriesPoint]) -> impl Iterator<Item = &SeriesPoint> {
    let every = series.len().div_ceil(40).max(1);
    let last = series.len().saturating_sub(1);
    series
        .iter()
        .enumerate()
        .filter(move |(position, _)| position.is_multiple_of(every) || *position == last)
        .map(|(_, point)| point)
}
