//! What policies can be tried on, read from every shape.

use rollout::{LoggedFactors, LoggedResult, Measurement, Replay};
use serde_json::{Value, json};
use signins::{Question, Reader, Scope};

use crate::support::{File, csv, json as file, offer};

/// What the records of a file come to.
fn gathered(source: &File) -> Replay {
    let mut reader = Reader::new(Question { days: 30, scope: Scope::Replay });
    reader.read(|worker| offer(worker, source, 1));
    assert!(reader.again().is_none(), "one reading is enough");
    let measurement: Measurement = reader.finish().expect("a sign-in is in the file");
    measurement.replay.expect("the scope is replay")
}

/// What one sign-in showed, in one line.
fn line(source: &File) -> String {
    let replay = gathered(source);
    let [row] = &replay.rows[..] else { panic!("one row in {replay:#?}") };
    let [account] = &replay.accounts[..] else { panic!("one account in {replay:#?}") };
    let (target, client) = (&replay.targets[0], &replay.clients[0]);
    let (place, device) = (&replay.places[0], &replay.devices[0]);
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let list = |list: &Option<Vec<String>>| match list {
        None => "-".to_owned(),
        Some(list) => format!("[{}]", list.join(" ")),
    };
    let results = row.results.map(|at| &replay.results[usize::try_from(at).expect("small")]);
    let results = results.map_or_else(
        || "-".to_owned(),
        |results| {
            let of = |it: &LoggedResult| format!("{} {} {}", it.policy, text(&it.name), it.result);
            results.iter().map(of).collect::<Vec<_>>().join(", ")
        },
    );
    [
        text(&account.account.user_principal_name),
        format!("{:?} {}", account.guest, text(&account.home_tenant)),
        text(&target.app_id),
        text(&target.resource_id),
        list(&target.audiences),
        list(&target.authentication_contexts),
        text(&client.client_app),
        text(&client.protocol),
        text(&client.transfer_method),
        text(&client.operating_system),
        format!("{} {}", text(&client.sign_in_risk), text(&client.aggregated_risk)),
        format!("{} {}", text(&place.ip_address), text(&place.country)),
        format!("{} {}", text(&device.id), text(&device.name)),
        format!("{:?} {:?} {}", device.compliant, device.managed, text(&device.trust_type)),
        results,
        format!("{:?}", row.factors),
    ]
    .join(" | ")
}

const WHOLE: &str = "alex@ne.example | Some(true) t9 | app | res | [a1 a2] | [c1 c3] | Browser \
     | oAuth2 | none | Windows10 | high low | 192.0.2.1 GB | d1 NE-PC-1 \
     | Some(false) Some(true) Azure AD joined | p1 P-1 success, p2 - notApplied | Multiple";

fn graph() -> Value {
    json!({
        "id": "r1",
        "createdDateTime": "2026-03-02T08:00:00Z",
        "userPrincipalName": "alex@ne.example",
        "userType": "guest",
        "homeTenantId": "t9",
        "appId": "app",
        "resourceId": "res",
        "clientAppUsed": "browser",
        "authenticationProtocol": "oAuth2",
        "originalTransferMethod": "none",
        "ipAddress": "192.0.2.1",
        "status": {"errorCode": 0, "additionalDetails": "MFA completed in Azure AD"},
        "riskLevelDuringSignIn": "high",
        "riskLevelAggregated": "low",
        "deviceDetail": {
            "deviceId": "D1", "displayName": "NE-PC-1", "operatingSystem": "Windows10",
            "isCompliant": false, "isManaged": true, "trustType": "Azure AD joined",
        },
        "location": {"countryOrRegion": "GB"},
        "conditionalAccessAudiences": ["a2", "a1", "a2"],
        "authenticationContextClassReferences": [
            {"id": "c3", "detail": "previouslySatisfied"},
            {"id": "c2", "detail": "notApplicable"},
            {"id": "c1", "detail": "required"},
        ],
        "appliedConditionalAccessPolicies": [
            {"id": "p2", "displayName": "", "result": "notApplied", "enforcedGrantControls": []},
            {"id": "p1", "displayName": "P-1", "result": "success"},
            {"displayName": "without an id", "result": "success"},
        ],
    })
}

/// The record with PascalCase names, as a table has it.
fn table() -> Value {
    let pascal = |key: &str| match key {
        "ipAddress" => "IPAddress".to_owned(),
        "resourceId" => "ResourceIdentity".to_owned(),
        "location" => "LocationDetails".to_owned(),
        "appliedConditionalAccessPolicies" => "ConditionalAccessPolicies".to_owned(),
        _ => key[..1].to_uppercase() + &key[1..],
    };
    let mut table: Value = renamed(&graph(), pascal);
    table["Type"] = json!("SigninLogs");
    table
}

fn renamed(record: &Value, name: impl Fn(&str) -> String) -> Value {
    let fields = record.as_object().expect("an object").iter();
    fields.map(|(key, value)| (name(key), value.clone())).collect::<serde_json::Map<_, _>>().into()
}

/// Objects and lists as text.
fn in_strings(record: &Value, pretty: bool) -> Value {
    let text = |value: &Value| match value {
        Value::Object(_) | Value::Array(_) if pretty => {
            json!(serde_json::to_string_pretty(value).expect("JSON").replace('\n', "\r\n"))
        }
        Value::Object(_) | Value::Array(_) => json!(value.to_string()),
        other => other.clone(),
    };
    let fields = record.as_object().expect("an object").iter();
    fields.map(|(key, value)| (key.clone(), text(value))).collect::<serde_json::Map<_, _>>().into()
}

/// A table's record as a row of the browser's CSV export.
fn csv_export(record: &Value) -> File {
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let fields = record.as_object().expect("an object");
    let mut names: Vec<String> = fields.keys().cloned().collect();
    let mut cells: Vec<String> = fields.values().map(cell).collect();
    // The other half of a column of two types.
    for (empty, nothing) in
        [("ConditionalAccessAudiences_dynamic", ""), ("ConditionalAccessAudiences_string", "[]")]
    {
        names.push(empty.to_owned());
        cells.push(nothing.to_owned());
    }
    csv("query_data.csv", &names.join("|"), &[&cells.join("|")])
}

fn envelope(properties: Value) -> Value {
    json!({
        "time": "2026-03-02T08:10:00Z", "category": "SignInLogs", "resultType": "0",
        "callerIpAddress": "198.51.100.9", "properties": properties,
    })
}

#[test]
fn one_sign_in_reads_the_same_in_every_shape() {
    let one = |record: &Value| file("x.json", std::slice::from_ref(record));
    let mut objects = graph();
    // The audiences as diagnostic logs write them.
    objects["conditionalAccessAudiences"] = json!([
        {"applicationId": "a1", "audienceReasons": "none"}, {"applicationId": "a2"},
    ]);
    for (shape, source) in [
        ("graph", one(&graph())),
        ("graph, audiences as objects", one(&objects)),
        ("graph, upper case", one(&renamed(&graph(), str::to_uppercase))),
        ("envelope", one(&envelope(graph()))),
        ("envelope, audiences as objects", one(&envelope(objects))),
        ("envelope, parts in strings", one(&envelope(in_strings(&graph(), false)))),
        ("table", one(&table())),
        ("table, parts in strings", one(&in_strings(&table(), true))),
        ("table, CSV", csv_export(&in_strings(&table(), false))),
        ("table, CSV, printed over lines", csv_export(&in_strings(&table(), true))),
    ] {
        assert_eq!(line(&source), WHOLE, "{shape}");
    }
}

#[test]
fn what_a_portal_download_shows() {
    let source = csv(
        "InteractiveSignIns_2026-03-02.csv",
        "Date (UTC)|Request ID|Username|User type|Authentication Protocol|Original transfer method\
         |Application ID |Resource ID |IP address|Location|Status|Sign-in error code|Client app\
         |Device ID|Operating System|Compliant|Managed|Join Type|Home tenant ID\
         |Multifactor authentication result",
        &["2026-03-02T08:00:00Z|r1|alex@ne.example|Guest|oAuth2|none\
           |app|res|192.0.2.1|Leeds, West Yorkshire, GB|Success|0|Browser\
           |d1|Windows10|No|Yes|Azure AD joined|t9\
           |MFA completed in Azure AD"],
    );
    let expected = WHOLE
        .replace("[a1 a2] | [c1 c3]", "- | -")
        .replace("high low", "- -")
        .replace("NE-PC-1", "-")
        .replace("p1 P-1 success, p2 - notApplied", "-");
    assert_eq!(line(&source), expected);
}

#[test]
fn what_is_absent_is_not_told_and_what_is_empty_is() {
    let with = |changes: &[(&str, Value)]| {
        let mut record = graph();
        for (key, value) in changes {
            match value {
                Value::Bool(false) => drop(record.as_object_mut().expect("an object").remove(*key)),
                value => record[*key] = value.clone(),
            }
        }
        record
    };
    let (audiences, contexts) =
        ("conditionalAccessAudiences", "authenticationContextClassReferences");
    let gone = json!(false);
    let cases = [
        (with(&[(audiences, gone.clone()), (contexts, gone)]), "- | -"),
        (with(&[(audiences, Value::Null), (contexts, Value::Null)]), "- | -"),
        (with(&[(audiences, json!("")), (contexts, json!("c1"))]), "- | -"),
        (with(&[(audiences, json!([])), (contexts, json!([]))]), "[] | []"),
        (with(&[(audiences, json!("[]")), (contexts, json!("[ ]"))]), "[] | []"),
        // Nobody knows what a list with such an element holds.
        (with(&[(audiences, json!(["a1", null])), (contexts, json!([{"detail": "x"}]))]), "- | -"),
        (with(&[(audiences, json!("[\"a1\",")), (contexts, json!([[]]))]), "- | -"),
        (with(&[(contexts, json!([{"id": "c2", "detail": "notApplicable"}]))]), "[a1 a2] | []"),
        (
            with(&[(audiences, json!({"applicationId": "a1"})), (contexts, json!({"id": "c9"}))]),
            "[a1] | [c9]",
        ),
    ];
    for (record, expected) in cases {
        for record in [record.clone(), envelope(record)] {
            let found = line(&file("x.json", &[&record]));
            let fields: Vec<&str> = found.split(" | ").collect();
            assert_eq!(fields[4..6].join(" | "), expected, "{record}");
        }
    }
    let devices = [
        (json!({"deviceId": ""}), Some("")),
        (json!("{\"deviceId\":\"\"}"), Some("")),
        (json!({"deviceId": null}), None),
        (json!({}), None),
        (json!({"deviceId": "d7"}), Some("d7")),
    ];
    for (detail, expected) in devices {
        let replay = gathered(&file("x.json", &[with(&[("deviceDetail", detail.clone())])]));
        assert_eq!(replay.devices[0].id.as_deref(), expected, "{detail}");
    }
    // Version 1.0 of Microsoft Graph tells less.
    let least = json!({
        "id": "r1", "createdDateTime": "2026-03-02T08:00:00Z", "userId": "u1", "appId": "app",
        "status": {"errorCode": 0}, "appliedConditionalAccessPolicies": [],
    });
    let expected = "- | None - | app | - | - | - | - | - | - | - | - - | - - | - - | None None - \
                    | - | Unknown";
    assert_eq!(line(&file("x.json", &[least])), expected);
}

#[test]
fn legacy_and_passwords_handed_over_are_marked_as_the_audit_marks_them() {
    let marks = |changes: &[(&str, &str)]| {
        let mut record = graph();
        for (key, value) in changes {
            record[*key] = json!(value);
        }
        let replay = gathered(&file("x.json", &[record]));
        (replay.clients[0].legacy, replay.clients[0].ropc)
    };
    for (changes, expected) in [
        (&[][..], (false, false)),
        (&[("clientAppUsed", "IMAP4")], (true, false)),
        (&[("clientAppUsed", "Unknown")], (false, false)),
        (&[("authenticationProtocol", "ROPC")], (true, true)),
        (&[("userAgent", "BAV2ROPC")], (true, true)),
        (&[("clientAppUsed", "SMTP"), ("userAgent", "CBAInPROD")], (true, true)),
    ] {
        assert_eq!(marks(changes), expected, "{changes:?}");
    }
    // The user agent alone tells two sign-ins of one client apart.
    let mut other = graph();
    (other["id"], other["userAgent"]) = (json!("r2"), json!("BAV2ROPC"));
    let replay = gathered(&file("x.json", &[graph(), other]));
    assert_eq!((replay.clients.len(), replay.rows.len()), (2, 2));
}

#[test]
fn sign_ins_that_tell_the_same_are_one_row() {
    let mut again = graph();
    again["id"] = json!("r2");
    // The order of a list tells nothing.
    let policies = again["appliedConditionalAccessPolicies"].as_array_mut().expect("a list");
    policies.reverse();
    let mut skipped = graph();
    skipped["id"] = json!("r3");
    skipped["status"]["additionalDetails"] = json!("MFA requirement skipped due to IP address");
    let replay = gathered(&file("x.json", &[graph(), again, skipped]));
    let rows: Vec<_> = replay.rows.iter().map(|row| (row.factors, row.sign_ins)).collect();
    assert_eq!(rows, [(LoggedFactors::Multiple, 2), (LoggedFactors::Single, 1)]);
    assert_eq!(replay.results.len(), 1);
}
