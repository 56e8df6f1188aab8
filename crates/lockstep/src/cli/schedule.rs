//! `lockstep schedule`

use clap::Args;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Agree on the dates, or move them: a decision that is written down
#[derive(Debug, Args)]
pub(crate) struct Schedule {}

impl Schedule {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let _ = settings;
        todo!("schedule")
    }
}
