//! Records written by others: every one of them is read.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::world::run;

#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn samples(name: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/samples").join(name))
        .find(|folder| folder.is_dir());
    if found.is_none() {
        println!("skipped: no folder shared/samples/{name} beside the workspace");
    }
    found
}

fn snapshot(folder: &Path) -> Value {
    let here = tempfile::tempdir().unwrap();
    let exports = folder.to_str().unwrap();
    let answer = run(here.path(), &["snapshot", "--exports", exports, "--format", "json"]);
    assert_eq!(answer.code, 0, "{exports}: {}", answer.stderr);
    answer.document()
}

#[test]
fn every_registration_row_audit_record_and_policy_is_read() {
    for name in ["registration", "audits", "policies"] {
        let Some(folder) = samples(name) else { continue };
        let document = snapshot(&folder);
        assert_eq!(document["records_unreadable"], 0, "{name}");
        for source in document["sources"].as_array().unwrap() {
            let file = source["name"].as_str().unwrap();
            let about_it = ["README", "LICENSE", "Groups/"].iter().any(|it| file.contains(it));
            assert!(about_it || source["other_records"] != 0, "{file}");
        }
    }
}

#[test]
fn all_of_them_in_one_folder_are_read_as_well() {
    let Some(folder) = samples("registration") else { return };
    let apart: Vec<Value> = ["registration", "audits", "policies"]
        .iter()
        .map(|name| snapshot(&folder.with_file_name(name))["records"].clone())
        .collect();
    let together = tempfile::tempdir().unwrap();
    for name in ["registration", "audits", "policies"] {
        copy(&folder.with_file_name(name), &together.path().join(name));
    }
    let records = snapshot(together.path())["records"].clone();
    for part in apart {
        for (kind, count) in part.as_object().unwrap() {
            assert_eq!(&records[kind], count, "{kind}");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
