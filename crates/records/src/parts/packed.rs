//! Small gzip files, inflated whole.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use libdeflater::{DecompressionError, Decompressor, crc32};

use crate::limits::Limits;
use crate::stream::GZIP;

/// Longest file inflated whole.
const PACKED_BYTES: u64 = 16 << 20;
/// Most bytes inflated at a time.
const UNPACKED_BYTES: usize = 32 << 20;
/// The checksum and the length at the end of a member (RFC 1952, section 2.3.1).
const TRAILER: usize = 8;

/// Whether a file is a gzip file short enough to be inflated whole. It stands at its start
/// afterwards.
pub(super) fn is_small(file: &mut File, limits: &Limits) -> io::Result<bool> {
    let length = file.metadata()?.len();
    if !(18..=PACKED_BYTES).contains(&length) {
        return Ok(false);
    }
    let mut magic = [0; 2];
    let mut told = [0; 4];
    file.read_exact(&mut magic)?;
    let mut is_small = magic == GZIP;
    if is_small {
        file.seek(SeekFrom::End(-4))?;
        file.read_exact(&mut told)?;
        is_small = fits(usize::try_from(u32::from_le_bytes(told)).ok(), limits);
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(is_small)
}

fn fits(length: Option<usize>, limits: &Limits) -> bool {
    let most = u64::try_from(UNPACKED_BYTES).unwrap_or(0).min(limits.inflated_free);
    length.and_then(|length| u64::try_from(length).ok()).is_some_and(|length| length <= most)
}

/// What inflating needs, to be used again.
#[derive(Default)]
pub(super) struct Unpacker {
    packed: Vec<u8>,
    decompressor: Option<Decompressor>,
}

impl Unpacker {
    /// Inflates all members of a file into `room`, and tells how many bytes they are. `None` where
    /// anything is not as it should be.
    pub(super) fn unpack(
        &mut self,
        mut file: File,
        room: &mut Vec<u8>,
        limits: &Limits,
    ) -> Option<usize> {
        self.packed.clear();
        (&mut file).take(PACKED_BYTES + 1).read_to_end(&mut self.packed).ok()?;
        let decompressor = self.decompressor.get_or_insert_with(Decompressor::new);
        let mut rest = self.packed.as_slice();
        let mut length = 0;
        while !rest.is_empty() {
            let count = member(decompressor, rest, room, length)?;
            let unpacked = room.get(length..length + count)?;
            rest = behind_member(rest, unpacked)?;
            length += count;
        }
        fits(Some(length), limits).then_some(length)
    }
}

/// Inflates one member behind what is in the room already. How many bytes came out.
fn member(
    decompressor: &mut Decompressor,
    packed: &[u8],
    room: &mut Vec<u8>,
    length: usize,
) -> Option<usize> {
    let (_, told) = packed.split_last_chunk::<4>()?;
    let mut size = usize::try_from(u32::from_le_bytes(*told)).ok()?;
    loop {
        if length + size > UNPACKED_BYTES {
            return None;
        }
        if room.len() < length + size {
            room.resize(length + size, 0);
        }
        match decompressor.gzip_decompress(packed, room.get_mut(length..length + size)?) {
            Ok(count) => return Some(count),
            // The length at the end of the file is that of its last member.
            Err(DecompressionError::InsufficientSpace) => size = (size * 2).max(4096),
            Err(DecompressionError::BadData) => return None,
        }
    }
}

/// What follows a member that was inflated to these bytes. Where it ends is known by its checksum
/// and length, behind which nothing may stand but another member.
fn behind_member<'p>(packed: &'p [u8], unpacked: &[u8]) -> Option<&'p [u8]> {
    let length = u32::try_from(unpacked.len()).ok()?;
    let mut trailer = [0; TRAILER];
    let (sum, told) = trailer.split_at_mut(4);
    sum.copy_from_slice(&crc32(unpacked).to_le_bytes());
    told.copy_from_slice(&length.to_le_bytes());
    let end = memchr::memmem::find(packed, &trailer)? + TRAILER;
    packed.get(end..).filter(|rest| rest.is_empty() || rest.starts_with(GZIP))
}
