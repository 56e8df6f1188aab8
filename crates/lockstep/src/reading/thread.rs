//! What one thread does of a reading.

use std::sync::{Mutex, MutexGuard};

use records::{Handed, Limits, Offer, Part, PartRow, Record, Source, Unpacked, Unreadable};
use signins::cache::BatchFile;

use super::keeping::Keeping;
use super::queue::{Held, Job, Open, Queue, lock};
use super::source_read::{PartRead, PartsRead};
use crate::progress::Progress;

/// What is shared by the threads of one reading.
pub(super) struct Shared<'s> {
    pub(super) sources: &'s [Source],
    pub(super) limits: &'s Limits,
    pub(super) progress: &'s Progress,
    pub(super) queue: Queue<'s>,
    /// Whoever takes the records that are no sign-ins; `None` in a repeated reading.
    pub(super) tenant: Option<&'s Mutex<entra::exports::Collector>>,
    /// What each source came to.
    pub(super) found: Vec<Mutex<PartsRead>>,
    /// The cache, by the positions of `sources` in it.
    pub(super) keeping: Option<(&'s Keeping, &'s [usize])>,
    /// Sources not found in the cache are kept there.
    pub(super) keeps: bool,
}

/// One thread.
struct Thread<'t, 's, 'r> {
    shared: &'t Shared<'s>,
    sign_ins: signins::Worker<'r>,
    /// Held from the first record of a source that is no sign-in to the end of the source, so
    /// that records of two sources do not mix.
    tenant: Option<MutexGuard<'t, entra::exports::Collector>>,
    /// The source whose sign-ins are being kept.
    keeps: Option<usize>,
}

/// Reads until nothing is left, and tells what was measured.
pub(super) fn read(shared: &Shared<'_>, sign_ins: signins::Worker<'_>) -> signins::Tally {
    let mut thread = Thread { shared, sign_ins, tenant: None, keeps: None };
    let mut part = Part::new();
    while let Some(job) = shared.queue.take(&mut part) {
        match job {
            Job::First(open, held, handed) => thread.first(open, held, handed, &mut part),
            Job::Shared(source, handed) => {
                thread.part(source, handed, &mut part);
            }
            Job::Rest(open) => thread.rest(open),
            Job::Kept(source, batch) => thread.kept(source, batch),
            Job::Failed(source, error) => thread.failed(source, &error),
        }
        thread.tenant = None;
    }
    thread.end_keeping();
    thread.sign_ins.finish()
}

impl<'t> Thread<'t, '_, '_> {
    /// Reads the first part of a source, and the rest of it if it is no log of sign-ins.
    fn first(&mut self, mut open: Open, held: Held<'_, '_>, handed: Handed, part: &mut Part) {
        let mut handed = handed;
        loop {
            match handed {
                Handed::Text | Handed::Rows | Handed::Packed => {
                    if self.part(open.source, handed, part) {
                        held.share(open);
                        return;
                    }
                }
                Handed::Rest => {
                    drop(held);
                    self.rest(open);
                    return;
                }
                Handed::End => return,
            }
            handed = open.next(part, self.shared.progress);
        }
    }

    /// Reads one part. Whether it held sign-ins and nothing else.
    fn part(&mut self, source: usize, handed: Handed, part: &mut Part) -> bool {
        self.keep(source);
        let handed = match handed {
            Handed::Packed => match part.unpack() {
                Unpacked::Text => Handed::Text,
                Unpacked::Rows => Handed::Rows,
                Unpacked::Whole => {
                    self.whole(source);
                    return false;
                }
            },
            other => other,
        };
        let read = if handed == Handed::Rows { self.rows(part) } else { self.text(part) };
        let counts = &read.counts;
        let only_sign_ins = counts.sign_ins > 0 && counts.others == 0 && counts.not_wanted == 0;
        if !only_sign_ins && (counts.others > 0 || counts.not_wanted > 0) {
            self.give_up_keeping(source);
        }
        self.found(source, part.number(), read);
        only_sign_ins
    }

    /// Takes a batch of a source from the cache.
    fn kept(&mut self, position: usize, batch: usize) {
        let shared = self.shared;
        let Some((keeping, positions)) = shared.keeping else { return };
        let Some(of_cache) = positions.get(position) else { return };
        let Some(kept) = keeping.kept(*of_cache) else { return };
        let batches = kept.entry.batches();
        let Some(file) = batches.get(batch) else { return };
        let all: usize = batches.iter().map(BatchFile::rows).sum();
        match self.sign_ins.read_kept(&kept.entry, file) {
            Ok(taken) => {
                let bytes = shared.sources.get(position).map_or(0, |source| source.bytes);
                let share =
                    bytes.saturating_mul(taken).checked_div(u64::try_from(all).unwrap_or(u64::MAX));
                shared.progress.add(share.unwrap_or_default());
                shared.progress.sign_ins(taken);
            }
            Err(refused) => keeping.refuse(*of_cache, refused),
        }
    }

    /// Keeps what is read of a source from here on, if it is to be kept.
    fn keep(&mut self, position: usize) {
        let Some((keeping, _)) = self.shared.keeping.filter(|_| self.shared.keeps) else { return };
        if self.keeps == Some(position) {
            return;
        }
        self.end_keeping();
        self.keeps = keeping.start(position, &mut self.sign_ins).then_some(position);
    }

    /// Writes down what was kept of the source so far.
    fn end_keeping(&mut self) {
        let Some((keeping, _)) = self.shared.keeping else { return };
        if let Some(position) = self.keeps.take() {
            keeping.add(position, self.sign_ins.kept());
        }
    }

    fn give_up_keeping(&self, position: usize) {
        if let Some((keeping, _)) = self.shared.keeping.filter(|_| self.shared.keeps) {
            keeping.give_up(position);
        }
    }

    fn text(&mut self, part: &Part) -> PartRead {
        let quick = self.sign_ins.read_text(part.bytes(), part.name());
        let mut read = PartRead { lines: quick.lines, ..PartRead::default() };
        read.counts.sign_ins = quick.taken;
        self.shared.progress.sign_ins(quick.taken);
        for (range, lines) in quick.odd {
            let reading = part
                .frame(range, lines + 1, &mut |record| self.offer(record, part.name(), &mut read));
            read.add(reading);
        }
        read
    }

    fn rows(&mut self, part: &Part) -> PartRead {
        let mut read = PartRead { table: part.table().cloned(), ..PartRead::default() };
        let Some(mut rows) = part.rows() else { return read };
        while let Some(row) = rows.next() {
            let (line, reason) = match row {
                PartRow::Row(row) => {
                    let record = Record::Csv(row);
                    match self.offer(&record, part.name(), &mut read) {
                        Offer::Taken => continue,
                        Offer::NotMine => {
                            read.counts.not_wanted += 1;
                            continue;
                        }
                        Offer::Unreadable(reason) => (record.line(), reason),
                    }
                }
                PartRow::Unreadable { line, reason } => (line, reason),
            };
            read.problem(Unreadable { file: part.name().to_owned(), line, reason });
        }
        (read.lines, read.contrary) = (rows.lines(), rows.contrary());
        self.shared.progress.sign_ins(read.counts.sign_ins);
        read
    }

    /// Reads what is left of a source in one piece.
    fn rest(&mut self, open: Open) {
        let source = open.source;
        self.keep(source);
        let name = self.name(source);
        let mut read = PartRead::default();
        let progress = self.shared.progress;
        let rest =
            open.into_parts().read_rest(0, &mut |bytes| progress.add(bytes), &mut |record| {
                self.offer(record, name, &mut read)
            });
        progress.sign_ins(read.counts.sign_ins);
        read.contrary = rest.contrary;
        read.add(rest.reading);
        if read.counts.unreadable > 0 {
            // The bytes may be sound and only the reading of them failed.
            self.give_up_keeping(source);
        }
        self.found(source, u32::MAX, read);
    }

    /// Reads a source from start to end by the exact way.
    fn whole(&mut self, position: usize) {
        let shared = self.shared;
        let Some(source) = shared.sources.get(position) else { return };
        let mut read = PartRead::default();
        let result = records::read(source, shared.limits, &mut |_| {}, &mut |record| {
            self.offer(record, &source.name, &mut read)
        });
        match result {
            Ok(reading) => {
                shared.progress.sign_ins(read.counts.sign_ins);
                read.add(reading);
                if read.counts.unreadable > 0 {
                    self.give_up_keeping(position);
                }
                self.found(position, 0, read);
            }
            Err(error) => self.failed(position, &error),
        }
    }

    fn offer(&mut self, record: &Record<'_>, file: &str, read: &mut PartRead) -> Offer {
        match self.sign_ins.offer(record, file) {
            Offer::Taken => {
                read.counts.sign_ins += 1;
                Offer::Taken
            }
            Offer::Unreadable(reason) => {
                read.counts.unreadable_sign_ins += 1;
                Offer::Unreadable(reason)
            }
            Offer::NotMine => {
                let Some(tenant) = self.shared.tenant else { return Offer::NotMine };
                let answer = self.tenant.get_or_insert_with(|| lock(tenant)).offer(record, file);
                if answer == Offer::Taken {
                    read.counts.others += 1;
                }
                answer
            }
        }
    }

    fn failed(&self, position: usize, error: &records::ReadError) {
        self.give_up_keeping(position);
        let mut read = PartRead::default();
        read.problem(super::vanished(self.name(position), error));
        self.found(position, 0, read);
    }

    fn name(&self, position: usize) -> &'t str {
        self.shared.sources.get(position).map_or("", |source| &source.name)
    }

    fn found(&self, position: usize, number: u32, read: PartRead) {
        if let Some(found) = self.shared.found.get(position) {
            lock(found).insert(number, read);
        }
    }
}
