//! What of an object is shown: by version, by `$select`, and by what the caller asked to see.

use serde_json::{Map, Value};

use super::ask::Version;
use super::place::Place;

/// What `/users` shows without `$select` (Graph, *List users*).
pub(super) const USUAL_OF_USERS: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];

/// Further properties of a user that a list can show. The ones that are lists are never null.
const USER_LISTS: [&str; 8] = [
    "assignedLicenses",
    "assignedPlans",
    "identities",
    "imAddresses",
    "licenseAssignmentStates",
    "otherMails",
    "provisionedPlans",
    "proxyAddresses",
];
const USER_VALUES: [&str; 43] = [
    "accountEnabled",
    "ageGroup",
    "authorizationInfo",
    "city",
    "companyName",
    "consentProvidedForMinor",
    "country",
    "createdDateTime",
    "creationType",
    "deletedDateTime",
    "department",
    "employeeHireDate",
    "employeeId",
    "employeeLeaveDateTime",
    "employeeOrgData",
    "employeeType",
    "externalUserState",
    "externalUserStateChangeDateTime",
    "faxNumber",
    "isManagementRestricted",
    "isResourceAccount",
    "lastPasswordChangeDateTime",
    "legalAgeGroupClassification",
    "mailNickname",
    "onPremisesDistinguishedName",
    "onPremisesDomainName",
    "onPremisesExtensionAttributes",
    "onPremisesImmutableId",
    "onPremisesLastSyncDateTime",
    "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier",
    "onPremisesSyncEnabled",
    "onPremisesUserPrincipalName",
    "passwordPolicies",
    "passwordProfile",
    "postalCode",
    "preferredDataLocation",
    "securityIdentifier",
    "showInAddressList",
    "signInSessionsValidFromDateTime",
    "state",
    "streetAddress",
    "usageLocation",
];
/// Properties of a user that only a single user shows: 501 in a list.
const USER_ALONE: [&str; 14] = [
    "aboutMe",
    "birthday",
    "deviceEnrollmentLimit",
    "hireDate",
    "interests",
    "mailboxSettings",
    "mySite",
    "pastProjects",
    "preferredName",
    "print",
    "responsibilities",
    "schools",
    "skills",
    "customSecurityAttributes",
];

/// How a selected property of a user that has no value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UserProperty {
    Value,
    List,
    /// Absent where there is none.
    MayBeAbsent,
    NotInLists,
    Unknown,
}

pub(super) fn user_property(name: &str) -> UserProperty {
    match name {
        "businessPhones" => UserProperty::List,
        "signInActivity" => UserProperty::MayBeAbsent,
        "userType" => UserProperty::Value,
        it if USER_LISTS.contains(&it) => UserProperty::List,
        it if USUAL_OF_USERS.contains(&it) || USER_VALUES.contains(&it) => UserProperty::Value,
        it if USER_ALONE.contains(&it) => UserProperty::NotInLists,
        _ => UserProperty::Unknown,
    }
}

/// Properties that only beta has, by the property they stand in; `""`: in the object itself.
/// From the type pages of both versions.
fn only_beta(place: Place) -> &'static [(&'static str, &'static [&'static str])] {
    match place {
        Place::Policies | Place::DeletedPolicies => &[
            ("conditions", &["agentIdRiskLevels", "deviceStates"]),
            (
                "sessionControls",
                &["continuousAccessEvaluation", "globalSecureAccessFilteringProfile"],
            ),
            ("applications", &["globalSecureAccess", "networkAccess"]),
        ],
        Place::MethodsPolicy => &[
            (
                "",
                &[
                    "microsoftAuthenticatorPlatformSettings",
                    "reportSuspiciousActivitySettings",
                    "systemCredentialPreferences",
                ],
            ),
            (
                "authenticationMethodsRegistrationCampaign",
                &["enforceRegistrationAfterAllowedSnoozes"],
            ),
            ("featureSettings", &["companionAppAllowedState", "numberMatchingRequiredState"]),
        ],
        Place::Registrations => &[("", &["defaultMfaMethod"])],
        Place::Audits => &[("", &["performedBy", "userAgent"])],
        Place::Methods => &[("", &["clientAppName", "lastUsedDateTime"])],
        _ => &[],
    }
}

/// What v1.0 shows of a sign-in (Graph, resource *signIn*, v1.0).
const SIGN_IN_V1: [&str; 25] = [
    "id",
    "createdDateTime",
    "userDisplayName",
    "userPrincipalName",
    "userId",
    "appId",
    "appDisplayName",
    "ipAddress",
    "clientAppUsed",
    "correlationId",
    "conditionalAccessStatus",
    "isInteractive",
    "riskDetail",
    "riskLevelAggregated",
    "riskLevelDuringSignIn",
    "riskState",
    "riskEventTypes",
    "riskEventTypes_v2",
    "resourceDisplayName",
    "resourceId",
    "status",
    "deviceDetail",
    "location",
    "appliedConditionalAccessPolicies",
    "authenticationAppDeviceDetails",
];
const APPLIED_V1: [&str; 5] =
    ["id", "displayName", "enforcedGrantControls", "enforcedSessionControls", "result"];

/// Leaves off what a version does not have.
pub(super) fn for_version(place: Place, version: Version, object: &mut Map<String, Value>) {
    if version == Version::V1 {
        for (within, names) in only_beta(place) {
            remove_within(object, within, names);
        }
        return;
    }
    match place {
        Place::Policies | Place::DeletedPolicies => {
            object.remove("templateId");
        }
        Place::Methods if type_of(object).ends_with("temporaryAccessPassAuthenticationMethod") => {
            object.remove("isUsable");
            object.remove("methodUsabilityReason");
        }
        _ => {}
    }
}

fn remove_within(object: &mut Map<String, Value>, within: &str, names: &[&str]) {
    if within.is_empty() {
        object.retain(|key, _| !names.contains(&key.as_str()));
        return;
    }
    for (key, value) in object {
        match value {
            Value::Object(inner) if key == within => remove_within(inner, "", names),
            Value::Object(inner) => remove_within(inner, within, names),
            Value::Array(items) => {
                for inner in items.iter_mut().filter_map(Value::as_object_mut) {
                    remove_within(inner, within, names);
                }
            }
            _ => {}
        }
    }
}

pub(super) fn sign_in_for_version(version: Version, row: &mut Map<String, Value>) {
    if version == Version::Beta {
        row.remove("riskEventTypes");
        return;
    }
    row.retain(|key, _| SIGN_IN_V1.contains(&key.as_str()));
    if let Some(Value::Array(applied)) = row.get_mut("appliedConditionalAccessPolicies") {
        for policy in applied.iter_mut().filter_map(Value::as_object_mut) {
            policy.retain(|key, _| APPLIED_V1.contains(&key.as_str()));
        }
    }
    if let Some(Value::Object(device)) = row.get_mut("deviceDetail") {
        device.remove("browserId");
    }
}

pub(super) fn type_of(object: &Map<String, Value>) -> &str {
    object.get("@odata.type").and_then(Value::as_str).unwrap_or("")
}

/// Members of evolvable enumerations that stand after `unknownFutureValue`, by property (Graph,
/// *Handling future members in evolvable enumerations*, and the type pages).
const LATE_MEMBERS: [(&str, &[&str]); 17] = [
    (
        "result",
        &[
            "reportOnlySuccess",
            "reportOnlyFailure",
            "reportOnlyNotApplied",
            "reportOnlyInterrupted",
        ],
    ),
    ("builtInControls", &["riskRemediation"]),
    ("includePlatforms", &["linux"]),
    ("excludePlatforms", &["linux"]),
    ("devicePlatform", &["linux"]),
    ("allowedCombinations", &["qrCodePin"]),
    ("requirementProvider", &["scopeBasedAuthRequirementPolicy", "authenticationStrengths"]),
    (
        "authenticationProtocol",
        &[
            "authenticationTransfer",
            "nativeAuth",
            "clientCredentials",
            "refreshTokenGrant",
            "prtGrant",
            "kerberos",
            "seamlessSso",
            "onBehalfOf",
            "wsTrust",
        ],
    ),
    ("incomingTokenType", &["remoteDesktopToken", "refreshToken"]),
    ("crossTenantAccessType", &["passthrough"]),
    (
        "conditionsSatisfied",
        &["servicePrincipals", "servicePrincipalRisk", "authenticationFlows", "insiderRisk"],
    ),
    (
        "conditionsNotSatisfied",
        &["servicePrincipals", "servicePrincipalRisk", "authenticationFlows", "insiderRisk"],
    ),
    (
        "riskDetail",
        &[
            "m365DAdminDismissedDetection",
            "userChangedPasswordOnPremises",
            "adminDismissedRiskForSignIn",
            "adminConfirmedAccountSafe",
            "microsoftRevokedSessions",
        ],
    ),
    (
        "serviceSource",
        &[
            "microsoftDefenderForCloud",
            "microsoftSentinel",
            "microsoftInsiderRiskManagement",
            "microsoftThreatIntelligence",
        ],
    ),
    (
        "detectionSource",
        &[
            "microsoftSentinel",
            "microsoftDefenderForCloud",
            "nrtAlerts",
            "scheduledAlerts",
            "builtInMl",
        ],
    ),
    (
        "remediationStatus",
        &[
            "active",
            "pendingApproval",
            "declined",
            "unremediated",
            "running",
            "partiallyRemediated",
        ],
    ),
    ("analysisReasons", &["agentIdRisk", "agentIdentities"]),
];

/// Puts `unknownFutureValue` where the caller did not ask for newer members.
pub(super) fn hide_late_members(object: &mut Map<String, Value>) {
    for (key, value) in object {
        let late = LATE_MEMBERS.iter().find(|(name, _)| name == key).map(|(_, members)| *members);
        hide_in(value, late);
    }
}

fn hide_in(value: &mut Value, late: Option<&[&str]>) {
    match value {
        Value::Object(inner) => hide_late_members(inner),
        Value::Array(items) => items.iter_mut().for_each(|it| hide_in(it, late)),
        Value::String(text) => {
            let Some(late) = late else { return };
            let mut members: Vec<&str> = text
                .split(',')
                .map(|it| if late.contains(&it.trim()) { "unknownFutureValue" } else { it })
                .collect();
            members.dedup();
            *text = members.join(",");
        }
        _ => {}
    }
}

/// The selected properties of an object; annotations stay.
pub(super) fn select(object: Map<String, Value>, names: &[String]) -> Map<String, Value> {
    let is_wanted = |key: &str| key.starts_with('@') || names.iter().any(|it| it == key);
    object.into_iter().filter(|(key, _)| is_wanted(key)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    #[test]
    fn newer_members_show_only_when_asked_for() {
        let mut row = map(json!({
            "appliedConditionalAccessPolicies": [
                {"result": "reportOnlyInterrupted", "conditionsSatisfied": "application,insiderRisk"},
                {"result": "success"},
            ],
            "grantControls": {"builtInControls": ["mfa", "riskRemediation"]},
            "displayName": "linux",
        }));
        hide_late_members(&mut row);
        assert_eq!(
            Value::Object(row),
            json!({
                "appliedConditionalAccessPolicies": [
                    {"result": "unknownFutureValue", "conditionsSatisfied": "application,unknownFutureValue"},
                    {"result": "success"},
                ],
                "grantControls": {"builtInControls": ["mfa", "unknownFutureValue"]},
                "displayName": "linux",
            })
        );
    }

    #[test]
    fn v1_leaves_off_what_only_beta_has() {
        let campaign = json!({"registrationEnforcement": {"authenticationMethodsRegistrationCampaign":
            {"state": "enabled", "enforceRegistrationAfterAllowedSnoozes": true}},
            "systemCredentialPreferences": {}, "id": "x"});
        let mut beta = map(campaign.clone());
        for_version(Place::MethodsPolicy, Version::Beta, &mut beta);
        assert_eq!(Value::Object(beta), campaign);
        let mut v1 = map(campaign);
        for_version(Place::MethodsPolicy, Version::V1, &mut v1);
        assert_eq!(
            Value::Object(v1),
            json!({"registrationEnforcement":
                {"authenticationMethodsRegistrationCampaign": {"state": "enabled"}}, "id": "x"})
        );
        let mut row = map(json!({"id": "1", "authenticationRequirement": "x", "userAgent": "y"}));
        sign_in_for_version(Version::V1, &mut row);
        assert_eq!(Value::Object(row), json!({"id": "1"}));
    }
}
