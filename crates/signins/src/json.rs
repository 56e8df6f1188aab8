//! JSON records: Graph, the diagnostic envelope, Log Analytics rows.
//!
//! One pass over the bytes, nothing built for what is not read. Values are taken as they come:
//! numbers and booleans in or out of strings, objects and lists in or out of strings, empty text,
//! `null`. Of a key that comes twice, the last value stands.

mod id_lists;

use std::fmt;

use bumpalo::Bump;
use records::time::DateOrder;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::field::Field;
use crate::keys::{Key, Part, key, part_key};
use crate::moment::Moments;
use crate::plain_part::Quotes;
use crate::sign_in::{AppliedPolicy, SignIn, Step};

pub(crate) use id_lists::ids_of;

/// What was learned of a record while reading it.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    /// What the record shows; as far as it went, when it is damaged.
    pub sign_in: SignIn<'a>,
    /// It comes from a file whose columns only sign-ins have.
    pub certain: bool,
    /// It has a key that no sign-in has.
    pub foreign: bool,
    /// It has a `status` or a result type, filled or not.
    pub has_result: bool,
    properties: Option<Box<Reading<'a>>>,
    moments: Moments,
    /// Fields that are taken, as bits.
    wanted: u64,
    /// Where texts go that do not stand in the record as they are.
    arena: &'a Bump,
}

impl<'a> Reading<'a> {
    /// Nothing read yet; dates of locales are written in this order.
    pub(crate) fn new(order: DateOrder, arena: &'a Bump) -> Self {
        Self::of_wanted(u64::MAX, Moments::new(order), arena)
    }

    /// Nothing read yet; only these fields, as bits, are taken, and times read with what was
    /// learned of them.
    pub(crate) fn of_wanted(wanted: u64, moments: Moments, arena: &'a Bump) -> Self {
        Self {
            sign_in: SignIn::default(),
            certain: false,
            foreign: false,
            has_result: false,
            properties: None,
            moments,
            wanted,
            arena,
        }
    }

    /// What was learned of times.
    pub(crate) fn moments(&self) -> Moments {
        self.moments
    }

    /// Nothing read yet, in the same way.
    fn alike(&self) -> Self {
        Self::of_wanted(self.wanted, self.moments, self.arena)
    }

    /// Where texts go that do not stand in the record as they are.
    pub(crate) fn arena(&self) -> &'a Bump {
        self.arena
    }

    /// Nothing read again; the room of its lists is kept.
    pub(crate) fn clear(&mut self) {
        let SignIn { created, logged, text, policies, requirement_providers, steps } =
            &mut self.sign_in;
        (*created, *logged) = (None, None);
        text.clear();
        policies.clear();
        requirement_providers.clear();
        steps.clear();
        (self.certain, self.foreign, self.has_result) = (false, false, false);
        self.properties = None;
    }

    /// As the properties of an envelope: takes what the envelope itself shows beside them.
    pub(crate) fn surround(&mut self, outer: &mut Self) {
        self.sign_in.fill_from(&mut outer.sign_in);
        // An envelope around an audit names its category; keys of its properties are no sign.
        self.foreign = outer.foreign;
        self.has_result |= outer.has_result;
    }

    /// Reads one object. What was read before a fault stays.
    pub(crate) fn read(&mut self, bytes: &'a [u8]) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let result = deserializer.deserialize_map(ObjectVisitor(&mut *self));
        if let Some(properties) = self.properties.take() {
            let mut inner = *properties;
            inner.surround(self);
            (self.sign_in, self.has_result) = (inner.sign_in, inner.has_result);
        }
        result
    }

    /// Sets a text field; nothing told leaves what is there.
    pub(crate) fn set(&mut self, field: Field, text: &'a str) {
        if self.wanted & field.bit() == 0 {
            return;
        }
        if let Some(text) = told(text) {
            self.sign_in.text.set(field, text);
        } else if field == Field::DeviceId && text.is_empty() {
            self.set(Field::NoDeviceId, "true");
        }
    }

    /// Takes the plain text of a key or column.
    pub(crate) fn take(&mut self, key: Key, text: &'a str) {
        match key {
            Key::Text(field) => {
                self.has_result |= field == Field::ResultType;
                self.set(field, text);
            }
            // The envelope's own resource is the path of the tenant's directory.
            Key::Resource(field) if !text.contains('/') => self.set(field, text),
            Key::Resource(_) => {}
            Key::Created => {
                self.sign_in.created = self.moments.read(text).or(self.sign_in.created);
            }
            Key::Logged => {
                self.sign_in.logged = self.moments.read(text).or(self.sign_in.logged);
            }
            Key::Part(part) => self.take_part(part, text),
            Key::Foreign => self.foreign = true,
        }
    }

    /// Takes a part that came as text: JSON, or the plain words some shapes have instead.
    pub(crate) fn take_part(&mut self, part: Part, text: &'a str) {
        if self.take_plain_part(part, text, Quotes::Single) {
            return;
        }
        if text.trim_start().starts_with(['{', '[']) {
            if matches!(part, Part::Contexts | Part::Audiences) {
                // Of a list that is cut off nobody knows what is missing: it is not told.
                let _cut = self.take_ids(part, text);
                return;
            }
            let mut inner = self.alike();
            let mut deserializer = serde_json::Deserializer::from_str(text);
            // A cell cut off by a spreadsheet still tells what came before the cut.
            let _cut = PartSeed { reading: &mut inner, part }.deserialize(&mut deserializer);
            self.has_result |= inner.has_result;
            self.absorb(inner);
            return;
        }
        match part {
            Part::Status => self.set(Field::ResultWord, text),
            Part::Location => self.take_place(text),
            Part::EventTypes => self.set(Field::EventTypes, text),
            Part::Properties
            | Part::Device
            | Part::Mfa
            | Part::Policies
            | Part::Providers
            | Part::Steps
            | Part::Contexts
            | Part::Audiences => {}
        }
    }

    /// `City, State, CC`, or a country code alone.
    fn take_place(&mut self, text: &'a str) {
        let Some((before, country)) = text.rsplit_once(',') else {
            if !self.sign_in.text.tells(Field::Country) {
                self.set(Field::Country, text);
            }
            return;
        };
        let city = before.split(',').next().unwrap_or(before);
        self.set(Field::City, city);
        self.set(Field::Country, country);
    }

    fn absorb(&mut self, inner: Reading<'a>) {
        if let Some(properties) = inner.properties {
            self.properties = Some(properties);
        }
        let mut sign_in = inner.sign_in;
        sign_in.fill_from(&mut self.sign_in);
        self.sign_in = sign_in;
    }
}

/// Text that tells something: trimmed, neither empty nor the id of nobody.
#[inline]
pub(crate) fn told(text: &str) -> Option<&str> {
    const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
    // Almost every text begins and ends in a sign that is no blank.
    if let ([b'!'..=b'~', ..], [.., b'!'..=b'~']) = (text.as_bytes(), text.as_bytes()) {
        return (!text.starts_with('0') || text != NOBODY).then_some(text);
    }
    told_trimmed(text)
}

#[cold]
fn told_trimmed(text: &str) -> Option<&str> {
    let trimmed = text.trim();
    (!trimmed.is_empty() && trimmed != "00000000-0000-0000-0000-000000000000").then_some(trimmed)
}

/// The record itself, or its `properties`.
struct ObjectVisitor<'r, 'a>(&'r mut Reading<'a>);

impl<'a> Visitor<'a> for ObjectVisitor<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sign-in record")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let arena = self.0.arena;
        while let Some(name) = map.next_key_seed(PlainSeed(arena))? {
            match name.and_then(key) {
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(Key::Part(part)) => {
                    map.next_value_seed(PartSeed { reading: &mut *self.0, part })?;
                }
                Some(Key::Foreign) => {
                    self.0.foreign = true;
                    map.next_value::<IgnoredAny>()?;
                }
                Some(key) => {
                    if let Some(text) = map.next_value_seed(PlainSeed(arena))? {
                        self.0.take(key, text);
                    }
                }
            }
        }
        Ok(())
    }
}

/// A value with no parts, as text. `None` for `null`, an object or a list.
struct PlainSeed<'a>(&'a Bump);

impl<'a> DeserializeSeed<'a> for PlainSeed<'a> {
    type Value = Option<&'a str>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for PlainSeed<'a> {
    type Value = Option<&'a str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok(Some(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(self.0.alloc_str(text)))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(if value { "true" } else { "false" }))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(if value == 0 { "0" } else { self.0.alloc_str(&value.to_string()) }))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(self.0.alloc_str(&value.to_string())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(self.0.alloc_str(&value.to_string())))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// A part, in whatever form it comes.
struct PartSeed<'r, 'a> {
    reading: &'r mut Reading<'a>,
    part: Part,
}

impl<'a> DeserializeSeed<'a> for PartSeed<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> PartSeed<'_, 'a> {
    fn fields<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let arena = self.reading.arena;
        while let Some(name) = map.next_key_seed(PlainSeed(arena))? {
            let field = name.and_then(|name| part_key(self.part, name));
            let Some(field) = field else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if let Some(text) = map.next_value_seed(PlainSeed(arena))? {
                self.reading.set(field, text);
            }
        }
        Ok(())
    }

    fn policy<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let mut policy = AppliedPolicy::default();
        let arena = self.reading.arena;
        while let Some(name) = map.next_key_seed(PlainSeed(arena))? {
            let is = |key: &str| name.is_some_and(|name| name.eq_ignore_ascii_case(key));
            let slot = if is("id") {
                Some(&mut policy.id)
            } else if is("displayName") {
                Some(&mut policy.name)
            } else if is("result") {
                Some(&mut policy.result)
            } else {
                None
            };
            fill(&mut map, arena, slot)?;
        }
        self.reading.sign_in.policies.push(policy);
        Ok(())
    }

    fn provider<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let mut provider = None;
        let arena = self.reading.arena;
        while let Some(name) = map.next_key_seed(PlainSeed(arena))? {
            let named = name.is_some_and(|name| name.eq_ignore_ascii_case("requirementProvider"));
            fill(&mut map, arena, named.then_some(&mut provider))?;
        }
        self.reading.sign_in.requirement_providers.extend(provider);
        Ok(())
    }

    fn step<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let mut step = Step::default();
        let arena = self.reading.arena;
        while let Some(name) = map.next_key_seed(PlainSeed(arena))? {
            let is = |key: &str| name.is_some_and(|name| name.eq_ignore_ascii_case(key));
            let slot = if is("authenticationMethod") {
                Some(&mut step.method)
            } else if is("authenticationMethodDetail") {
                Some(&mut step.method_detail)
            } else if is("authenticationStepResultDetail") {
                Some(&mut step.result_detail)
            } else if is("authenticationStepRequirement") {
                Some(&mut step.requirement)
            } else if is("succeeded") {
                Some(&mut step.succeeded)
            } else {
                None
            };
            fill(&mut map, arena, slot)?;
        }
        self.reading.sign_in.steps.push(step);
        Ok(())
    }
}

/// Reads the next value into its place, or past it when it has none.
fn fill<'a, A: MapAccess<'a>>(
    map: &mut A,
    arena: &'a Bump,
    slot: Option<&mut Option<&'a str>>,
) -> Result<(), A::Error> {
    let Some(slot) = slot else {
        map.next_value::<IgnoredAny>()?;
        return Ok(());
    };
    if let Some(text) = map.next_value_seed(PlainSeed(arena))?.and_then(told) {
        *slot = Some(text);
    }
    Ok(())
}

impl<'a> Visitor<'a> for PartSeed<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<(), E> {
        self.reading.take_part(self.part, text);
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        let text = self.reading.arena.alloc_str(text);
        self.reading.take_part(self.part, text);
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { reading, part } = self;
        match part {
            Part::Policies | Part::Providers | Part::Steps => {
                // An empty column beside a filled one of the same meaning takes nothing away.
                let mut list = reading.alike();
                while seq.next_element_seed(PartSeed { reading: &mut list, part })?.is_some() {}
                list.sign_in.fill_from(&mut reading.sign_in);
                reading.sign_in = list.sign_in;
            }
            Part::EventTypes => {
                let mut names = Vec::new();
                while let Some(name) = seq.next_element_seed(PlainSeed(reading.arena))? {
                    names.extend(name);
                }
                let names = reading.arena.alloc_str(&names.join(","));
                reading.set(Field::EventTypes, names);
            }
            Part::Contexts | Part::Audiences => id_lists::read_list(reading, part, seq)?,
            Part::Properties | Part::Status | Part::Device | Part::Location | Part::Mfa => {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        match self.part {
            Part::Properties => {
                let mut inner = Box::new(self.reading.alike());
                let result = ObjectVisitor(&mut inner).visit_map(map);
                self.reading.properties = Some(inner);
                result
            }
            Part::Policies => self.policy(map),
            Part::Providers => self.provider(map),
            Part::Steps => self.step(map),
            Part::Contexts | Part::Audiences => id_lists::read_one(self.reading, self.part, map),
            Part::EventTypes => {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(())
            }
            Part::Status | Part::Device | Part::Location | Part::Mfa => {
                self.reading.has_result |= self.part == Part::Status;
                self.fields(map)
            }
        }
    }
}
