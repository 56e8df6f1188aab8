//! A folder of exported files to one snapshot and one measurement.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use records::{Limits, Offer, Record, Source, Unreadable};
use rollout::{Measurement, Snapshot};
use signins::{Question, Scope};

use crate::error::CommandError;
use crate::progress::Progress;

/// Problems shown one by one; the rest is a count.
const SHOWN: usize = 20;

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
}

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
    unreadable_sign_ins: u64,
}

impl SourceRead {
    /// True when the file is of no kind lockstep knows.
    pub(crate) fn is_unknown(&self) -> bool {
        self.sign_ins == 0 && self.others == 0 && self.unreadable == 0
    }

    /// True when what could not be read of it may be sign-ins: it held some, or nothing readable
    /// says that it held anything else.
    fn may_hide_sign_ins(&self) -> bool {
        self.sign_ins > 0 || self.unreadable_sign_ins > 0 || self.others == 0
    }
}

impl Reading {
    /// Names of the files of no known kind.
    pub(crate) fn unknown(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().filter(|source| source.is_unknown()).map(|source| source.name.as_str())
    }

    fn problem(&mut self, problem: Unreadable) {
        self.unreadable += 1;
        if self.problems.len() < SHOWN {
            self.problems.push(problem);
        }
    }
}

/// Reads a folder (or one file). `days` is the window of the sign-in logs.
///
/// # Errors
/// When the folder cannot be listed, is empty, or holds nothing lockstep can read.
pub(crate) fn read(
    root: &Path,
    days: u32,
    scope: Scope,
    show_progress: bool,
) -> Result<Reading, CommandError> {
    let limits = Limits::default();
    let (sources, unlisted) = records::walk(root, &limits).map_err(|error| {
        CommandError::wrong_input(format!("cannot read the exports folder `{}`", root.display()))
            .because(error.source)
            .hint("give the folder with the downloaded files: `--exports DIR`")
    })?;
    if sources.is_empty() && unlisted.is_empty() {
        return Err(nothing(root, "the folder holds no file"));
    }
    let mut reading = Reading { unlisted: crate::words::length(&unlisted), ..Reading::default() };
    for problem in unlisted {
        reading.problem(problem);
    }
    let progress = Progress::new(sources.iter().map(|source| source.bytes).sum(), show_progress);
    let mut sign_ins = signins::Reader::new(Question { days, scope });
    let mut tenant = entra::exports::Collector::new();
    for source in &sources {
        progress.source(&source.name);
        let read = read_once(source, &limits, &progress, &mut reading, &mut |record, read| {
            offer(record, &source.name, &mut sign_ins, &mut tenant, read)
        });
        reading.sources.push(read);
    }
    read_again(&sources, &limits, &progress, &mut reading, &mut sign_ins);
    drop(progress);
    reading.counts = tenant.counts().clone();
    reading.snapshot = tenant.finish();
    reading.measurement = sign_ins.finish();
    settle_coverage(&mut reading);
    if reading.sources.iter().all(|source| source.sign_ins == 0 && source.others == 0) {
        return Err(nothing_readable(root, &reading));
    }
    Ok(reading)
}

fn read_once(
    source: &Source,
    limits: &Limits,
    progress: &Progress,
    reading: &mut Reading,
    sink: &mut dyn FnMut(&Record<'_>, &mut SourceRead) -> Offer,
) -> SourceRead {
    let mut read =
        SourceRead { name: source.name.clone(), bytes: source.bytes, ..SourceRead::default() };
    let result = records::read(source, limits, &mut |bytes| progress.add(bytes), &mut |record| {
        sink(record, &mut read)
    });
    match result {
        Ok(result) => {
            read.unreadable = result.unreadable;
            read.not_wanted = result.not_wanted;
            reading.unreadable += result.unreadable;
            let room = SHOWN.saturating_sub(reading.problems.len());
            reading.problems.extend(result.problems.into_iter().take(room));
            for note in result.notes {
                reading.notes.entry(note).or_default().push(source.name.clone());
            }
            if read.not_wanted > 0 && !read.is_unknown() {
                let note = format!(
                    "holds {} of a kind lockstep does not know",
                    crate::words::count(read.not_wanted, "record", "records")
                );
                reading.notes.entry(note).or_default().push(source.name.clone());
            }
        }
        Err(error) => {
            read.unreadable = 1;
            reading.problem(vanished(&source.name, &error));
        }
    }
    read
}

fn vanished(name: &str, error: &records::ReadError) -> Unreadable {
    let reason = match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    };
    Unreadable { file: name.to_owned(), line: 0, reason }
}

fn offer(
    record: &Record<'_>,
    file: &str,
    sign_ins: &mut signins::Reader,
    tenant: &mut entra::exports::Collector,
    read: &mut SourceRead,
) -> Offer {
    match sign_ins.offer(record, file) {
        Offer::Taken => {
            read.sign_ins += 1;
            Offer::Taken
        }
        Offer::Unreadable(reason) => {
            read.unreadable_sign_ins += 1;
            Offer::Unreadable(reason)
        }
        Offer::NotMine => {
            let answer = tenant.offer(record, file);
            if answer == Offer::Taken {
                read.others += 1;
            }
            answer
        }
    }
}

/// Reads the sources that held sign-ins once more where the measurement asks for it. What could
/// not be read was counted the first time; only a file that has gone since is new.
fn read_again(
    sources: &[Source],
    limits: &Limits,
    progress: &Progress,
    reading: &mut Reading,
    sign_ins: &mut signins::Reader,
) {
    while let Some(mut again) = sign_ins.again() {
        for position in 0..sources.len() {
            let (Some(source), Some(read)) = (sources.get(position), reading.sources.get(position))
            else {
                continue;
            };
            if read.sign_ins == 0 {
                continue;
            }
            progress.source(&source.name);
            let result = records::read(source, limits, &mut |_| {}, &mut |record| {
                again.offer(record, &source.name)
            });
            if let Err(error) = result {
                reading.problem(vanished(&source.name, &error));
                if let Some(read) = reading.sources.get_mut(position) {
                    read.unreadable += 1;
                }
            }
        }
        *sign_ins = again;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, sign_ins: u64, others: u64, unreadable: u64) -> SourceRead {
        SourceRead { name: name.to_owned(), sign_ins, others, unreadable, ..SourceRead::default() }
    }

    #[test]
    fn what_may_have_been_a_sign_in_counts_as_unreadable_sign_ins() {
        let cases = [
            ("a log with a broken line", source("log", 10, 0, 1), 1),
            ("a damaged file of nobody knows what", source("damaged", 0, 0, 1), 1),
            ("users with a broken line", source("users", 0, 10, 3), 0),
            ("a mix", source("mix", 1, 10, 2), 2),
        ];
        for (name, read, hidden) in cases {
            let mut reading = Reading {
                measurement: Some(Measurement::default()),
                sources: vec![read],
                ..Reading::default()
            };
            settle_coverage(&mut reading);
            let coverage = reading.measurement.unwrap().coverage;
            assert_eq!(coverage.records_unreadable, hidden, "{name}");
        }
    }

    #[test]
    fn what_could_not_be_listed_may_have_been_sign_ins() {
        let mut reading = Reading {
            measurement: Some(Measurement::default()),
            unlisted: 2,
            sources: vec![source("log", 10, 0, 1)],
            ..Reading::default()
        };
        settle_coverage(&mut reading);
        assert_eq!(reading.measurement.unwrap().coverage.records_unreadable, 3);
    }

    #[test]
    fn only_a_file_that_told_nothing_is_unknown() {
        assert!(source("picture", 0, 0, 0).is_unknown());
        assert!(!source("damaged", 0, 0, 1).is_unknown());
        assert!(!source("users", 0, 1, 0).is_unknown());
    }

    #[test]
    fn twenty_problems_are_kept_and_all_are_counted() {
        let mut reading = Reading::default();
        for line in 0..50 {
            reading.problem(Unreadable { file: "a".to_owned(), line, reason: "cut".to_owned() });
        }
        assert_eq!((reading.unreadable, reading.problems.len()), (50, 20));
        assert_eq!(problem_line(&reading.problems[0]), "a: cut");
        assert_eq!(problem_line(&reading.problems[7]), "a:7: cut");
    }
}
