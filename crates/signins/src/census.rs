//! What the first reading learns of the log as a whole: which records are copies of one another.

use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::quality::FixedState;
use hashbrown::HashMap;

/// How often one record id was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Copies {
    /// Records with this id, the first included.
    pub count: u32,
    /// Some copy shows something another does not.
    pub differ: bool,
}

/// Copies, by the fingerprint of their id.
pub(crate) type CopiesById = HashMap<u64, Copies, FixedState>;

/// Bits of an id's fingerprint that choose its table. Few enough that a table soon is too large for the
/// heap of the C library (128 KiB), which keeps the gaps that tables leave when they grow; many enough that
/// threads seldom wait for one another.
const TABLE_BITS: u32 = 6;
/// Bits kept of a fingerprint of what a record shows.
const CONTENT_BITS: u32 = 18;

/// The ids met, shared by all threads.
///
/// About ten bytes for each id. Of its fingerprint 52 bits are kept, of the fingerprint of what
/// its first record shows 18. Two ids that agree in 52 bits (one chance in 22 among twenty
/// million) look like copies that differ, and the second reading tells them apart. Two copies that
/// differ and agree in 18 bits are found to differ in the second reading, unless there is none,
/// because no other copies differ.
#[derive(Debug)]
pub(crate) struct Census {
    tables: Box<[Locked]>,
    copies: Mutex<CopiesById>,
}

/// A table that one thread at a time looks into, on a line of memory of its own: threads that look
/// into others do not wait for it.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Locked(Mutex<Table>);

/// Open addressing in a slice that grows by a quarter, so that little of it is ever empty.
#[derive(Debug, Default)]
struct Table {
    /// 46 bits of an id above 18 bits of content; 0 where there is none.
    entries: Vec<u64>,
    used: usize,
}

impl Default for Census {
    fn default() -> Self {
        let tables = (0..1_u32 << TABLE_BITS).map(|_| Locked::default()).collect();
        Self { tables, copies: Mutex::default() }
    }
}

impl Census {
    /// Takes note of a record; true when no record with its id was met before. `id` and `content`
    /// are the fingerprints of its id and of what it shows.
    pub(crate) fn see(&self, id: u64, content: u64) -> bool {
        let table = usize::try_from(id >> (u64::BITS - TABLE_BITS)).unwrap_or_default();
        let Some(Locked(table)) = self.tables.get(table) else { return true };
        let met = lock(table).see(id, content >> (u64::BITS - CONTENT_BITS));
        let Some(same) = met else { return true };
        let mut copies = lock(&self.copies);
        let copies = copies.entry(id).or_insert(Copies { count: 1, differ: false });
        copies.count = copies.count.saturating_add(1);
        copies.differ |= !same;
        false
    }

    /// The copies met.
    pub(crate) fn copies(&self) -> MutexGuard<'_, CopiesById> {
        lock(&self.copies)
    }
}

impl Table {
    /// `None`: the id is new. Else whether its first record shows the same.
    fn see(&mut self, id: u64, content: u64) -> Option<bool> {
        if (self.used + 1) * 8 > self.entries.len() * 7 {
            self.grow();
        }
        // An entry of zeros stands for none.
        let entry = (id << CONTENT_BITS | content).max(1);
        let place = self.place_of(entry)?;
        let slot = self.entries.get_mut(place)?;
        if *slot == 0 {
            *slot = entry;
            self.used += 1;
            return None;
        }
        Some(*slot == entry)
    }

    /// Where an id is, or would be.
    fn place_of(&self, entry: u64) -> Option<usize> {
        let length = u64::try_from(self.entries.len()).ok()?;
        // The highest bits kept, spread over the table.
        let start = (entry >> 32).checked_mul(length)? >> 32;
        let mut place = usize::try_from(start).ok()?;
        loop {
            let there = *self.entries.get(place)?;
            if there == 0 || there >> CONTENT_BITS == entry >> CONTENT_BITS {
                return Some(place);
            }
            place = if place + 1 == self.entries.len() { 0 } else { place + 1 };
        }
    }

    fn grow(&mut self) {
        let length = (self.entries.len() + self.entries.len() / 4).max(16);
        let old = std::mem::replace(&mut self.entries, vec![0; length]);
        for entry in old.into_iter().filter(|entry| *entry != 0) {
            let place = self.place_of(entry);
            if let Some(slot) = place.and_then(|place| self.entries.get_mut(place)) {
                *slot = entry;
            }
        }
    }
}

/// A thread that panicked while it held the lock left numbers behind that are still numbers.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Census, Copies};
    use crate::words::fingerprint;

    #[test]
    fn every_id_is_new_once_however_many_there_are() {
        let census = Census::default();
        for round in 0..3_u32 {
            for number in 0..60_000_u32 {
                let new = census.see(fingerprint(&number.to_string()), 0);
                assert_eq!(new, round == 0, "{number} in round {round}");
            }
        }
        assert_eq!(census.copies().len(), 60_000);
        assert!(census.copies().values().all(|it| *it == Copies { count: 3, differ: false }));
        let bytes: usize =
            census.tables.iter().map(|it| it.0.lock().unwrap().entries.len() * 8).sum();
        assert!(bytes < 60_000 * 11, "{bytes} bytes");
    }

    #[test]
    fn copies_that_show_something_else_differ() {
        let census = Census::default();
        let id = fingerprint("a");
        let shown = [fingerprint("one"), fingerprint("one"), fingerprint("other")];
        let new: Vec<bool> = shown.iter().map(|content| census.see(id, *content)).collect();
        assert_eq!(new, [true, false, false]);
        assert_eq!(census.copies()[&id], Copies { count: 3, differ: true });
        assert!(census.see(0, 0) && !census.see(0, 0), "fingerprints of zeros are fingerprints");
    }
}
