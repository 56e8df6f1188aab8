//! What no file told, in words, with the export that would close it.

use serde::Serialize;

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

/// Everything no file told.
#[must_use]
pub fn find(facts: &crate::Facts<'_>) -> Vec<Gap> {
    let _ = facts;
    Vec::new()
}
