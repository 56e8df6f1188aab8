//! What one source came to, from parts read in any order.

use std::collections::BTreeMap;
use std::sync::Arc;

use records::{Contrary, Reading, Table, Unreadable};

/// Problems shown one by one; the rest is a count.
pub(super) const SHOWN: usize = 20;

/// What one source came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct SourceRead {
    /// Its name, relative to the folder.
    pub(crate) name: String,
    /// Bytes on disk.
    pub(crate) bytes: u64,
    /// Sign-in records taken, copies included.
    pub(crate) sign_ins: u64,
    /// Other records taken.
    pub(crate) others: u64,
    /// Records of a kind nobody here knows.
    pub(crate) not_wanted: u64,
    /// What could not be read.
    pub(crate) unreadable: u64,
    /// Sign-in records that could be framed but not read.
    pub(super) unreadable_sign_ins: u64,
}

impl SourceRead {
    /// True when the file is of no kind lockstep knows.
    pub(crate) fn is_unknown(&self) -> bool {
        self.sign_ins == 0 && self.others == 0 && self.unreadable == 0
    }

    /// True when what could not be read of it may be sign-ins: it held some, or nothing readable
    /// says that it held anything else.
    pub(super) fn may_hide_sign_ins(&self) -> bool {
        self.sign_ins > 0 || self.unreadable_sign_ins > 0 || self.others == 0
    }

    /// Adds the counts of another stretch of the same source.
    pub(super) fn add(&mut self, other: &Self) {
        self.sign_ins += other.sign_ins;
        self.others += other.others;
        self.not_wanted += other.not_wanted;
        self.unreadable += other.unreadable;
        self.unreadable_sign_ins += other.unreadable_sign_ins;
    }
}

/// What one part of a source came to; lines are counted from the start of the part.
#[derive(Debug, Default)]
pub(super) struct PartRead {
    pub(super) counts: SourceRead,
    pub(super) lines: u64,
    /// The first twenty.
    pub(super) problems: Vec<Unreadable>,
    pub(super) notes: Vec<String>,
    pub(super) contrary: Option<Contrary>,
    pub(super) table: Option<Arc<Table>>,
}

impl PartRead {
    /// Takes note of something that could not be read.
    pub(super) fn problem(&mut self, problem: Unreadable) {
        self.counts.unreadable += 1;
        if self.problems.len() < SHOWN {
            self.problems.push(problem);
        }
    }

    /// Adds what the framers said.
    pub(super) fn add(&mut self, reading: Reading) {
        self.counts.unreadable += reading.unreadable;
        self.counts.not_wanted += reading.not_wanted;
        let room = SHOWN.saturating_sub(self.problems.len());
        self.problems.extend(reading.problems.into_iter().take(room));
        self.notes.extend(reading.notes);
    }

    /// Adds the part behind this one.
    fn go_on(&mut self, part: Self) {
        let before = self.lines;
        let further = |line: u64| if line == 0 { 0 } else { line + before };
        self.counts.add(&part.counts);
        let moved = part.problems.into_iter().map(|it| Unreadable { line: further(it.line), ..it });
        self.problems.extend(moved.take(SHOWN.saturating_sub(self.problems.len())));
        for note in part.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        if let Some(found) = part.contrary {
            let found = Contrary { line: further(found.line), ..found };
            self.contrary = Some(self.contrary.take().map_or(found, |it| it.and(found)));
        }
        self.table = self.table.take().or(part.table);
        self.lines += part.lines;
    }
}

/// The parts of one source: one after the other by their number, in whatever order they come.
#[derive(Debug, Default)]
pub(super) struct PartsRead {
    /// What the parts below `next` came to.
    so_far: PartRead,
    next: u32,
    /// Parts before which another one has not come yet.
    ahead: BTreeMap<u32, PartRead>,
}

impl PartsRead {
    /// Takes in a part.
    pub(super) fn insert(&mut self, number: u32, part: PartRead) {
        self.ahead.insert(number, part);
        while let Some(part) = self.ahead.remove(&self.next) {
            self.so_far.go_on(part);
            self.next = self.next.saturating_add(1);
        }
    }

    /// What the source came to: counts, the first problems and the notes, as one reading from
    /// start to end would have told them.
    pub(super) fn finish(
        self,
        name: &str,
        bytes: u64,
    ) -> (SourceRead, Vec<Unreadable>, Vec<String>) {
        let Self { mut so_far, ahead, .. } = self;
        ahead.into_values().for_each(|part| so_far.go_on(part));
        let PartRead { counts, problems, mut notes, contrary, table, .. } = so_far;
        if let Some(table) = table {
            notes.extend(table.notes(name, contrary));
        }
        (SourceRead { name: name.to_owned(), bytes, ..counts }, problems, notes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(lines: u64, problems: &[u64]) -> PartRead {
        let mut part = PartRead { lines, ..PartRead::default() };
        for line in problems {
            part.problem(Unreadable { file: "a".to_owned(), line: *line, reason: String::new() });
        }
        part
    }

    #[test]
    fn lines_go_on_from_part_to_part_whatever_came_first() {
        let mut parts = PartsRead::default();
        parts.insert(2, part(5, &[1, 0]));
        parts.insert(0, part(10, &[3]));
        parts.insert(1, part(7, &[2]));
        assert!(parts.ahead.is_empty(), "what has come in order is one");
        parts.insert(4, part(1, &[1]));
        parts.insert(u32::MAX, part(1, &[1]));
        let (read, problems, _) = parts.finish("a", 1);
        let lines: Vec<u64> = problems.iter().map(|it| it.line).collect();
        assert_eq!((read.unreadable, lines), (6, vec![3, 12, 18, 0, 23, 24]));
    }

    #[test]
    fn the_first_twenty_are_those_of_the_file() {
        let mut parts = PartsRead::default();
        let many: Vec<u64> = (1..=30).collect();
        parts.insert(1, part(30, &many));
        parts.insert(0, part(30, &[7]));
        let (read, problems, _) = parts.finish("a", 1);
        assert_eq!((read.unreadable, problems.len()), (31, 20));
        assert_eq!((problems[0].line, problems[1].line), (7, 31));
    }
}
