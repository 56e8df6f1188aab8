use serde_json::{Value, json};

use super::*;
use crate::named_location::{CountryLookup, NamedLocationKind};
use crate::policy::{ClientAppType, Filter, Operator, SignInFrequency};

fn policy(value: &Value) -> Policy {
    read_policy(value).expect("a policy")
}

/// A policy with these conditions and nothing else of note.
fn with_conditions(conditions: &Value) -> Policy {
    policy(&json!({"displayName": "P", "state": "enabled", "conditions": conditions}))
}

#[test]
fn what_is_no_policy_is_refused() {
    let cases = [
        json!(null),
        json!("enabled"),
        json!([]),
        json!({}),
        json!({"state": "enabled"}),
        json!({"id": "Sms", "state": "enabled", "includeTargets": []}),
        json!({"displayName": "a group", "groupTypes": []}),
        json!({"conditions": "all", "displayName": "P"}),
        json!({"@odata.type": "#microsoft.graph.group", "conditions": {}, "state": "enabled"}),
        json!({"conditions": {}, "state": "enabled", "policyApplies": true}),
    ];
    for case in cases {
        assert_eq!(read_policy(&case), Err(NotAPolicy), "{case}");
    }
}

#[test]
fn a_policy_whose_conditions_nobody_showed_cannot_be_judged() {
    let read = policy(&json!({"state": "enabled", "grantControls": {"builtInControls": ["mfa"]}}));
    assert_eq!(read.unmodelled, ["conditions"]);
}

#[test]
fn states() {
    let cases = [
        (json!("enabled"), State::Enabled, 0),
        (json!("Disabled"), State::Disabled, 0),
        (json!("enabledForReportingButNotEnforced"), State::EnabledForReportingButNotEnforced, 0),
        (json!("paused"), State::Unknown, 1),
        (json!(null), State::Unknown, 0),
        (json!(true), State::Unknown, 0),
    ];
    for (state, expected, unmodelled) in cases {
        let read = policy(&json!({"state": state, "conditions": {}}));
        assert_eq!((read.state, read.unmodelled.len()), (expected, unmodelled), "{state}");
    }
}

#[test]
fn every_way_of_writing_nothing() {
    let nothing = [json!(null), json!(""), json!(" "), json!([]), json!({}), json!([null, ""])];
    for value in nothing {
        let read = with_conditions(&json!({
            "users": value, "applications": value, "clientAppTypes": value, "platforms": value,
            "locations": value, "devices": value, "signInRiskLevels": value, "times": value,
            "userRiskLevels": value, "authenticationFlows": value, "clientApplications": value,
            "deviceStates": value, "agents": {"includeAgentUsers": [], "agentFilter": value},
        }));
        assert_eq!(read.conditions, crate::policy::Conditions::default(), "{value}");
        assert_eq!(read.unmodelled, Vec::<String>::new(), "{value}");
    }
}

#[test]
fn every_way_of_writing_everybody() {
    for all in [json!("All"), json!("all"), json!(["ALL"]), json!([" All "])] {
        let read = with_conditions(&json!({
            "users": {"includeUsers": all},
            "applications": {"includeApplications": all},
            "locations": {"includeLocations": all},
            "clientAppTypes": all,
            "platforms": {"includePlatforms": all},
        }));
        assert_eq!(read.conditions.users.include_users, ["All"], "{all}");
        assert!(read.includes_all_users() && read.includes_all_resources());
        assert_eq!(read.conditions.client_app_types, [ClientAppType::All]);
        assert_eq!(read.conditions.locations.unwrap().include, ["All"]);
        assert_eq!(read.conditions.platforms.unwrap().include, ["all"]);
    }
}

#[test]
fn values_the_model_does_not_know_are_named() {
    let cases = [
        (json!({"times": {"includedRanges": ["weekend"]}}), "conditions.times"),
        (json!({"insiderRiskLevels": "minor,epic"}), "conditions.insiderRiskLevels.epic"),
        (json!({"insiderRiskLevels": {"level": "minor"}}), "conditions.insiderRiskLevels"),
        (
            json!({"servicePrincipalRiskLevels": ["high", "extreme"]}),
            "conditions.servicePrincipalRiskLevels.extreme",
        ),
        (json!({"locations": "office"}), "conditions.locations"),
        (json!({"users": {"includeUsers": [{"id": "x"}]}}), "conditions.users.includeUsers"),
        (json!({"users": {"includeTeams": ["x"]}}), "conditions.users.includeTeams"),
        (json!({"clientAppTypes": ["carrierPigeon"]}), "conditions.clientAppTypes.carrierPigeon"),
        (json!({"signInRiskLevels": ["extreme"]}), "conditions.signInRiskLevels.extreme"),
        (
            json!({"devices": {"includeDeviceStates": ["All"]}}),
            "conditions.devices.includeDeviceStates",
        ),
        (
            json!({"devices": {"deviceFilter": {"mode": "include"}}}),
            "conditions.devices.deviceFilter",
        ),
        (
            json!({"authenticationFlows": {"transferMethods": "telepathy"}}),
            "conditions.authenticationFlows.transferMethods.telepathy",
        ),
        (
            json!({"users": {"includeGuestsOrExternalUsers": {
                "guestOrExternalUserTypes": "serviceProvider",
                "externalTenants": {"membershipKind": "friends", "members": ["t"]}}}}),
            "conditions.users.includeGuestsOrExternalUsers.externalTenants",
        ),
        (
            json!({"users": {"includeGuestsOrExternalUsers": {
                "guestOrExternalUserTypes": "serviceProvider",
                "externalTenants": {"membershipKind": "all", "members": ["t"]}}}}),
            "conditions.users.includeGuestsOrExternalUsers.externalTenants",
        ),
        (
            json!({"users": {"excludeGuestsOrExternalUsers": {
                "guestOrExternalUserTypes": "serviceProvider",
                "externalTenants": {
                    "membershipKind": "enumerated", "members": ["t"], "region": "EU"}}}}),
            "conditions.users.excludeGuestsOrExternalUsers.externalTenants",
        ),
        (
            json!({"users": {"excludeGuestsOrExternalUsers": {"externalTenants": {"membershipKind": "all"}}}}),
            "conditions.users.excludeGuestsOrExternalUsers.guestOrExternalUserTypes",
        ),
        (
            json!({"clientApplications": {"includeAgentIdServicePrincipals": ["All"]}}),
            "conditions.clientApplications.includeAgentIdServicePrincipals",
        ),
    ];
    for (conditions, path) in cases {
        assert_eq!(with_conditions(&conditions).unmodelled, [path], "{conditions}");
    }
}

#[test]
fn conditions_that_the_evaluation_reads_are_not_called_unmodelled() {
    let guests = |tenants: Value| {
        json!({"users": {"excludeGuestsOrExternalUsers": {
            "guestOrExternalUserTypes": "serviceProvider", "externalTenants": tenants}}})
    };
    let cases = [
        json!({"insiderRiskLevels": "minor,Moderate,elevated"}),
        json!({"insiderRiskLevels": ["elevated"]}),
        json!({"servicePrincipalRiskLevels": ["low", "medium", "high"]}),
        guests(json!({"membershipKind": "enumerated", "members": ["t"]})),
        guests(json!({
            "@odata.type": "#microsoft.graph.conditionalAccessEnumeratedExternalTenants",
            "members": "t,u"})),
        guests(json!({"membershipKind": "all", "members": []})),
    ];
    for conditions in cases {
        let unmodelled = with_conditions(&conditions).unmodelled;
        assert!(unmodelled.is_empty(), "{conditions}: {unmodelled:?}");
    }
}

#[test]
fn unknown_controls_are_named_and_kept() {
    let read = policy(&json!({
        "conditions": {}, "state": "enabled", "deletedDateTime": "2026-01-01T00:00:00Z",
        "grantControls": {"operator": "XOR", "builtInControls": ["retinaScan"],
            "authenticationStrength": {"allowedCombinations": ["fido2"],
                "combinationConfigurations": [{"allowedAAGUIDs": ["x"]}]}},
        "sessionControls": {"networkAccessSecurity": {"isEnabled": true, "policyId": "x"},
            "persistentBrowser": {"isEnabled": true}},
    }));
    insta::assert_json_snapshot!(read.unmodelled, @r#"
    [
      "deletedDateTime",
      "grantControls.authenticationStrength",
      "grantControls.authenticationStrength.combinationConfigurations",
      "grantControls.builtInControls.retinaScan",
      "grantControls.operator",
      "sessionControls.networkAccessSecurity",
      "sessionControls.persistentBrowser.mode"
    ]
    "#);
    assert!(read.asks_for_mfa(), "a strength without a name is still a strength");
    assert!(read.grants("retinaScan"));
}

#[test]
fn guests_come_in_two_forms() {
    let read = with_conditions(&json!({"users": {
        "includeUsers": "guestsorexternalusers",
        "excludeGuestsOrExternalUsers": {
            "guestOrExternalUserTypes": "none,internalGuest, b2bCollaborationGuest",
            "externalTenants": {
                "@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants",
                "membershipKind": "all"}},
    }}));
    assert_eq!(read.conditions.users.include_users, ["GuestsOrExternalUsers"]);
    assert_eq!(
        read.conditions.users.exclude_guest_types,
        ["internalGuest", "b2bCollaborationGuest"]
    );
    assert!(read.unmodelled.is_empty());
}

#[test]
fn pascal_case_reads_like_camel_case() {
    let camel = json!({
        "id": "1", "displayName": "P", "state": "enabled", "templateId": "t",
        "createdDateTime": "2026-01-02T03:04:05Z",
        "conditions": {
            "users": {"includeUsers": ["All"], "excludeGroups": ["g"]},
            "applications": {"includeApplications": ["All"],
                "applicationFilter": {"mode": "exclude", "rule": "r"}},
            "clientAppTypes": ["exchangeActiveSync", "other"],
            "devices": {"deviceFilter": {"mode": "include", "rule": "device.isCompliant -eq True"}},
            "authenticationFlows": {"transferMethods": "deviceCodeFlow,authenticationTransfer"}},
        "grantControls": {"operator": "AND", "builtInControls": ["mfa", "compliantDevice"],
            "authenticationStrength": {"id": "s", "allowedCombinations": ["fido2", "password,sms"]}},
        "sessionControls": {"signInFrequency": {"isEnabled": true, "value": 2, "type": "days"}},
    });
    let pascal = pascal_case(&camel);
    let read = policy(&camel);
    assert_eq!(policy(&pascal), read);
    assert_eq!(
        read.conditions.device_filter,
        Some(Filter { include: Some(true), rule: "device.isCompliant -eq True".to_owned() })
    );
    let grant = read.grant.unwrap();
    assert_eq!(grant.operator, Some(Operator::And));
    assert_eq!(grant.allowed_combinations.unwrap(), ["fido2", "password,sms"]);
    assert_eq!(read.session.unwrap().sign_in_frequency, Some(SignInFrequency::Hours(48)));
    assert!(read.unmodelled.is_empty());
}

fn pascal_case(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let mut letters = key.chars();
                let first = letters.next().into_iter().flat_map(char::to_uppercase);
                (first.chain(letters).collect::<String>(), pascal_case(value))
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(pascal_case).collect(),
        other => other.clone(),
    }
}

#[test]
fn two_spellings_of_one_key_leave_the_one_with_a_value() {
    let read = policy(&json!({
        "conditions": {}, "state": "enabled",
        "GrantControls": {}, "grantControls": {"builtInControls": "block"},
    }));
    assert!(read.grants("block"));
    assert!(read.unmodelled.is_empty());
}

#[test]
fn sign_in_frequency() {
    let cases = [
        (json!({"isEnabled": false, "value": 1, "type": "hours"}), None),
        (
            json!({"isEnabled": true, "frequencyInterval": "everyTime"}),
            Some(SignInFrequency::EveryTime),
        ),
        (
            json!({"isEnabled": true, "value": "12", "type": "Hours"}),
            Some(SignInFrequency::Hours(12)),
        ),
        (
            json!({"isEnabled": true, "value": 4_294_967_295_u32, "type": "days"}),
            Some(SignInFrequency::Unknown),
        ),
        (json!({"isEnabled": true}), Some(SignInFrequency::Unknown)),
        (
            json!({"isEnabled": true, "value": 4, "type": "hours", "frequencyInterval": "lunar"}),
            Some(SignInFrequency::Unknown),
        ),
        (json!("often"), Some(SignInFrequency::Unknown)),
    ];
    for (frequency, expected) in cases {
        let read = policy(&json!({
            "conditions": {}, "state": "enabled", "sessionControls": {"signInFrequency": frequency},
        }));
        assert_eq!(
            read.session.and_then(|session| session.sign_in_frequency),
            expected,
            "{frequency}"
        );
    }
}

#[test]
fn session_controls_that_are_off_are_not_set() {
    let read = policy(&json!({
        "conditions": {}, "state": "enabled",
        "sessionControls": {"disableResilienceDefaults": false, "cloudAppSecurity": {"isEnabled": false}},
        "grantControls": {"operator": "OR", "builtInControls": []},
    }));
    assert_eq!((read.session, read.grant), (None, None));
}

#[test]
fn a_strength_may_be_only_its_annotation() {
    let read = policy(&json!({
        "conditions": {}, "state": "enabled",
        "grantControls": {"builtInControls": ["mfa"], "authenticationStrength": null,
            "authenticationStrength@odata.context": "https://ne.example/$metadata#x"},
    }));
    assert_eq!(read.grant.unwrap().authentication_strength, None);
    assert!(read.unmodelled.is_empty());
}

#[test]
fn a_policy_for_workloads_is_nobodys_user_policy() {
    let read = with_conditions(&json!({
        "clientApplications": {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]}}));
    assert!(read.conditions.workload_identities);
}

#[test]
fn times_in_every_form() {
    let expected: jiff::Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
    for text in [
        "2026-01-02T03:04:05Z",
        "2026-01-02T04:04:05+01:00",
        "2026-01-02T03:04:05",
        "/Date(1767323045000)/",
    ] {
        let read = policy(&json!({"conditions": {}, "state": "enabled", "modifiedDateTime": text}));
        assert_eq!(read.modified, Some(expected), "{text}");
    }
}

#[test]
fn named_locations() {
    let ip = |trusted, ranges: &[&str]| NamedLocationKind::Ip {
        trusted,
        ranges: ranges.iter().map(|range| (*range).to_owned()).collect(),
    };
    let cases = [
        (json!({"displayName": "x"}), None),
        (json!({"@odata.type": "#microsoft.graph.group", "ipRanges": []}), None),
        (
            json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "isTrusted": true,
                "ipRanges": [{"cidrAddress": "192.0.2.0/24"}, {"lowerAddress": "192.0.2.1", "upperAddress": "192.0.2.9"}, 7]}),
            Some(ip(Some(true), &["192.0.2.0/24", "192.0.2.1-192.0.2.9", "7"])),
        ),
        (json!({"IpRanges": "2001:db8::/32"}), Some(ip(None, &["2001:db8::/32"]))),
        (
            json!({"countriesAndRegions": ["gb", "IE"], "includeUnknownCountriesAndRegions": "False"}),
            Some(NamedLocationKind::Country {
                countries: vec!["GB".to_owned(), "IE".to_owned()],
                include_unknown: Some(false),
                lookup: CountryLookup::ClientIpAddress,
            }),
        ),
        (
            json!({"@odata.type": "#microsoft.graph.compliantNetworkNamedLocation"}),
            Some(NamedLocationKind::Unmodelled("compliantNetworkNamedLocation".to_owned())),
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(read_named_location(&value).ok().map(|read| read.kind), expected, "{value}");
    }
}
