//! What a change set may do, which decides the guards that concern it.

use conditional_access::Policy;

use crate::change::edit::{Edit, Presence};
use crate::change::reach::{Reach, counts, only_excludes_more};
use crate::change::set::ChangeSet;
use crate::snapshot::Snapshot;

/// What a set may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scope {
    /// Keep somebody out.
    pub(super) bars: bool,
    /// Take protection from somebody.
    pub(super) opens: bool,
    /// Ask somebody who was not asked before.
    pub(super) widens: bool,
    /// Put something On for all users.
    pub(super) enables_for_all: bool,
    /// Leave somebody out of a policy.
    pub(super) leaves_out: bool,
    /// Concern more than one person.
    pub(super) is_tenant_wide: bool,
}

impl Scope {
    pub(super) fn of(set: &ChangeSet, before: &Snapshot, after: &Snapshot) -> Self {
        let worlds = [Reach::of(before), Reach::of(after)];
        let edits = || set.changes.iter().map(|change| &change.edit);
        let real = || edits().filter(|edit| !edit.changes_nothing());
        let in_some_world =
            |of: &dyn Fn(&Reach, &Edit) -> bool| real().any(|it| worlds.iter().any(|w| of(w, it)));
        Self {
            bars: in_some_world(&Reach::may_bar),
            opens: in_some_world(&Reach::may_open),
            widens: in_some_world(&widens),
            enables_for_all: real().any(enables_for_all),
            leaves_out: in_some_world(&leaves_out),
            is_tenant_wide: in_some_world(&is_tenant_wide),
        }
    }
}

fn widens(reach: &Reach, edit: &Edit) -> bool {
    let by_this = matches!(
        edit,
        Edit::Policy { .. }
            | Edit::SecurityDefaults { .. }
            | Edit::Membership { after: Presence::Present, .. }
    );
    by_this && reach.may_bar(edit)
}

/// A policy that was for all already, and now leaves out more, puts nothing On.
fn enables_for_all(edit: &Edit) -> bool {
    let is_for_all = |policy: &Policy| counts(policy) && policy.includes_all_users();
    match edit {
        Edit::Policy { before, after: Some(after) } => {
            is_for_all(&after.0)
                && !before.policy().is_some_and(|before| only_excludes_more(before, &after.0))
        }
        Edit::SecurityDefaults { after, .. } => *after,
        _ => false,
    }
}

fn leaves_out(reach: &Reach, edit: &Edit) -> bool {
    match edit {
        Edit::Policy { after: Some(after), .. } => {
            let users = &after.0.conditions.users;
            [&users.exclude_users, &users.exclude_groups, &users.exclude_roles]
                .into_iter()
                .any(|it| !it.is_empty())
        }
        Edit::Membership { group, after: Presence::Present, .. } => reach.may_exclude(&group.id),
        _ => false,
    }
}

fn is_tenant_wide(reach: &Reach, edit: &Edit) -> bool {
    match edit {
        Edit::Policy { .. } | Edit::SecurityDefaults { .. } | Edit::Campaign { .. } => true,
        Edit::Membership { group, after: Presence::Present, .. } => reach.may_name(&group.id),
        _ => false,
    }
}
