//! The command line as types. The doc comments are the help text.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

use crate::cli;

/// Deploys multi-factor authentication in a Microsoft Entra ID tenant without locking anyone out
///
/// Reads your tenant or what you downloaded of it, says what would break, makes a complete, dated
/// plan, and carries it out step by step. Nothing is changed but what you confirm.
#[derive(Debug, Parser)]
#[command(name = "lockstep", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Start with: lockstep plan --exports DIR")]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Options of every verb.
    #[command(flatten)]
    pub(crate) options: GlobalOptions,
}

/// Options of every verb.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct GlobalOptions {
    /// How results are printed on stdout; everything else goes to stderr
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Same as `--format json`
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colour; `auto` heeds NO_COLOR and pipes
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = ColorWhen::Auto)]
    pub(crate) color: ColorWhen,
    /// Settings file; without it, the lockstep.toml of this folder or of the nearest one above
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Print results and what could not be read, nothing else
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say of every file what it held
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// Never ask anything; no command that only reads does
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
    /// Read every sign-in log anew, and keep nothing of it in .lockstep/cache of the workspace
    #[arg(long, global = true)]
    pub(crate) no_cache: bool,
    /// The clock, for tests
    #[arg(long, global = true, hide = true, value_name = "TIMESTAMP")]
    pub(crate) now: Option<Timestamp>,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables and sentences for people
    Text,
    /// One JSON document for scripts
    Json,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Where a reading verb reads.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ExportsOption {
    /// Folder of downloaded files; inside a workspace, the one its settings name
    #[arg(long, value_name = "DIR")]
    pub(crate) exports: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Demo(cli::demo::Demo),
    Init(cli::init::Init),
    Snapshot(cli::snapshot::Snapshot),
    Audit(cli::audit::Audit),
    Plan(cli::plan::Plan),
    Impact(cli::impact::Impact),
    Status(cli::status::Status),
    Next(cli::next::Next),
    Apply(cli::apply::Apply),
    Rollback(cli::rollback::Rollback),
    Reset(cli::reset::Reset),
    Attest(cli::attest::Attest),
    Waive(cli::waive::Waive),
    Schedule(cli::schedule::Schedule),
    Issue(cli::issue::Issue),
    Exception(cli::exception::Exception),
    BreakGlass(cli::break_glass::BreakGlass),
    Message(cli::message::Message),
    Validate(cli::validate::Validate),
    Journal(cli::journal::Journal),
    Unlock(cli::unlock::Unlock),
    Prove(cli::prove::Prove),
    PolicyTest(cli::policy_test::PolicyTest),
    Completions(cli::completions::Completions),
    Man(cli::man::Man),
    #[command(hide = true)]
    Reference(cli::reference::Reference),
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// What stands for something of the reader's, with something that could stand there.
    const STANDS_FOR: [(&str, &str); 4] = [
        ("DATE", "2027-01-11"),
        ("TIMESTAMP", "2027-01-11T09:00:00Z"),
        ("MINUTES", "30"),
        ("{", "x"),
    ];

    /// Every command that an output tells somebody to type: after `Next:`, and between backticks.
    fn told(output: &str) -> BTreeSet<String> {
        let lines = output.lines().filter(|it| !it.starts_with(['>', '|', '#']));
        let plain = lines.map(|it| it.trim_start().trim_start_matches("! ").trim());
        let mut told = BTreeSet::new();
        let mut text = String::new();
        for line in plain {
            told.extend(line.strip_prefix("Next: lockstep ").map(str::to_owned));
            text.push_str(line);
            text.push(' ');
        }
        let spans = text.split('`').skip(1).step_by(2);
        told.extend(spans.filter_map(|it| it.strip_prefix("lockstep ")).map(str::to_owned));
        told
    }

    fn is_understood(command: &str) -> bool {
        let words = command.split_whitespace().map(|word| {
            let known = STANDS_FOR.iter().find(|(mark, _)| word.starts_with(mark));
            known.map_or(word, |(_, value)| *value)
        });
        let mut words: Vec<&str> = std::iter::once("lockstep").chain(words).collect();
        words.retain(|it| !it.ends_with('}'));
        // The name of a verb alone is a name, and no command.
        let is_name = |it: &&str| {
            !it.starts_with('-') && it.chars().all(|it| it == '-' || it.is_ascii_lowercase())
        };
        let only_verbs = words.iter().all(is_name);
        let parsed = Arguments::try_parse_from(&words);
        let asks_for_more = |error: &clap::Error| {
            matches!(
                error.kind(),
                clap::error::ErrorKind::MissingRequiredArgument
                    | clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            )
        };
        match parsed {
            Ok(_) => true,
            Err(error) if error.kind() == clap::error::ErrorKind::DisplayHelp => true,
            Err(error) => only_verbs && asks_for_more(&error),
        }
    }

    #[test]
    fn a_command_that_is_printed_can_be_typed() {
        assert!(is_understood("attest P-07 --by WHO --note TEXT") && is_understood("attest"));
        assert!(!is_understood("attest P-07") && !is_understood("break-glass test --announce"));
        let scripts = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
        let (mut wrong, mut seen) = (BTreeSet::new(), 0);
        for entry in std::fs::read_dir(scripts).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == "out") {
                let told = told(&std::fs::read_to_string(&path).unwrap());
                seen += told.len();
                wrong.extend(told.into_iter().filter(|it| !is_understood(it)));
            }
        }
        assert!(seen > 50, "{seen}");
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
