use std::fs;
use std::io::{Cursor, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Handed, Part, Parts, Unpacked};
use crate::csv::{Contrary, CsvRow, PartRow, Wanted};
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
        let mut rows = part.rows(&Wanted::all()).unwrap();
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

/// Parts of every size come to what the whole does.
fn same(name: &str, bytes: &[u8], limits: &Limits) {
    with_file(name, bytes, |sources| {
        for source in sources {
            let expected = whole(source, limits);
            for (size, most) in SIZES {
                for in_one in [true, false] {
                    let driver = in_parts(source, limits, size, most, in_one);
                    let given = String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]);
                    assert_eq!(driver.outcome, expected, "{name} {size} {given}");
                }
            }
        }
    });
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
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
