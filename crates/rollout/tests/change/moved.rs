//! What moved since a set was made.

use std::collections::BTreeMap;

use conditional_access::State;
use proptest::prelude::*;
use rollout::change::{ChangeSet, Moved, Object, Presence, Purpose, apply_to, worlds};
use rollout::{PerUserMfa, Snapshot};
use serde_json::json;

use crate::tenant::{
    CA000, CA001, EXCEPTIONS_GROUP, becomes, draft, made, member_of, method, ne, reversible,
    set_of, turned,
};
use crate::world::{EXCLUDED, PILOT, group, id, role, user};

/// What moved, while Graph has given no ids.
fn stale(set: &ChangeSet, done: usize, now: &Snapshot) -> Vec<Moved> {
    rollout::change::stale(set, done, &BTreeMap::new(), now)
}

/// Changes one thing, by its name.
type Mutation = (&'static str, fn(&mut Snapshot));

fn policy_at(snapshot: &mut Snapshot, place: usize) -> &mut conditional_access::Policy {
    &mut snapshot.policies.as_mut().unwrap()[place]
}

fn user_at(snapshot: &mut Snapshot, place: usize) -> &mut rollout::User {
    &mut snapshot.users.as_mut().unwrap()[place]
}

fn group_at(snapshot: &mut Snapshot, place: usize) -> &mut rollout::Group {
    &mut snapshot.groups.as_mut().unwrap()[place]
}

/// Mutations of a tenant, each with a name; those of what the set of [`set`] rests on first.
fn mutations() -> (Vec<Mutation>, Vec<Mutation>) {
    let touching: Vec<Mutation> = vec![
        ("CA001 on", |it| policy_at(it, 1).state = State::Enabled),
        ("CA001 renamed", |it| policy_at(it, 1).display_name = "CA001 - Mine".to_owned()),
        ("CA001 excludes somebody", |it| {
            policy_at(it, 1).conditions.users.exclude_users.push(id("dan"));
        }),
        ("CA001 for one app", |it| {
            policy_at(it, 1).conditions.applications.include = vec!["Office365".to_owned()];
        }),
        ("CA001 blocks", |it| {
            policy_at(it, 1).grant.as_mut().unwrap().built_in = vec!["block".to_owned()];
        }),
        ("CA001 without controls", |it| policy_at(it, 1).grant = None),
        ("CA001 deleted", |it| drop(it.policies.as_mut().unwrap().remove(1))),
        ("policies not told", |it| it.policies = None),
        ("a second CA001", |it| {
            let mut copy = policy_at(it, 1).clone();
            copy.id = Some("another".to_owned());
            it.policies.as_mut().unwrap().push(copy);
        }),
        ("security defaults on", |it| it.security_defaults = Some(true)),
        ("security defaults not told", |it| it.security_defaults = None),
        ("somebody leaves the excluded group", |it| {
            group_at(it, 0).members.as_mut().unwrap().truncate(1);
        }),
        ("somebody joins the excluded group", |it| {
            let dan = crate::world::member("dan");
            group_at(it, 0).members.as_mut().unwrap().push(dan);
        }),
        ("members of the excluded group not told", |it| group_at(it, 0).members = None),
        ("the excluded group becomes dynamic", |it| {
            group_at(it, 0).membership_rule = Some("user.department -eq \"IT\"".to_owned());
        }),
        ("the excluded group gets an owner", |it| {
            group_at(it, 0).owners = Some(vec![id("dan")]);
        }),
        ("the excluded group is gone", |it| drop(it.groups.as_mut().unwrap().remove(0))),
        ("dan disabled", |it| user_at(it, 5).account_enabled = Some(false)),
        ("dan renamed", |it| {
            user_at(it, 5).account.user_principal_name = Some("dan2@ne.example".to_owned());
        }),
        ("dan gone", |it| drop(it.users.as_mut().unwrap().remove(5))),
        ("dan joined already", |it| {
            let dan = crate::world::member("dan");
            group_at(it, 3).members.as_mut().unwrap().push(dan);
        }),
        ("cora's state", |it| user_at(it, 4).per_user_mfa = Some(PerUserMfa::Enforced)),
        ("cora's state not told", |it| user_at(it, 4).per_user_mfa = None),
        ("the campaign", |it| {
            let policy = it.methods_policy.as_mut().unwrap();
            policy.campaign.as_mut().unwrap().snooze_days = Some(3);
        }),
        ("the campaign not told", |it| it.methods_policy = None),
        ("alpha loses the role", |it| drop(it.roles.as_mut().unwrap().remove(0))),
        ("alpha's role ends", |it| {
            it.roles.as_mut().unwrap()[0].ends = Some("2027-01-01T00:00:00Z".parse().unwrap());
        }),
        ("alpha's role is eligible only", |it| it.roles.as_mut().unwrap()[0].active = false),
        ("alpha gets another role", |it| {
            let mut more = role("alpha", true);
            more.role = "29232cdf-9323-42fd-ade2-1d097af3e4de".to_owned();
            it.roles.as_mut().unwrap().push(more);
        }),
    ];
    let elsewhere: Vec<Mutation> = vec![
        ("CA000 on", |it| policy_at(it, 0).state = State::Enabled),
        ("CA000 deleted", |it| drop(it.policies.as_mut().unwrap().remove(0))),
        ("a policy more", |it| {
            let other = crate::world::policy("Guests", &json!({"id": "guests"}));
            it.policies.as_mut().unwrap().push(other);
        }),
        ("ben disabled", |it| user_at(it, 3).account_enabled = Some(false)),
        ("a user more", |it| {
            let mut more = user("dan");
            more.account.user_id = Some("somebody".to_owned());
            more.account.user_principal_name = Some("somebody@ne.example".to_owned());
            it.users.as_mut().unwrap().push(more);
        }),
        ("dan signed in", |it| {
            user_at(it, 5).activity = Some(rollout::SignInActivity {
                last_sign_in: Some("2026-11-20T11:00:00Z".parse().unwrap()),
                ..rollout::SignInActivity::default()
            });
        }),
        ("dan's methods", |it| user_at(it, 5).methods = Some(vec![method("phone")])),
        ("ben's role", |it| drop(it.roles.as_mut().unwrap().remove(3))),
        ("the pilot group", |it| group_at(it, 1).members.as_mut().unwrap().clear()),
        ("somebody else's exception", |it| {
            let cora = crate::world::member("cora");
            group_at(it, 3).members.as_mut().unwrap().push(cora);
        }),
        ("a group more", |it| {
            it.groups.as_mut().unwrap().push(group("other", "Other", &["dan"]));
        }),
        ("ben's state", |it| user_at(it, 3).per_user_mfa = Some(PerUserMfa::Enforced)),
        ("the report", |it| it.registrations = None),
        ("the order of members", |it| group_at(it, 0).members.as_mut().unwrap().reverse()),
        ("the case of an id", |it| {
            let members = group_at(it, 0).members.as_mut().unwrap();
            members[0].id = members[0].id.as_ref().map(|id| id.to_uppercase());
        }),
        ("the order of lists in a policy", |it| {
            policy_at(it, 1).conditions.users.include_users.reverse();
        }),
    ];
    (touching, elsewhere)
}

/// CA001, dan's exception, cora's per-user MFA and the campaign; beside them the roles of alpha.
fn set(snapshot: &Snapshot) -> ChangeSet {
    let edits = vec![
        crate::tenant::becomes(snapshot, CA001, |policy| {
            policy.display_name = "CA001 - Require MFA - All users".to_owned();
        }),
        member_of(snapshot, EXCEPTIONS_GROUP, "dan", Presence::Present),
        reversible(snapshot, 9, 4),
        reversible(snapshot, 8, 0),
    ];
    let mut draft = draft(Purpose::Policies, edits);
    draft.rests_on.insert(Object::Roles(id("alpha")));
    ChangeSet::make(draft, snapshot, made())
}

#[test]
fn nothing_moved() {
    let snapshot = ne().snapshot;
    assert_eq!(stale(&set(&snapshot), 0, &snapshot), []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(22), ..ProptestConfig::default() })]

    /// Every mutation of what the set rests on is found, whatever else happens; what happens
    /// elsewhere is not.
    #[test]
    fn every_mutation_is_found_and_no_other(
        touching in 0..29_usize,
        others in prop::collection::vec(0..16_usize, 0..4),
    ) {
        let (touched, elsewhere) = mutations();
        prop_assert_eq!((touched.len(), elsewhere.len()), (29, 16));
        let then = ne().snapshot;
        let set = set(&then);
        let mut now = then.clone();
        let (name, mutate) = touched[touching];
        mutate(&mut now);
        prop_assert!(!stale(&set, 0, &now).is_empty(), "{}", name);
        let mut now = then.clone();
        // The ones that shift places come last.
        let mut order = others.clone();
        order.sort_unstable_by_key(|it| [1, 7].contains(it));
        order.dedup();
        for other in order.into_iter().filter(|it| ![1, 7].contains(it)) {
            elsewhere[other].1(&mut now);
        }
        prop_assert_eq!(stale(&set, 0, &now), []);
    }
}

#[test]
fn each_mutation_by_itself() {
    let (touched, elsewhere) = mutations();
    let then = ne().snapshot;
    let set = set(&then);
    for (name, mutate) in touched {
        let mut now = then.clone();
        mutate(&mut now);
        assert_ne!(stale(&set, 0, &now), [], "{name}");
    }
    for (name, mutate) in elsewhere {
        let mut now = then.clone();
        mutate(&mut now);
        assert_eq!(stale(&set, 0, &now), [], "{name}");
    }
}

#[test]
fn three_ways() {
    let then = ne().snapshot;
    let set = set_of(&then, vec![turned(&then, CA001, State::Enabled)]);
    let mut now = then.clone();
    policy_at(&mut now, 1).state = State::Disabled;
    let moved = stale(&set, 0, &now);
    let [moved] = moved.as_slice() else { panic!("{moved:?}") };
    assert_eq!(moved.object, Object::Policy(CA001.to_owned()));
    assert_eq!(moved.property, "state");
    let told = |value: &str| Some(json!(value));
    assert_eq!(moved.then, told("enabledForReportingButNotEnforced"));
    assert_eq!(moved.planned, told("enabled"));
    assert_eq!(moved.now, told("disabled"));
}

/// Carried out in part, the set finds its own work where it left it, and not what others did to it.
#[test]
fn half_done() {
    let then = ne().snapshot;
    let set = set(&then);
    let mut steps = vec![then.clone()];
    steps.extend(worlds(&then, &set));
    for (done, now) in steps.iter().enumerate() {
        assert_eq!(stale(&set, done, now), [], "{done}");
    }
    assert_ne!(stale(&set, 0, &steps[1]), []);
    assert_ne!(stale(&set, 2, &steps[1]), []);
    let mut now = apply_to(&then, &set);
    policy_at(&mut now, 1).display_name = "CA001 - Mine".to_owned();
    assert_eq!(stale(&set, 4, &now).len(), 1);
}

/// What a set makes is found under the id that Graph gave it.
#[test]
fn what_was_made_has_another_id() {
    let then = ne().snapshot;
    let set = set_of(&then, vec![reversible(&then, 1, 0), turned(&then, CA000, State::Disabled)]);
    let mut now = then.clone();
    now.groups.as_mut().unwrap().push(group("real-id", "New 0", &[]));
    assert_eq!(stale(&set, 1, &now), []);
    assert_ne!(stale(&set, 0, &now), []);
    // Two of them: somebody made another.
    now.groups.as_mut().unwrap().push(group("other-id", "New 0", &[]));
    assert_ne!(stale(&set, 1, &now), []);
}

/// A policy that names what the set made is as the set leaves it once it names it by the id that Graph
/// gave, whatever the order; and moved if it names anything else.
#[test]
fn what_was_made_is_named_by_another_id() {
    let then = ne().snapshot;
    let new = "new:exceptions";
    let edits = vec![
        reversible(&then, 1, 0),
        becomes(&then, CA000, |it| it.conditions.users.exclude_groups.push(new.to_owned())),
    ];
    let set = set_of(&then, edits);
    let named = |ids: &[&str]| {
        let mut now = then.clone();
        now.groups.as_mut().unwrap().push(group("0-real", "New 0", &[]));
        let excluded = &mut policy_at(&mut now, 0).conditions.users.exclude_groups;
        excluded.extend(ids.iter().map(|&it| it.to_owned()));
        now
    };
    let moved = |now: &Snapshot, ids: &[(&str, &str)]| {
        let ids = ids.iter().map(|&(new, id)| (new.to_owned(), id.to_owned())).collect();
        rollout::change::stale(&set, 2, &ids, now)
    };
    let given = [(new, "0-real")];
    assert_eq!(moved(&named(&["0-real"]), &given), []);
    assert_ne!(moved(&named(&["0-real"]), &[]), []);
    assert_ne!(moved(&named(&["other"]), &given), []);
    assert_ne!(moved(&named(&[]), &given), []);
    let moved = moved(&named(&["other"]), &given);
    assert!(moved[0].planned.as_ref().unwrap().to_string().contains("0-real"), "{moved:?}");
}

#[test]
fn what_nobody_saw_moved_once_somebody_does() {
    let mut then = ne().snapshot;
    then.policies = None;
    let seen = ne().snapshot;
    let set = set_of(&then, vec![turned(&seen, CA001, State::Enabled)]);
    assert_eq!(stale(&set, 0, &then), []);
    assert_ne!(stale(&set, 0, &seen), []);
}

/// A policy rests on the groups that it names.
#[test]
fn a_policy_rests_on_its_groups() {
    let then = ne().snapshot;
    let set = set_of(&then, vec![turned(&then, CA001, State::Enabled)]);
    let objects: Vec<&Object> = set.rests_on.iter().map(|it| &it.object).collect();
    assert!(objects.contains(&&Object::Members(EXCLUDED.to_owned())));
    assert!(!objects.contains(&&Object::Members(PILOT.to_owned())));
}
