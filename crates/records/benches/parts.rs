//! How fast a source is handed out, on data that is made up here: a table of 45 columns as Log
//! Analytics exports it, about 1.75 KB a row, and lines of JSON.
//!
//! `cargo bench -p records`. The files are written to a temporary folder and are in the page cache.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set itself up ends")]

use std::fs;
use std::io::Write;
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::BytesCount;
use flate2::Compression;
use flate2::write::GzEncoder;
use records::{Handed, Limits, Offer, Part, PartRow, Source, Unpacked, parts, read, walk};
use tempfile::TempDir;

const ROWS: u64 = 40_000;
/// As many columns as the measures look at.
const LOOKED_AT: [usize; 12] = [0, 1, 3, 4, 8, 11, 15, 20, 22, 30, 33, 40];

fn main() {
    divan::main();
}

/// A stream of numbers, always the same (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % limit
    }
}

/// Three cells in four are plain; of the others, most hold JSON with its quotes doubled.
fn cell(column: u64, chance: &mut Chance) -> String {
    let number = chance.below(1 << 40);
    match column % 9 {
        0 => {
            format!("2026-10-{:02}T{:02}:00:00.{:07}Z", 1 + number % 28, number % 24, number % 9999)
        }
        1 => format!("{number:016x}-4e1b-9a57-{number:012x}"),
        2 | 5 => String::new(),
        3 => format!("user{}@ne.example", number % 40_000),
        4 if column > 20 => {
            let one = format!(
                "{{\"\"id\"\":\"\"{number:x}\"\",\"\"result\"\":\"\"success\"\",\"\"conditions\"\":3}}"
            );
            format!("\"[{one},{one},{one}]\"")
        }
        6 => format!("\"Exchange, {}\"", number % 9),
        7 => (number % 60_000).to_string(),
        _ => "Browser".to_owned(),
    }
}

struct Files {
    folder: TempDir,
    csv_bytes: u64,
    json_bytes: u64,
}

static FILES: LazyLock<Files> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let mut chance = Chance(42);
    let names: Vec<String> = (0..45).map(|column| format!("Column{column}")).collect();
    let mut csv = names.join(",") + "\n";
    let mut json = String::new();
    for row in 0..ROWS {
        let cells: Vec<String> = (0..45).map(|column| cell(column, &mut chance)).collect();
        csv.push_str(&cells.join(","));
        csv.push('\n');
        let padding = "x".repeat(usize::try_from(2800 + chance.below(900)).unwrap());
        json.push_str(&format!("{{\"id\":{row},\"padding\":\"{padding}\"}}\n"));
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::new(6));
    packed.write_all(csv.get(..8 << 20).unwrap().as_bytes()).unwrap();
    fs::write(folder.path().join("a.csv"), &csv).unwrap();
    fs::write(folder.path().join("b.json"), &json).unwrap();
    fs::write(folder.path().join("c.csv.gz"), packed.finish().unwrap()).unwrap();
    let bytes = |text: &str| u64::try_from(text.len()).unwrap();
    Files { folder, csv_bytes: bytes(&csv), json_bytes: bytes(&json) }
});

fn source(at: usize) -> Source {
    let (sources, _) = walk(FILES.folder.path(), &Limits::default()).unwrap();
    sources.into_iter().nth(at).unwrap()
}

/// Reading and cutting, as it is done under the lock.
#[divan::bench(args = ["csv", "json"])]
fn hand_out(bencher: Bencher<'_, '_>, kind: &str) {
    let (at, bytes) = if kind == "csv" { (0, FILES.csv_bytes) } else { (1, FILES.json_bytes) };
    let source = source(at);
    let mut part = Part::new();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        let mut parts = parts(&source, &Limits::default()).unwrap();
        while parts.next(&mut part) != Handed::End {}
        parts.consumed()
    });
}

fn cells_of(part: &Part, columns: &[usize]) -> usize {
    let mut rows = part.rows().unwrap();
    let mut length = 0;
    while let Some(row) = rows.next() {
        let PartRow::Row(row) = row else { continue };
        length += columns.iter().filter_map(|at| row.cell(*at)).map(str::len).sum::<usize>();
    }
    length
}

/// The rows of a part that is at hand.
#[divan::bench(args = ["twelve", "all"])]
fn split_rows(bencher: Bencher<'_, '_>, columns: &str) {
    let all: Vec<usize> = (0..45).collect();
    let columns = if columns == "all" { all.as_slice() } else { &LOOKED_AT };
    let mut parts = parts(&source(0), &Limits::default()).unwrap();
    let mut part = Part::new();
    assert_eq!(parts.next(&mut part), Handed::Rows);
    bencher.counter(BytesCount::new(part.bytes().len())).bench_local(|| cells_of(&part, columns));
}

/// A whole file, handed out and split by one thread.
#[divan::bench]
fn whole_csv(bencher: Bencher<'_, '_>) {
    let source = source(0);
    let mut part = Part::new();
    bencher.counter(BytesCount::new(FILES.csv_bytes)).bench_local(|| {
        let mut parts = parts(&source, &Limits::default()).unwrap();
        let mut length = 0;
        while parts.next(&mut part) == Handed::Rows {
            length += cells_of(&part, &LOOKED_AT);
        }
        length
    });
}

/// The same by the exact way.
#[divan::bench(sample_count = 3)]
fn whole_csv_exactly(bencher: Bencher<'_, '_>) {
    let source = source(0);
    bencher.counter(BytesCount::new(FILES.csv_bytes)).bench_local(|| {
        read(&source, &Limits::default(), &mut |_| {}, &mut |_| Offer::Taken).unwrap().taken
    });
}

/// A small gzip file, inflated.
#[divan::bench]
fn unpack(bencher: Bencher<'_, '_>) {
    let source = source(2);
    let mut part = Part::new();
    bencher.counter(BytesCount::new(8_u64 << 20)).bench_local(|| {
        let mut parts = parts(&source, &Limits::default()).unwrap();
        assert_eq!(parts.next(&mut part), Handed::Packed);
        assert_eq!(part.unpack(), Unpacked::Rows);
        part.bytes().len()
    });
}
