//! Whether a policy asks every administrator for MFA (CA-16).

use std::collections::BTreeSet;

use conditional_access::Policy;

use super::answer::{Answer, Missing, Sweep, count};
use super::context::{Context, GROUPS, ROLES};
use super::policy_conditions::asks_everyone_for_mfa;
use super::policy_scope::PolicyScope;
use super::registration::role_holders;
use crate::exceptions::Kind;

pub(super) fn administrators_uncovered(context: &Context<'_>) -> Result<Answer, Missing> {
    let live = context.live_policies()?;
    let everyone: Vec<_> = live.iter().filter(|it| asks_everyone_for_mfa(it)).collect();
    if !everyone.is_empty() {
        return administrators_left_out(context, &everyone);
    }
    let included: BTreeSet<String> = live
        .iter()
        .filter(|policy| policy.asks_for_mfa())
        .flat_map(|policy| &policy.conditions.users.include_roles)
        .map(|role| role.to_lowercase())
        .collect();
    if included.is_empty() {
        return Ok(Answer::not_applicable("No MFA policy is made for roles."));
    }
    let mut sweep = Sweep::default();
    for role in context.roles()? {
        let who = role.principal_name.as_deref().or(role.principal_id.as_deref()).unwrap_or("(?)");
        let name = role.role_name.as_deref().unwrap_or(&role.role);
        let partial = role.scope.as_deref().is_some_and(|scope| scope != "/");
        if partial || !role.active {
            sweep.found(format!("{who}: {name}, over a part of the directory or only eligible"));
        } else if !included.contains(&role.role.to_lowercase()) {
            sweep.found(format!("{who}: {name}, not among the roles of the policy"));
        } else if role.scope.is_none() {
            sweep.unseen(format!("{who}: the scope of {name}"), ROLES);
        }
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} not reached by a policy for roles.",
                count(n, "assignment is", "assignments are")
            )
        },
        "Policies for roles reach every administrator.",
    ))
}

/// Holders of roles that every policy for all users leaves out; break-glass and synchronisation
/// accounts are meant to be.
fn administrators_left_out(
    context: &Context<'_>,
    policies: &[&&Policy],
) -> Result<Answer, Missing> {
    let facts = context.facts;
    let scopes: Vec<_> = policies.iter().map(|policy| PolicyScope::of(context, policy)).collect();
    let mut sweep = Sweep::default();
    for account in role_holders(context, &mut sweep)? {
        let kind = facts.user_position(&account).and_then(|it| context.kind_at(it));
        if facts.is_break_glass(&account) || kind == Some(Kind::Sync) {
            continue;
        }
        let guest = facts.user(&account).and_then(|user| facts.is_guest(user));
        let reached: Vec<_> = scopes.iter().map(|scope| scope.reaches(&account, guest)).collect();
        let covered = if reached.contains(&Some(true)) {
            Some(true)
        } else if reached.contains(&None) {
            None
        } else {
            Some(false)
        };
        sweep.judge(
            covered.map(|covered| !covered),
            match covered {
                Some(_) => format!("{}: excluded from every policy for all", account.label()),
                None => format!("{}: whether it is excluded was not told", account.label()),
            },
            GROUPS,
        );
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} out of MFA for all users.",
                count(n, "administrator is", "administrators are")
            )
        },
        "A policy for all users covers every administrator but break-glass.",
    ))
}
