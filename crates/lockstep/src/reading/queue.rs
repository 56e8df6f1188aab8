//! What is still to be read, shared by all threads.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use records::{Handed, Limits, Part, Parts, ReadError, Source};

use crate::progress::Progress;

/// The sources of a reading, handed out one part at a time.
///
/// The first part of each source goes to one thread together with the source itself, because only
/// its records tell whether the rest can be shared: a log of sign-ins can, anything else is read
/// on in order by the same thread.
///
/// One thread at a time fills the parts of a source, without holding up those that read others. What
/// is packed takes about as long to inflate as to read, so a few parts of it are filled ahead: nobody
/// waits while a thread could inflate or read.
pub(super) struct Queue<'s> {
    sources: &'s [Source],
    limits: &'s Limits,
    progress: &'s Progress,
    /// Sources that come from the cache.
    kept: Vec<bool>,
    /// Most parts of what is packed that are filled ahead; none where one thread reads alone.
    ahead: usize,
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
    /// Sources whose parts any thread may fill.
    shared: Vec<Open>,
    /// Sources that one thread holds and may still give back.
    held: usize,
    /// Parts filled ahead.
    ready: VecDeque<Ready>,
    /// Room for parts that nobody uses now.
    spare: Vec<Part>,
}

/// A part that was filled ahead.
struct Ready {
    /// Position of its source.
    source: usize,
    handed: Handed,
    part: Part,
}

/// Most parts filled ahead, where more than one thread reads.
const AHEAD: usize = 4;

/// A source that is being read.
pub(super) struct Open {
    /// Position among the sources.
    pub(super) source: usize,
    parts: Parts,
    /// Bytes told to the progress bar.
    told: u64,
}

/// A thread holds a source that it may still give back. Others wait for as long as this lives, so
/// it ends with the thread's work on the source, and with the thread itself if that panics.
pub(super) struct Held<'q, 's>(&'q Queue<'s>);

/// What a thread is to do.
pub(super) enum Job<'q, 's> {
    /// The part was filled with the first part of a source; the rest is the thread's, too.
    First(Open, Held<'q, 's>, Handed),
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
    /// are. `alone`: one thread takes everything.
    pub(super) fn new(
        sources: &'s [Source],
        batches: &[Option<usize>],
        alone: bool,
        limits: &'s Limits,
        progress: &'s Progress,
    ) -> Self {
        let kept = batches.iter().map(Option::is_some).collect();
        let batches = batches.iter().enumerate().filter_map(|(at, count)| Some((at, (*count)?)));
        let batches = batches.flat_map(|(at, count)| (0..count).map(move |batch| (at, batch)));
        let state = State { batches: batches.collect(), ..State::default() };
        Self {
            sources,
            limits,
            progress,
            kept,
            ahead: if alone { 0 } else { AHEAD },
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// What to do next; `None` when all is done.
    pub(super) fn take<'q>(&'q self, part: &mut Part) -> Option<Job<'q, 's>> {
        let mut state = lock(&self.state);
        loop {
            if let Some((source, batch)) = state.batches.pop() {
                return Some(Job::Kept(source, batch));
            }
            let enough = state.ready.len() >= self.ahead;
            if let Some(open) = state.next_to_fill(|open| !(enough && self.fills_ahead(open))) {
                let held = state.hold(self);
                drop(state);
                if let Some(job) = self.fill(open, held, part) {
                    return Some(job);
                }
                state = lock(&self.state);
                continue;
            }
            if let Some(Ready { source, handed, part: filled }) = state.ready.pop_front() {
                state.spare.push(std::mem::replace(part, filled));
                return Some(Job::Shared(source, handed));
            }
            if let Some(source) = self.sources.get(state.next) {
                let position = state.next;
                state.next += 1;
                if self.kept.get(position) == Some(&true) {
                    continue;
                }
                self.progress.source(&source.name);
                let held = state.hold(self);
                drop(state);
                return Some(self.open(position, source, held, part));
            }
            if state.held == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether parts of a source are filled before a thread asks for them.
    fn fills_ahead(&self, open: &Open) -> bool {
        self.ahead > 0 && open.parts.inflates()
    }

    /// Fills the next part of a source. `None`: it lies ready, or the source has ended.
    fn fill<'q>(
        &'q self,
        mut open: Open,
        held: Held<'q, 's>,
        part: &mut Part,
    ) -> Option<Job<'q, 's>> {
        let ahead = self.fills_ahead(&open);
        let mut spare = ahead.then(|| lock(&self.state).spare.pop().unwrap_or_default());
        let handed = open.next(spare.as_mut().unwrap_or(part), self.progress);
        match handed {
            Handed::End => None,
            Handed::Rest => Some(Job::Rest(open)),
            Handed::Text | Handed::Rows | Handed::Packed => {
                let source = open.source;
                if let Some(part) = spare {
                    lock(&self.state).ready.push_back(Ready { source, handed, part });
                }
                held.share(open);
                (!ahead).then_some(Job::Shared(source, handed))
            }
        }
    }

    fn open<'q>(
        &'q self,
        position: usize,
        source: &Source,
        held: Held<'q, 's>,
        part: &mut Part,
    ) -> Job<'q, 's> {
        let parts = match records::parts(source, self.limits) {
            Err(error) => return Job::Failed(position, error),
            Ok(parts) => parts,
        };
        let mut open = Open { source: position, parts, told: 0 };
        match open.next(part, self.progress) {
            handed @ (Handed::Text | Handed::Rows | Handed::Packed) => {
                Job::First(open, held, handed)
            }
            Handed::Rest | Handed::End => Job::Rest(open),
        }
    }
}

impl State {
    /// Takes the last source of which a part is to be filled now.
    fn next_to_fill(&mut self, is_to_be_filled: impl Fn(&Open) -> bool) -> Option<Open> {
        let at = self.shared.iter().rposition(is_to_be_filled)?;
        Some(self.shared.remove(at))
    }

    /// Takes note that a thread holds a source.
    fn hold<'q, 's>(&mut self, queue: &'q Queue<'s>) -> Held<'q, 's> {
        self.held += 1;
        Held(queue)
    }
}

impl Held<'_, '_> {
    /// Gives the source back: any thread may take its parts.
    pub(super) fn share(self, open: Open) {
        lock(&self.0.state).shared.push(open);
    }
}

impl Drop for Held<'_, '_> {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.held = state.held.saturating_sub(1);
        self.0.changed.notify_all();
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

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn sources(folder: &std::path::Path) -> Vec<Source> {
        for name in ["a.json", "b.json"] {
            std::fs::write(folder.join(name), "{\"id\":\"1\"}\n").unwrap();
        }
        records::walk(folder, &Limits::default()).unwrap().0
    }

    fn held(queue: &Queue<'_>) -> usize {
        lock(&queue.state).held
    }

    #[test]
    fn nobody_waits_for_a_source_whose_thread_panicked() {
        let folder = tempfile::tempdir().unwrap();
        let (sources, limits) = (sources(folder.path()), Limits::default());
        let progress = Progress::new(0, false);
        let queue = Queue::new(&sources, &[], true, &limits, &progress);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let job = queue.take(&mut Part::new());
            assert_eq!(held(&queue), 1);
            assert!(!matches!(job, Some(Job::First(..))), "the work on the part fails");
        }));
        assert!(panicked.is_err());
        assert_eq!(held(&queue), 0);
        let mut part = Part::new();
        assert!(matches!(queue.take(&mut part), Some(Job::First(open, ..)) if open.source == 1));
        assert!(queue.take(&mut part).is_none(), "the other source is read, and then all is done");
    }

    #[test]
    fn a_panic_under_the_lock_leaves_the_queue_usable() {
        let (sources, limits) = (Vec::new(), Limits::default());
        let progress = Progress::new(0, false);
        let queue = Queue::new(&sources, &[], true, &limits, &progress);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _state = lock(&queue.state);
            panic!("while parts are handed out");
        }));
        assert!(panicked.is_err() && queue.state.is_poisoned());
        assert!(queue.take(&mut Part::new()).is_none());
    }

    #[test]
    fn a_source_that_was_given_back_is_no_longer_held_and_handed_out_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let (sources, limits) = (sources(folder.path()), Limits::default());
        let progress = Progress::new(0, false);
        let queue = Queue::new(&sources, &[], true, &limits, &progress);
        let mut part = Part::new();
        for position in 0..2 {
            let Some(Job::First(open, holder, _)) = queue.take(&mut part) else {
                panic!("source {position} begins with its first part");
            };
            assert_eq!((open.source, held(&queue)), (position, 1));
            holder.share(open);
            assert_eq!(held(&queue), 0);
        }
        assert!(queue.take(&mut part).is_none());
    }

    #[test]
    fn a_few_parts_of_what_is_packed_are_filled_ahead_and_handed_out_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let line = format!("{{\"id\":\"{}\"}}\n", "1".repeat(1000));
        let text = line.repeat(4_000);
        let archive = crate::reading::tests::zipped("a.json", &text);
        std::fs::write(folder.path().join("a.zip"), archive).unwrap();
        let limits = Limits::default();
        let sources = records::walk(folder.path(), &limits).unwrap().0;
        let progress = Progress::new(0, false);
        for (alone, most) in [(false, AHEAD), (true, 0)] {
            let queue = Queue::new(&sources, &[], alone, &limits, &progress);
            let mut part = Part::new();
            let Some(Job::First(open, holder, _)) = queue.take(&mut part) else {
                panic!("the source begins with its first part");
            };
            holder.share(open);
            let (mut numbers, mut bytes, mut ahead) = (vec![0], part.bytes().len(), 0);
            while let Some(job) = queue.take(&mut part) {
                assert!(matches!(job, Job::Shared(0, Handed::Text)));
                numbers.push(part.number());
                bytes += part.bytes().len();
                let state = lock(&queue.state);
                assert_eq!(state.held, 0);
                ahead = ahead.max(state.ready.len() + usize::from(most > 0));
            }
            let all: Vec<u32> = (0..u32::try_from(numbers.len()).unwrap()).collect();
            assert_eq!((numbers, bytes), (all, text.len()));
            assert_eq!(ahead, most, "alone: {alone}");
        }
    }

    #[test]
    fn a_source_that_has_gone_is_not_held() {
        let folder = tempfile::tempdir().unwrap();
        let (sources, limits) = (sources(folder.path()), Limits::default());
        std::fs::remove_file(folder.path().join("a.json")).unwrap();
        let progress = Progress::new(0, false);
        let queue = Queue::new(&sources, &[], true, &limits, &progress);
        assert!(matches!(queue.take(&mut Part::new()), Some(Job::Failed(0, _))));
        assert_eq!(held(&queue), 0);
    }
}
