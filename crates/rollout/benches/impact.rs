//! How long the replay of a large log takes: 2,000,000 rows of 100,000 accounts under 20 and under
//! 200 policies, on one processor.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use conditional_access::{Policy, read_named_location, read_policy};
use divan::Bencher;
use divan::counter::ItemsCount;
use rollout::impact::impact;
use rollout::proposal::Proposal;
use rollout::{
    Account, Facts, Group, LoggedFactors, LoggedResult, Measurement, Member, MemberKind,
    MethodConfiguration, MethodsPolicy, Registration, Replay, ReplayAccount, ReplayClient,
    ReplayDevice, ReplayPlace, ReplayRow, ReplayTarget, Rollout, Snapshot, User, UserType,
    exceptions,
};
use serde_json::{Value, json};

const ACCOUNTS: u32 = 100_000;
const ROWS_OF_EACH: u32 = 20;
const TARGETS: u32 = 200;
const PLACES: u32 = 4_000;
const DEVICES: u32 = 50_000;
const GROUPS: u32 = 60;

fn main() {
    divan::main();
}

/// SplitMix64: the same numbers on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u32::try_from((value ^ (value >> 31)) % u64::from(bound)).unwrap()
    }
}

fn id(kind: u32, number: u32) -> String {
    format!("00000000-0000-4000-{kind:04x}-{number:012x}")
}

fn account(number: u32) -> Account {
    Account {
        user_principal_name: Some(format!("person{number}@ne.example")),
        user_id: Some(id(0xa000, number)),
        display_name: Some(format!("Person {number}")),
    }
}

fn policies(count: u32) -> Vec<Policy> {
    let office = id(0x9000, 0);
    let one = |number: u32| -> Value {
        let group = id(0x8000, number % GROUPS);
        let around = match number % 8 {
            0 => json!({"clientAppTypes": ["exchangeActiveSync", "other"]}),
            1 => json!({"locations": {"includeLocations": ["All"], "excludeLocations": [office]}}),
            2 => json!({"platforms": {"includePlatforms": ["android", "iOS"]}}),
            3 => {
                json!({"devices": {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}})
            }
            4 => json!({"signInRiskLevels": ["high"]}),
            _ => json!({}),
        };
        let control = match number % 8 {
            0 => "block",
            3 => "compliantDevice",
            _ => "mfa",
        };
        let state = if number % 5 == 4 { "enabledForReportingButNotEnforced" } else { "enabled" };
        let mut conditions = around;
        let conditions_map = conditions.as_object_mut().unwrap();
        conditions_map.insert("users".to_owned(), json!({"includeGroups": [group]}));
        let target = if number.is_multiple_of(3) { "All".to_owned() } else { id(0xc000, number) };
        conditions_map.insert("applications".to_owned(), json!({"includeApplications": [target]}));
        json!({"id": id(0xd000, number), "displayName": format!("CA{number:03}"), "state": state,
            "conditions": conditions,
            "grantControls": {"operator": "OR", "builtInControls": [control]}})
    };
    (0..count).map(|number| read_policy(&one(number)).unwrap()).collect()
}

fn snapshot(policies_on: u32) -> Snapshot {
    let users = (0..ACCOUNTS).map(|number| User {
        account: account(number),
        account_enabled: Some(true),
        user_type: Some(UserType::Member),
        ..User::default()
    });
    let groups = (0..GROUPS).map(|group| Group {
        id: Some(id(0x8000, group)),
        display_name: Some(format!("Group {group}")),
        members: Some(
            (0..ACCOUNTS)
                .filter(|number| number % (group + 7) == 0)
                .map(|number| Member {
                    id: Some(id(0xa000, number)),
                    user_principal_name: None,
                    kind: MemberKind::User,
                })
                .collect(),
        ),
        ..Group::default()
    });
    let registrations = (0..ACCOUNTS).map(|number| Registration {
        account: account(number),
        mfa_capable: Some(number % 9 != 0),
        methods: (number % 9 != 0).then(|| vec!["microsoftAuthenticatorPush".to_owned()]),
        ..Registration::default()
    });
    let office = json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "id": id(0x9000, 0),
        "displayName": "Office", "isTrusted": true, "ipRanges": [{"cidrAddress": "10.1.0.0/16"}]});
    let on = MethodConfiguration {
        id: "microsoftauthenticator".to_owned(),
        enabled: Some(true),
        include: Some(vec!["all_users".to_owned()]),
        exclude: Some(Vec::new()),
        ..MethodConfiguration::default()
    };
    Snapshot {
        users: Some(users.collect()),
        groups: Some(groups.collect()),
        roles: Some(Vec::new()),
        registrations: Some(registrations.collect()),
        policies: Some(policies(policies_on)),
        named_locations: Some(vec![read_named_location(&office).unwrap()]),
        security_defaults: Some(false),
        methods_policy: Some(MethodsPolicy { methods: vec![on], ..MethodsPolicy::default() }),
        ..Snapshot::default()
    }
}

fn clients() -> Vec<ReplayClient> {
    let clients = [
        ("Browser", "oAuth2", "Windows10", false),
        ("Browser", "oAuth2", "MacOs", false),
        ("Mobile Apps and Desktop clients", "oAuth2", "Ios 18", false),
        ("Mobile Apps and Desktop clients", "oAuth2", "Android 15", false),
        ("Mobile Apps and Desktop clients", "deviceCode", "Linux", false),
        ("IMAP4", "none", "", true),
    ];
    let client = |(app, protocol, system, legacy): (&str, &str, &str, bool)| ReplayClient {
        client_app: Some(app.to_owned()),
        protocol: Some(protocol.to_owned()),
        transfer_method: Some("none".to_owned()),
        legacy,
        operating_system: Some(system.to_owned()),
        sign_in_risk: Some("none".to_owned()),
        ..ReplayClient::default()
    };
    clients.map(client).to_vec()
}

fn rows() -> Vec<ReplayRow> {
    let mut chance = Chance(3);
    let mut rows = Vec::new();
    for account in 0..ACCOUNTS {
        for _ in 0..ROWS_OF_EACH {
            rows.push(ReplayRow {
                account,
                target: chance.below(TARGETS),
                // One sign-in in a hundred is legacy.
                client: match chance.below(100) {
                    99 => 5,
                    other => other % 5,
                },
                place: chance.below(PLACES),
                device: (account + chance.below(3)) % DEVICES,
                results: Some(chance.below(4)),
                factors: if chance.below(3) == 0 {
                    LoggedFactors::Multiple
                } else {
                    LoggedFactors::Single
                },
                sign_ins: 1 + u64::from(chance.below(9)),
            });
        }
    }
    rows
}

fn replay() -> Replay {
    let result = |policy: u32, result: &str| LoggedResult {
        policy: id(0xd000, policy),
        name: None,
        result: result.to_owned(),
    };
    Replay {
        accounts: (0..ACCOUNTS)
            .map(|number| ReplayAccount { account: account(number), ..ReplayAccount::default() })
            .collect(),
        targets: (0..TARGETS)
            .map(|number| ReplayTarget {
                app_id: Some(id(0xc100, number)),
                app: Some(format!("App {number}")),
                resource_id: Some(id(0xc000, number)),
                ..ReplayTarget::default()
            })
            .collect(),
        clients: clients(),
        places: (0..PLACES)
            .map(|number| ReplayPlace {
                ip_address: Some(format!("10.{}.{}.7", number / 256, number % 256)),
                country: Some(if number % 7 == 0 { "FR" } else { "GB" }.to_owned()),
            })
            .collect(),
        devices: (0..DEVICES)
            .map(|number| ReplayDevice {
                id: Some(if number.is_multiple_of(3) { String::new() } else { id(0xe000, number) }),
                compliant: Some(number % 3 == 1),
                trust_type: Some(
                    if number.is_multiple_of(3) { "" } else { "Azure AD joined" }.to_owned(),
                ),
                ..ReplayDevice::default()
            })
            .collect(),
        results: (0..4)
            .map(|kind| {
                (0..20)
                    .map(|it| result(it, if kind == 0 { "success" } else { "notApplied" }))
                    .collect()
            })
            .collect(),
        rows: rows(),
    }
}

#[divan::bench(args = [20, 200], sample_count = 1, sample_size = 1)]
fn two_million_rows(bencher: Bencher<'_, '_>, policies_on: u32) {
    let snapshot = snapshot(policies_on);
    let measurement = Measurement { replay: Some(replay()), ..Measurement::default() };
    let rollout = Rollout::default();
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let facts = Facts::new(&snapshot, Some(&measurement), &rollout, now);
    let classification = exceptions::classify(&facts);
    let proposal = Proposal::all_users(&facts);
    bencher
        .counter(ItemsCount::new(ACCOUNTS * ROWS_OF_EACH))
        .bench_local(|| impact(&facts, &classification, &proposal).unwrap());
}
