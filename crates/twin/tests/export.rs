//! Files of the tenant, as an administrator would download them.

use std::fs;

use jiff::Timestamp;
use serde_json::Value;
use twin::documents::Collection;
use twin::world::{Kinds, Scenario, World};

#[test]
fn files_hold_what_graph_holds() {
    let now: Timestamp = "2026-11-20T17:30:00Z".parse().unwrap();
    let world = World::new(&Scenario { people: 40, seed: 3, now, day: 21, history_days: 30 });
    let folder = tempfile::tempdir().unwrap();
    world.export(folder.path(), now, 5).unwrap();
    let read = |file: &str| -> Value {
        serde_json::from_slice(&fs::read(folder.path().join(file)).unwrap()).unwrap()
    };
    let cases = [
        ("directory/users.json", Collection::Users),
        ("registration/userRegistrationDetails.json", Collection::RegistrationDetails),
        ("policies/conditional-access-policies.json", Collection::Policies),
        ("audits/directoryAudits.json", Collection::DirectoryAudits),
        ("directory/groups.json", Collection::Groups),
    ];
    for (file, within) in cases {
        let shown = read(file);
        let items = shown["value"].as_array().unwrap();
        assert!(!items.is_empty(), "{file}");
        assert_eq!(items.len(), world.count(&within, now), "{file}");
        let first = world.item(&within, 0, now).unwrap();
        assert_eq!(items[0]["id"], first["id"], "{file}");
    }
    let security_defaults = read("policies/security-defaults.json");
    assert_eq!(security_defaults["isEnabled"], false);
    let groups = read("directory/groups.json");
    let break_glass = groups["value"]
        .as_array()
        .unwrap()
        .iter()
        .find(|group| group["displayName"] == "Break-glass accounts")
        .unwrap();
    assert_eq!(break_glass["members"].as_array().unwrap().len(), 2);
    let begins = now - jiff::SignedDuration::from_hours(24 * 5);
    let (rows, next) = world.sign_ins(Kinds::Interactive, begins..now, now, None, 1_000_000);
    assert!(next.is_none());
    let file = read("sign-ins/InteractiveSignIns.json");
    assert_eq!(file.as_array().unwrap().len(), rows.len());
    assert_eq!(file[0], Value::Object(rows[0].clone()));
    assert!(folder.path().join("sign-ins/NonInteractiveSignIns.json").exists());
}
