//! `cargo xtask docs`: the generated pages of the documentation, as the program prints them.

use std::fs;
use std::path::Path;

use crate::cargo::cargo;
use crate::failure::{Failure, Outcome};
use crate::say;

/// What the program prints, and where it is kept.
const PAGES: [(&str, &str); 3] =
    [("cli", "docs/CLI.md"), ("checks", "docs/CHECKS.md"), ("settings", "docs/SETTINGS.md")];

/// Writes every generated page. A test of the program compares them.
pub(crate) fn run(root: &Path) -> Outcome<()> {
    for (page, path) in PAGES {
        let output = cargo(root)
            .args(["run", "--quiet", "--package", "lockstep", "--", "reference", page])
            .output()?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::new(format!("`lockstep reference {page}` failed: {words}")));
        }
        let path = root.join(path);
        fs::write(&path, output.stdout)
            .map_err(|error| Failure::at("cannot write", &path, &error))?;
        say!("{}", path.display());
    }
    Ok(())
}
