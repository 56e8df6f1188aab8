//! Copies of one record, held back until all have come.

use std::hash::BuildHasher;
use std::num::NonZero;

use bumpalo::Bump;
use foldhash::quality::FixedState;
use hashbrown::{HashMap, HashTable};

use crate::census::{Copies, CopiesById};
use crate::field::Field;
use crate::sign_in::{Row, SignIn};
use crate::words::fingerprint;

/// Number of a text in [`Words`], from 1, so that a field not told takes no room of its own.
type Symbol = NonZero<u32>;

/// Every text once.
#[derive(Debug, Default)]
struct Words {
    texts: Vec<Box<str>>,
    positions: HashTable<Symbol>,
    state: FixedState,
}

impl Words {
    fn text(&self, symbol: Symbol) -> &str {
        at(&self.texts, symbol)
    }

    fn symbol(&mut self, text: &str) -> Symbol {
        let hash = self.state.hash_one(text);
        if let Some(symbol) = self.positions.find(hash, |symbol| self.text(*symbol) == text) {
            return *symbol;
        }
        self.texts.push(text.into());
        let number = u32::try_from(self.texts.len()).ok().and_then(Symbol::new);
        let symbol = number.unwrap_or(Symbol::MAX);
        let Self { texts, positions, state } = self;
        positions.insert_unique(hash, symbol, |symbol| state.hash_one(at(texts, *symbol)));
        symbol
    }
}

fn at(texts: &[Box<str>], symbol: Symbol) -> &str {
    let position = usize::try_from(symbol.get()).ok().and_then(|number| number.checked_sub(1));
    position.and_then(|position| texts.get(position)).map_or("", |text| text)
}

/// A record that waits for its other copies.
#[derive(Debug)]
struct Waiting {
    /// The full id: two ids may share a fingerprint.
    id: Box<str>,
    merged: Row<Symbol>,
}

impl Waiting {
    /// The merged sign-in, under its id.
    fn spelled<'w>(&'w self, words: &'w Words) -> SignIn<'w> {
        let mut sign_in = spell(&self.merged, words);
        sign_in.text.set(Field::Id, &self.id);
        sign_in
    }
}

/// The copies of one fingerprint so far.
#[derive(Debug)]
struct Arrivals {
    copies: Copies,
    arrived: u32,
    /// What the first of copies that were taken for the same shows.
    first: u64,
    /// Another of them shows something else after all.
    relearned: bool,
    waiting: Vec<Waiting>,
}

/// Holds copies back in the second reading, each text once.
#[derive(Debug)]
pub(crate) struct Held {
    words: Words,
    arrivals: HashMap<u64, Arrivals, FixedState>,
}

impl Held {
    /// Expects the copies a first reading met.
    pub(crate) fn new(copies: &CopiesById) -> Self {
        let arrivals = copies
            .iter()
            .map(|(id, copies)| {
                (
                    *id,
                    Arrivals {
                        copies: *copies,
                        arrived: 0,
                        first: 0,
                        relearned: false,
                        waiting: Vec::new(),
                    },
                )
            })
            .collect();
        Self { words: Words::default(), arrivals }
    }

    /// The copies expected, with what this reading learned: whether they differ after all. `None`:
    /// nothing new.
    pub(crate) fn relearned(&self) -> Option<CopiesById> {
        let news = self.arrivals.values().any(|it| it.relearned);
        let copies =
            |it: &Arrivals| Copies { differ: it.copies.differ || it.relearned, ..it.copies };
        news.then(|| self.arrivals.iter().map(|(id, it)| (*id, copies(it))).collect())
    }

    /// Takes a record in; hands `observe` what can be counted now: the record itself when it has no
    /// copies, the first of copies that show the same, or the merged record with the last copy.
    pub(crate) fn arrive(
        &mut self,
        sign_in: &SignIn<'_>,
        content: u64,
        arena: &Bump,
        observe: &mut impl FnMut(&SignIn<'_>),
    ) {
        let Self { words, arrivals } = self;
        let id = sign_in.text.told(Field::Id).unwrap_or_default();
        let Some(arrivals) = arrivals.get_mut(&fingerprint(id)).filter(|_| !id.is_empty()) else {
            observe(sign_in);
            return;
        };
        arrivals.arrived = arrivals.arrived.saturating_add(1);
        if !arrivals.copies.differ {
            if arrivals.arrived == 1 {
                arrivals.first = content;
                observe(sign_in);
            }
            arrivals.relearned |= arrivals.first != content;
            return;
        }
        if arrivals.arrived > arrivals.copies.count {
            // The file grew between the two readings; the copy was counted.
            return;
        }
        let id: Box<str> = id.into();
        let mut sign_in = sign_in.copied_to(arena);
        // It is different for every record: it is kept beside it, not among the words.
        sign_in.text.put(Field::Id, None);
        match arrivals.waiting.iter_mut().find(|waiting| waiting.id == id) {
            Some(waiting) => {
                let mut merged = sign_in;
                merged.merge(spell(&waiting.merged, words).copied_to(arena));
                waiting.merged = merged.convert_ref(&mut |text| words.symbol(text));
            }
            None => {
                let merged = sign_in.convert_ref(&mut |text| words.symbol(text));
                arrivals.waiting.reserve_exact(1);
                arrivals.waiting.push(Waiting { id, merged });
            }
        }
        if arrivals.arrived == arrivals.copies.count {
            for waiting in std::mem::take(&mut arrivals.waiting) {
                observe(&waiting.spelled(words));
            }
        }
    }

    /// What still waits: its copies were there in the first reading and not in the second.
    pub(crate) fn release(self, observe: &mut impl FnMut(&SignIn<'_>)) {
        for arrivals in self.arrivals.values() {
            for waiting in &arrivals.waiting {
                observe(&waiting.spelled(&self.words));
            }
        }
    }
}

fn spell<'w>(row: &Row<Symbol>, words: &'w Words) -> SignIn<'w> {
    row.convert_ref(&mut |symbol| words.text(*symbol))
}
