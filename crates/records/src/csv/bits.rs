//! Where four signs stand in 64 bytes, one bit for each byte.
//!
//! The only unsafe code of this crate: a call of functions that use instructions which not every
//! processor has, after it was asked for them.
#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "a function for AVX2 may only be called where there is AVX2")
)]

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

/// Work on many blocks, which is compiled for each kind of processor.
pub(super) trait Work {
    /// What comes of it.
    type Outcome;

    /// Does it, with the quickest way to find the signs of a block. To be inlined always, since
    /// that is what compiles it for the processor.
    fn run(self, signs: impl Fn(&[u8; BLOCK], u8) -> Signs) -> Self::Outcome;
}

/// Does work with the widest instructions that the processor has.
#[inline]
pub(super) fn widest<W: Work>(work: W) -> W::Outcome {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("popcnt")
    {
        // SAFETY: the processor was just asked for all the features that the function names; it
        // needs nothing else of its caller.
        return unsafe { x86_64::with_avx2(work) };
    }
    work.run(signs)
}

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_set_epi64x, _mm256_set1_epi8,
    };

    use super::{BLOCK, Signs, Work};

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    pub(super) fn with_avx2<W: Work>(work: W) -> W::Outcome {
        work.run(|block, delimiter| signs(block, delimiter))
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    #[inline]
    fn signs(block: &[u8; BLOCK], delimiter: u8) -> Signs {
        let (words, _) = block.as_chunks::<8>();
        let [a, b, c, d, e, f, g, h] = words else {
            return Signs { quotes: 0, delimiters: 0, line_breaks: 0, returns: 0 };
        };
        let (low, high) = (four(*a, *b, *c, *d), four(*e, *f, *g, *h));
        Signs {
            quotes: equal(low, high, b'"'),
            delimiters: equal(low, high, delimiter),
            line_breaks: equal(low, high, b'\n'),
            returns: equal(low, high, b'\r'),
        }
    }

    /// Four words as one; the compiler makes one load of it.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn four(a: [u8; 8], b: [u8; 8], c: [u8; 8], d: [u8; 8]) -> __m256i {
        let [a, b, c, d] = [a, b, c, d].map(i64::from_le_bytes);
        _mm256_set_epi64x(d, c, b, a)
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn equal(low: __m256i, high: __m256i, sign: u8) -> u64 {
        let sign = _mm256_set1_epi8(sign.cast_signed());
        let low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, sign)).cast_unsigned();
        let high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, sign)).cast_unsigned();
        u64::from(low) | u64::from(high) << 32
    }
}

/// Finds the signs of a block, eight bytes at a time, on any processor.
#[inline(always)]
fn signs(block: &[u8; BLOCK], delimiter: u8) -> Signs {
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

/// The first bytes as a block, with zeros where there are not enough of them.
#[inline(always)]
pub(super) fn block<'b>(bytes: &'b [u8], padded: &'b mut [u8; BLOCK]) -> &'b [u8; BLOCK] {
    match bytes.first_chunk::<BLOCK>() {
        Some(block) => block,
        None => {
            for (to, from) in padded.iter_mut().zip(bytes) {
                *to = *from;
            }
            padded
        }
    }
}

/// Of the lowest bit.
#[inline(always)]
pub(super) fn place(bits: u64) -> usize {
    usize::try_from(bits.trailing_zeros()).unwrap_or(usize::MAX)
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

    use super::{BLOCK, Signs, Work, between_pairs, signs, widest};

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

    struct One<'b>(&'b [u8; BLOCK], u8);

    impl Work for One<'_> {
        type Outcome = Signs;

        fn run(self, signs: impl Fn(&[u8; BLOCK], u8) -> Signs) -> Signs {
            signs(self.0, self.1)
        }
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
            let expected = one_by_one(&block, delimiter);
            prop_assert_eq!(signs(&block, delimiter), expected);
            prop_assert_eq!(widest(One(&block, delimiter)), expected);
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
