//! `lockstep next`

use clap::Args;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Show what is due now: tasks, and the change set as a diff
#[derive(Debug, Args)]
pub(crate) struct Next {}

impl Next {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let _ = settings;
        todo!("next")
    }
}
