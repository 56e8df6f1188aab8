//! The change sets as requests to Microsoft Graph, ready for Graph Explorer
//! (Microsoft Graph REST API v1.0 reference, *conditionalAccessPolicy*, *group*,
//! *authenticationMethodsPolicy*, *identitySecurityDefaultsEnforcementPolicy*).
//!
//! An object that does not exist yet has no id: `<id of …>` stands in its place and must be
//! replaced, since Microsoft Graph refuses it.

use serde_json::{Value, json};

use super::GraphRequest;
use super::situation::{BRIDGE_GROUP, EXCEPTIONS_GROUP, LEGACY_EXCEPTIONS_GROUP, Situation};

/// Role templates that count as administrators (Microsoft Entra documentation, *Require
/// multifactor authentication for administrators*; ids from *Microsoft Entra built-in roles*).
pub(crate) const ADMINISTRATOR_ROLES: [&str; 14] = [
    "62e90394-69f5-4237-9190-012177145e10", // Global Administrator
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", // Application Administrator
    "c4e39bd9-1100-46d3-8c65-fb160da0071f", // Authentication Administrator
    "b0f54661-2d74-4c50-afa3-1ec803f12efe", // Billing Administrator
    "158c047a-c907-4556-b7ef-446551a6b5f7", // Cloud Application Administrator
    "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", // Conditional Access Administrator
    "29232cdf-9323-42fd-ade2-1d097af3e4de", // Exchange Administrator
    "729827e3-9c14-49f7-bb1b-9608f156bbb8", // Helpdesk Administrator
    "966707d0-3269-4727-9be2-8c3a10f19b9d", // Password Administrator
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13", // Privileged Authentication Administrator
    "e8611ab8-c189-46e8-94e1-60213ab1f814", // Privileged Role Administrator
    "194ae4cb-b126-40b2-bd5b-6091b380977d", // Security Administrator
    "f28a1f50-f6e7-4571-818b-6a12f2af6b6c", // SharePoint Administrator
    "fe930be7-5e62-47db-91af-98c3a49a38b1", // User Administrator
];

/// Role template of the synchronisation account, which cannot answer a prompt.
const DIRECTORY_SYNCHRONIZATION: &str = "d29b2b05-8046-44ba-8758-1e26182fcf32";
/// Application id of Windows Azure Service Management API.
pub(crate) const AZURE_MANAGEMENT: &str = "797f4846-ba00-4fd7-ba43-dac1f8f63013";

const POLICIES: &str = "/v1.0/identity/conditionalAccess/policies";
const REPORT_ONLY: &str = "enabledForReportingButNotEnforced";
const ON: &str = "enabled";

/// The names of the policies, as the portal shows them.
pub(crate) const CA000: &str = "CA000 - Block legacy authentication";
pub(crate) const CA001_PILOT: &str = "CA001 - Require MFA - Pilot";
pub(crate) const CA001_ALL: &str = "CA001 - Require MFA - All users";
pub(crate) const CA002: &str = "CA002 - Require MFA - Administrators";
pub(crate) const CA003: &str = "CA003 - Require MFA - Azure management";
pub(crate) const CA004: &str = "CA004 - Block device code flow";
pub(crate) const CA005: &str = "CA005 - Protect registration of security information";

/// Id of a group, or what stands in its place.
fn group_id(situation: &Situation<'_>, name: &str) -> String {
    situation
        .input
        .facts
        .group(name)
        .and_then(|group| group.id.clone())
        .unwrap_or_else(|| format!("<id of group {name}>"))
}

/// Id of the policy whose name begins with this number, where a file told it.
fn policy_id(situation: &Situation<'_>, number: &str) -> Option<String> {
    situation
        .policies?
        .iter()
        .find(|policy| policy.display_name.to_ascii_uppercase().starts_with(number))
        .and_then(|policy| policy.id.clone())
}

fn number(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}

fn patch_path(situation: &Situation<'_>, name: &str) -> String {
    let number = number(name);
    let id = policy_id(situation, number).unwrap_or_else(|| format!("<id of policy {number}>"));
    format!("{POLICIES}/{id}")
}

fn request(purpose: &str, method: &'static str, path: String, body: &Value) -> GraphRequest {
    GraphRequest { purpose: purpose.to_owned(), method, path, body: format!("{body:#}") }
}

/// Makes the policy, or brings the one of that number to this state.
fn put(situation: &Situation<'_>, purpose: &str, name: &str, body: &Value) -> GraphRequest {
    match policy_id(situation, number(name)) {
        Some(_) => request(purpose, "PATCH", patch_path(situation, name), body),
        None => request(purpose, "POST", POLICIES.to_owned(), body),
    }
}

fn set_state(situation: &Situation<'_>, purpose: &str, name: &str, state: &str) -> GraphRequest {
    request(purpose, "PATCH", patch_path(situation, name), &json!({ "state": state }))
}

/// The groups an MFA policy for everybody excludes: break-glass, and the dated exceptions where
/// there are any.
fn excluded(situation: &Situation<'_>) -> Vec<String> {
    let mut groups = vec![group_id(situation, &situation.break_glass_group)];
    if situation.has_exemptions() != Some(false) {
        groups.push(group_id(situation, EXCEPTIONS_GROUP));
    }
    groups
}

fn excluded_roles(situation: &Situation<'_>) -> Vec<&'static str> {
    let synchronised = situation.input.facts.snapshot.tenant.on_premises_sync != Some(false);
    if synchronised { vec![DIRECTORY_SYNCHRONIZATION] } else { Vec::new() }
}

/// A policy on all resources and all client apps that asks for MFA.
fn asks_for_mfa(name: &str, state: &str, users: &Value) -> Value {
    json!({
        "displayName": name,
        "state": state,
        "conditions": {
            "users": users,
            "applications": { "includeApplications": ["All"] },
            "clientAppTypes": ["all"],
        },
        "grantControls": { "operator": "OR", "builtInControls": ["mfa"] },
    })
}

/// CS-01 and CS-09: a group whose membership only privileged role administrators change.
pub(super) fn role_assignable_group(
    situation: &Situation<'_>,
    name: &str,
    purpose: &str,
) -> Vec<GraphRequest> {
    if situation.input.facts.group(name).is_some() {
        return Vec::new();
    }
    vec![new_group(name, purpose, true)]
}

fn new_group(name: &str, purpose: &str, role_assignable: bool) -> GraphRequest {
    let nickname: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let body = json!({
        "displayName": name,
        "mailEnabled": false,
        "mailNickname": nickname,
        "securityEnabled": true,
        "isAssignableToRole": role_assignable,
    });
    request(purpose, "POST", "/v1.0/groups".to_owned(), &body)
}

/// CS-02.
pub(super) fn block_legacy(situation: &Situation<'_>) -> Vec<GraphRequest> {
    let mut exclude = vec![group_id(situation, &situation.break_glass_group)];
    if situation.may_have_legacy_exceptions() {
        exclude.push(group_id(situation, LEGACY_EXCEPTIONS_GROUP));
    }
    let body = json!({
        "displayName": CA000,
        "state": REPORT_ONLY,
        "conditions": {
            "users": { "includeUsers": ["All"], "excludeGroups": exclude },
            "applications": { "includeApplications": ["All"] },
            "clientAppTypes": ["exchangeActiveSync", "other"],
        },
        "grantControls": { "operator": "OR", "builtInControls": ["block"] },
    });
    let mut requests = vec![put(situation, "Make CA000 in Report-only", CA000, &body)];
    if !situation.may_have_security_defaults() {
        requests.push(set_state(situation, "Turn CA000 on, on its date", CA000, ON));
    }
    requests.push(set_state(situation, "Way back", CA000, REPORT_ONLY));
    requests
}

/// CS-03.
pub(super) fn pilot(situation: &Situation<'_>) -> Vec<GraphRequest> {
    let users = json!({
        "includeGroups": [group_id(situation, &situation.pilot_group)],
        "excludeGroups": [group_id(situation, &situation.break_glass_group)],
    });
    let body = asks_for_mfa(CA001_PILOT, REPORT_ONLY, &users);
    let mut requests = vec![put(situation, "Make CA001 in Report-only", CA001_PILOT, &body)];
    if situation.security_defaults == Some(false) {
        requests.push(set_state(situation, "Turn CA001 on for the pilot", CA001_PILOT, ON));
    }
    requests.push(set_state(situation, "Way back", CA001_PILOT, REPORT_ONLY));
    requests
}

/// CS-04.
pub(super) fn parity(situation: &Situation<'_>) -> Vec<GraphRequest> {
    let break_glass = group_id(situation, &situation.break_glass_group);
    let administrators = json!({
        "includeRoles": ADMINISTRATOR_ROLES,
        "excludeGroups": [break_glass],
    });
    let azure = json!({
        "displayName": CA003,
        "state": REPORT_ONLY,
        "conditions": {
            "users": { "includeUsers": ["All"], "excludeGroups": [break_glass] },
            "applications": { "includeApplications": [AZURE_MANAGEMENT] },
            "clientAppTypes": ["all"],
        },
        "grantControls": { "operator": "OR", "builtInControls": ["mfa"] },
    });
    let device_code = json!({
        "displayName": CA004,
        "state": REPORT_ONLY,
        "conditions": {
            "users": { "includeUsers": ["All"], "excludeGroups": [break_glass] },
            "applications": { "includeApplications": ["All"] },
            "clientAppTypes": ["all"],
            "authenticationFlows": { "transferMethods": "deviceCodeFlow" },
        },
        "grantControls": { "operator": "OR", "builtInControls": ["block"] },
    });
    vec![
        put(
            situation,
            "Make CA002 in Report-only",
            CA002,
            &asks_for_mfa(CA002, REPORT_ONLY, &administrators),
        ),
        put(situation, "Make CA003 in Report-only", CA003, &azure),
        put(situation, "Make CA004 in Report-only", CA004, &device_code),
    ]
}

/// CS-05.
pub(super) fn campaign(situation: &Situation<'_>) -> Vec<GraphRequest> {
    // Without Conditional Access there is no exclusion group; the accounts hold keys, not phones.
    let exclude = if situation.without_conditional_access() {
        json!([])
    } else {
        let id = group_id(situation, &situation.break_glass_group);
        json!([{ "id": id, "targetType": "group" }])
    };
    let body = json!({
        "registrationEnforcement": {
            "authenticationMethodsRegistrationCampaign": {
                "state": "enabled",
                "snoozeDurationInDays": 1,
                "enforceRegistrationAfterAllowedSnoozes": true,
                "includeTargets": [{
                    "id": "all_users",
                    "targetType": "group",
                    "targetedAuthenticationMethod": "microsoftAuthenticator",
                }],
                "excludeTargets": exclude,
            },
        },
    });
    let path = "/v1.0/policies/authenticationMethodsPolicy".to_owned();
    vec![request("Turn the registration campaign on", "PATCH", path, &body)]
}

/// CS-06.
pub(super) fn protect_registration(situation: &Situation<'_>) -> Vec<GraphRequest> {
    let break_glass = group_id(situation, &situation.break_glass_group);
    let body = |state: &str, include: &Value| {
        let mut users = include.clone();
        if let Some(users) = users.as_object_mut() {
            users.insert("excludeUsers".to_owned(), json!(["GuestsOrExternalUsers"]));
            users.insert("excludeGroups".to_owned(), json!([break_glass]));
        }
        json!({
            "displayName": CA005,
            "state": state,
            "conditions": {
                "users": users,
                "applications": { "includeUserActions": ["urn:user:registersecurityinfo"] },
                "clientAppTypes": ["all"],
                "locations": {
                    "includeLocations": ["All"],
                    "excludeLocations": ["AllTrusted"],
                },
            },
            "grantControls": { "operator": "OR", "builtInControls": ["mfa"] },
        })
    };
    let five = json!({ "includeGroups": ["<id of a group of five people>"] });
    let all = json!({ "includeUsers": ["All"] });
    vec![
        put(situation, "Make CA005 for five people", CA005, &body(ON, &five)),
        request(
            "Widen CA005 when the five have registered under it",
            "PATCH",
            patch_path(situation, CA005),
            &body(ON, &all),
        ),
        set_state(situation, "Way back", CA005, "disabled"),
    ]
}

/// CS-07 with Conditional Access.
pub(super) fn cut_over(situation: &Situation<'_>) -> Vec<GraphRequest> {
    let mut requests = Vec::new();
    if situation.may_have_security_defaults() {
        requests.push(new_group(
            BRIDGE_GROUP,
            "Days before: the bridge group; add everyone who can pass MFA",
            false,
        ));
        requests.push(security_defaults("1. Security defaults off", false));
        for name in [CA000, CA002, CA003] {
            let purpose = format!("2. {} on, at once", number(name));
            requests.push(set_state(situation, &purpose, name, ON));
        }
        let users = json!({
            "includeGroups":
                [group_id(situation, &situation.pilot_group), group_id(situation, BRIDGE_GROUP)],
            "excludeGroups": excluded(situation),
            "excludeRoles": excluded_roles(situation),
        });
        requests.push(request(
            "3. CA001 on for the pilot and the bridge group; then one canary sign-in",
            "PATCH",
            patch_path(situation, CA001_PILOT),
            &asks_for_mfa(CA001_PILOT, ON, &users),
        ));
    }
    let users = json!({
        "includeUsers": ["All"],
        "excludeGroups": excluded(situation),
        "excludeRoles": excluded_roles(situation),
    });
    requests.push(request(
        "CA001 for all users, after the canary",
        "PATCH",
        patch_path(situation, CA001_PILOT),
        &asks_for_mfa(CA001_ALL, ON, &users),
    ));
    requests.push(set_state(
        situation,
        "Way back, for the rollback card: CA001 to Report-only",
        CA001_PILOT,
        REPORT_ONLY,
    ));
    requests
}

/// Security defaults on or off.
pub(super) fn security_defaults(purpose: &str, on: bool) -> GraphRequest {
    request(
        purpose,
        "PATCH",
        "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy".to_owned(),
        &json!({ "isEnabled": on }),
    )
}
