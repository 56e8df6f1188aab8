//! Offers of records to one measurement.

use bumpalo::Bump;
use jiff::{SignedDuration, Timestamp};
use records::time::DateOrder;
use records::{CsvRow, Offer, Record, without_trailing_commas};
use rollout::{Coverage, Measurement, Window};

use crate::census::Census;
use crate::columns::Columns;
use crate::held::Held;
use crate::json::Reading;
use crate::measures::{Measures, Scope};
use crate::portal_file;
use crate::recognise::{Recognised, recognise, would_be_sign_in};
use crate::sign_in::SignIn;

/// What to measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Days of the window, back from the newest record.
    pub days: u32,
    /// What is measured.
    pub scope: Scope,
}

/// Reads sign-in records in any order of files and measures them.
///
/// Memory grows with the distinct users, clients, devices and applications of the log, and by a
/// fingerprint for each record; not with the records themselves.
#[derive(Debug)]
pub struct Reader {
    question: Question,
    measures: Measures,
    counts: Counts,
    pass: Pass,
    columns: Option<(u64, Option<Columns>)>,
    /// Room for rewritten texts of one record.
    arena: Bump,
}

/// What was read, whatever it means.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    read: u64,
    unreadable: u64,
    duplicates: u64,
    older: u64,
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
}

/// Which reading this is.
#[derive(Debug)]
enum Pass {
    /// The first: what the log holds as a whole is learned on the way.
    First {
        census: Box<Census>,
        /// Oldest record that was counted.
        oldest_counted: Option<Timestamp>,
    },
    /// The second: window and copies are known.
    Second(Box<Held>),
}

impl Reader {
    /// A reader for one question.
    #[must_use]
    pub fn new(question: Question) -> Self {
        let pass = Pass::First { census: Box::default(), oldest_counted: None };
        Self {
            measures: Measures::new(question.scope),
            question,
            counts: Counts::default(),
            pass,
            columns: None,
            arena: Bump::new(),
        }
    }

    /// Offers one record of the source named `file`. The name tells the kind of a portal download
    /// (`InteractiveSignIns_…`) and nothing else.
    pub fn offer(&mut self, record: &Record<'_>, file: &str) -> Offer {
        let mut arena = std::mem::take(&mut self.arena);
        let offer = self.offer_in(record, file, &arena);
        arena.reset();
        self.arena = arena;
        offer
    }

    fn offer_in(&mut self, record: &Record<'_>, file: &str, arena: &Bump) -> Offer {
        match record {
            Record::Json(record) => self.offer_json(record.bytes, file, arena),
            Record::Csv(row) => self.offer_row(row, file, arena),
            Record::EmptyList { context } => {
                let of_sign_ins = context.is_some_and(|context| {
                    context.to_ascii_lowercase().contains("auditlogs/signins")
                });
                if of_sign_ins { Offer::Taken } else { Offer::NotMine }
            }
        }
    }

    /// After every source was read: `None` when the measurement stands, or a reader to which the
    /// same sources must be offered once more, because only now it is known which records are
    /// copies of one another or fall before the window.
    #[must_use]
    pub fn again(&self) -> Option<Reader> {
        let Pass::First { census, oldest_counted } = &self.pass else { return None };
        let cutoff = window_start(self.counts.newest?, self.question.days);
        let stands = oldest_counted.is_none_or(|oldest| oldest >= cutoff) && !census.differ();
        if stands {
            return None;
        }
        Some(Self {
            question: self.question.clone(),
            measures: Measures::new(self.question.scope),
            counts: Counts { older: 0, ..self.counts },
            pass: Pass::Second(Box::new(Held::new(&census.copies))),
            columns: None,
            arena: Bump::new(),
        })
    }

    /// The measurement; `None` when no sign-in was read.
    ///
    /// A first reader that was to be read again answers too: it counted every record once, but of
    /// copies only what the first one showed, and records up to a window too old where the log was
    /// not written newest first.
    #[must_use]
    pub fn finish(self) -> Option<Measurement> {
        let Self { question, mut measures, mut counts, pass, .. } = self;
        let newest = counts.newest?;
        let from = window_start(newest, question.days);
        if let Pass::Second(held) = pass {
            held.release(&mut |sign_in| count(sign_in, from, &mut measures, &mut counts));
        }
        let days_covered = measures.days_covered(question.days);
        let mut measurement = measures.finish();
        measurement.window =
            Window { from: Some(from), to: Some(newest), days_asked: question.days, days_covered };
        measurement.coverage = Coverage {
            records_read: counts.read,
            records_unreadable: counts.unreadable,
            duplicates: counts.duplicates,
            older_than_window: counts.older,
            oldest: counts.oldest,
            ..measurement.coverage
        };
        Some(measurement)
    }

    fn offer_json(&mut self, bytes: &[u8], file: &str, arena: &Bump) -> Offer {
        let mut reading = Reading::new(DateOrder::default(), arena);
        let Err(fault) = reading.read(bytes) else {
            return self.judge(reading, file, arena);
        };
        if let Some(repaired) = without_trailing_commas(bytes) {
            let mut again = Reading::new(DateOrder::default(), arena);
            if again.read(arena.alloc_slice_copy(&repaired)).is_ok() {
                return self.judge(again, file, arena);
            }
        }
        if would_be_sign_in(&reading, bytes) {
            return self.unreadable(format!("a sign-in that is not valid JSON: {fault}"));
        }
        Offer::NotMine
    }

    fn offer_row(&mut self, row: &CsvRow<'_>, file: &str, arena: &Bump) -> Offer {
        if portal_file::is_authentication_details(file) {
            return Offer::NotMine;
        }
        if self.columns.as_ref().is_none_or(|(id, _)| *id != row.header_id) {
            self.columns = Some((row.header_id, Columns::of(row.header)));
        }
        let Some((_, Some(columns))) = &self.columns else { return Offer::NotMine };
        let mut reading = columns.read(row, arena);
        reading.certain = columns.are_of_sign_ins();
        self.judge(reading, file, arena)
    }

    fn judge(&mut self, mut reading: Reading<'_>, file: &str, arena: &Bump) -> Offer {
        match recognise(&reading) {
            Recognised::Other => Offer::NotMine,
            Recognised::Unreadable(reason) => self.unreadable(reason),
            Recognised::SignIn => {
                if let Some(kind) = portal_file::kind(file) {
                    reading.sign_in.text.file_kind = Some(kind);
                }
                self.take(reading.sign_in, arena);
                Offer::Taken
            }
        }
    }

    fn unreadable(&mut self, reason: String) -> Offer {
        if matches!(self.pass, Pass::First { .. }) {
            self.counts.unreadable = self.counts.unreadable.saturating_add(1);
        }
        Offer::Unreadable(reason)
    }

    fn take(&mut self, sign_in: SignIn<'_>, arena: &Bump) {
        let Some(time) = sign_in.time() else { return };
        let Self { question, measures, counts, pass, .. } = self;
        match pass {
            Pass::First { census, oldest_counted } => {
                counts.read = counts.read.saturating_add(1);
                let new = census.see(&sign_in, time);
                counts.duplicates = census.duplicates;
                counts.oldest = census.oldest;
                counts.newest = census.newest;
                let from = window_start(census.newest.unwrap_or(time), question.days);
                if !new {
                    return;
                }
                count(&sign_in, from, measures, counts);
                if time >= from {
                    *oldest_counted = Some(oldest_counted.map_or(time, |oldest| oldest.min(time)));
                }
            }
            Pass::Second(held) => {
                let newest = counts.newest.unwrap_or(time);
                let from = window_start(newest, question.days);
                held.arrive(sign_in, arena, &mut |sign_in| count(sign_in, from, measures, counts));
            }
        }
    }
}

/// Counts a record in the window, or as too old for it.
fn count(sign_in: &SignIn<'_>, from: Timestamp, measures: &mut Measures, counts: &mut Counts) {
    match sign_in.time() {
        Some(time) if time >= from => measures.observe(sign_in),
        _ => counts.older = counts.older.saturating_add(1),
    }
}

/// The first moment of a window of so many days up to `newest`.
fn window_start(newest: Timestamp, days: u32) -> Timestamp {
    let length = SignedDuration::from_hours(i64::from(days).saturating_mul(24));
    newest.checked_sub(length).unwrap_or(Timestamp::MIN)
}
