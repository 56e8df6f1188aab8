//! `lockstep rollback`

use clap::Args;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Take a change set back: the exact inverse, as a change set of its own
#[derive(Debug, Args)]
pub(crate) struct Rollback {}

impl Rollback {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let _ = settings;
        todo!("rollback")
    }
}
