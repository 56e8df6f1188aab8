//! `cargo xtask test`: everything that must hold before a change is merged, in one command.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use clap::Args;

use crate::cargo::{cargo, has_subcommand};
use crate::failure::{Failure, Outcome};
use crate::{prism, say, tidy};

/// What is left out on purpose.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Do not hold client and simulated tenant against the description of Graph (needs Node.js, or
    /// the network to install it)
    #[arg(long)]
    without_prism: bool,
}

/// What a stage came to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed(String),
    /// Not run, and why: never counted as passed.
    Skipped(String),
}

/// One stage, run.
#[derive(Debug)]
struct Stage {
    name: &'static str,
    verdict: Verdict,
    took: Duration,
}

type Run = fn(&Path, &Arguments) -> Verdict;

const STAGES: [(&str, Run); 8] = [
    ("format", format),
    ("lints", lints),
    ("tidy", house_rules),
    ("tests", tests),
    ("description of Graph", description_of_graph),
    ("documentation", documentation),
    ("licences, bans, sources", licences),
    ("advisories", advisories),
];

/// Runs every stage, also after one failed, so that one run shows everything.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Outcome<()> {
    let mut stages = Vec::new();
    for (name, stage) in STAGES {
        say!("\n== {name}");
        #[expect(
            clippy::disallowed_methods,
            reason = "how long a stage took is shown, not decided on"
        )]
        let started = Instant::now();
        let verdict = stage(root, arguments);
        stages.push(Stage { name, verdict, took: started.elapsed() });
    }
    say!("\n{}", summary(&stages));
    let failed = stages.iter().filter(|it| matches!(it.verdict, Verdict::Failed(_))).count();
    if failed == 0 {
        return Ok(());
    }
    Err(Failure::new(format!("{failed} of {} stages failed", stages.len())))
}

fn summary(stages: &[Stage]) -> String {
    let rows: Vec<String> = stages
        .iter()
        .map(|stage| {
            let (word, note) = match &stage.verdict {
                Verdict::Passed => ("passed", String::new()),
                Verdict::Failed(why) => ("FAILED", format!("  {why}")),
                Verdict::Skipped(why) => ("skipped", format!("  {why}")),
            };
            let seconds = stage.took.as_secs_f64();
            format!("{:<24} {word:<8} {seconds:>7.1} s{note}", stage.name)
        })
        .collect();
    rows.join("\n")
}

/// Runs a command with its output on the terminal.
fn shown(command: &mut Command) -> Verdict {
    match command.status() {
        Ok(status) if status.success() => Verdict::Passed,
        Ok(status) => Verdict::Failed(status.to_string()),
        Err(error) => Verdict::Failed(format!("cannot be started: {error}")),
    }
}

fn format(root: &Path, _: &Arguments) -> Verdict {
    shown(cargo(root).args(["fmt", "--all", "--check"]))
}

fn lints(root: &Path, _: &Arguments) -> Verdict {
    let arguments = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    shown(cargo(root).args(arguments))
}

fn house_rules(root: &Path, _: &Arguments) -> Verdict {
    match tidy::run(root) {
        Ok(()) => Verdict::Passed,
        Err(failure) => Verdict::Failed(failure.to_string()),
    }
}

fn tests(root: &Path, _: &Arguments) -> Verdict {
    if has_subcommand(root, "nextest") {
        return shown(cargo(root).args(["nextest", "run", "--workspace", "--locked"]));
    }
    say!(
        "cargo-nextest is not installed (`cargo install cargo-nextest --locked`): cargo test runs"
    );
    shown(cargo(root).args(["test", "--workspace", "--locked", "--no-fail-fast"]))
}

fn description_of_graph(root: &Path, arguments: &Arguments) -> Verdict {
    if arguments.without_prism {
        return Verdict::Skipped("asked for with --without-prism".to_owned());
    }
    match prism::run(root) {
        Ok(prism::Judged::Held) => Verdict::Passed,
        Ok(prism::Judged::NoDescriptions(why)) => Verdict::Skipped(why),
        Err(failure) => Verdict::Failed(failure.to_string()),
    }
}

fn documentation(root: &Path, _: &Arguments) -> Verdict {
    let arguments = ["doc", "--workspace", "--no-deps", "--locked", "--document-private-items"];
    shown(cargo(root).args(arguments).env("RUSTDOCFLAGS", "-D warnings"))
}

const NO_DENY: &str = "cargo-deny is not installed: `cargo install cargo-deny --locked`";

fn licences(root: &Path, _: &Arguments) -> Verdict {
    if !has_subcommand(root, "deny") {
        return Verdict::Skipped(NO_DENY.to_owned());
    }
    shown(cargo(root).args(["deny", "--locked", "check", "licenses", "bans", "sources"]))
}

fn advisories(root: &Path, _: &Arguments) -> Verdict {
    if !has_subcommand(root, "deny") {
        return Verdict::Skipped(NO_DENY.to_owned());
    }
    match cargo(root).args(["deny", "--locked", "check", "advisories"]).output() {
        Ok(output) => {
            let words = String::from_utf8_lossy(&output.stderr);
            let verdict = judge_advisories(output.status.success(), &words);
            if verdict != Verdict::Passed {
                say!("{words}");
            }
            verdict
        }
        Err(error) => Verdict::Failed(format!("cannot be started: {error}")),
    }
}

/// An advisory is a failure; a database that cannot be had is none, but is said.
fn judge_advisories(success: bool, words: &str) -> Verdict {
    if success {
        return Verdict::Passed;
    }
    let unreachable =
        ["advisory database", "failed to fetch", "unable to fetch", "failed to clone"];
    let found = words.contains("error[");
    if !found && unreachable.iter().any(|it| words.contains(it)) {
        return Verdict::Skipped("the advisory database could not be had".to_owned());
    }
    Verdict::Failed("see above".to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Stage, Verdict, judge_advisories, summary};

    #[test]
    fn a_database_out_of_reach_is_skipped_and_an_advisory_is_not() {
        let out_of_reach = "failed to fetch advisory database https://example.invalid/db";
        assert!(matches!(judge_advisories(false, out_of_reach), Verdict::Skipped(_)));
        let advisory = "error[vulnerability]: stack overflow\nadvisory database https://…";
        assert!(matches!(judge_advisories(false, advisory), Verdict::Failed(_)));
        assert!(matches!(judge_advisories(false, "anything else"), Verdict::Failed(_)));
        assert_eq!(judge_advisories(true, ""), Verdict::Passed);
    }

    #[test]
    fn the_summary_says_what_was_skipped_and_why() {
        let took = Duration::from_millis(1250);
        let stages = [
            Stage { name: "tests", verdict: Verdict::Passed, took },
            Stage { name: "advisories", verdict: Verdict::Skipped("no network".to_owned()), took },
            Stage { name: "lints", verdict: Verdict::Failed("exit status: 1".to_owned()), took },
        ];
        assert_eq!(
            summary(&stages),
            "tests                    passed       1.2 s\n\
             advisories               skipped      1.2 s  no network\n\
             lints                    FAILED       1.2 s  exit status: 1"
        );
    }
}
