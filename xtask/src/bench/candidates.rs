//! What is measured: the groups, and the command line of every candidate in them.
//!
//! Candidates of one group run round after round beside each other, so that ratios inside a group
//! mean something on a busy machine.

use std::path::{Path, PathBuf};

use super::answer::Telling;
use super::inflate::With;
use super::logs::{Log, Logs};
use super::peers::{Available, Peers};
use crate::failure::Outcome;
use crate::generate::volume::{LEGACY_CLIENTS, Variant};

/// lockstep's command lines. `{}` is the folder or file with the log.
pub(crate) mod lockstep {
    /// The legacy audit.
    pub(crate) const AUDIT: [&str; 6] = ["audit", "legacy", "--exports", "{}", "--format", "json"];
    /// Everything that is measured, in one pass.
    pub(crate) const ALL: [&str; 6] =
        ["audit", "registration", "--exports", "{}", "--format", "json"];
    /// A question in a workspace, where answers to earlier ones are kept.
    pub(crate) const IN_WORKSPACE: [&str; 4] = ["audit", "legacy", "--format", "json"];
    /// Where they are kept, from the folder of the workspace.
    pub(crate) const KEPT: &str = ".lockstep/cache";
    /// How it inflates one large member, and many small files.
    pub(crate) const INFLATES: [super::With; 2] = [super::With::ZlibRs, super::With::Libdeflate];
}

/// Threads every peer may use.
const THREADS: usize = 2;
/// Records of the slice `jq` gets: it would take minutes for all.
const SLICE: u64 = 100_000;
/// The folder commands run in that need none.
const ELSEWHERE: &str = "elsewhere";
/// From so many records on, only speed and memory of lockstep are measured, on packed logs: plain
/// ones would not fit on the disk.
pub(crate) const LARGE: u64 = 10_000_000;

/// A group of candidates that run beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Group {
    /// JSON lines as Azure writes them.
    Azure,
    /// Keys sorted.
    Sorted,
    /// Blanks after `:` and `,`.
    Spaced,
    /// One file for each hour.
    Hourly,
    /// Compressed, one member and one file for each hour.
    Gz,
    /// The Log Analytics download.
    Csv,
    /// A page of Graph.
    Graph,
    /// The second question.
    Cache,
    /// A log of ten million records or more.
    Large,
    /// Evaluations of policies, without a log.
    Policies,
}

impl Group {
    /// Groups measured of logs of so many records.
    pub(crate) const fn of(records: u64) -> &'static [Self] {
        if records >= LARGE {
            return &[Self::Large];
        }
        &[
            Self::Azure,
            Self::Sorted,
            Self::Spaced,
            Self::Hourly,
            Self::Gz,
            Self::Csv,
            Self::Graph,
            Self::Cache,
        ]
    }

    /// Its name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Azure => "azure",
            Self::Sorted => "sorted",
            Self::Spaced => "spaced",
            Self::Hourly => "hourly",
            Self::Gz => "gz",
            Self::Csv => "csv",
            Self::Graph => "graph",
            Self::Cache => "cache",
            Self::Large => "large",
            Self::Policies => "policies",
        }
    }

    /// Its heading.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Azure => "JSON lines as Azure Monitor writes them",
            Self::Sorted => "The same, keys sorted at every level",
            Self::Spaced => "The same, a blank after `:` and `,`",
            Self::Hourly => "The same in one file for each of 720 hours",
            Self::Gz => "The same compressed: one member, and one file for each hour",
            Self::Csv => "The same records as a Log Analytics download",
            Self::Graph => "The same records as one page of Graph",
            Self::Cache => "The second question",
            Self::Large => "A large log: one compressed file for each of 720 hours",
            Self::Policies => "Policies beside Cedar",
        }
    }
}

/// Which candidate: the same in every group.
pub(crate) mod who {
    pub(crate) const CAT: &str = "cat";
    pub(crate) const RG: &str = "rg";
    pub(crate) const JQ: &str = "jq";
    pub(crate) const ORJSON: &str = "orjson";
    pub(crate) const DUCKDB: &str = "duckdb";
    pub(crate) const POLARS: &str = "polars";
    pub(crate) const DATAFUSION: &str = "datafusion";
    pub(crate) const AUDIT: &str = "audit";
    pub(crate) const AUDIT_HOURLY: &str = "audit-hourly";
    pub(crate) const AUDIT_SLICE: &str = "audit-slice";
    pub(crate) const ALL: &str = "all";
    pub(crate) const INFLATE: &str = "inflate";
    pub(crate) const INFLATE_HOURLY: &str = "inflate-hourly";
    pub(crate) const GZIP: &str = "gzip";
    pub(crate) const PIGZ: &str = "pigz";
    pub(crate) const FIRST: &str = "first";
    pub(crate) const SECOND: &str = "second";
}

/// How often a candidate runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// In every round.
    EveryRound,
    /// Once: it is slow, and only there for orientation.
    Once,
    /// Only for its answer.
    Untimed,
}

/// What is done before each run, untimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Before {
    /// Nothing.
    Nothing,
    /// A folder is deleted.
    Delete(PathBuf),
}

/// One thing to measure.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    /// Which: one of [`who`].
    pub(crate) who: &'static str,
    /// In words.
    pub(crate) what: String,
    /// The command, or why there is none.
    pub(crate) command: Result<Vec<String>, String>,
    /// Where it runs.
    pub(crate) folder: PathBuf,
    /// What it reads.
    pub(crate) log: Log,
    /// How it tells its answer.
    pub(crate) telling: Telling,
    /// How often it runs.
    pub(crate) times: Times,
    /// What is done before each run.
    pub(crate) before: Before,
}

/// Everything a command line needs.
#[derive(Debug)]
pub(crate) struct Bench<'a> {
    pub(crate) lockstep: &'a Path,
    pub(crate) xtask: &'a Path,
    pub(crate) peers: &'a Peers,
    pub(crate) logs: &'a Logs,
}

impl Bench<'_> {
    /// The candidates of a group. Who answers first is lockstep.
    pub(crate) fn candidates(&self, group: Group) -> Outcome<Vec<Candidate>> {
        let log = |variant| self.logs.log(variant);
        Ok(match group {
            Group::Azure => self.azure(&log(Variant::Azure)?)?,
            Group::Sorted => self.beside_duckdb(&log(Variant::Sorted)?),
            Group::Spaced => self.beside_duckdb(&log(Variant::Spaced)?),
            Group::Hourly => self.hourly(&log(Variant::Azure)?, &log(Variant::Hourly)?),
            Group::Gz => self.packed(&log(Variant::Gz)?, &log(Variant::HourlyGz)?),
            Group::Csv => {
                let log = log(Variant::Csv)?;
                vec![
                    self.audit(&log),
                    self.python(who::DUCKDB, "csv", &log),
                    self.python(who::POLARS, "csv", &log),
                    self.python(who::DATAFUSION, "csv", &log),
                ]
            }
            Group::Graph => {
                let log = log(Variant::Graph)?;
                vec![self.audit(&log), self.cat(&log)]
            }
            Group::Cache => self.questions(&log(Variant::Azure)?)?,
            Group::Large => {
                let log = log(Variant::HourlyGz)?;
                vec![self.audit(&log), self.all(&log)]
            }
            // It reads no log, and is measured by `evaluations`.
            Group::Policies => Vec::new(),
        })
    }

    fn azure(&self, log: &Log) -> Outcome<Vec<Candidate>> {
        let slice = self.logs.slice(SLICE)?;
        let mut audit_slice = self.audit(&slice);
        (audit_slice.who, audit_slice.times) = (who::AUDIT_SLICE, Times::Untimed);
        let mut count = vec!["-c".to_owned(), "-F".to_owned()];
        for client in LEGACY_CLIENTS {
            // Without quotation marks, which stand everywhere and would slow the search down.
            count.extend(["-e".to_owned(), client.to_owned()]);
        }
        count.push(shown(log.path()));
        let program = self.peers.program("jq");
        let filter = shown(&self.peers.scripts.join("legacy.jq"));
        let jq = ["-n".to_owned(), "-f".to_owned(), filter, shown(slice.path())];
        let mut jq = self.candidate(who::JQ, "`jq`", command(program, jq), &slice);
        (jq.telling, jq.times) = (Telling::Figures, Times::Once);
        if slice.records < log.records {
            jq.what = format!("`jq`, the first {} records only", slice.records);
        }
        let program = self.peers.program("rg");
        let what = "`rg -c`, 14 names: counts only";
        let mut rg = self.candidate(who::RG, what, command(program, count), log);
        rg.telling = Telling::Count;
        Ok(vec![
            self.audit(log),
            self.cat(log),
            rg,
            self.all(log),
            self.python(who::DUCKDB, "json", log),
            self.python(who::POLARS, "json", log),
            self.python(who::DATAFUSION, "json", log),
            self.python(who::ORJSON, "json", log),
            audit_slice,
            jq,
        ])
    }

    fn beside_duckdb(&self, log: &Log) -> Vec<Candidate> {
        vec![self.audit(log), self.cat(log), self.python(who::DUCKDB, "json", log)]
    }

    fn hourly(&self, one: &Log, many: &Log) -> Vec<Candidate> {
        let mut duckdb = self.python(who::DUCKDB, "json", many);
        duckdb.times = Times::Once;
        let mut polars = self.python(who::POLARS, "json", many);
        polars.times = Times::Once;
        vec![self.audit(one), self.audit_hourly(many), duckdb, polars]
    }

    fn packed(&self, one: &Log, many: &Log) -> Vec<Candidate> {
        let [with_one, with_many] = lockstep::INFLATES;
        let alone = |name: &'static str, flags: &[&str]| {
            let words = flags.iter().map(|flag| (*flag).to_owned());
            let words: Vec<_> = words.chain([shown(one.path())]).collect();
            let command = command(self.peers.program(name), words);
            let mut candidate = self.candidate(name, &format!("`{name} -dc` alone"), command, one);
            candidate.times = Times::Once;
            candidate
        };
        let mut duckdb = self.python(who::DUCKDB, "json", one);
        duckdb.times = Times::Once;
        vec![
            self.audit(one),
            self.inflate(who::INFLATE, one, with_one, 1),
            self.audit_hourly(many),
            self.inflate(who::INFLATE_HOURLY, many, with_many, THREADS),
            duckdb,
            alone(who::GZIP, &["-dc"]),
            alone(who::PIGZ, &["-dc"]),
        ]
    }

    /// The same question twice in a workspace: the first time nothing is kept.
    fn questions(&self, log: &Log) -> Outcome<Vec<Candidate>> {
        let folder = self.logs.folder().join("workspace");
        std::fs::create_dir_all(&folder)?;
        let settings = "[source]\nexports = \"../azure\"\n";
        std::fs::write(folder.join("lockstep.toml"), settings)?;
        let mut first = self.lockstep(who::FIRST, "first", &lockstep::IN_WORKSPACE, log);
        let mut second = self.lockstep(who::SECOND, "second", &lockstep::IN_WORKSPACE, log);
        first.before = Before::Delete(folder.join(lockstep::KEPT));
        second.before = Before::Nothing;
        for (candidate, what) in [(&mut first, "first"), (&mut second, "second")] {
            candidate.folder.clone_from(&folder);
            candidate.telling = Telling::Audit;
            candidate.what = format!("`lockstep audit legacy` in a workspace, {what} time");
        }
        Ok(vec![first, second])
    }

    fn audit(&self, log: &Log) -> Candidate {
        let what = "`lockstep audit legacy`";
        let mut candidate = self.lockstep(who::AUDIT, what, &lockstep::AUDIT, log);
        candidate.telling = Telling::Audit;
        candidate
    }

    fn audit_hourly(&self, log: &Log) -> Candidate {
        let mut candidate = self.audit(log);
        candidate.who = who::AUDIT_HOURLY;
        candidate.what.push_str(", one file for each hour");
        candidate
    }

    fn all(&self, log: &Log) -> Candidate {
        self.lockstep(who::ALL, "lockstep, all measures", &lockstep::ALL, log)
    }

    fn lockstep(&self, who: &'static str, what: &str, words: &[&str], log: &Log) -> Candidate {
        let path = shown(&log.folder);
        let words: Vec<_> = words.iter().map(|word| word.replace("{}", &path)).collect();
        let command = command(Ok(shown(self.lockstep)), words);
        let mut candidate = self.candidate(who, what, command, log);
        candidate.before = Before::Delete(candidate.folder.join(".lockstep"));
        candidate
    }

    fn cat(&self, log: &Log) -> Candidate {
        let command = command(self.peers.program("cat"), [shown(log.path())]);
        self.candidate(who::CAT, "`cat`, the floor", command, log)
    }

    fn inflate(&self, who: &'static str, log: &Log, with: With, threads: usize) -> Candidate {
        let count = threads.to_string();
        let words = ["bench", "--pass", "inflate", "--with", with.name(), "--threads", &count];
        let words: Vec<_> =
            words.map(str::to_owned).into_iter().chain([shown(log.path())]).collect();
        let threads = if threads == 1 { "one thread" } else { "two threads" };
        let what = format!("{} alone, {threads}", with.name());
        self.candidate(who, &what, command(Ok(shown(self.xtask)), words), log)
    }

    fn python(&self, who: &'static str, shape: &str, log: &Log) -> Candidate {
        let script = self.peers.scripts.join(format!("{who}_legacy.py"));
        let words = [shown(&script), shape.to_owned(), THREADS.to_string(), shown(log.path())];
        let what = match who {
            who::DUCKDB => "DuckDB",
            who::POLARS => "Polars, streaming",
            who::DATAFUSION => "DataFusion",
            _ => "Python with orjson",
        };
        let mut candidate =
            self.candidate(who, what, command(self.peers.python.clone(), words), log);
        candidate.telling = Telling::Figures;
        candidate
    }

    fn candidate(
        &self,
        who: &'static str,
        what: &str,
        command: Result<Vec<String>, String>,
        log: &Log,
    ) -> Candidate {
        Candidate {
            who,
            what: what.to_owned(),
            command,
            folder: self.logs.folder().join(ELSEWHERE),
            log: log.clone(),
            telling: Telling::Nothing,
            times: Times::EveryRound,
            before: Before::Nothing,
        }
    }
}

fn command(
    program: Available,
    words: impl IntoIterator<Item = String>,
) -> Result<Vec<String>, String> {
    program.map(|program| std::iter::once(program).chain(words).collect())
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

impl Candidate {
    /// The command as one would type it at the root of the repository; empty without one.
    pub(crate) fn typed(&self, target: &Path) -> String {
        let Ok(command) = &self.command else { return String::new() };
        let mut text = typed(command, target);
        let word = |path: &Path| typed(&[shown(path)], target);
        if self.folder.file_name().is_some_and(|name| name != ELSEWHERE) {
            text = format!("cd {} && {text}", word(&self.folder));
        }
        match &self.before {
            Before::Delete(folder) if folder.ends_with(lockstep::KEPT) => {
                format!("rm -rf {} && {text}", word(folder))
            }
            Before::Delete(_) | Before::Nothing => text,
        }
    }
}

/// Words without folders of this machine, and in quotation where a shell needs it.
fn typed(command: &[String], target: &Path) -> String {
    let below = format!("{}/", target.to_string_lossy());
    let words = command.iter().map(|word| match word.strip_prefix(&below) {
        Some(rest) if rest.starts_with("release/") => rest.replacen("release/", "", 1),
        Some(rest) if rest.ends_with("/bin/python") => "python".to_owned(),
        Some(rest) => format!("target/{rest}"),
        None if word.starts_with('/') => word.rsplit('/').next().unwrap_or(word).to_owned(),
        None if word.contains([' ', '"', '(']) => format!("'{word}'"),
        None => word.clone(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::super::answer::Telling;
    use super::super::logs::{GENERATION, Logs};
    use super::super::peers::Peers;
    use super::{Bench, Group, LARGE, Times, typed};

    #[test]
    fn a_command_shows_no_folder_of_this_machine() {
        let words = |text: &[&str]| text.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let target = Path::new("/somewhere/target");
        for (command, expected) in [
            (
                &["/somewhere/target/release/lockstep", "--exports", "/somewhere/target/bench/9"][..],
                "lockstep --exports target/bench/9",
            ),
            (
                &["/somewhere/target/bench/venv/bin/python", "/somewhere/target/bench/a.py"],
                "python target/bench/a.py",
            ),
            (&["/elsewhere/lockstep", "audit"], "lockstep audit"),
            (&["rg", "-e", "\"POP3\"", "a b"], "rg -e '\"POP3\"' 'a b'"),
        ] {
            assert_eq!(typed(&words(command), target), expected);
        }
    }

    #[test]
    fn a_command_in_a_workspace_says_where_and_what_is_deleted_before() {
        let folder = tempfile::tempdir().unwrap();
        let logs = written(folder.path(), 1);
        let peers = Peers {
            python: Err("no network".to_owned()),
            scripts: folder.path().join("peers"),
            versions: BTreeMap::new(),
        };
        let (lockstep, xtask) = (Path::new("lockstep"), Path::new("xtask"));
        let bench = Bench { lockstep, xtask, peers: &peers, logs: &logs };
        let questions = bench.candidates(Group::Cache).unwrap();
        let typed: Vec<_> = questions.iter().map(|it| it.typed(folder.path())).collect();
        let asked = "cd target/workspace && lockstep audit legacy --format json";
        assert_eq!(typed[0], format!("rm -rf target/workspace/.lockstep/cache && {asked}"));
        assert_eq!(typed[1], asked);
        let azure = bench.candidates(Group::Azure).unwrap();
        let audit = "lockstep audit legacy --exports target/azure --format json";
        assert_eq!(azure[0].typed(folder.path()), audit);
        assert_eq!(azure[2].typed(folder.path()), "", "rg is not there");
    }

    /// Logs that are there already: one line each.
    fn written(folder: &Path, records: u64) -> Logs {
        for name in ["azure", "sorted", "spaced", "hourly", "gz", "hourly-gz", "csv", "graph"] {
            std::fs::create_dir(folder.join(name)).unwrap();
            let note = format!("{GENERATION} 3\n");
            std::fs::write(folder.join(format!("{name}.bytes")), note).unwrap();
        }
        std::fs::write(folder.join("azure/PT1H.json"), "{}\n").unwrap();
        Logs::new(folder, Path::new("no-such-program-anywhere"), records)
    }

    #[test]
    fn who_is_missing_stands_in_its_row_and_lockstep_answers_first() {
        let folder = tempfile::tempdir().unwrap();
        let logs = written(folder.path(), 1);
        let peers = Peers {
            python: Err("no network".to_owned()),
            scripts: folder.path().join("peers"),
            versions: BTreeMap::new(),
        };
        let (lockstep, xtask) = (Path::new("lockstep"), Path::new("xtask"));
        let bench = Bench { lockstep, xtask, peers: &peers, logs: &logs };
        for group in Group::of(1) {
            let candidates = bench.candidates(*group).unwrap();
            assert_eq!(candidates[0].telling, Telling::Audit, "{group:?}");
            assert!(candidates[0].command.is_ok() && candidates[0].times == Times::EveryRound);
            let names: BTreeSet<_> = candidates.iter().map(|it| it.who).collect();
            assert_eq!(names.len(), candidates.len(), "{group:?} names one twice");
            for candidate in &candidates {
                let own = candidate.who.starts_with("audit")
                    || candidate.who.starts_with("inflate")
                    || ["all", "first", "second"].contains(&candidate.who);
                assert_eq!(candidate.command.is_ok(), own, "{}", candidate.who);
            }
        }
        assert_eq!(Group::of(LARGE), [Group::Large]);
    }
}
