//! One part of a source.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use super::cut;
use super::packed::Unpacker;
use crate::csv::{self, PartRows, Table};
use crate::json;
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::record::{Offer, Record};
use crate::source::{Format, Reading};
use crate::window::Window;

/// Room for one part, to be used again for the next.
#[derive(Default)]
pub struct Part {
    name: Arc<str>,
    number: u32,
    limits: Limits,
    /// As long as it ever was; what counts is in `range`.
    data: Vec<u8>,
    range: Range<usize>,
    is_last: bool,
    table: Option<Arc<Table>>,
    /// Bytes of the header, and of what stands before it.
    head: usize,
    packed: Option<File>,
    unpacker: Unpacker,
}

/// What a packed file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpacked {
    /// The part holds whole top-level JSON texts.
    Text,
    /// The part holds a whole CSV file.
    Rows,
    /// It must be read with [`crate::read`]: neither, damaged, or more than it says. What that
    /// tells of its progress was counted when the file was handed out.
    Whole,
}

impl Part {
    /// Room for a part.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes of the part.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.data.get(self.range.clone()).unwrap_or_default()
    }

    /// Position of the part in its source, from 0.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Name of the source.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Line breaks in the part: the next one begins so many lines further on.
    #[must_use]
    pub fn lines(&self) -> u64 {
        line_breaks(self.bytes())
    }

    /// Whether the source ends with the part.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.is_last
    }

    /// The table that the rows are of, the same for all parts of a source; `None` for JSON.
    #[must_use]
    pub fn table(&self) -> Option<&Arc<Table>> {
        self.table.as_ref()
    }

    /// The rows, lines counted from 1 at the start of the part; `None` where the part holds JSON.
    #[must_use]
    pub fn rows(&self) -> Option<PartRows<'_>> {
        let table = self.table.as_deref()?;
        let line = 1 + line_breaks(self.bytes().get(..self.head).unwrap_or_default());
        let start = (self.head, line);
        Some(PartRows::new(self.bytes(), start, table, &self.limits))
    }

    /// Where the next JSON text begins at which the part could be cut, behind `from`; the end of
    /// the part where there is none.
    #[must_use]
    pub fn cut_behind(&self, from: usize) -> usize {
        cut::cut_behind(self.bytes(), from)
    }

    /// Frames JSON texts of the part exactly, as [`crate::read`] does. The range begins where a
    /// text does, on this line, and ends at a cut ([`Part::cut_behind`]).
    pub fn frame(
        &self,
        range: Range<usize>,
        line: u64,
        sink: &mut dyn FnMut(&Record<'_>) -> Offer,
    ) -> Reading {
        let is_end = self.is_last && range.end >= self.bytes().len();
        let bytes = self.bytes().get(range).unwrap_or_default();
        let mut ledger = Ledger::new(&self.name, sink);
        ledger.format(Format::Json);
        // What the next text begins with tells what is missing before it.
        let next: &[u8] = if is_end { b"" } else { b"{" };
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let until = if is_end { u64::MAX } else { length };
        let window = Window::going_on(Vec::new(), bytes.chain(next), line);
        json::frame_until(window, until, &self.limits, &mut ledger);
        ledger.finish()
    }

    /// Unpacks a file that was handed out packed. Afterwards the part holds all of it.
    pub fn unpack(&mut self) -> Unpacked {
        let Some(file) = self.packed.take() else { return Unpacked::Whole };
        let Some(length) = self.unpacker.unpack(file, &mut self.data, &self.limits) else {
            return Unpacked::Whole;
        };
        self.range = 0..length;
        let start = self.bytes().get(..crate::text::SNIFFED).unwrap_or(self.bytes());
        let Some((format, mark)) = cut::beginning(start, &self.name) else {
            return Unpacked::Whole;
        };
        self.range.start = mark;
        self.is_last = true;
        if format == Format::Json {
            return Unpacked::Text;
        }
        match Table::beginning(self.bytes(), true, &self.limits) {
            Some((table, head)) => {
                let dates = csv::decide(Window::new(self.bytes()), &self.limits);
                self.set_table(Arc::new(table.with_dates(dates)), head);
                Unpacked::Rows
            }
            None => Unpacked::Whole,
        }
    }

    /// Empties the part for the next of a source.
    pub(super) fn begin(&mut self, name: &Arc<str>, number: u32, limits: &Limits) {
        self.name = Arc::clone(name);
        self.number = number;
        self.limits = *limits;
        self.range = 0..0;
        self.is_last = false;
        self.table = None;
        self.head = 0;
        self.packed = None;
    }

    /// Puts bytes behind those held.
    pub(super) fn put(&mut self, bytes: &[u8]) {
        let size = self.range.end + bytes.len();
        let room = self.room(size);
        room.copy_from_slice(bytes);
        self.filled(bytes.len());
    }

    /// Room behind what is held, up to this size.
    pub(super) fn room(&mut self, size: usize) -> &mut [u8] {
        if self.data.len() < size {
            self.data.resize(size, 0);
        }
        self.data.get_mut(self.range.end..size).unwrap_or_default()
    }

    /// So many bytes were put into the room.
    pub(super) fn filled(&mut self, count: usize) {
        self.range.end = self.range.end.saturating_add(count).min(self.data.len());
    }

    /// Lets go what is behind the first `length` bytes.
    pub(super) fn shorten(&mut self, length: usize) {
        self.range.end = self.range.end.min(self.range.start + length);
    }

    pub(super) fn set_last(&mut self) {
        self.is_last = true;
    }

    pub(super) fn set_table(&mut self, table: Arc<Table>, head: usize) {
        self.table = Some(table);
        self.head = head;
    }

    pub(super) fn set_packed(&mut self, file: File) {
        self.packed = Some(file);
    }
}

pub(super) fn line_breaks(bytes: &[u8]) -> u64 {
    u64::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u64::MAX)
}
