//! One record, from key to key.

use bumpalo::Bump;

use super::bits::Bits;
use super::layout::{Act, Context, Found, Layout, Place};
use super::unescape::unescape;
use super::value::{Scalar, scalar};
use crate::field::Field;
use crate::json::{Reading, told};
use crate::keys::{Key, Part};
use crate::sign_in::{AppliedPolicy, Step};

/// With a bit for each level above the first, deepest nesting stepped over: sixty. What is deeper
/// is left to the exact way.
const DEEPEST: u64 = (1 << 61) - 2;

/// A walk through one record of a text. Every step answers `None` where the record is not as plain
/// as the walk can take.
pub(super) struct Walk<'w, 'a> {
    text: &'a str,
    bits: &'w Bits,
    layout: &'w mut Layout,
    outer: &'w mut Reading<'a>,
    inner: &'w mut Reading<'a>,
    scratch: &'w mut String,
    arena: &'a Bump,
    /// Inside of the properties of an envelope.
    in_properties: bool,
    has_properties: bool,
    /// Texts of the element being read.
    items: [Option<&'a str>; 5],
    /// The layout learns from this record, whether or not it does as expected.
    sampled: bool,
}

/// A value without parts, as text.
enum Plain<'a> {
    /// It is a list, an object or `null`.
    Nothing,
    Text(&'a str),
}

impl<'w, 'a> Walk<'w, 'a> {
    pub(super) fn new(
        text: &'a str,
        bits: &'w Bits,
        layout: &'w mut Layout,
        outer: &'w mut Reading<'a>,
        inner: &'w mut Reading<'a>,
        scratch: &'w mut String,
        sampled: bool,
    ) -> Self {
        let arena = outer.arena();
        outer.clear();
        Self {
            text,
            bits,
            layout,
            outer,
            inner,
            scratch,
            arena,
            in_properties: false,
            has_properties: false,
            items: [None; 5],
            sampled,
        }
    }

    /// Reads the object that begins at a position; the answer is the position behind it. What it
    /// shows is then in `inner` if it has properties, else in `outer`.
    pub(super) fn record(&mut self, at: usize) -> Option<usize> {
        if self.byte(at)? != b'{' {
            return None;
        }
        let end = self.object(Context::Record, at + 1)?;
        if self.bits.has_fault(at, end) {
            return None;
        }
        if self.has_properties {
            self.inner.surround(self.outer);
        }
        Some(end)
    }

    /// Whether the record read last is an envelope around properties.
    pub(super) fn has_properties(&self) -> bool {
        self.has_properties
    }

    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    #[inline]
    fn target(&mut self) -> &mut Reading<'a> {
        if self.in_properties { self.inner } else { self.outer }
    }

    /// An object, from behind its bracket to behind its other one.
    fn object(&mut self, context: Context, at: usize) -> Option<usize> {
        if self.sampled {
            self.object_of::<true>(context, at)
        } else {
            self.object_of::<false>(context, at)
        }
    }

    fn object_of<const SAMPLED: bool>(&mut self, context: Context, mut at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut place = context.start();
        let mut last = None;
        loop {
            if SAMPLED {
                self.layout.weigh(place, bytes, self.bits, at);
            }
            let found = match self.layout.expected(place, bytes, self.bits, at) {
                Some(found) => found,
                None => self.unexpected(context, place, at)?,
            };
            if SAMPLED {
                if let Some((before, value_start)) = last {
                    let value = bytes.get(value_start..at).unwrap_or_default();
                    self.layout.sample(before, place, value, found.place);
                }
                last = Some((place, at + found.length));
            }
            if found.captures {
                self.capture(found.place, at)?;
            }
            at += found.length;
            place = found.place;
            at = match found.act {
                Act::End => return Some(at),
                Act::Skip => self.skip(at)?,
                Act::Field(field) => self.field(field, at)?,
                act => self.value(act, at)?,
            };
        }
    }

    /// Takes the values inside of the stretch that begins at a position.
    #[inline]
    fn capture(&mut self, place: Place, at: usize) -> Option<()> {
        let Self { text, layout, outer, inner, items, in_properties, .. } = self;
        let target = if *in_properties { inner } else { outer };
        for capture in layout.captures(place) {
            let start = at + capture.start;
            take_text(target, items, capture.act, text.get(start..start + capture.length)?);
        }
        Some(())
    }

    /// A value whose text is wanted.
    #[inline]
    fn field(&mut self, field: Field, at: usize) -> Option<usize> {
        let (plain, end) = self.plain(at)?;
        if let Plain::Text(text) = plain {
            self.target().set(field, text);
        }
        Some(end)
    }

    /// A value that is wanted and not only its text.
    fn value(&mut self, act: Act, at: usize) -> Option<usize> {
        match act {
            Act::Envelope if self.byte(at)? == b'[' => return None,
            Act::End | Act::Skip | Act::Envelope => return self.skip(at),
            Act::Take(Key::Part(part)) => return self.part(part, at),
            Act::Take(Key::Foreign) => {
                self.outer.foreign = true;
                return self.skip(at);
            }
            Act::Take(_) | Act::Field(_) | Act::Item(_) => {}
        }
        let (plain, end) = self.plain(at)?;
        if let Plain::Text(text) = plain {
            let target = if self.in_properties { &mut *self.inner } else { &mut *self.outer };
            take_text(target, &mut self.items, act, text);
        }
        Some(end)
    }

    /// Reads the next key, or the end of the object, sign by sign, and learns it.
    #[cold]
    fn unexpected(&mut self, context: Context, place: Place, from: usize) -> Option<Found> {
        let first = place == context.start();
        let mut at = self.blanks(from);
        let mut name = None;
        if self.byte(at)? == b'}' {
            at += 1;
        } else {
            if !first {
                at = self.sign(at, b',')?;
                at = self.blanks(at);
            }
            let start = self.sign(at, b'"')?;
            let end = self.bits.end_of_plain(start, self.text.as_bytes())?;
            name = Some(self.text.get(start..end)?);
            at = self.blanks(end + 1);
            at = self.sign(at, b':')?;
            at = self.blanks(at);
        }
        let stretch = self.text.as_bytes().get(from..at)?;
        Some(self.layout.learn(context, place, stretch, name))
    }

    fn sign(&self, at: usize, sign: u8) -> Option<usize> {
        (self.byte(at)? == sign).then_some(at + 1)
    }

    #[inline]
    fn blanks(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            at += 1;
        }
        at
    }

    /// Steps over a value.
    #[inline]
    fn skip(&self, at: usize) -> Option<usize> {
        match self.byte(at)? {
            b'"' => Some(self.bits.quote_from(at + 1)? + 1),
            b'{' | b'[' => self.skip_brackets(at),
            _ => {
                let end = self.word_end(at);
                scalar(self.text.as_bytes().get(at..end)?)?;
                Some(end)
            }
        }
    }

    /// Steps over an object or list.
    fn skip_brackets(&self, at: usize) -> Option<usize> {
        // Below a one, a bit for each bracket that is open, the last one lowest: which kind. Which
        // bracket comes next is anybody's guess, so nothing here depends on a guess but the end.
        let (mut kinds, mut unlike) = (1_u64, 0);
        for position in self.bits.brackets_from(at) {
            let bracket = self.byte(position)?;
            let kind = u64::from(bracket >> 5 & 1);
            let closes = u64::from(bracket >> 1 & 1) ^ 1;
            unlike |= (kinds ^ kind) & closes;
            kinds = if closes == 0 { kinds << 1 | kind } else { kinds >> 1 };
            if kinds.wrapping_sub(2) >= DEEPEST {
                return (kinds == 1 && unlike == 0).then_some(position + 1);
            }
        }
        None
    }

    /// The end of a number, `true`, `false` or `null`.
    #[inline]
    fn word_end(&self, mut at: usize) -> usize {
        let ends = |byte: u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
        while self.byte(at).is_some_and(|byte| !ends(byte)) {
            at += 1;
        }
        at
    }

    /// A value as text, and the position behind it.
    #[inline]
    fn plain(&mut self, at: usize) -> Option<(Plain<'a>, usize)> {
        match self.byte(at)? {
            b'"' => {
                let (text, end) = self.string(at)?;
                Some((Plain::Text(text), end))
            }
            b'{' | b'[' => Some((Plain::Nothing, self.skip_brackets(at)?)),
            _ => {
                let end = self.word_end(at);
                let word = self.text.get(at..end)?;
                match scalar(word.as_bytes())? {
                    Scalar::Null => Some((Plain::Nothing, end)),
                    Scalar::Text => Some((Plain::Text(word), end)),
                    Scalar::Number => None,
                }
            }
        }
    }

    /// A string, and the position behind it.
    #[inline]
    fn string(&mut self, at: usize) -> Option<(&'a str, usize)> {
        let start = at + 1;
        if let Some(end) = self.bits.end_of_plain(start, self.text.as_bytes()) {
            return Some((self.text.get(start..end)?, end + 1));
        }
        self.escaped(start)
    }

    /// The same with escapes, from behind the first quote.
    fn escaped(&mut self, start: usize) -> Option<(&'a str, usize)> {
        let end = self.bits.quote_from(start)?;
        unescape(self.text.get(start..end)?, self.scratch)?;
        Some((self.arena.alloc_str(self.scratch), end + 1))
    }

    /// A part: an object, a list, or text.
    fn part(&mut self, part: Part, at: usize) -> Option<usize> {
        match (self.byte(at)?, part) {
            (b'{', Part::Properties) => {
                self.inner.clear();
                (self.in_properties, self.has_properties) = (true, true);
                let end = self.object(Context::Properties, at + 1);
                self.in_properties = false;
                end
            }
            (b'{', Part::Status | Part::Device | Part::Location | Part::Mfa) => {
                self.target().has_result |= part == Part::Status;
                self.object(Context::Part(part), at + 1)
            }
            (b'[', Part::Policies | Part::Providers | Part::Steps) => self.list(part, at + 1),
            (b'[', Part::EventTypes) => self.event_types(at + 1),
            (b'[', Part::Contexts | Part::Audiences) => {
                let end = self.skip_brackets(at)?;
                let list = self.text.get(at..end)?;
                self.target().take_ids(part, list)?;
                Some(end)
            }
            (
                b'{',
                Part::Policies | Part::Providers | Part::Steps | Part::Contexts | Part::Audiences,
            ) => None,
            (b'{' | b'[', _) => self.skip_brackets(at),
            (b'"', Part::Properties) => None,
            (b'"', _) => {
                let (text, end) = self.string(at)?;
                self.target().take_part(part, text);
                Some(end)
            }
            _ => self.skip(at),
        }
    }

    /// A list of policies, providers or steps, from behind its bracket to behind its other one.
    fn list(&mut self, part: Part, at: usize) -> Option<usize> {
        let mut at = self.blanks(at);
        if self.byte(at)? == b']' {
            return Some(at + 1);
        }
        let before = self.lengths();
        loop {
            at = self.sign(at, b'{')?;
            self.items = [None; 5];
            at = self.object(Context::Element(part), at)?;
            self.keep_element(part);
            at = self.blanks(at);
            match self.byte(at)? {
                b',' => at = self.blanks(at + 1),
                b']' => break,
                _ => return None,
            }
        }
        self.replace(before);
        Some(at + 1)
    }

    fn lengths(&mut self) -> [usize; 3] {
        let sign_in = &self.target().sign_in;
        [sign_in.policies.len(), sign_in.requirement_providers.len(), sign_in.steps.len()]
    }

    /// A later list takes the place of an earlier one of the same meaning, unless it is empty.
    fn replace(&mut self, [policies, providers, steps]: [usize; 3]) {
        let sign_in = &mut self.target().sign_in;
        if sign_in.policies.len() > policies {
            sign_in.policies.drain(..policies);
        }
        if sign_in.requirement_providers.len() > providers {
            sign_in.requirement_providers.drain(..providers);
        }
        if sign_in.steps.len() > steps {
            sign_in.steps.drain(..steps);
        }
    }

    fn keep_element(&mut self, part: Part) {
        let [first, second, third, fourth, fifth] = self.items;
        let sign_in = &mut self.target().sign_in;
        match part {
            Part::Policies => {
                sign_in.policies.push(AppliedPolicy { id: first, name: second, result: third });
            }
            Part::Providers => sign_in.requirement_providers.extend(first),
            _ => sign_in.steps.push(Step {
                method: first,
                method_detail: second,
                result_detail: third,
                requirement: fourth,
                succeeded: fifth,
            }),
        }
    }

    /// The list of event types, as one text.
    fn event_types(&mut self, at: usize) -> Option<usize> {
        let mut at = self.blanks(at);
        if self.byte(at)? == b']' {
            self.target().set(Field::EventTypes, "");
            return Some(at + 1);
        }
        let mut names: Option<&'a str> = None;
        loop {
            let (plain, end) = self.plain(at)?;
            if let Plain::Text(text) = plain {
                names = Some(match names {
                    None => text,
                    Some(names) => {
                        self.scratch.clear();
                        self.scratch.extend([names, ",", text]);
                        self.arena.alloc_str(self.scratch)
                    }
                });
            }
            at = self.blanks(end);
            match self.byte(at)? {
                b',' => at = self.blanks(at + 1),
                b']' => break,
                _ => return None,
            }
        }
        self.target().set(Field::EventTypes, names.unwrap_or_default());
        Some(at + 1)
    }
}

/// Takes the text of a value.
#[inline]
fn take_text<'a>(
    target: &mut Reading<'a>,
    items: &mut [Option<&'a str>; 5],
    act: Act,
    text: &'a str,
) {
    match act {
        Act::Field(field) => target.set(field, text),
        Act::Take(key) => target.take(key, text),
        Act::Item(item) => {
            if let (Some(slot), Some(text)) = (items.get_mut(usize::from(item)), told(text)) {
                *slot = Some(text);
            }
        }
        Act::End | Act::Skip | Act::Envelope => {}
    }
}
