//! Three-valued logic, and the set of outcomes that something may have.

use std::collections::BTreeSet;
use std::ops::{BitAnd, BitOr, Not};

use conditional_access::{Fact, Verdict};

/// Facts that were not seen.
pub(crate) type Facts = BTreeSet<Fact>;

/// No, yes, or maybe: it depends on these facts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tri {
    No,
    Maybe(Facts),
    Yes,
}

pub(crate) use Tri::{Maybe, No, Yes};

pub(crate) fn known(holds: bool) -> Tri {
    if holds { Yes } else { No }
}

pub(crate) fn maybe(fact: Fact) -> Tri {
    Maybe(Facts::from([fact]))
}

/// A fact that may not have been seen.
pub(crate) fn seen<T>(fact: Option<T>, name: Fact, holds: impl FnOnce(T) -> bool) -> Tri {
    fact.map_or_else(|| maybe(name), |fact| known(holds(fact)))
}

pub(crate) fn any(parts: impl IntoIterator<Item = Tri>) -> Tri {
    parts.into_iter().fold(No, |one, other| one | other)
}

/// What all readings say; maybe where they differ.
pub(crate) fn joined(readings: impl IntoIterator<Item = Tri>, why: Fact) -> Tri {
    let readings: Vec<Tri> = readings.into_iter().collect();
    match readings.as_slice() {
        [one, others @ ..] if others.iter().all(|it| it == one) => one.clone(),
        _ => Maybe(readings.iter().flat_map(Tri::facts).chain([why]).collect()),
    }
}

impl Tri {
    pub(crate) fn facts(&self) -> Facts {
        if let Maybe(facts) = self { facts.clone() } else { Facts::new() }
    }
}

impl BitAnd for Tri {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        match (self, other) {
            (No, _) | (_, No) => No,
            (Yes, rest) | (rest, Yes) => rest,
            (Maybe(one), Maybe(other)) => Maybe(one.into_iter().chain(other).collect()),
        }
    }
}

impl BitOr for Tri {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        !(!self & !other)
    }
}

impl Not for Tri {
    type Output = Self;
    fn not(self) -> Self {
        match self {
            No => Yes,
            Maybe(facts) => Maybe(facts),
            Yes => No,
        }
    }
}

/// The outcomes that are possible, and the facts that would tell which.
#[derive(Debug, Clone)]
pub(crate) struct Steps {
    pub(crate) set: BTreeSet<Verdict>,
    pub(crate) why: Facts,
}

pub(crate) fn step(verdict: Verdict) -> Steps {
    Steps { set: BTreeSet::from([verdict]), why: Facts::new() }
}

/// The one where the condition holds, the other where it does not, both where it may.
pub(crate) fn choose(condition: Tri, one: Steps, other: Steps) -> Steps {
    match condition {
        Yes => one,
        No => other,
        Maybe(_) if one.set == other.set => one,
        Maybe(facts) => Steps {
            set: one.set.into_iter().chain(other.set).collect(),
            why: facts.into_iter().chain(one.why).chain(other.why).collect(),
        },
    }
}

impl Steps {
    /// Every pair of outcomes, of which `pick` takes one.
    pub(crate) fn pairs(&self, other: &Self, pick: fn(Verdict, Verdict) -> Verdict) -> Self {
        let pair = |one: &Verdict| other.set.iter().map(|it| pick(*one, *it)).collect::<Vec<_>>();
        let set: BTreeSet<Verdict> = self.set.iter().flat_map(pair).collect();
        let why = self.why.union(&other.why).filter(|_| set.len() > 1).cloned().collect();
        Self { set, why }
    }

    pub(crate) fn least(&self) -> Verdict {
        self.set.first().copied().unwrap_or(Verdict::Allow)
    }

    pub(crate) fn most(&self) -> Verdict {
        self.set.last().copied().unwrap_or(Verdict::Allow)
    }

    /// The outcome, where only one is possible.
    pub(crate) fn definite(&self) -> Option<Verdict> {
        Some(self.least()).filter(|least| *least == self.most())
    }

    /// Nothing is asked.
    pub(crate) fn met(&self) -> Tri {
        let ok = self.set.contains(&Verdict::Allow);
        if ok && self.set.len() > 1 { Maybe(self.why.clone()) } else { known(ok) }
    }
}
