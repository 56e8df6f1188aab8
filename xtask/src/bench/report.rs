//! What was measured, kept beside the logs so that groups can be measured one after the other.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::logs::GENERATION;
use super::process::Cost;
use crate::failure::{Failure, Outcome};

/// Everything measured of logs of one size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    generation: u32,
    /// Records of each log.
    pub(crate) records: u64,
    /// Processor, memory and system.
    pub(crate) machine: String,
    /// Versions of what lockstep is compared with.
    pub(crate) versions: BTreeMap<String, String>,
    /// What every candidate answered.
    pub(crate) answer: Option<Answer>,
    /// By the name of the group.
    pub(crate) groups: BTreeMap<String, Measured>,
}

/// One group, measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// The commit of lockstep that was measured.
    pub(crate) version: String,
    /// In the order of the candidates.
    pub(crate) rows: Vec<Row>,
}

/// One candidate, measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Which.
    pub(crate) who: String,
    /// In words.
    pub(crate) what: String,
    /// The command as one would type it; empty when it is not available.
    pub(crate) command: String,
    /// Records it read.
    pub(crate) records: u64,
    /// Bytes of text it read, after decompression.
    pub(crate) bytes: u64,
    /// Runs.
    pub(crate) runs: usize,
    /// The figures, or why there are none.
    pub(crate) figures: Result<Cost, String>,
}

impl Row {
    /// Megabytes of text in a second.
    pub(crate) fn megabytes_per_second(&self) -> Option<f64> {
        let wall = self.figures.as_ref().ok()?.wall;
        ratio(Duration::from_micros(self.bytes), wall)
    }

    /// Records in a second.
    pub(crate) fn records_per_second(&self) -> Option<f64> {
        let wall = self.figures.as_ref().ok()?.wall;
        ratio(Duration::from_secs(self.records), wall)
    }
}

/// One duration in terms of another; nothing when that is zero.
pub(crate) fn ratio(of: Duration, to: Duration) -> Option<f64> {
    (!to.is_zero()).then(|| of.as_secs_f64() / to.as_secs_f64())
}

impl Report {
    /// Nothing measured yet.
    pub(crate) fn new(records: u64, machine: String) -> Self {
        Self {
            generation: GENERATION,
            records,
            machine,
            versions: BTreeMap::new(),
            answer: None,
            groups: BTreeMap::new(),
        }
    }

    /// What was measured earlier on this machine with these logs; nothing else.
    pub(crate) fn kept(folder: &Path, records: u64, machine: &str) -> Self {
        let text = fs::read_to_string(path(folder)).unwrap_or_default();
        serde_json::from_str::<Self>(&text)
            .ok()
            .filter(|kept| {
                kept.generation == GENERATION
                    && kept.records == records
                    && kept.machine == machine
                    && !kept.groups.is_empty()
            })
            .unwrap_or_else(|| Self::new(records, machine.to_owned()))
    }

    /// Keeps it.
    pub(crate) fn keep(&self, folder: &Path) -> Outcome<()> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Failure::new(format!("the figures cannot be written: {error}")))?;
        fs::write(path(folder), text)
            .map_err(|error| Failure::at("cannot write", &path(folder), &error))
    }

    /// The row of a candidate.
    pub(crate) fn row(&self, group: &str, who: &str) -> Option<&Row> {
        self.groups.get(group)?.rows.iter().find(|row| row.who == who)
    }

    /// What a candidate cost.
    pub(crate) fn cost(&self, group: &str, who: &str) -> Option<Cost> {
        self.row(group, who)?.figures.as_ref().ok().copied()
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("measured.json")
}

/// The run with the median wall time, with the highest memory of all runs. Of an even number the
/// slower of the two in the middle.
pub(crate) fn median(mut costs: Vec<Cost>) -> Option<Cost> {
    costs.sort_by_key(|cost| cost.wall);
    let anonymous_kb = costs.iter().map(|cost| cost.anonymous_kb).max()?;
    let middle = costs.get(costs.len() / 2)?;
    Some(Cost { anonymous_kb, ..*middle })
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::super::process::Cost;
    use super::{Measured, Report, Row, median, ratio};

    /// What a run of so many milliseconds and megabytes cost.
    pub(crate) fn cost(milliseconds: u64, megabytes: u64) -> Cost {
        let wall = Duration::from_millis(milliseconds);
        Cost { wall, cpu: wall * 2, anonymous_kb: megabytes * 1000 }
    }

    /// A row of a million records and four gigabytes.
    pub(crate) fn row(who: &str, figures: Result<Cost, String>) -> Row {
        Row {
            who: who.to_owned(),
            what: format!("the {who}"),
            command: if figures.is_ok() { format!("{who} file") } else { String::new() },
            records: 1_000_000,
            bytes: 4_000_000_000,
            runs: 5,
            figures,
        }
    }

    /// A report of these rows.
    pub(crate) fn report(groups: &[(&str, Vec<Row>)]) -> Report {
        let mut report = Report::new(1_000_000, "a machine".to_owned());
        for (name, rows) in groups {
            let measured = Measured { version: "commit abc1234".to_owned(), rows: rows.clone() };
            report.groups.insert((*name).to_owned(), measured);
        }
        report
    }

    #[test]
    fn the_median_is_the_middle_run_with_the_most_memory_of_any() {
        assert_eq!(median(Vec::new()), None);
        let costs = vec![cost(9, 1), cost(1, 7), cost(5, 2)];
        assert_eq!(median(costs), Some(Cost { anonymous_kb: 7000, ..cost(5, 2) }));
        assert_eq!(median(vec![cost(9, 1), cost(1, 1)]), Some(cost(9, 1)));
    }

    #[test]
    fn rates_are_of_the_wall_time() {
        let row = row("cat", Ok(cost(500, 1)));
        assert_eq!(row.megabytes_per_second(), Some(8000.0));
        assert_eq!(row.records_per_second(), Some(2_000_000.0));
        assert_eq!(ratio(Duration::from_secs(1), Duration::ZERO), None);
        let missing = super::tests::row("rg", Err("not installed".to_owned()));
        assert_eq!((missing.megabytes_per_second(), missing.records_per_second()), (None, None));
    }

    #[test]
    fn only_figures_of_the_same_logs_and_machine_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let kept = |records, machine: &str| Report::kept(folder.path(), records, machine);
        assert!(kept(1_000_000, "a machine").groups.is_empty());
        let report = report(&[("azure", vec![row("cat", Ok(cost(500, 1)))])]);
        report.keep(folder.path()).unwrap();
        assert_eq!(kept(1_000_000, "a machine"), report);
        assert!(kept(1_000_000, "another machine").groups.is_empty());
        assert!(kept(5, "a machine").groups.is_empty());
        std::fs::write(super::path(folder.path()), "{").unwrap();
        assert!(kept(1_000_000, "a machine").groups.is_empty());
        assert!(report.keep(&folder.path().join("gone")).is_err());
    }
}
