//! `cargo xtask bench`: how fast and how lean lockstep reads, next to what the machine can do at
//! all and to what users would pick instead, and whether that is enough.

mod answer;
mod bars;
mod candidates;
mod evaluations;
mod inflate;
mod logs;
mod page;
mod peers;
mod process;
mod report;
mod rounds;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::cargo::cargo;
use crate::failure::{Failure, Outcome};
use crate::say;
use candidates::{Bench, Group, LARGE};
use inflate::With;
use logs::Logs;
use peers::Peers;
use report::{Measured, Report};

const MILLION: u64 = 1_000_000;
/// The large log whose memory has a bar.
const TWENTY_MILLION: u64 = 20_000_000;
const QUICK: (u64, u8) = (100_000, 3);

/// Measures lockstep beside other programs, and writes docs/PERFORMANCE.md.
///
/// Figures are kept below target/bench, so that groups can be measured one after the other; the
/// page shows everything kept. From ten million records on only speed and memory of lockstep are
/// measured, on compressed logs. `--only policies` measures the evaluation of policies beside Cedar,
/// and writes docs/PERFORMANCE-POLICIES.md.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Records of each log; 1,000,000 unless `--quick`.
    #[arg(long)]
    records: Option<u64>,
    /// Runs of each candidate; the median is shown. 5 unless `--quick`.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=99))]
    runs: Option<u8>,
    /// Only these groups.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Group>,
    /// For developers: 100,000 records, 3 runs, the page below target/bench.
    #[arg(long)]
    quick: bool,
    /// Where to write the page; docs/PERFORMANCE.md for a million records and more.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Measures this lockstep instead of building one.
    #[arg(long, value_name = "PROGRAM")]
    lockstep: Option<PathBuf>,
    /// Does one thing lockstep is compared with, in a process of its own, and ends.
    #[arg(long, hide = true, value_enum)]
    pass: Option<Pass>,
    /// The decompressor of the pass.
    #[arg(long, hide = true, value_enum, default_value_t = With::ZlibRs)]
    with: With,
    /// The threads of the pass.
    #[arg(long, hide = true, default_value_t = 1)]
    threads: usize,
    /// What the pass reads.
    #[arg(hide = true, requires = "pass")]
    files: Vec<PathBuf>,
}

/// What can be done in a process of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Pass {
    /// Inflates files and throws the text away.
    Inflate,
}

/// Runs the command.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Outcome<()> {
    if arguments.pass == Some(Pass::Inflate) {
        let bytes = inflate::inflate(&arguments.files, arguments.with, arguments.threads)?;
        say!("{bytes}");
        return Ok(());
    }
    let (records, runs) = if arguments.quick { QUICK } else { (MILLION, 5) };
    let records = arguments.records.unwrap_or(records);
    let runs = arguments.runs.unwrap_or(runs);
    let target = target_folder(root)?;
    if arguments.only == [Group::Policies] {
        return evaluations::run(root, &target, runs, arguments.out.as_deref());
    }
    let groups = wanted(&arguments.only, records)?;
    let (lockstep, xtask) = built(root, &target, arguments.lockstep.as_deref())?;
    let bench = target.join("bench");
    let folder = bench.join(records.to_string());
    fs::create_dir_all(&folder)?;
    let peers = Peers::find(&bench)?;
    let logs = Logs::new(&folder, &xtask, records);
    let machine = process::machine();
    let mut report = Report::kept(&folder, records, &machine);
    report.versions.clone_from(&peers.versions);
    let output = folder.join("answer");
    let plan = rounds::Plan { runs, target: &target, output: &output };
    let candidates = Bench { lockstep: &lockstep, xtask: &xtask, peers: &peers, logs: &logs };
    let version = match &arguments.lockstep {
        Some(_) => "a program that was given".to_owned(),
        None => commit(root),
    };
    for group in groups {
        say!("\n== {}: {}", group.name(), group.title());
        let rows = rounds::run(&candidates.candidates(group)?, plan, &mut report.answer)?;
        let measured = Measured { version: version.clone(), rows };
        report.groups.insert(group.name().to_owned(), measured);
        report.keep(&folder)?;
    }
    let out = arguments.out.clone().unwrap_or_else(|| {
        let page = if records >= MILLION { root.join("docs") } else { folder.clone() };
        page.join("PERFORMANCE.md")
    });
    let kept = |records: u64| Report::kept(&bench.join(records.to_string()), records, &machine);
    let (report, large) =
        if records >= LARGE { (kept(MILLION), report) } else { (report, kept(TWENTY_MILLION)) };
    let large = Some(&large).filter(|large| !large.groups.is_empty());
    fs::write(&out, page::page(&report, large))
        .map_err(|error| Failure::at("cannot write", &out, &error))?;
    say!("\n{}\n{}", page::verdicts(&report, large), out.display());
    Ok(())
}

/// The groups to measure: those asked for, in their order, each once.
fn wanted(only: &[Group], records: u64) -> Outcome<Vec<Group>> {
    let possible = Group::of(records);
    if let Some(other) = only.iter().find(|group| !possible.contains(group)) {
        return Err(Failure::new(if *other == Group::Policies {
            "`policies` reads no log: it is measured alone".to_owned()
        } else {
            format!("`{}` is not measured with {records} records", other.name())
        }));
    }
    let chosen = |group: &&Group| only.is_empty() || only.contains(group);
    Ok(possible.iter().filter(chosen).copied().collect())
}

/// Release builds of lockstep, unless one is given, and of this program.
fn built(root: &Path, target: &Path, given: Option<&Path>) -> Outcome<(PathBuf, PathBuf)> {
    let mut packages = vec!["xtask"];
    if given.is_none() {
        packages.push("lockstep");
    }
    for package in packages {
        let build = cargo(root).args(["build", "--release", "--package", package]).status()?;
        if !build.success() {
            return Err(Failure::new(format!("the release build of {package} failed")));
        }
    }
    let release =
        |name: &str| target.join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let lockstep = match given {
        // Candidates run in folders of their own.
        Some(path) => path
            .canonicalize()
            .map_err(|error| Failure::at("cannot find the program", path, &error))?,
        None => release("lockstep"),
    };
    Ok((lockstep, release("xtask")))
}

/// The commit the working tree stands on.
fn commit(root: &Path) -> String {
    let git = |words: &[&str]| {
        let output = Command::new("git").current_dir(root).args(words).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    match (git(&["rev-parse", "--short", "HEAD"]), git(&["status", "--porcelain", "crates"])) {
        (Some(commit), Some(changes)) if changes.is_empty() => format!("commit {commit}"),
        (Some(commit), _) => format!("commit {commit} with changes"),
        (None, _) => "an unknown commit".to_owned(),
    }
}

fn target_folder(root: &Path) -> Outcome<PathBuf> {
    cargo_metadata::MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()
        .map(|metadata| metadata.target_directory.into_std_path_buf())
        .map_err(|error| Failure::new(format!("cargo metadata does not answer: {error}")))
}

/// The moment, for durations only.
fn started() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures durations")]
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::{Group, LARGE, wanted};

    #[test]
    fn only_what_can_be_measured_is_wanted() {
        assert!(wanted(&[Group::Csv], LARGE).is_err());
        assert!(wanted(&[Group::Large], 1000).is_err());
        let alone = wanted(&[Group::Csv, Group::Policies], 1000).unwrap_err().to_string();
        assert_eq!(alone, "`policies` reads no log: it is measured alone");
        assert_eq!(wanted(&[], LARGE).unwrap(), [Group::Large]);
        let chosen = wanted(&[Group::Csv, Group::Azure, Group::Csv], 1000).unwrap();
        assert_eq!(chosen, [Group::Azure, Group::Csv]);
        assert_eq!(wanted(&[], 1000).unwrap().len(), 8);
    }
}
