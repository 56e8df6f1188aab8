//! `lockstep break-glass`

mod alarm;
mod create;
mod paper;
mod runbook;
mod sheet;
mod test;
mod watch;

use clap::{Args, Subcommand};

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Create, print, test and watch the break-glass accounts
///
/// Two accounts that still get in when a policy bars everybody else. No password is ever written to a
/// file, to the store or to the journal: it is made up in memory, shown once and forgotten.
#[derive(Debug, Args)]
pub(crate) struct BreakGlass {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Create(create::Create),
    Sheet(sheet::Sheet),
    Test(test::Test),
    Watch(watch::Watch),
    Runbook(runbook::Runbook),
}

impl BreakGlass {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        match &self.what {
            What::Create(it) => it.run(settings),
            What::Sheet(it) => it.run(settings),
            What::Test(it) => it.run(settings),
            What::Watch(it) => it.run(settings),
            What::Runbook(it) => it.run(settings),
        }
    }
}
