//! Numbers of one pass in those of another.

use crate::measures::days::Day;
use crate::measures::names::User;
use crate::words::{List, Word, Words};

/// From the words, lists, users and dates of one pass to those of another, by text.
#[derive(Debug)]
pub(crate) struct Translation<'w> {
    from: &'w Words,
    /// By place: not yet asked for, no room, or the word.
    words: Vec<Option<Option<Word>>>,
    lists: Vec<Option<Option<List>>>,
    /// By place. `None`: the users kept are enough.
    pub users: Vec<Option<User>>,
    /// By place. `None`: the dates kept are enough.
    pub days: Vec<Option<Day>>,
    /// What found no room.
    pub lost: u64,
}

impl<'w> Translation<'w> {
    /// Translates from these words.
    pub(crate) fn new(from: &'w Words) -> Self {
        Self {
            from,
            words: Vec::new(),
            lists: Vec::new(),
            users: Vec::new(),
            days: Vec::new(),
            lost: 0,
        }
    }

    /// The words translated from.
    pub(crate) fn from(&self) -> &'w Words {
        self.from
    }

    /// The word with the same text. `None` when there is no room for it.
    pub(crate) fn word(&mut self, word: Word, words: &mut Words) -> Option<Word> {
        let place = word.place();
        if place >= self.words.len() {
            self.words.resize(self.from.len().max(place + 1), None);
        }
        let from = self.from;
        let slot = self.words.get_mut(place)?;
        let translated = *slot.get_or_insert_with(|| words.word(from.text(word)));
        self.lost += u64::from(translated.is_none());
        translated
    }

    /// The list of the same texts. `None` when there is no room for it.
    pub(crate) fn list(&mut self, list: List, words: &mut Words) -> Option<List> {
        let place = list.place();
        if place >= self.lists.len() {
            self.lists.resize(place + 1, None);
        }
        if let Some(known) = self.lists.get(place).copied().flatten() {
            return known;
        }
        let mut items = Vec::new();
        for word in self.from.list(list) {
            items.push(word.and_then(|word| self.word(word, words)));
        }
        let translated = words.list_of(&items);
        self.lost += u64::from(translated.is_none());
        if let Some(slot) = self.lists.get_mut(place) {
            *slot = Some(translated);
        }
        translated
    }

    /// The same user.
    pub(crate) fn user(&self, user: User) -> Option<User> {
        *self.users.get(user.place())?
    }
}
