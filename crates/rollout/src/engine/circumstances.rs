//! What guards must be told, from what was decided so far and what was seen.

use jiff::{SignedDuration, Timestamp};

use super::days::Days;
use super::{GateId, Phase, Progress, Seen, State, gates, tenant};
use crate::change::ChangeSet;
use crate::change::draft;
use crate::change::guard::{Circumstances, Operator};
use crate::exceptions;
use crate::plan::GateState;
use crate::preflight::Stage;

/// How long a snapshot is good for, for whoever changes something by it.
const SNAPSHOT_LASTS: SignedDuration = SignedDuration::from_mins(60);

/// What guards must be told about a set. `operator`: as whom lockstep acts; `None` refuses.
#[must_use]
pub fn circumstances(
    state: &State,
    seen: &Seen<'_>,
    set: &ChangeSet,
    operator: Option<Operator>,
    now: Timestamp,
) -> Circumstances {
    let today = Days::of(&seen.facts.rollout.calendar.time_zone).date(now);
    Circumstances {
        operator,
        today: Some(today),
        snapshot_taken: seen.snapshot_taken,
        snapshot_lasts: SNAPSHOT_LASTS,
        rings_in_flight: Some(rings_in_flight(state, seen, &set.id, now)),
        proven_break_glass: gates::proven_break_glass(state, seen, set, now),
        approvals: exceptions::approvals(state, seen.facts, today),
    }
}

/// Rings that were begun and whose gate is not passed since, a set's own apart. The second ring lands
/// when it has shown what the last one waits for.
fn rings_in_flight(state: &State, seen: &Seen<'_>, own: &str, now: Timestamp) -> Vec<String> {
    let of_plan = state.sets.get(own).and_then(|it| it.of_plan.as_deref());
    let is_other =
        |it: &&Progress| it.set != own && (of_plan.is_none() || it.of_plan.as_deref() != of_plan);
    let has_landed = second_ring_has_landed(state, seen, now);
    let rings = state.sets.values().filter(is_other).filter(|it| {
        let is_second = it.of_plan.as_deref() == Some(tenant::SECOND_RING);
        let is_done = matches!(it.phase, Phase::Done { .. });
        is_in_flight(state, it) && !(is_second && is_done && has_landed)
    });
    let mut rings: Vec<String> = rings.map(|it| it.title.clone()).collect();
    // Somebody else may have asked it.
    let by_others = tenant::in_rings(seen)
        && tenant::second_ring(state, seen).is_yes()
        && tenant::done(state, tenant::SECOND_RING).is_none()
        && of_plan != Some(tenant::SECOND_RING);
    if by_others && !has_landed {
        rings.push(draft::SECOND_RING_TITLE.to_owned());
    }
    rings
}

/// Everybody is asked already, or nothing is missing of what the second ring has to show.
fn second_ring_has_landed(state: &State, seen: &Seen<'_>, now: Timestamp) -> bool {
    tenant::switched(state, seen).is_yes() || gates::still_to_show(state, seen, now).is_empty()
}

fn is_in_flight(state: &State, ring: &Progress) -> bool {
    let gate = match ring.step {
        Stage::Pilot => GateId::G6,
        Stage::Enforce => GateId::G7,
        Stage::Prepare | Stage::Register | Stage::Validate => return false,
    };
    match &ring.phase {
        Phase::Running | Phase::Stopped { .. } => ring.is_begun(),
        Phase::Done { .. } => state.verdict(gate) != GateState::Passed,
        Phase::Proposed | Phase::TakenBack { .. } | Phase::Superseded { .. } => false,
    }
}
