//! How dangerous a change is: what it asks of whoever confirms it.

use conditional_access::Policy;
use serde::{Deserialize, Serialize};

use super::edit::{Before, Edit, PolicyDocument, Presence};
use super::reach::{Reach, counts};
use crate::snapshot::Snapshot;

/// What a change asks of whoever confirms it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Danger {
    /// Nothing: nothing is changed.
    None,
    /// Yes or no.
    Moderate,
    /// The primary domain of the tenant, typed.
    Severe,
}

/// How dangerous a change is between a world before and a world after. Severe: whatever is On for
/// all users or for roles, or no longer is; security defaults; administrators, and a pass for one;
/// every exclusion; deleting an account or a group.
#[must_use]
pub fn danger(edit: &Edit, before: &Snapshot, after: &Snapshot) -> Danger {
    danger_by(edit, &[Reach::of(before), Reach::of(after)])
}

pub(super) fn danger_by(edit: &Edit, worlds: &[Reach]) -> Danger {
    if edit.changes_nothing() {
        return Danger::None;
    }
    let is_severe = match edit {
        Edit::User { after, .. } | Edit::Group { after, .. } => *after == Presence::Absent,
        // Whoever reads the new password is whoever the account is: an administrator, as a rule.
        Edit::Role { .. } | Edit::SecurityDefaults { .. } | Edit::NewPassword { .. } => true,
        // And whoever reads a pass signs in with it.
        Edit::TemporaryAccessPass { user, after, .. } => {
            *after == Presence::Present && worlds.iter().any(|it| it.may_hold_role(&user.id))
        }
        Edit::Membership { group, .. } => worlds.iter().any(|it| it.may_exclude(&group.id)),
        Edit::Policy { before, after } => is_severe(before, after.as_ref()),
        Edit::Campaign { .. }
        | Edit::PerUserMfa { .. }
        | Edit::DeleteMethod { .. }
        | Edit::RevokeSessions { .. }
        | Edit::AccountEnabled { .. } => false,
    };
    if is_severe { Danger::Severe } else { Danger::Moderate }
}

fn is_severe(before: &Before, after: Option<&PolicyDocument>) -> bool {
    let after = after.map(|it| &*it.0);
    let is_wide = |policy: &Policy| {
        let users = &policy.conditions.users;
        policy.includes_all_users()
            || !users.include_roles.is_empty()
            || !users.include_guest_types.is_empty()
    };
    let stops = match before {
        Before::NotSeen => true,
        Before::Absent => false,
        Before::Was(before) => counts(&before.0) && !after.is_some_and(counts),
    };
    let changes_exclusions = || {
        let before = before.policy();
        before.zip(after).is_some_and(|(before, after)| exclusions(before) != exclusions(after))
    };
    stops || after.is_some_and(|it| counts(it) && is_wide(it)) || changes_exclusions()
}

/// Everything that a policy leaves out.
fn exclusions(policy: &Policy) -> Vec<Vec<String>> {
    let conditions = &policy.conditions;
    let users = &conditions.users;
    let lists = [
        Some(&users.exclude_users),
        Some(&users.exclude_groups),
        Some(&users.exclude_roles),
        Some(&users.exclude_guest_types),
        Some(&conditions.applications.exclude),
        conditions.locations.as_ref().map(|it| &it.exclude),
        conditions.platforms.as_ref().map(|it| &it.exclude),
    ];
    let in_order = |list: Option<&Vec<String>>| {
        let mut list: Vec<String> =
            list.into_iter().flatten().map(|it| it.to_lowercase()).collect();
        list.sort_unstable();
        list
    };
    lists.into_iter().map(in_order).collect()
}
