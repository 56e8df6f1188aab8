//! What the log says of the tenant's own policies, beside what lockstep says.

use serde_json::{Value, json};

use super::{imap, policy, sign_in, tenant, with_mfa};

const OWN: &str = "00000000-0000-4000-e000-000000000009";

/// A Report-only policy for MFA everywhere.
fn own() -> Value {
    let mut own = policy("CA009 - Report-only MFA", &["mfa"], json!({}));
    own["id"] = json!(OWN);
    own["state"] = json!("enabledForReportingButNotEnforced");
    own
}

/// A record in which the log says what the policy did.
fn logged(mut record: Value, result: &str) -> Value {
    let applied = json!({"id": OWN, "displayName": "CA009 - Report-only MFA", "result": result});
    record["appliedConditionalAccessPolicies"] = json!([applied]);
    record
}

#[test]
fn report_only_results_are_held_against_our_own() {
    let one = sign_in("alex", json!({}));
    let document = tenant(&["alex"])
        .own(&[own()])
        .log(&[
            logged(one.clone(), "reportOnlyInterrupted"),
            logged(one.clone(), "reportOnlyInterrupted"),
            logged(with_mfa("alex"), "reportOnlySuccess"),
            logged(one, "reportOnlyNotApplied"),
        ])
        .expect("CA001 beside a Report-only policy", &[("alex", "ready", 4)], [4, 3, 1, 0, 0, 0]);
    let compared = &document["compared"];
    assert_eq!(compared.as_array().unwrap().len(), 1, "{compared}");
    assert_eq!(compared[0]["policy"], OWN);
    assert_eq!(compared[0]["name"], "CA009 - Report-only MFA");
    assert_eq!(compared[0]["compared"], 4);
    assert_eq!(compared[0]["agree"], 3);
    assert_eq!(compared[0]["unknown"], 0);
    let disagreements = compared[0]["disagreements"].as_array().unwrap();
    assert_eq!(disagreements.len(), 1, "{compared}");
    assert_eq!(disagreements[0]["logged"], "reportOnlyNotApplied");
    assert_eq!(disagreements[0]["ours"], "reportOnlyInterrupted");
    assert_eq!(disagreements[0]["sign_ins"], 1);
    assert_eq!(disagreements[0]["example"]["user_principal_name"], "alex@ne.example");
}

#[test]
fn of_what_a_legacy_client_meets_in_report_only_nobody_can_say() {
    let document = tenant(&["alex"])
        .own(&[own()])
        .log(&[logged(imap("alex"), "reportOnlyFailure")])
        .expect("IMAP", &[("alex", "blocked_legacy", 1)], [1, 0, 0, 1, 0, 0]);
    assert_eq!(document["compared"][0]["agree"], 0);
    assert_eq!(document["compared"][0]["unknown"], 1);
    assert_eq!(document["compared"][0]["disagreements"], json!([]));
}

#[test]
fn a_log_without_results_is_compared_with_nothing() {
    let document = tenant(&["alex"]).own(&[own()]).log(&[sign_in("alex", json!({}))]).expect(
        "no results",
        &[("alex", "ready", 1)],
        [1, 1, 0, 0, 0, 0],
    );
    assert_eq!(document["compared"], json!([]));
}
