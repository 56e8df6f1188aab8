//! What must be refused, each with the counter-example a person reads, and what must be proven.

use serde_json::{Value, json};

use super::{Administrator, LockoutProof, LockoutQuestion, Person, prove};
use crate::facts::{
    AssignmentState, Device, DeviceProperty, DeviceValue, Group, Membership, Method, Methods,
    Registration, RoleAssignment, Tenant, User,
};
use crate::named_location::NamedLocation;
use crate::policy::Policy;
use crate::{read_named_location, read_policy};

const GLOBAL: &str = "62e90394-69f5-4237-9190-012177145e10";
const EXCLUDED: &str = "00000000-0000-4000-8000-0000000000e0";
const INNER: &str = "00000000-0000-4000-8000-0000000000e1";
const OFFICE: &str = "00000000-0000-4000-9000-000000000001";
const PHISHING_RESISTANT: &str = "00000000-0000-0000-0000-000000000004";

fn id(number: u8) -> String {
    format!("00000000-0000-4000-a000-0000000000{number:02x}")
}

fn person(number: u8, name: &str, methods: &[Method]) -> Person {
    Person {
        user_id: id(number),
        name: format!("{name}@ne.example"),
        registration: Registration::of(Methods::of(methods)),
    }
}

/// NE: two break-glass accounts with keys, two administrators with Authenticator, an office.
struct World {
    tenant: Tenant,
    policies: Vec<Policy>,
    break_glass: Vec<Person>,
    administrators: Vec<Administrator>,
}

fn policy(name: &str, change: &Value) -> Policy {
    let mut all = json!({"id": format!("id of {name}"), "displayName": name, "state": "enabled",
        "conditions": {"users": {"includeUsers": ["All"], "excludeGroups": [EXCLUDED]},
            "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]},
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}});
    merge(&mut all, change);
    read_policy(&all).unwrap()
}

fn merge(into: &mut Value, change: &Value) {
    match (into, change) {
        (Value::Object(into), Value::Object(change)) => {
            for (key, value) in change {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, change) => *into = change.clone(),
    }
}

fn location(value: &Value) -> NamedLocation {
    read_named_location(value).unwrap()
}

fn world(policies: Vec<Policy>) -> World {
    let keys = [Method::Password, Method::Fido2];
    let phone = [Method::Password, Method::MicrosoftAuthenticatorPush];
    let group =
        |id: &str, members: &[String]| Group { id: id.to_owned(), members: Some(members.to_vec()) };
    let role = |number: u8| RoleAssignment {
        role: GLOBAL.to_owned(),
        principal: id(number),
        scope: Some("/".to_owned()),
        state: Some(AssignmentState::Active),
        custom: false,
    };
    let administrator = |number: u8, name: &str| Administrator {
        person: person(number, name, &phone),
        proven: Some(true),
        devices: Vec::new(),
    };
    World {
        tenant: Tenant {
            users: (1..=6).map(|number| User::member(id(number))).collect(),
            groups: vec![group(EXCLUDED, &[INNER.to_owned()]), group(INNER, &[id(1), id(2)])],
            roles: (1..=4).map(role).collect(),
            named_locations: vec![location(&json!({"id": OFFICE, "displayName": "Leeds office",
                "isTrusted": true, "ipRanges": [{"cidrAddress": "203.0.113.0/25"}]}))],
            ..Tenant::default()
        },
        policies,
        break_glass: vec![person(1, "alpha", &keys), person(2, "bravo", &keys)],
        administrators: vec![administrator(3, "ann"), administrator(4, "ben")],
    }
}

impl World {
    fn proof(&self) -> LockoutProof {
        prove(&LockoutQuestion {
            policies: &self.policies,
            tenant: &self.tenant,
            break_glass: &self.break_glass,
            administrators: &self.administrators,
        })
    }
}

/// A sound set and one policy more.
fn with_policy(name: &str, change: &Value) -> World {
    let mut world = world(sound());
    world.policies.push(policy(name, change));
    world
}

/// A sound set, where only the exclusion lets break-glass accounts in: they have no method.
fn without_methods() -> World {
    let mut world = world(sound());
    for account in &mut world.break_glass {
        account.registration = Registration::of(Methods::of(&[Method::Password]));
    }
    assert!(world.proof().holds);
    world
}

/// What is told of a world in which somebody is locked out.
fn refused(world: &World) -> String {
    let proof = world.proof();
    assert!(!proof.holds, "{proof}");
    proof.to_string()
}

fn sound() -> Vec<Policy> {
    vec![
        policy("CA001", &json!({})),
        policy(
            "CA002 legacy",
            &json!({"conditions": {"clientAppTypes": ["exchangeActiveSync", "other"]},
            "grantControls": {"builtInControls": ["block"]}}),
        ),
        policy("CA003 risk", &json!({"conditions": {"signInRiskLevels": ["high", "medium"]}})),
        policy(
            "CA004 draft",
            &json!({"state": "enabledForReportingButNotEnforced",
            "grantControls": {"builtInControls": ["block"]}}),
        ),
        policy(
            "CA005 off",
            &json!({"state": "disabled", "grantControls": {"builtInControls": ["block"]}}),
        ),
    ]
}

#[test]
fn a_sound_set_is_proven() {
    let proof = world(sound()).proof();
    insta::assert_snapshot!(proof, @"Proven: 2 administrators and 2 break-glass accounts can sign in, in each of 688 combinations of app, client, place, device and risk.");
    assert!(proof.holds && proof.break_glass.iter().all(|it| it.excluded_from_all));
    assert_eq!(proof.administrators_who_can_sign_in.len(), 2);
}

#[test]
fn break_glass_not_excluded() {
    let block = json!({"conditions": {"users": {"excludeGroups": []},
        "platforms": {"includePlatforms": ["linux"]}}, "grantControls": {"builtInControls": ["block"]}});
    let world = with_policy("CA010 platforms", &block);
    insta::assert_snapshot!(refused(&world), @"
    Not proven.
    break-glass account `alpha@ne.example` cannot sign in
      to the Azure, Entra and Intune portals, with a browser on Linux, whatever the place, device and risk
      `CA010 platforms` blocks them
        mend: exclude the account from the policy
    break-glass account `bravo@ne.example` cannot sign in
      to the Azure, Entra and Intune portals, with a browser on Linux, whatever the place, device and risk
      `CA010 platforms` blocks them
        mend: exclude the account from the policy
    ");
}

#[test]
fn a_nested_group_that_lost_its_member() {
    let mut world = without_methods();
    world.tenant.groups[1].members = Some(vec![id(1)]);
    insta::assert_snapshot!(refused(&world), @"
    Not proven.
    break-glass account `bravo@ne.example` cannot sign in
      to the Azure, Entra and Intune portals, whatever the client, place, device and risk
      `CA001` demands mfa, for which they must first register
        mend: make the account a member of the group `00000000-0000-4000-8000-0000000000e0`, which the policy excludes
    ");
}

#[test]
fn a_report_only_policy_about_to_switch_itself_on() {
    let world = with_policy(
        "Microsoft-managed: Block access",
        &json!({
        "state": "enabledForReportingButNotEnforced",
        "conditions": {"users": {"excludeGroups": []}},
        "grantControls": {"builtInControls": ["block"]}}),
    );
    insta::assert_snapshot!(refused(&world), @"
    Not proven.
    0 proven administrators can sign in whatever the facts; 2 must.
    `Microsoft-managed: Block access` is report-only and managed by Microsoft: it was counted as On.
    break-glass account `alpha@ne.example` cannot sign in
      to the Azure, Entra and Intune portals, whatever the client, place, device and risk
      `Microsoft-managed: Block access` blocks them (report-only today, it switches itself on)
        mend: switch the policy off before it switches itself on
        mend: exclude the account from the policy
    break-glass account `bravo@ne.example` cannot sign in
      to the Azure, Entra and Intune portals, whatever the client, place, device and risk
      `Microsoft-managed: Block access` blocks them (report-only today, it switches itself on)
        mend: switch the policy off before it switches itself on
        mend: exclude the account from the policy
    administrator `ann@ne.example` cannot sign in
      to the Azure, Entra and Intune portals, on any device they have or can get, whatever the client, place and risk
      `Microsoft-managed: Block access` blocks them (report-only today, it switches itself on)
        mend: switch the policy off before it switches itself on
        mend: exclude them, or demand a control they can meet instead
    administrator `ben@ne.example` cannot sign in
      to the Azure, Entra and Intune portals, on any device they have or can get, whatever the client, place and risk
      `Microsoft-managed: Block access` blocks them (report-only today, it switches itself on)
        mend: switch the policy off before it switches itself on
        mend: exclude them, or demand a control they can meet instead
    ");
}

#[test]
fn device_compliance_without_a_compliant_device() {
    let mut world = with_policy(
        "CA020 devices",
        &json!({
        "conditions": {"users": {"includeUsers": [], "includeRoles": [GLOBAL]}},
        "grantControls": {"builtInControls": ["compliantDevice"]}}),
    );
    let device = |compliant: bool| Device {
        registered: Some(true),
        managed: Some(true),
        properties: [
            (DeviceProperty::IsCompliant, DeviceValue::Flag(compliant)),
            (DeviceProperty::TrustType, DeviceValue::Text("AzureAD".to_owned())),
            (DeviceProperty::OperatingSystem, DeviceValue::Text("Windows".to_owned())),
            (DeviceProperty::DisplayName, DeviceValue::Text("NE-LAP-7".to_owned())),
        ]
        .into(),
    };
    world.administrators[0].devices = vec![device(false)];
    insta::assert_snapshot!(refused(&world), @"
    Not proven.
    0 proven administrators can sign in whatever the facts; 2 must.
    administrator `ann@ne.example` cannot sign in
      to the Azure, Entra and Intune portals, on any device they have or can get, whatever the client, place and risk
      `CA020 devices` demands compliantDevice, which they cannot meet
        mend: have Intune find one of their devices compliant
    administrator `ben@ne.example` cannot sign in
      to the Azure, Entra and Intune portals, on any device they have or can get, whatever the client, place and risk
      `CA020 devices` demands compliantDevice, which they cannot meet
        mend: have Intune find one of their devices compliant
    ");
    for administrator in &mut world.administrators {
        administrator.devices = vec![device(true)];
    }
    assert!(world.proof().holds);
    // The one device they have runs what another policy blocks.
    world.policies.push(policy(
        "CA021 no Windows",
        &json!({
        "conditions": {"platforms": {"includePlatforms": ["windows"]}},
        "grantControls": {"builtInControls": ["block"]}}),
    ));
    assert!(!world.proof().holds);
}

#[test]
fn a_location_that_only_the_office_satisfies() {
    let world = with_policy(
        "CA030 office only",
        &json!({
        "conditions": {"locations": {"includeLocations": ["All"], "excludeLocations": [OFFICE]}},
        "grantControls": {"builtInControls": ["block"]}}),
    );
    insta::assert_snapshot!(refused(&world), @"
    Not proven.
    0 proven administrators can sign in whatever the facts; 2 must.
    administrator `ann@ne.example` cannot sign in
      to the Azure, Entra and Intune portals, from an address that no location names, on any device they have or can get, whatever the client and risk
      `CA030 office only` blocks them
        mend: exclude them, or demand a control they can meet instead
    administrator `ben@ne.example` cannot sign in
      to the Azure, Entra and Intune portals, from an address that no location names, on any device they have or can get, whatever the client and risk
      `CA030 office only` blocks them
        mend: exclude them, or demand a control they can meet instead
    ");
}

#[test]
fn a_strength_that_no_administrator_can_meet() {
    let world = with_policy(
        "CA040 phishing-resistant",
        &json!({
        "conditions": {"users": {"includeUsers": [], "includeRoles": [GLOBAL]}},
        "grantControls": {"builtInControls": [],
            "authenticationStrength": {"id": PHISHING_RESISTANT}}}),
    );
    insta::assert_snapshot!(refused(&world), @"
    Not proven.
    0 proven administrators can sign in whatever the facts; 2 must.
    administrator `ann@ne.example` cannot sign in
      to the Azure, Entra and Intune portals, on any device they have or can get, whatever the client, place and risk
      `CA040 phishing-resistant` demands authenticationStrength, for which they must first register
        mend: register a method that the authentication strength accepts
    administrator `ben@ne.example` cannot sign in
      to the Azure, Entra and Intune portals, on any device they have or can get, whatever the client, place and risk
      `CA040 phishing-resistant` demands authenticationStrength, for which they must first register
        mend: register a method that the authentication strength accepts
    ");
}

#[test]
fn what_nobody_saw_counts_at_its_worst() {
    type Change = fn(&mut World);
    let changes: [(&str, Change); 9] = [
        ("no break-glass account", |it| it.break_glass.clear()),
        ("a break-glass account that the directory does not show", |it| {
            it.break_glass[1].user_id = id(99);
        }),
        ("one administrator", |it| it.administrators.truncate(1)),
        ("one whom nobody saw pass MFA", |it| it.administrators[0].proven = None),
        ("one who failed to", |it| it.administrators[0].proven = Some(false)),
        ("methods nobody saw", |it| {
            it.administrators[0].person.registration = Registration::not_seen();
        }),
        ("security defaults beside policies", |it| it.tenant.security_defaults = Some(true)),
        ("members nobody saw", |it| it.tenant.groups[1].members = None),
        ("a policy in a state nobody knows", |it| {
            let change = json!({"state": "enabledSomehow",
                "grantControls": {"builtInControls": ["block"]}});
            it.policies.push(policy("CA090", &change));
        }),
    ];
    for (what, change) in changes {
        let mut world = without_methods();
        change(&mut world);
        assert!(!world.proof().holds, "{what}");
    }
}

#[test]
fn an_eligible_role_counts_both_ways() {
    let mut world = world(sound());
    for role in world.tenant.roles.iter_mut().skip(2) {
        role.state = Some(AssignmentState::Eligible);
    }
    assert!(world.proof().holds);
    let strength =
        json!({"builtInControls": [], "authenticationStrength": {"id": PHISHING_RESISTANT}});
    let of_role = json!({"conditions": {"users": {"includeUsers": [], "includeRoles": [GLOBAL]}},
        "grantControls": strength});
    world.policies.push(policy("CA091", &of_role));
    assert!(!world.proof().holds, "active");
    let beside_role = json!({"conditions": {"users": {"excludeRoles": [GLOBAL]}},
        "grantControls": {"builtInControls": ["block"]}});
    world.policies.pop();
    world.policies.push(policy("CA092", &beside_role));
    assert!(!world.proof().holds, "waiting");
}

/// What Microsoft says of protected actions, nobody can read from policies.
#[test]
fn an_authentication_context_is_named() {
    let world = with_policy(
        "CA095 contexts",
        &json!({"conditions": {"applications": {"includeApplications": [],
            "includeAuthenticationContextClassReferences": ["c1"]}}}),
    );
    let proof = world.proof();
    assert!(proof.holds);
    insta::assert_snapshot!(proof, @"
    Proven: 2 administrators and 2 break-glass accounts can sign in, in each of 744 combinations of app, client, place, device and risk.
    `CA095 contexts` asks for an authentication context: whether changing policies, as a protected action, demands it of administrators is not modelled.
    ");
}

/// A portal may be open while what stands behind it is not.
#[test]
fn every_way_to_undo_a_policy_is_needed() {
    let directory = "00000002-0000-0000-c000-000000000000";
    let centre = "00000006-0000-0ff1-ce00-000000000000";
    let apps = [
        ("the directory", directory, "to the directory through the portal and Microsoft Graph"),
        ("the admin centre", centre, "to the Microsoft 365 admin centre"),
    ];
    for (name, app, expected) in apps {
        let world = with_policy(
            name,
            &json!({"conditions": {"users": {"includeUsers": [], "includeRoles": [GLOBAL]},
                "applications": {"includeApplications": [app]}},
                "grantControls": {"builtInControls": ["block"]}}),
        );
        let told = refused(&world);
        assert!(told.contains(expected), "{told}");
    }
}

/// A membership that was written within a day may not count yet, and may still count.
#[test]
fn memberships_lag() {
    for listed in [vec![INNER.to_owned()], Vec::new()] {
        let mut world = without_methods();
        world.tenant.groups[0].members = Some(listed);
        world.tenant.changed_memberships =
            vec![Membership { group: EXCLUDED.to_owned(), member: INNER.to_owned() }];
        let told = refused(&world);
        assert!(told.contains(&format!("group:{EXCLUDED}")), "{told}");
    }
}
