//! Finding the next record after damage.

use std::io::Read;

use super::nesting::{Nesting, Step};
use crate::window::Window;

/// Bytes before a `{` looked at to see what stands before it.
const LOOK_BACK: usize = 256;
/// Bytes behind a `{` looked at for its first two keys.
const LOOK_AHEAD: usize = 1024;

/// What the records around the damage look like.
#[derive(Debug, Clone, Default)]
pub(super) struct Landmark {
    any_line: bool,
    /// Blanks before the damaged record, where it began its line.
    indentation: Option<usize>,
    /// The first two keys of the records of this list.
    opening: Option<Vec<u8>>,
}

/// What was found; the window is at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A record of the same list.
    Element,
    /// An object that is no part of the list.
    Top,
    /// The end of the stream.
    Nothing,
}

impl Landmark {
    /// Of a record that stands behind so many blanks on its line, if it is the first there.
    pub(super) fn of_record(indentation: Option<usize>, opening: Option<Vec<u8>>) -> Self {
        Self { any_line: false, indentation, opening }
    }

    /// Where nothing is known: any line that begins with an object will do.
    pub(super) fn any_line() -> Self {
        Self { any_line: true, indentation: None, opening: None }
    }

    /// Remembers what records begin with, from the first one that shows it.
    pub(super) fn learn(&mut self, record: &[u8], nesting: &Nesting) {
        if self.opening.is_none() {
            self.opening = opening(record, nesting);
        }
    }

    pub(super) fn take_opening(&mut self) -> Option<Vec<u8>> {
        self.opening.take()
    }

    /// Whether a line within a record too long looks like the start of the next.
    pub(super) fn begins_in(&self, kept: &[u8]) -> bool {
        self.indentation.is_some()
            && memchr::memchr_iter(b'{', kept)
                .skip(1)
                .any(|place| self.judge(kept, place, None).is_some())
    }

    /// Whether the list plainly goes on behind a record that was found after damage.
    pub(super) fn goes_on<R: Read>(&self, window: &mut Window<R>) -> bool {
        if self.indentation.is_some() {
            return true;
        }
        let mut at = 0;
        let mut comma = false;
        loop {
            match window.byte(at) {
                Some(b',') if !comma => comma = true,
                Some(b'{') if comma => {
                    window.keep_ahead(at + LOOK_AHEAD);
                    return self.opens(window.kept(), at);
                }
                Some(byte) if byte.is_ascii_whitespace() && at < LOOK_BACK => {}
                _ => return false,
            }
            at += 1;
        }
    }

    /// What the `{` at `place` begins. `indentation` is that of the first byte kept.
    fn judge(&self, kept: &[u8], place: usize, indentation: Option<usize>) -> Option<Found> {
        let before = kept.get(..place).unwrap_or_default();
        let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let begins_line = match before.iter().rev().nth(blanks) {
            Some(b'\n') => Some(blanks),
            Some(_) => None,
            None => indentation.map(|more| more + blanks),
        };
        if self.any_line {
            return begins_line.map(|_| Found::Element);
        }
        if begins_line.is_some() && begins_line == self.indentation {
            let envelope = begins_line == Some(0) && begins_envelope(kept, place);
            return Some(if envelope { Found::Top } else { Found::Element });
        }
        if self.indentation.is_none() && is_joined(before) && self.opens(kept, place) {
            return Some(Found::Element);
        }
        (begins_line == Some(0)).then_some(Found::Top)
    }

    /// Whether the object at `place` begins with the keys that records of this list begin with.
    fn opens(&self, kept: &[u8], place: usize) -> bool {
        let object = kept.get(place..).unwrap_or_default();
        self.opening.is_none() || self.opening == opening_of(object)
    }
}

/// To the next record, from a position in the window on. The window is at it afterwards.
pub(super) fn find<R: Read>(window: &mut Window<R>, landmark: &Landmark, from: usize) -> Found {
    let mut at = from;
    loop {
        let rest = window.kept().get(at..).unwrap_or_default();
        let Some(offset) = memchr::memchr(b'{', rest) else {
            window.release(window.kept().len().saturating_sub(LOOK_BACK));
            at = window.kept().len();
            if !window.more() {
                window.release(at);
                return Found::Nothing;
            }
            continue;
        };
        let surplus = (at + offset).saturating_sub(LOOK_BACK);
        window.release(surplus);
        let place = at + offset - surplus;
        window.keep_ahead(place + LOOK_AHEAD);
        if let Some(found) = landmark.judge(window.kept(), place, window.indentation()) {
            window.release(place);
            return found;
        }
        at = place + 1;
    }
}

/// Behind `},` or `}`.
fn is_joined(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let before = before.strip_suffix(b",").map_or(before, <[u8]>::trim_ascii_end);
    before.ends_with(b"}")
}

fn begins_envelope(kept: &[u8], place: usize) -> bool {
    let object = kept.get(place..).unwrap_or_default();
    let mut nesting = Nesting::object(false);
    nesting.follow(object.get(..LOOK_AHEAD).unwrap_or(object), &mut 1);
    let key = nesting.keys().0.and_then(|range| object.get(range)).unwrap_or_default();
    [b"value".as_slice(), b"records", b"@odata.context"]
        .iter()
        .any(|name| key.eq_ignore_ascii_case(name))
}

fn opening_of(object: &[u8]) -> Option<Vec<u8>> {
    let mut nesting = Nesting::object(false);
    let step = nesting.follow(object.get(..LOOK_AHEAD).unwrap_or(object), &mut 1);
    if matches!(step, Step::Damaged(_)) && nesting.keys().0.is_none() {
        return None;
    }
    opening(object, &nesting)
}

/// The first two keys, one behind the other.
fn opening(record: &[u8], nesting: &Nesting) -> Option<Vec<u8>> {
    let (first, second) = nesting.keys();
    let first = record.get(first?)?;
    let second = second.and_then(|range| record.get(range)).unwrap_or_default();
    if first.len() + second.len() > LOOK_AHEAD / 2 {
        return None;
    }
    Some([first, b"\"", second].concat())
}
