//! Whether everything that was written had been confirmed, and stands in the journal.
//!
//! What was written is taken from the request log. What was confirmed is the change set as a person was
//! shown it, in JSON; what the journal holds is what `journal show` prints.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::asked::{Given, asks_for, makes};
use super::conduct::{Broken, Promise, broken};
use crate::request_log::{Entry, RequestLog};
use crate::world::World;

/// A change set that a person was shown and said yes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirmed {
    /// How many requests there had been.
    pub after: u64,
    /// When.
    pub at: Timestamp,
    /// The set as JSON: `id`, `purpose`, and `changes` with their `edit`.
    pub set: Value,
}

impl Confirmed {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.set.get("id").and_then(Value::as_str).unwrap_or_default()
    }

    fn edits(&self) -> impl Iterator<Item = &Value> {
        let all = self.set.get("changes").and_then(Value::as_array).into_iter().flatten();
        all.map(|it| it.get("edit").unwrap_or(&Value::Null))
    }
}

/// A write, and the change that asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Number of the request.
    pub number: u64,
    /// Id of the set.
    pub set: String,
    /// Place of the change in it.
    pub place: usize,
}

/// Holds every write against the set that was confirmed last before it: it must be what one of its
/// changes asks for, in their order, and nothing is made twice.
#[must_use]
pub fn held_against_plan(
    log: &RequestLog,
    world: &World,
    confirmed: &[Confirmed],
) -> (Vec<Explained>, Vec<Broken>) {
    let mut given: BTreeMap<&str, Given> = BTreeMap::new();
    let mut reached: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut explained, mut found) = (Vec::new(), Vec::new());
    for entry in log.entries.iter().filter(|it| it.applied) {
        let Some(last) = confirmed.iter().rfind(|it| it.after < entry.number) else {
            found.push(outside(entry, "no change set had been confirmed"));
            continue;
        };
        let from = reached.get(last.id()).copied().unwrap_or_default();
        let ids = given.entry(last.id()).or_default();
        let asks = last.edits().enumerate().skip(from);
        let asks = asks.into_iter().find(|(_, edit)| asks_for(edit, entry, ids, world));
        let Some((place, edit)) = asks else {
            found.push(outside(entry, "no change that was confirmed and is not done asks for it"));
            continue;
        };
        ids.learn(edit, entry, world);
        // What makes nothing may be sent again when an answer was lost.
        let next = if makes(edit) { place.saturating_add(1) } else { place };
        reached.insert(last.id(), next);
        explained.push(Explained { number: entry.number, set: last.id().to_owned(), place });
    }
    (explained, found)
}

fn outside(entry: &Entry, what: &str) -> Broken {
    broken(entry, Promise::OutsidePlan, what)
}

/// What the journal says came of an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// Nobody knows, or nobody said yet.
    Open,
    /// It was carried out; how often the request was sent by the run that says so.
    Done {
        /// Requests.
        sent: u64,
    },
    /// Nothing was changed.
    NotDone,
}

/// An intent of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Intended {
    /// Its number.
    pub number: u64,
    /// When it was written down.
    pub at: Timestamp,
    /// When its outcome was; `None`: it is open, or the clock of the run is not that of the log.
    pub until: Option<Timestamp>,
    /// The change.
    pub edit: Value,
    /// What came of it.
    pub came: Came,
}

/// Holds every write against the journal: the intent before it asks for it, and says no other than
/// what the log shows.
#[must_use]
pub fn held_against_journal(log: &RequestLog, world: &World, journal: &[Intended]) -> Vec<Broken> {
    let mut given = Given::default();
    let mut written: BTreeMap<u64, u64> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in log.entries.iter().filter(|it| it.method != "GET") {
        let before = journal
            .iter()
            .rev()
            .filter(|it| it.at <= entry.at && it.until.is_none_or(|until| entry.at <= until));
        let mut asks = before.filter(|it| asks_for(&it.edit, entry, &given, world));
        let Some(intent) = asks.next() else {
            if entry.applied {
                let what = "the journal holds no intent for it";
                found.push(broken(entry, Promise::NotInJournal, what));
            }
            continue;
        };
        *written.entry(intent.number).or_default() += 1;
        if !entry.applied {
            continue;
        }
        given.learn(&intent.edit, entry, world);
        if intent.came == Came::NotDone {
            let what = format!("entry {} of the journal says that nothing was done", intent.number);
            found.push(broken(entry, Promise::NotInJournal, &what));
        }
    }
    for intent in journal {
        let seen = written.get(&intent.number).copied().unwrap_or_default();
        if let Came::Done { sent } = intent.came
            && seen < sent
        {
            let number = intent.number;
            let what = format!(
                "entry {number} of the journal says that {sent} requests were sent; the tenant saw {seen}"
            );
            found.push(Broken { number: 0, promise: Promise::NotInJournal, what });
        }
    }
    found
}

#[cfg(test)]
mod tests;
