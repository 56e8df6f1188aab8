//! Policies drawn by chance.

use serde_json::{Map, Value, json};

use super::draw::{APPS, COMBINATIONS, Chance, LEVELS, PLATFORMS, ROLES, TYPES, id};

/// One policy, by its number.
pub(crate) fn policy(chance: &mut Chance, number: usize) -> Value {
    let state = match chance.below(20) {
        0 => "disabled",
        1 => "enabledSoon",
        2..=5 => "enabledForReportingButNotEnforced",
        _ => "enabled",
    };
    let mut policy = json!({
        "id": id("b000", number),
        "displayName": format!("P{number}"),
        "state": state,
        "conditions": Value::Object(conditions(chance)),
    });
    let map = policy.as_object_mut().unwrap();
    if chance.in_hundred(92) {
        map.insert("grantControls".to_owned(), grant(chance));
    }
    // Which of its routes such a policy took, and so whether its strength counts, is nobody's guess.
    let strange =
        map.get("conditions").and_then(|it| it.pointer("/applications/includeUserActions"))
            == Some(&json!(["urn:user:whistle"]));
    if strange && let Some(grant) = map.get_mut("grantControls").and_then(Value::as_object_mut) {
        grant.remove("authenticationStrength");
    }
    if chance.in_hundred(25) {
        map.insert("sessionControls".to_owned(), session_controls(chance));
    }
    if chance.in_hundred(2) {
        map.insert("deletedDateTime".to_owned(), json!("2026-11-01T00:00:00Z"));
    }
    if chance.in_hundred(2) {
        map.insert("partialEnablementStrategy".to_owned(), json!({ "share": 50 }));
    }
    if chance.in_hundred(2) {
        map.insert("novelty".to_owned(), json!("some"));
    }
    policy
}

fn conditions(chance: &mut Chance) -> Map<String, Value> {
    let mut map = Map::new();
    if chance.in_hundred(8) {
        map.insert("clientApplications".to_owned(), workload(chance));
    }
    map.insert("users".to_owned(), users(chance));
    map.insert("applications".to_owned(), applications(chance));
    if chance.in_hundred(35) {
        let types = [
            "browser",
            "mobileAppsAndDesktopClients",
            "exchangeActiveSync",
            "other",
            "easSupported",
            "browser",
            "all",
            "holograms",
        ];
        map.insert("clientAppTypes".to_owned(), json!(chance.some(&types, 3)));
    }
    if chance.in_hundred(20) {
        map.insert("platforms".to_owned(), platforms(chance));
    }
    if chance.in_hundred(25) {
        map.insert("locations".to_owned(), locations(chance));
    }
    if chance.in_hundred(20) {
        let mode =
            if chance.in_hundred(4) { "sideways" } else { *chance.pick(&["include", "exclude"]) };
        let rule = rule(chance, 0);
        let filter = json!({ "mode": mode, "rule": rule });
        map.insert("devices".to_owned(), json!({ "deviceFilter": filter }));
    }
    risk_conditions(chance, &mut map);
    if chance.in_hundred(12) {
        let methods = *chance.pick(&[
            "deviceCodeFlow",
            "authenticationTransfer",
            "deviceCodeFlow,authenticationTransfer",
            "none",
            "carrierPigeon",
        ]);
        map.insert("authenticationFlows".to_owned(), json!({ "transferMethods": methods }));
    }
    if chance.in_hundred(3) {
        map.insert("times".to_owned(), json!({ "includeTimes": ["workhours"] }));
    }
    if chance.in_hundred(2) {
        map.insert("deviceStates".to_owned(), json!({ "excludeStates": ["Compliant"] }));
    }
    map
}

fn risk_conditions(chance: &mut Chance, map: &mut Map<String, Value>) {
    let mut levels = |chance: &mut Chance, name: &str, many: u64, strange: &str| {
        if chance.in_hundred(many) {
            let mut words = chance.some(&LEVELS, 2);
            if chance.in_hundred(8) {
                words.push(strange.to_owned());
            }
            map.insert(name.to_owned(), json!(words));
        }
    };
    levels(chance, "signInRiskLevels", 12, "extreme");
    levels(chance, "userRiskLevels", 10, "extreme");
    levels(chance, "servicePrincipalRiskLevels", 2, "high");
    if chance.in_hundred(5) {
        let words = chance.some(&["minor", "moderate", "elevated", "epic"], 2).join(",");
        map.insert("insiderRiskLevels".to_owned(), json!(words));
    }
}

fn workload(chance: &mut Chance) -> Value {
    let mut map = Map::new();
    let words = |chance: &mut Chance| {
        let own = chance.id("e000", 3);
        chance.some(&["ServicePrincipalsInMyTenant", &own, &own], 2)
    };
    if chance.in_hundred(85) {
        map.insert("includeServicePrincipals".to_owned(), json!(words(chance)));
    }
    if chance.in_hundred(30) {
        map.insert("excludeServicePrincipals".to_owned(), json!(words(chance)));
    }
    if chance.in_hundred(20) {
        let mode = *chance.pick(&["include", "exclude"]);
        let rule = "CustomSecurityAttribute.Engineering_Project -eq \"Baker\"";
        map.insert("servicePrincipalFilter".to_owned(), json!({ "mode": mode, "rule": rule }));
    }
    Value::Object(map)
}

fn users(chance: &mut Chance) -> Value {
    let mut map = Map::new();
    match chance.below(12) {
        0..=4 => {
            map.insert("includeUsers".to_owned(), json!([chance.cased("All")]));
        }
        5 => {
            let word = *chance.pick(&["None", "GuestsOrExternalUsers", "<SomeUser>"]);
            map.insert("includeUsers".to_owned(), json!([word]));
        }
        _ => {}
    }
    for (side, many) in [("include", 30), ("exclude", 14)] {
        if chance.in_hundred(many) {
            let word = if chance.in_hundred(10) {
                "GuestsOrExternalUsers".to_owned()
            } else {
                chance.id("a000", 3)
            };
            let list = map.entry(format!("{side}Users")).or_insert_with(|| json!([]));
            list.as_array_mut().unwrap().push(json!(word));
        }
        if chance.in_hundred(many) {
            let group =
                if chance.in_hundred(5) { "<Group>".to_owned() } else { chance.id("8000", 4) };
            map.insert(format!("{side}Groups"), json!([group]));
        }
        if chance.in_hundred(many) {
            let roles: Vec<String> =
                chance.some(&ROLES, 2).iter().map(|it| chance.cased(it)).collect();
            map.insert(format!("{side}Roles"), json!(roles));
        }
        if chance.in_hundred(many) {
            map.insert(format!("{side}GuestsOrExternalUsers"), guests(chance));
        }
    }
    if chance.in_hundred(2) {
        map.insert("includeMoods".to_owned(), json!(["cheerful"]));
    }
    if chance.in_hundred(2) {
        map.insert("excludeMoods".to_owned(), json!(["gloomy"]));
    }
    Value::Object(map)
}

fn guests(chance: &mut Chance) -> Value {
    let mut types = if chance.in_hundred(20) {
        TYPES.iter().map(|it| (*it).to_owned()).collect()
    } else {
        chance.some(&TYPES, 3)
    };
    if chance.in_hundred(5) {
        types.push("visitorFromSpace".to_owned());
    }
    let mut map = Map::new();
    map.insert("guestOrExternalUserTypes".to_owned(), json!(types.join(", ")));
    match chance.below(6) {
        0 => map.insert("externalTenants".to_owned(), json!({ "membershipKind": "all" })),
        1 | 2 => map.insert(
            "externalTenants".to_owned(),
            json!({
                "@odata.type": "#microsoft.graph.conditionalAccessEnumeratedExternalTenants",
                "members": [chance.id("9a00", 2)],
            }),
        ),
        _ => None,
    };
    Value::Object(map)
}

fn applications(chance: &mut Chance) -> Value {
    let mut map = Map::new();
    match chance.below(20) {
        0..=8 => {
            map.insert("includeApplications".to_owned(), json!([chance.cased("All")]));
        }
        9 => {
            let word = *chance.pick(&["None", "<App>"]);
            map.insert("includeApplications".to_owned(), json!([word]));
        }
        10 | 11 => {
            let word = *chance.pick(&[
                "urn:user:registersecurityinfo",
                "urn:user:registersecurityinfo",
                "urn:user:registerdevice",
                "urn:user:whistle",
            ]);
            map.insert("includeUserActions".to_owned(), json!([word]));
        }
        12 => {
            let contexts = chance.some(&["c1", "c2"], 2);
            map.insert("includeAuthenticationContextClassReferences".to_owned(), json!(contexts));
        }
        13 | 14 => {
            let word = *chance.pick(&["Office365", "MicrosoftAdminPortals"]);
            map.insert("includeApplications".to_owned(), json!([chance.cased(word)]));
        }
        _ => {
            map.insert("includeApplications".to_owned(), json!(chance.some(&APPS, 3)));
        }
    }
    if chance.in_hundred(25) {
        let words = if chance.in_hundred(25) {
            chance.some(&["Office365", "MicrosoftAdminPortals", "<App>"], 1)
        } else {
            chance.some(&APPS, 2)
        };
        map.insert("excludeApplications".to_owned(), json!(words));
    }
    if chance.in_hundred(5) {
        let mode = *chance.pick(&["include", "exclude", "sideways"]);
        let rule = "CustomSecurityAttribute.Engineering_Project -eq \"Baker\"";
        map.insert("applicationFilter".to_owned(), json!({ "mode": mode, "rule": rule }));
    }
    if chance.in_hundred(2) {
        map.insert("networkAccess".to_owned(), json!({ "trafficTypes": "internet" }));
    }
    Value::Object(map)
}

fn platforms(chance: &mut Chance) -> Value {
    let mut words: Vec<&str> = PLATFORMS.to_vec();
    words.extend(["fridge"]);
    let mut map = Map::new();
    match chance.below(8) {
        0 => {}
        1..=4 => {
            map.insert("includePlatforms".to_owned(), json!(["all"]));
        }
        _ => {
            map.insert("includePlatforms".to_owned(), json!(chance.some(&words, 3)));
        }
    }
    if chance.flag() {
        map.insert("excludePlatforms".to_owned(), json!(chance.some(&words, 3)));
    }
    Value::Object(map)
}

fn locations(chance: &mut Chance) -> Value {
    let ids: Vec<String> = (1..=6).map(|number| id("9000", number)).collect();
    let mut words: Vec<&str> = ids.iter().map(String::as_str).collect();
    words.extend(["AllTrusted", "AllTrusted", "00000000-0000-0000-0000-000000000000"]);
    let mut map = Map::new();
    match chance.below(8) {
        0 => {}
        1..=3 => {
            map.insert("includeLocations".to_owned(), json!(["All"]));
        }
        _ => {
            map.insert("includeLocations".to_owned(), json!(chance.some(&words, 2)));
        }
    }
    if chance.in_hundred(60) {
        map.insert("excludeLocations".to_owned(), json!(chance.some(&words, 2)));
    }
    Value::Object(map)
}

fn grant(chance: &mut Chance) -> Value {
    let mut map = Map::new();
    match chance.below(20) {
        0 => {}
        1..=8 => {
            map.insert("operator".to_owned(), json!("AND"));
        }
        _ => {
            map.insert("operator".to_owned(), json!(chance.cased("or")));
        }
    }
    let words = [
        "mfa",
        "mfa",
        "mfa",
        "compliantDevice",
        "domainJoinedDevice",
        "approvedApplication",
        "compliantApplication",
        "passwordChange",
        "riskRemediation",
        "telepathy",
    ];
    let mut controls = match chance.below(10) {
        0 => Vec::new(),
        1 => vec!["block".to_owned()],
        2..=5 => vec!["mfa".to_owned()],
        _ => chance.some(&words, 3),
    };
    if chance.in_hundred(1) {
        controls.push("block".to_owned());
    }
    controls.dedup();
    map.insert("builtInControls".to_owned(), json!(controls));
    if chance.in_hundred(20) {
        let built_in = format!("00000000-0000-0000-0000-00000000000{}", 2 + chance.below(3));
        let own = chance.id("c000", 2);
        let strength = (*chance.pick(&[built_in.as_str(), &built_in, &own])).to_owned();
        let mut strength = json!({ "id": strength }).as_object().unwrap().clone();
        if chance.in_hundred(20) {
            strength.insert("allowedCombinations".to_owned(), json!(chance.some(&COMBINATIONS, 3)));
        }
        map.insert("authenticationStrength".to_owned(), Value::Object(strength));
    }
    if chance.in_hundred(10) {
        let terms: Vec<String> = (0..=chance.below(2)).map(|it| id("d000", it + 1)).collect();
        map.insert("termsOfUse".to_owned(), json!(terms));
    }
    if chance.in_hundred(7) {
        map.insert("customAuthenticationFactors".to_owned(), json!(["OtherFactor"]));
    }
    if chance.in_hundred(3) {
        map.insert("patience".to_owned(), json!("endless"));
    }
    Value::Object(map)
}

fn session_controls(chance: &mut Chance) -> Value {
    let mut map = Map::new();
    let enabled = !chance.in_hundred(10);
    let control = match chance.below(6) {
        0..=2 => {
            let frequency = if chance.in_hundred(25) {
                json!({ "isEnabled": enabled, "frequencyInterval": "everyTime" })
            } else {
                let (unit, value) =
                    *chance.pick(&[("hours", 4), ("hours", 1), ("days", 1), ("moons", 2)]);
                json!({ "isEnabled": enabled, "type": unit, "value": value, "frequencyInterval": "timeBased" })
            };
            ("signInFrequency", frequency)
        }
        3 => ("secureSignInSession", json!({ "isEnabled": enabled })),
        4 => ("persistentBrowser", json!({ "isEnabled": enabled, "mode": "never" })),
        _ => ("hypnosis", json!({ "isEnabled": enabled })),
    };
    map.insert(control.0.to_owned(), control.1);
    if chance.in_hundred(10) {
        map.insert("disableResilienceDefaults".to_owned(), json!(chance.flag()));
    }
    Value::Object(map)
}

/// A rule of the filter for devices; now and then one that cannot be read.
fn rule(chance: &mut Chance, depth: usize) -> String {
    match chance.below(if depth < 2 { 9 } else { 4 }) {
        0..=3 => comparison(chance),
        4 | 5 => {
            let word = *chance.pick(&["-and", "and", "-AND"]);
            format!("{} {word} {}", rule(chance, depth + 1), rule(chance, depth + 1))
        }
        6 => {
            let word = *chance.pick(&["-or", "or"]);
            format!("{} {word} {}", rule(chance, depth + 1), rule(chance, depth + 1))
        }
        7 => format!("({})", rule(chance, depth + 1)),
        _ => {
            let word = *chance.pick(&["-not", "not"]);
            format!("{word} ({})", rule(chance, depth + 1))
        }
    }
}

fn comparison(chance: &mut Chance) -> String {
    let equals = *chance.pick(&["-eq", "-ne", "-EQ", "eq"]);
    match chance.below(10) {
        0..=2 => {
            let value = *chance.pick(&["True", "False", "true"]);
            format!("device.isCompliant {equals} {value}")
        }
        3 | 4 => {
            let value = *chance.pick(&["\"ServerAD\"", "'azuread'", "\"Workplace\""]);
            format!("device.trustType {equals} {value}")
        }
        5 => {
            let operator = *chance.pick(&["-contains", "-notContains"]);
            let property = *chance.pick(&["physicalIds", "systemLabels"]);
            let value = *chance.pick(&["\"[OrderId]:1\"", "\"AzureResource\""]);
            format!("device.{property} {operator} {value}")
        }
        6 => {
            let operator = *chance.pick(&["-in", "-notIn"]);
            format!("device.model {operator} [\"Alpha 1\", \"beta 2\"]")
        }
        7 => {
            let value = *chance.pick(&["\"kiosk\"", "'desk'"]);
            format!("device.extensionAttribute1 {equals} {value}")
        }
        8 if chance.in_hundred(20) => {
            (*chance.pick(&["device.tenant -eq \"x\"", "device.model -like \"x\"", "((", "true"]))
                .to_owned()
        }
        _ => {
            let property = *chance.pick(&["model", "displayName", "operatingSystem"]);
            let operator = *chance.pick(&[
                "-startsWith",
                "-notStartsWith",
                "-endsWith",
                "-notEndsWith",
                "-contains",
                "-notContains",
                "-eq",
                "-ne",
            ]);
            let value = *chance.pick(&["\"alpha\"", "\"1\"", "'Beta 2'", "\"a\""]);
            format!("device.{property} {operator} {value}")
        }
    }
}
