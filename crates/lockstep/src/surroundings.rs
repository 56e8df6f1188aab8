//! What is outside of a command: the network, the clock it waits by, and whoever answers its questions.
//!
//! The process has its own; a test gives others, and reads what a command printed.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::rc::Rc;

use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};

use crate::exit::ExitStatus;
use crate::network::LocalTransport;
use crate::{cli, terminal};

/// Makes a runtime.
pub type MakeRuntime = Rc<dyn Fn() -> std::io::Result<Runtime>>;
/// Answers a question that a command asks before it goes on. `None`: nobody answers.
pub type Answer = Rc<dyn Fn(&str) -> Option<String>>;

/// Shows a page that is shown once.
pub type Show = Rc<dyn Fn(&str)>;

/// What is outside of a command.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// Where the command is started. `None`: where the process was.
    pub folder: Option<PathBuf>,
    /// What carries requests to Microsoft Graph. `None`: the network.
    pub network: Option<Rc<dyn LocalTransport>>,
    /// What waits. `None`: a runtime whose time is the time.
    pub runtime: Option<MakeRuntime>,
    /// Who answers. `None`: whoever sits at the terminal.
    pub answer: Option<Answer>,
    /// Who is shown a sheet with a password, in place of a terminal. Nothing of it may be kept.
    pub sheet: Option<Show>,
    /// Who is told of a change set that a person was shown and said yes to: the set as JSON.
    pub confirmed: Option<Show>,
    /// Whether somebody asked to stop. `None`: Ctrl-C asks.
    pub stop: Option<Rc<dyn Fn() -> bool>>,
    /// Who starts it. `None`: whom the system names.
    pub user: Option<String>,
    /// What the time is. `None`: what it was when the command began.
    pub clock: Option<Rc<dyn Fn() -> Timestamp>>,
    /// On which machine. `None`: what the system calls it.
    pub machine: Option<String>,
    of_process: bool,
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Surroundings").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Surroundings {
    /// Those of the process.
    #[must_use]
    pub fn of_process() -> Self {
        Self { of_process: true, ..Self::default() }
    }

    pub(crate) const fn is_process(&self) -> bool {
        self.of_process
    }

    pub(crate) fn runtime(&self) -> std::io::Result<Runtime> {
        match &self.runtime {
            Some(make) => make(),
            None => Builder::new_current_thread().enable_all().build(),
        }
    }
}

/// How a command ended, and what it printed.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed on stdout.
    pub stdout: String,
    /// What it printed on stderr.
    pub stderr: String,
}

/// Runs a command line, `lockstep` first, and keeps what it prints.
#[must_use]
pub fn run_in(arguments: impl IntoIterator<Item = OsString>, surroundings: &Surroundings) -> Ran {
    let (status, printed) = terminal::capture(|| cli::run(arguments, surroundings));
    Ran { status, stdout: printed.stdout, stderr: printed.stderr }
}
