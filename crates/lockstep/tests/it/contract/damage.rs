//! Damaged files: counted, named, and never the end of the others.

use serde_json::json;

use super::folder::{audit, gzip, zip};
use super::record::{graph, lines, page, table, table_csv};

fn three() -> Vec<serde_json::Value> {
    (1..=3).map(|number| graph(json!({"id": format!("r{number}")}))).collect()
}

/// The first part of a file, in tenths.
fn cut(bytes: &[u8], tenths: usize) -> Vec<u8> {
    bytes[..bytes.len() * tenths / 10].to_vec()
}

#[test]
fn a_damaged_file_is_exit_8_and_the_rest_is_told() {
    let good = graph(json!({"id": "good"})).to_string().into_bytes();
    let list = serde_json::Value::from(three()).to_string();
    let rows = table_csv(&[
        table(json!({"Id": "r1"})),
        table(json!({"Id": "r2"})),
        table(json!({"Id": "r3"})),
    ]);
    let mut flipped = gzip(lines(&three()).repeat(1));
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    for (name, file, bytes, least) in [
        ("packed lines cut off", "a.json.gz", cut(&gzip(lines(&three())), 6), 0),
        ("packed lines with a wrong byte", "a.json.gz", flipped, 0),
        (
            "a packed file of a few bytes",
            "a.gz",
            cut(&gzip(lines(&three())), 0).into_iter().chain([0x1f, 0x8b, 8]).collect(),
            0,
        ),
        ("list cut in the middle", "a.json", cut(list.as_bytes(), 5), 1),
        ("page cut in the middle", "a.json", cut(page(&three()).as_bytes(), 9), 2),
        ("last line cut", "a.json", cut(lines(&three()).as_bytes(), 9), 2),
        (
            "a line of garbage",
            "a.json",
            lines(&three()).replacen('\n', "\n!!garbage!!\n", 1).into_bytes(),
            3,
        ),
        (
            "a record without its last bracket",
            "a.json",
            lines(&three()).replacen("}\n", "\n", 1).into_bytes(),
            2,
        ),
        ("table cut in the last row", "a.csv", cut(rows.as_bytes(), 9), 2),
        ("zip cut off", "a.zip", cut(&zip(&[("a.json", &lines(&three()))]), 5), 0),
    ] {
        let audited = audit(&[(file, bytes), ("good", good.clone())]);
        assert_eq!(audited.code, 8, "{name}: {}", audited.stderr);
        let [read, unreadable, _] = audited.records();
        assert!(unreadable >= 1, "{name}");
        assert!(read > least, "{name}: {read} read");
        assert_eq!(audited.totals()[0], read, "{name}");
        assert!(
            audited.stderr.contains(&format!("unreadable: {file}")),
            "{name}: {}",
            audited.stderr
        );
    }
}

#[test]
fn every_bad_line_is_counted_and_the_first_twenty_are_shown() {
    let mut text = lines(&three());
    for _ in 0..25 {
        text.push_str(
            "{\"category\":\"SignInLogs\",\"properties\":{\"userId\":\"u\",\"appId\":\"a\"}}\n",
        );
    }
    let audited = audit(&[("a.jsonl", text)]);
    assert_eq!((audited.code, audited.records()), (8, [3, 25, 0]));
    assert!(audited.stderr.contains("unreadable: a.jsonl:4: no time"), "{}", audited.stderr);
    assert_eq!(audited.stderr.matches("unreadable: a.jsonl:").count(), 20);
    assert!(audited.stderr.contains("unreadable: 5 more"), "{}", audited.stderr);
}

#[test]
fn nothing_readable_at_all_is_exit_1() {
    for (file, bytes) in [
        ("a.json.gz", cut(&gzip(lines(&three())), 2)),
        ("a.json", b"{\"userId\": \"u\", \"clientAppUsed\": \"IMAP4\"".to_vec()),
        ("a.txt", b"hello".to_vec()),
    ] {
        let audited = audit(&[(file, bytes)]);
        assert_eq!(audited.code, 1, "{file}");
        assert!(audited.stderr.contains(file), "{file}: {}", audited.stderr);
    }
}
