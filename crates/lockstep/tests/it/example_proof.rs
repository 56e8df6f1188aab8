//! `lockstep prove` on the example tenant. What must come out was written down by hand: three
//! administrators, all capable and all seen to pass MFA; nobody is named as break-glass.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::command::run;

/// Logan, Jordan and Drew, the IT team.
const ADMINISTRATORS: [&str; 3] =
    ["drew.beck@ne.example", "jordan.marsh@ne.example", "logan.bridge@ne.example"];

fn example() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ne")
}

/// Exit code and document.
fn prove(folder: &Path, arguments: &[&str]) -> (String, Value) {
    let mut all = vec!["prove", "--format", "json", "--quiet"];
    all.extend(arguments);
    let text = run(folder, &all);
    let (exit, after) = text.split_once("\n--- stdout\n").unwrap_or_else(|| panic!("{text}"));
    let document = after.split("\n--- stderr\n").next().unwrap();
    (exit.to_owned(), serde_json::from_str(document).unwrap())
}

fn names(list: &Value) -> Vec<&str> {
    let rows = list.as_array().unwrap_or_else(|| panic!("{list}"));
    let mut names: Vec<&str> =
        rows.iter().map(|row| row["user_principal_name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn without_a_break_glass_account_nothing_is_proven() {
    let (exit, document) = prove(&example(), &[]);
    assert_ne!(exit, "exit 0");
    assert_eq!(document["holds"], false);
    assert_eq!(document["break_glass"], json!([]));
    assert_eq!(document["shortfalls"].as_array().unwrap().len(), 1, "{document:#}");
    assert_eq!(names(&document["administrators_who_can_sign_in"]), ADMINISTRATORS);
    assert_eq!(document["unproven_administrators"], json!([]));
    assert_eq!(document["counter_examples"], json!([]));
    assert_eq!(document["policies"], json!(["CA001 - Require MFA - All users"]));
}

#[test]
fn with_one_named_it_holds_for_all_users_and_for_the_pilot() {
    let folder = tempfile::tempdir().unwrap();
    let settings = fs::read_to_string(example().join("lockstep.toml")).unwrap();
    let exports = example().join("exports");
    let settings = settings.replace("\"exports\"", &json!(exports.to_str().unwrap()).to_string())
        + "\n[break_glass]\naccounts = [\"drew.beck@ne.example\"]\n";
    fs::write(folder.path().join("lockstep.toml"), settings).unwrap();
    for arguments in [&[][..], &["--to", "pilot"]] {
        let (exit, document) = prove(folder.path(), arguments);
        assert_eq!(document["holds"], true, "{document:#}");
        assert_eq!(exit, "exit 0");
        assert_eq!(names(&document["break_glass"]), ["drew.beck@ne.example"]);
        assert_eq!(document["break_glass"][0]["excluded_from_all"], true);
        assert_eq!(
            names(&document["administrators_who_can_sign_in"]),
            ["jordan.marsh@ne.example", "logan.bridge@ne.example"]
        );
    }
}

#[test]
fn blocking_other_countries_bars_every_administrator() {
    let (_, document) = prove(&example(), &["--policy", "proposed/places-and-devices.json"]);
    assert_eq!(document["holds"], false);
    assert_eq!(names(&document["counter_examples"]), ADMINISTRATORS);
    for example in document["counter_examples"].as_array().unwrap() {
        assert_eq!(example["blocked_by_names"], json!(["CA010 - Block other countries"]));
        assert_eq!(example["role"], "administrator");
        assert!(example["location"].is_string(), "{example:#}");
    }
    let (_, document) = prove(&example(), &["--policy", "proposed/device-code.json"]);
    assert_eq!(names(&document["counter_examples"]), Vec::<&str>::new(), "{document:#}");
    assert_eq!(names(&document["administrators_who_can_sign_in"]), ADMINISTRATORS);
}
