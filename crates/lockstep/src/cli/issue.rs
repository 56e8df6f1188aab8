//! `lockstep issue`

use clap::Args;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Write down what went wrong in the pilot, and how it ended
#[derive(Debug, Args)]
pub(crate) struct Issue {}

impl Issue {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let _ = settings;
        todo!("issue")
    }
}
