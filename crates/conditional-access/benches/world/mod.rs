//! The tenant, the twenty policies and the sign-ins of the benchmarks. Every fact was seen, so that
//! a program that knows no *unknown* can answer as well.

pub(crate) mod replay;

use std::net::{IpAddr, Ipv4Addr};

use conditional_access::facts::{
    App, AppGroup, ClientApp, CrossTenant, Device, DeviceProperty, DeviceValue, Flow, Group,
    IdentityProvider, Method, Methods, Platform, Registration, RiskLevel, SignIn, Tenant, Trust,
    User, UserType,
};
use conditional_access::{Policy, read_named_location, read_policy};
use serde_json::{Value, json};

pub(crate) const PEOPLE: usize = 2_000;
pub(crate) const APPS: usize = 120;
pub(crate) const SIGN_INS: usize = 65_536;
/// Kinds of clients, and of devices.
pub(crate) const CLIENTS: usize = 6;
pub(crate) const DEVICES: usize = 3;

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

pub(crate) fn id(kind: u32, number: usize) -> String {
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
                    {"id": "00000000-0000-0000-0000-000000000002"}}),
                _ => json!({"operator": "OR", "builtInControls": ["mfa"]}),
            };
            let policy = json!({"id": id(0xb000, number), "state": "enabled",
                "conditions": all, "grantControls": control});
            read_policy(&policy).unwrap()
        })
        .collect()
}

/// Whether a user is a guest, whose own tenant's claims are not trusted.
pub(crate) fn is_guest(user: usize) -> bool {
    user % 10 == 3
}

fn user(number: usize) -> User {
    if is_guest(number) {
        return User {
            kind: Some(UserType::B2bCollaborationGuest),
            home_tenant: Some(id(0xd000, 0)),
            identity_provider: Some(IdentityProvider::Entra),
            ..User::member(id(0xa000, number))
        };
    }
    User::member(id(0xa000, number))
}

/// What the application belongs to.
pub(crate) fn groups_of_app(app: usize) -> Vec<AppGroup> {
    match app {
        0 => vec![AppGroup::MicrosoftAdminPortals],
        1..10 => vec![AppGroup::Office365],
        _ => Vec::new(),
    }
}

/// A tenant of which everything was seen.
fn tenant(chance: &mut Chance) -> Tenant {
    let group = |number: usize, chance: &mut Chance| Group {
        id: id(0x8000, number),
        members: Some((0..PEOPLE / 10).map(|_| id(0xa000, chance.below(PEOPLE))).collect()),
    };
    let none = Trust { mfa: Some(false), compliant: Some(false), hybrid: Some(false) };
    Tenant {
        users: (0..PEOPLE).map(user).collect(),
        groups: (0..20).map(|number| group(number, chance)).collect(),
        named_locations: [
            json!({"id": id(0x9000, 0), "isTrusted": true, "ipRanges": [
                {"cidrAddress": "203.0.113.0/24"}, {"cidrAddress": "198.51.100.0/25"}]}),
            json!({"id": id(0x9000, 1), "countriesAndRegions": ["KP", "RU"],
                "includeUnknownCountriesAndRegions": false}),
        ]
        .iter()
        .map(|it| read_named_location(it).unwrap())
        .collect(),
        apps: (0..APPS)
            .map(|app| App {
                id: id(0xc000, app),
                owned: Some(true),
                groups: Some(groups_of_app(app)),
            })
            .collect(),
        cross_tenant: CrossTenant { default: none, ..CrossTenant::default() },
        ..Tenant::default()
    }
}

/// One of each that a log holds, and sign-ins that draw from them.
pub(crate) struct World {
    pub(crate) policies: Vec<Policy>,
    pub(crate) tenant: Tenant,
    pub(crate) drawn: Vec<Drawn>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawn {
    pub(crate) user: usize,
    pub(crate) app: usize,
    pub(crate) client: usize,
    pub(crate) device: usize,
    pub(crate) ip: IpAddr,
    pub(crate) country: &'static str,
}

const COUNTRIES: [&str; 5] = ["GB", "IE", "FR", "KP", ""];

pub(crate) fn world() -> World {
    let mut chance = Chance(42);
    let tenant = tenant(&mut chance);
    let drawn = (0..SIGN_INS)
        .map(|_| Drawn {
            user: chance.below(PEOPLE),
            app: chance.below(APPS),
            client: chance.below(CLIENTS),
            device: chance.below(DEVICES),
            ip: IpAddr::V4(Ipv4Addr::new(203, 0, u8::try_from(chance.below(256)).unwrap(), 7)),
            country: COUNTRIES[chance.below(COUNTRIES.len())],
        })
        .collect();
    World { policies: policies(), tenant, drawn }
}

/// Browsers, a mobile app, a legacy client, device code flow, and somebody at risk.
fn client(sign_in: &mut SignIn, number: usize) {
    sign_in.client_app = Some(match number {
        0 | 1 | 5 => ClientApp::Browser,
        2 | 4 => ClientApp::MobileAppsAndDesktopClients,
        _ => ClientApp::Other,
    });
    sign_in.platform = Some(if number == 1 { Platform::Ios } else { Platform::Windows });
    sign_in.flow = Some(if number == 4 { Flow::DeviceCodeFlow } else { Flow::None });
    let risk = if number == 5 { RiskLevel::Medium } else { RiskLevel::None };
    sign_in.risk.sign_in = Some(risk);
    sign_in.risk.user = Some(RiskLevel::None);
}

pub(crate) fn device(number: usize) -> Option<Device> {
    if number == 0 {
        return Some(Device::unregistered());
    }
    let compliant = DeviceValue::Flag(number == 2);
    Some(Device {
        registered: Some(true),
        properties: [(DeviceProperty::IsCompliant, compliant)].into(),
        ..Device::default()
    })
}

/// Whether the user has registered a method for MFA.
pub(crate) fn can_do_mfa(user: usize) -> bool {
    !user.is_multiple_of(8)
}

pub(crate) fn registration(user: usize) -> Registration {
    let methods = if can_do_mfa(user) { &[Method::MicrosoftAuthenticatorPush][..] } else { &[] };
    Registration::of(Methods::of(methods))
}

pub(crate) fn sign_in(drawn: Drawn) -> SignIn {
    let mut sign_in = SignIn::of_user(id(0xa000, drawn.user));
    sign_in.resources = Some(vec![id(0xc000, drawn.app)]);
    sign_in.client_id = Some(id(0xc000, APPS - 1));
    sign_in.ip = Some(drawn.ip);
    sign_in.country = Some(drawn.country.to_owned());
    sign_in.device = device(drawn.device);
    client(&mut sign_in, drawn.client);
    sign_in
}
