//! Every text of a log once, by number.
//!
//! A log repeats few texts in many records. Measures compare and keep numbers; a text is looked at
//! once, not once for each record.

use std::hash::BuildHasher;
use std::num::NonZero;

use foldhash::quality::FixedState;
use hashbrown::HashTable;

use crate::field::Field;

/// Most bytes of text kept: far from what a `u32` can point into, with room for one more record.
const MOST_BYTES: usize = 1 << 30;
/// Most words in lists.
const MOST_ITEMS: usize = 1 << 27;
/// Texts remembered of each field: most records repeat one of few.
const REMEMBERED: usize = 8;

/// Number of a text in [`Words`], from 1, so that a text not told takes no room of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Word(NonZero<u32>);

impl Word {
    /// Its place in a table that has an entry for each word.
    pub(crate) fn place(self) -> usize {
        usize::try_from(self.0.get() - 1).unwrap_or(usize::MAX)
    }

    /// Its number, where a word is kept as one.
    pub(crate) fn number(self) -> u32 {
        self.0.get()
    }

    /// The word of a number. `None` for 0.
    pub(crate) fn numbered(number: u32) -> Option<Self> {
        NonZero::new(number).map(Self)
    }

    /// The word at a place. `None` beyond the largest number.
    pub(crate) fn at(place: usize) -> Option<Self> {
        u32::try_from(place).ok()?.checked_add(1).and_then(NonZero::new).map(Self)
    }
}

/// Number of a list of words in [`Words`], from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct List(Word);

impl List {
    /// Its place in a table that has an entry for each list.
    pub(crate) fn place(self) -> usize {
        self.0.place()
    }
}

/// Fingerprint of a text. The same in every run and on every machine.
pub(crate) fn fingerprint(text: &str) -> u64 {
    FixedState::default().hash_one(text)
}

/// Every text once, and every list of texts once.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// All texts, one behind the other.
    text: String,
    /// The end of each text in `text`.
    ends: Vec<u32>,
    prints: Vec<u64>,
    positions: HashTable<Word>,
    /// All lists, one behind the other; 0 stands for a text not told.
    items: Vec<u32>,
    item_ends: Vec<u32>,
    lists: HashTable<List>,
    /// The words met last, by field and length of the text.
    recent: Vec<Option<Word>>,
    /// The list met last, of each kind of list.
    recent_lists: [Option<List>; 3],
    /// Room for the words of a list, used again for every list.
    room: Vec<Option<Word>>,
}

/// The lists of a sign-in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ListKind {
    Policies,
    Providers,
    Steps,
}

impl Words {
    /// False when so much was kept that the texts of another record may not fit.
    pub(crate) fn has_room(&self) -> bool {
        self.text.len() < MOST_BYTES && self.items.len() < MOST_ITEMS
    }

    /// How many texts there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text with a number; empty for a number of another table.
    pub(crate) fn text(&self, word: Word) -> &str {
        span(&self.text, &self.ends, word.place())
    }

    /// Fingerprint of the text with a number.
    pub(crate) fn print(&self, word: Word) -> u64 {
        self.prints.get(word.place()).copied().unwrap_or_default()
    }

    /// The number of a text, given one if it is new. `None` when there is no room.
    pub(crate) fn word(&mut self, text: &str) -> Option<Word> {
        self.word_of_print(text, fingerprint(text))
    }

    /// Every text with its fingerprint, by number.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, u64)> {
        let texts = (0..self.len()).map(|place| span(&self.text, &self.ends, place));
        texts.zip(self.prints.iter().copied())
    }

    /// The number of a text whose fingerprint is known, given one if it is new. `None` when there
    /// is no room.
    pub(crate) fn word_of_print(&mut self, text: &str, print: u64) -> Option<Word> {
        let Self { text: texts, ends, prints, positions, .. } = self;
        let same = |word: &Word| span(texts, ends, word.place()) == text;
        if let Some(word) = positions.find(print, same) {
            return Some(*word);
        }
        let word = Word::at(ends.len())?;
        let end = u32::try_from(texts.len() + text.len()).ok()?;
        texts.push_str(text);
        ends.push(end);
        prints.push(print);
        positions.insert_unique(print, word, |word| {
            prints.get(word.place()).copied().unwrap_or_default()
        });
        Some(word)
    }

    /// The number of the text of a field. Few texts make up most of a field, so those met last are
    /// compared before the text is looked up.
    pub(crate) fn word_of(&mut self, field: Field, text: &str) -> Option<Word> {
        let last = text.len().wrapping_add(text.bytes().next_back().map_or(0, usize::from));
        let place = field.place() * REMEMBERED + last % REMEMBERED;
        let recent = self.recent.get(place).copied().flatten();
        if recent.is_some_and(|word| self.text(word) == text) {
            return recent;
        }
        let word = self.word(text)?;
        if self.recent.is_empty() {
            self.recent.resize(Field::COUNT * REMEMBERED, None);
        }
        if let Some(slot) = self.recent.get_mut(place) {
            *slot = Some(word);
        }
        Some(word)
    }

    /// The number of a list of texts; `None` for an empty one. Lists resemble the one before of
    /// their kind, so its texts are compared before a text is looked up.
    pub(crate) fn list_like<'t>(
        &mut self,
        kind: ListKind,
        texts: impl Iterator<Item = Option<&'t str>>,
    ) -> Option<List> {
        let kind = match kind {
            ListKind::Policies => 0,
            ListKind::Providers => 1,
            ListKind::Steps => 2,
        };
        let before = self.recent_lists.get(kind).copied().flatten();
        let mut numbers = std::mem::take(&mut self.room);
        numbers.clear();
        let mut same = before.is_some();
        for (position, text) in texts.enumerate() {
            let expected = before.and_then(|list| {
                items(&self.items, &self.item_ends, list.place()).get(position).copied()
            });
            let word = match (expected.and_then(Word::numbered), text) {
                (_, None) => None,
                (Some(word), Some(text)) if self.text(word) == text => Some(word),
                (_, Some(text)) => self.word(text),
            };
            same &= expected == Some(word.map_or(0, Word::number));
            numbers.push(word);
        }
        let length = before.map(|list| items(&self.items, &self.item_ends, list.place()).len());
        let list = if numbers.is_empty() {
            None
        } else if same && length == Some(numbers.len()) {
            before
        } else {
            self.list_of(&numbers)
        };
        if let Some(slot) = self.recent_lists.get_mut(kind).filter(|_| list.is_some()) {
            *slot = list;
        }
        self.room = numbers;
        list
    }

    /// The number of a text that is there.
    pub(crate) fn find(&self, text: &str) -> Option<Word> {
        let same = |word: &Word| self.text(*word) == text;
        self.positions.find(fingerprint(text), same).copied()
    }

    /// The words of a list.
    pub(crate) fn list(&self, list: List) -> impl Iterator<Item = Option<Word>> {
        let items = items(&self.items, &self.item_ends, list.place());
        items.iter().map(|number| NonZero::new(*number).map(Word))
    }

    /// The number of a list of words, given one if it is new. `None` when there is no room.
    pub(crate) fn list_of(&mut self, words: &[Option<Word>]) -> Option<List> {
        let number = |word: &Option<Word>| word.map_or(0, Word::number);
        let hash = hash_of(words.iter().map(number));
        let Self { items: all, item_ends: ends, lists, .. } = self;
        let same = |list: &List| {
            items(all, ends, list.place()).iter().copied().eq(words.iter().map(number))
        };
        if let Some(list) = lists.find(hash, same) {
            return Some(*list);
        }
        let list = List(Word::at(ends.len())?);
        let end = u32::try_from(all.len() + words.len()).ok()?;
        all.extend(words.iter().map(number));
        ends.push(end);
        lists.insert_unique(hash, list, |list| {
            hash_of(items(all, ends, list.place()).iter().copied())
        });
        Some(list)
    }
}

/// Hash of a list of numbers: a folded multiplication for each.
fn hash_of(numbers: impl Iterator<Item = u32>) -> u64 {
    const FACTOR: u128 = 0x9E37_79B9_7F4A_7C15;
    numbers.fold(0x243F_6A88_85A3_08D3, |hash, number| {
        let product = u128::from(hash ^ (u64::from(number) << 16 | 1)) * FACTOR;
        let [low, high] = [product & u128::from(u64::MAX), product >> 64];
        u64::try_from(low ^ high).unwrap_or_default()
    })
}

fn span<'t>(text: &'t str, ends: &[u32], place: usize) -> &'t str {
    let (start, end) = bounds(ends, place);
    text.get(start..end).unwrap_or_default()
}

fn items<'t>(all: &'t [u32], ends: &[u32], place: usize) -> &'t [u32] {
    let (start, end) = bounds(ends, place);
    all.get(start..end).unwrap_or_default()
}

fn bounds(ends: &[u32], place: usize) -> (usize, usize) {
    let at = |end: Option<&u32>| end.and_then(|end| usize::try_from(*end).ok());
    let start = place.checked_sub(1).map_or(Some(0), |before| at(ends.get(before)));
    (start.unwrap_or_default(), at(ends.get(place)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_number() {
        let mut words = Words::default();
        let numbers: Vec<Word> =
            ["a", "", "b", "a", "", "ü"].into_iter().filter_map(|text| words.word(text)).collect();
        assert_eq!(numbers.iter().map(|word| word.place()).collect::<Vec<_>>(), [0, 1, 2, 0, 1, 3]);
        let texts: Vec<&str> = numbers.iter().map(|word| words.text(*word)).collect();
        assert_eq!(texts, ["a", "", "b", "a", "", "ü"]);
        assert_eq!(words.find("b"), Some(numbers[2]));
        assert_eq!((words.find("c"), words.len()), (None, 4));
        assert_eq!(words.print(numbers[5]), fingerprint("ü"));
    }

    #[test]
    fn a_list_has_one_number_and_knows_what_is_not_told() {
        let mut words = Words::default();
        let (a, b) = (words.word("a"), words.word("b"));
        let lists = [vec![a, None, b], vec![], vec![a], vec![a, None, b], vec![None]];
        let numbers: Vec<List> = lists.iter().filter_map(|list| words.list_of(list)).collect();
        assert_eq!(numbers.iter().map(|list| list.place()).collect::<Vec<_>>(), [0, 1, 2, 0, 3]);
        for (list, number) in lists.iter().zip(&numbers) {
            assert_eq!(&words.list(*number).collect::<Vec<_>>(), list);
        }
    }

    #[test]
    fn a_text_of_a_field_and_a_list_like_the_one_before_have_the_same_numbers() {
        let mut words = Words::default();
        for text in ["a", "b", "a", "", "i", "a", "a b", ""] {
            let word = words.word_of(Field::Country, text);
            assert_eq!((word, words.word_of(Field::City, text)), (words.word(text), word));
        }
        let lists: [&[Option<&str>]; 7] = [
            &[Some("a"), Some("b"), None],
            &[Some("a"), Some("b"), None],
            &[Some("a"), None, None],
            &[Some("a"), Some("b")],
            &[],
            &[Some("a"), Some("b"), None, Some("")],
            &[Some("c"), Some("b"), None],
        ];
        for list in lists.iter().chain(lists.iter().rev()) {
            let numbers: Vec<_> =
                list.iter().map(|text| text.and_then(|text| words.word(text))).collect();
            let expected = if list.is_empty() { None } else { words.list_of(&numbers) };
            for kind in [ListKind::Policies, ListKind::Steps] {
                assert_eq!(words.list_like(kind, list.iter().copied()), expected, "{list:?}");
            }
        }
    }

    #[test]
    fn many_texts_keep_their_numbers_while_the_table_grows() {
        let mut words = Words::default();
        for number in 0..5_000 {
            assert_eq!(words.word(&number.to_string()).map(Word::place), Some(number));
            let pair = [words.word(&number.to_string()), None];
            assert_eq!(words.list_of(&pair).map(List::place), Some(number));
        }
        for number in (0..5_000).rev() {
            assert_eq!(words.word(&number.to_string()).map(Word::place), Some(number));
        }
    }
}
