//! A simulated tenant, and lockstep run against it in process: no network, no time that passes by
//! itself, and a run that can be killed at any request.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entra::graph::{Transport, TransportError};
use jiff::{SignedDuration, Timestamp};
use lockstep::surroundings::{Ran, Surroundings, run_in};
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep};
use twin::checker::Confirmed;
use twin::{Entry, Registration, Reply, RequestLog, Service, World};

/// Where the tenant answers.
pub(crate) const ROOT: &str = "http://127.0.0.1:7341";
/// Application (client) id of lockstep.
pub(crate) const APP: &str = "6a7f0c2e-0f0b-4f0e-9a59-5a3f6c1d0001";
/// Its secret.
pub(crate) const SECRET: &str = "known~client.secret-of-the-test";

/// The machine lockstep is run on.
const DESK: &str = "desk";

/// What a run is stopped by, from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kill {
    /// Before a write leaves.
    Before,
    /// After the tenant carried it out, before the answer is there.
    At,
    /// At the first request after it.
    After,
}

/// What happens at a write, by its number in the run, from 1.
pub(crate) enum Planned {
    /// The run is killed.
    Kill(Kill),
    /// Something happens in between, before the write leaves.
    Meanwhile(Box<dyn FnOnce(&Tenant) + Send>),
}

/// The tenant and its clock.
#[derive(Clone)]
pub(crate) struct Tenant {
    shared: Arc<Shared>,
}

struct Shared {
    /// Gone when the test is over: what a killed run still holds is then next to nothing.
    service: Mutex<Option<Service>>,
    clock: Mutex<Timestamp>,
    planned: Mutex<Vec<(u64, Planned)>>,
    answers: Mutex<VecDeque<String>>,
    asked: Mutex<Vec<String>>,
    /// The operator presses Ctrl-C at this write of the next run.
    stop: Mutex<Option<u64>>,
    pressed: AtomicBool,
    user: Mutex<String>,
    machine: Mutex<&'static str>,
    /// Sheets that were shown since the last look.
    sheets: Mutex<Vec<String>>,
    /// Method, address and body of every request, once somebody listens.
    heard: Mutex<Option<Vec<(String, String)>>>,
    /// How long a request takes.
    takes: Mutex<SignedDuration>,
    /// Every change set that somebody confirmed.
    confirmed: Mutex<Vec<Confirmed>>,
    /// How many requests there had been when somebody asked the last run to stop.
    asked_to_stop: Mutex<Option<u64>>,
    /// How runs were killed.
    kills: Mutex<Vec<Kill>>,
    /// Callers that wrote from elsewhere, while another run was under way: places in the log.
    elsewhere: Mutex<Vec<(usize, usize)>>,
}

/// How a run ended.
pub(crate) enum Ended {
    /// By itself.
    Ran(Ran),
    /// Killed at a write: method and address.
    Killed(String),
    /// It panicked.
    Panicked,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Everything lockstep asks for.
fn permissions() -> Vec<String> {
    let all = entra::graph::permissions::PERMISSIONS.iter().map(|it| it.name.to_owned());
    // Methods of every type are deleted with the broad one.
    all.chain(["UserAuthenticationMethod.ReadWrite.All".to_owned()]).collect()
}

impl Tenant {
    pub(crate) fn new(world: World, now: Timestamp) -> Self {
        let mut service = Service::new(world, ROOT);
        service.registrations.push(Registration {
            client_id: APP.to_owned(),
            name: "lockstep".to_owned(),
            secrets: vec![SECRET.to_owned()],
            certificates: Vec::new(),
            permissions: permissions(),
        });
        Self {
            shared: Arc::new(Shared {
                service: Mutex::new(Some(service)),
                clock: Mutex::new(now),
                planned: Mutex::default(),
                answers: Mutex::default(),
                asked: Mutex::default(),
                stop: Mutex::default(),
                pressed: AtomicBool::new(false),
                user: Mutex::new("operator".to_owned()),
                machine: Mutex::new(DESK),
                sheets: Mutex::default(),
                heard: Mutex::default(),
                takes: Mutex::default(),
                confirmed: Mutex::default(),
                asked_to_stop: Mutex::default(),
                kills: Mutex::default(),
                elsewhere: Mutex::default(),
            }),
        }
    }

    /// Asks or changes the tenant.
    pub(crate) fn with<A>(&self, then: impl FnOnce(&mut Service) -> A) -> A {
        then(lock(&self.shared.service).as_mut().expect("the tenant is there until the end"))
    }

    pub(crate) fn now(&self) -> Timestamp {
        *lock(&self.shared.clock)
    }

    /// Turns the clock; people live on.
    pub(crate) fn turn_to(&self, to: Timestamp) {
        let mut clock = lock(&self.shared.clock);
        *clock = (*clock).max(to);
        let now = *clock;
        drop(clock);
        self.with(|it| it.world.advance(now));
    }

    pub(crate) fn plan(&self, write: u64, what: Planned) {
        lock(&self.shared.planned).push((write, what));
    }

    pub(crate) fn stop_at(&self, write: u64) {
        *lock(&self.shared.stop) = Some(write);
    }

    /// A request takes this long, so that no two things happen at one instant.
    pub(crate) fn takes(&self, time: SignedDuration) {
        *lock(&self.shared.takes) = time;
    }

    /// Every change set that somebody confirmed.
    pub(crate) fn confirmed(&self) -> Vec<Confirmed> {
        lock(&self.shared.confirmed).clone()
    }

    /// How many requests there had been when somebody asked the last run to stop.
    pub(crate) fn asked_to_stop(&self) -> Option<u64> {
        lock(&self.shared.asked_to_stop).take()
    }

    /// How runs were killed so far.
    pub(crate) fn kills(&self) -> Vec<Kill> {
        lock(&self.shared.kills).clone()
    }

    /// What the tenant saw from a place of the log on, but for runs from elsewhere.
    pub(crate) fn seen_since(&self, from: usize) -> RequestLog {
        let elsewhere = lock(&self.shared.elsewhere).clone();
        let is_here = |place: &usize| !elsewhere.iter().any(|(a, b)| (a..b).contains(&place));
        self.with(|service| {
            let all = service.log.entries.iter().enumerate().skip(from);
            let here: Vec<Entry> =
                all.filter(|(place, _)| is_here(place)).map(|it| it.1.clone()).collect();
            RequestLog { entries: here }
        })
    }

    /// Forgets what was planned and did not happen; tells how much it was.
    pub(crate) fn forget_planned(&self) -> usize {
        *lock(&self.shared.stop) = None;
        self.shared.pressed.store(false, Ordering::SeqCst);
        std::mem::take(&mut *lock(&self.shared.planned)).len()
    }

    pub(crate) fn answer(&self, text: &str) {
        lock(&self.shared.answers).push_back(text.to_owned());
    }

    /// The questions that were asked since the last look, each with its answer, and the answers that
    /// nobody asked for.
    pub(crate) fn conversation(&self) -> (Vec<String>, usize) {
        let unasked = std::mem::take(&mut *lock(&self.shared.answers)).len();
        (std::mem::take(&mut *lock(&self.shared.asked)), unasked)
    }

    /// The sheets that were shown since the last look.
    pub(crate) fn sheets(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.shared.sheets))
    }

    /// Every request from now on is heard: method and address, and body.
    pub(crate) fn listen(&self) {
        *lock(&self.shared.heard) = Some(Vec::new());
    }

    /// What was heard.
    pub(crate) fn heard(&self) -> Vec<(String, String)> {
        lock(&self.shared.heard).clone().unwrap_or_default()
    }

    pub(crate) fn user_is(&self, name: &str) {
        name.clone_into(&mut lock(&self.shared.user));
    }

    /// Runs a command on another machine, while a run on the first one is under way: on one machine a
    /// run would take another of the same process for dead.
    pub(crate) fn run_elsewhere(&self, folder: &Path, arguments: &[String]) -> Ended {
        let seen = || self.with(|it| it.log.entries.len());
        *lock(&self.shared.machine) = "laptop";
        let from = seen();
        let ended = self.run(folder, arguments);
        lock(&self.shared.elsewhere).push((from, seen()));
        *lock(&self.shared.machine) = DESK;
        ended
    }

    /// The tenant goes.
    pub(crate) fn end(&self) -> Option<Service> {
        lock(&self.shared.service).take()
    }

    /// Runs a command in a folder.
    pub(crate) fn run(&self, folder: &Path, arguments: &[String]) -> Ended {
        let (ended, ending) = channel();
        let tenant = self.clone();
        let folder = folder.to_owned();
        let mut line: Vec<OsString> = vec!["lockstep".into()];
        line.extend(arguments.iter().map(OsString::from));
        line.extend(["--now".into(), self.now().to_string().into()]);
        let kill = ended.clone();
        // A thread of its own: a killed run stops where it is, and nothing of it is tidied up.
        let thread = std::thread::Builder::new()
            .name("lockstep".to_owned())
            .stack_size(8 << 20)
            .spawn(move || {
                let ran = run_in(line, &tenant.surroundings(folder, kill));
                let _ = ended.send(Ended::Ran(ran));
            })
            .unwrap();
        match ending.recv() {
            Ok(Ended::Killed(what)) => Ended::Killed(what),
            Ok(other) => {
                let _ = thread.join();
                other
            }
            Err(_) => {
                let _ = thread.join();
                Ended::Panicked
            }
        }
    }

    fn surroundings(&self, folder: PathBuf, kill: Sender<Ended>) -> Surroundings {
        let began = Rc::new(RefCell::new(Began { base: self.now(), instant: None }));
        let wire = Wire {
            tenant: self.clone(),
            began: Rc::clone(&began),
            writes: RefCell::new(0),
            doomed: RefCell::new(None),
            kill,
        };
        let (tenant, asked) = (self.clone(), self.clone());
        let mut surroundings = Surroundings::default();
        surroundings.folder = Some(folder);
        surroundings.network = Some(Rc::new(wire));
        surroundings.runtime = Some(Rc::new(move || {
            let runtime = Builder::new_current_thread().enable_all().start_paused(true).build()?;
            let instant = runtime.block_on(async { Instant::now() });
            *began.borrow_mut() = Began { base: tenant.now(), instant: Some(instant) };
            Ok(runtime)
        }));
        surroundings.answer = Some(Rc::new(move |question| asked.answered(question)));
        let shown = self.clone();
        surroundings.sheet =
            Some(Rc::new(move |page| lock(&shown.shared.sheets).push(page.to_owned())));
        let told = self.clone();
        surroundings.confirmed = Some(Rc::new(move |set| told.is_confirmed(set)));
        let pressed = self.clone();
        surroundings.stop = Some(Rc::new(move || pressed.shared.pressed.load(Ordering::SeqCst)));
        let clock = self.clone();
        surroundings.clock = Some(Rc::new(move || clock.now()));
        surroundings.user = Some(lock(&self.shared.user).clone());
        surroundings.machine = Some((*lock(&self.shared.machine)).to_owned());
        surroundings
    }

    fn is_confirmed(&self, set: &str) {
        let after = self.with(|it| it.log.entries.last().map_or(0, |it| it.number));
        let set = serde_json::from_str(set).unwrap();
        lock(&self.shared.confirmed).push(Confirmed { after, at: self.now(), set });
    }

    fn answered(&self, question: &str) -> Option<String> {
        let answer = lock(&self.shared.answers).pop_front();
        let mut line = question.trim().to_owned();
        let given = answer.as_deref().map_or("(nobody answers)", |it| it);
        let _ = write!(line, " → {given}");
        lock(&self.shared.asked).push(line);
        answer
    }

    fn planned_at(&self, write: u64) -> Vec<Planned> {
        let mut planned = lock(&self.shared.planned);
        let all = std::mem::take(&mut *planned);
        let (now, later): (Vec<_>, Vec<_>) = all.into_iter().partition(|(at, _)| *at == write);
        *planned = later;
        now.into_iter().map(|it| it.1).collect()
    }
}

struct Began {
    base: Timestamp,
    instant: Option<Instant>,
}

/// The tenant as a transport of one run.
struct Wire {
    tenant: Tenant,
    began: Rc<RefCell<Began>>,
    writes: RefCell<u64>,
    doomed: RefCell<Option<String>>,
    kill: Sender<Ended>,
}

/// Whether a request may change the tenant.
fn writes(request: &http::Request<Vec<u8>>) -> bool {
    let path = request.uri().path().to_ascii_lowercase();
    let reads = ["/$batch", "/getbyids", "/evaluate"];
    request.method() != http::Method::GET
        && !path.contains("/oauth2/")
        && !reads.iter().any(|it| path.ends_with(it))
}

impl Wire {
    fn now(&self) -> Timestamp {
        let began = self.began.borrow();
        let passed = began.instant.map(|it| it.elapsed()).unwrap_or_default();
        let now = began.base + SignedDuration::try_from(passed).unwrap();
        let mut clock = lock(&self.tenant.shared.clock);
        *clock = (*clock).max(now);
        *clock
    }

    /// The process is gone: nothing is tidied up, nothing is said any more.
    fn die(&self, what: String, how: Kill) {
        lock(&self.tenant.shared.kills).push(how);
        let _ = self.kill.send(Ended::Killed(what));
        loop {
            std::thread::park();
        }
    }

    /// What was planned for this request; how it kills, if it does.
    fn meet_plans(&self, request: &http::Request<Vec<u8>>) -> Option<Kill> {
        if let Some(what) = self.doomed.borrow_mut().take() {
            self.die(what, Kill::After);
        }
        if !writes(request) {
            return None;
        }
        let number = {
            let mut writes = self.writes.borrow_mut();
            *writes += 1;
            *writes
        };
        if *lock(&self.tenant.shared.stop) == Some(number) {
            self.tenant.shared.pressed.store(true, Ordering::SeqCst);
            let seen = self.tenant.with(|it| it.log.entries.last().map_or(0, |it| it.number));
            *lock(&self.tenant.shared.asked_to_stop) = Some(seen);
        }
        let mut kills = None;
        for planned in self.tenant.planned_at(number) {
            match planned {
                Planned::Kill(kill) => kills = Some(kill),
                Planned::Meanwhile(what) => {
                    // Never at the same instant: what came first stays plain.
                    let before = self.now();
                    self.tenant.turn_to(before + SignedDuration::from_millis(1));
                    what(&self.tenant);
                    let after = self.tenant.now() + SignedDuration::from_millis(1);
                    self.tenant.turn_to(after);
                    self.began.borrow_mut().base += after.duration_since(before);
                }
            }
        }
        kills
    }
}

impl Transport for Wire {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        let kill = self.meet_plans(&request);
        if let Some(heard) = &mut *lock(&self.tenant.shared.heard) {
            let body = String::from_utf8_lossy(request.body()).into_owned();
            heard.push((format!("{} {}", request.method(), request.uri().path()), body));
        }
        let what = || format!("{} {}", request.method(), request.uri().path());
        if kill == Some(Kill::Before) {
            self.die(format!("before {}", what()), Kill::Before);
        }
        let now = self.now();
        let reply = self.tenant.with(|it| it.answer(&request, now));
        match kill {
            Some(Kill::At) => self.die(format!("at {}", what()), Kill::At),
            Some(Kill::After) => {
                self.doomed.replace(Some(format!("after {}", what())));
            }
            _ => {}
        }
        let lost = || TransportError::AnswerLost {
            host: "127.0.0.1".to_owned(),
            source: "the connection was reset".into(),
        };
        match reply {
            Reply::Answer(response, after) => {
                let takes = after.max(*lock(&self.tenant.shared.takes));
                sleep(takes.try_into().unwrap()).await;
                self.now();
                Ok(response)
            }
            Reply::Truncated(_) | Reply::Reset => Err(lost()),
            Reply::Silence => {
                std::future::pending::<()>().await;
                Err(lost())
            }
        }
    }
}
