//! Values kept of many, such that order does not matter.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

/// The text of the latest record that shows one; at the same time, the greater text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Latest {
    kept: Option<(Timestamp, Box<str>)>,
}

impl Latest {
    /// Takes a text shown at a time.
    pub(crate) fn observe(&mut self, time: Timestamp, text: Option<&str>) {
        let Some(text) = text else { return };
        match &mut self.kept {
            Some((at, kept)) if &**kept == text => *at = time.max(*at),
            Some((at, kept)) if (time, text) > (*at, &**kept) => {
                self.kept = Some((time, text.into()));
            }
            Some(_) => {}
            None => self.kept = Some((time, text.into())),
        }
    }

    /// Takes what another kept.
    pub(crate) fn merge(&mut self, other: Self) {
        if let Some((time, text)) = other.kept {
            self.observe(time, Some(&text));
        }
    }

    /// The text.
    pub(crate) fn text(&self) -> Option<&str> {
        self.kept.as_ref().map(|(_, text)| &**text)
    }

    /// The text, owned.
    pub(crate) fn to_text(&self) -> Option<String> {
        self.text().map(str::to_owned)
    }
}

/// Adds a text to a set of at most `most`, which keeps those first in order.
pub(crate) fn keep_text(set: &mut BTreeSet<String>, text: &str, most: usize) {
    if set.contains(text) || (set.len() >= most && set.last().is_some_and(|last| **last < *text)) {
        return;
    }
    set.insert(text.to_owned());
    if set.len() > most {
        set.pop_last();
    }
}

/// Adds to the count of a text, of at most `most` texts, which keeps those first in order. A text
/// that was dropped once never comes back, so the counts kept are whole.
pub(crate) fn keep_count(counts: &mut BTreeMap<String, u64>, text: &str, times: u64, most: usize) {
    if let Some(count) = counts.get_mut(text) {
        *count += times;
        return;
    }
    if counts.len() >= most && counts.last_key_value().is_some_and(|(last, _)| **last < *text) {
        return;
    }
    counts.insert(text.to_owned(), times);
    if counts.len() > most {
        counts.pop_last();
    }
}

/// Adds a number to a set of at most `most`, which keeps the smallest.
pub(crate) fn keep_number(set: &mut BTreeSet<u64>, number: u64, most: usize) {
    if set.len() >= most && set.last().is_some_and(|last| *last < number) {
        return;
    }
    set.insert(number);
    if set.len() > most {
        set.pop_last();
    }
}
