//! Sign-ins and registrations drawn by chance.

use serde_json::{Map, Value, json};

use super::draw::{APPS, Chance, LEVELS, PLATFORMS, id};

const CLIENTS: [&str; 6] = [
    "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "0c1307d4-29d6-4389-a11c-5cbe7f65d7fa",
    "00000000-0000-4000-7000-000000000001",
    "00000000-0000-4000-7000-000000000002",
    "00000000-0000-4000-7000-000000000004",
];
const METHODS: [&str; 15] = [
    "sms",
    "microsoftAuthenticatorPush",
    "fido2",
    "windowsHelloForBusiness",
    "temporaryAccessPassOneTime",
    "softwareOath",
    "password",
    "deviceBasedPush",
    "x509CertificateMultiFactor",
    "hardwareOath",
    "email",
    "federatedMultiFactor",
    "externalAuthenticationMethod",
    "qrCodePin",
    "palmPrint",
];
const COUNTRIES: [&str; 4] = ["GB", "DE", "KP", ""];
const ADDRESSES: [&str; 7] = [
    "203.0.113.9",
    "198.51.100.20",
    "198.51.100.200",
    "2001:db8::1",
    "2001:db8:1::99",
    "192.0.2.9",
    "::ffff:203.0.113.7",
];

/// One sign-in and one registration.
pub(crate) fn scene(chance: &mut Chance) -> (Value, Value) {
    let mut map = Map::new();
    match chance.below(40) {
        0 => {
            map.insert("kind".to_owned(), json!("agent"));
        }
        1 | 2 => {
            map.insert("kind".to_owned(), json!("servicePrincipal"));
            map.insert("service_principal".to_owned(), principal(chance));
        }
        3 => {
            map.insert("user".to_owned(), Value::Null);
        }
        _ => {
            let user = chance.id("a000", 3);
            map.insert("user".to_owned(), json!(user));
        }
    }
    target(chance, &mut map);
    client(chance, &mut map);
    place(chance, &mut map);
    let device = device(chance);
    chance.fact(&mut map, "device", device);
    proofs(chance, &mut map);
    let mut registration = Map::new();
    let methods = if chance.in_hundred(25) { Vec::new() } else { chance.some(&METHODS, 2) };
    chance.fact(&mut registration, "usable", json!(methods));
    if chance.in_hundred(10) {
        registration.insert("can_register".to_owned(), json!(false));
    }
    (Value::Object(map), Value::Object(registration))
}

fn principal(chance: &mut Chance) -> Value {
    let mut map = Map::new();
    let id = chance.id("e000", 3);
    chance.fact(&mut map, "id", json!(id));
    let owned = chance.in_hundred(75);
    chance.fact(&mut map, "owned", json!(owned));
    let managed = chance.in_hundred(15);
    chance.fact(&mut map, "managed_identity", json!(managed));
    Value::Object(map)
}

fn target(chance: &mut Chance, map: &mut Map<String, Value>) {
    let resources = chance.some(&APPS, 2);
    let action = chance.in_hundred(12);
    if action && chance.flag() {
        map.insert("resources".to_owned(), json!([]));
    } else {
        chance.fact(map, "resources", json!(resources));
    }
    if chance.in_hundred(12) {
        map.insert("audiences".to_owned(), json!(chance.some(&APPS, 2)));
    }
    let action_word = *chance.pick(&["urn:user:registersecurityinfo", "urn:user:registerdevice"]);
    chance.told(if action { 100 } else { 2 }, map, "user_action", json!(action_word));
    let contexts = chance.some(&["c1", "C2", "c3"], 2);
    chance.told(12, map, "auth_contexts", json!(contexts));
    if chance.in_hundred(30) {
        let oidc = chance.flag();
        let scopes: &[&str] = if oidc {
            &["openid", "email", "Profile"]
        } else {
            &["User.Read", "openid", "Mail.Read"]
        };
        map.insert("scopes".to_owned(), json!(chance.some(scopes, 2)));
    }
}

fn client(chance: &mut Chance, map: &mut Map<String, Value>) {
    let client = *chance.pick(&CLIENTS);
    chance.fact(map, "client_id", json!(client));
    let confidential = chance.flag();
    chance.fact(map, "client_confidential", json!(confidential));
    let app = *chance.pick(&[
        "Browser",
        "Browser",
        "Mobile Apps and Desktop clients",
        "Exchange ActiveSync",
        "IMAP4",
        "Browser",
    ]);
    chance.fact(map, "client_app_used", json!(app));
    let protocol = *chance.pick(&["interactive", "ropc"]);
    chance.told(12, map, "protocol", json!(protocol));
    let flow = *chance.pick(&["none", "deviceCodeFlow", "authenticationTransfer"]);
    chance.told(25, map, "flow", json!(flow));
    let mut platforms = PLATFORMS.to_vec();
    platforms.extend(["ChromeOS"]);
    let platform = *chance.pick(&platforms);
    chance.fact(map, "platform", json!(platform));
}

fn place(chance: &mut Chance, map: &mut Map<String, Value>) {
    let ip = *chance.pick(&ADDRESSES);
    chance.fact(map, "ip", json!(ip));
    let country = *chance.pick(&COUNTRIES);
    chance.fact(map, "country", json!(country));
    let country = *chance.pick(&["GB", "DE"]);
    chance.fact(map, "gps_country", json!(country));
    let mut risk = Map::new();
    for name in ["sign_in", "user", "service_principal"] {
        let level = *chance.pick(&LEVELS);
        chance.fact(&mut risk, name, json!(level));
    }
    let level = *chance.pick(&["none", "minor", "moderate", "elevated"]);
    chance.fact(&mut risk, "insider", json!(level));
    map.insert("risk".to_owned(), Value::Object(risk));
}

fn device(chance: &mut Chance) -> Value {
    let mut map = Map::new();
    let registered = chance.in_hundred(70);
    chance.fact(&mut map, "registered", json!(registered));
    if registered {
        let compliant = chance.flag();
        chance.fact(&mut map, "isCompliant", json!(compliant));
        let trust = *chance.pick(&["ServerAD", "AzureAD", "Hybrid Azure AD joined", "Workplace"]);
        chance.fact(&mut map, "trustType", json!(trust));
        let managed = chance.flag();
        chance.fact(&mut map, "managed", json!(managed));
        let model = *chance.pick(&["Alpha 1", "Beta 2", "alpha 10"]);
        chance.fact(&mut map, "model", json!(model));
        let name = *chance.pick(&["ALPHA-1", "Desk 1"]);
        chance.fact(&mut map, "displayName", json!(name));
        let attribute = *chance.pick(&["kiosk", "Desk"]);
        chance.fact(&mut map, "extensionAttribute1", json!(attribute));
        let labels = chance.some(&["AzureResource", "AzureResourceX"], 2);
        chance.fact(&mut map, "systemLabels", json!(labels));
        let ids = chance.some(&["[OrderId]:1", "[OrderId]:12"], 2);
        chance.fact(&mut map, "physicalIds", json!(ids));
    }
    Value::Object(map)
}

fn proofs(chance: &mut Chance, map: &mut Map<String, Value>) {
    if chance.flag() {
        let session = session(chance);
        chance.told(100, map, "session", session);
    }
    let terms: Vec<String> = (0..chance.below(3)).map(|it| id("d000", it + 1)).collect();
    chance.fact(map, "terms_accepted", json!(terms));
    let protected = chance.flag();
    chance.fact(map, "app_protection", json!(protected));
    let bound = chance.flag();
    chance.fact(map, "token_bound", json!(bound));
}

fn session(chance: &mut Chance) -> Value {
    let mut map = Map::new();
    let mfa = chance.flag();
    chance.fact(&mut map, "mfa", json!(mfa));
    let mfa = chance.flag();
    chance.fact(&mut map, "home_mfa", json!(mfa));
    let methods = chance.some(&METHODS, 3);
    chance.fact(&mut map, "methods", json!(methods));
    let age = *chance.pick(&[0, 5, 6, 60, 240, 241, 1440, 3000]);
    chance.fact(&mut map, "age_minutes", json!(age));
    chance.told(30, &mut map, "custom", json!(["OtherFactor"]));
    chance.told(30, &mut map, "password_changed", json!(true));
    Value::Object(map)
}
