//! Cases drawn by chance, from a small vocabulary, so that conditions often match.
//!
//! The same seed draws the same case. Cases are JSON in the format of the case files.

use serde_json::{Map, Value, json};

use super::draw_policy::policy;

/// SplitMix64 (Steele, Lea and Flood 2014).
pub(crate) struct Chance {
    state: u64,
    /// In how many of a hundred facts nobody saw it.
    unseen: u64,
}

pub(crate) const APPS: [&str; 13] = [
    "00000002-0000-0ff1-ce00-000000000000",
    "00000003-0000-0ff1-ce00-000000000000",
    "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe",
    "797f4846-ba00-4fd7-ba43-dac1f8f63013",
    "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
    "00000003-0000-0000-c000-000000000000",
    "00000002-0000-0000-c000-000000000000",
    "01cb2876-7ebd-4aa4-9cc9-d28bd4d359a9",
    "00000004-0000-0ff1-ce00-000000000000",
    "e9f49c6b-5ce5-44c8-925d-015017e9f7ad",
    "00000000-0000-4000-7000-000000000001",
    "00000000-0000-4000-7000-000000000002",
    "00000000-0000-4000-7000-000000000003",
];
pub(crate) const ROLES: [&str; 4] = [
    "62e90394-69f5-4237-9190-012177145e10",
    "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
    "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "d29b2b05-8046-44ba-8758-1e26182fcf32",
];
pub(crate) const TYPES: [&str; 6] = [
    "internalGuest",
    "b2bCollaborationGuest",
    "b2bCollaborationMember",
    "b2bDirectConnectUser",
    "otherExternalUser",
    "serviceProvider",
];
pub(crate) const COMBINATIONS: [&str; 13] = [
    "fido2",
    "password,sms",
    "password, microsoftAuthenticatorPush",
    "windowsHelloForBusiness",
    "deviceBasedPush",
    "x509CertificateMultiFactor",
    "password,hardwareOath",
    "temporaryAccessPassOneTime",
    "federatedMultiFactor",
    "federatedSingleFactor,hardwareOath",
    "federatedSingleFactor,softwareOath",
    "password,softwareOath",
    "palmPrint",
];
pub(crate) const PLATFORMS: [&str; 6] =
    ["android", "iOS", "windows", "windowsPhone", "macOS", "linux"];
pub(crate) const LEVELS: [&str; 4] = ["high", "medium", "low", "none"];
const RANGES: [&str; 7] = [
    "203.0.113.0/24",
    "198.51.100.7/25",
    "2001:db8::/32",
    "192.0.2.9/32",
    "0.0.0.0/0",
    "not a range",
    "2001:db8:1::5/64",
];

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Self { state: seed, unseen: 0 };
        chance.unseen = *chance.pick(&[25, 0, 10, 25, 50]);
        chance
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.state;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap();
        usize::try_from(self.next() % bound).unwrap()
    }

    /// True in so many of a hundred.
    pub(crate) fn in_hundred(&mut self, many: u64) -> bool {
        self.next() % 100 < many
    }

    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let at = self.below(list.len());
        list.get(at).unwrap()
    }

    /// One to `most` members of the list.
    pub(crate) fn some(&mut self, list: &[&str], most: usize) -> Vec<String> {
        let count = 1 + self.below(most);
        (0..count).map(|_| (*self.pick(list)).to_owned()).collect()
    }

    /// The word, now and then in capitals.
    pub(crate) fn cased(&mut self, word: &str) -> String {
        if self.in_hundred(5) { word.to_uppercase() } else { word.to_owned() }
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.in_hundred(50)
    }

    pub(crate) fn id(&mut self, kind: &str, most: usize) -> String {
        id(kind, 1 + self.below(most))
    }

    /// Sets the fact, or leaves it absent or null: nobody saw it.
    pub(crate) fn fact(&mut self, facts: &mut Map<String, Value>, name: &str, value: Value) {
        if !self.in_hundred(self.unseen) {
            facts.insert(name.to_owned(), value);
        } else if self.flag() {
            facts.insert(name.to_owned(), Value::Null);
        }
    }

    /// As [`Self::fact`], but the fact is told in so many of a hundred cases only; where absence
    /// has a meaning of its own, that is the rest.
    pub(crate) fn told(
        &mut self,
        many: u64,
        facts: &mut Map<String, Value>,
        name: &str,
        value: Value,
    ) {
        if self.in_hundred(many) {
            let unseen = self.in_hundred(self.unseen);
            facts.insert(name.to_owned(), if unseen { Value::Null } else { value });
        }
    }
}

pub(crate) fn id(kind: &str, number: usize) -> String {
    format!("00000000-0000-4000-{kind}-{number:012}")
}

/// A tenant and its policies.
pub(crate) fn world(chance: &mut Chance) -> (Value, Value) {
    let tenant = tenant(chance);
    let count = 1 + chance.below(4);
    let policies = (1..=count).map(|number| policy(chance, number)).collect();
    (tenant, Value::Array(policies))
}

fn tenant(chance: &mut Chance) -> Value {
    let mut tenant = Map::new();
    let users: Vec<Value> = (1..=3).map(|number| user(chance, number)).collect();
    tenant.insert("users".to_owned(), json!(users));
    let groups: Vec<Value> = (1..=4).filter_map(|number| group(chance, number)).collect();
    tenant.insert("groups".to_owned(), json!(groups));
    if chance.in_hundred(15) {
        let member = if chance.flag() { chance.id("a000", 4) } else { chance.id("8000", 4) };
        let changed = json!([{ "group": chance.id("8000", 4), "member": member }]);
        tenant.insert("changed_memberships".to_owned(), changed);
    }
    let roles: Vec<Value> = (0..chance.below(4)).map(|_| role(chance)).collect();
    tenant.insert("roles".to_owned(), json!(roles));
    let places: Vec<Value> = (1..=5).map(|number| named_location(chance, number)).collect();
    tenant.insert("named_locations".to_owned(), json!(places));
    let ranges = if chance.flag() { chance.some(&RANGES, 2) } else { Vec::new() };
    chance.told(30, &mut tenant, "mfa_trusted_ips", json!(ranges));
    let first = chance.below(APPS.len());
    let apps: Vec<Value> =
        APPS.iter().skip(first).take(chance.below(3)).map(|it| app(chance, it)).collect();
    tenant.insert("apps".to_owned(), json!(apps));
    if chance.in_hundred(15) {
        let gaps = *chance.pick(&[&["groups"][..], &["roles"], &["groups", "roles"]]);
        tenant.insert("gaps".to_owned(), json!(gaps));
    }
    let custom = format!("custom:{}", id("7000", 3));
    let baseline = (*chance.pick(&["enforced", "legacy", &custom])).to_owned();
    chance.fact(&mut tenant, "baseline_scopes", json!(baseline));
    if chance.in_hundred(80) {
        let mut settings = Map::new();
        settings.insert("default".to_owned(), trust(chance));
        if chance.flag() {
            settings.insert(id("9a00", 1), trust(chance));
        }
        tenant.insert("cross_tenant".to_owned(), Value::Object(settings));
    }
    let mut strength = json!({ "id": id("c000", 1) }).as_object().unwrap().clone();
    let combinations = chance.some(&COMBINATIONS, 3);
    chance.fact(&mut strength, "allowedCombinations", json!(combinations));
    tenant.insert("authentication_strengths".to_owned(), json!([strength]));
    layers(chance, &mut tenant);
    Value::Object(tenant)
}

fn layers(chance: &mut Chance, tenant: &mut Map<String, Value>) {
    let on = chance.in_hundred(60);
    chance.told(8, tenant, "security_defaults", json!(on));
    let on = chance.in_hundred(70);
    chance.told(15, tenant, "mandatory_mfa", json!(on));
    let mut states = Map::new();
    for number in 1..=2 {
        let state = *chance.pick(&["enforced", "enabled", "disabled"]);
        chance.told(60, &mut states, &id("a000", number), json!(state));
    }
    chance.told(12, tenant, "per_user_mfa", Value::Object(states));
}

fn trust(chance: &mut Chance) -> Value {
    let mut trust = Map::new();
    for claim in ["mfa", "compliant", "hybrid"] {
        let on = chance.flag();
        chance.fact(&mut trust, claim, json!(on));
    }
    Value::Object(trust)
}

fn user(chance: &mut Chance, number: usize) -> Value {
    let mut user = json!({ "id": id("a000", number) }).as_object().unwrap().clone();
    if chance.in_hundred(60) {
        user.insert("type".to_owned(), json!("member"));
    } else {
        let kind = if chance.in_hundred(15) { "guest" } else { *chance.pick(&TYPES) };
        chance.fact(&mut user, "type", json!(kind));
        let home = chance.id("9a00", 2);
        chance.fact(&mut user, "home_tenant", json!(home));
        let direct = kind == "b2bDirectConnectUser";
        let idp = if direct || chance.in_hundred(70) {
            "entra"
        } else {
            *chance.pick(&["msa", "google", "emailOtp", "saml"])
        };
        chance.fact(&mut user, "idp", json!(idp));
    }
    let federated = chance.flag();
    chance.fact(&mut user, "federated", json!(federated));
    Value::Object(user)
}

/// A group with users and groups in it, in circles too; now and then there is none.
fn group(chance: &mut Chance, number: usize) -> Option<Value> {
    if chance.in_hundred(15) {
        return None;
    }
    let mut group = json!({ "id": id("8000", number) }).as_object().unwrap().clone();
    let members: Vec<String> = (0..chance.below(3))
        .map(|_| if chance.flag() { chance.id("a000", 4) } else { chance.id("8000", 4) })
        .collect();
    chance.fact(&mut group, "members", json!(members));
    Some(Value::Object(group))
}

fn role(chance: &mut Chance) -> Value {
    let principal = if chance.in_hundred(70) { chance.id("a000", 3) } else { chance.id("8000", 4) };
    let role = *chance.pick(&ROLES);
    let mut map = json!({ "role": role, "principal": principal }).as_object().unwrap().clone();
    let scope =
        if chance.in_hundred(75) { "/".to_owned() } else { "/administrativeUnits/1".to_owned() };
    chance.fact(&mut map, "scope", json!(scope));
    let state = if chance.in_hundred(75) { "active" } else { "eligible" };
    chance.fact(&mut map, "state", json!(state));
    if chance.in_hundred(10) {
        map.insert("custom".to_owned(), json!(true));
    }
    Value::Object(map)
}

fn named_location(chance: &mut Chance, number: usize) -> Value {
    let id = id("9000", number);
    match chance.below(9) {
        0 => json!({ "id": id, "@odata.type": "#microsoft.graph.compliantNetworkNamedLocation" }),
        1..=4 => {
            let ranges = if chance.in_hundred(8) { Vec::new() } else { chance.some(&RANGES, 2) };
            let ranges: Vec<Value> = ranges.iter().map(|it| json!({ "cidrAddress": it })).collect();
            json!({
                "id": id,
                "@odata.type": "#microsoft.graph.ipNamedLocation",
                "isTrusted": chance.flag(),
                "ipRanges": ranges,
            })
        }
        kind => {
            let lookup = if kind == 5 { "authenticatorAppGps" } else { "clientIpAddress" };
            json!({
                "id": id,
                "@odata.type": "#microsoft.graph.countryNamedLocation",
                "countriesAndRegions": chance.some(&["GB", "DE", "kp"], 2),
                "includeUnknownCountriesAndRegions": chance.flag(),
                "countryLookupMethod": lookup,
            })
        }
    }
}

fn app(chance: &mut Chance, known: &str) -> Value {
    let mut app = json!({ "id": known }).as_object().unwrap().clone();
    let owned = chance.flag() && known.starts_with("00000000");
    chance.fact(&mut app, "owned", json!(owned));
    if chance.flag() {
        let groups = match chance.below(4) {
            0 => json!(["Office365"]),
            1 => json!(["MicrosoftAdminPortals"]),
            2 => json!([]),
            _ => json!(["Office365", "MicrosoftAdminPortals"]),
        };
        app.insert("groups".to_owned(), json!(groups));
    }
    Value::Object(app)
}
