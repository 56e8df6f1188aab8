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
