//! Every framing gives the same records, and damage costs only the record it is in.
#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use records::{Format, Limits, Offer, Reading, Record, read_bytes};
use serde_json::{Value, json};

/// What was handed out: line, `@odata.context`, bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Handed {
    line: u64,
    context: Option<String>,
    bytes: String,
}

fn frame_with(name: &str, bytes: &[u8], limits: &Limits) -> (Vec<Handed>, Reading) {
    let mut handed = Vec::new();
    let reading = read_bytes(name, bytes, limits, &mut |record| {
        handed.push(match record {
            Record::Json(record) => Handed {
                line: record.line,
                context: record.context.map(str::to_owned),
                bytes: String::from_utf8(record.bytes.to_vec()).unwrap(),
            },
            Record::EmptyList { context } => Handed {
                line: 0,
                context: context.map(str::to_owned),
                bytes: "empty list".to_owned(),
            },
            Record::Csv(row) => Handed {
                line: row.line,
                context: None,
                bytes: (0..row.count())
                    .map(|at| row.cell(at).unwrap())
                    .collect::<Vec<_>>()
                    .join("|"),
            },
        });
        Offer::Taken
    });
    assert_eq!(reading.taken, u64::try_from(handed.len()).unwrap());
    (handed, reading)
}

fn frame(name: &str, text: &str) -> (Vec<Handed>, Reading) {
    frame_with(name, text.as_bytes(), &Limits::default())
}

fn shown(text: &str) -> (Vec<(u64, String)>, Vec<u64>) {
    let (handed, reading) = frame("signins.json", text);
    assert_eq!(reading.format, Format::Json, "{text}");
    assert_eq!(reading.unreadable, u64::try_from(reading.problems.len()).unwrap());
    let records = handed.into_iter().map(|one| (one.line, one.bytes)).collect();
    (records, reading.problems.iter().map(|problem| problem.line).collect())
}

/// Input, records with their lines, lines of what is unreadable.
type Case<'c> = (&'c str, &'c [(u64, &'c str)], &'c [u64]);

fn check(cases: &[Case<'_>]) {
    for (text, records, unreadable) in cases {
        let expected: Vec<(u64, String)> =
            records.iter().map(|(line, bytes)| (*line, (*bytes).to_owned())).collect();
        assert_eq!(shown(text), (expected, unreadable.to_vec()), "{text}");
    }
}

#[test]
fn damage_costs_only_the_record_it_is_in() {
    check(&[
        // Lines.
        ("{\"a\":1}\n{\"a\":\"x\n{\"a\":2}\n", &[(1, "{\"a\":1}"), (3, "{\"a\":2}")], &[2]),
        ("{\"a\":1}\n{\"a\":{\"b\":1}\n{\"a\":2}\n", &[(1, "{\"a\":1}"), (3, "{\"a\":2}")], &[2]),
        (
            "{\"a\":1}\n{\"a\":[1,\n{\"a\":2}\n{\"a\":3}",
            &[(1, "{\"a\":1}"), (3, "{\"a\":2}"), (4, "{\"a\":3}")],
            &[2],
        ),
        ("{\"a\":1}\ngarbage\n{\"a\":2}\n", &[(1, "{\"a\":1}"), (3, "{\"a\":2}")], &[2]),
        ("garbage\n{\"a\":2}\n", &[(2, "{\"a\":2}")], &[1]),
        ("{\"a\":1}}\n{\"a\":2}", &[(1, "{\"a\":1}"), (2, "{\"a\":2}")], &[1]),
        ("{\"a\":1}\n{\"a\":tr", &[(1, "{\"a\":1}")], &[2]),
        ("{\"a\":1}\n{\"a\":\"\\", &[(1, "{\"a\":1}")], &[2]),
        ("{\"a\" 1}\n{\"a\":2}", &[(2, "{\"a\":2}")], &[1]),
        (
            "{\"a\":1}{\"a\" 1}{\"a\":2}\n{\"a\":3}",
            &[(1, "{\"a\":1}"), (1, "{\"a\":2}"), (2, "{\"a\":3}")],
            &[1],
        ),
        // Pretty objects one behind the other.
        (
            "{\n  \"a\": 1\n}\n{\n  \"a\": \"x,\n  \"b\": [\n    {\n      \"c\": 1\n    }\n  ]\n}\n{\n  \"a\": 2\n}\n",
            &[(1, "{\n  \"a\": 1\n}"), (12, "{\n  \"a\": 2\n}")],
            &[4],
        ),
        // An array on one line; inner lists do not mislead.
        (
            "[{\"id\":1,\"k\":0},{\"id\":\"x},{\"id\":2,\"k\":0},{\"id\":3,\"k\":0}]",
            &[(1, "{\"id\":1,\"k\":0}"), (1, "{\"id\":2,\"k\":0}"), (1, "{\"id\":3,\"k\":0}")],
            &[1],
        ),
        (
            "[{\"id\":1,\"k\":0},{\"id\":\"x,\"s\":[{\"id\":8,\"n\":0},{\"id\":9,\"n\":0}],\"z\":{}},{\"id\":2,\"k\":0}]",
            &[(1, "{\"id\":1,\"k\":0}"), (1, "{\"id\":2,\"k\":0}")],
            &[1],
        ),
        // The damaged one is the first, or the last.
        ("[{\"id\":\"x},{\"id\":2},{\"id\":3}]", &[(1, "{\"id\":2}"), (1, "{\"id\":3}")], &[1]),
        ("[{\"id\":1},{\"id\":\"x}]", &[(1, "{\"id\":1}")], &[1]),
        // One element a line.
        (
            "[\n{\"a\":1},\n{\"a\":\"x},\n{\"a\":2},\n{\"a\":[{\"b\":1},\n{\"a\":3}\n]\n",
            &[(2, "{\"a\":1}"), (4, "{\"a\":2}"), (6, "{\"a\":3}")],
            &[3, 5],
        ),
        ("[{\"a\":1},\n{\"a\":\"x},\n{\"a\":2}\n]\n", &[(1, "{\"a\":1}"), (3, "{\"a\":2}")], &[2]),
        // A pretty array.
        (
            "[\n  {\n    \"a\": 1,\n    \"l\": [\n      {\n        \"a\": \"x\n      },\n      {\n        \"a\": 5\n      }\n    ]\n  },\n  {\n    \"a\": 2\n  }\n]",
            &[(13, "{\n    \"a\": 2\n  }")],
            &[2],
        ),
        // A page that was cut off, and an envelope per line of which one is.
        ("{\"value\":[{\"a\":1},{\"a\":2}", &[(1, "{\"a\":1}"), (1, "{\"a\":2}")], &[1]),
        ("{\"value\":[{\"a\":1},{\"a\":2", &[(1, "{\"a\":1}")], &[1]),
        (
            "{\"records\":[{\"a\":1},{\"a\":\"x}]}\n{\"records\":[{\"a\":3}]}\n",
            &[(1, "{\"a\":1}"), (2, "{\"a\":3}")],
            &[1],
        ),
        (
            "{\"records\":[{\"a\":1},{\"a\":2\n{\"records\":[{\"a\":3}]}\n",
            &[(1, "{\"a\":1}"), (2, "{\"a\":3}")],
            &[1],
        ),
        (
            "{\"value\":[\n{\"a\":1},\n{\"a\":\"x}\n]}\n{\"value\":[\n{\"a\":3}\n]}",
            &[(2, "{\"a\":1}"), (6, "{\"a\":3}")],
            &[3],
        ),
        // Elements that are no objects.
        ("[1,\"a,{\",[{}],{\"a\":1},null]", &[(1, "{\"a\":1}")], &[1, 1, 1, 1]),
        ("[\"open\n{\"a\":1}", &[(2, "{\"a\":1}")], &[1]),
        // Nothing but damage.
        ("{", &[], &[1]),
        ("[", &[], &[1]),
        ("[{", &[], &[1]),
        ("}", &[], &[1]),
    ]);
}

#[test]
fn every_framing_is_recognised() {
    check(&[
        ("{\"a\":1}", &[(1, "{\"a\":1}")], &[]),
        ("\r\n {\"a\":1}\r\n\r\n{\"a\":2}\r\n", &[(2, "{\"a\":1}"), (4, "{\"a\":2}")], &[]),
        (
            "{\"a\":1}{\"a\":2} {\"a\":3}",
            &[(1, "{\"a\":1}"), (1, "{\"a\":2}"), (1, "{\"a\":3}")],
            &[],
        ),
        ("{\"a\":1},\n{\"a\":2},\n", &[(1, "{\"a\":1}"), (2, "{\"a\":2}")], &[]),
        ("\u{1e}{\"a\":1}\n\u{1e}{\"a\":2}\n", &[(1, "{\"a\":1}"), (2, "{\"a\":2}")], &[]),
        ("[\n{\"a\":1},\n{\"a\":2},\n]", &[(2, "{\"a\":1}"), (3, "{\"a\":2}")], &[]),
        ("[]", &[(0, "empty list")], &[]),
        ("{\"Value\": [ ]}", &[(0, "empty list")], &[]),
        (
            "{\"RECORDS\":[{\"a\":1}],\"count\":1}\n{\"records\":[{\"a\":2}]}",
            &[(1, "{\"a\":1}"), (2, "{\"a\":2}")],
            &[],
        ),
        // No envelopes: the list is elsewhere, holds no objects, or is none.
        ("{\"p\":{\"value\":[{\"a\":1}]}}", &[(1, "{\"p\":{\"value\":[{\"a\":1}]}}")], &[]),
        ("{\"value\":[1,2]}", &[(1, "{\"value\":[1,2]}")], &[]),
        ("{\"value\":{\"a\":[{}]}}", &[(1, "{\"value\":{\"a\":[{}]}}")], &[]),
        ("{\"a\":\"value\",\"b\":[{}]}", &[(1, "{\"a\":\"value\",\"b\":[{}]}")], &[]),
        ("\u{feff}{\"a\":1}\n\u{feff}{\"a\":2}\n", &[(1, "{\"a\":1}"), (2, "{\"a\":2}")], &[]),
        // Pages and messages collected in a list; they do not nest further.
        (
            "[{\"value\":[{\"a\":1}],\"b\":1},\n{\"records\":[{\"a\":2}]},{\"a\":3}]",
            &[(1, "{\"a\":1}"), (2, "{\"a\":2}"), (2, "{\"a\":3}")],
            &[],
        ),
        ("{\"value\":[{\"value\":[{\"a\":1}]}]}", &[(1, "{\"value\":[{\"a\":1}]}")], &[]),
        // Trailing commas are framed and left in.
        ("{\"a\":[1,],}", &[(1, "{\"a\":[1,],}")], &[]),
        ("{\"a\":\"}{][\\\"\"}", &[(1, "{\"a\":\"}{][\\\"\"}")], &[]),
    ]);
}

#[test]
fn the_context_of_a_page_comes_with_its_records() {
    let page = r#"{"@odata.context":"https://graph.example/$metadata#users\u0028id)","@odata.nextLink":"x","value":[{"a":1}]}{"a":2}"#;
    let (handed, reading) = frame("users.json", page);
    assert_eq!(handed[0].context.as_deref(), Some("https://graph.example/$metadata#users(id)"));
    assert_eq!(handed[1].context, None);
    assert_eq!(reading.notes.len(), 1, "{:?}", reading.notes);
    let empty = r#"{"@odata.context":"c#groups","value":[],"@odata.count":0}"#;
    assert_eq!(frame("x.json", empty).0[0].context.as_deref(), Some("c#groups"));
}

#[test]
fn a_record_too_long_is_passed_over() {
    let limits = Limits { record_bytes: 1000, ..Limits::default() };
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(700_000));
    for (text, lines) in [
        (format!("{{\"a\":1}}\n{long}\n{{\"a\":2}}\n"), [1, 3]),
        (format!("[\n{{\"a\":1}},\n{long},\n{{\"a\":2}}]"), [2, 4]),
        (format!("{{\"value\":[{{\"a\":1}},\n\n{long},{{\"a\":2}}]}}"), [1, 3]),
    ] {
        let (handed, reading) = frame_with("x.json", text.as_bytes(), &limits);
        assert_eq!(handed.iter().map(|one| one.line).collect::<Vec<_>>(), lines);
        assert_eq!(reading.unreadable, 1);
        assert!(reading.problems[0].reason.contains("700008 bytes"), "{:?}", reading.problems);
    }
    // Slightly too long, whole in the window.
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(1000));
    let (handed, reading) = frame_with("x.json", format!("{long}\n{{}}").as_bytes(), &limits);
    assert_eq!((handed.len(), reading.unreadable), (1, 1));
    // Not too long but never closed.
    let many = format!("[\n{{\"a\":[{{}},\n{}]", "{\"a\":1},\n".repeat(100_000));
    let (handed, reading) = frame_with("x.json", many.as_bytes(), &limits);
    assert_eq!((handed.len(), reading.unreadable), (100_000, 1));
}

#[test]
fn records_that_are_no_text_are_unreadable() {
    let (handed, reading) =
        frame_with("x.jsonl", b"{\"a\":1}\n{\"a\":\"\xff\"}\n{\"a\":2}", &Limits::default());
    assert_eq!(handed.iter().map(|one| one.line).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(reading.problems[0].line, 2);
    assert!(reading.problems[0].reason.contains("UTF-8"));
}

#[test]
fn only_the_first_twenty_problems_are_kept() {
    let (_, reading) = frame("x.jsonl", &"{]\n".repeat(50));
    assert_eq!((reading.unreadable, reading.problems.len()), (50, 20));
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i16>().prop_map(|number| Value::from(f64::from(number) / 4.0)),
        "[ -~\n\u{e9}\u{2028}\u{1f600}]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z{}\\[\\]\"\\\\,:]{0,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn objects() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(
        prop::collection::btree_map("[a-z]{1,3}", values(), 1..5)
            .prop_map(|map| Value::Object(map.into_iter().collect())),
        0..6,
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_framing_of_the_same_values_gives_them_back(values in objects()) {
        let compact: Vec<String> = values.iter().map(Value::to_string).collect();
        let pretty: Vec<String> =
            values.iter().map(|value| serde_json::to_string_pretty(value).unwrap()).collect();
        let page = json!({"@odata.context": "c", "value": values, "@odata.count": 1});
        let hub = json!({"records": values});
        let list = json!(values);
        for text in [
            compact.join("\n"),
            compact.join("\r\n"),
            compact.concat(),
            pretty.join("\n"),
            pretty.concat(),
            list.to_string(),
            serde_json::to_string_pretty(&list).unwrap(),
            page.to_string(),
            serde_json::to_string_pretty(&page).unwrap(),
            hub.to_string(),
            format!("{hub}\n"),
            format!("[{}]", compact.join(",\n")),
        ] {
            let (handed, reading) = frame("x.json", &text);
            prop_assert_eq!(reading.unreadable, 0, "{}: {:?}", text, reading.problems);
            let back: Vec<Value> = handed
                .iter()
                .filter(|one| one.bytes != "empty list")
                .map(|one| serde_json::from_str(&one.bytes).unwrap())
                .collect();
            prop_assert_eq!(&back, &values, "{}", text);
        }
    }

    #[test]
    fn a_damaged_line_leaves_the_others(values in objects(), at in 0_usize..7, cut in 1_usize..40) {
        let mut lines: Vec<String> = values.iter().map(Value::to_string).collect();
        let at = at.min(lines.len());
        let victim = json!({"id": "x", "list": [{"a": 1}, 2], "text": "some text"}).to_string();
        lines.insert(at, victim.chars().take(cut).collect());
        let (handed, reading) = frame("x.jsonl", &lines.join("\n"));
        let back: Vec<Value> =
            handed.iter().map(|one| serde_json::from_str(&one.bytes).unwrap()).collect();
        prop_assert_eq!(&back, &values);
        prop_assert_eq!(reading.unreadable, 1);
        prop_assert_eq!(reading.problems[0].line, u64::try_from(at).unwrap() + 1);
    }
}
