//! What each day of waiting costs: people unprotected × days.

use std::collections::BTreeSet;

use conditional_access::{Policy, State};

use super::CostOfWaiting;
use super::calendar::days_between;
use super::situation::Situation;
use super::timeline::Day;
use crate::account::Account;
use crate::exceptions::Kind;
use crate::facts::is_listed;
use crate::preflight::Stage;
use crate::snapshot::User;

/// The cost of waiting from the start to enforcement.
pub(super) fn cost_of_waiting(situation: &Situation<'_>) -> CostOfWaiting {
    let enforce = situation.timeline.date_in(Stage::Enforce, Day::Nth(1));
    let days = u64::try_from(days_between(situation.timeline.start, enforce)).unwrap_or(0);
    let (unprotected, how) = unprotected(situation);
    let sentence = match unprotected {
        Some(0) => format!("Waiting leaves nobody without MFA: {how}."),
        Some(people) => format!(
            "{people} unprotected people × {days} days until enforcement are {} \
             person-days, and each further week adds {}; {how}.",
            people.saturating_mul(days),
            people.saturating_mul(7)
        ),
        None => format!("What a day of waiting costs cannot be said: {how}."),
    };
    CostOfWaiting {
        unprotected,
        days,
        person_days: unprotected.map(|people| people.saturating_mul(days)),
        sentence,
    }
}

/// People no policy asks for MFA at every sign-in today, and how that was counted.
fn unprotected(situation: &Situation<'_>) -> (Option<u64>, String) {
    let Some(people) = situation.people() else {
        return (None, "how many people are in scope is not known".to_owned());
    };
    // A policy that is On proves security defaults off: the two exclude each other.
    match (situation.security_defaults, situation.policies) {
        (Some(true), _) => under_security_defaults(situation, people),
        (None, policies)
            if !policies.unwrap_or_default().iter().any(|it| it.state == State::Enabled) =>
        {
            (None, "no file told whether security defaults are on".to_owned())
        }
        (_, None) => (None, "no file told which Conditional Access policies exist".to_owned()),
        (_, Some(policies)) => under_policies(situation, people, policies),
    }
}

/// Security defaults ask administrators always, everybody else only when a sign-in looks risky
/// (Microsoft Entra documentation, *Security defaults*).
fn under_security_defaults(situation: &Situation<'_>, people: u64) -> (Option<u64>, String) {
    let administrators = situation.input.registration.administrators.map(|it| it.of);
    let missing = situation.to_register();
    let apart = match administrators {
        Some(count) => format!("{people} people in scope less {count} administrators"),
        None => {
            format!(
                "{people} people in scope, administrators not taken off because no file names them"
            )
        }
    };
    let none = match missing {
        Some(missing) => format!("; {missing} people in scope cannot pass MFA at all today"),
        None => String::new(),
    };
    (
        Some(people.saturating_sub(administrators.unwrap_or(0))),
        format!(
            "counted are {apart}, since security defaults ask people for MFA only when a sign-in \
             looks risky{none}"
        ),
    )
}

fn under_policies(
    situation: &Situation<'_>,
    people: u64,
    policies: &[Policy],
) -> (Option<u64>, String) {
    let asking: Vec<Asking<'_>> = policies
        .iter()
        .filter(|policy| asks_always(policy))
        .map(|policy| Asking::new(situation, policy))
        .collect();
    let per_user: BTreeSet<String> = situation.per_user_mfa().into_iter().collect();
    if asking.is_empty() && per_user.is_empty() {
        let how = "counted are all people in scope, since security defaults are off and no policy \
                   that is On asks for MFA on all resources; per-user MFA is counted where a file \
                   shows it"
            .to_owned();
        return (Some(people), how);
    }
    let mut covered = 0_u64;
    for user in situation.input.facts.snapshot.users.iter().flatten().enumerate() {
        if !in_scope(situation, user) {
            continue;
        }
        let (_, user) = user;
        let by_policy = asking
            .iter()
            .map(|policy| policy.covers(situation, &user.account))
            .reduce(either)
            .unwrap_or(Some(false));
        match (per_user.contains(user.account.label()), by_policy) {
            (true, _) | (_, Some(true)) => covered += 1,
            (_, Some(false)) => {}
            (_, None) => {
                let how = "no file told every group or role that a policy includes or excludes"
                    .to_owned();
                return (None, how);
            }
        }
    }
    let how = format!(
        "counted are {people} people in scope less {covered} whom a policy that is On, or \
         per-user MFA, asks on all resources"
    );
    (Some(people.saturating_sub(covered)), how)
}

/// An enabled policy that asks for MFA on all resources, whatever the circumstances.
fn asks_always(policy: &Policy) -> bool {
    let conditions = &policy.conditions;
    policy.state == State::Enabled
        && policy.asks_for_mfa()
        && policy.includes_all_resources()
        && conditions.applications.exclude.is_empty()
        && conditions.applications.filter.is_none()
        && conditions
            .client_app_types
            .iter()
            .all(|kind| *kind == conditional_access::ClientAppType::All)
        && conditions.platforms.is_none()
        && conditions.locations.is_none()
        && conditions.device_filter.is_none()
        && conditions.sign_in_risk_levels.is_empty()
        && conditions.user_risk_levels.is_empty()
        && conditions.insider_risk_levels.is_empty()
        && conditions.service_principal_risk_levels.is_empty()
        && conditions.authentication_flows.is_empty()
        && !conditions.workload_identities
        && policy.unmodelled.is_empty()
        && policy.grant.as_ref().is_some_and(|grant| {
            grant.operator == Some(conditional_access::Operator::And)
                || grant.built_in.len()
                    + grant.custom.len()
                    + grant.terms_of_use.len()
                    + usize::from(grant.authentication_strength.is_some())
                    == 1
        })
}

/// A person in scope, as the registration report counts them: enabled member, a person, seen of
/// late or confirmed as active.
fn in_scope(situation: &Situation<'_>, (position, user): (usize, &User)) -> bool {
    let facts = situation.input.facts;
    let kind = situation.input.classification.users.get(position).map(|(kind, _)| *kind);
    let person = matches!(
        kind,
        Some(Kind::Person | Kind::Administrator | Kind::Executive | Kind::NoSmartphone)
    );
    person
        && user.account_enabled == Some(true)
        && facts.is_guest(user) != Some(true)
        && (facts.seen_within(&user.account, situation.rollout.thresholds.active_days)
            || is_listed(&situation.rollout.people.confirmed_active, &user.account))
}

const fn either(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// A policy that asks for MFA, with its groups resolved once.
struct Asking<'a> {
    policy: &'a Policy,
    included: Vec<Option<Members>>,
    excluded: Vec<Option<Members>>,
}

/// Names and ids of a group's users, lower case, and whether that is all of them.
struct Members {
    names: BTreeSet<String>,
    complete: bool,
}

impl<'a> Asking<'a> {
    fn new(situation: &Situation<'_>, policy: &'a Policy) -> Self {
        let facts = situation.input.facts;
        let resolved = |ids: &[String]| {
            ids.iter()
                .map(|id| {
                    let (members, complete) = facts.members_of(facts.group(id)?);
                    let names = members.iter().flat_map(lower_names).collect();
                    Some(Members { names, complete })
                })
                .collect()
        };
        let users = &policy.conditions.users;
        Self {
            policy,
            included: resolved(&users.include_groups),
            excluded: resolved(&users.exclude_groups),
        }
    }

    /// Whether the policy applies to an account; `None`: a group or role of it is in no file.
    fn covers(&self, situation: &Situation<'_>, account: &Account) -> Option<bool> {
        let users = &self.policy.conditions.users;
        let all = self.policy.includes_all_users();
        let included = either(
            either(
                Some(all || is_listed(&users.include_users, account)),
                in_groups(&self.included, account),
            ),
            in_roles(situation, &users.include_roles, account),
        );
        let excluded = either(
            either(
                Some(is_listed(&users.exclude_users, account)),
                in_groups(&self.excluded, account),
            ),
            in_roles(situation, &users.exclude_roles, account),
        );
        match (included, excluded) {
            (Some(false), _) | (_, Some(true)) => Some(false),
            (Some(true), Some(false)) => Some(true),
            _ => None,
        }
    }
}

fn lower_names(account: &Account) -> impl Iterator<Item = String> + use<> {
    [account.user_id.as_deref(), account.user_principal_name.as_deref()]
        .map(|name| name.map(str::to_lowercase))
        .into_iter()
        .flatten()
}

fn in_groups(groups: &[Option<Members>], account: &Account) -> Option<bool> {
    groups
        .iter()
        .map(|members| {
            let members = members.as_ref()?;
            match lower_names(account).any(|name| members.names.contains(&name)) {
                true => Some(true),
                false if members.complete => Some(false),
                false => None,
            }
        })
        .fold(Some(false), either)
}

fn in_roles(situation: &Situation<'_>, roles: &[String], account: &Account) -> Option<bool> {
    if roles.is_empty() {
        return Some(false);
    }
    let facts = situation.input.facts;
    facts.snapshot.roles.as_ref()?;
    Some(
        facts
            .roles_of(account)
            .iter()
            .any(|held| held.active && roles.iter().any(|it| it.eq_ignore_ascii_case(&held.role))),
    )
}
