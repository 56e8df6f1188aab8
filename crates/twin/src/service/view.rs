//! The tenant as one request sees it: how fresh the copy is, and what has not reached it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::documents::Collection;
use crate::world::World;

/// An object somebody created a moment ago.
#[derive(Debug, Clone)]
pub(super) struct Fresh {
    pub(super) within: Collection,
    pub(super) id: String,
    pub(super) at: Timestamp,
    /// Until then no copy shows it.
    pub(super) until: Timestamp,
}

/// What one request sees.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) world: &'a World,
    pub(super) now: Timestamp,
    /// Lists are as of then.
    pub(super) lists_as_of: Timestamp,
    hidden: BTreeSet<(&'a Collection, String)>,
}

impl<'a> View<'a> {
    /// `stale`: how old lists are. `hide`: objects younger than that are not there yet.
    pub(super) fn new(
        world: &'a World,
        fresh: &'a [Fresh],
        now: Timestamp,
        stale: SignedDuration,
        hide: SignedDuration,
    ) -> Self {
        let young = |it: &&Fresh| now < it.until || now.duration_since(it.at) < hide;
        let hidden =
            fresh.iter().filter(young).map(|it| (&it.within, it.id.to_ascii_lowercase())).collect();
        let lists_as_of = now.checked_sub(stale).unwrap_or(now);
        Self { world, now, lists_as_of, hidden }
    }

    fn shows(&self, within: &Collection, object: &Map<String, Value>) -> bool {
        if self.hidden.is_empty() {
            return true;
        }
        let id = object.get("id").and_then(Value::as_str).unwrap_or("").to_ascii_lowercase();
        !self.hidden.iter().any(|(collection, hidden)| **collection == *within && *hidden == id)
    }

    pub(super) fn find(&self, within: &Collection, id: &str) -> Option<Map<String, Value>> {
        let object = self.world.find(within, id, self.now)?;
        self.shows(within, &object).then_some(object)
    }

    pub(super) fn get(&self, within: &Collection, id: &str) -> Result<Map<String, Value>, Refusal> {
        self.find(within, id).ok_or_else(|| Refusal::no_object(id))
    }

    pub(super) fn user(&self, id: &str) -> Result<Map<String, Value>, Refusal> {
        self.get(&Collection::Users, id)
    }

    pub(super) fn count(&self, within: &Collection) -> usize {
        self.world.count(within, self.lists_as_of)
    }

    /// The object at a place of a list; hidden ones leave their place empty.
    pub(super) fn at(&self, within: &Collection, place: usize) -> Option<Map<String, Value>> {
        let object = self.world.item(within, place, self.lists_as_of)?;
        self.shows(within, &object).then_some(object)
    }

    /// Every object of a small list.
    pub(super) fn all(&self, within: &Collection) -> Vec<Map<String, Value>> {
        (0..self.count(within)).filter_map(|place| self.at(within, place)).collect()
    }

    /// The first object of a list of one.
    pub(super) fn one(&self, within: &Collection) -> Option<Map<String, Value>> {
        self.world.item(within, 0, self.now)
    }

    /// A directory object by its id, with `@odata.type`.
    pub(super) fn directory_object(&self, id: &str) -> Option<(Collection, Map<String, Value>)> {
        let kinds = [
            (Collection::Users, "user"),
            (Collection::Groups, "group"),
            (Collection::Devices, "device"),
        ];
        kinds.into_iter().find_map(|(within, kind)| {
            let mut object = self.find(&within, id)?;
            object
                .insert("@odata.type".to_owned(), Value::from(format!("#microsoft.graph.{kind}")));
            Some((within, object))
        })
    }
}

/// A text property.
pub(super) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or("")
}
