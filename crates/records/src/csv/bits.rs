//! Where four signs stand in 64 bytes, one bit for each byte.

/// Bytes looked at together.
pub(super) const BLOCK: usize = 64;

/// Bit `n` of each tells whether byte `n` is that sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signs {
    pub(super) quotes: u64,
    pub(super) delimiters: u64,
    pub(super) line_breaks: u64,
    pub(super) returns: u64,
}

/// Finds the signs of a block, eight bytes at a time, on any processor.
#[inline(always)]
pub(super) fn signs(block: &[u8; BLOCK], delimiter: u8) -> Signs {
    let mut signs = Signs { quotes: 0, delimiters: 0, line_breaks: 0, returns: 0 };
    let (words, _) = block.as_chunks::<8>();
    for (place, word) in (0_u32..).zip(words) {
        let word = u64::from_le_bytes(*word);
        let shift = place * 8;
        signs.quotes |= equal(word, b'"') << shift;
        signs.delimiters |= equal(word, delimiter) << shift;
        signs.line_breaks |= equal(word, b'\n') << shift;
        signs.returns |= equal(word, b'\r') << shift;
    }
    signs
}

/// Which of eight bytes are this one.
#[inline(always)]
fn equal(word: u64, byte: u8) -> u64 {
    const LOW: u64 = u64::from_le_bytes([0x7f; 8]);
    let other = word ^ u64::from_le_bytes([byte; 8]);
    // The highest bit of each byte is set where the byte is zero; no byte carries into the next.
    let zeros = !(((other & LOW) + LOW) | other | LOW);
    // The eight bits, one behind the other.
    (zeros >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Bit `n` is set where an odd number of bits is set in the lowest `n + 1`: between an opening
/// quote, which counts as within, and the closing one, which does not.
#[inline(always)]
pub(super) fn between_pairs(mut quotes: u64) -> u64 {
    quotes ^= quotes << 1;
    quotes ^= quotes << 2;
    quotes ^= quotes << 4;
    quotes ^= quotes << 8;
    quotes ^= quotes << 16;
    quotes ^ quotes << 32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BLOCK, Signs, between_pairs, signs};

    fn one_by_one(block: &[u8; BLOCK], delimiter: u8) -> Signs {
        let mut signs = Signs { quotes: 0, delimiters: 0, line_breaks: 0, returns: 0 };
        for (place, byte) in block.iter().enumerate() {
            signs.quotes |= u64::from(*byte == b'"') << place;
            signs.delimiters |= u64::from(*byte == delimiter) << place;
            signs.line_breaks |= u64::from(*byte == b'\n') << place;
            signs.returns |= u64::from(*byte == b'\r') << place;
        }
        signs
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 512,
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(61),
            ..ProptestConfig::default()
        })]

        #[test]
        fn the_fast_way_finds_what_the_plain_way_finds(
            bytes in prop::collection::vec(prop_oneof![
                prop::sample::select(b"\",\n\r;\t\x80\xff\0".to_vec()),
                any::<u8>(),
            ], BLOCK),
            delimiter in prop::sample::select(b",;\t|".to_vec()),
        ) {
            let block: [u8; BLOCK] = bytes.try_into().unwrap();
            prop_assert_eq!(signs(&block, delimiter), one_by_one(&block, delimiter));
        }

        #[test]
        fn pairs_are_counted(quotes in any::<u64>()) {
            let between = between_pairs(quotes);
            let mut odd = false;
            for bit in 0..64 {
                odd ^= quotes >> bit & 1 == 1;
                prop_assert_eq!(between >> bit & 1 == 1, odd);
            }
        }
    }
}
