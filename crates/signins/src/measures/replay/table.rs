//! Entries that rows name by number.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::measures::memo::Memo;
use crate::measures::translation::Translation;
use crate::words::Word;

/// What some texts of a sign-in tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Entry<const N: usize> {
    pub words: [Option<Word>; N],
    pub marks: u8,
}

/// Every entry once.
#[derive(Debug)]
pub(super) struct Table<const N: usize> {
    entries: Vec<Entry<N>>,
    numbers: HashTable<u32>,
    /// Numbers by the fingerprint of the texts.
    known: Memo<u32>,
}

impl<const N: usize> Default for Table<N> {
    fn default() -> Self {
        Self { entries: Vec::new(), numbers: HashTable::new(), known: Memo::default() }
    }
}

impl<const N: usize> Table<N> {
    /// All entries, by number.
    pub(super) fn entries(&self) -> &[Entry<N>] {
        &self.entries
    }

    /// Forgets what is only remembered to be found sooner.
    pub(super) fn settle(&mut self) {
        self.known = Memo::default();
    }

    /// The number of the entry with a fingerprint. `None`: it is a new one and the table is `full`,
    /// or it cannot be told.
    pub(super) fn find(
        &mut self,
        print: u64,
        full: bool,
        tell: impl FnOnce() -> Option<Entry<N>>,
    ) -> Option<u32> {
        if let Some(number) = self.known.met(print, 0) {
            return Some(number);
        }
        let number = self.number(tell()?, full)?;
        if self.known.is_full() {
            self.settle();
        }
        self.known.remember(print, 0, number);
        Some(number)
    }

    /// The number of an entry. `None`: it is a new one and the table is `full`.
    fn number(&mut self, entry: Entry<N>, full: bool) -> Option<u32> {
        let Self { entries, numbers, .. } = self;
        let at = |number: &u32| usize::try_from(*number).ok().and_then(|at| entries.get(at));
        let hash = hash_of(&entry);
        if let Some(number) = numbers.find(hash, |number| at(number) == Some(&entry)) {
            return Some(*number);
        }
        if full {
            return None;
        }
        let number = u32::try_from(entries.len()).ok()?;
        numbers.insert_unique(hash, number, |number| at(number).map_or(0, hash_of));
        entries.push(entry);
        Some(number)
    }
}

fn hash_of<const N: usize>(entry: &Entry<N>) -> u64 {
    FixedState::default().hash_one(entry)
}

/// Numbers of one table in those of another, as far as they were asked for.
#[derive(Debug)]
pub(super) struct Moved<'t, const N: usize> {
    from: &'t Table<N>,
    to: Vec<Option<u32>>,
}

impl<'t, const N: usize> Moved<'t, N> {
    /// From this table.
    pub(super) fn new(from: &'t Table<N>) -> Self {
        Self { from, to: vec![None; from.entries.len()] }
    }

    /// The number of the same entry. `None`: it is a new one and the table is `full`.
    pub(super) fn to(
        &mut self,
        table: &mut Table<N>,
        number: u32,
        full: bool,
        to: &mut Translation<'_>,
    ) -> Option<u32> {
        let place = usize::try_from(number).ok()?;
        let slot = self.to.get_mut(place)?;
        if slot.is_none() {
            let entry = self.from.entries.get(place)?;
            let words = entry.words.map(|word| word.and_then(|word| to.word(word)));
            *slot = table.number(Entry { words, ..*entry }, full);
        }
        *slot
    }
}
