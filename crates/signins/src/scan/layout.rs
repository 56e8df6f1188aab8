//! What a source's records look like: which key follows which, with what between them.
//!
//! A writer puts the same keys in the same order with the same white space into record after
//! record. The layout learns that from the records themselves: for each key the bytes from the
//! value before it up to its own value (a *stretch*), and the stretches that came next. A record
//! that does as expected costs one comparison for each key; one that does not is read key by key
//! and learned. So no order of keys and no way to write white space is slower than another.
//!
//! Many values have the same length in record after record: ids, times, words that never change.
//! Two stretches with such a value between them are joined to one, so that a run of them costs one
//! comparison. Of the value's own bytes it is only asked that none is a quote or a backslash: then it
//! is a string that ends where it is expected to end.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use super::bits::Bits;
use super::blocks::{Block, begins_with, blocks};
use crate::field::Field;
use crate::keys::{Key, Part, key, part_key};

/// Longest stretch that is learned, in bytes. A longer one is read anew each time.
const LONGEST: usize = 384;
/// Most stretches learned. A log whose records share no keys is not worth more.
const MOST: usize = 8192;
/// Stretches that are tried behind one another.
const TRIED: usize = 6;
/// Most fields inside of one stretch.
const MOST_CAPTURES: usize = 12;
/// Longest value that is joined.
const LONGEST_VALUE: usize = 64;
/// How often in a row a value must have the same length to be joined.
const OFTEN: u8 = 4;

/// What kind of object the keys belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Context {
    /// The record itself.
    Record,
    /// `properties` of the diagnostic envelope.
    Properties,
    /// A part with keys of its own: status, device, location, multifactor authentication.
    Part(Part),
    /// An element of the list that is this part.
    Element(Part),
}

/// What to do with the value behind a stretch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Act {
    /// There is none: the object ends.
    #[default]
    End,
    /// Nothing needs it.
    Skip,
    /// It would make the record a page or envelope of others, if it is a list.
    Envelope,
    /// It is this of the record, and its text is not all there is to it.
    Take(Key),
    /// It is this text of the record or of a part.
    Field(Field),
    /// It is this text of an element.
    Item(u8),
}

/// One stretch: from behind a value (or an opening bracket) to the next value (or behind the
/// closing bracket).
#[derive(Debug, Clone, Default)]
struct Stretch {
    blocks: Box<[Block]>,
    /// How many bytes it has.
    length: usize,
    /// The values inside that may be any.
    values: Box<[Value]>,
    /// The values inside that are wanted.
    captures: Box<[Capture]>,
    act: Act,
    /// Numbers of the stretches that came next, the likeliest first; 0 where there is none.
    next: [u16; TRIED],
    /// Of sampled records, those in which it was expected and there, and not there.
    hits: u16,
    misses: u16,
}

/// A string inside of a joined stretch that may be another one of the same length, without its quotes.
#[derive(Debug, Clone, Copy)]
struct Value {
    /// Where it begins in the stretch.
    start: usize,
    length: u8,
}

/// A value of a joined stretch that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Capture {
    /// Where it begins in the stretch.
    pub start: usize,
    pub length: usize,
    pub act: Act,
}

/// Where in a record the reading is: behind which stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place(u16);

/// What was found at a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// The place behind it.
    pub place: Place,
    /// What to do with the value.
    pub act: Act,
    /// Bytes up to the value.
    pub length: usize,
    /// It holds values that are wanted.
    pub captures: bool,
}

/// Two stretches that came one after the other, and the value between them.
#[derive(Debug)]
struct Pair {
    value: Box<[u8]>,
    /// How often in a row the value had this length, and was this very value.
    same_length: u8,
    same: u8,
    joined: bool,
}

/// The stretches of a source, and what comes after what.
#[derive(Debug)]
pub(super) struct Layout {
    stretches: Vec<Stretch>,
    known: HashMap<(Context, Box<[u8]>), u16, FixedState>,
    pairs: HashMap<(Place, Place, Place), Pair, FixedState>,
    wanted: u64,
}

impl Layout {
    /// Nothing learned; of the fields, those in the set are taken.
    pub(super) fn new(wanted: u64) -> Self {
        Self {
            stretches: vec![Stretch::nowhere(); FIRST_FREE],
            known: HashMap::default(),
            pairs: HashMap::default(),
            wanted,
        }
    }

    /// The set of what is taken, as bits of fields.
    pub(super) fn wanted(&self) -> u64 {
        self.wanted
    }

    /// What stands at a position, if it is what came next before.
    #[inline(always)]
    pub(super) fn expected(
        &self,
        place: Place,
        bytes: &[u8],
        bits: &Bits,
        at: usize,
    ) -> Option<Found> {
        let before = self.stretches.get(usize::from(place.0))?;
        let [first, others @ ..] = &before.next;
        match self.there(*first, bytes, bits, at) {
            Some(found) => Some(found),
            None => self.any_of(others, bytes, bits, at),
        }
    }

    #[inline(never)]
    fn any_of(&self, numbers: &[u16], bytes: &[u8], bits: &Bits, at: usize) -> Option<Found> {
        numbers.iter().find_map(|number| self.there(*number, bytes, bits, at))
    }

    /// What stands at a position, if it is this stretch.
    #[inline(always)]
    fn there(&self, number: u16, bytes: &[u8], bits: &Bits, at: usize) -> Option<Found> {
        let stretch = self.stretches.get(usize::from(number))?;
        if !stretch.is_at(bytes, bits, at) {
            return None;
        }
        let Stretch { act, length, captures, .. } = stretch;
        // A blank before the value: that stretch is longer than this one.
        let behind = bytes.get(at + length);
        let is_whole = *act == Act::End || behind.is_some_and(|it| *it > b' ');
        let captures = !captures.is_empty();
        let found = Found { place: Place(number), act: *act, length: *length, captures };
        is_whole.then_some(found)
    }

    /// The values inside of the stretch before a place.
    #[inline]
    pub(super) fn captures(&self, place: Place) -> &[Capture] {
        self.stretches.get(usize::from(place.0)).map_or(&[], |stretch| &stretch.captures)
    }

    /// Learns that this stretch came behind a place.
    pub(super) fn learn(
        &mut self,
        context: Context,
        place: Place,
        stretch: &[u8],
        name: Option<&str>,
    ) -> Found {
        let length = stretch.len();
        let known = self.known.get(&(context, stretch.into())).copied();
        let number = known.or_else(|| self.add(context, stretch, name));
        let act = self.act(context, name);
        let found = |place| Found { place, act, length, captures: false };
        let Some(number) = number else { return found(context.anywhere()) };
        self.put_first(place, number, None);
        found(Place(number))
    }

    fn add(&mut self, context: Context, stretch: &[u8], name: Option<&str>) -> Option<u16> {
        if stretch.len() > LONGEST || self.stretches.len() >= MOST {
            return None;
        }
        let number = u16::try_from(self.stretches.len()).ok()?;
        let act = self.act(context, name);
        let blocks = blocks(stretch, &vec![0xff; stretch.len()]);
        let length = stretch.len();
        self.stretches.push(Stretch { blocks, length, act, ..Stretch::default() });
        self.known.insert((context, stretch.into()), number);
        Some(number)
    }

    /// Makes a stretch the one tried first behind a place, or the one tried just before another.
    fn put_first(&mut self, place: Place, number: u16, before: Option<u16>) {
        let Some(stretch) = self.stretches.get_mut(usize::from(place.0)) else { return };
        let next = &mut stretch.next;
        let to = before.and_then(|it| next.iter().position(|number| *number == it)).unwrap_or(0);
        // The last one tried makes room, or moves if this is it.
        let from = next.iter().position(|it| *it == number).unwrap_or(TRIED - 1).max(to);
        if let Some(moved) = next.get_mut(to..=from) {
            moved.rotate_right(1);
            if let Some(first) = moved.first_mut() {
                *first = number;
            }
        }
    }

    /// Takes note, in a sampled record, of two stretches with a value between them, and joins them
    /// when the value keeps its length. `before` is the place before the first.
    pub(super) fn sample(&mut self, before: Place, first: Place, value: &[u8], second: Place) {
        if value.len() > LONGEST_VALUE + 2 || value.contains(&b'\\') {
            return;
        }
        let full = self.pairs.len() >= MOST;
        let pair = match self.pairs.entry((before, first, second)) {
            Entry::Occupied(pair) => pair.into_mut(),
            Entry::Vacant(_) if full => return,
            Entry::Vacant(place) => {
                place.insert(Pair { value: value.into(), same_length: 0, same: 0, joined: false })
            }
        };
        pair.same = if *pair.value == *value { pair.same.saturating_add(1) } else { 0 };
        pair.same_length =
            if pair.value.len() == value.len() { pair.same_length.saturating_add(1) } else { 0 };
        pair.value = value.into();
        let is_string = value.first() == Some(&b'"');
        if pair.joined || (pair.same < OFTEN && !(is_string && pair.same_length >= OFTEN)) {
            return;
        }
        pair.joined = true;
        let any_value = pair.same < OFTEN || self.is_wanted(first);
        if !any_value || is_string {
            self.join(before, first, value, second, any_value);
        }
    }

    fn is_wanted(&self, place: Place) -> bool {
        let stretch = self.stretches.get(usize::from(place.0));
        stretch.is_some_and(|stretch| stretch.act != Act::Skip)
    }

    /// Joins two stretches and the value between them. `any_value`: the value may be another
    /// string of the same length.
    fn join(
        &mut self,
        before: Place,
        first: Place,
        value: &[u8],
        second: Place,
        any_value: bool,
    ) -> Option<()> {
        let one = self.stretches.get(usize::from(first.0))?;
        let other = self.stretches.get(usize::from(second.0))?;
        let length = one.length + value.len() + other.length;
        if length > LONGEST || self.stretches.len() >= MOST {
            return None;
        }
        // A place behind what was not learned leads nowhere.
        if !first.is_learned() || !second.is_learned() {
            return None;
        }
        let (act, other_act, next) = (one.act, other.act, other.next);
        let value_start = one.length;
        let mut captures = one.captures.to_vec();
        match act {
            Act::Skip => {}
            Act::Take(Key::Part(_) | Key::Foreign) | Act::End | Act::Envelope => return None,
            Act::Take(_) | Act::Field(_) | Act::Item(_) => captures.push(Capture {
                start: value_start + 1,
                length: value.len().checked_sub(2)?,
                act,
            }),
        }
        let behind = value_start + value.len();
        let moved = |capture: &Capture| Capture { start: capture.start + behind, ..*capture };
        captures.extend(other.captures.iter().map(moved));
        if captures.len() > MOST_CAPTURES {
            return None;
        }
        let bytes = [&*one.bytes(), value, &*other.bytes()].concat();
        let (mut must, mut values) = (one.must(), one.values.to_vec());
        must.resize(value_start + value.len(), 0xff);
        if any_value {
            must.get_mut(value_start + 1..behind - 1)?.fill(0);
            let length = u8::try_from(value.len().checked_sub(2)?).ok()?;
            values.push(Value { start: value_start + 1, length });
        }
        must.extend(other.must());
        let moved = |value: &Value| Value { start: value.start + behind, ..*value };
        values.extend(other.values.iter().map(moved));
        let number = u16::try_from(self.stretches.len()).ok()?;
        let joined = Stretch {
            blocks: blocks(&bytes, &must),
            length,
            values: values.into(),
            captures: captures.into(),
            act: other_act,
            next,
            ..Stretch::default()
        };
        self.stretches.push(joined);
        self.put_first(before, number, Some(first.0));
        Some(())
    }

    /// Takes note, in a sampled record, of which stretches behind a place were there, so that one
    /// that seldom is does not cost a comparison for ever.
    pub(super) fn weigh(&mut self, place: Place, bytes: &[u8], bits: &Bits, at: usize) {
        let Some(before) = self.stretches.get(usize::from(place.0)) else { return };
        let next = before.next;
        for number in next.into_iter().filter(|number| *number > 0) {
            let known = self.stretches.get(usize::from(number));
            let is_at = known.is_some_and(|stretch| stretch.is_at(bytes, bits, at));
            let Some(stretch) = self.stretches.get_mut(usize::from(number)) else { continue };
            if is_at {
                stretch.hits = stretch.hits.saturating_add(1);
                break;
            }
            stretch.misses = stretch.misses.saturating_add(1);
            if stretch.misses > stretch.hits.saturating_add(8) {
                (stretch.hits, stretch.misses) = (0, 0);
                self.put_last(place, number);
            }
        }
    }

    fn put_last(&mut self, place: Place, number: u16) {
        let Some(stretch) = self.stretches.get_mut(usize::from(place.0)) else { return };
        let next = &mut stretch.next;
        let used = next.iter().position(|it| *it == 0).unwrap_or(TRIED);
        let Some(from) = next.iter().position(|it| *it == number) else { return };
        if let Some(moved) = next.get_mut(from..used) {
            moved.rotate_left(1);
        }
    }

    /// What a key means in its context. No name: the object ends.
    fn act(&self, context: Context, name: Option<&str>) -> Act {
        let Some(name) = name else { return Act::End };
        match context {
            Context::Record | Context::Properties => self.act_of_field(context, name),
            Context::Part(part) => match part_key(part, name) {
                Some(field) if self.wanted & field.bit() != 0 => Act::Field(field),
                _ => Act::Skip,
            },
            Context::Element(part) => {
                let names: &[&str] = match part {
                    Part::Policies => &["id", "displayName", "result"],
                    Part::Providers => &["requirementProvider"],
                    Part::Steps => &[
                        "authenticationMethod",
                        "authenticationMethodDetail",
                        "authenticationStepResultDetail",
                        "authenticationStepRequirement",
                        "succeeded",
                    ],
                    _ => &[],
                };
                let items = (0..).zip(names);
                let mut known = items.filter(|(_, known)| known.eq_ignore_ascii_case(name));
                known.next().map_or(Act::Skip, |(item, _)| Act::Item(item))
            }
        }
    }

    fn act_of_field(&self, context: Context, name: &str) -> Act {
        let outermost = context == Context::Record;
        if outermost && ["value", "records"].iter().any(|it| name.eq_ignore_ascii_case(it)) {
            return Act::Envelope;
        }
        match key(name) {
            None => Act::Skip,
            // Properties of properties, and what an envelope's content is not, tell nothing.
            Some(Key::Part(Part::Properties) | Key::Foreign) if !outermost => Act::Skip,
            Some(Key::Text(field) | Key::Resource(field)) if self.wanted & field.bit() == 0 => {
                Act::Skip
            }
            Some(Key::Part(part)) if !self.wants(part) => Act::Skip,
            // Only the result type tells more than its text.
            Some(Key::Text(field)) if field != Field::ResultType => Act::Field(field),
            Some(key) => Act::Take(key),
        }
    }

    /// Whether anything of what a key of the record means is wanted.
    pub(super) fn takes(&self, key: Key) -> bool {
        match key {
            Key::Text(field) | Key::Resource(field) => self.wanted & field.bit() != 0,
            Key::Part(part) => self.wants(part),
            Key::Created | Key::Logged | Key::Foreign => true,
        }
    }

    /// Whether anything of a part is wanted.
    fn wants(&self, part: Part) -> bool {
        match part {
            Part::Properties | Part::Status => true,
            Part::Device => self.wants_any(&[
                Field::DeviceId,
                Field::DeviceName,
                Field::OperatingSystem,
                Field::Browser,
                Field::Compliant,
                Field::Managed,
                Field::TrustType,
            ]),
            Part::Location => self.wants_any(&[Field::Country, Field::City]),
            Part::Mfa => self.wants_any(&[Field::MfaMethod, Field::MfaDetail]),
            Part::EventTypes => self.wants_any(&[Field::EventTypes]),
            Part::Contexts => self.wants_any(&[Field::AuthenticationContexts]),
            Part::Audiences => self.wants_any(&[Field::Audiences]),
            Part::Policies | Part::Providers | Part::Steps => self.wanted & LISTS != 0,
        }
    }

    fn wants_any(&self, fields: &[Field]) -> bool {
        fields.iter().any(|field| self.wanted & field.bit() != 0)
    }
}

#[cfg(test)]
impl Layout {
    /// How many stretches, contents of stretches and pairs are kept.
    pub(super) fn sizes(&self) -> (usize, usize, usize) {
        (self.stretches.len(), self.known.len(), self.pairs.len())
    }
}

/// In a set of fields: the lists of policies, providers and steps.
pub(super) const LISTS: u64 = 1 << 63;

/// Numbers below this one are places at the start of an object of each kind, and anywhere in one.
const FIRST_FREE: usize = 32;
/// From the number of the one to that of the other.
const ANYWHERE: u16 = 16;

impl Place {
    /// Behind a stretch that was learned.
    fn is_learned(self) -> bool {
        usize::from(self.0) >= FIRST_FREE
    }
}

impl Context {
    /// The place behind the opening bracket.
    #[inline]
    pub(super) fn start(self) -> Place {
        let number = match self {
            Self::Record => 1,
            Self::Properties => 2,
            Self::Part(part) => match part {
                Part::Status => 3,
                Part::Device => 4,
                Part::Location => 5,
                _ => 6,
            },
            Self::Element(part) => match part {
                Part::Policies => 7,
                Part::Providers => 8,
                _ => 9,
            },
        };
        Place(number)
    }

    /// A place behind a stretch that was not learned.
    pub(super) fn anywhere(self) -> Place {
        Place(self.start().0 + ANYWHERE)
    }
}

impl Stretch {
    /// A stretch that no text holds: behind it is the start of an object, and nothing comes next.
    fn nowhere() -> Self {
        let never = [0xff];
        Self { blocks: blocks(&never, &never), length: never.len(), ..Self::default() }
    }

    /// Whether it stands at a position of a text, and the values inside are strings that end where
    /// they should, without escapes.
    #[inline(always)]
    fn is_at(&self, bytes: &[u8], bits: &Bits, at: usize) -> bool {
        begins_with(bytes.get(at..).unwrap_or_default(), &self.blocks, self.length)
            && self.values.iter().all(|value| bits.is_plain(at + value.start, value.length))
    }

    fn bytes(&self) -> Vec<u8> {
        self.blocks.iter().flat_map(|block| block.bytes).take(self.length).collect()
    }

    /// Which bytes must be as they are: 0xff, else 0.
    fn must(&self) -> Vec<u8> {
        self.blocks.iter().flat_map(|block| block.must).take(self.length).collect()
    }
}
