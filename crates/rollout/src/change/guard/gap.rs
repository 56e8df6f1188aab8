//! Nothing that needed MFA or was blocked is open afterwards, nor on the way.
//!
//! Openings are looked for among policies. Security defaults and per-user MFA are no policies; they
//! count as the policies that take their place: legacy authentication blocked, MFA for
//! administrators, for Azure management and for all users; MFA for each person whose per-user MFA is
//! on. Security defaults ask people less often than that, so that nothing is overlooked.
//!
//! Of a policy that the set touches it must be certain what it covers before: what nobody can say it
//! covers, nobody can say it gives up.

use std::collections::{BTreeMap, BTreeSet};

use conditional_access::facts::{PerUserMfa as NoPerUserMfa, Tenant};
use conditional_access::{
    Applications, Certainty, ChangeQuestion, Opening, Policy, State, Users, When, World, compare,
    find_openings,
};

use super::exempt::{Exempt, is_of, is_synchronization};
use super::{Question, Verdict};
use crate::change::apply::Applying;
use crate::change::draft::policies::{mfa_for, parity_of_security_defaults};
use crate::change::edit::{Before, Edit};
use crate::change::names::word;
use crate::change::reach::{Reach, counts, only_excludes_more};
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

pub(super) fn none(question: &Question<'_>, exempt: &Exempt) -> Verdict {
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
    missing.extend(uncertain_before(question, exempt, stages.first()));
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
        let told = format!("{when}, {}.", by_name(&new.opening, facts));
        match new.opening.certainty {
            Certainty::Open => open.push(told),
            Certainty::CannotBeShownCovered => missing.push(told),
        }
    }
    Verdict::of(open, missing)
}

/// An opening whose examples are told by their names, where they are known.
fn by_name(opening: &Opening, facts: &Facts<'_>) -> Opening {
    let mut opening = opening.clone();
    for example in &mut opening.users.examples {
        if let Some(user) = facts.user_named(example) {
            *example = word(user.account.label());
        }
    }
    opening
}

/// What policies that the set touches may cover, and may not.
fn uncertain_before(
    question: &Question<'_>,
    exempt: &Exempt,
    before: Option<&Stage>,
) -> Vec<String> {
    let Some(before) = before else { return Vec::new() };
    let leaves_out_approved = exempt.is_all_approved(question);
    let mut touched: Vec<&Policy> = Vec::new();
    for change in question.set.changes.iter().filter(|it| !it.edit.changes_nothing()) {
        match &change.edit {
            Edit::Policy { before: Before::Was(was), after } => {
                let is_harmless = leaves_out_approved
                    && after.as_ref().is_some_and(|after| only_excludes_more(&was.0, &after.0));
                if !is_harmless {
                    touched.push(&was.0);
                }
            }
            Edit::Membership { group, .. } => {
                let reach = Reach::of(question.after.snapshot);
                let joins_approved = leaves_out_approved && !reach.may_include(&group.id);
                let named = before.policies.iter().filter(|_| !joins_approved);
                touched.extend(named.filter(|it| names_groups(it)));
            }
            _ => {}
        }
    }
    let mut told: BTreeSet<String> = BTreeSet::new();
    for policy in touched.into_iter().filter(|it| counts(it)) {
        // Whether a policy for resources reaches the registration of security information is
        // documented nowhere, and nothing that a change of it decides.
        let mut beside = vec![policy.clone()];
        if policy.conditions.applications.user_actions.is_empty() {
            beside.extend(covers(vec!["All".to_owned()]).into_iter().skip(1));
        }
        let alone = find_openings(&beside, &before.tenant);
        let uncertain = alone
            .openings
            .iter()
            .find(|opening| opening.certainty == Certainty::CannotBeShownCovered);
        if let Some(opening) = uncertain {
            let name = &policy.display_name;
            let opening = by_name(opening, question.facts);
            told.insert(format!("What `{name}` covers today: {opening}."));
        }
    }
    told.into_iter().collect()
}

fn names_groups(policy: &Policy) -> bool {
    let users = &policy.conditions.users;
    !users.include_groups.is_empty() || !users.exclude_groups.is_empty()
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
/// synchronisation, which security defaults leave out as well, and accounts that cannot sign in,
/// before or after.
fn left_out(question: &Question<'_>) -> BTreeSet<String> {
    let facts = question.facts;
    let users = facts.snapshot.users.iter().flatten();
    let is_out = |user: &&crate::snapshot::User| {
        let account = &user.account;
        let is_off = user.account_enabled == Some(false)
            && question.after.user(account).is_none_or(|it| it.account_enabled == Some(false));
        let approvals = &question.circumstances.approvals;
        let synchronizes =
            || facts.roles_of(account).iter().any(|role| is_synchronization(&role.role));
        is_off
            || facts.is_break_glass(account)
            || approvals.iter().any(|it| is_of(it, account))
            || synchronizes()
    };
    users.filter(is_out).filter_map(|user| tenant_facts::user_id(facts, &user.account)).collect()
}

/// Policies that cover these users whatever they ask for: every resource, then every user action.
/// Accounts that do not count are covered in every world, so that nothing becomes open for them;
/// left out of the tenant, they could be anything wherever a group names them.
fn covers(users: Vec<String>) -> Vec<Policy> {
    if users.is_empty() {
        return Vec::new();
    }
    let users = Users { include_users: users, ..Users::default() };
    let resources = mfa_for("Left out of account", users);
    let mut actions = resources.clone();
    actions.conditions.applications = Applications {
        user_actions: USER_ACTIONS.map(str::to_owned).to_vec(),
        ..Applications::default()
    };
    vec![resources, actions]
}

/// The user actions that there are (Graph documentation, *conditionalAccessApplications*).
const USER_ACTIONS: [&str; 2] = ["urn:user:registersecurityinfo", "urn:user:registerdevice"];

fn stage(
    question: &Question<'_>,
    done: Option<usize>,
    snapshot: &Snapshot,
    out: &BTreeSet<String>,
) -> Stage {
    let rollout = question.facts.rollout;
    let facts = Facts::new(snapshot, question.facts.measurement, rollout, question.facts.now);
    let mut tenant = tenant_facts::tenant(&facts);
    tenant.security_defaults = Some(false);
    tenant.per_user_mfa =
        Some(tenant.users.iter().map(|it| (it.id.clone(), Some(NoPerUserMfa::Disabled))).collect());
    // It is there before and after, and no change gives it up.
    tenant.mandatory_mfa = Some(false);
    let mut policies: Vec<Policy> = snapshot.policies.iter().flatten().cloned().collect();
    if snapshot.security_defaults == Some(true) {
        policies.extend(parity_of_security_defaults());
    }
    policies.extend(covers(out.iter().cloned().collect()));
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
