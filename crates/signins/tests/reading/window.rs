//! Window, copies and coverage.

use serde_json::{Value, json};

use crate::support::{csv, json as file, measure, measured, offer};

fn at(time: &str, more: Value) -> String {
    let mut record = json!({
        "createdDateTime": time,
        "userId": "u1",
        "appId": "a",
        "clientAppUsed": "IMAP4",
        "status": {"errorCode": 0},
    });
    for (key, value) in more.as_object().expect("fields") {
        record[key] = value.clone();
    }
    record.to_string()
}

#[test]
fn the_window_ends_with_the_newest_record_and_includes_its_first_moment() {
    let rows = [
        at("2026-03-01T08:00:00Z", json!({})),
        at("2026-03-01T07:59:59.999Z", json!({})),
        at("2026-03-31T08:00:00Z", json!({})),
        at("2025-01-01T00:00:00Z", json!({})),
    ];
    for rows in [rows.to_vec(), rows.iter().rev().cloned().collect()] {
        let measurement = measured(&[file("x", &rows)]);
        assert_eq!(measurement.window.from.expect("a window").to_string(), "2026-03-01T08:00:00Z");
        assert_eq!(measurement.window.to.expect("a window").to_string(), "2026-03-31T08:00:00Z");
        assert_eq!((measurement.window.days_asked, measurement.window.days_covered), (30, 2));
        assert_eq!(measurement.totals.sign_ins, 2);
        assert_eq!(measurement.coverage.older_than_window, 2);
        assert_eq!(measurement.coverage.records_read, 4);
        assert_eq!(
            measurement.coverage.oldest.expect("a record").to_string(),
            "2025-01-01T00:00:00Z"
        );
    }
}

#[test]
fn days_covered_are_at_most_the_days_asked() {
    let rows = ["2026-03-02T12:00:00Z", "2026-03-03T12:00:00Z", "2026-03-04T12:00:00Z"];
    let rows = rows.map(|time| at(time, json!({})));
    let measurement = measure(&[file("x", &rows)], 2).expect("sign-ins");
    assert_eq!(measurement.window.days_covered, 2);
    assert_eq!(measurement.by_day.len(), 3);
}

#[test]
fn no_second_reading_where_the_first_knows_enough() {
    for (rows, again) in [
        (vec![at("2026-03-02T08:00:00Z", json!({"id": "1"}))], false),
        // Copies that show the same.
        (vec![at("2026-03-02T08:00:00Z", json!({"id": "1"})); 3], false),
        // Newest first: what is too old was never counted.
        (vec![at("2026-03-02T08:00:00Z", json!({})), at("2025-03-02T08:00:00Z", json!({}))], false),
        (vec![at("2025-03-02T08:00:00Z", json!({})), at("2026-03-02T08:00:00Z", json!({}))], true),
        (
            vec![
                at("2026-03-02T08:00:00Z", json!({"id": "1"})),
                at("2026-03-02T08:00:00Z", json!({"id": "1", "userAgent": "x"})),
            ],
            true,
        ),
    ] {
        let mut reader =
            signins::Reader::new(signins::Question { days: 30, scope: signins::Scope::Everything });
        reader.read(|worker| offer(worker, &file("x", &rows), 1));
        assert_eq!(reader.again().is_some(), again, "{rows:?}");
    }
}

#[test]
fn copies_count_once_and_fill_one_another() {
    let portal = csv(
        "InteractiveSignIns_1.csv",
        "Date (UTC)|Request ID|Username|Application|Client app|Status|IP address",
        &["2026-03-02T08:00:00Z|r1|alex@ne.example|Exchange|Unknown|Failure|"],
    );
    let graph = file(
        "graph.json",
        &[at(
            "2026-03-02T08:00:00.5Z",
            json!({"id": "r1", "ipAddress": "192.0.2.1", "status": {}, "resultType": "0"}),
        )],
    );
    let beta = file(
        "beta.json",
        &[at(
            "2026-03-02T08:00:00Z",
            json!({"id": "r1", "authenticationProtocol": "ropc", "deviceDetail": {"deviceId": "d"}}),
        )],
    );
    let all = [portal, graph, beta];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let measurement = measured(&order.map(|at| all[at].clone()));
        assert_eq!(measurement.coverage.records_read, 3);
        assert_eq!(measurement.coverage.duplicates, 2);
        assert_eq!(measurement.totals.sign_ins, 1);
        assert_eq!(measurement.coverage.interactive, Some(true), "told by the file's name");
        assert!(measurement.coverage.authentication_protocol);
        let [used] = &measurement.legacy[..] else { panic!("one use") };
        assert_eq!((used.succeeded, used.failed, used.ip_addresses), (1, 0, 1));
        assert_eq!(used.client_app.as_deref(), Some("IMAP4"));
        assert_eq!(used.device.as_deref(), Some("d"));
        assert_eq!(used.protocol.as_deref(), Some("ropc"));
        assert_eq!(used.account.user_principal_name.as_deref(), Some("alex@ne.example"));
        assert_eq!(used.first_seen.expect("seen").to_string(), "2026-03-02T08:00:00.5Z");
    }
}

#[test]
fn copies_whose_other_half_vanished_still_count() {
    let first = file("a.json", &[at("2026-03-02T08:00:00Z", json!({"id": "r1"}))]);
    let second =
        file("b.json", &[at("2026-03-02T08:00:00Z", json!({"id": "r1", "userAgent": "x"}))]);
    let mut reader =
        signins::Reader::new(signins::Question { days: 30, scope: signins::Scope::Everything });
    reader.read(|worker| offer(worker, &first, 1));
    reader.read(|worker| offer(worker, &second, 2));
    let mut again = reader.again().expect("copies that differ");
    again.read(|worker| offer(worker, &first, 1));
    let measurement = again.finish().expect("a sign-in");
    assert_eq!(measurement.totals.sign_ins, 1);
    assert_eq!((measurement.coverage.records_read, measurement.coverage.duplicates), (2, 1));
    // The first reader answers too.
    assert_eq!(reader.finish().expect("a sign-in").totals.sign_ins, 1);
}

#[test]
fn records_without_an_id_are_all_distinct() {
    let rows = vec![at("2026-03-02T08:00:00Z", json!({})); 3];
    let measurement = measured(&[file("x", &rows)]);
    assert_eq!((measurement.totals.sign_ins, measurement.coverage.duplicates), (3, 0));
}

#[test]
fn kinds_the_source_tells() {
    let portal = |name: &str| {
        csv(
            name,
            "Date (UTC)|Request ID|Username|Application|Client app|Status",
            &["2026-03-02T08:00:00Z|r1|alex@ne.example|Exchange|Browser|Success"],
        )
    };
    let json_with = |more: Value| file("x.json", &[at("2026-03-02T08:00:00Z", more)]);
    for (source, interactive, non_interactive) in [
        (portal("InteractiveSignIns_2026-03-02.csv"), Some(true), Some(false)),
        (portal("a/b/nonINTERACTIVESIGNINS_2026-03-02.csv.gz"), Some(false), Some(true)),
        (portal("signins.csv"), None, None),
        (json_with(json!({})), None, None),
        (json_with(json!({"isInteractive": true})), Some(true), Some(false)),
        (json_with(json!({"IsInteractive": "FALSE"})), Some(false), Some(true)),
        (json_with(json!({"signInEventTypes": ["nonInteractiveUser"]})), Some(false), Some(true)),
        (json_with(json!({"signInEventTypes": "[\"interactiveUser\"]"})), Some(true), Some(false)),
        (json_with(json!({"Type": "AADNonInteractiveUserSignInLogs"})), Some(false), Some(true)),
        // The log's category is what was exported, whatever the flag says.
        (
            json_with(json!({"category": "SignInLogs", "isInteractive": false})),
            Some(true),
            Some(false),
        ),
    ] {
        let coverage = measured(std::slice::from_ref(&source)).coverage;
        let told = (coverage.interactive, coverage.non_interactive);
        assert_eq!(told, (interactive, non_interactive), "{source:?}");
    }
    let both = measured(&[portal("InteractiveSignIns_1.csv"), portal("x.csv")]).coverage;
    assert_eq!((both.interactive, both.non_interactive), (Some(true), Some(false)), "one record");
    let workload = measured(&[portal("ApplicationSignIns_1.csv")]);
    assert_eq!((workload.workload_sign_ins, workload.totals.sign_ins), (1, 0));
}
