//! `audit preflight`: every check of the catalogue answers, and unknown is an answer.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::world::{World, page, row, user};

fn findings(world: &World) -> Vec<Value> {
    let document = world.document(0, &["audit", "preflight"]);
    assert_eq!(document["schema"], "lockstep.preflight/1");
    document["findings"].as_array().unwrap().clone()
}

fn verdict(findings: &[Value], id: &str) -> Value {
    findings.iter().find(|it| it["id"] == id).unwrap()["verdict"].clone()
}

#[test]
fn the_document_field_by_field() {
    let found = findings(&World::of(&[user("ann", json!({}))], &[row("ann", json!({}))]));
    let ids: BTreeSet<&str> = found.iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), found.len(), "each check answers once");
    assert!(found.len() >= 100, "{}", found.len());
    for finding in &found {
        let is_one_of = |field: &str, words: &[&str]| {
            assert!(words.contains(&finding[field].as_str().unwrap()), "{field}: {finding}");
        };
        is_one_of("severity", &["block", "warn", "info"]);
        is_one_of("verdict", &["ok", "found", "inconclusive", "not-applicable"]);
        let stages = finding["stage"].as_array().unwrap();
        assert!(!stages.is_empty(), "{finding}");
        assert!(stages.iter().all(|stage| {
            ["prepare", "register", "pilot", "enforce", "validate"]
                .contains(&stage.as_str().unwrap())
        }));
        assert!(finding["subject"].is_string(), "{finding}");
        assert!(finding["evidence"].is_array(), "{finding}");
        assert!(!finding["fix"].as_str().unwrap().is_empty(), "{finding}");
        if finding["verdict"] == "inconclusive" {
            assert!(!finding["needs"].as_str().unwrap().is_empty(), "{finding}");
        }
    }
}

#[test]
fn what_no_file_tells_is_never_ok() {
    let found = findings(&World::new().json("users.json", &json!([user("ann", json!({}))])));
    for id in ["BG-02", "BG-03", "TN-01", "RG-09"] {
        assert_ne!(verdict(&found, id), "ok", "{id}");
    }
}

#[test]
fn security_defaults_in_every_shape() {
    let on = json!({"id": "00000000-0000-0000-0000-000000000005", "isEnabled": true,
                    "displayName": "Security Defaults"});
    let context = json!({"isEnabled": true, "@odata.context":
        "https://graph.microsoft.com/v1.0/$metadata#policies/identitySecurityDefaultsEnforcementPolicy/$entity"});
    let unknown = findings(&World::of(&[user("ann", json!({}))], &[]));
    let mut answers = Vec::new();
    for shape in [on.clone(), context, super::world::pascal(&on), json!([on])] {
        let world = World::of(&[user("ann", json!({}))], &[]).json("sd.json", &shape);
        answers.push(findings(&world));
    }
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
    assert_ne!(unknown, answers[0], "the answer depends on what was told");
}

#[test]
fn policies_in_every_shape_are_read_alike() {
    let policy = json!({
        "id": "11111111-1111-1111-1111-111111111111",
        "displayName": "CA001 - Require MFA", "state": "enabled",
        "conditions": {
            "users": {"includeUsers": ["All"], "excludeUsers": [], "excludeGroups": []},
            "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"],
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    });
    let shapes = [
        policy.clone(),
        json!([policy]),
        page("identity/conditionalAccess/policies", std::slice::from_ref(&policy)),
        super::world::pascal(&policy),
        json!({"ConditionalAccessPolicies": [policy]}),
    ];
    let answers: Vec<Vec<Value>> = shapes
        .iter()
        .map(|shape| {
            let world = World::of(&[user("ann", json!({}))], &[]).json("p/ca.json", shape);
            findings(&world.settings("[break_glass]\naccounts = [\"bg@ne.example\"]\n"))
        })
        .collect();
    for (shape, answer) in shapes.iter().zip(&answers) {
        assert_eq!(answer, &answers[0], "{shape}");
    }
    assert!(answers[0].iter().any(|it| it.to_string().contains("CA001 - Require MFA")));
}
