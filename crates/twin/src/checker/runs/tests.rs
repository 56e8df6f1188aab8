//! Each rule is broken once, and kept once.

use serde_json::json;

use super::*;
use crate::world::{Change, Initiator, Scenario};

/// No request.
const NONE: [u64; 0] = [];

fn start() -> Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

fn entry(number: u64, seconds: i64, line: &str, body: &Value) -> Entry {
    let (method, target) = line.split_once(' ').unwrap();
    Entry {
        number,
        at: start() + SignedDuration::from_secs(seconds),
        caller: Some(1),
        method: method.to_owned(),
        target: target.to_owned(),
        client_request_id: None,
        body_digest: body.to_string(),
        body: Some(body.clone()),
        fault: None,
        batch: Vec::new(),
        batch_bodies: Vec::new(),
        status: 204,
        retry_after: None,
        applied: true,
        answer_lost: false,
        permissions: Vec::new(),
        next_links: Vec::new(),
    }
}

const GROUPS: &str = "POST /v1.0/groups";
const POLICIES: &str = "POST /v1.0/identity/conditionalAccess/policies";

#[test]
fn after_a_stop_only_what_was_on_its_way() {
    let (one, two) = (json!({"displayName": "one"}), json!({"displayName": "two"}));
    let read = entry(3, 3, "GET /v1.0/groups", &Value::Null);
    let token = entry(4, 4, "POST /t/oauth2/v2.0/token", &Value::Null);
    let first = entry(1, 1, GROUPS, &one);
    let on_its_way = entry(2, 2, GROUPS, &two);
    let again = entry(5, 5, GROUPS, &two);
    let log = |last: Option<Entry>| {
        let all = [first.clone(), on_its_way.clone(), read.clone(), token.clone(), again.clone()];
        RequestLog { entries: all.into_iter().chain(last).collect() }
    };
    assert_eq!(after_stop(&log(None), 1), []);
    let refused = Entry { applied: false, ..entry(6, 6, GROUPS, &json!({"displayName": "three"})) };
    for begun in [refused, entry(6, 6, POLICIES, &two)] {
        let found = after_stop(&log(Some(begun.clone())), 1);
        assert_eq!(found.len(), 1, "{begun:?}");
        assert_eq!((found[0].number, found[0].promise), (6, Promise::AfterStop));
    }
}

#[test]
fn what_is_not_shown_yet_is_not_made_again() {
    let body = json!({"displayName": "CA001"});
    let window = SignedDuration::from_secs(120);
    let made = |number, seconds, line| entry(number, seconds, line, &body);
    let broken = |entries: Vec<Entry>| -> Vec<u64> {
        let found = taken_for_missing(&RequestLog { entries }, window);
        assert!(found.iter().all(|it| it.promise == Promise::TakenForMissing));
        found.iter().map(|it| it.number).collect()
    };
    assert_eq!(broken(vec![made(1, 0, POLICIES), made(2, 119, POLICIES)]), [2]);
    assert_eq!(broken(vec![made(1, 0, POLICIES), made(2, 120, POLICIES)]), NONE);
    assert_eq!(broken(vec![made(1, 0, POLICIES), made(2, 1, GROUPS)]), NONE);
    let never = Entry { applied: false, ..made(1, 0, POLICIES) };
    assert_eq!(broken(vec![never, made(2, 1, POLICIES)]), NONE);
    let deleted = format!("{}/c1", POLICIES.replace("POST", "DELETE"));
    let gone = entry(2, 1, &deleted, &Value::Null);
    assert_eq!(broken(vec![made(1, 0, POLICIES), gone.clone(), made(3, 2, POLICIES)]), NONE);
    assert_eq!(broken(vec![made(1, 0, GROUPS), gone, made(3, 2, GROUPS)]), [3]);
    let other = entry(2, 1, POLICIES, &json!({"displayName": "CA002"}));
    assert_eq!(broken(vec![made(1, 0, POLICIES), other]), NONE);
}

#[test]
fn the_way_back_leads_to_every_byte() {
    let scenario = Scenario { people: 5, seed: 3, now: start(), day: 3, history_days: 1 };
    let by = Initiator { name: "lockstep".to_owned(), is_app: true };
    let at = |second| start() + SignedDuration::from_secs(second);
    let world = World::new(&scenario);
    let first = |within: &Collection| {
        let mut all = world.documents.list(within, start());
        all.next().map(|(id, it)| (id.to_owned(), it.clone())).unwrap()
    };
    let (policy, was) = first(&Collection::Policies);
    let user = world.item(&Collection::Users, 0, start()).unwrap();
    let user = user["id"].as_str().unwrap().to_owned();
    let patch = |value: &Value| value.as_object().unwrap().clone();
    let changes = [
        Change::Patch(Collection::Policies, policy.clone(), patch(&json!({"state": "enabled"}))),
        Change::Patch(Collection::Users, user.clone(), patch(&json!({"accountEnabled": false}))),
        Change::Create(
            Collection::Requirements(user),
            patch(&json!({"perUserMfaState": "enforced"})),
        ),
        Change::Delete(Collection::Policies, policy.clone()),
    ];
    for change in changes {
        let mut world = world.clone();
        world.change(change.clone(), &by, at(10));
        let found = not_restored(&world, at(5), at(15));
        assert_eq!(found.len(), 1, "{change:?}: {found:?}");
        assert_eq!(found[0].promise, Promise::NotRestored, "{found:?}");
        assert_eq!(not_restored(&world, at(5), at(6)), []);
    }
    let mut world = world.clone();
    let back = patch(&json!({"state": was["state"]}));
    let there = patch(&json!({"state": "enabled"}));
    world.change(Change::Patch(Collection::Policies, policy.clone(), there), &by, at(10));
    world.change(Change::Patch(Collection::Policies, policy, back), &by, at(20));
    assert_eq!(not_restored(&world, at(5), at(25)), []);
}
