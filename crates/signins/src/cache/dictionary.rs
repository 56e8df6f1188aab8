//! One column of texts that repeat, on its way into a dictionary.

use std::hash::{BuildHasher, Hasher};

use arrow_array::UInt16Array;
use arrow_buffer::NullBuffer;
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::MOST_ROWS;

/// Key of a text that is not told.
const NONE: u16 = u16::MAX;

/// Texts remembered of a column.
const REMEMBERED: usize = 16;

/// The distinct texts of a column in the order they came, and for each row the number of its text.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    bytes: Vec<u8>,
    /// The end of each text in `bytes`.
    ends: Vec<usize>,
    hashes: Vec<u64>,
    numbers: HashTable<u16>,
    keys: Vec<u16>,
    /// Rows that tell nothing.
    missing: usize,
    /// Numbers of the texts met last, by length and last byte: most rows repeat one of few.
    recent: [u16; REMEMBERED],
}

impl Dictionary {
    /// Takes what the next row tells.
    pub(crate) fn push(&mut self, told: Option<&[u8]>) {
        if self.keys.is_empty() {
            self.keys.reserve_exact(MOST_ROWS);
        }
        let key = match told {
            Some(text) => self.number(text),
            None => {
                self.missing += 1;
                NONE
            }
        };
        self.keys.push(key);
    }

    /// Bytes of distinct texts.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The distinct texts, in order.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.bytes.get(start..*end).unwrap_or_default())
    }

    /// The keys of all rows.
    pub(crate) fn keys(&self) -> UInt16Array {
        if self.missing == 0 {
            return UInt16Array::new(self.keys.clone().into(), None);
        }
        let told = self.keys.iter().map(|key| *key != NONE);
        let keys: Vec<u16> =
            self.keys.iter().map(|key| if *key == NONE { 0 } else { *key }).collect();
        UInt16Array::new(keys.into(), Some(NullBuffer::from_iter(told)))
    }

    /// Forgets everything but its room.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.hashes.clear();
        self.numbers.clear();
        self.keys.clear();
        self.missing = 0;
        self.recent = [0; REMEMBERED];
    }

    fn number(&mut self, text: &[u8]) -> u16 {
        let Self { bytes, ends, hashes, numbers, recent, .. } = self;
        let last = text.len().wrapping_add(text.last().map_or(0, |byte| usize::from(*byte)));
        let mut forgotten = 0;
        let recent = recent.get_mut(last % REMEMBERED).unwrap_or(&mut forgotten);
        if !ends.is_empty() && at(bytes, ends, *recent) == text {
            return *recent;
        }
        let mut hasher = FixedState::default().build_hasher();
        hasher.write(text);
        let hash = hasher.finish();
        let same = |number: &u16| at(bytes, ends, *number) == text;
        if let Some(number) = numbers.find(hash, same) {
            *recent = *number;
            return *number;
        }
        // A batch ends before there are more texts than numbers.
        let number = u16::try_from(ends.len()).unwrap_or(NONE);
        bytes.extend_from_slice(text);
        ends.push(bytes.len());
        hashes.push(hash);
        numbers.insert_unique(hash, number, |number| {
            hashes.get(usize::from(*number)).copied().unwrap_or_default()
        });
        *recent = number;
        number
    }
}

fn at<'t>(bytes: &'t [u8], ends: &[usize], number: u16) -> &'t [u8] {
    let place = usize::from(number);
    let start = place.checked_sub(1).and_then(|before| ends.get(before)).copied();
    let end = ends.get(place).copied().unwrap_or_default();
    bytes.get(start.unwrap_or_default()..end).unwrap_or_default()
}
