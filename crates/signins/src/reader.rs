//! A reading of one log, by one thread or many.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use rollout::evidence::{Ask, SignIns};
use rollout::{Coverage, Measurement, Window};

use crate::census::{Census, CopiesById, lock};
use crate::held::Held;
use crate::measures::{Measures, Room, Scope};
use crate::places::Places;
use crate::rows::Gathered;
use crate::told::Told;
use crate::worker::Worker;

/// What to measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Days of the window, back from the newest record.
    pub days: u32,
    /// What is measured.
    pub scope: Scope,
}

/// One reading of a log. Any number of threads read parts of it, each by a [`Worker`] of its own;
/// what they measured is joined in any order.
///
/// Memory grows with the distinct users, clients, devices and applications of the log, and by
/// about ten bytes for each record; not with the records themselves.
#[derive(Debug)]
pub struct Reader {
    pub(crate) question: Question,
    pub(crate) pass: Pass,
    /// Second of the newest record that any thread told of, so that others count less that turns
    /// out too old.
    pub(crate) newest: AtomicI64,
    /// Records are kept, or come from where they were: what they show is told apart by everything
    /// that is measured, whatever the question.
    pub(crate) keeps: bool,
    /// How much is kept of what policies can be tried on.
    pub(crate) room: Room,
    /// Which rows are gathered. `None`: it is measured.
    pub(crate) ask: Option<Arc<Ask>>,
    rows: Option<Gathered>,
    /// What the threads measured that were joined; `None` before the first.
    measures: Option<Measures>,
    counts: Counts,
}

/// Days of a window that leaves nothing out.
const EVERY_DAY: u32 = 36_525;

/// What one thread measured.
#[derive(Debug)]
pub struct Tally {
    pub(crate) measures: Measures,
    pub(crate) counts: Counts,
    /// The rows of this thread, where rows are gathered.
    rows: Option<Gathered>,
}

/// What was read, whatever it means.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) read: u64,
    pub(crate) unreadable: u64,
    pub(crate) duplicates: u64,
    pub(crate) older: u64,
    pub(crate) oldest: Option<Timestamp>,
    pub(crate) newest: Option<Timestamp>,
    /// Oldest record that was counted.
    pub(crate) oldest_counted: Option<Timestamp>,
}

/// Which reading this is.
#[derive(Debug)]
pub(crate) enum Pass {
    /// The first: what the log holds as a whole is learned on the way.
    First(Census),
    /// A later one: window and copies are known.
    Later {
        /// First moment of the window.
        from: Timestamp,
        copies: CopiesById,
        held: Mutex<Held>,
    },
}

impl Reader {
    /// A reading for one question.
    #[must_use]
    pub fn new(question: Question) -> Self {
        Self {
            measures: None,
            counts: Counts::default(),
            question,
            pass: Pass::First(Census::default()),
            newest: AtomicI64::new(i64::MIN),
            keeps: false,
            room: Room::default(),
            ask: None,
            rows: None,
        }
    }

    /// A reading that gathers rows instead of measuring: [`Self::finish_rows`] gives them.
    #[must_use]
    pub fn of_rows(ask: Ask) -> Self {
        let question = Question { days: EVERY_DAY, scope: Scope::Rows };
        Self { ask: Some(Arc::new(ask)), ..Self::new(question) }
    }

    /// The same reading with room for so many rows of [`Measurement::replay`] instead of
    /// [`MOST_ROWS`](crate::MOST_ROWS).
    #[must_use]
    pub fn with_most_rows(self, rows: usize) -> Self {
        Self { room: Room { rows, ..self.room }, ..self }
    }

    /// The same reading, in which sign-ins are kept for later questions or come from where they are
    /// kept. It reads whatever any question asks.
    #[must_use]
    pub fn keeping(self) -> Self {
        Self { keeps: true, ..self }
    }

    /// What one thread reads with.
    #[must_use]
    pub fn worker(&self) -> Worker<'_> {
        Worker::new(self)
    }

    /// Reads with one worker, on this thread.
    pub fn read<T>(&mut self, read: impl FnOnce(&mut Worker<'_>) -> T) -> T {
        let mut worker = self.worker();
        let answer = read(&mut worker);
        let tally = worker.finish();
        self.join(tally);
        answer
    }

    /// Adds what one thread measured.
    pub fn join(&mut self, tally: Tally) {
        match &mut self.measures {
            Some(measures) => measures.merge(tally.measures),
            none => *none = Some(tally.measures),
        }
        self.counts.add(&tally.counts);
        match (&mut self.rows, tally.rows) {
            (Some(mine), Some(other)) => mine.merge(other),
            (mine @ None, other) => *mine = other,
            (Some(_), None) => {}
        }
    }

    /// After every source was read: `None` when the measurement stands, or a reading in which the
    /// same sources must be read once more, because only now it is known which records are copies
    /// of one another or fall before the window.
    #[must_use]
    pub fn again(&self) -> Option<Self> {
        let counts = &self.counts;
        let copies = match &self.pass {
            Pass::First(census) => {
                let from = window_start(counts.newest?, self.question.days);
                let too_old = counts.oldest_counted.is_some_and(|oldest| oldest < from);
                let copies = census.copies();
                if !too_old && !copies.values().any(|copies| copies.differ) {
                    return None;
                }
                copies.clone()
            }
            Pass::Later { held, .. } => lock(held).relearned()?,
        };
        self.repeated(copies)
    }

    /// After every source was read and [`Self::again`] asks for nothing more: `None` when
    /// [`Measurement::replay`] holds every sign-in, or when this reading did all for it that can be
    /// done; or a reading in which the same sources must be read once more. In that one, addresses
    /// that lie in the same of these places are one address, so that more sign-ins tell the same.
    #[must_use]
    pub fn again_in(&self, places: Places) -> Option<Self> {
        let leaves_out = self.measures.as_ref().is_some_and(Measures::leaves_out_of_replay);
        if !leaves_out || self.room.places.is_some() {
            return None;
        }
        let copies = match &self.pass {
            Pass::First(census) => census.copies().clone(),
            Pass::Later { copies, .. } => copies.clone(),
        };
        let mut again = self.repeated(copies)?;
        again.room.places = Some(Arc::new(places));
        Some(again)
    }

    /// A reading of the same sources, with copies and window known.
    fn repeated(&self, copies: CopiesById) -> Option<Self> {
        let from = window_start(self.counts.newest?, self.question.days);
        let held = Mutex::new(Held::new(&copies));
        Some(Self {
            question: self.question.clone(),
            pass: Pass::Later { from, copies, held },
            newest: AtomicI64::new(self.newest.load(Ordering::Relaxed)),
            keeps: self.keeps,
            room: self.room.clone(),
            ask: self.ask.clone(),
            rows: None,
            measures: None,
            counts: Counts { older: 0, oldest_counted: None, ..self.counts },
        })
    }

    /// The rows; `None` when no sign-in was read, or when the reading is none of rows.
    #[must_use]
    pub fn finish_rows(self) -> Option<SignIns> {
        let ask = self.ask?;
        let newest = self.counts.newest?;
        let mut rows = self.rows.unwrap_or_else(|| Gathered::new(ask));
        if let Pass::Later { held, .. } = self.pass {
            let held = held.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
            held.release(&mut |sign_in| rows.observe(sign_in));
        }
        let mut sign_ins = rows.finish();
        sign_ins.newest = Some(newest);
        sign_ins.oldest = self.counts.oldest;
        sign_ins.unreadable = self.counts.unreadable;
        Some(sign_ins)
    }

    /// The measurement; `None` when no sign-in was read.
    ///
    /// A first reading that was to be repeated answers too: it counted every record once, but of
    /// copies only what the first one showed, and records up to a window too old where the log was
    /// not written newest first.
    #[must_use]
    pub fn finish(self) -> Option<Measurement> {
        let Self { question, pass, measures, mut counts, room, .. } = self;
        let mut measures = measures.unwrap_or_else(|| Measures::with_room(question.scope, room));
        let newest = counts.newest?;
        let from = window_start(newest, question.days);
        match pass {
            // Room for what is made of the measures.
            Pass::First(census) => drop(census),
            Pass::Later { held, .. } => {
                let held = held.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
                held.release(&mut |sign_in| match sign_in.time() {
                    Some(time) if time >= from => measures.observe(sign_in),
                    _ => counts.older = counts.older.saturating_add(1),
                });
            }
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
}

impl Tally {
    pub(crate) fn new(scope: Scope, room: Room, ask: Option<Arc<Ask>>) -> Self {
        Self {
            measures: Measures::with_room(scope, room),
            counts: Counts::default(),
            rows: ask.map(Gathered::new),
        }
    }

    /// Takes a record that counts.
    pub(crate) fn observe(&mut self, row: &impl Told) {
        match (&mut self.rows, row.sign_in()) {
            (None, _) => self.measures.observe(row),
            (Some(rows), Some(sign_in)) => rows.observe(sign_in),
            // What was kept of a log is not enough for a row of evidence.
            (Some(_), None) => self.counts.unreadable = self.counts.unreadable.saturating_add(1),
        }
    }

    /// Counts a record of a window that is known.
    pub(crate) fn count(&mut self, row: &impl Told, from: Timestamp) {
        match row.time() {
            Some(time) if time >= from => self.observe(row),
            _ => self.counts.older = self.counts.older.saturating_add(1),
        }
    }
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.read = self.read.saturating_add(other.read);
        self.unreadable = self.unreadable.saturating_add(other.unreadable);
        self.duplicates = self.duplicates.saturating_add(other.duplicates);
        self.older = self.older.saturating_add(other.older);
        self.oldest = earlier(self.oldest, other.oldest);
        self.newest = self.newest.max(other.newest);
        self.oldest_counted = earlier(self.oldest_counted, other.oldest_counted);
    }
}

/// The earlier of two times, where both are told.
pub(crate) fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The first moment of a window of so many days up to `newest`.
pub(crate) fn window_start(newest: Timestamp, days: u32) -> Timestamp {
    let length = SignedDuration::from_hours(i64::from(days).saturating_mul(24));
    newest.checked_sub(length).unwrap_or(Timestamp::MIN)
}
