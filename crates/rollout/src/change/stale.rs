//! What moved since a change set was made.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::identifiers::replaced;
use super::observe::{Object, Observation, Observer, without_order};
use super::set::{ChangeSet, Observed};
use crate::snapshot::Snapshot;

/// Name of the property that stands for an object as a whole.
const WHOLE: &str = "the object";

/// A property of an object that is not what it was, three ways.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// The object.
    pub object: Object,
    /// The property; `the object` where there is none any more, or nobody tells of it.
    pub property: String,
    /// What the set makes of it. `None`, here and below: it is not set.
    pub planned: Option<Value>,
    /// What it was when the set was made, or is to be after the changes that were carried out.
    pub then: Option<Value>,
    /// What it is now.
    pub now: Option<Value>,
}

/// What moved since a set was made, of what it rests on. `done` of its changes, from the first on,
/// have been carried out: what they made is not moved. `ids` are those that Graph gave, by the
/// provisional ids that the set names them by. What cannot be seen now and could be then has
/// moved, too; nothing else has: an object that nobody saw then moved once somebody sees it.
#[must_use]
pub fn stale(
    set: &ChangeSet,
    done: usize,
    ids: &BTreeMap<String, String>,
    now: &Snapshot,
) -> Vec<Moved> {
    let mut observer = Observer::of(now);
    let all = set.rests_on.iter().map(|observed| {
        let seen = observer.observe(&observed.object);
        moved(observed, done, ids, &seen)
    });
    all.flatten().collect()
}

fn moved(
    observed: &Observed,
    done: usize,
    ids: &BTreeMap<String, String>,
    now: &Observation,
) -> Vec<Moved> {
    let then = observed.planned.range(..done).next_back().map_or(&observed.then, |(_, it)| it);
    if is_by_name(&observed.object) && done > 0 && made(observed, done, now) {
        return Vec::new();
    }
    let planned = observed.planned.values().next_back().unwrap_or(then);
    let [planned, then] = [planned, then].map(|it| given(properties(it), ids));
    let now = properties(now);
    let names: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let different = names.into_iter().filter(|name| then.get(*name) != now.get(*name));
    let of = |all: &BTreeMap<String, Value>, name: &str| all.get(name).cloned();
    different
        .map(|name| Moved {
            object: observed.object.clone(),
            property: name.clone(),
            planned: of(&planned, name),
            then: of(&then, name),
            now: of(&now, name),
        })
        .collect()
}

/// The properties with the ids that Graph gave in the place of provisional ones.
fn given(
    properties: BTreeMap<String, Value>,
    ids: &BTreeMap<String, String>,
) -> BTreeMap<String, Value> {
    let given = |value| without_order(replaced(value, &|id| ids.get(id).cloned()));
    properties.into_iter().map(|(name, value)| (name, given(value))).collect()
}

/// Objects that are found by their name: the id of one that a change has made is not the provisional
/// one any more.
fn is_by_name(object: &Object) -> bool {
    matches!(object, Object::UserNamed(_) | Object::GroupNamed(_) | Object::PolicyNumbered(_))
}

/// Whether exactly as many are there under the name as the carried out changes leave.
fn made(observed: &Observed, done: usize, now: &Observation) -> bool {
    let count = |it: &Observation| match it {
        Observation::Seen(properties) => {
            properties.values().filter_map(Value::as_array).map(Vec::len).sum()
        }
        Observation::Absent => 0,
        Observation::NotSeen => usize::MAX,
    };
    let planned = observed.planned.range(..done).next_back();
    planned.is_some_and(|(_, planned)| count(planned) == count(now) && count(now) != usize::MAX)
}

fn properties(observation: &Observation) -> BTreeMap<String, Value> {
    let whole = |word: &str| BTreeMap::from([(WHOLE.to_owned(), Value::from(word))]);
    match observation {
        Observation::NotSeen => whole("not seen"),
        Observation::Absent => whole("not there"),
        Observation::Seen(properties) if properties.is_empty() => whole("there"),
        Observation::Seen(properties) => properties.clone(),
    }
}
