//! How many sign-ins a second 20 policies can be held against, on one processor.
//!
//! `decide` is what a replay does for each sign-in once every person, app, client, place and device
//! of a log was met before: it looks up the address and intersects sets of policies. `evaluate`
//! answers for one sign-in from its facts alone, with reasons.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark may stop at the first surprise"
)]

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use conditional_access::facts::{
    ClientApp, Device, Group, Method, Methods, Platform, Registration, RiskLevel, SignIn, Tenant,
    User,
};
use conditional_access::{
    CompiledClient, CompiledDemands, CompiledTarget, CompiledUser, Matching, Policy, PolicySet,
    Verdict, read_named_location, read_policy,
};
use divan::Bencher;
use divan::counter::ItemsCount;
use serde_json::{Value, json};

const PEOPLE: usize = 2_000;
const APPS: usize = 120;
const SIGN_INS: usize = 65_536;

fn main() {
    divan::main();
}

/// SplitMix64: the same numbers on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((value ^ (value >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }
}

fn id(kind: u32, number: usize) -> String {
    format!("00000000-0000-4000-{kind:04x}-{number:012x}")
}

/// Twenty policies of the usual kinds.
fn policies() -> Vec<Policy> {
    let office = "00000003-0000-0ff1-ce00-000000000000";
    let conditions = |number: usize| -> Value {
        match number {
            0 => json!({"clientAppTypes": ["exchangeActiveSync", "other"]}),
            1 => json!({"users": {"includeUsers": ["All"], "excludeGroups": [id(0x8000, 0)]}}),
            2 => json!({"users": {"includeGroups": [id(0x8000, 1)]}}),
            3 => json!({"signInRiskLevels": ["high", "medium"]}),
            4 => json!({"userRiskLevels": ["high"]}),
            5 => json!({"locations": {"includeLocations": [id(0x9000, 1)]}}),
            6 => {
                json!({"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]},
                "users": {"includeGroups": [id(0x8000, 2)]}})
            }
            7 => json!({"platforms": {"includePlatforms": ["all"],
                "excludePlatforms": ["android", "iOS", "windows", "macOS", "linux"]}}),
            8 => json!({"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}),
            9 => json!({"applications": {"includeApplications": ["MicrosoftAdminPortals"]}}),
            10 => json!({"devices": {"deviceFilter": {"mode": "exclude",
                "rule": "device.isCompliant -eq True"}},
                "applications": {"includeApplications": ["Office365"]}}),
            11 => json!({"users": {"includeUsers": ["GuestsOrExternalUsers"]}}),
            12 => {
                json!({"applications": {"includeUserActions": ["urn:user:registersecurityinfo"]}})
            }
            number => json!({"users": {"includeGroups": [id(0x8000, number)]},
                "applications": {"includeApplications": [office, id(0xc000, number)]}}),
        }
    };
    (0..20)
        .map(|number| {
            let mut all = json!({"users": {"includeUsers": ["All"]},
                "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]});
            for (key, value) in conditions(number).as_object().unwrap() {
                all[key] = value.clone();
            }
            let control = match number {
                0 | 5 | 7 | 8 => json!({"operator": "OR", "builtInControls": ["block"]}),
                2 | 10 => json!({"operator": "OR", "builtInControls": ["mfa", "compliantDevice"]}),
                9 => json!({"operator": "OR", "authenticationStrength":
                    {"id": "00000000-0000-0000-0000-000000000004"}}),
                _ => json!({"operator": "OR", "builtInControls": ["mfa"]}),
            };
            let policy = json!({"id": id(0xb000, number), "state": "enabled",
                "conditions": all, "grantControls": control});
            read_policy(&policy).unwrap()
        })
        .collect()
}

fn tenant(chance: &mut Chance) -> Tenant {
    let group = |number: usize, chance: &mut Chance| Group {
        id: id(0x8000, number),
        members: Some((0..PEOPLE / 10).map(|_| id(0xa000, chance.below(PEOPLE))).collect()),
    };
    Tenant {
        users: (0..PEOPLE).map(|number| User::member(id(0xa000, number))).collect(),
        groups: (0..20).map(|number| group(number, chance)).collect(),
        named_locations: [
            json!({"id": id(0x9000, 0), "isTrusted": true, "ipRanges": [
                {"cidrAddress": "203.0.113.0/24"}, {"cidrAddress": "198.51.100.0/25"}]}),
            json!({"id": id(0x9000, 1), "countriesAndRegions": ["KP", "RU"]}),
        ]
        .iter()
        .map(|it| read_named_location(it).unwrap())
        .collect(),
        ..Tenant::default()
    }
}

/// One of each that a log holds, and sign-ins that draw from them.
struct World {
    policies: Vec<Policy>,
    tenant: Tenant,
    drawn: Vec<Drawn>,
}

#[derive(Clone, Copy)]
struct Drawn {
    user: usize,
    app: usize,
    client: usize,
    device: usize,
    ip: IpAddr,
    country: &'static str,
}

const COUNTRIES: [&str; 5] = ["GB", "IE", "FR", "KP", ""];

fn world() -> World {
    let mut chance = Chance(42);
    let tenant = tenant(&mut chance);
    let drawn = (0..SIGN_INS)
        .map(|_| Drawn {
            user: chance.below(PEOPLE),
            app: chance.below(APPS),
            client: chance.below(4),
            device: chance.below(3),
            ip: IpAddr::V4(Ipv4Addr::new(203, 0, u8::try_from(chance.below(256)).unwrap(), 7)),
            country: COUNTRIES[chance.below(COUNTRIES.len())],
        })
        .collect();
    World { policies: policies(), tenant, drawn }
}

fn client(sign_in: &mut SignIn, number: usize) {
    sign_in.client_app = Some(match number {
        0 | 1 => ClientApp::Browser,
        2 => ClientApp::MobileAppsAndDesktopClients,
        _ => ClientApp::Other,
    });
    sign_in.platform = Some(if number == 1 { Platform::Ios } else { Platform::Windows });
    sign_in.risk.sign_in = Some(RiskLevel::None);
    sign_in.risk.user = Some(RiskLevel::None);
}

fn device(number: usize) -> Option<Device> {
    use conditional_access::facts::{DeviceProperty, DeviceValue};
    match number {
        0 => None,
        1 => Some(Device::unregistered()),
        _ => Some(Device {
            registered: Some(true),
            properties: [(DeviceProperty::IsCompliant, DeviceValue::Flag(true))].into(),
            ..Device::default()
        }),
    }
}

fn registration(user: usize) -> Registration {
    if user.is_multiple_of(8) {
        Registration::of(Methods::NONE)
    } else {
        Registration::of(Methods::of(&[Method::MicrosoftAuthenticatorPush]))
    }
}

fn sign_in(drawn: Drawn) -> SignIn {
    let mut sign_in = SignIn::of_user(id(0xa000, drawn.user));
    sign_in.resources = Some(vec![id(0xc000, drawn.app)]);
    sign_in.ip = Some(drawn.ip);
    sign_in.country = Some(drawn.country.to_owned());
    sign_in.device = device(drawn.device);
    client(&mut sign_in, drawn.client);
    sign_in
}

#[divan::bench]
fn compile_people(bencher: Bencher<'_, '_>) {
    let world = world();
    let set = PolicySet::of(&world.policies, &world.tenant);
    let compiled = set.compiled(&world.tenant).unwrap();
    let ids: Vec<String> = (0..PEOPLE).map(|user| id(0xa000, user)).collect();
    bencher
        .counter(ItemsCount::new(PEOPLE))
        .bench_local(|| ids.iter().map(|user| compiled.user(Some(user))).collect::<Vec<_>>());
}

#[divan::bench]
fn evaluate(bencher: Bencher<'_, '_>) {
    let world = world();
    let set = PolicySet::of(&world.policies, &world.tenant);
    let some: Vec<_> =
        world.drawn.iter().take(512).map(|it| (sign_in(*it), registration(it.user))).collect();
    bencher.counter(ItemsCount::new(some.len())).bench_local(|| {
        some.iter()
            .filter(|(sign_in, registration)| set.evaluate(sign_in, registration).by.len() > 1)
            .count()
    });
}

#[divan::bench]
fn decide(bencher: Bencher<'_, '_>) {
    let world = world();
    let set = PolicySet::of(&world.policies, &world.tenant);
    let compiled = set.compiled(&world.tenant).unwrap();
    let blank = |drawn: Drawn| sign_in(drawn);
    let any = world.drawn[0];
    let users: Vec<CompiledUser> =
        (0..PEOPLE).map(|user| compiled.user(Some(&id(0xa000, user)))).collect();
    let targets: Vec<CompiledTarget> =
        (0..APPS).map(|app| compiled.target(&blank(Drawn { app, ..any })).unwrap()).collect();
    let clients: Vec<CompiledClient> =
        (0..4).map(|client| compiled.client(&blank(Drawn { client, ..any }))).collect();
    let per_user = |user: usize, device: usize, client: usize| -> CompiledDemands {
        let sign_in = blank(Drawn { user, device, client, ..any });
        compiled.demands(&users[user], &sign_in, &registration(user))
    };
    // Most people share what is demanded of them: each demand is kept once.
    let mut demands: Vec<CompiledDemands> = Vec::new();
    let mut known: HashMap<CompiledDemands, u16> = HashMap::new();
    let demanded: Vec<u16> = (0..PEOPLE)
        .flat_map(|user| (0..12).map(move |both| (user, both / 4, both % 4)))
        .map(|(user, device, client)| {
            let all = per_user(user, device, client);
            *known.entry(all).or_insert_with(|| {
                demands.push(all);
                u16::try_from(demands.len() - 1).unwrap()
            })
        })
        .collect();
    let devices: Vec<Matching> =
        (0..3).map(|it| compiled.device(&users[0], device(it).as_ref())).collect();
    let decide = |it: &Drawn| {
        let place = compiled.place(Some(it.ip), Some(it.country));
        let shared = demanded[it.user * 12 + it.device * 4 + it.client];
        let demands = &demands[usize::from(shared)];
        compiled.decide(
            &users[it.user],
            &targets[it.app],
            &clients[it.client],
            place,
            devices[it.device],
            demands,
        )
    };
    for drawn in world.drawn.iter().take(2_000) {
        let outcome = set.evaluate(&sign_in(*drawn), &registration(drawn.user));
        assert_eq!(decide(drawn).verdict, outcome.verdict);
    }
    bencher.counter(ItemsCount::new(world.drawn.len())).bench_local(|| {
        world.drawn.iter().filter(|it| decide(it).verdict == Verdict::Require).count()
    });
}
