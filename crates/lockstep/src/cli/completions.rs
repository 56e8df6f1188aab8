//! `lockstep completions`

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::exit::ExitStatus;
use crate::terminal;

/// Print the completion script of a shell
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> ExitStatus {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "lockstep", &mut script);
        terminal::print(&String::from_utf8_lossy(&script))
    }
}
