//! One foreign object with its keys compared without case, and typed reading of its values.

use jiff::Timestamp;
use records::time::DateOrder;
use serde_json::{Map, Value};

/// Why a record of a known kind cannot be read, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken(pub(super) String);

/// What reading one value came to.
pub(super) type Read<T> = Result<T, Broken>;

/// One foreign object.
///
/// Exports of Graph PowerShell spell keys in PascalCase and put what the type does not know under
/// `AdditionalProperties`; both are looked through.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object<'a> {
    map: &'a Map<String, Value>,
    order: DateOrder,
    /// False when the keys are spelled as Graph spells them: then the exact key decides.
    foreign: bool,
}

impl<'a> Object<'a> {
    /// A view of the map. `order` is the order of day and month in dates written by a locale.
    pub(super) fn new(map: &'a Map<String, Value>, order: DateOrder) -> Self {
        Self { map, order, foreign: is_foreign(map) }
    }

    /// Another object of the same file.
    pub(super) fn beside(&self, map: &'a Map<String, Value>) -> Object<'a> {
        Object::new(map, self.order)
    }

    /// The value of a key, if the key is there at all.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        if let Some(value) = self.map.get(name) {
            return Some(value);
        }
        if !self.foreign {
            return None;
        }
        if let Some(value) = find(self.map, name) {
            return Some(value);
        }
        match self.map.get("AdditionalProperties")? {
            Value::Object(more) => find(more, name),
            _ => None,
        }
    }

    /// True when the key is there, with or without a value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// True when one of the keys is there.
    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.has(name))
    }

    /// True when the source states that the property is unset. Graph's `null` is such a
    /// statement, an empty cell under Graph's own column name too. The `null` of a PowerShell
    /// export (PascalCase) is none: it is sent for properties nobody asked for.
    pub(super) fn is_told_unset(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(is_unset)
    }

    /// Text, trimmed; `None` when absent or empty.
    pub(super) fn text(&self, name: &str) -> Read<Option<String>> {
        match self.get(name) {
            None => Ok(None),
            Some(value) if is_unset(value) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            // Remote PowerShell wraps enumerations: {"value": 3, "Value": "SharedMailbox"}.
            Some(Value::Object(map)) => match map.get("Value") {
                Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
                _ => Err(wrong(name, "text")),
            },
            Some(_) => Err(wrong(name, "text")),
        }
    }

    /// Text, or `Some("")` where the source states that there is none.
    pub(super) fn text_or_unset(&self, name: &str) -> Read<Option<String>> {
        let text = self.text(name)?;
        Ok(text.or_else(|| self.is_told_unset(name).then(String::new)))
    }

    /// Text in lower case, as identifiers are kept.
    pub(super) fn lower(&self, name: &str) -> Read<Option<String>> {
        Ok(self.text(name)?.map(|text| text.to_lowercase()))
    }

    /// Yes or no, in the words of Graph, PowerShell and the portal.
    pub(super) fn flag(&self, name: &str) -> Read<Option<bool>> {
        match self.get(name) {
            None => Ok(None),
            Some(value) if is_unset(value) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) => {
                flag_word(text).map(Some).ok_or_else(|| wrong(name, "yes or no"))
            }
            Some(_) => Err(wrong(name, "yes or no")),
        }
    }

    /// A count.
    pub(super) fn count(&self, name: &str) -> Read<Option<u64>> {
        let broken = || wrong(name, "a count");
        match self.get(name) {
            None => Ok(None),
            Some(value) if is_unset(value) => Ok(None),
            Some(Value::Number(number)) => number.as_u64().map(Some).ok_or_else(broken),
            Some(Value::String(text)) => text.trim().parse().map(Some).map_err(|_| broken()),
            Some(_) => Err(broken()),
        }
    }

    /// A point in time. The first day of year 1 is .NET's way of writing *none*.
    pub(super) fn time(&self, name: &str) -> Read<Option<Timestamp>> {
        let text = match self.get(name) {
            Some(Value::Object(map)) => {
                // Windows PowerShell: {"value": "/Date(…)/", "DisplayHint": 2, "DateTime": "…"}.
                map.get("value").and_then(Value::as_str).map(str::to_owned)
            }
            _ => self.text(name)?,
        };
        let Some(text) = text else { return Ok(None) };
        if text.starts_with("0001-01-01") || text.starts_with("1/1/0001") {
            return Ok(None);
        }
        powershell_date(&text)
            .or_else(|| records::time::parse(&text, self.order))
            .map(Some)
            .ok_or_else(|| wrong(name, "a date"))
    }

    /// An object below this one.
    pub(super) fn object(&self, name: &str) -> Read<Option<Object<'a>>> {
        match self.get(name) {
            None => Ok(None),
            Some(value) if is_unset(value) => Ok(None),
            Some(Value::Object(map)) => Ok(Some(Object::new(map, self.order))),
            Some(_) => Err(wrong(name, "an object")),
        }
    }

    /// A list, or `None` when absent. A single value stands for a list of one, `null` for absent.
    pub(super) fn list(&self, name: &str) -> Option<Vec<&'a Value>> {
        match self.get(name)? {
            Value::Null => None,
            Value::Array(items) => Some(items.iter().collect()),
            Value::String(text) if text.trim().is_empty() => None,
            one => Some(vec![one]),
        }
    }

    /// A list of objects.
    pub(super) fn objects(&self, name: &str) -> Read<Option<Vec<Object<'a>>>> {
        let Some(items) = self.list(name) else { return Ok(None) };
        let objects: Option<Vec<Object<'a>>> = items
            .into_iter()
            .map(|item| item.as_object().map(|map| Object::new(map, self.order)))
            .collect();
        objects.map(Some).ok_or_else(|| wrong(name, "a list of objects"))
    }

    /// A list of words. One text with commas or semicolons is split.
    pub(super) fn words(&self, name: &str) -> Read<Option<Vec<String>>> {
        let Some(items) = self.list(name) else { return Ok(None) };
        let mut words = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Value::Null => {}
                Value::String(text) => words.extend(
                    text.split([',', ';'])
                        .map(str::trim)
                        .filter(|word| !word.is_empty())
                        .map(str::to_owned),
                ),
                _ => return Err(wrong(name, "a list of words")),
            }
        }
        Ok(Some(words))
    }

    /// `@odata.type` without `#microsoft.graph.`.
    pub(super) fn odata_type(&self) -> Option<&'a str> {
        let text = self.get("@odata.type")?.as_str()?;
        Some(text.rsplit('.').next().unwrap_or(text).trim_start_matches('#'))
    }
}

/// True when some key starts with a capital letter, or none holds any.
fn is_foreign(map: &Map<String, Value>) -> bool {
    let capital = |letter: char| letter.is_ascii_uppercase();
    map.keys().any(|key| key.starts_with(capital)) || !map.keys().any(|key| key.contains(capital))
}

fn find<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.iter()
        .find(|(key, _)| key.len() == name.len() && key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Yes or no in words; `None` for any other word.
pub(super) fn flag_word(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "1" | "enabled" | "capable" | "registered" => Some(true),
        "false" | "no" | "0" | "disabled" | "not capable" | "not registered" => Some(false),
        _ => None,
    }
}

fn powershell_date(text: &str) -> Option<Timestamp> {
    let milliseconds = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    Timestamp::from_millisecond(milliseconds.parse().ok()?).ok()
}

pub(super) fn wrong(name: &str, expected: &str) -> Broken {
    Broken(format!("`{name}` is not {expected}"))
}
