//! What a policy refers to by id, and what it leaves out for good.

use std::collections::BTreeSet;

use conditional_access::Policy;
use serde::Serialize;

use super::context::{Context, GROUPS, LOCATIONS, USERS};
use super::policy_first_party::{BUILT_IN_STRENGTHS, built_in_strength, first_party};
use super::policy_roles::built_in_role;
use crate::account::Account;
use crate::facts::Facts;

/// A reference to something that no file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// `user`, `group`, `role`, `location`, `application`, `authentication strength` or
    /// `terms of use`.
    pub kind: &'static str,
    /// The id, as the policy writes it.
    pub id: String,
    /// True when every object of the kind was told, and this is none of them. `None`: not told.
    /// It stays `None` for applications and terms of use, which no export that lockstep reads
    /// lists, and for roles, of which Microsoft adds new ones.
    pub gone: Option<bool>,
}

impl Reference {
    /// The export that tells whether it is there. `None`: none that lockstep reads does.
    pub(super) fn export(&self) -> Option<&'static str> {
        match self.kind {
            "user" => Some(USERS),
            "group" => Some(GROUPS),
            "role" => Some("a look at the roles in the Entra admin center (Roles & admins)"),
            "location" => Some(LOCATIONS),
            "authentication strength" => Some(STRENGTHS),
            _ => None,
        }
    }
}

const STRENGTHS: &str =
    "the authentication strengths (Graph `GET /policies/authenticationStrengthPolicies`)";

/// Words that stand where an id could.
const WORDS: [&str; 6] =
    ["all", "none", "guestsorexternalusers", "alltrusted", "office365", "microsoftadminportals"];

/// The references of a policy that were not found in any file.
pub(super) fn unresolved(context: &Context<'_>, policy: &Policy) -> Vec<Reference> {
    let facts = context.facts;
    let is_id = |it: &&String| !WORDS.contains(&it.trim().to_lowercase().as_str());
    let mut found = Vec::new();
    let mut add = |kind, id: &String, gone| found.push(Reference { kind, id: id.clone(), gone });
    let users = &policy.conditions.users;
    for id in users.include_users.iter().chain(&users.exclude_users).filter(is_id) {
        if facts.user_named(id).is_none() {
            add("user", id, user_is_gone(facts, id));
        }
    }
    for id in users.include_groups.iter().chain(&users.exclude_groups).filter(is_id) {
        if facts.group(id).is_none() {
            // A file of some groups is no list of all groups.
            add("group", id, None);
        }
    }
    for id in users.include_roles.iter().chain(&users.exclude_roles).filter(is_id) {
        let mut assigned = facts.snapshot.roles.iter().flatten();
        if built_in_role(id).is_none() && !assigned.any(|it| it.role.eq_ignore_ascii_case(id)) {
            add("role", id, None);
        }
    }
    let places = policy.conditions.locations.iter();
    for id in places.flat_map(|it| it.include.iter().chain(&it.exclude)).filter(is_id) {
        let is_it = |place: &conditional_access::NamedLocation| {
            place.id.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(id))
        };
        let told = facts.snapshot.named_locations.as_ref();
        if !told.is_some_and(|places| places.iter().any(is_it)) {
            add("location", id, told.map(|_| true));
        }
    }
    let applications = &policy.conditions.applications;
    for id in applications.include.iter().chain(&applications.exclude).filter(is_id) {
        if first_party(id).is_none() && !was_used(facts, id) {
            add("application", id, None);
        }
    }
    if let Some(grant) = &policy.grant {
        // A policy that shows what its strength allows was exported with it.
        if let Some(id) = &grant.authentication_strength
            && grant.allowed_combinations.is_none()
            && !strength_exists(facts, id)
        {
            add("authentication strength", id, strengths_are_all_told(facts).then_some(true));
        }
        grant.terms_of_use.iter().for_each(|id| add("terms of use", id, None));
    }
    found
}

/// True when a list of users was told that does not hold it, and no other file shows it either:
/// then the list would not be whole.
fn user_is_gone(facts: &Facts<'_>, id: &str) -> Option<bool> {
    let users = facts.snapshot.users.as_ref().filter(|users| !users.is_empty())?;
    let account = Account {
        user_id: Some(id.to_owned()),
        user_principal_name: Some(id.to_owned()),
        display_name: None,
    };
    let seen = facts.registration(&account).is_some() || facts.activity(&account).is_some();
    let has_ids = users.iter().all(|user| user.account.user_id.is_some());
    (!seen && (has_ids || id.contains('@'))).then_some(true)
}

/// True when somebody signed in to it within the window of the log.
fn was_used(facts: &Facts<'_>, application: &str) -> bool {
    facts
        .measured_activity()
        .is_some_and(|activity| activity.by_app.contains_key(&application.to_lowercase()))
}

fn strength_exists(facts: &Facts<'_>, word: &str) -> bool {
    let is_it = |told: Option<&String>| told.is_some_and(|it| it.eq_ignore_ascii_case(word));
    let mut told = facts.snapshot.authentication_strengths.iter().flatten();
    built_in_strength(word).is_some()
        || told.any(|it| is_it(it.id.as_ref()) || is_it(it.display_name.as_ref()))
}

/// True when the list of strengths is whole: Graph's holds the built-in ones beside the custom ones.
fn strengths_are_all_told(facts: &Facts<'_>) -> bool {
    let told = facts.snapshot.authentication_strengths.as_ref();
    told.is_some_and(|told| {
        BUILT_IN_STRENGTHS.iter().all(|(built_in, _)| {
            told.iter().any(|it| it.id.as_ref().is_some_and(|id| id.eq_ignore_ascii_case(built_in)))
        })
    })
}

/// An account or group that an MFA policy excludes and no live policy includes by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastingExclusion {
    /// The name a person reads, where told; else the id.
    pub name: String,
    /// The id, as the policy writes it.
    pub id: String,
    /// `None`: it may be a break-glass account under another name.
    pub lasting: Option<bool>,
}

/// Which exclusions are meant to last, and which another policy makes good.
pub(super) struct Exclusions<'a> {
    context: &'a Context<'a>,
    live: &'a [&'a Policy],
    /// Names and ids of break-glass accounts and their group, lower case.
    allowed: BTreeSet<String>,
}

impl<'a> Exclusions<'a> {
    pub(super) fn new(context: &'a Context<'a>, live: &'a [&'a Policy]) -> Self {
        let facts = context.facts;
        let mut allowed: BTreeSet<String> = BTreeSet::new();
        for name in &facts.rollout.break_glass.accounts {
            allowed.insert(name.trim().to_lowercase());
            let account = facts.user_named(name.trim()).map(|user| user.account.clone());
            let names = account.map(|it| [it.user_id, it.user_principal_name]);
            allowed.extend(names.into_iter().flatten().flatten().map(|it| it.to_lowercase()));
        }
        if let Some(name) = &facts.rollout.break_glass.group {
            allowed.insert(name.to_lowercase());
            let id = facts.group(name).and_then(|group| group.id.clone());
            allowed.extend(id.map(|id| id.to_lowercase()));
        }
        Self { context, live, allowed }
    }

    /// What a policy excludes for good; nothing where it asks nobody for MFA.
    pub(super) fn of(&self, policy: &Policy) -> Vec<LastingExclusion> {
        let facts = self.context.facts;
        let users = &policy.conditions.users;
        // Break-glass named by one name and excluded by another cannot be told apart.
        let unresolved = facts.snapshot.users.is_none() || facts.snapshot.groups.is_none();
        let lasting = if unresolved && !self.allowed.is_empty() { None } else { Some(true) };
        let label = |id: &str| {
            facts
                .user_named(id)
                .map(|user| user.account.label().to_owned())
                .or_else(|| facts.group(id).and_then(|group| group.display_name.clone()))
                .unwrap_or_else(|| id.to_owned())
        };
        users
            .exclude_users
            .iter()
            .chain(&users.exclude_groups)
            .filter(|_| policy.asks_for_mfa())
            .filter(|id| !self.is_break_glass(id) && !self.is_included(id))
            .map(|id| LastingExclusion { name: label(id), id: id.clone(), lasting })
            .collect()
    }

    /// True for a break-glass account, their group, and a group that is known to hold nobody else.
    fn is_break_glass(&self, id: &str) -> bool {
        self.allowed.contains(&id.to_lowercase())
            || self.context.resolved_group(id).holds_only(&self.allowed)
    }

    fn is_included(&self, id: &str) -> bool {
        self.live.iter().any(|policy| {
            let users = &policy.conditions.users;
            let mut named = users.include_users.iter().chain(&users.include_groups);
            named.any(|it| it.eq_ignore_ascii_case(id))
        })
    }
}
