//! What is taken as a sign-in, what is left to other readers, and what is said of damaged ones.

use records::{Offer, Record};
use signins::{Question, Reader, Scope};

use crate::support::{self, File, csv, json, offer};

/// What a reader says: `taken`, `not mine`, or the start of the reason.
fn said(file: &File) -> Vec<String> {
    let mut reader = Reader::new(Question { days: 30, scope: Scope::Everything });
    reader
        .read(|worker| offer(worker, file, 1))
        .into_iter()
        .map(|offer| match offer {
            Offer::Taken => "taken".to_owned(),
            Offer::NotMine => "not mine".to_owned(),
            Offer::Unreadable(reason) => reason,
        })
        .collect()
}

#[track_caller]
fn check_json(record: &str, expected: &str) {
    let said = said(&json("export.json", &[record]));
    assert!(said[0].starts_with(expected), "{record}\nsaid: {}", said[0]);
}

#[track_caller]
fn check_csv(name: &str, header: &str, row: &str, expected: &str) {
    let said = said(&csv(name, header, &[row]));
    assert!(said[0].starts_with(expected), "{header}\n{row}\nsaid: {}", said[0]);
}

#[test]
fn json_of_other_kinds_is_left_alone() {
    for other in [
        r#"{}"#,
        r#"{"id":"1"}"#,
        // A user, with and without what the directory knows of sign-ins.
        r#"{"id":"u1","createdDateTime":"2026-01-01T00:00:00Z","userPrincipalName":"a@ne.example","displayName":"A","userType":"Member"}"#,
        r#"{"id":"u1","createdDateTime":"2026-01-01T00:00:00Z","userPrincipalName":"a@ne.example","accountEnabled":true,"signInActivity":{"lastSignInDateTime":"2026-01-01T00:00:00Z"}}"#,
        // A row of the registration report.
        r#"{"id":"u1","userPrincipalName":"a@ne.example","isMfaRegistered":true,"methodsRegistered":[]}"#,
        // An application and a service principal.
        r#"{"id":"a1","appId":"app","displayName":"ERP","createdDateTime":"2026-01-01T00:00:00Z"}"#,
        r#"{"id":"a1","appId":"app","appDisplayName":"ERP","servicePrincipalType":"Application"}"#,
        // Audits: Graph, envelope, table.
        r#"{"id":"x","category":"UserManagement","activityDisplayName":"Add user","activityDateTime":"2026-01-01T00:00:00Z","targetResources":[]}"#,
        r#"{"time":"2026-01-01T00:00:00Z","category":"AuditLogs","operationName":"Add user","resultType":"Success","properties":{"id":"x","userId":"u"}}"#,
        r#"{"TimeGenerated":"2026-01-01T00:00:00Z","Type":"AuditLogs","OperationName":"Add user","ResultType":"0","Identity":"A"}"#,
        // Risk.
        r#"{"id":"r","riskEventType":"unfamiliarFeatures","userPrincipalName":"a@ne.example","createdDateTime":"2026-01-01T00:00:00Z","appId":"x"}"#,
        // A policy and a grant.
        r#"{"id":"p","displayName":"CA001","state":"enabled","createdDateTime":"2026-01-01T00:00:00Z","conditions":{},"grantControls":{}}"#,
        // A status somebody wrote beside a name.
        r#"{"userPrincipalName":"a@ne.example","status":"Enforced","createdDateTime":"2026-01-01T00:00:00Z"}"#,
        "{ damaged",
        r#"{"id":"u1","displayName":"#,
    ] {
        check_json(other, "not mine");
    }
}

#[test]
fn json_sign_ins_are_taken() {
    for record in [
        r#"{"createdDateTime":"2026-03-02T08:00:00Z","userPrincipalName":"a@ne.example","status":{"errorCode":0}}"#,
        r#"{"createdDateTime":"2026-03-02T08:00:00Z","userId":"u","status":{}}"#,
        r#"{"createdDateTime":"2026-03-02T08:00:00Z","userId":"u","appDisplayName":"ERP"}"#,
        r#"{"createdDateTime":"2026-03-02T08:00:00Z","servicePrincipalId":"s","appId":"a"}"#,
        r#"{"CreatedDateTime":"2026-03-02T08:00:00Z","UserPrincipalName":"a@ne.example","ClientAppUsed":"IMAP4"}"#,
        r#"{"TimeGenerated":"2026-03-02T08:00:00Z","Type":"SigninLogs","UserId":"u"}"#,
        r#"{"time":"2026-03-02T08:00:00Z","category":"SignInLogs","properties":{"userId":"u"}}"#,
        r#"{"TIME":"2026-03-02T08:00:00Z","CATEGORY":"NonInteractiveUserSignInLogs","PROPERTIES":{"USERID":"u"}}"#,
        r#"{"time":"2026-03-02T08:00:00Z","category":"ManagedIdentitySignInLogs","properties":{"userId":null,"servicePrincipalId":"s","ipAddress":""}}"#,
        r#"{"time":"2026-03-02T08:00:00Z","category":"SignInLogs","properties":"{\"userId\":\"u\",\"status\":{\"errorCode\":0}}"}"#,
        r#"{"time":"2026-03-02T08:00:00Z","operationName":"Sign-in activity","properties":{"userId":"u"}}"#,
        // Odd values never spoil a record.
        r#"{"createdDateTime":"2026-03-02T08:00:00Z","userId":"u","appDisplayName":"ERP","appId":["x"],"status":[1,{"a":2}],"deviceDetail":"{cut off","location":7,"clientAppUsed":null,"isInteractive":{},"signInEventTypes":"x"}"#,
        // A time of the envelope is better than none.
        r#"{"time":"2026-03-02T08:00:00Z","category":"SignInLogs","properties":{"userId":"u","createdDateTime":"yesterday"}}"#,
        r#"{"createdDateTime":"2026-03-02T08:00:00Z","createdDateTime":"2026-03-02T08:00:00Z","userId":"u","appId":"a","appId":"b"}"#,
    ] {
        check_json(record, "taken");
    }
}

#[test]
fn damaged_sign_ins_are_named() {
    let marked = "marked as a sign-in (`SigninLogs`), but it has no user, application or result";
    check_json(
        r#"{"Type":"SigninLogs","TimeGenerated":"2026-03-02T08:00:00Z","count_":4}"#,
        marked,
    );
    check_json(r#"{"Type":"SigninLogs"}"#, marked);
    let timeless = "no time that can be read";
    check_json(r#"{"category":"SignInLogs","properties":{"userId":"u","appId":"a"}}"#, timeless);
    check_json(
        r#"{"userId":"u","clientAppUsed":"IMAP4","createdDateTime":"the other day"}"#,
        timeless,
    );
    let broken = "a sign-in that is not valid JSON";
    check_json(r#"{"userId":"u","clientAppUsed":"IMAP4","createdDateTime":"2026-03"#, broken);
    check_json(r#"{"category":"SignInLogs","properties":{"userId":"u" "appId":1}}"#, broken);
}

#[test]
fn csv_is_recognised_by_its_header() {
    let portal = "Date (UTC)|Request ID|User|Username|Application|Application ID |Status";
    let row = "2026-03-02T08:00:00Z|r1|A|a@ne.example|ERP|a1|Success";
    check_csv("whatever.csv", portal, row, "taken");
    check_csv("x/InteractiveSignIns_AuthDetails_2026-03-02.csv", portal, row, "not mine");
    check_csv(
        "MSISignIns_1.csv",
        "Date (UTC)|Request ID|Service principal ID|Application|Status",
        "2026-03-02T08:00:00Z|r1|s1|ERP|Success",
        "taken",
    );
    check_csv(
        "query_data.csv",
        "TimeGenerated [UTC]|UserPrincipalName|AppDisplayName|ResultType",
        "2026-03-02T08:00:00Z|a@ne.example|ERP|0",
        "taken",
    );
    check_csv(
        "q.csv",
        "UserPrincipalName|AppDisplayName|ResultType",
        "a@ne.example|E|0",
        "no time",
    );
    check_csv("q.csv", "Type|Count", "SigninLogs|4", "marked as a sign-in (`SigninLogs`)");
    for (header, row) in [
        (
            "userPrincipalName|displayName|createdDateTime|accountEnabled",
            "a|A|2026-01-01T00:00:00Z|True",
        ),
        ("userPrincipalName|displayName|createdDateTime", "a|A|2026-01-01T00:00:00Z"),
        ("userPrincipalName|status|createdDateTime", "a|Enforced|2026-01-01T00:00:00Z"),
        (
            "Date (UTC)|CorrelationId|Service|Category|Activity|Result",
            "2026-01-01T00:00:00Z|c|s|c|a|r",
        ),
        ("Display name|Email address|Recipient type", "A|a@ne.example|SharedMailbox"),
        (
            "TimeGenerated|Type|UserPrincipalName|AppDisplayName",
            "2026-01-01T00:00:00Z|AuditLogs|a|b",
        ),
        ("", ""),
    ] {
        check_csv("x.csv", header, row, "not mine");
    }
}

#[test]
fn an_empty_list_of_sign_ins_is_no_measurement() {
    let mut reader = Reader::new(Question { days: 30, scope: Scope::Everything });
    let context = Some("https://graph.microsoft.com/beta/$metadata#auditLogs/signIns");
    reader.read(|worker| {
        assert_eq!(worker.offer(&Record::EmptyList { context }, "a.json"), Offer::Taken);
        assert_eq!(worker.offer(&Record::EmptyList { context: None }, "a.json"), Offer::NotMine);
    });
    assert!(reader.again().is_none());
    assert_eq!(reader.finish(), None);
}

#[test]
fn unreadable_records_are_counted_once_and_lose_no_other() {
    let good = |time: &str| format!(r#"{{"createdDateTime":"{time}","userId":"u","appId":"a"}}"#);
    let files = [json(
        "a.json",
        &[
            good("2026-01-01T00:00:00Z"),
            r#"{"userId":"u","clientAppUsed":"IMAP4"}"#.to_owned(),
            good("2026-03-01T00:00:00Z"),
        ],
    )];
    let coverage = support::measured(&files).coverage;
    assert_eq!((coverage.records_read, coverage.records_unreadable), (2, 1));
    assert_eq!(coverage.older_than_window, 1);
}

#[test]
fn no_bytes_make_a_reader_panic() {
    let whole = r#"{"time":"2026-03-02T08:00:00Z","category":"SignInLogs","resultType":"0","properties":{"id":"1","userId":"u","status":{"errorCode":50126},"deviceDetail":{"deviceId":"d"},"location":{"city":"Ö"},"authenticationDetails":[{"succeeded":true}],"appliedConditionalAccessPolicies":"[{\"id\":\"p\",\"result\":\"success\"}]","signInEventTypes":["interactiveUser"]}}"#;
    let mut dice = support::Dice(11);
    let mut reader = Reader::new(Question { days: 30, scope: Scope::Everything });
    for _ in 0..1_500 {
        let mut bytes = whole.as_bytes().to_vec();
        for _ in 0..=dice.roll(4) {
            let at = usize::try_from(dice.roll(bytes.len() as u64)).expect("an index");
            match dice.roll(4) {
                0 => bytes[at] = u8::try_from(dice.roll(256)).expect("a byte"),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, *dice.pick(b"{}[]\",:\\0eE-. \xff")),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let record = records::JsonRecord { bytes: &bytes, line: 1, context: None };
        reader.read(|worker| worker.offer(&Record::Json(record), "a.json"));
    }
    assert!(reader.finish().is_some(), "most of the records were still readable");
}
