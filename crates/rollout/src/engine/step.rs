//! What an event means.

use jiff::Timestamp;

use super::{Effect, Event, Record, Refusal, State, carried, excepted, said, seeing};

/// What an event means in a state: the next state, and what to do. The next state is the state with
/// every record that is to be kept; a refusal leaves the state as it is.
#[must_use]
pub fn step(state: &State, event: &Event<'_>, now: Timestamp) -> (State, Vec<Effect>) {
    let effects = decide(state, event, now).unwrap_or_else(|refusal| vec![Effect::Refuse(refusal)]);
    let mut next = state.clone();
    for effect in &effects {
        if let Effect::Keep(record) = effect {
            next.add(record.clone());
        }
    }
    (next, effects)
}

fn decide(state: &State, event: &Event<'_>, now: Timestamp) -> Result<Vec<Effect>, Refusal> {
    match event {
        Event::Seen(seen) => Ok(seeing::seen(state, seen, now)),
        Event::Scheduled(it) => said::scheduled(state, it),
        Event::Attested(it) => said::attested(state, it),
        Event::Waived(it) => said::waived(state, it, now),
        Event::ExceptionChanged(it) => excepted::changed(state, it, now),
        Event::IssueChanged(it) => said::issue(state, it),
        Event::TestPlanned(it) => said::test_planned(it, now),
        Event::SheetPrinted(it) => said::sheet_printed(it),
        Event::MessageSent(it) => said::message_sent(state, it),
        Event::Proposed { set, of_plan } => carried::proposed(state, set, of_plan.as_deref(), now),
        Event::Confirmed { set, confirmation, guards } => {
            carried::confirmed(state, set, confirmation, guards, now)
        }
        Event::Resumed { set, unsettled } => carried::resumed(state, set, *unsettled),
        Event::CarriedOut { set, place, intent, already, ids } => {
            let done = carried::Outcome { place: *place, intent: *intent, already: *already, ids };
            carried::carried_out(state, set, &done, now)
        }
        Event::NotCarriedOut { set, place, unsettled, why } => {
            carried::not_carried_out(state, set, (*place, *unsettled), why, now)
        }
        Event::ReadBack { set, differs } => carried::read_back(state, set, differs, now),
        Event::Stopped { set, why } => carried::stopped(state, set, why, now),
    }
}

/// Keeps a record.
pub(super) fn keep(record: Record) -> Effect {
    Effect::Keep(record)
}

/// What was said is not enough.
pub(super) fn not_enough(why: impl Into<String>) -> Refusal {
    Refusal::NotEnough { why: why.into() }
}

/// Refuses an empty text.
pub(super) fn told(text: &str, what: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() { Err(not_enough(format!("{what} is missing"))) } else { Ok(()) }
}
