//! The shell of lockstep: arguments in, documents and exit codes out.
//!
//! Decisions live in `rollout`, reading in `entra` and `signins`. This crate owns what those may
//! not have: the clock, the file system, the terminal, and the documents people hold in their
//! hands.

mod arguments;
mod atomic_file;
mod break_glass;
mod cache;
pub mod cli;
mod clock;
mod confirm;
mod deciding;
mod digest;
pub mod documents;
mod effects;
mod error;
mod exit;
mod html_text;
mod live;
mod lockout_words;
mod mail;
mod network;
mod operator;
mod page;
mod panic;
mod passes;
pub mod plain_text;
mod progress;
mod reading;
mod settings;
pub mod surroundings;
mod terminal;
mod words;
mod workspace;

use std::process::ExitCode;

pub use exit::ExitStatus;
use surroundings::Surroundings;

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    panic::install();
    let status =
        std::panic::catch_unwind(|| cli::run(std::env::args_os(), &Surroundings::of_process()))
            .unwrap_or(ExitStatus::Bug);
    ExitCode::from(status.code())
}
