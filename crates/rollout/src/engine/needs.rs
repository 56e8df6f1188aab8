//! Which gates must be open before a change set may begin.

use std::collections::BTreeSet;

use conditional_access::{Policy, State};

use super::GateId;
use crate::change::draft::Standard;
use crate::change::{ChangeSet, Edit, Purpose};

/// The gates a set needs, in order. The way back needs none, nor does what concerns one person or
/// makes the others possible.
#[must_use]
pub fn gates(set: &ChangeSet) -> Vec<GateId> {
    of_changes(&set.purpose, set.changes.iter().map(|it| &it.edit))
}

/// The same of changes that are no set yet.
pub(super) fn of_changes<'e>(
    purpose: &Purpose,
    edits: impl Iterator<Item = &'e Edit>,
) -> Vec<GateId> {
    let mut needed = BTreeSet::new();
    match purpose {
        Purpose::Rollback { .. } => return Vec::new(),
        Purpose::BreakGlass
        | Purpose::Dormant
        | Purpose::Exception
        | Purpose::Policies
        | Purpose::Reset => {}
        Purpose::Campaign | Purpose::Bridge => {
            needed.insert(GateId::G1);
        }
        Purpose::Pilot => needed.extend(BEFORE_THE_PILOT),
        Purpose::CutOver => needed.extend(BEFORE_THE_SWITCH),
        Purpose::PerUserMfa => {
            needed.insert(GateId::G7);
        }
    }
    for edit in edits {
        needed.extend(of_edit(edit));
    }
    needed.into_iter().collect()
}

/// Before the pilot is asked.
const BEFORE_THE_PILOT: [GateId; 3] = [GateId::G1, GateId::G4, GateId::G5];

/// Before everybody is asked.
const BEFORE_THE_SWITCH: [GateId; 4] = [GateId::G1, GateId::G4, GateId::G5, GateId::G6];

/// What one change needs, whatever the set says it is for.
fn of_edit(edit: &Edit) -> Vec<GateId> {
    match edit {
        Edit::SecurityDefaults { before, after: false } if *before != Some(false) => {
            BEFORE_THE_SWITCH.to_vec()
        }
        Edit::Policy { before, after: Some(after) }
            if after.0.state == State::Enabled && !edit.changes_nothing() =>
        {
            of_policy(before.policy().filter(|it| it.state == State::Enabled), &after.0)
        }
        _ => Vec::new(),
    }
}

/// What a policy needs that will be On; `was` is the same policy if it is On already.
fn of_policy(was: Option<&Policy>, policy: &Policy) -> Vec<GateId> {
    let is = |which: Standard| policy.display_name.starts_with(which.number());
    let is_parity = is(Standard::BlockLegacy)
        || is(Standard::Administrators)
        || is(Standard::AzureManagement)
        || is(Standard::DeviceCode);
    let reaches_all = policy.includes_all_users() && !was.is_some_and(Policy::includes_all_users);
    if reaches_all && !is_parity && !is(Standard::ProtectRegistration) {
        BEFORE_THE_SWITCH.to_vec()
    } else if was.is_some() {
        Vec::new()
    } else if is(Standard::Pilot) {
        BEFORE_THE_PILOT.to_vec()
    } else if is_parity {
        vec![GateId::G1, GateId::G5]
    } else {
        vec![GateId::G1]
    }
}
