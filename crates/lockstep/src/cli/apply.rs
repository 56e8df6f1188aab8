//! `lockstep apply`

use clap::Args;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Confirm a change set, carry it out, and read it back
#[derive(Debug, Args)]
pub(crate) struct Apply {}

impl Apply {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let _ = settings;
        todo!("apply")
    }
}
