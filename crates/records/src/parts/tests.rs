use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Handed, Part, Parts, Unpacked, parts};
use crate::csv::{Contrary, CsvRow, PartRow};
use crate::limits::Limits;
use crate::record::{Offer, Record, Unreadable};
use crate::source::{Format, Reading, Source, read, walk};

/// What was handed out: line, `@odata.context`, bytes or cells.
type Taken = (u64, Option<String>, String);

fn shown(row: &CsvRow<'_>) -> String {
    let cells: Vec<&str> = (0..row.count()).map(|at| row.cell(at).unwrap()).collect();
    format!("{:?} {cells:?} {:?}", row.header.names(), row.date_order)
}

fn taken(record: &Record<'_>) -> Taken {
    match record {
        Record::Json(record) => {
            let text = std::str::from_utf8(record.bytes).unwrap().to_owned();
            (record.line, record.context.map(str::to_owned), text)
        }
        Record::Csv(row) => (row.line, None, shown(row)),
        Record::EmptyList { context } => (0, context.map(str::to_owned), "empty".to_owned()),
    }
}

/// What a reading came to, in an order of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    format: Format,
    taken: Vec<Taken>,
    unreadable: u64,
    problems: Vec<Unreadable>,
    notes: Vec<String>,
}

fn whole(source: &Source, limits: &Limits) -> Outcome {
    let mut all = Vec::new();
    let reading = read(source, limits, &mut |_| {}, &mut |record| {
        all.push(taken(record));
        Offer::Taken
    });
    all.sort();
    let Reading { format, unreadable, problems, notes, .. } = reading.unwrap();
    Outcome { format, taken: all, unreadable, problems, notes }
}

/// As a driver does it, one part after the other.
struct Driver {
    outcome: Outcome,
    lines_before: u64,
    contrary: Option<Contrary>,
    handed: Vec<Handed>,
}

impl Driver {
    fn add(&mut self, reading: Reading, all: Vec<Taken>, lines_before: u64) {
        self.outcome.unreadable += reading.unreadable;
        self.outcome.problems.extend(reading.problems.into_iter().map(|problem| Unreadable {
            line: if problem.line == 0 { 0 } else { problem.line + lines_before },
            ..problem
        }));
        for note in reading.notes {
            if !self.outcome.notes.contains(&note) {
                self.outcome.notes.push(note);
            }
        }
        self.outcome.format = reading.format;
        let moved = |(line, context, text)| {
            (if line == 0 { 0 } else { line + lines_before }, context, text)
        };
        self.outcome.taken.extend(all.into_iter().map(moved));
    }

    /// In one piece, or text by text.
    fn text(&mut self, part: &Part, in_one: bool) {
        let length = part.bytes().len();
        let (mut at, mut line) = (0, 1);
        while at < length {
            let end = if in_one { length } else { part.cut_behind(at) };
            let mut all = Vec::new();
            let reading = part.frame(at..end, line, &mut |record| {
                all.push(taken(record));
                Offer::Taken
            });
            self.add(reading, all, self.lines_before);
            line += super::part::line_breaks(&part.bytes()[at..end]);
            at = end;
        }
        assert_eq!(line - 1, part.lines());
        self.lines_before += part.lines();
    }

    fn rows(&mut self, part: &Part) {
        self.outcome.format = Format::Csv;
        let mut rows = part.rows().unwrap();
        while let Some(row) = rows.next() {
            match row {
                PartRow::Row(row) => {
                    self.outcome.taken.push((row.line + self.lines_before, None, shown(&row)));
                }
                PartRow::Unreadable { line, reason } => {
                    self.outcome.unreadable += 1;
                    let file = part.name().to_owned();
                    let line = line + self.lines_before;
                    self.outcome.problems.push(Unreadable { file, line, reason });
                }
            }
        }
        if let Some(contrary) = rows.contrary() {
            let line = contrary.line + self.lines_before;
            let contrary = Contrary { line, ..contrary };
            self.contrary = Some(self.contrary.map_or(contrary, |before| before.and(contrary)));
        }
        self.lines_before += part.lines();
    }
}

fn in_parts(source: &Source, limits: &Limits, size: usize, most: usize, in_one: bool) -> Driver {
    let mut parts = Parts::open(source, limits, size, most).unwrap();
    let outcome = Outcome {
        format: Format::Other,
        taken: Vec::new(),
        unreadable: 0,
        problems: Vec::new(),
        notes: Vec::new(),
    };
    let mut driver = Driver { outcome, lines_before: 0, contrary: None, handed: Vec::new() };
    let mut part = Part::new();
    let mut table = None;
    loop {
        let handed = parts.next(&mut part);
        driver.handed.push(handed);
        let unpacked = if handed == Handed::Packed { part.unpack() } else { Unpacked::Whole };
        match (handed, unpacked) {
            (Handed::Text, _) | (_, Unpacked::Text) => driver.text(&part, in_one),
            (Handed::Rows, _) | (_, Unpacked::Rows) => driver.rows(&part),
            (Handed::Packed, Unpacked::Whole) => {
                driver.outcome = whole(source, limits);
                return driver;
            }
            (Handed::Rest, _) => {
                let told = parts.consumed();
                let mut more = 0;
                let mut all = Vec::new();
                let before = driver.lines_before;
                let rest = parts.read_rest(before, &mut |bytes| more += bytes, &mut |record| {
                    all.push(taken(record));
                    Offer::Taken
                });
                assert!(told + more <= source.bytes);
                driver.add(rest.reading, all, 0);
                let both = driver.contrary.zip(rest.contrary).map(|(one, other)| one.and(other));
                driver.contrary = both.or(driver.contrary).or(rest.contrary);
                break;
            }
            (Handed::End, _) => {
                assert_eq!(parts.consumed(), source.bytes);
                break;
            }
        }
        table = part.table().map(Arc::clone).or(table);
    }
    if let Some(table) = table {
        for note in table.notes(&source.name, driver.contrary) {
            driver.outcome.notes.push(note);
        }
    }
    driver.outcome.taken.sort();
    driver.outcome.problems.truncate(20);
    driver
}

/// One file in a folder of its own.
fn with_file(name: &str, bytes: &[u8], check: impl FnOnce(&[Source])) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    let (sources, _) = walk(folder.path(), &Limits::default()).unwrap();
    check(&sources);
}

const SIZES: [(usize, usize); 6] =
    [(1, 1), (7, 14), (16, 1 << 20), (64, 256), (1000, 1 << 20), (512 << 10, 4 << 20)];

/// Only what is different is shown.
fn assert_same(found: &Outcome, expected: &Outcome, text: &str) {
    let first = |one: &Outcome, other: &Outcome| {
        one.taken.iter().find(|taken| !other.taken.contains(taken)).cloned()
    };
    assert_eq!(first(found, expected), first(expected, found), "{text:?}");
    assert_eq!(found.problems, expected.problems, "{text:?}");
    assert!(found == expected, "{text:?}");
}

/// Parts of every size come to what the whole does.
fn same(name: &str, bytes: &[u8], limits: &Limits) {
    with_file(name, bytes, |sources| {
        for source in sources {
            let expected = whole(source, limits);
            for (size, most) in SIZES {
                for in_one in [true, false] {
                    let driver = in_parts(source, limits, size, most, in_one);
                    let given = String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]);
                    assert_same(&driver.outcome, &expected, &format!("{name} {size} {given}"));
                }
            }
        }
    });
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    writer.start_file(name, options).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap().into_inner()
}

#[test]
fn damaged_texts_come_to_the_same() {
    for text in [
        "",
        " \r\n\t\n",
        "{",
        "[",
        "}",
        "[{",
        "{\"a\":1}\n{\"a\":\"x\n{\"a\":2}\n",
        "{\"a\":1}\n{\"a\":{\"b\":1}\n{\"a\":2}\n",
        "{\"a\":1}\n{\"a\":[1,\n{\"a\":2}\n{\"a\":3}",
        "{\"a\":1}\n{\"a\":[{\"b\":1}\n{\"a\":2}\n{\"a\":3}",
        "{\"a\":1}\n{\"a\":\"}\n{\"a\":2}\n{\"a\":3}",
        "{\"a\":1}\ngarbage\n{\"a\":2}\n",
        "{\"a\":1}\ngarbage}\n{\"a\":2}\n",
        "garbage\n{\"a\":2}\n",
        "{\"a\":1}}\n{\"a\":2}",
        "{\"a\":1}\n{\"a\":tr",
        "{\"a\":1}\n{\"a\":\"\\",
        "{\"a\" 1}\n{\"a\":2}",
        "{\"a\":1}{\"a\" 1}{\"a\":2}\n{\"a\":3}",
        "{\n  \"a\": 1\n}\n{\n  \"a\": \"x,\n  \"b\": [\n    {\n      \"c\": 1\n    }\n  ]\n}\n{\n  \"a\": 2\n}\n",
        "[{\"id\":1,\"k\":0},{\"id\":\"x},{\"id\":2,\"k\":0},{\"id\":3,\"k\":0}]",
        "[\n{\"a\":1},\n{\"a\":\"x},\n{\"a\":2},\n{\"a\":[{\"b\":1},\n{\"a\":3}\n]\n",
        "{\"value\":[{\"a\":1},{\"a\":2}",
        "{\"value\":[{\"a\":1},{\"a\":2",
        "{\"records\":[{\"a\":1},{\"a\":\"x}]}\n{\"records\":[{\"a\":3}]}\n",
        "{\"records\":[{\"a\":1},{\"a\":2\n{\"records\":[{\"a\":3}]}\n",
        "{\"value\":[\n{\"a\":1},\n{\"a\":\"x}\n]}\n{\"value\":[\n{\"a\":3}\n]}",
    ] {
        same("x.json", text.as_bytes(), &Limits::default());
        same("x.txt", text.as_bytes(), &Limits::default());
    }
    let text = b"{\"a\":1}\n{\"a\":\"\xff\"}\n{\"a\":2}";
    same("x.json", text, &Limits::default());
}

#[test]
fn every_framing_and_packing_comes_to_the_same() {
    let page =
        "{\"@odata.context\":\"c\",\"@odata.nextLink\":\"x\",\"value\":[{\"a\":1},\n{\"a\":2}]}\n";
    for text in [
        "{\"a\":1}".to_owned(),
        "{\"a\":1}\n".repeat(40),
        "\r\n {\"a\":1}\r\n\r\n{\"a\":2}\r\n{\"a\":3} \r\n{\"a\":4}".to_owned(),
        "{\"a\":1}{\"a\":2} {\"a\":3}".to_owned(),
        "{\"a\":1},\n{\"a\":2},\n".to_owned(),
        "\u{1e}{\"a\":1}\n\u{1e}{\"a\":2}\n".to_owned(),
        "\u{feff}{\"a\":1}\n\u{feff}{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n".to_owned(),
        "[\n{\"a\":1},\n{\"a\":2},\n]".to_owned(),
        "[]".to_owned(),
        "{\"Value\": [ ]}".to_owned(),
        "{\"RECORDS\":[{\"a\":1}],\"count\":1}\n{\"records\":[{\"a\":2}]}".to_owned(),
        "{\"p\":{\"value\":[{\"a\":1}]}}\n{\"value\":[1,2]}".to_owned(),
        page.to_owned(),
        page.repeat(9),
        format!("{{\"a\":\"{}\"}}\n{{\"a\":2}}\n{{\"a\":3}}", "x}".repeat(3000)),
        "a,b\n1,2\n3,4\n".to_owned(),
        "\u{feff}a,b\r\n1,2\r\n3,4".to_owned(),
        "<html>\n<body>".to_owned(),
    ] {
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let (start, end) = text.as_bytes().split_at(text.len() / 2);
        for (name, bytes) in [
            ("x.json", text.as_bytes().to_vec()),
            ("x.csv", text.as_bytes().to_vec()),
            ("x.json.gz", gz(text.as_bytes())),
            ("x.gz", [gz(start), gz(end)].concat()),
            ("x.gz", gz(&gz(text.as_bytes()))),
            ("x.zip", zipped("x.json", text.as_bytes())),
            ("x.zip", zipped("x.gz", &gz(text.as_bytes()))),
            ("x.json", utf16),
        ] {
            same(name, &bytes, &Limits::default());
        }
    }
}

#[test]
fn damaged_rows_come_to_the_same() {
    let filler = "1,2\n".repeat(30);
    let dates = "1/2/2021,x\n".repeat(300);
    for text in [
        "a,b\n1,\"x\n3,4\n5,6\n".to_owned(),
        format!("a,b\n1,\"x\n3,4\n5,6\n{filler}"),
        "a,b\n1,\"x\n".to_owned(),
        "a,b,c\n1,\"x,2\n3,\"y\",4\n5,6,7\n".to_owned(),
        "a,b\n1,2\n3,\"[\n  {".to_owned(),
        "a,b,c\n1,2,3\n4,5".to_owned(),
        "\"a,b\n1,2\n3,4\n".to_owned(),
        "a;b\n1,5;2\n".to_owned(),
        "a\tb\n1\t2\n".to_owned(),
        "\"a,b,c\";b\n1;2\n".to_owned(),
        "sep=;\na;b,c,d\n1;2\n".to_owned(),
        "sep=x\naxbxc\n1x2x\"3\nx\"\n\"\",\n".to_owned(),
        "a,b\n\"x\r\ny\",2\r\n3,4\r\n".to_owned(),
        "a,b\n\"x\"\"y\",\"\"\n".to_owned(),
        "a,b\nx\"y,\"x\"z\n3,4\n\"x\"\"\"z,5\n".to_owned(),
        format!("a,b\nx\"y,1\n{filler}"),
        "a,b\n1\n\n1,2,3\n,\n".to_owned(),
        "a,b,c\n\"[\n{}\n]\",2,3,4\n1,2,3\n1,2,3\n".to_owned(),
        "a,b\n1,2\na,b\n3,4\n\"a\",b\n\"a\",\"b\"\na,b\n".to_owned(),
        "only a line".to_owned(),
        "one\ntwo\n\n\"\"\n\r\n\"three\"\r\n".to_owned(),
        "a,b\r\n\"1\",\"2\"\r\n\"3\"\r,4\r\n5,\"6\r\"\n7,8\r\r\n".to_owned(),
        format!("Date,b\n{dates}19/5/2021,x\n5/19/2021,x\n"),
        format!("Date,b\n{dates}"),
        format!("Date,b\n19/5/2021,x\n{dates}5/19/2021,x\n5/20/2021,x"),
        format!("Date,b\n2021-05-19,x\n{dates}5/19/2021,x\n5/20/2021,x"),
        format!("a,b\n1,{}\n3,4\n{filler}", "x".repeat(2000)),
        format!("a,b\n1,\"{}\"\n3,4\n{filler}", "x\n".repeat(1000)),
    ] {
        for bytes in [text.as_bytes(), &gz(text.as_bytes()), &zipped("x.csv", text.as_bytes())] {
            same("x.csv", bytes, &Limits::default());
        }
        same(
            "x.csv",
            text.as_bytes(),
            &Limits { record_bytes: 1000, columns: 3, ..Limits::default() },
        );
    }
    same("x.csv", b"a,b\n1,\xff\n\xc3,\xa9\n3,4\n\"\xc3\"\xa9,5\n", &Limits::default());
    same("x.csv", b"a,Pr\xe9nom,c\n1,2,3\n4,5,6\n", &Limits::default());
}

#[test]
fn damaged_and_hostile_archives_come_to_the_same() {
    let lines: String =
        (0..3000).map(|at| format!("{{\"id\":{at},\"x\":{}}}\n", at * 7919)).collect();
    let rows: String = (0..3000).map(|at| format!("{at},{}\n", at * 7919)).collect();
    let rows = format!("id,x\n{rows}");
    for text in [lines, rows] {
        let packed = gz(text.as_bytes());
        let mut damaged = packed.clone();
        for byte in damaged.iter_mut().skip(packed.len() / 2).take(64) {
            *byte ^= 0x55;
        }
        let mut length = packed.clone();
        let last = length.len() - 2;
        length[last] ^= 1;
        let mut sum = packed.clone();
        let last = sum.len() - 6;
        sum[last] ^= 1;
        for bytes in [
            packed[..packed.len() / 2].to_vec(),
            damaged.clone(),
            length,
            sum,
            [packed.clone(), packed.clone()].concat(),
            [packed.clone(), packed[..20].to_vec()].concat(),
            [packed.clone(), b"behind".to_vec()].concat(),
            [packed.clone(), packed[packed.len() - 8..].to_vec()].concat(),
        ] {
            with_file("x.gz", &bytes, |sources| {
                let limits = Limits::default();
                let driver = in_parts(&sources[0], &limits, 1000, 4 << 20, true);
                let expected = whole(&sources[0], &limits);
                assert!(driver.outcome == expected);
                // Not as a small file.
                let limits = Limits { inflated_free: 1 << 10, ..limits };
                let driver = in_parts(&sources[0], &limits, 1000, 4 << 20, true);
                assert!(!driver.handed.contains(&Handed::Packed));
                let expected = whole(&sources[0], &limits);
                if bytes == damaged {
                    // How much came out before depends on how much was asked for.
                    let taken = driver.outcome.taken;
                    assert!(taken.len() > 100);
                    let both = taken.len().min(expected.taken.len());
                    assert_eq!(taken[..both], expected.taken[..both]);
                    let reasons = [&driver.outcome.problems, &expected.problems]
                        .map(|problems| &problems.last().unwrap().reason);
                    assert_eq!(reasons[0], reasons[1]);
                } else {
                    assert!(driver.outcome == expected);
                }
            });
        }
        let bomb = format!("{text}{}", "\n".repeat(2 << 20));
        let limits = Limits { inflate_ratio: 20, inflated_free: 1 << 18, ..Limits::default() };
        for (name, bytes) in
            [("x.gz", gz(bomb.as_bytes())), ("x.zip", zipped("x.txt", bomb.as_bytes()))]
        {
            with_file(name, &bytes, |sources| {
                let driver = in_parts(&sources[0], &limits, 1000, 4 << 20, true);
                let expected = whole(&sources[0], &limits);
                let [problem] = &driver.outcome.problems[..] else { panic!() };
                assert!(problem.reason.contains("more than 20 times"));
                assert_eq!(problem.reason, expected.problems[0].reason);
                assert!(driver.outcome.taken == expected.taken);
            });
        }
    }
}

/// Lines of JSON of which some are damaged, and what a list or an envelope looks like.
fn lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        4 => "[a-z]{1,9}".prop_map(|text| format!("{{\"id\":\"{text}\",\"l\":[{{\"a\":1}}]}}")),
        1 => "[a-z]{1,3}".prop_map(|text| format!("{{\n  \"id\": \"{text}\",\n  \"o\": {{\n  }}\n}}")),
        1 => Just("{\"records\":[{\"a\":1},{\"a\":2}]}".to_owned()),
        // No list is opened that is not closed: what follows would be in it.
        1 => "[{}\\]\",:a1 \\\\\n]{0,12}",
        1 => "[a1,:\" \\\\]{0,12}".prop_map(|text| format!("{{\"a\":[{{{text}")),
        1 => "[{}\",:a\n]{0,5}}\n",
    ];
    let end = prop::sample::select(vec!["\n", "\r\n", " \n", "\n\n"]);
    prop::collection::vec((line, end), 0..24)
        .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
}

/// Rows of which some are damaged.
fn table() -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        6 => "[a-z0-9]{0,5}",
        2 => "[a-z,\n\r]{0,5}".prop_map(|text| format!("\"{text}\"")),
        1 => "[a-z]{0,3}".prop_map(|text| format!("\"{text}\"\"{text}\"")),
        1 => Just("5/19/2021".to_owned()),
        1 => Just("19/5/2021".to_owned()),
    ];
    let row = prop_oneof![
        12 => prop::collection::vec(cell, 3).prop_map(|cells| cells.join(",")),
        1 => Just("a,b,c".to_owned()),
        1 => "[a,\"\n\r\u{e9}]{0,12}",
        1 => "[a\"]{0,3},\"[a,\n]{0,9}\",a",
    ];
    let end = prop::sample::select(vec!["\n", "\r\n", "\n\n"]);
    prop::collection::vec((row, end), 0..40)
        .prop_map(|rows| rows.into_iter().map(|(row, end)| row + end).collect())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(62),
        ..ProptestConfig::default()
    })]

    #[test]
    fn drawn_texts_come_to_the_same(text in lines(), size in 1_usize..200, in_one in any::<bool>()) {
        let limits = Limits { record_bytes: 300, ..Limits::default() };
        // Of several values on one line, damage may cost more or less by what the first one in the
        // file looked like.
        let signs: String = text.chars().filter(|sign| !matches!(sign, ' ' | ',')).collect();
        prop_assume!(!signs.contains("}{") && !signs.contains("]{"));
        with_file("x.json", format!("{{\"first\":1}}\n{text}").as_bytes(), |sources| {
            let expected = whole(&sources[0], &limits);
            let driver = in_parts(&sources[0], &limits, size, size * 8, in_one);
            assert_same(&driver.outcome, &expected, &text);
        });
    }

    #[test]
    fn drawn_rows_come_to_the_same(text in table(), size in 1_usize..200, last in any::<bool>()) {
        let limits = Limits { columns: 3, ..Limits::default() };
        let text = format!("a,b,c\n{text}");
        let text = if last { text.trim_end() } else { &text };
        for limits in [limits, Limits::default()] {
            with_file("x.csv", text.as_bytes(), |sources| {
                let expected = whole(&sources[0], &limits);
                let driver = in_parts(&sources[0], &limits, size, size * 8, true);
                assert_same(&driver.outcome, &expected, text);
            });
        }
    }
}

#[test]
fn parts_may_go_from_thread_to_thread() {
    fn sendable<T: Send>() {}
    sendable::<Parts>();
    sendable::<Part>();
}

#[test]
fn a_list_left_open_ends_where_the_next_text_begins() {
    // In one piece the second line is an element of the list.
    let text = "{\"records\":[{\"a\":1},{\"a\":2}\n{\"records\":[{\"a\":3}]}\n{\"a\":4}\n";
    with_file("x.json", text.as_bytes(), |sources| {
        let limits = Limits::default();
        let driver = in_parts(&sources[0], &limits, 8, 1 << 20, true);
        let records: Vec<&str> =
            driver.outcome.taken.iter().map(|(_, _, text)| text.as_str()).collect();
        assert_eq!(records, ["{\"a\":1}", "{\"a\":2}", "{\"a\":3}", "{\"a\":4}"]);
        let [problem] = &driver.outcome.problems[..] else { panic!() };
        assert_eq!(problem.line, 1);
        assert!(problem.reason.contains("not closed before the next record"));
        assert_eq!(whole(&sources[0], &limits).unreadable, 1);
    });
}

#[test]
fn a_part_is_as_long_as_was_asked_for() {
    let text = "{\"id\":\"0123456789\"}\n".repeat(1000);
    let rows = format!("a,b\n{}", "0123456789,\"9876543210\"\n".repeat(1000));
    for (name, text) in [("x.json", text), ("x.csv", rows)] {
        with_file(name, text.as_bytes(), |sources| {
            let mut parts = Parts::open(&sources[0], &Limits::default(), 1000, 4000).unwrap();
            let mut part = Part::new();
            let mut joined = Vec::new();
            while parts.next(&mut part) != Handed::End {
                assert!((970..=1000).contains(&part.bytes().len()) || part.is_last());
                joined.extend_from_slice(part.bytes());
            }
            assert_eq!(joined, text.as_bytes());
        });
    }
}

#[test]
fn a_file_that_is_gone_cannot_be_opened() {
    with_file("x.json", b"{}", |sources| {
        let folder = sources[0].path.parent().unwrap();
        fs::remove_file(&sources[0].path).unwrap();
        assert!(folder.is_dir());
        let error = parts(&sources[0], &Limits::default()).err().unwrap();
        assert_eq!(error.to_string(), "cannot open `x.json`");
    });
}

#[test]
fn every_file_at_hand_comes_to_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut compared = 0;
    for folder in ["examples/ne", "../shared/samples", "../../shared/samples"] {
        let Ok((sources, _)) = walk(&root.join(folder), &Limits::default()) else {
            eprintln!("skipped: no folder `{folder}` in the workspace");
            continue;
        };
        for source in sources {
            let expected = whole(&source, &Limits::default());
            for (size, most) in [(3000, 4 << 20), (512 << 10, 4 << 20)] {
                let driver = in_parts(&source, &Limits::default(), size, most, true);
                assert_same(&driver.outcome, &expected, &source.name);
            }
            compared += 1;
        }
    }
    assert!(compared > 10, "{compared}");
}
