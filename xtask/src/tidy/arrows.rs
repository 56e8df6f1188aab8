//! Arrows point down only, and the pure crates stay pure.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::MetadataCommand;

use super::Problem;
use crate::cargo::cargo;
use crate::failure::{Failure, Outcome};

/// Which crate of the house may use which. A crate that is not listed is not known.
const ALLOWED: [(&str, &[&str]); 12] = [
    ("conditional-access", &[]),
    ("records", &[]),
    ("rollout", &["conditional-access"]),
    ("entra", &["conditional-access", "records", "rollout"]),
    ("signins", &["conditional-access", "records", "rollout"]),
    ("store", &["conditional-access", "rollout"]),
    ("twin", &["conditional-access", "rollout"]),
    ("cluster", &["conditional-access", "records", "rollout", "signins"]),
    (
        "lockstep",
        &[
            "conditional-access",
            "records",
            "rollout",
            "entra",
            "signins",
            "store",
            "twin",
            "cluster",
        ],
    ),
    ("lockstep-fuzz", &["conditional-access", "records", "rollout", "entra", "signins", "store"]),
    ("lockstep-bench", &["conditional-access"]),
    ("xtask", &[]),
];

/// Crates that decide and do nothing else.
pub(crate) const PURE: [&str; 2] = ["conditional-access", "rollout"];

/// What a pure crate must not reach, however deep.
const IMPURE: [&str; 24] = [
    "async-std",
    "axum",
    "chrono",
    "clap",
    "fastrand",
    "futures-executor",
    "getrandom",
    "hyper",
    "log",
    "mio",
    "rand",
    "rand_core",
    "reqwest",
    "rusqlite",
    "smol",
    "socket2",
    "sqlx",
    "tempfile",
    "tokio",
    "tracing",
    "ureq",
    "uuid",
    "walkdir",
    "zip",
];

/// The dependency graph, as far as the rules need it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Packages {
    /// Names of the members of the workspace.
    pub(crate) members: BTreeSet<String>,
    /// Normal dependencies of the pure crates and everything below them.
    pub(crate) normal: BTreeMap<String, BTreeSet<String>>,
    /// Dependencies of any kind (tests and build scripts too) of the members.
    pub(crate) any: BTreeMap<String, BTreeSet<String>>,
}

impl Packages {
    /// Asks cargo.
    pub(crate) fn of_workspace(root: &Path) -> Outcome<Self> {
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .other_options(vec!["--locked".to_owned()])
            .exec()
            .map_err(|error| Failure::new(format!("cargo metadata does not answer: {error}")))?;
        let name = |id: &cargo_metadata::PackageId| {
            metadata.packages.iter().find(|it| it.id == *id).map(|it| it.name.to_string())
        };
        let mut packages = Self {
            members: metadata.workspace_members.iter().filter_map(name).collect(),
            ..Self::default()
        };
        for node in metadata.resolve.iter().flat_map(|resolve| &resolve.nodes) {
            let Some(user) = name(&node.id) else { continue };
            for dependency in &node.deps {
                let Some(used) = name(&dependency.pkg) else { continue };
                packages.any.entry(user.clone()).or_default().insert(used);
            }
        }
        for pure in PURE {
            if packages.members.contains(pure) {
                packages.add_tree(&tree(root, pure)?);
            }
        }
        Ok(packages)
    }

    /// Adds what `cargo tree --prefix depth` prints: a depth, a name, a version on each line.
    /// (The resolve of `cargo metadata` also names optional dependencies that nobody turned on.)
    fn add_tree(&mut self, printed: &str) {
        let mut way: Vec<String> = Vec::new();
        for line in printed.lines() {
            let digits = line.chars().take_while(char::is_ascii_digit).count();
            let (depth, rest) = line.split_at_checked(digits).unwrap_or((line, ""));
            let Some(name) = rest.split_whitespace().next() else { continue };
            way.truncate(depth.parse().unwrap_or(0));
            if let Some(user) = way.last() {
                self.normal.entry(user.clone()).or_default().insert(name.to_owned());
            }
            way.push(name.to_owned());
        }
    }
}

/// What a crate is built with on this machine, tests and build scripts apart.
fn tree(root: &Path, package: &str) -> Outcome<String> {
    let arguments = ["tree", "--locked", "--edges", "normal", "--prefix", "depth", "--package"];
    let output = cargo(root).args(arguments).arg(package).output()?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("cargo tree does not answer: {words}")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Checks both rules.
pub(crate) fn check(packages: &Packages) -> Vec<Problem> {
    let mut found = Vec::new();
    for member in &packages.members {
        let manifest = manifest_of(member);
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| name == member) else {
            found.push(Problem::new(
                (&manifest, 1),
                format!("the crate `{member}` is not in the map of the house"),
                "a crate nobody placed can point anywhere",
                "add it to ALLOWED in xtask/src/tidy/arrows.rs and to docs/ARCHITECTURE.md",
            ));
            continue;
        };
        for used in packages.any.get(member).into_iter().flatten() {
            if packages.members.contains(used) && !allowed.contains(&used.as_str()) {
                found.push(Problem::new(
                    (&manifest, 1),
                    format!("`{member}` depends on `{used}`"),
                    "arrows point down only, and the edges never meet",
                    "move what is shared into the crate below both",
                ));
            }
        }
    }
    for pure in PURE {
        for (used, way) in reached(packages, pure) {
            if IMPURE.contains(&used.as_str()) {
                found.push(Problem::new(
                    (&manifest_of(pure), 1),
                    format!("`{pure}` reaches `{used}`, through {}", way.join(" → ")),
                    "decisions have no clock, chance, file, network or log",
                    "take the value as a parameter, or turn the feature off",
                ));
            }
        }
    }
    found
}

fn manifest_of(member: &str) -> String {
    match member {
        "xtask" => "xtask/Cargo.toml".to_owned(),
        "lockstep-fuzz" => "fuzz/Cargo.toml".to_owned(),
        "lockstep-bench" => "bench/Cargo.toml".to_owned(),
        other => format!("crates/{other}/Cargo.toml"),
    }
}

/// Everything below a package by normal dependencies, each with the way to it.
fn reached(packages: &Packages, from: &str) -> BTreeMap<String, Vec<String>> {
    let mut ways: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut queue = vec![(from.to_owned(), vec![from.to_owned()])];
    while let Some((user, way)) = queue.pop() {
        for used in packages.normal.get(&user).into_iter().flatten() {
            if !ways.contains_key(used) {
                let mut longer = way.clone();
                longer.push(used.clone());
                ways.insert(used.clone(), longer.clone());
                queue.push((used.clone(), longer));
            }
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::{Packages, check};

    fn packages(normal: &[(&str, &[&str])]) -> Packages {
        let mut packages = Packages::default();
        for (user, used) in normal {
            packages.members.insert((*user).to_owned());
            let used: std::collections::BTreeSet<String> =
                used.iter().map(|it| (*it).to_owned()).collect();
            packages.normal.insert((*user).to_owned(), used.clone());
            packages.any.insert((*user).to_owned(), used);
        }
        packages
    }

    #[test]
    fn the_map_as_drawn_is_no_problem() {
        let drawn = packages(&[
            ("conditional-access", &["serde"]),
            ("records", &[]),
            ("rollout", &["conditional-access"]),
            ("entra", &["records", "rollout"]),
            ("signins", &["records", "rollout"]),
            ("lockstep", &["entra", "signins"]),
        ]);
        assert_eq!(check(&drawn), []);
    }

    #[test]
    fn edges_that_meet_are_caught() {
        let found = check(&packages(&[("entra", &["signins"]), ("signins", &[])]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].what, "`entra` depends on `signins`");
    }

    #[test]
    fn an_arrow_up_is_caught() {
        let found = check(&packages(&[("rollout", &["lockstep"]), ("lockstep", &[])]));
        assert_eq!(found[0].what, "`rollout` depends on `lockstep`");
    }

    #[test]
    fn a_crate_nobody_placed_is_caught() {
        let found = check(&packages(&[("helpers", &[])]));
        assert!(found[0].what.contains("not in the map"));
    }

    #[test]
    fn an_impure_crate_is_caught_however_deep() {
        let mut deep = packages(&[("rollout", &[])]);
        deep.add_tree(
            "0rollout v0.1.0\n1jiff v0.2.43\n2serde v1.0.0\n1templates v3.0.5\n2chance v1.0.0\n\
             3getrandom v0.3.0\n1serde v1.0.0 (*)\n",
        );
        let found = check(&deep);
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].what,
            "`rollout` reaches `getrandom`, through rollout → templates → chance → getrandom"
        );
    }
}
