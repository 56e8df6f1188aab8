//! Single rows by the exact splitter, out of bytes that are at hand.

use std::io::{self, Read};

use super::rows::{Row, Rows};
use super::table::Table;
use crate::limits::Limits;
use crate::window::Window;

/// Bytes given at first; each time twice as many.
const FIRST_PIECE: usize = 4096;

/// A row, or what is none.
pub(super) struct Found {
    pub(super) row: Row,
    /// Where the next row begins.
    pub(super) end: usize,
    /// What stands before here was looked at to tell that.
    pub(super) reach: usize,
}

/// Reads rows of a stretch of a file.
pub(super) struct Exact<'b> {
    bytes: &'b [u8],
    is_end: bool,
    rows: Rows<Pieces<'b>>,
}

impl<'b> Exact<'b> {
    /// `is_end`: nothing follows the bytes in the file.
    pub(super) fn new(bytes: &'b [u8], is_end: bool, table: &Table, limits: &Limits) -> Self {
        let window = Window::new(Pieces::new(&[]));
        let rows = Rows::behind_header(window, table.delimiter(), table.width(), limits);
        Self { bytes, is_end, rows }
    }

    /// The row that begins at `from`. `None` where it is not to be told without what follows the
    /// bytes.
    pub(super) fn row(&mut self, from: usize, line: u64) -> Option<Found> {
        let bytes = self.bytes.get(from..).unwrap_or_default();
        self.rows.window().restart(Pieces::new(bytes), line);
        let row = self.rows.next();
        let window = self.rows.window();
        if window.source().ran_out && !self.is_end {
            return None;
        }
        let length = |bytes_passed| usize::try_from(bytes_passed).unwrap_or(bytes.len());
        let end = from + length(window.released());
        let reach = from + length(self.rows.reach());
        Some(Found { row, end, reach })
    }

    /// The splitter, at the row read last.
    pub(super) fn rows(&self) -> &Rows<Pieces<'b>> {
        &self.rows
    }

    /// Line of the next row.
    pub(super) fn line(&self) -> u64 {
        self.rows.line()
    }
}

/// Gives out bytes in pieces, so that a short row costs little.
pub(super) struct Pieces<'b> {
    bytes: &'b [u8],
    piece: usize,
    ran_out: bool,
}

impl<'b> Pieces<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, piece: FIRST_PIECE, ran_out: false }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let length = self.piece.min(room.len()).min(self.bytes.len());
        let (piece, rest) = self.bytes.split_at_checked(length).unwrap_or_default();
        room.get_mut(..length).unwrap_or_default().copy_from_slice(piece);
        self.bytes = rest;
        self.piece *= 2;
        self.ran_out |= length == 0 && !room.is_empty();
        Ok(length)
    }
}
