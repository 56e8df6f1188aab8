//! One JSON object with its keys compared without case.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// One JSON object with its keys compared without case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Properties<'a> {
    map: &'a Map<String, Value>,
}

/// The paths of properties that carry a value the model does not know.
#[derive(Debug, Default)]
pub(super) struct Unmodelled(BTreeSet<String>);

impl Unmodelled {
    /// Names one property.
    pub(super) fn add(&mut self, path: impl Into<String>) {
        self.0.insert(path.into());
    }

    /// How many properties were named.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The paths in order, each once.
    pub(super) fn into_paths(self) -> Vec<String> {
        self.0.into_iter().collect()
    }
}

impl<'a> Properties<'a> {
    /// The value as an object, if it is one.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(|map| Self { map })
    }

    /// The property, if it carries a value. Two spellings of one key may stand side by side; the
    /// one with a value counts.
    pub(super) fn find(&self, name: &str) -> Option<&'a Value> {
        self.map
            .iter()
            .find(|(key, value)| key.eq_ignore_ascii_case(name) && !is_nothing(value))
            .map(|(_, value)| value)
    }

    /// True when the key is there, with or without a value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.map.keys().any(|key| key.eq_ignore_ascii_case(name))
    }

    /// The property, even one in which nothing is configured, unless it is null.
    pub(super) fn told(&self, name: &str) -> Option<&'a Value> {
        let mut told = self.map.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let value = self.find(name).or_else(|| told.next().map(|(_, value)| value))?;
        Some(value).filter(|value| !value.is_null())
    }

    /// The property as an object, even one in which nothing is configured.
    pub(super) fn told_object(&self, name: &str) -> Option<Properties<'a>> {
        self.told(name).and_then(Properties::of)
    }

    /// The property as text, trimmed; `None` when empty or of another type.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.find(name)? {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The property as yes or no; text `true` and `false` in any case are taken too.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.find(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The property as a point in time: RFC 3339, a date and time without zone (UTC), or
    /// PowerShell's `/Date(milliseconds)/`.
    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        let text = self.text(name)?;
        if let Ok(time) = text.parse::<Timestamp>() {
            return Some(time);
        }
        if let Some(milliseconds) =
            text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/"))
        {
            return Timestamp::from_millisecond(milliseconds.parse().ok()?).ok();
        }
        let local = text.parse::<DateTime>().ok()?;
        TimeZone::UTC.to_timestamp(local).ok()
    }

    /// The property as a list of words: an array, or one text with commas between them. What is
    /// neither is named in `unmodelled` under `path`.
    pub(super) fn words(&self, name: &str, path: &str, unmodelled: &mut Unmodelled) -> Vec<String> {
        let mut words = Vec::new();
        let whole = join(path, name);
        match self.find(name) {
            None => {}
            Some(Value::Array(items)) => {
                for item in items {
                    collect_words(item, &whole, &mut words, unmodelled);
                }
            }
            Some(other) => collect_words(other, &whole, &mut words, unmodelled),
        }
        words
    }

    /// `@odata.type` without `#microsoft.graph.`.
    pub(super) fn odata_type(&self) -> Option<String> {
        let text = self.text("@odata.type")?;
        let name = text.rsplit('.').next().unwrap_or(&text);
        Some(name.trim_start_matches('#').to_owned())
    }

    /// Names every property beside `known` that carries a value. Annotations (`@odata.…`) say
    /// nothing about the policy.
    pub(super) fn others(&self, path: &str, known: &[&str], unmodelled: &mut Unmodelled) {
        for (key, value) in self.map {
            let is_known = known.iter().any(|name| key.eq_ignore_ascii_case(name));
            if !is_known && !is_annotation(key) && !is_nothing(value) {
                unmodelled.add(join(path, key));
            }
        }
    }

    /// Names and values of every property that carries a value, annotations left out.
    pub(super) fn set(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.map
            .iter()
            .filter(|(key, value)| !is_annotation(key) && !is_nothing(value))
            .map(|(key, value)| (key.as_str(), value))
    }
}

/// A path and the name below it.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn collect_words(item: &Value, path: &str, words: &mut Vec<String>, unmodelled: &mut Unmodelled) {
    match item {
        Value::String(text) => {
            words.extend(
                text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned),
            );
        }
        other if is_nothing(other) => {}
        _ => unmodelled.add(path),
    }
}

fn is_annotation(key: &str) -> bool {
    key.starts_with('@') || key.contains("@odata.")
}

/// True for every way of writing *not configured*.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_nothing),
        Value::Object(map) => {
            map.iter().all(|(key, value)| is_annotation(key) || is_nothing(value))
        }
    }
}
