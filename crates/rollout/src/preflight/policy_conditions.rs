//! What a policy asks for, as far as a pre-flight needs it.

use conditional_access::{ClientAppType, Operator, Policy, State};

/// User action of registering security information.
pub(super) const REGISTER_SECURITY_INFORMATION: &str = "urn:user:registersecurityinfo";
/// User action of registering or joining a device.
pub(super) const REGISTER_DEVICE: &str = "urn:user:registerdevice";
/// Windows Azure Service Management API (Azure Resource Manager).
pub(super) const AZURE_MANAGEMENT: &str = "797f4846-ba00-4fd7-ba43-dac1f8f63013";
/// Azure DevOps.
pub(super) const AZURE_DEVOPS: &str = "499b84ac-1321-427f-aa17-267ca6975798";

/// The name a person reads, with the state in the portal's words.
pub(super) fn named(policy: &Policy) -> String {
    let state = match policy.state {
        State::Enabled => "On",
        State::Disabled => "Off",
        State::EnabledForReportingButNotEnforced => "Report-only",
        State::Unknown => "state not known",
    };
    let name = if policy.display_name.is_empty() {
        policy.id.as_deref().unwrap_or("(no name)")
    } else {
        &policy.display_name
    };
    format!("{name} ({state})")
}

/// True when a condition besides users, resources and client apps limits the policy.
pub(super) fn is_narrowed(policy: &Policy) -> bool {
    let conditions = &policy.conditions;
    conditions.platforms.is_some()
        || conditions.locations.is_some()
        || conditions.device_filter.is_some()
        || conditions.applications.filter.is_some()
        || !conditions.authentication_flows.is_empty()
        || asks_about_risk(policy)
        || !policy.unmodelled.is_empty()
}

/// True when the policy is for sign-ins, people or service principals at some risk only.
fn asks_about_risk(policy: &Policy) -> bool {
    let conditions = &policy.conditions;
    !conditions.sign_in_risk_levels.is_empty()
        || !conditions.user_risk_levels.is_empty()
        || !conditions.insider_risk_levels.is_empty()
        || !conditions.service_principal_risk_levels.is_empty()
}

/// True when a condition is sure to leave sign-ins out. One that names every platform or every
/// place and excludes none limits nothing.
pub(super) fn leaves_a_way_in(policy: &Policy) -> bool {
    let conditions = &policy.conditions;
    let all = |list: &[String]| list.iter().any(|it| it.eq_ignore_ascii_case("all"));
    let platforms =
        conditions.platforms.as_ref().is_some_and(|it| !all(&it.include) || !it.exclude.is_empty());
    let places =
        conditions.locations.as_ref().is_some_and(|it| !all(&it.include) || !it.exclude.is_empty());
    platforms
        || places
        || conditions.applications.filter.is_some()
        || conditions.device_filter.is_some()
        || !conditions.authentication_flows.is_empty()
        || asks_about_risk(policy)
}

/// True when the client apps condition reaches modern clients.
pub(super) fn covers_modern_clients(policy: &Policy) -> bool {
    policy.covers_client(&ClientAppType::Browser)
        && policy.covers_client(&ClientAppType::MobileAppsAndDesktopClients)
}

/// True when the client apps condition reaches legacy clients.
pub(super) fn covers_legacy_clients(policy: &Policy) -> bool {
    policy.covers_client(&ClientAppType::ExchangeActiveSync)
        && policy.covers_client(&ClientAppType::Other)
}

/// True when nothing but MFA passes: no other control may stand in for it.
pub(super) fn insists_on_mfa(policy: &Policy) -> bool {
    let Some(grant) = &policy.grant else { return false };
    let controls = grant.built_in.len()
        + grant.custom.len()
        + grant.terms_of_use.len()
        + usize::from(grant.authentication_strength.is_some());
    policy.asks_for_mfa() && (controls == 1 || grant.operator == Some(Operator::And))
}

/// True when the policy asks all users for MFA on all resources, without a gap by condition.
pub(super) fn asks_everyone_for_mfa(policy: &Policy) -> bool {
    policy.includes_all_users() && asks_always_for_mfa(policy)
}

/// True when the policy asks those it reaches for MFA on all resources, without a gap by condition.
pub(crate) fn asks_always_for_mfa(policy: &Policy) -> bool {
    policy.includes_all_resources()
        && policy.conditions.applications.exclude.is_empty()
        && covers_modern_clients(policy)
        && insists_on_mfa(policy)
        && !is_narrowed(policy)
}

/// True when the policy blocks legacy authentication for all users on all resources.
pub(super) fn blocks_legacy(policy: &Policy) -> bool {
    policy.includes_all_users()
        && policy.includes_all_resources()
        && covers_legacy_clients(policy)
        && !is_narrowed(policy)
        && (policy.grants("block") || insists_on_mfa(policy))
}

/// True when the policy asks for a managed device.
pub(super) fn asks_for_managed_device(policy: &Policy) -> bool {
    policy.grants("compliantDevice") || policy.grants("domainJoinedDevice")
}

/// True when the policy targets this application or user action by name.
pub(super) fn targets(policy: &Policy, resource: &str) -> bool {
    let applications = &policy.conditions.applications;
    applications
        .include
        .iter()
        .chain(&applications.user_actions)
        .any(|it| it.eq_ignore_ascii_case(resource))
}
