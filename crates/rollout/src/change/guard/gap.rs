//! Nothing that needed MFA or was blocked is open afterwards, nor on the way.
//!
//! Openings are looked for among policies. Security defaults and per-user MFA are no policies; they
//! count as the policies that take their place: legacy authentication blocked, MFA for
//! administrators, for Azure management and for all users; MFA for each person whose per-user MFA is
//! on. Security defaults ask people less often than that, so that nothing is overlooked.

use std::collections::{BTreeMap, BTreeSet};

use conditional_access::facts::Tenant;
use conditional_access::{Certainty, ChangeQuestion, Policy, State, Users, When, World, compare};

use super::exempt::is_of;
use super::{Question, Verdict};
use crate::change::apply::Applying;
use crate::change::draft::policies::{mfa_for, parity_of_security_defaults};
use crate::change::edit::Edit;
use crate::facts::Facts;
use crate::snapshot::{PerUserMfa, Snapshot};
use crate::tenant_facts;

/// The world after a change of the set.
struct Stage {
    /// The place of the last change that is done; `None`: before the first.
    done: Option<usize>,
    policies: Vec<Policy>,
    tenant: Tenant,
}

pub(super) fn none(question: &Question<'_>) -> Verdict {
    let facts = question.facts;
    let mut missing = Vec::new();
    for (is_told, what) in [
        (facts.snapshot.policies.is_some(), "The policies of the tenant."),
        (facts.snapshot.users.is_some(), "The users of the tenant."),
    ] {
        if !is_told {
            missing.push(what.to_owned());
        }
    }
    if !missing.is_empty() {
        return Verdict::CannotTell { missing };
    }
    let stages = stages(question);
    let worlds: Vec<World<'_>> = stages
        .iter()
        .map(|stage| World { policies: &stage.policies, tenant: &stage.tenant })
        .collect();
    let registrations = BTreeMap::new();
    let found = match compare(&ChangeQuestion { worlds: &worlds, registrations: &registrations }) {
        Ok(found) => found,
        Err(error) => return Verdict::cannot_tell(format!("An answer: {error}.")),
    };
    let mut open = Vec::new();
    for new in &found.openings {
        let after = match new.when {
            When::InTheEnd => None,
            When::AfterWrite(world) => stages.get(world).and_then(|stage| stage.done),
        };
        if after.is_some_and(|place| is_within_receipt(question, place)) {
            continue;
        }
        let when = after.map_or_else(
            || "In the end".to_owned(),
            |place| format!("After change {}", place.saturating_add(1)),
        );
        let told = format!("{when}, {}.", new.opening);
        match new.opening.certainty {
            Certainty::Open => open.push(told),
            Certainty::CannotBeShownCovered => missing.push(told),
        }
    }
    Verdict::of(open, missing)
}

/// Whether the world after a change is within the gap whose two times are written down.
fn is_within_receipt(question: &Question<'_>, place: usize) -> bool {
    question.set.gap.is_some_and(|gap| (gap.opens..gap.closes).contains(&place))
}

/// The world before, and after each change of a policy or of security defaults; other changes in
/// between are taken together.
fn stages(question: &Question<'_>) -> Vec<Stage> {
    let snapshot = question.facts.snapshot;
    let out = left_out(question);
    let set = question.set;
    let mut applying =
        Applying::of(at_its_strictest(snapshot, set.changes.iter().map(|it| &it.edit)));
    let mut stages = vec![stage(question, None, &applying.snapshot, &out)];
    let last = set.changes.len().saturating_sub(1);
    for (place, change) in set.changes.iter().enumerate() {
        applying.apply(&change.edit);
        let decides = matches!(change.edit, Edit::Policy { .. } | Edit::SecurityDefaults { .. });
        let next_decides = set.changes.get(place.saturating_add(1)).is_some_and(|next| {
            matches!(next.edit, Edit::Policy { .. } | Edit::SecurityDefaults { .. })
        });
        if decides || next_decides || place == last {
            stages.push(stage(question, Some(place), &applying.snapshot, &out));
        }
    }
    stages
}

/// The world before with what nobody saw, and the set takes away, counted as there.
fn at_its_strictest<'e>(snapshot: &Snapshot, edits: impl Iterator<Item = &'e Edit>) -> Snapshot {
    let mut strict = snapshot.clone();
    for edit in edits {
        match edit {
            Edit::SecurityDefaults { after: false, .. } => {
                strict.security_defaults.get_or_insert(true);
            }
            Edit::PerUserMfa { user, after: PerUserMfa::Disabled, .. } => {
                for it in strict.users.iter_mut().flatten() {
                    if it
                        .account
                        .user_id
                        .as_deref()
                        .is_some_and(|id| id.eq_ignore_ascii_case(&user.id))
                    {
                        it.per_user_mfa.get_or_insert(PerUserMfa::Enforced);
                    }
                }
            }
            _ => {}
        }
    }
    strict
}

/// Lower-case ids of those whom openings do not concern: break-glass accounts, approved exceptions,
/// and accounts that cannot sign in, before or after.
fn left_out(question: &Question<'_>) -> BTreeSet<String> {
    let facts = question.facts;
    let users = facts.snapshot.users.iter().flatten();
    let is_out = |user: &&crate::snapshot::User| {
        let account = &user.account;
        let is_off = user.account_enabled == Some(false)
            && question.after.user(account).is_none_or(|it| it.account_enabled == Some(false));
        let approvals = &question.circumstances.approvals;
        is_off || facts.is_break_glass(account) || approvals.iter().any(|it| is_of(it, account))
    };
    users.filter(is_out).filter_map(|user| tenant_facts::user_id(facts, &user.account)).collect()
}

fn stage(
    question: &Question<'_>,
    done: Option<usize>,
    snapshot: &Snapshot,
    out: &BTreeSet<String>,
) -> Stage {
    let rollout = question.facts.rollout;
    let facts = Facts::new(snapshot, question.facts.measurement, rollout, question.facts.now);
    let mut tenant = tenant_facts::tenant(&facts);
    tenant.users.retain(|user| !out.contains(&user.id.to_lowercase()));
    tenant.security_defaults = Some(false);
    tenant.per_user_mfa = None;
    let mut policies: Vec<Policy> = snapshot.policies.iter().flatten().cloned().collect();
    if snapshot.security_defaults == Some(true) {
        policies.extend(parity_of_security_defaults());
    }
    let asked = snapshot.users.iter().flatten().filter(|user| {
        matches!(user.per_user_mfa, Some(PerUserMfa::Enabled | PerUserMfa::Enforced))
    });
    let asked: Vec<String> =
        asked.filter_map(|user| tenant_facts::user_id(&facts, &user.account)).collect();
    if !asked.is_empty() {
        let users = Users { include_users: asked, ..Users::default() };
        let mut policy = mfa_for("Per-user MFA", users);
        policy.state = State::Enabled;
        policies.push(policy);
    }
    Stage { done, policies, tenant }
}
