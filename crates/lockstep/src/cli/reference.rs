//! The command-line reference, generated from what the parser knows.

use std::fmt::Write as _;

use clap::{Args, Command, CommandFactory as _, ValueEnum};

use crate::arguments::Arguments;
use crate::exit::ExitStatus;
use crate::terminal;

/// Print a page of the reference as Markdown
#[derive(Debug, Args)]
pub(crate) struct Reference {
    /// The page
    #[arg(value_enum, default_value_t = Page::Cli)]
    page: Page,
}

/// A page of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Page {
    /// Commands, options and exit codes
    Cli,
    /// The checks of the pre-flight
    Checks,
    /// The settings file
    Settings,
    /// Exit codes alone
    ExitCodes,
}

impl Reference {
    pub(super) fn run(&self) -> ExitStatus {
        terminal::print(&markdown(self.page))
    }
}

/// A page of the reference, as Markdown.
#[must_use]
pub fn markdown(page: Page) -> String {
    match page {
        Page::Cli => command_line(),
        Page::Checks => rollout::preflight::markdown(),
        Page::Settings => rollout::settings_markdown(),
        Page::ExitCodes => exit_codes(),
    }
}

fn exit_codes() -> String {
    let mut text = String::from("| code | means |\n|---|---|\n");
    for status in ExitStatus::ALL {
        // Writing to a text cannot fail, here and below.
        let _ = writeln!(text, "| {} | {} |", status.code(), status.meaning());
    }
    text
}

/// Every command, option and exit code.
fn command_line() -> String {
    let mut command = Arguments::command();
    command.build();
    let mut text = format!(
        "# The command line\n\nWritten by `cargo xtask docs`; do not edit.\n\n## Exit codes\n\n{}",
        exit_codes()
    );
    let _ = writeln!(text, "\n## Options of every command\n");
    options(&mut text, &command, true);
    for verb in command.get_subcommands() {
        section(&mut text, verb, "lockstep");
    }
    text
}

fn section(text: &mut String, command: &Command, parent: &str) {
    if command.is_hide_set() || command.get_name() == "help" {
        return;
    }
    let name = format!("{parent} {}", command.get_name());
    let _ = writeln!(text, "\n## `{name}`\n");
    let about = command.get_long_about().or_else(|| command.get_about());
    if let Some(about) = about {
        let _ = writeln!(text, "{}.\n", about.to_string().trim_end_matches('.'));
    }
    options(text, command, false);
    for verb in command.get_subcommands() {
        section(text, verb, &name);
    }
}

fn options(text: &mut String, command: &Command, global: bool) {
    let mut rows = String::new();
    for argument in command.get_arguments() {
        let id = argument.get_id().as_str();
        if argument.is_hide_set()
            || argument.is_global_set() != global
            || matches!(id, "help" | "version")
        {
            continue;
        }
        let value = argument
            .get_value_names()
            .filter(|_| argument.get_action().takes_values())
            .map(|names| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" "));
        let name = match (argument.get_long(), value) {
            (Some(long), Some(value)) => format!("--{long} {value}"),
            (Some(long), None) => format!("--{long}"),
            (None, value) => value.unwrap_or_else(|| id.to_uppercase()),
        };
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let values = argument
            .get_possible_values()
            .iter()
            .map(|value| format!("`{}`", value.get_name()))
            .collect::<Vec<_>>()
            .join(", ");
        let values = if values.is_empty() || !argument.get_action().takes_values() {
            String::new()
        } else {
            format!(" ({values})")
        };
        let _ = writeln!(rows, "| `{name}` | {}{values} |", help.replace('|', "\\|"));
    }
    if !rows.is_empty() {
        let _ = write!(text, "| option | means |\n|---|---|\n{rows}");
    }
}
