//! Where quotes, brackets and escapes are in a text of JSON: one bit for each byte.
//!
//! Sixty-four bytes at a time, with AVX-512 or AVX2 where the processor has it, else eight bytes at
//! a time in ordinary registers. Every later step walks these bits and never looks at the bytes between them.

/// The bits of one text. The first byte of sixty-four is in the lowest bit.
#[derive(Debug, Default)]
pub(super) struct Bits {
    /// One for every sixty-four bytes of the text, and one more that holds none.
    words: Vec<Word>,
    found: Found,
}

/// What sixty-four bytes of a text are, one bit for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Word {
    /// Quotes that begin or end a string: not escaped.
    quotes: u64,
    /// The same quotes and every backslash: where both are the same, strings are as they stand.
    marks: u64,
    /// Brackets of either kind outside of strings.
    brackets: u64,
}

/// What else is found on the way.
#[derive(Debug, Default)]
struct Found {
    /// Starts of sixty-four bytes in which a control character stands inside of a string or a
    /// backslash outside of one, neither of which JSON allows.
    faults: Vec<usize>,
    /// Line ends, wherever they stand.
    lines: u64,
}

/// What stands in sixty-four bytes, before strings are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Raw {
    quotes: u64,
    brackets: u64,
    backslashes: u64,
    /// Control characters: below a space.
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
    /// Reads a text that begins outside of strings. The answer is how many lines end in it.
    pub(super) fn read(&mut self, bytes: &[u8]) -> u64 {
        let Self { words, found } = self;
        found.faults.clear();
        found.lines = 0;
        make_room(words, bytes.len());
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("pclmulqdq")
            && std::arch::is_x86_feature_detected!("bmi1")
        {
            #[expect(unsafe_code, reason = "needs AVX-512, which was just asked for")]
            // SAFETY: the processor has all three features.
            unsafe {
                avx512::read(bytes, words, found);
            }
            return found.lines;
        }
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("pclmulqdq")
            && std::arch::is_x86_feature_detected!("bmi1")
        {
            #[expect(unsafe_code, reason = "needs AVX2, which was just asked for")]
            // SAFETY: the processor has all three features.
            unsafe {
                avx2::read(bytes, words, found);
            }
            return found.lines;
        }
        portable::read(bytes, words, found);
        found.lines
    }

    /// The first quote at or behind a position.
    #[inline]
    pub(super) fn quote_from(&self, from: usize) -> Option<usize> {
        first_from(&self.words, from, |word| word.quotes)
    }

    /// The end of a string, from behind its first quote, if it holds no backslash.
    #[inline]
    pub(super) fn end_of_plain(&self, from: usize, bytes: &[u8]) -> Option<usize> {
        let at = first_from(&self.words, from, |word| word.marks)?;
        (bytes.get(at) == Some(&b'"')).then_some(at)
    }

    /// Whether up to sixty-four bytes hold neither a quote nor a backslash.
    #[inline]
    pub(super) fn is_plain(&self, from: usize, length: u8) -> bool {
        let marks = window(&self.words, from, |word| word.marks);
        marks.is_some_and(|marks| lowest(marks) >= usize::from(length))
    }

    /// The brackets at or behind a position.
    #[inline]
    pub(super) fn brackets_from(&self, from: usize) -> Brackets<'_> {
        let mut words = self.words.get(from / 64..).unwrap_or_default().iter();
        let word = words.next().map_or(0, |word| word.brackets);
        Brackets { words, start: from & !63, word: word & (u64::MAX << (from % 64)) }
    }

    /// Whether one of the sixty-four bytes that the range touches holds what JSON does not allow.
    #[inline]
    pub(super) fn has_fault(&self, from: usize, to: usize) -> bool {
        let faults = &self.found.faults;
        if faults.is_empty() {
            return false;
        }
        let first = faults.partition_point(|at| at + 64 <= from);
        faults.get(first).is_some_and(|at| *at < to)
    }
}

/// Room for a text, and for a look beyond its end.
fn make_room(words: &mut Vec<Word>, length: usize) {
    // What is there from the last text is overwritten, all but the end.
    words.resize(length.div_ceil(64) + 1, Word::default());
    if let Some(end) = words.last_mut() {
        *end = Word::default();
    }
}

/// The first bit of a kind at or behind a position.
#[inline]
fn first_from(words: &[Word], from: usize, kind: impl Fn(&Word) -> u64) -> Option<usize> {
    // Most strings end within sixty-four bytes, and where in a word they begin is anybody's
    // guess: looking at two words at once spares the processor the guessing.
    let near = window(words, from, &kind)?;
    if near != 0 {
        return Some(from + lowest(near));
    }
    let place = from / 64 + 1;
    let beyond = words.get(place..)?.iter().position(|word| kind(word) != 0)?;
    Some((place + beyond) * 64 + lowest(kind(words.get(place + beyond)?)))
}

/// Sixty-four bits of a kind from a position on.
#[inline]
fn window(words: &[Word], from: usize, kind: impl Fn(&Word) -> u64) -> Option<u64> {
    let [low, high] = words.get(from / 64..)?.first_chunk::<2>()?;
    let shift = from % 64;
    Some(kind(low) >> shift | kind(high) << 1 << (63 - shift))
}

/// Positions of brackets outside of strings, in order.
#[derive(Debug)]
pub(super) struct Brackets<'b> {
    words: std::slice::Iter<'b, Word>,
    /// Position of the first byte of the word.
    start: usize,
    /// What is left of it.
    word: u64,
}

impl Iterator for Brackets<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.word == 0 {
            self.word = self.words.next()?.brackets;
            self.start += 64;
        }
        let bit = lowest(self.word);
        self.word &= self.word - 1;
        Some(self.start | bit)
    }
}

/// Position of the lowest bit set.
#[inline]
fn lowest(word: u64) -> usize {
    usize::try_from(word.trailing_zeros()).unwrap_or(64)
}

impl Found {
    /// Takes note of sixty-four bytes with a control character or a backslash outside of strings.
    #[inline(never)]
    fn note(&mut self, (start, chunk): (usize, &[u8]), mut controls: u64, is_fault: bool) {
        if is_fault {
            self.faults.push(start);
        }
        while controls != 0 {
            self.lines += u64::from(chunk.get(lowest(controls)) == Some(&b'\n'));
            controls &= controls - 1;
        }
    }
}

/// Reads a text, sixty-four bytes at a time, by `raw` and `inside` of one way to do it. What is left at
/// the end is read the portable way.
#[inline(always)]
fn read_with(
    bytes: &[u8],
    words: &mut [Word],
    found: &mut Found,
    raw: impl Fn(&[u8; 64]) -> Raw,
    inside: impl Fn(u64) -> u64,
) {
    let mut carry = Carry::default();
    let (chunks, rest) = bytes.as_chunks::<64>();
    let Some((words, left)) = words.split_at_mut_checked(chunks.len()) else { return };
    let mut start = 0_usize;
    for (chunk, word) in chunks.iter().zip(words) {
        *word = settle(raw(chunk), &mut carry, (start, chunk), found, &inside);
        start = start.wrapping_add(64);
    }
    if let Some(word) = left.first_mut().filter(|_| !rest.is_empty()) {
        *word = settle(portable::raw(rest), &mut carry, (start, rest), found, portable::inside);
    }
}

/// Works out strings from quotes, escapes and what came before. `chunk` is where the bytes begin in
/// the text, and the bytes.
#[inline(always)]
fn settle(
    raw: Raw,
    carry: &mut Carry,
    chunk: (usize, &[u8]),
    found: &mut Found,
    inside: impl Fn(u64) -> u64,
) -> Word {
    let mut quotes = raw.quotes;
    if raw.backslashes != 0 || carry.escaped {
        quotes &= !escaped(raw.backslashes, carry);
    }
    // Set from an opening quote up to before its closing one.
    let strings = inside(quotes) ^ carry.in_string;
    carry.in_string = 0_u64.wrapping_sub(strings >> 63);
    let outside = raw.backslashes & !strings != 0;
    if raw.controls != 0 || outside {
        found.note(chunk, raw.controls, outside || raw.controls & strings != 0);
    }
    Word { quotes, marks: quotes | raw.backslashes, brackets: raw.brackets & !strings }
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
    use super::{Found, Raw, Word, read_with};

    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    const HIGH: u64 = 0x8080_8080_8080_8080;

    /// Reads a text, sixty-four bytes at a time.
    pub(super) fn read(bytes: &[u8], words: &mut [Word], found: &mut Found) {
        read_with(bytes, words, found, |chunk| raw(chunk), inside);
    }

    /// What up to sixty-four bytes hold.
    pub(super) fn raw(chunk: &[u8]) -> Raw {
        let mut raw = Raw::default();
        for (word, shift) in words(chunk) {
            raw.quotes |= bits(equal(word, b'"')) << shift;
            raw.backslashes |= bits(equal(word, b'\\')) << shift;
            let lower = word | 0x2020_2020_2020_2020;
            raw.brackets |= bits(equal(lower, b'{') | equal(lower, b'}')) << shift;
            raw.controls |= bits(below_space(word)) << shift;
        }
        raw
    }

    /// Up to sixty-four bytes, eight at a time, and how far behind the first they stand. Blanks
    /// stand behind the last.
    fn words(chunk: &[u8]) -> impl Iterator<Item = (u64, usize)> {
        chunk.chunks(8).zip((0..).step_by(8)).map(|(part, shift)| {
            let mut eight = [b' '; 8];
            for (to, from) in eight.iter_mut().zip(part) {
                *to = *from;
            }
            (u64::from_le_bytes(eight), shift)
        })
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
        _mm256_or_si256, _mm256_set1_epi8, _mm256_setr_epi8, _mm256_shuffle_epi8,
    };

    use super::{Found, Raw, Word, read_with};

    /// Reads a text, sixty-four bytes at a time.
    #[target_feature(enable = "avx2,pclmulqdq,bmi1")]
    pub(super) fn read(bytes: &[u8], words: &mut [Word], found: &mut Found) {
        read_with(bytes, words, found, |chunk| raw(chunk), |quotes| inside(quotes));
    }

    #[inline]
    #[target_feature(enable = "avx2,pclmulqdq,bmi1")]
    fn raw(chunk: &[u8; 64]) -> Raw {
        let (halves, _) = chunk.as_chunks::<32>();
        let [low, high] = halves else {
            return Raw::default();
        };
        let (low, high) = (load(low), load(high));
        let equal = |byte: i8| {
            let wanted = _mm256_set1_epi8(byte);
            mask(_mm256_cmpeq_epi8(low, wanted), _mm256_cmpeq_epi8(high, wanted))
        };
        let below_space =
            |bytes| _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
        Raw {
            quotes: equal(0x22),
            brackets: mask(brackets(low), brackets(high)),
            backslashes: equal(0x5c),
            controls: mask(below_space(low), below_space(high)),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn brackets(bytes: __m256i) -> __m256i {
        // By its lower half a byte may be one bracket, with the bit set that tells `{` from `[`.
        let by_lower_half = _mm256_setr_epi8(
            -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0x7b, -1, 0x7d, -1, -1, //
            -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0x7b, -1, 0x7d, -1, -1,
        );
        let braces = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
        _mm256_cmpeq_epi8(_mm256_shuffle_epi8(by_lower_half, bytes), braces)
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
    pub(super) fn inside(quotes: u64) -> u64 {
        let product =
            _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, quotes.cast_signed()), _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product).cast_unsigned()
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        __m512i, _mm_setr_epi8, _mm512_broadcast_i32x4, _mm512_cmpeq_epi8_mask,
        _mm512_cmplt_epu8_mask, _mm512_loadu_si512, _mm512_or_si512, _mm512_set1_epi8,
        _mm512_shuffle_epi8,
    };

    use super::{Found, Raw, Word, avx2, read_with};

    /// Reads a text, sixty-four bytes at a time.
    #[target_feature(enable = "avx512bw,pclmulqdq,bmi1")]
    pub(super) fn read(bytes: &[u8], words: &mut [Word], found: &mut Found) {
        read_with(bytes, words, found, |chunk| raw(chunk), |quotes| avx2::inside(quotes));
    }

    #[inline]
    #[target_feature(enable = "avx512bw")]
    fn raw(chunk: &[u8; 64]) -> Raw {
        let bytes = load(chunk);
        let equal = |byte: i8| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte));
        // By its lower half a byte may be one bracket, with the bit set that tells `{` from `[`.
        let by_lower_half = _mm512_broadcast_i32x4(_mm_setr_epi8(
            -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0x7b, -1, 0x7d, -1, -1,
        ));
        let braces = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
        Raw {
            quotes: equal(0x22),
            brackets: _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(by_lower_half, bytes), braces),
            backslashes: equal(0x5c),
            controls: _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20)),
        }
    }

    #[inline]
    #[target_feature(enable = "avx512bw")]
    fn load(bytes: &[u8; 64]) -> __m512i {
        #[expect(unsafe_code, reason = "the intrinsic takes a pointer")]
        // SAFETY: the reference is to 64 bytes that may be read, and any alignment will do.
        unsafe {
            _mm512_loadu_si512(bytes.as_ptr().cast())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngSeed, TestRunner};

    use super::*;

    /// The same, one byte after the other.
    fn plainly(bytes: &[u8]) -> (Vec<Word>, Vec<usize>) {
        let mut masks = Vec::new();
        make_room(&mut masks, bytes.len());
        let mut faults = Vec::new();
        let (mut in_string, mut escaped) = (false, false);
        for (at, byte) in bytes.iter().enumerate() {
            let (place, bit) = (at / 64, 1 << (at % 64));
            let is_escaped = std::mem::take(&mut escaped);
            let mut fault = in_string && *byte < 0x20;
            match byte {
                b'"' if !is_escaped => {
                    masks[place].quotes |= bit;
                    masks[place].marks |= bit;
                    in_string = !in_string;
                }
                b'\\' => {
                    masks[place].marks |= bit;
                    escaped = !is_escaped;
                    fault |= !in_string;
                }
                b'{' | b'}' | b'[' | b']' if !in_string => masks[place].brackets |= bit,
                _ => {}
            }
            if fault && faults.last() != Some(&(place * 64)) {
                faults.push(place * 64);
            }
        }
        (masks, faults)
    }

    type Way = fn(&[u8], &mut [Word], &mut Found);

    /// Every way to read that this processor has.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "needs what the processor is asked for just before")
    )]
    fn ways() -> Vec<Way> {
        let mut ways: Vec<Way> = vec![portable::read];
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            if has!("avx2") && has!("pclmulqdq") && has!("bmi1") {
                // SAFETY: the processor has all three features.
                ways.push(|bytes, words, found| unsafe { avx2::read(bytes, words, found) });
            }
            if has!("avx512bw") && has!("pclmulqdq") && has!("bmi1") {
                // SAFETY: the processor has all three features.
                ways.push(|bytes, words, found| unsafe { avx512::read(bytes, words, found) });
            }
        }
        ways
    }

    #[test]
    fn the_bits_are_those_of_a_plain_reading() {
        let signs =
            proptest::sample::select(b"\"\"\"\\\\\\{}[]ab \n\x01;[]{}\x7b\x5b\x1f \xff".to_vec());
        let runs = (signs, prop_oneof![8 => 1_usize..4, 1 => 1_usize..200]);
        let strategy = proptest::collection::vec(runs, 0..80);
        let config = Config {
            cases: 400,
            rng_seed: RngSeed::Fixed(11),
            failure_persistence: None,
            ..Config::default()
        };
        let result = TestRunner::new(config).run(&strategy, |runs| {
            let mut bytes = Vec::new();
            for (byte, times) in runs {
                bytes.extend(std::iter::repeat_n(byte, times));
            }
            let (masks, faults) = plainly(&bytes);
            let mut bits = Bits::default();
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
            let lines = u64::try_from(lines).unwrap();
            prop_assert_eq!(bits.read(&bytes), lines);
            prop_assert_eq!(&bits.words, &masks);
            prop_assert_eq!(&bits.found.faults, &faults);
            for way in ways() {
                let (mut same, mut found) = (Vec::new(), Found::default());
                make_room(&mut same, bytes.len());
                way(&bytes, &mut same, &mut found);
                prop_assert_eq!(&same, &masks);
                prop_assert_eq!((&found.faults, found.lines), (&faults, lines));
            }
            for from in (0..bytes.len()).step_by(7) {
                let set =
                    |at: &usize, of: fn(&Word) -> u64| of(&masks[at / 64]) >> (at % 64) & 1 == 1;
                let quote = (from..bytes.len()).find(|at| set(at, |it| it.quotes));
                prop_assert_eq!(bits.quote_from(from), quote);
                let brackets: Vec<usize> =
                    (from..bytes.len()).filter(|at| set(at, |it| it.brackets)).collect();
                prop_assert_eq!(bits.brackets_from(from).collect::<Vec<_>>(), brackets);
                let mark = (from..bytes.len()).find(|at| set(at, |it| it.marks));
                let plain = mark.filter(|at| bytes[*at] == b'"');
                prop_assert_eq!(bits.end_of_plain(from, &bytes), plain);
                let free = mark.unwrap_or(bytes.len()) - from;
                for length in [0, 1, free.min(64), (free + 1).min(64), 64] {
                    let length = u8::try_from(length).unwrap();
                    let is_plain = mark.is_none_or(|at| at - from >= usize::from(length));
                    prop_assert_eq!(bits.is_plain(from, length), is_plain);
                }
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
        assert_eq!(bits.words.iter().map(|word| word.quotes).collect::<Vec<_>>(), [0, 0]);
        assert_eq!(bits.words.iter().map(|word| word.brackets).collect::<Vec<_>>(), [3, 0]);
        bits.read(b"");
        assert_eq!((bits.quote_from(0), bits.brackets_from(0).next()), (None, None));
    }
}
