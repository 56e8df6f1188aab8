//! What every fuzz target does with its bytes. The tests of the workspace call the same functions
//! with drawn bytes, so that a short run is part of every build.

use std::collections::BTreeMap;

use entra::exports::Collector;
use jiff::Timestamp;
use jiff::civil::date;
use records::time::{DateOrder, parse};
use records::{Limits, Offer, Reading, Record, read_bytes};
use rollout::plan::{self, Plan};
use rollout::proposal::Proposal;
use rollout::{Facts, Rollout, Snapshot, exceptions, gaps, impact, preflight, proof, registration};
use serde_json::{Map, Value};
use signins::{Question, Reader, Scope};

/// Limits low enough for a fuzzer to reach.
const LIMITS: Limits = Limits {
    record_bytes: 4096,
    columns: 64,
    inflate_ratio: 100,
    inflated_free: 1 << 16,
    zip_entries: 16,
};

/// What a target does with its bytes.
pub type Target = fn(&[u8]);

/// Every target, by the name of its file in `fuzz_targets/`.
pub const TARGETS: [(&str, Target); 10] = [
    ("csv_framing", csv_framing),
    ("entra_record", entra_record),
    ("json_framing", json_framing),
    ("message_template", message_template),
    ("scanner", scanner),
    ("settings", settings),
    ("signins_record", signins_record),
    ("source", source),
    ("text_decoding", text_decoding),
    ("times", times),
];

/// Reads bytes as a source of this name; every record must be within the limits.
fn read_within_limits(name: &str, bytes: &[u8]) -> Reading {
    read_bytes(name, bytes, &LIMITS, &mut |record| {
        match record {
            Record::Json(record) => {
                assert!(record.bytes.len() <= LIMITS.record_bytes);
                assert!(record.bytes.starts_with(b"{") && record.bytes.ends_with(b"}"));
                assert!(std::str::from_utf8(record.bytes).is_ok());
            }
            Record::Csv(row) => {
                assert!(row.count() <= LIMITS.columns);
                let cells: Option<Vec<&str>> = (0..row.count()).map(|at| row.cell(at)).collect();
                let bytes = cells.map(|cells| cells.iter().map(|cell| cell.len()).sum::<usize>());
                assert!(bytes.is_some_and(|bytes| bytes <= LIMITS.record_bytes));
            }
            Record::EmptyList { .. } => {}
        }
        Offer::Taken
    })
}

/// CSV framing, with a sound header before whatever comes.
pub fn csv_framing(bytes: &[u8]) {
    read_within_limits("fuzz.csv", bytes);
    read_within_limits("fuzz.csv", &[b"Date (UTC),User,Application\n".as_slice(), bytes].concat());
}

/// JSON framing against `serde_json`: an array of objects comes back whole.
pub fn json_framing(bytes: &[u8]) {
    let reading = read_within_limits("fuzz.json", bytes);
    let _ = records::without_trailing_commas(bytes);
    let whole = serde_json::from_slice::<Vec<Map<String, Value>>>(bytes);
    if bytes.len() <= LIMITS.record_bytes
        && let Ok(objects) = whole
    {
        assert_eq!(usize::try_from(reading.taken), Ok(objects.len().max(1)));
        assert_eq!(reading.unreadable, 0);
    }
}

/// Encodings: the same bytes behind every byte order mark.
pub fn text_decoding(bytes: &[u8]) {
    for mark in [b"".as_slice(), b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{"] {
        let marked = [mark, bytes].concat();
        read_within_limits("fuzz.json", &marked);
        read_within_limits("fuzz.csv", &marked);
    }
}

/// Whole sources: plain, gzip, zip.
pub fn source(bytes: &[u8]) {
    for name in ["fuzz", "fuzz.json", "fuzz.csv.gz", "fuzz.zip"] {
        let reading = read_within_limits(name, bytes);
        assert!(usize::try_from(reading.unreadable).is_ok_and(|it| reading.problems.len() <= it));
    }
}

/// Times: what is read and written again is the same time.
pub fn times(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for order in [DateOrder::MonthFirst, DateOrder::DayFirst] {
        if let Some(time) = parse(text, order) {
            assert_eq!(parse(&time.to_string(), order), Some(time));
        }
    }
}

/// The sign-in reader, offered whatever the framers hand out. What it takes, it counts.
pub fn signins_record(bytes: &[u8]) {
    for name in ["fuzz.json", "InteractiveSignIns_fuzz.csv"] {
        let mut reader = Reader::new(Question { days: 30, scope: Scope::Everything });
        let mut taken = 0;
        read_bytes(name, bytes, &LIMITS, &mut |record| {
            let offer = reader.read(|worker| worker.offer(record, name));
            let counted = !matches!(record, Record::EmptyList { .. });
            taken += u64::from(counted && offer == Offer::Taken);
            offer
        });
        while let Some(mut again) = reader.again() {
            read_bytes(name, bytes, &LIMITS, &mut |record| {
                again.read(|worker| worker.offer(record, name))
            });
            reader = again;
        }
        let read = reader.finish().map_or(0, |measurement| measurement.coverage.records_read);
        assert_eq!(read, taken);
    }
}

/// The scanner of sign-ins beside the exact way: what both accept, both read alike. Of texts that a
/// zero byte divides, each but the last comes several times, so that its layout is learned.
pub fn scanner(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let parts: Vec<&str> = text.split('\0').take(4).collect();
    let lines: Vec<String> =
        parts.iter().rev().skip(1).rev().map(|part| format!("{part}\n").repeat(12)).collect();
    let texts: Vec<&str> = lines.iter().map(String::as_str).chain(parts.last().copied()).collect();
    let together = parts.join("\n").repeat(3);
    for texts in [texts, vec![text], vec![&together]] {
        if let Err(difference) = signins::scanner_agrees(&texts) {
            panic!("{difference}");
        }
    }
}

/// The collector of exported files, offered whatever the framers hand out.
pub fn entra_record(bytes: &[u8]) {
    let mut collector = Collector::new();
    for name in ["fuzz.json", "fuzz.csv"] {
        read_bytes(name, bytes, &LIMITS, &mut |record| collector.offer(record, name));
    }
    let _ = collector.finish();
}

/// Settings: any text is settings or is refused, and settings that pass the check make a plan.
pub fn settings(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(rollout) = toml::from_str::<Rollout>(text) else { return };
    if rollout.check().is_empty() {
        let _ = plan_of_nobody(&rollout, BTreeMap::new());
    }
}

/// Message templates: any text fills in or is refused with its line.
pub fn message_template(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for text in [text.to_owned(), format!("Subject: {{{{ tenant }}}}\n{text}")] {
        let templates = BTreeMap::from([("announcement".to_owned(), text)]);
        let _ = plan_of_nobody(&Rollout::default(), templates);
    }
}

/// The plan of a tenant nobody has told anything about.
fn plan_of_nobody(rollout: &Rollout, templates: BTreeMap<String, String>) -> Option<Plan> {
    let snapshot = Snapshot::default();
    let facts = Facts::new(&snapshot, None, rollout, Timestamp::UNIX_EPOCH);
    let classification = exceptions::classify(&facts);
    let proposal = Proposal::all_users(&facts);
    let input = plan::Input {
        facts: &facts,
        preflight: preflight::run(&facts, &classification, None),
        registration: registration::report(&facts, &classification),
        exceptions: exceptions::register(&facts, &classification),
        gaps: gaps::find(&facts),
        lockout: impact::impact(&facts, &classification, &proposal),
        proof: Some(proof::proof(&facts, &proposal)),
        caught: impact::caught(&facts, &classification, &proposal),
        classification: &classification,
        legacy: None,
        start: date(2026, 12, 7),
        made_from: "nothing".to_owned(),
        templates,
    };
    plan::make(input).ok()
}
