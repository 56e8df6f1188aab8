//! Lengths that may only go down, and the files that own a clock or the environment.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::repository::Repository;
use crate::failure::{Failure, Outcome};

const FILE: &str = "xtask/ratchets.toml";
/// Most lines of code of a function.
pub(crate) const FUNCTION_LINES: usize = 70;
/// Most lines of code of a file, tests not counted.
pub(crate) const FILE_LINES: usize = 600;

/// What is tolerated: `xtask/ratchets.toml`.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Ratchets {
    /// `path::function` to its lines.
    functions: BTreeMap<String, usize>,
    /// Path to its lines.
    files: BTreeMap<String, usize>,
    /// Banned call to the files that own it.
    owners: BTreeMap<String, BTreeSet<String>>,
}

/// What was measured above the limits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measured {
    /// `path::function` to line and lines.
    pub(crate) functions: BTreeMap<String, (usize, usize)>,
    /// Path to lines.
    pub(crate) files: BTreeMap<String, usize>,
}

impl Ratchets {
    /// Reads the committed file; an absent one tolerates nothing.
    pub(crate) fn read(repository: &Repository) -> Outcome<Self> {
        let text = repository.file(FILE).map_or("", |file| file.text.as_str());
        toml::from_str(text).map_err(|error| Failure::new(format!("{FILE}: {error}")))
    }

    /// True when the file owns the banned call.
    pub(crate) fn owns(&self, call: &str, path: &str) -> bool {
        self.owners.get(call).is_some_and(|files| files.contains(path))
    }

    /// What is longer than tolerated, and what could be tolerated less.
    pub(crate) fn compare(&self, measured: &Measured) -> Vec<Problem> {
        let mut found = Vec::new();
        for (name, (line, lines)) in &measured.functions {
            let (path, function) = name.split_once("::").unwrap_or((name, ""));
            if *lines > FUNCTION_LINES && self.functions.get(name) != Some(lines) {
                found.push(Problem::new(
                    (path, *line),
                    format!("`{function}` has {lines} lines of code; {FUNCTION_LINES} is the most"),
                    "a function that does not fit a screen is not understood",
                    "split it; a number in xtask/ratchets.toml may only go down",
                ));
            }
        }
        for (path, lines) in &measured.files {
            if *lines > FILE_LINES && self.files.get(path) != Some(lines) {
                found.push(Problem::new(
                    (path, 1),
                    format!("has {lines} lines of code; {FILE_LINES} is the most"),
                    "one thing, one file",
                    "split it; a number in xtask/ratchets.toml may only go down",
                ));
            }
        }
        let over = |lines: Option<usize>, limit: usize| lines.is_some_and(|lines| lines > limit);
        let stale_functions = self.functions.keys().filter(|name| {
            !over(measured.functions.get(*name).map(|(_, lines)| *lines), FUNCTION_LINES)
        });
        let stale_files =
            self.files.keys().filter(|path| !over(measured.files.get(*path).copied(), FILE_LINES));
        found.extend(stale_functions.chain(stale_files).map(|name| {
            Problem::new(
                (FILE, 1),
                format!("`{name}` is no longer too long"),
                "a ratchet that is not tightened lets go",
                "remove the line",
            )
        }));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::repository::Repository;
    use super::{Measured, Ratchets};

    fn ratchets(text: &str) -> Ratchets {
        Ratchets::read(&Repository::of(&[("xtask/ratchets.toml", text)])).unwrap()
    }

    fn measured(function: usize, file: usize) -> Measured {
        let mut measured = Measured::default();
        measured.functions.insert("a.rs::run".to_owned(), (3, function));
        measured.files.insert("a.rs".to_owned(), file);
        measured
    }

    #[test]
    fn lengths_at_the_limit_pass_and_one_more_does_not() {
        assert_eq!(ratchets("").compare(&measured(70, 600)), []);
        assert_eq!(ratchets("").compare(&measured(71, 601)).len(), 2);
    }

    #[test]
    fn a_tolerated_length_holds_exactly() {
        let tolerated = ratchets("[functions]\n\"a.rs::run\" = 80\n[files]\n\"a.rs\" = 700\n");
        assert_eq!(tolerated.compare(&measured(80, 700)), []);
        assert_eq!(tolerated.compare(&measured(81, 700)).len(), 1);
        assert_eq!(tolerated.compare(&measured(79, 700)).len(), 1, "the number must go down");
        let stale = tolerated.compare(&measured(10, 10));
        assert!(stale.iter().all(|problem| problem.what.contains("no longer too long")));
        assert_eq!(stale.len(), 2);
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let repository = Repository::of(&[("xtask/ratchets.toml", "[function]\n")]);
        assert!(Ratchets::read(&repository).is_err());
    }
}
