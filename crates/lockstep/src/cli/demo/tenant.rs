//! The simulated tenant of a demo, on a thread of its own.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use entra::graph::permissions::{self, Purpose};
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::time::Instant;
use twin::{Registration, Service, World};

use crate::atomic_file;
use crate::error::CommandError;

/// Application (client) id of lockstep in every simulated tenant.
pub(super) const CLIENT_ID: &str = "5f0c3b3e-8d1a-4c58-9a3f-6b1f2d7e9c40";

/// A port that is ours.
#[derive(Debug)]
pub(super) struct Port {
    runtime: Runtime,
    listener: TcpListener,
    url: String,
}

impl Port {
    /// Binds a port of the loopback interface; 0 takes any. The usual one being taken is told, not
    /// worked around: a URL that changes by itself is one nobody can write down.
    pub(super) fn bind(port: u16) -> Result<Self, CommandError> {
        let failed = |error| {
            CommandError::wrong_input(format!("cannot listen on port {port} of this machine"))
                .because(error)
                .hint(
                    "another demo may be running: end it, or give another port with `--port PORT`",
                )
        };
        let runtime = runtime()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = runtime.block_on(TcpListener::bind(address)).map_err(failed)?;
        let url = format!("http://{}", listener.local_addr().map_err(failed)?);
        Ok(Self { runtime, listener, url })
    }
}

/// What a demo's tenant is made of.
#[derive(Debug)]
pub(super) struct Start {
    /// Where it answers.
    pub(super) port: Port,
    /// The tenant and everybody in it.
    pub(super) world: World,
    /// The clock.
    pub(super) now: Timestamp,
    /// Where the client secret is put for the snapshot to find it.
    pub(super) secret_file: PathBuf,
}

/// A tenant that answers until it is dropped.
#[derive(Debug)]
pub(super) struct Running {
    url: String,
    service: Arc<Mutex<Service>>,
    /// Where its clock stands, until it runs.
    stands_at: Arc<Mutex<Timestamp>>,
    /// Since when its clock runs.
    goes_on: Arc<OnceLock<Instant>>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Starts it.
    pub(super) fn start(start: Start) -> Result<Self, CommandError> {
        let Port { runtime, listener, url } = start.port;
        let secret = secret();
        atomic_file::write_secret(&start.secret_file, secret.as_bytes())?;
        let mut service = Service::new(start.world, &url);
        service.registrations.push(Registration {
            client_id: CLIENT_ID.to_owned(),
            name: "lockstep".to_owned(),
            secrets: vec![secret],
            certificates: Vec::new(),
            permissions: permissions(),
        });
        // Nobody waits a minute for a demo because the real log service would have them wait.
        service.throttles = false;
        let service = Arc::new(Mutex::new(service));
        let (end, ended) = oneshot::channel::<()>();
        let goes_on = Arc::new(OnceLock::new());
        let stands_at = Arc::new(Mutex::new(start.now));
        let clock = clock_from(Arc::clone(&stands_at), Arc::clone(&goes_on));
        let shared = Arc::clone(&service);
        let thread = std::thread::Builder::new()
            .name("simulated tenant".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    tokio::select! {
                        // A listener that fails ends the tenant; the client then says that it
                        // cannot be reached.
                        _ = twin::server::serve(listener, shared, clock) => {}
                        _ = ended => {}
                    }
                });
            })
            .map_err(|error| {
                CommandError::wrong_input("the simulated tenant cannot be started").because(error)
            })?;
        Ok(Self { url, service, stands_at, goes_on, end: Some(end), thread: Some(thread) })
    }

    /// The root of its tokens and its Graph.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// How many requests it answered.
    pub(super) fn requests(&self) -> u64 {
        let service = self.service.lock().unwrap_or_else(PoisonError::into_inner);
        crate::words::length(&service.log.entries)
    }

    /// Asks the tenant something no request tells: what its operator would write down.
    pub(super) fn ask<A>(&self, question: impl FnOnce(&World) -> A) -> A {
        question(&self.service.lock().unwrap_or_else(PoisonError::into_inner).world)
    }

    /// Turns its clock, and lets everybody live until then.
    pub(super) fn turn_to(&self, to: Timestamp) {
        *self.stands_at.lock().unwrap_or_else(PoisonError::into_inner) = to;
        self.act(|world| world.advance(to));
    }

    /// Has somebody in the tenant do something.
    pub(super) fn act<A>(&self, deed: impl FnOnce(&mut World) -> A) -> A {
        deed(&mut self.service.lock().unwrap_or_else(PoisonError::into_inner).world)
    }

    /// Lets its clock run, and waits for Ctrl-C.
    pub(super) fn until_interrupted(&self) -> Result<(), CommandError> {
        self.goes_on.get_or_init(Instant::now);
        runtime()?
            .block_on(tokio::signal::ctrl_c())
            .map_err(|error| CommandError::wrong_input("cannot wait for Ctrl-C").because(error))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            // It has ended by itself if nobody listens.
            let _ = end.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic in the tenant was told when it happened.
            let _ = thread.join();
        }
    }
}

fn runtime() -> Result<Runtime, CommandError> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::wrong_input("the network cannot be used").because(error))
}

/// The clock of the tenant. It stands still until time goes on, so that the same demo shows the same
/// figures however long the machine takes; then it goes as fast as time does.
fn clock_from(
    stands_at: Arc<Mutex<Timestamp>>,
    goes_on: Arc<OnceLock<Instant>>,
) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
    Arc::new(move || {
        let passed = goes_on.get().map(Instant::elapsed).unwrap_or_default();
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::ZERO);
        let now = *stands_at.lock().unwrap_or_else(PoisonError::into_inner);
        now.saturating_add(passed).unwrap_or(now)
    })
}

/// A secret good for this run alone. Each `RandomState` has keys from the system's randomness.
fn secret() -> String {
    (0..2).map(|part| format!("{:016x}", RandomState::new().hash_one(part))).collect()
}

/// Everything lockstep asks for, to read and to carry out.
fn permissions() -> Vec<String> {
    let asked = permissions::least(&[Purpose::Read, Purpose::ReadMore, Purpose::CarryOut]);
    asked.iter().map(|permission| permission.name.to_owned()).collect()
}
