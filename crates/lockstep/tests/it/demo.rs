//! `lockstep demo`: the whole way from a simulated tenant to a plan, by the built binary.

use std::fs;
use std::net::TcpListener;

use insta::{assert_snapshot, with_settings};
use serde_json::Value;

use crate::command::run;

const SMALL: [&str; 5] = ["demo", "--port", "0", "--seed", "3"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let people: &[&str] = if more.contains(&"--people") { &[] } else { &["--people", "40"] };
    SMALL.iter().chain(people).chain(more).copied().collect()
}

/// The document of a demo with these options.
fn document(folder: &std::path::Path, more: &[&str]) -> Value {
    let text = run(folder, &with(&[&["--json"], more].concat()));
    let json = text.split_once("--- stdout\n").unwrap().1.split("--- stderr").next().unwrap();
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_demo_shows_three_commands_and_leaves_a_workspace_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let text = run(folder.path(), &with(&[]));
    // The port, and what names the bytes that came over it.
    let filters = vec![(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"), (r"\b[0-9a-f]{12}\b", "DIGEST")];
    with_settings!({filters => filters}, {
        assert_snapshot!("demo", text);
    });
    let workspace = folder.path().join("lockstep-demo");
    for file in ["plan/plan.html", "plan/plan.ics", "lockstep.toml"] {
        assert!(workspace.join(file).is_file(), "{file}");
    }
    let settings = ["--settings", "lockstep-demo/lockstep.toml"];
    for verb in [&["impact"][..], &["audit", "legacy"], &["audit", "preflight"], &["prove"]] {
        let text = run(folder.path(), &[verb, &settings].concat());
        assert!(!text.starts_with("exit 1") && !text.contains("error:"), "{verb:?}: {text}");
    }
    // The tenant has ended with the command that started it.
    let ended = run(folder.path(), &[&["snapshot"][..], &settings].concat());
    assert!(ended.starts_with("exit 7\n"), "{ended}");
    let secret = fs::read_to_string(workspace.join("client-secret.txt")).unwrap();
    assert_eq!(secret.trim().len(), 32);
    assert!(!text.contains(secret.trim()) && !ended.contains(secret.trim()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let rights = fs::metadata(workspace.join("client-secret.txt")).unwrap().permissions();
        assert_eq!(rights.mode() & 0o077, 0, "nobody else reads the secret");
    }
}

/// A document without what names the bytes it was made from: links in them name the port.
fn figures(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let names_bytes =
                ["url", "digest", "sources", "made_from", "id", "requests", "change_set"];
            let kept = map.into_iter().filter(|(key, _)| !names_bytes.contains(&key.as_str()));
            Value::Object(kept.map(|(key, value)| (key, figures(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(figures).collect(),
        other => other,
    }
}

#[test]
fn the_same_demo_is_the_same_and_replaces_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let first = document(folder.path(), &[]);
    let left = folder.path().join("lockstep-demo/.lockstep/left-behind");
    fs::write(&left, "x").unwrap();
    let second = document(folder.path(), &[]);
    assert!(!left.exists());
    assert!(first["requests"].as_u64().unwrap() > 30, "{first}");
    assert_eq!(figures(first), figures(second));
}

#[test]
fn a_demo_shows_what_a_team_has_by_that_day() {
    let folder = tempfile::tempdir().unwrap();
    let mut capable = Vec::new();
    for (people, day, step, passed) in
        [("20", "1", "prepare", 0), ("20", "4", "register", 1), ("30", "19", "pilot", 5)]
    {
        let document = document(folder.path(), &["--people", people, "--day", day]);
        let status = &document["steps"][2]["result"];
        assert_eq!(status["schema"], "lockstep.status/1", "{document}");
        assert_eq!(status["day"].to_string(), day);
        assert_eq!(status["step"], step, "day {day}: {}", status["gates"]);
        let gates = status["gates"].as_array().unwrap();
        let first = gates.iter().take_while(|it| it["verdict"] == "passed").count();
        assert!(first >= passed, "day {day}: {}", status["gates"]);
        let figures = &document["steps"][0]["result"]["registration"];
        capable.push(figures["capable"].as_u64().unwrap());
        // What was done stands in a journal that holds.
        let settings = ["--settings", "lockstep-demo/lockstep.toml"];
        let journal = run(folder.path(), &[&["journal", "verify"][..], &settings].concat());
        assert!(journal.starts_with("exit 0\n"), "day {day}: {journal}");
        let next = run(folder.path(), &[&["next"][..], &settings].concat());
        assert!(
            ["exit 0\n", "exit 2\n", "exit 3\n"].iter().any(|it| next.starts_with(it)),
            "{next}"
        );
    }
    assert!(capable[2] > capable[0], "{capable:?}");
}

#[test]
fn a_demo_can_be_a_twin_of_a_tenant_under_other_names() {
    let folder = tempfile::tempdir().unwrap();
    let exports = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/ne/exports");
    let text = run(folder.path(), &["demo", "--port", "0", "--from", exports]);
    assert!(text.starts_with("exit 0\n"), "{text}");
    let users = text.lines().find(|line| line.starts_with("users ")).unwrap();
    assert!(users.ends_with(" 239"), "as many as in the files: {users}");
    for word in ["ne.example", "NE Engineering", "neengineering"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    let alone = run(folder.path(), &["demo", "--from", exports, "--people", "40"]);
    assert!(alone.starts_with("exit 1\n"), "{alone}");
}

#[test]
fn a_folder_of_somebodys_own_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [("lockstep.toml", "[tenant]\nname = \"ours\"\n"), ("notes.txt", "x")] {
        let own = folder.path().join(name).with_extension("d");
        fs::create_dir(&own).unwrap();
        fs::write(own.join(name), content).unwrap();
        let text = run(folder.path(), &with(&["--folder", own.to_str().unwrap()]));
        assert!(text.starts_with("exit 1\n") && text.contains("--folder DIR"), "{text}");
        assert_eq!(fs::read_to_string(own.join(name)).unwrap(), content);
        assert_eq!(fs::read_dir(&own).unwrap().count(), 1);
    }
}

#[test]
fn a_port_that_is_taken_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let text = run(folder.path(), &["demo", "--people", "40", "--port", &port]);
    assert!(text.starts_with("exit 1\n") && text.contains("--port PORT"), "{text}");
    assert!(!folder.path().join("lockstep-demo").exists());
    // What a demo that still runs is using is not cleared by one that cannot start.
    let running = folder.path().join("lockstep-demo");
    fs::create_dir(&running).unwrap();
    let mark = "# Workspace of `lockstep demo`. The next demo replaces it.\n";
    fs::write(running.join("lockstep.toml"), mark).unwrap();
    fs::write(running.join("client-secret.txt"), "in use").unwrap();
    run(folder.path(), &["demo", "--people", "40", "--port", &port]);
    assert_eq!(fs::read_to_string(running.join("client-secret.txt")).unwrap(), "in use");
}
