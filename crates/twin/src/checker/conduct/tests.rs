//! Each promise is broken once, and kept once.

use serde_json::json;

use super::*;
use crate::world::{Change, Initiator, Scenario};

fn start() -> Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

/// A firm on the third day of its rollout: break-glass accounts, and one policy in Report-only.
fn world() -> World {
    World::new(&Scenario { people: 12, seed: 3, now: start(), day: 3, history_days: 1 })
}

fn entry(number: u64, caller: u64, at: Timestamp, target: &str) -> Entry {
    Entry {
        number,
        at,
        caller: Some(caller),
        method: "PATCH".to_owned(),
        target: target.to_owned(),
        client_request_id: None,
        body_digest: number.to_string(),
        body: None,
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

/// A tenant, and the log of what is done to it.
struct Played {
    world: World,
    log: RequestLog,
}

impl Played {
    fn new() -> Self {
        Self { world: world(), log: RequestLog::default() }
    }

    fn does(&mut self, change: Change) {
        let number = u64::try_from(self.log.entries.len()).unwrap() + 1;
        let at = start() + SignedDuration::from_secs(i64::try_from(number).unwrap());
        let target = match &change {
            Change::Patch(Collection::SecurityDefaults, ..) => {
                "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy"
            }
            _ => "/v1.0/elsewhere",
        };
        let by = Initiator { name: "lockstep".to_owned(), is_app: true };
        self.world.change(change, &by, at);
        self.log.entries.push(entry(number, 1, at, target));
    }

    fn broken(&self) -> Vec<Promise> {
        conduct(&self.log, &self.world).iter().map(|it| it.promise).collect()
    }

    /// The only object of a kind, or the one of a name.
    fn named(&self, within: &Collection, name: &str) -> Map<String, Value> {
        let all = self.world.documents.list(within, Timestamp::MAX);
        let mut found = all.filter(|(_, it)| text(it, "displayName").starts_with(name));
        found.next().unwrap().1.clone()
    }

    fn defaults(&mut self, on: bool) {
        let id = "00000000-0000-0000-0000-000000000005".to_owned();
        let patch = json!({"isEnabled": on}).as_object().unwrap().clone();
        self.does(Change::Patch(Collection::SecurityDefaults, id, patch));
    }

    fn patches(&mut self, name: &str, patch: &Value) {
        let id = text(&self.named(&Collection::Policies, name), "id").to_owned();
        let patch = patch.as_object().unwrap().clone();
        self.does(Change::Patch(Collection::Policies, id, patch));
    }
}

#[test]
fn a_policy_for_everybody_spares_two_accounts_that_work() {
    let mut played = Played::new();
    played.defaults(false);
    played.patches("CA000", &json!({"state": "enabled"}));
    assert_eq!(played.broken(), []);
    let group = text(&played.named(&Collection::Groups, "Break-glass"), "id").to_owned();
    let within = Collection::GroupMembers(group);
    let one = played.world.documents.list(&within, Timestamp::MAX).next().unwrap().0.to_owned();
    played.does(Change::Delete(within, one));
    assert_eq!(played.broken(), [Promise::BreakGlass]);
    // What is wrong already is told once.
    played.patches("CA000", &json!({"displayName": "CA000 - as before"}));
    assert_eq!(played.broken(), [Promise::BreakGlass]);
}

#[test]
fn an_account_without_a_key_or_that_is_disabled_does_not_work() {
    for disabled in [false, true] {
        let mut played = Played::new();
        played.defaults(false);
        played.patches("CA000", &json!({"state": "enabled"}));
        let id = text(&played.named(&Collection::Users, "svc-emergency-alpha"), "id").to_owned();
        played.does(if disabled {
            let off = json!({"accountEnabled": false}).as_object().unwrap().clone();
            Change::Patch(Collection::Users, id, off)
        } else {
            let within = Collection::AuthenticationMethods(id);
            let all = played.world.documents.list(&within, Timestamp::MAX);
            let key = all.map(|it| it.0.to_owned()).next().unwrap();
            Change::Delete(within, key)
        });
        assert_eq!(played.broken(), [Promise::BreakGlass], "disabled: {disabled}");
    }
}

#[test]
fn nobody_blocks_everybody_and_nothing_is_made_twice() {
    let mut played = Played::new();
    played.defaults(false);
    played
        .patches("CA000", &json!({"state": "enabled", "conditions": {"clientAppTypes": ["all"]}}));
    assert_eq!(played.broken(), [Promise::BlocksItself]);
    let mut again = played.named(&Collection::Policies, "CA000");
    again.insert("id".to_owned(), json!("11111111-2222-3333-4444-555555555555"));
    again.insert("state".to_owned(), json!("disabled"));
    played.does(Change::Create(Collection::Policies, again));
    assert_eq!(played.broken(), [Promise::BlocksItself, Promise::MadeTwice]);
}

#[test]
fn callers_take_no_turns() {
    let at = |second| start() + SignedDuration::from_secs(second);
    let log = |callers: &[u64]| {
        let all = (1..).zip(callers);
        let all = all.map(|(number, caller)| entry(number, *caller, at(0), "/v1.0/groups"));
        RequestLog { entries: all.collect() }
    };
    assert_eq!(two_at_once(&log(&[1, 1, 2, 3, 3])), []);
    let broken = two_at_once(&log(&[1, 2, 1, 1]));
    let numbers: Vec<u64> = broken.iter().map(|it| it.number).collect();
    assert_eq!(numbers, [3, 4]);
    assert_eq!(broken[0].promise, Promise::TwoAtOnce);
}

#[test]
fn security_defaults_are_not_left_off_with_nothing_in_their_place() {
    let mut played = Played::new();
    assert_eq!(left_unprotected(&played.log, &played.world), None);
    played.defaults(false);
    let found = left_unprotected(&played.log, &played.world).unwrap();
    assert_eq!(found.promise, Promise::Unprotected);
    let mut mended = Played::new();
    mended.defaults(false);
    let by = Initiator { name: "somebody else".to_owned(), is_app: false };
    let id = "00000000-0000-0000-0000-000000000005".to_owned();
    let on = json!({"isEnabled": true}).as_object().unwrap().clone();
    let later = start() + SignedDuration::from_mins(1);
    mended.world.change(Change::Patch(Collection::SecurityDefaults, id, on), &by, later);
    assert_eq!(left_unprotected(&mended.log, &mended.world), None, "somebody else mended it");
    played.patches("CA000", &json!({"state": "enabled"}));
    assert_eq!(left_unprotected(&played.log, &played.world), None);
}
