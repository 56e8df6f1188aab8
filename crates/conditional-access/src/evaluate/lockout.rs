//! The lockout proof: who can still administer the tenant under policies that are not in force yet.
//!
//! A break-glass account must get in everywhere: for every resource, modern client, platform,
//! place, device and risk. An administrator must get in to administer the tenant wherever they are
//! and whatever risk somebody finds: there must be one of their devices, or an unregistered one,
//! and a client with which they do. What nobody saw counts at its worst. A person gets in when all
//! that is asked of them is satisfied, or can be at once; having to register first is not enough.

mod question;
mod search;
mod witness;
mod words;

use super::PolicySet;
use super::bits::MOST;
use super::situations::{administration, every_target};
use crate::facts::{AssignmentState, Tenant};
use crate::policy::{Policy, State};
pub use question::{Administrator, LockoutQuestion, Person};
use search::Search;
pub use witness::{
    Bar, BreakGlassResult, CounterExample, LockoutProof, Mend, Role, Shortfall, Situation,
};

/// So many administrators must be able to sign in.
const ENOUGH: usize = 2;

/// Shows that at least two proven administrators and every break-glass account can sign in, or
/// finds for each person who cannot the least unusual situation in which they are barred.
pub fn prove(question: &LockoutQuestion<'_>) -> LockoutProof {
    let (policies, switching) = counted(question.policies);
    let mut proof = LockoutProof {
        policies_counted: policies.len(),
        switching_themselves_on: policies
            .iter()
            .zip(&switching)
            .filter(|(_, switches)| **switches)
            .map(|(policy, _)| name(policy))
            .collect(),
        by_authentication_context: policies
            .iter()
            .filter(|policy| !policy.conditions.applications.authentication_contexts.is_empty())
            .map(name)
            .collect(),
        ..LockoutProof::default()
    };
    if policies.len() > MOST {
        proof.shortfalls.push(Shortfall::TooManyPolicies { most: MOST });
        return proof;
    }
    let tenant = unsettled(question.tenant);
    let set = PolicySet::of(&policies, &super::situations::with_apps(&tenant));
    if is_contradiction(&policies, &tenant) {
        proof.shortfalls.push(Shortfall::SecurityDefaultsBesidePolicies);
    }
    let search = Search { set: &set, policies: &policies, tenant: &tenant, switching: &switching };
    let everything = search.universe(every_target(&policies));
    let to_administer = search.universe(administration());
    for person in question.break_glass {
        let (found, cells) = search.always_gets_in(person, &everything);
        proof.cells_checked = proof.cells_checked.saturating_add(cells);
        let is_seen = is_in(question.tenant, person);
        if !is_seen {
            proof.shortfalls.push(Shortfall::AccountNotSeen(person.clone()));
        }
        proof.break_glass.push(BreakGlassResult {
            person: person.clone(),
            excluded_from_all: is_seen && search.is_excluded_from_all(person),
            can_sign_in: is_seen && found.is_none(),
        });
        proof.counter_examples.extend(found);
    }
    for administrator in question.administrators {
        if is_break_glass(question, administrator) {
            continue;
        }
        let (found, cells) = search.can_get_in(administrator, &to_administer);
        proof.cells_checked = proof.cells_checked.saturating_add(cells);
        match found {
            Some(found) => proof.counter_examples.push(found),
            None if administrator.proven != Some(true)
                || !is_in(question.tenant, &administrator.person) =>
            {
                proof.unproven_administrators.push(administrator.person.clone());
            }
            None => proof.administrators_who_can_sign_in.push(administrator.person.clone()),
        }
    }
    if question.break_glass.is_empty() {
        proof.shortfalls.push(Shortfall::NoBreakGlass);
    }
    let able = proof.administrators_who_can_sign_in.len();
    if able < ENOUGH {
        proof.shortfalls.push(Shortfall::TooFewAdministrators { able, wanted: ENOUGH });
    }
    proof.holds = proof.shortfalls.is_empty() && proof.break_glass.iter().all(|it| it.can_sign_in);
    proof
}

/// Whether the tenant tells of the account.
fn is_in(tenant: &Tenant, person: &Person) -> bool {
    tenant.users.iter().any(|user| user.id.eq_ignore_ascii_case(&person.user_id))
}

fn is_break_glass(question: &LockoutQuestion<'_>, administrator: &Administrator) -> bool {
    let id = &administrator.person.user_id;
    question.break_glass.iter().any(|it| it.user_id.eq_ignore_ascii_case(id))
}

/// The policies that will be in force, and for each whether it switches itself on: a policy
/// that Microsoft manages does not stay report-only (Entra documentation, *Microsoft-managed
/// Conditional Access policies*: not before 45 days, with notice). Nobody can say that it does.
fn counted(policies: &[Policy]) -> (Vec<Policy>, Vec<bool>) {
    let mut all = Vec::new();
    let mut switching = Vec::new();
    for policy in policies {
        match policy.state {
            State::Enabled | State::Unknown => {
                all.push(policy.clone());
                switching.push(false);
            }
            State::EnabledForReportingButNotEnforced if policy.is_microsoft_managed() => {
                all.push(Policy { state: State::Enabled, ..policy.clone() });
                switching.push(true);
            }
            State::EnabledForReportingButNotEnforced | State::Disabled => {}
        }
    }
    (all, switching)
}

fn name(policy: &Policy) -> String {
    let id = || policy.id.clone().unwrap_or_default();
    Some(&policy.display_name).filter(|it| !it.is_empty()).cloned().unwrap_or_else(id)
}

/// The tenant, where an eligible role may be active or not: activating one changes which policies
/// reach the person.
fn unsettled(tenant: &Tenant) -> Tenant {
    let mut tenant = tenant.clone();
    for role in &mut tenant.roles {
        if role.state == Some(AssignmentState::Eligible) {
            role.state = None;
        }
    }
    tenant
}

/// Security defaults and an enabled policy exclude each other (Graph,
/// *identitySecurityDefaultsEnforcementPolicy*).
fn is_contradiction(policies: &[Policy], tenant: &Tenant) -> bool {
    tenant.security_defaults == Some(true)
        && policies.iter().any(|policy| policy.state == State::Enabled)
}

#[cfg(test)]
mod tests;
