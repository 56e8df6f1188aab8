use std::path::{Path, PathBuf};

use entra::exports::Collector;
use records::Offer;
use rollout::Snapshot;
use serde_json::Value;

use super::offer;

/// The folder of data written by others beside the workspace, where there is one.
fn folder(name: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|it| it.join("shared/samples").join(name))
        .find(|it| it.is_dir());
    if found.is_none() {
        eprintln!("skipped: no folder of samples of {name} beside the workspace");
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

/// The records of a file: JSON lines, a page, or one object, with the page's context.
fn records(file: &Path) -> (Vec<Value>, Option<String>) {
    let text = std::fs::read_to_string(file).unwrap();
    let text = text.trim_start_matches('\u{feff}');
    if file.extension().is_some_and(|it| it == "jsonl") {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        return (lines.map(|line| serde_json::from_str(line).unwrap()).collect(), None);
    }
    let value: Value = serde_json::from_str(text).unwrap();
    let context = value.get("@odata.context").and_then(Value::as_str).map(str::to_owned);
    match value.get("value") {
        Some(Value::Array(items)) => (items.clone(), context),
        _ => (vec![value], None),
    }
}

/// How many records the folder holds, and the snapshot of them; all must be taken.
fn collect(folder: &Path) -> (usize, Snapshot) {
    let mut collector = Collector::new();
    let mut count = 0;
    for file in files(folder) {
        let (values, context) = records(&file);
        for value in values {
            let answer = offer(&mut collector, &value, context.as_deref());
            assert_eq!(answer, Offer::Taken, "{}: {value}", file.display());
            count += 1;
        }
    }
    assert!(count > 0, "{} is empty", folder.display());
    (count, collector.finish())
}

#[test]
fn registration_answers() {
    let Some(folder) = folder("registration") else { return };
    let (count, snapshot) = collect(&folder);
    let rows = snapshot.registrations.unwrap();
    assert_eq!(rows.len(), count);
    assert!(rows.iter().all(|row| row.mfa_capable.is_some() && row.methods.is_some()));
    assert!(rows.iter().any(|row| row.default_method.is_some()));
    assert_eq!(snapshot.users, None);
}

#[test]
fn audit_records() {
    let Some(folder) = folder("audits") else { return };
    let (_, snapshot) = collect(&folder);
    let events = snapshot.audits.unwrap();
    assert!(!events.is_empty());
    assert!(events.iter().all(|event| event.time.is_some() && !event.activity.is_empty()));
    assert!(events.iter().any(|event| event.activity.contains("conditional access policy")));
}

#[test]
fn published_policies() {
    let Some(folder) = folder("policies") else { return };
    let held = files(&folder);
    let of = |name: &str| held.iter().filter(|file| file.parent().unwrap().ends_with(name)).count();
    let (_, snapshot) = collect(&folder);
    assert_eq!(snapshot.groups.unwrap().len(), of("Groups"));
    assert_eq!(snapshot.named_locations.unwrap().len(), of("NamedLocations"));
    assert!(snapshot.policies.unwrap().len() > 100, "one of each that differ");
}

#[test]
fn sign_in_logs_are_left_alone() {
    let Some(folder) = folder("sign-ins") else { return };
    for file in files(&folder) {
        let json = file.extension().is_some_and(|it| it == "json" || it == "jsonl");
        let log = file.file_name().is_some_and(|it| !it.to_string_lossy().contains("values"));
        if !json || !log || file.parent().unwrap().ends_with("portal-csv-headers") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        if file.extension().is_some_and(|it| it == "json")
            && serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')).is_err()
        {
            continue;
        }
        let (values, context) = records(&file);
        for value in values
            .iter()
            .flat_map(|it| it.as_array().map_or(vec![it], |list| list.iter().collect()))
        {
            let mut collector = Collector::new();
            let answer = offer(&mut collector, value, context.as_deref());
            assert_eq!(answer, Offer::NotMine, "{}: {value}", file.display());
        }
    }
}
