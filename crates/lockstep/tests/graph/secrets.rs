//! No secret is where it can be read: the built binary signs in to a served tenant, and everything
//! it leaves or shows is searched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use twin::{FaultPlan, Service};

use crate::tenant::{APP, SECRET, service_at, small_world, start};

const WRONG: &str = "another~client.secret-that-is-wrong";

/// A tenant on the loopback interface, on a thread of its own.
struct Served {
    root: String,
    service: Arc<Mutex<Service>>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Served {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let mut service = service_at(&root, small_world(), FaultPlan::default());
        service.throttles = false;
        let service = Arc::new(Mutex::new(service));
        let (end, ended) = oneshot::channel();
        let shared = Arc::clone(&service);
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    result = twin::server::serve(listener, shared, Arc::new(start)) => result.unwrap(),
                    _ = ended => {}
                }
            });
        });
        Self { root, service, end: Some(end), thread: Some(thread) }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.end.take().unwrap().send(()).unwrap();
        self.thread.take().unwrap().join().unwrap();
    }
}

/// Everything one command showed to whoever looks: its output, and what the system tells about it.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let child = Command::new(env!("CARGO_BIN_EXE_lockstep"))
        .args(arguments)
        .args(["--verbose", "--now", &start().to_string()])
        .current_dir(folder)
        .env_clear()
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut seen = String::new();
    for file in ["cmdline", "environ"] {
        let told = fs::read(format!("/proc/{}/{file}", child.id())).unwrap_or_default();
        seen.push_str(&String::from_utf8_lossy(&told));
    }
    let output = child.wait_with_output().unwrap();
    for bytes in [&output.stdout, &output.stderr] {
        seen.push_str(&String::from_utf8_lossy(bytes));
    }
    (output.status.code().unwrap(), seen)
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Whatever must not be found: the secrets, and anything that looks like a token of the tenant.
fn leaks(text: &str, secrets: &[&str]) -> Vec<String> {
    let named = secrets.iter().filter(|secret| text.contains(**secret)).map(|it| (*it).to_owned());
    // Tokens are JWTs: `{"` in base64url.
    let tokens = text
        .split("eyJ")
        .skip(1)
        .map(|rest| format!("eyJ{}", rest.chars().take(7).collect::<String>()));
    named.chain(tokens).collect()
}

#[test]
fn no_secret_is_left_anywhere() {
    let tenant = Served::start();
    let folder = crate::tenant::folder();
    let keys = crate::tenant::folder();
    let put = |name: &str, content: &str| {
        let path = keys.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let good = put("good.txt", SECRET);
    let wrong = put("wrong.txt", WRONG);
    let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC";
    let broken = put(
        "broken.pem",
        &format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n"),
    );
    let base = ["init", "--graph", "ne.example", "--graph-endpoint", &tenant.root];
    let commands: [(Vec<&str>, i32); 5] = [
        ([&base[..], &["--client-id", APP, "--client-secret-file", &wrong]].concat(), 7),
        ([&base[..], &["--client-id", APP, "--certificate", &broken]].concat(), 7),
        ([&base[..], &["--client-id", APP, "--client-secret-file", &good]].concat(), 0),
        (vec!["snapshot"], 0),
        (vec!["audit", "preflight"], 0),
    ];
    let secrets = [SECRET, WRONG, key];
    for (arguments, code) in commands {
        let (ended, seen) = run(folder.path(), &arguments);
        assert_eq!(ended, code, "{arguments:?}: {seen}");
        let found = leaks(&seen, &secrets);
        assert!(found.is_empty(), "{arguments:?}: {found:?}");
    }
    let left = files(folder.path());
    assert!(left.len() > 20, "{left:?}");
    for file in left {
        let found = leaks(&String::from_utf8_lossy(&fs::read(&file).unwrap()), &secrets);
        assert!(found.is_empty(), "{}: {found:?}", file.display());
    }
    let log = &tenant.service.lock().unwrap().log;
    assert!(log.entries.len() > 50, "the tenant was asked");
    let told = twin::checker::secrets(log, &secrets);
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn the_search_finds_what_it_looks_for() {
    assert_eq!(leaks("x known~client.secret-of-the-test y", &[SECRET]), [SECRET]);
    assert_eq!(leaks("Bearer eyJ0eXAiOiJKV1QifQ.x", &[]), ["eyJ0eXAiOi"]);
    assert!(leaks("nothing", &[SECRET]).is_empty());
}
