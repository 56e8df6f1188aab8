//! What a policy says, in words.

use conditional_access::{
    ClientAppType, ExternalTenants, Filter, Operator, Policy, SignInFrequency,
};
use serde::Serialize;

use super::policy_first_party::{built_in_strength, first_party};
use super::policy_roles::built_in_role;
use crate::facts::Facts;

/// What a policy says, in words, with names where the files tell them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyWords {
    /// True when it is for workload identities and for no user.
    pub for_workload_identities: bool,
    /// Whom it includes.
    pub who: Vec<String>,
    /// Whom it excludes.
    pub except: Vec<String>,
    /// Which resources, user actions or authentication contexts.
    pub resources: Vec<String>,
    /// Which resources it excludes.
    pub except_resources: Vec<String>,
    /// The other conditions, each with its values; empty: at all times and places.
    pub conditions: Vec<String>,
    /// What it demands.
    pub demands: String,
    /// Session controls.
    pub session: Vec<String>,
}

pub(super) fn words(facts: &Facts<'_>, policy: &Policy) -> PolicyWords {
    let users = &policy.conditions.users;
    let apps = &policy.conditions.applications;
    let workload = policy.conditions.client_applications.as_ref();
    let mut who = people(
        facts,
        [&users.include_users, &users.include_groups, &users.include_roles],
        (&users.include_guest_types, &users.include_guest_tenants),
    );
    let mut except = people(
        facts,
        [&users.exclude_users, &users.exclude_groups, &users.exclude_roles],
        (&users.exclude_guest_types, &users.exclude_guest_tenants),
    );
    who.extend(
        workload.iter().flat_map(|it| &it.include).map(|it| format!("service principal {it}")),
    );
    except.extend(
        workload.iter().flat_map(|it| &it.exclude).map(|it| format!("service principal {it}")),
    );
    let mut resources: Vec<String> = apps.include.iter().map(|it| resource(facts, it)).collect();
    resources.extend(apps.user_actions.iter().map(|it| action(it)));
    resources.extend(apps.authentication_contexts.iter().map(|it| format!("context {it}")));
    resources.extend(apps.filter.iter().map(filter));
    PolicyWords {
        for_workload_identities: policy.conditions.workload_identities,
        who,
        except,
        resources,
        except_resources: apps.exclude.iter().map(|it| resource(facts, it)).collect(),
        conditions: conditions(facts, policy),
        demands: demands(facts, policy),
        session: session(policy),
    }
}

/// Users, groups, roles and kinds of guests, in this order.
fn people(
    facts: &Facts<'_>,
    [users, groups, roles]: [&Vec<String>; 3],
    (guests, tenants): (&Vec<String>, &ExternalTenants),
) -> Vec<String> {
    let user = |id: &String| match id.to_lowercase().as_str() {
        "all" => "all users".to_owned(),
        "none" => "nobody".to_owned(),
        "guestsorexternalusers" => "all guests".to_owned(),
        _ => facts.user_named(id).map_or_else(|| id.clone(), |it| it.account.label().to_owned()),
    };
    let tenants = match tenants {
        ExternalTenants::All => String::new(),
        ExternalTenants::Enumerated(tenants) => format!(" of tenants {}", tenants.join(", ")),
        ExternalTenants::Unreadable => " of tenants that could not be read".to_owned(),
    };
    let mut all: Vec<String> = users.iter().map(user).collect();
    all.extend(groups.iter().map(|id| format!("group {}", group_name(facts, id))));
    all.extend(roles.iter().map(|id| format!("role {}", role_name(facts, id))));
    all.extend(guests.iter().map(|kind| format!("guests of kind {kind}{tenants}")));
    all
}

/// The name of a group, else its id.
pub(crate) fn group_name<'a>(facts: &Facts<'a>, id: &'a str) -> &'a str {
    facts.group(id).and_then(|group| group.display_name.as_deref()).unwrap_or(id)
}

/// The name of a role, else its id.
pub(crate) fn role_name<'a>(facts: &Facts<'a>, id: &'a str) -> &'a str {
    let mut known = facts.snapshot.roles.iter().flatten();
    let known = known.find(|it| it.role.eq_ignore_ascii_case(id));
    known.and_then(|it| it.role_name.as_deref()).or_else(|| built_in_role(id)).unwrap_or(id)
}

fn resource(facts: &Facts<'_>, id: &str) -> String {
    let in_log = || facts.measured_activity()?.by_app.get(&id.to_lowercase())?.name.as_deref();
    match id.to_lowercase().as_str() {
        "all" => "all resources".to_owned(),
        "none" => "no resource".to_owned(),
        "office365" => "Office 365".to_owned(),
        "microsoftadminportals" => "Microsoft Admin Portals".to_owned(),
        _ => first_party(id).or_else(in_log).unwrap_or(id).to_owned(),
    }
}

fn action(action: &str) -> String {
    match action.to_lowercase().as_str() {
        "urn:user:registersecurityinfo" => "registering security information".to_owned(),
        "urn:user:registerdevice" => "registering or joining devices".to_owned(),
        _ => action.to_owned(),
    }
}

fn filter(filter: &Filter) -> String {
    match filter.include {
        Some(true) => format!("those where {}", filter.rule),
        Some(false) => format!("those except where {}", filter.rule),
        None => format!("those by a filter of unknown mode, {}", filter.rule),
    }
}

fn conditions(facts: &Facts<'_>, policy: &Policy) -> Vec<String> {
    let of = &policy.conditions;
    let mut all = Vec::new();
    let clients = &of.client_app_types;
    if !clients.is_empty() && !clients.contains(&ClientAppType::All) {
        let names: Vec<&str> = clients.iter().map(client).collect();
        all.push(format!("client apps: {}", names.join(", ")));
    }
    let sides = |include: &[String], exclude: &[String]| {
        let but = if exclude.is_empty() {
            String::new()
        } else {
            format!(" except {}", exclude.join(", "))
        };
        format!("{}{but}", include.join(", "))
    };
    if let Some(it) = &of.platforms {
        all.push(format!("platforms: {}", sides(&it.include, &it.exclude)));
    }
    if let Some(it) = &of.locations {
        let named = |ids: &[String]| ids.iter().map(|id| location(facts, id)).collect::<Vec<_>>();
        all.push(format!("locations: {}", sides(&named(&it.include), &named(&it.exclude))));
    }
    all.extend(of.device_filter.iter().map(|it| format!("devices: {}", filter(it))));
    for (name, levels) in [
        ("sign-in risk", &of.sign_in_risk_levels),
        ("user risk", &of.user_risk_levels),
        ("insider risk", &of.insider_risk_levels),
        ("service principal risk", &of.service_principal_risk_levels),
        ("authentication flows", &of.authentication_flows),
    ] {
        if !levels.is_empty() {
            all.push(format!("{name}: {}", levels.join(", ")));
        }
    }
    all
}

fn client(kind: &ClientAppType) -> &str {
    match kind {
        ClientAppType::All => "all",
        ClientAppType::Browser => "browser",
        ClientAppType::MobileAppsAndDesktopClients => "mobile apps and desktop clients",
        ClientAppType::ExchangeActiveSync => "Exchange ActiveSync",
        ClientAppType::EasSupported => "Exchange ActiveSync on supported platforms",
        ClientAppType::Other => "other (legacy) clients",
        ClientAppType::Unmodelled(word) => word,
    }
}

fn location(facts: &Facts<'_>, id: &str) -> String {
    match id.to_lowercase().as_str() {
        "all" => "any place".to_owned(),
        "alltrusted" => "all trusted places".to_owned(),
        _ => facts
            .snapshot
            .named_locations
            .iter()
            .flatten()
            .find(|it| it.id.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(id)))
            .map_or_else(|| id.to_owned(), |it| it.display_name.clone()),
    }
}

/// The name of an authentication strength, else its id.
fn strength<'a>(facts: &Facts<'a>, id: &'a str) -> &'a str {
    let mut told = facts.snapshot.authentication_strengths.iter().flatten();
    let told = told.find(|it| it.id.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(id)));
    told.and_then(|it| it.display_name.as_deref()).or_else(|| built_in_strength(id)).unwrap_or(id)
}

fn demands(facts: &Facts<'_>, policy: &Policy) -> String {
    let Some(grant) = &policy.grant else { return "nothing".to_owned() };
    let mut all = grant.built_in.clone();
    let strengths = grant.authentication_strength.iter();
    all.extend(strengths.map(|it| format!("strength {}", strength(facts, it))));
    all.extend(grant.terms_of_use.iter().map(|it| format!("terms of use {it}")));
    all.extend(grant.custom.iter().map(|it| format!("custom control {it}")));
    if all.is_empty() {
        return "nothing".to_owned();
    }
    let between = match grant.operator {
        Some(Operator::Or) => " or ",
        Some(Operator::And) => " and ",
        None => ", ",
    };
    all.join(between)
}

fn session(policy: &Policy) -> Vec<String> {
    let Some(session) = &policy.session else { return Vec::new() };
    let mut all = Vec::new();
    all.extend(session.sign_in_frequency.map(|it| match it {
        SignInFrequency::EveryTime => "sign in every time".to_owned(),
        SignInFrequency::Hours(1) => "sign in after 1 hour".to_owned(),
        SignInFrequency::Hours(hours) => format!("sign in after {hours} hours"),
        SignInFrequency::Unknown => "sign in after an unknown time".to_owned(),
    }));
    all.extend(session.persistent_browser.iter().map(|it| format!("persistent browser: {it}")));
    all.extend(session.other.iter().cloned());
    all
}
