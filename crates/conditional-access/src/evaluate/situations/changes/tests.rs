//! Changes as administrators make them, and every cell of them evaluated by itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::cells::{Judge, effect};
use super::{CannotCompare, ChangeQuestion, Classes, Counted, Effect, Joint, When, World, compare};
use crate::evaluate::situations::openings::tests::{
    OFFICE, OUT, everyone, id, policy, registration, tenant,
};
use crate::evaluate::situations::openings::{no_risk, with_every_method};
use crate::evaluate::situations::{Axis, Certainty, unaided};
use crate::facts::{Group, Method, Methods, Registration, SignIn, Tenant};
use crate::outcome::Verdict;
use crate::policy::{Policy, State};

/// The first two can do MFA, the others must register, of the guests nobody saw.
fn registrations() -> BTreeMap<String, Registration> {
    let methods = |number: u8| match number {
        1 | 2 => Methods::of(&[Method::Password, Method::MicrosoftAuthenticatorPush]),
        _ => Methods::of(&[Method::Password]),
    };
    (1..=6).map(|number| (id(number), Registration::of(methods(number)))).collect()
}

fn told(worlds: &[(&[Policy], &Tenant)]) -> String {
    let worlds: Vec<World<'_>> =
        worlds.iter().map(|(policies, tenant)| World { policies, tenant }).collect();
    let question = ChangeQuestion { worlds: &worlds, registrations: &registrations() };
    compare(&question).unwrap().to_string()
}

fn all_apps(users: Value) -> Value {
    json!({"users": users, "applications": {"includeApplications": ["All"]}})
}

fn off(policy: &Policy) -> Policy {
    Policy { state: State::Disabled, ..policy.clone() }
}

#[test]
fn what_cannot_be_compared() {
    let (none, tenant) = (BTreeMap::new(), tenant());
    let one = [World { policies: &[], tenant: &tenant }];
    let asked = |worlds| compare(&ChangeQuestion { worlds, registrations: &none });
    assert_eq!(asked(&one).unwrap_err(), CannotCompare::TooFewWorlds);
    let many = vec![policy("all", &all_apps(everyone()), "mfa"); 257];
    let two =
        [World { policies: &[], tenant: &tenant }, World { policies: &many, tenant: &tenant }];
    assert_eq!(
        asked(&two).unwrap_err().to_string(),
        "there are more policies than the 256 that can be judged"
    );
}

#[test]
fn what_changes_nothing() {
    let ours = [policy("all", &all_apps(everyone()), "mfa"), registration()];
    let mut report_only = policy("draft", &all_apps(everyone()), "block");
    report_only.state = State::EnabledForReportingButNotEnforced;
    let turned = [report_only, registration(), policy("all", &all_apps(everyone()), "mfa")];
    let tenant = tenant();
    insta::assert_snapshot!(told(&[(&ours, &tenant), (&turned, &tenant)]), @"Nothing changes, in any of 2016 combinations.");
}

#[test]
fn mfa_for_a_pilot_becomes_mfa_for_all() {
    let pilot = policy("pilot", &all_apps(json!({"includeGroups": [OUT]})), "mfa");
    let all =
        policy("all", &all_apps(json!({"includeUsers": ["All"], "excludeUsers": [id(6)]})), "mfa");
    let tenant = tenant();
    insta::assert_snapshot!(told(&[(&[pilot], &tenant), (&[all], &tenant)]), @"
    newly blocked in the end (allow → block): 3 members (`00000000-0000-4000-a000-000000000003`, `00000000-0000-4000-a000-000000000004`, `00000000-0000-4000-a000-000000000005`); any app but registering security information; Exchange ActiveSync, a password replayed as a browser, a password replayed by ActiveSync, a password replayed by a legacy client, a replayed password, other legacy clients on any platform; any place; any device; any risk; by all
    newly blocked in the end (allow → block): 2 guests (`00000000-0000-4000-a000-000000000007`, `00000000-0000-4000-a000-000000000008`); any app but registering security information; Exchange ActiveSync, a password replayed as a browser, a password replayed by ActiveSync, a password replayed by a legacy client, a replayed password, other legacy clients on any platform; any place; any device; any risk; by all
    newly blocked in the end (allow → block): 1 member (`00000000-0000-4000-a000-000000000001`); any app but registering security information; Exchange ActiveSync, a password replayed as a browser, a password replayed by ActiveSync, a password replayed by a legacy client, a replayed password, other legacy clients on any platform; any place; any device; any risk; by all
    newly required in the end (allow → register): 3 members (`00000000-0000-4000-a000-000000000003`, `00000000-0000-4000-a000-000000000004`, `00000000-0000-4000-a000-000000000005`); any app but registering security information; a browser, a browser by authentication transfer, a browser by device code flow, a mobile or desktop app, a mobile or desktop app by authentication transfer, a mobile or desktop app by device code flow on any platform; any place; any device; any risk; by all
    newly required in the end (allow → require): 1 member (`00000000-0000-4000-a000-000000000001`); any app but registering security information; a browser, a browser by authentication transfer, a browser by device code flow, a mobile or desktop app, a mobile or desktop app by authentication transfer, a mobile or desktop app by device code flow on any platform; any place; any device; any risk; by all
    not known any more in the end (allow → unknown): 2 guests (`00000000-0000-4000-a000-000000000007`, `00000000-0000-4000-a000-000000000008`); any app but registering security information; a browser, a browser by authentication transfer, a browser by device code flow, a mobile or desktop app, a mobile or desktop app by authentication transfer, a mobile or desktop app by device code flow on any platform; any place; any device; any risk; by all
    ");
}

#[test]
fn the_order_of_writes_decides_whether_a_gap_opens() {
    let old = policy("old", &all_apps(everyone()), "mfa");
    let mut new = old.clone();
    new.display_name = "new".to_owned();
    let tenant = tenant();
    let both = |old: &Policy, new: &Policy| [old.clone(), new.clone()];
    let (before, after) = (both(&old, &off(&new)), both(&off(&old), &new));
    let (neither, twice) = (both(&off(&old), &off(&new)), both(&old, &new));
    let by_way_of =
        |between: &[Policy]| told(&[(&before, &tenant), (between, &tenant), (&after, &tenant)]);
    insta::assert_snapshot!(by_way_of(&twice), @"Nothing changes, in any of 2016 combinations.");
    insta::assert_snapshot!(by_way_of(&neither), @"newly open for a while, after write 1, no policy demands MFA or blocks: 8 users (`00000000-0000-4000-a000-000000000001`, `00000000-0000-4000-a000-000000000002`, `00000000-0000-4000-a000-000000000003`, …); any app but registering security information; any client on any platform; any place");
}

#[test]
fn a_group_loses_its_member_for_a_while() {
    let spared = json!({"includeUsers": ["All"], "excludeGroups": [OUT]});
    let policies = [policy("block", &all_apps(spared), "block")];
    let full = tenant();
    let empty = Tenant {
        groups: vec![Group { id: OUT.to_owned(), members: Some(Vec::new()) }],
        ..full.clone()
    };
    insta::assert_snapshot!(
        told(&[(&policies, &full), (&policies, &empty), (&policies, &full)]), @"newly blocked for a while, after write 1 (allow → block): 1 member (`00000000-0000-4000-a000-000000000002`); any app but registering security information; any client on any platform; any place; any device; any risk; by block");
}

#[test]
fn effects() {
    use Verdict::{Allow, Block, Register, Require, Unknown};
    let cases = [
        (Allow, Allow, None),
        (Require, Block, Some(Effect::NewlyBlocked)),
        (Unknown, Block, Some(Effect::NewlyBlocked)),
        (Allow, Require, Some(Effect::NewlyRequired)),
        (Require, Register, Some(Effect::NewlyRequired)),
        (Unknown, Register, Some(Effect::NewlyRequired)),
        (Block, Unknown, Some(Effect::NewlyUnknown)),
        (Block, Require, Some(Effect::Eased)),
        (Register, Allow, Some(Effect::Eased)),
        (Unknown, Allow, Some(Effect::NoLongerUnknown)),
        (Unknown, Require, Some(Effect::NoLongerUnknown)),
    ];
    for (before, after, expected) in cases {
        assert_eq!(effect(before, after), expected, "{before} {after}");
    }
}

/// Every cell, by evaluating it in every world: what is told is what it comes to. Returns how many
/// cells change, how many do not, and how many become open.
fn compare_cells(worlds: &[Counted]) -> (usize, usize, usize) {
    let joint = Joint::of(worlds);
    let registrations = registrations();
    let mut judge = Judge::of(&joint, &registrations);
    let (mut different, mut same, mut open) = (0, 0, 0);
    for class in joint.people(&registrations) {
        let user = &class.examples[0];
        let (changes, _) = judge.changes(user);
        let opened = joint.opened(user);
        let usable = registrations.get(user).cloned().unwrap_or_else(Registration::not_seen);
        each_cell(&joint, user, &mut |at, sign_in| {
            let verdicts: Vec<Verdict> =
                worlds.iter().map(|it| it.set.evaluate(sign_in, &usable).verdict).collect();
            let (first, last) = (verdicts[0], *verdicts.last().unwrap());
            let expected: BTreeSet<_> =
                effect(first, last).map(|it| (When::InTheEnd, it)).into_iter().collect();
            let holds = |members: &[Vec<usize>]| {
                members.iter().zip(at).all(|(members, place)| members.contains(place))
            };
            let told: Vec<_> = changes.iter().filter(|it| holds(&it.members)).collect();
            let in_the_end: BTreeSet<_> = told
                .iter()
                .filter(|it| it.when == When::InTheEnd)
                .map(|it| (it.when, it.effect))
                .collect();
            assert_eq!(in_the_end, expected, "{sign_in:#?}");
            for change in told {
                assert_eq!(change.before, first);
                let world = match change.when {
                    When::InTheEnd => worlds.len() - 1,
                    When::AfterWrite(write) => write,
                };
                let outcome = worlds[world].set.evaluate(sign_in, &usable);
                assert_eq!((change.after, &change.by), (outcome.verdict, &outcome.by));
            }
            if first == last { same += 1 } else { different += 1 }
        });
        open += attempts(&joint, user, &opened);
    }
    (different, same, open)
}

/// What is told to become open in the end is what an attacker is let in for, and was not before.
fn attempts(
    joint: &Joint<'_>,
    user: &str,
    opened: &[(When, Vec<crate::evaluate::situations::openings::Cells>)],
) -> usize {
    let mut open = 0;
    let none = Vec::new();
    let told = opened.iter().find(|(when, _)| *when == When::InTheEnd).map_or(&none, |(_, it)| it);
    let worlds = joint.worlds;
    let lets_in = |world: usize, put: &dyn Fn(&mut SignIn), client: &super::Class| {
        let set = &worlds[world].set;
        let subject = set.directory.subject(Some(user));
        let mut sign_in = joint.space(world).unwrap().attempt(&subject, client);
        put(&mut sign_in);
        sign_in.risk = no_risk();
        set.evaluate(&sign_in, &with_every_method()).verdict == Verdict::Allow
    };
    for (at_target, target) in joint.targets.all.iter().enumerate() {
        for (at_client, client) in joint.clients.all.iter().enumerate() {
            for (at_place, place) in joint.places.all.iter().enumerate() {
                let put = |sign_in: &mut SignIn| {
                    Axis::Target.put(&target.facts, sign_in);
                    Axis::Place.put(&place.facts, sign_in);
                };
                let is_new = lets_in(worlds.len() - 1, &put, client) && !lets_in(0, &put, client);
                let is_told = told.iter().any(|it| {
                    it.certainty == Certainty::Open
                        && it.targets.contains(&at_target)
                        && it.clients.contains(&at_client)
                        && it.places.contains(&at_place)
                });
                assert_eq!(is_new, is_told, "{} {} {}", target.name(), client.name(), place.name());
                open += usize::from(is_new);
            }
        }
    }
    open
}

fn each_cell(joint: &Joint<'_>, user: &str, then: &mut dyn FnMut(&[usize], &SignIn)) {
    let every = |classes: &Classes| 0..classes.all.len();
    for target in every(&joint.targets) {
        for client in every(&joint.clients) {
            for device in every(&joint.devices).step_by(3) {
                for place in every(&joint.places) {
                    for risk in every(&joint.risks).step_by(3) {
                        let at = [target, client, device, place, risk];
                        let mut sign_in = unaided(user);
                        Axis::Target.put(&joint.targets.all[target].facts, &mut sign_in);
                        Axis::Client.put(&joint.clients.all[client].facts, &mut sign_in);
                        Axis::Device.put(&joint.devices.all[device].facts, &mut sign_in);
                        Axis::Place.put(&joint.places.all[place].facts, &mut sign_in);
                        Axis::Risk.put(&joint.risks.all[risk].facts, &mut sign_in);
                        then(&at, &sign_in);
                    }
                }
            }
        }
    }
}

#[test]
fn every_cell_is_told_as_it_evaluates() {
    let guests = json!({"includeUsers": ["GuestsOrExternalUsers"]});
    let sets: [[Value; 2]; 3] = [
        [
            json!([[{"users": {"includeUsers": ["All"], "excludeGroups": [OUT]},
                "applications": {"includeApplications": ["Office365"]}}, "mfa"]]),
            json!([[all_apps(json!({"includeUsers": ["All"], "excludeUsers": [id(3)]})), "mfa"],
                [{"users": everyone(),
                    "applications": {"includeUserActions": ["urn:user:registersecurityinfo"]},
                    "locations": {"includeLocations": ["All"], "excludeLocations": [OFFICE]}},
                    "block"]]),
        ],
        [
            json!([[{"users": everyone(), "applications": {"includeApplications": ["All"]},
                "locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}},
                "mfa"],
                [{"users": everyone(), "applications": {"includeApplications": ["All"]},
                "clientAppTypes": ["exchangeActiveSync", "other"]}, "block"]]),
            json!([[{"users": {"includeGroups": [OUT]},
                "applications": {"includeApplications": ["All"]}}, "compliantDevice"],
                [{"users": guests, "applications": {"includeApplications": ["Office365"]},
                "clientAppTypes": ["browser"]}, "block"]]),
        ],
        [
            json!([[{"users": everyone(), "applications": {"includeApplications": ["All"]},
                "signInRiskLevels": ["high"]}, "block"]]),
            json!([[{"users": everyone(), "applications": {"includeApplications": ["All"]},
                "devices": {"deviceFilter": {"mode": "exclude",
                    "rule": "device.isCompliant -eq True"}}}, "mfa"]]),
        ],
    ];
    let mut all = (0, 0, 0);
    for set in sets {
        let read = |set: &Value| -> Vec<Policy> {
            let policies = set.as_array().unwrap().iter();
            policies.map(|it| policy("one", &it[0], it[1].as_str().unwrap())).collect()
        };
        let [before, after] = set.each_ref().map(read);
        let tenant = tenant();
        let world = |policies: &[Policy]| Counted::of(&World { policies, tenant: &tenant });
        let found = compare_cells(&[world(&before), world(&before[1..]), world(&after)]);
        all = (all.0 + found.0, all.1 + found.1, all.2 + found.2);
    }
    println!("{all:?}");
    assert!(all.0 > 1_000 && all.1 > 1_000 && all.2 > 100, "{all:?}");
}
