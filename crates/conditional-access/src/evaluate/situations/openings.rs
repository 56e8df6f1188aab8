//! Which situations reach no policy that demands MFA or blocks.
//!
//! What an attacker chooses is taken at its best for them: client, platform, flow, address. They
//! have the password and a device that is not registered, nobody has found a risk, and whatever
//! can be clicked through (terms of use, custom controls) is.

mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::axis::{Axis, Class, Traits};
use super::people::{self, Named, Population};
use super::{clients, count, every_place, every_target, registers, with_apps};
use crate::evaluate::PolicySet;
use crate::evaluate::applying::Standing;
use crate::evaluate::bits::Bits;
use crate::evaluate::compiled::Matching;
use crate::evaluate::directory::Subject;
use crate::evaluate::identity::{self, Surroundings};
use crate::evaluate::possible::Level;
use crate::evaluate::rule::Enforcement;
use crate::evaluate::target::Request;
use crate::facts::{
    AssignmentState, ClientApp, Device, Identity, InsiderRisk, Method, Registration, Risk,
    RiskLevel, RoleAssignment, SignIn, Tenant,
};
use crate::policy::{Policy, State};
use crate::truth::Truth;
pub(super) use words::{clients as clients_in_words, listed};

/// What policies leave open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpeningReport {
    /// The openings, those that concern most users first.
    pub openings: Vec<Opening>,
    /// How many classes the users fall into.
    pub user_classes: usize,
    /// How many combinations of classes were looked at.
    pub cells: u64,
}

/// Situations without a policy that demands MFA or blocks: every combination of the members of
/// the four lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Whether it is certain.
    pub certainty: Certainty,
    /// Whom it concerns.
    pub users: Population,
    /// What is asked for, in words.
    pub apps: String,
    /// With which clients, on which platforms.
    pub clients: String,
    /// Where from.
    pub places: String,
    /// It is open only while the users have activated a role that they are eligible for.
    pub only_with_active_role: bool,
}

/// Whether an opening is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// No policy covers it.
    Open,
    /// Some policy may cover it: a fact that was not seen, or that is not documented, decides.
    CannotBeShownCovered,
}

/// Classes of the axes that count here.
pub(super) struct Space<'a> {
    set: &'a PolicySet,
    policies: &'a [Policy],
    targets: Vec<Class>,
    clients: Vec<Class>,
    places: Vec<Class>,
    device: Matching,
    enforced: Bits,
    counted: Bits,
}

/// Targets, clients and places, by their position among the classes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Cells {
    pub(super) certainty: Certainty,
    pub(super) targets: Vec<usize>,
    pub(super) clients: Vec<usize>,
    pub(super) places: Vec<usize>,
}

/// Policies that demand MFA or block, for certain and perhaps; by whether a resource is asked for or
/// security information is registered.
type Protecting = [(Bits, Bits); 2];

/// What is open: by certainty and places, the clients of each target.
#[derive(Debug, Default)]
pub(super) struct Found(BTreeMap<(Certainty, Vec<usize>), BTreeMap<usize, Vec<usize>>>);

/// Finds what policies that are On leave open. Who can activate a role is looked at without it and
/// with it.
#[must_use]
pub fn find_openings(policies: &[Policy], tenant: &Tenant) -> OpeningReport {
    let counts = |policy: &&Policy| matches!(policy.state, State::Enabled | State::Unknown);
    let policies: Vec<Policy> = policies.iter().filter(counts).cloned().collect();
    let set = PolicySet::of(&policies, &with_apps(tenant));
    let active = activated(tenant).map(|it| PolicySet::of(&policies, &with_apps(&it)));
    let space = Space::of(&set, &policies, tenant);
    let space_active = active.as_ref().map(|set| Space::of(set, &policies, tenant));
    let named = Named::of(&policies, tenant);
    let people = people::classed(&tenant.users, |user| {
        let row = |set| people::row(set, &named, &user.id);
        let waiting = row(&set);
        let active = active.as_ref().map(row).filter(|it| *it != waiting);
        (waiting, active)
    });
    let mut concerned: BTreeMap<[Vec<Cells>; 2], Population> = BTreeMap::new();
    for class in &people {
        let user = class.examples.first().map(String::as_str);
        let found = space.found(user);
        let active = space_active.as_ref().map(|it| it.found(user).beyond(&[&found]).boxes());
        concerned.entry([found.boxes(), active.unwrap_or_default()]).or_default().take_in(class);
    }
    let mut openings: Vec<Opening> = Vec::new();
    for ([waiting, active], users) in concerned {
        openings.extend(waiting.iter().map(|it| space.in_words(it, &users)));
        openings.extend(
            active
                .iter()
                .map(|it| Opening { only_with_active_role: true, ..space.in_words(it, &users) }),
        );
    }
    openings.sort_by_key(|opening| (opening.certainty, usize::MAX - opening.users.count));
    let cells = [&space.targets, &space.clients, &space.places]
        .into_iter()
        .fold(count(&people), |cells, axis| cells.saturating_mul(count(axis)));
    OpeningReport { openings, user_classes: people.len(), cells }
}

/// The tenant after everybody has activated every role they can. `None`: there is none.
fn activated(tenant: &Tenant) -> Option<Tenant> {
    let waits = |role: &RoleAssignment| role.state == Some(AssignmentState::Eligible);
    if !tenant.roles.iter().any(waits) {
        return None;
    }
    let mut tenant = tenant.clone();
    for role in tenant.roles.iter_mut().filter(|role| waits(role)) {
        role.state = Some(AssignmentState::Active);
    }
    Some(tenant)
}

impl<'a> Space<'a> {
    fn of(set: &'a PolicySet, policies: &'a [Policy], tenant: &Tenant) -> Self {
        let anybody = set.directory.subject(Some(""));
        let targets = set.classed(Axis::Target, every_target(policies), &anybody);
        let clients = set.classed(Axis::Client, clients(), &anybody);
        let places = set.classed(Axis::Place, every_place(policies, tenant), &anybody);
        Self::with(set, policies, [targets, clients, places])
    }

    /// With classes of targets, clients and places that were held against the policies before.
    pub(super) fn with(
        set: &'a PolicySet,
        policies: &'a [Policy],
        [targets, clients, places]: [Vec<Class>; 3],
    ) -> Self {
        let anybody = set.directory.subject(Some(""));
        let mut device = SignIn::of_user("");
        device.device = Some(Device::unregistered());
        let mut risk = SignIn::of_user("");
        risk.risk = no_risk();
        let fixed = |axis, facts| set.signature(axis, facts, &anybody).matching;
        let bits = |wanted: &[Enforcement]| {
            let rules = set.rules.iter().enumerate();
            rules
                .filter(|(_, rule)| wanted.contains(&rule.enforcement))
                .fold(Bits::NONE, |bits, (place, _)| bits.or(Bits::one(place)))
        };
        Self {
            targets,
            clients,
            places,
            device: fixed(Axis::Device, &device).and(fixed(Axis::Risk, &risk)),
            enforced: bits(&[Enforcement::Enforced]),
            counted: bits(&[Enforcement::Enforced, Enforcement::Unclear]),
            set,
            policies,
        }
    }

    /// What is open to users of one class: the cells, put together into few boxes.
    #[cfg(test)]
    fn open_to(&self, class: &Population) -> Vec<Cells> {
        self.found(class.examples.first().map(String::as_str)).boxes()
    }

    /// What is open to a user.
    pub(super) fn found(&self, user: Option<&str>) -> Found {
        let subject = self.set.directory.subject(user);
        let mut protecting: HashMap<Traits, Protecting> = HashMap::new();
        let mut identities: HashMap<(bool, bool), Matching> = HashMap::new();
        let mut found = Found::default();
        let every_place = self
            .places
            .iter()
            .fold(self.enforced, |all, place| all.and(place.signature.matching.certain));
        for (at, client) in self.clients.iter().enumerate() {
            let protecting = *protecting
                .entry(client.signature.traits.clone())
                .or_insert_with(|| self.protecting(&subject, client));
            for (target, asked) in self.targets.iter().enumerate() {
                let around = self.surroundings(client, asked);
                let identity =
                    *identities.entry(around).or_insert_with(|| self.identity(&subject, around));
                let applying = identity
                    .and(asked.signature.matching)
                    .and(client.signature.matching)
                    .and(self.device);
                let [resource, registering] = protecting;
                let (certain, perhaps) =
                    if registers(&asked.facts) { registering } else { resource };
                if applying.certain.and(certain).meets(every_place) {
                    continue;
                }
                let layer = self.layer(&subject, asked, client);
                for (certainty, places) in self.open_places(applying, certain, perhaps, layer) {
                    let clients = found.0.entry((certainty, places)).or_default();
                    clients.entry(target).or_default().push(at);
                }
            }
        }
        found
    }

    /// The places from which the rest is open.
    fn open_places(
        &self,
        applying: Matching,
        certain: Bits,
        perhaps: Bits,
        layer: Option<Certainty>,
    ) -> Vec<(Certainty, Vec<usize>)> {
        let mut by_certainty: BTreeMap<Certainty, Vec<usize>> = BTreeMap::new();
        let Some(layer) = layer else { return Vec::new() };
        for (at, place) in self.places.iter().enumerate() {
            let here = applying.and(place.signature.matching);
            if here.certain.and(self.enforced).meets(certain) {
                continue;
            }
            let may_cover = here.possible.and(self.counted).meets(perhaps);
            let certainty = if may_cover { Certainty::CannotBeShownCovered } else { layer };
            by_certainty.entry(certainty).or_default().push(at);
        }
        by_certainty.into_iter().collect()
    }

    /// Whether the client may be Exchange ActiveSync, and whether the kinds of guests blur.
    fn surroundings(&self, client: &Class, target: &Class) -> (bool, bool) {
        let active_sync = client.facts.client_app == Some(ClientApp::ExchangeActiveSync);
        let request = Request::of(&target.facts, self.set.baseline_scopes.as_ref());
        (active_sync, !request.blurs_guests().is_false())
    }

    fn identity(&self, subject: &Subject, (active_sync, blurs): (bool, bool)) -> Matching {
        let client = if active_sync { ClientApp::ExchangeActiveSync } else { ClientApp::Browser };
        let around = Surroundings { client_app: Some(client), blurs_guests: Truth::from(blurs) };
        self.set.each(|rule, why| {
            let has_effect = Truth::from(rule.controls.is_set);
            has_effect.and(identity::user(rule, &self.set.directory, subject, around, why))
        })
    }

    /// A sign-in in which all that can be clicked through is.
    pub(super) fn attempt(&self, subject: &Subject, client: &Class) -> SignIn {
        let grants = || self.policies.iter().filter_map(|policy| policy.grant.as_ref());
        let mut sign_in = SignIn::of_user("");
        sign_in.identity = Identity::User(subject.id.clone());
        Axis::Client.put(&client.facts, &mut sign_in);
        sign_in.device = Some(Device::unregistered());
        sign_in.terms_accepted =
            Some(grants().flat_map(|grant| grant.terms_of_use.iter().cloned()).collect());
        sign_in.session.custom =
            Some(grants().flat_map(|grant| grant.custom.iter().cloned()).collect());
        sign_in.app_protection = Some(true);
        sign_in.token_bound = Some(true);
        sign_in
    }

    fn protecting(&self, subject: &Subject, client: &Class) -> Protecting {
        let sign_in = self.attempt(subject, client);
        let registering = crate::evaluate::registration_of(&sign_in);
        let registration = with_every_method();
        [sign_in, registering].map(|sign_in| {
            let scene = self.set.scene_of(&sign_in, &registration, subject);
            let levels = self.set.levels(&scene);
            let ([certain, _, _], [perhaps, _, _]) = (levels.lowest, levels.highest);
            (certain, perhaps)
        })
    }

    /// Whether what demands MFA beside Conditional Access leaves it open. `None`: it does not.
    fn layer(&self, subject: &Subject, target: &Class, client: &Class) -> Option<Certainty> {
        let mut sign_in = self.attempt(subject, client);
        Axis::Target.put(&target.facts, &mut sign_in);
        let registration = with_every_method();
        let scene = self.set.scene_of(&sign_in, &registration, subject);
        let mut standing = Standing::of(&[], &scene);
        self.set.add_layers(&scene, &mut standing);
        let possible = || standing.layers.iter().filter_map(|layer| layer.possible);
        if possible().any(|it| it.lowest() > Level::Ok) {
            None
        } else if possible().any(|it| it.highest() > Level::Ok) {
            Some(Certainty::CannotBeShownCovered)
        } else {
            Some(Certainty::Open)
        }
    }
}

/// Nobody has found a risk.
pub(super) fn no_risk() -> Risk {
    Risk {
        sign_in: Some(RiskLevel::None),
        user: Some(RiskLevel::None),
        insider: Some(InsiderRisk::None),
        service_principal: Some(RiskLevel::None),
    }
}

pub(super) fn with_every_method() -> Registration {
    Registration::of(Method::ALL.into_iter().map(|(method, _)| method).collect())
}

/// One of each class, by its place in its axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cell {
    target: usize,
    client: usize,
    place: usize,
}

/// More boxes than this are told apart, not widened: nobody reads them anyway.
const WIDENED: usize = 64;

impl Found {
    /// What is open here and in none of the others, or only perhaps.
    pub(super) fn beyond(&self, others: &[&Self]) -> Self {
        let others: Vec<BTreeMap<Cell, Certainty>> = others.iter().map(|it| it.cells()).collect();
        let is_new = |cell: &Cell, certainty: Certainty| {
            // What is open counts more than what may be.
            others.iter().all(|it| it.get(cell).is_none_or(|other| certainty < *other))
        };
        let mut places: BTreeMap<(Certainty, usize, usize), Vec<usize>> = BTreeMap::new();
        for (cell, certainty) in self.cells() {
            if is_new(&cell, certainty) {
                let Cell { target, client, place } = cell;
                places.entry((certainty, target, client)).or_default().push(place);
            }
        }
        let mut found = Self::default();
        for ((certainty, target, client), places) in places {
            let targets = found.0.entry((certainty, places)).or_default();
            targets.entry(target).or_default().push(client);
        }
        found
    }

    fn cells(&self) -> BTreeMap<Cell, Certainty> {
        let mut all = BTreeMap::new();
        for ((certainty, places), targets) in &self.0 {
            for (target, clients) in targets {
                for client in clients {
                    for place in places {
                        let cell = Cell { target: *target, client: *client, place: *place };
                        all.insert(cell, *certainty);
                    }
                }
            }
        }
        all
    }

    /// Puts what was found together: for each set of places all targets and clients that are open
    /// from there, and for each set of clients all targets. Boxes may overlap; none lies within
    /// another.
    pub(super) fn boxes(&self) -> Vec<Cells> {
        let widens = self.0.len() <= WIDENED;
        let mut all: Vec<Cells> = Vec::new();
        for ((certainty, places), of_places) in &self.0 {
            let mut by_target = of_places.clone();
            for ((other, wider), targets) in self.0.iter().filter(|_| widens) {
                if other == certainty && wider != places && includes(wider, places) {
                    for (target, clients) in targets {
                        by_target.entry(*target).or_default().extend(clients);
                    }
                }
            }
            for clients in by_target.values_mut() {
                clients.sort_unstable();
                clients.dedup();
            }
            let client_sets: BTreeSet<&Vec<usize>> = by_target.values().collect();
            for clients in client_sets {
                let open = by_target.iter().filter(|(_, it)| includes(it, clients));
                all.push(Cells {
                    certainty: *certainty,
                    targets: open.map(|(target, _)| *target).collect(),
                    clients: clients.clone(),
                    places: places.clone(),
                });
            }
        }
        let within = |inner: &Cells, outer: &Cells| {
            inner != outer
                && inner.certainty == outer.certainty
                && includes(&outer.targets, &inner.targets)
                && includes(&outer.clients, &inner.clients)
                && includes(&outer.places, &inner.places)
        };
        all.iter().filter(|it| !all.iter().any(|other| within(it, other))).cloned().collect()
    }
}

/// Whether a rising list has every member of another.
fn includes(all: &[usize], some: &[usize]) -> bool {
    some.iter().all(|it| all.binary_search(it).is_ok())
}

#[cfg(test)]
pub(super) mod tests;
