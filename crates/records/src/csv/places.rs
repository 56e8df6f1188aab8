//! Cells where they stand.

use std::ops::Range;

/// The columns of a table whose cells are looked at. Only these are made ready in each row, which
/// is most of the work where cells are long and quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Positions, ascending; all where there is none.
    columns: Option<Vec<usize>>,
}

impl Wanted {
    /// Every column, also those beyond the header.
    #[must_use]
    pub fn all() -> Self {
        Self { columns: None }
    }

    /// The columns at these positions; the others are as if they were not there.
    #[must_use]
    pub fn only(positions: impl IntoIterator<Item = usize>) -> Self {
        let mut columns: Vec<usize> = positions.into_iter().collect();
        columns.sort_unstable();
        columns.dedup();
        Self { columns: Some(columns) }
    }

    /// With these, too.
    pub(super) fn and(&self, more: &[usize]) -> Self {
        match &self.columns {
            None => Self::all(),
            Some(columns) => Self::only(columns.iter().chain(more).copied()),
        }
    }

    /// Positions, ascending, that a row of so many cells has.
    pub(super) fn below(&self, count: usize) -> impl Iterator<Item = usize> {
        let (all, some) = match &self.columns {
            None => (0..count, &[][..]),
            Some(columns) => (0..0, columns.as_slice()),
        };
        all.chain(some.iter().copied().take_while(move |column| *column < count))
    }
}

/// Where a cell's text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// There is no such cell, or it was not asked for.
    Nowhere,
    /// As it was written.
    Written(Range<usize>),
    /// Without its quotes, in a copy.
    Copied(Range<usize>),
}

/// The cells of one row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'a> {
    pub(super) written: &'a str,
    pub(super) copied: &'a str,
    pub(super) places: &'a [Place],
    pub(super) count: usize,
}

impl<'a> Places<'a> {
    pub(super) fn cell(&self, position: usize) -> Option<&'a str> {
        match self.places.get(position)? {
            Place::Nowhere => None,
            Place::Written(range) => self.written.get(range.clone()),
            Place::Copied(range) => self.copied.get(range.clone()),
        }
    }
}

/// Finds the text of a cell in its row as written; what cannot be used as it stands is copied.
///
/// `raw` is the cell with its quotes, at `start` in the row.
pub(super) fn place(raw: &str, start: usize, copied: &mut String) -> Place {
    let Some(quoted) = raw.strip_prefix('"') else {
        return Place::Written(start..start + raw.len());
    };
    if let Some(inner) = quoted.strip_suffix('"')
        && memchr::memchr(b'"', inner.as_bytes()).is_none()
    {
        return Place::Written(start + 1..start + 1 + inner.len());
    }
    let begin = copied.len();
    let mut rest = quoted;
    while let Some((before, behind)) = rest.split_once('"') {
        copied.push_str(before);
        match behind.strip_prefix('"') {
            Some(more) => {
                copied.push('"');
                rest = more;
            }
            // Behind the closing quote all is taken as it is.
            None => {
                rest = behind;
                break;
            }
        }
    }
    copied.push_str(rest);
    Place::Copied(begin..copied.len())
}
