//! What holds of a run: it stops when it is asked to, it gives a new object time to be shown, and the
//! way back leads to where it began.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::conduct::{Broken, Promise, broken};
use crate::documents::Collection;
use crate::request_log::{Entry, RequestLog};
use crate::world::World;

fn is_write(entry: &Entry) -> bool {
    let path = entry.target.split('?').next().unwrap_or_default().to_ascii_lowercase();
    let reads = ["/$batch", "/getbyids", "/evaluate"];
    entry.method != "GET"
        && !path.contains("/oauth2/")
        && !reads.iter().any(|it| path.ends_with(it))
}

/// Writes that a run began after somebody asked it to stop: all but the one that was on its way, sent
/// again or not. `asked`: how many requests there had been when somebody asked; the log is that of the
/// run.
#[must_use]
pub fn after_stop(log: &RequestLog, asked: u64) -> Vec<Broken> {
    let later = log.entries.iter().filter(|it| it.number > asked && is_write(it));
    let mut on_its_way = None;
    let mut found = Vec::new();
    for entry in later {
        let this = (&entry.method, &entry.target, &entry.body_digest);
        if *on_its_way.get_or_insert(this) != this {
            let what = "it was begun after somebody asked to stop";
            found.push(broken(entry, Promise::AfterStop, what));
        }
    }
    found
}

/// New objects that were asked for a second time while the first may only have been hidden: before the
/// window was over, and without having been deleted in between.
#[must_use]
pub fn taken_for_missing(log: &RequestLog, window: SignedDuration) -> Vec<Broken> {
    let mut made: BTreeMap<(String, String), Timestamp> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in log.entries.iter().filter(|it| is_write(it)) {
        let path = entry.target.split('?').next().unwrap_or_default();
        let collection = ["/users", "/groups", "/policies"].into_iter().find(|it| {
            path.ends_with(it) || (entry.method == "DELETE" && path.contains(&format!("{it}/")))
        });
        let Some(collection) = collection else { continue };
        if entry.method == "DELETE" {
            // Which one went, its address does not tell by name.
            made.retain(|(of, _), _| of != collection);
            continue;
        }
        let body = entry.body.as_ref();
        let name =
            ["userPrincipalName", "displayName"].iter().find_map(|it| body?.get(*it)?.as_str());
        let (Some(name), "POST") = (name, entry.method.as_str()) else { continue };
        let key = (collection.to_owned(), name.to_owned());
        if made.get(&key).is_some_and(|at| entry.at.duration_since(*at) < window) {
            let what = format!("`{name}` was made a moment before, and may only not be shown yet");
            found.push(broken(entry, Promise::TakenForMissing, &what));
        }
        if entry.applied {
            made.insert(key, entry.at);
        }
    }
    found
}

/// What decides who gets in, and is not as it was: every object byte for byte, but for the time of its
/// last change.
#[must_use]
pub fn not_restored(world: &World, before: Timestamp, after: Timestamp) -> Vec<Broken> {
    let (was, is) = (standing(world, before), standing(world, after));
    let keys: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let mut found = Vec::new();
    for key in keys {
        let nothing = Value::Null;
        let (was, is) = (was.get(key).unwrap_or(&nothing), is.get(key).unwrap_or(&nothing));
        differences(key, was, is, &mut found);
    }
    found
}

/// Every value that differs, with where it stands.
fn differences(place: &str, was: &Value, is: &Value, found: &mut Vec<Broken>) {
    match (was, is) {
        (Value::Object(old), Value::Object(new)) => {
            let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for key in keys {
                let nothing = Value::Null;
                let of = |all: &Map<String, Value>| all.get(key).unwrap_or(&nothing).clone();
                differences(&format!("{place}/{key}"), &of(old), &of(new), found);
            }
        }
        _ if was == is => {}
        _ => {
            let what = format!("{place} was {was}, is {is}");
            found.push(Broken { number: 0, promise: Promise::NotRestored, what });
        }
    }
}

/// Every object that decides who gets in.
fn standing(world: &World, at: Timestamp) -> BTreeMap<String, Value> {
    let ids = |within: &Collection| -> Vec<String> {
        let all = (0..world.count(within, at)).filter_map(|place| world.item(within, place, at));
        all.filter_map(|it| it.get("id").and_then(Value::as_str).map(str::to_owned)).collect()
    };
    let mut all = BTreeMap::new();
    let plain = [
        Collection::Policies,
        Collection::NamedLocations,
        Collection::SecurityDefaults,
        Collection::MethodsPolicy,
        Collection::RoleAssignments,
        Collection::Groups,
    ];
    let members = ids(&Collection::Groups).into_iter().map(Collection::GroupMembers);
    for within in plain.into_iter().chain(members) {
        for (id, object) in world.documents.list(&within, at) {
            all.insert(format!("{within:?} {id}"), untimed(object.clone()));
        }
    }
    for user in ids(&Collection::Users) {
        let within = Collection::Requirements(user.clone());
        // Off, unless it was set.
        let set = world.documents.list(&within, at).next().map(|(_, it)| untimed(it.clone()));
        let off = || serde_json::json!({"perUserMfaState": "disabled"});
        all.insert(format!("{within:?}"), set.unwrap_or_else(off));
        let enabled = world.find(&Collection::Users, &user, at);
        let enabled = enabled.and_then(|it| it.get("accountEnabled").cloned());
        all.insert(format!("account {user}"), enabled.unwrap_or_default());
    }
    all
}

/// An object without the time of its last change.
fn untimed(mut object: Map<String, Value>) -> Value {
    object.remove("modifiedDateTime");
    object.remove("lastModifiedDateTime");
    Value::Object(object)
}

#[cfg(test)]
mod tests;
