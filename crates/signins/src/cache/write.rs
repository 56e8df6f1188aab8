//! Sign-ins into columns and into files.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::types::UInt16Type;
use arrow_array::{
    ArrayRef, DictionaryArray, RecordBatch, StringArray, TimestampNanosecondArray, UInt64Array,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use arrow_schema::ArrowError;
use jiff::Timestamp;
use jiff::tz::Offset;

use super::dictionary::Dictionary;
use super::digest::checksum;
use super::entry::{BatchFile, PartFile, Writing};
use super::identifier::Identifiers;
use super::layout::{Holds, IDENTIFIERS, LISTS, Part, dictionaries, layout};
use super::lists::{Flat, json};
use super::{MOST_ROWS, NotKept};
use crate::sign_in::SignIn;

/// Bytes of distinct texts after which a batch ends before it has all its rows.
const MOST_BYTES: usize = 32 << 20;
/// Rows after which those bytes are counted again.
const ROWS_BETWEEN_COUNTS: usize = 64;

/// Writes the sign-ins that one thread reads. A failure is kept until the end: the reading does
/// not need the cache.
#[derive(Debug)]
pub(crate) struct Writer {
    folder: PathBuf,
    /// Which of the writers of an entry this is.
    number: usize,
    rows: Rows,
    written: Vec<BatchFile>,
    failed: Option<NotKept>,
    /// Sign-ins are taken.
    open: bool,
    /// Room for the bytes of a file.
    bytes: Vec<u8>,
}

/// The sign-ins of a batch so far, column by column.
#[derive(Debug, Default)]
struct Rows {
    count: usize,
    created: Vec<Option<i64>>,
    logged: Vec<Option<i64>>,
    contents: Vec<u64>,
    identifiers: [Identifiers; IDENTIFIERS.len()],
    measured: Vec<Dictionary>,
    further: Vec<Dictionary>,
    lists: [Dictionary; LISTS.len()],
    flat: Flat,
}

impl Writer {
    /// A writer into the folder of an entry.
    pub(super) fn new(folder: PathBuf, number: usize) -> Self {
        let dictionaries = |part| dictionaries(part).map(|_| Dictionary::default()).collect();
        let rows = Rows {
            measured: dictionaries(Part::Measured),
            further: dictionaries(Part::Further),
            ..Rows::default()
        };
        Self {
            folder,
            number,
            rows,
            written: Vec::new(),
            failed: None,
            open: true,
            bytes: Vec::new(),
        }
    }

    /// Begins the same in the folder of another entry. What was not ended is forgotten.
    pub(crate) fn start(&mut self, writing: &Writing, number: usize) {
        self.folder = writing.folder().to_owned();
        self.number = number;
        self.written.clear();
        self.rows.clear();
        self.failed = None;
        self.open = true;
    }

    /// Takes a sign-in. `content` is the fingerprint of everything it tells.
    pub(crate) fn push(&mut self, sign_in: &SignIn<'_>, content: u64) {
        if self.failed.is_some() || !self.open {
            return;
        }
        if let Err(error) = self.rows.push(sign_in, content).and_then(|()| self.write_if_full()) {
            self.failed = Some(error);
            self.rows.clear();
        }
    }

    /// Writes what is left. The batches belong into [`Writing::finish`]. Until it is started anew,
    /// nothing more is taken.
    ///
    /// # Errors
    /// When anything of what was pushed could not be kept: the first failure.
    pub(crate) fn end(&mut self) -> Result<Vec<BatchFile>, NotKept> {
        self.open = false;
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.write()?;
        Ok(std::mem::take(&mut self.written))
    }

    fn write_if_full(&mut self) -> Result<(), NotKept> {
        let full = self.rows.count >= MOST_ROWS
            || (self.rows.count.is_multiple_of(ROWS_BETWEEN_COUNTS)
                && self.rows.bytes() > MOST_BYTES);
        if full { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), NotKept> {
        if self.rows.count == 0 {
            return Ok(());
        }
        let name = format!("{:02}-{:04}.arrow", self.number, self.written.len());
        let measured = self.write_part(Part::Measured, &name)?;
        let further = self.write_part(Part::Further, &name)?;
        self.written.push(BatchFile { name, rows: self.rows.count, measured, further });
        self.rows.clear();
        Ok(())
    }

    fn write_part(&mut self, part: Part, name: &str) -> Result<PartFile, NotKept> {
        self.bytes.clear();
        self.rows.encode(part, &mut self.bytes)?;
        let file = format!("{}/{name}", part.folder());
        let path = self.folder.join(part.folder()).join(name);
        std::fs::write(path, &self.bytes).map_err(|source| NotKept::File { file, source })?;
        Ok(PartFile {
            bytes: u64::try_from(self.bytes.len()).unwrap_or(u64::MAX),
            checksum: checksum(&self.bytes),
        })
    }
}

impl Rows {
    fn push(&mut self, sign_in: &SignIn<'_>, content: u64) -> Result<(), NotKept> {
        let created = nanoseconds(sign_in.created)?;
        let logged = nanoseconds(sign_in.logged)?;
        self.created.push(created);
        self.logged.push(logged);
        self.contents.push(content);
        for (identifiers, field) in self.identifiers.iter_mut().zip(IDENTIFIERS) {
            identifiers.push(sign_in.text.told(field));
        }
        let parts = [(Part::Measured, &mut self.measured), (Part::Further, &mut self.further)];
        for (part, texts) in parts {
            for (dictionary, holds) in texts.iter_mut().zip(texts_of(part)) {
                dictionary.push(sign_in.text.told(*holds).map(str::as_bytes));
            }
        }
        for (list, dictionary) in self.lists.iter_mut().enumerate() {
            dictionary.push(self.flat.of(list, sign_in));
        }
        self.count += 1;
        Ok(())
    }

    /// Bytes of texts held.
    fn bytes(&self) -> usize {
        let dictionaries = self.measured.iter().chain(&self.further).chain(&self.lists);
        let texts: usize = dictionaries.map(Dictionary::bytes).sum();
        let identifiers: usize = self.identifiers.iter().map(|it| it.text.len()).sum();
        texts.saturating_add(identifiers)
    }

    fn clear(&mut self) {
        self.count = 0;
        self.created.clear();
        self.logged.clear();
        self.contents.clear();
        self.identifiers.iter_mut().for_each(Identifiers::clear);
        let dictionaries = self.measured.iter_mut().chain(&mut self.further);
        dictionaries.chain(&mut self.lists).for_each(Dictionary::clear);
    }

    fn encode(&self, part: Part, bytes: &mut Vec<u8>) -> Result<(), NotKept> {
        let layout = layout(part);
        let mut columns = Vec::with_capacity(layout.holds.len());
        for holds in &layout.holds {
            columns.push(self.column(part, *holds)?);
        }
        let encode = |columns| -> Result<(), ArrowError> {
            let batch = RecordBatch::try_new(Arc::clone(&layout.schema), columns)?;
            let options = IpcWriteOptions::default()
                .try_with_compression(Some(CompressionType::LZ4_FRAME))?;
            let mut writer = FileWriter::try_new_with_options(bytes, &layout.schema, options)?;
            writer.write(&batch)?;
            writer.finish()
        };
        encode(columns).map_err(|source| NotKept::Columns { source })
    }

    fn column(&self, part: Part, holds: Holds) -> Result<ArrayRef, NotKept> {
        let texts = match part {
            Part::Measured => &self.measured,
            Part::Further => &self.further,
        };
        let array: Option<ArrayRef> = match holds {
            Holds::Created => Some(times(&self.created)),
            Holds::Logged => Some(times(&self.logged)),
            Holds::Content => Some(Arc::new(UInt64Array::from(self.contents.clone()))),
            Holds::Print(at) => self.identifiers.get(at).map(|identifiers| -> ArrayRef {
                Arc::new(UInt64Array::from(identifiers.prints.clone()))
            }),
            Holds::IdentifierText(at) => self.identifiers.get(at).map(|identifiers| -> ArrayRef {
                Arc::new(identifiers.texts().collect::<StringArray>())
            }),
            Holds::IdentifierGuid(at) => {
                self.identifiers.get(at).map(|identifiers| guids(&identifiers.guids)).transpose()?
            }
            Holds::Text(at, _) => {
                let strings = |texts: &Dictionary| -> StringArray {
                    let texts = texts.texts().map(|text| std::str::from_utf8(text).ok());
                    texts.collect()
                };
                texts.get(at).map(|texts| dictionary(texts, strings(texts))).transpose()?
            }
            Holds::List(at) => match self.lists.get(at) {
                None => None,
                Some(lists) => {
                    let texts: serde_json::Result<Vec<String>> =
                        lists.texts().map(|flat| json(at, flat)).collect();
                    let texts = texts.map_err(|source| NotKept::Manifest { source })?;
                    Some(dictionary(lists, StringArray::from(texts))?)
                }
            },
        };
        let missing = || ArrowError::SchemaError(format!("no column for {holds:?}"));
        array.ok_or_else(|| NotKept::Columns { source: missing() })
    }
}

/// The texts of a part, worked out once.
fn texts_of(part: Part) -> impl Iterator<Item = &'static crate::field::Field> {
    layout(part).holds.iter().filter_map(|holds| match holds {
        Holds::Text(_, field) => Some(field),
        _ => None,
    })
}

fn nanoseconds(time: Option<Timestamp>) -> Result<Option<i64>, NotKept> {
    let Some(time) = time else { return Ok(None) };
    let nanoseconds = i64::try_from(time.as_nanosecond());
    let year = || Offset::UTC.to_datetime(time).year();
    nanoseconds.map(Some).map_err(|_| NotKept::Time { year: year() })
}

fn times(times: &[Option<i64>]) -> ArrayRef {
    Arc::new(TimestampNanosecondArray::from_iter(times.iter().copied()).with_timezone("UTC"))
}

fn guids(guids: &[Option<[u8; 16]>]) -> Result<ArrayRef, NotKept> {
    let mut array = FixedSizeBinaryBuilder::with_capacity(guids.len(), 16);
    for guid in guids {
        match guid {
            Some(guid) => {
                array.append_value(guid).map_err(|source| NotKept::Columns { source })?;
            }
            None => array.append_null(),
        }
    }
    Ok(Arc::new(array.finish()))
}

fn dictionary(column: &Dictionary, texts: StringArray) -> Result<ArrayRef, NotKept> {
    let array = DictionaryArray::<UInt16Type>::try_new(column.keys(), Arc::new(texts));
    Ok(Arc::new(array.map_err(|source| NotKept::Columns { source })?))
}
