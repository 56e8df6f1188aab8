//! Sign-ins kept in columns, so that a second question need not read the log again.
//!
//! One source that held nothing but sign-ins becomes one folder: a manifest, and for each batch of
//! at most 16,384 sign-ins two files in the Arrow IPC format, buffers compressed with LZ4:
//!
//! * `measured/*.arrow`: what measures ask. Times, a dictionary for each text, fingerprints of
//!   ids and of the whole record.
//! * `further/*.arrow`: the rest, asked only where copies of a record are merged and where rows of
//!   evidence are made. Ids, sessions, and texts that nothing measures.
//!
//! Row `n` of a file in one folder is row `n` of the file of the same name in the other. Any
//! program that reads Arrow can use them (Polars: `scan_ipc("measured/*.arrow")`).
//!
//! Why LZ4: of a million made-up sign-ins of 40,000 users (nanoseconds of CPU and bytes for each
//! sign-in of `measured`, 25 texts asked, on a busy machine of two cores):
//!
//! | buffers | bytes | written in | read, checked and decoded in |
//! |---|---|---|---|
//! | as they are | 241 | 177 | 201 |
//! | LZ4 | 154 | 553 | 152 |
//! | zstd 1 | 113 | 740 | 212 |
//! | zstd 3 | 112 | 1,064 | 237 |
//!
//! zstd would be a quarter smaller, and needs a C compiler. `further` adds 57 bytes and is seldom
//! read. Together they take about a twentieth of the same sign-ins as JSON lines.
//!
//! An entry is valid or it is not there. It is written in a folder of its own that gets its place
//! by one renaming; the manifest carries a checksum of each file and of itself. Whatever does not
//! fit is [`Refused`], and the log is read again.

mod batch;
mod dictionary;
mod digest;
mod entry;
mod identifier;
mod layout;
mod lists;
mod rows;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use batch::{Batch, Wanted};
pub use digest::{Digest, DigestOfBytes, checksum};
pub use entry::{BatchFile, Entry, Identity, Writing};
pub(crate) use write::Writer;

/// Version of the format: another one is refused.
const FORMAT: u32 = 4;

/// Most sign-ins of one batch. Keys of dictionaries have 16 bits, and one stands for none; a quarter of
/// that is taken, because every thread holds a batch in memory until it is full.
const MOST_ROWS: usize = 16_384;

/// Why sign-ins are not kept. The reading goes on without.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotKept {
    /// A time that 64 bits of nanoseconds cannot tell.
    #[error("a sign-in is of the year {year}, which the cache cannot hold")]
    Time {
        /// The year.
        year: i16,
    },
    /// The disk is full, or the folder cannot be written.
    #[error("cannot write `{file}`")]
    File {
        /// What was written, relative to the entry.
        file: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The columns do not fit together.
    #[error("cannot bring sign-ins into columns")]
    Columns {
        /// Why.
        #[source]
        source: arrow_schema::ArrowError,
    },
    /// The manifest cannot be written.
    #[error("cannot write the manifest of an entry")]
    Manifest {
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

/// Why a kept entry is not used. It is to be dropped, and the log read again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// It is not there, or cannot be read.
    #[error("cannot read `{file}`")]
    File {
        /// What was to be read, relative to the entry.
        file: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It was made by another version, of another log, or is damaged.
    #[error("`{file}` is not what was kept: {reason}")]
    Foreign {
        /// What was read, relative to the entry.
        file: String,
        /// What does not fit.
        reason: &'static str,
    },
    /// It is not in columns as they were written.
    #[error("`{file}` is not in the columns it was written in")]
    Columns {
        /// What was read, relative to the entry.
        file: String,
        /// Why.
        #[source]
        source: arrow_schema::ArrowError,
    },
}
