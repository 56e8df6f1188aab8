//! Files, archives, and the one way to read them.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::archive::{self, Entry};
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::record::{Offer, Record, Unreadable};
use crate::stream::{self, Bytes, Medium, Opened, Telling};
use crate::text::{self, Nature, Utf16};
use crate::window::Window;
use crate::{csv, json};

/// What the program itself keeps in a folder, which no administrator downloaded.
const OWN_FOLDER: &str = ".lockstep";

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
    pub(crate) path: PathBuf,
    pub(crate) entry: Option<Entry>,
}

impl Source {
    /// The file its bytes are in.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What tells an entry of a zip apart from every other entry: where its bytes begin. `None` for
    /// a file.
    #[must_use]
    pub fn member(&self) -> Option<u64> {
        self.entry.as_ref().map(|entry| entry.start)
    }
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

impl Reading {
    /// A reading in which nothing was found yet.
    pub(crate) fn nothing() -> Self {
        Self {
            format: Format::Other,
            taken: 0,
            not_wanted: 0,
            unreadable: 0,
            problems: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// Lists the sources of a folder (or one file), sub-folders walked, zip entries listed, sorted by
/// name. What cannot be listed comes as problems, not as an error; only a folder that cannot be
/// opened at all is one.
///
/// Links are followed; one that leads back to a folder above is passed over, since what it leads
/// to is listed anyway. A folder `.lockstep` is the program's own and holds no exports.
///
/// # Errors
/// When `root` itself cannot be listed.
pub fn walk(root: &Path, limits: &Limits) -> Result<(Vec<Source>, Vec<Unreadable>), WalkError> {
    let mut found = Found { root, limits, sources: Vec::new(), problems: Vec::new() };
    let own = |entry: &DirEntry| entry.depth() > 0 && entry.file_name() == OWN_FOLDER;
    for entry in WalkDir::new(root).follow_links(true).into_iter().filter_entry(|it| !own(it)) {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => found.entry(&entry),
            Err(error) if error.depth() == 0 => {
                let source =
                    error.into_io_error().unwrap_or_else(|| io::ErrorKind::NotFound.into());
                return Err(WalkError { path: root.to_owned(), source });
            }
            Err(error) if error.loop_ancestor().is_some() => {}
            Err(error) => {
                let path = error.path().unwrap_or(root);
                let reason = match error.io_error() {
                    Some(error) => format!("cannot be listed: {error}"),
                    None => "cannot be listed".to_owned(),
                };
                found.problem(found.name(path), reason);
            }
        }
    }
    found.sources.sort();
    found.problems.sort_by(|one, other| one.file.cmp(&other.file));
    Ok((found.sources, found.problems))
}

/// What a walk found so far.
struct Found<'w> {
    root: &'w Path,
    limits: &'w Limits,
    sources: Vec<Source>,
    problems: Vec<Unreadable>,
}

impl Found<'_> {
    fn entry(&mut self, entry: &DirEntry) {
        let path = entry.path();
        let name = self.name(path);
        // A pipe or a device might never end, or never begin.
        if !entry.file_type().is_file() {
            self.problem(name, "is neither a file nor a folder".to_owned());
            return;
        }
        let bytes = match entry.metadata() {
            Ok(metadata) => metadata.len(),
            Err(error) => {
                self.problem(name, format!("cannot be opened: {}", io::Error::from(error)));
                return;
            }
        };
        let listing = match zip_listing(Medium::File(path), self.limits) {
            Ok(listing) => listing,
            Err(error) => {
                self.problem(name, format!("cannot be opened: {error}"));
                return;
            }
        };
        let Some(listing) = listing else {
            self.sources.push(Source { name, bytes, path: path.to_owned(), entry: None });
            return;
        };
        for (entry_name, reason) in listing.problems {
            let name = entry_name.map_or_else(|| name.clone(), |entry| format!("{name}/{entry}"));
            self.problem(name, reason);
        }
        for (entry_name, entry) in listing.entries {
            self.sources.push(Source {
                name: format!("{name}/{entry_name}"),
                bytes: entry.packed_bytes,
                path: path.to_owned(),
                entry: Some(entry),
            });
        }
    }

    /// The path below the root, with `/`; the file name where the root is the file.
    fn name(&self, path: &Path) -> String {
        let below = path.strip_prefix(self.root).unwrap_or(path);
        let parts: Vec<_> = below.iter().map(OsStr::to_string_lossy).collect();
        if parts.is_empty() {
            let name = path.file_name().unwrap_or(path.as_os_str());
            return name.to_string_lossy().into_owned();
        }
        parts.join("/")
    }

    fn problem(&mut self, file: String, reason: String) {
        self.problems.push(Unreadable { file, line: 0, reason });
    }
}

/// What a zip holds; `None` where it is no zip.
fn zip_listing(medium: Medium<'_>, limits: &Limits) -> io::Result<Option<archive::Listing>> {
    let mut file = medium.open()?;
    let mut magic = Vec::with_capacity(4);
    (&mut file).take(4).read_to_end(&mut magic)?;
    if magic != b"PK\x03\x04" && magic != b"PK\x05\x06" {
        return Ok(None);
    }
    Ok(archive::list(file, limits))
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
    let medium = Medium::File(&source.path);
    let mut ledger = Ledger::new(&source.name, sink);
    read_medium(medium, source.entry.as_ref(), limits, progress, &mut ledger)
        .map_err(|error| ReadError { name: source.name.clone(), source: error })?;
    Ok(ledger.finish())
}

/// Reads bytes as [`read`] reads a file of this name. The entries of a zip are read one after the
/// other, as one source.
pub fn read_bytes(
    name: &str,
    bytes: &[u8],
    limits: &Limits,
    sink: &mut dyn FnMut(&Record<'_>) -> Offer,
) -> Reading {
    let mut ledger = Ledger::new(name, sink);
    let medium = Medium::Bytes(bytes);
    let result = match zip_listing(medium, limits) {
        Ok(Some(listing)) => {
            for (entry, reason) in listing.problems {
                let entry = entry.map_or_else(String::new, |entry| format!("`{entry}`: "));
                ledger.unreadable(0, format!("{entry}{reason}"));
            }
            listing.entries.iter().try_for_each(|(_, entry)| {
                read_medium(medium, Some(entry), limits, &mut |_| {}, &mut ledger)
            })
        }
        Ok(None) => read_medium(medium, None, limits, &mut |_| {}, &mut ledger),
        Err(error) => Err(error),
    };
    if let Err(error) = result {
        ledger.unreadable(0, stream::describe(&error));
    }
    ledger.finish()
}

fn read_medium(
    medium: Medium<'_>,
    entry: Option<&Entry>,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
    ledger: &mut Ledger<'_>,
) -> io::Result<()> {
    let opened = stream::open(medium.open()?, entry, limits)?;
    let again = || Ok(stream::open(medium.open()?, entry, limits)?.bytes);
    read_opened(opened, 0, &again, limits, progress, ledger);
    Ok(())
}

/// Reads a stream from its start. `told` is what `progress` already knows to be consumed, and
/// `again` opens the same bytes a second time.
pub(crate) fn read_opened<'s>(
    opened: Opened<'s>,
    told: u64,
    again: &dyn Fn() -> io::Result<Bytes<'s>>,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
    ledger: &mut Ledger<'_>,
) {
    let mut bytes = opened.bytes;
    let nature = text::nature(bytes.start());
    let utf16 = match nature {
        Nature::Text { utf16, mark } => {
            bytes.skip(mark);
            utf16
        }
        Nature::Empty | Nature::Zeros | Nature::Binary(_) => None,
    };
    let failure = if nature == Nature::Empty { bytes.take_failure() } else { None };
    let telling = Telling::new(decoded(bytes, utf16), opened.consumed, told, progress);
    match nature {
        Nature::Empty => match failure {
            Some(failure) => ledger.unreadable(0, stream::describe(&failure)),
            None => ledger.note("the file is empty"),
        },
        // Under another name it is no export at all.
        Nature::Zeros if is_json_name(ledger.file()) || is_csv_name(ledger.file()) => {
            ledger.unreadable(
                1,
                "the file is nothing but zeros: the download was interrupted; download it again",
            );
        }
        Nature::Zeros | Nature::Binary(None) => {}
        Nature::Binary(Some(what)) => ledger.note(what),
        Nature::Text { .. } => {
            let mut window = Window::new(telling);
            let format = format(ledger.file(), &mut window);
            frame(window, format, &|| Ok(decoded(without_mark(again()?), utf16)), limits, ledger);
        }
    }
}

/// Hands out what a window holds, from its start.
pub(crate) fn frame<'s, R: Read>(
    window: Window<R>,
    format: Format,
    again: &dyn Fn() -> io::Result<Box<dyn Read + 's>>,
    limits: &Limits,
    ledger: &mut Ledger<'_>,
) {
    match format {
        Format::Json => {
            ledger.format(Format::Json);
            json::frame(window, limits, ledger);
        }
        Format::Csv => {
            ledger.format(Format::Csv);
            // A second opening: what the whole file says of its dates comes before its first row.
            let dates = again().map_or_else(
                |_| csv::Dates::default(),
                |again| csv::decide(Window::new(again), limits),
            );
            csv::frame(window, limits, dates, ledger);
        }
        Format::Other => {}
    }
}

pub(crate) fn without_mark(mut bytes: Bytes<'_>) -> Bytes<'_> {
    if let Nature::Text { mark, .. } = text::nature(bytes.start()) {
        bytes.skip(mark);
    }
    bytes
}

fn decoded<'s>(
    bytes: Bytes<'s>,
    utf16: Option<&'static encoding_rs::Encoding>,
) -> Box<dyn Read + 's> {
    match utf16 {
        Some(encoding) => Box::new(Utf16::new(bytes, encoding)),
        None => Box::new(bytes),
    }
}

/// What the text is, by its first sign; a name that says JSON is believed where a record that
/// was damaged at its start may hide it.
fn format<R: Read>(name: &str, window: &mut Window<R>) -> Format {
    const LOOKED_AT: usize = 1 << 20;
    let mut at = 0;
    let mut significant = || loop {
        let byte = window.byte(at).filter(|_| at <= LOOKED_AT)?;
        at += 1;
        if !byte.is_ascii_whitespace() && byte != 0x1e {
            return Some(byte);
        }
    };
    match significant() {
        Some(b'{') => Format::Json,
        // Markdown and settings files begin with a bracket, too.
        Some(b'[') if is_json_name(name) => Format::Json,
        Some(b'[') => match significant() {
            Some(b'{' | b']' | b'[') => Format::Json,
            _ => Format::Other,
        },
        // A page of HTML or XML.
        None | Some(b'<') => Format::Other,
        Some(_) if is_json_name(name) => Format::Json,
        Some(_) => Format::Csv,
    }
}

pub(crate) fn is_json_name(name: &str) -> bool {
    ends_in(name, &[".json", ".jsonl", ".ndjson"])
}

fn is_csv_name(name: &str) -> bool {
    ends_in(name, &[".csv"])
}

fn ends_in(name: &str, endings: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    endings.iter().any(|ending| name.ends_with(ending))
}
