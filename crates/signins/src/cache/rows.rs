//! The sign-ins of a batch, told one by one.

use std::cell::Cell;
use std::hash::{BuildHasher, Hasher};

use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, PrimitiveArray, StringArray, UInt16Array};
use arrow_buffer::NullBuffer;
use bumpalo::Bump;
use foldhash::quality::RandomState;
use jiff::Timestamp;

use super::batch::{Batch, ListColumn, TextColumn};
use super::identifier::text_of;
use super::layout::IDENTIFIERS;
use crate::field::{Field, Texts};
use crate::sign_in::{AppliedPolicy, SignIn, Step};
use crate::told::Told;
use crate::words::{List, Word, Words, fingerprint};

/// Nanoseconds of a second.
const SECOND: i64 = 1_000_000_000;

/// The sign-ins of a batch, for one table of words: a text is looked up when it is first asked
/// for, and its number is kept.
#[derive(Debug)]
pub(crate) struct Rows<'b> {
    batch: &'b Batch,
    /// Place of each text in `columns`.
    places: Texts<usize>,
    columns: Vec<Column<'b>>,
    policies: Option<Lists<'b, AppliedPolicy<String>>>,
    requirement_providers: Option<Lists<'b, String>>,
    steps: Option<Lists<'b, Step<String>>>,
}

/// The keys of a column.
#[derive(Debug, Clone, Copy)]
struct Keys<'b> {
    keys: &'b [u16],
    nulls: Option<&'b NullBuffer>,
}

impl<'b> Keys<'b> {
    fn of(keys: &'b UInt16Array) -> Self {
        Self { keys: keys.values(), nulls: keys.nulls() }
    }

    #[inline]
    fn at(self, row: usize) -> Option<usize> {
        let key = self.keys.get(row)?;
        let told = self.nulls.is_none_or(|nulls| nulls.is_valid(row));
        told.then(|| usize::from(*key))
    }
}

#[derive(Debug)]
struct Column<'b> {
    keys: Keys<'b>,
    texts: &'b StringArray,
    words: Vec<Cell<Option<Word>>>,
    /// Fingerprints; 0 where it was not asked for yet.
    prints: Vec<Cell<u64>>,
}

impl<'b> Column<'b> {
    fn of(column: &'b TextColumn) -> Self {
        let texts = &column.texts;
        Self {
            keys: Keys::of(&column.keys),
            texts,
            words: vec![Cell::new(None); texts.len()],
            prints: vec![Cell::new(0); texts.len()],
        }
    }

    fn text(&self, row: usize) -> Option<&'b str> {
        let key = self.keys.at(row)?;
        (key < self.texts.len()).then(|| self.texts.value(key))
    }

    #[inline]
    fn word(&self, row: usize, words: &mut Words) -> Option<Word> {
        let known = self.words.get(self.keys.at(row)?)?;
        if known.get().is_none() {
            known.set(words.word(self.text(row)?));
        }
        known.get()
    }

    fn known_word(&self, row: usize, words: &Words) -> Option<Word> {
        let known = self.words.get(self.keys.at(row)?)?;
        known.get().or_else(|| words.find(self.text(row)?))
    }

    #[inline]
    fn print(&self, row: usize) -> Option<u64> {
        let known = self.prints.get(self.keys.at(row)?)?;
        if known.get() == 0 {
            known.set(fingerprint(self.text(row)?));
        }
        Some(known.get())
    }
}

#[derive(Debug)]
struct Lists<'b, T> {
    keys: Keys<'b>,
    lists: &'b [Vec<T>],
    numbers: Vec<Cell<Option<List>>>,
}

impl<'b, T> Lists<'b, T> {
    fn of(column: &'b ListColumn<T>) -> Self {
        let ListColumn { keys, lists } = column;
        Self { keys: Keys::of(keys), lists, numbers: vec![Cell::new(None); lists.len()] }
    }

    fn list(&self, row: usize) -> &'b [T] {
        self.keys.at(row).and_then(|key| self.lists.get(key)).map_or(&[], Vec::as_slice)
    }

    fn number(&self, row: usize, tell: impl FnOnce(&'b [T]) -> Option<List>) -> Option<List> {
        let known = self.numbers.get(self.keys.at(row)?)?;
        if known.get().is_none() {
            known.set(tell(self.list(row)));
        }
        known.get()
    }
}

impl Batch {
    /// The sign-ins, for one table of words: all of them must be asked with the same.
    pub(crate) fn rows(&self) -> Rows<'_> {
        let mut columns = Vec::new();
        let mut places = Texts::default();
        for (field, column) in self.texts.all() {
            places.set(field, columns.len());
            columns.push(Column::of(column));
        }
        Rows {
            batch: self,
            places,
            columns,
            policies: self.policies.as_ref().map(Lists::of),
            requirement_providers: self.requirement_providers.as_ref().map(Lists::of),
            steps: self.steps.as_ref().map(Lists::of),
        }
    }
}

impl Rows<'_> {
    /// Each sign-in.
    pub(crate) fn iter(&self) -> impl Iterator<Item = CachedRow<'_>> {
        (0..self.batch.rows).map(|row| CachedRow { rows: self, row })
    }

    /// One sign-in, by its number.
    pub(crate) fn row(&self, row: usize) -> CachedRow<'_> {
        CachedRow { rows: self, row }
    }

    #[inline]
    fn column(&self, field: Field) -> Option<&Column<'_>> {
        let place = self.places.told(field);
        debug_assert!(place.is_some(), "{field:?} was not wanted");
        self.columns.get(place?)
    }
}

/// One sign-in of a batch. It tells what was wanted of the batch, and of nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CachedRow<'r> {
    rows: &'r Rows<'r>,
    row: usize,
}

impl<'r> CachedRow<'r> {
    /// Fingerprint of everything the sign-in tells.
    pub(crate) fn content(&self) -> u64 {
        at(&self.rows.batch.contents, self.row).unwrap_or_default()
    }

    #[cold]
    fn identifier_word(&self, field: Field, words: &mut Words) -> Option<Word> {
        words.word(self.spell(&Bump::new()).text.told(field)?)
    }

    /// The whole sign-in, of a batch of which everything was wanted. Identifiers are spelled in the
    /// arena.
    pub(crate) fn spell(&self, arena: &'r Bump) -> SignIn<'r> {
        let Self { rows, row } = *self;
        let mut text = Texts::default();
        for field in Field::ALL {
            if !IDENTIFIERS.contains(field) {
                text.put(*field, rows.column(*field).and_then(|column| column.text(row)));
            }
        }
        for (field, column) in IDENTIFIERS.iter().zip(&rows.batch.identifiers) {
            debug_assert!(column.is_some(), "{field:?} was not wanted");
            let Some(column) = column else { continue };
            let told = if column.texts.is_valid(row) {
                Some(column.texts.value(row))
            } else if column.guids.is_valid(row) {
                let mut spelled = String::with_capacity(36);
                text_of(column.guids.value(row), &mut spelled);
                Some(&*arena.alloc_str(&spelled))
            } else {
                None
            };
            text.put(*field, told);
        }
        let policies = rows.policies.as_ref().map_or(&[][..], |lists| lists.list(row));
        let providers = rows.requirement_providers.as_ref();
        let providers = providers.map_or(&[][..], |lists| lists.list(row));
        let steps = rows.steps.as_ref().map_or(&[][..], |lists| lists.list(row));
        SignIn {
            created: time_at(&rows.batch.created, row),
            logged: time_at(&rows.batch.logged, row),
            text,
            policies: policies.iter().map(borrowed_policy).collect(),
            requirement_providers: providers.iter().map(String::as_str).collect(),
            steps: steps.iter().map(borrowed_step).collect(),
        }
    }
}

impl Told for CachedRow<'_> {
    fn time(&self) -> Option<Timestamp> {
        let batch = self.rows.batch;
        time_at(&batch.created, self.row).or_else(|| time_at(&batch.logged, self.row))
    }

    #[inline]
    fn tells(&self, field: Field) -> bool {
        match IDENTIFIERS.iter().position(|identifier| *identifier == field) {
            Some(_) => self.print(field).is_some(),
            None => self.rows.column(field).is_some_and(|it| it.keys.at(self.row).is_some()),
        }
    }

    #[inline]
    fn word(&self, field: Field, words: &mut Words) -> Option<Word> {
        if IDENTIFIERS.contains(&field) {
            return self.identifier_word(field, words);
        }
        self.rows.column(field)?.word(self.row, words)
    }

    fn text(&self, field: Field) -> Option<&str> {
        self.rows.column(field)?.text(self.row)
    }

    fn known_word(&self, field: Field, words: &Words) -> Option<Word> {
        self.rows.column(field)?.known_word(self.row, words)
    }

    #[inline]
    fn print(&self, field: Field) -> Option<u64> {
        match IDENTIFIERS.iter().position(|identifier| *identifier == field) {
            Some(place) => {
                let column = self.rows.batch.prints.get(place)?.as_ref();
                debug_assert!(column.is_some(), "{field:?} was not wanted");
                at(column?, self.row)
            }
            None => self.rows.column(field)?.print(self.row),
        }
    }

    fn print_of<const N: usize>(&self, groups: [&[Field]; N], seed: &RandomState) -> u64 {
        let mut hasher = seed.build_hasher();
        for group in groups {
            // A fingerprint of 0 stands for nothing told: one chance in 2^64.
            let print = group.iter().find_map(|field| self.print(*field));
            hasher.write_u64(print.unwrap_or(0));
        }
        hasher.finish()
    }

    fn policies(&self, words: &mut Words) -> Option<List> {
        let lists = self.rows.policies.as_ref();
        debug_assert!(lists.is_some(), "policies were not wanted");
        lists?.number(self.row, |policies| {
            let policies = policies.iter().map(borrowed_policy).collect();
            SignIn { policies, ..SignIn::default() }.policies(words)
        })
    }

    fn requirement_providers(&self, words: &mut Words) -> Option<List> {
        let lists = self.rows.requirement_providers.as_ref();
        debug_assert!(lists.is_some(), "requirement providers were not wanted");
        lists?.number(self.row, |providers| {
            let requirement_providers = providers.iter().map(String::as_str).collect();
            SignIn { requirement_providers, ..SignIn::default() }.requirement_providers(words)
        })
    }

    fn steps(&self, words: &mut Words) -> Option<List> {
        let lists = self.rows.steps.as_ref();
        debug_assert!(lists.is_some(), "steps were not wanted");
        lists?.number(self.row, |steps| {
            let steps = steps.iter().map(borrowed_step).collect();
            SignIn { steps, ..SignIn::default() }.steps(words)
        })
    }
}

fn borrowed_policy(policy: &AppliedPolicy<String>) -> AppliedPolicy<&str> {
    let AppliedPolicy { id, name, result } = policy;
    AppliedPolicy { id: id.as_deref(), name: name.as_deref(), result: result.as_deref() }
}

fn borrowed_step(step: &Step<String>) -> Step<&str> {
    let Step { method, method_detail, result_detail, requirement, succeeded } = step;
    Step {
        method: method.as_deref(),
        method_detail: method_detail.as_deref(),
        result_detail: result_detail.as_deref(),
        requirement: requirement.as_deref(),
        succeeded: succeeded.as_deref(),
    }
}

fn at<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    let value = array.values().get(row)?;
    array.is_valid(row).then_some(*value)
}

fn time_at<T>(array: &PrimitiveArray<T>, row: usize) -> Option<Timestamp>
where
    T: ArrowPrimitiveType<Native = i64>,
{
    let nanoseconds = at(array, row)?;
    let part = i32::try_from(nanoseconds.rem_euclid(SECOND)).ok()?;
    Timestamp::new(nanoseconds.div_euclid(SECOND), part).ok()
}
