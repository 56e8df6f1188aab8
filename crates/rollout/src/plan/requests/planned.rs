//! The tenant as it will be when every group and policy of the plan is there, as far as policies are
//! drafted from it.

use conditional_access::{Policy, State};
use jiff::Timestamp;

use super::super::situation::{BRIDGE_GROUP, EXCEPTIONS_GROUP, LEGACY_EXCEPTIONS_GROUP, Situation};
use super::{group_id, number, policy_id};
use crate::change::draft::{self, CannotDraft, Standard};
use crate::change::{Draft, Edit};
use crate::facts::Facts;
use crate::rollout::Rollout;
use crate::snapshot::{Group, MemberKind, RoleAssignment, Snapshot, User};

/// A tenant of what drafts look at, and nothing else: a copy of a large tenant would be large.
pub(super) struct Planned {
    snapshot: Snapshot,
    rollout: Rollout,
    now: Timestamp,
}

impl Planned {
    pub(super) fn of(situation: &Situation<'_>) -> Self {
        let facts = situation.input.facts;
        let mut rollout = situation.rollout.clone();
        rollout.pilot.group = Some(situation.pilot_group.clone());
        rollout.break_glass.group = Some(situation.break_glass_group.clone());
        let mut names = vec![
            situation.break_glass_group.as_str(),
            situation.pilot_group.as_str(),
            BRIDGE_GROUP,
            LEGACY_EXCEPTIONS_GROUP,
        ];
        if situation.has_exemptions() != Some(false) {
            names.push(EXCEPTIONS_GROUP);
        }
        let groups = names.into_iter().map(|name| Group {
            id: Some(group_id(situation, name)),
            display_name: Some(name.to_owned()),
            ..Group::default()
        });
        let accounts = rollout.break_glass.accounts.iter();
        let users: Vec<User> =
            accounts.filter_map(|name| facts.user_named(name.trim())).cloned().collect();
        let snapshot = Snapshot {
            tenant: facts.snapshot.tenant.clone(),
            users: facts.snapshot.users.as_ref().map(|_| users),
            groups: Some(groups.collect()),
            roles: Some(vec![somebody()]),
            policies: Some(Vec::new()),
            security_defaults: facts.snapshot.security_defaults,
            ..Snapshot::default()
        };
        Self { snapshot, rollout, now: facts.now }
    }

    /// A policy of the rollout as it is drafted, On. `None`: it cannot be.
    pub(super) fn draft(&self, which: Standard) -> Option<Policy> {
        let facts = Facts::new(&self.snapshot, None, &self.rollout, self.now);
        which.draft(&facts).ok()
    }

    /// The changes of the cut-over from the policies as they are drafted, in Report-only.
    pub(super) fn cut_over(self, situation: &Situation<'_>) -> Vec<Edit> {
        self.drafted(situation, draft::cut_over)
    }

    /// The changes of the second ring from the same.
    pub(super) fn second_ring(self, situation: &Situation<'_>) -> Vec<Edit> {
        self.drafted(situation, |facts| draft::second_ring(facts, None))
    }

    /// The change of the last ring, when security defaults are off.
    pub(super) fn last_ring(mut self, situation: &Situation<'_>) -> Vec<Edit> {
        self.snapshot.security_defaults = Some(false);
        self.drafted(situation, draft::last_ring)
    }

    fn drafted(
        mut self,
        situation: &Situation<'_>,
        draft: impl Fn(&Facts<'_>) -> Result<Draft, CannotDraft>,
    ) -> Vec<Edit> {
        let drafts = [
            Standard::BlockLegacy,
            Standard::Pilot,
            Standard::Administrators,
            Standard::AzureManagement,
        ];
        let policies = drafts.into_iter().filter_map(|which| {
            let of_number = number(which.name());
            let id = policy_id(situation, of_number)
                .unwrap_or_else(|| format!("<id of policy {of_number}>"));
            let state = State::EnabledForReportingButNotEnforced;
            Some(Policy { id: Some(id), state, ..self.draft(which)? })
        });
        self.snapshot.policies = Some(policies.collect());
        let facts = Facts::new(&self.snapshot, None, &self.rollout, self.now);
        let drafted = draft(&facts);
        drafted.map(|it| it.edits.into_iter().map(|(edit, _)| edit).collect()).unwrap_or_default()
    }
}

/// Holds some role. The synchronisation account is excluded by its role, whoever holds it, once any
/// assignment was seen.
fn somebody() -> RoleAssignment {
    RoleAssignment {
        role: String::new(),
        role_name: None,
        principal_id: None,
        principal_name: None,
        principal_kind: MemberKind::Other,
        active: true,
        scope: None,
        ends: None,
    }
}
