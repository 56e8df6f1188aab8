//! Sign-ins out of JSON texts, at the speed of memory.
//!
//! A text is looked at twice: once to find quotes, brackets and escapes ([`bits`]), once to walk
//! from key to key along a learned [`layout`]. What no measure asks for is stepped over. Whatever is
//! not as plain as that is handed back as it stands, for the exact way to read.
//!
//! For all valid JSON the answer is that of the exact way. Of what is stepped over less is checked:
//! strings end where they should and hold no control characters, brackets match and do not nest
//! too deeply, and nothing more. So a record passes here that the exact way would refuse for what
//! stands
//!
//! * between the brackets of a list or object that nothing asks for, or that stands where a text
//!   should: commas, colons, numbers, any signs outside of strings but a backslash;
//! * behind a backslash in a string that nothing asks for;
//! * in the place of a part or of a field nobody takes: a number too large for a float.
//!
//! The tests name every one of these, and what is refused all the same.

mod agree;
mod bits;
mod blocks;
mod layout;
mod unescape;
pub(crate) mod value;
mod walk;

use std::ops::Range;

use bumpalo::Bump;
use records::cut_behind;

use crate::field::Field;
use crate::json::Reading;
use crate::keys::{Key, Part};
use crate::measures::{Scope, fields};
use crate::moment::Moments;
use crate::sign_in::SignIn;
pub use agree::scanner_agrees;
use bits::Bits;
use layout::{LISTS, Layout};
use walk::Walk;

/// Reads the sign-ins of texts of one source after the other.
#[derive(Debug)]
pub(crate) struct Scanner {
    bits: Bits,
    layout: Layout,
    scratch: String,
    /// Records walked.
    records: u64,
}

/// The first records are all learned from, later ones now and then.
const FIRST_SAMPLES: u64 = 64;
const BETWEEN_SAMPLES: u64 = 512;
/// How often a text in which quotes are missing is looked at from the start; what is left of it
/// then is odd. So a text full of such records takes no more time than its length.
const TIMES_AGAIN: usize = 8;

/// What stands at one place of a text.
pub(crate) enum Found<'r, 'a> {
    /// A whole object. The answer says whether it is a sign-in and was used.
    Object(&'r mut Reading<'a>),
    /// One or more lines to read the exact way, and how many lines of the text come before them.
    Odd(Range<usize>, u64),
}

/// Fields without which nobody knows whether a record is a sign-in, or a copy of another.
const RECOGNITION: [Field; 14] = [
    Field::Id,
    Field::Category,
    Field::Table,
    Field::Operation,
    Field::UserPrincipalName,
    Field::UserId,
    Field::ServicePrincipalId,
    Field::ServicePrincipalName,
    Field::AppName,
    Field::AppId,
    Field::ClientApp,
    Field::ResultType,
    Field::ErrorCode,
    Field::ConditionalAccessStatus,
];

/// What is taken of a record.
#[derive(Debug)]
pub(crate) struct Wanted(Layout);

impl Wanted {
    /// What a scanner for the scope takes.
    pub(crate) fn of_scope(scope: Scope) -> Self {
        Self(Scanner::for_scope(scope).layout)
    }

    /// Whether anything of what a key means is taken.
    pub(crate) fn takes(&self, key: Key) -> bool {
        self.0.takes(key)
    }

    /// Forgets what is not taken, so that a record read another way shows the same.
    pub(crate) fn strip(&self, sign_in: &mut SignIn<'_>) {
        sign_in.text.retain(self.fields());
        if !self.takes(Key::Part(Part::Policies)) {
            sign_in.policies.clear();
            sign_in.requirement_providers.clear();
            sign_in.steps.clear();
        }
    }

    /// The fields that are taken, as bits.
    pub(crate) fn fields(&self) -> u64 {
        Field::ALL
            .iter()
            .filter(|field| self.takes(Key::Text(**field)))
            .fold(0, |fields, field| fields | field.bit())
    }
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new(&[], false)
    }
}

impl Scanner {
    /// A scanner that takes these fields, and the lists of policies, providers and steps if asked.
    pub(crate) fn new(fields: &[Field], lists: bool) -> Self {
        let mut wanted = if lists { LISTS } else { 0 };
        for field in fields.iter().chain(&RECOGNITION) {
            wanted |= field.bit();
        }
        Self {
            bits: Bits::default(),
            layout: Layout::new(wanted),
            scratch: String::new(),
            records: 0,
        }
    }

    /// A scanner that takes what the measures of a scope ask for.
    pub(crate) fn for_scope(scope: Scope) -> Self {
        Self::new(fields(scope), scope != Scope::Legacy)
    }

    /// Reads a text of whole lines. Gives every object to `sink`, and whatever is none or was not
    /// used. The answer is the number of line ends.
    pub(crate) fn read<'a>(
        &mut self,
        text: &'a str,
        arena: &'a Bump,
        sink: &mut impl FnMut(Found<'_, 'a>) -> bool,
    ) -> u64 {
        let bytes = text.as_bytes();
        let line_ends = self.bits.read(bytes);
        let Self { bits, layout, scratch, records } = self;
        let reading = || Reading::of_wanted(layout.wanted(), Moments::default(), arena);
        let (mut outer, mut inner) = (reading(), reading());
        let mut lines = LineEnds { bytes, counted: 0, lines: 0 };
        let (mut at, mut start) = (0, 0);
        let mut again = bytes.len().saturating_mul(TIMES_AGAIN);
        while let Some(byte) = bytes.get(at) {
            if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                at += 1;
                continue;
            }
            let base = start;
            let rest = text.get(base..).unwrap_or_default();
            *records += 1;
            let sampled = *records <= FIRST_SAMPLES || *records % BETWEEN_SAMPLES == 0;
            let mut walk = Walk::new(rest, bits, layout, &mut outer, &mut inner, scratch, sampled);
            if let Some(end) = walk.record(at - base) {
                let alone =
                    matches!(bytes.get(base + end), None | Some(b' ' | b'\t' | b'\r' | b'\n'));
                let reading = if walk.has_properties() { &mut inner } else { &mut outer };
                if alone && sink(Found::Object(reading)) {
                    at = base + end;
                    continue;
                }
            }
            let cut = cut_behind(bytes, at);
            sink(Found::Odd(at..cut, lines.before(at)));
            at = cut;
            // A quote too few turns inside out what comes after it: start afresh.
            if at < bytes.len() && bits.brackets_from(at - base).next() != Some(at - base) {
                let rest = text.get(at..).unwrap_or_default();
                if rest.len() > again {
                    sink(Found::Odd(at..bytes.len(), lines.before(at)));
                    break;
                }
                again -= rest.len();
                bits.read(rest.as_bytes());
                start = at;
            }
        }
        line_ends
    }
}

/// Counts the line ends of a text as far as it is asked.
struct LineEnds<'t> {
    bytes: &'t [u8],
    counted: usize,
    lines: u64,
}

impl LineEnds<'_> {
    /// How many there are before a position, which is none before the last one asked for.
    fn before(&mut self, at: usize) -> u64 {
        let part = self.bytes.get(self.counted..at).unwrap_or_default();
        self.lines = self.lines.saturating_add(line_ends(part));
        self.counted = at;
        self.lines
    }
}

/// Where the lines that belong together are in a text.
pub(crate) fn pieces(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        at = cut_behind(bytes, start);
        (start < bytes.len()).then_some(start..at)
    })
}

/// How many lines end in a text.
pub(crate) fn line_ends(bytes: &[u8]) -> u64 {
    u64::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
