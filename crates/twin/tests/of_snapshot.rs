//! A twin of a real tenant: the same shape, and nothing by which anybody could be known.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;
use std::path::Path;

use conditional_access::{NamedLocation, NamedLocationKind, read_policy};
use jiff::{SignedDuration, Timestamp};
use rollout::{
    Account, Domain, Group, LegacyUse, Mailbox, MailboxKind, Measurement, Member, MemberKind,
    PerUserMfa, Registration, RoleAssignment, SignInActivity, Sku, Snapshot, Tenant, User,
    UserType,
};
use serde_json::{Map, Value, json};
use twin::documents::Collection;
use twin::world::{Kinds, World};

const GLOBAL: &str = "62e90394-69f5-4237-9190-012177145e10";
const GROUP: &str = "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa";
const NESTED: &str = "aaaaaaaa-2222-4222-8222-aaaaaaaaaaaa";

fn now() -> Timestamp {
    "2026-11-20T17:30:00Z".parse().unwrap()
}

fn id(number: u32) -> String {
    format!("bbbbbbbb-0000-4000-8000-0000000000{number:02}")
}

fn account(number: u32) -> Account {
    Account {
        user_principal_name: Some(format!("zebulon{number}@original.example")),
        user_id: Some(id(number)),
        display_name: Some(format!("Zebulon Quartermain {number}")),
    }
}

fn user(number: u32) -> User {
    User {
        account: account(number),
        mail: Some(format!("zebulon{number}@original.example")),
        account_enabled: Some(true),
        user_type: Some(UserType::Member),
        created: Some("2021-02-03T00:00:00Z".parse().unwrap()),
        job_title: Some("Widgeteer".to_owned()),
        department: Some("Widgetry".to_owned()),
        office: Some("Wibbleton".to_owned()),
        mobile_phone: Some("+44 7911 123456".to_owned()),
        manager: Some("zebulon0@original.example".to_owned()),
        licences: Some(vec!["05e9a617-0261-4cee-bb44-138d3ef5d965".to_owned()]),
        activity: Some(SignInActivity {
            last_successful: Some(now() - SignedDuration::from_hours(20)),
            ..SignInActivity::default()
        }),
        ..User::default()
    }
}

fn registration(number: u32, methods: &[&str]) -> Registration {
    Registration {
        account: account(number),
        methods: Some(methods.iter().map(|it| (*it).to_owned()).collect()),
        ..Registration::default()
    }
}

fn policy() -> Value {
    json!({
        "id": "cccccccc-0000-4000-8000-cccccccccccc",
        "displayName": "Quartermain MFA for Widgetry",
        "description": "Asked for by Zebulon",
        "state": "enabled",
        "conditions": {
            "clientAppTypes": ["all"],
            "users": {"includeUsers": ["All"], "excludeUsers": [id(3)],
                "includeGroups": [], "excludeGroups": [GROUP],
                "includeRoles": [], "excludeRoles": [GLOBAL]},
            "applications": {"includeApplications": ["All"], "excludeApplications": []},
            "locations": {"includeLocations": ["All"],
                "excludeLocations": ["dddddddd-0000-4000-8000-dddddddddddd"]},
            "devices": {"deviceFilter": {"mode": "exclude",
                "rule": "device.displayName -startsWith \"QMAIN-\" -and device.trustType -eq \"ServerAD\""}},
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    })
}

fn snapshot() -> Snapshot {
    let mut users: Vec<User> = (0..12).map(user).collect();
    users[5].user_type = Some(UserType::Guest);
    users[6].account_enabled = Some(false);
    users[7].job_title = None;
    users[8].activity = Some(SignInActivity::default());
    users[9].per_user_mfa = Some(PerUserMfa::Enforced);
    let member = |number, kind| Member {
        id: Some(if number == 99 { NESTED.to_owned() } else { id(number) }),
        user_principal_name: None,
        kind,
    };
    let group = |group: &str, members| Group {
        id: Some(group.to_owned()),
        display_name: Some("Widgeteers of Wibbleton".to_owned()),
        members: Some(members),
        membership_rule: Some("user.department -eq \"Widgetry\"".to_owned()),
        ..Group::default()
    };
    Snapshot {
        tenant: Tenant {
            id: Some("eeeeeeee-0000-4000-8000-eeeeeeeeeeee".to_owned()),
            display_name: Some("Quartermain Widgets".to_owned()),
            domains: Some(vec![Domain {
                name: "original.example".to_owned(),
                is_default: Some(true),
                ..Domain::default()
            }]),
            on_premises_sync: Some(true),
        },
        users: Some(users),
        groups: Some(vec![
            group(GROUP, vec![member(1, MemberKind::User), member(99, MemberKind::Group)]),
            group(NESTED, vec![member(2, MemberKind::User)]),
        ]),
        roles: Some(vec![RoleAssignment {
            role: GLOBAL.to_owned(),
            role_name: None,
            principal_id: Some(id(0)),
            principal_name: None,
            principal_kind: MemberKind::User,
            active: true,
            scope: Some("/".to_owned()),
            ends: None,
        }]),
        registrations: Some(vec![
            registration(0, &["microsoftAuthenticatorPush"]),
            registration(1, &["mobilePhone"]),
            registration(2, &["email"]),
            registration(3, &["fido2SecurityKey", "windowsHelloForBusiness"]),
        ]),
        mailboxes: Some(vec![Mailbox {
            address: Some("zebulon4@original.example".to_owned()),
            kind: MailboxKind::Shared,
            ..Mailbox::default()
        }]),
        policies: Some(vec![read_policy(&policy()).unwrap()]),
        named_locations: Some(vec![NamedLocation {
            id: Some("dddddddd-0000-4000-8000-dddddddddddd".to_owned()),
            display_name: "Wibbleton works".to_owned(),
            kind: NamedLocationKind::Ip {
                trusted: Some(true),
                ranges: vec!["81.2.69.0/24".to_owned()],
            },
        }]),
        security_defaults: Some(false),
        skus: Some(vec![Sku {
            part_number: Some("SPE_E3".to_owned()),
            usable: Some(true),
            plans: vec![(
                "41781fb2-bc02-4b7c-bd55-b576c07bb09d".to_owned(),
                "AAD_PREMIUM".to_owned(),
            )],
            ..Sku::default()
        }]),
        ..Snapshot::default()
    }
}

fn measurement() -> Measurement {
    let used = |number, client: &str| LegacyUse {
        account: account(number),
        client_app: Some(client.to_owned()),
        device: Some("QMAIN-PRINTER".to_owned()),
        succeeded: 9,
        ..LegacyUse::default()
    };
    Measurement {
        legacy: vec![used(7, "Authenticated SMTP"), used(10, "Exchange ActiveSync")],
        ..Measurement::default()
    }
}

fn twin() -> World {
    World::from_snapshot(&snapshot(), Some(&measurement()), 5, now())
}

fn all(world: &World, within: &Collection) -> Vec<Map<String, Value>> {
    (0..world.count(within, now())).map(|it| world.item(within, it, now()).unwrap()).collect()
}

fn rows(world: &World) -> Vec<Map<String, Value>> {
    let begins = now() - SignedDuration::from_hours(24 * 20);
    world.sign_ins(Kinds::Users, begins..now(), now(), None, 1_000_000).0
}

fn read(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, text);
        } else {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn nothing_of_the_tenant_is_in_what_the_twin_shows() {
    let world = twin();
    let folder = tempfile::tempdir().unwrap();
    world.export(folder.path(), now(), 20).unwrap();
    let mut shown = format!("{:?}{:?}", world.documents, rows(&world));
    for user in all(&world, &Collection::Users) {
        let user = user["id"].as_str().unwrap().to_owned();
        shown += &format!("{:?}", all(&world, &Collection::AuthenticationMethods(user.clone())));
        shown += &format!("{:?}", all(&world, &Collection::Requirements(user)));
    }
    for within in [Collection::Rooms, Collection::Devices, Collection::RoleEligibilities] {
        shown += &format!("{:?}", all(&world, &within));
    }
    read(folder.path(), &mut shown);
    let shown = shown.to_lowercase();
    let forbidden = [
        "zebulon",
        "quartermain",
        "original.example",
        "widget",
        "wibbleton",
        "qmain",
        "7911",
        "81.2.69",
        "bbbbbbbb",
        "aaaaaaaa-",
        "cccccccc",
        "dddddddd",
        "eeeeeeee",
    ];
    for word in forbidden {
        let at = shown.find(word);
        let around = at.map(|at| shown.get(at.saturating_sub(120)..at + 60).map(str::to_owned));
        assert_eq!(at, None, "{word}: {around:?}");
    }
}

#[test]
fn the_twin_has_the_tenants_shape() {
    let world = twin();
    let users = all(&world, &Collection::Users);
    assert_eq!(users.len(), 12);
    let count = |name: &str, value: Value| users.iter().filter(|it| it[name] == value).count();
    assert_eq!(count("userType", json!("Guest")), 1);
    assert_eq!(count("accountEnabled", json!(false)), 1);
    assert_eq!(users.iter().filter(|it| !it.contains_key("signInActivity")).count(), 1);
    let rows = all(&world, &Collection::RegistrationDetails);
    let with = |word: &str| rows.iter().filter(|it| it[word] == true).count();
    assert_eq!((with("isMfaRegistered"), with("isMfaCapable")), (3, 3));
    assert_eq!((with("isSsprRegistered"), with("isPasswordlessCapable")), (4, 1));
    let roles = all(&world, &Collection::RoleAssignments);
    let holder = roles[0]["principalId"].as_str().unwrap();
    assert!(world.find(&Collection::Users, holder, now()).is_some());
    assert_eq!(roles[0]["roleDefinitionId"], GLOBAL);
    let policy = &all(&world, &Collection::Policies)[0];
    let users_rule = &policy["conditions"]["users"];
    assert_eq!(users_rule["includeUsers"], json!(["All"]));
    assert_eq!(users_rule["excludeRoles"], json!([GLOBAL]));
    let group = users_rule["excludeGroups"][0].as_str().unwrap();
    assert!(world.find(&Collection::Groups, group, now()).is_some());
    let location = policy["conditions"]["locations"]["excludeLocations"][0].as_str().unwrap();
    assert!(world.find(&Collection::NamedLocations, location, now()).is_some());
    assert_eq!(
        policy["conditions"]["devices"]["deviceFilter"]["rule"],
        "device.displayName -startsWith \"replaced\" -and device.trustType -eq \"ServerAD\""
    );
    let nested = all(&world, &Collection::GroupMembers(group.to_owned()));
    assert_eq!(nested.len(), 2);
    let enforced = users.iter().filter(|user| {
        let within = Collection::Requirements(user["id"].as_str().unwrap().to_owned());
        all(&world, &within)[0]["perUserMfaState"] == "enforced"
    });
    assert_eq!(enforced.count(), 1);
}

#[test]
fn the_twin_signs_in_with_what_the_log_showed() {
    let world = twin();
    let rows = rows(&world);
    let clients: BTreeSet<&str> =
        rows.iter().filter_map(|row| row["clientAppUsed"].as_str()).collect();
    assert!(clients.contains("Authenticated SMTP"), "{clients:?}");
    assert!(clients.contains("Exchange ActiveSync"), "{clients:?}");
    let policies: Vec<&Value> = rows
        .iter()
        .flat_map(|row| row["appliedConditionalAccessPolicies"].as_array().unwrap())
        .map(|policy| &policy["displayName"])
        .collect();
    assert!(!policies.is_empty() && policies.iter().all(|name| **name == "Policy 1"));
    let offices = rows
        .iter()
        .filter(|row| row["ipAddress"].as_str().is_some_and(|it| it.starts_with("100.64.7.")));
    assert!(offices.count() > 10);
}
