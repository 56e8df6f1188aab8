//! JSON objects.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// The object inside a value; anything else is empty.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A text of an object.
pub(crate) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

/// A time as Graph writes it: whole seconds, UTC.
pub(crate) fn time(at: Timestamp) -> String {
    let seconds = Timestamp::from_second(at.as_second()).unwrap_or(at);
    seconds.to_string()
}

/// Merges a patch as Graph does: nested objects by property, arrays and everything else replaced.
/// An object that names another type takes the place of the old one.
pub(crate) fn merge(into: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        match (into.get_mut(name), value) {
            (Some(Value::Object(old)), Value::Object(new)) if same_type(old, new) => {
                merge(old, new);
            }
            _ => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
}

fn same_type(old: &Map<String, Value>, new: &Map<String, Value>) -> bool {
    match (old.get("@odata.type"), new.get("@odata.type")) {
        (Some(old), Some(new)) => old == new,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_objects_are_merged_and_arrays_replaced() {
        let mut policy = object(json!({
            "state": "enabled",
            "conditions": {"users": {"includeUsers": ["All"], "excludeUsers": ["a", "b"]},
                "locations": {"@odata.type": "#x", "a": 1}},
            "sessionControls": {"signInFrequency": {"value": 4}},
        }));
        merge(
            &mut policy,
            &object(json!({
                "conditions": {"users": {"excludeUsers": ["c"]},
                    "locations": {"@odata.type": "#y", "b": 2}},
                "sessionControls": null,
            })),
        );
        assert_eq!(
            Value::Object(policy),
            json!({
                "state": "enabled",
                "conditions": {"users": {"includeUsers": ["All"], "excludeUsers": ["c"]},
                    "locations": {"@odata.type": "#y", "b": 2}},
                "sessionControls": null,
            })
        );
    }

    #[test]
    fn times_have_no_fractions() {
        let at: Timestamp = "2026-11-20T08:14:03.75Z".parse().unwrap();
        assert_eq!(time(at), "2026-11-20T08:14:03Z");
    }
}
