//! Writing a policy as Graph does.
//!
//! What was read and not changed is written as it was read: properties that nobody models, the
//! spelling of words, the order of keys. What was changed replaces only what it changes.

use serde_json::{Map, Value, json};

use crate::policy::{
    ClientAppType, Conditions, ExternalTenants, Filter, GrantControls, Operator, Policy,
    SessionControls, SignInFrequency, State,
};
use crate::read::read_policy;

/// Writes one policy as a `conditionalAccessPolicy`.
///
/// A policy that was read and not changed comes out exactly as it went in. Graph refuses some
/// properties that it sends itself, so that a request to it is not made of the whole of this.
#[must_use]
pub fn write_policy(policy: &Policy) -> Value {
    let source = policy.source.value();
    let before = read_policy(source).ok().map(|before| Value::Object(modelled(&before)));
    let mut written = if source.is_object() { source.clone() } else { json!({}) };
    replace(&mut written, before.as_ref(), &modelled(policy));
    written
}

/// Puts into `written` what differs between `before` and `after`.
fn replace(written: &mut Value, before: Option<&Value>, after: &Map<String, Value>) {
    let Some(target) = written.as_object_mut() else { return };
    let before = before.and_then(Value::as_object);
    for (key, value) in after {
        let was = before.and_then(|before| before.get(key));
        if was == Some(value) {
            continue;
        }
        let spelt = spelling(target, key);
        match (target.get_mut(&spelt), value) {
            (Some(inner @ Value::Object(_)), Value::Object(value)) => {
                // What says one thing together, such as a number and its unit, changes together.
                let says_one_thing = value.values().all(|it| !it.is_array() && !it.is_object());
                replace(inner, was.filter(|_| !says_one_thing), value);
            }
            _ => {
                target.insert(spelt, value.clone());
            }
        }
    }
    for key in before.into_iter().flat_map(Map::keys).filter(|key| !after.contains_key(*key)) {
        let spelt = spelling(target, key);
        target.remove(&spelt);
    }
}

/// The key as the object spells it.
fn spelling(object: &Map<String, Value>, key: &str) -> String {
    object.keys().find(|it| it.eq_ignore_ascii_case(key)).map_or(key, String::as_str).to_owned()
}

/// Everything the model holds, in Graph's words. What is not configured is left out.
fn modelled(policy: &Policy) -> Map<String, Value> {
    let mut all = Map::new();
    text(&mut all, "id", policy.id.as_deref());
    text(&mut all, "displayName", Some(policy.display_name.as_str()));
    text(&mut all, "templateId", policy.template_id.as_deref());
    let state = match policy.state {
        State::Enabled => Some("enabled"),
        State::Disabled => Some("disabled"),
        State::EnabledForReportingButNotEnforced => Some("enabledForReportingButNotEnforced"),
        State::Unknown => None,
    };
    text(&mut all, "state", state);
    object(&mut all, "conditions", conditions(&policy.conditions));
    object(&mut all, "grantControls", policy.grant.as_ref().map(grant).unwrap_or_default());
    object(&mut all, "sessionControls", policy.session.as_ref().map(session).unwrap_or_default());
    all
}

fn text(object: &mut Map<String, Value>, key: &str, value: Option<&str>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        object.insert(key.to_owned(), value.into());
    }
}

fn list(object: &mut Map<String, Value>, key: &str, values: &[String]) {
    if !values.is_empty() {
        object.insert(key.to_owned(), values.into());
    }
}

/// A list that Graph writes as one text with commas.
fn flags(object: &mut Map<String, Value>, key: &str, values: &[String]) {
    text(object, key, Some(&values.join(",")));
}

fn object(parent: &mut Map<String, Value>, key: &str, value: Map<String, Value>) {
    if !value.is_empty() {
        parent.insert(key.to_owned(), Value::Object(value));
    }
}

fn conditions(conditions: &Conditions) -> Map<String, Value> {
    let mut all = Map::new();
    object(&mut all, "users", users(conditions));
    object(&mut all, "applications", applications(conditions));
    let kinds: Vec<String> = conditions.client_app_types.iter().map(client_app_type).collect();
    list(&mut all, "clientAppTypes", &kinds);
    if let Some(platforms) = &conditions.platforms {
        let mut lists = Map::new();
        list(&mut lists, "includePlatforms", &platforms.include);
        list(&mut lists, "excludePlatforms", &platforms.exclude);
        object(&mut all, "platforms", lists);
    }
    if let Some(locations) = &conditions.locations {
        let mut lists = Map::new();
        list(&mut lists, "includeLocations", &locations.include);
        list(&mut lists, "excludeLocations", &locations.exclude);
        object(&mut all, "locations", lists);
    }
    if let Some(filter) = &conditions.device_filter {
        all.insert("devices".to_owned(), json!({"deviceFilter": filter_of(filter)}));
    }
    list(&mut all, "signInRiskLevels", &conditions.sign_in_risk_levels);
    list(&mut all, "userRiskLevels", &conditions.user_risk_levels);
    list(&mut all, "servicePrincipalRiskLevels", &conditions.service_principal_risk_levels);
    flags(&mut all, "insiderRiskLevels", &conditions.insider_risk_levels);
    let mut flows = Map::new();
    flags(&mut flows, "transferMethods", &conditions.authentication_flows);
    object(&mut all, "authenticationFlows", flows);
    if let Some(clients) = &conditions.client_applications {
        let mut lists = Map::new();
        list(&mut lists, "includeServicePrincipals", &clients.include);
        list(&mut lists, "excludeServicePrincipals", &clients.exclude);
        if let Some(filter) = &clients.filter {
            object(&mut lists, "servicePrincipalFilter", filter_of(filter));
        }
        object(&mut all, "clientApplications", lists);
    }
    all
}

fn users(conditions: &Conditions) -> Map<String, Value> {
    let users = &conditions.users;
    let mut all = Map::new();
    list(&mut all, "includeUsers", &users.include_users);
    list(&mut all, "excludeUsers", &users.exclude_users);
    list(&mut all, "includeGroups", &users.include_groups);
    list(&mut all, "excludeGroups", &users.exclude_groups);
    list(&mut all, "includeRoles", &users.include_roles);
    list(&mut all, "excludeRoles", &users.exclude_roles);
    let guests = |types: &[String], tenants: &ExternalTenants| {
        let mut guests = Map::new();
        flags(&mut guests, "guestOrExternalUserTypes", types);
        if let ExternalTenants::Enumerated(members) = tenants {
            let kind = "#microsoft.graph.conditionalAccessEnumeratedExternalTenants";
            let tenants = json!({"@odata.type": kind, "membershipKind": "enumerated",
                "members": members});
            guests.insert("externalTenants".to_owned(), tenants);
        }
        guests
    };
    let included = guests(&users.include_guest_types, &users.include_guest_tenants);
    let excluded = guests(&users.exclude_guest_types, &users.exclude_guest_tenants);
    object(&mut all, "includeGuestsOrExternalUsers", included);
    object(&mut all, "excludeGuestsOrExternalUsers", excluded);
    all
}

fn applications(conditions: &Conditions) -> Map<String, Value> {
    let applications = &conditions.applications;
    let mut all = Map::new();
    list(&mut all, "includeApplications", &applications.include);
    list(&mut all, "excludeApplications", &applications.exclude);
    list(&mut all, "includeUserActions", &applications.user_actions);
    let contexts = "includeAuthenticationContextClassReferences";
    list(&mut all, contexts, &applications.authentication_contexts);
    if let Some(filter) = &applications.filter {
        object(&mut all, "applicationFilter", filter_of(filter));
    }
    all
}

fn filter_of(filter: &Filter) -> Map<String, Value> {
    let mut all = Map::new();
    text(&mut all, "mode", filter.include.map(|it| if it { "include" } else { "exclude" }));
    text(&mut all, "rule", Some(&filter.rule));
    all
}

fn client_app_type(kind: &ClientAppType) -> String {
    let word = match kind {
        ClientAppType::All => "all",
        ClientAppType::Browser => "browser",
        ClientAppType::MobileAppsAndDesktopClients => "mobileAppsAndDesktopClients",
        ClientAppType::ExchangeActiveSync => "exchangeActiveSync",
        ClientAppType::EasSupported => "easSupported",
        ClientAppType::Other => "other",
        ClientAppType::Unmodelled(word) => word,
    };
    word.to_owned()
}

fn grant(grant: &GrantControls) -> Map<String, Value> {
    let mut all = Map::new();
    let operator = grant.operator.map(|operator| match operator {
        Operator::And => "AND",
        Operator::Or => "OR",
    });
    text(&mut all, "operator", operator);
    list(&mut all, "builtInControls", &grant.built_in);
    list(&mut all, "customAuthenticationFactors", &grant.custom);
    list(&mut all, "termsOfUse", &grant.terms_of_use);
    let mut strength = Map::new();
    text(&mut strength, "id", grant.authentication_strength.as_deref());
    let combinations = grant.allowed_combinations.as_deref().unwrap_or_default();
    list(&mut strength, "allowedCombinations", combinations);
    object(&mut all, "authenticationStrength", strength);
    all
}

fn session(session: &SessionControls) -> Map<String, Value> {
    let mut all = Map::new();
    let frequency = match session.sign_in_frequency {
        None | Some(SignInFrequency::Unknown) => None,
        Some(SignInFrequency::EveryTime) => {
            Some(json!({"isEnabled": true, "frequencyInterval": "everyTime"}))
        }
        Some(SignInFrequency::Hours(hours)) => Some(json!({"isEnabled": true, "type": "hours",
            "value": hours, "frequencyInterval": "timeBased"})),
    };
    if let Some(frequency) = frequency {
        all.insert("signInFrequency".to_owned(), frequency);
    }
    if let Some(mode) = &session.persistent_browser {
        let control = json!({"isEnabled": true, "mode": mode});
        all.insert("persistentBrowser".to_owned(), control);
    }
    for name in &session.other {
        let control = match name.as_str() {
            "disableResilienceDefaults" => Value::Bool(true),
            _ => json!({"isEnabled": true}),
        };
        all.insert(name.clone(), control);
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::write_policy;
    use crate::policy::{Policy, SignInFrequency, State};
    use crate::read::read_policy;

    fn published() -> Value {
        json!({
            "@odata.context": "https://ne.example/$metadata", "Id": "1", "displayName": "CA001",
            "state": "Enabled", "description": "asks everybody", "partialEnablementStrategy": null,
            "conditions": {
                "users": {"includeUsers": "all", "excludeGroups": ["g"], "includeTeams": ["t"]},
                "applications": {"includeApplications": ["All"]}, "times": {"x": [1, 2]},
                "locations": "", "clientAppTypes": ["ALL"]},
            "GrantControls": {"operator": "or", "builtInControls": ["mfa"],
                "authenticationStrength": "s", "quantumProof": true},
            "sessionControls": {"signInFrequency": {"isEnabled": true, "value": 2, "type": "days",
                "authenticationType": "primaryAndSecondaryAuthentication"},
                "cloudAppSecurity": {"isEnabled": true, "cloudAppSecurityType": "monitorOnly"}},
        })
    }

    #[test]
    fn what_was_read_is_written_as_it_was() {
        let source = published();
        assert_eq!(write_policy(&read_policy(&source).unwrap()), source);
    }

    #[test]
    fn a_change_replaces_what_it_changes() {
        let source = published();
        let mut policy = read_policy(&source).unwrap();
        policy.state = State::EnabledForReportingButNotEnforced;
        policy.conditions.users.exclude_users.push("u".to_owned());
        policy.conditions.users.exclude_groups.clear();
        let session = policy.session.as_mut().unwrap();
        session.sign_in_frequency = Some(SignInFrequency::Hours(4));
        let written = write_policy(&policy);
        let mut expected = source;
        expected["state"] = json!("enabledForReportingButNotEnforced");
        let users = expected["conditions"]["users"].as_object_mut().unwrap();
        users.insert("excludeUsers".to_owned(), json!(["u"]));
        users.remove("excludeGroups");
        // Four hours, not four days: the unit is replaced with the number.
        expected["sessionControls"]["signInFrequency"] = json!({"isEnabled": true, "value": 4,
            "type": "hours", "frequencyInterval": "timeBased",
            "authenticationType": "primaryAndSecondaryAuthentication"});
        assert_eq!(written, expected);
        assert_eq!(read_policy(&written).unwrap(), policy);
    }

    #[test]
    fn a_policy_made_here_reads_as_itself() {
        let read = read_policy(&published()).unwrap();
        let made = Policy { source: crate::policy::Source::default(), ..read };
        let again = read_policy(&write_policy(&made)).unwrap();
        // What nobody models is gone with the source, and only that.
        assert!(again.unmodelled.is_empty());
        assert_eq!(Policy { unmodelled: Vec::new(), ..made }, again);
    }
}
