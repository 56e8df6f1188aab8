//! `lockstep validate`: three criteria, the log row by row, the report, and how it ends.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::contract_tenant::world::{Answer, World, page, run};

/// Everybody is asked since then.
const SINCE: &str = "2026-11-16T07:00:00Z";
const NOW: &str = "2026-11-20T09:00:00Z";
const CA001: &str = "00000000-0000-4000-8000-00000000ca01";

fn minute(minutes: i64) -> String {
    let since: Timestamp = SINCE.parse().unwrap();
    (since + SignedDuration::from_mins(minutes)).to_string()
}

/// Minutes from the switch to an hour before now.
const LATE: i64 = 4 * 24 * 60 + 60;

fn id(name: &str) -> String {
    format!("id-{name}")
}

/// A sign-in by a fresh second factor, asked by CA001.
fn sign_in(name: &str, minutes: i64, changes: &Value) -> Value {
    let mut record = json!({
        "id": format!("{name}-{minutes}"),
        "createdDateTime": minute(minutes),
        "userId": id(name),
        "userPrincipalName": format!("{name}@ne.example"),
        "userDisplayName": name,
        "userType": "member",
        "appId": "00000002-0000-0ff1-ce00-000000000000",
        "appDisplayName": "Office 365 Exchange Online",
        "clientAppUsed": "Browser",
        "authenticationProtocol": "none",
        "isInteractive": true,
        "ipAddress": "198.51.100.7",
        "location": {"countryOrRegion": "GB"},
        "status": {"errorCode": 0},
        "conditionalAccessStatus": "success",
        "authenticationRequirement": "multiFactorAuthentication",
        "appliedConditionalAccessPolicies":
            [{"id": CA001, "displayName": "CA001 - Require MFA", "result": "success"}],
        "authenticationDetails": [
            {"authenticationMethod": "Password", "succeeded": true},
            {"authenticationMethod": "Mobile app notification", "succeeded": true,
                "authenticationStepResultDetail": "MFA successfully completed"},
        ],
    });
    for (key, value) in changes.as_object().unwrap() {
        record[key] = value.clone();
    }
    record
}

/// A break-glass account enters the portal by its key, and no policy asks it for anything.
fn by_key(name: &str) -> Value {
    sign_in(
        name,
        60,
        &json!({
            "appId": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
            "appDisplayName": "Azure Portal",
            "conditionalAccessStatus": "notApplied",
            "appliedConditionalAccessPolicies":
                [{"id": CA001, "displayName": "CA001 - Require MFA", "result": "notApplied"}],
            "authenticationDetails": [{"authenticationMethod": "Passkey (device-bound)", "succeeded": true}],
        }),
    )
}

/// Sign-ins of every sixth hour, interactive and not.
fn log() -> Vec<Value> {
    let at = |it: i64, interactive: bool| {
        sign_in("kim", it * 360, &json!({"isInteractive": interactive}))
    };
    let mut rows: Vec<Value> = (-4..=16).map(|it| at(it, it % 2 == 0)).collect();
    rows.push(sign_in("pat", LATE, &json!({})));
    rows.extend([by_key("alpha"), by_key("bravo")]);
    rows
}

/// A tenant in which the rollout is done.
fn tenant(rows: &[Value]) -> World {
    let user = |name: &str| {
        json!({"id": id(name), "userPrincipalName": format!("{name}@ne.example"), "displayName": name,
            "accountEnabled": true, "userType": "Member", "jobTitle": "Engineer",
            "createdDateTime": "2020-01-01T00:00:00Z",
            "signInActivity": {"lastSuccessfulSignInDateTime": minute(LATE)}})
    };
    let registered = |name: &str| {
        json!({"id": id(name), "userPrincipalName": format!("{name}@ne.example"),
            "isMfaRegistered": true, "isMfaCapable": true, "userType": "member",
            "methodsRegistered": ["microsoftAuthenticatorPush"], "lastUpdatedDateTime": minute(LATE)})
    };
    let policy = json!({
        "id": CA001, "displayName": "CA001 - Require MFA", "state": "enabled",
        "createdDateTime": "2026-11-01T00:00:00Z", "modifiedDateTime": SINCE,
        "conditions": {
            "users": {"includeUsers": ["All"], "excludeUsers": [id("alpha"), id("bravo")]},
            "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]},
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    });
    World::of(&["kim", "pat", "alpha", "bravo"].map(user), &["kim", "pat"].map(registered))
        .json("policies.json", &page("identity/conditionalAccess/policies", &[policy]))
        .json("sign-ins.json", &page("auditLogs/signIns", rows))
        .settings("[break_glass]\naccounts = [\"alpha@ne.example\", \"bravo@ne.example\"]\n")
}

fn validated(tenant: &World, more: &[&str]) -> Answer {
    let mut arguments = vec!["validate", "--now", NOW];
    arguments.extend(more);
    run(&tenant.path(), &arguments)
}

fn document(tenant: &World) -> Value {
    validated(tenant, &["--format", "json"]).document()
}

fn verdicts(document: &Value) -> Vec<&str> {
    let criteria = document["criteria"].as_array().unwrap();
    criteria.iter().map(|it| it["verdict"].as_str().unwrap()).collect()
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ne")
}

#[test]
fn a_rollout_that_is_done_passes_and_asks_for_signatures() {
    let tenant = tenant(&log());
    let answer = validated(&tenant, &[]);
    assert_eq!(answer.code, 0, "{}\n{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.starts_with("Validation: met\n"), "{}", answer.stdout);
    assert!(answer.stdout.ends_with("\nNext: lockstep validate --out validation\n"));
    let document = document(&tenant);
    assert_eq!(document["schema"], "lockstep.validation/1");
    assert_eq!(verdicts(&document), ["passed"; 3]);
    assert_eq!(document["verdict"], "passed");
    assert_eq!(document["watch"]["standing"]["verdict"], "passed");
    assert_eq!(document["journal"], Value::Null);
    // A verb that only reads makes no store.
    assert!(!tenant.path().join("lockstep.db").exists());
}

#[test]
fn what_is_open_closes_the_gate_and_says_what_to_do() {
    let with = |row: Value| [log(), vec![row]].concat();
    let blocked = json!({"status": {"errorCode": 53003, "failureReason": "Blocked."}});
    let imap = json!({"clientAppUsed": "IMAP4"});
    let single = json!({"authenticationRequirement": "singleFactorAuthentication",
        "authenticationDetails": [{"authenticationMethod": "Password", "succeeded": true}],
        "appliedConditionalAccessPolicies": [{"id": CA001, "displayName": "CA001", "result": "notApplied"}]});
    let cases = [
        (
            "a legacy success",
            with(sign_in("pat", LATE - 1, &imap)),
            ["passed", "failed", "passed"],
            "audit legacy",
        ),
        (
            "a legitimate failure",
            with(sign_in("pat", LATE - 1, &blocked)),
            ["passed"; 3],
            "validate --out",
        ),
        (
            "a success without MFA",
            with(sign_in("pat", LATE - 1, &single)),
            ["passed"; 3],
            "validate --out",
        ),
        (
            "no break-glass test",
            log()[..22].to_vec(),
            ["passed", "passed", "inconclusive"],
            "break-glass test",
        ),
    ];
    for (what, rows, expected, next) in cases {
        let tenant = tenant(&rows);
        let answer = validated(&tenant, &[]);
        assert_eq!(answer.code, 3, "{what}: {}", answer.stdout);
        let last = answer.stdout.lines().last().unwrap();
        assert!(last.contains(next), "{what}: {last}");
        assert!(answer.stdout.lines().all(|line| line.chars().count() <= 80), "{what}");
        let document = document(&tenant);
        assert_eq!(verdicts(&document), expected, "{what}");
        assert_ne!(document["verdict"], "passed", "{what}");
    }
}

#[test]
fn a_log_that_does_not_reach_says_so() {
    let thin: Vec<Value> = log()
        .into_iter()
        .filter(|it| it["createdDateTime"].as_str() < Some("2026-11-18"))
        .collect();
    let one_kind: Vec<Value> = log().into_iter().filter(|it| it["isInteractive"] == true).collect();
    let untold: Vec<Value> = log()
        .into_iter()
        .map(|mut it| {
            it.as_object_mut().unwrap().remove("appliedConditionalAccessPolicies");
            it
        })
        .collect();
    let mut damaged = log();
    damaged[3]["createdDateTime"] = json!("yesterday");
    for (what, rows, expected) in [
        ("thin", thin, ["passed", "inconclusive", "passed"]),
        ("interactive alone", one_kind, ["passed", "inconclusive", "passed"]),
        ("without policies", untold, ["passed", "passed", "inconclusive"]),
        ("damaged", damaged, ["passed", "inconclusive", "passed"]),
    ] {
        let tenant = tenant(&rows);
        let answer = validated(&tenant, &[]);
        assert_eq!(answer.code, 3, "{what}: {}", answer.stdout);
        assert_eq!(verdicts(&document(&tenant)), expected, "{what}");
        assert!(answer.stdout.contains("Missing: "), "{what}: {}", answer.stdout);
    }
    let without = tenant(&[]);
    let answer = validated(&without, &[]);
    assert_eq!(answer.code, 3, "{}", answer.stdout);
    assert_eq!(verdicts(&document(&without)), ["passed", "inconclusive", "inconclusive"]);
}

#[test]
fn the_page_names_the_digest_of_the_document_and_loads_nothing() {
    let mut rows = log();
    rows.push(sign_in(
        "pat",
        LATE - 1,
        &json!({
            "status": {"errorCode": 53003},
            "appDisplayName": "<script>alert(1)</script>\u{202e}",
        }),
    ));
    let tenant = tenant(&rows);
    let answer = validated(&tenant, &["--out", "report"]);
    assert_eq!(answer.code, 3, "{}", answer.stderr);
    let read = |name: &str| fs::read_to_string(tenant.path().join("report").join(name)).unwrap();
    let (json, html) = (read("validation.json"), read("validation.html"));
    let digest: String =
        Sha256::digest(json.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(html.contains(&digest) && answer.stdout.contains(&digest), "{digest}");
    let kept: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(kept["schema"], "lockstep.validation/1");
    assert!(html.contains("Signature") && html.contains("There is no journal"));
    assert!(!html.contains("<script") && !html.contains('\u{202e}'));
    for loads in ["src=", "url(", "@import", "<link", "<iframe", "<img", "http://", "https://"] {
        assert!(!html.contains(loads), "{loads}");
    }
    // The same data is the same document.
    let again = validated(&tenant, &["--out", "report"]);
    assert_eq!((again.code, read("validation.json")), (3, json));
}

#[test]
fn the_example_is_judged_from_its_files_alone() {
    let folder = tempfile::tempdir().unwrap();
    let exports = example().join("exports");
    let exports = exports.to_str().unwrap();
    let answer =
        run(folder.path(), &["validate", "--exports", exports, "--now", "2026-11-20T18:00:00Z"]);
    assert_eq!(answer.code, 3, "{}", answer.stderr);
    assert!(answer.stdout.starts_with("Validation: not met\n"), "{}", answer.stdout);
    assert!(
        answer.stdout.contains("legacy authentication       127  look at each"),
        "{}",
        answer.stdout
    );
    // A command is one line, however long its paths are.
    let mut lines = answer.stdout.lines().filter(|line| !line.starts_with("Next: "));
    assert!(lines.all(|line| line.chars().count() <= 80), "{}", answer.stdout);
    for hours in ["0", "721", "many"] {
        let answer = run(folder.path(), &["validate", "--exports", exports, "--hours", hours]);
        assert_eq!(answer.code, 1, "{hours}");
    }
}
