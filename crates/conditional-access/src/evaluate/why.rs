//! Which facts an undecided answer hangs on.

use std::collections::BTreeSet;

use super::possible::Possible;
use crate::outcome::Fact;
use crate::truth::Truth;

/// Collects the facts that were missed on the way to an answer. It may be told not to: then no
/// text is made, and nothing is allocated.
#[derive(Debug)]
pub(crate) struct Why {
    facts: Vec<Fact>,
    wanted: bool,
}

impl Why {
    /// Collects.
    pub(crate) fn wanted() -> Self {
        Self { facts: Vec::new(), wanted: true }
    }

    /// Collects nothing.
    pub(crate) fn unwanted() -> Self {
        Self { facts: Vec::new(), wanted: false }
    }

    /// Unknown, because of this fact.
    pub(crate) fn unknown(&mut self, fact: impl FnOnce() -> Fact) -> Truth {
        self.missed(fact);
        Truth::Unknown
    }

    /// Notes a fact that was missed.
    pub(crate) fn missed(&mut self, fact: impl FnOnce() -> Fact) {
        if self.wanted {
            self.facts.push(fact());
        }
    }

    /// The truth of a fact; noted when nobody saw it.
    pub(crate) fn of(&mut self, seen: Option<bool>, fact: impl FnOnce() -> Fact) -> Truth {
        match seen {
            Some(seen) => Truth::from(seen),
            None => self.unknown(fact),
        }
    }

    /// Finds an answer; what was missed on the way counts only if the answer is unknown.
    pub(crate) fn answer(&mut self, find: impl FnOnce(&mut Self) -> Truth) -> Truth {
        let before = self.facts.len();
        let answer = find(self);
        if !answer.is_unknown() {
            self.facts.truncate(before);
        }
        answer
    }

    /// Finds an outcome; what was missed on the way counts only if the outcome is undecided.
    pub(crate) fn outcome(&mut self, find: impl FnOnce(&mut Self) -> Possible) -> Possible {
        let before = self.facts.len();
        let outcome = find(self);
        if outcome.is_definite() {
            self.facts.truncate(before);
        }
        outcome
    }

    /// The facts, each once.
    pub(crate) fn into_facts(self) -> BTreeSet<Fact> {
        self.facts.into_iter().collect()
    }
}
