//! The same tenant, read through Graph and from the files an administrator would download, comes to
//! the same figures.

use std::path::Path;
use std::process::Command;

use entra::graph::download;
use serde_json::Value;
use twin::{FaultPlan, Scenario, World};

use crate::tenant::{InProcess, download_into, service, start};

/// What the binary says, as JSON.
fn document(exports: &Path, verb: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_lockstep"))
        .args(verb)
        .args(["--json", "--quiet", "--now", &start().to_string(), "--exports"])
        .arg(exports)
        .current_dir(exports)
        .env_clear()
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {words}"))
}

/// A document without what says where its figures are from, or which request would tell more.
fn figures(value: Value) -> Value {
    const SOURCES: [&str; 4] = ["sources", "digest", "gaps", "records"];
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(key, _)| !SOURCES.contains(&key.as_str()));
            Value::Object(kept.map(|(key, value)| (key, figures(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(figures).collect(),
        other => other,
    }
}

/// The first place at which two documents differ.
fn difference(graph: &Value, files: &Value, place: &str) -> Option<String> {
    match (graph, files) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys());
            keys.into_iter().find_map(|key| {
                let nothing = Value::Null;
                let (a, b) = (one.get(key).unwrap_or(&nothing), other.get(key).unwrap_or(&nothing));
                difference(a, b, &format!("{place}/{key}"))
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => one
            .iter()
            .zip(other)
            .enumerate()
            .find_map(|(at, (a, b))| difference(a, b, &format!("{place}/{at}"))),
        (one, other) if one == other => None,
        (one, other) => Some(format!("{place}\n graph: {one}\n files: {other}")),
    }
}

#[tokio::test(start_paused = true)]
async fn graph_and_files_come_to_the_same_figures() {
    for day in [0, 18] {
        let scenario = Scenario { people: 30, seed: 11, now: start(), day, history_days: 30 };
        let world = World::new(&scenario);
        let through_graph = crate::tenant::folder();
        let files = crate::tenant::folder();
        let tenant = InProcess::new(service(world.clone(), FaultPlan::default()));
        // No time passes while it is read: a log grows by the minute.
        tenant.service.borrow_mut().throttles = false;
        let client = tenant.client().without_budgets();
        let options = download_into(through_graph.path(), 30);
        download(&client, &options, &mut |_| {}).await.unwrap();
        assert_eq!(tenant.now(), start());
        world.export(files.path(), start(), 30).unwrap();
        // Only of some people are methods asked for one by one, and no file has them.
        std::fs::remove_dir_all(through_graph.path().join("tenant/authentication-methods"))
            .unwrap();
        // Apps that sign in as themselves are not asked for: MFA does not reach them.
        std::fs::remove_file(files.path().join("sign-ins/ApplicationSignIns.json")).unwrap();
        let verbs: [&[&str]; 8] = [
            &["snapshot"],
            &["audit", "legacy"],
            &["audit", "registration"],
            &["audit", "exceptions"],
            &["audit", "preflight"],
            &["audit", "policies"],
            &["impact"],
            &["prove"],
        ];
        let mut differences = Vec::new();
        for verb in verbs {
            let graph = figures(document(through_graph.path(), verb));
            let files = figures(document(files.path(), verb));
            let differs = difference(&graph, &files, "");
            differences.extend(differs.map(|it| format!("day {day}, {verb:?}: {it}")));
        }
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}
