//! Geometry of the charts. The drawing is in `templates/*.svg`, where every text is escaped; here
//! are only positions and labels.

pub(super) mod bars;
pub(super) mod columns;
pub(super) mod curve;
pub(super) mod gantt;
pub(super) mod stack;

/// A count as a coordinate. Counts beyond four billion would not be told apart in a drawing anyway.
fn coordinate(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A coordinate as SVG writes it.
fn written(value: f64) -> String {
    format!("{value:.1}")
}
