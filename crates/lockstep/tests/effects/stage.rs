//! A workspace over a simulated tenant, in process.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use lockstep::surroundings::Ran;
use serde_json::Value;
use tempfile::TempDir;
use twin::world::Notes;
use twin::{Scenario, World};

use crate::tenant::{APP, Ended, ROOT, SECRET, Tenant};

/// A Wednesday morning.
pub(crate) fn start() -> Timestamp {
    "2026-11-25T09:00:00Z".parse().unwrap()
}

/// A small firm in the middle of its pilot.
pub(crate) fn world() -> World {
    World::new(&Scenario { people: 12, seed: 3, now: start(), day: 18, history_days: 1 })
}

/// A tenant, a workspace, and whoever types.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) tenant: Tenant,
    pub(crate) domain: String,
}

/// Settings as the firm's operator would write them.
pub(crate) fn settings(notes: &Notes, root: &str, settle_seconds: u32) -> String {
    let list = |names: &[String]| serde_json::to_string(names).unwrap();
    format!(
        "[tenant]\nname = \"{}\"\ndomain = \"{}\"\n\n[source]\ngraph = \"{}\"\n\
         graph_endpoint = \"{root}\"\nclient_id = \"{APP}\"\nsign_in = \"client-secret-file\"\n\
         sign_in_file = \"secret.txt\"\nsettle_seconds = {settle_seconds}\n\n\
         [calendar]\nstart = 2026-11-02\n\n\
         [pilot]\ngroup = \"{}\"\n\n[break_glass]\naccounts = {}\n",
        notes.tenant_name,
        notes.domain,
        notes.domain,
        notes.pilot_group,
        list(&notes.break_glass),
    )
}

/// The files of a workspace.
pub(crate) fn write_workspace(folder: &Path, text: &str) {
    std::fs::write(folder.join("lockstep.toml"), text).unwrap();
    std::fs::write(folder.join("secret.txt"), SECRET).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(folder.join("secret.txt"), mode).unwrap();
    }
}

/// An empty folder, in memory where the machine has such a place.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

impl Stage {
    /// A workspace whose tenant was downloaded a moment ago.
    pub(crate) fn new() -> Self {
        let world = world();
        let notes = world.notes(start());
        let tenant = Tenant::new(world, start());
        let folder = folder();
        write_workspace(folder.path(), &settings(&notes, ROOT, 120));
        let stage = Self { folder, tenant, domain: notes.domain.to_owned() };
        let ran = stage.run("snapshot");
        assert!(matches!(ran.status.code(), 0 | 8), "{}{}", ran.stdout, ran.stderr);
        stage
    }

    /// Runs a command line, its words apart by blanks.
    pub(crate) fn run(&self, line: &str) -> Ran {
        match self.play(line) {
            Ended::Ran(ran) => ran,
            Ended::Killed(what) => panic!("`{line}` was killed {what}"),
            Ended::Panicked => panic!("`{line}` panicked"),
        }
    }

    pub(crate) fn play(&self, line: &str) -> Ended {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        self.tenant.run(self.folder.path(), &words)
    }

    /// Runs a command whose stdout is a document, and how it ended.
    pub(crate) fn document(&self, line: &str) -> (u8, Value) {
        let ran = self.run(&format!("{line} --json"));
        let document = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
        (ran.status.code(), document)
    }

    pub(crate) fn later(&self, minutes: i64) {
        self.tenant.turn_to(self.tenant.now() + SignedDuration::from_mins(minutes));
    }

    /// Writes that the tenant carried out.
    pub(crate) fn applied(&self) -> usize {
        self.tenant.with(|it| it.log.entries.iter().filter(|it| it.applied).count())
    }
}
