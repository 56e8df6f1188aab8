//! Cases kept as files: `tests/reference/cases/agreed/` were disagreements once, `tests/reference/cases/parted/` are.

use std::path::Path;

use conditional_access::PolicySet;
use serde_json::{Value, json};

use super::agreement::differs;
use super::case;

fn files(folder: &str) -> Vec<(String, Value)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/cases").join(folder);
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        (path.display().to_string(), serde_json::from_str(&text).unwrap())
    };
    let found: Vec<_> = std::fs::read_dir(path).unwrap().map(read).collect();
    assert!(!found.is_empty(), "no cases in {folder}");
    found
}

#[test]
fn what_disagreed_once_agrees() {
    let differing = files("agreed")
        .into_iter()
        .filter_map(|(path, case)| Some(format!("{path}:{}", differs(&case)?)));
    let differing: Vec<String> = differing.collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// The engine does not follow the letter of the rule yet. Once it does, its constant in
/// `readings.rs` becomes true, and the case moves to `tests/reference/cases/agreed/`.
#[test]
fn points_that_are_parted_are_still_parted() {
    for (path, told) in files("parted") {
        assert!(differs(&told).is_none(), "{path}");
        let read = case::read(&told);
        let engine = PolicySet::of(&read.policies, &read.tenant);
        let outcome = engine.evaluate(&read.sign_in, &read.registration);
        let words: Vec<_> = outcome.per_policy.iter().map(|it| it.word).collect();
        let said = json!({
            "verdict": outcome.verdict,
            "outstanding": outcome.outstanding,
            "words": words,
        });
        assert_ne!(said, told["letter"], "{path} is settled");
    }
}
