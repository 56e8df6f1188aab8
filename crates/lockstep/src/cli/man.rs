//! `lockstep man`

use clap::{Args, CommandFactory as _};

use crate::arguments::Arguments;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::terminal;

/// Print the manual page
#[derive(Debug, Args)]
pub(crate) struct Man {}

impl Man {
    #[expect(clippy::unused_self, reason = "every verb runs by its arguments")]
    pub(super) fn run(&self) -> Result<ExitStatus, CommandError> {
        let mut page = Vec::new();
        clap_mangen::Man::new(Arguments::command()).render(&mut page).map_err(|error| {
            CommandError::wrong_input("the manual page cannot be made").because(error)
        })?;
        Ok(terminal::print(&String::from_utf8_lossy(&page)))
    }
}
