//! `cargo xtask tidy`: the rules of the house that no compiler holds.
//!
//! Each rule is a function from what stands in the repository to problems. The test at the end
//! runs all of them on the workspace itself, so that `cargo test` is enough to know.

mod arrows;
mod documents;
mod manifests;
mod ratchets;
mod repository;
mod source;
mod unsafe_code;

use std::fmt;
use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::say;
use ratchets::Ratchets;
use repository::Repository;

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    file: String,
    line: usize,
    what: String,
    why: &'static str,
    fix: String,
}

impl Problem {
    fn new(
        (file, line): (&str, usize),
        what: impl Into<String>,
        why: &'static str,
        fix: impl Into<String>,
    ) -> Self {
        Self { file: file.to_owned(), line, what: what.into(), why, fix: fix.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, what, why, fix } = self;
        write!(formatter, "{file}:{line}: {what}\n    why: {why}\n    fix: {fix}")
    }
}

/// Every problem of the workspace at `root`, sorted by file and line.
pub(crate) fn problems(root: &Path) -> Outcome<Vec<Problem>> {
    let repository = Repository::read(root)?;
    let ratchets = Ratchets::read(&repository)?;
    let mut found = arrows::check(&arrows::Packages::of_workspace(root)?);
    found.extend(manifests::check(&repository));
    found.extend(documents::check(&repository));
    let mut measured = ratchets::Measured::default();
    for file in repository.rust_files() {
        found.extend(source::check(file, &ratchets, &mut measured));
        found.extend(unsafe_code::check(file));
    }
    found.extend(ratchets.compare(&measured));
    found.sort();
    Ok(found)
}

/// Runs the command.
pub(crate) fn run(root: &Path) -> Outcome<()> {
    let found = problems(root)?;
    for problem in &found {
        say!("{problem}");
    }
    if found.is_empty() {
        say!("tidy: no problem found");
        return Ok(());
    }
    Err(Failure::new(format!("tidy found {} problems", found.len())))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::problems;

    #[test]
    fn the_workspace_is_tidy() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let found: Vec<String> = problems(&root).unwrap().iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}
