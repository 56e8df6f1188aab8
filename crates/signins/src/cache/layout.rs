//! Which column stands where.

use std::sync::{Arc, LazyLock};

use arrow_schema::{DataType, Field as Column, Schema, SchemaRef, TimeUnit};

use crate::field::Field;

/// One of the two files of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// What measures ask.
    Measured,
    /// The rest.
    Further,
}

impl Part {
    /// Its folder in an entry.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Further => "further",
        }
    }
}

/// Texts with a value of their own in nearly every record: a dictionary would hold each once.
pub(crate) const IDENTIFIERS: [Field; 3] = [Field::Id, Field::CorrelationId, Field::SessionId];

/// Texts that nothing measures.
const UNMEASURED: [Field; 7] = [
    Field::AlternateSignInName,
    Field::FailureReason,
    Field::MfaDetail,
    Field::City,
    Field::ResourceTenantId,
    Field::IncomingTokenType,
    Field::Operation,
];

/// The lists of a sign-in, by the name of their column.
pub(crate) const LISTS: [&str; 3] = ["policies", "requirement_providers", "steps"];

/// What one column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// `createdDateTime`.
    Created,
    /// The time the record was written.
    Logged,
    /// Fingerprint of the record's content.
    Content,
    /// Fingerprint of an identifier, by its place in [`IDENTIFIERS`].
    Print(usize),
    /// An identifier that is no GUID, as it is written.
    IdentifierText(usize),
    /// An identifier that is a GUID in lower case, as its 16 bytes.
    IdentifierGuid(usize),
    /// A text, by its place among the dictionaries of the part.
    Text(usize, Field),
    /// A list, by its place in [`LISTS`].
    List(usize),
}

/// The columns of one file.
#[derive(Debug)]
pub(crate) struct Layout {
    /// What each column holds, in order.
    pub(crate) holds: Vec<Holds>,
    /// Their names and types.
    pub(crate) schema: SchemaRef,
}

/// The columns of `measured`.
static MEASURED: LazyLock<Layout> = LazyLock::new(|| Layout::of(Part::Measured));
/// The columns of `further`.
static FURTHER: LazyLock<Layout> = LazyLock::new(|| Layout::of(Part::Further));

/// The columns of a part.
pub(crate) fn layout(part: Part) -> &'static Layout {
    match part {
        Part::Measured => &MEASURED,
        Part::Further => &FURTHER,
    }
}

/// The texts of a part that are dictionaries, in order.
pub(crate) fn dictionaries(part: Part) -> impl Iterator<Item = Field> {
    let texts = Field::ALL.iter().copied().filter(|field| !IDENTIFIERS.contains(field));
    texts.filter(move |field| UNMEASURED.contains(field) == (part == Part::Further))
}

/// The part that holds a text.
pub(crate) fn part_of(field: Field) -> Part {
    if UNMEASURED.contains(&field) || IDENTIFIERS.contains(&field) {
        Part::Further
    } else {
        Part::Measured
    }
}

impl Layout {
    fn of(part: Part) -> Self {
        let mut holds = Vec::new();
        let identifiers = 0..IDENTIFIERS.len();
        match part {
            Part::Measured => {
                holds.extend([Holds::Created, Holds::Logged, Holds::Content]);
                holds.extend(identifiers.map(Holds::Print));
            }
            Part::Further => {
                holds.extend(identifiers.clone().map(Holds::IdentifierText));
                holds.extend(identifiers.map(Holds::IdentifierGuid));
            }
        }
        holds.extend(dictionaries(part).enumerate().map(|(at, field)| Holds::Text(at, field)));
        if part == Part::Measured {
            holds.extend((0..LISTS.len()).map(Holds::List));
        }
        let columns: Vec<Column> = holds.iter().map(|holds| holds.column()).collect();
        Self { holds, schema: Arc::new(Schema::new(columns)) }
    }
}

impl Holds {
    fn column(self) -> Column {
        let identifier =
            |at: usize| IDENTIFIERS.get(at).map_or_else(String::new, |field| field.name());
        let (name, kind, told_always) = match self {
            Self::Created => ("created".to_owned(), time(), false),
            Self::Logged => ("logged".to_owned(), time(), false),
            Self::Content => ("content".to_owned(), DataType::UInt64, true),
            Self::Print(at) => (format!("{}_print", identifier(at)), DataType::UInt64, false),
            Self::IdentifierText(at) => (identifier(at), DataType::Utf8, false),
            Self::IdentifierGuid(at) => {
                (format!("{}_guid", identifier(at)), DataType::FixedSizeBinary(16), false)
            }
            Self::Text(_, field) => (field.name(), text(), false),
            Self::List(at) => {
                (LISTS.get(at).copied().unwrap_or_default().to_owned(), text(), false)
            }
        };
        Column::new(name, kind, !told_always)
    }
}

fn time() -> DataType {
    DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))
}

fn text() -> DataType {
    DataType::Dictionary(Box::new(DataType::UInt16), Box::new(DataType::Utf8))
}
