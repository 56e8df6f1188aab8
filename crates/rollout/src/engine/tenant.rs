//! How far the rollout is, by what the tenant shows and by what was carried out.

use std::collections::BTreeSet;

use conditional_access::{Policy, State as PolicyState};
use jiff::Timestamp;

use super::{GapTimes, Phase, Progress, Seen, State};
use crate::account::Account;
use crate::change::draft::{self, CannotDraft, Standard, numbered};
use crate::change::{Draft, Edit};
use crate::evidence::key_of;
use crate::exceptions::Kind;
use crate::facts::Facts;
use crate::plan::BRIDGE_GROUP;
pub(super) use crate::plan::{LAST_RING, SECOND_RING};
use crate::registration::can_pass;
use crate::rollout::Enforcement;

/// The change set of the plan that enforces MFA for all users.
pub(super) const CUT_OVER: &str = "CS-07";
/// The part of it that fills the bridge group.
pub(super) const BRIDGE: &str = "CS-07/bridge";
/// Security defaults on, where there are no policies.
pub(super) const DEFAULTS: &str = "CS-07/defaults";
/// The pilot, On.
pub(super) const PILOT_ON: &str = "CS-03/on";

/// Something that may have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happened {
    /// It has not.
    No,
    /// Nobody can say.
    Unknown,
    /// It has. `None`: nobody told when.
    Yes(Option<Timestamp>),
}

impl Happened {
    /// It is known to have happened.
    pub(super) const fn is_yes(self) -> bool {
        matches!(self, Self::Yes(_))
    }
}

/// The rollout ends with policies. Where the plan knows that no licence holds Conditional Access, it
/// has no change set about policies.
pub(super) fn has_policies(seen: &Seen<'_>) -> bool {
    seen.plan.change_sets.iter().any(|it| matches!(it.id, "CS-02" | "CS-03"))
}

/// Whether MFA is asked of all users, and since when.
pub(super) fn switched(state: &State, seen: &Seen<'_>) -> Happened {
    if !has_policies(seen) {
        return defaults_confirmed(state, seen);
    }
    on(state, seen, &[CUT_OVER, LAST_RING], |policy| {
        policy.state == PolicyState::Enabled && policy.includes_all_users()
    })
}

/// The rollout goes ring by ring.
pub(super) fn in_rings(seen: &Seen<'_>) -> bool {
    has_policies(seen) && seen.facts.rollout.steps.enforcement == Enforcement::Rings
}

/// Whether the second ring is asked, and not yet everybody; since when. A policy that somebody changed
/// since counts from then: what was seen under another one proves nothing of it.
pub(super) fn second_ring(state: &State, seen: &Seen<'_>) -> Happened {
    let Ok(found) = numbered(seen.facts, Standard::AllUsers.number()) else {
        return Happened::Unknown;
    };
    let Some(policy) = found.filter(|it| it.state == PolicyState::Enabled) else {
        return Happened::No;
    };
    if seen.facts.snapshot.groups.is_none() && !policy.includes_all_users() {
        return Happened::Unknown;
    }
    let bridge = seen.facts.group(BRIDGE_GROUP).and_then(|it| it.id.as_deref());
    let groups = &policy.conditions.users.include_groups;
    let is_bridged =
        bridge.is_some_and(|id| groups.iter().any(|group| group.eq_ignore_ascii_case(id)));
    if policy.includes_all_users() || !is_bridged {
        return Happened::No;
    }
    let changed = policy.modified.or(policy.created);
    Happened::Yes(done(state, SECOND_RING).max(changed))
}

/// The members of the bridge group beyond the pilot: whom the second ring asks. `None`: nobody told
/// them all.
pub(super) fn second_ring_people(facts: &Facts<'_>) -> Option<Vec<Account>> {
    let (bridge, complete) = facts.members_of(facts.group(BRIDGE_GROUP)?);
    let key = |it: &Account| key_of(&facts.directory_form(it));
    let pilot: BTreeSet<String> = pilot_members(facts)?.iter().filter_map(key).collect();
    let is_on =
        |it: &Account| facts.user(it).is_none_or(|user| user.account_enabled != Some(false));
    let beyond =
        bridge.into_iter().filter(|it| is_on(it) && key(it).is_none_or(|it| !pilot.contains(&it)));
    complete.then(|| beyond.collect())
}

/// Without policies security defaults are the switch, once somebody turned them on for it or
/// confirmed that they stay on (S-09).
fn defaults_confirmed(state: &State, seen: &Seen<'_>) -> Happened {
    match seen.facts.snapshot.security_defaults {
        None => Happened::Unknown,
        Some(false) => Happened::No,
        Some(true) => {
            let said = state.attestations.get("S-09").map(|it| it.at);
            let since = done(state, DEFAULTS).or(said);
            since.map_or(Happened::No, |at| Happened::Yes(Some(at)))
        }
    }
}

/// Whether the pilot is On, and since when. Once everybody is asked, the pilot is.
pub(super) fn piloting(state: &State, seen: &Seen<'_>) -> Happened {
    on(state, seen, &[PILOT_ON], |policy| policy.state == PolicyState::Enabled)
}

/// CA001 is in some way, by the tenant; since when, by the set that did it, else by the policy.
fn on(state: &State, seen: &Seen<'_>, sets: &[&str], is_so: impl Fn(&Policy) -> bool) -> Happened {
    match numbered(seen.facts, Standard::AllUsers.number()) {
        Err(_) => Happened::Unknown,
        Ok(Some(policy)) if is_so(policy) => {
            let carried_out = sets.iter().filter_map(|it| done(state, it)).max();
            Happened::Yes(carried_out.or(policy.modified).or(policy.created))
        }
        Ok(_) => Happened::No,
    }
}

/// When a change set of the plan was carried out and read back, and not taken back since.
pub(super) fn done(state: &State, of_plan: &str) -> Option<Timestamp> {
    all_done(state, of_plan).max()
}

/// The same, when it was carried out first.
pub(super) fn first_done(state: &State, of_plan: &str) -> Option<Timestamp> {
    all_done(state, of_plan).min()
}

fn all_done(state: &State, of_plan: &str) -> impl Iterator<Item = Timestamp> {
    let of = state.sets.values().filter(move |it| it.of_plan.as_deref() == Some(of_plan));
    of.filter_map(|it| match it.phase {
        Phase::Done { at } => Some(at),
        _ => None,
    })
}

/// The set that is under way or stopped on the way, if there is one.
pub(super) fn under_way(state: &State) -> Option<&Progress> {
    let all = || state.sets.values();
    let stopped = |it: &&Progress| {
        matches!(it.phase, Phase::Stopped { .. }) && !is_replaced(state, it) && it.is_begun()
    };
    let open = |it: &&Progress| {
        matches!(it.phase, Phase::Stopped { .. })
            && it.gap.is_some_and(|gap: GapTimes| gap.closed.is_none())
    };
    all()
        .find(|it| it.phase == Phase::Running)
        .or_else(|| all().find(open))
        .or_else(|| all().find(stopped))
}

/// Another set for the same was carried out since.
fn is_replaced(state: &State, progress: &Progress) -> bool {
    let Phase::Stopped { at, .. } = &progress.phase else { return false };
    progress.of_plan.as_deref().and_then(|it| done(state, it)).is_some_and(|done| done > *at)
}

/// A policy of the rollout. `Err`: nobody can say, or several have its number.
pub(super) fn policy<'f>(facts: &Facts<'f>, which: Standard) -> Result<Option<&'f Policy>, ()> {
    numbered(facts, which.number()).map_err(|_| ())
}

/// Ids of the policies of the rollout that exist, by whatever number.
pub(super) fn policy_ids(facts: &Facts<'_>) -> Vec<String> {
    STANDARD
        .into_iter()
        .filter_map(|which| policy(facts, which).ok().flatten())
        .filter_map(|it| it.id.clone())
        .collect()
}

/// The policies of the rollout, each number once.
pub(super) const STANDARD: [Standard; 6] = [
    Standard::BlockLegacy,
    Standard::AllUsers,
    Standard::Administrators,
    Standard::AzureManagement,
    Standard::DeviceCode,
    Standard::ProtectRegistration,
];

/// The members of the pilot group. `None`: nobody told them all.
pub(super) fn pilot_members(facts: &Facts<'_>) -> Option<Vec<Account>> {
    let group = facts.group(facts.rollout.pilot.group.as_deref()?)?;
    let (members, complete) = facts.members_of(group);
    complete.then_some(members)
}

/// The break-glass accounts that the settings name, as the directory knows them.
pub(super) fn break_glass(facts: &Facts<'_>) -> Vec<Account> {
    let named = facts.rollout.break_glass.accounts.iter();
    named
        .map(|name| match facts.user_named(name.trim()) {
            Some(user) => user.account.clone(),
            None => {
                Account { user_principal_name: Some(name.trim().to_owned()), ..Account::default() }
            }
        })
        .collect()
}

/// What the break-glass accounts still need. Without policies there is no group to leave out, and a
/// role-assignable one needs a licence.
pub(super) fn break_glass_draft(seen: &Seen<'_>, marker: &str) -> Result<Draft, CannotDraft> {
    let mut draft = draft::break_glass(seen.facts, marker)?;
    if !has_policies(seen) {
        draft.edits.retain(|(edit, _)| matches!(edit, Edit::User { .. } | Edit::Role { .. }));
    }
    if draft.edits.is_empty() { Err(CannotDraft::NothingToChange) } else { Ok(draft) }
}

/// Everybody who can pass MFA: enabled people whom the registration report calls capable.
pub(super) fn capable(seen: &Seen<'_>) -> Option<Vec<Account>> {
    let facts = seen.facts;
    let users = facts.snapshot.users.as_ref()?;
    facts.snapshot.registrations.as_ref()?;
    let people = users.iter().zip(&seen.classification.users).filter(|(user, (kind, _))| {
        kind.is_person()
            && *kind != Kind::OnLeave
            && user.account_enabled == Some(true)
            && facts.is_guest(user) != Some(true)
            && facts.registration(&user.account).is_some_and(|it| can_pass(facts, it) == Some(true))
    });
    Some(people.map(|(user, _)| user.account.clone()).collect())
}

/// The moment of which what was seen speaks: never later than the clock.
pub(super) fn seen_at(seen: &Seen<'_>, now: Timestamp) -> Timestamp {
    let newest = seen.sign_ins.and_then(|it| it.newest);
    seen.snapshot_taken.or(newest).unwrap_or(seen.facts.as_of).min(now)
}
