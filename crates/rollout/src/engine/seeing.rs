//! The tenant was read: gates are asked, exceptions are looked at.

use jiff::Timestamp;

use super::days::Days;
use super::step::keep;
use super::{Effect, GateRecord, Record, Seen, State, gates, tenant};
use crate::exceptions;
use crate::plan::GateState;

/// Asks every gate, and looks at the exceptions.
pub(super) fn seen(state: &State, seen: &Seen<'_>, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::new();
    let is_switched = tenant::switched(state, seen).is_yes();
    for asked in gates::ask_all(state, seen, now) {
        let before = state.gates.get(&asked.gate);
        if stays(before, &asked) || is_settled(before, is_switched) {
            continue;
        }
        let was = before.map_or(GateState::Pending, |it| it.verdict);
        let note = (was != asked.verdict).then(|| {
            format!("Gate {}: {:?}, was {was:?}. {}", asked.gate.word(), asked.verdict, asked.why)
        });
        effects.push(keep(Record::Gate(asked)));
        effects.extend(note.map(Effect::Note));
    }
    let today = Days::of(&seen.facts.rollout.calendar.time_zone).date(now);
    let out = exceptions::taken_out(state, seen, now);
    let is_out = |it: &Effect| out.iter().any(|one| is_about(one, it));
    effects.extend(exceptions::reminders(state, today, now).into_iter().filter(|it| !is_out(it)));
    effects.extend(out);
    effects
}

/// A passed gate stays as it is while its evidence does.
fn stays(before: Option<&GateRecord>, asked: &GateRecord) -> bool {
    before.is_some_and(|it| it.verdict == GateState::Passed && it.evidence == asked.evidence)
}

/// What was passed before the switch stays as it was found then, while the switch stands: the pilot's
/// rows grow old, and nothing waits for them any more.
fn is_settled(before: Option<&GateRecord>, is_switched: bool) -> bool {
    let is_passed = |it: &GateRecord| {
        it.verdict == GateState::Passed && gates::BEFORE_THE_SWITCH.contains(&it.gate)
    };
    is_switched && before.is_some_and(is_passed)
}

/// Whether a kept exception is the one that another effect keeps or ends.
fn is_about(kept: &Effect, other: &Effect) -> bool {
    let id = |it: &Effect| match it {
        Effect::Keep(Record::Exception(it)) => Some(it.id.clone()),
        Effect::EndException { exception, .. } => Some(exception.clone()),
        _ => None,
    };
    id(kept).is_some() && id(kept) == id(other)
}
