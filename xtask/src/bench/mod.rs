//! `cargo xtask bench`: how fast and how lean one pass over a long log is, next to what the
//! machine can do at all.

mod process;

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::cargo::cargo;
use crate::failure::{Failure, Outcome};
use crate::say;
use process::{Cost, run_to_end};

/// Measures one pass over a long sign-in log next to `cat` and two plain `serde_json` passes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Records of the log.
    #[arg(long, default_value_t = 1_000_000)]
    records: u64,
    /// Runs of each; the median is shown.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=99))]
    runs: u8,
    /// Where to write the page; the default is docs/PERFORMANCE.md.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Reads a log with `serde_json` in a process of its own, and ends.
    #[arg(long, hide = true, value_names = ["MODE", "FILE"], num_args = 2)]
    pass: Option<Vec<String>>,
}

/// One thing measured.
#[derive(Debug)]
struct Row {
    what: &'static str,
    command: String,
    cost: Cost,
}

/// Runs the command.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Outcome<()> {
    if let Some([mode, file]) = arguments.pass.as_deref() {
        return plain_pass(mode, Path::new(file));
    }
    let target = target_folder(root)?;
    let folder = target.join("bench").join(arguments.records.to_string());
    let log = folder.join("PT1H.json");
    let build = cargo(root).args(["build", "--release", "--package", "lockstep"]).status()?;
    let own = cargo(root).args(["build", "--release", "--package", "xtask"]).status()?;
    if !build.success() || !own.success() {
        return Err(Failure::new("the release build failed"));
    }
    let release = |name: &str| target.join("release").join(name).to_string_lossy().into_owned();
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (lockstep, xtask) = (release("lockstep"), release("xtask"));
    if !log.exists() {
        write_log(&xtask, arguments.records, &folder, &log)?;
    }
    let bytes = fs::metadata(&log)?.len();
    let file = text(&log);
    let exports = text(&folder);
    let candidates: [(&str, Vec<&str>); 4] = [
        ("`cat`", vec!["cat", &file]),
        (
            "`serde_json`, one thread, values ignored",
            vec![&xtask, "bench", "--pass", "ignored", &file],
        ),
        ("`serde_json`, one thread, values built", vec![&xtask, "bench", "--pass", "value", &file]),
        (
            "`lockstep audit legacy`",
            vec![&lockstep, "audit", "legacy", "--exports", &exports, "--format", "json"],
        ),
    ];
    let mut rows = Vec::new();
    for (what, command) in candidates {
        let mut costs = Vec::new();
        for _ in 0..arguments.runs {
            costs.push(run_to_end(&command)?);
        }
        let cost = median(costs)?;
        say!("{what}: {:.2} s, {} MB", cost.wall.as_secs_f64(), cost.anonymous_kb / 1024);
        rows.push(Row { what, command: shortened(&command), cost });
    }
    let page = page(&rows, arguments, bytes);
    let out = arguments.out.clone().unwrap_or_else(|| root.join("docs/PERFORMANCE.md"));
    fs::write(&out, page).map_err(|error| Failure::at("cannot write", &out, &error))?;
    say!("{}", out.display());
    Ok(())
}

/// Writes the log by the release build, which is many times faster than this one.
fn write_log(xtask: &str, records: u64, folder: &Path, log: &Path) -> Outcome<()> {
    say!("writing {records} records to {}", log.display());
    let unfinished = folder.join("unfinished");
    let written = Command::new(xtask)
        .args(["gen", "--records", &records.to_string(), "--out"])
        .arg(&unfinished)
        .status()?;
    if !written.success() {
        return Err(Failure::new("the log could not be written"));
    }
    fs::rename(unfinished.join("PT1H.json"), log)?;
    fs::remove_dir(&unfinished)?;
    Ok(())
}

fn target_folder(root: &Path) -> Outcome<PathBuf> {
    cargo_metadata::MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()
        .map(|metadata| metadata.target_directory.into_std_path_buf())
        .map_err(|error| Failure::new(format!("cargo metadata does not answer: {error}")))
}

/// The command as one would type it: programs and files without their folders.
fn shortened(command: &[&str]) -> String {
    let words: Vec<&str> = command
        .iter()
        .map(|word| match word.rsplit('/').next() {
            Some("") | None => word,
            Some(last) => last,
        })
        .collect();
    words.join(" ")
}

/// The run with the median wall time; its other figures are of the same run.
fn median(mut costs: Vec<Cost>) -> Outcome<Cost> {
    costs.sort_by_key(|cost| cost.wall);
    let middle = costs.len() / 2;
    costs.get(middle).cloned().ok_or_else(|| Failure::new("nothing was measured"))
}

/// The comparison: every line through `serde_json`, nothing else.
fn plain_pass(mode: &str, file: &Path) -> Outcome<()> {
    let reader = File::open(file).map_err(|error| Failure::at("cannot open", file, &error))?;
    let mut reader = BufReader::with_capacity(1 << 20, reader);
    let (mut line, mut records) = (Vec::new(), 0_u64);
    while reader.read_until(b'\n', &mut line)? > 0 {
        let read = match mode {
            "ignored" => serde_json::from_slice::<serde::de::IgnoredAny>(&line).map(drop),
            "value" => serde_json::from_slice::<serde_json::Value>(&line).map(drop),
            other => return Err(Failure::new(format!("`{other}` is no way to read a log"))),
        };
        read.map_err(|error| Failure::new(format!("record {records}: {error}")))?;
        records += 1;
        line.clear();
    }
    say!("{records}");
    Ok(())
}

fn page(rows: &[Row], arguments: &Arguments, bytes: u64) -> String {
    let megabytes = bytes / 1_000_000;
    let floor = rows.first().map_or(Duration::ZERO, |row| row.cost.wall);
    let mut text = format!(
        "# Performance\n\n\
         Written by `cargo xtask bench --records {records} --runs {runs}`: everything below was \
         measured in that one run, on this machine, one after the other; each figure is the run \
         with the median wall time.\n\n\
         - machine: {machine}\n\
         - log: {records} sign-ins as diagnostic settings write them, {megabytes} MB, warm in the \
         page cache\n\
         - memory: resident memory without file-backed pages at its peak\n\n\
         | what | wall | CPU | MB/s | × `cat` | peak memory |\n|---|---|---|---|---|---|\n",
        records = arguments.records,
        runs = arguments.runs,
        machine = process::machine(),
    );
    for row in rows {
        let wall = row.cost.wall.as_secs_f64();
        let rate = Duration::from_micros(bytes).as_secs_f64() / wall.max(0.001);
        let ratio = wall / floor.as_secs_f64().max(0.001);
        let line = format!(
            "| {} | {wall:.2} s | {:.2} s | {rate:.0} | {ratio:.1} | {} MB |\n",
            row.what,
            row.cost.cpu.as_secs_f64(),
            row.cost.anonymous_kb / 1024,
        );
        text.push_str(&line);
    }
    text.push_str("\nThe commands:\n\n```\n");
    for row in rows {
        text.push_str(&row.command);
        text.push_str(" >/dev/null\n");
    }
    text.push_str("```\n");
    text
}

/// The moment, for durations only.
fn started() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures durations")]
    Instant::now()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::process::{Cost, run_to_end};
    use super::{Arguments, Row, median, page, plain_pass, shortened};

    fn cost(milliseconds: u64) -> Cost {
        let wall = Duration::from_millis(milliseconds);
        Cost { wall, cpu: wall, anonymous_kb: 2048 }
    }

    #[test]
    fn the_median_is_the_middle_run() {
        assert_eq!(median(vec![cost(9), cost(1), cost(5)]).unwrap().wall, cost(5).wall);
        assert!(median(Vec::new()).is_err());
    }

    #[test]
    fn the_page_shows_ratios_and_no_folder_of_this_machine() {
        let rows = [
            Row {
                what: "`cat`",
                command: shortened(&["cat", "/somewhere/PT1H.json"]),
                cost: cost(100),
            },
            Row { what: "`lockstep`", command: "lockstep".to_owned(), cost: cost(250) },
        ];
        let arguments = Arguments { records: 10, runs: 1, out: None, pass: None };
        let page = page(&rows, &arguments, 50_000_000);
        assert!(page.contains("| `cat` | 0.10 s | 0.10 s | 500 | 1.0 | 2 MB |"), "{page}");
        assert!(page.contains("| `lockstep` | 0.25 s | 0.25 s | 200 | 2.5 | 2 MB |"), "{page}");
        assert!(page.contains("\ncat PT1H.json >/dev/null\n") && !page.contains("/somewhere"));
    }

    #[test]
    fn a_process_is_measured_and_its_failure_is_one() {
        let cost = run_to_end(&["sleep", "0"]).unwrap();
        assert!(cost.wall > Duration::ZERO);
        assert!(run_to_end(&["false"]).is_err());
        assert!(run_to_end(&["no-such-program-anywhere"]).is_err());
    }

    #[test]
    fn the_comparison_refuses_what_is_no_json() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("log");
        std::fs::write(&file, "{\"a\":1}\n{\"a\":2}\n").unwrap();
        assert!(plain_pass("ignored", &file).is_ok() && plain_pass("value", &file).is_ok());
        std::fs::write(&file, "{\"a\":1}\n{\"a\"\n").unwrap();
        assert!(plain_pass("value", &file).is_err());
    }
}
