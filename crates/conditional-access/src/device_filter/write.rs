//! Writing a rule out.

use std::fmt;

use super::{Comparison, DeviceRule, Expression, Operator, Test};

impl fmt::Display for DeviceRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Or(parts) => joined(parts, " -or ", |it| matches!(it, Self::Or(_)), formatter),
            Self::And(parts) => joined(parts, " -and ", Self::has_parts, formatter),
            Self::Not(part) if part.has_parts() => write!(formatter, "-not ({part})"),
            Self::Not(part) => write!(formatter, "-not {part}"),
            Self::Compare(comparison) => write!(formatter, "{comparison}"),
        }
    }
}

impl Expression {
    fn has_parts(&self) -> bool {
        matches!(self, Self::Or(_) | Self::And(_))
    }
}

/// Parts with a word between them; those that would be read otherwise stand in parentheses.
fn joined(
    parts: &[Expression],
    between: &str,
    in_parentheses: impl Fn(&Expression) -> bool,
    formatter: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            formatter.write_str(between)?;
        }
        if in_parentheses(part) {
            write!(formatter, "({part})")?;
        } else {
            write!(formatter, "{part}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "device.{} {} ", self.property.word(), self.operator.word())?;
        let values: Vec<String> = self.values.iter().map(|value| quoted(value)).collect();
        let values = values.join(", ");
        if self.operator.test == Test::In {
            write!(formatter, "[{values}]")
        } else {
            formatter.write_str(&values)
        }
    }
}

/// A text that was read stood between two of one kind of quotes, and so holds no two kinds.
fn quoted(value: &str) -> String {
    if value.contains('"') { format!("'{value}'") } else { format!("\"{value}\"") }
}

impl Operator {
    fn word(self) -> &'static str {
        match (self.test, self.negative) {
            (Test::Equals, false) => "-eq",
            (Test::Equals, true) => "-ne",
            (Test::StartsWith, false) => "-startsWith",
            (Test::StartsWith, true) => "-notStartsWith",
            (Test::EndsWith, false) => "-endsWith",
            (Test::EndsWith, true) => "-notEndsWith",
            (Test::Contains, false) => "-contains",
            (Test::Contains, true) => "-notContains",
            (Test::In, false) => "-in",
            (Test::In, true) => "-notIn",
        }
    }
}
