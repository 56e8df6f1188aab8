//! Where a sheet is shown: on the terminal, or on a printer. Never in a file.

use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::rc::Rc;

use crate::error::CommandError;
use crate::settings::Settings;

/// A screen of its own, which leaves nothing to scroll back to.
const BEGIN: &str = "\u{1b}[?1049h\u{1b}[2J\u{1b}[H";
/// The screen and what was scrolled off it is cleared, and the one before comes back.
const END: &str = "\u{1b}[2J\u{1b}[3J\u{1b}[H\u{1b}[?1049l";

/// Where a sheet is shown.
#[derive(Clone)]
pub(crate) enum Showing {
    /// On the terminal of whoever started lockstep, past stdout and stderr: those may be files.
    Terminal,
    /// Given to a command of the system, on its standard input.
    Command {
        /// The command line.
        line: String,
        /// As an HTML page.
        html: bool,
    },
    /// To whoever started this in place of a person.
    Given(Rc<dyn Fn(&str)>),
}

impl std::fmt::Debug for Showing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Terminal => "Terminal",
            Self::Command { .. } => "Command",
            Self::Given(_) => "Given",
        })
    }
}

impl Showing {
    /// Where sheets can be shown here. Asked before anything is changed.
    ///
    /// # Errors
    /// When there is nowhere, or nobody who could say that they are on paper.
    pub(crate) fn of(
        settings: &Settings,
        print_to: Option<&str>,
        html: bool,
    ) -> Result<Self, CommandError> {
        if settings.no_input {
            return Err(CommandError::refused(
                "nobody is there to say that the password stands on paper",
            )
            .hint("run it in a terminal, without `--no-input`"));
        }
        if let Some(line) = print_to {
            return Ok(Self::Command { line: line.to_owned(), html });
        }
        if html {
            return Err(CommandError::wrong_input("an HTML page can only be given to a command")
                .hint("give `--print-to COMMAND`, too"));
        }
        if let Some(given) = &settings.surroundings.sheet {
            return Ok(Self::Given(Rc::clone(given)));
        }
        match settings.surroundings.is_process().then(terminal) {
            Some(Ok(_)) => Ok(Self::Terminal),
            Some(Err(error)) => Err(no_terminal().because(error)),
            None => Err(no_terminal()),
        }
    }

    /// Whether pages are HTML.
    pub(super) const fn is_html(&self) -> bool {
        matches!(self, Self::Command { html: true, .. })
    }

    /// Whether the page has to be written down by hand.
    pub(super) const fn is_screen(&self) -> bool {
        !matches!(self, Self::Command { .. })
    }

    /// Shows a page.
    ///
    /// # Errors
    /// When it could not be shown. Nothing of the page is in the error.
    pub(crate) fn show(&self, page: &str) -> Result<(), CommandError> {
        match self {
            Self::Terminal => {
                write_to_terminal(&[BEGIN, page]).map_err(|error| no_terminal().because(error))
            }
            Self::Command { line, .. } => print(line, page),
            Self::Given(show) => {
                show(page);
                Ok(())
            }
        }
    }

    /// Takes the page away again. Nothing of it is kept on the screen.
    pub(crate) fn clear(&self) {
        if matches!(self, Self::Terminal) {
            // Whether the terminal is gone or not, there is nothing else to be done.
            let _ = write_to_terminal(&[END]);
        }
    }
}

fn no_terminal() -> CommandError {
    CommandError::refused("there is no terminal to show the password on").hint(
        "run it in a terminal, or give a command that prints what it reads: `--print-to \"lp -d \
         PRINTER\"`; a password is never written to a file",
    )
}

fn terminal() -> io::Result<std::fs::File> {
    let name = if cfg!(windows) { "CONOUT$" } else { "/dev/tty" };
    std::fs::OpenOptions::new().write(true).open(name)
}

/// Written as it is: a buffer would be another copy.
fn write_to_terminal(parts: &[&str]) -> io::Result<()> {
    let mut terminal = terminal()?;
    for part in parts {
        terminal.write_all(part.as_bytes())?;
    }
    terminal.flush()
}

/// What the command prints goes nowhere: it may repeat what it was given.
fn print(line: &str, page: &str) -> Result<(), CommandError> {
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let failed = || {
        CommandError::refused(format!("the command `{line}` did not print the sheet")).hint(
            "try it with a page that holds nothing: `lockstep break-glass sheet --blank --print-to \
             COMMAND`",
        )
    };
    let mut child = Command::new(shell)
        .args([option, line])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed().because(error))?;
    let written = match child.stdin.take() {
        Some(mut stdin) => stdin.write_all(page.as_bytes()).and_then(|()| stdin.flush()),
        None => Err(io::Error::other("it reads nothing")),
    };
    let ended = child.wait().map_err(|error| failed().because(error))?;
    written.map_err(|error| failed().because(error))?;
    if ended.success() {
        Ok(())
    } else {
        Err(failed().because(io::Error::other(format!("it ended with {ended}"))))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_command_gets_the_page_on_its_standard_input() {
        let folder = tempfile::tempdir().unwrap();
        let got = folder.path().join("printed");
        let line = format!("cat > '{}'; echo seen; echo seen >&2", got.display());
        Showing::Command { line, html: false }.show("the page").unwrap();
        assert_eq!(std::fs::read_to_string(got).unwrap(), "the page");
    }

    #[test]
    fn a_command_that_fails_is_named_and_the_page_is_not() {
        for line in ["exit 3", "no-such-command-of-this-test"] {
            let showing = Showing::Command { line: line.to_owned(), html: false };
            let error = showing.show("the page").unwrap_err();
            assert_eq!(error.status, crate::exit::ExitStatus::Refused);
            let lines = error.lines();
            assert!(lines.contains(line) && lines.contains("sheet --blank"), "{lines}");
            assert!(!lines.contains("the page"), "{lines}");
        }
    }
}
