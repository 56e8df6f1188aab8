//! Which groups and roles the policies of a tenant name, directly or through nesting.

use std::collections::{BTreeMap, BTreeSet};

use conditional_access::{Policy, State};

use super::edit::{Before, Edit, PolicyDocument, Presence};
use super::identifiers::is_provisional;
use crate::snapshot::{Group, MemberKind, PerUserMfa, Snapshot};

/// What the policies of one world name.
#[derive(Debug)]
pub(super) struct Reach {
    policies_told: bool,
    /// By a policy in any state.
    excluded: Groups,
    excluded_by_counted: Groups,
    included_by_counted: Groups,
    /// Roles that counted policies include or exclude, in lower case.
    roles_of_counted: BTreeSet<String>,
    holders: Option<Holders>,
}

/// Groups that some policies name, and the groups inside them.
#[derive(Debug, Default)]
struct Groups {
    /// In lower case.
    ids: BTreeSet<String>,
    /// The members of one of them were not told: any group may be inside it.
    some_untold: bool,
}

/// Ids of accounts that hold a role, active or eligible, in lower case.
#[derive(Debug, Default)]
struct Holders {
    ids: BTreeSet<String>,
    /// The members of a group that holds a role, or of one inside it, were not told.
    some_untold: bool,
}

impl Holders {
    /// `None`: nobody told who holds which role.
    fn of(groups: &BTreeMap<String, &Group>, snapshot: &Snapshot) -> Option<Self> {
        let roles = snapshot.roles.as_ref()?;
        let principals = || roles.iter().filter_map(|it| it.principal_id.as_ref());
        // A principal of which nobody told what it is may be a group.
        let is_group = |id: &&String| groups.contains_key(&id.to_lowercase());
        let inside = Groups::of(groups, principals().filter(is_group));
        let mut all = Self {
            ids: principals().map(|it| it.to_lowercase()).collect(),
            some_untold: inside.some_untold
                || roles.iter().any(|it| {
                    it.principal_id.is_none()
                        || (it.principal_kind == MemberKind::Group
                            && !it.principal_id.as_ref().is_some_and(|id| is_group(&id)))
                }),
        };
        for group in inside.ids.iter().filter_map(|id| groups.get(id)) {
            for member in group.members.iter().flatten() {
                match &member.id {
                    Some(id) => drop(all.ids.insert(id.to_lowercase())),
                    None => all.some_untold = true,
                }
            }
        }
        Some(all)
    }
}

impl Groups {
    fn of<'a>(groups: &BTreeMap<String, &Group>, named: impl Iterator<Item = &'a String>) -> Self {
        let mut all = Self::default();
        let mut queue: Vec<String> = named.map(|id| id.to_lowercase()).collect();
        while let Some(id) = queue.pop() {
            if !all.ids.insert(id.clone()) {
                continue;
            }
            match groups.get(&id).and_then(|group| group.members.as_ref()) {
                None => all.some_untold = true,
                Some(members) => {
                    let nested = members.iter().filter(|member| {
                        matches!(member.kind, MemberKind::Group | MemberKind::Unknown)
                    });
                    queue.extend(nested.filter_map(|it| Some(it.id.as_ref()?.to_lowercase())));
                }
            }
        }
        all
    }

    /// Whether a group is named, or may be. One that does not exist yet is inside no group of
    /// which nobody told.
    fn may_hold(&self, id: &str) -> bool {
        self.ids.contains(&id.to_lowercase()) || (self.some_untold && !is_provisional(id))
    }
}

/// Whether a policy counts: it is On, or may be, or Microsoft may switch it on.
pub(super) fn counts(policy: &Policy) -> bool {
    match policy.state {
        State::Enabled | State::Unknown => true,
        State::EnabledForReportingButNotEnforced => policy.is_microsoft_managed(),
        State::Disabled => false,
    }
}

impl Reach {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let groups: BTreeMap<String, &Group> = snapshot
            .groups
            .iter()
            .flatten()
            .filter_map(|group| Some((group.id.as_ref()?.to_lowercase(), group)))
            .collect();
        let all = || snapshot.policies.iter().flatten().map(|it| (it, &it.conditions.users));
        let counted = || all().filter(|(policy, _)| counts(policy)).map(|(_, users)| users);
        let excluded = all().flat_map(|(_, users)| &users.exclude_groups);
        let roles = counted().flat_map(|it| it.include_roles.iter().chain(&it.exclude_roles));
        Self {
            policies_told: snapshot.policies.is_some(),
            excluded: Groups::of(&groups, excluded),
            excluded_by_counted: Groups::of(&groups, counted().flat_map(|it| &it.exclude_groups)),
            included_by_counted: Groups::of(&groups, counted().flat_map(|it| &it.include_groups)),
            roles_of_counted: roles.map(|role| role.to_lowercase()).collect(),
            holders: Holders::of(&groups, snapshot),
        }
    }

    /// Whether an account holds a role, or may.
    pub(super) fn may_hold_role(&self, user: &str) -> bool {
        let Some(holders) = &self.holders else { return true };
        holders.some_untold || holders.ids.contains(&user.to_lowercase())
    }

    /// Whether some policy, in any state, excludes a group, or may.
    pub(super) fn may_exclude(&self, group: &str) -> bool {
        !self.policies_told || self.excluded.may_hold(group)
    }

    /// Whether a policy that counts names a group, or may.
    pub(super) fn may_name(&self, group: &str) -> bool {
        !self.policies_told
            || self.excluded_by_counted.may_hold(group)
            || self.included_by_counted.may_hold(group)
    }

    /// Whether a policy that counts includes a group, or may.
    pub(super) fn may_include(&self, group: &str) -> bool {
        !self.policies_told || self.included_by_counted.may_hold(group)
    }

    fn may_bar_member(&self, group: &str, after: Presence) -> bool {
        let groups = match after {
            Presence::Present => &self.included_by_counted,
            Presence::Absent => &self.excluded_by_counted,
        };
        !self.policies_told || groups.may_hold(group)
    }

    fn may_name_role(&self, role: &str) -> bool {
        !self.policies_told || self.roles_of_counted.contains(&role.to_lowercase())
    }

    /// Whether a change can keep anybody out who gets in today.
    pub(super) fn may_bar(&self, edit: &Edit) -> bool {
        match edit {
            Edit::User { after, .. } => *after == Presence::Absent,
            Edit::Group { group, after, .. } => {
                *after == Presence::Absent && self.may_name(&group.id)
            }
            Edit::Role { role, after, .. } => {
                *after == Presence::Absent || self.may_name_role(role)
            }
            Edit::Membership { group, after, .. } => self.may_bar_member(&group.id, *after),
            Edit::Policy { before, after } => may_bar_by_policy(before, after.as_ref()),
            Edit::SecurityDefaults { after, .. } => *after,
            Edit::PerUserMfa { after, .. } => *after != PerUserMfa::Disabled,
            // It keeps out the person alone, who was asked and is given a pass: what has to hold is that
            // the administrators, of whom lockstep may act as one, get in.
            Edit::DeleteMethod { user, .. } => self.may_hold_role(&user.id),
            Edit::AccountEnabled { after, .. } => !*after,
            Edit::TemporaryAccessPass { user, after, .. } => {
                *after == Presence::Absent && self.may_hold_role(&user.id)
            }
            // A campaign asks those who have passed MFA already; a session that ended is opened
            // again.
            // Who is given a new password reads it.
            Edit::Campaign { .. } | Edit::NewPassword { .. } | Edit::RevokeSessions { .. } => false,
        }
    }

    /// Whether a change can take protection from anybody.
    pub(super) fn may_open(&self, edit: &Edit) -> bool {
        match edit {
            Edit::Policy { before, .. } => match before {
                Before::NotSeen => true,
                Before::Absent => false,
                Before::Was(policy) => counts(&policy.0),
            },
            Edit::SecurityDefaults { before, after } => !*after && *before != Some(false),
            Edit::PerUserMfa { before, after, .. } => {
                *after == PerUserMfa::Disabled && *before != Some(PerUserMfa::Disabled)
            }
            Edit::Membership { group, .. } => self.may_name(&group.id),
            Edit::Group { group, after, .. } => {
                *after == Presence::Absent && self.may_name(&group.id)
            }
            Edit::Role { role, after, .. } => {
                *after == Presence::Present && self.may_name_role(role)
            }
            _ => false,
        }
    }
}

fn may_bar_by_policy(before: &Before, after: Option<&PolicyDocument>) -> bool {
    let Some(after) = after.map(|it| &*it.0).filter(|it| counts(it)) else { return false };
    !before.policy().is_some_and(|before| only_excludes_more(before, after))
}

/// Whether a policy does nothing but leave out more users than before.
pub(super) fn only_excludes_more(before: &Policy, after: &Policy) -> bool {
    let holds = |all: &[String], some: &[String]| {
        some.iter().all(|it| all.iter().any(|other| other.eq_ignore_ascii_case(it)))
    };
    let (was, is) = (&before.conditions.users, &after.conditions.users);
    let mut alike = after.clone();
    let users = &mut alike.conditions.users;
    users.exclude_users.clone_from(&was.exclude_users);
    users.exclude_groups.clone_from(&was.exclude_groups);
    users.exclude_roles.clone_from(&was.exclude_roles);
    alike == *before
        && holds(&is.exclude_users, &was.exclude_users)
        && holds(&is.exclude_groups, &was.exclude_groups)
        && holds(&is.exclude_roles, &was.exclude_roles)
}
