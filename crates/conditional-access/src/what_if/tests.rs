use serde_json::{Value, json};

use super::{NotAnAnswer, WhatIfQuestion, read_what_if};
use crate::evaluate::PolicySet;
use crate::facts::{
    ClientApp, Device, DeviceProperty, DeviceValue, Flow, Platform, Protocol, Registration,
    RiskLevel, SignIn, Tenant, User, UserAction,
};
use crate::policy::Policy;
use crate::read_policy;

const ANN: &str = "00000000-0000-4000-a000-000000000001";
const TEAMS: &str = "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe";
const EXCHANGE: &str = "00000002-0000-0ff1-ce00-000000000000";

fn policy(id: &str, state: &str, change: &Value) -> Policy {
    let mut conditions = json!({"users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]});
    for (key, value) in change.as_object().unwrap() {
        conditions[key] = value.clone();
    }
    let all = json!({"id": id, "displayName": id, "state": state, "conditions": conditions,
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}});
    read_policy(&all).unwrap()
}

fn policies() -> Vec<Policy> {
    vec![
        policy("P1", "enabled", &json!({})),
        policy("P2", "enabled", &json!({"platforms": {"includePlatforms": ["linux"]}})),
        policy("P3", "enabledForReportingButNotEnforced", &json!({"signInRiskLevels": ["high"]})),
        policy("P4", "disabled", &json!({})),
        policy("P5", "enabled", &json!({"applications": {"includeApplications": [EXCHANGE]}})),
        policy("P6", "enabled", &json!({"users": {"includeGroups": ["<Pilot>"]}})),
    ]
}

fn tenant() -> Tenant {
    Tenant { users: vec![User::member(ANN)], ..Tenant::default() }
}

fn sign_in(resource: &str) -> SignIn {
    let mut sign_in = SignIn::of_user(ANN);
    sign_in.resources = Some(vec![resource.to_owned()]);
    sign_in.client_app = Some(ClientApp::Browser);
    sign_in.platform = Some(Platform::Windows);
    sign_in.risk.sign_in = Some(RiskLevel::None);
    sign_in
}

/// What is told of an answer, a line for each.
fn told(sign_in: &SignIn, answer: &Value) -> String {
    let set = PolicySet::of(&policies(), &tenant());
    let outcome = set.evaluate(sign_in, &Registration::not_seen());
    let answers = read_what_if(answer).unwrap();
    let found = set.compare_what_if(sign_in, &outcome, &answers);
    let mut lines = vec![format!("{} compared; undecided {:?}", found.compared, found.undecided)];
    lines.extend(found.disagreements.iter().map(ToString::to_string));
    lines.join("\n")
}

fn result(policy: &str, applies: bool, reasons: &str) -> Value {
    json!({"id": policy, "displayName": policy, "policyApplies": applies, "analysisReasons": reasons})
}

#[test]
fn what_is_no_answer() {
    let not = [json!({}), json!([{"id": "P1"}]), json!({"value": [{"policyApplies": true}, {}]})];
    for value in [&not[0], &not[1]] {
        assert_eq!(read_what_if(value), Err(NotAnAnswer), "{value}");
    }
    // A result that names no policy says nothing of any.
    assert_eq!(read_what_if(&json!({"value": []})).unwrap(), []);
    let pascal =
        json!({"Value": 1, "Id": "P1", "PolicyApplies": false, "AnalysisReasons": "Users, dance"});
    insta::assert_snapshot!(serde_json::to_string(&read_what_if(&pascal).unwrap()).unwrap(), @r#"[{"policy":"P1","applies":false,"reasons":["users","dance"]}]"#);
}

#[test]
fn where_both_agree() {
    let answer = json!({"value": [
        result("p1", true, "notSet"),
        result("P2", false, "devicePlatform"),
        result("P3", false, "signInRisk"),
        result("P4", false, "policyNotEnabled"),
        result("P5", false, "application"),
        // The group is a placeholder: we cannot say.
        result("P6", true, "notSet"),
    ]});
    insta::assert_snapshot!(told(&sign_in(ANN), &answer), @r#"6 compared; undecided ["P6"]"#);
}

#[test]
fn where_they_differ() {
    let answer = json!({"value": [
        result("P1", false, "users"),
        result("P2", true, "notSet"),
        result("P3", false, "clientApps"),
        result("P5", false, "notEnoughInformation"),
        {"id": "P6"},
        result("P7", true, "notSet"),
    ]});
    insta::assert_snapshot!(told(&sign_in(ANN), &answer), @r#"
    4 compared; undecided ["P5"]
    `P1` applies for us, not for Microsoft: users
    `P2` applies for Microsoft, not for us: devicePlatform
    `P3` does not apply, for Microsoft by clientApps, for us by signInRisk
    `P6` was not answered
    `P7` was answered, but is none of the policies
    "#);
}

/// The evaluation does not test what Teams brings along.
#[test]
fn a_service_dependency_is_no_disagreement() {
    let answer = json!({"value": [result("P5", false, "application")]});
    let told = told(&sign_in(TEAMS), &answer);
    assert!(told.starts_with("1 compared; undecided [\"P5\"]"), "{told}");
}

#[test]
fn a_fair_question_tells_all() {
    let mut sign_in = sign_in(ANN);
    sign_in.flow = Some(Flow::DeviceCodeFlow);
    sign_in.device = Some(Device {
        registered: Some(true),
        properties: [
            (DeviceProperty::IsCompliant, DeviceValue::Flag(true)),
            (DeviceProperty::DeviceOwnership, DeviceValue::Text("Company".to_owned())),
        ]
        .into(),
        ..Device::default()
    });
    let question = WhatIfQuestion::of(&policies(), &sign_in);
    assert_eq!(question.left_out, []);
    insta::assert_snapshot!(serde_json::to_string_pretty(&question.body).unwrap(), @r##"
    {
      "appliedPoliciesOnly": false,
      "signInConditions": {
        "authenticationFlow": {
          "transferMethod": "deviceCodeFlow"
        },
        "clientAppType": "browser",
        "deviceInfo": {
          "isCompliant": true,
          "ownership": "Company"
        },
        "devicePlatform": "windows",
        "signInRiskLevel": "none"
      },
      "signInContext": {
        "@odata.type": "#microsoft.graph.applicationContext",
        "includeApplications": [
          "00000000-0000-4000-a000-000000000001"
        ]
      },
      "signInIdentity": {
        "@odata.type": "#microsoft.graph.userSignIn",
        "userId": "00000000-0000-4000-a000-000000000001"
      }
    }
    "##);
}

#[test]
fn what_a_question_leaves_out() {
    type Change = fn(&mut SignIn);
    let changes: [(Change, &str); 12] = [
        (|it| it.platform = None, "[NotSeen(Platform)]"),
        (|it| it.platform = Some(Platform::Other), "[CannotBeTold(Platform)]"),
        (|it| it.risk.sign_in = None, "[NotSeen(SignInRisk)]"),
        (|it| it.resources = None, "[NotSeen(Resources)]"),
        (|it| it.resources = Some(vec!["Office365".to_owned()]), "[CannotBeTold(Resources)]"),
        (|it| it.resources = Some(vec![TEAMS.to_owned()]), "[ServiceDependency]"),
        (|it| it.protocol = Some(Protocol::Ropc), "[CannotBeTold(Protocol)]"),
        (|it| it.scopes = vec!["openid".to_owned()], "[CannotBeTold(BaselineScopes)]"),
        (|it| it.user_action = Some(UserAction::RegisterDevice), "[CannotBeTold(Resources)]"),
        (|it| it.user_action = None, "[NotSeen(UserAction)]"),
        (
            |it| it.authentication_contexts = Some(vec!["c1".to_owned()]),
            "[CannotBeTold(AuthenticationContexts)]",
        ),
        // No policy asks for it.
        (|it| it.country = Some(String::new()), "[]"),
    ];
    for (change, expected) in changes {
        let mut sign_in = sign_in(ANN);
        change(&mut sign_in);
        let question = WhatIfQuestion::of(&policies(), &sign_in);
        assert_eq!(format!("{:?}", question.left_out), expected);
    }
}

/// A policy that does not apply has a reason, one that applies has none.
#[cfg(feature = "cases")]
#[test]
fn reasons_say_what_the_evaluation_says() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut compared = [0_usize; 3];
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for case in crate::cases::read_cases(&text).cases {
            let set = PolicySet::of(&case.policies, &case.tenant);
            let outcome = set.evaluate(&case.sign_in, &case.registration);
            for (row, conditions) in outcome.per_policy.iter().zip(set.conditions(&case.sign_in)) {
                let failing: Vec<_> =
                    conditions.all.iter().filter(|(_, truth)| truth.is_false()).collect();
                let shown = format!("{}, {}: {failing:?}", case.id, row.policy);
                if row.word == crate::Word::NotEnabled {
                    continue;
                }
                if row.applies.is_true() {
                    assert!(failing.is_empty(), "{shown}");
                    compared[0] += 1;
                } else if row.applies.is_false() {
                    assert!(!failing.is_empty(), "{shown}");
                    compared[1] += 1;
                } else {
                    compared[2] += 1;
                }
            }
        }
    }
    assert!(compared.iter().all(|it| *it > 20), "{compared:?}");
}
