//! What a change does, held against what was there before: in the end, and after every single
//! write on the way.
//!
//! All worlds are cut into the same classes, those that any of them tells apart, so that each
//! combination of classes compares like with like. Two questions are asked of each: what does the
//! person meet, and what may an attacker do who has their password?

mod cells;
mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use super::axis::{Axis, Class, Signature, Traits};
use super::openings::{Found, Opening, Space};
use super::people::{self, Named, Population, Row};
use super::{clients, count, every_device, every_place, every_risk, every_target, with_apps};
use crate::evaluate::PolicySet;
use crate::evaluate::bits::MOST;
use crate::evaluate::compiled::Matching;
use crate::facts::{Registration, Tenant, User};
use crate::outcome::{Cause, Verdict};
use crate::policy::{Policy, State};
use cells::{Changed, Judge};

/// Policies and the tenant they stand in.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// Every policy, in every state.
    pub policies: &'a [Policy],
    /// The tenant.
    pub tenant: &'a Tenant,
}

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub struct ChangeQuestion<'a> {
    /// The world before, after each single write, and after the last.
    pub worlds: &'a [World<'a>],
    /// What people can prove themselves with, by object id in lower case. Of whoever is not listed
    /// nobody saw it.
    pub registrations: &'a BTreeMap<String, Registration>,
}

/// What a change does.
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use = "a comparison that nobody reads protects nobody"]
pub struct Comparison {
    /// What becomes different for people, the worst first.
    pub changes: Vec<Change>,
    /// What becomes open to an attacker: no policy demands MFA or blocks there any more.
    pub openings: Vec<NewOpening>,
    /// How many classes the users fall into.
    pub user_classes: usize,
    /// How many combinations of classes were held against all worlds.
    pub cells: u64,
    /// In how many of them nothing changes for the people: neither in the end nor on the way.
    pub unchanged: u64,
}

/// Situations in which people meet something else than before: every combination of the members of
/// the lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub when: When,
    /// What becomes of it.
    pub effect: Effect,
    /// What they met before.
    pub before: Verdict,
    /// What they meet then.
    pub after: Verdict,
    /// Who decides then.
    pub by: BTreeSet<Cause>,
    /// Whom it concerns.
    pub users: Population,
    /// What is asked for, in words.
    pub apps: String,
    /// With which clients, on which platforms.
    pub clients: String,
    /// Where from.
    pub places: String,
    /// On which devices.
    pub devices: String,
    /// Under which risks.
    pub risks: String,
}

/// Something that becomes open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOpening {
    /// When.
    pub when: When,
    /// What.
    pub opening: Opening,
}

/// When something is different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// When all is done.
    InTheEnd,
    /// Only for a while: after this write, the first being 1, it is worse than before and in the
    /// end.
    AfterWrite(usize),
}

/// What becomes of a situation, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// People get in no more.
    NewlyBlocked,
    /// People must satisfy, or register for, what they need not before.
    NewlyRequired,
    /// Nobody can say any more.
    NewlyUnknown,
    /// Less is asked of people, or nothing.
    Eased,
    /// It could not be said before, and people get in now.
    NoLongerUnknown,
}

/// Why worlds cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CannotCompare {
    /// There are not two worlds.
    TooFewWorlds,
    /// A world has more policies than a tenant can have.
    TooManyPolicies {
        /// How many can be judged.
        most: usize,
    },
}

impl fmt::Display for CannotCompare {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewWorlds => write!(formatter, "a comparison needs a world before and after"),
            Self::TooManyPolicies { most } => {
                write!(formatter, "there are more policies than the {most} that can be judged")
            }
        }
    }
}

impl std::error::Error for CannotCompare {}

/// Holds the worlds of a change against each other.
///
/// # Errors
/// When there are not two worlds, or one has more policies than can be judged.
pub fn compare(question: &ChangeQuestion<'_>) -> Result<Comparison, CannotCompare> {
    let worlds: Vec<Counted> = question.worlds.iter().map(Counted::of).collect();
    if worlds.len() < 2 {
        return Err(CannotCompare::TooFewWorlds);
    }
    if worlds.iter().any(|it| it.policies.len() > MOST) {
        return Err(CannotCompare::TooManyPolicies { most: MOST });
    }
    let joint = Joint::of(&worlds);
    let people = joint.people(question.registrations);
    let mut judge = Judge::of(&joint, question.registrations);
    let mut changed: BTreeMap<Vec<Changed>, Population> = BTreeMap::new();
    let mut opened: BTreeMap<Vec<(When, Vec<super::openings::Cells>)>, Population> =
        BTreeMap::new();
    let mut comparison = Comparison { user_classes: people.len(), ..Comparison::default() };
    for class in &people {
        let Some(user) = class.examples.first() else { continue };
        let (changes, unchanged) = judge.changes(user);
        comparison.unchanged = comparison.unchanged.saturating_add(unchanged);
        changed.entry(changes).or_default().take_in(class);
        opened.entry(joint.opened(user)).or_default().take_in(class);
    }
    comparison.cells = joint.cells().saturating_mul(count(&people));
    for (changes, users) in &changed {
        comparison.changes.extend(changes.iter().map(|it| joint.in_words(it, users)));
    }
    comparison.changes.sort_by_key(|it| (it.when, it.effect, usize::MAX - it.users.count));
    for (openings, users) in &opened {
        for (when, boxes) in openings {
            let told = boxes.iter().filter_map(|it| Some(joint.space(0)?.in_words(it, users)));
            comparison.openings.extend(told.map(|opening| NewOpening { when: *when, opening }));
        }
    }
    comparison
        .openings
        .sort_by_key(|it| (it.when, it.opening.certainty, usize::MAX - it.opening.users.count));
    Ok(comparison)
}

/// A world with the policies that count: those that are On, or in a state nobody knows.
struct Counted {
    policies: Vec<Policy>,
    tenant: Tenant,
    set: PolicySet,
}

impl Counted {
    fn of(world: &World<'_>) -> Self {
        let counts = |policy: &&Policy| matches!(policy.state, State::Enabled | State::Unknown);
        let policies: Vec<Policy> = world.policies.iter().filter(counts).cloned().collect();
        let tenant = with_apps(world.tenant);
        Self { set: PolicySet::of(&policies, &tenant), policies, tenant }
    }
}

/// Classes of one axis that no world tells further apart.
struct Classes {
    /// One for each class, with the signature of the first world.
    all: Vec<Class>,
    /// By world, how it sees each class.
    seen: Vec<Vec<(Matching, usize)>>,
}

/// All worlds in the same classes.
struct Joint<'a> {
    worlds: &'a [Counted],
    policies: Vec<Policy>,
    targets: Classes,
    clients: Classes,
    devices: Classes,
    places: Classes,
    risks: Classes,
    /// What an attacker sees of each world.
    spaces: Vec<Space<'a>>,
}

impl<'a> Joint<'a> {
    fn of(worlds: &'a [Counted]) -> Self {
        let policies: Vec<Policy> =
            worlds.iter().flat_map(|world| world.policies.iter().cloned()).collect();
        let places = worlds.iter().flat_map(|world| every_place(&policies, &world.tenant));
        let classed = |axis, values| Classes::of(worlds, axis, values);
        let mut joint = Self {
            targets: classed(Axis::Target, every_target(&policies)),
            clients: classed(Axis::Client, clients()),
            devices: classed(Axis::Device, every_device(&policies)),
            places: classed(Axis::Place, places.collect()),
            risks: classed(Axis::Risk, every_risk(&policies)),
            worlds,
            policies,
            spaces: Vec::new(),
        };
        joint.spaces = worlds
            .iter()
            .map(|world| {
                let nobody = world.set.directory.subject(Some(""));
                let held = |axis, classes: &Classes| -> Vec<Class> {
                    let held = |class: &Class| Class {
                        signature: world.set.signature(axis, &class.facts, &nobody),
                        ..class.clone()
                    };
                    classes.all.iter().map(held).collect()
                };
                let classes = [
                    held(Axis::Target, &joint.targets),
                    held(Axis::Client, &joint.clients),
                    held(Axis::Place, &joint.places),
                ];
                Space::with(&world.set, &world.policies, classes)
            })
            .collect();
        joint
    }

    fn space(&self, world: usize) -> Option<&Space<'a>> {
        self.spaces.get(world)
    }

    fn cells(&self) -> u64 {
        let axes = [&self.targets, &self.clients, &self.devices, &self.places, &self.risks];
        axes.into_iter().fold(1, |cells, axis| cells.saturating_mul(count(&axis.all)))
    }

    /// The users of all worlds, classed by what any world tells of them.
    fn people(&self, registrations: &BTreeMap<String, Registration>) -> Vec<Population> {
        let mut known = BTreeSet::new();
        let mut users: Vec<&User> = Vec::new();
        for world in self.worlds.iter().rev() {
            let new = |user: &&User| known.insert(user.id.to_ascii_lowercase());
            users.extend(world.tenant.users.iter().filter(new));
        }
        let named: Vec<Named> =
            self.worlds.iter().map(|it| Named::of(&self.policies, &it.tenant)).collect();
        people::classed(users, |user| {
            let worlds = self.worlds.iter().zip(&named);
            let rows: Vec<Row> =
                worlds.map(|(it, named)| people::row(&it.set, named, &user.id)).collect();
            (rows, can_prove(registrations, &user.id))
        })
    }

    /// What becomes open to whoever has the user's password.
    fn opened(&self, user: &str) -> Vec<(When, Vec<super::openings::Cells>)> {
        let found: Vec<Found> = self.spaces.iter().map(|it| it.found(Some(user))).collect();
        let [first, between @ .., last] = found.as_slice() else { return Vec::new() };
        let passing = between
            .iter()
            .zip(1..)
            .map(|(found, write)| (When::AfterWrite(write), found.beyond(&[first, last]).boxes()));
        let lasting = (When::InTheEnd, last.beyond(&[first]).boxes());
        let all = std::iter::once(lasting).chain(passing);
        all.filter(|(_, boxes)| !boxes.is_empty()).collect()
    }
}

fn can_prove(
    registrations: &BTreeMap<String, Registration>,
    user: &str,
) -> (Option<crate::facts::Methods>, bool) {
    let told = registrations.get(&user.to_ascii_lowercase());
    told.map_or((None, true), |it| (it.usable, it.can_register))
}

impl Classes {
    fn of(worlds: &[Counted], axis: Axis, values: Vec<Class>) -> Self {
        let nobody: Vec<_> =
            worlds.iter().map(|world| world.set.directory.subject(Some(""))).collect();
        let mut traits: HashMap<Traits, usize> = HashMap::new();
        let mut known: HashMap<Vec<(Matching, usize)>, usize> = HashMap::new();
        let mut all: Vec<Class> = Vec::new();
        for value in values {
            let seen = worlds.iter().zip(&nobody).map(|(world, nobody)| {
                let Signature { matching, traits: read } =
                    world.set.signature(axis, &value.facts, nobody);
                let next = traits.len();
                (matching, *traits.entry(read).or_insert(next))
            });
            let next = all.len();
            let place = *known.entry(seen.collect()).or_insert(next);
            match all.get_mut(place) {
                Some(class) => class.take_in(value),
                None => all.push(value),
            }
        }
        let mut ordered: Vec<_> = known.into_iter().collect();
        ordered.sort_unstable_by_key(|(_, place)| *place);
        let world =
            |world: usize| ordered.iter().filter_map(move |(seen, _)| seen.get(world).copied());
        let seen = (0..worlds.len()).map(|it| world(it).collect()).collect();
        Self { all, seen }
    }
}

#[cfg(test)]
mod tests;
