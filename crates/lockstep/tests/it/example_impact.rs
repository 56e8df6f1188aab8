//! `lockstep impact` on the example tenant, held against the books of the generator that made it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::command::run;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ne")
}

/// What the generator wrote down of one proposal.
fn books(proposal: &str) -> Value {
    let text = fs::read_to_string(example().join("ground-truth.json")).unwrap();
    let truth: Value = serde_json::from_str(&text).unwrap();
    truth["impact"][proposal].clone()
}

/// What the program says.
fn said(arguments: &[&str]) -> Value {
    let mut all = vec!["impact", "--format", "json", "--quiet"];
    all.extend(arguments);
    let text = run(&example(), &all);
    let (exit, after) = text.split_once("\n--- stdout\n").unwrap_or_else(|| panic!("{text}"));
    assert_eq!(exit, "exit 0", "{text}");
    serde_json::from_str(after.split("\n--- stderr\n").next().unwrap()).unwrap()
}

/// The rows of a list by one of their fields.
fn by<'a>(list: &'a Value, field: &str) -> BTreeMap<String, &'a Value> {
    let rows = list.as_array().unwrap_or_else(|| panic!("{list}"));
    let map: BTreeMap<_, _> = rows.iter().map(|row| (row[field].to_string(), row)).collect();
    assert_eq!(map.len(), rows.len(), "{field} twice");
    map
}

/// Asserts that every figure and every person is as in the books.
fn compare(proposal: &str, arguments: &[&str]) -> Value {
    let (books, said) = (books(proposal), said(arguments));
    assert_eq!(said["users"], books["users"], "{proposal}");
    assert_eq!(said["sign_ins"], books["sign_ins"], "{proposal}");
    for cut in ["by_app", "by_client_app", "by_platform", "by_country"] {
        let (expected, rows) = (by(&books[cut], "name"), by(&said[cut], "name"));
        assert_eq!(
            rows.keys().collect::<Vec<_>>(),
            expected.keys().collect::<Vec<_>>(),
            "{proposal}: {cut}"
        );
        for (name, row) in expected {
            for (field, figure) in row.as_object().unwrap() {
                assert_eq!(&rows[&name][field], figure, "{proposal}: {cut}: {name}: {field}");
            }
        }
    }
    let field = "user_principal_name";
    let (expected, people) = (by(&books["people"], field), by(&said["people"], field));
    let outcomes = |map: &BTreeMap<String, &Value>| -> Vec<String> {
        map.iter()
            .map(|(name, row)| format!("{name} {} {}", row["outcome"], row["sign_ins"]))
            .collect()
    };
    assert_eq!(outcomes(&people), outcomes(&expected), "{proposal}");
    for (name, row) in expected {
        assert_eq!(people[&name]["user_id"], row["user_id"], "{proposal}: {name}");
        assert_eq!(people[&name]["apps"], row["apps"], "{proposal}: {name}");
    }
    said
}

#[test]
fn for_all_users() {
    let said = compare("all_users", &[]);
    assert_eq!(said["policies"], json!(["CA001 - Require MFA - All users"]));
    assert_eq!(said["against"], "proposed");
    assert_eq!(said["compared"], json!([]), "the firm has no policy of its own");
}

#[test]
fn for_the_pilot_group() {
    let said = compare("pilot", &["--to", "pilot"]);
    assert_eq!(said["policies"], json!(["CA001 - Require MFA - Pilot"]));
    assert_eq!(said["people"], json!([]));
}

#[test]
fn for_policies_from_files() {
    let files = ["proposed/places-and-devices.json", "proposed/device-code.json"];
    let said = compare("proposed", &["--policy", files[0], "--policy", files[1]]);
    assert_eq!(
        said["policies"],
        json!([
            "CA010 - Block other countries",
            "CA011 - Compliant devices for Finance",
            "CA012 - Block device code flow"
        ])
    );
    let people = by(&said["people"], "user_principal_name");
    let blames = |name: &str| people[&format!("\"{name}@ne.example\"")]["policies"].clone();
    assert_eq!(blames("logan.wood"), json!(["CA010 - Block other countries"]));
    assert_eq!(blames("jordan.marsh"), json!(["CA012 - Block device code flow"]));
    assert_eq!(blames("taylor.park"), json!(["CA011 - Compliant devices for Finance"]));
}

#[test]
fn the_policies_of_today_touch_nobody() {
    let said = said(&["--against", "current"]);
    let all = said["users"]["total"].as_u64().unwrap();
    assert_eq!(said["users"]["not_touched"], all, "there is none");
    assert_eq!(said["sign_ins"]["not_touched"], books("all_users")["sign_ins"]["total"]);
}

#[test]
fn every_account_of_the_directory_has_one_outcome() {
    let books = books("all_users");
    let listed = |list: &str| books[list].as_array().unwrap().len();
    let total = listed("people") + listed("ready") + listed("not_touched");
    assert_eq!(books["users"]["total"], total);
    let words =
        ["ready", "must_register", "cannot", "blocked_legacy", "blocked", "not_touched", "unknown"];
    for proposal in ["all_users", "pilot", "proposed"] {
        let figures = self::books(proposal);
        let sum: u64 = words.iter().map(|it| figures["users"][it].as_u64().unwrap()).sum();
        assert_eq!(figures["users"]["total"], sum, "{proposal}");
    }
}
