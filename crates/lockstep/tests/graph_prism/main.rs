//! The client and the simulated tenant, held against Microsoft's description of Graph by Prism, a
//! proxy that stands between them. `cargo xtask test` installs it and runs this.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "../graph/deeds.rs"]
mod deeds;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Stdio;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use entra::graph::writes::{Patience, carry_out};
use entra::graph::{
    Call, Client, Credential, DownloadOptions, Endpoints, HttpsTransport, Options, Transport,
    TransportError, Version, Workload, download,
};
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::time::Instant;
use twin::documents::Collection;
use twin::{Registration, Scenario, Service, World};

const APP: &str = "6a7f0c2e-0f0b-4f0e-9a59-5a3f6c1d0001";
const SECRET: &str = "known~client.secret-of-the-test";

/// What `cargo xtask test` says about Prism.
fn told(name: &str) -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "the developer command says where Prism is")]
    let value = std::env::var_os(name);
    PathBuf::from(value.unwrap_or_else(|| panic!("`{name}` is not set: run `cargo xtask test`")))
}

/// The network, and what Prism found on it.
#[derive(Clone)]
struct Judged {
    network: Rc<HttpsTransport>,
    found: Rc<RefCell<BTreeSet<String>>>,
    seen: Rc<RefCell<u32>>,
}

impl Transport for Judged {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        let name = format!("{} {}", request.method(), request.uri().path());
        let response = self.network.send(request).await?;
        *self.seen.borrow_mut() += 1;
        let violations = response.headers().get("sl-violations");
        let kind = response.headers().get("content-type").and_then(|it| it.to_str().ok());
        if violations.is_some() || kind == Some("application/problem+json") {
            let said =
                String::from_utf8_lossy(response.body()).chars().take(700).collect::<String>();
            self.found.borrow_mut().insert(format!("{name}: {said}"));
        }
        Ok(response)
    }
}

/// A world of a few people, so that everything that is listed is there and little of it.
fn world(now: Timestamp) -> World {
    World::new(&Scenario { people: 25, seed: 5, now, day: 10, history_days: 1 })
}

async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

async fn prism(port: u16, upstream: u16) -> tokio::process::Child {
    let mut prism = tokio::process::Command::new(told("LOCKSTEP_PRISM_NODE"))
        .arg(told("LOCKSTEP_PRISM_PROGRAM"))
        .arg("proxy")
        .arg(told("LOCKSTEP_PRISM_DOCUMENT"))
        .arg(format!("http://127.0.0.1:{upstream}"))
        .args(["-p", &port.to_string(), "-h", "127.0.0.1", "--errors"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(prism.stdout.take().unwrap()).lines();
    let listens = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains("listening") {
                // What Prism says later is read and dropped, so that it never waits for a reader.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return;
            }
        }
        panic!("Prism ended before it listened");
    };
    tokio::time::timeout(Duration::from_secs(60), listens).await.unwrap();
    prism
}

fn service(now: Timestamp, root: &str) -> Service {
    let mut service = Service::new(world(now), root);
    let names = entra::graph::permissions::PERMISSIONS.iter().map(|it| it.name.to_owned());
    service.registrations.push(Registration {
        client_id: APP.to_owned(),
        name: "lockstep".to_owned(),
        secrets: vec![SECRET.to_owned()],
        certificates: Vec::new(),
        permissions: names.chain(["UserAuthenticationMethod.ReadWrite.All".to_owned()]).collect(),
    });
    // Prism is asked about shapes; limits would only make this slow.
    service.throttles = false;
    service
}

/// Requests that only ever left within a batch, which Prism does not look into.
fn inner_calls(service: &Mutex<Service>) -> Vec<Call> {
    let service = service.lock().unwrap();
    let mut calls: Vec<Call> = Vec::new();
    let mut shapes = BTreeSet::new();
    for entry in &service.log.entries {
        let version = if entry.target.starts_with("/beta") { Version::Beta } else { Version::V1 };
        for (method, url, status, _) in &entry.batch {
            let (path, _) = url.split_once('?').unwrap_or((url.as_str(), ""));
            let path = path.trim_start_matches("/v1.0").trim_start_matches("/beta");
            let shape: String = path.split('/').filter(|it| it.len() < 30).collect();
            // A few of each shape: objects of one kind need not all hold the same.
            let count = (0..5).find(|it| shapes.insert((shape.clone(), *it)));
            if method == "GET" && (200..300).contains(status) && count.is_some() {
                calls.push(Call::get(version, path, Workload::Other));
            }
        }
    }
    calls
}

#[tokio::test]
#[ignore = "needs Prism: `cargo xtask test` runs it"]
async fn nothing_violates_the_description_of_graph() {
    let start: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    let began = Instant::now();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let twin_port = listener.local_addr().unwrap().port();
    let port = free_port().await;
    // The tenant's own links lead through Prism, too.
    let root = format!("http://127.0.0.1:{port}");
    let service = Arc::new(Mutex::new(service(start, &root)));
    let clock = move || start + SignedDuration::try_from(began.elapsed()).unwrap();
    tokio::spawn(twin::server::serve(listener, Arc::clone(&service), Arc::new(clock)));
    let _prism = prism(port, twin_port).await;

    let judged = Judged {
        network: Rc::new(HttpsTransport::new().unwrap()),
        found: Rc::default(),
        seen: Rc::default(),
    };
    let options = Options {
        endpoints: Endpoints::apart(&format!("http://127.0.0.1:{twin_port}"), &root).unwrap(),
        tenant: "ne.example".to_owned(),
        credential: Credential::ClientSecret { client_id: APP.to_owned(), secret: SECRET.into() },
        dry_run: false,
        answer_within: Duration::from_secs(30),
        give_up_after: Duration::from_secs(3),
        seed: 7,
        now: start,
    };
    let client = Client::new(judged.clone(), options).without_budgets();

    let folder = tempfile::tempdir().unwrap();
    let download_options = DownloadOptions {
        folder: folder.path().to_owned(),
        tenant: "ne.example".to_owned(),
        cloud: "global".to_owned(),
        sign_in_days: 1,
        ..DownloadOptions::default()
    };
    let manifest = download(&client, &download_options, &mut |_| {}).await.unwrap();
    let failed: Vec<String> =
        manifest.failures().map(|it| format!("{} {:?}", it.id, it.state)).collect();
    for call in inner_calls(&service) {
        client.call(&call).await.unwrap();
    }

    let mut refused = Vec::new();
    let sender = sender(&service.lock().unwrap().world, start);
    let mut ids = deeds::Ids::new();
    let patience = Patience { window: Duration::from_secs(2), ..Patience::default() };
    for place in 0..deeds::COUNT {
        // Graph tells when sessions ended by the second.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let (name, write) = deeds::deed(place, &ids, &root, &sender);
        match carry_out(&client, &write, &patience).await {
            Ok(outcome) => ids.extend(outcome.id.map(|id| (name, id))),
            Err(error) => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                refused.push(format!("{error}: {}", source.unwrap_or_default()));
            }
        }
    }
    let found = judged.found.borrow();
    let lines: Vec<&str> = found.iter().map(String::as_str).collect();
    println!("{} answers came through Prism", judged.seen.borrow());
    assert!(lines.is_empty(), "{} violations:\n{}", lines.len(), lines.join("\n"));
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(*judged.seen.borrow() > 100);
}

/// Somebody with a mailbox.
fn sender(world: &World, at: Timestamp) -> String {
    (0..world.count(&Collection::Users, at))
        .filter_map(|place| world.item(&Collection::Users, place, at))
        .find(|it| {
            let has = |key: &str, value: serde_json::Value| it.get(key) == Some(&value);
            it.get("mail").is_some_and(serde_json::Value::is_string)
                && has("accountEnabled", true.into())
                && has("userType", "Member".into())
        })
        .and_then(|it| it.get("userPrincipalName")?.as_str().map(str::to_owned))
        .unwrap()
}
