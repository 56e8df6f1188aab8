//! `lockstep waive`

use clap::Args;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Take responsibility for what a gate or guard holds against, until a date
#[derive(Debug, Args)]
pub(crate) struct Waive {}

impl Waive {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let _ = settings;
        todo!("waive")
    }
}
