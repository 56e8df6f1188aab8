//! Every container and shape of JSON, and the archives around them.

use serde_json::{Value, json};

use super::folder::{audit, gzip, sound, zip};
use super::record::{envelope, graph, lines, page, spaced, table, v1, with};

const ALEX: &str = "alex@ne.example | IMAP4 | ropc | NE-PC-1 | 1+0 | 1";
const TWO: &str = "alex@ne.example | IMAP4 | ropc | NE-PC-1 | 2+0 | 1";

fn two() -> [Value; 2] {
    [graph(json!({})), graph(json!({"id": "r2", "createdDateTime": "2026-03-03T08:00:00Z"}))]
}

#[test]
fn every_container_of_graph_records_tells_the_same() {
    let [first, second] = two();
    let both = [first.clone(), second.clone()];
    let list = Value::from(both.to_vec());
    let pretty = serde_json::to_string_pretty(&list).unwrap();
    let windows = format!("\u{feff}{}", lines(&both).replace('\n', "\r\n"));
    let cases = [
        ("page", page(&both)),
        ("page with its list first", json!({"value": both, "zz": 1}).to_string()),
        ("bare array", list.to_string()),
        ("bare array over many lines", pretty.clone()),
        ("bare array, mark, CRLF", format!("\u{feff}{}", pretty.replace('\n', "\r\n"))),
        ("lines", lines(&both)),
        ("lines, mark, CRLF", windows),
        ("lines without the last line end", lines(&both).trim_end().to_owned()),
        ("objects one behind the other", format!("{first}{second}")),
        ("pages on lines", format!("{}\n{}\n", page(&[first.clone()]), page(&[second.clone()]))),
        ("pages in a list", format!("[{},{}]", page(&[first]), page(&[second]))),
    ];
    for (name, text) in cases {
        let audited = sound(&[("any-name", text)]);
        assert_eq!(audited.lines(), [TWO], "{name}");
        assert_eq!(audited.totals(), [2, 2, 0, 1, 1], "{name}");
        assert_eq!(audited.records(), [2, 0, 0], "{name}");
        assert_eq!(audited.document["window"]["days_covered"], 2, "{name}");
    }
    assert_eq!(sound(&[("one", graph(json!({})).to_string())]).lines(), [ALEX], "single object");
}

#[test]
fn envelopes_of_diagnostic_settings() {
    let plain = envelope(graph(json!({})), json!({}));
    let lower: Value = plain
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (key.to_lowercase(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let in_text = with(plain.clone(), json!({"properties": plain["properties"].to_string()}));
    let no_status = graph(json!({"status": null}));
    let cases = [
        ("one on a line", plain.to_string()),
        ("spaces outside, none inside", spaced(&plain)),
        ("event hub", json!({"records": [plain]}).to_string()),
        ("event hub, messages in a list", json!([{"records": [plain]}]).to_string()),
        ("outer keys in lower case", spaced(&lower)),
        ("properties as text", in_text.to_string()),
        ("no time", with(plain.clone(), json!({"time": null})).to_string()),
        (
            "level as text",
            with(plain.clone(), json!({"Level": "4", "durationMs": "0"})).to_string(),
        ),
        ("a word for a result", with(plain.clone(), json!({"resultType": "Success"})).to_string()),
        ("a number for a result", with(plain.clone(), json!({"resultType": 0})).to_string()),
        (
            "a word, no status",
            envelope(no_status.clone(), json!({"resultType": "Success"})).to_string(),
        ),
        ("a code, no status", envelope(no_status.clone(), json!({"resultType": "0"})).to_string()),
        ("a number, no status", envelope(no_status, json!({"resultType": 0})).to_string()),
        (
            "a date of the United States",
            with(plain, json!({"time": "11/14/2025 1:48:53 AM"})).to_string(),
        ),
    ];
    for (name, text) in cases {
        let audited = sound(&[("PT1H.json", text)]);
        assert_eq!(audited.lines(), [ALEX], "{name}");
        assert_eq!(
            audited.seen()[0],
            "2026-03-02T08:00:00Z",
            "the sign-in, not its record: {name}"
        );
    }
}

#[test]
fn a_status_before_the_envelopes_result() {
    for (result, status, line) in [
        (json!("Failure"), json!({"errorCode": 0}), Some(ALEX)),
        (json!("Success"), json!({"errorCode": 50126}), None),
        (json!(50126), json!({}), None),
        (json!("50126"), Value::Null, None),
        (json!("Failure"), Value::Null, None),
    ] {
        let record = envelope(graph(json!({"status": status})), json!({"resultType": result}));
        let audited = sound(&[("a", record.to_string())]);
        let failed = u64::from(line.is_none());
        assert_eq!(audited.lines(), line.into_iter().collect::<Vec<_>>(), "{record}");
        assert_eq!(audited.totals()[1..3], [1 - failed, failed], "{record}");
    }
}

#[test]
fn times_in_all_their_spellings() {
    for (written, read) in [
        ("2026-03-02T08:00:00Z", "2026-03-02T08:00:00Z"),
        ("2026-03-02T08:00:00.8527147Z", "2026-03-02T08:00:00.8527147Z"),
        ("2026-03-02T08:00:00.346468+00:00", "2026-03-02T08:00:00.346468Z"),
        ("2026-03-02T03:00:00.0729893-05:00", "2026-03-02T08:00:00.0729893Z"),
        ("2026-03-02T08:00:00", "2026-03-02T08:00:00Z"),
        ("2026-03-02 08:00:00.160562400", "2026-03-02T08:00:00.1605624Z"),
        ("3/2/2026 9:00:00 AM +01:00", "2026-03-02T08:00:00Z"),
        ("2026/3/2 8:00:00", "2026-03-02T08:00:00Z"),
    ] {
        let audited = sound(&[("a", graph(json!({"createdDateTime": written})).to_string())]);
        assert_eq!(audited.seen()[0], read, "{written}");
    }
}

#[test]
fn table_rows_as_json_lines() {
    let texts = with(
        table(json!({})),
        json!({"DeviceDetail": table(json!({}))["DeviceDetail"].to_string(),
            "Status": "{\"errorCode\":0}", "LocationDetails": ""}),
    );
    let cases = [
        ("objects", table(json!({}))),
        ("texts", texts),
        ("a boolean", table(json!({"IsInteractive": true}))),
        (
            "columns kept as in the download",
            with(
                table(json!({"TimeGenerated": null, "CreatedDateTime": null})),
                json!({"CreatedDateTime [UTC]": "2026-03-02T08:00:00Z"}),
            ),
        ),
        (
            "a table of one's own",
            table(json!({"Type": "SigninLogs_CL", "Category": null, "OperationName": null})),
        ),
        (
            "split columns",
            with(
                table(json!({"DeviceDetail": null, "Status": null})),
                json!({
            "DeviceDetail_dynamic": {"deviceId": "d1", "displayName": "NE-PC-1"},
            "DeviceDetail_string": "", "Status_dynamic": "", "Status_string": "{\"errorCode\":0}"}),
            ),
        ),
    ];
    for (name, record) in cases {
        let audited = sound(&[("a.jsonl", lines(&[record]))]);
        assert_eq!(audited.lines(), [ALEX], "{name}");
        assert_eq!(audited.coverage("interactive"), true, "{name}");
        assert_eq!(audited.seen()[0], "2026-03-02T08:00:00Z", "{name}");
    }
}

#[test]
fn archives_and_folders() {
    let [first, second] = two();
    let (one, other) = (lines(&[first]), lines(&[second]));
    let members = [gzip(&one), gzip(&other)].concat();
    let hour = |record: &Value| {
        spaced(&envelope(record.clone(), json!({"category": "NonInteractiveUserSignInLogs"})))
    };
    let [first, second] = two();
    let path = "insights-logs-signinlogs/tenantId=t1/y=2026/m=03/d=02/h=08/m=00/PT1H.json";
    let cases: [(&str, Vec<(&str, Vec<u8>)>); 5] = [
        ("gzip", vec![("a.json.gz", gzip(&one)), ("b.log", gzip(&other))]),
        ("gzip of two members", vec![("a.json.gz", members)]),
        ("zip", vec![("a.zip", zip(&[("x/one.json", &one), ("two.txt", &other)]))]),
        ("folders", vec![("a/b/c/one", one.into_bytes()), ("two", other.into_bytes())]),
        (
            "a storage account",
            vec![(path, format!("{}\n{}\n", hour(&first), hour(&second)).into_bytes())],
        ),
    ];
    for (name, files) in cases {
        let audited = sound(&files);
        assert_eq!(audited.lines(), [TWO], "{name}");
        assert_eq!(audited.records(), [2, 0, 0], "{name}");
    }
}

#[test]
fn workload_identities_are_nobodys_user() {
    let managed = json!({"id": "m1", "createdDateTime": "2026-03-02T08:00:00Z", "userId": null,
        "ipAddress": "", "servicePrincipalId": "sp1", "servicePrincipalName": "ne-runner",
        "appId": "app2", "status": {"errorCode": 0}, "userType": "Member",
        "clientAppUsed": "Other clients", "authenticationProtocol": "ropc"});
    for (name, text) in [
        (
            "by category",
            envelope(managed.clone(), json!({"category": "ManagedIdentitySignInLogs"})),
        ),
        (
            "by category, too",
            envelope(managed.clone(), json!({"category": "ServicePrincipalSignInLogs"})),
        ),
        (
            "by category, too",
            envelope(managed.clone(), json!({"category": "MicrosoftServicePrincipalSignInLogs"})),
        ),
        (
            "by event types",
            with(managed.clone(), json!({"signInEventTypes": ["servicePrincipal"]})),
        ),
        ("by what it shows", managed),
        (
            "by table",
            table(
                json!({"Type": "AADServicePrincipalSignInLogs", "Category": "ServicePrincipalSignInLogs",
            "UserId": "", "UserPrincipalName": "", "ServicePrincipalId": "sp1"}),
            ),
        ),
    ] {
        let audited = sound(&[("a", text.to_string())]);
        assert_eq!(audited.totals(), [0, 0, 0, 0, 0], "{name}");
        assert_eq!(audited.records(), [1, 0, 0], "{name}");
        assert_eq!(audited.document["window"]["days_covered"], 1, "a date with a record: {name}");
    }
}

#[test]
fn documentation_examples_with_trailing_commas() {
    let text = graph(json!({})).to_string();
    let text = format!("{},}}", text.strip_suffix('}').unwrap());
    let text = text.replace("[\"interactiveUser\"]", "[\"interactiveUser\",]");
    assert_eq!(sound(&[("a", text)]).lines(), [ALEX]);
}

#[test]
fn what_v1_does_not_tell_stays_unknown() {
    let audited = sound(&[("a", v1(json!({})).to_string())]);
    assert_eq!(audited.lines(), ["alex@ne.example | IMAP4 | - | NE-PC-1 | 1+0 | 1"]);
    assert_eq!(audited.coverage("authentication_protocol"), false);
    assert_eq!(audited.coverage("authentication_requirement"), false);
    assert_eq!(audited.coverage("user_agent"), false);
}

#[test]
fn a_hunting_result_is_refused_with_a_reason() {
    let rows = "Type,UserPrincipalName_count,StartTime\nSigninLogs,4,2026-03-02T08:00:00Z\n";
    let audited = audit(&[("hunt.csv", rows.to_owned()), ("good", graph(json!({})).to_string())]);
    assert_eq!(audited.code, 8);
    assert_eq!(audited.lines(), [ALEX]);
    assert_eq!(audited.records(), [1, 1, 0]);
    assert!(
        audited.stderr.contains("unreadable: hunt.csv:2: marked as a sign-in"),
        "{}",
        audited.stderr
    );
}
