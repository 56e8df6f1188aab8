//! `grantControls` and `sessionControls`.

use serde_json::Value;

use super::property::{Properties, Unmodelled, join};
use crate::policy::{GrantControls, Operator, SessionControls, SignInFrequency};

/// `conditionalAccessGrantControl` (Graph reference, v1.0 and beta).
const BUILT_IN_CONTROLS: [&str; 8] = [
    "block",
    "mfa",
    "compliantDevice",
    "domainJoinedDevice",
    "approvedApplication",
    "compliantApplication",
    "passwordChange",
    "riskRemediation",
];

/// Session controls the Graph reference documents and a rollout need not interpret.
const OTHER_SESSION_CONTROLS: [&str; 6] = [
    "applicationEnforcedRestrictions",
    "cloudAppSecurity",
    "disableResilienceDefaults",
    "secureSignInSession",
    "continuousAccessEvaluation",
    "globalSecureAccessFilteringProfile",
];

/// Reads `grantControls`.
pub(super) fn read_grant(
    policy: &Properties<'_>,
    unmodelled: &mut Unmodelled,
) -> Option<GrantControls> {
    let path = "grantControls";
    let Some(grant) = Properties::of(policy.find(path)?) else {
        unmodelled.add(path);
        return None;
    };
    grant.others(
        path,
        &[
            "operator",
            "builtInControls",
            "customAuthenticationFactors",
            "termsOfUse",
            "authenticationStrength",
        ],
        unmodelled,
    );
    let strength = grant.find("authenticationStrength");
    let read = GrantControls {
        operator: read_operator(&grant, unmodelled),
        built_in: read_built_in(&grant, unmodelled),
        custom: grant.words("customAuthenticationFactors", path, unmodelled),
        terms_of_use: grant.words("termsOfUse", path, unmodelled),
        authentication_strength: strength.map(|value| read_strength(value, unmodelled)),
        allowed_combinations: strength
            .and_then(Properties::of)
            .and_then(|strength| allowed_combinations(&strength)),
    };
    let asks_nothing = read.built_in.is_empty()
        && read.custom.is_empty()
        && read.terms_of_use.is_empty()
        && read.authentication_strength.is_none();
    // An operator alone asks for nothing: the policy has no grant control.
    if asks_nothing { None } else { Some(read) }
}

fn read_operator(grant: &Properties<'_>, unmodelled: &mut Unmodelled) -> Option<Operator> {
    match grant.text("operator")?.to_ascii_uppercase().as_str() {
        "AND" => Some(Operator::And),
        "OR" => Some(Operator::Or),
        _ => {
            unmodelled.add("grantControls.operator");
            None
        }
    }
}

fn read_built_in(grant: &Properties<'_>, unmodelled: &mut Unmodelled) -> Vec<String> {
    let words = grant.words("builtInControls", "grantControls", unmodelled);
    words
        .into_iter()
        .map(|word| {
            let known = BUILT_IN_CONTROLS.iter().find(|known| known.eq_ignore_ascii_case(&word));
            if let Some(known) = known {
                return (*known).to_owned();
            }
            unmodelled.add(format!("grantControls.builtInControls.{word}"));
            word
        })
        .collect()
}

/// Id of the strength, else its name. Sent inline by Graph, as a bare id by some exporters.
fn read_strength(value: &Value, unmodelled: &mut Unmodelled) -> String {
    let path = "grantControls.authenticationStrength";
    if let Value::String(id) = value {
        return id.trim().to_owned();
    }
    let Some(strength) = Properties::of(value) else {
        unmodelled.add(path);
        return String::new();
    };
    // Combination configurations narrow a combination, for example to some models of key.
    if strength.find("combinationConfigurations").is_some() {
        unmodelled.add(join(path, "combinationConfigurations"));
    }
    strength.text("id").or_else(|| strength.text("displayName")).unwrap_or_else(|| {
        unmodelled.add(path);
        String::new()
    })
}

/// Each item is itself a comma-joined combination and is kept whole.
fn allowed_combinations(strength: &Properties<'_>) -> Option<Vec<String>> {
    match strength.find("allowedCombinations")? {
        Value::Array(items) => Some(
            items.iter().filter_map(Value::as_str).map(|item| item.trim().to_owned()).collect(),
        ),
        Value::String(one) => Some(vec![one.trim().to_owned()]),
        _ => None,
    }
}

/// Reads `sessionControls`.
pub(super) fn read_session(
    policy: &Properties<'_>,
    unmodelled: &mut Unmodelled,
) -> Option<SessionControls> {
    let path = "sessionControls";
    let Some(session) = Properties::of(policy.find(path)?) else {
        unmodelled.add(path);
        return None;
    };
    let mut read = SessionControls::default();
    for (name, value) in session.set().filter(|(_, value)| !is_off(value)) {
        if name.eq_ignore_ascii_case("signInFrequency") {
            read.sign_in_frequency = Some(read_frequency(value));
        } else if name.eq_ignore_ascii_case("persistentBrowser") {
            read.persistent_browser = Some(read_persistence(value, unmodelled));
        } else {
            let known = OTHER_SESSION_CONTROLS.iter().find(|it| it.eq_ignore_ascii_case(name));
            if known.is_none() {
                unmodelled.add(join(path, name));
            }
            read.other.push(known.map_or(name, |known| *known).to_owned());
        }
    }
    let sets_nothing = read == SessionControls::default();
    if sets_nothing { None } else { Some(read) }
}

/// True for a control that says of itself that it is off.
fn is_off(value: &Value) -> bool {
    match value {
        Value::Bool(on) => !on,
        other => Properties::of(other).and_then(|control| control.flag("isEnabled")) == Some(false),
    }
}

fn read_frequency(value: &Value) -> SignInFrequency {
    let Some(frequency) = Properties::of(value) else { return SignInFrequency::Unknown };
    let interval = frequency.text("frequencyInterval").map(|it| it.to_ascii_lowercase());
    if interval.as_deref() == Some("everytime") {
        return SignInFrequency::EveryTime;
    }
    if interval.is_some_and(|interval| interval != "timebased") {
        return SignInFrequency::Unknown;
    }
    let count = frequency.text("value").and_then(|value| value.parse::<u32>().ok());
    let unit = frequency.text("type").map(|unit| unit.to_ascii_lowercase());
    match (count, unit.as_deref()) {
        (Some(hours), Some("hours")) => SignInFrequency::Hours(hours),
        (Some(days), Some("days")) => {
            days.checked_mul(24).map_or(SignInFrequency::Unknown, SignInFrequency::Hours)
        }
        _ => SignInFrequency::Unknown,
    }
}

fn read_persistence(value: &Value, unmodelled: &mut Unmodelled) -> String {
    let mode = Properties::of(value).and_then(|control| control.text("mode"));
    mode.map(|mode| mode.to_ascii_lowercase()).unwrap_or_else(|| {
        unmodelled.add("sessionControls.persistentBrowser.mode");
        String::new()
    })
}
