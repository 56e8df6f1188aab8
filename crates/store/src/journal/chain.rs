//! Whether entries, one after the other, are a chain.

use std::fmt;
use std::str::FromStr;

use super::Entry;
use super::format::Raw;
use crate::Digest;

/// Number and hash of an entry that is, or was, the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 if there is no entry.
    pub number: u64,
    /// Its hash; zeros if there is no entry.
    pub hash: Digest,
}

impl Head {
    /// Of a journal without entries.
    pub const EMPTY: Self = Self { number: 0, hash: Digest::ZERO };
}

impl fmt::Display for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.number, self.hash)
    }
}

impl FromStr for Head {
    type Err = crate::NotADigest;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, hash) = text.split_once(':').ok_or(crate::NotADigest)?;
        let number = number.parse().map_err(|_| crate::NotADigest)?;
        Ok(Self { number, hash: hash.parse()? })
    }
}

/// What became of a verification that could be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// Every entry is bound to the one before.
    Holds(Head),
    /// The first entry that is not, and why.
    Broken(Broken),
}

/// The first thing that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// The line of the export, from 1. In a database one more than the number of the entry, so that an
    /// export of it would say the same.
    pub line: u64,
    /// The number of the entry that should stand there; 0 for the header.
    pub entry: u64,
    /// Why.
    pub fault: Fault,
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, entry {}: {}", self.line, self.entry, self.fault.word())
    }
}

/// Why something does not hold. `docs/JOURNAL.md` says what each means and in which order they are
/// asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not written in the one way.
    Unreadable,
    /// More entries than the header says.
    Unannounced,
    /// The hash is not that of the fields.
    Edited,
    /// The number has been there already.
    Repeated,
    /// The entry comes later.
    Reordered,
    /// The entry was taken out.
    Gap,
    /// It does not name the hash of the entry before.
    Unchained,
    /// It has not the hash of the known head.
    Rewritten,
    /// Fewer entries than the header or the known head say, or the text ends within a line.
    Truncated,
    /// The last entry has not the hash that the header says.
    Head,
}

impl Fault {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Unannounced => "unannounced",
            Self::Edited => "edited",
            Self::Repeated => "repeated",
            Self::Reordered => "reordered",
            Self::Gap => "gap",
            Self::Unchained => "unchained",
            Self::Rewritten => "rewritten",
            Self::Truncated => "truncated",
            Self::Head => "head",
        }
    }
}

/// The chain so far.
#[derive(Debug)]
pub(super) struct Chain {
    last: Head,
    /// What the header says, where there is one.
    announced: Option<Head>,
    /// What the caller knows.
    known: Option<Head>,
}

impl Chain {
    /// Before the first entry.
    pub(super) fn new(announced: Option<Head>, known: Option<Head>) -> Result<Self, Broken> {
        if known.is_some_and(|known| known.number == 0 && known != Head::EMPTY) {
            return Err(Broken { line: 1, entry: 0, fault: Fault::Rewritten });
        }
        Ok(Self { last: Head::EMPTY, announced, known })
    }

    /// What is wrong at the place of the next entry.
    pub(super) const fn here(&self, fault: Fault) -> Broken {
        let entry = self.last.number.saturating_add(1);
        Broken { line: entry.saturating_add(1), entry, fault }
    }

    /// Takes the next entry. [`Fault::Gap`] may yet turn out to be [`Fault::Reordered`].
    pub(super) fn next(&mut self, raw: Raw, payload: String) -> Result<(), Broken> {
        let hash = raw.hash(&payload);
        let Some(entry) = raw.entry(payload) else { return Err(self.here(Fault::Unreadable)) };
        match self.fault_of(&entry, hash) {
            Some(fault) => Err(self.here(fault)),
            None => {
                self.last = Head { number: entry.number, hash: entry.hash };
                Ok(())
            }
        }
    }

    fn fault_of(&self, entry: &Entry, hash: Option<Digest>) -> Option<Fault> {
        let due = self.last.number.saturating_add(1);
        let head = Head { number: entry.number, hash: entry.hash };
        if self.announced.is_some_and(|announced| due > announced.number) {
            Some(Fault::Unannounced)
        } else if hash != Some(entry.hash) {
            Some(Fault::Edited)
        } else if entry.number < due {
            Some(Fault::Repeated)
        } else if entry.number > due {
            Some(Fault::Gap)
        } else if entry.previous != self.last.hash {
            Some(Fault::Unchained)
        } else if self.known.is_some_and(|known| known.number == due && known != head) {
            Some(Fault::Rewritten)
        } else {
            None
        }
    }

    /// After the last entry.
    pub(super) fn end(&self) -> Verdict {
        let wanted = [self.announced, self.known].into_iter().flatten().map(|head| head.number);
        if wanted.max().is_some_and(|wanted| self.last.number < wanted) {
            return Verdict::Broken(self.here(Fault::Truncated));
        }
        if self.announced.is_some_and(|announced| announced != self.last) {
            return Verdict::Broken(Broken { line: 1, entry: 0, fault: Fault::Head });
        }
        Verdict::Holds(self.last)
    }
}
