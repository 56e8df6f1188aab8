//! Whom a policy reaches, with what no file told left open.

use std::collections::BTreeSet;

use conditional_access::Policy;

use crate::account::Account;
use crate::facts::Facts;

/// Whom one policy includes and excludes, groups resolved.
pub(super) struct PolicyScope<'a> {
    facts: &'a Facts<'a>,
    include: Named<'a>,
    exclude: Named<'a>,
}

/// One side of the assignment.
struct Named<'a> {
    everyone: bool,
    guests: bool,
    some_guests: bool,
    /// Object ids and user principal names, lower case.
    keys: BTreeSet<String>,
    /// True when an id was written that an account without a known id might have.
    has_ids: bool,
    /// True when some membership on the way was told by no file.
    incomplete: bool,
    roles: &'a [String],
}

impl<'a> Named<'a> {
    fn new(
        facts: &Facts<'_>,
        users: &[String],
        groups: &[String],
        roles: &'a [String],
        guest_types: &[String],
    ) -> Self {
        let is = |word: &str| users.iter().any(|value| value.eq_ignore_ascii_case(word));
        let mut named = Self {
            everyone: is("All"),
            guests: is("GuestsOrExternalUsers"),
            some_guests: !guest_types.is_empty(),
            keys: users.iter().map(|value| value.to_lowercase()).collect(),
            has_ids: users.iter().any(|it| {
                !["all", "none", "guestsorexternalusers"].contains(&it.to_lowercase().as_str())
            }),
            incomplete: false,
            roles,
        };
        for name in groups {
            let Some(group) = facts.group(name) else {
                named.incomplete = true;
                continue;
            };
            let (members, complete) = facts.members_of(group);
            named.incomplete |= !complete;
            for member in members {
                named.has_ids |= member.user_principal_name.is_none();
                let keys = [member.user_id, member.user_principal_name];
                named.keys.extend(keys.into_iter().flatten().map(|key| key.to_lowercase()));
            }
        }
        named
    }

    /// True when the side names the account; `None` when that is not told.
    fn names(&self, facts: &Facts<'_>, account: &Account, guest: Option<bool>) -> Option<bool> {
        let listed = [account.user_id.as_deref(), account.user_principal_name.as_deref()]
            .into_iter()
            .flatten()
            .any(|key| self.keys.contains(&key.to_lowercase()));
        if self.everyone || listed || (self.guests && guest == Some(true)) {
            return Some(true);
        }
        let mut open = self.incomplete
            || (self.has_ids && account.user_id.is_none())
            || (self.some_guests && guest != Some(false))
            || (self.guests && guest.is_none());
        if !self.roles.is_empty() {
            if facts.snapshot.roles.is_none() {
                open = true;
            } else if facts.roles_of(account).iter().any(|held| {
                held.active && self.roles.iter().any(|it| it.eq_ignore_ascii_case(&held.role))
            }) {
                return Some(true);
            }
        }
        if open { None } else { Some(false) }
    }
}

impl<'a> PolicyScope<'a> {
    /// Resolves the groups of a policy.
    pub(super) fn of(facts: &'a Facts<'a>, policy: &'a Policy) -> Self {
        let users = &policy.conditions.users;
        Self {
            facts,
            include: Named::new(
                facts,
                &users.include_users,
                &users.include_groups,
                &users.include_roles,
                &users.include_guest_types,
            ),
            exclude: Named::new(
                facts,
                &users.exclude_users,
                &users.exclude_groups,
                &users.exclude_roles,
                &users.exclude_guest_types,
            ),
        }
    }

    /// True when the policy leaves the account out by name, group or role.
    pub(super) fn excludes(&self, account: &Account, guest: Option<bool>) -> Option<bool> {
        self.exclude.names(self.facts, account, guest)
    }

    /// True when the policy is for the account.
    pub(super) fn reaches(&self, account: &Account, guest: Option<bool>) -> Option<bool> {
        let excluded = self.excludes(account, guest);
        if excluded == Some(true) {
            return Some(false);
        }
        match self.include.names(self.facts, account, guest) {
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
