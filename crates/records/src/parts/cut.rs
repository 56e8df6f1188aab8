//! Where a source may be cut.

use crate::source::{Format, is_json_name};
use crate::text::{self, Nature};

/// What a source whose first bytes these are can be cut as, and how long its byte order mark is;
/// `None` where it is to be read in one piece.
pub(super) fn beginning(start: &[u8], name: &str) -> Option<(Format, usize)> {
    let Nature::Text { utf16: None, mark } = text::nature(start) else { return None };
    let text = start.get(mark..)?;
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace() && **byte != 0x1e)?;
    match first {
        b'{' => Some((Format::Json, mark)),
        b'[' | b'<' => None,
        _ if is_json_name(name) => None,
        _ => Some((Format::Csv, mark)),
    }
}

/// The last position at which JSON texts can be parted, of those behind `searched` bytes that were
/// looked at before.
pub(super) fn last(bytes: &[u8], searched: usize) -> Option<usize> {
    // The `{` may be the first byte that was not there before.
    let from = searched.saturating_sub(1);
    memchr::memrchr_iter(b'\n', bytes.get(from..)?)
        .map(|line_break| from + line_break + 1)
        .find(|position| is_cut(bytes, *position))
}

/// The first position behind `from` at which JSON texts can be parted.
pub(super) fn first(bytes: &[u8], from: usize) -> Option<usize> {
    memchr::memchr_iter(b'\n', bytes.get(from..)?)
        .map(|line_break| from + line_break + 1)
        .find(|position| is_cut(bytes, *position))
}

/// Where the next JSON text begins behind `from` at which a text of lines could be cut: where a
/// line begins with `{` and the last one before it that is not blank ends in `}`. The end of the
/// bytes where there is none.
#[must_use]
pub fn cut_behind(bytes: &[u8], from: usize) -> usize {
    first(bytes, from).unwrap_or(bytes.len())
}

/// Whether a line begins here with `{`, and the one before, blank lines aside, ends in `}`.
fn is_cut(bytes: &[u8], position: usize) -> bool {
    if bytes.get(position) != Some(&b'{') {
        return false;
    }
    let before = bytes.get(..position).unwrap_or_default();
    let Some(line) = before.strip_suffix(b"\n") else { return false };
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    line.iter().rev().find(|byte| !blank(byte)) == Some(&b'}')
}
