//! The reference against the shared example cases.

use std::path::Path;

use serde_json::{Value, json};

use super::{case, evaluator, yaml};

#[test]
fn the_reference_answers_the_example_cases() {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = folders.find_map(|it| {
        std::fs::read_to_string(it.join("shared/samples/conditional-access-cases.yaml")).ok()
    });
    let Some(text) = found else {
        eprintln!("skipped: no file of example cases beside the workspace");
        return;
    };
    let document = yaml::read(&text);
    let cases = document["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 25);
    let wrong: Vec<String> = cases.iter().filter_map(differs).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the reference says beside what is expected, where they differ.
fn differs(case: &Value) -> Option<String> {
    let read = case::read(case);
    let outcome =
        evaluator::evaluate(&read.policies, &read.tenant, &read.registration, &read.sign_in);
    let words: serde_json::Map<String, Value> =
        outcome.per_policy.iter().map(|it| (it.policy.clone(), json!(it.word))).collect();
    let said = json!({
        "verdict": outcome.verdict,
        "outstanding": sorted(&json!(outcome.outstanding)),
        "by": sorted(&json!(outcome.by)),
        "per_policy": words,
    });
    let mut expected = case["expect"].clone();
    for set in ["outstanding", "by"] {
        expected[set] = sorted(&expected[set]);
    }
    (said != expected).then(|| format!("{}: {said}\n  expected {expected}", case["id"]))
}

fn sorted(list: &Value) -> Value {
    let mut items: Vec<String> =
        list.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect();
    items.sort();
    json!(items)
}
