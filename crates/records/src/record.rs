//! One record, and what a reader says of it.

use crate::csv::CsvRow;

/// One record of a source.
#[derive(Debug)]
pub enum Record<'a> {
    /// One JSON object.
    Json(JsonRecord<'a>),
    /// One row of a CSV file.
    Csv(CsvRow<'a>),
    /// A list without elements: the file told that there is none. `context` is the enclosing
    /// `@odata.context`.
    EmptyList {
        /// `@odata.context` of the enclosing object, where it stands before the list.
        context: Option<&'a str>,
    },
}

/// One JSON object, complete, as UTF-8 bytes.
#[derive(Debug, Clone, Copy)]
pub struct JsonRecord<'a> {
    /// The object's own bytes, from `{` to `}`. Balanced, but not otherwise validated.
    pub bytes: &'a [u8],
    /// Line of the source on which the object starts, from 1.
    pub line: u64,
    /// `@odata.context` of the enclosing page, where it stands before the list.
    pub context: Option<&'a str>,
}

impl Record<'_> {
    /// Line of the source, from 1; 0 for an empty list.
    #[must_use]
    pub fn line(&self) -> u64 {
        match self {
            Self::Json(record) => record.line,
            Self::Csv(row) => row.line,
            Self::EmptyList { .. } => 0,
        }
    }
}

/// What a reader says of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// It was read.
    Taken,
    /// It is of a kind this reader does not know.
    NotMine,
    /// It is of this reader's kind, but cannot be read, because.
    Unreadable(String),
}

/// One thing that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The source's name.
    pub file: String,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: u64,
    /// Why, and what to do, in words.
    pub reason: String,
}
