//! Values kept of many, such that order does not matter.

use std::cmp::Ordering;
use std::hash::Hash;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use jiff::Timestamp;

use crate::measures::translation::Translation;
use crate::words::{Word, Words};

/// The word of the latest record that shows one; at the same time, the greater text.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Latest {
    word: Option<Word>,
    time: Timestamp,
}

impl Latest {
    /// Takes a word shown at a time.
    pub(crate) fn observe(&mut self, time: Timestamp, word: Word, words: &Words) {
        match self.word {
            Some(kept) if kept == word => self.time = time.max(self.time),
            Some(kept) if (time, words.text(word)) <= (self.time, words.text(kept)) => {}
            _ => *self = Self { word: Some(word), time },
        }
    }

    /// Takes what another kept.
    pub(crate) fn merge(&mut self, other: Self, words: &Words) {
        if let Some(word) = other.word {
            self.observe(other.time, word, words);
        }
    }

    /// The same in other words.
    pub(crate) fn translated(self, to: &mut Translation<'_>) -> Self {
        Self { word: self.word.and_then(|word| to.word(word)), time: self.time }
    }

    /// The word.
    pub(crate) fn word(self) -> Option<Word> {
        self.word
    }

    /// The text, owned.
    pub(crate) fn to_text(self, words: &Words) -> Option<String> {
        Some(words.text(self.word?).to_owned())
    }
}

/// Keeps the word whose text comes first.
pub(crate) fn keep_first(kept: &mut Option<Word>, word: Word, words: &Words) {
    if kept.is_none_or(|kept| kept != word && words.text(word) < words.text(kept)) {
        *kept = Some(word);
    }
}

/// What values can be kept by, in an order that does not depend on the numbers of words.
pub(crate) trait Key: Copy + Eq + Hash {
    /// Which of two comes first.
    fn order(self, other: Self, words: &Words) -> Ordering;
}

impl Key for u32 {
    fn order(self, other: Self, _: &Words) -> Ordering {
        self.cmp(&other)
    }
}

impl Key for Word {
    fn order(self, other: Self, words: &Words) -> Ordering {
        words.text(self).cmp(words.text(other))
    }
}

impl Key for (Word, Word) {
    fn order(self, other: Self, words: &Words) -> Ordering {
        self.0.order(other.0, words).then_with(|| self.1.order(other.1, words))
    }
}

/// Values by key, of at most so many keys: those first in order.
///
/// Up to twice as many are held, then cut. A key that was dropped once never comes back, because
/// keys enough stand before it for good; so the values kept are whole.
#[derive(Debug)]
pub(crate) struct FirstKept<K, V> {
    kept: HashMap<K, V, FixedState>,
    most: usize,
    /// Keys after this one were dropped.
    bound: Option<K>,
}

impl<K: Key, V: Default> FirstKept<K, V> {
    /// Room for so many keys.
    pub(crate) fn new(most: usize) -> Self {
        Self { kept: HashMap::default(), most, bound: None }
    }

    /// The value of a key; `None` when keys enough stand before it.
    pub(crate) fn value(&mut self, key: K, words: &Words) -> Option<&mut V> {
        if !self.kept.contains_key(&key) {
            if self.kept.len() >= self.most.saturating_mul(2) {
                self.cut(words);
            }
            if self.bound.is_some_and(|bound| key.order(bound, words) == Ordering::Greater) {
                return None;
            }
        }
        Some(self.kept.entry(key).or_default())
    }

    /// Every key held with its value, in no order.
    pub(crate) fn into_values(self) -> impl Iterator<Item = (K, V)> {
        self.kept.into_iter()
    }

    /// The first keys in order, with their values.
    pub(crate) fn finish(mut self, words: &Words) -> Vec<(K, V)> {
        self.cut(words);
        let mut all: Vec<_> = self.kept.into_iter().collect();
        all.sort_by(|(a, _), (b, _)| a.order(*b, words));
        all
    }

    fn cut(&mut self, words: &Words) {
        if self.kept.len() <= self.most {
            return;
        }
        let mut keys: Vec<K> = self.kept.keys().copied().collect();
        keys.sort_by(|a, b| a.order(*b, words));
        let Some(bound) = self.most.checked_sub(1).and_then(|last| keys.get(last)).copied() else {
            return;
        };
        self.kept.retain(|key, _| key.order(bound, words) != Ordering::Greater);
        self.kept.shrink_to(self.most);
        self.bound = Some(bound);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_keys_are_kept_whole_whatever_the_order() {
        let words = Words::default();
        let orders: [Vec<u32>; 3] = [
            (0..1_000).collect(),
            (0..1_000).rev().collect(),
            (0..1_000).map(|number| number * 617 % 1_000).collect(),
        ];
        for order in orders {
            let mut counts: FirstKept<u32, u64> = FirstKept::new(10);
            for key in order.iter().chain(&order) {
                if let Some(count) = counts.value(*key, &words) {
                    *count += 1;
                }
                assert!(counts.kept.len() <= 20, "bounded");
            }
            let expected: Vec<(u32, u64)> = (0..10).map(|key| (key, 2)).collect();
            assert_eq!(counts.finish(&words), expected);
        }
    }

    #[test]
    fn words_are_ordered_by_their_texts() {
        let mut words = Words::default();
        let [c, a, b] = ["c", "a", "b"].map(|text| words.word(text).expect("room"));
        let mut counts: FirstKept<(Word, Word), u64> = FirstKept::new(2);
        for key in [(c, a), (a, c), (b, a), (a, b), (b, c), (c, c)] {
            if let Some(count) = counts.value(key, &words) {
                *count += 1;
            }
        }
        assert_eq!(counts.finish(&words), [((a, b), 1), ((a, c), 1)]);
        let mut first = None;
        for word in [c, a, b] {
            keep_first(&mut first, word, &words);
        }
        assert_eq!(first, Some(a));
    }

    #[test]
    fn the_latest_word_wins_and_of_two_at_once_the_greater() {
        let mut words = Words::default();
        let [b, a] = ["b", "a"].map(|text| words.word(text).expect("room"));
        let at = |second| Timestamp::from_second(second).expect("a time");
        let shown = [(at(-5), b), (at(3), a), (at(3), b), (at(2), a)];
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
            let mut latest = Latest::default();
            for position in order {
                let (time, word) = shown[position];
                latest.observe(time, word, &words);
            }
            assert_eq!(latest.to_text(&words).as_deref(), Some("b"));
        }
    }
}
