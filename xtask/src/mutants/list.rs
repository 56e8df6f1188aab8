//! The small errors that can be put in, as `cargo mutants` names them.

use std::fmt;
use std::path::Path;

use serde::Deserialize;

use crate::cargo::{cargo, has_subcommand};
use crate::failure::{Failure, Outcome};

/// A place in a text: line and column, both from 1 on, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// From one place to before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Span {
    pub(crate) start: Place,
    pub(crate) end: Place,
}

impl Span {
    /// Whether another stands within this one.
    pub(crate) fn holds(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// One small error: what stands at a place, replaced.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Mutant {
    /// The file, from the root of the workspace.
    pub(crate) file: String,
    /// What is replaced.
    pub(crate) span: Span,
    /// By what.
    pub(crate) replacement: String,
    /// File, place and what is done, in words.
    pub(crate) name: String,
    /// Its number in this run: the switch that puts it in. Never 0.
    #[serde(skip)]
    pub(crate) number: usize,
}

impl fmt::Display for Mutant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

/// Every mutant of some files of a package, numbered from 1 on.
pub(crate) fn of_files(root: &Path, package: &str, files: &[String]) -> Outcome<Vec<Mutant>> {
    if !has_subcommand(root, "mutants") {
        return Err(Failure::new("`cargo mutants` is not there: cargo install cargo-mutants"));
    }
    let mut command = cargo(root);
    command.args(["mutants", "--list", "--json", "--package", package]);
    for file in files {
        command.args(["--file", file]);
    }
    let output = command.output()?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Failure::new(format!("cargo mutants does not list them: {why}")));
    }
    let mut mutants: Vec<Mutant> = serde_json::from_slice(&output.stdout).map_err(|error| {
        Failure::new(format!("what cargo mutants lists cannot be read: {error}"))
    })?;
    for (before, mutant) in mutants.iter_mut().enumerate() {
        mutant.number = before.saturating_add(1);
    }
    Ok(mutants)
}
