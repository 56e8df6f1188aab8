//! The legacy measure, reading by reading of the contract.

use serde_json::{Value, json};

use crate::support::{File, activity, csv, json as file, measured};

/// A sign-in of Graph's shape, with some fields changed.
fn sign_in(changes: Value) -> String {
    let mut record = json!({
        "createdDateTime": "2026-03-02T08:00:00Z",
        "userId": "u1",
        "userPrincipalName": "alex@ne.example",
        "appDisplayName": "Office 365 Exchange Online",
        "appId": "00000002-0000-0ff1-ce00-000000000000",
        "clientAppUsed": "IMAP4",
        "ipAddress": "192.0.2.1",
        "status": {"errorCode": 0},
    });
    for (key, value) in changes.as_object().expect("changes") {
        record[key] = value.clone();
    }
    record.to_string()
}

fn one(changes: Value) -> [File; 1] {
    [file("log.json", &[sign_in(changes)])]
}

#[test]
fn what_is_legacy() {
    for (changes, expected) in [
        (json!({}), true),
        (json!({"clientAppUsed": "imap4"}), true),
        (json!({"clientAppUsed": "Authenticated SMTP"}), true),
        (json!({"clientAppUsed": "Other clients; Older Office clients"}), true),
        (json!({"clientAppUsed": "Something new"}), true),
        (json!({"clientAppUsed": "Browser"}), false),
        (json!({"clientAppUsed": "BROWSER "}), false),
        (json!({"clientAppUsed": "mobile apps and desktop CLIENTS"}), false),
        (json!({"clientAppUsed": "unknown"}), false),
        (json!({"clientAppUsed": ""}), false),
        (json!({"clientAppUsed": null}), false),
        (json!({"clientAppUsed": "Browser", "authenticationProtocol": "ropc"}), true),
        (json!({"clientAppUsed": "Browser", "authenticationProtocol": "ROPC"}), true),
        (json!({"clientAppUsed": "", "authenticationProtocol": "rpoc"}), true),
        (json!({"clientAppUsed": "Browser", "authenticationProtocol": "deviceCode"}), false),
        (json!({"clientAppUsed": "Browser", "userAgent": "BAV2ROPC"}), true),
        (json!({"clientAppUsed": null, "userAgent": "bav2ropc"}), true),
        (json!({"clientAppUsed": "Browser", "userAgent": "CBAInPROD"}), true),
        (json!({"clientAppUsed": "Browser", "userAgent": "Mozilla/5.0"}), false),
    ] {
        let measurement = measured(&one(changes.clone()));
        assert_eq!(measurement.totals.sign_ins, 1, "{changes}");
        assert_eq!(measurement.totals.legacy_successes == 1, expected, "{changes}");
        assert_eq!(measurement.legacy.len() == 1, expected, "{changes}");
    }
}

#[test]
fn what_a_result_comes_to() {
    // (success, failure, unknown) on a legacy client; (success, failure, interrupt) on a browser.
    for (result, legacy, modern) in [
        (json!({"status": {"errorCode": 0}}), (1, 0, 0), (1, 0, 0)),
        (json!({"status": {"errorCode": "0"}}), (1, 0, 0), (1, 0, 0)),
        (json!({"status": "{\"errorCode\":50126}"}), (0, 1, 0), (0, 1, 0)),
        (json!({"status": {"errorCode": 50074}}), (0, 1, 0), (0, 0, 1)),
        (json!({"status": {"errorCode": 50140}}), (0, 1, 0), (0, 0, 1)),
        (json!({"status": {"errorCode": 65001}}), (0, 1, 0), (0, 0, 1)),
        (json!({"status": {"errorCode": 500_121}}), (0, 1, 0), (0, 1, 0)),
        (json!({"status": {"errorCode": 7_000_215}}), (0, 1, 0), (0, 1, 0)),
        (json!({"status": {}}), (0, 0, 1), (0, 0, 0)),
        (json!({"status": null, "resultType": "Failure"}), (0, 1, 0), (0, 1, 0)),
        (json!({"status": null, "resultType": "Success"}), (1, 0, 0), (1, 0, 0)),
        (json!({"status": null, "ResultType": 53003}), (0, 1, 0), (0, 1, 0)),
        (json!({"status": {"errorCode": 50053}, "resultType": "Success"}), (0, 1, 0), (0, 1, 0)),
        (json!({"status": {}, "resultSignature": "FAILURE"}), (0, 1, 0), (0, 1, 0)),
        (json!({"status": {}, "resultSignature": "None"}), (0, 0, 1), (0, 0, 0)),
    ] {
        let totals = measured(&one(result.clone())).totals;
        let counted = (totals.legacy_successes, totals.legacy_failures, totals.legacy_unknown);
        assert_eq!(counted, legacy, "{result}");
        let mut browser = result.clone();
        browser["clientAppUsed"] = json!("Browser");
        let outcomes = activity(&measured(&one(browser))).by_client_app["Browser"];
        let counted = (outcomes.succeeded, outcomes.failed, outcomes.interrupted);
        assert_eq!(counted, modern, "{result}");
    }
}

#[test]
fn a_device_is_id_or_name_or_system_and_browser_or_nothing() {
    for (device, expected) in [
        (
            json!({"deviceId": "D1", "displayName": "NE-PC-1", "operatingSystem": "Ios"}),
            Some("NE-PC-1"),
        ),
        (json!({"deviceId": "D1", "displayName": "", "operatingSystem": "Ios"}), Some("d1")),
        (json!({"deviceId": "", "displayName": "NE-PC-1"}), Some("NE-PC-1")),
        (
            json!({"operatingSystem": "Windows 10", "browser": "Edge 120"}),
            Some("Windows 10, Edge 120"),
        ),
        (json!({"operatingSystem": "Windows 10"}), Some("Windows 10")),
        (json!({"browser": "Edge 120", "operatingSystem": null}), Some("Edge 120")),
        (json!({"deviceId": "00000000-0000-0000-0000-000000000000"}), None),
        (json!({}), None),
        (json!(null), None),
        (json!("{\"deviceId\":\"D1\"}"), Some("d1")),
    ] {
        let measurement = measured(&one(json!({"deviceDetail": device, "userAgent": "x"})));
        assert_eq!(measurement.legacy[0].device.as_deref(), expected, "{device}");
    }
}

#[test]
fn a_device_is_named_by_any_sign_in_that_knows_it() {
    let files = [
        file("a.json", &[sign_in(json!({"deviceDetail": {"deviceId": "d1"}}))]),
        file(
            "b.json",
            &[sign_in(json!({
                "clientAppUsed": "Browser",
                "userId": "u2",
                "deviceDetail": {"deviceId": "D1", "displayName": "NE-PC-1"},
            }))],
        ),
    ];
    assert_eq!(measured(&files).legacy[0].device.as_deref(), Some("NE-PC-1"));
}

#[test]
fn noise_does_not_stretch_a_dependency() {
    let row = |time: &str, code: u32, ip: &str| {
        sign_in(json!({"createdDateTime": time, "status": {"errorCode": code}, "ipAddress": ip}))
    };
    let measurement = measured(&[file(
        "log.json",
        &[
            row("2026-03-01T08:00:00Z", 50126, "198.51.100.1"),
            row("2026-03-02T08:00:00Z", 0, "192.0.2.1"),
            row("2026-03-03T09:00:00Z", 0, "192.0.2.2"),
            row("2026-03-03T09:00:00Z", 0, "192.0.2.2"),
            row("2026-03-04T08:00:00Z", 50074, "198.51.100.2"),
        ],
    )]);
    let [used] = &measurement.legacy[..] else { panic!("one use") };
    assert_eq!((used.succeeded, used.failed, used.ip_addresses), (3, 2, 2));
    assert_eq!(used.first_seen.expect("seen").to_string(), "2026-03-02T08:00:00Z");
    assert_eq!(used.last_seen.expect("seen").to_string(), "2026-03-03T09:00:00Z");
    assert_eq!(used.days.len(), 2);
    assert_eq!(used.hours, 1 << 8 | 1 << 9);
    assert_eq!(measurement.totals.legacy_failures, 2);
}

#[test]
fn spellings_of_a_client_app_are_one() {
    let rows = ["imap4", "IMAP4", "ImAp4"].map(|name| sign_in(json!({"clientAppUsed": name})));
    let measurement = measured(&[file("log.json", &rows)]);
    assert_eq!(measurement.legacy.len(), 1);
    assert_eq!(measurement.legacy[0].client_app.as_deref(), Some("IMAP4"));
    assert_eq!(activity(&measurement).by_client_app.keys().collect::<Vec<_>>(), ["IMAP4"]);
    let rows = ["new client", "New Client"].map(|name| sign_in(json!({"clientAppUsed": name})));
    for rows in [rows.clone(), [rows[1].clone(), rows[0].clone()]] {
        let measurement = measured(&[file("log.json", &rows)]);
        assert_eq!(measurement.legacy[0].client_app.as_deref(), Some("New Client"));
    }
}

#[test]
fn a_protocol_the_log_does_not_carry_is_unknown() {
    let protocol = |changes: Value| {
        let measurement = measured(&one(changes));
        (measurement.legacy[0].protocol.clone(), measurement.coverage.authentication_protocol)
    };
    assert_eq!(protocol(json!({})), (None, false));
    assert_eq!(protocol(json!({"userAgent": "BAV2ROPC"})), (None, false));
    assert_eq!(protocol(json!({"authenticationProtocol": ""})), (None, false));
    assert_eq!(protocol(json!({"authenticationProtocol": "None"})), (Some("none".into()), true));
    assert_eq!(protocol(json!({"authenticationProtocol": "rpoc"})), (Some("ropc".into()), true));
    let rows = ["ropc", "none", "oAuth2"]
        .map(|protocol| sign_in(json!({"authenticationProtocol": protocol})));
    assert_eq!(measured(&[file("x", &rows)]).legacy[0].protocol.as_deref(), Some("ropc"));
}

#[test]
fn a_user_is_one_by_id_and_by_name() {
    let measurement = measured(&[
        csv(
            "InteractiveSignIns_1.csv",
            "Date (UTC)|Username|Application|Client app|Sign-in error code",
            &["2026-03-02T07:00:00Z|Alex@NE.example|Office 365 Exchange Online|IMAP4|0"],
        ),
        file("log.json", &[sign_in(json!({}))]),
        file(
            "other.json",
            &[sign_in(json!({"userId": "u2", "userPrincipalName": "bo@ne.example"}))],
        ),
    ]);
    let names: Vec<_> = measurement
        .legacy
        .iter()
        .map(|used| (used.account.user_id.as_deref(), used.account.label(), used.succeeded))
        .collect();
    assert_eq!(names, [(Some("u1"), "alex@ne.example", 2), (Some("u2"), "bo@ne.example", 1)]);
    assert_eq!(activity(&measurement).people.len(), 2);
    assert_eq!(activity(&measurement).by_app["00000002-0000-0ff1-ce00-000000000000"].users, 2);
}

#[test]
fn a_name_of_two_ids_is_left_apart() {
    let rows =
        [sign_in(json!({})), sign_in(json!({"userId": "u2"})), sign_in(json!({"userId": null}))];
    let ids: Vec<_> =
        measured(&[file("x", &rows)]).legacy.into_iter().map(|used| used.account.user_id).collect();
    assert_eq!(ids, [None, Some("u1".to_owned()), Some("u2".to_owned())]);
}

#[test]
fn the_app_is_the_one_met_most_often_in_successes() {
    let row = |app: &str, code: u32| {
        sign_in(json!({"appDisplayName": app, "appId": app, "status": {"errorCode": code}}))
    };
    for (rows, expected) in [
        (vec![row("B", 0), row("A", 0)], Some("A")),
        (vec![row("B", 0), row("B", 0), row("A", 0)], Some("B")),
        (vec![row("A", 50126), row("A", 50126), row("B", 0)], Some("B")),
        (vec![row("A", 50126)], None),
    ] {
        let measurement = measured(&[file("x", &rows)]);
        assert_eq!(measurement.legacy[0].app.as_deref(), expected);
        assert_eq!(measurement.legacy[0].app_id.as_deref(), expected);
    }
}

#[test]
fn workload_identities_are_nobodys_sign_in() {
    let rows = [
        json!({"createdDateTime": "2026-03-02T08:00:00Z", "servicePrincipalId": "s", "appId": "a", "status": {"errorCode": 0}}),
        json!({"createdDateTime": "2026-03-02T08:00:00Z", "servicePrincipalId": "s", "appId": "a", "userType": "Member", "signInEventTypes": ["servicePrincipal"], "authenticationProtocol": "ropc"}),
        json!({"time": "2026-03-02T08:00:00Z", "category": "ManagedIdentitySignInLogs", "properties": {"userId": null, "servicePrincipalId": "s", "clientAppUsed": "IMAP4"}}),
    ];
    let measurement = measured(&[file("x", &rows)]);
    assert_eq!((measurement.workload_sign_ins, measurement.totals.sign_ins), (3, 0));
    assert!(activity(&measurement).people.is_empty() && measurement.legacy.is_empty());
    assert_eq!(measurement.coverage.interactive, Some(false));
    assert!(!measurement.coverage.authentication_protocol);
}
