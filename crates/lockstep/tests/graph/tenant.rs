//! A simulated tenant one can send requests to without a network.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use entra::graph::{
    Client, Credential, DownloadOptions, Endpoints, Manifest, Options, Transport, TransportError,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::time::{Instant, sleep};
use twin::{FaultPlan, Registration, Reply, Scenario, Service, World};

pub(crate) const ROOT: &str = "http://127.0.0.1:7341";
pub(crate) const APP: &str = "6a7f0c2e-0f0b-4f0e-9a59-5a3f6c1d0001";
pub(crate) const SECRET: &str = "known~client.secret-of-the-test";

/// What lockstep asks for to read and to write, by name.
pub(crate) fn permissions() -> Vec<String> {
    let all = entra::graph::permissions::PERMISSIONS.iter().map(|it| it.name.to_owned());
    // Methods of every type are deleted with the broad one.
    all.chain(["UserAuthenticationMethod.ReadWrite.All".to_owned()]).collect()
}

/// A Sunday night, when little changes while one looks.
pub(crate) fn start() -> Timestamp {
    "2026-11-22T02:00:00Z".parse().unwrap()
}

/// A small firm with a day of sign-ins.
pub(crate) fn small_world() -> World {
    World::new(&Scenario { people: 12, seed: 3, now: start(), day: 0, history_days: 1 })
}

pub(crate) fn service(world: World, faults: FaultPlan) -> Service {
    service_at(ROOT, world, faults)
}

/// The same at the address its own links name.
pub(crate) fn service_at(root: &str, world: World, faults: FaultPlan) -> Service {
    let mut service = Service::new(world, root);
    service.registrations.push(Registration {
        client_id: APP.to_owned(),
        name: "lockstep".to_owned(),
        secrets: vec![SECRET.to_owned()],
        certificates: Vec::new(),
        permissions: permissions(),
    });
    service.faults = faults;
    service
}

/// The tenant as a transport. Copies share it.
#[derive(Debug, Clone)]
pub(crate) struct InProcess {
    pub(crate) service: Rc<RefCell<Service>>,
    began: Instant,
    start: Timestamp,
    /// After so many requests nothing is answered any more.
    pub(crate) stops_after: Rc<RefCell<Option<u64>>>,
}

impl InProcess {
    pub(crate) fn new(service: Service) -> Self {
        Self::from(service, start())
    }

    pub(crate) fn from(service: Service, start: Timestamp) -> Self {
        Self {
            service: Rc::new(RefCell::new(service)),
            began: Instant::now(),
            start,
            stops_after: Rc::default(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.start + SignedDuration::try_from(self.began.elapsed()).unwrap()
    }

    pub(crate) fn client(&self) -> Client<Self> {
        let options = Options {
            endpoints: Endpoints::on_this_machine(ROOT).unwrap(),
            tenant: "ne.example".to_owned(),
            credential: Credential::ClientSecret {
                client_id: APP.to_owned(),
                secret: SECRET.into(),
            },
            dry_run: false,
            answer_within: Duration::from_secs(90),
            give_up_after: Duration::from_secs(900),
            seed: 7,
            now: self.now(),
        };
        Client::new(self.clone(), options)
    }

    /// Requests to Graph so far, those for tokens left out.
    pub(crate) fn requests(&self) -> usize {
        let service = self.service.borrow();
        service.log.entries.iter().filter(|it| !it.target.contains("/oauth2/")).count()
    }
}

impl Transport for InProcess {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        let stop = self.stops_after.borrow_mut().as_mut().is_some_and(|left| {
            let over = *left == 0;
            *left = left.saturating_sub(1);
            over
        });
        if stop {
            std::future::pending::<()>().await;
        }
        let reply = self.service.borrow_mut().answer(&request, self.now());
        let lost = || TransportError::AnswerLost {
            host: "127.0.0.1".to_owned(),
            source: "the connection was reset".into(),
        };
        match reply {
            Reply::Answer(response, after) => {
                sleep(Duration::try_from(after).unwrap()).await;
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

/// An empty folder, in memory where the machine has such a place: every page is written through to
/// the disk, and here are thousands.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub(crate) fn download_into(folder: &Path, sign_in_days: u32) -> DownloadOptions {
    DownloadOptions {
        folder: folder.to_owned(),
        tenant: "ne.example".to_owned(),
        cloud: "global".to_owned(),
        sign_in_days,
        ..DownloadOptions::default()
    }
}

/// Every object of a download, by the read it came with: the files as they are, without what
/// belongs to a page.
pub(crate) fn objects(folder: &Path, manifest: &Manifest) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for state in &manifest.reads {
        let mut objects = Vec::new();
        for root in ["tenant", "sign-ins"] {
            let files = folder.join(root).join(&state.id);
            let Ok(entries) = std::fs::read_dir(&files) else { continue };
            let mut paths: Vec<_> = entries.map(|it| it.unwrap().path()).collect();
            paths.sort();
            for path in paths {
                let text = std::fs::read_to_string(&path).unwrap();
                match serde_json::from_str::<Value>(&text) {
                    Ok(page) => objects.extend(objects_of(page)),
                    Err(_) => objects.extend(text.lines().map(str::to_owned)),
                }
            }
        }
        objects.sort();
        objects.dedup();
        all.insert(state.id.clone(), objects);
    }
    all
}

fn objects_of(page: Value) -> Vec<String> {
    match page {
        Value::Object(mut page) => match page.remove("value") {
            Some(Value::Array(list)) => list.into_iter().map(lasting).collect(),
            Some(other) => vec![other.to_string()],
            None => vec![lasting(Value::Object(page))],
        },
        other => vec![other.to_string()],
    }
}

const BY_THE_MINUTE: [&str; 5] = [
    "signInActivity",
    "onPremisesLastSyncDateTime",
    "approximateLastSignInDateTime",
    "lastSyncDateTime",
    "lastUpdatedDateTime",
];

/// An object without what changes by the minute: when its person was last here, or in step.
fn lasting(mut object: Value) -> String {
    for within in ["", "/principal"] {
        if let Some(Value::Object(object)) = object.pointer_mut(within) {
            for key in BY_THE_MINUTE {
                object.remove(key);
            }
        }
    }
    object.to_string()
}
