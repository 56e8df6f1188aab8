//! Rows of evidence: the same of every shape, merged, bounded, and in agreement with the measurement.

use jiff::Timestamp;
use rollout::evidence::{Ask, RowResult, SecondFactor, SignInRow, SignIns, SuccessClass};
use serde_json::{Value, json};

use crate::shapes::{csv_export, envelope, graph, in_strings, table_of};
use crate::support::{Dice, File, csv, gather, json as file, measure};

const BEGIN: &str = "2026-03-02T00:00:00Z";

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// Every row there is.
fn everything() -> Ask {
    Ask {
        policies: ["ca001".to_owned()].into(),
        failures_since: Some(time(BEGIN)),
        single_factor_since: Some(time(BEGIN)),
        legacy_since: Some(time(BEGIN)),
        most_rows: 1000,
        ..Ask::default()
    }
}

fn gathered(records: &[Value], ask: Ask) -> SignIns {
    gather(&[file("log.json", records)], ask).expect("a sign-in")
}

/// A sign-in with a fresh second factor, asked by CA001.
fn sign_in(changes: Value) -> Value {
    let mut record = graph();
    let own = json!({
        "clientAppUsed": "Browser",
        "authenticationProtocol": "none",
        "userAgent": "Mozilla/5.0",
        "isInteractive": true,
        "correlationId": "c1",
        "conditionalAccessStatus": "success",
        "authenticationRequirement": "multiFactorAuthentication",
        "authenticationRequirementPolicies":
            [{"requirementProvider": "multiConditionalAccess", "detail": "Conditional Access"}],
        "appliedConditionalAccessPolicies":
            [{"id": "CA001", "displayName": "CA001 - Require MFA", "result": "success"}],
        "authenticationDetails": [
            {"authenticationMethod": "Password", "succeeded": true,
                "authenticationStepResultDetail": "Correct password"},
            {"authenticationMethod": "Mobile app notification", "succeeded": true,
                "authenticationStepResultDetail": "MFA successfully completed"},
        ],
    });
    for changes in [own, changes] {
        for (key, value) in changes.as_object().expect("changes") {
            record[key] = value.clone();
        }
    }
    record
}

#[test]
fn one_sign_in_is_the_same_row_in_every_shape() {
    let ask = || Ask { accounts: ["u1".to_owned()].into(), most_rows: 10, ..Ask::default() };
    let record = sign_in(json!({}));
    let one = |source: File| {
        let sign_ins = gather(&[source], ask()).expect("a sign-in");
        assert_eq!((sign_ins.rows.len(), sign_ins.left_out, sign_ins.unreadable), (1, 0, 0));
        sign_ins.rows.into_iter().next().expect("a row")
    };
    let json_file = |record: &Value| file("x.json", std::slice::from_ref(record));
    let row = one(json_file(&record));
    assert_eq!(row.at, Some(time("2026-03-02T08:00:00.1234567Z")));
    assert_eq!((row.result(), row.second_factor()), (RowResult::Success, SecondFactor::Fresh));
    assert_eq!(row.result_of("ca001"), Some("success"));
    assert_eq!(row.requirement_providers, ["multiConditionalAccess"]);
    assert_eq!((row.id.as_deref(), row.interactive, row.legacy), (Some("r1"), Some(true), false));
    assert_eq!((row.device_id.as_deref(), row.country.as_deref()), (Some("d1"), Some("GB")));
    // What the envelope calls a correlation is not the record's own; the rest is the same.
    for (shape, source) in [
        ("parts in strings", json_file(&in_strings(&record))),
        ("envelope", json_file(&envelope(record.clone()))),
        ("envelope in strings", json_file(&in_strings(&envelope(in_strings(&record))))),
        ("table", json_file(&table_of(&record))),
        ("table, parts in strings", json_file(&in_strings(&table_of(&record)))),
        ("table, CSV", csv_export(&table_of(&record))),
    ] {
        assert_eq!(one(source), row, "{shape}");
    }
    let portal = csv(
        "InteractiveSignIns_2026.csv",
        "Date (UTC)|Request ID|User|Username|User ID|Application|Application ID |Client app|Sign-in \
         error code|Status|Authentication requirement|Multifactor authentication result|Conditional \
         Access|Operating System|Join Type|Managed|Compliant|IP address",
        &[
            "2026-03-02T08:00:00Z|r1|Alex|alex@ne.example|u1|Exchange|app|Browser||Success|Multifactor \
           authentication|MFA completed in Azure AD|Success|Windows10|Azure AD joined|Yes|No|192.0.2.1",
        ],
    );
    let row = one(portal);
    assert_eq!((row.result(), row.second_factor()), (RowResult::Success, SecondFactor::Fresh));
    assert_eq!(
        (row.interactive, row.is_managed, row.is_compliant),
        (Some(true), Some(true), Some(false))
    );
    assert!(row.policies.is_empty() && row.steps.is_empty());
}

#[test]
fn each_part_of_an_ask_wants_its_rows_and_no_others() {
    let late = "2026-03-03T08:00:00Z";
    let records = [
        sign_in(json!({"id": "fresh"})),
        sign_in(json!({"id": "failed", "userId": "u2", "status": {"errorCode": 500_121}})),
        sign_in(
            json!({"id": "failed-late", "userId": "u2", "createdDateTime": late, "status": {"errorCode": 53003}}),
        ),
        sign_in(json!({"id": "guess", "userId": "u3", "status": {"errorCode": 50126}})),
        sign_in(json!({"id": "prompt", "userId": "u2", "status": {"errorCode": 50140}})),
        sign_in(json!({"id": "asked", "userId": "u2", "status": {"errorCode": 50079}})),
        sign_in(json!({"id": "single", "userId": "u4", "authenticationRequirement":
            "singleFactorAuthentication", "authenticationDetails": [], "conditionalAccessStatus": "notApplied"})),
        sign_in(
            json!({"id": "legacy", "userId": "u4", "clientAppUsed": "IMAP4", "createdDateTime": late}),
        ),
        sign_in(json!({"id": "untold", "userId": "u5", "status": null})),
        sign_in(
            json!({"id": "service", "userId": null, "userPrincipalName": null, "servicePrincipalId": "s",
            "status": {"errorCode": 7_000_215}}),
        ),
    ];
    let none = Ask { most_rows: 100, ..Ask::default() };
    let since = Some(time(BEGIN));
    let cases: [(&str, Ask, &[&str]); 9] = [
        ("nothing", none.clone(), &[]),
        (
            "an account by id",
            Ask { accounts: ["u4".to_owned()].into(), ..none.clone() },
            &["single", "legacy"],
        ),
        (
            "an account by name",
            Ask { accounts: ["alex@ne.example".to_owned()].into(), ..none.clone() },
            &[
                "asked",
                "failed",
                "fresh",
                "guess",
                "prompt",
                "single",
                "untold",
                "failed-late",
                "legacy",
            ],
        ),
        (
            "failures",
            Ask { failures_since: since, ..none.clone() },
            &["failed", "untold", "failed-late"],
        ),
        (
            "late failures",
            Ask { failures_since: Some(time(late)), ..none.clone() },
            &["failed-late"],
        ),
        ("one factor", Ask { single_factor_since: since, ..none.clone() }, &["single", "legacy"]),
        ("legacy", Ask { legacy_since: since, ..none.clone() }, &["legacy"]),
        (
            "up to a time",
            Ask { failures_since: since, to: Some(time("2026-03-02T12:00:00Z")), ..none.clone() },
            &["failed", "untold"],
        ),
        (
            "from a time",
            Ask { failures_since: since, from: Some(time(late)), ..none.clone() },
            &["failed-late"],
        ),
    ];
    for (what, ask, expected) in cases {
        let sign_ins = gathered(&records, ask);
        let ids: Vec<_> = sign_ins.rows.iter().filter_map(|row| row.id.as_deref()).collect();
        assert_eq!(ids, expected, "{what}");
        assert_eq!(sign_ins.newest, Some(time(late)), "{what}");
        assert_eq!((sign_ins.interactive, sign_ins.non_interactive), (Some(true), Some(false)));
    }
    let sign_ins = gathered(&records, Ask { failures_since: since, ..none });
    assert_eq!(sign_ins.guesses.len(), 1);
    assert_eq!(
        (sign_ins.guesses[0].code, sign_ins.guesses[0].got_in_from_there),
        (50126, Some(true))
    );
    assert_eq!(sign_ins.interrupts, 1);
    let given_up: Vec<_> =
        sign_ins.given_up.iter().map(|it| (it.account.label(), it.code)).collect();
    assert_eq!(given_up, [("alex@ne.example", 50079)]);
}

/// A canary: who passed a policy by a fresh second factor, and nobody else; the first few of all.
#[test]
fn who_passed_freshly_is_wanted_of_some_and_the_first_stay() {
    let claim = json!([{"authenticationMethod": "Previously satisfied", "succeeded": true,
        "authenticationStepResultDetail": "MFA requirement satisfied by claim in the token"}]);
    let policy = |result: &str| json!([{"id": "CA001", "displayName": "CA001", "result": result}]);
    let mut records: Vec<Value> = (0..50)
        .map(|it| {
            let at = format!("2026-03-03T08:{it:02}:00Z");
            sign_in(json!({"id": format!("r{it:02}"), "createdDateTime": at}))
        })
        .collect();
    let at = "2026-03-03T07:00:00Z";
    for (id, change) in [
        ("before", json!({"createdDateTime": "2026-03-02T23:59:59Z"})),
        ("other", json!({"userId": "u2"})),
        ("claim", json!({"authenticationDetails": claim})),
        ("report-only", json!({"appliedConditionalAccessPolicies": policy("reportOnlySuccess")})),
        ("failed", json!({"status": {"errorCode": 500_121}})),
        ("legacy", json!({"clientAppUsed": "IMAP4"})),
        ("without-policies", json!({"appliedConditionalAccessPolicies": []})),
    ] {
        let mut record = sign_in(json!({"id": id, "createdDateTime": at}));
        for (key, value) in change.as_object().expect("changes") {
            record[key] = value.clone();
        }
        records.push(record);
    }
    let ask = Ask {
        policies: ["ca001".to_owned()].into(),
        fresh_of: ["u1".to_owned()].into(),
        fresh_since: Some(time("2026-03-03T00:00:00Z")),
        ..Ask::default()
    };
    let expected: Vec<String> = (0..20).map(|it| format!("r{it:02}")).collect();
    for order in [records.clone(), records.iter().rev().cloned().collect()] {
        let sign_ins = gathered(&order, ask.clone());
        let ids: Vec<_> = sign_ins.rows.iter().filter_map(|row| row.id.clone()).collect();
        assert_eq!((ids, sign_ins.left_out), (expected.clone(), 0));
    }
    // Who is wanted for something else too stands there once.
    let both = Ask { accounts: ["u1".to_owned()].into(), most_rows: 100, ..ask.clone() };
    let rows = gathered(&records, both).rows;
    let ids: std::collections::BTreeSet<_> = rows.iter().map(|row| row.id.clone()).collect();
    assert_eq!((rows.len(), ids.len()), (56, 56));
    let nobody = gathered(&records, Ask { fresh_since: None, ..ask });
    assert_eq!(nobody.rows.len(), 0);
}

#[test]
fn copies_are_one_row_that_shows_what_any_shows() {
    let mut bare = sign_in(json!({"status": {"errorCode": 500_121}}));
    for key in ["appliedConditionalAccessPolicies", "authenticationDetails", "ipAddress"] {
        bare.as_object_mut().expect("an object").remove(key);
    }
    let whole = sign_in(json!({"status": {"errorCode": 500_121}, "userAgent": null}));
    let other = sign_in(json!({"id": "r2", "status": {"errorCode": 53003}}));
    let files = |order: [&Value; 3]| {
        let one =
            |number, record: &Value| file(&format!("{number}.json"), std::slice::from_ref(record));
        [one(0, order[0]), one(1, order[1]), one(2, order[2])]
    };
    let orders = [[&bare, &whole, &other], [&other, &whole, &bare], [&whole, &other, &bare]];
    let all = orders.map(|order| gather(&files(order), everything()).expect("sign-ins"));
    for sign_ins in &all {
        assert_eq!(sign_ins, &all[0]);
        let ids: Vec<_> =
            sign_ins.rows.iter().map(|row| row.id.as_deref().expect("an id")).collect();
        assert_eq!(ids, ["r1", "r2"]);
        let row = &sign_ins.rows[0];
        assert_eq!((row.policies.len(), row.steps.len()), (1, 2));
        assert_eq!(row.ip_address.as_deref(), Some("192.0.2.1"));
    }
    // A success among the copies is never hidden.
    let success = sign_in(json!({}));
    let sign_ins = gather(&files([&bare, &success, &other]), everything()).expect("sign-ins");
    let ids: Vec<_> = sign_ins.rows.iter().map(|row| row.id.as_deref().expect("an id")).collect();
    assert_eq!(ids, ["r2"]);
    assert_eq!(sign_ins.successes["u1"].len(), 1);
}

#[test]
fn what_finds_no_room_is_counted_and_the_newest_stay() {
    let records: Vec<Value> = (0..50)
        .map(|it| {
            let at = format!("2026-03-02T08:{it:02}:00Z");
            sign_in(json!({"id": format!("r{it:02}"), "createdDateTime": at, "status": {"errorCode": 53003}}))
        })
        .collect();
    for order in [records.clone(), records.iter().rev().cloned().collect()] {
        let sign_ins = gathered(&order, Ask { most_rows: 7, ..everything() });
        let ids: Vec<_> = sign_ins.rows.iter().filter_map(|row| row.id.as_deref()).collect();
        assert_eq!(ids, ["r43", "r44", "r45", "r46", "r47", "r48", "r49"]);
        assert_eq!(sign_ins.left_out, 43);
    }
    let none = gathered(&records, Ask { most_rows: 0, ..everything() });
    assert_eq!((none.rows.len(), none.left_out), (0, 50));
}

#[test]
fn what_the_row_explains_is_counted_with_examples() {
    let claim = json!([{"authenticationMethod": "Previously satisfied", "succeeded": true,
        "authenticationStepResultDetail": "MFA requirement satisfied by claim in the token"}]);
    let mut records: Vec<Value> = (0..200)
        .map(|it| sign_in(json!({"id": format!("c{it:03}"), "authenticationDetails": claim})))
        .collect();
    records.push(sign_in(json!({"id": "open", "authenticationDetails": [],
        "authenticationRequirement": "singleFactorAuthentication"})));
    let sign_ins = gathered(&records, Ask { most_rows: 1, ..everything() });
    assert_eq!(
        sign_ins.explained.into_iter().collect::<Vec<_>>(),
        [(SuccessClass::ClaimInToken, 200)]
    );
    assert_eq!((sign_ins.rows.len(), sign_ins.left_out), (21, 0));
    assert!(sign_ins.rows.iter().any(|row| row.id.as_deref() == Some("open")));
}

#[test]
fn a_damaged_sign_in_and_an_empty_log_are_told() {
    let mut damaged = sign_in(json!({}));
    damaged["createdDateTime"] = json!("yesterday");
    let files = [file("log.json", &[sign_in(json!({})), damaged.clone()])];
    assert_eq!(gather(&files, everything()).expect("a sign-in").unreadable, 1);
    assert_eq!(gather(&[file("log.json", &[damaged])], everything()), None);
}

/// A drawn log: several people, results, moments, addresses; some records twice.
fn drawn(dice: &mut Dice) -> Vec<Value> {
    let mut records = Vec::new();
    for number in 0..dice.roll(60) {
        let minute = dice.roll(600);
        let user = dice.roll(5);
        let code =
            *dice.pick(&[0, 0, 0, 500_121, 53003, 50126, 50053, 50074, 50079, 50140, 987_654]);
        let result = *dice.pick(&[
            "success",
            "failure",
            "notApplied",
            "reportOnlyInterrupted",
            "reportOnlySuccess",
        ]);
        let mut record = sign_in(json!({
            "id": format!("r{number}"),
            "createdDateTime": format!("2026-03-02T{:02}:{:02}:{:02}Z", minute / 60, minute % 60, dice.roll(60)),
            "userId": format!("u{user}"),
            "userPrincipalName": format!("u{user}@ne.example"),
            "clientAppUsed": dice.pick(&["Browser", "Browser", "IMAP4"]),
            "ipAddress": format!("192.0.2.{}", dice.roll(4)),
            "status": {"errorCode": code},
            "isInteractive": dice.roll(2) == 0,
            "authenticationRequirement": dice.pick(&["singleFactorAuthentication", "multiFactorAuthentication"]),
            "appliedConditionalAccessPolicies": [{"id": "CA001", "displayName": "CA001", "result": result}],
        }));
        if dice.roll(3) == 0 {
            record["authenticationDetails"] = json!([]);
        }
        if dice.roll(4) == 0 {
            let mut copy = record.clone();
            if dice.roll(2) == 0 {
                copy.as_object_mut().expect("an object").remove("appliedConditionalAccessPolicies");
                copy["status"] = json!(null);
            }
            records.push(copy);
        }
        records.push(record);
    }
    records
}

#[test]
fn neither_the_order_nor_the_number_of_readers_changes_the_answer() {
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let mut records = drawn(&mut dice);
        let whole = gather(&[file("log.json", &records)], everything());
        dice.shuffle(&mut records);
        let parts = usize::try_from(1 + dice.roll(5)).expect("a number");
        let size = records.len().div_ceil(parts).max(1);
        let files: Vec<File> = records
            .chunks(size)
            .enumerate()
            .map(|(number, part)| file(&format!("{number}.json"), part))
            .collect();
        assert_eq!(gather(&files, everything()), whole, "seed {seed}");
    }
}

#[test]
fn rows_and_measurement_agree() {
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let files = [file("log.json", &drawn(&mut dice))];
        let (Some(measured), Some(rows)) = (measure(&files, 30), gather(&files, everything()))
        else {
            continue;
        };
        let sum = |wanted: &dyn Fn(u32) -> bool| -> u64 {
            let by_code = &measured.activity.as_ref().expect("everything is measured").by_code;
            by_code.iter().filter(|(code, _)| wanted(**code)).map(|(_, count)| count).sum()
        };
        let of = |wanted: &dyn Fn(&SignInRow) -> bool| -> u64 {
            rows.rows.iter().filter(|row| wanted(row)).count() as u64
        };
        let guesses: u64 = rows.guesses.iter().map(|it| it.sign_ins).sum();
        let given_up: u64 = rows.given_up.iter().map(|it| it.sign_ins).sum();
        let interrupt = |code| matches!(code, 50074 | 50079 | 50140);
        assert_eq!(guesses, sum(&|code| matches!(code, 50126 | 50053)), "seed {seed}: guesses");
        assert_eq!(rows.interrupts + given_up, sum(&interrupt), "seed {seed}: interrupts");
        assert_eq!(
            of(&|row| row.result() == RowResult::Failure),
            sum(&|code| matches!(code, 500_121 | 53003 | 987_654)),
            "seed {seed}: failures"
        );
        assert_eq!(
            of(&|row| row.legacy && row.result() == RowResult::Success),
            measured.totals.legacy_successes,
            "seed {seed}: legacy"
        );
        assert_eq!(rows.newest, measured.window.to, "seed {seed}");
        assert_eq!(rows.oldest, measured.coverage.oldest, "seed {seed}");
        let told = &measured.activity.as_ref().expect("everything is measured").policy_results;
        let counted = |result: &str| -> u64 {
            rows.results.iter().filter(|it| it.result == result).map(|it| it.sign_ins).sum()
        };
        for result in ["success", "failure", "reportOnlyInterrupted", "reportOnlySuccess"] {
            let expected = told.values().filter_map(|it| it.get(result)).sum::<u64>();
            assert_eq!(counted(result), expected, "seed {seed}: {result}");
        }
    }
}
