//! What a look shows, held against what is wanted.

use serde_json::{Map, Value};

use super::identity::Marker;
use crate::graph::call::Call;

/// Where to look.
#[derive(Debug, Clone, PartialEq)]
pub enum Look {
    /// One object; 404 means that it is not shown.
    Object(Call),
    /// A list, every page of it.
    List(Call),
    /// There is nothing that would show it.
    Nowhere,
}

/// What was seen there.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// The object.
    Object(Value),
    /// The objects of the list.
    List(Vec<Value>),
    /// 404: the object, or what the list belongs to, is not shown.
    Absent,
}

/// What that means for the write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is as wanted.
    AlreadyThere {
        /// Id of the object, where it has one.
        id: Option<String>,
    },
    /// It is not there.
    Missing,
    /// It is there, and something is not as wanted.
    Differs {
        /// Id of the object, where it has one.
        id: Option<String>,
        /// Properties, in words: `conditions.users.excludeUsers`.
        what: Vec<String>,
    },
    /// It is there more than once.
    Several {
        /// Every id.
        ids: Vec<String>,
    },
    /// Something else has its name and was not made by lockstep.
    Taken {
        /// Id of the other object.
        id: String,
    },
}

/// Id of an object.
pub(super) fn id_of(object: &Value) -> Option<String> {
    object.get("id").and_then(Value::as_str).map(str::to_owned)
}

/// An object that must hold all of `wanted`.
pub(super) fn judge_object(seen: &Seen, wanted: &Value) -> Found {
    match seen {
        Seen::Object(object) => held_against(object, wanted),
        Seen::Absent | Seen::List(_) => Found::Missing,
    }
}

/// The one object of a list that `is_it` picks, which must hold all of `wanted`.
pub(super) fn judge_list(
    seen: &Seen,
    wanted: &Value,
    mut is_it: impl FnMut(&Value) -> bool,
) -> Found {
    let objects = match seen {
        Seen::List(objects) => objects.as_slice(),
        Seen::Object(object) => std::slice::from_ref(object),
        Seen::Absent => &[],
    };
    let picked: Vec<&Value> = objects.iter().filter(|it| is_it(it)).collect();
    // Paging over a list that changes can show one object twice.
    let mut ids: Vec<String> = picked.iter().filter_map(|it| id_of(it)).collect();
    ids.sort_unstable();
    ids.dedup();
    match (picked.as_slice(), ids.len()) {
        ([], _) => Found::Missing,
        ([.., last], 0 | 1) => held_against(last, wanted),
        _ => Found::Several { ids },
    }
}

/// The object of a list that carries a marker. One with the same name and no marker of ours is
/// somebody else's.
pub(super) fn judge_marked(seen: &Seen, wanted: &Value, name: &str, marker: &Marker) -> Found {
    let marked =
        judge_list(seen, wanted, |it| text(it, "description").is_some_and(|it| marker.is_in(it)));
    if marked != Found::Missing {
        return marked;
    }
    let named = judge_list(seen, &Value::Null, |it| {
        text(it, "displayName").is_some_and(|it| it.eq_ignore_ascii_case(name))
    });
    match named {
        Found::AlreadyThere { id: Some(id) } => Found::Taken { id },
        Found::Several { ids } => {
            ids.into_iter().next().map_or(Found::Missing, |id| Found::Taken { id })
        }
        _ => Found::Missing,
    }
}

/// Nothing may be left that `is_it` picks.
pub(super) fn judge_gone(seen: &Seen, is_it: impl Fn(&Value) -> bool) -> Found {
    let objects = match seen {
        Seen::List(objects) => objects.as_slice(),
        Seen::Object(object) => std::slice::from_ref(object),
        Seen::Absent => &[],
    };
    match objects.iter().find(|it| is_it(it)) {
        Some(object) => {
            Found::Differs { id: id_of(object), what: vec!["it is still there".to_owned()] }
        }
        None => Found::AlreadyThere { id: None },
    }
}

/// A text property.
pub(super) fn text<'a>(object: &'a Value, property: &str) -> Option<&'a str> {
    object.get(property).and_then(Value::as_str)
}

fn held_against(object: &Value, wanted: &Value) -> Found {
    let mut what = Vec::new();
    if let Value::Object(wanted) = wanted {
        compare(object, wanted, "", &mut what);
    }
    if what.is_empty() {
        Found::AlreadyThere { id: id_of(object) }
    } else {
        Found::Differs { id: id_of(object), what }
    }
}

fn compare(seen: &Value, wanted: &Map<String, Value>, within: &str, what: &mut Vec<String>) {
    for (key, wanted) in wanted {
        if key == "@odata.type" && seen.get(key).is_none() {
            // Graph leaves the type out where the place tells it.
            continue;
        }
        let path = if within.is_empty() { key.clone() } else { format!("{within}.{key}") };
        let seen = seen.get(key).unwrap_or(&Value::Null);
        match (seen, wanted) {
            (Value::Object(_), Value::Object(wanted)) => compare(seen, wanted, &path, what),
            (seen, wanted) if same(seen, wanted) => {}
            _ => what.push(path),
        }
    }
}

/// Equal, as Graph means it: an empty list, `null` and nothing are one, lists have no order, ids no
/// case.
fn same(seen: &Value, wanted: &Value) -> bool {
    match (seen, wanted) {
        (Value::Null, Value::Array(list)) | (Value::Array(list), Value::Null) => list.is_empty(),
        (Value::Null, Value::Object(wanted)) => {
            !wanted.is_empty() && wanted.values().all(|it| same(&Value::Null, it))
        }
        (Value::Object(_), Value::Object(wanted)) => {
            let mut what = Vec::new();
            compare(seen, wanted, "", &mut what);
            what.is_empty()
        }
        (Value::Array(seen), Value::Array(wanted)) => same_set(seen, wanted),
        (Value::String(seen), Value::String(wanted)) => {
            seen == wanted || (is_guid(seen) && seen.eq_ignore_ascii_case(wanted))
        }
        _ => seen == wanted,
    }
}

fn same_set(seen: &[Value], wanted: &[Value]) -> bool {
    let held = |of: &[Value], within: &[Value]| {
        of.iter().all(|wanted| within.iter().any(|seen| same(seen, wanted)))
    };
    // What Graph shows of an object may be more than was wanted, so objects are held one way only.
    let objects = wanted.iter().chain(seen).any(Value::is_object);
    if objects {
        seen.len() == wanted.len() && held(wanted, seen)
    } else {
        held(wanted, seen) && held(seen, wanted)
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(place, letter)| match place {
            8 | 13 | 18 | 23 => letter == '-',
            _ => letter.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "0d0c2b1a-1111-4222-8333-444455556666";

    #[test]
    fn what_graph_adds_is_no_difference_and_what_it_drops_is_one() {
        let cases = [
            (json!({"a": 1, "b": 2}), json!({"a": 1}), vec![]),
            (json!({"a": null}), json!({"a": []}), vec![]),
            (json!({}), json!({"a": null}), vec![]),
            (json!({"a": []}), json!({"a": null}), vec![]),
            (json!({"a": ["x", "y"]}), json!({"a": ["y", "x"]}), vec![]),
            (json!({"a": ["x", "y"]}), json!({"a": ["x"]}), vec!["a"]),
            (json!({"a": ["x"]}), json!({"a": ["x", "y"]}), vec!["a"]),
            (json!({"a": [ID.to_uppercase()]}), json!({"a": [ID]}), vec![]),
            (json!({"a": "Enabled"}), json!({"a": "enabled"}), vec!["a"]),
            (json!({"a": null}), json!({"a": {"b": []}}), vec![]),
            (json!({"a": null}), json!({"a": {"b": 1}}), vec!["a"]),
            (json!({"a": null}), json!({"a": {}}), vec!["a"]),
            (json!({"a": {"b": {"c": 1}}}), json!({"a": {"b": {"c": 2}}}), vec!["a.b.c"]),
            (json!({"a": [{"id": "1", "more": 1}]}), json!({"a": [{"id": "1"}]}), vec![]),
            (json!({"a": [{"id": "1"}, {"id": "2"}]}), json!({"a": [{"id": "1"}]}), vec!["a"]),
            (json!({"a": {"b": 1}}), json!({"a": {"b": 1, "@odata.type": "#t"}}), vec![]),
            (json!({"@odata.type": "#u"}), json!({"@odata.type": "#t"}), vec!["@odata.type"]),
            (json!({"a": 1}), json!({"a": "1"}), vec!["a"]),
        ];
        for (seen, wanted, differs) in cases {
            let mut what = Vec::new();
            compare(&seen, wanted.as_object().unwrap(), "", &mut what);
            assert_eq!(what, differs, "{seen} against {wanted}");
        }
    }

    #[test]
    fn a_marker_tells_ours_from_a_namesake() {
        let marker = Marker::new("ca001-7f3a").unwrap();
        let ours = json!({"id": "1", "displayName": "renamed", "description": marker.after("x")});
        let again = json!({"id": "2", "displayName": "CA001", "description": marker.after("")});
        let theirs = json!({"id": "3", "displayName": "ca001", "description": null});
        let other = json!({"id": "4", "displayName": "CA002"});
        let judged = |objects: &[&Value]| {
            let list = Seen::List(objects.iter().map(|it| (*it).clone()).collect());
            judge_marked(&list, &Value::Null, "CA001", &marker)
        };
        let there = |id: &str| Found::AlreadyThere { id: Some(id.to_owned()) };
        assert_eq!(judged(&[]), Found::Missing);
        assert_eq!(judged(&[&other]), Found::Missing);
        assert_eq!(judged(&[&theirs, &other]), Found::Taken { id: "3".to_owned() });
        assert_eq!(judged(&[&ours, &theirs]), there("1"));
        assert_eq!(judged(&[&ours, &ours]), there("1"), "one page may show it again");
        assert_eq!(
            judged(&[&ours, &again]),
            Found::Several { ids: vec!["1".to_owned(), "2".to_owned()] }
        );
    }
}
