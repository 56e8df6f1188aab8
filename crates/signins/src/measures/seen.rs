//! What was seen of one person: small sets in one piece of memory.

use crate::measures::translation::Translation;
use crate::words::{Word, Words};

/// A kind of thing seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thing {
    App,
    Country,
    Platform,
    Device,
    Address,
}

impl Thing {
    /// Those of which the first in the order of their texts are kept.
    pub(crate) const IN_ORDER: [Self; 3] = [Self::App, Self::Country, Self::Platform];

    fn place(self) -> usize {
        match self {
            Self::App => 0,
            Self::Country => 1,
            Self::Platform => 2,
            Self::Device => 3,
            Self::Address => 4,
        }
    }

    /// Most kept of one person.
    fn most(self) -> usize {
        match self {
            Self::App => 16,
            Self::Country | Self::Platform => 8,
            Self::Device | Self::Address => 64,
        }
    }
}

/// Two numbers: a word and how often it was seen, or the halves of a fingerprint.
type Entry = (u32, u32);

/// Sets of few things each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    entries: Vec<Entry>,
    /// Where each kind ends in `entries`.
    ends: [u8; 5],
    /// A kind of which more was met than is counted: devices, addresses.
    more: [bool; 2],
}

impl Seen {
    /// Counts a word of a kind of which the first in order are kept. Returns how many sightings no
    /// longer stand among those kept.
    pub(crate) fn observe(&mut self, thing: Thing, word: Word, times: u32, words: &Words) -> u32 {
        let number = word.number();
        let (start, end) = self.bounds(thing);
        let part = self.entries.get_mut(start..end).unwrap_or_default();
        if let Some((_, count)) = part.iter_mut().find(|(kept, _)| *kept == number) {
            *count = count.saturating_add(times);
            return 0;
        }
        let text = words.text(word);
        let before =
            |entry: &Entry| Word::numbered(entry.0).is_some_and(|it| words.text(it) < text);
        let at = start + part.partition_point(before);
        let full = end - start >= thing.most();
        if full && at == end {
            return times;
        }
        self.insert(thing, at, (number, times));
        if full { self.remove_last(thing).1 } else { 0 }
    }

    /// Counts a device or an address once; what makes it more than are counted is noted.
    pub(crate) fn count(&mut self, thing: Thing, entry: Entry) {
        let (start, end) = self.bounds(thing);
        if self.entries.get(start..end).unwrap_or_default().contains(&entry) {
            return;
        }
        if end - start < thing.most() {
            self.insert(thing, end, entry);
        } else if let Some(more) = self.more.get_mut(usize::from(thing == Thing::Address)) {
            *more = true;
        }
    }

    /// How many are kept of a kind.
    pub(crate) fn len(&self, thing: Thing) -> u64 {
        let (start, end) = self.bounds(thing);
        u64::try_from(end - start).unwrap_or(u64::MAX)
    }

    /// True when there were more devices or addresses than are counted.
    pub(crate) fn more(&self, thing: Thing) -> bool {
        self.more.get(usize::from(thing == Thing::Address)).copied().unwrap_or_default()
    }

    /// What is kept of a kind.
    pub(crate) fn all(&self, thing: Thing) -> &[Entry] {
        let (start, end) = self.bounds(thing);
        self.entries.get(start..end).unwrap_or_default()
    }

    /// The words kept of a kind, by text.
    pub(crate) fn words(&self, thing: Thing) -> impl Iterator<Item = Word> {
        self.all(thing).iter().filter_map(|(word, _)| Word::numbered(*word))
    }

    /// Adds what another saw. Returns, by kind, how many sightings no longer stand among those
    /// kept.
    pub(crate) fn merge(&mut self, other: &Self, words: &Words) -> [u32; 3] {
        let left_out = Thing::IN_ORDER.map(|thing| {
            let mut left_out = 0_u32;
            for (word, times) in other.all(thing) {
                if let Some(word) = Word::numbered(*word) {
                    left_out = left_out.saturating_add(self.observe(thing, word, *times, words));
                }
            }
            left_out
        });
        for thing in [Thing::Device, Thing::Address] {
            for entry in other.all(thing) {
                self.count(thing, *entry);
            }
        }
        for (mine, other) in self.more.iter_mut().zip(other.more) {
            *mine |= other;
        }
        left_out
    }

    /// The same in other words. A word that finds no room is counted by `to`.
    pub(crate) fn translated(&self, to: &mut Translation<'_>) -> Self {
        let mut translated = Self { more: self.more, ..Self::default() };
        for thing in [Thing::App, Thing::Country, Thing::Platform, Thing::Device, Thing::Address] {
            for (number, times) in self.all(thing) {
                let entry = if thing == Thing::Address {
                    Some((*number, *times))
                } else {
                    let word = Word::numbered(*number).and_then(|word| to.word(word));
                    word.map(|word| (word.number(), *times))
                };
                if let Some(entry) = entry {
                    let (_, end) = translated.bounds(thing);
                    translated.insert(thing, end, entry);
                }
            }
        }
        translated
    }

    fn bounds(&self, thing: Thing) -> (usize, usize) {
        let end = |place: usize| self.ends.get(place).map_or(0, |end| usize::from(*end));
        (thing.place().checked_sub(1).map_or(0, end), end(thing.place()))
    }

    fn insert(&mut self, thing: Thing, at: usize, entry: Entry) {
        if self.entries.len() == self.entries.capacity() {
            self.entries.reserve_exact(4);
        }
        self.entries.insert(at, entry);
        for end in self.ends.iter_mut().skip(thing.place()) {
            *end += 1;
        }
    }

    fn remove_last(&mut self, thing: Thing) -> Entry {
        let (_, end) = self.bounds(thing);
        let removed = self.entries.remove(end.saturating_sub(1));
        for end in self.ends.iter_mut().skip(thing.place()) {
            *end -= 1;
        }
        removed
    }
}

/// The halves of a fingerprint.
pub(crate) fn halves(print: u64) -> Entry {
    let [a, b, c, d, e, f, g, h] = print.to_le_bytes();
    (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_in_order_are_kept_and_the_others_counted_exactly() {
        let mut words = Words::default();
        let all: Vec<Word> =
            (0..30).filter_map(|number| words.word(&format!("{:02}", number * 7 % 30))).collect();
        for turn in 0..all.len() {
            let mut order = all.clone();
            order.rotate_left(turn);
            let mut seen = Seen::default();
            let mut left_out = 0;
            for word in order.iter().chain(&order) {
                left_out += seen.observe(Thing::Country, *word, 2, &words);
                left_out += seen.observe(Thing::App, *word, 1, &words);
            }
            let texts = seen.words(Thing::Country).map(|word| words.text(word));
            let texts: Vec<&str> = texts.collect();
            assert_eq!(texts, ["00", "01", "02", "03", "04", "05", "06", "07"]);
            assert!(seen.all(Thing::Country).iter().all(|(_, times)| *times == 4));
            assert_eq!((seen.len(Thing::App), seen.len(Thing::Platform)), (16, 0));
            assert_eq!(left_out, 22 * 4 + 14 * 2);
        }
    }

    #[test]
    fn devices_and_addresses_say_when_there_were_more() {
        let mut seen = Seen::default();
        for number in 0..64 {
            seen.count(Thing::Address, (number, 1));
            seen.count(Thing::Device, (number, 0));
            seen.count(Thing::Address, (0, 1));
        }
        assert_eq!((seen.len(Thing::Address), seen.more(Thing::Address)), (64, false));
        seen.count(Thing::Address, (64, 1));
        assert_eq!((seen.len(Thing::Address), seen.more(Thing::Address)), (64, true));
        assert_eq!((seen.len(Thing::Device), seen.more(Thing::Device)), (64, false));
        assert_eq!(halves(0x0102_0304_0506_0708), (0x0506_0708, 0x0102_0304));
    }
}
