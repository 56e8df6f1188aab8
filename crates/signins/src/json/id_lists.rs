//! Lists of ids: authentication contexts and audiences.
//!
//! Microsoft Graph writes the contexts as objects with an `id` and a `detail`
//! (`authenticationContext`), and the audiences as texts; diagnostic logs write audiences as objects
//! with an `applicationId`. A list is kept as one text, so that a list that is told and empty differs
//! from one that is not told. A list with an element that cannot be read is not told: nobody knows
//! what it holds.

use bumpalo::Bump;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{PartSeed, PlainSeed, Reading, told};
use crate::field::Field;
use crate::keys::Part;

/// The text of a list that is told and empty. Of two copies of a record, one that shows an element
/// is preferred to it.
const EMPTY: &str = "none";

/// The ids in the text of a list, in order.
pub(crate) fn ids_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(move |id| !id.is_empty() && text != EMPTY)
}

impl<'a> Reading<'a> {
    /// Takes a list of ids from its JSON. `None`: it is none; then nothing is taken.
    pub(crate) fn take_ids(&mut self, part: Part, json: &'a str) -> Option<()> {
        if json == "[]" {
            self.set_ids(part, Some(Vec::new()));
            return Some(());
        }
        let mut deserializer = serde_json::Deserializer::from_str(json);
        PartSeed { reading: self, part }.deserialize(&mut deserializer).ok()
    }

    /// Sets a list; an empty one takes nothing away. `None`: it cannot be read.
    fn set_ids(&mut self, part: Part, ids: Option<Vec<&'a str>>) {
        let field = match part {
            Part::Contexts => Field::AuthenticationContexts,
            _ => Field::Audiences,
        };
        let Some(mut ids) = ids else { return };
        ids.sort_unstable();
        ids.dedup();
        match *ids {
            [] if self.sign_in.text.tells(field) => {}
            [] => self.set(field, EMPTY),
            [id] => self.set(field, id),
            _ => self.set(field, self.arena.alloc_str(&ids.join(","))),
        }
    }
}

/// Reads a list.
pub(super) fn read_list<'a, A: SeqAccess<'a>>(
    reading: &mut Reading<'a>,
    part: Part,
    mut list: A,
) -> Result<(), A::Error> {
    let mut ids = Some(Vec::new());
    while let Some(element) = list.next_element_seed(ElementSeed(reading.arena))? {
        element.add_to(&mut ids);
    }
    reading.set_ids(part, ids);
    Ok(())
}

/// Reads an element that stands without a list around it.
pub(super) fn read_one<'a, A: MapAccess<'a>>(
    reading: &mut Reading<'a>,
    part: Part,
    map: A,
) -> Result<(), A::Error> {
    let mut ids = Some(Vec::new());
    ElementSeed(reading.arena).visit_map(map)?.add_to(&mut ids);
    reading.set_ids(part, ids);
    Ok(())
}

/// One element of a list.
enum Element<'a> {
    Id(&'a str),
    /// An authentication context of which the log says that it does not apply.
    NotApplicable,
    Unreadable,
}

impl<'a> Element<'a> {
    fn of(text: &'a str) -> Self {
        match told(text) {
            Some(id) if !id.contains(',') && id != EMPTY => Self::Id(id),
            _ => Self::Unreadable,
        }
    }

    fn add_to(self, ids: &mut Option<Vec<&'a str>>) {
        match self {
            Self::Id(id) => {
                if let Some(ids) = ids {
                    ids.push(id);
                }
            }
            Self::NotApplicable => {}
            Self::Unreadable => *ids = None,
        }
    }
}

struct ElementSeed<'a>(&'a Bump);

impl<'a> DeserializeSeed<'a> for ElementSeed<'a> {
    type Value = Element<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Element<'a>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for ElementSeed<'a> {
    type Value = Element<'a>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an id, or an object with one")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Element<'a>, E> {
        Ok(Element::of(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Element<'a>, E> {
        Ok(Element::of(self.0.alloc_str(text)))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Element<'a>, E> {
        Ok(Element::Unreadable)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Element<'a>, E> {
        Ok(Element::Unreadable)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Element<'a>, E> {
        Ok(Element::Unreadable)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Element<'a>, E> {
        Ok(Element::Unreadable)
    }

    fn visit_unit<E: Error>(self) -> Result<Element<'a>, E> {
        Ok(Element::Unreadable)
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<Element<'a>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element::Unreadable)
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Element<'a>, A::Error> {
        let (mut id, mut detail) = (None, None);
        while let Some(name) = map.next_key_seed(PlainSeed(self.0))? {
            let is = |key: &str| name.is_some_and(|name| name.eq_ignore_ascii_case(key));
            if is("id") || is("applicationId") {
                id = map.next_value_seed(PlainSeed(self.0))?;
            } else if is("detail") {
                detail = map.next_value_seed(PlainSeed(self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if detail.is_some_and(|detail| detail.eq_ignore_ascii_case("notApplicable")) {
            return Ok(Element::NotApplicable);
        }
        Ok(id.map_or(Element::Unreadable, Element::of))
    }
}
