//! The outcomes that a control or a policy can still have.

use crate::truth::Truth;

/// What one control comes to, in rising order of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Satisfied now.
    Ok,
    /// The person can satisfy it now.
    Require,
    /// The person must first register a method.
    Register,
    /// It cannot be satisfied in this sign-in.
    Block,
}

/// A set of levels, never empty: what is possible as far as facts were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Possible(u8);

impl Possible {
    pub(crate) const OK: Self = Self(1);
    pub(crate) const REQUIRE: Self = Self(2);
    pub(crate) const REGISTER: Self = Self(4);
    pub(crate) const BLOCK: Self = Self(8);
    /// Met or not, nobody can say; if not, nothing helps.
    pub(crate) const OK_OR_BLOCK: Self = Self(9);

    /// Either of both, nobody can say which.
    #[must_use]
    pub(crate) const fn joined(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What holds when the fact holds, what holds when it does not, or both.
    #[must_use]
    pub(crate) fn when(fact: Truth, holds: Self, fails: Self) -> Self {
        match fact {
            Truth::True => holds,
            Truth::Unknown => holds.joined(fails),
            Truth::False => fails,
        }
    }

    /// Both are demanded: the higher level counts.
    #[must_use]
    pub(crate) const fn both(self, other: Self) -> Self {
        Self((self.0 & at_least(other.0)) | (other.0 & at_least(self.0)))
    }

    /// One suffices: the lower level counts.
    #[must_use]
    pub(crate) const fn either(self, other: Self) -> Self {
        Self((self.0 & at_most(other.0)) | (other.0 & at_most(self.0)))
    }

    pub(crate) fn lowest(self) -> Level {
        match self.0.trailing_zeros() {
            0 => Level::Ok,
            1 => Level::Require,
            2 => Level::Register,
            _ => Level::Block,
        }
    }

    pub(crate) fn highest(self) -> Level {
        match self.0 {
            0 | 1 => Level::Ok,
            2 | 3 => Level::Require,
            4..=7 => Level::Register,
            _ => Level::Block,
        }
    }

    pub(crate) const fn is_definite(self) -> bool {
        self.0.count_ones() == 1
    }

    pub(crate) const fn can_be_ok(self) -> bool {
        self.0 & Self::OK.0 != 0
    }

    /// Whether it is met.
    pub(crate) const fn is_met(self) -> Truth {
        match (self.0 == Self::OK.0, self.can_be_ok()) {
            (true, _) => Truth::True,
            (false, true) => Truth::Unknown,
            (false, false) => Truth::False,
        }
    }
}

/// All levels that are not below the lowest of the set.
const fn at_least(set: u8) -> u8 {
    !((1 << set.trailing_zeros()) - 1)
}

/// All levels that are not above the highest of the set.
const fn at_most(set: u8) -> u8 {
    u8::MAX >> set.leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::{Level, Possible};

    const LEVELS: [Level; 4] = [Level::Ok, Level::Require, Level::Register, Level::Block];

    fn levels(set: Possible) -> Vec<Level> {
        (0..4).filter(|bit| set.0 & (1 << bit) != 0).map(|bit| LEVELS[bit]).collect()
    }

    fn set(levels: impl Iterator<Item = Level>) -> Possible {
        Possible(
            levels.fold(0, |set, level| {
                set | 1 << LEVELS.iter().position(|it| *it == level).unwrap()
            }),
        )
    }

    #[test]
    fn both_and_either_are_what_every_pair_of_levels_comes_to() {
        for left in (1..16).map(Possible) {
            assert_eq!(left.lowest(), levels(left)[0]);
            assert_eq!(Some(&left.highest()), levels(left).last());
            for right in (1..16).map(Possible) {
                let pairs = || {
                    levels(left)
                        .into_iter()
                        .flat_map(move |a| levels(right).into_iter().map(move |b| (a, b)))
                };
                assert_eq!(left.both(right), set(pairs().map(|(a, b)| a.max(b))));
                assert_eq!(left.either(right), set(pairs().map(|(a, b)| a.min(b))));
            }
        }
    }
}
