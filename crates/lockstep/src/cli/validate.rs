//! `lockstep validate`

use clap::Args;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Check the three success criteria, row by row, and write the report
#[derive(Debug, Args)]
pub(crate) struct Validate {}

impl Validate {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let _ = settings;
        todo!("validate")
    }
}
