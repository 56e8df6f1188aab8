//! CSV: header, rows, delimiter and date order decided per file.

mod bits;
mod dates;
mod exact;
mod rows;
mod scan;
mod split;
mod table;
mod unquoted;

use std::io::Read;

pub use dates::Contrary;
pub(crate) use dates::{Dates, decide};
use rows::{Row, Rows};
pub(crate) use split::Surveyor;
use split::WrittenRow;
pub use split::{PartRow, PartRows};
pub use table::Table;

use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::record::Record;
use crate::stream;
use crate::time::DateOrder;
use crate::window::Window;

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
    /// runs of white space taken as one and trimmed, and a typographic apostrophe like a straight
    /// one.
    #[must_use]
    pub fn find(&self, names: &[&str]) -> Option<usize> {
        let wanted: Vec<String> = names.iter().map(|name| plain(name)).collect();
        self.names.iter().position(|name| wanted.contains(&plain(name)))
    }
}

/// A column name as it is compared: lower case, white space simple, apostrophes straight.
fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for word in name.split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        let straight = word.chars().map(|sign| if sign == '\u{2019}' { '\'' } else { sign });
        plain.extend(straight.flat_map(char::to_lowercase));
    }
    plain
}

/// One row of a CSV file.
#[derive(Debug, Clone, Copy)]
pub struct CsvRow<'a> {
    /// The file's header.
    pub header: &'a Header,
    /// A number that is different for each header of a reading, so that readers can keep what they
    /// learned of a header.
    pub header_id: u64,
    /// Line on which the row starts, from 1.
    pub line: u64,
    /// Order of day and month in this file's locale-written dates.
    pub date_order: DateOrder,
    cells: Cells<'a>,
}

/// A cell as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenCell<'a> {
    /// Its text.
    Text(&'a str),
    /// What stands between its first and its last sign, which are quotes. There are more quotes
    /// between them: doubled, as long as the cell is sound. [`CsvRow::cell`] tells the text.
    Doubled(&'a str),
    /// Something stands behind the closing quote. [`CsvRow::cell`] tells the text.
    Odd,
}

/// Where the cells of a row are.
#[derive(Debug, Clone, Copy)]
enum Cells<'a> {
    /// One behind the other in one text, with the end of each.
    Joined { text: &'a str, ends: &'a [usize] },
    /// As they were written.
    Written(WrittenRow<'a>),
}

impl<'a> CsvRow<'a> {
    /// A row whose cells are one text; `ends` are the ends of each cell in it.
    #[must_use]
    pub fn joined(
        header: &'a Header,
        header_id: u64,
        text: &'a str,
        ends: &'a [usize],
        line: u64,
        date_order: DateOrder,
    ) -> Self {
        Self { header, header_id, line, date_order, cells: Cells::Joined { text, ends } }
    }

    /// The cell at a position; `None` past the end of a short row.
    #[must_use]
    pub fn cell(&self, position: usize) -> Option<&'a str> {
        match self.cells {
            Cells::Joined { text, ends } => {
                let end = *ends.get(position)?;
                let start = match position.checked_sub(1) {
                    Some(before) => *ends.get(before)?,
                    None => 0,
                };
                text.get(start..end)
            }
            Cells::Written(row) => row.cell(position),
        }
    }

    /// The cell at a position as it was written, where that spares making a text of it.
    #[must_use]
    pub fn written(&self, position: usize) -> Option<WrittenCell<'a>> {
        match self.cells {
            Cells::Joined { .. } => self.cell(position).map(WrittenCell::Text),
            Cells::Written(row) => row.written(position),
        }
    }

    /// How many cells the row has.
    #[must_use]
    pub fn count(&self) -> usize {
        match self.cells {
            Cells::Joined { ends, .. } => ends.len(),
            Cells::Written(row) => row.count(),
        }
    }
}

/// Splits a whole stream and offers its rows.
pub(crate) fn frame<R: Read>(
    window: Window<R>,
    limits: &Limits,
    dates: Dates,
    ledger: &mut Ledger<'_>,
) {
    let mut rows = Rows::new(window, limits);
    if let Some(header) = header(&mut rows, limits, ledger) {
        rows.header_has(header.names.len());
        let table = Table::new(header, &rows, dates);
        let contrary = offer(&mut rows, &table, limits, ledger);
        for note in table.notes(ledger.file(), contrary) {
            ledger.note(note);
        }
    }
    if let Some(failure) = rows.take_failure() {
        ledger.unreadable(rows.line(), stream::describe(&failure));
    }
}

/// Splits the rest of a stream, which begins at a row, and offers its rows.
pub(crate) fn frame_rest<R: Read>(
    window: Window<R>,
    limits: &Limits,
    table: &Table,
    ledger: &mut Ledger<'_>,
) -> Option<Contrary> {
    let mut rows =
        Rows::behind_header(window, table.delimiter(), table.header().names.len(), limits);
    let contrary = offer(&mut rows, table, limits, ledger);
    if let Some(failure) = rows.take_failure() {
        ledger.unreadable(rows.line(), stream::describe(&failure));
    }
    contrary
}

fn offer<R: Read>(
    rows: &mut Rows<R>,
    table: &Table,
    limits: &Limits,
    ledger: &mut Ledger<'_>,
) -> Option<Contrary> {
    let mut contrary = None;
    loop {
        match rows.next() {
            Row::End => return contrary,
            Row::Damaged(line, reason) => ledger.unreadable(line, reason),
            Row::TooWide(line) => ledger.unreadable(line, too_wide(limits)),
            // Files joined end to end repeat their header.
            Row::Cells(_) if table.is_header(rows.text(), rows.ends()) => {}
            Row::Cells(line) => match cells(rows) {
                Some(text) => {
                    let row = table.row(Cells::Joined { text, ends: rows.ends() }, line);
                    table.dates().watch(&row, &mut contrary);
                    ledger.offer(&Record::Csv(row));
                }
                None => ledger.unreadable(line, crate::text::NOT_UNICODE),
            },
        }
    }
}

/// The first row. What is no text in it costs only the columns it is in.
fn header<R: Read>(rows: &mut Rows<R>, limits: &Limits, ledger: &mut Ledger<'_>) -> Option<Header> {
    loop {
        match rows.next() {
            Row::End => return None,
            Row::Damaged(line, reason) => ledger.unreadable(line, reason),
            Row::TooWide(line) => {
                ledger.unreadable(line, too_wide(limits));
                return None;
            }
            Row::Cells(line) => {
                if cells(rows).is_none() {
                    ledger.unreadable(line, "the header is no UTF-8 text; save the file as UTF-8");
                }
                return Some(header_of(rows));
            }
        }
    }
}

fn header_of<R: Read>(rows: &Rows<R>) -> Header {
    let mut start = 0;
    let mut names = Vec::with_capacity(rows.ends().len());
    for end in rows.ends() {
        let name = rows.text().get(start..*end).unwrap_or_default();
        names.push(String::from_utf8_lossy(name).into_owned());
        start = *end;
    }
    Header::new(names)
}

/// The text of a row, if each of its cells is text.
fn cells<R: Read>(rows: &Rows<R>) -> Option<&str> {
    let text = std::str::from_utf8(rows.text()).ok()?;
    let sound = rows.ends().iter().all(|end| text.is_char_boundary(*end));
    sound.then_some(text)
}

fn too_wide(limits: &Limits) -> String {
    format!("more than {} columns; no export has so many: split the file", limits.columns)
}
