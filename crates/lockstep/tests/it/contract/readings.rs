//! The settled readings of the contract, one by one.

use serde_json::{Value, json};

use super::folder::{audit, audit_folder, folder, sound};
use super::record::{graph, lines, table, v1, with};

/// Sign-ins with these changes, each with an id of its own.
fn log(changes: &[Value]) -> String {
    let records: Vec<Value> = changes
        .iter()
        .enumerate()
        .map(|(number, changes)| with(graph(json!({"id": format!("r{number}")})), changes.clone()))
        .collect();
    lines(&records)
}

#[test]
fn what_is_legacy() {
    let legacy = [
        "IMAP4",
        "POP3",
        "SMTP",
        "Authenticated SMTP",
        "Authenticated STMP",
        "Autodiscover",
        "AutoDiscover",
        "Exchange ActiveSync",
        "Exchange Active Sync",
        "Exchange ActiveSync (unSupported)",
        "Exchange Online PowerShell",
        "Exchange Web Services",
        "MAPI Over HTTP",
        "Offline Address Book",
        "Outlook Anywhere",
        "Outlook Anywhere (RPC over HTTP)",
        "Outlook Service",
        "Universal Outlook",
        "Reporting Web Services",
        "Other clients",
        "Other clients; IMAP",
        "Other clients; MAPI",
        "Other clients; POP",
        "Other clients; SMTP",
        "Other clients; Older Office clients",
        "Other clients; Older office clients",
        "Of tomorrow",
    ];
    let modern = [
        "Browser",
        "browser",
        "Mobile Apps and Desktop clients",
        "mobile apps and desktop CLIENTS",
        "Unknown",
        "unknown",
        "",
        " ",
    ];
    for (name, app) in
        legacy.map(|app| (Some(app), app)).into_iter().chain(modern.map(|app| (None, app)))
    {
        let text =
            graph(json!({"clientAppUsed": app, "authenticationProtocol": "oAuth2"})).to_string();
        let audited = sound(&[("a", text)]);
        let shown: Vec<_> = audited
            .lines()
            .iter()
            .map(|line| line.split(" | ").nth(1).unwrap().to_owned())
            .collect();
        let expected = match name {
            Some("AutoDiscover") => vec!["Autodiscover"],
            name => Vec::from_iter(name),
        };
        assert_eq!(shown, expected, "{app}");
        assert_eq!(audited.totals()[0], 1);
    }
}

#[test]
fn a_password_grant_is_legacy_behind_any_client() {
    for protocol in ["ropc", "ROPC", "rpoc", " ropc "] {
        for app in ["Browser", "Mobile Apps and Desktop clients", "Unknown", ""] {
            let text = graph(json!({"clientAppUsed": app, "authenticationProtocol": protocol}));
            let audited = sound(&[("a", text.to_string())]);
            assert_eq!(audited.totals()[1..], [1, 0, 1, 1], "{protocol} {app}");
            assert_eq!(audited.document["dependencies"][0]["protocol"], "ropc");
        }
    }
}

#[test]
fn spellings_of_a_client_app_are_one_in_canonical_case() {
    for (spellings, shown) in [
        (["imap4", "IMAP4", "Imap4"], "IMAP4"),
        (["authenticated smtp", "AUTHENTICATED SMTP", "Authenticated SMTP"], "Authenticated SMTP"),
        (
            ["other clients; imap", "Other Clients; IMAP", "OTHER CLIENTS; IMAP"],
            "Other clients; IMAP",
        ),
        (
            ["exchange activesync", "Exchange ActiveSync", " Exchange ActiveSync"],
            "Exchange ActiveSync",
        ),
    ] {
        let text = log(&spellings.map(|app| json!({"clientAppUsed": app})));
        assert_eq!(
            sound(&[("a", text)]).lines(),
            [format!("alex@ne.example | {shown} | ropc | NE-PC-1 | 3+0 | 1")]
        );
    }
}

#[test]
fn a_device_is_id_else_name_else_system_and_browser_else_null() {
    let device = |id: &str, name: &str, system: &str, browser: &str| json!({"deviceDetail": {"deviceId": id, "displayName": name, "operatingSystem": system, "browser": browser}});
    for (devices, shown) in [
        (vec![device("d1", "NE-PC-1", "Windows10", "IE 11")], vec!["NE-PC-1"]),
        (vec![device("d1", "", "Windows10", "IE 11")], vec!["d1"]),
        (vec![device("", "NE-PC-1", "Windows10", "IE 11")], vec!["NE-PC-1"]),
        (vec![device("", "", "Windows10", "IE 11")], vec!["Windows10, IE 11"]),
        (vec![device("", "", "Windows10", "")], vec!["Windows10"]),
        (vec![device("", "", "", "IE 11")], vec!["IE 11"]),
        (vec![device("", "", "", "")], vec!["-"]),
        (vec![device("00000000-0000-0000-0000-000000000000", "", "", "")], vec!["-"]),
        (vec![json!({"deviceDetail": null})], vec!["-"]),
        // One id is one device, whatever else a record shows of it.
        (
            vec![device("d1", "", "Windows10", ""), device("D1", "NE-PC-1", "Windows 10", "IE 11")],
            vec!["NE-PC-1"],
        ),
        // Two ids are two devices, even of one name.
        (
            vec![device("d1", "iPhone", "Ios", ""), device("d2", "iPhone", "Ios", "")],
            vec!["iPhone", "iPhone"],
        ),
        (
            vec![device("", "", "Ios", "Safari"), device("", "", "Ios", "")],
            vec!["Ios", "Ios, Safari"],
        ),
    ] {
        let audited = sound(&[("a", log(&devices))]);
        let mut devices: Vec<_> = audited
            .lines()
            .iter()
            .map(|line| line.split(" | ").nth(3).unwrap().to_owned())
            .collect();
        devices.sort();
        assert_eq!(devices, shown);
    }
    let agents = log(&[
        json!({"userAgent": "a", "ipAddress": "192.0.2.1"}),
        json!({"userAgent": "b", "ipAddress": "192.0.2.2"}),
    ]);
    assert_eq!(
        sound(&[("a", agents)]).lines(),
        ["alex@ne.example | IMAP4 | ropc | NE-PC-1 | 2+0 | 2"],
        "never agent or address"
    );
}

#[test]
fn noise_stretches_nothing_and_interrupts_are_failures() {
    let at = |day: u32, code: u64, address: &str| json!({"createdDateTime": format!("2026-03-{day:02}T08:00:00Z"), "ipAddress": address, "status": {"errorCode": code}});
    let text = log(&[
        at(1, 50126, "198.51.100.1"),
        at(2, 0, "192.0.2.1"),
        at(3, 50074, "198.51.100.2"),
        at(4, 50140, "198.51.100.3"),
        at(5, 0, "192.0.2.2"),
        at(6, 0, "192.0.2.1"),
        at(9, 500121, "198.51.100.4"),
        at(9, 65001, "198.51.100.4"),
    ]);
    let audited = sound(&[("a", text)]);
    assert_eq!(audited.lines(), ["alex@ne.example | IMAP4 | ropc | NE-PC-1 | 3+5 | 2"]);
    assert_eq!(audited.seen(), ["2026-03-02T08:00:00Z", "2026-03-06T08:00:00Z"]);
    assert_eq!(audited.totals(), [8, 3, 5, 1, 1]);
    let only_noise = sound(&[("a", log(&[at(1, 50126, "x"), at(2, 50074, "x")]))]);
    assert_eq!((only_noise.totals(), only_noise.lines().len()), ([2, 0, 2, 0, 0], 0));
}

#[test]
fn the_window_goes_back_from_the_newest_record_read() {
    let at = |time: &str| json!({"createdDateTime": time});
    let text = log(&[
        at("2026-01-31T08:00:00Z"),
        at("2026-01-30T08:00:00Z"),
        at("2026-01-30T07:59:59Z"),
        at("2025-06-01T00:00:00Z"),
    ]);
    // The newest record may be one of a workload identity.
    let runner = json!({"id": "m", "createdDateTime": "2026-03-01T08:00:00Z", "servicePrincipalId": "s",
        "appId": "a", "signInEventTypes": ["servicePrincipal"], "status": {"errorCode": 0}});
    let files = [("a", text), ("b", runner.to_string())];
    let audited = sound(&files);
    assert_eq!(
        audited.document["window"],
        json!({"from": "2026-01-30T08:00:00Z",
        "to": "2026-03-01T08:00:00Z", "days_asked": 30, "days_covered": 3})
    );
    assert_eq!(audited.totals(), [2, 2, 0, 1, 1]);
    assert_eq!(audited.records(), [5, 0, 0]);
    assert_eq!(audited.coverage("older_than_window"), 2);
    let folder = folder(&files);
    let wide = audit_folder(folder.path(), &["--days", "365"]);
    assert_eq!((wide.totals()[0], &wide.document["window"]["days_covered"]), (4, &json!(4)));
    let narrow = audit_folder(folder.path(), &["--days", "1"]);
    assert_eq!((narrow.totals()[0], &narrow.document["window"]["days_covered"]), (0, &json!(1)));
}

#[test]
fn days_covered_are_at_most_those_asked() {
    let changes: Vec<Value> = (1..=31)
        .map(|day| json!({"createdDateTime": format!("2026-01-{day:02}T{:02}:00:00Z", if day == 1 { 12 } else { 6 })}))
        .collect();
    let audited = sound(&[("a", log(&changes))]);
    assert_eq!(audited.document["window"]["days_covered"], 30);
    assert_eq!(audited.totals()[0], 31, "30 times 24 hours touch 31 dates");
}

#[test]
fn coverage_is_null_where_the_source_cannot_tell() {
    let kinds = |kinds: &[Option<&str>]| {
        let changes: Vec<Value> = kinds
            .iter()
            .map(|kind| match kind {
                Some(kind) => {
                    json!({"signInEventTypes": [kind], "isInteractive": *kind == "interactiveUser"})
                }
                None => json!({"signInEventTypes": null, "isInteractive": null}),
            })
            .collect();
        let audited = sound(&[("a", log(&changes))]);
        [audited.coverage("interactive").clone(), audited.coverage("non_interactive").clone()]
    };
    let (user, client) = (Some("interactiveUser"), Some("nonInteractiveUser"));
    assert_eq!(kinds(&[user]), [json!(true), json!(false)]);
    assert_eq!(kinds(&[client]), [json!(false), json!(true)]);
    assert_eq!(kinds(&[user, client]), [json!(true), json!(true)]);
    assert_eq!(kinds(&[None]), [Value::Null, Value::Null]);
    assert_eq!(kinds(&[user, None]), [json!(true), Value::Null]);
    assert_eq!(
        sound(&[("a", v1(json!({"isInteractive": false})).to_string())])
            .coverage("non_interactive"),
        true
    );
    let half = format!("{}\n{}", graph(json!({})), v1(json!({"id": "r2"})));
    assert_eq!(
        sound(&[("a", half)]).coverage("authentication_protocol"),
        false,
        "not every sign-in shows it"
    );
    assert_eq!(
        sound(&[(
            "a",
            table(json!({"Type": "AADNonInteractiveUserSignInLogs",
        "Category": "NonInteractiveUserSignInLogs", "IsInteractive": "false"}))
            .to_string()
        )])
        .coverage("non_interactive"),
        true
    );
}

#[test]
fn a_protocol_is_null_or_what_the_log_says() {
    for (protocol, shown) in [
        (json!(null), Value::Null),
        (json!(""), Value::Null),
        (json!("none"), json!("none")),
        (json!("oAuth2"), json!("oAuth2")),
        (json!("deviceCode"), json!("deviceCode")),
    ] {
        let audited =
            sound(&[("a", graph(json!({"authenticationProtocol": protocol})).to_string())]);
        assert_eq!(audited.document["dependencies"][0]["protocol"], shown);
    }
}

#[test]
fn guests_appear_in_the_form_of_the_directory() {
    let home = json!({"userPrincipalName": "kim@partner.example", "userType": "guest", "createdDateTime": "2026-03-05T08:00:00Z"});
    let here = "kim_partner.example#EXT#@ne.example";
    let directory = json!([{"id": "u1", "userPrincipalName": here, "displayName": "Kim", "userType": "Guest", "accountEnabled": true}]);
    let told = |audited: super::folder::Audited| {
        let only = &audited.document["dependencies"][0];
        assert_eq!(audited.totals()[3..], [1, 1]);
        only["user_principal_name"].as_str().unwrap().to_lowercase()
    };
    let here_lower = here.to_lowercase();
    let log_at_home = log(&[home.clone()]);
    assert_eq!(
        told(sound(&[("log", log_at_home), ("users", directory.to_string())])),
        here_lower,
        "the directory tells"
    );
    let nameless = log(&[with(home.clone(), json!({"userId": ""}))]);
    assert_eq!(
        told(sound(&[("log", nameless), ("users", directory.to_string())])),
        here_lower,
        "by name only"
    );
    let both = log(&[json!({"userPrincipalName": here}), home.clone()]);
    assert_eq!(told(sound(&[("log", both)])), here_lower, "another record tells");
}

#[test]
fn rows_with_a_name_only_belong_to_the_user_whose_id_others_tell() {
    let text = log(&[
        json!({"userPrincipalName": "Alex@NE.example"}),
        json!({"userId": ""}),
        json!({"userId": null}),
    ]);
    let audited = sound(&[("a", text)]);
    assert_eq!(audited.lines(), ["alex@ne.example | IMAP4 | ropc | NE-PC-1 | 3+0 | 1"]);
    assert_eq!(audited.document["dependencies"][0]["user_id"], "u1");
}

#[test]
fn dependencies_are_sorted_by_successes_then_user() {
    let of = |user: &str, id: &str| json!({"userPrincipalName": user, "userId": id});
    let (zoe, bo, amy) =
        (of("zoe@ne.example", "1"), of("Bo@ne.example", "2"), of("amy@ne.example", "3"));
    let audited = sound(&[("a", log(&[zoe.clone(), bo, amy, zoe]))]);
    let users: Vec<_> =
        audited.lines().iter().map(|line| line.split('@').next().unwrap().to_lowercase()).collect();
    assert_eq!(users, ["zoe", "amy", "bo"]);
    assert_eq!(audited.totals(), [4, 4, 0, 3, 3]);
}

#[test]
fn the_document_has_the_names_and_types_of_the_contract() {
    let document = sound(&[("a", graph(json!({})).to_string())]).document;
    assert_eq!(document["schema"], "lockstep.legacy-audit/1");
    assert_eq!(document["generated_at"], "2026-11-20T09:00:00Z");
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    for (place, names) in [
        (
            "",
            "schema:text generated_at:text window:object coverage:object totals:object dependencies:list",
        ),
        ("/window", "from:text to:text days_asked:number days_covered:number"),
        (
            "/coverage",
            "records_read:number records_unreadable:number duplicates:number interactive:bool non_interactive:bool authentication_protocol:bool",
        ),
        (
            "/totals",
            "sign_ins:number legacy_successes:number legacy_failures:number dependencies:number users:number",
        ),
        (
            "/dependencies/0",
            "user_principal_name:text user_id:text display_name:text client_app:text protocol:text app:text device:text succeeded:number failed:number first_seen:text last_seen:text ip_addresses:number cause:text remedy:text owner:null decision:null",
        ),
    ] {
        for name in names.split(' ') {
            let (name, expected) = name.split_once(':').unwrap();
            let found = document.pointer(&format!("{place}/{name}"));
            assert_eq!(found.map(kind), Some(expected), "{place}/{name}");
        }
    }
    assert!(document["dependencies"][0].get("finding").is_some());
}

#[test]
fn without_a_sign_in_log_there_is_no_audit_and_unknown_files_are_named() {
    let users = json!([{"id": "u1", "userPrincipalName": "alex@ne.example", "displayName": "Alex", "accountEnabled": true}]).to_string();
    let audited =
        audit(&[("users.json", users.as_str()), ("notes.txt", "call Kim"), ("sub/a.xml", "<a/>")]);
    assert_eq!((audited.code, &audited.document), (1, &Value::Null));
    for name in ["notes.txt", "sub/a.xml"] {
        assert!(audited.stderr.contains(name), "{name}: {}", audited.stderr);
    }
    let page = r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#auditLogs/signIns","value":[]}"#;
    assert_eq!(audit(&[("empty.json", page)]).code, 1, "a log without a record");
    let with_log =
        sound(&[("a", graph(json!({})).to_string().as_str()), ("notes.txt", "call Kim")]);
    assert!(with_log.stderr.contains("unknown file, not used: notes.txt"), "{}", with_log.stderr);
}
