//! EX: guests and partners.

use conditional_access::{ExternalTenants, Policy};

use super::Decide;
use super::answer::{Answer, Missing, Sweep, count};
use super::context::{CROSS_TENANT, Context, REGISTRATIONS, SIGN_INS, USERS};
use super::policy_conditions::named;
use crate::snapshot::UserType;

pub(super) const CHECKS: &[(&str, Decide)] = &[
    ("EX-01", guests_register_twice),
    ("EX-02", strength_for_guests),
    ("EX-03", shared_channels),
    ("EX-04", service_providers),
    ("EX-06", guests_registered_here),
];

const NO_GUESTS: &str = "The tenant has no guests.";

/// True when the policy reaches this kind of outsider: by type, or as part of all users.
fn reaches_outsiders(policy: &Policy, kind: &str) -> bool {
    let users = &policy.conditions.users;
    let has = |list: &[String], word: &str| list.iter().any(|it| it.eq_ignore_ascii_case(word));
    // An exclusion of guests of some tenants leaves the others in.
    let by_kind = users.exclude_guest_tenants == ExternalTenants::All
        && has(&users.exclude_guest_types, kind);
    let excluded = by_kind || has(&users.exclude_users, "GuestsOrExternalUsers");
    let included = policy.includes_all_users()
        || has(&users.include_users, "GuestsOrExternalUsers")
        || has(&users.include_guest_types, kind);
    included && !excluded
}

fn guests_register_twice(context: &Context<'_>) -> Result<Answer, Missing> {
    let trusted = context.facts.snapshot.inbound_mfa_trusted;
    if trusted == Some(true) {
        return Ok(Answer::ok("MFA of the home tenant is trusted."));
    }
    let guests = context.has_guests()?;
    match (guests, trusted) {
        (Some(false), _) => Ok(Answer::not_applicable(NO_GUESTS)),
        (None, _) => Err(Missing(USERS)),
        (Some(true), None) => Err(Missing(CROSS_TENANT)),
        (Some(true), Some(_)) => {
            let number = context
                .users()?
                .iter()
                .filter(|user| context.facts.is_guest(user) == Some(true))
                .count();
            Ok(Answer::found(
                format!("{} must register here again.", count(number, "guest", "guests")),
                vec!["inbound MFA trust is off by default".to_owned()],
            ))
        }
    }
}

fn strength_for_guests(context: &Context<'_>) -> Result<Answer, Missing> {
    let reached: Vec<String> = context
        .live_policies()?
        .iter()
        .filter(|policy| {
            policy.grant.as_ref().is_some_and(|it| it.authentication_strength.is_some())
                && ["b2bCollaborationGuest", "otherExternalUser"]
                    .iter()
                    .any(|kind| reaches_outsiders(policy, kind))
        })
        .map(|policy| named(policy))
        .collect();
    if reached.is_empty() {
        return Ok(Answer::ok("No live policy asks guests for an authentication strength."));
    }
    match context.has_guests()? {
        Some(false) => Ok(Answer::not_applicable(NO_GUESTS)),
        None => Err(Missing(USERS)),
        Some(true) => Ok(Answer::found(
            "An authentication strength reaches guests, some of whom cannot satisfy it.",
            reached,
        )),
    }
}

fn shared_channels(context: &Context<'_>) -> Result<Answer, Missing> {
    let trusted = context.facts.snapshot.inbound_mfa_trusted.ok_or(Missing(CROSS_TENANT))?;
    if trusted {
        return Ok(Answer::ok("MFA of the home tenant is trusted."));
    }
    let reached: Vec<String> = context
        .live_policies()?
        .iter()
        .filter(|it| it.asks_for_mfa() && reaches_outsiders(it, "b2bDirectConnectUser"))
        .map(|policy| named(policy))
        .collect();
    if reached.is_empty() {
        return Err(Missing("the direct connect settings of the cross-tenant access policy"));
    }
    Ok(Answer::found("Direct connect users are asked for MFA, and theirs is not trusted.", reached))
}

fn service_providers(context: &Context<'_>) -> Result<Answer, Missing> {
    let types = context
        .activity()?
        .cross_tenant_types
        .as_ref()
        .ok_or(Missing("sign-in logs with `crossTenantAccessType`"))?;
    let seen: u64 = types
        .iter()
        .filter(|(kind, _)| kind.eq_ignore_ascii_case("serviceProvider"))
        .map(|(_, times)| *times)
        .sum();
    let mut sweep = Sweep::default();
    if seen == 0 {
        let told: u64 = types.values().sum();
        let untold = context.measurement()?.totals.sign_ins.saturating_sub(told);
        if untold > 0 {
            sweep.unseen(
                format!("{untold} sign-ins do not tell their `crossTenantAccessType`"),
                "sign-in logs with `crossTenantAccessType`",
            );
        }
        if !context.logs_are_complete() {
            sweep.unseen("the logs do not cover the whole window", SIGN_INS);
        }
        return Ok(sweep.answer(|_| String::new(), "No service provider signed in."));
    }
    let reached: Vec<String> = context
        .live_policies()?
        .iter()
        .filter(|policy| reaches_outsiders(policy, "serviceProvider"))
        .map(|policy| named(policy))
        .collect();
    if reached.is_empty() {
        return Err(Missing("how the service provider gets in once all users are asked for MFA"));
    }
    Ok(Answer::found(
        format!("{seen} sign-ins of service providers, and policies reach them."),
        reached,
    ))
}

fn guests_registered_here(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = Sweep::default();
    for row in context.registrations()? {
        let guest = match (row.user_type, context.facts.user(&row.account)) {
            (Some(kind), _) => Some(kind == UserType::Guest),
            (None, Some(user)) => context.facts.is_guest(user),
            (None, None) => None,
        };
        let stuck = match (guest, row.mfa_registered) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        sweep.judge(stuck, format!("{}: registered here", row.account.label()), REGISTRATIONS);
    }
    if context.registrations()?.is_empty() {
        sweep.unseen("the registration report is empty", REGISTRATIONS);
    }
    Ok(sweep.answer(
        |n| format!("{} a method in this tenant.", count(n, "guest holds", "guests hold")),
        "No guest depends on a method registered here.",
    ))
}
