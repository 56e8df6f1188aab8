//! The simulated tenant as the service sees it.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use twin::documents::Collection;
use twin::world::{Change, Initiator, Scenario, World};

fn now() -> Timestamp {
    "2026-11-20T17:30:00Z".parse().unwrap()
}

fn scenario(people: u32, day: u32) -> Scenario {
    Scenario { people, seed: 7, now: now(), day, history_days: 30 }
}

fn all(world: &World, within: &Collection, as_of: Timestamp) -> Vec<Map<String, Value>> {
    (0..world.count(within, as_of)).map(|at| world.item(within, at, as_of).unwrap()).collect()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn operator() -> Initiator {
    Initiator { name: "lockstep".to_owned(), is_app: true }
}

fn name(object: &Map<String, Value>) -> &str {
    object["userPrincipalName"].as_str().unwrap()
}

#[test]
fn the_firm_is_there() {
    let world = World::new(&scenario(210, 0));
    let users = all(&world, &Collection::Users, now());
    assert!(users.len() > 220, "{}", users.len());
    let groups = all(&world, &Collection::Groups, now());
    let it_team = groups.iter().find(|it| it["displayName"] == "IT team").unwrap();
    let within = Collection::GroupMembers(it_team["id"].as_str().unwrap().to_owned());
    assert_eq!(world.count(&within, now()), 3);
    let global = "62e90394-69f5-4237-9190-012177145e10";
    let assignments = all(&world, &Collection::RoleAssignments, now());
    assert_eq!(assignments.iter().filter(|it| it["roleDefinitionId"] == global).count(), 3);
    assert!(all(&world, &Collection::Policies, now()).is_empty());
    let security_defaults = all(&world, &Collection::SecurityDefaults, now());
    assert_eq!(security_defaults[0]["isEnabled"], true);
    let rows = all(&world, &Collection::RegistrationDetails, now());
    let enabled = users.iter().filter(|it| it["accountEnabled"] == true);
    let ids: BTreeSet<&str> = enabled.map(|it| it["id"].as_str().unwrap()).collect();
    assert!(rows.iter().all(|row| ids.contains(row["id"].as_str().unwrap())));
    for row in &rows {
        let seen: Timestamp = row["lastUpdatedDateTime"].as_str().unwrap().parse().unwrap();
        let lag = now().duration_since(seen);
        assert!((SignedDuration::ZERO..SignedDuration::from_hours(36)).contains(&lag));
    }
}

#[test]
fn the_same_seed_is_the_same_tenant() {
    let shown = |seed| {
        let world = World::new(&Scenario { seed, ..scenario(210, 0) });
        format!("{:?}", all(&world, &Collection::Users, now()))
    };
    assert_eq!(shown(7), shown(7));
    assert_ne!(shown(7), shown(8));
}

#[test]
fn an_account_is_made_changed_and_deleted_and_old_versions_stay() {
    let mut world = World::new(&scenario(50, 0));
    let before = world.count(&Collection::Users, now());
    let at = |minutes| now() + SignedDuration::from_mins(minutes);
    world.advance(at(60));
    let id = "0c1d2e3f-0000-4000-8000-000000000001";
    let account = json!({
        "id": id, "userPrincipalName": "Spare@neengineering.onmicrosoft.com",
        "displayName": "Spare", "accountEnabled": true, "mailNickname": "spare",
        "passwordProfile": {"password": "never kept"}, "passwordPolicies": "DisablePasswordExpiration",
    });
    world.change(Change::Create(Collection::Users, object(account)), &operator(), at(1));
    let patch = object(json!({"accountEnabled": false}));
    world.change(Change::Patch(Collection::Users, id.to_owned(), patch), &operator(), at(5));
    world.change(Change::Delete(Collection::Users, id.to_owned()), &operator(), at(9));
    assert_eq!(world.count(&Collection::Users, at(0)), before);
    assert_eq!(world.count(&Collection::Users, at(2)), before + 1);
    assert_eq!(world.count(&Collection::Users, at(10)), before);
    let by_name = "spare@NEEngineering.onmicrosoft.com";
    let found = |minutes| world.find(&Collection::Users, by_name, at(minutes));
    assert_eq!(found(0), None);
    assert_eq!(found(2).unwrap()["accountEnabled"], true);
    assert_eq!(found(2).unwrap()["userType"], "Member");
    assert_eq!(found(6).unwrap()["accountEnabled"], false);
    assert_eq!(found(10), None);
    assert_eq!(
        all(&world, &Collection::Users, at(2)).last().map(name),
        found(2).as_ref().map(name)
    );
    let audits = all(&world, &Collection::DirectoryAudits, at(30));
    let said: Vec<&str> =
        audits.iter().filter_map(|it| it["activityDisplayName"].as_str()).collect();
    assert_eq!(said, ["Add user", "Disable account", "Delete user"]);
    assert!(!format!("{audits:?}").contains("never kept"));
    assert!(!format!("{:?}", world.documents).contains("never kept"));
}

#[test]
fn a_deleted_method_is_gone_and_the_report_knows_later() {
    let mut world = World::new(&scenario(50, 0));
    let rows = all(&world, &Collection::RegistrationDetails, now());
    let row = rows
        .iter()
        .find(|it| it["methodsRegistered"] == json!(["microsoftAuthenticatorPush"]))
        .unwrap();
    let user = row["id"].as_str().unwrap();
    let within = Collection::AuthenticationMethods(user.to_owned());
    let methods = all(&world, &within, now());
    assert_eq!(methods.len(), 2, "{methods:?}");
    let method = methods[1]["id"].as_str().unwrap().to_owned();
    let at = |hours| now() + SignedDuration::from_hours(hours);
    world.advance(at(72));
    world.change(Change::Delete(within.clone(), method.clone()), &operator(), at(1));
    assert_eq!(world.count(&within, at(2)), 1);
    assert_eq!(world.count(&within, at(0)), 2);
    assert_eq!(world.find(&within, &method, at(2)), None);
    let capable = |hours| {
        let row = world.find(&Collection::RegistrationDetails, user, at(hours)).unwrap();
        row["isMfaCapable"].as_bool().unwrap()
    };
    assert!(capable(0));
    assert!(!capable(40));
}

#[test]
fn a_hundred_thousand_people_fit() {
    let world = World::new(&scenario(100_000, 0));
    assert!(world.count(&Collection::Users, now()) > 105_000);
    let last = world.count(&Collection::Users, now()) - 1;
    assert!(world.item(&Collection::Users, last, now()).is_some());
    assert!(world.item(&Collection::Users, last + 1, now()).is_none());
    let row = world.item(&Collection::RegistrationDetails, 99_000, now()).unwrap();
    assert!(
        world.find(&Collection::RegistrationDetails, row["id"].as_str().unwrap(), now()).is_some()
    );
}
