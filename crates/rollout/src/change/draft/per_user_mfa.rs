//! Per-user MFA goes last, and only for people whom a policy covers.

use conditional_access::{Assignment, ClientAppType, Operator, Policy, PolicySet, State};

use super::{
    CannotDraft, Draft, Edit, Named, Purpose, Stage, break_glass_objects, plain, unless_empty,
};
use crate::account::Account;
use crate::change::observe::Object;
use crate::facts::Facts;
use crate::snapshot::PerUserMfa;
use crate::tenant_facts;

/// The retirement of per-user MFA.
#[derive(Debug, Clone, PartialEq)]
pub struct Retirement {
    /// For those whom a policy covers.
    pub draft: Draft,
    /// Those who keep it: no policy is known to ask them for MFA at every sign-in.
    pub not_covered: Vec<Account>,
}

/// Turns per-user MFA off for everybody whom a policy that is On asks for MFA at every sign-in.
///
/// # Errors
/// When no file tells the policies, or there is nobody to turn it off for.
pub fn retire_per_user_mfa(facts: &Facts<'_>) -> Result<Retirement, CannotDraft> {
    let policies = facts.snapshot.policies.as_ref().ok_or(CannotDraft::PoliciesNotSeen)?;
    let always: Vec<Policy> = policies.iter().filter(|it| asks_always(it)).cloned().collect();
    let mut tenant = tenant_facts::tenant(facts);
    tenant.changed_memberships = tenant_facts::changed_memberships(facts);
    let set = PolicySet::of(&always, &tenant);
    let mut assignments = set.assignments();
    let (mut edits, mut not_covered) = (Vec::new(), Vec::new());
    for user in facts.snapshot.users.iter().flatten() {
        if !matches!(user.per_user_mfa, Some(PerUserMfa::Enabled | PerUserMfa::Enforced)) {
            continue;
        }
        let class = assignments.class_of(tenant_facts::user_id(facts, &user.account).as_deref());
        let is_covered = assignments.of_class(class).contains(&Assignment::Reached);
        match Named::of(&user.account).filter(|_| is_covered) {
            None => not_covered.push(user.account.clone()),
            Some(user_named) => edits.push((
                Edit::PerUserMfa {
                    user: user_named,
                    before: user.per_user_mfa,
                    after: PerUserMfa::Disabled,
                },
                "A policy asks for MFA at every sign-in now; two systems that ask contradict each \
                 other."
                    .to_owned(),
            )),
        }
    }
    let mut draft = plain(Purpose::PerUserMfa, "Retire per-user MFA", Stage::Validate, edits);
    draft.rests_on = break_glass_objects(facts);
    draft.rests_on.extend(always.iter().filter_map(|it| it.id.clone()).map(Object::Policy));
    Ok(Retirement { draft: unless_empty(draft)?, not_covered })
}

/// Whether a policy that is On asks for MFA at every sign-in of those it is for.
fn asks_always(policy: &Policy) -> bool {
    let conditions = &policy.conditions;
    let apps = &conditions.applications;
    let has_no_conditions = conditions.platforms.is_none()
        && conditions.locations.is_none()
        && conditions.device_filter.is_none()
        && conditions.sign_in_risk_levels.is_empty()
        && conditions.user_risk_levels.is_empty()
        && conditions.insider_risk_levels.is_empty()
        && conditions.authentication_flows.is_empty()
        && !conditions.workload_identities
        && policy.unmodelled.is_empty();
    let is_for_everything = policy.includes_all_resources()
        && apps.exclude.is_empty()
        && apps.filter.is_none()
        && policy.covers_client(&ClientAppType::All);
    // With OR beside another control, that one may do.
    let needs_mfa = policy.grant.as_ref().is_some_and(|grant| {
        let others = grant.built_in.len() + grant.custom.len() + grant.terms_of_use.len();
        let alone = others + usize::from(grant.authentication_strength.is_some()) == 1;
        policy.asks_for_mfa() && (alone || grant.operator == Some(Operator::And))
    });
    policy.state == State::Enabled && has_no_conditions && is_for_everything && needs_mfa
}
