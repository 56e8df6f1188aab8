//! The scanner beside the exact way, for the tests and the fuzz target.

use bumpalo::Bump;
use records::time::DateOrder;

use super::{Found, Scanner};
use crate::field::Field;
use crate::json::Reading;

/// What was found from one place of a text to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// The bytes of it.
    pub text: &'a str,
    /// Line ends before it.
    pub lines: u64,
    /// Whether it is an object, or was left to the exact way.
    pub is_object: bool,
    end: usize,
    /// Line ends before the end.
    end_lines: u64,
}

/// Reads texts one after the other, by one scanner that takes everything, and says where it does
/// not tell what the exact way tells.
///
/// # Errors
/// When a record that both accept is read differently, or the pieces of a text are not the text.
pub fn scanner_agrees(texts: &[&str]) -> Result<(), String> {
    let mut scanner = Scanner::new(Field::ALL, true);
    for text in texts {
        let arena = Bump::new();
        pieces(&mut scanner, text, &arena, &mut |object, found| {
            let mut exact = Reading::new(DateOrder::default(), &arena);
            match exact.read(object.as_bytes()) {
                Ok(()) => same(object, found, &exact),
                Err(_) => Ok(()),
            }
        })?;
    }
    Ok(())
}

/// Everything that one record tells in both ways.
pub(super) fn same(object: &str, found: &Reading<'_>, exact: &Reading<'_>) -> Result<(), String> {
    let agree = found.sign_in == exact.sign_in
        && found.foreign == exact.foreign
        && found.has_result == exact.has_result;
    if agree {
        return Ok(());
    }
    Err(format!("{object}\nis read as\n{found:?}\ninstead of\n{exact:?}"))
}

/// The pieces of a text, in order; `each` is shown every object and what was read of it.
///
/// # Errors
/// When the pieces overlap, leave anything out, end where they should not or name a wrong line;
/// and whatever `each` says.
pub(super) fn pieces<'a>(
    scanner: &mut Scanner,
    text: &'a str,
    arena: &'a Bump,
    each: &mut impl FnMut(&'a str, &Reading<'a>) -> Result<(), String>,
) -> Result<Vec<Piece<'a>>, String> {
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    let mut fault = None;
    let lines = scanner.read(text, arena, &mut |found| {
        if fault.is_none() {
            let from = pieces.last().map_or((0, 0), |piece| (piece.end, piece.end_lines));
            match piece(text, from, &found) {
                Ok(piece) => {
                    if let Found::Object(reading) = &found {
                        fault = each(piece.text, reading).err();
                    }
                    pieces.push(piece);
                }
                Err(reason) => fault = Some(reason),
            }
        }
        true
    });
    if let Some(fault) = fault {
        return Err(fault);
    }
    let (from, from_lines) = pieces.last().map_or((0, 0), |piece| (piece.end, piece.end_lines));
    if behind_blanks(text, from) != text.len() {
        return Err(format!("nothing is told from {from} on: {text}"));
    }
    if lines != from_lines + line_ends(text.get(from..).unwrap_or_default()) {
        return Err(format!("{lines} line ends: {text}"));
    }
    Ok(pieces)
}

/// The piece that begins behind the blanks at a position.
fn piece<'a>(
    text: &'a str,
    (from, from_lines): (usize, u64),
    found: &Found<'_, '_>,
) -> Result<Piece<'a>, String> {
    let start = behind_blanks(text, from);
    let lines = from_lines + line_ends(text.get(from..start).unwrap_or_default());
    let rest = text.get(start..).unwrap_or_default();
    let length = match found {
        Found::Object(_) => object_length(rest),
        Found::Odd(range, _) => range.end.checked_sub(start),
    };
    let cut = |length| text.get(start..start + length).filter(|it| !it.is_empty());
    let piece = length
        .and_then(cut)
        .ok_or_else(|| format!("nothing that can be told begins at {start}: {text}"))?;
    let (end, end_lines) = (start + piece.len(), lines + line_ends(piece));
    if let Found::Odd(range, named) = found {
        let ends_lines = end == text.len()
            || (piece.ends_with('\n') && text.get(end..).is_some_and(|it| it.starts_with('{')));
        if *range != (start..end) || *named != lines || !ends_lines {
            return Err(format!("odd lines {named} at {start}: {range:?}\nof: {text}"));
        }
    }
    Ok(Piece { text: piece, lines, is_object: matches!(found, Found::Object(_)), end, end_lines })
}

fn behind_blanks(text: &str, from: usize) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    from + blanks.count()
}

fn line_ends(text: &str) -> u64 {
    text.bytes().map(|byte| u64::from(byte == b'\n')).sum()
}

/// The length of the object that begins a text, byte by byte.
fn object_length(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        let is_escaped = std::mem::take(&mut escaped);
        match byte {
            b'"' if !is_escaped => in_string = !in_string,
            b'\\' => escaped = !is_escaped,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}
