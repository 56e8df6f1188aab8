//! TN: the tenant, its licences, and where it starts from.

use conditional_access::{MOST_POLICIES_OF_A_TENANT, Policy, State};
use jiff::{SignedDuration, Timestamp};

use super::Decide;
use super::answer::{Answer, Missing, Sweep, count};
use super::context::{
    Context, METHODS_POLICY, PER_USER_MFA, POLICIES, REGISTRATIONS, SIGN_INS, SKUS,
};
use super::policy_conditions::{
    AZURE_DEVOPS, AZURE_MANAGEMENT, asks_everyone_for_mfa, blocks_legacy, insists_on_mfa,
    is_narrowed, named, targets,
};
use super::registration::is_stranded;
use crate::exceptions::Kind;
use crate::snapshot::{GLOBAL_ADMINISTRATOR, PerUserMfa, Sku};

pub(super) const CHECKS: &[(&str, Decide)] = &[
    ("TN-01", security_defaults_are_on),
    ("TN-02", no_parity),
    ("TN-04", licences),
    ("TN-05", logs_are_short),
    ("TN-06", managed_policy_comes_on),
    ("TN-07", per_user_mfa),
    ("TN-08", registered_and_not_allowed),
    ("TN-09", policy_limit),
    ("TN-10", modern_authentication),
    ("TN-11", challenges_skipped),
    ("TN-12", nothing_to_go_back_to),
    ("TN-13", devops_left_out),
];

/// Service plan ids of Microsoft Entra ID P1 and P2 (Microsoft Entra, *Product names and service
/// plan identifiers for licensing*).
const PREMIUM_PLANS: [&str; 2] =
    ["41781fb2-bc02-4b7c-bd55-b576c07bb09d", "eec0eb4f-6444-4f95-aba0-50c24d67f998"];

/// Part numbers of common licences that hold P1 or P2, for exports without service plans (same
/// source).
const PREMIUM_PARTS: [&str; 10] = [
    "AAD_PREMIUM",
    "AAD_PREMIUM_P2",
    "EMS",
    "EMSPREMIUM",
    "SPE_E3",
    "SPE_E5",
    "SPE_F1",
    "SPB",
    "M365_F1",
    "IDENTITY_THREAT_PROTECTION",
];

/// Policies a rollout adds at most.
const POLICIES_TO_ADD: usize = 6;

/// Days after which Microsoft may switch a managed policy on (Microsoft Entra, *Microsoft-managed
/// Conditional Access policies*).
const MANAGED_POLICY_DAYS: i64 = 45;

fn security_defaults_are_on(context: &Context<'_>) -> Result<Answer, Missing> {
    Ok(if context.security_defaults()? {
        Answer::found(
            "Security defaults are on: no policy can be enabled until they are turned off.",
            vec!["identitySecurityDefaultsEnforcementPolicy.isEnabled is true".to_owned()],
        )
    } else {
        Answer::ok("Security defaults are off.")
    })
}

fn no_parity(context: &Context<'_>) -> Result<Answer, Missing> {
    if context.security_defaults()? {
        return Ok(Answer::not_applicable("Security defaults protect the tenant today."));
    }
    let on: Vec<_> = context
        .live_policies()?
        .into_iter()
        .filter(|policy| policy.state == State::Enabled)
        .collect();
    let everyone = on.iter().any(|policy| asks_everyone_for_mfa(policy));
    let administrators = everyone
        || on.iter().any(|policy| {
            insists_on_mfa(policy)
                && policy.includes_all_resources()
                && !is_narrowed(policy)
                && policy
                    .conditions
                    .users
                    .include_roles
                    .iter()
                    .any(|role| role.eq_ignore_ascii_case(GLOBAL_ADMINISTRATOR))
        });
    let azure = everyone
        || on.iter().any(|policy| {
            insists_on_mfa(policy)
                && policy.includes_all_users()
                && !is_narrowed(policy)
                && (targets(policy, AZURE_MANAGEMENT) || targets(policy, "MicrosoftAdminPortals"))
        });
    let mut sweep = Sweep::default();
    for (there, what) in [
        (on.iter().any(|policy| blocks_legacy(policy)), "a block of legacy authentication"),
        (administrators, "MFA for administrators"),
        (azure, "MFA for Azure management"),
        (everyone, "MFA for all users"),
    ] {
        sweep.judge(Some(!there), format!("missing: {what}"), POLICIES);
    }
    Ok(sweep.answer(
        |n| format!("Security defaults are off and {} of 4 protections have no enabled policy.", n),
        "Security defaults are off, and enabled policies do what they did.",
    ))
}

/// True when the licence holds P1 or P2; `None` when its plans were not told.
fn is_premium(sku: &Sku) -> Option<bool> {
    let by_plan = sku.plans.iter().any(|(id, name)| {
        PREMIUM_PLANS.contains(&id.as_str()) || name.to_uppercase().starts_with("AAD_PREMIUM")
    });
    let by_part =
        sku.part_number.as_ref().map(|part| PREMIUM_PARTS.contains(&part.to_uppercase().as_str()));
    if by_plan || by_part == Some(true) {
        return Some(true);
    }
    if sku.plans.is_empty() { None } else { Some(false) }
}

fn licences(context: &Context<'_>) -> Result<Answer, Missing> {
    let skus = context.skus()?;
    let mut units: u64 = 0;
    let mut sweep = Sweep::default();
    for sku in skus.iter().filter(|sku| sku.usable != Some(false)) {
        let part = sku.part_number.as_deref().unwrap_or("(no part number)");
        match (is_premium(sku), sku.enabled_units, sku.usable) {
            (Some(false), _, _) => {}
            (Some(true), Some(enabled), Some(_)) => units = units.saturating_add(enabled),
            _ => sweep.unseen(format!("{part}: its plans, state or units were not told"), SKUS),
        }
    }
    let people = context.classified().map(|users| {
        users
            .filter(|(user, kind)| may_be_a_person(*kind) && user.account_enabled != Some(false))
            .count()
    });
    let needed = people.unwrap_or(0);
    let text = format!("{units} licences with Microsoft Entra ID P1 for {needed} people in scope.");
    let short = units == 0 || u64::try_from(needed).unwrap_or(u64::MAX) > units;
    if !short && people.is_ok() {
        return Ok(Answer::ok(text));
    }
    Ok(sweep.answer_or(
        |_| text.clone(),
        || {
            if short {
                let parts = skus.iter().filter_map(|sku| sku.part_number.clone()).collect();
                Answer::found(text.clone(), parts)
            } else {
                Answer::from(Missing(super::context::USERS))
            }
        },
    ))
}

const fn may_be_a_person(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Person
            | Kind::Executive
            | Kind::Administrator
            | Kind::NoSmartphone
            | Kind::OnLeave
            | Kind::SharedLogin
            | Kind::Unclassified
    )
}

fn logs_are_short(context: &Context<'_>) -> Result<Answer, Missing> {
    let measurement = context.measurement()?;
    let window = &measurement.window;
    if window.days_asked == 0 {
        return Err(Missing(SIGN_INS));
    }
    let text = format!("{} of {} days have sign-ins.", window.days_covered, window.days_asked);
    if window.days_covered < window.days_asked {
        let first = window.from.map(|from| format!("the window begins {from}"));
        return Ok(Answer::found(text, first.into_iter().collect()));
    }
    let mut sweep = Sweep::default();
    for (kind, there) in [
        ("interactive", measurement.coverage.interactive),
        ("non-interactive", measurement.coverage.non_interactive),
    ] {
        sweep.judge(
            there.map(|there| !there),
            format!("{kind} sign-ins are not shown to be in the files"),
            SIGN_INS,
        );
    }
    Ok(sweep.answer(|_| format!("{text} One kind of sign-in is missing."), text.clone()))
}

/// True for a policy that Microsoft made and may still switch on.
fn waits_for_microsoft(policy: &Policy) -> bool {
    policy.state != State::Enabled && policy.is_microsoft_managed()
}

/// From when on Microsoft may switch on a policy it made. `None`: it does not wait for that, or when
/// it was made was not told.
pub(super) fn may_come_on(policy: &Policy) -> Option<Timestamp> {
    let created = policy.created.filter(|_| waits_for_microsoft(policy))?;
    Some(later(created, MANAGED_POLICY_DAYS))
}

fn managed_policy_comes_on(context: &Context<'_>) -> Result<Answer, Missing> {
    let steps = &context.facts.rollout.steps;
    let days = [
        steps.prepare_days,
        steps.register_days,
        steps.pilot_days,
        steps.enforce_days,
        steps.validate_days,
    ];
    let length: i64 = days.into_iter().map(i64::from).sum();
    let calendar = &context.facts.rollout.calendar;
    let start = calendar
        .start
        .and_then(|start| start.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map_or(context.facts.now, |start| start.timestamp());
    let end = later(start, length);
    let mut sweep = Sweep::default();
    for policy in context.live_policies()? {
        if !waits_for_microsoft(policy) {
            continue;
        }
        let date = may_come_on(policy);
        sweep.judge(
            date.map(|date| date <= end),
            match date {
                Some(date) => format!("{}: may be switched on from {date}", named(policy)),
                None => format!("{}: when it was made was not told", named(policy)),
            },
            POLICIES,
        );
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} before the plan ends.",
                count(
                    n,
                    "Microsoft-managed policy may come on",
                    "Microsoft-managed policies may come on"
                )
            )
        },
        "No Microsoft-managed policy is due to come on before the plan ends.",
    ))
}

fn later(from: Timestamp, days: i64) -> Timestamp {
    from.saturating_add(SignedDuration::from_hours(days.saturating_mul(24)))
        .unwrap_or(Timestamp::MAX)
}

fn per_user_mfa(context: &Context<'_>) -> Result<Answer, Missing> {
    let asked_by_user = context
        .facts
        .measured_activity()
        .and_then(|activity| activity.requirement_providers.get("user"))
        .copied()
        .unwrap_or(0);
    let mut sweep = Sweep::default();
    let states_told =
        context.users().is_ok_and(|users| users.iter().all(|user| user.per_user_mfa.is_some()));
    // The log tells the past; where every state is told, the states decide.
    if asked_by_user > 0 && !states_told {
        sweep.found(format!("{asked_by_user} sign-ins were asked for MFA by the per-user setting"));
    }
    match context.users() {
        Ok(users) => {
            for user in users {
                let label = user.account.label();
                match user.per_user_mfa {
                    Some(PerUserMfa::Enabled | PerUserMfa::Enforced) => {
                        sweep.found(format!("{label}: per-user MFA is on"));
                    }
                    Some(PerUserMfa::Disabled) => {}
                    None => {
                        sweep.unseen(format!("{label}: per-user MFA state not told"), PER_USER_MFA)
                    }
                }
            }
        }
        Err(_) => sweep.unseen("the per-user MFA state of the users", PER_USER_MFA),
    }
    Ok(sweep.answer(
        |n| format!("Per-user MFA is in use: {}.", count(n, "row shows it", "rows show it")),
        "Per-user MFA is off for every user.",
    ))
}

fn registered_and_not_allowed(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = Sweep::default();
    let mut migrated = None;
    match context.methods_policy() {
        Ok(policy) => {
            migrated = policy.migration_complete;
            sweep.judge(
                policy.migration_complete.map(|complete| !complete),
                "`policyMigrationState` is not `migrationComplete`",
                METHODS_POLICY,
            );
        }
        Err(_) => sweep.unseen("the authentication-methods policy", METHODS_POLICY),
    }
    match context.registrations() {
        Ok(rows) => {
            for row in rows {
                let methods = row.methods.as_deref().unwrap_or_default().join(", ");
                let methods = if methods.is_empty() { "methods not told" } else { &methods };
                sweep.judge(
                    is_stranded(row),
                    format!("{}: registered ({methods}), may not use it", row.account.label()),
                    REGISTRATIONS,
                );
            }
        }
        Err(_) => sweep.unseen("the registration report", REGISTRATIONS),
    }
    Ok(sweep.answer(
        |n| {
            let people = |n| count(n, "account has", "accounts have");
            let lost = "registered methods the policy does not let them use";
            match (migrated, n) {
                (Some(false), 1) => {
                    "The migration to the authentication-methods policy is not complete.".to_owned()
                }
                (Some(false), n) => format!(
                    "The migration to the authentication-methods policy is not complete, and {} {lost}.",
                    people(n - 1)
                ),
                (_, n) => format!("{} {lost}.", people(n)),
            }
        },
        "The migration is complete, and everyone may use what they registered.",
    ))
}

fn policy_limit(context: &Context<'_>) -> Result<Answer, Missing> {
    let policies = context.all_policies()?.len();
    let text = format!(
        "{} of the {MOST_POLICIES_OF_A_TENANT} a tenant may hold.",
        count(policies, "policy", "policies")
    );
    Ok(if policies + POLICIES_TO_ADD > MOST_POLICIES_OF_A_TENANT {
        Answer::found(text, vec![format!("the rollout adds up to {POLICIES_TO_ADD}")])
    } else {
        Answer::ok(text)
    })
}

fn modern_authentication(context: &Context<'_>) -> Result<Answer, Missing> {
    match context.facts.snapshot.exchange.modern_auth_enabled {
        Some(true) => Ok(Answer::ok("Modern authentication is on in Exchange Online.")),
        Some(false) => {
            Ok(Answer::found("Modern authentication is off in Exchange Online.", Vec::new()))
        }
        None => Err(Missing("`OAuth2ClientProfileEnabled` of `Get-OrganizationConfig`")),
    }
}

/// What tells whether a challenge was skipped.
const SIGN_IN_STEPS: &str =
    "sign-in logs with `authenticationDetails` (Graph beta or Log Analytics)";

fn challenges_skipped(context: &Context<'_>) -> Result<Answer, Missing> {
    let skipped = context.activity()?.skipped_challenges.as_ref().ok_or(Missing(SIGN_IN_STEPS))?;
    let mut sweep = Sweep::default();
    for (reason, times) in
        skipped.iter().filter(|(reason, times)| **times > 0 && !reason.is_empty())
    {
        sweep.found(format!("{reason}: {times} times"));
    }
    if let Some(untold) = skipped.get("").filter(|times| **times > 0) {
        sweep.unseen(format!("{untold} successes tell nothing about their steps"), SIGN_IN_STEPS);
    }
    if !context.logs_are_complete() {
        sweep.unseen("the logs do not cover the whole window", SIGN_INS);
    }
    Ok(sweep.answer(
        |n| format!("MFA was skipped for {}.", count(n, "reason", "reasons")),
        "No sign-in skipped its challenge.",
    ))
}

fn nothing_to_go_back_to(context: &Context<'_>) -> Result<Answer, Missing> {
    let snapshot = context.facts.snapshot;
    context.all_policies()?;
    context.security_defaults()?;
    context.methods_policy()?;
    snapshot.named_locations.as_ref().ok_or(Missing(super::context::LOCATIONS))?;
    Ok(Answer::ok("Everything the rollout changes is in the snapshot."))
}

fn devops_left_out(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = Sweep::default();
    for policy in context.live_policies()? {
        sweep.judge(
            Some(
                targets(policy, AZURE_MANAGEMENT)
                    && !targets(policy, AZURE_DEVOPS)
                    && !policy.includes_all_resources(),
            ),
            format!("{}: Azure management without Azure DevOps", named(policy)),
            POLICIES,
        );
        if policy.conditions.applications.filter.is_some() {
            sweep.unseen(format!("{}: its filter for applications", named(policy)), POLICIES);
        }
    }
    Ok(sweep.answer(
        |n| format!("{} Azure DevOps.", count(n, "policy leaves out", "policies leave out")),
        "No policy for Azure management leaves Azure DevOps out.",
    ))
}
