//! What a change set rests on: read again, and held against what it was.

use std::collections::{BTreeMap, BTreeSet};

use entra::graph::again::Wanted;
use rollout::change::names::{Names, word};
use rollout::change::text::{self, list_change, property_words};
use rollout::change::{ChangeSet, Moved, Object, stale};
use rollout::{Rollout, Snapshot};
use serde::Serialize;
use serde_json::Value;

/// What is read again for a set.
pub(super) fn wanted(set: &ChangeSet, wishes: &Rollout) -> Wanted {
    let group = wishes.break_glass.group.as_deref().unwrap_or(rollout::plan::BREAK_GLASS_GROUP);
    Wanted {
        objects: set.rests_on.iter().map(|it| it.object.clone()).collect(),
        accounts: wishes.break_glass.accounts.iter().map(|it| it.trim().to_owned()).collect(),
        groups: vec![group.to_owned()],
    }
}

/// What moved of what a set rests on, `done` of whose changes were carried out. While nobody knows
/// whether the next one was, its object may be as it was before and as it will be after. `ids`: those
/// that Graph gave, by provisional id.
pub(super) fn moved(
    set: &ChangeSet,
    (done, unsettled): (usize, bool),
    ids: &BTreeMap<String, String>,
    now: &Snapshot,
) -> Vec<Moved> {
    let moved = stale(set, done, ids, now);
    if !unsettled || moved.is_empty() {
        return moved;
    }
    let after = stale(set, done.saturating_add(1), ids, now);
    let is_in = |it: &Moved| {
        after.iter().any(|other| other.object == it.object && other.property == it.property)
    };
    moved.into_iter().filter(is_in).collect()
}

/// Of what moved, what the changes of the set are about.
pub(super) fn of_changes(set: &ChangeSet, moved: Vec<Moved>) -> Vec<Moved> {
    let changed: BTreeSet<&Object> =
        set.rests_on.iter().filter(|it| !it.planned.is_empty()).map(|it| &it.object).collect();
    moved.into_iter().filter(|it| changed.contains(&it.object)).collect()
}

/// The names that it takes to tell what moved: those of the set, then what the tenant says now.
pub(super) fn names(set: &ChangeSet, now: &Snapshot) -> Names {
    Names::of_set(set).or(&Names::of_snapshot(now))
}

/// What moved, a sentence each.
pub(super) fn all_words(set: &ChangeSet, moved: &[Moved], now: &Snapshot) -> Vec<String> {
    if moved.is_empty() {
        return Vec::new();
    }
    let names = names(set, now);
    moved.iter().map(|it| moved_words(it, &names)).collect()
}

fn moved_words(moved: &Moved, names: &Names) -> String {
    let ThreeWays { then, now, planned } = ThreeWays::of(moved, names);
    format!(
        "{}: {}: it was {then}; it is {now}; the change set makes it {planned}.",
        object_words(&moved.object, names),
        property_words(&moved.property),
    )
}

/// An object in words, with the beginning of its id: several may have one name.
pub(super) fn object_words(object: &Object, names: &Names) -> String {
    match object {
        Object::User(id) => format!("account {}", names.object(id)),
        Object::UserNamed(name) => format!("account {}", word(name)),
        Object::Group(id) => format!("group {}", names.object(id)),
        Object::GroupNamed(name) => format!("groups named {}", word(name)),
        Object::Members(id) => format!("members of the group {}", names.object(id)),
        Object::Membership { group, name, .. } => {
            format!("{} in the group {}", word(name), names.object(group))
        }
        Object::Roles(id) => format!("roles of {}", names.object(id)),
        Object::Policy(id) => format!("policy {}", names.object(id)),
        Object::PolicyNumbered(number) => format!("policies numbered {}", word(number)),
        Object::SecurityDefaults => "security defaults".to_owned(),
        Object::Campaign => "registration campaign".to_owned(),
        Object::PerUserMfa(id) => format!("per-user MFA of {}", names.object(id)),
        Object::Methods(id) => format!("methods of {}", names.object(id)),
    }
}

/// What says who is asked for what goes before the rest.
pub(super) fn rank(object: &Object, property: &str) -> (usize, usize) {
    let of_object = match object {
        Object::SecurityDefaults => 0,
        Object::Policy(_) => 1,
        Object::PolicyNumbered(_) => 2,
        Object::Members(_) | Object::Membership { .. } | Object::Group(_) => 3,
        _ => 4,
    };
    (of_object, text::rank(property))
}

/// A property three ways, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct ThreeWays {
    /// What it was when the set was made.
    pub(super) then: String,
    /// What it is; of a list, what became of it.
    pub(super) now: String,
    /// What the set makes of it; of a list, what becomes of it.
    pub(super) planned: String,
}

impl ThreeWays {
    pub(super) fn of(moved: &Moved, names: &Names) -> Self {
        let then = moved.then.as_ref();
        let against = |value: Option<&Value>| {
            if value == then {
                return "as it was then".to_owned();
            }
            let list = list_change(names, &moved.property, then, value);
            match list.filter(|it| it.stay > 0) {
                Some(list) => list.to_string(),
                None => value_words(&moved.property, value, names),
            }
        };
        Self {
            then: value_words(&moved.property, then, names),
            now: against(moved.now.as_ref()),
            planned: against(moved.planned.as_ref()),
        }
    }
}

/// Of a list so many are told; the document holds each of them.
const TOLD: usize = 12;

fn value_words(property: &str, value: Option<&Value>, names: &Names) -> String {
    let all = names.items(property, value.unwrap_or(&Value::Null));
    let more = all.len().saturating_sub(TOLD);
    let told: Vec<String> = all.into_iter().take(TOLD).collect();
    match more {
        0 => told.join(", "),
        more => format!("{}, and {more} more", told.join(", ")),
    }
}
