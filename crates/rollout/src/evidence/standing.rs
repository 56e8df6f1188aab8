//! How a question about evidence is answered.

use serde::Serialize;

use crate::plan::GateState;

/// The answer: a verdict, why, and what would decide it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// How it stands.
    pub verdict: GateState,
    /// Why, one sentence with this tenant's figures.
    pub why: String,
    /// What would decide it, for what is inconclusive or could not be measured.
    pub missing: Vec<String>,
}

impl Standing {
    /// An answer that nothing is missing for.
    pub(super) fn of(verdict: GateState, why: impl Into<String>) -> Self {
        Self { verdict, why: why.into(), missing: Vec::new() }
    }

    /// Measured, and cannot say.
    pub(super) fn inconclusive(why: impl Into<String>, missing: Vec<String>) -> Self {
        Self { verdict: GateState::Inconclusive, why: why.into(), missing }
    }
}

/// `1 person`, `3 people`.
pub(super) fn counted(number: usize, one: &str, more: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {more}") }
}

/// The first three of a list of names, and how many more.
pub(super) fn few<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown: Vec<&str> = names.iter().take(3).copied().collect();
    match names.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
