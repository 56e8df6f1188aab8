//! The way back.

use conditional_access::write_policy;
use proptest::prelude::*;
use rollout::change::draft::rollback;
use rollout::change::{
    Before, ChangeSet, Danger, Edit, PolicyDocument, Presence, Purpose, WhyNoInverse, apply_to,
    worlds,
};
use rollout::{PerUserMfa, Snapshot};
use serde_json::Value;

use crate::tenant::{
    CA001, EXCLUDED_GROUP, draft, find, in_order, made, member_of, method, named, ne, reversible,
    set_of,
};

fn documents(snapshot: &Snapshot) -> Vec<(Option<String>, String)> {
    let mut all: Vec<(Option<String>, String)> = snapshot
        .policies
        .iter()
        .flatten()
        .map(|it| (it.id.clone(), write_policy(it).to_string()))
        .collect();
    all.sort();
    all
}

/// Edits that are drafted one after the other, each from the world that the ones before leave.
fn sequence(snapshot: &Snapshot, picks: &[(usize, usize)]) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for (kind, which) in picks {
        let world = apply_to(snapshot, &set_of(snapshot, edits.clone()));
        // A policy that was deleted cannot be changed, and one name is made once.
        let gone = [5, 6].contains(&(*kind % 11));
        let twice = |edit: &Edit| edits.iter().any(|it| it == edit);
        if gone && edits.iter().any(|it| matches!(it, Edit::Policy { after: None, .. })) {
            continue;
        }
        let edit = reversible(&world, *kind, *which);
        if edit.made_id().is_some() && twice(&edit) {
            continue;
        }
        edits.push(edit);
    }
    edits
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(21), ..ProptestConfig::default() })]

    /// Whatever was changed, and however far: the way back restores everything, policies byte by
    /// byte.
    #[test]
    fn the_way_back_restores_everything(
        picks in prop::collection::vec((0..11_usize, 0..6_usize), 1..7),
        part in 0..7_usize,
    ) {
        let world = ne();
        let set = set_of(&world.snapshot, sequence(&world.snapshot, &picks));
        let done = part.min(set.changes.len());
        let after = match done {
            0 => world.snapshot.clone(),
            done => worlds(&world.snapshot, &set)[done - 1].clone(),
        };
        let back = rollback(&set, done);
        prop_assert!(back.stays.is_empty());
        let back = ChangeSet::make(back.draft, &after, made());
        let restored = apply_to(&after, &back);
        prop_assert_eq!(in_order(&restored), in_order(&world.snapshot));
        prop_assert_eq!(documents(&restored), documents(&world.snapshot));
    }

    /// The inverse of the inverse is the change.
    #[test]
    fn back_and_forth(kind in 2..11_usize, which in 0..6_usize) {
        let world = ne();
        let edit = reversible(&world.snapshot, kind, which);
        prop_assert_eq!(edit.inverse().unwrap().inverse().unwrap(), edit);
    }
}

#[test]
fn what_has_no_way_back_says_so() {
    let snapshot = ne().snapshot;
    let document = PolicyDocument::of(find(&snapshot, CA001).clone());
    let pass = |before, after| Edit::TemporaryAccessPass {
        user: named("dan"),
        before,
        after,
        minutes: 60,
        once: true,
    };
    let mut unseen = member_of(&snapshot, EXCLUDED_GROUP, "dan", Presence::Present);
    if let Edit::Membership { before, .. } = &mut unseen {
        *before = None;
    }
    let deleted = |edit: Edit| edit.inverse().unwrap();
    let cases = [
        (
            Edit::DeleteMethod { user: named("dan"), id: "1".to_owned(), method: method("fido2") },
            WhyNoInverse::MethodDeleted,
        ),
        (Edit::NewPassword { user: named("dan") }, WhyNoInverse::PasswordReplaced),
        (Edit::RevokeSessions { user: named("dan") }, WhyNoInverse::SessionsRevoked),
        (pass(Some(Presence::Present), Presence::Present), WhyNoInverse::PassGone),
        (pass(Some(Presence::Present), Presence::Absent), WhyNoInverse::PassGone),
        (pass(None, Presence::Present), WhyNoInverse::BeforeNotSeen),
        (deleted(reversible(&snapshot, 0, 0)), WhyNoInverse::AccountDeleted),
        (deleted(reversible(&snapshot, 1, 0)), WhyNoInverse::GroupDeleted),
        (unseen, WhyNoInverse::BeforeNotSeen),
        (Edit::SecurityDefaults { before: None, after: true }, WhyNoInverse::BeforeNotSeen),
        (
            Edit::AccountEnabled { user: named("dan"), before: None, after: true },
            WhyNoInverse::BeforeNotSeen,
        ),
        (
            Edit::PerUserMfa { user: named("dan"), before: None, after: PerUserMfa::Disabled },
            WhyNoInverse::BeforeNotSeen,
        ),
        (
            Edit::Policy { before: Before::NotSeen, after: Some(document) },
            WhyNoInverse::BeforeNotSeen,
        ),
    ];
    for (edit, why) in cases {
        let none = edit.inverse().unwrap_err();
        assert_eq!(none.why, why, "{edit:?}");
        assert!(none.instead.ends_with('.'), "{}", none.instead);
    }
}

#[test]
fn a_pass_is_taken_back() {
    let snapshot = ne().snapshot;
    let edit = Edit::TemporaryAccessPass {
        user: named("dan"),
        before: Some(Presence::Absent),
        after: Presence::Present,
        minutes: 60,
        once: false,
    };
    let after = apply_to(&snapshot, &set_of(&snapshot, vec![edit.clone()]));
    assert_ne!(after, snapshot);
    let back = set_of(&after, vec![edit.inverse().unwrap()]);
    assert_eq!(apply_to(&after, &back), snapshot);
}

/// Part of it stays; the rest goes back, the last first; and every step of it is severe.
#[test]
fn a_way_back_with_what_stays() {
    let snapshot = ne().snapshot;
    let edits = vec![
        Edit::AccountEnabled { user: named("dan"), before: Some(true), after: false },
        Edit::RevokeSessions { user: named("dan") },
        Edit::PerUserMfa {
            user: named("dan"),
            before: Some(PerUserMfa::Disabled),
            after: PerUserMfa::Enforced,
        },
        Edit::SecurityDefaults { before: Some(false), after: false },
    ];
    let set = ChangeSet::make(draft(Purpose::Dormant, edits), &snapshot, made());
    assert_eq!(set.danger(), Danger::Moderate);
    let back = rollback(&set, 4);
    assert_eq!(back.stays.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [1]);
    assert_eq!(back.draft.purpose, Purpose::Rollback { of: set.id.clone() });
    let back = ChangeSet::make(back.draft, &apply_to(&snapshot, &set), made());
    let kinds: Vec<Value> = back
        .changes
        .iter()
        .map(|it| serde_json::to_value(&it.edit).unwrap()["kind"].clone())
        .collect();
    assert_eq!(kinds, ["per-user-mfa", "account-enabled"]);
    assert!(back.changes.iter().all(|it| it.danger == Danger::Severe));
}
