//! Every sign-in of the shared samples is read. They are not part of the project; without them the
//! test says so and is skipped.

use std::fs;
use std::path::Path;

use records::{JsonRecord, Offer, Record};
use serde_json::Value;
use signins::{Question, Reader, Scope};

use crate::support::{csv, offer};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples");

/// The objects of a file: JSON lines, an array, a page, or one object.
fn objects(text: &str) -> Vec<String> {
    let Ok(whole) = serde_json::from_str::<Value>(text) else {
        return text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    };
    let list = whole.get("value").unwrap_or(&whole);
    let all: Vec<Value> = list.as_array().cloned().unwrap_or_else(|| vec![list.clone()]);
    all.iter().map(ToString::to_string).collect()
}

/// Answers to every object of a folder's JSON files, by file.
fn answers(folder: &str) -> Option<Vec<(String, Vec<Offer>)>> {
    let folder = Path::new(SAMPLES).join(folder);
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("skipped: no samples in {}", folder.display());
        return None;
    };
    let mut reader = Reader::new(Question { days: 30, scope: Scope::Everything });
    let mut answers = Vec::new();
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        let json = path.extension().is_some_and(|kind| kind == "json" || kind == "jsonl");
        if !json {
            continue;
        }
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a text");
        let offers = objects(&text)
            .iter()
            .map(|object| {
                let record = JsonRecord { bytes: object.as_bytes(), line: 1, context: None };
                reader.read(|worker| worker.offer(&Record::Json(record), &name))
            })
            .collect();
        answers.push((name, offers));
    }
    assert!(!answers.is_empty(), "a folder of samples holds JSON");
    Some(answers)
}

#[test]
fn every_sample_sign_in_is_taken() {
    let Some(answers) = answers("sign-ins") else { return };
    for (file, offers) in answers {
        // A compiled list of spellings, not a log.
        let expected =
            if file == "legacy_client_values.json" { Offer::NotMine } else { Offer::Taken };
        for (number, offer) in offers.iter().enumerate() {
            assert_eq!(*offer, expected, "{file}, record {number}");
        }
    }
}

#[test]
fn no_sample_of_another_kind_is_taken() {
    for folder in ["audits", "registration"] {
        let Some(answers) = answers(folder) else { return };
        for (file, offers) in answers {
            for (number, offer) in offers.iter().enumerate() {
                assert_eq!(*offer, Offer::NotMine, "{file}, record {number}");
            }
        }
    }
}

#[test]
fn every_generation_of_portal_headers_is_known() {
    let folder = Path::new(SAMPLES).join("sign-ins/portal-csv-headers");
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("skipped: no samples in {}", folder.display());
        return;
    };
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.extension().is_none_or(|kind| kind != "csv") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a text");
        let header = text.trim_end_matches(['\r', '\n']).trim_start_matches('\u{feff}');
        let names: Vec<&str> = header.split(',').map(|name| name.trim_matches('"')).collect();
        let cell = |name: &&str| match name.trim() {
            "Date (UTC)" => "2026-03-02T08:00:00Z",
            "Status" => "Success",
            _ => "x",
        };
        let cells: Vec<&str> = names.iter().map(cell).collect();
        let file = csv("x.csv", &names.join("|"), &[&cells.join("|")]);
        let mut reader = Reader::new(Question { days: 30, scope: Scope::Everything });
        let offers = reader.read(|worker| offer(worker, &file, 1));
        assert_eq!(offers, [Offer::Taken], "{}", path.display());
        let measurement = reader.finish().expect("a sign-in");
        let workload =
            u64::from(names.contains(&"Service principal ID") && !names.contains(&"User"));
        assert_eq!(measurement.workload_sign_ins, workload, "{}", path.display());
    }
}
