//! Tests of the store as a whole. Its connection is reached from here, to damage what it keeps.

mod documents;
mod full;
mod interleavings;
mod killed;
mod leases;
mod opening;
mod refused;

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    EntryKind, FILE_NAME, Head, Holder, Kind, NewDocument, NewEntry, Store, StoreError, Writer,
};

pub(crate) const PLANS: Kind<Value> = Kind::new("plan", "lockstep.plan/1");
pub(crate) const LASTS: SignedDuration = SignedDuration::from_secs(60);

/// Seconds after the start of a rollout.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-12-07T08:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

pub(crate) fn holder(pid: u32) -> Holder {
    Holder { host: "it-01".to_owned(), pid, user: "anna".to_owned() }
}

pub(crate) fn fresh() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    (folder, store)
}

pub(crate) fn open(folder: &Path) -> Store {
    Store::open_or_create(&folder.join(FILE_NAME)).unwrap()
}

pub(crate) fn entry(seconds: i64, kind: EntryKind, payload: &Value) -> NewEntry<'_, Value> {
    NewEntry {
        time: at(seconds),
        actor: "anna@ne.example",
        kind,
        change_set: Some("cs-1"),
        payload,
    }
}

pub(crate) fn note(writer: &Writer<'_>, seconds: i64, payload: Value) -> Result<Head, StoreError> {
    writer.append(&entry(seconds, EntryKind::Note, &payload))
}

pub(crate) fn document<'a>(
    key: &'a str,
    seconds: i64,
    payload: &'a Value,
) -> NewDocument<'a, Value> {
    NewDocument { key, payload, at: at(seconds), by: "anna@ne.example", source: None }
}

/// A connection beside the store's, as another program would have.
pub(crate) fn beside(store: &Store) -> rusqlite::Connection {
    rusqlite::Connection::open(store.path()).unwrap()
}
