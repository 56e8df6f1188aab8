//! A workspace with the exports of a small made-up firm, and commands run in it.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use lockstep::surroundings::{Ran, Surroundings, run_in};
use serde_json::Value;
use twin::{Scenario, World};

/// A Monday morning.
pub(crate) fn monday() -> Timestamp {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

/// The workspace of a firm.
pub(crate) struct Workspace {
    folder: tempfile::TempDir,
    /// The clock.
    pub(crate) now: Timestamp,
}

impl Workspace {
    /// A workspace whose exports hold nobody: for verbs that read nothing.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("exports")).unwrap();
        let settings = "[source]\nexports = \"exports\"\n";
        fs::write(folder.path().join("lockstep.toml"), settings).unwrap();
        Self { folder, now: monday() }
    }

    /// The workspace of a firm on a day of its rollout; 0: it has not begun.
    pub(crate) fn of_firm(day: u32) -> Self {
        let workspace = Self::empty();
        let scenario = Scenario { people: 30, seed: 11, now: workspace.now, day, history_days: 30 };
        let world = World::new(&scenario);
        world.export(&workspace.path("exports"), workspace.now, 30).unwrap();
        let notes = world.notes(workspace.now);
        let ahead = i64::from(day.saturating_sub(1)) * 24;
        let start = workspace.now - SignedDuration::from_hours(ahead);
        let settings = format!(
            "[source]\nexports = \"exports\"\n[calendar]\ntime_zone = \"{}\"\nstart = {}\n\
             [pilot]\ngroup = \"{}\"\n[break_glass]\naccounts = {:?}\n",
            notes.time_zone,
            start.strftime("%Y-%m-%d"),
            notes.pilot_group,
            notes.break_glass
        );
        workspace.write("lockstep.toml", &settings);
        workspace
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Runs a command.
    pub(crate) fn ran(&self, arguments: &[&str]) -> Ran {
        let mut surroundings = Surroundings::default();
        surroundings.folder = Some(self.folder.path().to_owned());
        let now = self.now.to_string();
        let all = ["lockstep"].iter().chain(arguments).copied().chain(["--now", &now]);
        run_in(all.map(OsString::from), &surroundings)
    }

    /// Exit code, stdout and stderr as one text.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let Ran { status, stdout, stderr } = self.ran(arguments);
        let mut text = format!("exit {}\n", status.code());
        for (name, printed) in [("stdout", stdout), ("stderr", stderr)] {
            if !printed.is_empty() {
                write!(text, "--- {name}\n{printed}").unwrap();
            }
        }
        text
    }

    /// The document of a verb that must end with this code.
    pub(crate) fn document(&self, code: u8, arguments: &[&str]) -> Value {
        let ran = self.ran(&[arguments, &["--json", "--quiet"]].concat());
        assert_eq!(ran.status.code(), code, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        serde_json::from_str(&ran.stdout).unwrap()
    }
}

/// A folder that is no workspace.
pub(crate) fn nowhere(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let workspace = Workspace { folder, now: monday() };
    let text = workspace.run(arguments);
    let left = fs::read_dir(workspace.folder.path()).unwrap().count();
    assert_eq!(left, 0, "{arguments:?} left something behind");
    text
}

#[test]
fn no_verb_remembers_anything_outside_a_workspace() {
    let verbs: [&[&str]; 6] = [
        &["attest", "P-17", "--by", "Ann", "--note", "x"],
        &["waive", "G4", "--by", "Ann", "--reason", "x", "--until", "2026-12-01"],
        &["schedule", "--start", "2026-11-23", "--by", "Ann", "--reason", "x"],
        &["issue", "add", "--by", "Ann", "--text", "x"],
        &["issue", "list"],
        &["issue", "close", "I-001", "--by", "Ann", "--how", "x"],
    ];
    for verb in verbs {
        let text = nowhere(verb);
        assert!(text.starts_with("exit 1\n"), "{verb:?}: {text}");
        assert!(text.contains("there is no workspace here to remember in"), "{verb:?}: {text}");
    }
}
