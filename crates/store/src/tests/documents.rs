//! Documents, their versions, and daily series.

use jiff::civil::date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{LASTS, PLANS, at, beside, document, fresh, holder};
use crate::{Digest, Kind, NewDay, NewDocument, PayloadError, Series, Store, StoreError};

const WAIVERS: Kind<Waiver> = Kind::new("waiver", "lockstep.waiver/1");
const REGISTRATION: Series<Counted> = Series::new("registration", "lockstep.registration-day/1");

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Waiver {
    gate: String,
    reason: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Counted {
    capable: u32,
    in_scope: u32,
}

fn waiver(gate: &str) -> Waiver {
    Waiver { gate: gate.to_owned(), reason: "the vendor answers on Monday".to_owned() }
}

#[test]
fn a_later_version_supersedes_and_the_earlier_stays() {
    let (_folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    let (one, two) = (json!({"b": 1, "a": [0.5]}), json!({"a": []}));
    let first = writer
        .put(&PLANS, &NewDocument { source: Some("sha256:abc"), ..document("now", 0, &one) })
        .unwrap();
    let second = writer.put(&PLANS, &document("now", 10, &two)).unwrap();
    let other = writer.put(&PLANS, &document("other", 20, &one)).unwrap();
    assert_eq!((first.version, second.version, other.version), (1, 2, 1));
    assert_eq!(first.digest, Digest::of(r#"{"a":[0.5],"b":1}"#));
    assert_eq!(first.digest, other.digest, "the same content has the same digest");
    assert_eq!(first.source.as_deref(), Some("sha256:abc"));

    let latest = store.latest(&PLANS, "now").unwrap().unwrap();
    assert_eq!((&latest.version, &latest.payload), (&second, &two));
    assert_eq!(store.version(&PLANS, "now", 1).unwrap().unwrap().payload, one);
    assert_eq!(store.history(&PLANS, "now").unwrap(), [first, second]);
    assert!(store.latest(&PLANS, "none").unwrap().is_none());
    assert!(store.version(&PLANS, "now", 3).unwrap().is_none());
    let all: Vec<Value> =
        store.all_latest(&PLANS).unwrap().into_iter().map(|it| it.unwrap().payload).collect();
    assert_eq!(all, [two, one]);
}

#[test]
fn what_was_known_at_a_time() {
    let (_folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    // The third is written by a clock that was set back.
    for (seconds, day) in [(0, 1), (100, 2), (50, 3)] {
        writer.put(&PLANS, &document("now", seconds, &json!(day))).unwrap();
    }
    for (seconds, day) in
        [(-1, None), (0, Some(1)), (49, Some(1)), (50, Some(3)), (99, Some(3)), (1000, Some(3))]
    {
        let found = store.as_of(&PLANS, "now", at(seconds)).unwrap();
        assert_eq!(found.map(|it| it.payload), day.map(|day| json!(day)), "{seconds}");
    }
}

#[test]
fn a_kind_never_shows_what_another_kind_holds() {
    let (_folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    writer.put(&PLANS, &document("now", 0, &json!(1))).unwrap();
    assert!(store.latest(&WAIVERS, "now").unwrap().is_none());
    for name in ["", "daily/registration", "Plan", "plan ", "plän"] {
        let name: &'static str = name;
        let kind: Kind<Value> = Kind::new(name, "lockstep.plan/1");
        let error = writer.put(&kind, &document("now", 0, &json!(1))).unwrap_err();
        assert!(matches!(error, StoreError::Input { .. }), "{name}: {error:?}");
    }
}

#[test]
fn what_has_no_name_or_holds_a_secret_is_not_kept() {
    let (_folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    let (empty, secret) = (json!({}), json!({"passwordProfile": {"password": "correct horse"}}));
    let sound = document("now", 0, &empty);
    for bad in [
        NewDocument { key: "", ..sound },
        NewDocument { by: "", ..sound },
        NewDocument { source: Some(""), ..sound },
        NewDocument { at: "-000009-01-01T00:00:00Z".parse().unwrap(), ..sound },
    ] {
        let error = writer.together(at(0), |together| together.put(&PLANS, &bad)).unwrap_err();
        assert!(matches!(error, StoreError::Input { .. }), "{error:?}");
    }
    let error = writer.put(&PLANS, &document("now", 0, &secret)).unwrap_err();
    assert!(
        matches!(&error, StoreError::Payload { source: PayloadError::Secret { path }, .. }
            if path == "passwordProfile/password"),
        "{error:?}"
    );
    assert!(!format!("{error:?}").contains("horse"));
    assert_eq!(store.history(&PLANS, "now").unwrap(), []);
}

#[test]
fn what_does_not_fit_loses_no_other() {
    let (_folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    let at_once = |key, waiver: &Waiver| {
        let new = NewDocument { key, payload: waiver, at: at(0), by: "anna", source: None };
        writer.put(&WAIVERS, &new).unwrap()
    };
    at_once("a", &waiver("G1"));
    at_once("b", &waiver("G2"));
    at_once("c", &waiver("G3"));
    let other = beside(&store);
    other.execute_batch("DROP TRIGGER documents_are_not_changed").unwrap();
    other
        .execute(
            "UPDATE documents SET payload = '{\"gate\":\"G9\",\"reason\":\"\"}' WHERE key = 'a'",
            [],
        )
        .unwrap();
    other
        .execute(
            "UPDATE documents SET payload = '{}', digest = ? WHERE key = 'b'",
            [Digest::of("{}").to_string()],
        )
        .unwrap();
    let found = store.all_latest(&WAIVERS).unwrap();
    assert!(matches!(&found[0], Err(StoreError::Damaged { .. })), "{:?}", found[0]);
    assert!(matches!(&found[1], Err(StoreError::Shape { .. })), "{:?}", found[1]);
    assert_eq!(found[2].as_ref().unwrap().payload, waiver("G3"));
    let error = store.latest(&WAIVERS, "b").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`waiver/b`, version 1, of schema `lockstep.waiver/1` cannot be read as what it should be"
    );
}

#[test]
fn nothing_kept_is_changed_or_deleted() {
    let (_folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    writer.put(&PLANS, &document("now", 0, &json!(1))).unwrap();
    let other = beside(&store);
    let row = "'plan', 'now', ?, 's', 't', 'b', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', '2'";
    let columns = "kind, key, version, schema, written_at, written_by, digest, payload";
    let insert = |how: &str, version: i64| {
        format!(
            "{how} INTO documents ({columns}) VALUES ({})",
            row.replace('?', &version.to_string())
        )
    };
    for sql in [
        "UPDATE documents SET payload = '2'",
        "UPDATE documents SET kind = 'plan'",
        "DELETE FROM documents",
        &insert("INSERT OR REPLACE", 1),
        &insert("INSERT", 3),
        &insert("INSERT", 0),
        &format!(
            "INSERT OR REPLACE INTO documents (id, {columns}) VALUES (1, {})",
            row.replace('?', "2")
        ),
    ] {
        let error = other.execute_batch(sql).unwrap_err();
        assert!(error.to_string().contains("append-only"), "{sql}: {error}");
    }
    assert!(other.execute_batch(&insert("INSERT", 2)).is_ok(), "the next one goes");
    assert_eq!(store.version(&PLANS, "now", 1).unwrap().unwrap().payload, json!(1));
}

fn count(store: &Store, days: &[(i8, u32)]) {
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    for (number, capable) in days {
        let value = Counted { capable: *capable, in_scope: 200 };
        let day = NewDay {
            date: date(2026, 12, *number),
            value: &value,
            source: "sha256:abc",
            at: at(0),
            by: "lockstep",
        };
        writer.put_day(&REGISTRATION, &day).unwrap();
    }
}

#[test]
fn one_value_a_day() {
    let (_folder, store) = fresh();
    count(&store, &[(9, 180), (7, 174), (31, 199), (7, 175), (10, 181)]);
    let days = |first, last| -> Vec<(i8, u32, u64)> {
        store
            .days(&REGISTRATION, first, last)
            .unwrap()
            .into_iter()
            .map(|day| day.unwrap())
            .map(|day| (day.date.day(), day.value.capable, day.version.version))
            .collect()
    };
    let all = [(7, 175, 2), (9, 180, 1), (10, 181, 1), (31, 199, 1)];
    assert_eq!(days(date(2026, 12, 1), date(2027, 1, 1)), all, "the 8th is not there, and no 0");
    assert_eq!(days(date(2026, 12, 7), date(2026, 12, 9)), all[..2]);
    assert_eq!(days(date(2026, 12, 9), date(2026, 12, 7)), []);
    let history = store.day_history(&REGISTRATION, date(2026, 12, 7)).unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[0].source.as_deref(), Some("sha256:abc"));
    assert_eq!(history[0].key, "2026-12-07");
    assert!(store.days(&REGISTRATION, date(-1, 1, 1), date(2026, 1, 1)).is_err());
}

#[test]
fn a_series_and_a_kind_of_one_name_are_two() {
    let (_folder, store) = fresh();
    count(&store, &[(7, 174)]);
    let kind: Kind<Value> = Kind::new("registration", "lockstep.registration/1");
    assert!(store.all_latest(&kind).unwrap().is_empty());
}
