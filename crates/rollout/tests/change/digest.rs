//! The id of a set is the digest of everything in it.

use conditional_access::State;
use rollout::change::{ChangeSet, Edit, Presence, digest};
use serde_json::{Map, Value};

use crate::tenant::{CA001, EXCLUDED_GROUP, member_of, ne, reversible, set_of, turned};

fn sample() -> ChangeSet {
    let snapshot = ne().snapshot;
    let edits = vec![
        turned(&snapshot, CA001, State::Enabled),
        member_of(&snapshot, EXCLUDED_GROUP, "dan", Presence::Present),
        Edit::SecurityDefaults { before: Some(false), after: false },
    ];
    set_of(&snapshot, edits)
}

fn reversed(value: &Value) -> Value {
    match value {
        Value::Array(all) => all.iter().map(reversed).collect(),
        Value::Object(all) => {
            let keys = all.iter().rev().map(|(key, value)| (key.clone(), reversed(value)));
            Value::Object(keys.collect::<Map<String, Value>>())
        }
        plain => plain.clone(),
    }
}

/// Every leaf of a document, one after the other, changed.
fn altered(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(all) => (0..all.len())
            .flat_map(|place| {
                altered(&all[place]).into_iter().map(move |it| {
                    let mut all = all.clone();
                    all[place] = it;
                    Value::Array(all)
                })
            })
            .collect(),
        Value::Object(all) => all
            .iter()
            .flat_map(|(key, value)| {
                altered(value).into_iter().map(move |it| {
                    let mut all = all.clone();
                    all.insert(key.clone(), it);
                    Value::Object(all)
                })
            })
            .collect(),
        Value::String(text) => vec![Value::String(format!("{text}x"))],
        Value::Bool(flag) => vec![Value::Bool(!flag)],
        Value::Number(_) => vec![Value::from(424_242)],
        Value::Null => vec![Value::Bool(true)],
    }
}

#[test]
fn the_order_of_keys_makes_no_difference_and_everything_else_does() {
    let set = sample();
    let value = serde_json::to_value(&set).unwrap();
    let mut content = value.clone();
    content.as_object_mut().unwrap().remove("id");
    assert_eq!(digest(&content), set.id);
    assert_eq!(digest(&reversed(&content)), set.id);
    let altered = altered(&content);
    assert!(altered.len() > 100, "{}", altered.len());
    for it in altered {
        assert_ne!(digest(&it), set.id);
    }
}

#[test]
fn a_set_survives_being_kept() {
    let snapshot = ne().snapshot;
    let edits = (0..11).map(|kind| reversible(&snapshot, kind, 2)).collect();
    let set = set_of(&snapshot, edits);
    let text = serde_json::to_string(&set).unwrap();
    let read: ChangeSet = serde_json::from_str(&text).unwrap();
    assert_eq!(read, set);
    assert_eq!(read.verify(), Ok(()));
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

#[test]
fn a_set_that_was_altered_says_so() {
    let mut set = sample();
    set.changes.pop();
    assert!(set.verify().is_err());
    let set = sample();
    let told = set.clone().with_effects(|place, _| (place == 0).then(|| "Two people.".to_owned()));
    assert_eq!(told.verify(), Ok(()));
    assert_ne!(told.id, set.id);
}

/// The pass and the password of an account stand nowhere in a set.
#[test]
fn no_secret_has_a_place_in_it() {
    let snapshot = ne().snapshot;
    let set = set_of(&snapshot, vec![reversible(&snapshot, 0, 0)]);
    let text = serde_json::to_string(&set).unwrap().to_lowercase();
    assert!(!text.contains("password"), "{text}");
}

#[test]
fn provisional_ids_become_real_ones() {
    use rollout::MemberKind;
    use rollout::change::{CannotCarryOut, Named};
    let snapshot = ne().snapshot;
    let join = Edit::Membership {
        group: Named::new("new:group-0", "New 0"),
        member: Named::new("new:user-0", "new-0@ne.onmicrosoft.com"),
        member_kind: MemberKind::User,
        before: Some(Presence::Absent),
        after: Presence::Present,
    };
    let edits = vec![reversible(&snapshot, 0, 0), reversible(&snapshot, 1, 0), join];
    let set = set_of(&snapshot, edits);
    let ids = |id: &str| match id {
        "new:user-0" => Some("u0".to_owned()),
        "new:group-0" => Some("g0".to_owned()),
        _ => None,
    };
    let Edit::Membership { group, member, .. } = set.edit_with_ids(2, &ids).unwrap() else {
        panic!("a membership stays one")
    };
    assert_eq!((group.id.as_str(), member.id.as_str()), ("g0", "u0"));
    // What a change makes keeps its word: nothing is known of it yet.
    assert_eq!(set.edit_with_ids(0, &|_| None).unwrap(), set.changes[0].edit);
    let only_user = |id: &str| (id == "new:user-0").then(|| "u0".to_owned());
    let error = set.edit_with_ids(2, &only_user).unwrap_err();
    assert!(matches!(error, CannotCarryOut::NoId { id } if id == "new:group-0"));
    let error = set.edit_with_ids(3, &ids).unwrap_err();
    assert_eq!(error.to_string(), "the change set has no change at place 3");
}
