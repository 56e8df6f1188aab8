//! Where quotes, brackets and escapes are in a text of JSON: one bit for each byte.
//!
//! Sixty-four bytes at a time, with AVX2 where the processor has it, else eight bytes at a time in
//! ordinary registers. Every later step walks these bits and never looks at the bytes between them.

/// What sixty-four bytes hold, one bit for each, the first byte in the lowest bit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// Quotes that begin or end a string: not escaped.
    pub quotes: u64,
    /// Brackets of either kind outside of strings.
    pub brackets: u64,
    /// Backslashes.
    pub backslashes: u64,
}

/// The bits of one text.
#[derive(Debug, Default)]
pub(super) struct Bits {
    blocks: Vec<Block>,
    /// Starts of blocks with a control character inside of a string, which JSON does not allow.
    controls: Vec<usize>,
    length: usize,
}

/// What stands in sixty-four bytes, before strings are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Raw {
    quotes: u64,
    brackets: u64,
    backslashes: u64,
    controls: u64,
}

/// What one block hands on to the next.
#[derive(Debug, Clone, Copy, Default)]
struct Carry {
    /// The next byte is escaped.
    escaped: bool,
    /// All ones inside of a string, else 0.
    in_string: u64,
}

impl Bits {
    /// Reads a text that begins outside of strings.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        self.length = bytes.len();
        self.controls.clear();
        // What is there from the last text is overwritten; zeros are written only once.
        self.blocks.resize(bytes.len().div_ceil(64), Block::default());
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("pclmulqdq")
        {
            #[expect(unsafe_code, reason = "needs AVX2, which was just asked for")]
            // SAFETY: the processor has both features.
            unsafe {
                avx2::read(bytes, &mut self.blocks, &mut self.controls);
            }
            return;
        }
        portable::read(bytes, &mut self.blocks, &mut self.controls);
    }

    /// The first quote at or behind a position.
    #[inline]
    pub(super) fn quote_from(&self, from: usize) -> Option<usize> {
        let mut place = from / 64;
        let mut word = self.blocks.get(place)?.quotes & (u64::MAX << (from % 64));
        while word == 0 {
            place += 1;
            word = self.blocks.get(place)?.quotes;
        }
        Some(place * 64 + position(word))
    }

    /// Whether there is a backslash in a range.
    #[inline]
    pub(super) fn has_backslash(&self, from: usize, to: usize) -> bool {
        let (first, last) = (from / 64, to / 64);
        let behind = u64::MAX << (from % 64);
        let before = !(u64::MAX << (to % 64));
        let at = |place: usize| self.blocks.get(place).map_or(0, |block| block.backslashes);
        if first == last {
            return at(first) & behind & before != 0;
        }
        at(first) & behind != 0
            || at(last) & before != 0
            || (first + 1..last).any(|place| at(place) != 0)
    }

    /// The brackets at or behind a position.
    #[inline]
    pub(super) fn brackets_from(&self, from: usize) -> Brackets<'_> {
        let place = from / 64;
        let word = self.blocks.get(place).map_or(0, |block| block.brackets);
        Brackets { blocks: &self.blocks, place, word: word & (u64::MAX << (from % 64)) }
    }

    /// Whether a string in the range, or in a block it touches, holds a control character.
    #[inline]
    pub(super) fn has_control(&self, from: usize, to: usize) -> bool {
        !self.controls.is_empty()
            && self.controls.iter().any(|block| block + 64 > from && *block < to)
    }
}

/// Positions of brackets outside of strings, in order.
#[derive(Debug)]
pub(super) struct Brackets<'b> {
    blocks: &'b [Block],
    place: usize,
    word: u64,
}

impl Iterator for Brackets<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.word == 0 {
            self.place += 1;
            self.word = self.blocks.get(self.place)?.brackets;
        }
        let bit = position(self.word);
        self.word &= self.word - 1;
        Some(self.place * 64 + bit)
    }
}

/// Position of the lowest bit set.
#[inline]
fn position(word: u64) -> usize {
    usize::try_from(word.trailing_zeros()).unwrap_or(64)
}

/// Strings of a block: where the block's quotes, escapes and the block before say they are.
#[inline(always)]
fn settle(raw: Raw, carry: &mut Carry, inside: impl Fn(u64) -> u64) -> (Block, u64) {
    let escaped = escaped(raw.backslashes, carry);
    let quotes = raw.quotes & !escaped;
    // Set from an opening quote up to before its closing one.
    let strings = inside(quotes) ^ carry.in_string;
    carry.in_string = 0_u64.wrapping_sub(strings >> 63);
    let block =
        Block { quotes, brackets: raw.brackets & !strings, backslashes: raw.backslashes };
    (block, raw.controls & strings)
}

/// Which bytes a backslash before them takes the meaning of.
#[inline(always)]
fn escaped(backslashes: u64, carry: &mut Carry) -> u64 {
    const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
    let first = u64::from(carry.escaped);
    if backslashes == 0 {
        carry.escaped = false;
        return first;
    }
    // Of a run of backslashes every second one is escaped by the one before it. Starting a
    // carry at each run and letting it ripple through the run tells odd runs from even ones.
    let unescaped = backslashes & !first;
    let follows = unescaped << 1;
    let odd_starts = unescaped & ODD & !follows;
    let (sum, overflow) = odd_starts.overflowing_add(unescaped);
    carry.escaped = overflow;
    let flipped = sum << 1;
    ((ODD >> 1) ^ flipped) & (follows | first) | first & !follows
}

mod portable {
    use super::{Block, Carry, Raw, settle};

    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    const HIGH: u64 = 0x8080_8080_8080_8080;

    /// Reads a text block by block.
    pub(super) fn read(bytes: &[u8], blocks: &mut [Block], controls: &mut Vec<usize>) {
        let mut carry = Carry::default();
        for (place, (chunk, out)) in bytes.chunks(64).zip(blocks).enumerate() {
            let (block, control) = settle(raw(chunk), &mut carry, inside);
            *out = block;
            if control != 0 {
                controls.push(place * 64);
            }
        }
    }

    /// What up to sixty-four bytes hold.
    pub(super) fn raw(chunk: &[u8]) -> Raw {
        let mut raw = Raw { quotes: 0, brackets: 0, backslashes: 0, controls: 0 };
        for (place, eight) in chunk.chunks(8).enumerate() {
            let mut lanes = [b' '; 8];
            for (lane, byte) in lanes.iter_mut().zip(eight) {
                *lane = *byte;
            }
            let word = u64::from_le_bytes(lanes);
            let shift = place * 8;
            raw.quotes |= bits(equal(word, b'"')) << shift;
            raw.backslashes |= bits(equal(word, b'\\')) << shift;
            let lower = word | 0x2020_2020_2020_2020;
            raw.brackets |= bits(equal(lower, b'{') | equal(lower, b'}')) << shift;
            raw.controls |= bits(below_space(word)) << shift;
        }
        raw
    }

    /// The high bit of every byte that is this one.
    fn equal(word: u64, byte: u8) -> u64 {
        let difference = word ^ u64::from_le_bytes([byte; 8]);
        !(((difference & LOW) + LOW) | difference) & HIGH
    }

    /// The high bit of every byte below a space.
    fn below_space(word: u64) -> u64 {
        let high = u64::from_le_bytes([0xe0; 8]);
        let upper = word & high;
        !(((upper & LOW) + LOW) | upper) & HIGH
    }

    /// The high bits of eight bytes, side by side.
    fn bits(high: u64) -> u64 {
        (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    }

    /// Every bit is the parity of the bits up to it.
    pub(super) fn inside(quotes: u64) -> u64 {
        let mut parity = quotes;
        for shift in [1, 2, 4, 8, 16, 32] {
            parity ^= parity << shift;
        }
        parity
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8,
        _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8,
        _mm256_or_si256, _mm256_set1_epi8,
    };

    use super::{Block, Carry, Raw, portable, settle};

    /// Reads a text block by block.
    #[target_feature(enable = "avx2,pclmulqdq,bmi1,popcnt")]
    pub(super) fn read(bytes: &[u8], blocks: &mut [Block], controls: &mut Vec<usize>) {
        let mut carry = Carry::default();
        let (chunks, rest) = bytes.as_chunks::<64>();
        let mut outs = blocks.iter_mut();
        for (place, (chunk, out)) in chunks.iter().zip(&mut outs).enumerate() {
            let (block, control) = settle(raw(chunk), &mut carry, |quotes| inside(quotes));
            *out = block;
            if control != 0 {
                controls.push(place * 64);
            }
        }
        if let Some(out) = outs.next().filter(|_| !rest.is_empty()) {
            let (block, control) = settle(portable::raw(rest), &mut carry, portable::inside);
            *out = block;
            if control != 0 {
                controls.push(chunks.len() * 64);
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx2,pclmulqdq,bmi1,popcnt")]
    fn raw(chunk: &[u8; 64]) -> Raw {
        let (halves, _) = chunk.as_chunks::<32>();
        let [low, high] = halves else {
            return Raw { quotes: 0, brackets: 0, backslashes: 0, controls: 0 };
        };
        let (low, high) = (load(low), load(high));
        let equal = |byte: i8| {
            let wanted = _mm256_set1_epi8(byte);
            mask(_mm256_cmpeq_epi8(low, wanted), _mm256_cmpeq_epi8(high, wanted))
        };
        let quotes = equal(0x22);
        let backslashes = equal(0x5c);
        let brackets = mask(brackets(low), brackets(high));
        let controls = mask(below_space(low), below_space(high));
        Raw { quotes, brackets, backslashes, controls }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn brackets(bytes: __m256i) -> __m256i {
        let lower = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
        let opening = _mm256_cmpeq_epi8(lower, _mm256_set1_epi8(0x7b));
        let closing = _mm256_cmpeq_epi8(lower, _mm256_set1_epi8(0x7d));
        _mm256_or_si256(opening, closing)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn below_space(bytes: __m256i) -> __m256i {
        _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn mask(low: __m256i, high: __m256i) -> u64 {
        let low = u64::from(_mm256_movemask_epi8(low).cast_unsigned());
        let high = u64::from(_mm256_movemask_epi8(high).cast_unsigned());
        low | high << 32
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(bytes: &[u8; 32]) -> __m256i {
        #[expect(unsafe_code, reason = "the intrinsic takes a pointer")]
        // SAFETY: the reference is to 32 bytes that may be read, and any alignment will do.
        unsafe {
            _mm256_loadu_si256(bytes.as_ptr().cast())
        }
    }

    /// Every bit is the parity of the bits up to it.
    #[inline]
    #[target_feature(enable = "pclmulqdq")]
    fn inside(quotes: u64) -> u64 {
        let product = _mm_clmulepi64_si128::<0>(
            _mm_set_epi64x(0, quotes.cast_signed()),
            _mm_set1_epi8(-1),
        );
        _mm_cvtsi128_si64(product).cast_unsigned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngSeed, TestRunner};

    use super::{Bits, Block, portable};

    /// The same, one byte after the other.
    fn plainly(bytes: &[u8]) -> (Vec<Block>, Vec<usize>) {
        let mut blocks = vec![Block::default(); bytes.len().div_ceil(64)];
        let mut controls = Vec::new();
        let (mut in_string, mut escaped) = (false, false);
        for (at, byte) in bytes.iter().enumerate() {
            let (block, bit) = (&mut blocks[at / 64], 1 << (at % 64));
            let is_escaped = std::mem::take(&mut escaped);
            match byte {
                b'"' if !is_escaped => {
                    block.quotes |= bit;
                    in_string = !in_string;
                }
                b'\\' => {
                    block.backslashes |= bit;
                    escaped = !is_escaped;
                }
                b'{' | b'}' | b'[' | b']' if !in_string => block.brackets |= bit,
                0..0x20 if in_string && controls.last() != Some(&(at / 64 * 64)) => {
                    controls.push(at / 64 * 64);
                }
                _ => {}
            }
        }
        (blocks, controls)
    }

    #[test]
    fn the_bits_are_those_of_a_plain_reading() {
        let signs = proptest::sample::select(
            b"\"\"\"\\\\\\{}[]ab \n\x01;[]{}\x7b\x5b\x1f \xff".to_vec(),
        );
        let runs = (signs, prop_oneof![8 => 1_usize..4, 1 => 1_usize..200]);
        let strategy = proptest::collection::vec(runs, 0..120);
        let config = Config {
            cases: 2_000,
            rng_seed: RngSeed::Fixed(11),
            failure_persistence: None,
            ..Config::default()
        };
        let result = TestRunner::new(config).run(&strategy, |runs| {
            let mut bytes = Vec::new();
            for (byte, times) in runs {
                bytes.extend(std::iter::repeat_n(byte, times));
            }
            let (blocks, controls) = plainly(&bytes);
            let mut bits = Bits::default();
            bits.read(&bytes);
            prop_assert_eq!(&bits.blocks, &blocks);
            prop_assert_eq!(&bits.controls, &controls);
            let (mut same, mut controls) = (vec![Block::default(); blocks.len()], Vec::new());
            portable::read(&bytes, &mut same, &mut controls);
            prop_assert_eq!(&same, &blocks);
            prop_assert_eq!(&bits.controls, &controls);
            for from in (0..bytes.len()).step_by(7) {
                let set = |at: &usize, of: fn(&Block) -> u64| of(&blocks[at / 64]) >> (at % 64) & 1 == 1;
                let quote = (from..bytes.len()).find(|at| set(at, |block| block.quotes));
                prop_assert_eq!(bits.quote_from(from), quote);
                let brackets: Vec<usize> =
                    (from..bytes.len()).filter(|at| set(at, |block| block.brackets)).collect();
                prop_assert_eq!(bits.brackets_from(from).collect::<Vec<_>>(), brackets);
                let to = (from * 3 + 5).min(bytes.len());
                let backslash = (from..to).any(|at| set(&at, |block| block.backslashes));
                prop_assert_eq!(bits.has_backslash(from, to), backslash);
            }
            Ok(())
        });
        assert!(result.is_ok(), "{result:?}");
    }

    #[test]
    fn a_later_text_leaves_nothing_of_an_earlier_one() {
        let mut bits = Bits::default();
        bits.read(&[b'"'; 300]);
        bits.read(b"{}");
        assert_eq!(bits.blocks, [Block { brackets: 3, ..Block::default() }]);
        bits.read(b"");
        assert_eq!((bits.quote_from(0), bits.brackets_from(0).next()), (None, None));
    }
}
