//! The lockout proof: what of a tenant it rests on, and how it refuses.

use conditional_access::{Policy, read_named_location};
use rollout::proof::{Proof, proof};
use rollout::proposal::Proposal;
use rollout::{
    Activity, AuditEvent, AuthenticationMethod, GLOBAL_ADMINISTRATOR, LoggedFactors, Measurement,
    MemberKind, PersonActivity, Registration, Replay, ReplayAccount, ReplayClient, ReplayDevice,
    ReplayPlace, ReplayRow, ReplayTarget, RoleAssignment,
};
use serde_json::{Value, json};

use crate::world::{EXCLUDED, World, account, group, id, policy, role};

const INNER: &str = "00000000-0000-4000-8000-0000000000e3";
const OFFICE: &str = "00000000-0000-4000-9000-000000000001";
const PHISHING_RESISTANT: &str = "00000000-0000-0000-0000-000000000004";

fn row(name: &str) -> Registration {
    Registration {
        account: account(name),
        mfa_registered: Some(true),
        mfa_capable: Some(true),
        methods: Some(vec!["microsoftAuthenticatorPush".to_owned()]),
        last_updated: Some("2026-11-20T02:00:00Z".parse().unwrap()),
        ..Registration::default()
    }
}

/// A log in which these passed MFA, each on this device; in it too is who used one factor.
fn log(passed: &[&str], device: &ReplayDevice) -> Measurement {
    let person = |name: &str, passed: u64| PersonActivity {
        account: account(name),
        multifactor_successes: passed,
        single_factor_successes: 1,
        ..PersonActivity::default()
    };
    let mut people: Vec<PersonActivity> = passed.iter().map(|name| person(name, 3)).collect();
    people.push(person("cora", 0));
    let rows = (0..).zip(passed).map(|(place, _)| ReplayRow {
        account: place,
        target: 0,
        client: 0,
        place: 0,
        device: 0,
        results: None,
        factors: LoggedFactors::Multiple,
        sign_ins: 3,
    });
    Measurement {
        activity: Some(Activity { people, ..Activity::default() }),
        replay: Some(Replay {
            accounts: passed
                .iter()
                .map(|name| ReplayAccount { account: account(name), ..Default::default() })
                .collect(),
            targets: vec![ReplayTarget::default()],
            clients: vec![ReplayClient {
                operating_system: Some("Windows10".to_owned()),
                ..ReplayClient::default()
            }],
            places: vec![ReplayPlace::default()],
            devices: vec![device.clone()],
            results: Vec::new(),
            rows: rows.collect(),
        }),
        window: rollout::Window {
            to: Some("2026-11-20T11:00:00Z".parse().unwrap()),
            ..rollout::Window::default()
        },
        ..Measurement::default()
    }
}

fn laptop() -> ReplayDevice {
    ReplayDevice {
        id: Some("laptop".to_owned()),
        compliant: Some(false),
        trust_type: Some("Azure AD joined".to_owned()),
        ..ReplayDevice::default()
    }
}

/// Ann and Ben passed MFA with what the report shows; alpha and bravo are excluded by their group.
fn sound() -> World {
    let mut world = World::ne();
    world.snapshot.registrations = Some(["ann", "ben"].map(row).to_vec());
    world.measurement = Some(log(&["ann", "ben"], &laptop()));
    world
}

fn of_files(world: &World, files: Vec<Policy>) -> Proof {
    let facts = world.facts();
    proof(&facts, &Proposal::of_policies(&facts, files))
}

fn all_users(world: &World) -> Proof {
    let facts = world.facts();
    proof(&facts, &Proposal::all_users(&facts))
}

fn names(accounts: &[rollout::Account]) -> Vec<&str> {
    accounts.iter().map(|it| it.label().trim_end_matches("@ne.example")).collect()
}

/// What is printed of the accounts that can be barred.
fn told(proof: &Proof) -> String {
    let mut text = String::new();
    for shortfall in &proof.shortfalls {
        text.push_str(&format!("{shortfall}\n"));
    }
    for example in &proof.counter_examples {
        text.push_str(&format!("{} ({})\n", example.account.label(), example.role));
        example.why.iter().for_each(|it| text.push_str(&format!("  {it}\n")));
        example.mend.iter().for_each(|it| text.push_str(&format!("  - {it}\n")));
    }
    text
}

#[test]
fn a_sound_tenant_holds() {
    let world = sound();
    let proof = all_users(&world);
    assert!(proof.holds, "{proof:#?}");
    assert_eq!(names(&proof.administrators_who_can_sign_in), ["ann", "ben"]);
    assert!(proof.break_glass.iter().all(|it| it.excluded_from_all && it.can_sign_in));
    assert_eq!(proof.policies, ["CA001 - Require MFA - All users"]);
    assert!(proof.cells_checked > 0 && proof.counter_examples.is_empty());
    assert_eq!(proof.break_glass[1].account, account("bravo"));
    // The portals ask break-glass accounts too, which no exclusion changes.
    insta::assert_snapshot!(proof.assumptions.join("\n"), @"
    Microsoft's mandatory MFA for the Azure, Entra and Intune portals is no part of this proof, and no exclusion lifts it: no file shows a method with which `alpha@ne.example` passes it. Give the account a passkey.
    Microsoft's mandatory MFA for the Azure, Entra and Intune portals is no part of this proof, and no exclusion lifts it: no file shows a method with which `bravo@ne.example` passes it. Give the account a passkey.
    ");
}

/// A change to a sound tenant, and what the proof then lacks.
type Lack = (&'static str, fn(&mut World), &'static str);

const LACKS: [Lack; 12] = [
    (
        "no break-glass account named",
        |world| world.rollout.break_glass.accounts.clear(),
        "No break-glass account was named.",
    ),
    (
        "one that no file holds",
        |world| world.rollout.break_glass.accounts.push("nobody@ne.example".to_owned()),
        "The directory does not show the account `nobody@ne.example`.",
    ),
    (
        "one that is disabled",
        |world| world.snapshot.users.as_mut().unwrap()[0].account_enabled = Some(false),
        "The break-glass account `alpha@ne.example` is disabled.",
    ),
    (
        "one of which no file tells whether it is enabled",
        |world| world.snapshot.users.as_mut().unwrap()[1].account_enabled = None,
        "No file tells whether the break-glass account `bravo@ne.example` is enabled.",
    ),
    (
        "policies in no file",
        |world| world.snapshot.policies = None,
        "No file holds the tenant's own policies, which may bar anybody.",
    ),
    ("roles in no file", |world| world.snapshot.roles = None, "0 proven administrators"),
    ("no log", |world| world.measurement = None, "0 proven administrators"),
    (
        "one factor only",
        |world| world.measurement = Some(log(&["ann"], &laptop())),
        "1 proven administrator ",
    ),
    (
        "a report that is too old",
        |world| {
            let rows = world.snapshot.registrations.as_mut().unwrap();
            rows[0].last_updated = Some("2026-11-18T02:00:00Z".parse().unwrap());
        },
        "1 proven administrator ",
    ),
    (
        "a disabled administrator",
        |world| world.snapshot.users.as_mut().unwrap()[3].account_enabled = Some(false),
        "1 proven administrator ",
    ),
    (
        "an administrator of whom no file tells whether they are enabled",
        |world| world.snapshot.users.as_mut().unwrap()[3].account_enabled = None,
        "1 proven administrator ",
    ),
    (
        "a role that ran out, and one that is an activation",
        |world| {
            let roles = world.snapshot.roles.as_mut().unwrap();
            roles[2].ends = Some("2026-11-20T11:00:00Z".parse().unwrap());
            roles[3].ends = Some("2026-11-20T20:00:00Z".parse().unwrap());
        },
        "0 proven administrators",
    ),
];

#[test]
fn whatever_is_lacking_refuses() {
    for (what, change, shortfall) in LACKS {
        let mut world = sound();
        change(&mut world);
        let proof = all_users(&world);
        assert!(!proof.holds, "{what}");
        assert!(
            proof.shortfalls.iter().any(|it| it.starts_with(shortfall)),
            "{what}: {:?}",
            proof.shortfalls
        );
    }
}

#[test]
fn administrators_hold_the_role_directly_eligible_or_through_a_group() {
    let mut world = sound();
    world.measurement = Some(log(&["ann", "dan", "cora", "alpha"], &laptop()));
    world.snapshot.registrations = Some(["ann", "ben", "cora", "dan", "alpha"].map(row).to_vec());
    world.snapshot.groups.as_mut().unwrap().push(group(INNER, "Holders", &["cora"]));
    world.snapshot.roles = Some(vec![
        role("ann", false),
        role("alpha", true),
        role("ben", true),
        RoleAssignment {
            principal_id: Some(INNER.to_owned()),
            principal_kind: MemberKind::Unknown,
            ..role("cora", true)
        },
        RoleAssignment {
            role: "f28a1f50-f6e7-4571-818b-6a12f2af6b6c".to_owned(),
            ..role("dan", true)
        },
    ]);
    let proof = all_users(&world);
    assert_eq!(names(&proof.administrators_who_can_sign_in), ["ann", "cora"]);
    assert_eq!(names(&proof.unproven_administrators), ["ben"]);
    assert!(proof.holds);
}

/// Whoever activates the role must get in while it is not active: a policy that spares only holders
/// bars them, though the files show them with the role active for some hours.
#[test]
fn a_role_that_is_activated_spares_nobody() {
    let mut world = sound();
    let spares_holders = || {
        let users = json!({"excludeGroups": [EXCLUDED], "excludeRoles": [GLOBAL_ADMINISTRATOR]});
        let block = json!({"conditions": {"users": users},
            "grantControls": {"builtInControls": ["block"]}});
        vec![policy("CA020", &block)]
    };
    assert!(of_files(&world, spares_holders()).holds);
    let activated =
        RoleAssignment { ends: Some("2026-11-20T20:00:00Z".parse().unwrap()), ..role("ann", true) };
    world.snapshot.roles = Some(vec![activated, role("ann", false), role("ben", true)]);
    let proof = of_files(&world, spares_holders());
    assert_eq!(names(&proof.administrators_who_can_sign_in), ["ben"]);
    assert_eq!(proof.counter_examples[0].account, account("ann"));
    assert_eq!(proof.counter_examples[0].unknown, [format!("role:{GLOBAL_ADMINISTRATOR}")]);
}

/// A break-glass account that a policy for MFA reaches gets in with a key that was read by itself,
/// and not with one that a report once showed.
#[test]
fn break_glass_rests_on_no_report() {
    let mut world = sound();
    let reaches =
        || vec![policy("CA020", &json!({"conditions": {"users": {"excludeGroups": []}}}))];
    world.snapshot.registrations = Some(["ann", "ben", "alpha", "bravo"].map(row).to_vec());
    let refused = of_files(&world, reaches());
    assert_eq!(refused.assumptions, Vec::<String>::new());
    insta::assert_snapshot!(told(&refused), @"
    alpha@ne.example (break-glass)
      Nobody can show that it can sign in to the Azure, Entra and Intune portals, whatever the client, place, device and risk.
      `CA020` may bar it: nobody told which methods the account can use.
      - Exclude the account from `CA020`.
      - Give the account a passkey, and read it back: GET /users/{id}/authentication/methods.
    bravo@ne.example (break-glass)
      Nobody can show that it can sign in to the Azure, Entra and Intune portals, whatever the client, place, device and risk.
      `CA020` may bar it: nobody told which methods the account can use.
      - Exclude the account from `CA020`.
      - Give the account a passkey, and read it back: GET /users/{id}/authentication/methods.
    ");
    for user in &mut world.snapshot.users.as_mut().unwrap()[..2] {
        let kind = "windowsHelloForBusiness".to_owned();
        user.methods = Some(vec![AuthenticationMethod { kind, ..key() }, key()]);
    }
    world.snapshot.methods_policy = Some(methods_policy());
    let proof = of_files(&world, reaches());
    assert!(proof.holds, "{}", told(&proof));
    assert!(proof.break_glass.iter().all(|it| !it.excluded_from_all && it.can_sign_in));
}

fn key() -> AuthenticationMethod {
    AuthenticationMethod { kind: "fido2".to_owned(), created: None, detail: None, aaguid: None }
}

fn methods_policy() -> rollout::MethodsPolicy {
    let on = |id: &str| rollout::MethodConfiguration {
        id: id.to_owned(),
        enabled: Some(true),
        include: Some(vec!["all_users".to_owned()]),
        exclude: Some(Vec::new()),
        ..rollout::MethodConfiguration::default()
    };
    rollout::MethodsPolicy {
        methods: vec![on("fido2"), on("microsoftauthenticator")],
        ..rollout::MethodsPolicy::default()
    }
}

fn administrators(name: &str, change: &Value) -> Policy {
    let mut change = change.clone();
    change["conditions"]["users"] =
        json!({"includeUsers": [], "includeRoles": [GLOBAL_ADMINISTRATOR]});
    policy(name, &change)
}

#[test]
fn excluded_through_a_nested_group_that_lost_its_member() {
    let mut world = sound();
    let mut outer = group(EXCLUDED, "CA - Excluded emergency accounts", &[]);
    let mut nested = crate::world::member("ann");
    (nested.id, nested.kind) = (Some(INNER.to_owned()), MemberKind::Group);
    outer.members.as_mut().unwrap().push(nested);
    world.snapshot.groups = Some(vec![outer, group(INNER, "Emergency", &["alpha"])]);
    let proof = of_files(&world, vec![policy("CA020", &json!({"id": "p20"}))]);
    insta::assert_snapshot!(told(&proof), @"
    bravo@ne.example (break-glass)
      Nobody can show that it can sign in to the Azure, Entra and Intune portals, whatever the client, place, device and risk.
      `CA020` may bar it: nobody told which methods the account can use.
      - Make the account a member of the group `CA - Excluded emergency accounts`, which `CA020` excludes.
      - Give the account a passkey, and read it back: GET /users/{id}/authentication/methods.
    ");
    assert_eq!(proof.counter_examples[0].blocked_by, ["p20"]);
    assert_eq!(
        proof.break_glass.iter().map(|it| it.excluded_from_all).collect::<Vec<_>>(),
        [true, false]
    );
}

#[test]
fn a_managed_policy_that_may_switch_itself_on() {
    let mut world = sound();
    world.snapshot.policies = Some(vec![policy(
        "Microsoft-managed: Multifactor authentication for admins",
        &json!({"id": "m1", "state": "enabledForReportingButNotEnforced",
            "conditions": {"users": {"excludeGroups": []}}}),
    )]);
    let proof = all_users(&world);
    insta::assert_snapshot!(told(&proof), @"
    alpha@ne.example (break-glass)
      Nobody can show that it can sign in to the Azure, Entra and Intune portals, whatever the client, place, device and risk.
      `Microsoft-managed: Multifactor authentication for admins` may bar it: nobody told which methods the account can use; it is Report-only today and switches itself on.
      - Switch `Microsoft-managed: Multifactor authentication for admins` off before it switches itself on.
      - Exclude the account from `Microsoft-managed: Multifactor authentication for admins`.
      - Give the account a passkey, and read it back: GET /users/{id}/authentication/methods.
    bravo@ne.example (break-glass)
      Nobody can show that it can sign in to the Azure, Entra and Intune portals, whatever the client, place, device and risk.
      `Microsoft-managed: Multifactor authentication for admins` may bar it: nobody told which methods the account can use; it is Report-only today and switches itself on.
      - Switch `Microsoft-managed: Multifactor authentication for admins` off before it switches itself on.
      - Exclude the account from `Microsoft-managed: Multifactor authentication for admins`.
      - Give the account a passkey, and read it back: GET /users/{id}/authentication/methods.
    ");
    insta::assert_snapshot!(proof.assumptions[..2].join("\n"), @"
    `Microsoft-managed: Multifactor authentication for admins` is Report-only and managed by Microsoft: it may switch itself on.
    A Report-only policy that may switch itself on counts as On: nobody can say when it does.
    ");
    assert_eq!(proof.policies.len(), 2);
}

#[test]
fn a_compliant_device_that_no_administrator_has() {
    let mut world = sound();
    let compliant = || {
        administrators("CA020", &json!({"grantControls": {"builtInControls": ["compliantDevice"]}}))
    };
    insta::assert_snapshot!(told(&of_files(&world, vec![compliant()])), @"
    0 proven administrators can sign in whatever the facts; 2 must.
    ann@ne.example (administrator)
      It cannot sign in to the Azure, Entra and Intune portals, on any device they have or can get, whatever the client, place and risk.
      `CA020` demands a compliant device, which it cannot meet.
      - Have Intune find one of the account's devices compliant.
    ben@ne.example (administrator)
      It cannot sign in to the Azure, Entra and Intune portals, on any device they have or can get, whatever the client, place and risk.
      `CA020` demands a compliant device, which it cannot meet.
      - Have Intune find one of the account's devices compliant.
    ");
    // One that Intune found compliant is enough; of one that the log does not tell of, nobody knows.
    world.measurement =
        Some(log(&["ann", "ben"], &ReplayDevice { compliant: Some(true), ..laptop() }));
    assert!(of_files(&world, vec![compliant()]).holds);
    for device in [
        ReplayDevice { compliant: None, ..laptop() },
        ReplayDevice { id: Some(String::new()), compliant: None, ..ReplayDevice::default() },
    ] {
        world.measurement = Some(log(&["ann", "ben"], &device));
        assert!(!of_files(&world, vec![compliant()]).holds, "{device:?}");
    }
}

#[test]
fn a_place_that_only_the_office_satisfies() {
    let mut world = sound();
    world.snapshot.named_locations = Some(vec![
        read_named_location(&json!({"id": OFFICE, "displayName": "Leeds office",
            "isTrusted": true, "ipRanges": [{"cidrAddress": "203.0.113.0/25"}]}))
        .unwrap(),
    ]);
    let places = json!({"conditions": {"locations":
        {"includeLocations": ["All"], "excludeLocations": [OFFICE]}},
        "grantControls": {"builtInControls": ["block"]}});
    insta::assert_snapshot!(told(&of_files(&world, vec![policy("CA020", &places)])), @"
    0 proven administrators can sign in whatever the facts; 2 must.
    ann@ne.example (administrator)
      It cannot sign in to the Azure, Entra and Intune portals, from an address that no location names, on any device they have or can get, whatever the client and risk.
      `CA020` blocks it.
      - Exclude the account from `CA020`, or have it demand what can be met.
    ben@ne.example (administrator)
      It cannot sign in to the Azure, Entra and Intune portals, from an address that no location names, on any device they have or can get, whatever the client and risk.
      `CA020` blocks it.
      - Exclude the account from `CA020`, or have it demand what can be met.
    ");
}

#[test]
fn a_strength_that_no_administrator_can_meet() {
    let world = sound();
    let strength = json!({"grantControls": {"builtInControls": [],
        "authenticationStrength": {"id": PHISHING_RESISTANT}}});
    let proof = of_files(&world, vec![administrators("CA020", &strength)]);
    insta::assert_snapshot!(told(&proof), @"
    0 proven administrators can sign in whatever the facts; 2 must.
    ann@ne.example (administrator)
      It cannot sign in to the Azure, Entra and Intune portals, on any device they have or can get, whatever the client, place and risk.
      `CA020` demands an authentication strength, for which it would have to register first.
      - Register a method that the authentication strength accepts.
    ben@ne.example (administrator)
      It cannot sign in to the Azure, Entra and Intune portals, on any device they have or can get, whatever the client, place and risk.
      `CA020` demands an authentication strength, for which it would have to register first.
      - Register a method that the authentication strength accepts.
    ");
    let example = &proof.counter_examples[0];
    assert_eq!((example.client_app.as_deref(), example.platform.as_deref()), (None, None));
    assert_eq!(example.missing, ["authenticationStrength"]);
}

/// What stands in a counter-example apart is what matters to it, and groups stand by their names.
#[test]
fn a_platform_apart_and_a_group_by_its_name() {
    let mut world = sound();
    let mut untold = group(EXCLUDED, "CA - Excluded emergency accounts", &[]);
    untold.members = None;
    world.snapshot.groups = Some(vec![untold]);
    let linux = json!({"conditions": {"platforms": {"includePlatforms": ["linux"]}},
        "grantControls": {"builtInControls": ["block"]}});
    let proof = of_files(&world, vec![policy("CA020", &linux)]);
    insta::assert_snapshot!(told(&proof), @"
    alpha@ne.example (break-glass)
      Nobody can show that it can sign in to the Azure, Entra and Intune portals, with a browser on Linux, whatever the place, device and risk.
      `CA020` may bar it: nobody told who is in the group `CA - Excluded emergency accounts`.
      - Make the account a member of the group `CA - Excluded emergency accounts`, which `CA020` excludes.
      - Add an export of the group with its members: GET /groups/00000000-0000-4000-8000-0000000000e0/members.
    bravo@ne.example (break-glass)
      Nobody can show that it can sign in to the Azure, Entra and Intune portals, with a browser on Linux, whatever the place, device and risk.
      `CA020` may bar it: nobody told who is in the group `CA - Excluded emergency accounts`.
      - Make the account a member of the group `CA - Excluded emergency accounts`, which `CA020` excludes.
      - Add an export of the group with its members: GET /groups/00000000-0000-4000-8000-0000000000e0/members.
    ");
    let example = &proof.counter_examples[0];
    assert_eq!(example.platform.as_deref(), Some("Linux"));
    assert_eq!(example.client_app.as_deref(), Some("a browser"));
    assert_eq!(example.unknown, [format!("group:{EXCLUDED}")]);
}

/// Ids that do not look like any are ids where the directory has them.
#[test]
fn ids_of_any_form() {
    let mut world = sound();
    let plain = |id: &mut Option<String>| *id = id.as_ref().map(|id| format!("id-{id}"));
    let snapshot = &mut world.snapshot;
    snapshot.users.as_mut().unwrap().iter_mut().for_each(|it| plain(&mut it.account.user_id));
    snapshot.roles.as_mut().unwrap().iter_mut().for_each(|it| plain(&mut it.principal_id));
    snapshot
        .registrations
        .as_mut()
        .unwrap()
        .iter_mut()
        .for_each(|it| plain(&mut it.account.user_id));
    snapshot.groups = None;
    world
        .measurement
        .as_mut()
        .unwrap()
        .activity
        .as_mut()
        .unwrap()
        .people
        .iter_mut()
        .for_each(|it| plain(&mut it.account.user_id));
    let proof = all_users(&world);
    assert!(proof.holds, "{}", told(&proof));
    assert_eq!(proof.break_glass[0].account.user_id, Some(format!("id-{}", id("alpha"))));
}

#[test]
fn what_is_in_force_is_proven_as_it_is() {
    let mut world = sound();
    world.snapshot.policies = Some(vec![policy("CA001", &json!({"id": "p1"}))]);
    let facts = world.facts();
    assert!(proof(&facts, &Proposal::current(&facts)).holds);
    // Security defaults spare nobody.
    let mut world = sound();
    world.snapshot.security_defaults = Some(true);
    let facts = world.facts();
    insta::assert_snapshot!(told(&proof(&facts, &Proposal::current(&facts))), @"
    alpha@ne.example (break-glass)
      Nobody can show that it can sign in, whatever the app, client, place, device and risk.
      Security defaults may bar it: nobody told which methods the account can use.
      - Give the account a passkey, and read it back: GET /users/{id}/authentication/methods.
    bravo@ne.example (break-glass)
      Nobody can show that it can sign in, whatever the app, client, place, device and risk.
      Security defaults may bar it: nobody told which methods the account can use.
      - Give the account a passkey, and read it back: GET /users/{id}/authentication/methods.
    ");
}

/// A membership takes up to a day to reach Conditional Access: an exclusion through one that was
/// written this morning protects nobody yet.
#[test]
fn a_membership_of_this_morning_protects_nobody_yet() {
    let everybody = json!({"conditions": {"users": {"includeUsers": ["All"],
        "excludeGroups": [EXCLUDED]}}});
    let added = |time: &str, activity: &str| {
        let mut world = sound();
        let name = world.snapshot.groups.as_ref().unwrap().iter();
        let mut name = name.filter(|it| it.id.as_deref() == Some(EXCLUDED));
        let name = name.next().unwrap().display_name.clone().unwrap();
        world.snapshot.audits = Some(vec![AuditEvent {
            time: Some(time.parse().unwrap()),
            activity: activity.to_owned(),
            succeeded: Some(true),
            targets: vec![account("bravo")],
            objects: vec![name],
            ..AuditEvent::default()
        }]);
        of_files(&world, vec![policy("CA001 - Require MFA - All users", &everybody)])
    };
    for activity in ["Add member to group", "Remove member from group"] {
        let fresh = added("2026-11-20T08:00:00Z", activity);
        assert!(!fresh.holds, "{activity}");
        let barred: Vec<_> = fresh.break_glass.iter().filter(|it| !it.can_sign_in).collect();
        assert_eq!(barred.len(), 1);
        assert_eq!(barred[0].account, account("bravo"));
    }
    assert!(added("2026-11-18T08:00:00Z", "Add member to group").holds);
    assert!(added("2026-11-20T08:00:00Z", "Add owner to group").holds);
}
