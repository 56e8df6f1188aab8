//! Sets of policies, one bit each.

/// How many policies a set can hold: those of a tenant
/// ([`MOST_POLICIES_OF_A_TENANT`](crate::MOST_POLICIES_OF_A_TENANT)), and those that are only
/// proposed.
pub(super) const MOST: usize = 256;

/// A set of policies, by their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Bits([u64; 4]);

impl Bits {
    pub(super) const NONE: Self = Self([0; 4]);

    /// The set of the policy at this place.
    pub(super) fn one(place: usize) -> Self {
        let mut bits = Self::NONE;
        bits.insert(place);
        bits
    }

    /// Adds the policy at this place; a place that is too high is left out.
    pub(super) fn insert(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    #[inline]
    pub(super) fn and(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a & e, b & f, c & g, d & h])
    }

    #[inline]
    pub(super) fn without(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a & !e, b & !f, c & !g, d & !h])
    }

    #[inline]
    pub(super) fn meets(self, other: Self) -> bool {
        let Self([a, b, c, d]) = self.and(other);
        a | b | c | d != 0
    }

    #[inline]
    pub(super) fn or(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a | e, b | f, c | g, d | h])
    }

    pub(super) fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// The places, rising.
    pub(super) fn places(self) -> impl Iterator<Item = usize> {
        (0..MOST).filter(move |place| {
            self.0.get(place / 64).is_some_and(|word| word & (1 << (place % 64)) != 0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Bits, MOST};

    #[test]
    fn places_go_in_and_come_out() {
        let mut bits = Bits::NONE;
        for place in [0, 63, 64, 255, MOST] {
            bits.insert(place);
        }
        assert_eq!(bits.places().collect::<Vec<_>>(), [0, 63, 64, 255]);
        let mut some = Bits::NONE;
        some.insert(64);
        assert!(bits.meets(some) && !bits.without(some).meets(some));
        assert_eq!(bits.and(some), some);
    }
}
