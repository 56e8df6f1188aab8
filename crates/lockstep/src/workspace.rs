//! The workspace: the folder that holds `lockstep.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rollout::Rollout;

use crate::error::CommandError;
use crate::settings::Settings;

/// Name of the settings file.
pub(crate) const FILE: &str = "lockstep.toml";

/// What the operator wants, and where it is written.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    /// The folder of the settings file.
    pub(crate) folder: PathBuf,
    /// Its content.
    pub(crate) rollout: Rollout,
}

/// Where a reading verb reads, and by which settings.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The exports folder.
    pub(crate) exports: PathBuf,
    /// The settings; all defaults outside a workspace.
    pub(crate) rollout: Rollout,
    /// The workspace, where there is one.
    pub(crate) workspace: Option<PathBuf>,
    /// The tenant is read through Microsoft Graph; `exports` is where the last download lies.
    pub(crate) live: bool,
    /// `--exports` as given, for the command to run next.
    pub(crate) given: Option<PathBuf>,
    /// `--settings` as given, for the command to run next.
    pub(crate) settings: Option<PathBuf>,
}

impl Place {
    /// Finds exports and settings: `--exports` first, else what the settings name.
    pub(crate) fn find(settings: &Settings, exports: Option<&Path>) -> Result<Self, CommandError> {
        let mut place = Self::of(&settings.folder, settings.file.as_deref(), exports)?;
        // Of a folder that was given instead of the one the process is in, relative paths start there.
        if let (Some(folder), true) = (&settings.surroundings.folder, exports.is_some()) {
            place.exports = folder.join(&place.exports);
        }
        Ok(place)
    }

    /// The workspace that keeps sign-ins for the next question, where there is one and none of it
    /// was forbidden.
    pub(crate) fn keeps(&self, settings: &Settings) -> Option<&Path> {
        self.workspace.as_deref().filter(|_| !settings.no_cache)
    }

    /// The workspace of a verb that remembers something, and what it reads.
    ///
    /// # Errors
    /// Outside a workspace: there is nowhere to remember in.
    pub(crate) fn of_workspace(settings: &Settings) -> Result<Self, CommandError> {
        if settings.file.is_none() && find(&settings.folder)?.is_none() {
            return Err(no_workspace());
        }
        Self::find(settings, None)
    }

    /// The same for a folder, with the settings file where one was named.
    pub(crate) fn of(
        folder: &Path,
        settings: Option<&Path>,
        exports: Option<&Path>,
    ) -> Result<Self, CommandError> {
        let workspace = match settings {
            Some(file) => Some(named(file)?),
            None => find(folder)?,
        };
        let rollout = workspace.as_ref().map(|it| it.rollout.clone()).unwrap_or_default();
        let live = exports.is_none() && rollout.source.graph.is_some();
        let exports_found = match (exports, &workspace) {
            (Some(exports), _) => exports.to_owned(),
            (None, Some(workspace)) if live => downloads(&workspace.folder),
            (None, Some(workspace)) => match &workspace.rollout.source.exports {
                Some(exports) => workspace.folder.join(exports),
                None => {
                    let file = settings.unwrap_or(Path::new(FILE));
                    return Err(CommandError::wrong_input(format!(
                        "`{}` names no exports folder",
                        file.display()
                    ))
                    .hint("set `exports` or `graph` under `[source]`, or give `--exports DIR`"));
                }
            },
            (None, None) => {
                return Err(CommandError::wrong_input("no exports folder given")
                    .hint("give `--exports DIR` with the folder of downloaded files")
                    .hint(
                        "or start a workspace with `lockstep init --exports DIR`, or with \
                         `lockstep init --graph TENANT`",
                    ));
            }
        };
        Ok(Self {
            exports: exports_found,
            rollout,
            live,
            workspace: workspace.map(|workspace| workspace.folder),
            given: exports.map(Path::to_owned),
            settings: settings.map(Path::to_owned),
        })
    }

    /// The operator's own message templates: `templates/NAME.txt` in the workspace, by name.
    pub(crate) fn templates(&self) -> Result<BTreeMap<String, String>, CommandError> {
        let mut templates = BTreeMap::new();
        let Some(folder) = self.workspace.as_ref().map(|folder| folder.join("templates")) else {
            return Ok(templates);
        };
        // No such folder: no templates of their own.
        let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(templates) };
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_stem().and_then(|name| name.to_str());
            let (Some(name), Some("txt")) = (name, path.extension().and_then(|it| it.to_str()))
            else {
                continue;
            };
            let text = std::fs::read_to_string(&path).map_err(|error| {
                CommandError::wrong_input(format!("cannot read `{}`", path.display()))
                    .because(error)
                    .hint("save the template as UTF-8 text")
            })?;
            templates.insert(name.to_owned(), text);
        }
        Ok(templates)
    }

    /// A command of the same place: `lockstep VERB`, with `--settings` and `--exports` where they
    /// were given.
    pub(crate) fn command(&self, verb: &str) -> String {
        let mut command = format!("lockstep {verb}");
        for (option, given) in [("--settings", &self.settings), ("--exports", &self.given)] {
            if let Some(path) = given {
                command.push_str(&format!(" {option} {}", quoted(path)));
            }
        }
        command
    }
}

/// There is nowhere to remember in.
pub(crate) fn no_workspace() -> CommandError {
    CommandError::wrong_input("there is no workspace here to remember in")
        .hint("start one with `lockstep init --graph TENANT`, or with `--exports DIR`")
}

/// Where a workspace keeps what was downloaded of its tenant.
pub(crate) fn downloads(workspace: &Path) -> PathBuf {
    workspace.join(".lockstep").join("graph")
}

/// A path as a shell takes it.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    if text.chars().any(|character| character.is_whitespace() || "'\"$&;()".contains(character)) {
        format!("'{}'", text.replace('\'', r"'\''"))
    } else {
        text
    }
}

/// The workspace of a folder: the nearest one upwards.
///
/// # Errors
/// When the file is there but cannot be used.
pub(crate) fn find(folder: &Path) -> Result<Option<Workspace>, CommandError> {
    let Some(found) = folder.ancestors().find(|folder| folder.join(FILE).is_file()) else {
        return Ok(None);
    };
    named(&found.join(FILE)).map(Some)
}

/// The workspace of a settings file of any name: paths in it are relative to its folder.
fn named(path: &Path) -> Result<Workspace, CommandError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        CommandError::wrong_input(format!("cannot read the settings file `{}`", path.display()))
            .because(error)
    })?;
    let rollout = parse(&text, &path.display().to_string())?;
    Ok(Workspace { folder: path.parent().unwrap_or(Path::new("")).to_owned(), rollout })
}

/// Reads the settings, naming file and line of what is wrong.
fn parse(text: &str, name: &str) -> Result<Rollout, CommandError> {
    let rollout: Rollout = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| {
            1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count()
        });
        let reason = error.message().to_owned();
        let wrong = CommandError::wrong_input(format!("`{name}` line {line}: {reason}"));
        match nearest_key(&reason) {
            Some(key) => wrong.hint(format!("did you mean `{key}`?")),
            None => wrong,
        }
    })?;
    let wrong = rollout.check();
    if wrong.is_empty() {
        return Ok(rollout);
    }
    let mut error = CommandError::wrong_input(format!("`{name}` cannot be used as it is"));
    for line in wrong {
        error = error.hint(line);
    }
    Err(error)
}

/// The word an unknown one was most likely meant to be, from the reader's own list of known ones.
pub(crate) fn nearest_key(reason: &str) -> Option<String> {
    let (said, known) = reason.split_once(", expected ")?;
    let unknown = said.strip_prefix("unknown field `").or(said.strip_prefix("unknown variant `"));
    let wrong = unknown?.strip_suffix('`')?;
    known
        .trim_start_matches("one of ")
        .split([',', ' '])
        .map(|known| (known.trim_matches('`'), known))
        .filter(|(name, known)| !name.is_empty() && *known != "or")
        .map(|(known, _)| (strsim::jaro_winkler(wrong, known), known))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, known)| known.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_key_is_named_with_its_line_and_the_right_one() {
        let text = "[thresholds]\nlegacy_days = 30\ndorment_days = 60\n";
        let error = parse(text, "lockstep.toml").unwrap_err().lines();
        assert!(error.contains("`lockstep.toml` line 3: unknown field `dorment_days`"), "{error}");
        assert!(error.contains("hint: did you mean `dormant_days`?"), "{error}");
    }

    #[test]
    fn a_wrong_type_is_named_with_its_line() {
        let error = parse("[steps]\n\npilot_days = \"three\"\n", "x").unwrap_err().lines();
        assert!(error.contains("`x` line 3:"), "{error}");
    }

    #[test]
    fn templates_of_the_workspace_are_read_by_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "[source]\nexports = \"in\"\n").unwrap();
        let templates = folder.path().join("templates");
        let place = Place::of(folder.path(), None, None).unwrap();
        assert!(place.templates().unwrap().is_empty());
        std::fs::create_dir(&templates).unwrap();
        std::fs::write(templates.join("reminder.txt"), "Hello").unwrap();
        std::fs::write(templates.join("notes.md"), "not a template").unwrap();
        let found = place.templates().unwrap();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [("reminder".into(), "Hello".into())]);
        std::fs::write(templates.join("announcement.txt"), [0xff, 0xfe, 0x00]).unwrap();
        assert!(place.templates().unwrap_err().lines().contains("save the template as UTF-8"));
    }

    #[test]
    fn the_nearest_workspace_upwards_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        assert!(Place::of(&deep, None, None).is_err());
        std::fs::write(folder.path().join("a").join(FILE), "[source]\nexports = \"in\"\n").unwrap();
        let place = Place::of(&deep, None, None).unwrap();
        assert_eq!(place.exports, folder.path().join("a/in"));
        assert_eq!(place.command("status"), "lockstep status");
        let place = Place::of(&deep, None, Some(Path::new("my files"))).unwrap();
        assert_eq!(place.exports, Path::new("my files"));
        assert_eq!(place.command("status"), "lockstep status --exports 'my files'");
    }

    #[test]
    fn a_named_settings_file_wins_and_its_paths_are_relative_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let text = "[source]\nexports = \"in\"\n";
        std::fs::create_dir(folder.path().join("a")).unwrap();
        std::fs::write(folder.path().join(FILE), "[source]\nexports = \"other\"\n").unwrap();
        let file = folder.path().join("a").join("ne.toml");
        assert!(Place::of(folder.path(), Some(&file), None).is_err(), "a missing file is an error");
        std::fs::write(&file, text).unwrap();
        let place = Place::of(folder.path(), Some(&file), None).unwrap();
        assert_eq!(place.exports, folder.path().join("a").join("in"));
        assert_eq!(place.workspace, Some(folder.path().join("a")));
        let command = format!("lockstep status --settings {}", file.display());
        assert_eq!(place.command("status"), command);
    }
}
