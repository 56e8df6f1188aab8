//! JSON records: Graph, the diagnostic envelope, Log Analytics rows.
//!
//! One pass over the bytes, nothing built for what is not read. Values are taken as they come:
//! numbers and booleans in or out of strings, objects and lists in or out of strings, empty text,
//! `null`. Of a key that comes twice, the last value stands.

use std::borrow::Cow;
use std::fmt;

use records::time::{DateOrder, parse};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::field::Field;
use crate::keys::{Key, Part, key, part_key};
use crate::sign_in::{AppliedPolicy, SignIn, Step};

/// What was learned of a record while reading it.
#[derive(Debug, Default)]
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
    order: DateOrder,
}

impl<'a> Reading<'a> {
    /// Nothing read yet; dates of locales are written in this order.
    pub(crate) fn new(order: DateOrder) -> Self {
        Self { order, ..Self::default() }
    }

    /// Reads one object. What was read before a fault stays.
    pub(crate) fn read(&mut self, bytes: &'a [u8]) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let result = deserializer.deserialize_map(ObjectVisitor(&mut *self));
        if let Some(properties) = self.properties.take() {
            let mut inner = *properties;
            inner.sign_in.fill_from(std::mem::take(&mut self.sign_in));
            self.sign_in = inner.sign_in;
            // An envelope around an audit names its category; keys of its properties are no sign.
            self.has_result |= inner.has_result;
        }
        result
    }

    /// Sets a text field; nothing told leaves what is there.
    pub(crate) fn set(&mut self, field: Field, text: Cow<'a, str>) {
        if let Some(text) = told(text) {
            *self.sign_in.text.slot(field) = Some(text);
        }
    }

    /// Takes the plain text of a key or column.
    pub(crate) fn take(&mut self, key: Key, text: Cow<'a, str>) {
        match key {
            Key::Text(field) => {
                self.has_result |= field == Field::ResultType;
                self.set(field, text);
            }
            // The envelope's own resource is the path of the tenant's directory.
            Key::Resource(field) if !text.contains('/') => self.set(field, text),
            Key::Resource(_) => {}
            Key::Created => {
                self.sign_in.created = parse(&text, self.order).or(self.sign_in.created)
            }
            Key::Logged => self.sign_in.logged = parse(&text, self.order).or(self.sign_in.logged),
            Key::Part(part) => self.take_part(part, text),
            Key::Foreign => self.foreign = true,
        }
    }

    /// Takes a part that came as text: JSON, or the plain words some shapes have instead.
    fn take_part(&mut self, part: Part, text: Cow<'a, str>) {
        if text.trim_start().starts_with(['{', '[']) {
            let mut inner = Reading::new(self.order);
            let mut deserializer = serde_json::Deserializer::from_str(&text);
            // A cell cut off by a spreadsheet still tells what came before the cut.
            let _cut = PartSeed { reading: &mut inner, part }.deserialize(&mut deserializer);
            self.has_result |= inner.has_result;
            self.absorb(inner.into_owned());
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
            | Part::Steps => {}
        }
    }

    /// `City, State, CC`, or a country code alone.
    fn take_place(&mut self, text: Cow<'a, str>) {
        let Some((before, country)) = text.rsplit_once(',') else {
            if self.sign_in.text.country.is_none() {
                self.set(Field::Country, text);
            }
            return;
        };
        let city = before.split(',').next().unwrap_or(before);
        let (city, country) = (city.to_owned(), country.to_owned());
        self.set(Field::City, Cow::Owned(city));
        self.set(Field::Country, Cow::Owned(country));
    }

    fn absorb(&mut self, inner: Reading<'a>) {
        if let Some(properties) = inner.properties {
            self.properties = Some(properties);
        }
        let mut sign_in = inner.sign_in;
        sign_in.fill_from(std::mem::take(&mut self.sign_in));
        self.sign_in = sign_in;
    }

    fn into_owned(self) -> Reading<'static> {
        Reading {
            sign_in: self.sign_in.into_owned(),
            certain: self.certain,
            foreign: self.foreign,
            has_result: self.has_result,
            properties: self.properties.map(|inner| Box::new(inner.into_owned())),
            order: self.order,
        }
    }
}

/// Text that tells something: trimmed, neither empty nor the id of nobody.
pub(crate) fn told(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed == "00000000-0000-0000-0000-000000000000" {
        return None;
    }
    if trimmed.len() == text.len() {
        return Some(text);
    }
    Some(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    })
}

/// The record itself, or its `properties`.
struct ObjectVisitor<'r, 'a>(&'r mut Reading<'a>);

impl<'a> Visitor<'a> for ObjectVisitor<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sign-in record")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(PlainSeed)? {
            match name.as_deref().and_then(key) {
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
                    if let Some(text) = map.next_value_seed(PlainSeed)? {
                        self.0.take(key, text);
                    }
                }
            }
        }
        Ok(())
    }
}

/// A value with no parts, as text. `None` for `null`, an object or a list.
struct PlainSeed;

impl<'a> DeserializeSeed<'a> for PlainSeed {
    type Value = Option<Cow<'a, str>>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for PlainSeed {
    type Value = Option<Cow<'a, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(if value { "true" } else { "false" })))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(if value == 0 { Cow::Borrowed("0") } else { Cow::Owned(value.to_string()) }))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(value.to_string())))
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
        while let Some(name) = map.next_key_seed(PlainSeed)? {
            let field = name.as_deref().and_then(|name| part_key(self.part, name));
            let Some(field) = field else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if let Some(text) = map.next_value_seed(PlainSeed)? {
                self.reading.set(field, text);
            }
        }
        Ok(())
    }

    fn policy<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let mut policy = AppliedPolicy::default();
        while let Some(name) = map.next_key_seed(PlainSeed)? {
            let is = |key: &str| name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(key));
            let slot = if is("id") {
                Some(&mut policy.id)
            } else if is("displayName") {
                Some(&mut policy.name)
            } else if is("result") {
                Some(&mut policy.result)
            } else {
                None
            };
            fill(&mut map, slot)?;
        }
        self.reading.sign_in.policies.push(policy);
        Ok(())
    }

    fn provider<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let mut provider = None;
        while let Some(name) = map.next_key_seed(PlainSeed)? {
            let named = name.is_some_and(|name| name.eq_ignore_ascii_case("requirementProvider"));
            fill(&mut map, named.then_some(&mut provider))?;
        }
        self.reading.sign_in.requirement_providers.extend(provider);
        Ok(())
    }

    fn step<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let mut step = Step::default();
        while let Some(name) = map.next_key_seed(PlainSeed)? {
            let is = |key: &str| name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(key));
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
            fill(&mut map, slot)?;
        }
        self.reading.sign_in.steps.push(step);
        Ok(())
    }
}

/// Reads the next value into its place, or past it when it has none.
fn fill<'a, A: MapAccess<'a>>(
    map: &mut A,
    slot: Option<&mut Option<Cow<'a, str>>>,
) -> Result<(), A::Error> {
    let Some(slot) = slot else {
        map.next_value::<IgnoredAny>()?;
        return Ok(());
    };
    if let Some(text) = map.next_value_seed(PlainSeed)?.and_then(told) {
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
        self.reading.take_part(self.part, Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.reading.take_part(self.part, Cow::Owned(text.to_owned()));
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
                let mut list = Reading::new(reading.order);
                while seq.next_element_seed(PartSeed { reading: &mut list, part })?.is_some() {}
                list.sign_in.fill_from(std::mem::take(&mut reading.sign_in));
                reading.sign_in = list.sign_in;
            }
            Part::EventTypes => {
                let mut names = Vec::new();
                while let Some(name) = seq.next_element_seed(PlainSeed)? {
                    names.extend(name);
                }
                reading.set(Field::EventTypes, Cow::Owned(names.join(",")));
            }
            Part::Properties | Part::Status | Part::Device | Part::Location | Part::Mfa => {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        match self.part {
            Part::Properties => {
                let mut inner = Box::new(Reading::new(self.reading.order));
                let result = ObjectVisitor(&mut inner).visit_map(map);
                self.reading.properties = Some(inner);
                result
            }
            Part::Policies => self.policy(map),
            Part::Providers => self.provider(map),
            Part::Steps => self.step(map),
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
