//! What must hold in the world after a change set.
//!
//! Each guard that concerns the set is asked, and answers *held*, *violated* with a counter-example,
//! or *cannot tell* with what is missing. The last two refuse. Some guards nobody can waive: they are
//! of a type of their own ([`Unwaivable`]), so that no waiver can name one.
//!
//! Which guards concern a set: those of who gets in, when a change may keep anybody out; those of
//! protection, when one may take it away; those of days and incidents, when the change is for more
//! than one person. The way back ([`Purpose::Rollback`]) is asked neither of days, nor of incidents,
//! nor of the protection that it gives up: it must be possible whenever it is needed, and whoever
//! confirms it reads what is given up.

mod break_glass;
mod calendar;
mod circumstances;
mod exempt;
mod gap;
mod operator;
mod scope;
mod seen;

use serde::{Deserialize, Serialize};

pub use self::circumstances::{Approval, Circumstances, Operator};
use self::exempt::Exempt;
use self::scope::Scope;
pub(crate) use self::seen::identity_health;
use super::apply::apply_to;
use super::edit::Edit;
use super::set::{ChangeSet, Purpose};
use crate::facts::Facts;
use crate::proof::{Proof, proof};
use crate::proposal::Proposal;
use crate::snapshot::{AuditEvent, Snapshot};

/// A guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guard {
    /// One that nobody can waive.
    Unwaivable(Unwaivable),
    /// One that a person can waive, with a reason and an end.
    Waivable(Waivable),
}

/// Guards that nobody can waive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unwaivable {
    /// The snapshot is young enough, and the set has not expired.
    SnapshotFresh,
    /// Somebody saw what was there before of everything that is changed.
    BeforeSeen,
    /// The lockout proof holds.
    LockoutProof,
    /// No policy that is On, or that Microsoft may switch on, reaches a break-glass account.
    BreakGlassExcluded,
    /// Two break-glass accounts were tested and can sign in, before anything is On for all.
    BreakGlassProven,
    /// Whoever carries the set out can still sign in.
    OperatorNotBarred,
    /// No executive and no administrator is left out by one person alone.
    ExceptionApproved,
}

/// Guards that a person can waive, with a reason and an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Waivable {
    /// Nothing that needed MFA or was blocked is open afterwards.
    NoGap,
    /// No other ring is in flight.
    OneRing,
    /// Not on a day of a freeze; the cut-over not on a Friday or before days off either.
    GoodDay,
    /// Microsoft has no open incident on identity services.
    ServiceHealth,
}

/// What a guard answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "verdict")]
#[must_use = "a verdict that nobody reads protects nobody"]
pub enum Verdict {
    /// It holds.
    Held,
    /// It does not.
    Violated {
        /// Why, a sentence each.
        counter_examples: Vec<String>,
    },
    /// Nobody can say. It refuses like a violation.
    CannotTell {
        /// What would decide it, a sentence each.
        missing: Vec<String>,
    },
}

impl Verdict {
    /// Violated if there are counter-examples, else cannot tell if something is missing.
    pub(super) fn of(counter_examples: Vec<String>, missing: Vec<String>) -> Self {
        if !counter_examples.is_empty() {
            Self::Violated { counter_examples }
        } else if !missing.is_empty() {
            Self::CannotTell { missing }
        } else {
            Self::Held
        }
    }

    fn violated(why: impl Into<String>) -> Self {
        Self::Violated { counter_examples: vec![why.into()] }
    }

    fn cannot_tell(what: impl Into<String>) -> Self {
        Self::CannotTell { missing: vec![what.into()] }
    }
}

/// What one guard answers of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuardResult {
    /// The guard.
    pub guard: Guard,
    /// Its verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl GuardResult {
    /// Whether it refuses the set, unless somebody waived it.
    #[must_use]
    pub fn refuses(&self) -> bool {
        self.verdict != Verdict::Held
    }
}

/// The results that refuse a set in spite of what was waived. Empty: it may be carried out.
#[must_use]
pub fn refusals<'a>(results: &'a [GuardResult], waived: &[Waivable]) -> Vec<&'a GuardResult> {
    let is_waived = |it: &GuardResult| match it.guard {
        Guard::Unwaivable(_) => false,
        Guard::Waivable(guard) => waived.contains(&guard),
    };
    results.iter().filter(|it| it.refuses() && !is_waived(it)).collect()
}

/// Asks every guard that concerns a set. `facts` are those of today.
#[must_use]
pub fn ask(set: &ChangeSet, facts: &Facts<'_>, circumstances: &Circumstances) -> Vec<GuardResult> {
    let (after, scope) = world_after(set, facts);
    let world = Facts::new(&after, facts.measurement, facts.rollout, facts.now);
    let question = Question { set, facts, after: &world, circumstances, scope: &scope };
    let exempt = Exempt::of(&question);
    let is_way_back = matches!(set.purpose, Purpose::Rollback { .. });
    let mut results = Vec::new();
    let mut add = |guard, verdict| results.push(GuardResult { guard, verdict });
    add(Guard::Unwaivable(Unwaivable::SnapshotFresh), seen::fresh(&question));
    add(Guard::Unwaivable(Unwaivable::BeforeSeen), seen::before(&question));
    if scope.bars {
        add(Guard::Unwaivable(Unwaivable::LockoutProof), break_glass::proof_holds(&question));
        add(Guard::Unwaivable(Unwaivable::BreakGlassExcluded), break_glass::excluded(&question));
        add(Guard::Unwaivable(Unwaivable::OperatorNotBarred), operator::not_barred(&question));
    }
    if scope.enables_for_all {
        add(Guard::Unwaivable(Unwaivable::BreakGlassProven), break_glass::proven(&question));
    }
    if scope.leaves_out {
        add(Guard::Unwaivable(Unwaivable::ExceptionApproved), exempt.approved(&question));
    }
    if scope.opens && !is_way_back {
        add(Guard::Waivable(Waivable::NoGap), gap::none(&question, &exempt));
    }
    if scope.widens && !is_way_back {
        add(Guard::Waivable(Waivable::OneRing), seen::one_ring(&question));
    }
    if scope.is_tenant_wide && !is_way_back {
        add(Guard::Waivable(Waivable::GoodDay), calendar::good_day(&question));
        add(Guard::Waivable(Waivable::ServiceHealth), seen::service_health(&question));
    }
    results
}

/// The proof by which the guard against a lockout holds: who gets in afterwards whatever the facts of a
/// sign-in. `None`: it does not hold, or the set can bar nobody, so that nobody asks for it.
#[must_use]
pub fn lockout_proof(set: &ChangeSet, facts: &Facts<'_>) -> Option<Proof> {
    let (after, scope) = world_after(set, facts);
    if !scope.bars {
        return None;
    }
    let world = Facts::new(&after, facts.measurement, facts.rollout, facts.now);
    Some(proof(&world, &Proposal::current(&world))).filter(|it| it.holds)
}

/// The tenant after a set, and what the set can do to people.
fn world_after(set: &ChangeSet, facts: &Facts<'_>) -> (Snapshot, Scope) {
    let after = apply_to(facts.snapshot, set);
    let scope = Scope::of(set, facts.snapshot, &after);
    (with_memberships_on_their_way(after, set), scope)
}

/// What guards are asked about.
struct Question<'q> {
    set: &'q ChangeSet,
    /// Today.
    facts: &'q Facts<'q>,
    /// The world after.
    after: &'q Facts<'q>,
    circumstances: &'q Circumstances,
    scope: &'q Scope,
}

/// The world in which the memberships of the set may count already, or not yet: they are on their
/// way to Conditional Access for up to a day. They stand in the audit as ones that were just
/// written, which is where the proof looks for such.
fn with_memberships_on_their_way(mut after: Snapshot, set: &ChangeSet) -> Snapshot {
    let written = set.changes.iter().filter_map(|change| match &change.edit {
        Edit::Membership { group, member, before, after, .. } if *before != Some(*after) => {
            Some(AuditEvent {
                activity: "Add member to group".to_owned(),
                targets: vec![member.account()],
                objects: vec![group.id.clone()],
                ..AuditEvent::default()
            })
        }
        _ => None,
    });
    let written: Vec<AuditEvent> = written.collect();
    if !written.is_empty() {
        after.audits.get_or_insert_default().extend(written);
    }
    after
}
