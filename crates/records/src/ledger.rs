//! Where the framers hand records out, and what came of it.

use crate::record::{Offer, Record, Unreadable};
use crate::source::{Format, Reading};

/// Problems kept with their line and reason; the rest is counted only.
const KEPT_PROBLEMS: usize = 20;
/// Notes kept.
const KEPT_NOTES: usize = 20;

/// Offers records of one source and keeps the count.
pub(crate) struct Ledger<'a> {
    file: &'a str,
    sink: &'a mut dyn FnMut(&Record<'_>) -> Offer,
    reading: Reading,
}

impl<'a> Ledger<'a> {
    pub(crate) fn new(file: &'a str, sink: &'a mut dyn FnMut(&Record<'_>) -> Offer) -> Self {
        Self { file, sink, reading: Reading::nothing() }
    }

    pub(crate) fn file(&self) -> &'a str {
        self.file
    }

    pub(crate) fn format(&mut self, format: Format) {
        self.reading.format = format;
    }

    pub(crate) fn offer(&mut self, record: &Record<'_>) {
        match (self.sink)(record) {
            Offer::Taken => self.reading.taken += 1,
            Offer::NotMine => self.reading.not_wanted += 1,
            Offer::Unreadable(reason) => self.unreadable(record.line(), reason),
        }
    }

    pub(crate) fn unreadable(&mut self, line: u64, reason: impl Into<String>) {
        self.reading.unreadable += 1;
        if self.reading.problems.len() < KEPT_PROBLEMS {
            self.reading.problems.push(Unreadable {
                file: self.file.to_owned(),
                line,
                reason: reason.into(),
            });
        }
    }

    /// Says something once.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if self.reading.notes.len() < KEPT_NOTES && !self.reading.notes.contains(&note) {
            self.reading.notes.push(note);
        }
    }

    pub(crate) fn finish(self) -> Reading {
        self.reading
    }
}
