//! What no file told, in words, with the export that would close it.

mod catalogue;

use serde::Serialize;

use crate::facts::Facts;

/// One thing nobody told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Short stable name: `users`, `non-interactive-sign-ins`, ….
    pub id: &'static str,
    /// What is not known, in one sentence.
    pub what: String,
    /// What it keeps lockstep from saying.
    pub so: String,
    /// The export that would close it: portal path or Graph request.
    pub close_with: String,
}

/// Everything nobody told, in the order of the catalogue.
#[must_use]
pub fn find(facts: &Facts<'_>) -> Vec<Gap> {
    catalogue::LACKS.iter().filter_map(|lack| lack.gap(facts)).collect()
}

/// The gaps of these ids, in the order of the catalogue: those that matter for one document.
pub(crate) fn among(facts: &Facts<'_>, ids: &[&str]) -> Vec<Gap> {
    catalogue::LACKS
        .iter()
        .filter(|lack| ids.contains(&lack.id))
        .filter_map(|lack| lack.gap(facts))
        .collect()
}
