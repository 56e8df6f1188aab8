//! The text files of the repository, read once.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

/// One text file.
#[derive(Debug, Clone)]
pub(crate) struct TextFile {
    /// Path from the root of the repository, with `/`.
    pub(crate) path: String,
    /// Content.
    pub(crate) text: String,
}

/// The text files of the repository.
#[derive(Debug, Clone, Default)]
pub(crate) struct Repository {
    /// Sorted by path.
    pub(crate) files: Vec<TextFile>,
    /// Where it lies; `None` in tests.
    root: Option<PathBuf>,
}

/// Folders that hold nothing written by hand.
const SKIPPED: [&str; 8] =
    ["target", ".git", "examples", "node_modules", "corpus", "artifacts", "plan", "lockstep-demo"];
/// Names of the text files that count, by ending.
const ENDINGS: [&str; 7] = ["rs", "toml", "md", "html", "txt", "sh", "yaml"];

impl Repository {
    /// Reads the repository at `root`.
    pub(crate) fn read(root: &Path) -> Outcome<Self> {
        let mut files = Vec::new();
        walk(root, "", &mut files)?;
        files.sort_by(|left: &TextFile, right| left.path.cmp(&right.path));
        Ok(Self { files, root: Some(root.to_owned()) })
    }

    /// True when a file or folder lies at this path, read here or not.
    pub(crate) fn holds(&self, path: &str) -> bool {
        self.file(path).is_some() || self.root.as_ref().is_some_and(|root| root.join(path).exists())
    }

    /// A file by its path.
    pub(crate) fn file(&self, path: &str) -> Option<&TextFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Rust source, tests and fuzz targets included.
    pub(crate) fn rust_files(&self) -> impl Iterator<Item = &TextFile> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// A repository of these files, for tests.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| TextFile { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect();
        Self { files, root: None }
    }
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<TextFile>) -> Outcome<()> {
    let listed =
        fs::read_dir(folder).map_err(|error| Failure::at("cannot list", folder, &error))?;
    for entry in listed {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let below = format!("{prefix}{name}");
        if path.is_dir() {
            // At the root only: folders that commands of the README write.
            let written = matches!(name, "plan" | "lockstep-demo");
            let skipped = SKIPPED.contains(&name) && (!written || prefix.is_empty());
            if !skipped {
                walk(&path, &format!("{below}/"), files)?;
            }
        } else if below == ".ci/run"
            || path.extension().and_then(|it| it.to_str()).is_some_and(|it| ENDINGS.contains(&it))
        {
            let text = fs::read_to_string(&path)
                .map_err(|error| Failure::at("cannot read", &path, &error))?;
            files.push(TextFile { path: below, text });
        }
    }
    Ok(())
}
