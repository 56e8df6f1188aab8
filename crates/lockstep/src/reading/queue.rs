//! What is still to be read, shared by all threads.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use records::{Handed, Limits, Part, Parts, ReadError, Source};

use crate::progress::Progress;

/// The sources of a reading, handed out one part at a time.
///
/// The first part of each source goes to one thread together with the source itself, because only
/// its records tell whether the rest can be shared: a log of sign-ins can, anything else is read
/// on in order by the same thread.
pub(super) struct Queue<'s> {
    sources: &'s [Source],
    limits: &'s Limits,
    progress: &'s Progress,
    /// Sources that come from the cache.
    kept: Vec<bool>,
    state: Mutex<State>,
    /// Something may be there to read, or will never be.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Batches of sources that come from the cache: position of the source, number of the batch.
    batches: Vec<(usize, usize)>,
    /// Position of the source to open next.
    next: usize,
    /// A source whose parts any thread may take.
    shared: Vec<Open>,
    /// Sources that one thread holds and may still give back.
    held: usize,
}

/// A source that is being read.
pub(super) struct Open {
    /// Position among the sources.
    pub(super) source: usize,
    parts: Parts,
    /// Bytes told to the progress bar.
    told: u64,
}

/// What a thread is to do.
pub(super) enum Job {
    /// The part was filled with the first part of a source; the rest is the thread's, too.
    First(Open, Handed),
    /// The part was filled with a later part of this source.
    Shared(usize, Handed),
    /// What is left of a source is to be read in one piece.
    Rest(Open),
    /// This batch of this source is to be read from the cache.
    Kept(usize, usize),
    /// This source cannot be opened.
    Failed(usize, ReadError),
}

impl<'s> Queue<'s> {
    /// A queue of sources; of those that come from the cache `batches` says how many batches there
    /// are.
    pub(super) fn new(
        sources: &'s [Source],
        batches: &[Option<usize>],
        limits: &'s Limits,
        progress: &'s Progress,
    ) -> Self {
        let kept = batches.iter().map(Option::is_some).collect();
        let batches = batches.iter().enumerate().filter_map(|(at, count)| Some((at, (*count)?)));
        let batches = batches.flat_map(|(at, count)| (0..count).map(move |batch| (at, batch)));
        let state = State { batches: batches.collect(), ..State::default() };
        Self { sources, limits, progress, kept, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// What to do next; `None` when all is done.
    pub(super) fn take(&self, part: &mut Part) -> Option<Job> {
        let mut state = lock(&self.state);
        loop {
            if let Some((source, batch)) = state.batches.pop() {
                return Some(Job::Kept(source, batch));
            }
            if let Some(open) = state.shared.last_mut() {
                let handed = open.next(part, self.progress);
                match handed {
                    Handed::End => {
                        state.shared.pop();
                        self.changed.notify_all();
                        continue;
                    }
                    Handed::Rest => {
                        let open = state.shared.pop()?;
                        self.changed.notify_all();
                        return Some(Job::Rest(open));
                    }
                    Handed::Text | Handed::Rows | Handed::Packed => {
                        return Some(Job::Shared(open.source, handed));
                    }
                }
            }
            if let Some(source) = self.sources.get(state.next) {
                let position = state.next;
                state.next += 1;
                if self.kept.get(position) == Some(&true) {
                    continue;
                }
                self.progress.source(&source.name);
                state.held += 1;
                drop(state);
                return Some(self.open(position, source, part));
            }
            if state.held == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn open(&self, position: usize, source: &Source, part: &mut Part) -> Job {
        match records::parts(source, self.limits) {
            Err(error) => {
                self.done();
                Job::Failed(position, error)
            }
            Ok(parts) => {
                let mut open = Open { source: position, parts, told: 0 };
                match open.next(part, self.progress) {
                    handed @ (Handed::Text | Handed::Rows | Handed::Packed) => {
                        Job::First(open, handed)
                    }
                    Handed::Rest | Handed::End => {
                        self.done();
                        Job::Rest(open)
                    }
                }
            }
        }
    }

    /// Gives a source back whose parts any thread may take.
    pub(super) fn share(&self, open: Open) {
        let mut state = lock(&self.state);
        state.shared.push(open);
        state.held = state.held.saturating_sub(1);
        self.changed.notify_all();
    }

    /// Tells that a source that came with its first part will not be given back.
    pub(super) fn done(&self) {
        let mut state = lock(&self.state);
        state.held = state.held.saturating_sub(1);
        self.changed.notify_all();
    }
}

impl Open {
    /// Fills the part with the next one.
    pub(super) fn next(&mut self, part: &mut Part, progress: &Progress) -> Handed {
        let handed = self.parts.next(part);
        let consumed = self.parts.consumed();
        progress.add(consumed.saturating_sub(self.told));
        self.told = consumed;
        handed
    }

    /// What is left, to be read in one piece.
    pub(super) fn into_parts(self) -> Parts {
        self.parts
    }
}

/// A thread that panicked ends the reading anyway.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
