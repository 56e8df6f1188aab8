//! `lockstep unlock`

use clap::Args;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Show who holds the lease, and take it from a process that is dead
#[derive(Debug, Args)]
pub(crate) struct Unlock {}

impl Unlock {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let _ = settings;
        todo!("unlock")
    }
}
