//! Whom a policy reaches, with what no file told left open.

use std::collections::BTreeSet;

use conditional_access::Policy;

use crate::account::Account;
use crate::facts::Facts;
use crate::snapshot::{MemberKind, RoleAssignment};

/// Whom one policy includes and excludes, groups resolved.
pub(super) struct PolicyScope {
    include: Named,
    exclude: Named,
}

/// The accounts one list of an assignment names, resolved once.
#[derive(Default)]
pub(super) struct Named {
    everyone: bool,
    guests: bool,
    some_guests: bool,
    /// Object ids and user principal names, lower case.
    keys: BTreeSet<String>,
    /// True when an id was written that an account without a known id might have.
    has_ids: bool,
    /// True when some membership on the way was told by no file.
    incomplete: bool,
}

impl Named {
    /// Users by id or name, with the words `All` and `GuestsOrExternalUsers`.
    fn add_users(&mut self, users: &[String]) {
        for user in users {
            match user.to_lowercase().as_str() {
                "all" => self.everyone = true,
                "none" => {}
                "guestsorexternalusers" => self.guests = true,
                key => {
                    self.has_ids = true;
                    self.keys.insert(key.to_owned());
                }
            }
        }
    }

    /// The members of a group, nested ones too.
    fn add_group(&mut self, facts: &Facts<'_>, name: &str) {
        let Some(group) = facts.group(name) else {
            self.incomplete = true;
            return;
        };
        let (members, complete) = facts.members_of(group);
        self.incomplete |= !complete;
        for member in members {
            self.has_ids |= member.user_principal_name.is_none();
            let keys = [member.user_id, member.user_principal_name];
            self.keys.extend(keys.into_iter().flatten().map(|key| key.to_lowercase()));
        }
    }

    /// The active holders of roles, direct ones and those through a group.
    fn add_roles(&mut self, facts: &Facts<'_>, roles: &[String]) {
        if roles.is_empty() {
            return;
        }
        let Some(assignments) = &facts.snapshot.roles else {
            self.incomplete = true;
            return;
        };
        let is_named = |role: &&RoleAssignment| {
            role.active && roles.iter().any(|it| it.eq_ignore_ascii_case(&role.role))
        };
        for role in assignments.iter().filter(is_named) {
            let id = role.principal_id.as_deref();
            match role.principal_kind {
                MemberKind::Other => {}
                MemberKind::Group => self.add_group(facts, id.unwrap_or_default()),
                MemberKind::Unknown
                    if id.is_some_and(|id| facts.user_named(id).is_none())
                        && role.principal_name.is_none() =>
                {
                    self.add_group(facts, id.unwrap_or_default());
                }
                MemberKind::User | MemberKind::Unknown => {
                    self.has_ids |= role.principal_name.is_none();
                    let keys = [role.principal_id.as_ref(), role.principal_name.as_ref()];
                    self.keys.extend(keys.into_iter().flatten().map(|key| key.to_lowercase()));
                }
            }
        }
    }

    /// The targets of an authentication method: `all_users`, groups, and in old policies users.
    pub(super) fn method_targets(facts: &Facts<'_>, targets: &[String]) -> Self {
        let mut named = Self::default();
        for target in targets {
            if target.eq_ignore_ascii_case("all_users") {
                named.everyone = true;
            } else if facts.user_named(target).is_some() {
                named.add_users(std::slice::from_ref(target));
            } else {
                named.add_group(facts, target);
            }
        }
        named
    }

    /// True when the list names the account; `None` when that is not told.
    pub(super) fn names(&self, account: &Account, guest: Option<bool>) -> Option<bool> {
        let listed = [account.user_id.as_deref(), account.user_principal_name.as_deref()]
            .into_iter()
            .flatten()
            .any(|key| self.keys.contains(&key.to_lowercase()));
        if self.everyone || listed || (self.guests && guest == Some(true)) {
            return Some(true);
        }
        let open = self.incomplete
            || (self.has_ids && account.user_id.is_none())
            || (self.some_guests && guest != Some(false))
            || (self.guests && guest.is_none());
        if open { None } else { Some(false) }
    }
}

impl PolicyScope {
    /// Resolves the groups and roles of a policy.
    pub(super) fn of(facts: &Facts<'_>, policy: &Policy) -> Self {
        let users = &policy.conditions.users;
        let side = |names: &[String], groups: &[String], roles: &[String], guests: &[String]| {
            let mut named = Named { some_guests: !guests.is_empty(), ..Named::default() };
            named.add_users(names);
            groups.iter().for_each(|group| named.add_group(facts, group));
            named.add_roles(facts, roles);
            named
        };
        Self {
            include: side(
                &users.include_users,
                &users.include_groups,
                &users.include_roles,
                &users.include_guest_types,
            ),
            exclude: side(
                &users.exclude_users,
                &users.exclude_groups,
                &users.exclude_roles,
                &users.exclude_guest_types,
            ),
        }
    }

    /// True when the policy leaves the account out by name, group or role.
    pub(super) fn excludes(&self, account: &Account, guest: Option<bool>) -> Option<bool> {
        self.exclude.names(account, guest)
    }

    /// True when the policy is for the account.
    pub(super) fn reaches(&self, account: &Account, guest: Option<bool>) -> Option<bool> {
        let excluded = self.excludes(account, guest);
        if excluded == Some(true) {
            return Some(false);
        }
        match self.include.names(account, guest) {
            Some(false) => Some(false),
            Some(true) if excluded == Some(false) => Some(true),
            _ => None,
        }
    }
}

/// True when the policy excludes nobody at all.
pub(super) fn excludes_nobody(policy: &Policy) -> bool {
    let users = &policy.conditions.users;
    users.exclude_users.is_empty()
        && users.exclude_groups.is_empty()
        && users.exclude_roles.is_empty()
        && users.exclude_guest_types.is_empty()
}
