//! What holds for all rows of one CSV file.

use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};

use super::dates::{Contrary, Dates};
use super::rows::{Row, Rows};
use super::{Cells, CsvRow, Header, cells, header_of};
use crate::limits::Limits;
use crate::time::DateOrder;
use crate::window::Window;

/// Numbers headers, so that no two of a run are taken for one another.
static HEADERS: AtomicU64 = AtomicU64::new(1);

/// The header of a CSV file, what separates its cells, and how its dates are read.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    header: Header,
    header_id: u64,
    delimiter: u8,
    dates: Dates,
    /// The header's own row, as it was written.
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Table {
    /// `rows` is at its header.
    pub(super) fn new<R: Read>(header: Header, rows: &Rows<R>, dates: Dates) -> Self {
        Self {
            header,
            header_id: HEADERS.fetch_add(1, Ordering::Relaxed),
            delimiter: rows.delimiter(),
            dates,
            text: rows.text().to_vec(),
            ends: rows.ends().to_vec(),
        }
    }

    /// The table that bytes begin with, and where its rows begin. `None` where the header is not
    /// sound, or reaches to the end of the bytes although more follows.
    pub(crate) fn beginning(bytes: &[u8], is_end: bool, limits: &Limits) -> Option<(Self, usize)> {
        let mut rows = Rows::new(Window::new(bytes), limits);
        let Row::Cells(_) = rows.next() else { return None };
        cells(&rows)?;
        let header = header_of(&rows);
        let table = Self::new(header, &rows, Dates::default());
        let begin = usize::try_from(rows.window().released()).ok()?;
        (begin < bytes.len() || is_end).then_some((table, begin))
    }

    /// The same table, its dates read so.
    pub(crate) fn with_dates(self, dates: Dates) -> Self {
        Self { dates, ..self }
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// A number that is different for each header of a run.
    #[must_use]
    pub fn header_id(&self) -> u64 {
        self.header_id
    }

    /// Order of day and month in this file's locale-written dates.
    #[must_use]
    pub fn date_order(&self) -> DateOrder {
        self.dates.order()
    }

    /// What is to be said of the dates of a file of this name, once all its rows were seen.
    #[must_use]
    pub fn notes(&self, file: &str, contrary: Option<Contrary>) -> Vec<String> {
        self.dates.notes(file, &self.header, contrary)
    }

    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    pub(super) fn dates(&self) -> &Dates {
        &self.dates
    }

    /// How many cells a sound row has.
    pub(super) fn width(&self) -> usize {
        self.ends.len()
    }

    /// Whether cells are those of the header again.
    pub(super) fn is_header(&self, text: &[u8], ends: &[usize]) -> bool {
        self.ends == ends && self.text == text
    }

    pub(super) fn row<'r>(&'r self, cells: Cells<'r>, line: u64) -> CsvRow<'r> {
        let (header_id, date_order) = (self.header_id, self.dates.order());
        CsvRow { header: &self.header, header_id, line, date_order, cells }
    }
}
