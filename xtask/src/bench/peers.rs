//! What users would pick instead: programs of the system, and Python packages in a virtual
//! environment of their own. What is not there is a row that says so, not a failure.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Outcome;
use crate::generate::volume::LEGACY_CLIENTS;
use crate::say;

/// The packages and their versions; with those they need.
const PACKAGES: [(&str, &str); 5] = [
    ("duckdb", "2.0.0"),
    ("polars", "2.1.0"),
    ("datafusion", "55.0.0"),
    ("pyarrow", "26.0.1"),
    ("orjson", "3.13.0"),
];
/// Said first in every script: the legacy clients, and how the answer is told.
const ANSWER: &str = include_str!("peers/answer.py");
const SCRIPTS: [(&str, &str); 4] = [
    ("duckdb_legacy.py", include_str!("peers/duckdb_legacy.py")),
    ("polars_legacy.py", include_str!("peers/polars_legacy.py")),
    ("datafusion_legacy.py", include_str!("peers/datafusion_legacy.py")),
    ("orjson_legacy.py", include_str!("peers/orjson_legacy.py")),
];
const JQ: &str = include_str!("peers/legacy.jq");

/// A program, or why it is not there.
pub(crate) type Available = Result<String, String>;

/// Everything that can be compared with.
#[derive(Debug)]
pub(crate) struct Peers {
    /// Python with the packages.
    pub(crate) python: Available,
    /// The folder of the scripts.
    pub(crate) scripts: PathBuf,
    /// What is installed, in the words of each.
    pub(crate) versions: BTreeMap<String, String>,
}

impl Peers {
    /// Writes the scripts and makes the environment, where that was not done before.
    pub(crate) fn find(bench: &Path) -> Outcome<Self> {
        let scripts = bench.join("peers");
        fs::create_dir_all(&scripts)?;
        for (name, text) in SCRIPTS {
            fs::write(scripts.join(name), script(text))?;
        }
        fs::write(scripts.join("legacy.jq"), jq_program())?;
        let python = environment(&bench.join("venv"));
        let mut versions = BTreeMap::new();
        match &python {
            Ok(python) => {
                versions.extend(version("Python", python, "--version"));
                let packages =
                    PACKAGES.map(|(name, version)| (name.to_owned(), version.to_owned()));
                versions.extend(packages);
            }
            Err(why) => say!("Python packages: not available: {why}"),
        }
        for name in ["cat", "rg", "jq", "gzip", "pigz"] {
            versions.extend(version(name, name, "--version"));
        }
        Ok(Self { python, scripts, versions })
    }

    /// A program of the system.
    pub(crate) fn program(&self, name: &str) -> Available {
        if self.versions.contains_key(name) {
            return Ok(name.to_owned());
        }
        let package = if name == "rg" { "ripgrep" } else { name };
        Err(format!("`{name}` is not installed; Debian has it in the package `{package}`"))
    }
}

fn script(text: &str) -> String {
    format!("CLIENTS = {}\n{ANSWER}{text}", serde_json::json!(LEGACY_CLIENTS))
}

fn jq_program() -> String {
    format!("{} as $clients |\n{JQ}", serde_json::json!(LEGACY_CLIENTS))
}

/// The Python of the environment with the packages, made now if it was not.
fn environment(folder: &Path) -> Available {
    let python = folder.join("bin/python");
    let note = folder.join("lockstep-packages.txt");
    let wanted: Vec<String> =
        PACKAGES.iter().map(|(name, version)| format!("{name}=={version}")).collect();
    let path = python.to_string_lossy().into_owned();
    if fs::read_to_string(&note).is_ok_and(|text| text == wanted.join("\n")) && python.exists() {
        return Ok(path);
    }
    say!("making {} with {}", folder.display(), wanted.join(", "));
    let run = |program: &str, arguments: &[&str], what: &str| {
        let output = Command::new(program)
            .args(arguments)
            .output()
            .map_err(|error| format!("{what}: `{program}` cannot be started: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let last = told.lines().last().unwrap_or("it says nothing").trim().to_owned();
        Err(format!("{what}: {last}"))
    };
    let place = folder.to_string_lossy().into_owned();
    run("python3", &["-m", "venv", &place], "no virtual environment")?;
    let mut install = vec!["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    install.extend(wanted.iter().map(String::as_str));
    run(&path, &install, "the packages could not be installed")?;
    fs::write(&note, wanted.join("\n")).map_err(|error| error.to_string())?;
    Ok(path)
}

/// The version a program tells; nothing when it is not there.
fn version(name: &str, program: &str, flag: &str) -> Option<(String, String)> {
    let output = Command::new(program).arg(flag).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = text
        .lines()
        .next()?
        .split([' ', '-'])
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    Some((name.to_owned(), number.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{PACKAGES, Peers, SCRIPTS, environment, jq_program, script, version};

    #[test]
    fn what_is_not_there_is_said_with_where_it_is_found() {
        let peers = Peers {
            python: Err("no network".to_owned()),
            scripts: "scripts".into(),
            versions: BTreeMap::from([("jq".to_owned(), "1.6".to_owned())]),
        };
        assert_eq!(peers.program("jq"), Ok("jq".to_owned()));
        assert!(peers.program("rg").unwrap_err().ends_with("in the package `ripgrep`"));
        assert_eq!(version("x", "no-such-program-anywhere", "--version"), None);
        assert!(version("cat", "cat", "--version").is_some());
    }

    #[test]
    fn an_environment_that_cannot_be_made_says_why() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let why = environment(&file.path().join("venv")).unwrap_err();
        assert!(why.starts_with("no virtual environment: "), "{why}");
    }

    #[test]
    fn every_script_knows_the_clients_and_tells_its_answer() {
        for (name, text) in SCRIPTS {
            assert!(text.contains("CLIENTS") && text.contains("\ntell("), "{name}");
            let whole = script(text);
            assert!(whole.starts_with("CLIENTS = [\"Authenticated SMTP\","), "{name}");
            assert!(whole.contains("def tell(") && whole.contains("\"Universal Outlook\"]"));
        }
        assert!(jq_program().starts_with("[\"Authenticated SMTP\","));
        for (package, version) in PACKAGES {
            assert!(version.split('.').count() == 3, "{package} is not pinned");
        }
    }
}
