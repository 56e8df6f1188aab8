//! Foreign bytes to records.
//!
//! An administrator downloads files from half a dozen places; each is some container (plain, gzip,
//! zip), some encoding (UTF-8, UTF-16, with or without a mark) and some framing (JSON lines, one
//! array, a Graph page, an event-hub envelope, CSV). This crate takes all of that away and hands
//! out one record at a time with its file and line, in bounded memory. It does not know what a
//! record means: `signins` and `entra` say whether a record is theirs.

mod archive;
mod csv;
mod json;
mod ledger;
mod limits;
mod parts;
mod record;
mod source;
mod stream;
mod text;
pub mod time;
mod window;

pub use csv::{Contrary, CsvRow, Header, PartRow, PartRows, Table, WrittenCell};
pub use json::{NAMES_A_NEXT_PAGE, without_trailing_commas};
pub use limits::Limits;
pub use parts::{Handed, Part, Parts, RestReading, Unpacked, cut_behind, parts};
pub use record::{JsonRecord, Offer, Record, Unreadable};
pub use source::{Format, ReadError, Reading, Source, WalkError, read, read_bytes, walk};
