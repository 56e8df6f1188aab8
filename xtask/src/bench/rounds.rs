//! Running a group: first every answer, then round after round.

use std::fs::{self, File};
use std::path::Path;

use super::answer::{self, Answer, Telling, agree};
use super::candidates::{Before, Candidate, Times, who};
use super::logs;
use super::process::{Cost, run_to_end};
use super::report::{Row, median};
use crate::failure::{Failure, Outcome};
use crate::say;

/// How a group is run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan<'a> {
    /// Rounds.
    pub(crate) runs: u8,
    /// Cargo's target folder, which commands are shown relative to.
    pub(crate) target: &'a Path,
    /// Where answers are kept while they are compared.
    pub(crate) output: &'a Path,
}

/// Runs a group. `expected` is the answer other groups over the same records agreed on.
pub(crate) fn run(
    candidates: &[Candidate],
    plan: Plan<'_>,
    expected: &mut Option<Answer>,
) -> Outcome<Vec<Row>> {
    for candidate in candidates {
        fs::create_dir_all(&candidate.folder)?;
        logs::warm(candidate.log.path())?;
    }
    let mut costs: Vec<Vec<Cost>> = candidates.iter().map(|_| Vec::new()).collect();
    // The answer over a part of the log is another one.
    let mut of_slice = None;
    for (candidate, costs) in candidates.iter().zip(&mut costs) {
        let slice = [who::AUDIT_SLICE, who::JQ].contains(&candidate.who);
        let expected = if slice { &mut of_slice } else { &mut *expected };
        if candidate.telling == Telling::Nothing && candidate.times == Times::EveryRound {
            continue;
        }
        if let Some(cost) = answer(candidate, plan, expected)?
            && candidate.times == Times::Once
        {
            say!("{}: {:.2} s, once", candidate.what, cost.wall.as_secs_f64());
            costs.push(cost);
        }
    }
    for round in 1..=plan.runs {
        for (candidate, costs) in candidates.iter().zip(&mut costs) {
            if candidate.times == Times::EveryRound
                && let Ok(command) = &candidate.command
            {
                prepare(candidate)?;
                let cost = run_to_end(command, &candidate.folder, None)?;
                say!("{}: {:.2} s, round {round}", candidate.what, cost.wall.as_secs_f64());
                costs.push(cost);
            }
        }
    }
    let timed = candidates.iter().zip(costs).filter(|(it, _)| it.times != Times::Untimed);
    Ok(timed.map(|(candidate, costs)| row(candidate, costs, plan.target)).collect())
}

fn row(candidate: &Candidate, costs: Vec<Cost>, target: &Path) -> Row {
    let runs = costs.len();
    let figures = match &candidate.command {
        Err(why) => Err(why.clone()),
        Ok(_) => median(costs).ok_or_else(|| "it was never run".to_owned()),
    };
    Row {
        who: candidate.who.to_owned(),
        what: candidate.what.clone(),
        command: candidate.typed(target),
        records: candidate.log.records,
        bytes: candidate.log.bytes,
        runs,
        figures,
    }
}

/// Runs a candidate for its answer; the cost of that run, where there is a command.
fn answer(
    candidate: &Candidate,
    plan: Plan<'_>,
    expected: &mut Option<Answer>,
) -> Outcome<Option<Cost>> {
    let Ok(command) = &candidate.command else { return Ok(None) };
    prepare(candidate)?;
    let asks = candidate.telling != Telling::Nothing;
    let output = if asks { Some(File::create(plan.output)?) } else { None };
    let cost = run_to_end(command, &candidate.folder, output)?;
    if asks {
        let text = fs::read_to_string(plan.output)?;
        fs::remove_file(plan.output)?;
        let told = answer::read(candidate.telling, &text)
            .map_err(|error| Failure::new(format!("{}: {error}", candidate.what)))?;
        if let Some(told) = told {
            agree(expected, &candidate.what, told)?;
        }
    }
    Ok(Some(cost))
}

fn prepare(candidate: &Candidate) -> Outcome<()> {
    match &candidate.before {
        Before::Delete(folder) if folder.exists() => {
            fs::remove_dir_all(folder).map_err(|error| Failure::at("cannot delete", folder, &error))
        }
        Before::Delete(_) | Before::Nothing => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::answer::{Answer, Telling};
    use super::super::candidates::{Before, Candidate, Times, who};
    use super::super::logs::Log;
    use super::{Plan, run};

    const FIGURES: &str = r#"{"rows":1,"successes":2,"failures":3,"users":1}"#;

    fn candidate(folder: &Path, who: &'static str, words: &[&str], telling: Telling) -> Candidate {
        Candidate {
            who,
            what: who.to_owned(),
            command: Ok(words.iter().map(|word| (*word).to_owned()).collect()),
            folder: folder.to_owned(),
            log: Log { folder: folder.to_owned(), file: None, records: 5, bytes: 50 },
            telling,
            times: Times::EveryRound,
            before: Before::Nothing,
        }
    }

    fn plan<'a>(folder: &'a Path, output: &'a Path) -> Plan<'a> {
        Plan { runs: 2, target: folder, output }
    }

    #[test]
    fn nothing_is_timed_while_answers_differ() {
        let folder = tempfile::tempdir().unwrap();
        let (log, output) = (folder.path().join("log"), folder.path().join("told"));
        let other = r#"{"rows":9,"successes":2,"failures":3,"users":1}"#;
        let candidates = [
            candidate(&log, who::AUDIT, &["echo", FIGURES], Telling::Figures),
            candidate(&log, who::DUCKDB, &["echo", other], Telling::Figures),
            candidate(&log, who::CAT, &["touch", "timed"], Telling::Nothing),
        ];
        let error = run(&candidates, plan(folder.path(), &output), &mut None).unwrap_err();
        assert!(error.to_string().starts_with("duckdb answers"), "{error}");
        assert!(!log.join("timed").exists());
        // Another group over the same records answered something else.
        let mut expected = Some(Answer { rows: 1, successes: 2, failures: 4, users: 1 });
        assert!(run(&candidates[..1], plan(folder.path(), &output), &mut expected).is_err());
        let broken = [candidate(&log, who::AUDIT, &["false"], Telling::Nothing)];
        assert!(run(&broken, plan(folder.path(), &output), &mut None).is_err());
    }

    #[test]
    fn rows_are_in_order_with_runs_counted_and_what_is_missing_named() {
        let folder = tempfile::tempdir().unwrap();
        let (log, output) = (folder.path().join("log"), folder.path().join("told"));
        let kept = folder.path().join("kept");
        std::fs::create_dir(&kept).unwrap();
        let mut once = candidate(&log, who::POLARS, &["echo", FIGURES], Telling::Figures);
        once.times = Times::Once;
        let mut missing = candidate(&log, who::DUCKDB, &[], Telling::Figures);
        missing.command = Err("no network".to_owned());
        let mut slice = candidate(&log, who::AUDIT_SLICE, &["echo", FIGURES], Telling::Figures);
        slice.times = Times::Untimed;
        let mut first =
            candidate(&log, who::FIRST, &["test", "!", "-e", "../kept"], Telling::Nothing);
        first.before = Before::Delete(kept.clone());
        let audit = candidate(&log, who::AUDIT, &["echo", FIGURES], Telling::Figures);
        let candidates = [audit, once, missing, slice, first];
        let mut expected = None;
        let rows = run(&candidates, plan(folder.path(), &output), &mut expected).unwrap();
        let shown: Vec<_> = rows.iter().map(|it| (&*it.who, it.runs)).collect();
        assert_eq!(shown, [("audit", 2), ("polars", 1), ("duckdb", 0), ("first", 2)]);
        assert_eq!(rows[2].figures, Err("no network".to_owned()));
        assert_eq!(rows[0].bytes, 50);
        assert_eq!(expected.unwrap().rows, 1);
        assert!(!kept.exists());
    }
}
