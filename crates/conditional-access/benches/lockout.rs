//! How long it takes to prove that nobody who matters is locked out of a large tenant.
//!
//! 240 policies, the most that a tenant can have, over 100,000 users in 400 groups, two break-glass
//! accounts, five administrators. `prove` is the whole of it, from policies and tenant as they were
//! read; `find_openings` classes every user and finds who reaches no policy that demands MFA; `compare`
//! holds the world before a policy is switched on against the one after.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::collections::BTreeMap;

use conditional_access::facts::{
    AssignmentState, Group, Method, Methods, Registration, RoleAssignment, Tenant, User,
};
use conditional_access::{
    Administrator, ChangeQuestion, LockoutQuestion, Person, Policy, World, compare, find_openings,
    prove, read_named_location, read_policy,
};
use divan::Bencher;
use serde_json::{Value, json};

const USERS: usize = 100_000;
const GROUPS: usize = 400;
const POLICIES: usize = 240;
const GLOBAL: &str = "62e90394-69f5-4237-9190-012177145e10";

fn main() {
    divan::main();
}

fn id(kind: u32, number: usize) -> String {
    format!("00000000-0000-4000-{kind:04x}-{number:012x}")
}

/// SplitMix64: the same numbers on every machine.
fn mixed(number: usize) -> usize {
    let mut value = u64::try_from(number).unwrap().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    usize::try_from((value ^ (value >> 31)) % 0xFFFF_FFFF).unwrap()
}

/// Policies over all kinds of conditions, each of which excludes the break-glass group.
fn policies() -> Vec<Policy> {
    let condition = |number: usize| -> Value {
        match number % 12 {
            0 => json!({"clientAppTypes": ["exchangeActiveSync", "other"]}),
            1 => json!({"signInRiskLevels": ["high", "medium"]}),
            2 => json!({"userRiskLevels": ["high"]}),
            3 => json!({"locations": {"includeLocations": [id(0x9000, number % 60)]}}),
            4 => {
                json!({"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}})
            }
            5 => json!({"platforms": {"includePlatforms": ["all"],
                "excludePlatforms": ["android", "iOS", "windows", "macOS", "linux"]}}),
            6 => json!({"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}),
            7 => json!({"devices": {"deviceFilter": {"mode": "exclude",
                "rule": format!("device.model -eq \"NE-{}\"", number % 5)}}}),
            8 => json!({"applications": {"includeApplications": ["MicrosoftAdminPortals"]}}),
            _ => json!({"applications": {"includeApplications": [id(0xc000, number)]}}),
        }
    };
    (0..POLICIES)
        .map(|number| {
            let users = if number % 6 == 0 {
                json!({"includeUsers": ["All"], "excludeGroups": [id(0x8000, 0)]})
            } else {
                json!({"includeGroups": [id(0x8000, 2 + number)], "excludeGroups": [id(0x8000, 0)]})
            };
            let mut all = json!({"users": users,
                "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]});
            for (key, value) in condition(number).as_object().unwrap() {
                all.as_object_mut().unwrap().insert(key.clone(), value.clone());
            }
            let control = match number % 12 {
                0 | 3 | 5 | 6 => json!({"operator": "OR", "builtInControls": ["block"]}),
                7 => json!({"operator": "OR", "builtInControls": ["mfa", "compliantDevice"]}),
                _ => json!({"operator": "OR", "builtInControls": ["mfa"]}),
            };
            read_policy(&json!({"id": id(0xb000, number), "displayName": format!("CA{number:03}"),
                "state": "enabled", "conditions": all, "grantControls": control}))
            .unwrap()
        })
        .collect()
}

fn tenant() -> Tenant {
    let mut groups: Vec<Group> = (0..GROUPS)
        .map(|number| Group { id: id(0x8000, number), members: Some(Vec::new()) })
        .collect();
    let mut join = |group: usize, member: String| {
        groups.get_mut(group).unwrap().members.as_mut().unwrap().push(member);
    };
    join(0, id(0x8000, 1));
    join(1, id(0xa000, 0));
    join(1, id(0xa000, 1));
    // People of one department are in the same groups.
    for user in 2..USERS {
        let department = mixed(user) % 150;
        for group in 0..4 {
            join(2 + mixed(department * 4 + group) % (GROUPS - 2), id(0xa000, user));
        }
    }
    let countries = ["KP", "RU", "IR", "SY", "BY"];
    let location = |number: usize| {
        let value = if number.is_multiple_of(3) {
            json!({"id": id(0x9000, number), "displayName": format!("countries {number}"),
                "countriesAndRegions": [countries.get(number % 5)]})
        } else {
            json!({"id": id(0x9000, number), "displayName": format!("site {number}"),
                "isTrusted": number.is_multiple_of(2),
                "ipRanges": [{"cidrAddress": format!("203.{number}.113.0/24")}]})
        };
        read_named_location(&value).unwrap()
    };
    Tenant {
        users: (0..USERS).map(|number| User::member(id(0xa000, number))).collect(),
        groups,
        roles: (0..7)
            .map(|number| RoleAssignment {
                role: GLOBAL.to_owned(),
                principal: id(0xa000, number),
                scope: Some("/".to_owned()),
                state: Some(AssignmentState::Active),
                custom: false,
            })
            .collect(),
        named_locations: (0..60).map(location).collect(),
        ..Tenant::default()
    }
}

fn person(number: usize) -> Person {
    Person {
        user_id: id(0xa000, number),
        name: format!("user{number}@ne.example"),
        registration: Registration::of(Methods::of(&[
            Method::Password,
            Method::MicrosoftAuthenticatorPush,
        ])),
    }
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn prove_240_policies_100_000_users(bencher: Bencher<'_, '_>) {
    let (policies, tenant) = (policies(), tenant());
    let break_glass = [person(0), person(1)];
    let administrators: Vec<Administrator> = (2..7)
        .map(|number| Administrator {
            person: person(number),
            proven: Some(true),
            devices: Vec::new(),
        })
        .collect();
    bencher.bench_local(|| {
        let proof = prove(&LockoutQuestion {
            policies: &policies,
            tenant: &tenant,
            break_glass: &break_glass,
            administrators: &administrators,
        });
        assert!(proof.break_glass.iter().all(|it| it.excluded_from_all));
        (proof.cells_checked, proof.counter_examples.len())
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn find_openings_240_policies_100_000_users(bencher: Bencher<'_, '_>) {
    let (policies, tenant) = (policies(), tenant());
    let report = find_openings(&policies, &tenant);
    assert!(report.user_classes > 100 && report.user_classes < 1_000, "{}", report.user_classes);
    bencher.bench_local(|| find_openings(&policies, &tenant).openings.len());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn compare_240_policies_100_000_users(bencher: Bencher<'_, '_>) {
    let (after, tenant) = (policies(), tenant());
    let before = after.split_last().unwrap().1;
    let worlds =
        [World { policies: before, tenant: &tenant }, World { policies: &after, tenant: &tenant }];
    let registrations: BTreeMap<String, Registration> =
        (0..USERS).map(|number| (id(0xa000, number), person(number).registration)).collect();
    let question = ChangeQuestion { worlds: &worlds, registrations: &registrations };
    bencher.bench_local(|| compare(&question).unwrap().changes.len());
}
