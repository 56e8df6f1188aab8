//! The example tenant: every figure its generator kept is the figure lockstep prints, and a class
//! of files taken away leaves a gap, never a number.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::contract_tenant::world::{Answer, run};

/// A moment after the newest record of the example.
const AFTER: &str = "2026-11-20T18:00:00Z";

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ne")
}

fn truth() -> Value {
    serde_json::from_slice(&fs::read(example().join("ground-truth.json")).unwrap()).unwrap()
}

fn ask(folder: &Path, arguments: &[&str]) -> Answer {
    let mut arguments = arguments.to_vec();
    arguments.extend(["--now", AFTER]);
    run(folder, &arguments)
}

fn document(folder: &Path, arguments: &[&str]) -> Value {
    let mut arguments = arguments.to_vec();
    arguments.extend(["--format", "json"]);
    let answer = ask(folder, &arguments);
    assert_eq!(answer.code, 0, "{arguments:?}: {}", answer.stderr);
    answer.document()
}

/// The example without one folder of its exports.
fn without(class: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&example(), folder.path());
    if !class.is_empty() {
        fs::remove_dir_all(folder.path().join("exports").join(class)).unwrap();
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// A list of accounts or of their names, by lower-case name.
fn by_name(list: &Value) -> BTreeMap<String, Value> {
    let name =
        |it: &Value| it.as_str().or(it["user_principal_name"].as_str()).unwrap().to_lowercase();
    list.as_array().unwrap().iter().map(|it| (name(it), it.clone())).collect()
}

fn same_fields(found: &Value, expected: &Value, about: &str) {
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&found[field], value, "{about}: {field}");
    }
}

#[test]
fn legacy_authentication_as_the_generator_counted_it() {
    let truth = truth();
    let found = document(&example(), &["audit", "legacy"]);
    same_fields(&found["totals"], &truth["totals"], "totals");
    same_fields(&found["window"], &truth["window"], "window");
    let mut coverage = truth["coverage"].clone();
    for apart in ["older_than_window", "workload_records"] {
        coverage.as_object_mut().unwrap().remove(apart).unwrap();
    }
    same_fields(&found["coverage"], &coverage, "coverage");
    let expected = truth["dependencies"].as_array().unwrap();
    let dependencies = found["dependencies"].as_array().unwrap();
    assert_eq!(dependencies.len(), expected.len());
    for (dependency, expected) in dependencies.iter().zip(expected) {
        same_fields(dependency, expected, expected["user_principal_name"].as_str().unwrap());
    }
}

#[test]
fn registration_as_the_generator_counted_it() {
    let truth = &truth()["registration"];
    let found = document(&example(), &["audit", "registration"]);
    for field in ["as_of", "capable", "registered"] {
        assert_eq!(found[field], truth[field], "{field}");
    }
    assert_eq!(found["source_age_hours"], 16.0);
    let denominators = &truth["denominators"];
    assert_eq!(
        found["denominators"],
        json!({
            "in_scope_people": denominators["in_scope_people"],
            "enabled_members": denominators["enabled_members"],
            "unclassified": denominators["unclassified_with_settings"],
        })
    );
    assert_eq!(found["rate"].as_f64().unwrap(), truth["rate_percent"].as_f64().unwrap() / 100.0);
    for list in ["sms_only", "registered_not_capable"] {
        let names = |value: &Value| by_name(value).into_keys().collect::<Vec<_>>();
        assert_eq!(names(&found[list]), names(&truth[list]), "{list}");
    }
    let expected = by_name(&truth["not_capable"]);
    let not_capable = by_name(&found["not_capable"]);
    assert!(not_capable.keys().eq(expected.keys()), "{:?}", not_capable.keys());
    for (name, expected) in expected {
        let reason = match expected["reason"].as_str().unwrap() {
            "no-method" => "registered no method",
            "no-report-row" => "the registration report does not hold this person",
            "password-reset-only" => {
                "registered only for password reset (email, security questions), which is no MFA"
            }
            "method-not-allowed" => "registered a method that the methods policy does not allow",
            other => panic!("{other}"),
        };
        assert_eq!(not_capable[&name]["reason"], reason, "{name}");
    }
    let series = found["series"].as_array().unwrap();
    assert_eq!(series.last().unwrap()["capable"], truth["capable"]);
}

#[test]
fn every_account_of_a_special_kind_and_no_other() {
    let truth = truth();
    let found = document(&example(), &["audit", "exceptions"]);
    let expected = by_name(&truth["accounts"]);
    let accounts = by_name(&found["accounts"]);
    for (name, account) in &expected {
        let found = &accounts.get(name).unwrap_or(&Value::Null);
        assert_eq!(found["kind"], account["kind"], "{name}");
        assert_eq!(found["user_id"], account["user_id"], "{name}");
        let exempt =
            ["room", "service", "sync", "break-glass"].contains(&account["kind"].as_str().unwrap());
        assert_eq!(found["mfa_exempt"], exempt, "{name}");
    }
    let others: Vec<&String> =
        accounts.keys().filter(|name| !expected.contains_key(*name)).collect();
    assert_eq!(others, Vec::<&String>::new());
    let totals = found["totals"].as_object().unwrap();
    let enabled: u64 = totals.values().map(|it| it.as_u64().unwrap()).sum();
    let members = truth["registration"]["denominators"]["enabled_members"].as_u64().unwrap();
    assert_eq!(enabled, members + truth["directory"]["guests"].as_u64().unwrap());
}

#[test]
fn without_settings_more_is_unclassified() {
    let folder = without("");
    fs::remove_file(folder.path().join("lockstep.toml")).unwrap();
    let found = document(folder.path(), &["audit", "registration", "--exports", "exports"]);
    let expected = &truth()["registration"]["denominators"]["unclassified_without_settings"];
    assert_eq!(&found["denominators"]["unclassified"], expected);
}

#[test]
fn the_plan_says_87_percent() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path().to_str().unwrap();
    let plan =
        document(&example(), &["plan", "--start", "2026-11-26", "--out", out, "--formats", "json"]);
    let truth = truth();
    assert_eq!(plan["summary"]["people"], truth["registration"]["denominators"]["in_scope_people"]);
    assert_eq!(plan["summary"]["dependencies"], truth["totals"]["dependencies"]);
    assert_eq!(plan["registration"]["capable"], truth["registration"]["capable"]);
    let first = plan["summary"]["sentences"][0].as_str().unwrap();
    assert!(first.contains("174 of 200 people (87 %)"), "{first}");
}

#[test]
fn no_line_is_wider_than_80_columns() {
    let folder = without("");
    let verbs: [&[&str]; 9] = [
        &["snapshot"],
        &["audit", "legacy"],
        &["audit", "registration"],
        &["audit", "exceptions"],
        &["audit", "preflight"],
        &["audit", "policies"],
        &["plan"],
        &["status", "--now", "2026-12-01T09:00:00Z"],
        &["init", "--exports", "exports"],
    ];
    for verb in verbs {
        let answer = run(folder.path(), verb);
        let wide = answer.stdout.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{verb:?}");
        assert!(answer.stdout.contains("Next: "), "{verb:?}");
    }
}

fn gaps(document: &Value) -> Vec<&str> {
    document["gaps"].as_array().unwrap().iter().map(|gap| gap["id"].as_str().unwrap()).collect()
}

#[test]
fn without_the_registration_report_nobody_is_capable_or_not() {
    let folder = without("registration");
    let found = document(folder.path(), &["audit", "registration"]);
    for field in ["as_of", "source_age_hours", "capable", "registered", "rate"] {
        assert_eq!(found[field], Value::Null, "{field}");
    }
    assert_eq!(found["denominators"]["in_scope_people"], 200);
    assert!(gaps(&found).contains(&"registration-details"));
    let plan = document(folder.path(), &["plan", "--start", "2026-11-26", "--formats", "json"]);
    assert_eq!(plan["summary"]["rate"], Value::Null);
    assert!(!plan.to_string().contains("87 %"));
}

#[test]
fn without_the_directory_nobody_is_in_scope_or_out_of_it() {
    let folder = without("directory");
    let found = document(folder.path(), &["audit", "registration"]);
    for field in ["capable", "registered", "rate"] {
        assert_eq!(found[field], Value::Null, "{field}");
    }
    assert_eq!(
        found["denominators"],
        json!({"in_scope_people": null, "enabled_members": null, "unclassified": null})
    );
    let exceptions = document(folder.path(), &["audit", "exceptions"]);
    assert_eq!(exceptions["accounts"], json!([]));
    assert!(gaps(&exceptions).contains(&"users"));
}

#[test]
fn without_the_sign_in_logs_there_is_no_legacy_audit() {
    let folder = without("sign-ins");
    assert_eq!(ask(folder.path(), &["audit", "legacy"]).code, 1);
    let plan = document(folder.path(), &["plan", "--start", "2026-11-26", "--formats", "json"]);
    assert_eq!(plan["summary"]["dependencies"], Value::Null);
    assert!(gaps(&plan).contains(&"sign-in-logs"));
}

#[test]
fn without_the_other_classes_their_gap_is_told() {
    for (class, gap) in
        [("audits", "directory-audits"), ("exchange", "mailboxes"), ("policies", "policies")]
    {
        let folder = without(class);
        let found = document(folder.path(), &["snapshot"]);
        assert!(gaps(&found).contains(&gap), "{class}");
        let exceptions = document(folder.path(), &["audit", "exceptions"]);
        for (name, account) in by_name(&exceptions["accounts"]) {
            let person = ["person", "administrator", "executive", "no-smartphone", "on-leave"]
                .contains(&account["kind"].as_str().unwrap());
            assert!(!(person && account["mfa_exempt"] == true), "{class}: {name}");
        }
    }
    let folder = without("policies");
    let preflight = document(folder.path(), &["audit", "preflight"]);
    let unknown = preflight["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["id"].as_str().unwrap().starts_with("CA-") && it["verdict"] == "ok");
    assert_eq!(unknown.map(|it| it["id"].clone()).collect::<Vec<_>>(), Vec::<Value>::new());
}
