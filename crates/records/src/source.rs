//! Files, archives, and the one way to read them.

use std::path::{Path, PathBuf};

use crate::limits::Limits;
use crate::record::{Offer, Record, Unreadable};

/// A folder that cannot be listed.
#[derive(Debug, thiserror::Error)]
#[error("cannot list the folder `{}`", path.display())]
pub struct WalkError {
    /// The folder.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: std::io::Error,
}

/// A source that cannot be opened at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot open `{name}`")]
pub struct ReadError {
    /// The source's name.
    pub name: String,
    /// Why.
    #[source]
    pub source: std::io::Error,
}

/// A place records come from: a file, or an entry of a zip.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Path relative to the folder, with `/`; an entry of a zip as `archive.zip/entry.csv`.
    pub name: String,
    /// Bytes on disk (of the entry: compressed).
    pub bytes: u64,
    path: PathBuf,
    entry: Option<usize>,
}

/// What a source turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON in any framing.
    Json,
    /// CSV with a header.
    Csv,
    /// Neither: nothing was handed out.
    Other,
}

/// What one reading of one source came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What the source is.
    pub format: Format,
    /// Records taken.
    pub taken: u64,
    /// Records nobody wanted.
    pub not_wanted: u64,
    /// Everything unreadable: counted all, the first twenty kept.
    pub unreadable: u64,
    /// The first twenty.
    pub problems: Vec<Unreadable>,
    /// Things worth saying that are no failure, such as an ambiguous date order.
    pub notes: Vec<String>,
}

/// Lists the sources of a folder (or one file), sub-folders walked, zip entries listed, sorted by
/// name. What cannot be listed comes as problems, not as an error; only a folder that cannot be
/// opened at all is one.
///
/// # Errors
/// When `root` itself cannot be listed.
pub fn walk(root: &Path, limits: &Limits) -> Result<(Vec<Source>, Vec<Unreadable>), WalkError> {
    let _ = (root, limits);
    Ok((Vec::new(), Vec::new()))
}

/// Reads one source from start to end and offers every record to `sink`. `progress` is told the
/// bytes of the file (compressed, on disk) consumed since it was last called.
///
/// A damaged part is at least one unreadable record and never ends the reading of the rest that
/// can still be framed.
///
/// # Errors
/// When the file cannot be opened; anything later is in [`Reading::problems`].
pub fn read(
    source: &Source,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
    sink: &mut dyn FnMut(&Record<'_>) -> Offer,
) -> Result<Reading, ReadError> {
    let _ = (source, limits, progress, sink);
    Ok(Reading {
        format: Format::Other,
        taken: 0,
        not_wanted: 0,
        unreadable: 0,
        problems: Vec::new(),
        notes: Vec::new(),
    })
}
