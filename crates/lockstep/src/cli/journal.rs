//! `lockstep journal`

use clap::Args;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Show the journal, or verify that nobody altered it
#[derive(Debug, Args)]
pub(crate) struct Journal {}

impl Journal {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let _ = settings;
        todo!("journal")
    }
}
