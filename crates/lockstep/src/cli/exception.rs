//! `lockstep exception`

use clap::Args;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Ask for, decide, renew and end exceptions
#[derive(Debug, Args)]
pub(crate) struct Exception {}

impl Exception {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let _ = settings;
        todo!("exception")
    }
}
