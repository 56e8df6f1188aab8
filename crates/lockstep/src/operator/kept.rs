//! Every kind of record that lockstep remembers, and the type of each.

use jiff::Timestamp;
use rollout::change::ChangeSet;
use rollout::engine::{
    Attestation, Exception, GateRecord, Issue, PlannedTest, Progress, Record, Schedule, Sent,
    Sheet, State, Waiver,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Kind, NewDocument, Store, StoreError, Together};

/// Change sets, by their digest.
pub(crate) const CHANGE_SETS: Kind<ChangeSet> = Kind::new("change-set", "lockstep.change-set/1");
const SCHEDULES: Kind<Schedule> = Kind::new("schedule", "lockstep.schedule/1");
const GATES: Kind<GateRecord> = Kind::new("gate", "lockstep.gate/1");
const ATTESTATIONS: Kind<Attestation> = Kind::new("attestation", "lockstep.attestation/1");
const WAIVERS: Kind<Waiver> = Kind::new("waiver", "lockstep.waiver/1");
const EXCEPTIONS: Kind<Exception> = Kind::new("exception", "lockstep.exception/1");
const ISSUES: Kind<Issue> = Kind::new("issue", "lockstep.issue/1");
const PROGRESS: Kind<Progress> = Kind::new("progress", "lockstep.progress/1");
const TESTS: Kind<PlannedTest> = Kind::new("planned-test", "lockstep.planned-test/1");
const SHEETS: Kind<Sheet> = Kind::new("break-glass-sheet", "lockstep.break-glass-sheet/1");
const SENT: Kind<Sent> = Kind::new("sent", "lockstep.sent/1");

/// Everything that was kept, as a state.
///
/// # Errors
/// When one record cannot be read.
pub(super) fn load(store: &Store) -> Result<State, StoreError> {
    let mut state = State::default();
    every(store, &SCHEDULES, |it| state.add(Record::Schedule(it)))?;
    every(store, &GATES, |it| state.add(Record::Gate(it)))?;
    every(store, &ATTESTATIONS, |it| state.add(Record::Attestation(it)))?;
    every(store, &WAIVERS, |it| state.add(Record::Waiver(it)))?;
    every(store, &EXCEPTIONS, |it| state.add(Record::Exception(Box::new(it))))?;
    every(store, &ISSUES, |it| state.add(Record::Issue(it)))?;
    every(store, &PROGRESS, |it| state.add(Record::Progress(Box::new(it))))?;
    every(store, &TESTS, |it| state.add(Record::PlannedTest(it)))?;
    every(store, &SHEETS, |it| state.add(Record::Sheet(it)))?;
    every(store, &SENT, |it| state.add(Record::Sent(it)))?;
    Ok(state)
}

/// The dates that were agreed on last.
pub(super) fn agreed(store: &Store) -> Result<Option<Schedule>, StoreError> {
    let mut state = State::default();
    every(store, &SCHEDULES, |it| state.add(Record::Schedule(it)))?;
    Ok(state.schedule)
}

fn every<T: DeserializeOwned>(
    store: &Store,
    kind: &Kind<T>,
    mut add: impl FnMut(T),
) -> Result<(), StoreError> {
    for document in store.all_latest(kind)? {
        add(document?.payload);
    }
    Ok(())
}

/// Keeps a record.
pub(super) fn keep(
    together: &Together<'_>,
    record: &Record,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let key = record.key();
    let to = (together, key.as_str(), by, at);
    match record {
        Record::Schedule(it) => put(to, &SCHEDULES, it),
        Record::Gate(it) => put(to, &GATES, it),
        Record::Attestation(it) => put(to, &ATTESTATIONS, it),
        Record::Waiver(it) => put(to, &WAIVERS, it),
        Record::Exception(it) => put(to, &EXCEPTIONS, it),
        Record::Issue(it) => put(to, &ISSUES, it),
        Record::Progress(it) => put(to, &PROGRESS, it),
        Record::PlannedTest(it) => put(to, &TESTS, it),
        Record::Sheet(it) => put(to, &SHEETS, it),
        Record::Sent(it) => put(to, &SENT, it),
    }
}

fn put<T: Serialize>(
    (together, key, by, at): (&Together<'_>, &str, &str, Timestamp),
    kind: &Kind<T>,
    payload: &T,
) -> Result<(), StoreError> {
    together.put(kind, &NewDocument { key, payload, at, by, source: None }).map(drop)
}
