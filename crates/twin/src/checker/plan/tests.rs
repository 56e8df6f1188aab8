//! Logs and plans by hand: each agrees once, and disagrees in every way there is.

use serde_json::json;

use super::*;
use crate::documents::Collection;
use crate::world::{Change, Initiator, Scenario};

const ALPHA: &str = "a1111111-0000-4000-8000-000000000001";
const POLICY: &str = "c1111111-0000-4000-8000-000000000001";
const GROUP: &str = "b1111111-0000-4000-8000-000000000001";

/// No request.
const NONE: [u64; 0] = [];

fn start() -> Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

fn second(number: u64) -> Timestamp {
    start() + jiff::SignedDuration::from_secs(i64::try_from(number).unwrap())
}

fn world() -> World {
    World::new(&Scenario { people: 3, seed: 3, now: start(), day: 0, history_days: 1 })
}

fn entry(number: u64, line: &str, body: &Value) -> Entry {
    let (method, target) = line.split_once(' ').unwrap();
    Entry {
        number,
        at: second(number),
        caller: Some(1),
        method: method.to_owned(),
        target: target.to_owned(),
        client_request_id: None,
        body_digest: body.to_string(),
        body: (!body.is_null()).then(|| body.clone()),
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

fn log(entries: Vec<Entry>) -> RequestLog {
    RequestLog { entries }
}

fn confirmed(after: u64, id: &str, edits: &[Value]) -> Confirmed {
    let changes: Vec<Value> = edits.iter().map(|it| json!({"edit": it})).collect();
    Confirmed { after, at: second(after), set: json!({"id": id, "changes": changes}) }
}

fn outside_of(log: &RequestLog, world: &World, plan: &[Confirmed]) -> Vec<u64> {
    let (explained, broken) = held_against_plan(log, world, plan);
    assert_eq!(explained.len() + broken.len(), log.entries.iter().filter(|it| it.applied).count());
    assert!(broken.iter().all(|it| it.promise == Promise::OutsidePlan));
    broken.iter().map(|it| it.number).collect()
}

fn defaults(after: bool) -> Value {
    json!({"kind": "security-defaults", "before": !after, "after": after})
}

const DEFAULTS: &str = "PATCH /v1.0/policies/identitySecurityDefaultsEnforcementPolicy";

fn joins(member: &str, after: &str) -> Value {
    json!({"kind": "membership", "group": {"id": GROUP, "name": "G"},
        "member": {"id": member, "name": "m@ne.example"}, "member_kind": "user",
        "before": "absent", "after": after})
}

fn referred(member: &str) -> Value {
    json!({"@odata.id": format!("http://127.0.0.1/v1.0/directoryObjects/{member}")})
}

/// A change, a request, its body, and whether the change asks for it.
type Case = (Value, String, Value, bool);

fn user() -> Value {
    json!({"id": ALPHA, "name": "alpha@ne.example"})
}

fn of_policies() -> Vec<Case> {
    let was = json!({"id": POLICY, "displayName": "CA001", "state": "disabled",
        "conditions": {"users": {"includeUsers": ["All"], "excludeGroups": [GROUP]}}});
    let mut on = was.clone();
    on["state"] = json!("enabled");
    let changes = json!({"kind": "policy", "before": {"was": was}, "after": on});
    let mut new = on.clone();
    new["id"] = json!("new:x-ca001");
    let makes = json!({"kind": "policy", "before": "absent", "after": new});
    let deletes = json!({"kind": "policy", "before": {"was": on}, "after": null});
    let restores = json!({"kind": "policy", "before": "absent", "after": on});
    let policy = format!("PATCH /v1.0/identity/conditionalAccess/policies/{POLICY}");
    let policies = "POST /v1.0/identity/conditionalAccess/policies".to_owned();
    let restore =
        format!("POST /v1.0/identity/conditionalAccess/deletedItems/policies/{POLICY}/restore");
    let sent = json!({"displayName": "CA001", "state": "enabled", "description": "[lockstep x]",
        "conditions": {"users": {"includeUsers": ["All"], "excludeGroups": [GROUP]}}});
    let mut for_all = sent.clone();
    for_all["conditions"]["users"]["excludeGroups"] = json!([]);
    let unspared = json!({"state": "enabled", "conditions": {"users": {"excludeGroups": []}}});
    let none = Value::Null;
    let delete = policy.replace("PATCH", "DELETE");
    let renamed = json!({"state": "enabled", "displayName": "CA9"});
    let state = |word: &str| json!({"state": word});
    vec![
        (changes.clone(), policy.clone(), state("enabled"), true),
        (changes.clone(), policy.clone(), state("disabled"), false),
        (changes.clone(), policy.clone(), renamed, false),
        (changes.clone(), policy.clone(), unspared, false),
        (changes.clone(), policy.replace(POLICY, GROUP), state("enabled"), false),
        (makes.clone(), policies.clone(), sent.clone(), true),
        (makes, policies.clone(), for_all, false),
        (changes.clone(), policies, sent, false),
        (deletes, delete.clone(), none.clone(), true),
        (changes.clone(), delete, none.clone(), false),
        (restores, restore.clone(), none.clone(), true),
        (changes, restore, none, false),
    ]
}

fn of_the_tenant() -> Vec<Case> {
    let campaign = json!({"kind": "campaign", "before": null, "exclude_groups": [GROUP],
        "after": {"state": "enabled", "snooze_days": 1}});
    let reminded = |state: &str, left_out: &str| {
        json!({"registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {
            "state": state, "snoozeDurationInDays": 1,
            "excludeTargets": [{"id": left_out, "targetType": "group"}]}}})
    };
    let target = "PATCH /beta/policies/authenticationMethodsPolicy".to_owned();
    let role = json!({"kind": "role", "role": "62e9", "principal": user(), "after": "present"});
    let roles = "POST /v1.0/roleManagement/directory/roleAssignments".to_owned();
    let holder = |who: &str, role: &str| json!({"principalId": who, "roleDefinitionId": role, "directoryScopeId": "/"});
    let group = json!({"kind": "group", "after": "present", "group": {"id": "new:x",
        "display_name": "G", "assignable_to_role": true}});
    let made = json!({"displayName": "G", "securityEnabled": true, "mailEnabled": false,
        "isAssignableToRole": true});
    let mut plain = made.clone();
    plain.as_object_mut().unwrap().remove("isAssignableToRole");
    let groups = "POST /v1.0/groups".to_owned();
    let member = format!("POST /v1.0/groups/{GROUP}/members/$ref");
    let gone = format!("DELETE /v1.0/groups/{GROUP}/members/{ALPHA}/$ref");
    vec![
        (campaign.clone(), target.clone(), reminded("enabled", GROUP), true),
        (campaign.clone(), target.clone(), reminded("disabled", GROUP), false),
        (campaign, target, reminded("enabled", ALPHA), false),
        (role.clone(), roles.clone(), holder(ALPHA, "62e9"), true),
        (role.clone(), roles.clone(), holder(GROUP, "62e9"), false),
        (role, roles, holder(ALPHA, "other"), false),
        (group.clone(), groups.clone(), made, true),
        (group, groups, plain, false),
        (joins(ALPHA, "present"), member.clone(), referred(ALPHA), true),
        (joins(ALPHA, "present"), member, referred(GROUP), false),
        (joins(ALPHA, "absent"), gone.clone(), Value::Null, true),
        (joins(ALPHA, "present"), gone, Value::Null, false),
        (defaults(false), DEFAULTS.to_owned(), json!({"isEnabled": false}), true),
        (defaults(false), DEFAULTS.to_owned(), json!({"isEnabled": true}), false),
    ]
}

fn of_people() -> Vec<Case> {
    let of = |kind: &str, more: Value| {
        let mut edit = json!({"kind": kind, "user": user()});
        edit.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        edit
    };
    let per_user = of("per-user-mfa", json!({"after": "disabled"}));
    let disables = of("account-enabled", json!({"after": false}));
    let pass = json!({"after": "present", "before": "absent", "minutes": 60, "once": true});
    let pass = of("temporary-access-pass", pass);
    let password = of("new-password", json!({}));
    let ends = of("revoke-sessions", json!({}));
    let deletes = of("delete-method", json!({"id": "m1"}));
    let alpha = json!({"kind": "user", "after": "present", "user": {"id": "new:a",
        "user_principal_name": "a@ne.example", "display_name": "a"}});
    let new_user =
        |name: &str| json!({"userPrincipalName": name, "displayName": "a", "accountEnabled": true});
    let account = format!("PATCH /v1.0/users/{ALPHA}");
    let required = format!("PATCH /beta/users/{ALPHA}/authentication/requirements");
    let methods = format!("/v1.0/users/{ALPHA}/authentication");
    let passes = format!("POST {methods}/temporaryAccessPassMethods");
    let revoke = format!("POST /v1.0/users/{ALPHA}/revokeSignInSessions");
    let users = "POST /v1.0/users".to_owned();
    let once = |once: bool| json!({"isUsableOnce": once, "lifetimeInMinutes": 60});
    let none = Value::Null;
    let enabled = |it: bool| json!({"accountEnabled": it});
    vec![
        (per_user.clone(), required.clone(), json!({"perUserMfaState": "disabled"}), true),
        (per_user, required, json!({"perUserMfaState": "enforced"}), false),
        (disables.clone(), account.clone(), enabled(false), true),
        (disables.clone(), account.clone(), enabled(true), false),
        (disables, account.clone(), json!({"accountEnabled": false, "x": 1}), false),
        (password.clone(), account.clone(), json!({"passwordProfile": {}}), true),
        (password, account, enabled(false), false),
        (ends.clone(), revoke.clone(), none.clone(), true),
        (ends, revoke.replace(ALPHA, GROUP), none.clone(), false),
        (pass.clone(), passes.clone(), once(true), true),
        (pass.clone(), passes.clone(), once(false), false),
        (pass, passes.replace("POST", "DELETE") + "/t", none.clone(), false),
        (deletes.clone(), format!("DELETE {methods}/phoneMethods/m1"), none.clone(), true),
        (deletes, format!("DELETE {methods}/phoneMethods/m2"), none.clone(), false),
        (alpha.clone(), users.clone(), new_user("a@ne.example"), true),
        (alpha.clone(), users, new_user("b@ne.example"), false),
        (alpha, format!("DELETE /v1.0/users/{ALPHA}"), none, false),
    ]
}

#[test]
fn each_kind_of_change_asks_for_its_request_and_no_other() {
    let world = world();
    for (edit, line, body, asked) in [of_policies(), of_the_tenant(), of_people()].concat() {
        let log = log(vec![entry(1, &line, &body)]);
        let expected: &[u64] = if asked { &[] } else { &[1] };
        let plan = [confirmed(0, "s", std::slice::from_ref(&edit))];
        assert_eq!(outside_of(&log, &world, &plan), expected, "{line} {body} of {edit}");
    }
}

#[test]
fn nothing_is_written_before_it_is_confirmed_nor_out_of_order_nor_of_another_set() {
    let world = world();
    let off = || entry(1, DEFAULTS, &json!({"isEnabled": false}));
    let line = format!("POST /v1.0/groups/{GROUP}/members/$ref");
    let join = |number| entry(number, &line, &referred(ALPHA));
    let plan = [confirmed(0, "s", &[joins(ALPHA, "present"), defaults(false)])];
    assert_eq!(outside_of(&log(vec![off()]), &world, &[]), [1]);
    let late = [confirmed(1, "s", &[defaults(false)])];
    assert_eq!(outside_of(&log(vec![off()]), &world, &late), [1]);
    assert_eq!(outside_of(&log(vec![off(), join(2)]), &world, &plan), [2], "out of order");
    let good = log(vec![join(1), Entry { number: 2, ..off() }]);
    assert_eq!(outside_of(&good, &world, &plan), NONE);
    let other = confirmed(1, "t", &[joins(GROUP, "present")]);
    assert_eq!(outside_of(&good, &world, &[plan[0].clone(), other]), [2], "of another set");
    let in_batch = Entry { target: "/v1.0/$batch".to_owned(), ..off() };
    assert_eq!(outside_of(&log(vec![in_batch]), &world, &plan), [1]);
    let kept_from_us = Entry { body: None, ..off() };
    assert_eq!(outside_of(&log(vec![kept_from_us]), &world, &plan), [1]);
}

#[test]
fn what_is_made_is_made_once_and_known_by_its_id() {
    let mut world = world();
    let makes = json!({"kind": "group", "after": "present", "group": {"id": "new:x",
        "display_name": "G", "assignable_to_role": false}});
    let mut join = joins(ALPHA, "present");
    join["group"]["id"] = json!("new:x");
    let plan = [confirmed(0, "s", &[makes, join])];
    let body = json!({"displayName": "G", "securityEnabled": true, "mailEnabled": false});
    let group = body.as_object().unwrap().clone();
    let by = Initiator { name: "lockstep".to_owned(), is_app: true };
    let id = |id: &str| {
        let mut group = group.clone();
        group.insert("id".to_owned(), json!(id));
        Change::Create(Collection::Groups, group)
    };
    world.change(id(GROUP), &by, second(1));
    let new = |number| entry(number, "POST /v1.0/groups", &body);
    let joins_it = |number, group: &str| {
        entry(number, &format!("POST /v1.0/groups/{group}/members/$ref"), &referred(ALPHA))
    };
    let good = log(vec![new(1), joins_it(2, GROUP)]);
    assert_eq!(outside_of(&good, &world, &plan), NONE);
    assert_eq!(outside_of(&log(vec![new(1), joins_it(2, POLICY)]), &world, &plan), [2]);
    assert_eq!(outside_of(&log(vec![new(1), new(2)]), &world, &plan), [2]);
    // A membership may be asked for again.
    let again = log(vec![new(1), joins_it(2, GROUP), joins_it(3, GROUP)]);
    assert_eq!(outside_of(&again, &world, &plan), NONE);
}

/// A policy that was there before names what the set made: the set by the id that stands for it, the
/// request by its own, and no other.
#[test]
fn a_policy_that_was_there_may_name_what_is_made() {
    let mut world = world();
    let makes = json!({"kind": "group", "after": "present", "group": {"id": "new:x",
        "display_name": "G", "assignable_to_role": false}});
    let was = json!({"id": POLICY, "displayName": "CA001", "state": "enabled",
        "conditions": {"users": {"includeUsers": ["All"], "excludeGroups": []}}});
    let mut after = was.clone();
    after["conditions"]["users"]["excludeGroups"] = json!(["new:x"]);
    let changes = json!({"kind": "policy", "before": {"was": was}, "after": after});
    let plan = [confirmed(0, "s", &[makes, changes])];
    let body = json!({"displayName": "G", "securityEnabled": true, "mailEnabled": false});
    let mut made = body.as_object().unwrap().clone();
    made.insert("id".to_owned(), json!(GROUP));
    let by = Initiator { name: "lockstep".to_owned(), is_app: true };
    world.change(Change::Create(Collection::Groups, made), &by, second(1));
    let policy = format!("PATCH /v1.0/identity/conditionalAccess/policies/{POLICY}");
    let leaves_out = |id: &str| json!({"conditions": {"users": {"excludeGroups": [id]}}});
    let sent = |id: &str| {
        log(vec![entry(1, "POST /v1.0/groups", &body), entry(2, &policy, &leaves_out(id))])
    };
    assert_eq!(outside_of(&sent(GROUP), &world, &plan), NONE);
    assert_eq!(outside_of(&sent(ALPHA), &world, &plan), [2]);
}

fn intended(number: u64, (at, until): (u64, Option<u64>), edit: Value, came: Came) -> Intended {
    Intended { number, at: second(at), until: until.map(second), edit, came }
}

#[test]
fn every_write_stands_in_the_journal_as_it_was() {
    let world = world();
    let off = || entry(3, DEFAULTS, &json!({"isEnabled": false}));
    let wrote = log(vec![off()]);
    let done = Came::Done { sent: 1 };
    let cases = [
        (vec![intended(1, (2, Some(4)), defaults(false), done)], 0),
        (vec![intended(1, (2, None), defaults(false), Came::Open)], 0),
        (vec![], 1),
        (vec![intended(1, (2, Some(4)), defaults(true), Came::Open)], 1),
        // Written down afterwards, or before an outcome that was already there.
        (vec![intended(1, (4, None), defaults(false), Came::Open)], 1),
        (vec![intended(1, (1, Some(2)), defaults(false), Came::Open)], 1),
        (vec![intended(1, (2, Some(4)), defaults(false), Came::NotDone)], 1),
        (vec![intended(1, (2, Some(4)), defaults(false), Came::Done { sent: 2 })], 1),
    ];
    for (journal, expected) in cases {
        let found = held_against_journal(&wrote, &world, &journal);
        assert_eq!(found.len(), expected, "{journal:?}: {found:?}");
        assert!(found.iter().all(|it| it.promise == Promise::NotInJournal));
    }
    let none = log(vec![Entry { applied: false, ..off() }]);
    assert_eq!(held_against_journal(&none, &world, &[]), []);
}
