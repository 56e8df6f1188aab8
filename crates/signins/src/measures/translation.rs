//! Numbers of one pass in those of another.

use crate::measures::days::Day;
use crate::measures::names::User;
use crate::words::{List, Word, Words};

/// From the words, lists, users and dates of one pass to those of another, by text.
#[derive(Debug)]
pub(crate) struct Translation<'w> {
    from: &'w Words,
    /// By place. `None`: no room.
    words: Vec<Option<Word>>,
    lists: Vec<Option<Option<List>>>,
    /// By place. `None`: the users kept are enough.
    pub users: Vec<Option<User>>,
    /// By place. `None`: the dates kept are enough.
    pub days: Vec<Option<Day>>,
    /// What found no room.
    pub lost: u64,
}

impl<'w> Translation<'w> {
    /// Translates from some words to others. All of them at once: looked up one behind the other,
    /// with nothing in between, the processor need not wait for one to find the next.
    pub(crate) fn new(from: &'w Words, to: &mut Words) -> Self {
        Self {
            from,
            words: from.all().map(|(text, print)| to.word_of_print(text, print)).collect(),
            lists: Vec::new(),
            users: Vec::new(),
            days: Vec::new(),
            lost: 0,
        }
    }

    /// The word with the same text. `None` when there is no room for it.
    pub(crate) fn word(&mut self, word: Word) -> Option<Word> {
        let translated = self.words.get(word.place()).copied().flatten();
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
            items.push(word.and_then(|word| self.word(word)));
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
