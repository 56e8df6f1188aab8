//! The shape of one row, 64 bytes at a time.
//!
//! Whether a byte is within quotes is told by whether the quotes before it in the row are odd in
//! number. That is what the exact splitter finds as long as every quote that opens stands at the
//! start of a cell or doubles the one before it; a row with any other is said to be odd.

use super::bits::{BLOCK, Signs, Work, between_pairs, block, place, widest};

/// What a row looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Behind its line break.
    pub(super) end: usize,
    pub(super) cells: usize,
    /// Line breaks within quotes.
    pub(super) breaks: u64,
    /// Whether something else than a delimiter stands behind a closing quote.
    pub(super) stray_quote: bool,
    /// Whether a quote stands where none can open a cell. Then nothing else is known.
    pub(super) odd: bool,
}

/// The row that begins at `from`; `None` where its line break is not among the bytes.
pub(super) fn scan(bytes: &[u8], from: usize, delimiter: u8) -> Option<Shape> {
    widest(Row { bytes, from, delimiter, on_cells: |_, _| {} })
}

/// The same, with the end of each cell put behind `ends`.
pub(super) fn scan_cells(
    bytes: &[u8],
    from: usize,
    delimiter: u8,
    ends: &mut Vec<usize>,
) -> Option<Shape> {
    let on_cells = |at: usize, mut bits: u64| {
        while bits != 0 {
            ends.push(at + place(bits));
            bits &= bits - 1;
        }
    };
    widest(Row { bytes, from, delimiter, on_cells })
}

/// One row to be followed. What is told of cells is a position and, as bits, how far behind it
/// they end.
struct Row<'b, F> {
    bytes: &'b [u8],
    from: usize,
    delimiter: u8,
    on_cells: F,
}

impl<F: FnMut(usize, u64)> Work for Row<'_, F> {
    type Outcome = Option<Shape>;

    #[inline(always)]
    fn run(mut self, signs: impl Fn(&[u8; BLOCK], u8) -> Signs) -> Option<Shape> {
        let mut shape = Shape { end: 0, cells: 0, breaks: 0, stray_quote: false, odd: false };
        let mut at = self.from;
        // Of the byte before the block: within quotes (all bits or none), where a cell may begin,
        // a quote that closed.
        let (mut within, mut may_open, mut closed) = (0_u64, 1_u64, 0_u64);
        loop {
            let rest = self.bytes.get(at..).filter(|rest| !rest.is_empty())?;
            let found = signs(block(rest, &mut [0; BLOCK]), self.delimiter);
            let pairs = if found.quotes == 0 { 0 } else { between_pairs(found.quotes) };
            let inside = pairs ^ within;
            let ends_row = found.line_breaks & !inside;
            let ends_cell = ends_row | found.delimiters & !inside;
            // Up to and with the line break that ends the row.
            let of_row = if ends_row == 0 { u64::MAX } else { ends_row ^ (ends_row - 1) };
            let opens = found.quotes & inside;
            let closes = found.quotes & !inside;
            let begins = ends_cell | closes;
            if opens & !(begins << 1 | may_open) & of_row != 0 {
                shape.odd = true;
                return Some(shape);
            }
            let fitting = found.delimiters | found.line_breaks | found.quotes | found.returns;
            shape.stray_quote |= (closes << 1 | closed) & !fitting & of_row != 0;
            shape.breaks += u64::from((found.line_breaks & inside & of_row).count_ones());
            shape.cells += count(ends_cell & of_row);
            (self.on_cells)(at, ends_cell & of_row);
            if ends_row != 0 {
                shape.end = at + place(ends_row) + 1;
                return Some(shape);
            }
            within = if inside >> 63 == 1 { u64::MAX } else { 0 };
            (may_open, closed) = (begins >> 63, closes >> 63);
            at += BLOCK;
        }
    }
}

#[inline(always)]
fn count(bits: u64) -> usize {
    usize::try_from(bits.count_ones()).unwrap_or(usize::MAX)
}
