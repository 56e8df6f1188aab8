//! What a developer command says when it cannot go on.

use std::fmt;
use std::path::Path;

/// A command failed: what was tried, and why it did not work.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// The result of a developer command.
pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// A failure in words.
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// A failure on a file or folder.
    pub(crate) fn at(what: &str, path: &Path, why: &dyn fmt::Display) -> Self {
        Self(format!("{what} `{}`: {why}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}
