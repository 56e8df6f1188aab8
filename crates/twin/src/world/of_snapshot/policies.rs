//! Policies and named locations without what would tell whose they were.

use conditional_access::{NamedLocation, NamedLocationKind, Policy, write_policy};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Renamed;

/// Lists of a policy that hold ids of this tenant, beside words such as `All`.
const IDS: [&str; 12] = [
    "includeUsers",
    "excludeUsers",
    "includeGroups",
    "excludeGroups",
    "includeLocations",
    "excludeLocations",
    "members",
    "includeServicePrincipals",
    "excludeServicePrincipals",
    "termsOfUse",
    "customAuthenticationFactors",
    "id",
];

/// Properties of a policy that hold words of Microsoft, ids of Microsoft, or nothing of a tenant.
const WORDS: [&str; 24] = [
    "@odata.type",
    "state",
    "operator",
    "builtInControls",
    "clientAppTypes",
    "includeRoles",
    "excludeRoles",
    "includePlatforms",
    "excludePlatforms",
    "includeUserActions",
    "includeAuthenticationContextClassReferences",
    "signInRiskLevels",
    "userRiskLevels",
    "servicePrincipalRiskLevels",
    "insiderRiskLevels",
    "transferMethods",
    "guestOrExternalUserTypes",
    "membershipKind",
    "mode",
    "type",
    "authenticationType",
    "frequencyInterval",
    "cloudAppSecurityType",
    "allowedCombinations",
];

/// Resources: Microsoft's own ids and words stay, and so do ids of others, which name nobody.
const RESOURCES: [&str; 2] = ["includeApplications", "excludeApplications"];

/// The policies under other names.
pub(super) fn policies(policies: &[Policy], renamed: &Renamed) -> Vec<Value> {
    let mut made = Vec::new();
    for (nth, policy) in policies.iter().enumerate() {
        let value = write_policy(policy);
        let old = policy.id.clone().unwrap_or_else(|| format!("policy {nth}"));
        let mut object = match plain(&value, "", renamed) {
            Value::Object(object) => object,
            _ => Map::new(),
        };
        object.insert("id".to_owned(), json!(renamed.id(&old).to_string()));
        object.insert("displayName".to_owned(), json!(format!("Policy {}", nth + 1)));
        object.insert(
            "createdDateTime".to_owned(),
            json!(policy.created.map(super::super::object::time)),
        );
        object.insert(
            "modifiedDateTime".to_owned(),
            json!(policy.modified.map(super::super::object::time)),
        );
        made.push(Value::Object(object));
    }
    made
}

/// A value with every text that could tell something replaced or left out.
fn plain(value: &Value, key: &str, renamed: &Renamed) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .filter(|(name, _)| !name.starts_with("combinationConfigurations"))
                .map(|(name, value)| (name.clone(), plain(value, name, renamed)))
                .collect(),
        ),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| plain(item, key, renamed)).collect())
        }
        Value::String(text) => text_of(text, key, renamed),
        other => other.clone(),
    }
}

fn text_of(text: &str, key: &str, renamed: &Renamed) -> Value {
    let is_id = Uuid::parse_str(text).is_ok();
    // Ids of built-in strengths and of nothing begin with noughts and are everybody's.
    let is_common = text.starts_with("00000000-");
    if WORDS.contains(&key) || (is_common && is_id) {
        return json!(text);
    }
    if RESOURCES.contains(&key) {
        return if is_id || text.bytes().all(|it| it.is_ascii_alphanumeric()) {
            json!(text)
        } else {
            json!("None")
        };
    }
    if IDS.contains(&key) {
        return if is_id { json!(renamed.id(text).to_string()) } else { word(text) };
    }
    if key == "rule" {
        return json!(rule(text));
    }
    Value::Null
}

/// A word that stands where ids stand.
fn word(text: &str) -> Value {
    let words =
        ["All", "None", "GuestsOrExternalUsers", "AllTrusted", "ServicePrincipalsInMyTenant"];
    words.iter().find(|word| word.eq_ignore_ascii_case(text)).map_or(json!("None"), |it| json!(it))
}

/// A filter rule with every quoted text replaced, but for the few that are Microsoft's.
fn rule(text: &str) -> String {
    let known = ["true", "false", "azuread", "serverad", "workplace", "company", "personal"];
    let mut plain = String::new();
    for (nth, part) in text.split('"').enumerate() {
        if nth % 2 == 0 {
            plain.push_str(part);
        } else if known.contains(&part.to_lowercase().as_str()) {
            plain.push('"');
            plain.push_str(part);
            plain.push('"');
        } else {
            plain.push_str("\"replaced\"");
        }
    }
    plain
}

/// Named locations under other names, with other addresses.
pub(super) fn locations(locations: &[NamedLocation], renamed: &Renamed) -> Vec<Value> {
    let mut made = Vec::new();
    let mut ranges_made = 0_u32;
    for (nth, location) in locations.iter().enumerate() {
        let old = location.id.clone().unwrap_or_else(|| format!("location {nth}"));
        let (id, name) = (renamed.id(&old).to_string(), format!("Location {}", nth + 1));
        match &location.kind {
            NamedLocationKind::Ip { trusted, ranges } => {
                let shown: Vec<Value> = ranges
                    .iter()
                    .map(|range| {
                        ranges_made += 1;
                        other_range(range, ranges_made)
                    })
                    .collect();
                made.push(json!({
                    "@odata.type": "#microsoft.graph.ipNamedLocation",
                    "id": id,
                    "displayName": name,
                    "createdDateTime": null,
                    "modifiedDateTime": null,
                    "isTrusted": trusted.unwrap_or(false),
                    "ipRanges": shown,
                }));
            }
            NamedLocationKind::Country { countries, include_unknown, .. } => made.push(json!({
                "@odata.type": "#microsoft.graph.countryNamedLocation",
                "id": id,
                "displayName": name,
                "createdDateTime": null,
                "modifiedDateTime": null,
                "countriesAndRegions": countries,
                "countryLookupMethod": "clientIpAddress",
                "includeUnknownCountriesAndRegions": include_unknown.unwrap_or(false),
            })),
            NamedLocationKind::Unmodelled(_) => {}
        }
    }
    made
}

/// Another range: of an office of the twin for the first ones, of nowhere for the others.
fn other_range(range: &str, number: u32) -> Value {
    let six = range.contains(':');
    let (kind, other) = match (six, number) {
        (true, _) => ("iPv6CidrRange", format!("2001:db8:{number:x}::/48")),
        (false, 1..=3) => ("iPv4CidrRange", format!("100.64.7.{}/26", (number - 1) * 64)),
        (false, _) => ("iPv4CidrRange", format!("100.65.{}.0/24", number % 256)),
    };
    json!({"@odata.type": format!("#microsoft.graph.{kind}"), "cidrAddress": other})
}
