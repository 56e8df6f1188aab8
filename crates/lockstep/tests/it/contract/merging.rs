//! Copies of one record: what one shows fills what another lacks, in any order of files.

use serde_json::{Value, json};

use super::folder::{Audited, sound};
use super::record::{csv, envelope, graph, row, table, table_csv, v1};

/// Audits the files in this order and in the other one; both must tell the same.
fn both_ways(first: &str, second: &str) -> Audited {
    let told = sound(&[("a", first), ("b", second)]);
    let turned = sound(&[("a", second), ("b", first)]);
    assert_eq!(told.document, turned.document, "order of files");
    assert_eq!(told.records(), [2, 0, 1], "copies");
    assert_eq!(told.totals()[0], 1, "one sign-in");
    told
}

fn portal() -> String {
    let header = [
        "Date (UTC)",
        "Request ID",
        "User ID",
        "Username",
        "Application",
        "IP address",
        "Status",
        "Sign-in error code",
        "Client app",
        "Device ID",
        "Operating System",
    ];
    let cells = [
        ("Date (UTC)", "2026-03-02T08:00:00Z"),
        ("Request ID", "r1"),
        ("User ID", "u1"),
        ("Username", "alex@ne.example"),
        ("Application", "Office 365 Exchange Online"),
        ("Status", "Success"),
        ("Client app", "IMAP4"),
        ("Device ID", "d1"),
    ];
    csv(",", &header, &[row(&header, &cells)])
}

#[test]
fn what_one_copy_lacks_another_fills() {
    let beta = graph(json!({})).to_string();
    let whole = "alex@ne.example | IMAP4 | ropc | NE-PC-1 | 1+0 | 1";
    let nameless =
        graph(json!({"deviceDetail": {"deviceId": "d1", "operatingSystem": "Windows10"}}));
    let no_id = graph(json!({"deviceDetail": {"deviceId": "", "operatingSystem": "Windows10"}}));
    for (name, copy) in [
        ("v1.0 lacks the protocol", v1(json!({})).to_string()),
        ("the portal lacks the user agent and the name of the device", portal()),
        ("an envelope", envelope(graph(json!({})), json!({})).to_string()),
        ("a row of the table", table_csv(&[table(json!({}))])),
        ("no name of the device", nameless.to_string()),
        ("no device id", no_id.to_string()),
        ("no client app", graph(json!({"clientAppUsed": ""})).to_string()),
        ("client app unknown", graph(json!({"clientAppUsed": "Unknown"})).to_string()),
        ("no result", graph(json!({"status": null})).to_string()),
        ("no address", graph(json!({"ipAddress": ""})).to_string()),
        ("no user name", graph(json!({"userPrincipalName": ""})).to_string()),
        ("no user id", graph(json!({"userId": ""})).to_string()),
    ] {
        let audited = both_ways(&beta, &copy);
        assert_eq!(audited.lines(), [whole], "{name}");
        for shown in ["authentication_protocol", "user_agent", "interactive"] {
            assert_eq!(audited.coverage(shown), true, "{name}: {shown}");
        }
    }
}

#[test]
fn a_password_grant_that_only_one_copy_shows() {
    let modern =
        json!({"clientAppUsed": "Mobile Apps and Desktop clients", "userAgent": "ne-batch"});
    let quiet = v1(json!({"clientAppUsed": "Mobile Apps and Desktop clients"}));
    assert_eq!(
        both_ways(&graph(modern).to_string(), &quiet.to_string()).lines(),
        ["alex@ne.example | Mobile Apps and Desktop clients | ropc | NE-PC-1 | 1+0 | 1"]
    );
    let agent = graph(
        json!({"clientAppUsed": "Browser", "authenticationProtocol": null, "userAgent": "BAV2ROPC"}),
    );
    let quiet = v1(json!({"clientAppUsed": "Browser"}));
    let audited = both_ways(&agent.to_string(), &quiet.to_string());
    assert_eq!(audited.lines(), ["alex@ne.example | Browser | - | NE-PC-1 | 1+0 | 1"]);
}

#[test]
fn three_copies_each_with_a_part() {
    let parts = [
        graph(json!({"status": null, "clientAppUsed": null, "userId": null})),
        v1(json!({"deviceDetail": null, "userPrincipalName": null, "ipAddress": null})),
        table(
            json!({"Status": null, "ResultType": "", "ResultSignature": "", "DeviceDetail": null}),
        ),
    ]
    .map(|part| part.to_string());
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let files =
            ["a", "b", "c"].map(|name| (name, parts[order["abc".find(name).unwrap()]].as_str()));
        let audited = sound(&files);
        assert_eq!(audited.records(), [3, 0, 2]);
        assert_eq!(
            audited.lines(),
            ["alex@ne.example | IMAP4 | ropc | NE-PC-1 | 1+0 | 1"],
            "{order:?}"
        );
    }
}

#[test]
fn copies_in_one_file_and_outside_the_window_count_once() {
    let old = graph(json!({"id": "old", "createdDateTime": "2026-01-01T00:00:00Z"}));
    let new = graph(json!({}));
    let text = format!("{old}\n{new}\n{old}\n{new}\n{new}\n");
    let audited = sound(&[("a", text)]);
    assert_eq!(audited.records(), [5, 0, 3]);
    assert_eq!(audited.totals(), [1, 1, 0, 1, 1]);
    assert_eq!(audited.coverage("older_than_window"), 1);
    let unnamed: Vec<Value> = vec![graph(json!({"id": ""})); 2];
    let audited = sound(&[("a", Value::from(unnamed).to_string())]);
    assert_eq!((audited.records(), audited.totals()[0]), ([2, 0, 0], 2), "no id, no copies");
}
