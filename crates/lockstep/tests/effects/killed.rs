//! The real program, killed at random moments of `apply` and `rollback`, over a tenant on the loopback
//! interface. What must be left is judged by the journal and by what the tenant itself saw.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use rollout::change::Purpose;
use rollout::engine::Phase;
use store::{EntryKind, Store, Verdict};
use twin::documents::Collection;
use twin::{Fault, FaultPlan, Registration, Service};

use crate::sets::{edits, progress, propose, set, snapshot};
use crate::stage::{folder, settings, start, world, write_workspace};
use crate::tenant::{APP, SECRET};

/// How many kills there are.
const KILLS: u32 = 100;

/// A tenant on this machine. Its clock runs as time does.
pub(crate) struct Served {
    service: Arc<Mutex<Service>>,
    pub(crate) root: String,
    began: Instant,
}

impl Served {
    fn start() -> Self {
        Self::over(world())
    }

    /// A tenant of this world.
    pub(crate) fn over(world: twin::World) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let mut service = Service::new(world, &root);
        let all = entra::graph::permissions::PERMISSIONS.iter().map(|it| it.name.to_owned());
        service.registrations.push(Registration {
            client_id: APP.to_owned(),
            name: "lockstep".to_owned(),
            secrets: vec![SECRET.to_owned()],
            certificates: Vec::new(),
            permissions: all.collect(),
        });
        service.throttles = false;
        let service = Arc::new(Mutex::new(service));
        let (shared, began) = (Arc::clone(&service), Instant::now());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let clock = Arc::new(move || now(began));
                let _ = twin::server::serve(listener, shared, clock).await;
            });
        });
        Self { service, root, began }
    }

    pub(crate) fn with<A>(&self, then: impl FnOnce(&mut Service) -> A) -> A {
        then(&mut self.service.lock().unwrap())
    }

    /// Every answer takes a while, so that a kill finds a request on its way.
    fn slow(&self, milliseconds: i64) {
        let fault = Fault::Slow(SignedDuration::from_millis(milliseconds));
        self.with(|it| {
            it.faults =
                FaultPlan { chance_per_mille: 1000, kinds: vec![fault], ..FaultPlan::default() };
        });
    }

    fn applied(&self) -> usize {
        self.with(|it| it.log.entries.iter().filter(|it| it.applied).count())
    }

    /// Groups and policies of the test that are in the tenant.
    fn ours(&self) -> (usize, usize) {
        let now = now(self.began);
        let count = |within: &Collection, start: &str| {
            self.with(|it| {
                let all = (0..it.world.count(within, now))
                    .filter_map(|at| it.world.item(within, at, now));
                all.filter(|it| {
                    it["displayName"].as_str().is_some_and(|name| name.starts_with(start))
                })
                .count()
            })
        };
        (count(&Collection::Groups, "MFA ring nine"), count(&Collection::Policies, "CA90"))
    }
}

fn now(began: Instant) -> Timestamp {
    start() + SignedDuration::try_from(began.elapsed()).unwrap()
}

pub(crate) fn lockstep(folder: &Path, served: &Served, words: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_lockstep"))
        .args(words)
        .args(["--now", &now(served.began).to_string(), "--no-input"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

pub(crate) fn to_its_end(child: Child) -> (i32, String) {
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
    (output.status.code().unwrap_or(-1), said.concat())
}

/// Ends a process after so long; true if it was still running.
fn killed_after(mut child: Child, wait: Duration) -> bool {
    std::thread::park_timeout(wait);
    let running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    running
}

/// Intents, outcomes, and intents without one. The journal holds.
fn journal(folder: &Path) -> (usize, usize, usize) {
    let store = Store::open_or_create(&folder.join(store::FILE_NAME)).unwrap();
    assert!(matches!(store.verify_journal(None).unwrap(), Verdict::Holds(_)));
    let entries = store.entries(1, u32::MAX).unwrap();
    let intents = entries.iter().filter(|it| it.kind == EntryKind::Intent).count();
    let is_outcome = |kind: &EntryKind| matches!(kind, EntryKind::Outcome { .. });
    let outcomes = entries.iter().filter(|it| is_outcome(&it.kind)).count();
    (intents, outcomes, store.open_intents().unwrap().len())
}

/// One command again and again, killed at random moments, until its set is where it should be.
struct Ordeal<'o> {
    folder: &'o Path,
    served: &'o Served,
    chance: &'o mut fastrand::Rng,
    /// How long a run takes that nobody kills.
    takes: Duration,
    kills: u32,
}

impl Ordeal<'_> {
    fn run(&mut self, words: &[&str], ended: impl Fn() -> bool) {
        let mut tries = 0;
        while !ended() {
            tries += 1;
            let child = lockstep(self.folder, self.served, words);
            // Most are killed; so that it ends, every sixth may go on.
            if tries % 6 == 0 {
                let began = Instant::now();
                let (status, said) = to_its_end(child);
                assert_eq!(status, 0, "{words:?}: {said}");
                self.takes = self.takes.min(began.elapsed());
                continue;
            }
            let wait = self.takes.mul_f64(self.chance.f64());
            self.kills += u32::from(killed_after(child, wait));
            self.judge(words);
        }
    }

    /// After a kill: no write without its intent, no outcome without its intent, at most one intent of
    /// which nobody knows.
    fn judge(&self, words: &[&str]) {
        let (intents, outcomes, open) = journal(self.folder);
        let applied = self.served.applied();
        let how = format!("{words:?} after {} kills: {intents} {outcomes} {applied}", self.kills);
        assert!(open <= 1, "{how}");
        assert_eq!(intents, outcomes + open, "{how}");
        assert!((outcomes..=intents).contains(&applied), "{how}");
    }
}

#[test]
fn a_hundred_kills_at_random_moments_lose_nothing_and_double_nothing() {
    let seed = 20_261_125;
    println!("seed {seed}");
    let mut chance = fastrand::Rng::with_seed(seed);
    let served = Served::start();
    let folder = folder();
    let path = folder.path();
    let notes = served.with(|it| it.world.notes(start()));
    write_workspace(path, &settings(&notes, &served.root, 3));
    let (status, said) = to_its_end(lockstep(path, &served, &["snapshot"]));
    assert!(matches!(status, 0 | 8), "{status}: {said}");
    served.slow(8);
    let mut kills = 0;
    let mut takes = Duration::from_secs(2);
    let mut rounds = 0;
    while kills < KILLS {
        rounds += 1;
        let at = now(served.began);
        let seen = served.with(|it| snapshot(&it.world, at));
        let set = set(&seen, edits(&seen), Purpose::Policies, at);
        propose(path, &set, at);
        let id = set.id.clone();
        let before = served.applied();
        let mut ordeal =
            Ordeal { folder: path, served: &served, chance: &mut chance, takes, kills };
        let began = Instant::now();
        let apply = ["apply", id.as_str(), "--confirm", &notes.domain];
        ordeal.run(&apply, || matches!(progress(path, &id).phase, Phase::Done { .. }));
        assert_eq!(served.ours(), (1, 3), "round {rounds}");
        assert_eq!(served.applied() - before, 7, "round {rounds}: one effect of each change");
        let back = ["rollback", id.as_str(), "--confirm", &notes.domain];
        ordeal.run(&back, || matches!(progress(path, &id).phase, Phase::TakenBack { .. }));
        assert_eq!(served.ours(), (0, 0), "round {rounds}");
        assert_eq!(served.applied() - before, 14, "round {rounds}: one effect of each way back");
        kills = ordeal.kills;
        // A round holds two runs to their end, and what was killed of others.
        takes = ordeal.takes.min(began.elapsed() / 2);
        let (intents, outcomes, open) = journal(path);
        assert_eq!((intents, open), (outcomes, 0), "round {rounds}");
        println!("round {rounds}: {kills} kills, {} writes", served.applied());
    }
}

/// Tells a process to stop, as Ctrl-C does.
#[cfg(unix)]
#[test]
fn ctrl_c_stops_after_the_write_that_is_on_its_way() {
    let served = Served::start();
    let folder = folder();
    let path = folder.path();
    let notes = served.with(|it| it.world.notes(start()));
    write_workspace(path, &settings(&notes, &served.root, 3));
    let (status, said) = to_its_end(lockstep(path, &served, &["snapshot"]));
    assert!(matches!(status, 0 | 8), "{status}: {said}");
    let at = now(served.began);
    let seen = served.with(|it| snapshot(&it.world, at));
    let set = set(&seen, edits(&seen), Purpose::Policies, at);
    propose(path, &set, at);
    served.slow(60);
    let mut child = lockstep(path, &served, &["apply", "--confirm", &notes.domain]);
    while served.applied() < 2 && child.try_wait().unwrap().is_none() {
        std::thread::park_timeout(Duration::from_millis(2));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let (status, said) = to_its_end(child);
    assert_eq!(status, 5, "{said}");
    assert!(said.contains("somebody asked to stop"), "{said}");
    // Two were carried out; the third may have been on its way.
    assert!((2..=3).contains(&served.applied()), "{}", served.applied());
    let (intents, outcomes, open) = journal(path);
    assert_eq!((intents, open), (outcomes, 0), "it stopped between two changes");
    let (status, said) =
        to_its_end(lockstep(path, &served, &["apply", "--confirm", &notes.domain]));
    assert_eq!(status, 0, "{said}");
    assert_eq!((served.applied(), served.ours()), (7, (1, 3)));
}
