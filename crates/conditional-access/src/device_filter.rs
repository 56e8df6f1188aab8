//! Filters for devices: the rule language, and what a rule says of a device (Entra documentation,
//! *Conditional Access: Filter for devices*).
//!
//! A rule that does not parse, or that uses what the documentation does not list, is unknown as a
//! whole: [`DeviceRule::of`] refuses it.

mod judge;
mod parse;
mod write;

use crate::facts::{DeviceProperty, DeviceValue};
pub(crate) use judge::{DeviceState, Known};

/// A rule of a filter for devices that was understood. Written out it is the same rule in one
/// spelling: values in lower case, no parentheses but those that are needed.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceRule(Expression);

/// What a rule is made of.
#[derive(Debug, Clone, PartialEq)]
enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Compare(Comparison),
}

#[derive(Debug, Clone, PartialEq)]
struct Comparison {
    property: DeviceProperty,
    operator: Operator,
    /// In lower case; one for every operator but `-in` and `-notIn`.
    values: Vec<String>,
}

/// An operator, and whether it is the negative one of its pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Operator {
    test: Test,
    negative: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Equals,
    StartsWith,
    EndsWith,
    Contains,
    In,
}

impl Operator {
    fn of_word(word: &str) -> Option<Self> {
        let word = word.strip_prefix('-').unwrap_or(word).to_ascii_lowercase();
        let (test, negative) = match word.as_str() {
            "eq" => (Test::Equals, false),
            "ne" => (Test::Equals, true),
            "startswith" => (Test::StartsWith, false),
            "notstartswith" => (Test::StartsWith, true),
            "endswith" => (Test::EndsWith, false),
            "notendswith" => (Test::EndsWith, true),
            "contains" => (Test::Contains, false),
            "notcontains" => (Test::Contains, true),
            "in" => (Test::In, false),
            "notin" => (Test::In, true),
            _ => return None,
        };
        Some(Self { test, negative })
    }
}

impl Expression {
    fn add_compared_with(&self, all: &mut Vec<(DeviceProperty, String, bool)>) {
        match self {
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().for_each(|part| part.add_compared_with(all));
            }
            Self::Not(part) => part.add_compared_with(all),
            Self::Compare(Comparison { property, operator, values }) => {
                let whole = matches!(operator.test, Test::Equals | Test::In);
                all.extend(values.iter().map(|value| (*property, value.clone(), whole)));
            }
        }
    }
}

impl DeviceRule {
    /// Reads a rule. `None` when it cannot be understood for certain.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        parse::parse(text).map(Self)
    }

    /// Every text that a property is compared with, and whether with its whole value.
    pub(crate) fn compared_with(&self) -> Vec<(DeviceProperty, String, bool)> {
        let mut all = Vec::new();
        self.0.add_compared_with(&mut all);
        all
    }
}

/// The form in which two values are compared: without case, and trust types in the directory's
/// words.
fn comparable(property: DeviceProperty, text: &str) -> String {
    if property == DeviceProperty::TrustType {
        return crate::facts::trust_type(text).to_lowercase();
    }
    text.to_lowercase()
}

fn comparable_value(property: DeviceProperty, value: &DeviceValue) -> Option<Vec<String>> {
    match value {
        DeviceValue::Null => None,
        DeviceValue::Flag(flag) => Some(vec![flag.to_string()]),
        DeviceValue::Text(text) => Some(vec![comparable(property, text)]),
        DeviceValue::List(items) => {
            Some(items.iter().map(|item| comparable(property, item)).collect())
        }
    }
}

#[cfg(test)]
mod tests;
