//! Cells without their quotes.

use std::cell::{OnceCell, RefCell};
use std::ops::Range;

use super::bits::{BLOCK, Signs, Work, block, place, widest};

/// Bytes copied at a time, however few are needed: most pieces between quotes are shorter.
const STRIDE: usize = 32;

/// The text of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text<'r> {
    /// As it was written.
    Written(&'r str),
    /// To be made of what stands behind the opening quote: in it quotes are doubled, or something
    /// stands behind the closing one.
    Quoted(&'r str),
}

/// The text of a cell as it was written, with its quotes.
pub(super) fn text(raw: &str) -> Text<'_> {
    let Some(quoted) = raw.strip_prefix('"') else { return Text::Written(raw) };
    match quoted.strip_suffix('"') {
        Some(inner) if memchr::memchr(b'"', inner.as_bytes()).is_none() => Text::Written(inner),
        _ => Text::Quoted(quoted),
    }
}

/// Texts of one row that could not be used as they were written. Their room is used again.
#[derive(Debug, Default)]
pub(super) struct Copies {
    by_column: Vec<OnceCell<String>>,
    used: RefCell<Vec<usize>>,
    free: RefCell<Vec<String>>,
}

impl Copies {
    /// Makes ready for a row of so many cells.
    pub(super) fn begin(&mut self, count: usize) {
        for column in self.used.get_mut().drain(..) {
            let text = self.by_column.get_mut(column).and_then(OnceCell::take);
            self.free.get_mut().extend(text);
        }
        if self.by_column.len() < count {
            self.by_column.resize_with(count, OnceCell::new);
        }
    }

    /// The text of a column's cell, of what stands behind its opening quote.
    pub(super) fn text(&self, column: usize, quoted: &str) -> Option<&str> {
        let text = self.by_column.get(column)?.get_or_init(|| {
            self.used.borrow_mut().push(column);
            let room = self.free.borrow_mut().pop().unwrap_or_default();
            unquoted(quoted, room)
        });
        Some(text)
    }
}

/// The text of what stands behind an opening quote: of two quotes one is left, and behind the
/// closing quote all is taken as it is.
pub(super) fn unquoted(quoted: &str, room: String) -> String {
    let mut text = room.into_bytes();
    text.resize(quoted.len() + STRIDE, 0);
    let length = widest(Unquoting { quoted: quoted.as_bytes(), text: &mut text });
    text.truncate(length);
    // What was left out of the text were whole characters, so that it is one still.
    String::from_utf8(text).unwrap_or_default()
}

struct Unquoting<'q> {
    quoted: &'q [u8],
    text: &'q mut [u8],
}

impl Work for Unquoting<'_> {
    /// Bytes of the text.
    type Outcome = usize;

    #[inline(always)]
    fn run(self, signs: impl Fn(&[u8; BLOCK], u8) -> Signs) -> usize {
        let Self { quoted, text } = self;
        let (mut taken, mut length, mut at) = (0, 0, 0);
        while let Some(rest) = quoted.get(at..).filter(|rest| !rest.is_empty()) {
            let mut quotes = signs(block(rest, &mut [0; BLOCK]), b'"').quotes;
            while quotes != 0 {
                let quote = at + place(quotes);
                quotes &= quotes - 1;
                // The second of two.
                if quote < taken {
                    continue;
                }
                if quoted.get(quote + 1) != Some(&b'"') {
                    length += put(text, length, quoted, taken..quote);
                    return length + put(text, length, quoted, quote + 1..quoted.len());
                }
                length += put(text, length, quoted, taken..quote + 1);
                taken = quote + 2;
            }
            at += BLOCK;
        }
        length + put(text, length, quoted, taken..quoted.len())
    }
}

/// Puts a piece of the one at a place in the other. Its length.
#[inline(always)]
fn put(text: &mut [u8], at: usize, quoted: &[u8], piece: Range<usize>) -> usize {
    let length = piece.len();
    let from = quoted.get(piece.start..).unwrap_or_default();
    let to = text.get_mut(at..).unwrap_or_default();
    match (to.first_chunk_mut::<STRIDE>(), from.first_chunk::<STRIDE>()) {
        (Some(to), Some(from)) if length <= STRIDE => *to = *from,
        _ => {
            if let (Some(to), Some(from)) = (to.get_mut(..length), from.get(..length)) {
                to.copy_from_slice(from);
            }
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Copies, Text, text, unquoted};

    #[test]
    fn only_what_cannot_be_lent_is_copied() {
        for (raw, expected) in [
            ("", Text::Written("")),
            ("a", Text::Written("a")),
            ("\"\"", Text::Written("")),
            ("\"a,b\"", Text::Written("a,b")),
            ("\"a\"\"b\"", Text::Quoted("a\"\"b\"")),
            ("\"a\"b", Text::Quoted("a\"b")),
        ] {
            assert_eq!(text(raw), expected, "{raw}");
        }
    }

    #[test]
    fn copies_are_let_go_with_their_row() {
        let mut copies = Copies::default();
        for round in 0..3 {
            copies.begin(2);
            let quoted = format!("{round}\"\"\"");
            assert_eq!(copies.text(1, &quoted), Some(format!("{round}\"").as_str()));
            assert_eq!(copies.text(1, "not looked at again"), copies.text(1, &quoted));
            assert_eq!(copies.text(0, "x\"y"), Some("xy"));
            assert_eq!(copies.text(2, "x\""), None);
        }
        assert_eq!(copies.by_column.len(), 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 512,
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(63),
            ..ProptestConfig::default()
        })]

        #[test]
        fn doubled_quotes_come_back_single(
            cell in "([a-z\u{e9}\u{1f600},\n\"]|\"\"|[a-z]{30}){0,40}",
            behind in "[a-z]{0,40}",
        ) {
            let quoted = format!("{}\"{behind}", cell.replace('"', "\"\""));
            prop_assert_eq!(unquoted(&quoted, "old".repeat(99)), format!("{cell}{behind}"));
        }
    }
}
