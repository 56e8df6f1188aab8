//! What an event means.

use jiff::Timestamp;

use super::{Effect, Event, Record, State};

/// What an event means in a state: the next state, and what to do. The next state is the state with
/// every record that is to be kept.
#[must_use]
pub fn step(state: &State, event: &Event<'_>, now: Timestamp) -> (State, Vec<Effect>) {
    let _ = now;
    let effects = match event {
        Event::Attested(it) => vec![Effect::Keep(Record::Attestation(it.clone()))],
        Event::TestPlanned(it) => vec![Effect::Keep(Record::PlannedTest(it.clone()))],
        Event::Scheduled(it) => vec![Effect::Keep(Record::Schedule(it.clone()))],
        Event::Waived(it) => vec![Effect::Keep(Record::Waiver(it.clone()))],
        Event::IssueChanged(it) => vec![Effect::Keep(Record::Issue(it.clone()))],
        _ => todo!("the engine"),
    };
    let mut next = state.clone();
    for effect in &effects {
        if let Effect::Keep(record) = effect {
            next.add(record.clone());
        }
    }
    (next, effects)
}
