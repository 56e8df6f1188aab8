//! A batch read back, wanted columns only.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampNanosecondType, UInt16Type, UInt64Type};
use arrow_array::{
    Array, DictionaryArray, FixedSizeBinaryArray, RecordBatch, StringArray,
    TimestampNanosecondArray, UInt16Array, UInt64Array,
};
use arrow_buffer::Buffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{FileDecoder, read_footer_length};
use arrow_ipc::{Block, MessageHeader, root_as_footer, root_as_message};
use arrow_schema::ArrowError;

use super::digest::checksum;
use super::entry::{BatchFile, PartFile};
use super::layout::{Holds, IDENTIFIERS, LISTS, Part, layout, part_of};
use super::{MOST_ROWS, Refused};
use crate::field::{Field, Texts};
use crate::measures::{Scope, fields};
use crate::sign_in::{AppliedPolicy, Step};

/// Most bytes that one buffer of a column may claim to inflate to.
const MOST_INFLATED: i64 = 1 << 30;
/// Bytes behind the footer: its length and the closing mark.
const TRAILER: usize = 10;

/// What is asked of the sign-ins of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted<'w> {
    /// Texts. Of identifiers, their fingerprints.
    pub(crate) fields: &'w [Field],
    /// Policies of Conditional Access.
    pub(crate) policies: bool,
    /// Who asked for multifactor authentication.
    pub(crate) requirement_providers: bool,
    /// Steps of the authentication.
    pub(crate) steps: bool,
    /// The texts of identifiers, without which no sign-in can be spelled.
    pub(crate) identifiers: bool,
}

impl Wanted<'_> {
    /// Whole sign-ins.
    pub(crate) const EVERYTHING: Wanted<'static> = Wanted {
        fields: Field::ALL,
        policies: true,
        requirement_providers: true,
        steps: true,
        identifiers: true,
    };

    /// What the measures of a scope ask, and what tells copies apart. Rows of evidence are made of
    /// whole sign-ins.
    pub(crate) fn of(scope: Scope) -> Wanted<'static> {
        let lists = scope != Scope::Legacy;
        Wanted {
            fields: match scope {
                Scope::Legacy => &LEGACY,
                Scope::Everything => &EVERYTHING,
                Scope::Replay => &REPLAY,
                Scope::Rows => return Self::EVERYTHING,
            },
            policies: lists,
            requirement_providers: lists,
            steps: lists,
            identifiers: false,
        }
    }

    fn wants(&self, holds: Holds) -> bool {
        match holds {
            Holds::Created | Holds::Logged | Holds::Content => true,
            Holds::Print(at) => {
                IDENTIFIERS.get(at).is_some_and(|field| self.fields.contains(field))
            }
            Holds::IdentifierText(_) | Holds::IdentifierGuid(_) => self.identifiers,
            Holds::Text(_, field) => self.fields.contains(&field),
            Holds::List(at) => {
                let wanted = [self.policies, self.requirement_providers, self.steps];
                wanted.get(at).copied().unwrap_or_default()
            }
        }
    }

    fn wants_further(&self) -> bool {
        let further =
            |field: &Field| part_of(*field) == Part::Further && !IDENTIFIERS.contains(field);
        self.identifiers || self.fields.iter().any(further)
    }
}

static LEGACY: LazyLock<Vec<Field>> = LazyLock::new(|| asked(Scope::Legacy));
static EVERYTHING: LazyLock<Vec<Field>> = LazyLock::new(|| asked(Scope::Everything));
static REPLAY: LazyLock<Vec<Field>> = LazyLock::new(|| asked(Scope::Replay));

fn asked(scope: Scope) -> Vec<Field> {
    let fields = fields(scope).iter().copied();
    std::iter::once(Field::Id).chain(fields.filter(|field| *field != Field::Id)).collect()
}

/// A dictionary column: a key for each row, the text of each key.
#[derive(Debug)]
pub(crate) struct TextColumn {
    pub(super) keys: UInt16Array,
    pub(super) texts: StringArray,
}

/// The lists of a column, each once.
#[derive(Debug)]
pub(crate) struct ListColumn<T> {
    pub(super) keys: UInt16Array,
    pub(super) lists: Vec<Vec<T>>,
}

/// The identifiers of a column.
#[derive(Debug)]
pub(crate) struct IdentifierColumn {
    pub(super) texts: StringArray,
    pub(super) guids: FixedSizeBinaryArray,
}

/// A batch of sign-ins, read and checked.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(super) rows: usize,
    pub(super) created: TimestampNanosecondArray,
    pub(super) logged: TimestampNanosecondArray,
    pub(super) contents: UInt64Array,
    pub(super) prints: [Option<UInt64Array>; IDENTIFIERS.len()],
    pub(super) texts: Texts<TextColumn>,
    pub(super) identifiers: [Option<IdentifierColumn>; IDENTIFIERS.len()],
    pub(super) policies: Option<ListColumn<AppliedPolicy<String>>>,
    pub(super) requirement_providers: Option<ListColumn<String>>,
    pub(super) steps: Option<ListColumn<Step<String>>>,
}

impl Batch {
    /// Reads what is wanted of a batch in the folder of an entry.
    ///
    /// # Errors
    /// When a file is not there, is not what the manifest says, or is not in the columns it was
    /// written in.
    pub(crate) fn open(
        folder: &Path,
        file: &BatchFile,
        wanted: &Wanted<'_>,
    ) -> Result<Self, Refused> {
        let measured = read(folder, file, Part::Measured, wanted)?;
        let further = if wanted.wants_further() {
            Some(read(folder, file, Part::Further, wanted)?)
        } else {
            None
        };
        let name = part_name(Part::Measured, &file.name);
        Self::of(file.rows, &measured, further.as_ref(), wanted)
            .ok_or(Refused::Foreign { file: name, reason: "a column is of another kind" })
    }

    fn of(
        rows: usize,
        measured: &RecordBatch,
        further: Option<&RecordBatch>,
        wanted: &Wanted<'_>,
    ) -> Option<Self> {
        let mut columns = Columns::default();
        for (part, batch) in [(Part::Measured, Some(measured)), (Part::Further, further)] {
            let Some(batch) = batch else { continue };
            let held = layout(part).holds.iter().filter(|holds| wanted.wants(**holds));
            for (holds, array) in held.zip(batch.columns()) {
                columns.take(*holds, array.as_ref())?;
            }
        }
        let Columns { created, logged, contents, prints, texts, strings, guids, lists } = columns;
        let [policies, requirement_providers, steps] = lists;
        let mut identifiers = [None, None, None];
        for ((identifiers, texts), guids) in identifiers.iter_mut().zip(strings).zip(guids) {
            *identifiers = texts.zip(guids).map(|(texts, guids)| IdentifierColumn { texts, guids });
        }
        let told = contents?;
        (told.null_count() == 0).then_some(())?;
        Some(Self {
            rows,
            created: created?,
            logged: logged?,
            contents: told,
            prints,
            texts,
            identifiers,
            policies: parsed(policies, super::lists::policies)?,
            requirement_providers: parsed(
                requirement_providers,
                super::lists::requirement_providers,
            )?,
            steps: parsed(steps, super::lists::steps)?,
        })
    }
}

/// The columns of a batch while they are taken apart.
#[derive(Debug, Default)]
struct Columns {
    created: Option<TimestampNanosecondArray>,
    logged: Option<TimestampNanosecondArray>,
    contents: Option<UInt64Array>,
    prints: [Option<UInt64Array>; IDENTIFIERS.len()],
    texts: Texts<TextColumn>,
    strings: [Option<StringArray>; IDENTIFIERS.len()],
    guids: [Option<FixedSizeBinaryArray>; IDENTIFIERS.len()],
    lists: [Option<TextColumn>; LISTS.len()],
}

impl Columns {
    fn take(&mut self, holds: Holds, array: &dyn Array) -> Option<()> {
        match holds {
            Holds::Created => {
                self.created = Some(array.as_primitive_opt::<TimestampNanosecondType>()?.clone());
            }
            Holds::Logged => {
                self.logged = Some(array.as_primitive_opt::<TimestampNanosecondType>()?.clone());
            }
            Holds::Content => {
                self.contents = Some(array.as_primitive_opt::<UInt64Type>()?.clone());
            }
            Holds::Print(at) => {
                *self.prints.get_mut(at)? = Some(array.as_primitive_opt::<UInt64Type>()?.clone());
            }
            Holds::IdentifierText(at) => {
                *self.strings.get_mut(at)? = Some(array.as_string_opt::<i32>()?.clone());
            }
            Holds::IdentifierGuid(at) => {
                *self.guids.get_mut(at)? = Some(array.as_fixed_size_binary_opt()?.clone());
            }
            Holds::Text(_, field) => self.texts.set(field, text_column(array)?),
            Holds::List(at) => *self.lists.get_mut(at)? = Some(text_column(array)?),
        }
        Some(())
    }
}

fn text_column(array: &dyn Array) -> Option<TextColumn> {
    let array: &DictionaryArray<UInt16Type> = array.as_dictionary_opt()?;
    let texts = array.values().as_string_opt::<i32>()?;
    // A dictionary holds texts that are told.
    (texts.null_count() == 0)
        .then(|| TextColumn { keys: array.keys().clone(), texts: texts.clone() })
}

/// Parses each list once; `None` when one is not as it was written.
fn parsed<T>(
    column: Option<TextColumn>,
    parse: impl Fn(&str) -> Option<Vec<T>>,
) -> Option<Option<ListColumn<T>>> {
    let Some(TextColumn { keys, texts }) = column else { return Some(None) };
    let lists: Option<Vec<Vec<T>>> = texts.iter().map(|json| parse(json?)).collect();
    Some(Some(ListColumn { keys, lists: lists? }))
}

fn part_name(part: Part, name: &str) -> String {
    format!("{}/{name}", part.folder())
}

/// Reads one file of a batch and holds it against the manifest.
fn read(
    folder: &Path,
    file: &BatchFile,
    part: Part,
    wanted: &Wanted<'_>,
) -> Result<RecordBatch, Refused> {
    let name = part_name(part, &file.name);
    let bytes = bytes_of(folder, file, part)?;
    let batch = decode(bytes, part, wanted)
        .map_err(|source| Refused::Columns { file: name.clone(), source })?;
    if batch.num_rows() == file.rows {
        Ok(batch)
    } else {
        Err(Refused::Foreign { file: name, reason: "it has another number of rows" })
    }
}

/// The bytes of a file of a batch, as the manifest says.
pub(super) fn bytes_of(folder: &Path, file: &BatchFile, part: Part) -> Result<Vec<u8>, Refused> {
    let name = part_name(part, &file.name);
    let expected: &PartFile = match part {
        Part::Measured => &file.measured,
        Part::Further => &file.further,
    };
    let path = folder.join(part.folder()).join(&file.name);
    let unread = |source| Refused::File { file: name.clone(), source };
    let length = std::fs::metadata(&path).map_err(unread)?.len();
    if length != expected.bytes {
        return Err(Refused::Foreign { file: name, reason: "it has another length" });
    }
    let bytes = std::fs::read(&path).map_err(unread)?;
    if checksum(&bytes) == expected.checksum {
        Ok(bytes)
    } else {
        Err(Refused::Foreign { file: name, reason: "its checksum differs" })
    }
}

/// The wanted columns of a file. The library panics at some columns made to harm; what it panics
/// at is refused as well.
pub(super) fn decode(
    bytes: Vec<u8>,
    part: Part,
    wanted: &Wanted<'_>,
) -> Result<RecordBatch, ArrowError> {
    catch_unwind(AssertUnwindSafe(|| decode_checked(bytes, part, wanted)))
        .unwrap_or_else(|_| Err(foreign("columns that cannot be read")))
}

fn decode_checked(
    bytes: Vec<u8>,
    part: Part,
    wanted: &Wanted<'_>,
) -> Result<RecordBatch, ArrowError> {
    let layout = layout(part);
    let file = Buffer::from_vec(bytes);
    let (rest, trailer) =
        file.split_last_chunk::<TRAILER>().ok_or_else(|| foreign("a file without a footer"))?;
    let length = read_footer_length(*trailer)?;
    let footer = rest
        .len()
        .checked_sub(length)
        .and_then(|start| rest.get(start..))
        .ok_or_else(|| foreign("a footer longer than its file"))?;
    let footer = root_as_footer(footer).map_err(|_| foreign("a footer that is none"))?;
    let schema = footer.schema().ok_or_else(|| foreign("no schema"))?;
    let schema = try_fb_to_schema(schema)?;
    if schema.fields() != layout.schema.fields() {
        return Err(foreign("other columns"));
    }
    let projection: Vec<usize> = places(layout.holds.iter(), wanted).collect();
    let mut decoder =
        FileDecoder::new(Arc::new(schema), footer.version()).with_projection(projection);
    let held = layout.holds.iter().filter(|it| matches!(it, Holds::Text(..) | Holds::List(_)));
    let blocks: Vec<Block> = footer.dictionaries().iter().flatten().copied().collect();
    for place in places(held, wanted) {
        let block = blocks.get(place).ok_or_else(|| foreign("a dictionary that is missing"))?;
        decoder.read_dictionary(block, &message(&file, block)?)?;
    }
    let batches = footer.recordBatches().ok_or_else(|| foreign("no rows"))?;
    let (Some(block), 1) = (batches.iter().next(), batches.len()) else {
        return Err(foreign("other than one batch"));
    };
    let batch = decoder.read_record_batch(block, &message(&file, block)?)?;
    batch.ok_or_else(|| foreign("no rows"))
}

fn places<'l>(
    holds: impl Iterator<Item = &'l Holds>,
    wanted: &Wanted<'_>,
) -> impl Iterator<Item = usize> {
    holds.enumerate().filter(|(_, holds)| wanted.wants(**holds)).map(|(place, _)| place)
}

/// The bytes of a message, whose buffers all lie within it and claim no more than they may.
fn message(file: &Buffer, block: &Block) -> Result<Buffer, ArrowError> {
    let outside = || foreign("a block outside its file");
    let number = |number: i64| usize::try_from(number).map_err(|_| outside());
    let start = number(block.offset())?;
    let head = number(block.metaDataLength().into())?;
    let length = head.checked_add(number(block.bodyLength())?).ok_or_else(outside)?;
    let end = start.checked_add(length).filter(|end| *end <= file.len()).ok_or_else(outside)?;
    let whole = file.get(start..end).ok_or_else(outside)?;
    let (_, body) = whole.split_at_checked(head).ok_or_else(outside)?;
    let header = whole.get(8..head).ok_or_else(outside)?;
    let header = root_as_message(header).map_err(|_| foreign("a message that is none"))?;
    let batch = match header.header_type() {
        MessageHeader::RecordBatch => header.header_as_record_batch(),
        MessageHeader::DictionaryBatch => {
            header.header_as_dictionary_batch().and_then(|dictionary| dictionary.data())
        }
        _ => None,
    };
    let batch = batch.ok_or_else(|| foreign("a message of another kind"))?;
    let rows = usize::try_from(batch.length()).ok().filter(|rows| *rows <= MOST_ROWS);
    rows.ok_or_else(|| foreign("more rows than a batch has"))?;
    let nodes = batch.nodes().into_iter().flatten();
    if nodes.into_iter().any(|node| node.length() != batch.length()) {
        return Err(foreign("columns of different lengths"));
    }
    for buffer in batch.buffers().into_iter().flatten() {
        let start = number(buffer.offset())?;
        let end = start.checked_add(number(buffer.length())?).ok_or_else(outside)?;
        let bytes = body.get(start..end).ok_or_else(outside)?;
        let claims = bytes.first_chunk().map_or(0, |length| i64::from_le_bytes(*length));
        if batch.compression().is_some() && claims > MOST_INFLATED {
            return Err(foreign("a column that claims to be too large"));
        }
    }
    Ok(file.slice_with_length(start, length))
}

fn foreign(what: &str) -> ArrowError {
    ArrowError::IpcError(what.to_owned())
}
