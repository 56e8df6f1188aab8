//! `cargo xtask`: what developers of lockstep run.

mod bench;
mod cargo;
mod check;
mod failure;
mod generate;
mod mutants;
mod prism;
mod reference;
mod soak;
mod terminal;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Developer commands of lockstep.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the example tenant, or a long log for measurements.
    Gen(generate::Arguments),
    /// Measure lockstep beside other programs, and write docs/PERFORMANCE.md.
    Bench(bench::Arguments),
    /// Write the generated pages: docs/CLI.md, docs/CHECKS.md, docs/SETTINGS.md.
    Docs,
    /// Run everything that must hold: format, lints, tidy, tests, documentation, licences.
    Test(check::Arguments),
    /// Put small errors into the gates and the guards, and see that the tests notice each.
    Mutants(mutants::Arguments),
    /// Play the simulation of the operator over many seeds.
    Soak(soak::Arguments),
    /// Check the rules of the house that no compiler holds.
    Tidy,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Gen(arguments) => generate::run(&arguments),
        Command::Bench(arguments) => bench::run(&root(), &arguments),
        Command::Docs => reference::run(&root()),
        Command::Test(arguments) => check::run(&root(), &arguments),
        Command::Mutants(arguments) => mutants::run(&root(), &arguments),
        Command::Soak(arguments) => soak::run(&root(), &arguments),
        Command::Tidy => tidy::run(&root()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::write_error(&format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace this command runs in. `cargo run` says which; builds that two clones share
/// may hold a program that was built in the other one.
#[expect(clippy::disallowed_methods, reason = "cargo tells where it runs this program")]
fn root() -> PathBuf {
    let told = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let here = told.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    here.parent().unwrap_or(&here).to_owned()
}
