//! Every combination of classes, held against all worlds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Classes, Effect, Joint, When, can_prove};
use crate::evaluate::bits::Bits;
use crate::evaluate::compiled::Matching;
use crate::evaluate::identity::{self, Surroundings};
use crate::evaluate::situations::people::{self, Named, Row};
use crate::evaluate::situations::{Axis, Class, unaided};
use crate::evaluate::target::Request;
use crate::evaluate::{registration_of, target};
use crate::facts::{ClientApp, Methods, Registration, SignIn};
use crate::outcome::{Cause, Experience, Verdict};
use crate::truth::Truth;

/// How one world sees a value: which policies match, and what controls read of it.
type Seen = (Matching, usize);

/// What decides a verdict: the world, what controls read of the person, target, client and device,
/// and the policies that match, in the sign-in and while registering.
type Key = (usize, usize, [usize; 3], Matching, Matching);

/// Members of the five axes, by their place among the classes.
pub(super) type Box5 = Vec<Vec<usize>>;

/// Situations that change, before they are put into words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Changed {
    pub(super) when: When,
    pub(super) effect: Effect,
    pub(super) before: Verdict,
    pub(super) after: Verdict,
    pub(super) by: BTreeSet<Cause>,
    /// Targets, clients, devices, places, risks.
    pub(super) members: Box5,
}

/// Answers for one person after the other, and remembers.
pub(super) struct Judge<'a, 'j> {
    joint: &'j Joint<'a>,
    registrations: &'j BTreeMap<String, Registration>,
    named: Vec<Named>,
    /// By world, whom the registration of security information reaches.
    registering: Vec<Matching>,
    /// Of each class of clients, whether it is Exchange ActiveSync.
    active_sync: Vec<bool>,
    /// By world, of each class of targets, whether kinds of guests may blur.
    blurs: Vec<Vec<bool>>,
    /// What controls read of people.
    readings: HashMap<(Row, Option<Methods>, bool), usize>,
    known: HashMap<Key, (Verdict, usize)>,
    causes: Vec<BTreeSet<Cause>>,
}

/// Classes that one person's policies do not tell apart.
struct Merged {
    members: Vec<usize>,
    seen: Vec<Seen>,
}

/// One person, as one world sees them: by whether the client is Exchange ActiveSync, and whether
/// Teams or SharePoint is asked for.
type Identities = [[Matching; 2]; 2];

/// Verdict and cause of each world in one cell.
type Verdicts = Vec<(Verdict, usize)>;

impl<'a, 'j> Judge<'a, 'j> {
    pub(super) fn of(
        joint: &'j Joint<'a>,
        registrations: &'j BTreeMap<String, Registration>,
    ) -> Self {
        let named = joint.worlds.iter().map(|it| Named::of(&joint.policies, &it.tenant)).collect();
        let registering = registration_of(&SignIn::of_user(""));
        let registering = joint.worlds.iter().map(|world| {
            let request = Request::of(&registering, world.set.baseline_scopes.as_ref());
            world.set.each(|rule, why| {
                target::reach(&rule.targets, &request, &world.set.apps, why).any()
            })
        });
        let is_active_sync =
            |it: &Class| it.facts.client_app == Some(ClientApp::ExchangeActiveSync);
        let blurs = joint.worlds.iter().map(|world| {
            let request = |it: &Class| Request::of(&it.facts, world.set.baseline_scopes.as_ref());
            let targets = joint.targets.all.iter();
            targets.map(|it| !request(it).blurs_guests().is_false()).collect()
        });
        Self {
            joint,
            registrations,
            named,
            active_sync: joint.clients.all.iter().map(is_active_sync).collect(),
            blurs: blurs.collect(),
            registering: registering.collect(),
            readings: HashMap::new(),
            known: HashMap::new(),
            causes: Vec::new(),
        }
    }

    /// What changes for a user, and in how many cells nothing does.
    pub(super) fn changes(&mut self, user: &str) -> (Vec<Changed>, u64) {
        let identities: Vec<Identities> =
            (0..self.joint.worlds.len()).map(|world| self.identities(world, user)).collect();
        let masks: Vec<Bits> = identities
            .iter()
            .map(|all| all.iter().flatten().fold(Bits::NONE, |mask, it| mask.or(it.possible)))
            .collect();
        let joint = self.joint;
        let axes = [&joint.targets, &joint.clients, &joint.devices, &joint.places, &joint.risks]
            .map(|classes| merged(classes, &masks));
        let readings: Vec<usize> =
            (0..joint.worlds.len()).map(|world| self.reading(world, user)).collect();
        let person = Person { user, identities: &identities, readings: &readings };
        let mut changed: BTreeMap<_, BTreeSet<Vec<usize>>> = BTreeMap::new();
        let mut unchanged = 0_u64;
        for_each_cell(&axes, &mut |places, chosen| {
            let verdicts = self.verdicts(&person, chosen);
            let different = differences(&verdicts);
            if different.is_empty() {
                unchanged = unchanged.saturating_add(size(chosen));
            }
            for (when, effect, before, after, by) in different {
                changed
                    .entry((when, effect, before, after, by))
                    .or_default()
                    .insert(places.to_vec());
            }
        });
        let mut all = Vec::new();
        for ((when, effect, before, after, by), cells) in changed {
            for members in boxes(&cells) {
                let members = members.iter().zip(&axes).map(|(places, axis)| {
                    let merged = places.iter().filter_map(|place| axis.get(*place));
                    let mut members: Vec<usize> =
                        merged.flat_map(|it| it.members.iter().copied()).collect();
                    members.sort_unstable();
                    members
                });
                let by = self.causes.get(by).cloned().unwrap_or_default();
                let members = members.collect();
                all.push(Changed { when, effect, before, after, by, members });
            }
        }
        (all, unchanged)
    }

    fn identities(&self, world: usize, user: &str) -> Identities {
        let Some(world) = self.joint.worlds.get(world) else { return [[Matching::NONE; 2]; 2] };
        let subject = world.set.directory.subject(Some(user));
        [ClientApp::Browser, ClientApp::ExchangeActiveSync].map(|client| {
            [Truth::False, Truth::True].map(|blurs_guests| {
                let around = Surroundings { client_app: Some(client), blurs_guests };
                world.set.each(|rule, why| {
                    let has_effect = Truth::from(rule.controls.is_set);
                    let directory = &world.set.directory;
                    has_effect.and(identity::user(rule, directory, &subject, around, why))
                })
            })
        })
    }

    /// The number of what controls read of the person.
    fn reading(&mut self, world: usize, user: &str) -> usize {
        let Some((counted, named)) = self.joint.worlds.get(world).zip(self.named.get(world)) else {
            return 0;
        };
        let row = people::row(&counted.set, named, user).without_assignments();
        let (usable, can_register) = can_prove(self.registrations, user);
        let next = self.readings.len();
        *self.readings.entry((row, usable, can_register)).or_insert(next)
    }

    fn verdicts(&mut self, person: &Person<'_>, chosen: &[&Merged]) -> Verdicts {
        let mut all = Vec::new();
        for (world, (identities, reading)) in
            person.identities.iter().zip(person.readings).enumerate()
        {
            let seen: Vec<Seen> =
                chosen.iter().filter_map(|it| it.seen.get(world).copied()).collect();
            let [target, around @ ..] = seen.as_slice() else { return all };
            let [client, device, ..] = around else { return all };
            let [by_browser, by_active_sync] = identities;
            let [asked, with, ..] = chosen else { return all };
            let active_sync = first(&self.active_sync, with);
            let [quiet, blurred] = if active_sync { by_active_sync } else { by_browser };
            let blurs = self.blurs.get(world).is_some_and(|it| first(it, asked));
            let around = around.iter().fold(None::<Matching>, |all, (matching, _)| {
                Some(all.map_or(*matching, |all| all.and(*matching)))
            });
            let (Some(around), Some(registering)) = (around, self.registering.get(world)) else {
                return all;
            };
            let applying = around.and(target.0).and(if blurs { *blurred } else { *quiet });
            let again = around.and(*registering).and(*quiet);
            let key = (world, *reading, [target.1, client.1, device.1], applying, again);
            let known = self.known.get(&key).copied();
            let found = known.unwrap_or_else(|| self.evaluated(world, person.user, chosen));
            self.known.insert(key, found);
            all.push(found);
        }
        all
    }

    /// Asks the world itself.
    fn evaluated(&mut self, world: usize, user: &str, chosen: &[&Merged]) -> (Verdict, usize) {
        let mut sign_in = unaided(user);
        let joint = self.joint;
        let axes = [
            (Axis::Target, &joint.targets),
            (Axis::Client, &joint.clients),
            (Axis::Device, &joint.devices),
            (Axis::Place, &joint.places),
            (Axis::Risk, &joint.risks),
        ];
        for ((axis, classes), merged) in axes.into_iter().zip(chosen) {
            let class = merged.members.first().and_then(|it| classes.all.get(*it));
            if let Some(class) = class {
                axis.put(&class.facts, &mut sign_in);
            }
        }
        let (usable, can_register) = can_prove(self.registrations, user);
        let registration = Registration { usable, can_register };
        let Some(world) = joint.worlds.get(world) else { return (Verdict::Unknown, 0) };
        let (decided, rows) = world.set.decided(&sign_in, &registration);
        let outcome = decided.outcome(rows, Experience::Unknown);
        let place = self.causes.iter().position(|it| *it == outcome.by).unwrap_or_else(|| {
            self.causes.push(outcome.by.clone());
            self.causes.len() - 1
        });
        (outcome.verdict, place)
    }
}

/// A person in all worlds.
struct Person<'p> {
    user: &'p str,
    identities: &'p [Identities],
    readings: &'p [usize],
}

/// What is true of the first member is true of all.
fn first(is: &[bool], merged: &Merged) -> bool {
    merged.members.first().and_then(|it| is.get(*it)).copied().unwrap_or(false)
}

/// Puts classes together that the policies which can reach a person treat alike.
fn merged(classes: &Classes, masks: &[Bits]) -> Vec<Merged> {
    let mut known: HashMap<Vec<Seen>, usize> = HashMap::new();
    let mut all: Vec<Merged> = Vec::new();
    for class in 0..classes.all.len() {
        let seen: Vec<Seen> = classes
            .seen
            .iter()
            .zip(masks)
            .filter_map(|(seen, mask)| {
                let (matching, traits) = *seen.get(class)?;
                let masked = Matching {
                    certain: matching.certain.and(*mask),
                    possible: matching.possible.and(*mask),
                };
                Some((masked, traits))
            })
            .collect();
        let next = all.len();
        let place = *known.entry(seen.clone()).or_insert(next);
        match all.get_mut(place) {
            Some(merged) => merged.members.push(class),
            None => all.push(Merged { members: vec![class], seen }),
        }
    }
    all
}

/// Every choice of one of each axis, with the places of the chosen.
fn for_each_cell(axes: &[Vec<Merged>; 5], then: &mut impl FnMut(&[usize], &[&Merged])) {
    fn deeper<'m>(
        axes: &'m [Vec<Merged>],
        places: &mut Vec<usize>,
        chosen: &mut Vec<&'m Merged>,
        then: &mut impl FnMut(&[usize], &[&'m Merged]),
    ) {
        let Some((axis, rest)) = axes.split_first() else { return then(places, chosen) };
        for (place, merged) in axis.iter().enumerate() {
            places.push(place);
            chosen.push(merged);
            deeper(rest, places, chosen, then);
            places.pop();
            chosen.pop();
        }
    }
    deeper(axes, &mut Vec::new(), &mut Vec::new(), then);
}

fn size(chosen: &[&Merged]) -> u64 {
    chosen.iter().fold(1, |size, it| size.saturating_mul(super::count(&it.members)))
}

/// When something is different, what becomes of it, from what to what, and the number of the cause.
type Difference = (When, Effect, Verdict, Verdict, usize);

/// What is different in one cell, by the verdicts of all worlds.
fn differences(verdicts: &[(Verdict, usize)]) -> Vec<Difference> {
    let [(first, _), between @ .., (last, by)] = verdicts else { return Vec::new() };
    let mut all = Vec::new();
    if let Some(effect) = effect(*first, *last) {
        all.push((When::InTheEnd, effect, *first, *last, *by));
    }
    for (write, (now, by)) in (1..).zip(between) {
        let worse = |than: Verdict| effect(than, *now).filter(|it| *it <= Effect::NewlyUnknown);
        if let (Some(effect), Some(_)) = (worse(*first), worse(*last)) {
            all.push((When::AfterWrite(write), effect, *first, *now, *by));
        }
    }
    all
}

/// What becomes of a situation. `None`: nothing.
pub(super) fn effect(before: Verdict, after: Verdict) -> Option<Effect> {
    match (before, after) {
        (before, after) if before == after => None,
        (_, Verdict::Block) => Some(Effect::NewlyBlocked),
        (_, Verdict::Unknown) => Some(Effect::NewlyUnknown),
        // A registration is trouble, whatever may have been before.
        (Verdict::Unknown, Verdict::Register) => Some(Effect::NewlyRequired),
        (Verdict::Unknown, _) => Some(Effect::NoLongerUnknown),
        (before, after) if after > before => Some(Effect::NewlyRequired),
        _ => Some(Effect::Eased),
    }
}

/// Puts cells together into few boxes, none of which shares a cell with another.
fn boxes(cells: &BTreeSet<Vec<usize>>) -> Vec<Box5> {
    let mut by_head: BTreeMap<usize, BTreeSet<Vec<usize>>> = BTreeMap::new();
    for cell in cells {
        let Some((head, tail)) = cell.split_first() else { return vec![Vec::new()] };
        by_head.entry(*head).or_default().insert(tail.to_vec());
    }
    let mut by_tails: BTreeMap<BTreeSet<Vec<usize>>, Vec<usize>> = BTreeMap::new();
    for (head, tails) in by_head {
        by_tails.entry(tails).or_default().push(head);
    }
    let mut all = Vec::new();
    for (tails, heads) in by_tails {
        all.extend(boxes(&tails).into_iter().map(|rest| {
            let mut members = vec![heads.clone()];
            members.extend(rest);
            members
        }));
    }
    all
}
