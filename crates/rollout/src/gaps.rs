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

/// Everything nobody told, in the order of the catalogue; last what a live tenant refused beyond it.
#[must_use]
pub fn find(facts: &Facts<'_>) -> Vec<Gap> {
    let mut gaps = of_catalogue(facts, |_| true);
    let known = |gap: &&Gap| catalogue::LACKS.iter().any(|lack| lack.id == gap.id);
    gaps.extend(facts.snapshot.refused.iter().filter(|gap| !known(gap)).cloned());
    gaps
}

/// The gaps of these ids, in the order of the catalogue: those that matter for one document.
pub(crate) fn among(facts: &Facts<'_>, ids: &[&str]) -> Vec<Gap> {
    of_catalogue(facts, |id| ids.contains(&id))
}

fn of_catalogue(facts: &Facts<'_>, wanted: impl Fn(&str) -> bool) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for lack in catalogue::LACKS.iter().filter(|lack| wanted(lack.id)) {
        let mut refused = facts.snapshot.refused.iter().filter(|gap| gap.id == lack.id);
        match (lack.gap(facts), refused.next()) {
            (Some(gap), Some(why)) => gaps.push(Gap {
                what: format!("{} {}", gap.what, why.what),
                close_with: why.close_with.clone(),
                ..gap
            }),
            // A part of it came, or another file tells it: what was refused stays said.
            (None, Some(why)) => gaps.push(why.clone()),
            (gap, None) => gaps.extend(gap),
        }
        gaps.extend(refused.cloned());
    }
    gaps
}
