//! Records made by hand, and the protocol of two readings.

use records::time::DateOrder;
use records::{CsvRow, Header, JsonRecord, Offer, Record};
use rollout::evidence::{Ask, SignIns};
use rollout::{Activity, Measurement};
use signins::{Question, Reader, Scope, Worker};

/// One file: its name and its records.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) content: Content,
}

/// Records of one framing.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// JSON objects.
    Json(Vec<String>),
    /// Column names, and rows of cells.
    Csv(Vec<String>, Vec<Vec<String>>),
}

/// A file of JSON objects.
pub(crate) fn json<S: ToString>(name: &str, records: &[S]) -> File {
    let records = records.iter().map(ToString::to_string).collect();
    File { name: name.to_owned(), content: Content::Json(records) }
}

/// A CSV file; header and rows are written with `|` between cells.
pub(crate) fn csv(name: &str, header: &str, rows: &[&str]) -> File {
    let cells = |line: &str| line.split('|').map(str::to_owned).collect::<Vec<_>>();
    let content = Content::Csv(cells(header), rows.iter().map(|row| cells(row)).collect());
    File { name: name.to_owned(), content }
}

/// Offers every record of a file and returns the answers.
pub(crate) fn offer(reader: &mut Worker<'_>, file: &File, header_id: u64) -> Vec<Offer> {
    match &file.content {
        Content::Json(records) => records
            .iter()
            .map(|record| {
                let record = JsonRecord { bytes: record.as_bytes(), line: 1, context: None };
                reader.offer(&Record::Json(record), &file.name)
            })
            .collect(),
        Content::Csv(names, rows) => {
            let header = Header::new(names.clone());
            rows.iter()
                .map(|cells| {
                    let text = cells.concat();
                    let mut end = 0;
                    let ends: Vec<usize> = cells
                        .iter()
                        .map(|cell| {
                            end += cell.len();
                            end
                        })
                        .collect();
                    let order = DateOrder::MonthFirst;
                    let row = CsvRow::joined(&header, header_id, &text, &ends, 2, order);
                    reader.offer(&Record::Csv(row), &file.name)
                })
                .collect()
        }
    }
}

/// Reads files as the shell does: once, and once more when the reader asks for it.
pub(crate) fn measure(files: &[File], days: u32) -> Option<Measurement> {
    let mut reader = Reader::new(Question { days, scope: Scope::Everything });
    read(&mut reader, files);
    if let Some(mut second) = reader.again() {
        read(&mut second, files);
        assert!(second.again().is_none(), "a second reading is the last");
        reader = second;
    }
    reader.finish()
}

/// Gathers rows of files as the shell does.
pub(crate) fn gather(files: &[File], ask: Ask) -> Option<SignIns> {
    let mut reader = Reader::of_rows(ask);
    read(&mut reader, files);
    if let Some(mut second) = reader.again() {
        read(&mut second, files);
        assert!(second.again().is_none(), "a second reading is the last");
        reader = second;
    }
    reader.finish_rows()
}

/// Offers every record, to one worker for each file, as if each had a thread of its own.
fn read(reader: &mut Reader, files: &[File]) {
    for (file, id) in files.iter().zip(1..) {
        reader.read(|worker| offer(worker, file, id));
    }
}

/// What was done beyond legacy authentication.
pub(crate) fn activity(measurement: &Measurement) -> &Activity {
    measurement.activity.as_ref().expect("the scope is everything")
}

/// A measurement of files that hold a sign-in.
pub(crate) fn measured(files: &[File]) -> Measurement {
    measure(files, 30).expect("a sign-in is in the files")
}

/// A generator of numbers, the same in every run.
#[derive(Debug, Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    /// One of several.
    pub(crate) fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        let at = usize::try_from(self.roll(of.len() as u64)).expect("an index");
        &of[at]
    }

    /// Puts a list in some order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            let other = usize::try_from(self.roll(at as u64 + 1)).expect("an index");
            list.swap(at, other);
        }
    }
}
