//! `lockstep policy-test`: what people and scripts see, and what a bad case costs.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::command::run;

/// A case as JSON: MFA for everyone on phones, asked for by a person on this platform.
fn case(id: &str, platform: Option<&str>, expect: &Value) -> Value {
    let mut case = json!({
        "id": id,
        "rule": ["our rule 3"],
        "note": "phones are asked for MFA",
        "tenant": {"users": [{"id": "u1", "type": "member"}]},
        "policies": [{
            "id": "p1",
            "displayName": "CA001 - Require MFA",
            "state": "enabled",
            "conditions": {
                "users": {"includeUsers": ["All"]},
                "applications": {"includeApplications": ["All"]},
                "clientAppTypes": ["all"],
                "platforms": {"includePlatforms": ["android", "iOS"]}
            },
            "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}
        }],
        "sign_in": {
            "user": "u1",
            "resources": ["00000002-0000-0ff1-ce00-000000000000"],
            "client_app_used": "Browser",
            "platform": platform
        },
        "registration": {"usable": ["sms"]}
    });
    if !expect.is_null() {
        case["expect"] = expect.clone();
    }
    case
}

/// One case that agrees.
fn good(id: &str) -> Value {
    case(id, Some("Android"), &json!({"verdict": "require", "outstanding": ["mfa"]}))
}

fn lines(cases: &[Value]) -> String {
    let mut text = String::new();
    for case in cases {
        writeln!(text, "{case}").unwrap();
    }
    text
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Exit code and stdout with this text on the standard input.
fn piped(arguments: &[&str], text: &str) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lockstep"))
        .arg("policy-test")
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

fn document(arguments: &[&str], text: &str) -> (i32, Value) {
    let (code, text) = piped(&[arguments, &["--format", "json"]].concat(), text);
    (code, serde_json::from_str(&text).unwrap())
}

#[test]
fn all_agree() {
    let folder = folder(&[("cases.jsonl", &lines(&[good("a"), good("b")]))]);
    assert_snapshot!(run(folder.path(), &["policy-test", "cases.jsonl"]), @r"
    exit 0
    --- stdout
    Policy tests: 2 of 2 agree

    Next: lockstep audit policies --exports DIR
    ");
}

#[test]
fn what_disagrees_stands_beside_what_was_expected() {
    let expect = json!({
        "verdict": "block", "outstanding": ["block"], "by": ["p1"], "per_policy": {"p1": "success"}
    });
    let cases = lines(&[
        good("agrees"),
        case("other-words", Some("iOS"), &expect),
        case("not-seen", None, &json!({"verdict": "allow", "per_policy": {"P1": "notApplied"}})),
        case("only-asks", None, &Value::Null),
    ]);
    let folder = folder(&[("my cases.jsonl", &cases)]);
    assert_snapshot!(run(folder.path(), &["policy-test", "my cases.jsonl"]), @r"
    exit 3
    --- stdout
    Policy tests: 1 of 3 agree, 1 without expectation

    other-words (my cases.jsonl line 2)
    phones are asked for MFA. Exercises our rule 3.
    what                        expected  found
    verdict                     block     require
    outstanding                 block     mfa
    policy CA001 - Require MFA  success   failure
    Decided by: CA001 - Require MFA

    not-seen (my cases.jsonl line 3)
    phones are asked for MFA. Exercises our rule 3.
    what                        expected    found
    verdict                     allow       unknown
    policy CA001 - Require MFA  notApplied  unknown
    Decided by: CA001 - Require MFA
    Not seen: platform

    Without expectation
    case       verdict  outstanding  by                   not seen
    only-asks  unknown               CA001 - Require MFA  platform

    Next: lockstep policy-test 'my cases.jsonl'
    ");
}

#[test]
fn the_document_of_a_case() {
    let (code, document) = document(&["-"], &lines(&[case("x", None, &Value::Null)]));
    assert_eq!(code, 0);
    assert_eq!(
        document,
        json!({
            "schema": "lockstep.policy-test/1",
            "cases": [{
                "id": "x",
                "file": "standard input",
                "line": 1,
                "note": "phones are asked for MFA",
                "rule": ["our rule 3"],
                "verdict": "unknown",
                "outstanding": [],
                "by": ["p1"],
                "per_policy": {"p1": "unknown"},
                "unknown": ["platform"],
                "unknown_by_policy": {"p1": ["platform"]},
                "experience": "unknown",
                "agrees": null,
                "disagreements": []
            }],
            "passed": 0,
            "failed": 0,
            "asked": 1,
            "unreadable": []
        })
    );
}

#[test]
fn a_disagreement_in_the_document() {
    let expect = json!({"verdict": "allow", "by": []});
    let (code, document) = document(&[], &lines(&[case("x", Some("iOS"), &expect), good("y")]));
    assert_eq!(code, 3);
    assert_eq!((&document["passed"], &document["failed"]), (&json!(1), &json!(1)));
    assert_eq!(document["cases"][0]["agrees"], false);
    assert_eq!(document["cases"][1]["agrees"], true);
    assert_eq!(
        document["cases"][0]["disagreements"],
        json!([
            {"what": "verdict", "expected": "allow", "found": "require"},
            {"what": "by", "expected": "[]", "found": "[p1]"},
        ])
    );
}

#[test]
fn the_exit_code_says_the_worst_that_is_certain() {
    let (good, bad) = (good("a"), case("b", Some("iOS"), &json!({"verdict": "allow"})));
    let asks = case("c", Some("iOS"), &Value::Null);
    let broken = json!({"id": "d", "sign_in": 7});
    let cases: [(&[&Value], i32); 7] = [
        (&[&good], 0),
        (&[&asks], 0),
        (&[&good, &bad], 3),
        (&[&good, &broken], 8),
        (&[&bad, &broken], 3),
        (&[&broken], 1),
        (&[], 1),
    ];
    for (cases, code) in cases {
        let text = lines(&cases.iter().map(|it| (*it).clone()).collect::<Vec<_>>());
        assert_eq!(piped(&[], &text).0, code, "{text}");
    }
}

#[test]
fn a_case_that_cannot_be_read_costs_no_other_and_is_told_with_its_fix() {
    let yaml = "\
cases:
- id: misspelt
  sign_in: {contry: GB}
- id: wrong-word
  sign_in: {}
  expect: {verdict: alow}
- id: no-yaml
  rule: [R1
- id: good
  sign_in: {user: u1}
";
    let folder = folder(&[("a.yaml", yaml), ("b.jsonl", &lines(&[good("b")]))]);
    assert_snapshot!(run(folder.path(), &["policy-test", "a.yaml", "b.jsonl"]), @r"
    exit 8
    --- stdout
    Policy tests: 1 of 1 agree, 1 without expectation, 3 cannot be read

    Without expectation
    case  verdict  outstanding  by  not seen
    good  allow

    Next: lockstep policy-test a.yaml b.jsonl
    --- stderr
    unreadable: `a.yaml` line 3, case `misspelt`: unknown field `contry`; did you mean `country`?
    unreadable: `a.yaml` line 6, case `wrong-word`: unknown variant `alow`; did you mean `allow`?
    unreadable: `a.yaml` line 8, case `no-yaml`: unclosed bracket '['
    ");
    let text = run(folder.path(), &["policy-test", "a.yaml", "--format", "json", "--quiet"]);
    assert!(text.starts_with("exit 8\n") && text.contains("unreadable: `a.yaml` line 3"), "{text}");
}

#[test]
fn of_many_bad_cases_the_first_are_told() {
    let broken: Vec<Value> = (0..30).map(|it| json!({"id": it.to_string()})).collect();
    let folder = folder(&[("a.jsonl", &lines(&[vec![good("a")], broken].concat()))]);
    let text = run(folder.path(), &["policy-test", "a.jsonl"]);
    assert_eq!(text.matches("unreadable: `a.jsonl` line ").count(), 20, "{text}");
    assert!(text.contains("unreadable: 10 more\n") && text.contains("30 cannot be read"), "{text}");
}

#[test]
fn what_is_no_file_of_cases_is_told_with_the_way_on() {
    let folder =
        folder(&[("empty.yaml", ""), ("none.yaml", "cases: []\n"), ("a.yaml", "- id: a\n")]);
    fs::create_dir(folder.path().join("sub")).unwrap();
    for (name, because) in [
        ("missing.yaml", "cannot read `missing.yaml`"),
        ("sub", "it is a folder"),
        ("empty.yaml", "no case to run"),
        ("none.yaml", "no case to run"),
        ("a.yaml", "no case to run"),
    ] {
        let text = run(folder.path(), &["policy-test", name]);
        assert!(text.starts_with("exit 1\n--- stderr\n"), "{name}: {text}");
        assert!(text.contains(because) && text.contains("\nhint: "), "{name}: {text}");
    }
}

#[test]
fn hostile_words_stay_words() {
    let mut hostile = case("x\u{1b}[2J\u{202e}", Some("iOS"), &json!({"verdict": "allow"}));
    hostile["policies"][0]["displayName"] = json!("\u{9b}31m=cmd\nNext: rm -rf");
    hostile["note"] = json!("\u{2067}\u{7}note");
    let (code, text) = piped(&[], &lines(&[hostile]));
    assert_eq!(code, 3);
    let is_safe =
        |it: char| it == '\n' || !(it.is_control() || ('\u{202a}'..='\u{2069}').contains(&it));
    assert!(text.chars().all(is_safe), "{text:?}");
    assert_eq!(text.lines().filter(|line| line.starts_with("Next: ")).count(), 1, "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn two_policies_with_one_id_are_two_keys() {
    let mut twice = case("x", Some("iOS"), &Value::Null);
    let policy = twice["policies"][0].clone();
    twice["policies"].as_array_mut().unwrap().push(policy);
    let (_, document) = document(&[], &lines(&[twice]));
    assert_eq!(document["cases"][0]["per_policy"], json!({"p1": "failure", "p1#2": "failure"}));
}

#[test]
fn a_thousand_cases_in_one_answer() {
    let cases: Vec<Value> = (0..1000)
        .map(|it| {
            if it % 4 == 0 {
                case(&it.to_string(), Some("iOS"), &json!({"verdict": "allow"}))
            } else {
                good(&it.to_string())
            }
        })
        .collect();
    let (code, document) = document(&[], &lines(&cases));
    assert_eq!((code, &document["passed"], &document["failed"]), (3, &json!(750), &json!(250)));
    let (_, text) = piped(&[], &lines(&cases));
    assert_eq!(text.matches("expected").count(), 100, "a page people can read: {text}");
    assert!(text.contains("150 more that disagree"), "{text}");
}

#[test]
fn every_case_of_the_repository_agrees() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conditional-access/tests/cases");
    let mut files: Vec<String> = fs::read_dir(&cases)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let mut arguments = vec!["policy-test"];
    arguments.extend(files.iter().map(String::as_str));
    let text = run(&cases, &arguments);
    assert!(text.starts_with("exit 0\n--- stdout\nPolicy tests: "), "{text}");
}
