//! What a policy refers to by id, and what it leaves out for good.

use std::collections::BTreeSet;

use conditional_access::Policy;
use serde::Serialize;

use super::context::{Context, GROUPS, LOCATIONS, USERS};

/// A reference to something that no file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// `user`, `group` or `location`.
    pub kind: &'static str,
    /// The id, as the policy writes it.
    pub id: String,
    /// True when every object of the kind was told, and this is none of them. `None`: not told.
    pub gone: Option<bool>,
}

impl Reference {
    /// The export that tells whether it is there.
    pub(super) fn export(&self) -> &'static str {
        match self.kind {
            "user" => USERS,
            "group" => GROUPS,
            _ => LOCATIONS,
        }
    }
}

/// The references of a policy that were not found in any file.
pub(super) fn unresolved(context: &Context<'_>, policy: &Policy) -> Vec<Reference> {
    let facts = context.facts;
    let snapshot = facts.snapshot;
    let word = |it: &str| {
        ["all", "none", "guestsorexternalusers", "alltrusted"].contains(&it.to_lowercase().as_str())
    };
    let mut found = Vec::new();
    let mut add = |kind, id: &String, gone| found.push(Reference { kind, id: id.clone(), gone });
    let users = &policy.conditions.users;
    for id in users.include_users.iter().chain(&users.exclude_users).filter(|it| !word(it)) {
        if facts.user_named(id).is_none() {
            add("user", id, snapshot.users.as_ref().map(|_| true));
        }
    }
    for id in users.include_groups.iter().chain(&users.exclude_groups) {
        if facts.group(id).is_none() {
            // A file of some groups is no list of all groups.
            add("group", id, None);
        }
    }
    let places = policy.conditions.locations.iter();
    for id in places.flat_map(|it| it.include.iter().chain(&it.exclude)).filter(|it| !word(it)) {
        let is_it = |place: &conditional_access::NamedLocation| {
            place.id.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(id))
        };
        let told = snapshot.named_locations.as_ref();
        if !told.is_some_and(|places| places.iter().any(is_it)) {
            add("location", id, told.map(|_| true));
        }
    }
    found
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
