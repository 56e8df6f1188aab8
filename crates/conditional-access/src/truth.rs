//! Three-valued logic: what is true, what is not, and what nobody saw.

use serde::Serialize;

/// A condition over facts of which some were not seen (Kleene's strong logic of indeterminacy).
///
/// The order is the order of Kleene's logic: *and* is the smaller, *or* the greater value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Truth {
    /// It does not hold.
    False,
    /// Nobody can say: a fact was not seen, or its meaning is not documented.
    Unknown,
    /// It holds.
    True,
}

impl Truth {
    /// The truth of a fact that may not have been seen.
    #[must_use]
    pub fn of(fact: Option<bool>) -> Self {
        fact.map_or(Self::Unknown, Self::from)
    }

    /// Holds when both hold. False wins over unknown.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Holds when one holds. True wins over unknown.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// The opposite. The opposite of unknown is unknown.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::Unknown => Self::Unknown,
            Self::False => Self::True,
        }
    }

    /// True only when it holds for certain.
    #[must_use]
    pub fn is_true(self) -> bool {
        self == Self::True
    }

    /// True only when it certainly does not hold.
    #[must_use]
    pub fn is_false(self) -> bool {
        self == Self::False
    }

    /// True when nobody can say.
    #[must_use]
    pub fn is_unknown(self) -> bool {
        self == Self::Unknown
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, False, True, Unknown};

    const ALL: [Truth; 3] = [False, Unknown, True];

    #[test]
    fn tables() {
        let and = [[False, False, False], [False, Unknown, Unknown], [False, Unknown, True]];
        let or = [[False, Unknown, True], [Unknown, Unknown, True], [True, True, True]];
        for (row, left) in ALL.into_iter().enumerate() {
            for (column, right) in ALL.into_iter().enumerate() {
                assert_eq!(left.and(right), and[row][column], "{left:?} and {right:?}");
                assert_eq!(left.or(right), or[row][column], "{left:?} or {right:?}");
                assert_eq!(
                    left.and(right).negated(),
                    left.negated().or(right.negated()),
                    "not ({left:?} and {right:?})"
                );
            }
        }
    }

    #[test]
    fn a_fact_nobody_saw_is_unknown() {
        assert_eq!(Truth::of(None), Unknown);
        assert_eq!(Truth::of(Some(false)), False);
        assert_eq!(Truth::of(Some(true)), True);
    }
}
