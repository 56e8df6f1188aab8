//! A folder of exported files to one snapshot and one measurement.

mod keeping;
mod queue;
mod rows;
mod source_read;
#[cfg(test)]
mod tests;
mod thread;

use std::collections::BTreeMap;
use std::error::Error;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use entra::graph::Manifest;
use entra::graph::manifest::ReadState;
use records::{Limits, Source, Unreadable};
use rollout::{Measurement, Snapshot};
use signins::{Places, Question};

use self::keeping::Keeping;
use self::queue::Queue;
pub(crate) use self::rows::read_rows;
use self::source_read::SHOWN;
pub(crate) use self::source_read::SourceRead;
use self::thread::Shared;
use crate::error::CommandError;
use crate::progress::Progress;

/// Everything one folder told.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// The tenant as seen.
    pub(crate) snapshot: Snapshot,
    /// What the sign-in logs yielded; `None` without any.
    pub(crate) measurement: Option<Measurement>,
    /// Every source, by name.
    pub(crate) sources: Vec<SourceRead>,
    /// Records taken, by kind; sign-ins among them.
    pub(crate) counts: BTreeMap<&'static str, u64>,
    /// Everything that could not be read.
    pub(crate) unreadable: u64,
    /// Files and folders among them that could not even be listed: nobody knows what they hold.
    unlisted: u64,
    /// The first twenty of everything unreadable.
    pub(crate) problems: Vec<Unreadable>,
    /// Things worth saying that are no failure, each with the sources it was said of.
    pub(crate) notes: BTreeMap<String, Vec<String>>,
    /// What went wrong with keeping sign-ins for the next question.
    pub(crate) not_kept: Vec<String>,
    /// What a download through Graph asked and what came, where the files are of one.
    pub(crate) downloads: Vec<Manifest>,
}

impl Reading {
    /// Names of the files of no known kind.
    pub(crate) fn unknown(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().filter(|source| source.is_unknown()).map(|source| source.name.as_str())
    }

    /// How much could not be read that may be of the tenant: a policy, a group, a user. What could
    /// not be read of a file of sign-ins is one.
    pub(crate) fn unreadable_tenant(&self) -> u64 {
        let others = self.sources.iter().filter(|source| source.sign_ins == 0);
        let hidden = others.map(|it| it.unreadable.saturating_sub(it.unreadable_sign_ins));
        hidden.sum::<u64>().saturating_add(self.unlisted)
    }

    /// True when sign-ins of it are kept, in a workspace that keeps them.
    pub(crate) fn may_be_kept(&self) -> bool {
        self.sources.iter().any(|it| it.sign_ins > 0 && it.bytes >= keeping::WORTH_KEEPING)
    }

    /// Lists of a live tenant that did not come although they should have.
    pub(crate) fn failures(&self) -> impl Iterator<Item = &ReadState> {
        self.downloads.iter().flat_map(Manifest::failures)
    }

    fn problem(&mut self, problem: Unreadable) {
        self.unreadable += 1;
        if self.problems.len() < SHOWN {
            self.problems.push(problem);
        }
    }

    /// Takes in what one source came to.
    fn add(&mut self, source: &Source, (read, problems, notes): SourceFound) {
        self.unreadable += read.unreadable;
        let room = SHOWN.saturating_sub(self.problems.len());
        self.problems.extend(problems.into_iter().take(room));
        for note in notes {
            self.notes.entry(note).or_default().push(source.name.clone());
        }
        if read.not_wanted > 0 && !read.is_unknown() {
            let note = format!(
                "holds {} of a kind lockstep does not know",
                crate::words::count(read.not_wanted, "record", "records")
            );
            self.notes.entry(note).or_default().push(source.name.clone());
        }
        self.sources.push(read);
    }
}

/// What one source came to: its counts, the first problems, and notes.
type SourceFound = (SourceRead, Vec<Unreadable>, Vec<String>);

/// What to read, and how.
#[derive(Debug)]
pub(crate) struct Options {
    /// What to measure of sign-in logs.
    pub(crate) question: Question,
    /// A progress bar may be drawn.
    pub(crate) progress: bool,
    /// Threads that read.
    pub(crate) threads: NonZero<usize>,
    /// The workspace that keeps sign-ins for the next question.
    pub(crate) workspace: Option<PathBuf>,
    /// Most rows kept of what policies can be tried on.
    most_rows: usize,
}

impl Options {
    /// Reads with all processors.
    pub(crate) fn new(question: Question, progress: bool) -> Self {
        let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        Self { question, progress, threads, workspace: None, most_rows: signins::MOST_ROWS }
    }

    /// Keeps sign-ins in a workspace, and takes those kept there.
    pub(crate) fn keeping_in(self, workspace: Option<PathBuf>) -> Self {
        Self { workspace, ..self }
    }
}

/// Reads a folder (or one file).
///
/// # Errors
/// When the folder cannot be listed, is empty, or holds nothing lockstep can read.
pub(crate) fn read(root: &Path, options: &Options) -> Result<Reading, CommandError> {
    let limits = Limits::default();
    let (mut sources, unlisted) = records::walk(root, &limits).map_err(|error| {
        CommandError::wrong_input(format!("cannot read the exports folder `{}`", root.display()))
            .because(error.source)
            .hint("give the folder with the downloaded files: `--exports DIR`")
    })?;
    sources.retain(|source| !is_of_the_store(&source.name));
    if sources.is_empty() && unlisted.is_empty() {
        return Err(nothing(root, "the folder holds no file"));
    }
    let progress = Progress::new(sources.iter().map(|source| source.bytes).sum(), options.progress);
    let mut cache = keeping::cache_of(options.workspace.as_deref(), &sources);
    let mut reading = keeping::with_kept(&mut cache, &sources, &progress, |keeping| {
        read_with(&sources, &limits, &progress, keeping, options)
    });
    drop(progress);
    if let Some(mut cache) = cache {
        cache.finish();
        reading.not_kept = cache.notes().to_vec();
    }
    reading.unlisted = crate::words::length(&unlisted);
    let found = std::mem::take(&mut reading.problems);
    let (unreadable, room) = (reading.unreadable, SHOWN);
    reading.unreadable = 0;
    for problem in unlisted {
        reading.problem(problem);
    }
    reading.unreadable += unreadable;
    reading.problems.extend(found);
    reading.problems.truncate(room);
    settle_coverage(&mut reading);
    if reading.sources.iter().all(|source| source.sign_ins == 0 && source.others == 0) {
        return Err(nothing_readable(root, &reading));
    }
    Ok(reading)
}

/// Whether a file is what lockstep remembers, in a workspace whose exports lie beside it: no export.
fn is_of_the_store(name: &str) -> bool {
    let end = name.strip_prefix(store::FILE_NAME);
    end.is_some_and(|end| ["", "-wal", "-shm", "-journal"].contains(&end))
}

/// Reads sources, from the cache where they are kept there.
fn read_with(
    sources: &[Source],
    limits: &Limits,
    progress: &Progress,
    mut keeping: Option<&mut Keeping>,
    options: &Options,
) -> Reading {
    let tenant = Mutex::new(entra::exports::Collector::new());
    let mut sign_ins =
        signins::Reader::new(options.question.clone()).with_most_rows(options.most_rows);
    if keeping.is_some() {
        sign_ins = sign_ins.keeping();
    }
    let all: Vec<usize> = (0..sources.len()).collect();
    let work = Work {
        sources,
        limits,
        progress,
        tenant: Some(&tenant),
        keeping: keeping.as_deref().map(|keeping| (keeping, &*all)),
        threads: options.threads,
    };
    let found = read_all(&work, &mut sign_ins);
    if let Some(keeping) = keeping.as_deref_mut() {
        keeping.keep(sources, &found, options.threads.get());
    }
    let mut reading = Reading::default();
    for (source, found) in sources.iter().zip(found) {
        reading.add(source, found);
    }
    let tenant = tenant.into_inner().unwrap_or_else(PoisonError::into_inner);
    reading.counts = tenant.counts().clone();
    reading.downloads = tenant.downloads().to_vec();
    if !reading.downloads.is_empty() {
        // Whoever downloaded them wrote down whether every page came.
        reading.notes.remove(records::NAMES_A_NEXT_PAGE);
    }
    reading.snapshot = tenant.finish();
    let keeping = keeping.as_deref();
    read_again(sources, limits, progress, (&mut reading, &mut sign_ins), keeping, options);
    reading.measurement = sign_ins.finish();
    reading
}

/// Sources to be read, and with what.
struct Work<'w> {
    sources: &'w [Source],
    limits: &'w Limits,
    progress: &'w Progress,
    /// Whoever takes the records that are no sign-ins; `None` in a repeated reading.
    tenant: Option<&'w Mutex<entra::exports::Collector>>,
    /// The cache, and the positions of the sources in it.
    keeping: Option<(&'w Keeping, &'w [usize])>,
    threads: NonZero<usize>,
}

/// Reads sources with as many threads as there is work for, and tells what each came to.
fn read_all(work: &Work<'_>, sign_ins: &mut signins::Reader) -> Vec<SourceFound> {
    let Work { sources, limits, progress, tenant, keeping, threads } = *work;
    let kept = |position: usize| {
        let (keeping, positions) = keeping?;
        keeping.kept(*positions.get(position)?)
    };
    let batches: Vec<Option<usize>> = (0..sources.len())
        .map(|position| kept(position).map(|kept| kept.entry.batches().len()))
        .collect();
    let bytes: u64 = sources.iter().map(|source| source.bytes).sum();
    let pieces = usize::try_from(bytes / WORTH_A_THREAD).unwrap_or(usize::MAX);
    let others = (threads.get() - 1).min(pieces);
    let shared = Shared {
        sources,
        limits,
        progress,
        queue: Queue::new(sources, &batches, others == 0, limits, progress),
        tenant,
        found: sources.iter().map(|_| Mutex::default()).collect(),
        keeping,
        keeps: tenant.is_some(),
    };
    let reader = &*sign_ins;
    let tallies = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..others).map(|_| scope.spawn(|| thread::read(&shared, reader.worker()))).collect();
        let mut tallies = vec![thread::read(&shared, reader.worker())];
        for thread in threads {
            match thread.join() {
                Ok(tally) => tallies.push(tally),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        tallies
    });
    for tally in tallies {
        sign_ins.join(tally);
    }
    let found = shared.found.into_iter();
    let found = found.map(|it| it.into_inner().unwrap_or_else(PoisonError::into_inner));
    found
        .zip(sources)
        .enumerate()
        .map(|(position, (found, source))| match kept(position) {
            Some(kept) => kept.told(),
            None => found.finish(&source.name, source.bytes),
        })
        .collect()
}

/// Bytes for which another thread is started.
const WORTH_A_THREAD: u64 = 1 << 20;

fn vanished(name: &str, error: &records::ReadError) -> Unreadable {
    let reason = match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    };
    Unreadable { file: name.to_owned(), line: 0, reason }
}

/// Reads the sources that held sign-ins once more where the measurement asks for it: because of
/// copies and of the window, and then because more sign-ins than are kept tell something of their
/// own, with addresses brought down to the places that named locations tell apart. What could not
/// be read was counted the first time; only a file that has gone since is new.
fn read_again(
    sources: &[Source],
    limits: &Limits,
    progress: &Progress,
    (reading, sign_ins): (&mut Reading, &mut signins::Reader),
    keeping: Option<&Keeping>,
    options: &Options,
) {
    let held: Vec<(usize, Source)> = sources
        .iter()
        .zip(&reading.sources)
        .enumerate()
        .filter(|(_, (_, read))| read.sign_ins > 0)
        .map(|(position, (source, _))| (position, source.clone()))
        .collect();
    let (positions, held): (Vec<usize>, Vec<Source>) = held.into_iter().unzip();
    while let Some(again) = sign_ins.again().or_else(|| sign_ins.again_in(places(reading)?)) {
        // What this reading measured makes room for the next.
        *sign_ins = again;
        progress.start_again(held.iter().map(|source| source.bytes).sum());
        let work = Work {
            sources: &held,
            limits,
            progress,
            tenant: None,
            keeping: keeping.map(|keeping| (keeping, &*positions)),
            threads: options.threads,
        };
        let found = read_all(&work, sign_ins);
        for (position, (read, problems, _)) in positions.iter().zip(found) {
            let gone = read.sign_ins == 0 && read.not_wanted == 0;
            let Some(before) = reading.sources.get_mut(*position).filter(|_| gone) else {
                continue;
            };
            before.unreadable += 1;
            for problem in problems.into_iter().take(1) {
                reading.problem(problem);
            }
        }
    }
}

/// The places that the named locations tell apart. `None`: no file told them.
fn places(reading: &Reading) -> Option<Places> {
    let locations = reading.snapshot.named_locations.as_ref()?;
    Some(Places::new(locations.iter().flat_map(|location| location.address_ranges())))
}

/// What could not be read of the sign-in sources belongs into their coverage: the reader of
/// sign-ins never sees a line that no record could be made of.
fn settle_coverage(reading: &mut Reading) {
    let hidden = reading
        .sources
        .iter()
        .filter(|source| source.may_hide_sign_ins())
        .map(|source| source.unreadable)
        .sum::<u64>()
        .saturating_add(reading.unlisted);
    let taken = reading.sources.iter().map(|source| source.sign_ins).sum::<u64>();
    if taken > 0 {
        reading.counts.insert("sign-ins", taken);
    }
    if let Some(measurement) = &mut reading.measurement {
        let coverage = &mut measurement.coverage;
        coverage.records_unreadable = coverage.records_unreadable.max(hidden);
    }
}

fn nothing(root: &Path, because: &str) -> CommandError {
    CommandError::wrong_input(format!("nothing to read in `{}`", root.display()))
        .because(because.to_owned())
        .hint(
            "put the files you downloaded from the Entra admin centre, Graph or Log Analytics \
             there: sign-in logs, users, authentication-methods registration",
        )
}

fn nothing_readable(root: &Path, reading: &Reading) -> CommandError {
    let files = crate::words::length(&reading.sources);
    let mut error = nothing(
        root,
        &format!(
            "none of the {} holds a record lockstep can read",
            crate::words::count(files, "file", "files")
        ),
    );
    for problem in &reading.problems {
        error = error.hint(problem_line(problem));
    }
    for name in reading.unknown().take(SHOWN) {
        error = error.hint(format!("`{name}` is of no known kind"));
    }
    error
}

/// `file:line: reason`.
pub(crate) fn problem_line(problem: &Unreadable) -> String {
    if problem.line == 0 {
        format!("{}: {}", problem.file, problem.reason)
    } else {
        format!("{}:{}: {}", problem.file, problem.line, problem.reason)
    }
}
