//! `cargo xtask soak`: the simulation of the operator over many seeds.

use std::path::Path;
use std::process::Command;

use clap::Args;

use crate::cargo::cargo;
use crate::failure::{Failure, Outcome};
use crate::say;

/// Seeds of one process: what a killed run still holds is given back when its process ends.
const AT_ONCE: u64 = 250;

/// How many seeds, and from which on.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How many seeds
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    from: u64,
}

/// Plays every seed, and ends with the first that breaks a rule.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Outcome<()> {
    let end = arguments.from.saturating_add(arguments.seeds);
    let mut from = arguments.from;
    while from < end {
        let to = from.saturating_add(AT_ONCE).min(end);
        if !plays(root, from, to)? {
            let what =
                format!("a seed of {from}..{to} breaks a rule; the command above plays it again");
            return Err(Failure::new(what));
        }
        say!("seeds {from} to {} hold", to.saturating_sub(1));
        from = to;
    }
    Ok(())
}

fn plays(root: &Path, from: u64, to: u64) -> Outcome<bool> {
    let mut command: Command = cargo(root);
    command
        .args(["test", "--quiet", "--package", "lockstep", "--test", "operator", "--"])
        .args(["simulation::seeds_that_were_asked_for_hold", "--exact"])
        .env("LOCKSTEP_SEEDS", format!("{from}..{to}"));
    let status = command.status();
    let status = status.map_err(|error| Failure::new(format!("cannot run cargo: {error}")))?;
    Ok(status.success())
}
