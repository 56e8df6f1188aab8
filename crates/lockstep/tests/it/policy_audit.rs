//! `lockstep audit policies`, from a folder of exports to the page and the document.

use std::fs;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::command::run;

fn user(name: &str) -> Value {
    json!({
        "id": format!("00000000-0000-4000-a000-{name:0>12}"),
        "userPrincipalName": format!("{name}@ne.example"),
        "displayName": name,
        "accountEnabled": true,
        "userType": "Member"
    })
}

fn group(id: &str, name: &str, member: &Value) -> Value {
    json!({"id": id, "displayName": name, "members": [member]})
}

const OUTER: &str = "00000000-0000-4000-8000-000000000001";
const INNER: &str = "00000000-0000-4000-8000-000000000002";

fn policy(name: &str, state: &str, users: &Value) -> Value {
    json!({
        "id": name,
        "displayName": name,
        "state": state,
        "createdDateTime": "2026-06-01T08:00:00Z",
        "conditions": {
            "users": users,
            "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"]
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}
    })
}

/// A tenant whose break-glass account sits in a group inside the excluded one.
pub(crate) fn tenant(policies: &[Value]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let exports = folder.path().join("exports");
    fs::create_dir(&exports).unwrap();
    let list = |kind: &str, value: Value| {
        let context = format!("https://graph.microsoft.com/v1.0/$metadata#{kind}");
        json!({"@odata.context": context, "value": value}).to_string()
    };
    let inner = json!({"@odata.type": "#microsoft.graph.group", "id": INNER});
    let glass = json!({"@odata.type": "#microsoft.graph.user", "id": user("1")["id"]});
    let files = [
        ("users.json", list("users", json!([user("1"), user("2")]))),
        (
            "groups.json",
            list("groups", json!([group(OUTER, "Glass", &inner), group(INNER, "Inner", &glass)])),
        ),
        ("policies.json", list("identity/conditionalAccess/policies", json!(policies))),
    ];
    for (name, text) in files {
        fs::write(exports.join(name), text).unwrap();
    }
    let settings =
        "[source]\nexports = \"exports\"\n[break_glass]\naccounts = [\"1@ne.example\"]\n";
    fs::write(folder.path().join("lockstep.toml"), settings).unwrap();
    folder
}

fn document(folder: &tempfile::TempDir) -> Value {
    let text = run(folder.path(), &["audit", "policies", "--format", "json", "--quiet"]);
    let text = text.strip_prefix("exit 0\n--- stdout\n").unwrap_or_else(|| panic!("{text}"));
    serde_json::from_str(text.split("\n--- stderr").next().unwrap()).unwrap()
}

pub(crate) fn policies() -> Vec<Value> {
    let mut managed = policy(
        "Microsoft-managed: \u{1b}[2JMFA",
        "enabledForReportingButNotEnforced",
        &json!({"includeUsers": ["All"]}),
    );
    managed["conditions"]["times"] = json!({"all": true});
    vec![
        policy(
            "CA001",
            "enabled",
            &json!({"includeUsers": ["All"], "excludeGroups": [OUTER], "excludeUsers": [user("2")["id"]]}),
        ),
        policy(
            "CA002",
            "disabled",
            &json!({"includeUsers": ["00000000-0000-4000-a000-00000000dead"], "excludeGroups": [OUTER]}),
        ),
        managed,
    ]
}

#[test]
fn what_people_see() {
    let folder = tenant(&policies());
    let text = run(folder.path(), &["audit", "policies"]);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    let head = text.split("\nFound\n").next().unwrap();
    assert_snapshot!(head, @r"
    exit 0
    --- stdout
    Policies: 3 (1 On, 1 Report-only, 1 Off)
    3 policies of the 240 a tenant may hold.
    policy                     state        break-glass
    CA001                      On           excluded
    CA002                      Off          excluded
    Microsoft-managed: [2JMFA  Report-only  NOT excluded: 1@ne.example

    What they say
    policy                     for                          when           demands
    CA001                      all users except             all resources  mfa
                               2@ne.example, group Glass
    CA002                      00000000-0000-4000-a000-000  all resources  mfa
                               00000dead except group
                               Glass
    Microsoft-managed: [2JMFA  all users                    all resources  mfa

    Whom they reach, of 2 accounts
    policy                     reached  excluded  not included  unknown
    CA001                            0         2             0        0
    CA002                            0         0             2        0
    Microsoft-managed: [2JMFA        2         0             0        0
    Enabled accounts asked for MFA: 2 only measured.
    No policy that is On asks 1@ne.example (break-glass), 2@ne.example
    (unclassified).

    To look at
      - CA001: excludes for good, since no other policy includes it: 2@ne.example.
      - CA002: names what does not exist: user 00000000-0000-4000-a000-00000000dead.
      - Microsoft-managed: [2JMFA: Microsoft made it and may switch it on from 16
        Jul 2026 08:00 UTC.
      - Microsoft-managed: [2JMFA: holds conditions.times, which lockstep does not
        know: it cannot be judged completely.
    ");
    assert!(
        text.contains("\nBG-03 ") && text.contains("\nNext: lockstep audit preflight\n"),
        "{text}"
    );
}

#[test]
fn long_lists_are_short_on_the_page_and_whole_in_the_document() {
    let roles: Vec<String> = (0..9).map(|it| format!("role-{it}")).collect();
    let who = json!({"includeRoles": roles, "excludeGroups": [OUTER, "g1", "g2", "g3", "g4"]});
    let folder = tenant(&[policy("CA003", "enabled", &who)]);
    let text = run(folder.path(), &["audit", "policies"]);
    assert!(text.contains("role-2 and 6 ") && !text.contains("role-3"), "{text}");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("names what is in no file: group g1, group g2, group g3 and 10 more"),
        "{text}"
    );
    let document = document(&folder);
    assert_eq!(document["policies"][0]["who"].as_array().unwrap().len(), 9);
    assert_eq!(document["policies"][0]["missing_references"].as_array().unwrap().len(), 13);
}

#[test]
fn what_scripts_read() {
    let document = document(&tenant(&policies()));
    assert_eq!(document["schema"], "lockstep.policies/1");
    assert_eq!(document["total"], 3);
    let excluded: Vec<&Value> = document["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["break_glass"][0]["excluded"])
        .collect();
    assert_eq!(excluded, [&json!(true), &json!(true), &json!(false)]);
    let [first, second, managed] = [0, 1, 2].map(|it| &document["policies"][it]);
    assert_eq!(first["break_glass"][0]["user_principal_name"], "1@ne.example");
    assert_eq!(first["lasting_exclusions"][0]["name"], "2@ne.example");
    assert_eq!(first["unmodelled"], json!([]));
    assert_eq!(
        second["missing_references"],
        json!([{"kind": "user", "id": "00000000-0000-4000-a000-00000000dead", "gone": true}])
    );
    assert_eq!(managed["unmodelled"], json!(["conditions.times"]));
    assert_eq!(managed["may_come_on"], "2026-07-16T08:00:00Z");
    assert_eq!(managed["demands"], "mfa");
    let findings = document["findings"].as_array().unwrap();
    assert!(findings.iter().any(|it| it["id"] == "BG-03" && it["verdict"] == "found"));
    let reach = &document["reach"];
    assert_eq!(reach["accounts"], 2);
    assert_eq!(reach["policies"][0]["excluded"], 2, "one by name, one through a nested group");
    assert_eq!(reach["policies"][1]["not_included"], 2);
    assert_eq!(reach["asked_by_nobody"][0]["kind"], "break-glass");
    assert_eq!(reach["asked_by_nobody"][0]["asked"], "report-only");
}

#[test]
fn without_policies_none_is_counted() {
    let folder = tenant(&[]);
    fs::remove_file(folder.path().join("exports/policies.json")).unwrap();
    let text = run(folder.path(), &["audit", "policies"]);
    assert!(text.contains("Policies: no file tells which there are\n"), "{text}");
    let document = document(&folder);
    assert_eq!(document["total"], Value::Null);
    assert!(document["gaps"].as_array().unwrap().iter().any(|gap| gap["id"] == "policies"));
}
