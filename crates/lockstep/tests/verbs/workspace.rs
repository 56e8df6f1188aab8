//! A workspace with the exports of a small made-up firm, and commands run in it.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;

use entra::graph::{Transport, TransportError};
use jiff::{SignedDuration, Timestamp};
use lockstep::surroundings::{Ran, Surroundings, run_in};
use serde_json::Value;
use tokio::runtime::Builder;
use twin::{Registration, Reply, Scenario, Service, World};

/// A Monday morning.
pub(crate) fn monday() -> Timestamp {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

/// The workspace of a firm.
pub(crate) struct Workspace {
    folder: tempfile::TempDir,
    /// The live tenant, where there is one.
    tenant: Option<Live>,
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
        Self { folder, tenant: None, now: monday() }
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

    /// The same of a live tenant, which answers in this process.
    pub(crate) fn live(day: u32) -> Self {
        let mut workspace = Self::empty();
        let now = workspace.now;
        let scenario = Scenario { people: 30, seed: 11, now, day, history_days: 30 };
        let world = World::new(&scenario);
        let notes = world.notes(now);
        let ahead = i64::from(day.saturating_sub(1)) * 24;
        let start = now - SignedDuration::from_hours(ahead);
        workspace.write("secret.txt", SECRET);
        let settings = format!(
            "[source]\ngraph = \"{}\"\ngraph_endpoint = \"{ROOT}\"\nclient_id = \"{APP}\"\n\
             sign_in = \"client-secret-file\"\nsign_in_file = \"secret.txt\"\n\
             [calendar]\ntime_zone = \"{}\"\nstart = {}\n[pilot]\ngroup = \"{}\"\n\
             [break_glass]\naccounts = {:?}\n",
            notes.domain,
            notes.time_zone,
            start.strftime("%Y-%m-%d"),
            notes.pilot_group,
            notes.break_glass
        );
        workspace.write("lockstep.toml", &settings);
        workspace.tenant = Some(Live::of(world, now));
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
        if let Some(tenant) = &self.tenant {
            surroundings.network = Some(Rc::new(tenant.clone()));
            surroundings.runtime = Some(Rc::new(|| {
                Builder::new_current_thread().enable_all().start_paused(true).build()
            }));
        }
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

const ROOT: &str = "http://127.0.0.1:7341";
const APP: &str = "6a7f0c2e-0f0b-4f0e-9a59-5a3f6c1d0001";
const SECRET: &str = "known~client.secret-of-the-test";

/// A simulated tenant whose clock stands still.
#[derive(Clone)]
struct Live {
    service: Rc<RefCell<Service>>,
    now: Timestamp,
}

impl Live {
    fn of(world: World, now: Timestamp) -> Self {
        let mut service = Service::new(world, ROOT);
        let all = entra::graph::permissions::PERMISSIONS.iter().map(|it| it.name.to_owned());
        service.registrations.push(Registration {
            client_id: APP.to_owned(),
            name: "lockstep".to_owned(),
            secrets: vec![SECRET.to_owned()],
            certificates: Vec::new(),
            permissions: all.collect(),
        });
        service.throttles = false;
        Self { service: Rc::new(RefCell::new(service)), now }
    }
}

impl Transport for Live {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        match self.service.borrow_mut().answer(&request, self.now) {
            Reply::Answer(response, _) => Ok(response),
            _ => Err(TransportError::AnswerLost {
                host: "127.0.0.1".to_owned(),
                source: "the connection was reset".into(),
            }),
        }
    }
}

/// A folder that is no workspace.
pub(crate) fn nowhere(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let workspace = Workspace { folder, tenant: None, now: monday() };
    let text = workspace.run(arguments);
    let left = fs::read_dir(workspace.folder.path()).unwrap().count();
    assert_eq!(left, 0, "{arguments:?} left something behind");
    text
}

#[test]
fn no_verb_remembers_anything_outside_a_workspace() {
    let verbs: [&[&str]; 7] = [
        &["next"],
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
