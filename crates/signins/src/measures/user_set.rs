//! Sets of users by number.

/// Fewest members for which a bit for every user is considered.
const FEW: usize = 32;

/// A set of users: a sorted list while it is short, else a bit for each number.
#[derive(Debug)]
pub(crate) enum UserSet {
    Few(Vec<u32>),
    Many(Vec<u64>),
}

impl Default for UserSet {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl UserSet {
    /// Adds a user by place.
    pub(crate) fn insert(&mut self, place: usize) {
        let Ok(number) = u32::try_from(place) else { return };
        match self {
            Self::Few(few) => {
                let Err(at) = few.binary_search(&number) else { return };
                few.insert(at, number);
                let last = few.last().and_then(|last| usize::try_from(*last).ok());
                // As bits it takes an eighth of a byte for each user up to the last.
                if few.len() > FEW && few.len() * 32 > last.unwrap_or_default() {
                    let members = std::mem::take(few);
                    *self = Self::Many(Vec::new());
                    for member in members {
                        self.insert(usize::try_from(member).unwrap_or_default());
                    }
                }
            }
            Self::Many(bits) => {
                if place / 64 >= bits.len() {
                    bits.resize(place / 64 + 1, 0);
                }
                if let Some(part) = bits.get_mut(place / 64) {
                    *part |= 1 << (place % 64);
                }
            }
        }
    }

    /// True when a user is in the set.
    pub(crate) fn holds(&self, place: usize) -> bool {
        match self {
            Self::Few(few) => {
                u32::try_from(place).is_ok_and(|number| few.binary_search(&number).is_ok())
            }
            Self::Many(bits) => {
                bits.get(place / 64).is_some_and(|part| part >> (place % 64) & 1 == 1)
            }
        }
    }

    /// How many users.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Few(few) => u64::try_from(few.len()).unwrap_or(u64::MAX),
            Self::Many(bits) => bits.iter().map(|part| u64::from(part.count_ones())).sum(),
        }
    }

    /// The places of the users.
    pub(crate) fn places(&self) -> Vec<usize> {
        match self {
            Self::Few(few) => few.iter().filter_map(|it| usize::try_from(*it).ok()).collect(),
            Self::Many(bits) => (0..bits.len() * 64).filter(|place| self.holds(*place)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_few_or_many() {
        for (count, step) in [(0, 1), (1, 1_000), (40, 1), (40, 5_000), (3_000, 7)] {
            let mut set = UserSet::default();
            let mut expected = BTreeSet::new();
            for number in (0..count).rev().chain(0..count) {
                set.insert(number * step);
                expected.insert(number * step);
            }
            assert_eq!(set.places(), expected.iter().copied().collect::<Vec<_>>(), "{count}");
            assert_eq!(set.len(), u64::try_from(expected.len()).expect("small"));
            assert!(expected.iter().all(|place| set.holds(*place)));
            assert!(!set.holds(count * step + 1));
        }
    }
}
