//! Chance that depends on what is asked, never on when: the same seed and the same question give
//! the same answer in whatever order questions are asked.

use uuid::Uuid;

/// One place in the tree of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The root of everything drawn from a seed.
    pub(crate) fn of(seed: u64) -> Self {
        Self(mix(seed ^ 0x9e37_79b9_7f4a_7c15))
    }

    /// The same question about something else.
    pub(crate) fn about(self, what: u64) -> Self {
        Self(mix(self.0.rotate_left(23) ^ what.wrapping_mul(0xd6e8_feb8_6659_fd93)))
    }

    /// Another question about the same.
    pub(crate) fn for_purpose(self, purpose: &str) -> Self {
        let word = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        self.about(word)
    }

    /// An even number below a limit; 0 where the limit is 0.
    pub(crate) fn below(self, limit: u64) -> u64 {
        let wide = u128::from(mix(self.0)) * u128::from(limit);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number of a range, ends included.
    pub(crate) fn within(self, [least, most]: [u64; 2]) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// True so many times in a thousand.
    pub(crate) fn per_mille(self, chance: u64) -> bool {
        self.below(1000) < chance
    }

    /// One of several.
    pub(crate) fn pick<T>(self, items: &[T]) -> Option<&T> {
        let place = usize::try_from(self.below(u64::try_from(items.len()).unwrap_or(0)));
        items.get(place.ok()?)
    }

    /// An object id.
    pub(crate) fn guid(self) -> Uuid {
        let (high, low) = (mix(self.0 ^ 0x5851_f42d), mix(self.0 ^ 0x1405_7b7e));
        uuid::Builder::from_random_bytes(((u128::from(high) << 64) | u128::from(low)).to_be_bytes())
            .into_uuid()
    }

    /// The bare number, to be kept where a question is asked again later.
    pub(crate) fn key(self) -> u64 {
        self.0
    }

    /// The question of a kept number.
    pub(crate) fn of_key(key: u64) -> Self {
        Self(key)
    }
}

/// The finaliser of `SplitMix64` (Steele, Lea, Flood, 2014).
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn shares_come_out() {
        let root = Chance::of(7).for_purpose("test");
        let hits = (0..20_000).filter(|number| root.about(*number).per_mille(130)).count();
        assert!((2_400..2_800).contains(&hits), "{hits}");
        assert_eq!(root.below(0), 0);
        assert_eq!(root.pick::<u8>(&[]), None);
        assert_ne!(root.about(1).guid(), root.about(2).guid());
        assert_eq!(root.about(1).guid(), root.about(1).guid());
    }
}
