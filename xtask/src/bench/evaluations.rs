//! Twenty policies beside the same twenty in Cedar, and docs/PERFORMANCE-POLICIES.md.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::process;
use crate::cargo::cargo;
use crate::failure::{Failure, Outcome};
use crate::say;

/// So many evaluations a second on one processor must be reached.
const BAR: f64 = 5_000_000.0;

/// What the program in `bench/` tells. It compares all verdicts before it times anything, and tells
/// nothing where one differs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Told {
    policies: usize,
    sign_ins: usize,
    rounds: usize,
    verdicts: BTreeMap<String, usize>,
    rows: Vec<Row>,
}

/// One way to evaluate, with nanoseconds for one sign-in.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Row {
    who: String,
    least_ns: f64,
    median_ns: f64,
    most_ns: f64,
}

/// Measures, and writes the page.
pub(crate) fn run(root: &Path, target: &Path, rounds: u8, out: Option<&Path>) -> Outcome<()> {
    let manifest = root.join("bench/Cargo.toml");
    let folder = target.join("bench/policies");
    let mut build = cargo(root);
    build.args(["build", "--release", "--locked", "--manifest-path"]).arg(&manifest);
    if !build.arg("--target-dir").arg(&folder).status()?.success() {
        return Err(Failure::new("the release build of bench/ failed".to_owned()));
    }
    let program = format!("lockstep-bench{}", std::env::consts::EXE_SUFFIX);
    let output = std::process::Command::new(folder.join("release").join(program))
        .arg(rounds.to_string())
        .output()?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Failure::new(format!("nothing was measured: {why}")));
    }
    let told: Told = serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure::new(format!("the figures cannot be read: {error}")))?;
    let out = out.map_or_else(|| root.join("docs/PERFORMANCE-POLICIES.md"), PathBuf::from);
    let text = page(&told, &process::machine(), &cedar_version(root)?, &super::commit(root));
    std::fs::write(&out, &text).map_err(|error| Failure::at("cannot write", &out, &error))?;
    say!("{text}\n{}", out.display());
    Ok(())
}

/// The version that the bench was built with.
fn cedar_version(root: &Path) -> Outcome<String> {
    let path = root.join("bench/Cargo.lock");
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Failure::at("cannot read", &path, &error))?;
    let lock: toml::Table =
        text.parse().map_err(|error| Failure::at("cannot read", &path, &error))?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let is_cedar =
        |it: &&toml::Value| it.get("name").and_then(toml::Value::as_str) == Some("cedar-policy");
    packages
        .and_then(|packages| packages.iter().find(is_cedar)?.get("version")?.as_str())
        .map(str::to_owned)
        .ok_or_else(|| Failure::new("bench/Cargo.lock names no cedar-policy".to_owned()))
}

/// Writing to a string cannot fail.
macro_rules! line {
    ($text:expr, $($words:tt)*) => { let _ = writeln!($text, $($words)*); };
}

fn page(told: &Told, machine: &str, cedar: &str, version: &str) -> String {
    let mut text = String::new();
    line!(text, "# Performance: policies\n");
    line!(
        text,
        "Written by `cargo xtask bench --only policies`; do not edit. The candidates ran in one \
         process on one thread, round after round beside each other, each round in another order; \
         each figure is the median of {} rounds, in processor time of the thread.\n",
        told.rounds
    );
    line!(text, "- machine: {machine}");
    line!(text, "- lockstep: {version}");
    line!(text, "- compared with: cedar-policy {cedar}");
    let verdicts: Vec<String> =
        told.verdicts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
    line!(
        text,
        "- question: the verdict of {} drawn sign-ins under {} policies, of 2,000 people in 20 \
         groups, to 120 apps",
        told.sign_ins,
        told.policies
    );
    line!(
        text,
        "- answer: all candidates gave the same verdict for every sign-in before anything was \
         timed: {}\n",
        verdicts.join(", ")
    );
    line!(text, "| what | evaluations/s | each | fastest and slowest round | beside Cedar |");
    line!(text, "|---|---|---|---|---|");
    let cedar = told.rows.iter().find(|row| row.who == "cedar").map(|row| row.median_ns);
    for row in &told.rows {
        let times = cedar.map_or_else(|| "–".to_owned(), |it| times(it / row.median_ns));
        line!(
            text,
            "| {} | {:.0} | {:.0} ns | {:.0} to {:.0} ns | {times} |",
            words(&row.who),
            1e9 / row.median_ns,
            row.median_ns,
            row.least_ns,
            row.most_ns
        );
    }
    let decide = told.rows.iter().find(|row| row.who == "decide").map(|row| 1e9 / row.median_ns);
    let verdict = if decide.is_some_and(|it| it >= BAR) { "reached" } else { "missed" };
    line!(text, "\nThe bar is {BAR:.0} evaluations a second on one processor: {verdict}.\n");
    text.push_str(ALIKE);
    text
}

fn words(who: &str) -> &str {
    match who {
        "decide" => "lockstep, as a replay does: people, apps, clients and devices met before",
        "evaluate" => "lockstep, from the facts alone, with reasons for each policy",
        "cedar" => "Cedar, `is_authorized`",
        other => other,
    }
}

fn times(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.1} ×") } else { format!("{ratio:.0} ×") }
}

const ALIKE: &str = "\
Each Conditional Access policy is one `forbid` in Cedar: it forbids when the assignments and \
conditions match and the controls are not met. Where the two cannot be alike, Cedar is spared work:

- Every fact was seen. Cedar has no *unknown*, and need not say which fact was missing.
- Cedar answers *permit* or *forbid*, and by which policies. That these come to *require* or *block*, \
and that whoever has no method is blocked while registering, is worked out outside the timed part.
- Whether a guest's device counts is worked out before, for Cedar only.
- Entities and requests are built before. lockstep looks up each address, also as a replay; with \
reasons it reads every fact anew.
- Report-only policies, session controls and the words of the sign-in log, which lockstep tells with \
reasons, are not asked of Cedar.
";

#[cfg(test)]
mod tests {
    use super::{Row, Told, page};

    fn told(decide: f64) -> Told {
        let row = |who: &str, median_ns: f64| Row {
            who: who.to_owned(),
            least_ns: median_ns / 2.0,
            median_ns,
            most_ns: median_ns * 2.0,
        };
        Told {
            policies: 20,
            sign_ins: 100,
            rounds: 9,
            verdicts: [("allow".to_owned(), 60), ("block".to_owned(), 40)].into(),
            rows: vec![row("decide", decide), row("evaluate", 20_000.0), row("cedar", 50_000.0)],
        }
    }

    #[test]
    fn the_page_shows_rates_ratios_and_the_verdict() {
        let text = page(&told(100.0), "a machine", "4.14.1", "commit abc1234");
        for expected in [
            "- machine: a machine\n- lockstep: commit abc1234\n- compared with: cedar-policy 4.14.1\n",
            "timed: 60 allow, 40 block\n",
            " met before | 10000000 | 100 ns | 50 to 200 ns | 500 × |\n",
            " each policy | 50000 | 20000 ns | 10000 to 40000 ns | 2.5 × |\n",
            "| Cedar, `is_authorized` | 20000 | 50000 ns | 25000 to 100000 ns | 1.0 × |\n",
            "The bar is 5000000 evaluations a second on one processor: reached.\n",
        ] {
            assert!(text.contains(expected), "{expected} is missing in\n{text}");
        }
        let slow = page(&told(201.0), "a machine", "4.14.1", "commit abc1234");
        assert!(slow.contains("on one processor: missed."), "{slow}");
    }
}
