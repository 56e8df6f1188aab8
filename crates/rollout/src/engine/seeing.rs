//! The tenant was read: gates are asked, exceptions are looked at.

use jiff::Timestamp;
use jiff::civil::Date;

use super::days::Days;
use super::step::keep;
use super::{Effect, Exception, ExceptionPhase, GateRecord, Record, Seen, State, gates};
use crate::plan::GateState;

/// Days before its end at which the owner of an exception is reminded.
const REMINDED: i64 = 14;
/// Days before its end at which it goes to the approver, too.
const ESCALATED: i64 = 3;

/// Asks every gate, and looks at the exceptions.
pub(super) fn seen(state: &State, seen: &Seen<'_>, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::new();
    for asked in gates::ask_all(state, seen, now) {
        let before = state.gates.get(&asked.gate);
        if stays(before, &asked) {
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
    for exception in state.exceptions.values() {
        effects.extend(looked_at(exception, today));
    }
    effects
}

/// A passed gate stays as it is while its evidence does.
fn stays(before: Option<&GateRecord>, asked: &GateRecord) -> bool {
    before.is_some_and(|it| it.verdict == GateState::Passed && it.evidence == asked.evidence)
}

/// Reminders before the end of an exception, and its end. Each reminder goes out once.
fn looked_at(exception: &Exception, today: Date) -> Vec<Effect> {
    if !matches!(exception.phase, ExceptionPhase::Applied { .. }) {
        return Vec::new();
    }
    let subject = exception.subject.label();
    let left = Days::between(today, exception.expires);
    if left < 0 {
        return vec![Effect::EndException {
            exception: exception.id.clone(),
            subject: exception.subject.clone(),
        }];
    }
    let reminded_within = |days: i64| {
        exception.reminded.iter().any(|at| Days::between(*at, exception.expires) <= days)
    };
    let step = [ESCALATED, REMINDED].into_iter().find(|days| left <= *days);
    let Some(days) = step.filter(|days| !reminded_within(*days)) else { return Vec::new() };
    let mut next = exception.clone();
    next.reminded.push(today);
    let what = format!(
        "The exception {} for {subject} ends on {} ({left} days): {}. Decide now: let it end, or \
         have it renewed.",
        exception.id, exception.expires, exception.reason
    );
    let mut effects = vec![keep(Record::Exception(Box::new(next)))];
    effects.push(Effect::Tell { to: exception.owner.clone(), what: what.clone() });
    if days == ESCALATED {
        for decision in exception.decisions.iter().filter(|it| it.approves) {
            effects.push(Effect::Tell { to: decision.by.clone(), what: what.clone() });
        }
    }
    effects
}
