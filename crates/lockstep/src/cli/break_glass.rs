//! `lockstep break-glass`

use clap::Args;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Create, print, test and watch the break-glass accounts
#[derive(Debug, Args)]
pub(crate) struct BreakGlass {}

impl BreakGlass {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let _ = settings;
        todo!("break-glass")
    }
}
