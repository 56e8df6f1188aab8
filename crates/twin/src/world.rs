//! The tenant and everybody in it.

mod apps;
mod attack;
mod audit;
mod behaviour;
mod cache;
mod calendar;
mod chance;
mod change;
mod conversation;
mod deeds;
mod directory;
mod era;
mod export;
mod found;
mod life;
mod log;
mod moments;
mod names;
mod notes;
mod object;
mod of_snapshot;
mod people;
mod person;
mod registered;
mod row;
mod scenario;
mod show;
mod sign_in;
mod tenant;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

pub use behaviour::{BadBehaviour, Behaviour};
pub use deeds::Device;
pub use notes::{Notes, Responsible};

use crate::documents::{Collection, Documents};
use cache::Cache;
use directory::{DeviceOf, DynamicGroup};
use person::Person;
use tenant::Settings;

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
///
/// A function of the scenario and of what was changed, under a clock that [`World::advance`]
/// turns: nothing happens later than that clock, whatever is asked.
#[derive(Debug, Clone)]
pub struct World {
    /// Objects with their versions. Users, registration rows, methods, devices, rooms and members
    /// of dynamic groups are made when they are asked for; read them through [`World::item`].
    pub documents: Documents,
    people: Vec<Person>,
    /// How many accounts there were in the beginning.
    first_people: usize,
    by_id: BTreeMap<Uuid, u32>,
    by_name: BTreeMap<String, u32>,
    /// Deleted accounts, by place.
    gone: Vec<(u32, Timestamp)>,
    dynamic_groups: Vec<DynamicGroup>,
    devices: Vec<DeviceOf>,
    rooms: Vec<u32>,
    role_changes: Vec<Timestamp>,
    decision_changes: Vec<Timestamp>,
    audits_written: u64,
    settings: Settings,
    behaviour: Behaviour,
    seed: u64,
    /// The first instant of history.
    begins: Timestamp,
    /// Nothing is known of what comes after it.
    clock: Timestamp,
    /// What may happen on the day of the clock.
    agenda: Option<life::Agenda>,
    /// Accounts of which something was changed through Graph.
    changed: BTreeSet<Uuid>,
    cache: Cache,
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
    /// A world of a scenario, with the numbers lockstep comes with.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        // A test holds the shipped numbers to be good; without numbers nobody does anything.
        Self::with_behaviour(scenario, Behaviour::shipped().unwrap_or_default())
    }

    /// A world of a scenario and of other numbers.
    #[must_use]
    pub fn with_behaviour(scenario: &Scenario, behaviour: Behaviour) -> Self {
        let mut world = Self::found(scenario, behaviour);
        world.act_out(scenario);
        world
    }

    /// How many objects a collection has.
    #[must_use]
    pub fn count(&self, within: &Collection, as_of: Timestamp) -> usize {
        match within {
            Collection::Users => self.count_users(as_of),
            Collection::RegistrationDetails => self.report(as_of).len(),
            Collection::AuthenticationMethods(user) => self.methods(user, as_of).len(),
            Collection::Requirements(user) => {
                usize::from(self.account_named(user, as_of).is_some())
            }
            Collection::GroupMembers(group) => match self.dynamic_group(group) {
                Some(group) => group.members.len(),
                None => self.documents.list(within, as_of).count(),
            },
            Collection::Devices | Collection::ManagedDevices => self.devices.len(),
            Collection::Rooms => self.rooms.len(),
            _ => self.documents.list(within, as_of).count(),
        }
    }

    /// The object at a place of a collection, with every property beta shows. The service selects.
    /// A user carries `manager` as `$expand` shows it.
    #[must_use]
    pub fn item(
        &self,
        within: &Collection,
        place: usize,
        as_of: Timestamp,
    ) -> Option<Map<String, Value>> {
        match within {
            Collection::Users => self.user(self.account_at(place, as_of)?, as_of),
            Collection::RegistrationDetails => {
                let account = usize::try_from(*self.report(as_of).get(place)?).ok()?;
                self.registration_row(account, as_of)
            }
            Collection::AuthenticationMethods(user) => {
                self.methods(user, as_of).into_iter().nth(place)
            }
            Collection::Requirements(user) if place == 0 => self.requirements(user, as_of),
            Collection::Requirements(_) => None,
            Collection::GroupMembers(group) => match self.dynamic_group(group) {
                Some(group) => self.member_object(*group.members.get(place)?),
                None => self.documents.list(within, as_of).nth(place).map(|it| it.1.clone()),
            },
            Collection::Devices => self.device_object(*self.devices.get(place)?, as_of),
            Collection::ManagedDevices => self.managed_device(*self.devices.get(place)?, as_of),
            Collection::Rooms => self.room(*self.rooms.get(place)?),
            _ => self.documents.list(within, as_of).nth(place).map(|(_, object)| object.clone()),
        }
    }

    /// One object by its id (users also by their user principal name).
    #[must_use]
    pub fn find(
        &self,
        within: &Collection,
        id: &str,
        as_of: Timestamp,
    ) -> Option<Map<String, Value>> {
        match within {
            Collection::Users => self.user(self.account_named(id, as_of)?, as_of),
            Collection::RegistrationDetails => {
                let account = self.account_named(id, as_of)?;
                let listed = self.report(as_of);
                listed.binary_search(&u32::try_from(account).ok()?).ok()?;
                self.registration_row(account, as_of)
            }
            Collection::AuthenticationMethods(user) => {
                let mut methods = self.methods(user, as_of).into_iter();
                methods
                    .find(|it| object::text(it, "id").is_some_and(|it| it.eq_ignore_ascii_case(id)))
            }
            Collection::Requirements(user) => self.requirements(user, as_of),
            Collection::GroupMembers(group) => match self.dynamic_group(group) {
                Some(group) => {
                    let account = self.account_named(id, as_of)?;
                    let place = u32::try_from(account).ok()?;
                    group.members.binary_search(&place).ok()?;
                    self.member_object(place)
                }
                None => self.documents.get(within, id, as_of).cloned(),
            },
            Collection::Devices | Collection::ManagedDevices | Collection::Rooms => (0..self
                .count(within, as_of))
                .filter_map(|place| self.item(within, place, as_of))
                .find(|it| object::text(it, "id").is_some_and(|it| it.eq_ignore_ascii_case(id))),
            _ => self.documents.get(within, id, as_of).cloned(),
        }
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
        self.page(kinds, window, as_of, from, most)
    }

    /// Carries out a change and writes it to the audit log. The world goes on until then first.
    pub fn change(&mut self, change: Change, by: &Initiator, at: Timestamp) {
        self.live_until(at);
        self.carry_out(change, by, at);
    }

    /// Lets the world go on until a time: people meet prompts and register, people join. What has
    /// not happened by then is nowhere, so call it before each question about a later time.
    pub fn advance(&mut self, to: Timestamp) {
        self.live_until(to);
    }
}
