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
        if stays(before, &asked) || before.is_some_and(|it| gates::is_settled(it, is_switched)) {
            continue;
        }
        let was = before.map_or(GateState::Pending, |it| it.verdict);
        let note = (was != asked.verdict).then(|| {
            let (word, is, was) = (asked.gate.word(), asked.verdict.words(), was.words());
            format!("Gate {word}: {is}, was {was}. {}", asked.why)
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

/// Whether a kept exception is the one that another effect keeps or ends.
fn is_about(kept: &Effect, other: &Effect) -> bool {
    let id = |it: &Effect| match it {
        Effect::Keep(Record::Exception(it)) => Some(it.id.clone()),
        Effect::EndException { exception, .. } => Some(exception.clone()),
        _ => None,
    };
    id(kept).is_some() && id(kept) == id(other)
}
