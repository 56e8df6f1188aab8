//! What a change set rests on: read again, and held against what it was.

use std::collections::BTreeSet;

use entra::graph::again::Wanted;
use rollout::change::{ChangeSet, Moved, Object, stale};
use rollout::{Rollout, Snapshot};
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
/// whether the next one was, its object may be as it was before and as it will be after.
pub(super) fn moved(set: &ChangeSet, done: usize, unsettled: bool, now: &Snapshot) -> Vec<Moved> {
    let moved = stale(set, done, now);
    if !unsettled || moved.is_empty() {
        return moved;
    }
    let after = stale(set, done.saturating_add(1), now);
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

/// What moved, a sentence.
pub(super) fn moved_words(moved: &Moved) -> String {
    format!(
        "{}: {} was {}, is {}, and the change set makes it {}.",
        object_words(&moved.object),
        moved.property,
        value_words(moved.then.as_ref()),
        value_words(moved.now.as_ref()),
        value_words(moved.planned.as_ref())
    )
}

/// An object in words.
pub(super) fn object_words(object: &Object) -> String {
    match object {
        Object::User(id) => format!("account {id}"),
        Object::UserNamed(name) => format!("account {name}"),
        Object::Group(id) => format!("group {id}"),
        Object::GroupNamed(name) => format!("group {name}"),
        Object::Members(id) => format!("members of the group {id}"),
        Object::Membership { group, name, .. } => format!("{name} in the group {group}"),
        Object::Roles(id) => format!("roles of {id}"),
        Object::Policy(id) => format!("policy {id}"),
        Object::PolicyNumbered(number) => format!("policies named {number}"),
        Object::SecurityDefaults => "security defaults".to_owned(),
        Object::Campaign => "registration campaign".to_owned(),
        Object::PerUserMfa(id) => format!("per-user MFA of {id}"),
        Object::Methods(id) => format!("methods of {id}"),
    }
}

/// An object with the name that the snapshot knows it by.
pub(super) fn named(object: &Object, snapshot: &Snapshot) -> String {
    let words = object_words(object);
    let is = |told: Option<&str>, id: &str| told.is_some_and(|it| it.eq_ignore_ascii_case(id));
    let user = |id: &str| {
        let users = snapshot.users.iter().flatten();
        let mut users = users.filter(|it| is(it.account.user_id.as_deref(), id));
        users.next().map(|it| it.account.label().to_owned())
    };
    let group = |id: &str| {
        let mut groups = snapshot.groups.iter().flatten().filter(|it| is(it.id.as_deref(), id));
        groups.next().and_then(|it| it.display_name.clone())
    };
    let (id, name) = match object {
        Object::User(id) | Object::PerUserMfa(id) | Object::Methods(id) => (id, user(id)),
        Object::Roles(id) => (id, user(id).or_else(|| group(id))),
        Object::Group(id) | Object::Members(id) => (id, group(id)),
        Object::Membership { group: id, .. } => (id, group(id)),
        Object::Policy(id) => {
            let policies = snapshot.policies.iter().flatten();
            let mut policies = policies.filter(|it| is(it.id.as_deref(), id));
            (id, policies.next().map(|it| it.display_name.clone()))
        }
        _ => return words,
    };
    match name {
        Some(name) => words.replace(id.as_str(), &name),
        None => words,
    }
}

/// A value in words.
pub(super) fn value_words(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "not set".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(all)) => {
            let all: Vec<String> = all.iter().map(|it| value_words(Some(it))).collect();
            all.join(", ")
        }
        Some(Value::Bool(true)) => "yes".to_owned(),
        Some(Value::Bool(false)) => "no".to_owned(),
        Some(other) => other.to_string(),
    }
}
