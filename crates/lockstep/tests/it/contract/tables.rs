//! CSV exports of Log Analytics tables.

use serde_json::{Value, json};

use super::folder::{audit, gzip, sound, utf16};
use super::record::{csv, graph, lines, table, table_csv, with};

const ALEX: &str = "alex@ne.example | IMAP4 | ropc | NE-PC-1 | 1+0 | 1";

/// Rows with these times, as a browser wrote them.
fn written(times: &[&str]) -> String {
    let rows: Vec<Value> = times
        .iter()
        .enumerate()
        .map(|(number, time)| {
            table(
                json!({"Id": format!("r{number}"), "CreatedDateTime": time, "TimeGenerated": time}),
            )
        })
        .collect();
    table_csv(&rows)
}

#[test]
fn dates_of_a_locale_are_decided_for_the_whole_file() {
    for (times, seen) in [
        (
            vec!["5/9/2021, 2:17:31.159 AM", "5/19/2021, 2:17:31.159 PM"],
            ["2021-05-09T02:17:31.159Z", "2021-05-19T14:17:31.159Z"],
        ),
        (
            vec!["5/9/2021, 2:17:31.159 AM", "19/9/2021, 2:17:31.159 AM"],
            ["2021-09-05T02:17:31.159Z", "2021-09-19T02:17:31.159Z"],
        ),
        (
            vec!["6/15/2026, 12:40:24.178\u{202f}AM", "6/15/2026, 12:40:24.178 PM"],
            ["2026-06-15T00:40:24.178Z", "2026-06-15T12:40:24.178Z"],
        ),
        (
            vec!["9/5/2023 16:41", "9/13/2023 0:05"],
            ["2023-09-05T16:41:00Z", "2023-09-13T00:05:00Z"],
        ),
        (
            vec!["05/09/2023 16:41", "13/09/2023 00:05"],
            ["2023-09-05T16:41:00Z", "2023-09-13T00:05:00Z"],
        ),
        (
            vec!["13.9.2023, 16:41:00", "5.9.2023, 16:41:00"],
            ["2023-09-05T16:41:00Z", "2023-09-13T16:41:00Z"],
        ),
        (
            vec!["2023/9/5 16:41:00", "2023/9/13 16:41:00"],
            ["2023-09-05T16:41:00Z", "2023-09-13T16:41:00Z"],
        ),
        (
            vec!["19/5/2021, 2:17:31.159 p.m.", "5/5/2021, 2:17:31.159 a.m."],
            ["2021-05-05T02:17:31.159Z", "2021-05-19T14:17:31.159Z"],
        ),
    ] {
        let audited = sound(&[("query_data.csv", written(&times))]);
        assert_eq!(audited.seen(), seen, "{times:?}");
        assert!(!audited.stderr.contains("either way"), "{times:?}: {}", audited.stderr);
    }
}

#[test]
fn an_order_nothing_decides_is_said() {
    let audited = sound(&[("query_data.csv", written(&["9/5/2023 16:41", "9/6/2023 16:41"]))]);
    assert_eq!(audited.seen(), ["2023-09-05T16:41:00Z", "2023-09-06T16:41:00Z"]);
    assert!(
        audited.stderr.contains("`query_data.csv`")
            && audited.stderr.contains("could be read either way"),
        "{}",
        audited.stderr
    );
}

#[test]
fn files_decide_each_for_itself() {
    let files = [
        ("us.csv", written(&["9/5/2023 8:00", "9/13/2023 8:00"])),
        (
            "uk.csv",
            written(&["5/9/2023 9:00", "13/9/2023 9:00"]).replace("r0", "q0").replace("r1", "q1"),
        ),
    ];
    assert_eq!(sound(&files).seen(), ["2023-09-05T08:00:00Z", "2023-09-13T09:00:00Z"]);
}

/// The steps of an authentication, written over several lines as until 2021.
fn many_lines(line_end: &str) -> Value {
    let steps = json!([{"authenticationMethod": "Password, \"cloud\"", "succeeded": true,
        "authenticationStepResultDetail": "MFA requirement satisfied by claim in the token"}]);
    let text = serde_json::to_string_pretty(&steps).unwrap().replace('\n', line_end);
    table(json!({"AuthenticationDetails": text, "AuthenticationProcessingDetails": text}))
}

#[test]
fn encodings_and_cells_of_many_lines() {
    let (plain, windows) = (table_csv(&[many_lines("\n")]), table_csv(&[many_lines("\r\n")]));
    let carriage = windows.replace("\r\n", "\n").replace('\n', "\r\n");
    let cases = [
        ("plain", plain.clone().into_bytes()),
        ("no last line end", plain.trim_end().as_bytes().to_vec()),
        ("CRLF within cells only", windows.into_bytes()),
        ("mark and CRLF", format!("\u{feff}{carriage}").into_bytes()),
        ("CRLF without mark", carriage.clone().into_bytes()),
        ("UTF-16, big end first", utf16(&carriage)),
        ("UTF-16, packed", gzip(utf16(&plain))),
    ];
    for (name, bytes) in cases {
        let audited = sound(&[("SigninLogs.csv", bytes)]);
        assert_eq!(audited.lines(), [ALEX], "{name}");
        assert_eq!(audited.records(), [1, 0, 0], "{name}");
        assert_eq!(audited.coverage("interactive"), true, "{name}");
    }
}

#[test]
fn what_a_spreadsheet_makes_of_it() {
    let row = table(json!({"IsInteractive": "TRUE", "Category": null, "Type": null,
        "OperationName": null, "OperationVersion": "1", "CreatedDateTime": "3/2/2026 8:00",
        "TimeGenerated": "3/13/2026 8:00"}));
    let audited = sound(&[("a.csv", table_csv(&[row]))]);
    assert_eq!(audited.lines(), [ALEX]);
    assert_eq!(audited.coverage("interactive"), true);
    assert_eq!(audited.seen()[0], "2026-03-02T08:00:00Z");
}

#[test]
fn split_columns_of_a_union() {
    let row = with(
        table(json!({"DeviceDetail": null, "Status": null, "LocationDetails": null,
            "ConditionalAccessPolicies": null, "MfaDetail": null, "IsInteractive": null})),
        json!({"DeviceDetail_dynamic": {"deviceId": "d1", "displayName": "NE-PC-1"},
            "DeviceDetail_string": "", "Status_dynamic": "", "Status_string": "{\"errorCode\":0}",
            "LocationDetails_dynamic": "", "LocationDetails_string": "{}", "MfaDetail_dynamic": "",
            "MfaDetail_string": "{}", "ConditionalAccessPolicies_dynamic": "[]",
            "ConditionalAccessPolicies_string": "", "IsInteractive_bool": "true",
            "IsInteractive_string": ""}),
    );
    let audited = sound(&[("a.csv", table_csv(&[row]))]);
    assert_eq!(audited.lines(), [ALEX]);
    assert_eq!(audited.coverage("interactive"), true);
}

#[test]
fn both_tables_with_all_their_columns() {
    let wide = |kind: Value| {
        let mut row = with(
            table(json!({"CreatedDateTime": "6/15/2026, 12:40:24.178 PM",
            "TimeGenerated": "6/15/2026, 1:38:00.000 PM"})),
            kind,
        );
        for number in 0..60 {
            row[format!("Column{number}")] = json!(if number % 2 == 0 { "[]" } else { "{}" });
        }
        row
    };
    let rows = [
        wide(json!({"AppliedConditionalAccessPolicies": "", "ConditionalAccessPolicies":
            "[{\"id\":\"SecurityDefaults\",\"result\":\"success\",\"conditionsSatisfied\":3}]",
            "RiskLevel": "", "ResourceId": "/tenants/t1/providers/Microsoft.aadiam"})),
        wide(
            json!({"Id": "r2", "Type": "AADNonInteractiveUserSignInLogs", "IsInteractive": "false",
            "Category": "NonInteractiveUserSignInLogs", "ConditionalAccessPoliciesV2": "",
            "ProcessingTimeInMs": "131", "SignInEventTypes": "[\"nonInteractiveUser\"]"}),
        ),
    ];
    let audited = sound(&[("bec.csv", table_csv(&rows))]);
    assert_eq!(audited.lines(), ["alex@ne.example | IMAP4 | ropc | NE-PC-1 | 2+0 | 1"]);
    assert_eq!(audited.coverage("interactive"), true);
    assert_eq!(audited.coverage("non_interactive"), true);
    assert_eq!(audited.seen(), ["2026-06-15T12:40:24.178Z"; 2]);
}

#[test]
fn projections_of_a_few_columns() {
    let time = ("TimeGenerated [UTC]", "3/22/2026, 8:00:00.000 AM");
    let user = ("UserPrincipalName", "alex@ne.example");
    let client = ("ClientAppUsed", "IMAP4");
    let result = ("ResultType", "0");
    for (name, columns, line) in [
        (
            "seven",
            vec![
                time,
                user,
                client,
                result,
                ("AppDisplayName", "Mail"),
                ("IPAddress", "192.0.2.1"),
                ("Location", "GB"),
            ],
            "alex@ne.example | IMAP4 | - | - | 1+0 | 1",
        ),
        (
            "twelve, no TimeGenerated",
            vec![
                ("CreatedDateTime [UTC]", time.1),
                user,
                client,
                result,
                ("AppDisplayName", "Mail"),
                ("IPAddress", "192.0.2.1"),
                ("Location", "GB"),
                ("UserId", "u1"),
                ("AuthenticationProtocol", "none"),
                ("UserAgent", "x"),
                ("Id", "r1"),
                ("DeviceDetail", "{\"operatingSystem\":\"Ios\",\"browser\":\"Safari\"}"),
            ],
            "alex@ne.example | IMAP4 | none | Ios, Safari | 1+0 | 1",
        ),
        (
            "status only",
            vec![time, user, client, ("Status", "{\"errorCode\":0}")],
            "alex@ne.example | IMAP4 | - | - | 1+0 | 0",
        ),
        (
            "only a name shown",
            vec![time, ("Identity", "Alex Reed"), client, result],
            "- | IMAP4 | - | - | 1+0 | 0",
        ),
    ] {
        let header: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let row = columns.iter().map(|(_, value)| (*value).to_owned()).collect();
        let audited = sound(&[("query_data.csv", csv(",", &header, &[row]))]);
        assert_eq!(audited.lines(), [line], "{name}");
        assert_eq!(
            audited.document["dependencies"][0]["display_name"].is_string(),
            name.contains("shown")
        );
        assert_eq!(audited.coverage("interactive"), &Value::Null, "{name}");
        assert_eq!(audited.coverage("non_interactive"), &Value::Null, "{name}");
    }
}

#[test]
fn rows_without_any_time_are_unreadable_and_the_rest_is_told() {
    let timeless = table_csv(&[
        table(json!({"TimeGenerated": null, "CreatedDateTime": null})),
        table(json!({"TimeGenerated": null, "CreatedDateTime": null, "Id": "r2"})),
    ]);
    let files = [("timeless.csv", timeless), ("b.json", lines(&[graph(json!({}))]))];
    let audited = audit(&files);
    assert_eq!((audited.code, audited.lines()), (8, vec![ALEX.to_owned()]));
    assert_eq!(audited.records(), [1, 2, 0]);
    assert!(
        audited.stderr.contains("timeless.csv:2: no time that can be read"),
        "{}",
        audited.stderr
    );
    let alone = audit(&files[..1]);
    assert_eq!((alone.code, &alone.document), (1, &Value::Null));
    assert!(alone.stderr.contains("no time that can be read"), "{}", alone.stderr);
}
