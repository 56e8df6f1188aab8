//! The tenant and everybody in it.

use std::ops::Range;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::documents::{Collection, Documents};

/// What a world is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// Staff, active or not. 210 is the firm of the example.
    pub people: u32,
    /// Everything drawn is drawn from it.
    pub seed: u64,
    /// The instant the world begins to be looked at: its history lies before.
    pub now: Timestamp,
    /// Day of the rollout at `now`, 1 to 23; 0: it has not begun. What an operator would have done
    /// until then has been done.
    pub day: u32,
    /// Days of sign-ins before `now`.
    pub history_days: u32,
}

/// The tenant, its people and their habits.
#[derive(Debug, Clone)]
pub struct World {
    /// Objects with their versions. Users and registration rows of a large tenant are made when
    /// they are asked for; read them through [`World::item`].
    pub documents: Documents,
}

/// Which sign-ins a caller asks for (`signInEventTypes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    /// `interactiveUser`, what Graph shows without a filter.
    Interactive,
    /// `nonInteractiveUser`.
    NonInteractive,
    /// Both.
    Users,
    /// `servicePrincipal`.
    ServicePrincipals,
}

/// Where to go on in a list of sign-ins, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInPosition {
    /// Time of the last one handed out.
    pub at: Timestamp,
    /// How many of that time were handed out.
    pub of_that_time: u64,
}

/// Who changes something: an app (its display name) or a person (user principal name).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initiator {
    /// Display name of the app, or user principal name.
    pub name: String,
    /// An app.
    pub is_app: bool,
}

/// A change of the tenant, already checked for permission.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A new object, with its `id` set by the caller.
    Create(Collection, Map<String, Value>),
    /// Properties of an object: nested objects are merged by property, arrays replaced.
    Patch(Collection, String, Map<String, Value>),
    /// An object goes.
    Delete(Collection, String),
}

impl World {
    /// A world of nothing but these objects: what tests of the service look at.
    #[must_use]
    pub fn of(documents: Documents) -> Self {
        Self { documents }
    }

    /// A world of a scenario.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let _ = scenario;
        todo!()
    }

    /// How many objects a collection has.
    #[must_use]
    pub fn count(&self, within: &Collection, as_of: Timestamp) -> usize {
        self.documents.list(within, as_of).count()
    }

    /// The object at a place of a collection, with every property beta shows. The service selects.
    #[must_use]
    pub fn item(
        &self,
        within: &Collection,
        place: usize,
        as_of: Timestamp,
    ) -> Option<Map<String, Value>> {
        self.documents.list(within, as_of).nth(place).map(|(_, object)| object.clone())
    }

    /// One object by its id (users also by their user principal name).
    #[must_use]
    pub fn find(
        &self,
        within: &Collection,
        id: &str,
        as_of: Timestamp,
    ) -> Option<Map<String, Value>> {
        self.documents.get(within, id, as_of).cloned()
    }

    /// At most so many sign-ins of a time, newest first, as beta shows them, from a position on;
    /// and the position after the last, if there are more. A row is there from when the log took
    /// it in, some minutes after it happened; `as_of` decides which are.
    #[must_use]
    pub fn sign_ins(
        &self,
        kinds: Kinds,
        window: Range<Timestamp>,
        as_of: Timestamp,
        from: Option<SignInPosition>,
        most: usize,
    ) -> (Vec<Map<String, Value>>, Option<SignInPosition>) {
        let _ = (kinds, window, as_of, from, most);
        todo!()
    }

    /// Carries out a change and writes it to the audit log.
    pub fn change(&mut self, change: Change, by: &Initiator, at: Timestamp) {
        let _ = (change, by, at);
        todo!()
    }

    /// Lets the world go on until a time: people register, phones are changed, people join.
    pub fn advance(&mut self, to: Timestamp) {
        let _ = to;
        todo!()
    }
}
