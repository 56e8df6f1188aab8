//! What a source's records look like: which key follows which, with what between them.
//!
//! A writer puts the same keys in the same order with the same white space into record after
//! record. The layout learns that from the records themselves: for each key the bytes from the
//! value before it up to its own value, and the keys that came next. A record that does as
//! expected costs one comparison for each key; one that does not is read key by key and learned.
//! So no order of keys and no way to write white space is slower than another.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::field::Field;
use crate::keys::{Key, Part, key, part_key};

/// Eight-byte words of the longest stretch that is learned.
const LANES: usize = 6;
/// Longest stretch that is learned, in bytes. A longer one is read anew each time.
const LONGEST: usize = LANES * 8;
/// Most stretches learned. A log whose records share no keys is not worth more.
const MOST: usize = 4096;
/// Stretches that are tried behind one another.
const TRIED: usize = 4;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// There is none: the object ends.
    End,
    /// Nothing needs it.
    Skip,
    /// It would make the record a page or envelope of others, if it is a list.
    Envelope,
    /// It is a field of the record.
    Take(Key),
    /// It is a field of a part.
    Field(Field),
    /// It is this text of an element.
    Item(usize),
}

/// One stretch: from behind a value (or an opening bracket) to the next value (or behind the
/// closing bracket).
#[derive(Debug, Clone)]
struct Stretch {
    lanes: [u64; LANES],
    masks: [u64; LANES],
    length: usize,
    act: Act,
    /// Numbers of the stretches that came next, the likeliest first; 0 where there is none.
    next: [u16; TRIED],
}

/// Where in a record the reading is: behind which stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}

/// The stretches of a source, and what comes after what.
#[derive(Debug)]
pub(super) struct Layout {
    stretches: Vec<Stretch>,
    known: HashMap<(Context, Box<[u8]>), u16, FixedState>,
    wanted: u64,
}

/// Fields as a set of bits.
pub(super) fn bit(field: Field) -> u64 {
    Field::ALL.iter().position(|it| *it == field).map_or(0, |place| 1 << place)
}

impl Layout {
    /// Nothing learned; of the fields, those in the set are taken.
    pub(super) fn new(wanted: u64) -> Self {
        let none = Stretch {
            lanes: [0; LANES],
            masks: [0; LANES],
            length: 0,
            act: Act::Skip,
            next: [0; TRIED],
        };
        Self { stretches: vec![none; FIRST_FREE], known: HashMap::default(), wanted }
    }

    /// What stands at a position, if it is what came next before.
    #[inline]
    pub(super) fn expected(&self, place: Place, bytes: &[u8], at: usize) -> Option<Found> {
        let before = self.stretches.get(usize::from(place.0))?;
        for number in &before.next {
            let stretch = self.stretches.get(usize::from(*number)).filter(|_| *number > 0)?;
            if stretch.is_at(bytes, at) {
                let Stretch { act, length, .. } = *stretch;
                return Some(Found { place: Place(*number), act, length });
            }
        }
        None
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
        let Some(number) = number else {
            let act = self.act(context, name);
            return Found { place: context.anywhere(), act, length };
        };
        if let Some(before) = self.stretches.get_mut(usize::from(place.0)) {
            // The last one tried makes room, or moves to the front if this is it.
            let from = before.next.iter().position(|it| *it == number).unwrap_or(TRIED - 1);
            if let Some(moved) = before.next.get_mut(..=from) {
                moved.rotate_right(1);
            }
            if let Some(first) = before.next.first_mut() {
                *first = number;
            }
        }
        let act = self.stretches.get(usize::from(number)).map_or(Act::Skip, |stretch| stretch.act);
        Found { place: Place(number), act, length }
    }

    fn add(&mut self, context: Context, stretch: &[u8], name: Option<&str>) -> Option<u16> {
        if stretch.len() > LONGEST || self.stretches.len() >= MOST {
            return None;
        }
        let mut bytes = [0; LONGEST];
        let mut mask = [0; LONGEST];
        bytes.get_mut(..stretch.len())?.copy_from_slice(stretch);
        mask.get_mut(..stretch.len())?.fill(0xff);
        let number = u16::try_from(self.stretches.len()).ok()?;
        self.stretches.push(Stretch {
            lanes: lanes(&bytes),
            masks: lanes(&mask),
            length: stretch.len(),
            act: self.act(context, name),
            next: [0; TRIED],
        });
        self.known.insert((context, stretch.into()), number);
        Some(number)
    }

    /// What a key means in its context. No name: the object ends.
    fn act(&self, context: Context, name: Option<&str>) -> Act {
        let Some(name) = name else { return Act::End };
        match context {
            Context::Record | Context::Properties => self.act_of_field(context, name),
            Context::Part(part) => match part_key(part, name) {
                Some(field) if self.wanted & bit(field) != 0 => Act::Field(field),
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
                let place = names.iter().position(|known| known.eq_ignore_ascii_case(name));
                place.map_or(Act::Skip, Act::Item)
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
            Some(Key::Text(field) | Key::Resource(field)) if self.wanted & bit(field) == 0 => {
                Act::Skip
            }
            Some(Key::Part(part)) if !self.wants(part) => Act::Skip,
            Some(key) => Act::Take(key),
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
            Part::Policies | Part::Providers | Part::Steps => self.wanted & LISTS != 0,
        }
    }

    fn wants_any(&self, fields: &[Field]) -> bool {
        fields.iter().any(|field| self.wanted & bit(*field) != 0)
    }
}

/// In a set of fields: the lists of policies, providers and steps.
pub(super) const LISTS: u64 = 1 << 63;

/// Numbers below this one are places at the start of an object of each kind, and anywhere in one.
const FIRST_FREE: usize = 32;
/// From the number of the one to that of the other.
const ANYWHERE: u16 = 16;

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
    #[inline]
    fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        let window = bytes.get(at..).and_then(|rest| rest.first_chunk::<LONGEST>());
        let Some(window) = window else { return self.is_at_the_end(bytes, at) };
        let there = lanes(window);
        let mut difference = 0;
        for ((there, lane), mask) in there.iter().zip(&self.lanes).zip(&self.masks) {
            difference |= (there ^ lane) & mask;
        }
        difference == 0
    }

    /// The same where the text ends within a few bytes.
    #[cold]
    fn is_at_the_end(&self, bytes: &[u8], at: usize) -> bool {
        let rest = bytes.get(at..).unwrap_or_default();
        let mut window = [0; LONGEST];
        for (to, from) in window.iter_mut().zip(rest) {
            *to = *from;
        }
        let same = lanes(&window)
            .iter()
            .zip(&self.lanes)
            .zip(&self.masks)
            .all(|((there, lane), mask)| (there ^ lane) & mask == 0);
        rest.len() >= self.length && same
    }
}

#[inline]
fn lanes(bytes: &[u8; LONGEST]) -> [u64; LANES] {
    let (words, _) = bytes.as_chunks::<8>();
    let mut lanes = [0; LANES];
    for (lane, word) in lanes.iter_mut().zip(words) {
        *lane = u64::from_le_bytes(*word);
    }
    lanes
}
