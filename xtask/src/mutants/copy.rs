//! A copy of the workspace to put errors into, and what the compiler says of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel};

use crate::cargo::cargo;
use crate::failure::{Failure, Outcome};

/// A copy of what git knows of the workspace, with a target folder of its own. Both stay, so that
/// the next run compiles only what changed.
pub(crate) struct Copy {
    sources: PathBuf,
    target: PathBuf,
}

/// What the compiler made of the copy.
pub(crate) enum Built {
    /// The test programs, by the name of their target.
    Programs(Vec<Program>),
    /// It does not compile.
    Refused(Vec<Refusal>),
}

/// A test program.
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// One error of the compiler.
pub(crate) struct Refusal {
    /// Files and lines it points at, the first ones first.
    pub(crate) places: Vec<(String, usize)>,
    pub(crate) words: String,
}

impl Copy {
    /// Copies the workspace at `root`, but for files that are written otherwise.
    pub(crate) fn of(root: &Path, otherwise: &BTreeMap<String, String>) -> Outcome<Self> {
        let folder = root.join("target").join("mutants");
        let copy = Self { sources: folder.join("sources"), target: folder.join("build") };
        let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output()?;
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let copied = |file: &&str| !file.is_empty() && !otherwise.contains_key(*file);
        for file in listed.split('\0').filter(copied) {
            // What is deleted and not yet committed is still listed.
            if let Ok(bytes) = fs::read(root.join(file)) {
                copy.put(file, &bytes)?;
            }
        }
        Ok(copy)
    }

    /// Writes one file, unless it says so already: what is not written anew is not compiled anew.
    pub(crate) fn put(&self, file: &str, bytes: &[u8]) -> Outcome<()> {
        let path = self.sources.join(file);
        if fs::read(&path).is_ok_and(|before| before == bytes) {
            return Ok(());
        }
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        let written = folder.and_then(|()| fs::write(&path, bytes));
        written.map_err(|error| Failure::at("cannot write", &path, &error))
    }

    /// The folder of a crate of the copy.
    pub(crate) fn folder_of(&self, package: &str) -> PathBuf {
        self.sources.join("crates").join(package)
    }

    /// Compiles some tests of a package.
    pub(crate) fn build(&self, package: &str, tests: &[&str]) -> Outcome<Built> {
        let mut command = cargo(&self.sources);
        command
            .args(["test", "--no-run", "--locked", "--message-format", "json"])
            .args(["--package", package])
            .env("CARGO_TARGET_DIR", &self.target)
            .env("RUSTFLAGS", "--cap-lints=allow")
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        for test in tests {
            command.args(["--test", test]);
        }
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or_else(|| Failure::new("cargo has no output"))?;
        let (mut programs, mut refusals) = (Vec::new(), Vec::new());
        for message in Message::parse_stream(BufReader::new(output)) {
            match message? {
                Message::CompilerArtifact(artifact) => {
                    let path = artifact.executable.map(PathBuf::from);
                    programs.extend(path.map(|path| Program { name: artifact.target.name, path }));
                }
                Message::CompilerMessage(it) if it.message.level == DiagnosticLevel::Error => {
                    refusals.push(Refusal::of(&it.message));
                }
                _ => {}
            }
        }
        if child.wait()?.success() {
            programs.sort_by_key(|it| tests.iter().position(|test| **test == it.name));
            return Ok(Built::Programs(programs));
        }
        if refusals.is_empty() {
            return Err(Failure::new("the copy does not compile, and no error says why"));
        }
        Ok(Built::Refused(refusals))
    }
}

impl Refusal {
    fn of(message: &Diagnostic) -> Self {
        let mut spans: Vec<_> = message.spans.iter().collect();
        spans.sort_by_key(|span| !span.is_primary);
        let places = spans.iter().map(|span| (span.file_name.clone(), span.line_start)).collect();
        Self { places, words: message.rendered.clone().unwrap_or_else(|| message.message.clone()) }
    }
}
