//! The rows of the sign-in logs that somebody asked for, after the logs were measured.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::Path;

use records::{Limits, Source};
use rollout::evidence::{Ask, SignIns};

use super::{Reading, Work, keeping, read_all};
use crate::error::CommandError;
use crate::progress::Progress;

/// Reads once more the sources that held sign-ins, and gives the rows asked for. `None`: there is no
/// sign-in log. Of the sources that a workspace keeps, what was kept is read.
///
/// What the measurement could not read is told here, too, and so is a file that has changed or gone
/// since: then nothing may be concluded from a row that is not there.
///
/// # Errors
/// When the folder cannot be listed any more.
pub(crate) fn read_rows(
    root: &Path,
    reading: &Reading,
    ask: Ask,
    workspace: Option<&Path>,
    progress: bool,
) -> Result<Option<SignIns>, CommandError> {
    let Some(measurement) = &reading.measurement else { return Ok(None) };
    let limits = Limits::default();
    let (sources, _) = records::walk(root, &limits).map_err(|error| {
        CommandError::wrong_input(format!("cannot read the folder `{}` again", root.display()))
            .because(error.source)
    })?;
    let mut held: BTreeMap<&str, u64> = reading
        .sources
        .iter()
        .filter(|source| source.sign_ins > 0)
        .map(|source| (source.name.as_str(), source.sign_ins))
        .collect();
    let expected: u64 = held.values().sum();
    let sources: Vec<Source> =
        sources.into_iter().filter(|source| held.remove(source.name.as_str()).is_some()).collect();
    let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let progress = Progress::new(sources.iter().map(|source| source.bytes).sum(), progress);
    let mut cache = keeping::cache_of(workspace, &sources);
    let all: Vec<usize> = (0..sources.len()).collect();
    let (sign_ins, read) = keeping::with_kept(&mut cache, &sources, &progress, |keeping| {
        let work = Work {
            sources: &sources,
            limits: &limits,
            progress: &progress,
            tenant: None,
            keeping: keeping.map(|keeping| (&*keeping, &*all)),
            threads,
        };
        gather(&work, ask.clone())
    });
    if let Some(cache) = &mut cache {
        cache.finish();
    }
    drop(progress);
    let Some(mut rows) = sign_ins.finish_rows() else {
        return Ok(Some(SignIns { unreadable: expected.max(1), ..SignIns::default() }));
    };
    let coverage = &measurement.coverage;
    let lost = expected.abs_diff(read);
    rows.unreadable = rows.unreadable.max(coverage.records_unreadable).saturating_add(lost);
    // The measurement has seen the same records and tells the kinds of all of them.
    rows.interactive = coverage.interactive;
    rows.non_interactive = coverage.non_interactive;
    Ok(Some(rows))
}

/// Gathers rows from sources, and tells how many sign-ins they hold.
fn gather(work: &Work<'_>, ask: Ask) -> (signins::Reader, u64) {
    let mut sign_ins = signins::Reader::of_rows(ask);
    let mut read = 0_u64;
    loop {
        let found = read_all(work, &mut sign_ins);
        read = read.max(found.iter().map(|(source, _, _)| source.sign_ins).sum());
        let Some(again) = sign_ins.again() else { return (sign_ins, read) };
        sign_ins = again;
        work.progress.start_again(work.sources.iter().map(|source| source.bytes).sum());
    }
}
