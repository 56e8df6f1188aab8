//! `audit registration`: the figure one can sign.

use serde_json::{Value, json};

use super::world::{REFRESHED, World, names, page, row, user};

fn people() -> Vec<Value> {
    ["ann", "bob", "cat", "dee"].iter().map(|name| user(name, json!({}))).collect()
}

fn rows() -> Vec<Value> {
    vec![
        row("ann", json!({})),
        row("bob", json!({"isMfaCapable": false, "methodsRegistered": ["mobilePhone"]})),
        row(
            "cat",
            json!({"isMfaRegistered": false, "isMfaCapable": false, "methodsRegistered": []}),
        ),
    ]
}

#[test]
fn the_document_field_by_field() {
    let document = World::of(&people(), &rows()).registration();
    assert_eq!(document["schema"], "lockstep.registration/1");
    assert_eq!(document["as_of"], REFRESHED);
    assert_eq!(document["source_age_hours"], 7.0);
    assert_eq!(
        document["denominators"],
        json!({"in_scope_people": 4, "enabled_members": 4, "unclassified": 0})
    );
    assert_eq!(document["capable"], 1);
    assert_eq!(document["registered"], 2);
    assert_eq!(document["rate"], 0.25);
    assert_eq!(document["series"], json!([{"date": "2026-11-20", "capable": 1, "in_scope": 4}]));
    let first = document["not_capable"][0].as_object().unwrap();
    for field in ["user_principal_name", "user_id", "display_name", "reason", "recommended_method"]
    {
        assert!(first[field].is_string(), "{field}: {first:?}");
    }
    assert_eq!(names(&document["sms_only"], "user_id"), [("bob".to_owned(), json!("id-bob"))]);
    assert_eq!(names(&document["registered_not_capable"], "user_id").len(), 1);
}

#[test]
fn a_person_without_a_row_stays_in_the_denominator() {
    let document = World::of(&people(), &rows()).registration();
    let reasons = names(&document["not_capable"], "reason");
    let named: Vec<&str> = reasons.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(named, ["bob", "cat", "dee"]);
    assert_eq!(reasons[2].1, "the registration report does not hold this person");
}

#[test]
fn methods_read_of_one_person_are_named_and_count_for_nothing() {
    let methods = json!([
        {"@odata.type": "#microsoft.graph.passwordAuthenticationMethod", "id": "1"},
        {"@odata.type": "#microsoft.graph.fido2AuthenticationMethod", "id": "2"},
    ]);
    let document = World::of(&people(), &rows())
        .json(
            "dee.json",
            &page("users('id-dee')/authentication/methods", methods.as_array().unwrap()),
        )
        .registration();
    assert_eq!(document["capable"], 1, "whether policy allows the key, nobody told");
    assert_eq!(
        names(&document["not_capable"], "reason")[2].1,
        "the registration report does not hold this person; methods read of this person alone: \
         fido2"
    );
}

#[test]
fn only_people_in_scope_count() {
    let mut users = people();
    users.extend([
        user("off", json!({"accountEnabled": false})),
        user("room", json!({"jobTitle": null})),
        user(
            "old",
            json!({"signInActivity": {"lastSuccessfulSignInDateTime": "2026-07-01T00:00:00Z"}}),
        ),
        user(
            "gap",
            json!({"signInActivity": {"lastSuccessfulSignInDateTime": "2026-10-01T00:00:00Z"}}),
        ),
        user("never", json!({"signInActivity": "-", "createdDateTime": "2026-08-01T00:00:00Z"})),
        user("fresh", json!({"signInActivity": "-", "createdDateTime": "2026-11-10T00:00:00Z"})),
        user("g_x.example#EXT#", json!({"userType": "Guest"})),
    ]);
    let mut all = rows();
    for name in ["off", "room", "old", "gap", "never", "fresh", "g_x.example#EXT#"] {
        all.push(row(name, json!({"lastUpdatedDateTime": "2025-01-01T00:00:00Z"})));
    }
    let mailboxes = "Display Name,Email address,Recipient Type\nRoom,room@ne.example,RoomMailbox\n";
    let document = World::of(&users, &all).text("Mailboxes.csv", mailboxes).registration();
    assert_eq!(
        document["denominators"],
        json!({"in_scope_people": 4, "enabled_members": 9, "unclassified": 2}),
        "gap and fresh are unclassified, old and never are dormant"
    );
    assert_eq!(document["capable"], 1);
    assert_eq!(document["registered"], 2);
    assert_eq!(document["guests"], json!({"capable": 1, "of": 1}));
    assert_eq!(document["as_of"], REFRESHED, "rows that are not used do not age the figure");
}

#[test]
fn as_of_is_the_oldest_row_used_and_its_age_is_counted_to_the_clock() {
    let mut rows = rows();
    rows[1]["lastUpdatedDateTime"] = json!("2026-11-18T21:30:00.1234567Z");
    let world = World::of(&people(), &rows);
    let document = world.document(0, &["audit", "registration", "--now", "2026-11-21T00:00:00Z"]);
    assert!(document["as_of"].as_str().unwrap().starts_with("2026-11-18T21:30:00"), "{document}");
    assert_eq!(document["source_age_hours"], 50.5);
}

#[test]
fn without_the_report_nothing_is_a_number() {
    let document = World::new().json("users.json", &page("users", &people())).registration();
    for field in [
        "as_of",
        "source_age_hours",
        "capable",
        "registered",
        "rate",
        "carried_over",
        "administrators",
    ] {
        assert_eq!(document[field], Value::Null, "{field}");
    }
    assert_eq!(document["denominators"]["in_scope_people"], 4);
    assert_eq!(document["series"], json!([]));
    assert!(gap_ids(&document).contains(&"registration-details".to_owned()));
}

#[test]
fn without_users_there_is_no_rate_and_the_rows_are_still_listed() {
    let report = page("reports/authenticationMethods/userRegistrationDetails", &rows());
    let document = World::new().json("r.json", &report).registration();
    for field in ["capable", "registered", "rate"] {
        assert_eq!(document[field], Value::Null, "{field}");
    }
    assert_eq!(
        document["denominators"],
        json!({"in_scope_people": null, "enabled_members": null, "unclassified": null})
    );
    assert_eq!(names(&document["not_capable"], "reason").len(), 2);
    assert!(gap_ids(&document).contains(&"people-in-scope".to_owned()));
}

#[test]
fn who_administers_is_unknown_where_no_file_tells() {
    let document = World::of(&people(), &rows()).registration();
    assert_eq!(document["administrators"], Value::Null, "neither roles nor isAdmin");

    let mut rows = rows();
    rows[0]["isAdmin"] = json!(true);
    rows[1]["isAdmin"] = json!(false);
    let document = World::of(&people(), &rows).registration();
    assert_eq!(document["administrators"], json!({"capable": 1, "of": 1}));
}

#[test]
fn an_older_copy_of_a_row_changes_no_figure() {
    let old = row("cat", json!({"lastUpdatedDateTime": "2026-11-01T02:00:00Z"}));
    let document = World::of(&people(), &rows()).json("a/old.json", &json!([old])).registration();
    assert_eq!(document["capable"], 1);
    assert_eq!(document["as_of"], REFRESHED);
}

#[test]
fn every_spelling_of_a_row_says_the_same() {
    let graph = json!([
        {"id": "id-ann", "userPrincipalName": "ann@ne.example", "userDisplayName": "ann",
         "isMfaRegistered": true, "isMfaCapable": true, "methodsRegistered": ["mobilePhone", "email"],
         "defaultMethod": "mobilePhone", "lastUpdatedDateTime": REFRESHED},
    ]);
    let files = [
        ("r.json", graph.to_string()),
        ("r.ndjson", format!("{}\n", graph[0])),
        ("r.json", super::world::pascal(&graph).to_string()),
        (
            "r.csv",
            "UserDisplayName,UserPrincipalName,IsAdmin,IsMfaRegistered,IsMfaCapable,\
             MethodsRegistered,DefaultMfaMethod,LastUpdatedDateTime\n\
             ann,ann@ne.example,False,True,True,\"Mobile phone, Email\",Mobile phone,\
             11/20/2026 2:00:00 AM\n"
                .to_owned(),
        ),
        (
            "r.csv",
            "User,Username,Multifactor authentication capable,\
             Multifactor authentication registered,Methods registered,\
             Default multifactor authentication method,Last updated time\n\
             ann,ann@ne.example,Capable,Registered,\"Mobile phone, Email\",Mobile phone,\
             2026-11-20T02:00:00Z\n"
                .to_owned(),
        ),
        (
            "r.csv",
            "\u{feff}userPrincipalName,userDisplayName,userType,isMfaRegistered,isMfaCapable,\
             methodsRegistered,userPreferredMethodForSecondaryAuthentication,\
             lastUpdatedDateTime\n\
             ann@ne.example,=ann,member,True,True,\"mobilePhone,email\",sms,\
             2026-11-20T02:00:00.0000000Z\n"
                .to_owned(),
        ),
    ];
    for (name, text) in files {
        let users = page("users", &people());
        let document = World::new().json("users.json", &users).text(name, &text).registration();
        assert_eq!(document["rate"], 0.25, "{text}");
        assert_eq!(document["as_of"], REFRESHED, "{text}");
        assert_eq!(names(&document["sms_only"], "user_id").len(), 1, "{text}");
    }
}

fn event(name: &str, time: &str, result: &str) -> Value {
    json!({
        "id": format!("{name}-{time}"),
        "category": "UserManagement",
        "activityDisplayName": "User registered security info",
        "activityDateTime": time,
        "result": result,
        "resultReason": "User registered Authenticator App with notification and code",
        "initiatedBy": {"user": {"id": format!("id-{name}")}},
        "targetResources": [
            {"id": format!("id-{name}"), "type": "User", "userPrincipalName": format!("{name}@ne.example")},
        ],
    })
}

#[test]
fn the_series_comes_from_the_audit_log_in_each_of_its_shapes() {
    let events = [
        event("ann", "2026-11-18T09:00:00Z", "success"),
        event("ann", "2026-11-10T09:00:00Z", "failure"),
        event("cat", "2026-11-16T09:00:00Z", "success"),
    ];
    let diagnostic: Vec<String> = events
        .iter()
        .map(|it| {
            json!({"time": it["activityDateTime"], "category": "AuditLogs",
                   "operationName": it["activityDisplayName"], "properties": it})
            .to_string()
        })
        .collect();
    let analytics: Vec<Value> = events
        .iter()
        .map(|it| {
            json!({
                "TimeGenerated": it["activityDateTime"], "Type": "AuditLogs", "Id": it["id"],
                "OperationName": it["activityDisplayName"],
                "ActivityDisplayName": it["activityDisplayName"],
                "ActivityDateTime": it["activityDateTime"], "Result": it["result"],
                "InitiatedBy": it["initiatedBy"].to_string(),
                "TargetResources": it["targetResources"].to_string(),
            })
        })
        .collect();
    let graph = page("auditLogs/directoryAudits", &events);
    for text in [graph.to_string(), diagnostic.join("\n"), Value::Array(analytics).to_string()] {
        // Twice: copies of one event count once.
        let world = World::of(&people(), &rows()).text("audits.json", &text);
        let document = world.text("again/audits.json", &text).registration();
        assert_eq!(
            document["series"],
            json!([
                {"date": "2026-11-18", "capable": 1, "in_scope": 4},
                {"date": "2026-11-19", "capable": 1, "in_scope": 4},
                {"date": "2026-11-20", "capable": 1, "in_scope": 4},
            ]),
            "{text}"
        );
        assert!(!gap_ids(&document).contains(&"directory-audits".to_owned()));
    }
}

fn gap_ids(document: &Value) -> Vec<String> {
    let gaps = document["gaps"].as_array().unwrap();
    gaps.iter().map(|gap| gap["id"].as_str().unwrap().to_owned()).collect()
}
