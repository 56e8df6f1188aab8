//! Every crate inherits what the workspace says, and every dependency has a reason.

use toml::{Table, Value};

use super::Problem;
use super::repository::{Repository, TextFile};

const INHERITED: [&str; 6] =
    ["version", "edition", "rust-version", "license", "repository", "publish"];
const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
const REASONS: &str = "docs/DEPENDENCIES.md";

/// Checks the manifests.
pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let mut found = Vec::new();
    for file in repository.files.iter().filter(|file| is_member(&file.path)) {
        match file.text.parse::<Table>() {
            Ok(manifest) => found.extend(member(file, &manifest)),
            Err(error) => found.push(unreadable(&file.path, &error.to_string())),
        }
    }
    found.extend(reasons(repository));
    found
}

fn is_member(path: &str) -> bool {
    path == "xtask/Cargo.toml" || (path.starts_with("crates/") && path.ends_with("/Cargo.toml"))
}

fn unreadable(path: &str, error: &str) -> Problem {
    Problem::new(
        (path, 1),
        format!("is no TOML: {error}"),
        "an unread manifest is an unchecked one",
        "correct the file",
    )
}

fn is_workspace(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
}

fn member(file: &TextFile, manifest: &Table) -> Vec<Problem> {
    let mut found = Vec::new();
    let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
    if lints.and_then(Value::as_bool) != Some(true) {
        found.push(Problem::new(
            (&file.path, 1),
            "does not inherit the lints of the workspace",
            "a crate with lints of its own is a crate with rules of its own",
            "add `[lints]` with `workspace = true`",
        ));
    }
    for key in INHERITED {
        if !is_workspace(manifest.get("package").and_then(|package| package.get(key))) {
            found.push(Problem::new(
                (&file.path, line_of(&file.text, key)),
                format!("`package.{key}` does not come from the workspace"),
                "one place says which version, edition and licence everything has",
                format!("write `{key}.workspace = true`"),
            ));
        }
    }
    for section in SECTIONS {
        for (name, value) in manifest.get(section).and_then(Value::as_table).into_iter().flatten() {
            if !is_workspace(Some(value)) {
                found.push(Problem::new(
                    (&file.path, line_of(&file.text, name)),
                    format!("the dependency `{name}` does not come from the workspace"),
                    "one place says which version and features everything uses",
                    format!(
                        "add it to `[workspace.dependencies]` and write `{name}.workspace = true`"
                    ),
                ));
            }
        }
    }
    found
}

/// Every third-party dependency of the workspace has a line in docs/DEPENDENCIES.md, and every
/// line there a dependency.
fn reasons(repository: &Repository) -> Vec<Problem> {
    let Some(manifest) = repository.file("Cargo.toml") else { return Vec::new() };
    let table = match manifest.text.parse::<Table>() {
        Ok(table) => table,
        Err(error) => return vec![unreadable("Cargo.toml", &error.to_string())],
    };
    let dependencies: Vec<&String> = table
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(Value::as_table)
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.get("path").is_none())
        .map(|(name, _)| name)
        .collect();
    let text = repository.file(REASONS).map_or("", |file| file.text.as_str());
    let rows: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .filter_map(|(number, line)| {
            let name = line.strip_prefix("| `")?.split('`').next()?;
            Some((number + 1, name))
        })
        .collect();
    let mut found = Vec::new();
    for name in &dependencies {
        if !rows.iter().any(|(_, row)| row == name) {
            found.push(Problem::new(
                ("Cargo.toml", line_of(&manifest.text, name)),
                format!("the dependency `{name}` has no line in {REASONS}"),
                "every dependency is code nobody here reviewed: it needs a reason",
                format!("add a row: what `{name}` replaces, why this one, its licence"),
            ));
        }
    }
    for (line, row) in rows {
        if !dependencies.iter().any(|name| *name == row) {
            found.push(Problem::new(
                (REASONS, line),
                format!("`{row}` is not a dependency of the workspace"),
                "a list that says too much is not read",
                "remove the row",
            ));
        }
    }
    found
}

fn line_of(text: &str, key: &str) -> usize {
    text.lines().position(|line| line.trim_start().starts_with(key)).map_or(1, |line| line + 1)
}

#[cfg(test)]
mod tests {
    use super::super::repository::Repository;
    use super::check;

    const GOOD: &str = "[package]\nname = \"entra\"\nversion.workspace = true\nedition.workspace = \
        true\nrust-version.workspace = true\nlicense.workspace = true\nrepository.workspace = \
        true\npublish.workspace = true\n[lints]\nworkspace = true\n[dependencies]\n\
        serde.workspace = true\n";
    const ROOT: &str =
        "[workspace.dependencies]\nentra = { path = \"crates/entra\" }\nserde = \"1\"\n";

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        check(&Repository::of(files)).into_iter().map(|problem| problem.what).collect()
    }

    #[test]
    fn a_crate_that_inherits_everything_is_no_problem() {
        let files = [
            ("Cargo.toml", ROOT),
            ("crates/entra/Cargo.toml", GOOD),
            ("docs/DEPENDENCIES.md", "| `serde` | … |"),
        ];
        assert!(found(&files).is_empty(), "{:?}", found(&files));
    }

    #[test]
    fn what_is_not_inherited_is_named() {
        let bad = GOOD
            .replace("[lints]\nworkspace = true\n", "")
            .replace("edition.workspace = true", "edition = \"2021\"")
            .replace("serde.workspace = true", "serde = \"1\"");
        let what = found(&[("crates/entra/Cargo.toml", &bad)]);
        assert_eq!(
            what,
            [
                "does not inherit the lints of the workspace",
                "`package.edition` does not come from the workspace",
                "the dependency `serde` does not come from the workspace",
            ]
        );
    }

    #[test]
    fn a_dependency_without_a_reason_is_caught_and_a_reason_without_one_too() {
        let what = found(&[("Cargo.toml", ROOT), ("docs/DEPENDENCIES.md", "| `rand` | dice |")]);
        assert_eq!(
            what,
            [
                "the dependency `serde` has no line in docs/DEPENDENCIES.md",
                "`rand` is not a dependency of the workspace",
            ]
        );
    }

    #[test]
    fn broken_toml_is_a_problem_not_a_pass() {
        assert!(found(&[("xtask/Cargo.toml", "[package")])[0].starts_with("is no TOML"));
    }
}
