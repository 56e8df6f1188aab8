//! What a command says when it cannot do what was asked.

use std::error::Error;
use std::fmt::Write as _;

use crate::exit::ExitStatus;
use crate::plain_text::one_line;

/// A failed command: what failed, why, and what to try.
#[derive(Debug)]
pub(crate) struct CommandError {
    /// The code the process exits with.
    pub(crate) status: ExitStatus,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
    hints: Vec<String>,
}

impl CommandError {
    /// Wrong input or usage, with the user's own words in backticks.
    pub(crate) fn wrong_input(message: impl Into<String>) -> Self {
        Self {
            status: ExitStatus::WrongInput,
            message: message.into(),
            source: None,
            hints: Vec::new(),
        }
    }

    /// The tenant gave no answer, or no token.
    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self { status: ExitStatus::TenantUnreachable, ..Self::wrong_input(message) }
    }

    /// Not done, because somebody could be locked out, left without protection, or go unasked.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { status: ExitStatus::Refused, ..Self::wrong_input(message) }
    }

    /// Not done, because a gate is closed.
    pub(crate) fn gate_closed(message: impl Into<String>) -> Self {
        Self { status: ExitStatus::GateClosed, ..Self::wrong_input(message) }
    }

    /// The failure underneath.
    pub(crate) fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// One thing to try.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The lines printed on stderr: the error, its causes, its hints.
    pub(crate) fn lines(&self) -> String {
        let mut text = format!("error: {}\n", one_line(&self.message));
        let mut cause: Option<&dyn Error> = self.source.as_ref().map(|source| {
            let source: &dyn Error = source.as_ref();
            source
        });
        while let Some(error) = cause {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "  because {}", one_line(&error.to_string()));
            cause = error.source();
        }
        for hint in &self.hints {
            let _ = writeln!(text, "hint: {}", one_line(hint));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_and_hints_stand_on_their_own_lines() {
        let cause = std::io::Error::other("disk on fire");
        let error = CommandError::wrong_input("cannot list the folder `a\u{1b}[31mb`")
            .because(cause)
            .hint("give another folder");
        assert_eq!(
            error.lines(),
            "error: cannot list the folder `a[31mb`\n  because disk on fire\nhint: give another folder\n"
        );
    }
}
