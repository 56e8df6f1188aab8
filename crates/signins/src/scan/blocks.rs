//! Whether a text begins with given bytes, some of which may be any.
//!
//! Thirty-two bytes at a time, with AVX2 where the processor has it.

/// How many bytes a block has.
const BLOCK: usize = 32;

/// Some bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    /// What they are.
    pub bytes: [u8; BLOCK],
    /// 0xff for those that must be so, 0 for those that may be any.
    pub must: [u8; BLOCK],
}

/// Bytes, and which of them must be so, in blocks. What is behind the last may be any.
pub(super) fn blocks(bytes: &[u8], must: &[u8]) -> Box<[Block]> {
    let blocks = bytes.chunks(BLOCK).zip(must.chunks(BLOCK));
    blocks.map(|(bytes, must)| Block { bytes: whole(bytes), must: whole(must) }).collect()
}

fn whole(part: &[u8]) -> [u8; BLOCK] {
    let mut whole = [0; BLOCK];
    for (to, from) in whole.iter_mut().zip(part) {
        *to = *from;
    }
    whole
}

/// Whether a text begins so. `None`: it is too short for whole blocks.
#[inline]
pub(super) fn begins_with(text: &[u8], blocks: &[Block]) -> Option<bool> {
    let (chunks, _) = text.as_chunks::<BLOCK>();
    let chunks = chunks.get(..blocks.len())?;
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "needs AVX2, which was just asked for")]
        // SAFETY: the processor has AVX2.
        return Some(unsafe { avx2::are(chunks, blocks) });
    }
    Some(portable::are(chunks, blocks))
}

mod portable {
    use super::{BLOCK, Block};

    pub(super) fn are(chunks: &[[u8; BLOCK]], blocks: &[Block]) -> bool {
        let mut difference = 0;
        for (chunk, block) in chunks.iter().zip(blocks) {
            for ((byte, expected), must) in chunk.iter().zip(block.bytes).zip(block.must) {
                difference |= (byte ^ expected) & must;
            }
        }
        difference == 0
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_loadu_si256, _mm256_or_si256, _mm256_setzero_si256,
        _mm256_testz_si256, _mm256_xor_si256,
    };

    use super::{BLOCK, Block};

    #[target_feature(enable = "avx2")]
    pub(super) fn are(chunks: &[[u8; BLOCK]], blocks: &[Block]) -> bool {
        let mut difference = _mm256_setzero_si256();
        for (chunk, block) in chunks.iter().zip(blocks) {
            let unlike = _mm256_xor_si256(load(chunk), load(&block.bytes));
            let unlike = _mm256_and_si256(unlike, load(&block.must));
            difference = _mm256_or_si256(difference, unlike);
        }
        _mm256_testz_si256(difference, difference) != 0
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(bytes: &[u8; BLOCK]) -> __m256i {
        #[expect(unsafe_code, reason = "the intrinsic takes a pointer")]
        // SAFETY: the reference is to 32 bytes that may be read, and any alignment will do.
        unsafe {
            _mm256_loadu_si256(bytes.as_ptr().cast())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, begins_with, blocks, portable};

    #[test]
    fn every_byte_that_must_be_so_counts_and_no_other() {
        for length in [1, 31, 32, 33, 100] {
            let text: Vec<u8> = (0..200_u8).collect();
            for any in 0..length {
                let mut must = vec![0xff; length];
                must[any] = 0;
                let expected = blocks(&text[..length], &must);
                assert_eq!(expected.len(), length.div_ceil(BLOCK));
                for other in 0..200 {
                    let mut changed = text.clone();
                    changed[other] ^= 0x10;
                    let begins = other == any || other >= length;
                    assert_eq!(begins_with(&changed, &expected), Some(begins), "{length} {any}");
                    let (chunks, _) = changed.as_chunks::<BLOCK>();
                    assert_eq!(portable::are(&chunks[..expected.len()], &expected), begins);
                }
            }
        }
        assert_eq!(begins_with(&[b'a'; 31], &blocks(b"a", &[0xff])), None);
        assert_eq!(begins_with(b"", &[]), Some(true));
    }
}
