//! `lockstep attest`

use clap::Args;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// State that a task is done, with a name and a note
#[derive(Debug, Args)]
pub(crate) struct Attest {}

impl Attest {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let _ = settings;
        todo!("attest")
    }
}
