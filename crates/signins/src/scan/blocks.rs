//! Whether a text begins with given bytes, some of which may be any.

/// Bytes of a block.
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

/// A block that begins so, and is filled up with zeros.
fn whole(part: &[u8]) -> [u8; BLOCK] {
    let mut whole = [0; BLOCK];
    for (to, from) in whole.iter_mut().zip(part) {
        *to = *from;
    }
    whole
}

/// Whether a text begins so: as many bytes as there are, of which those count that must be so.
#[inline(always)]
pub(super) fn begins_with(text: &[u8], blocks: &[Block], length: usize) -> bool {
    match text.get(..blocks.len() * BLOCK) {
        Some(text) => are(text.as_chunks().0, blocks),
        None => text.len() >= length && ends_with(text, blocks),
    }
}

/// The same where the text ends before the last block does.
#[cold]
fn ends_with(text: &[u8], blocks: &[Block]) -> bool {
    let chunks: Vec<[u8; BLOCK]> = text.chunks(BLOCK).map(whole).collect();
    chunks.get(..blocks.len()).is_some_and(|chunks| are(chunks, blocks))
}

#[inline(always)]
fn are(chunks: &[[u8; BLOCK]], blocks: &[Block]) -> bool {
    // Byte by byte without a way out, so that the compiler takes as many at a time as it can.
    let mut difference = [0; BLOCK];
    for (chunk, block) in chunks.iter().zip(blocks) {
        let expected = block.bytes.iter().zip(&block.must);
        for ((difference, byte), (expected, must)) in difference.iter_mut().zip(chunk).zip(expected)
        {
            *difference |= (byte ^ expected) & must;
        }
    }
    difference == [0; BLOCK]
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, begins_with, blocks};

    #[test]
    fn every_byte_that_must_be_so_counts_and_no_other() {
        for length in [1, 31, 32, 33, 100, 128, 129, 300] {
            let text: Vec<u8> = (0..500_u16).map(|at| at.to_le_bytes()[0]).collect();
            for any in (0..length).step_by(3) {
                let mut must = vec![0xff; length];
                must[any] = 0;
                let expected = blocks(&text[..length], &must);
                assert_eq!(expected.len(), length.div_ceil(BLOCK));
                for other in 0..500 {
                    let mut changed = text.clone();
                    changed[other] ^= 0x10;
                    let begins = other == any || other >= length;
                    assert_eq!(begins_with(&changed, &expected, length), begins, "{length} {any}");
                    let short = &changed[..length];
                    assert_eq!(begins_with(short, &expected, length), begins, "{length} {any}");
                }
                assert!(!begins_with(&text[..length - 1], &expected, length), "too short");
            }
        }
        assert!(begins_with(b"", &[], 0));
    }
}
