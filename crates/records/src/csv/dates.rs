//! The order of day and month in a file's dates, decided by the whole file.

use std::io::Read;

use super::rows::{Row, Rows};
use super::{CsvRow, Header};
use crate::limits::Limits;
use crate::time::{DateOrder, Evidence, evidence};
use crate::window::Window;

/// Rows looked at for dates written by a locale. Without any among them none are expected.
const FIRST_ROWS: usize = 200;

/// What is known of a file's dates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Dates {
    order: DateOrder,
    decided: bool,
    /// Columns with dates whose order matters.
    columns: Vec<usize>,
    /// Whether all rows were looked at and decided nothing.
    exhausted: bool,
}

/// Dates that can only be read in the other order than the one a file's dates are read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contrary {
    /// How many.
    pub count: u64,
    /// Line of the first.
    pub line: u64,
}

impl Contrary {
    /// What two stretches of a file came to together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { count: self.count + other.count, line: self.line.min(other.line) }
    }
}

impl Dates {
    /// The order the file's dates are read in.
    pub(super) fn order(&self) -> DateOrder {
        self.order
    }

    /// Whether more rows may decide what these did not.
    pub(crate) fn are_open(&self) -> bool {
        self.exhausted
    }

    /// Looks at a row for dates that cannot be read in the order decided.
    pub(super) fn watch(&self, row: &CsvRow<'_>, contrary: &mut Option<Contrary>) {
        for column in &self.columns {
            let order = row.cell(*column).and_then(evidence).and_then(Evidence::order);
            if order.is_some_and(|order| order != self.order) {
                let found = Contrary { count: 1, line: row.line };
                *contrary = Some(contrary.map_or(found, |before| before.and(found)));
            }
        }
    }

    /// What to say of it.
    pub(super) fn notes(
        &self,
        file: &str,
        header: &Header,
        contrary: Option<Contrary>,
    ) -> Vec<String> {
        let Some(column) = self.columns.first() else { return Vec::new() };
        let column = header.names().get(*column).map_or("", |name| name.trim());
        let order = match self.order {
            DateOrder::MonthFirst => "month/day",
            DateOrder::DayFirst => "day/month",
        };
        let mut notes = Vec::new();
        if !self.decided {
            notes.push(format!(
                "dates in `{file}` (column `{column}`) could be read either way; taken as {order}"
            ));
        }
        if let Some(Contrary { count, line }) = contrary {
            notes.push(format!(
                "dates in `{file}` (column `{column}`) were taken as {order}, but {count} of them \
                 can only be read the other way round, the first on line {line}"
            ));
        }
        notes
    }
}

/// Reads rows until a date decides the order, or to the end where none does.
pub(crate) fn decide<R: Read>(window: Window<R>, limits: &Limits) -> Dates {
    let mut rows = Rows::new(window, limits);
    let mut dates = Dates::default();
    let mut seen = 0_usize;
    loop {
        match rows.next() {
            Row::TooWide(_) if seen == 0 => return dates,
            Row::End => {
                dates.exhausted = true;
                return dates;
            }
            Row::Damaged(..) | Row::TooWide(_) => {}
            Row::Cells(_) if seen == 0 => {
                rows.header_has(rows.ends().len());
                seen = 1;
            }
            Row::Cells(_) => {
                seen += 1;
                if let Some(order) = look(&rows, &mut dates.columns, seen <= FIRST_ROWS) {
                    dates.order = order;
                    dates.decided = true;
                    return dates;
                }
                if seen > FIRST_ROWS && dates.columns.is_empty() {
                    return dates;
                }
            }
        }
    }
}

/// The order that a row's dates decide, if any. New columns with dates are added if asked.
fn look<R: Read>(rows: &Rows<R>, columns: &mut Vec<usize>, all: bool) -> Option<DateOrder> {
    let text = std::str::from_utf8(rows.text()).ok()?;
    let mut decided = None;
    let mut see = |column: usize, columns: &mut Vec<usize>| {
        let end = *rows.ends().get(column)?;
        let start = column.checked_sub(1).and_then(|before| rows.ends().get(before)).unwrap_or(&0);
        let found = evidence(text.get(*start..end)?)?;
        if !columns.contains(&column) {
            columns.push(column);
        }
        decided = decided.or(found.order());
        Some(())
    };
    if all {
        for column in 0..rows.ends().len() {
            see(column, columns);
        }
    } else {
        for column in columns.clone() {
            see(column, columns);
        }
    }
    decided
}
