//! Whom a policy reaches, with what no file told left open.

use std::collections::BTreeSet;
use std::rc::Rc;

use conditional_access::facts::UserType;
use conditional_access::{ExternalTenants, Policy};

use super::context::Context;
use crate::account::Account;
use crate::exceptions::Classification;
use crate::facts::Facts;
use crate::snapshot::{MemberKind, RoleAssignment};

/// Whom one policy includes and excludes, groups resolved.
pub(super) struct PolicyScope {
    include: Named,
    exclude: Named,
}

/// The members of a group, nested ones too. A group is resolved once for the whole pre-flight:
/// many policies name the same large one.
#[derive(Debug, Default)]
pub(super) struct ResolvedGroup {
    /// Object ids and user principal names, lower case.
    keys: BTreeSet<String>,
    /// True when some member is known by id only.
    has_ids: bool,
    /// True when every membership on the way was told.
    pub(super) complete: bool,
}

impl ResolvedGroup {
    /// Resolves a group by id or name; one that no file holds is empty and incomplete.
    pub(super) fn of(facts: &Facts<'_>, name: &str) -> Self {
        let mut resolved = Self::default();
        let Some(group) = facts.group(name) else { return resolved };
        let (members, complete) = facts.members_of(group);
        resolved.complete = complete;
        for member in members {
            resolved.has_ids |= member.user_principal_name.is_none();
            let keys = [member.user_id, member.user_principal_name];
            resolved.keys.extend(keys.into_iter().flatten().map(|key| key.to_lowercase()));
        }
        resolved
    }

    /// True when every member was told, there are some, and all of them are among these names.
    pub(super) fn holds_only(&self, names: &BTreeSet<String>) -> bool {
        self.complete && !self.keys.is_empty() && self.keys.is_subset(names)
    }

    /// True when no member at all was told.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// The accounts one list of an assignment names, resolved once.
#[derive(Default)]
pub(super) struct Named {
    everyone: bool,
    guests: bool,
    some_guests: bool,
    /// Object ids and user principal names, lower case.
    keys: BTreeSet<String>,
    groups: Vec<Rc<ResolvedGroup>>,
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
    fn add_group(&mut self, context: &Context<'_>, name: &str) {
        let group = context.resolved_group(name);
        self.incomplete |= !group.complete;
        self.has_ids |= group.has_ids;
        self.groups.push(group);
    }

    /// The active holders of roles, direct ones and those through a group.
    fn add_roles(&mut self, context: &Context<'_>, roles: &[String]) {
        let facts = context.facts;
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
                MemberKind::Group => self.add_group(context, id.unwrap_or_default()),
                MemberKind::Unknown
                    if id.is_some_and(|id| facts.user_named(id).is_none())
                        && role.principal_name.is_none() =>
                {
                    self.add_group(context, id.unwrap_or_default());
                }
                MemberKind::User | MemberKind::Unknown => {
                    self.has_ids |= role.principal_name.is_none();
                    let keys = [role.principal_id.as_ref(), role.principal_name.as_ref()];
                    self.keys.extend(keys.into_iter().flatten().map(|key| key.to_lowercase()));
                }
            }
        }
    }

    /// Kinds of guests and the tenants they come from. Every kind from any tenant is every guest;
    /// anything narrower is some, since no file tells the kind or the tenant of one guest.
    fn add_guests(&mut self, kinds: &[String], tenants: &ExternalTenants) {
        let names = |word: &str| kinds.iter().any(|it| it.eq_ignore_ascii_case(word));
        let every_kind = UserType::KINDS.iter().all(|(_, word)| names(word));
        self.guests |= every_kind && *tenants == ExternalTenants::All;
        self.some_guests |= !kinds.is_empty();
    }

    /// The targets of an authentication method: `all_users`, groups, and in old policies users.
    pub(super) fn method_targets(context: &Context<'_>, targets: &[String]) -> Self {
        let mut named = Self::default();
        for target in targets {
            if target.eq_ignore_ascii_case("all_users") {
                named.everyone = true;
            } else if context.facts.user_named(target).is_some() {
                named.add_users(std::slice::from_ref(target));
            } else {
                named.add_group(context, target);
            }
        }
        named
    }

    /// True when the list names the account; `None` when that is not told.
    pub(super) fn names(&self, account: &Account, guest: Option<bool>) -> Option<bool> {
        let listed = [account.user_id.as_deref(), account.user_principal_name.as_deref()]
            .into_iter()
            .flatten()
            .map(str::to_lowercase)
            .any(|key| {
                self.keys.contains(&key) || self.groups.iter().any(|it| it.keys.contains(&key))
            });
        if self.everyone || listed || (self.guests && guest == Some(true)) {
            return Some(true);
        }
        // A member may be an external one: B2B collaboration knows guests and members.
        let from_outside = account
            .user_principal_name
            .as_ref()
            .is_some_and(|it| it.to_lowercase().contains("#ext#"));
        let open = self.incomplete
            || (self.has_ids && account.user_id.is_none())
            || (self.some_guests && (from_outside || guest != Some(false)))
            || (self.guests && guest.is_none());
        if open { None } else { Some(false) }
    }
}

impl PolicyScope {
    /// Resolves the groups and roles of a policy.
    pub(super) fn of(context: &Context<'_>, policy: &Policy) -> Self {
        let users = &policy.conditions.users;
        let side = |names: &[String], groups: &[String], roles: &[String]| {
            let mut named = Named::default();
            named.add_users(names);
            groups.iter().for_each(|group| named.add_group(context, group));
            named.add_roles(context, roles);
            named
        };
        let mut include = side(&users.include_users, &users.include_groups, &users.include_roles);
        include.add_guests(&users.include_guest_types, &users.include_guest_tenants);
        let mut exclude = side(&users.exclude_users, &users.exclude_groups, &users.exclude_roles);
        exclude.add_guests(&users.exclude_guest_types, &users.exclude_guest_tenants);
        Self { include, exclude }
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

/// Whom each policy of the tenant is for, by whatever names the files have.
pub(crate) struct PolicyScopes(Vec<PolicyScope>);

impl PolicyScopes {
    /// Resolves the groups and roles of every policy, in the order of the files.
    pub(crate) fn of(facts: &Facts<'_>, classification: &Classification) -> Self {
        let context = Context::new(facts, classification, None);
        let policies = facts.snapshot.policies.iter().flatten();
        Self(policies.map(|policy| PolicyScope::of(&context, policy)).collect())
    }

    /// True when the policy in this place is for the account.
    pub(crate) fn reaches(
        &self,
        place: usize,
        account: &Account,
        guest: Option<bool>,
    ) -> Option<bool> {
        self.0.get(place)?.reaches(account, guest)
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
