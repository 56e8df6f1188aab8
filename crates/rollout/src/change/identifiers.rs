//! Ids of objects that do not exist yet.

use serde_json::Value;

/// What the id of an object that does not exist yet begins with. No id of Graph holds a colon.
pub const PROVISIONAL: &str = "new:";

/// The id that stands for an object until Graph has given it one. `word` comes from the caller and
/// is the same for the same object wherever it is named.
#[must_use]
pub fn provisional_id(word: &str) -> String {
    format!("{PROVISIONAL}{word}")
}

/// Whether an id stands for an object that does not exist yet.
#[must_use]
pub fn is_provisional(id: &str) -> bool {
    id.starts_with(PROVISIONAL)
}

/// Whether two ids are the same. Graph compares them without case.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Whether an id that may not be told is this one.
pub(super) fn is(told: Option<&str>, id: &str) -> bool {
    told.is_some_and(|told| same(told, id))
}

/// Puts ids in the place of provisional ones, wherever in a document one stands as a whole text.
pub(super) fn replaced(value: Value, id_of: &dyn Fn(&str) -> Option<String>) -> Value {
    match value {
        Value::String(text) => {
            let id = is_provisional(&text).then(|| id_of(&text)).flatten();
            Value::String(id.unwrap_or(text))
        }
        Value::Array(all) => all.into_iter().map(|it| replaced(it, id_of)).collect(),
        Value::Object(all) => Value::Object(
            all.into_iter().map(|(key, value)| (key, replaced(value, id_of))).collect(),
        ),
        other => other,
    }
}
