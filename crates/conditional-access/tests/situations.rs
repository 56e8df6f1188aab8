//! The classes of situations are exact, and the lockout proof says what trying everything says.
//!
//! Worlds are drawn from a fixed seed, which every failure prints. What the proof finds by classes
//! is compared with the evaluation of every combination of values that the drawn policies mention.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod chance;

use chance::Chance;
use conditional_access::facts::{
    App, AppGroup, AssignmentState, ClientApp, Device, DeviceProperty, DeviceValue, Flow, Group,
    Identity, Method, Methods, PerUserMfa, Platform, Protocol, Registration, Risk, RiskLevel,
    RoleAssignment, SignIn, Tenant, User, UserAction,
};
use conditional_access::{
    Administrator, Cause, LockoutQuestion, Person, Policy, PolicySet, Situations, Verdict, prove,
    read_named_location, read_policy,
};
use serde_json::{Value, json};

const PORTAL: &str = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c";
const MANAGEMENT: &str = "797f4846-ba00-4fd7-ba43-dac1f8f63013";
const CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const DIRECTORY: &str = "00000002-0000-0000-c000-000000000000";
const GRAPH_TOOLS: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";
const ADMIN_CENTRE: &str = "00000006-0000-0ff1-ce00-000000000000";
const EXCHANGE: &str = "00000002-0000-0ff1-ce00-000000000000";
const OWN: &str = "00000000-0000-4000-c000-000000000001";
const OFFICE_MEMBER: &str = "00000000-0000-4000-c000-000000000002";
const NAMED: &str = "00000000-0000-4000-c000-000000000003";
const GLOBAL: &str = "62e90394-69f5-4237-9190-012177145e10";
const OFFICE: &str = "00000000-0000-4000-9000-000000000001";
const DEPOT: &str = "00000000-0000-4000-9000-000000000002";
const ABROAD: &str = "00000000-0000-4000-9000-000000000003";

fn id(number: usize) -> String {
    format!("00000000-0000-4000-a000-{number:012x}")
}

fn group(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

fn drawn_policy(number: usize, chance: &mut Chance) -> Policy {
    let include = chance.one(&[
        json!({"includeUsers": ["All"]}),
        json!({"includeRoles": [GLOBAL]}),
        json!({"includeGroups": [group(1)]}),
        json!({"includeUsers": [id(2), id(3)]}),
    ]);
    let exclude = chance.one(&[
        json!({"excludeGroups": [group(0)]}),
        json!({"excludeGroups": [group(0)]}),
        json!({"excludeGroups": [group(0), group(2)]}),
        json!({"excludeUsers": [id(0), id(1)]}),
        json!({"excludeRoles": [GLOBAL]}),
        json!({}),
    ]);
    let mut users = include;
    users.as_object_mut().unwrap().extend(exclude.as_object().unwrap().clone());
    let applications = chance.one(&[
        json!({"includeApplications": ["All"]}),
        json!({"includeApplications": ["All"]}),
        json!({"includeApplications": ["All"], "excludeApplications": [NAMED]}),
        json!({"includeApplications": ["Office365"]}),
        json!({"includeApplications": ["MicrosoftAdminPortals"]}),
        json!({"includeApplications": [MANAGEMENT, NAMED]}),
        json!({"includeUserActions": ["urn:user:registersecurityinfo"]}),
    ]);
    let mut conditions =
        json!({"users": users, "applications": applications, "clientAppTypes": ["all"]});
    for _ in 0..chance.below(3) {
        let (key, value) = condition(chance);
        conditions.as_object_mut().unwrap().insert(key.to_owned(), value);
    }
    let grant = chance.one(&[
        json!({"operator": "OR", "builtInControls": ["mfa"]}),
        json!({"operator": "OR", "builtInControls": ["mfa"]}),
        json!({"operator": "OR", "builtInControls": ["block"]}),
        json!({"operator": "OR", "builtInControls": ["mfa", "compliantDevice"]}),
        json!({"operator": "AND", "builtInControls": ["mfa", "compliantDevice"]}),
        json!({"operator": "OR", "builtInControls": ["compliantDevice"]}),
        json!({"operator": "OR", "builtInControls": ["passwordChange"]}),
        json!({"operator": "OR", "builtInControls": [],
            "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000004"}}),
    ]);
    let state = chance.one(&["enabled", "enabled", "enabledForReportingButNotEnforced"]);
    let managed = if chance.once_in(4) { "Microsoft-managed: " } else { "" };
    read_policy(&json!({"id": format!("P{number}"), "displayName": format!("{managed}P{number}"),
        "state": state, "conditions": conditions, "grantControls": grant}))
    .unwrap()
}

fn condition(chance: &mut Chance) -> (&'static str, Value) {
    match chance.below(7) {
        0 => ("clientAppTypes", chance.one(&[json!(["browser"]), json!(["exchangeActiveSync", "other"])])),
        1 => (
            "platforms",
            chance.one(&[
                json!({"includePlatforms": ["all"], "excludePlatforms": ["windows", "iOS"]}),
                json!({"includePlatforms": ["linux"]}),
            ]),
        ),
        2 => (
            "locations",
            chance.one(&[
                json!({"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}),
                json!({"includeLocations": [DEPOT], "excludeLocations": [OFFICE]}),
                json!({"includeLocations": [ABROAD]}),
                json!({"includeLocations": ["All"], "excludeLocations": [ABROAD, OFFICE]}),
            ]),
        ),
        3 => ("signInRiskLevels", json!(["high"])),
        4 => ("userRiskLevels", json!(["medium", "high"])),
        5 => ("authenticationFlows", json!({"transferMethods": "deviceCodeFlow"})),
        _ => (
            "devices",
            chance.one(&[
                json!({"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}),
                json!({"deviceFilter": {"mode": "include", "rule": "device.model -startsWith \"NE-\""}}),
                json!({"deviceFilter": {"mode": "include",
                    "rule": "device.trustType -eq \"Workplace\" -and device.model -ne \"NE-1\""}}),
            ]),
        ),
    }
}

fn drawn_tenant(chance: &mut Chance) -> Tenant {
    let members = |ids: &[String]| Some(ids.to_vec());
    let excluded = chance.one(&[vec![group(3)], vec![group(3)], vec![id(0)]]);
    let states = [AssignmentState::Active, AssignmentState::Active, AssignmentState::Eligible];
    let mut tenant = Tenant {
        users: (0..5).map(|number| User::member(id(number))).collect(),
        groups: vec![
            Group { id: group(0), members: members(&excluded) },
            Group { id: group(1), members: members(&[id(1), id(3)]) },
            Group { id: group(2), members: members(&[id(2)]) },
            Group { id: group(3), members: members(&[id(0), group(0)]) },
        ],
        roles: (0..4)
            .map(|number| RoleAssignment {
                role: GLOBAL.to_owned(),
                principal: id(number),
                scope: Some("/".to_owned()),
                state: Some(chance.one(&states)),
                custom: false,
            })
            .collect(),
        named_locations: [
            json!({"id": OFFICE, "displayName": "office", "isTrusted": true, "ipRanges": [
                {"cidrAddress": "203.0.113.0/24"}, {"cidrAddress": "2001:db8::/32"}]}),
            json!({"id": DEPOT, "displayName": "depot", "isTrusted": false, "ipRanges": [
                {"cidrAddress": "203.0.113.128/25"}, {"cidrAddress": "198.51.100.0/24"}]}),
            json!({"id": ABROAD, "displayName": "abroad", "countriesAndRegions": ["KP"],
                "includeUnknownCountriesAndRegions": true}),
        ]
        .iter()
        .map(|it| read_named_location(it).unwrap())
        .collect(),
        apps: vec![
            App { id: OWN.to_owned(), owned: Some(true), groups: None },
            App {
                id: OFFICE_MEMBER.to_owned(),
                owned: None,
                groups: Some(vec![AppGroup::Office365]),
            },
            App { id: NAMED.to_owned(), owned: Some(true), groups: None },
        ],
        mandatory_mfa: Some(chance.once_in(4)),
        ..Tenant::default()
    };
    if chance.once_in(5) {
        tenant.per_user_mfa = Some([(id(2), Some(PerUserMfa::Enforced))].into());
    }
    tenant
}

fn drawn_methods(chance: &mut Chance) -> Methods {
    chance.one(&[
        Methods::of(&[Method::Password]),
        Methods::of(&[Method::Password, Method::MicrosoftAuthenticatorPush]),
        Methods::of(&[Method::Password, Method::MicrosoftAuthenticatorPush]),
        Methods::of(&[Method::Fido2]),
        Methods::of(&[Method::WindowsHelloForBusiness]),
    ])
}

fn targets() -> Vec<SignIn> {
    let of = |resource: &str, client: &str| {
        let mut facts = SignIn::of_user("");
        facts.resources = Some(vec![resource.to_owned()]);
        facts.client_id = Some(client.to_owned());
        facts.client_confidential = Some(false);
        facts
    };
    let mut registering = SignIn::of_user("");
    registering.resources = Some(Vec::new());
    registering.user_action = Some(UserAction::RegisterSecurityInformation);
    let directory =
        |client: &str| SignIn { audiences: vec![DIRECTORY.to_owned()], ..of(GRAPH, client) };
    // The first seven are administration.
    vec![
        of(PORTAL, PORTAL),
        of(MANAGEMENT, PORTAL),
        of(MANAGEMENT, CLI),
        directory(PORTAL),
        directory(GRAPH_TOOLS),
        of(ADMIN_CENTRE, ADMIN_CENTRE),
        registering,
        of(EXCHANGE, OWN),
        of(OWN, OWN),
        of(OFFICE_MEMBER, OWN),
        of(NAMED, OWN),
    ]
}

/// Methods with which MFA can be done at once, anywhere.
const AT_ONCE: Methods = Methods::of(&[Method::MicrosoftAuthenticatorPush, Method::Fido2]);
const ADMINISTRATION: usize = 7;
const ADDRESSES: [&str; 3] = ["192.0.2.1", "203.0.113.9", "198.51.100.3"];
const COUNTRIES: [&str; 2] = ["GB", "KP"];
const PLATFORMS: [Platform; 3] = [Platform::Windows, Platform::Linux, Platform::Other];
const MODERN: [ClientApp; 2] = [ClientApp::Browser, ClientApp::MobileAppsAndDesktopClients];
const LEVELS: [RiskLevel; 2] = [RiskLevel::None, RiskLevel::High];

fn device(compliant: bool, trust: &str, model: &str, runs: &str) -> Device {
    let text = |text: &str| DeviceValue::Text(text.to_owned());
    Device {
        registered: Some(true),
        managed: Some(true),
        properties: [
            (DeviceProperty::IsCompliant, DeviceValue::Flag(compliant)),
            (DeviceProperty::TrustType, text(trust)),
            (DeviceProperty::Model, text(model)),
            (DeviceProperty::OperatingSystem, text(runs)),
        ]
        .into(),
    }
}

fn devices() -> Vec<Device> {
    let mut all = vec![Device::unregistered()];
    for compliant in [true, false] {
        for trust in ["AzureAD", "Workplace"] {
            for model in ["NE-1", "x"] {
                all.push(device(compliant, trust, model, "Windows"));
            }
        }
    }
    all
}

/// What a person does not choose: address, country and risks.
fn surroundings() -> Vec<SignIn> {
    let mut all = Vec::new();
    for ip in ADDRESSES {
        for country in COUNTRIES {
            for sign_in in LEVELS {
                for user in LEVELS {
                    let mut facts = SignIn::of_user("");
                    facts.ip = Some(ip.parse().unwrap());
                    facts.country = Some(country.to_owned());
                    facts.risk =
                        Risk { sign_in: Some(sign_in), user: Some(user), ..Risk::default() };
                    all.push(facts);
                }
            }
        }
    }
    all
}

struct World {
    policies: Vec<Policy>,
    tenant: Tenant,
    /// The policies as they will be, in every tenant that this one may turn out to be: with
    /// eligible roles waiting or active, with or without apps counted among the portals.
    sets: Vec<PolicySet>,
}

fn drawn_world(chance: &mut Chance) -> World {
    let tenant = drawn_tenant(chance);
    let policies: Vec<Policy> =
        (0..1 + chance.below(4)).map(|number| drawn_policy(number, chance)).collect();
    let will_be: Vec<Policy> = policies
        .iter()
        .map(|policy| {
            if policy.display_name.starts_with("Microsoft-managed") {
                Policy { state: conditional_access::State::Enabled, ..policy.clone() }
            } else {
                policy.clone()
            }
        })
        .collect();
    let mut active = tenant.clone();
    for role in &mut active.roles {
        role.state = Some(AssignmentState::Active);
    }
    // Which suites these belong to is not documented: all may, or none.
    let both = [AppGroup::MicrosoftAdminPortals, AppGroup::Office365];
    let one = [AppGroup::MicrosoftAdminPortals];
    let portals = |tenant: &Tenant, groups: &[AppGroup], of_portal: &[AppGroup]| {
        let mut tenant = tenant.clone();
        tenant.apps.push(App {
            id: PORTAL.to_owned(),
            owned: Some(false),
            groups: Some(of_portal.to_vec()),
        });
        tenant.apps.extend([MANAGEMENT, CLI, GRAPH_TOOLS].map(|id| App {
            id: id.to_owned(),
            owned: Some(false),
            groups: Some(groups.to_vec()),
        }));
        // It is known to be one of Office 365.
        let groups = [groups, &[AppGroup::Office365]].concat();
        tenant.apps.push(App {
            id: ADMIN_CENTRE.to_owned(),
            owned: Some(false),
            groups: Some(groups),
        });
        PolicySet::of(&will_be, &tenant)
    };
    let is_settled = active.roles == tenant.roles;
    let sets = [&tenant, &active]
        .into_iter()
        .take(if is_settled { 1 } else { 2 })
        .flat_map(|it| [portals(it, &[], &one), portals(it, &one, &both)])
        .collect();
    World { policies, tenant, sets }
}

impl World {
    fn told(&self) -> String {
        let policies = self.policies.iter().map(|policy| format!("{}\n", policy.source.value()));
        policies.collect()
    }

    fn gets_in(&self, sign_in: &SignIn, registration: &Registration) -> bool {
        self.sets.iter().all(|set| {
            let outcome = set.evaluate(sign_in, registration);
            // Which requests of a tool mandatory MFA asks for MFA is not known: who can do MFA gets
            // in either way.
            let asked_or_not = outcome.verdict == Verdict::Unknown
                && outcome.by.iter().all(|cause| *cause == Cause::MandatoryMfa)
                && registration.usable.is_some_and(|it| it.meets(AT_ONCE));
            matches!(outcome.verdict, Verdict::Allow | Verdict::Require) || asked_or_not
        })
    }

    fn sign_in(
        &self,
        user: &str,
        target: &SignIn,
        around: &SignIn,
        client: (ClientApp, Platform),
        device: &Device,
    ) -> SignIn {
        SignIn {
            identity: Identity::User(Some(user.to_owned())),
            ip: around.ip,
            country: around.country.clone(),
            risk: around.risk,
            client_app: Some(client.0),
            platform: Some(client.1),
            device: Some(device.clone()),
            ..target.clone()
        }
    }

    fn always_gets_in(&self, person: &Person) -> bool {
        let (targets, surroundings, devices) = (targets(), surroundings(), devices());
        targets.iter().all(|target| {
            surroundings.iter().all(|around| {
                MODERN.iter().all(|app| {
                    PLATFORMS.iter().all(|platform| {
                        devices.iter().all(|device| {
                            let client = (*app, *platform);
                            let sign_in =
                                self.sign_in(&person.user_id, target, around, client, device);
                            self.gets_in(&sign_in, &person.registration)
                        })
                    })
                })
            })
        })
    }

    fn can_get_in(&self, administrator: &Administrator) -> bool {
        let person = &administrator.person;
        let bought =
            [Platform::Windows, Platform::MacOs, Platform::Ios, Platform::Android, Platform::Linux];
        let own = administrator.devices.iter().map(|device| (Platform::Windows, device.clone()));
        let ways: Vec<(Platform, Device)> =
            own.chain(bought.map(|it| (it, Device::unregistered()))).collect();
        targets().iter().take(ADMINISTRATION).all(|target| {
            surroundings().iter().all(|around| {
                MODERN.iter().any(|app| {
                    ways.iter().any(|(platform, device)| {
                        let client = (*app, *platform);
                        let sign_in = self.sign_in(&person.user_id, target, around, client, device);
                        self.gets_in(&sign_in, &person.registration)
                    })
                })
            })
        })
    }
}

fn person(number: usize, chance: &mut Chance) -> Person {
    Person {
        user_id: id(number),
        name: format!("user {number}"),
        registration: Registration::of(drawn_methods(chance)),
    }
}

#[test]
fn the_proof_says_what_trying_everything_says() {
    let (mut open, mut barred) = (0, 0);
    for seed in 0..40 {
        let mut chance = Chance(seed);
        let world = drawn_world(&mut chance);
        let break_glass = vec![person(0, &mut chance)];
        let administrators: Vec<Administrator> = [2, 3]
            .into_iter()
            .map(|number| Administrator {
                person: person(number, &mut chance),
                proven: Some(true),
                devices: chance
                    .one(&[Vec::new(), vec![device(true, "AzureAD", "NE-1", "Windows")]]),
            })
            .collect();
        let proof = prove(&LockoutQuestion {
            policies: &world.policies,
            tenant: &world.tenant,
            break_glass: &break_glass,
            administrators: &administrators,
        });
        let shown = format!("seed {seed}\n{proof}\n{administrators:#?}\n{}", world.told());
        let always = world.always_gets_in(break_glass.first().unwrap());
        assert_eq!(proof.break_glass.first().unwrap().can_sign_in, always, "{shown}");
        let mut able = 0;
        for administrator in &administrators {
            let can = world.can_get_in(administrator);
            able += usize::from(can);
            let listed = proof.administrators_who_can_sign_in.contains(&administrator.person);
            assert_eq!(listed, can, "{} of {shown}", administrator.person.name);
        }
        assert_eq!(proof.holds, always && able == 2, "{shown}");
        // Every counter-example is one.
        for example in &proof.counter_examples {
            assert!(!example.bars.is_empty(), "{shown}");
        }
        open += usize::from(always) + able;
        barred += proof.counter_examples.len();
    }
    println!("{open} got in, {barred} were barred");
    assert!(open > 20 && barred > 20, "{open} and {barred}");
}

#[test]
fn members_of_a_class_meet_what_its_representative_meets() {
    let mut compared = 0_u32;
    let mut verdicts = std::collections::BTreeMap::new();
    for seed in 0..60 {
        let mut chance = Chance(1_000 + seed);
        let world = drawn_world(&mut chance);
        let situations = Situations::of(&world.policies, &world.tenant);
        let (targets, surroundings, devices) = (targets(), surroundings(), devices());
        for _ in 0..150 {
            let client = (
                chance.one(&[
                    MODERN[0],
                    MODERN[1],
                    ClientApp::Other,
                    ClientApp::ExchangeActiveSync,
                ]),
                chance.one(&[Platform::Windows, Platform::Ios, Platform::Linux, Platform::MacOs]),
            );
            let mut sign_in = world.sign_in(
                &id(chance.below(5)),
                &chance.one(&targets),
                &chance.one(&surroundings),
                client,
                &chance.one(&devices),
            );
            sign_in.flow = Some(chance.one(&[Flow::None, Flow::None, Flow::DeviceCodeFlow]));
            if chance.once_in(8) {
                sign_in.protocol = Some(Protocol::Ropc);
            }
            if chance.once_in(4) {
                let octets = [chance.below(256), chance.below(256)];
                let [third, fourth] = octets;
                let v6 = format!("2001:db{}::{fourth}", third % 10);
                let v4 = format!("203.0.{}.{fourth}", 100 + third % 20);
                let text = if chance.once_in(3) { v6 } else { v4 };
                sign_in.ip = Some(text.parse().unwrap());
                sign_in.country = Some(chance.one(&["GB", "KP", "fr", ""]).to_owned());
            }
            sign_in.risk.insider = Some(conditional_access::facts::InsiderRisk::None);
            sign_in.risk.service_principal = Some(RiskLevel::None);
            let registration = Registration::of(drawn_methods(&mut chance));
            let shown = || format!("seed {}\n{sign_in:#?}\n{}", 1_000 + seed, world.told());
            let Some(representative) = situations.representative(&sign_in) else {
                // A flow that only legacy clients or replayed passwords would use has no class.
                let legacy = sign_in.client_app.is_some_and(ClientApp::is_legacy);
                let replayed = sign_in.protocol == Some(Protocol::Ropc);
                assert!(sign_in.flow != Some(Flow::None) && (legacy || replayed), "{}", shown());
                continue;
            };
            let member = situations.evaluate(&sign_in, &registration);
            let class = situations.evaluate(&representative, &registration);
            assert_eq!(member.verdict, class.verdict, "{}", shown());
            assert_eq!(member.by, class.by, "{}", shown());
            assert_eq!(member.outstanding, class.outstanding, "{}", shown());
            compared += 1;
            *verdicts.entry(member.verdict).or_insert(0_u32) += 1;
        }
    }
    println!("{compared} compared: {verdicts:?}");
    assert!(compared > 7_000 && verdicts.len() >= 4, "{compared}: {verdicts:?}");
}
