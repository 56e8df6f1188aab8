//! The rows of a stretch of a CSV file, quickly: what is as usual is found 64 bytes at a time and
//! lent as it stands; anything else is left, for that row, to the exact splitter.

use super::exact::Exact;
use super::rows::Row;
use super::scan::{Shape, scan, scan_cells};
use super::table::Table;
use super::unquoted::{Copies, Text, text};
use super::{Cells, Contrary, CsvRow, WrittenCell, cells, too_wide};
use crate::limits::Limits;

/// Whether the quick way finds what the exact one would.
fn is_usual(shape: &Shape, from: usize, table: &Table, limits: &Limits) -> bool {
    !shape.odd
        && shape.end.saturating_sub(from) <= limits.record_bytes
        && shape.cells <= limits.columns
        && (shape.breaks == 0 || (shape.cells == table.width() && !shape.stray_quote))
}

/// Whether the quick way knows this delimiter. A line `sep=` may name any sign.
fn is_known(delimiter: u8) -> bool {
    matches!(delimiter, b',' | b';' | b'\t' | b'|')
}

/// Looks for the last place in the start of a file at which rows can be parted.
pub(crate) struct Surveyor<'t> {
    table: &'t Table,
    limits: Limits,
    /// Where the row begins that was come to.
    start: usize,
    /// No row before here can be read without what stands before here.
    reach: usize,
}

impl<'t> Surveyor<'t> {
    /// The first row begins at `start`.
    pub(crate) fn new(table: &'t Table, start: usize, limits: &Limits) -> Self {
        Self { table, limits: *limits, start, reach: start }
    }

    /// Where the last row begins, of those behind the first, that begins in these bytes. Each time
    /// they are more of the same.
    pub(crate) fn last_row(&mut self, bytes: &[u8]) -> Option<usize> {
        let (table, limits) = (self.table, self.limits);
        let delimiter = table.delimiter();
        let known = is_known(delimiter);
        let mut exact = None;
        let mut last = None;
        loop {
            let shape = known.then(|| scan(bytes, self.start, delimiter));
            let (end, reach) = match shape {
                Some(None) => return last,
                Some(Some(shape)) if is_usual(&shape, self.start, table, &limits) => {
                    (shape.end, shape.end)
                }
                Some(Some(_)) | None => {
                    let exact =
                        exact.get_or_insert_with(|| Exact::new(bytes, false, table, &limits));
                    let Some(found) = exact.row(self.start, 1) else { return last };
                    if found.end <= self.start {
                        return last;
                    }
                    (found.end, found.reach)
                }
            };
            self.start = end;
            self.reach = self.reach.max(reach);
            if self.start >= self.reach {
                last = Some(self.start);
            }
        }
    }
}

/// What comes next in a stretch of rows.
#[derive(Debug, Clone)]
pub enum PartRow<'r> {
    /// A row.
    Row(CsvRow<'r>),
    /// Something that is no row.
    Unreadable {
        /// Line on which it begins.
        line: u64,
        /// Why it is none, in words.
        reason: String,
    },
}

/// The rows of a part of a CSV file, one after the other.
pub struct PartRows<'p> {
    bytes: &'p [u8],
    /// The same, if all of it is UTF-8.
    text: Option<&'p str>,
    is_known: bool,
    table: &'p Table,
    limits: Limits,
    start: usize,
    line: u64,
    exact: Exact<'p>,
    ends: Vec<usize>,
    copies: Copies,
    contrary: Option<Contrary>,
}

/// What the quick way made of a row.
enum Found<'p> {
    /// A row, as it was written.
    Row(&'p str, usize),
    /// Nothing to hand out.
    Nothing,
    /// The exact splitter is to say.
    Odd,
}

impl<'p> PartRows<'p> {
    /// Rows from `start` on, which is on this line, to the end of the bytes, which is where a row
    /// ends or the file.
    pub(crate) fn new(
        bytes: &'p [u8],
        (start, line): (usize, u64),
        table: &'p Table,
        limits: &Limits,
    ) -> Self {
        Self {
            bytes,
            text: std::str::from_utf8(bytes).ok(),
            is_known: is_known(table.delimiter()),
            table,
            limits: *limits,
            start,
            line,
            exact: Exact::new(bytes, true, table, limits),
            ends: Vec::new(),
            copies: Copies::default(),
            contrary: None,
        }
    }

    /// The next row; `None` behind the last.
    #[expect(clippy::should_implement_trait, reason = "a row is lent until the next is asked for")]
    pub fn next(&mut self) -> Option<PartRow<'_>> {
        loop {
            let line = self.line;
            match self.quick() {
                Found::Nothing => {}
                Found::Row(text, start) => {
                    let (ends, copies) = (&self.ends, &self.copies);
                    let row = WrittenRow { text, start, ends, copies };
                    let row = self.table.row(Cells::Written(row), line);
                    self.table.dates().watch(&row, &mut self.contrary);
                    return Some(PartRow::Row(row));
                }
                Found::Odd => {
                    let found = self.exact.row(self.start, line)?;
                    self.start = found.end;
                    self.line = self.exact.line();
                    match found.row {
                        Row::Cells(line) => {
                            let rows = self.exact.rows();
                            if self.table.is_header(rows.text(), rows.ends()) {
                                continue;
                            }
                            return Some(self.exact_row(line));
                        }
                        Row::End => return None,
                        Row::Damaged(line, reason) => {
                            return Some(PartRow::Unreadable { line, reason });
                        }
                        Row::TooWide(line) => {
                            let reason = too_wide(&self.limits);
                            return Some(PartRow::Unreadable { line, reason });
                        }
                    }
                }
            }
        }
    }

    /// Dates so far that can only be read in the other order.
    #[must_use]
    pub fn contrary(&self) -> Option<Contrary> {
        self.contrary
    }

    /// Line breaks passed so far, counted from the start of the part.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.line - 1
    }

    fn exact_row(&mut self, line: u64) -> PartRow<'_> {
        let rows = self.exact.rows();
        let Some(text) = cells(rows) else {
            return PartRow::Unreadable { line, reason: crate::text::NOT_UNICODE.to_owned() };
        };
        let row = self.table.row(Cells::Joined { text, ends: rows.ends() }, line);
        self.table.dates().watch(&row, &mut self.contrary);
        PartRow::Row(row)
    }

    fn quick(&mut self) -> Found<'p> {
        self.ends.clear();
        let (bytes, start) = (self.bytes, self.start);
        let ends = &mut self.ends;
        let shape = self.is_known.then(|| scan_cells(bytes, start, self.table.delimiter(), ends));
        let Some(shape) = shape.flatten() else { return Found::Odd };
        if !is_usual(&shape, start, self.table, &self.limits) {
            return Found::Odd;
        }
        let written = match self.text {
            Some(text) => text.get(start..shape.end),
            None => bytes.get(start..shape.end).and_then(|row| std::str::from_utf8(row).ok()),
        };
        let Some(written) = written else { return Found::Odd };
        self.copies.begin(shape.cells);
        self.start = shape.end;
        self.line += shape.breaks + 1;
        let row = WrittenRow { text: written, start, ends: &self.ends, copies: &self.copies };
        if row.is_blank() || row.is_header(self.table) {
            return Found::Nothing;
        }
        Found::Row(written, start)
    }
}

/// A row of cells that are lent as they were written, as far as that can be.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenRow<'r> {
    text: &'r str,
    /// Where the row begins in the bytes in which its cells end at `ends`.
    start: usize,
    ends: &'r [usize],
    copies: &'r Copies,
}

impl<'r> WrittenRow<'r> {
    pub(super) fn count(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn cell(&self, position: usize) -> Option<&'r str> {
        match text(self.raw(position)?) {
            Text::Written(text) => Some(text),
            Text::Quoted(quoted) => self.copies.text(position, quoted),
        }
    }

    pub(super) fn written(&self, position: usize) -> Option<WrittenCell<'r>> {
        Some(match text(self.raw(position)?) {
            Text::Written(text) => WrittenCell::Text(text),
            Text::Quoted(quoted) => {
                quoted.strip_suffix('"').map_or(WrittenCell::Odd, WrittenCell::Doubled)
            }
        })
    }

    /// The cell at a position, with its quotes.
    fn raw(&self, position: usize) -> Option<&'r str> {
        let end = self.ends.get(position)?.checked_sub(self.start)?;
        let start = match position.checked_sub(1) {
            Some(before) => self.ends.get(before)?.checked_sub(self.start)? + 1,
            None => 0,
        };
        let raw = self.text.get(start..end)?;
        let is_last = position + 1 == self.ends.len();
        Some(if is_last { raw.strip_suffix('\r').unwrap_or(raw) } else { raw })
    }

    fn is_blank(&self) -> bool {
        self.count() == 1 && matches!(self.raw(0), Some("" | "\"\""))
    }

    /// Files joined end to end repeat their header.
    fn is_header(&self, table: &Table) -> bool {
        let names = table.header().names();
        let is_name =
            |(position, name): (usize, &String)| self.cell(position) == Some(name.as_str());
        names.len() == self.count() && names.iter().enumerate().all(is_name)
    }
}
