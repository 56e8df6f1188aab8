//! `cargo xtask`: what developers of lockstep run.

mod failure;
mod generate;
mod terminal;

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
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Gen(arguments) => generate::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::write_error(&format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}
