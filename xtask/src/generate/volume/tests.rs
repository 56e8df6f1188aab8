use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value;

use super::super::json_text;
use super::record::World;
use super::{LEGACY_CLIENTS, Layout, Order, Variant, write_log};
use crate::generate::LAST_DAY;

const RECORDS: u64 = 1_500;

fn order(records: u64, seed: u64) -> Order {
    Order { records, seed, end: LAST_DAY }
}

/// Everything a variant writes, file after file in the order of their names.
fn written(variant: Variant, order: Order) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let bytes = write_log(folder.path(), variant, &order).unwrap();
    let mut text = Vec::new();
    read(folder.path(), &mut text);
    assert_eq!(u64::try_from(text.len()).unwrap(), bytes, "{variant:?}");
    text
}

fn read(path: &Path, text: &mut Vec<u8>) {
    if path.is_dir() {
        let mut names: Vec<_> =
            std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        names.iter().for_each(|name| read(name, text));
        return;
    }
    let bytes = std::fs::read(path).unwrap();
    if path.extension().is_some_and(|it| it == "gz") {
        GzDecoder::new(&bytes[..]).read_to_end(text).unwrap();
    } else {
        text.extend_from_slice(&bytes);
    }
}

fn lines(text: &[u8]) -> Vec<Value> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
}

/// What must be the same in every shape.
fn shown(record: &Value) -> Vec<String> {
    let names = [
        "/id",
        "/createdDateTime",
        "/userPrincipalName",
        "/userDisplayName",
        "/appDisplayName",
        "/clientAppUsed",
        "/authenticationProtocol",
        "/ipAddress",
        "/correlationId",
        "/status",
        "/appliedConditionalAccessPolicies",
        "/authenticationDetails",
    ];
    let text = |name| match record.pointer(name) {
        Some(Value::String(text)) => text.replace("+00:00", "Z"),
        Some(other) => json_text::line(other),
        None => panic!("{name} is missing"),
    };
    names.map(text).to_vec()
}

/// Rows of CSV, every cell without its quotation marks.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut characters) = (false, text.chars().peekable());
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    assert!(row.is_empty() && cell.is_empty() && !quoted, "the last row has no end");
    rows
}

#[test]
fn the_same_seed_is_the_same_text_and_another_is_not() {
    let first = written(Variant::Azure, order(500, 1));
    assert_eq!(first, written(Variant::Azure, order(500, 1)));
    assert_ne!(first, written(Variant::Azure, order(500, 2)));
}

#[test]
fn so_many_records_of_the_promised_size() {
    for records in [0, 1, 2, 719, RECORDS] {
        let text = written(Variant::Azure, order(records, 1));
        assert_eq!(u64::try_from(lines(&text).len()).unwrap(), records);
        if records > 100 {
            let each = u64::try_from(text.len()).unwrap() / records;
            assert!((3_900..=4_500).contains(&each), "a record has {each} bytes");
        }
        let page: Value =
            serde_json::from_slice(&written(Variant::Graph, order(records, 1))).unwrap();
        assert_eq!(u64::try_from(page["value"].as_array().unwrap().len()).unwrap(), records);
        let csv = String::from_utf8(written(Variant::Csv, order(records, 1))).unwrap();
        assert_eq!(u64::try_from(rows(&csv).len()).unwrap(), records + 1);
    }
}

#[test]
fn files_of_hours_and_packed_files_hold_the_text_of_the_one_file() {
    let one = written(Variant::Azure, order(RECORDS, 1));
    for variant in [Variant::Hourly, Variant::HourlyGz, Variant::Gz] {
        assert!(written(variant, order(RECORDS, 1)) == one, "{variant:?} differs");
    }
    let folder = tempfile::tempdir().unwrap();
    write_log(folder.path(), Variant::Hourly, &order(RECORDS, 1)).unwrap();
    let hour = "insights-logs-signinlogs/y=2026/m=11/d=20/h=09/m=00/PT1H.json";
    let text = std::fs::read(folder.path().join(hour)).unwrap();
    for record in lines(&text) {
        let created = record["properties"]["createdDateTime"].as_str().unwrap();
        assert!(created.starts_with("2026-11-20T09:"), "{created}");
    }
}

#[test]
fn sorted_and_spaced_are_the_same_records_in_other_text() {
    let azure = written(Variant::Azure, order(RECORDS, 1));
    let (sorted, spaced) =
        (written(Variant::Sorted, order(RECORDS, 1)), written(Variant::Spaced, order(RECORDS, 1)));
    let values = lines(&azure);
    assert!(values == lines(&sorted) && values == lines(&spaced));
    assert_eq!(azure.len(), sorted.len());
    let text = String::from_utf8(sorted).unwrap();
    let mut compared = 0;
    for line in text.lines().filter(|line| !line.contains("\\u")) {
        let value: Value = serde_json::from_str(line).unwrap();
        assert_eq!(json_text::line(&value), line);
        compared += 1;
    }
    assert!(compared > 400, "only {compared} lines are plain");
    let text = String::from_utf8(spaced).unwrap();
    assert!(!text.contains("\":\"") && !text.contains("\",\"") && !text.contains("},{"));
    assert!(text.contains("{\"time\": \"2026-") && text.contains("\", \"resourceId\": "));
}

#[test]
fn graph_and_csv_hold_the_same_records() {
    let values = lines(&written(Variant::Azure, order(RECORDS, 1)));
    let azure: Vec<_> = values.iter().map(|it| shown(&it["properties"])).collect();
    let page: Value = serde_json::from_slice(&written(Variant::Graph, order(RECORDS, 1))).unwrap();
    let graph: Vec<_> = page["value"].as_array().unwrap().iter().map(shown).collect();
    assert!(azure == graph, "Graph differs");
    let text = String::from_utf8(written(Variant::Csv, order(RECORDS, 1))).unwrap();
    let rows = rows(&text);
    let header = &rows[0];
    assert!((45..=50).contains(&header.len()), "{} columns", header.len());
    let column = |name: &str| header.iter().position(|it| it == name).unwrap();
    for (row, record) in rows[1..].iter().zip(&values) {
        assert_eq!(row.len(), header.len());
        let properties = &record["properties"];
        for (name, of) in [
            ("Id", "id"),
            ("UserDisplayName", "userDisplayName"),
            ("UserPrincipalName", "userPrincipalName"),
            ("AppDisplayName", "appDisplayName"),
            ("ClientAppUsed", "clientAppUsed"),
            ("IPAddress", "ipAddress"),
        ] {
            assert_eq!(row[column(name)], properties[of].as_str().unwrap());
        }
        for (name, of) in [
            ("DeviceDetail", "deviceDetail"),
            ("Status", "status"),
            ("LocationDetails", "location"),
            ("ConditionalAccessPolicies", "appliedConditionalAccessPolicies"),
            ("AuthenticationDetails", "authenticationDetails"),
        ] {
            let cell: Value = serde_json::from_str(&row[column(name)]).unwrap();
            assert_eq!(cell, properties[of], "{name}");
        }
    }
}

#[test]
fn the_log_is_what_a_tenant_of_that_size_writes() {
    let values = lines(&written(Variant::Azure, order(8_000, 1)));
    let share = |wanted: &dyn Fn(&Value) -> bool| {
        values.iter().filter(|it| wanted(it)).count() * 1000 / values.len()
    };
    let legacy = |it: &Value| {
        let client = it["properties"]["clientAppUsed"].as_str().unwrap();
        LEGACY_CLIENTS.contains(&client)
    };
    assert!((25..=35).contains(&share(&legacy)), "{} in 1000 legacy", share(&legacy));
    let failed = |it: &Value| it["properties"]["status"]["errorCode"] != 0;
    assert!((70..=90).contains(&share(&failed)), "{} in 1000 failed", share(&failed));
    let accented = |it: &Value| !it["identity"].as_str().unwrap().is_ascii();
    assert!((350..=650).contains(&share(&accented)), "{} in 1000 accented", share(&accented));
    let quoted = |it: &Value| it["properties"]["appDisplayName"].as_str().unwrap().contains('"');
    assert!(share(&quoted) > 2, "no application has quotation marks");
    // Every tried-again sign-in: what did not succeed, and the success after it.
    let mut open: BTreeMap<&str, &Value> = BTreeMap::new();
    let mut answered = 0;
    for record in &values {
        let correlation = record["correlationId"].as_str().unwrap();
        match open.remove(correlation) {
            Some(before) if !failed(record) => {
                assert_eq!(before["properties"]["userId"], record["properties"]["userId"]);
                assert_ne!(before["properties"]["id"], record["properties"]["id"]);
                answered += 1;
            }
            _ if failed(record) => drop(open.insert(correlation, record)),
            _ => {}
        }
    }
    assert!(answered > 150, "{answered} tried again");
    let ids: std::collections::BTreeSet<_> =
        values.iter().map(|it| it["properties"]["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), values.len(), "ids repeat");
}

#[test]
fn the_hours_share_every_record_and_users_do_not_run_out() {
    for records in [1, 1_000_000, 20_000_000] {
        let world = World::new(records, 1, LAST_DAY).unwrap();
        assert_eq!(world.hours().len(), 720);
        assert_eq!(world.hours().iter().map(|hour| hour.records).sum::<u64>(), records);
        assert_eq!(world.users(), if records < 10_000_000 { 40_000 } else { 100_000 });
    }
    let world = World::new(1_000_000, 1, LAST_DAY).unwrap();
    let busiest = world.hours().iter().map(|hour| hour.records).max().unwrap();
    let quietest = world.hours().iter().map(|hour| hour.records).min().unwrap();
    assert!(quietest > 0 && busiest > 20 * quietest, "{quietest} to {busiest} an hour");
}

#[test]
fn an_error_of_the_writer_ends_the_writing() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("no space left"))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let world = World::new(RECORDS, 1, LAST_DAY).unwrap();
    let error = super::write_one(&mut Full, &world, &Layout::of(Variant::Azure)).unwrap_err();
    assert!(error.to_string().contains("no space left"));
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(write_log(file.path(), Variant::Hourly, &order(10, 1)).is_err());
}
