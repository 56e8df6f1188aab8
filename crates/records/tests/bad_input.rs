//! What must not end a run: damaged, hostile and vanishing files.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use records::{Format, Limits, Offer, Reading, Record, read, read_bytes, walk};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const LINES: &str = "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n";
const TABLE: &str = "id,name\n1,one\n2,two\n3,three\n";

fn bytes_of(name: &str, bytes: &[u8]) -> Reading {
    bytes_within(name, bytes, &Limits::default())
}

fn bytes_within(name: &str, bytes: &[u8], limits: &Limits) -> Reading {
    read_bytes(name, bytes, limits, &mut |record| {
        if let Record::Csv(row) = record {
            for at in 0..row.count() {
                assert!(row.cell(at).is_some());
            }
        }
        Offer::Taken
    })
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zipped(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units
        .flat_map(|unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
        .collect()
}

fn only_reason(reading: &Reading) -> &str {
    assert_eq!((reading.unreadable, reading.problems.len()), (1, 1), "{reading:?}");
    &reading.problems[0].reason
}

#[test]
fn files_without_records_hand_out_nothing() {
    let noise: Vec<u8> = (0..5000_u32).map(|at| u8::try_from(at * 7919 % 251).unwrap()).collect();
    let table: [(&str, &[u8], usize); 12] = [
        ("empty.csv", b"", 1),
        ("blank.json", b" \r\n\t\n", 0),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 0),
        ("picture.json", b"\xff\xd8\xff\xe0\0\x10JFIF", 0),
        ("report.pdf", b"%PDF-1.7\n{}", 0),
        ("noise.bin", &noise, 0),
        ("page.html", b"<!DOCTYPE html>\n<p>a,b</p>", 0),
        ("settings.ini", b"[section]\nkey=value\n", 0),
        ("readme.md", b"[link](https://ne.example)\n", 0),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 1),
        ("packed.7z", b"7z\xbc\xaf\x27\x1c", 1),
        ("twice.gz", &gz(&gz(LINES.as_bytes())), 1),
    ];
    for (name, bytes, notes) in table {
        let reading = bytes_of(name, bytes);
        assert_eq!(reading.format, Format::Other, "{name}");
        assert_eq!((reading.taken, reading.unreadable), (0, 0), "{name}");
        assert_eq!(reading.notes.len(), notes, "{name}: {:?}", reading.notes);
    }
}

#[test]
fn every_packing_and_encoding_gives_the_same() {
    for (name, text) in [("x.json", LINES), ("x.csv", TABLE)] {
        let crlf = text.replace('\n', "\r\n");
        let two_members = [gz(&text.as_bytes()[..12]), gz(&text.as_bytes()[12..])].concat();
        let packed = gz(text.as_bytes());
        let all = [
            text.as_bytes().to_vec(),
            text.trim_end().as_bytes().to_vec(),
            crlf.into_bytes(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            utf16(text, true, true),
            utf16(text, false, true),
            utf16(text, true, false),
            utf16(text, false, false),
            packed.clone(),
            gz(&utf16(text, false, true)),
            two_members,
            zipped(&[(name, text.as_bytes())], CompressionMethod::Deflated),
            zipped(&[(name, text.as_bytes())], CompressionMethod::Stored),
            zipped(&[("x.gz", &packed)], CompressionMethod::Deflated),
        ];
        for (at, bytes) in all.iter().enumerate() {
            let reading = bytes_of(name, bytes);
            assert_eq!((reading.taken, reading.unreadable), (3, 0), "{name} {at}: {reading:?}");
        }
    }
}

#[test]
fn a_truncated_gzip_is_used_as_far_as_it_goes() {
    let lines: String =
        (0..20_000).map(|at| format!("{{\"id\":{at},\"x\":{}}}\n", at * 7919)).collect();
    let rows: String = (0..20_000).map(|at| format!("{at},{}\n", at * 7919)).collect();
    let rows = format!("id,x\n{rows}");
    for (name, text) in [("x.json.gz", lines), ("x.csv.gz", rows)] {
        let packed = gz(text.as_bytes());
        let reading = bytes_of(name, &packed[..packed.len() / 2]);
        assert!(reading.taken > 5000, "{name}: {}", reading.taken);
        assert!(only_reason(&reading).contains("in the middle of its compressed data"));
        assert!(reading.problems[0].line > 5000);
        // Damaged instead of short.
        let mut damaged = packed.clone();
        for byte in damaged.iter_mut().skip(packed.len() / 2).take(64) {
            *byte ^= 0x55;
        }
        assert!(bytes_of(name, &damaged).unreadable > 0);
    }
    let packed = gz(LINES.as_bytes());
    for length in 2..packed.len() {
        assert!(bytes_of("x.gz", &packed[..length]).unreadable > 0, "{length}");
    }
}

#[test]
fn a_bomb_is_defused() {
    let limits = Limits { inflated_free: 1 << 18, ..Limits::default() };
    let text = format!("{LINES}{{\"a\":\"{}\"}}", "x".repeat(4 << 20));
    let rows = format!("{TABLE}{}", "\n".repeat(4 << 20));
    for (name, text) in [("x.json", text), ("x.csv", rows)] {
        let entry = [(name, text.as_bytes())];
        for bytes in [zipped(&entry, CompressionMethod::Deflated), gz(text.as_bytes())] {
            let reading = bytes_within(name, &bytes, &limits);
            assert_eq!(reading.taken, 3, "{name}");
            assert!(only_reason(&reading).contains("more than 250 times"));
        }
    }
}

#[test]
fn a_damaged_zip_is_named_and_its_sound_entries_are_read() {
    let good = zipped(
        &[("a.json", LINES.as_bytes()), ("b.csv", TABLE.as_bytes())],
        CompressionMethod::Stored,
    );
    assert_eq!(bytes_of("x.zip", &good).taken, 6);
    assert!(only_reason(&bytes_of("x.zip", &good[..good.len() - 30])).contains("zip is damaged"));
    // A changed byte in an entry.
    let mut changed = good.clone();
    let at = good.windows(6).position(|six| six == b"{\"id\":").unwrap() + 6;
    changed[at] = b'9';
    let reading = bytes_of("x.zip", &changed);
    assert_eq!(reading.taken, 6);
    assert!(only_reason(&reading).contains("checksum"));
    // Too many entries; and a workbook, which is no archive.
    let limits = Limits { zip_entries: 1, ..Limits::default() };
    let reading = bytes_within("x.zip", &good, &limits);
    assert_eq!(reading.taken, 3);
    assert!(only_reason(&reading).contains("2 files"));
    let book = zipped(
        &[("[Content_Types].xml", b"<x/>"), ("xl/a.csv", b"a,b\n1,2\n")],
        CompressionMethod::Stored,
    );
    let reading = bytes_of("book.xlsx", &book);
    assert_eq!((reading.format, reading.notes.len()), (Format::Other, 1));
}

#[test]
fn entries_that_share_their_bytes_are_read_once() {
    // The directory names the first entry's place for the second, too.
    let mut bytes = zipped(
        &[("a.json", LINES.as_bytes()), ("b.json", LINES.as_bytes())],
        CompressionMethod::Stored,
    );
    let signature = b"PK\x01\x02";
    let second = bytes.windows(4).rposition(|four| four == signature).unwrap();
    bytes[second + 42..second + 46].fill(0);
    let reading = bytes_of("x.zip", &bytes);
    assert_eq!(reading.taken, 3);
    assert!(only_reason(&reading).contains("belong to another entry"));
}

#[test]
fn zeros_under_a_name_of_data_are_an_interrupted_download() {
    let zeros = vec![0; 10_000];
    for (name, unreadable) in
        [("x.json", 1), ("x.CSV", 1), ("x.ndjson", 1), ("x.bin", 0), ("x.png", 0)]
    {
        assert_eq!(bytes_of(name, &zeros).unreadable, unreadable, "{name}");
    }
    assert_eq!(bytes_of("x.json.gz", &gz(&zeros)).unreadable, 1);
}

#[test]
fn ten_thousand_columns_are_read() {
    let names: Vec<String> = (0..10_000).map(|at| format!("column {at}")).collect();
    let cells: Vec<String> = (0..10_000).map(|at| at.to_string()).collect();
    let text = format!("{}\n{}\n", names.join(","), cells.join(","));
    let mut last = None;
    let reading = read_bytes("wide.csv", text.as_bytes(), &Limits::default(), &mut |record| {
        let Record::Csv(row) = record else { return Offer::NotMine };
        last = row.header.find(&["COLUMN 9999"]).and_then(|at| row.cell(at)).map(str::to_owned);
        Offer::Taken
    });
    assert_eq!((reading.taken, last.as_deref()), (1, Some("9999")));
    let limits = Limits { columns: 9_999, ..Limits::default() };
    assert!(
        only_reason(&bytes_within("wide.csv", text.as_bytes(), &limits)).contains("9999 columns")
    );
}

#[test]
fn utf16_that_is_damaged_costs_its_record() {
    let mut bytes = utf16(LINES, true, true);
    // A lone half of a surrogate pair in the second line.
    let at = bytes.windows(2).position(|unit| unit == [b'2', 0]).unwrap();
    bytes[at] = 0;
    bytes[at + 1] = 0xd8;
    let reading = bytes_of("x.json", &bytes);
    assert_eq!(reading.taken, 2);
    assert_eq!(reading.problems[0].line, 2);
    // An odd byte at the end.
    let bytes = [utf16(TABLE, true, true), vec![b'x']].concat();
    let reading = bytes_of("x.csv", &bytes);
    assert_eq!((reading.taken, reading.unreadable), (3, 1));
}

fn read_all(root: &Path) -> Vec<(String, Option<Reading>)> {
    let (sources, _) = walk(root, &Limits::default()).unwrap();
    let mut told = 0;
    let readings = sources
        .iter()
        .map(|source| {
            let mut sink = |_: &Record<'_>| Offer::Taken;
            let mut progress = |bytes| told += bytes;
            (source.name.clone(), read(source, &Limits::default(), &mut progress, &mut sink).ok())
        })
        .collect();
    let bytes: u64 = sources.iter().map(|source| source.bytes).sum();
    assert_eq!(told, bytes, "progress");
    readings
}

#[test]
fn a_folder_is_walked_in_order_of_names() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("sub/deep")).unwrap();
    fs::write(root.join("z.json"), LINES).unwrap();
    fs::write(root.join(".hidden.csv"), TABLE).unwrap();
    fs::write(root.join("sub/deep/b.json"), LINES).unwrap();
    let entries = [("two/y.csv", TABLE.as_bytes()), ("one.json", LINES.as_bytes())];
    fs::write(root.join("a.zip"), zipped(&entries, CompressionMethod::Deflated)).unwrap();
    fs::write(root.join("broken.zip"), b"PK\x03\x04 and no more").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(root, root.join("sub/loop")).unwrap();
    let (sources, problems) = walk(root, &Limits::default()).unwrap();
    let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    assert_eq!(
        names,
        [".hidden.csv", "a.zip/one.json", "a.zip/two/y.csv", "sub/deep/b.json", "z.json"]
    );
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].file.as_str(), problems[0].line), ("broken.zip", 0));
    for (name, reading) in read_all(root) {
        assert_eq!(reading.unwrap().taken, 3, "{name}");
    }
    // One file instead of a folder; a folder that is not there.
    let (sources, _) = walk(&root.join("z.json"), &Limits::default()).unwrap();
    assert_eq!(sources.len(), 1);
    assert_eq!(sources[0].name, "z.json");
    assert!(walk(&root.join("none"), &Limits::default()).is_err());
}

#[test]
fn a_file_that_vanishes_or_shrinks_is_an_error_of_that_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    fs::write(&path, LINES).unwrap();
    let archive = folder.path().join("x.zip");
    fs::write(&archive, zipped(&[("a.json", LINES.as_bytes())], CompressionMethod::Deflated))
        .unwrap();
    let (sources, _) = walk(folder.path(), &Limits::default()).unwrap();
    let read_one =
        |at: usize| read(&sources[at], &Limits::default(), &mut |_| {}, &mut |_| Offer::Taken);
    assert_eq!(read_one(0).unwrap(), read_one(0).unwrap());
    fs::write(&path, &LINES.as_bytes()[..12]).unwrap();
    assert_eq!(read_one(0).unwrap().unreadable, 1);
    fs::write(&archive, b"PK\x03\x04").unwrap();
    let reading = read_one(1).unwrap();
    assert_eq!((reading.taken, reading.unreadable), (0, 1));
    fs::remove_file(&path).unwrap();
    assert!(read_one(0).unwrap_err().to_string().contains("`x.json`"));
}

/// Reads bytes as every kind of source. Nothing may panic, and no record may be over the limit.
fn survive(bytes: &[u8]) {
    let limits =
        Limits { record_bytes: 4096, columns: 50, inflated_free: 1 << 16, ..Limits::default() };
    for name in ["x.json", "x.csv"] {
        let mut sink = |record: &Record<'_>| {
            match record {
                Record::Json(record) => assert!(record.bytes.len() <= limits.record_bytes),
                Record::Csv(row) => {
                    assert!(row.count() <= limits.columns);
                    let cells = (0..row.count()).map(|at| row.cell(at).unwrap().len());
                    assert!(cells.sum::<usize>() <= limits.record_bytes);
                }
                Record::EmptyList { .. } => {}
            }
            Offer::Taken
        };
        read_bytes(name, bytes, &limits, &mut sink);
    }
}

#[test]
fn mutations_of_sound_files_are_survived() {
    let page = r#"{"@odata.context":"c","value":[{"id":"1","l":[{"a":1},{"a":"\u00e9"}]},{"id":"2","l":[]}]}"#;
    let pretty =
        "[\n  {\n    \"id\": 1,\n    \"l\": [\n      1\n    ]\n  },\n  {\n    \"id\": 2\n  }\n]\n";
    let table = "Date,\"b;c\"\n5/19/2021,\"x\n\"\"y\"\"\"\n\"19/5/2021, 1:02:03 PM\",2\n";
    let hub = "{\"records\":[{\"a\":1},{\"a\":2}]}\n{\"records\":[{\"a\":3}]}\n";
    let corpus = [
        page.as_bytes().to_vec(),
        pretty.as_bytes().to_vec(),
        table.as_bytes().to_vec(),
        hub.as_bytes().to_vec(),
        utf16(table, true, true),
        utf16(hub, false, false),
        gz(page.as_bytes()),
        zipped(
            &[("a.json", hub.as_bytes()), ("b.gz", &gz(table.as_bytes()))],
            CompressionMethod::Deflated,
        ),
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut chance = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below.max(1)).unwrap()).unwrap()
    };
    let signs = b"{}[]\",:\\\n\r \t;\0\xff\x1f\x8bPK";
    for round in 0..1500 {
        let mut bytes = corpus[round % corpus.len()].clone();
        for _ in 0..=chance(4) {
            let at = chance(bytes.len());
            match chance(4) {
                0 => bytes[at] = signs[chance(signs.len())],
                1 => bytes.insert(at, signs[chance(signs.len())]),
                2 => bytes.truncate(at.max(1)),
                _ => {
                    let piece = bytes[at..bytes.len().min(at + chance(200))].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
        }
        survive(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(4),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        survive(&bytes);
        survive(&[b"{\"a\":1}\n".as_slice(), &bytes].concat());
        survive(&[b"a,b\n".as_slice(), &bytes].concat());
    }

    #[test]
    fn any_signs_of_json_are_survived(text in "[{}\\[\\]\",:\\\\a1 \n]{0,200}") {
        survive(text.as_bytes());
        survive(format!("[{text}").as_bytes());
    }
}
