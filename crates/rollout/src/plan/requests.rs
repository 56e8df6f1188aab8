//! The change sets as requests to Microsoft Graph, ready for Graph Explorer
//! (Microsoft Graph REST API v1.0 reference, *conditionalAccessPolicy*, *group*,
//! *authenticationMethodsPolicy*, *identitySecurityDefaultsEnforcementPolicy*).
//!
//! An object that does not exist yet has no id: `<id of …>` stands in its place and must be
//! replaced, since Microsoft Graph refuses it. The policies are those that `change::draft` carries out,
//! drafted in the tenant as it will be when every group is there.

mod planned;

use conditional_access::{Policy, State, write_policy};
use serde_json::{Value, json};

use self::planned::Planned;
use super::GraphRequest;
use super::situation::{BRIDGE_GROUP, LEGACY_EXCEPTIONS_GROUP, Situation};
use crate::change::Edit;
use crate::change::draft::Standard;

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

/// Application id of Windows Azure Service Management API.
pub(crate) const AZURE_MANAGEMENT: &str = "797f4846-ba00-4fd7-ba43-dac1f8f63013";

const POLICIES: &str = "/v1.0/identity/conditionalAccess/policies";
const REPORT_ONLY: State = State::EnabledForReportingButNotEnforced;
const ON: State = State::Enabled;

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

fn set_state(situation: &Situation<'_>, purpose: &str, name: &str, state: State) -> GraphRequest {
    let word = match state {
        State::Enabled => "enabled",
        State::EnabledForReportingButNotEnforced => "enabledForReportingButNotEnforced",
        State::Disabled | State::Unknown => "disabled",
    };
    request(purpose, "PATCH", patch_path(situation, name), &json!({ "state": word }))
}

/// A policy without its id, which stands in the path.
fn body_of(policy: &Policy) -> Value {
    write_policy(&Policy { id: None, ..policy.clone() })
}

/// Makes the policy of the rollout in a state, or brings the one of its number there.
fn draft(
    situation: &Situation<'_>,
    purpose: &str,
    which: Standard,
    state: State,
) -> Option<GraphRequest> {
    let policy = Planned::of(situation).draft(which)?;
    let body = body_of(&Policy { state, ..policy });
    Some(put(situation, purpose, which.name(), &body))
}

/// CS-01, CS-02 and CS-09: a group whose membership only privileged role administrators change.
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
    let mut requests = role_assignable_group(
        situation,
        LEGACY_EXCEPTIONS_GROUP,
        "Make the group; then put its id into CA000",
    );
    requests.extend(draft(
        situation,
        "Make CA000 in Report-only",
        Standard::BlockLegacy,
        REPORT_ONLY,
    ));
    if !situation.may_have_security_defaults() {
        requests.push(set_state(situation, "Turn CA000 on, on its date", CA000, ON));
    }
    requests.push(set_state(situation, "Way back", CA000, REPORT_ONLY));
    requests
}

/// CS-03.
pub(super) fn pilot(situation: &Situation<'_>) -> Vec<GraphRequest> {
    let made = draft(situation, "Make CA001 in Report-only", Standard::Pilot, REPORT_ONLY);
    let mut requests: Vec<GraphRequest> = made.into_iter().collect();
    if situation.security_defaults == Some(false) {
        requests.push(set_state(situation, "Turn CA001 on for the pilot", CA001_PILOT, ON));
    }
    requests.push(set_state(situation, "Way back", CA001_PILOT, REPORT_ONLY));
    requests
}

/// CS-04.
pub(super) fn parity(situation: &Situation<'_>) -> Vec<GraphRequest> {
    let made = [
        ("Make CA002 in Report-only", Standard::Administrators),
        ("Make CA003 in Report-only", Standard::AzureManagement),
        ("Make CA004 in Report-only", Standard::DeviceCode),
    ];
    made.into_iter()
        .filter_map(|(purpose, which)| draft(situation, purpose, which, REPORT_ONLY))
        .collect()
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
    let Some(all) = Planned::of(situation).draft(Standard::ProtectRegistration) else {
        return Vec::new();
    };
    let all = Policy { state: ON, ..all };
    let mut few = all.clone();
    few.conditions.users.include_users.clear();
    few.conditions.users.include_groups = vec!["<id of the pilot group>".to_owned()];
    vec![
        put(situation, "Make CA005 for the pilot group", CA005, &body_of(&few)),
        request(
            "Widen CA005 when some of the pilot group have registered under it",
            "PATCH",
            patch_path(situation, CA005),
            &body_of(&all),
        ),
        set_state(situation, "Way back", CA005, State::Disabled),
    ]
}

/// CS-07 with Conditional Access.
pub(super) fn cut_over(situation: &Situation<'_>) -> Vec<GraphRequest> {
    let group = situation.may_have_security_defaults().then(bridge_group);
    let edits = Planned::of(situation).cut_over(situation);
    enforcing(situation, group, &edits)
}

/// The second ring.
pub(super) fn second_ring(situation: &Situation<'_>) -> Vec<GraphRequest> {
    let edits = Planned::of(situation).second_ring(situation);
    enforcing(situation, Some(bridge_group()), &edits)
}

/// The last ring.
pub(super) fn last_ring(situation: &Situation<'_>) -> Vec<GraphRequest> {
    enforcing(situation, None, &Planned::of(situation).last_ring(situation))
}

fn bridge_group() -> GraphRequest {
    let purpose = "Days before: the bridge group; add everyone who can pass MFA";
    new_group(BRIDGE_GROUP, purpose, false)
}

fn enforcing(
    situation: &Situation<'_>,
    first: Option<GraphRequest>,
    edits: &[Edit],
) -> Vec<GraphRequest> {
    let mut requests: Vec<GraphRequest> = first.into_iter().collect();
    requests.extend(edits.iter().filter_map(|edit| of_cut_over(situation, edit)));
    requests.push(set_state(
        situation,
        "Way back, for the rollback card: CA001 to Report-only",
        CA001_PILOT,
        REPORT_ONLY,
    ));
    requests
}

/// One change of the cut-over.
fn of_cut_over(situation: &Situation<'_>, edit: &Edit) -> Option<GraphRequest> {
    let (before, after) = match edit {
        Edit::SecurityDefaults { after, .. } => {
            return Some(security_defaults("1. Security defaults off", *after));
        }
        Edit::Policy { before, after: Some(after) } => (before.policy()?, &*after.0),
        _ => return None,
    };
    let name = after.display_name.as_str();
    if (Policy { state: after.state, ..before.clone() }) == *after {
        let purpose = format!("2. {} on, at once", number(name));
        return Some(set_state(situation, &purpose, name, after.state));
    }
    let purpose = if after.includes_all_users() {
        match situation.last_ring() {
            Some(_) => "CA001 for all users, after the canary",
            None => "CA001 for all users; then one canary sign-in",
        }
    } else if situation.last_ring().is_none() {
        "3. CA001 on for the pilot and the bridge group"
    } else {
        "3. CA001 on for the pilot and the bridge group; then one canary sign-in"
    };
    Some(request(purpose, "PATCH", patch_path(situation, name), &body_of(after)))
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
