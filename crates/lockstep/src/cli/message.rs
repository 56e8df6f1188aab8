//! `lockstep message`

use clap::Args;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Preview and send the messages of the rollout
#[derive(Debug, Args)]
pub(crate) struct Message {}

impl Message {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let _ = settings;
        todo!("message")
    }
}
