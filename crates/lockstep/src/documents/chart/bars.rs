//! Horizontal bars, one per row.

use super::{coordinate, written};
use crate::words;

const LEFT: f64 = 210.0;
const WIDTH: f64 = 460.0;
const ROW: f64 = 30.0;

/// Bars with their labels.
#[derive(Debug)]
pub(in crate::documents) struct Bars {
    /// Height of the drawing.
    pub(in crate::documents) height: String,
    /// The bars.
    pub(in crate::documents) bars: Vec<Bar>,
}

/// One bar.
#[derive(Debug)]
pub(in crate::documents) struct Bar {
    /// What it counts.
    pub(in crate::documents) label: String,
    /// The label, cut to what fits.
    pub(in crate::documents) short: String,
    /// The figure in words.
    pub(in crate::documents) figure: String,
    /// Class of its colour.
    pub(in crate::documents) class: &'static str,
    /// Top.
    pub(in crate::documents) y: String,
    /// Base line of the text.
    pub(in crate::documents) text_y: String,
    /// Length.
    pub(in crate::documents) width: String,
    /// Start of the figure.
    pub(in crate::documents) figure_x: String,
}

impl Bars {
    /// Bars for labelled counts; `None` where there is nothing to draw.
    pub(in crate::documents) fn new(rows: &[(String, u64, &'static str)]) -> Option<Self> {
        let most = rows.iter().map(|row| row.1).max().filter(|most| *most > 0)?;
        let bars = rows.iter().enumerate().map(|(position, (label, count, class))| {
            let top = f64::from(u16::try_from(position).unwrap_or(u16::MAX)) * ROW;
            let length = WIDTH * coordinate(*count) / coordinate(most);
            Bar {
                label: label.clone(),
                short: shortened(label),
                figure: words::number(*count),
                class,
                y: written(top + 5.0),
                text_y: written(top + 19.0),
                width: written(if *count > 0 { length.max(2.0) } else { 0.0 }),
                figure_x: written(LEFT + length + 8.0),
            }
        });
        let height = f64::from(u16::try_from(rows.len()).unwrap_or(u16::MAX)) * ROW;
        Some(Self { height: written(height), bars: bars.collect() })
    }
}

/// What fits left of the bars.
fn shortened(label: &str) -> String {
    if label.chars().count() <= 24 {
        return label.to_owned();
    }
    let mut short = label.chars().take(23).collect::<String>();
    short.push('…');
    short
}
