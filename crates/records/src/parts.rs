//! One source handed out in parts, so that several threads can read it.
//!
//! Parts are cut where records end: JSON where a line ends in `}` and the next begins with `{`,
//! which in valid JSON only happens between the values of a file, and CSV at the start of a row as
//! the exact splitter finds them. Where the cuts are is decided by the bytes of the file alone.
//! What cannot be cut is read in one piece, by the exact framers.
//!
//! The parts of a source together give what [`crate::read`] gives, with two differences where JSON
//! is damaged. A list that is left open ends where the next part begins, so that what follows is
//! not taken for its elements. And of several values on one line, of which one is damaged, the next
//! sound one is known by what the first value of the part looked like, not the first of the file.

mod cut;
mod packed;
mod part;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

pub use cut::cut_behind;
pub use part::{Part, Unpacked};

use crate::csv::{self, Contrary, Surveyor, Table};
use crate::json;
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::record::{Offer, Record};
use crate::source::{self, Format, ReadError, Reading, Source};
use crate::stream::{self, Bytes, Consumed, Opened, Telling};
use crate::window::Window;

/// Bytes of a part, so that a part stays in the cache next to a core while it is read.
const PART_BYTES: usize = 512 << 10;
/// Bytes asked of a stream at a time. Where packed data is damaged, what came out of it since the
/// last time is lost.
const CHUNK: usize = 128 << 10;
/// Bytes among which an end of a record must be.
const MOST_BYTES: usize = 4 << 20;

/// One source being handed out in parts.
///
/// [`Parts::next`] is called by whichever thread is free, one at a time: it reads (and inflates),
/// finds the cut and keeps what is behind it for the next part.
pub struct Parts {
    source: Source,
    name: Arc<str>,
    limits: Limits,
    consumed: Consumed,
    inflates: bool,
    part_bytes: usize,
    most_bytes: usize,
    state: State,
    rest: Remaining,
    number: u32,
}

/// What was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handed {
    /// The part holds whole top-level JSON texts.
    Text,
    /// The part holds whole rows of a CSV file; [`Part::table`] tells of its header.
    Rows,
    /// The part holds a whole small gzip file as it is packed: [`Part::unpack`] makes it one of the
    /// other two, outside the lock.
    Packed,
    /// What is left cannot be cut: [`Parts::read_rest`] reads it.
    Rest,
    /// Nothing is left.
    End,
}

/// What comes next.
enum State {
    /// Nothing was looked at.
    Start,
    Text,
    /// The header of a CSV file.
    Table,
    Rows(Arc<Table>),
    Packed(File),
    /// All of the source, by the exact way.
    Whole,
    /// The rest, of this format, by the exact way.
    Rest(Format, Option<Arc<Table>>),
    End,
}

/// What of a stream was not handed out.
struct Remaining {
    /// Read already.
    carried: Vec<u8>,
    stream: Bytes<'static>,
    ended: bool,
    /// Why the stream ended before its time.
    failure: Option<io::Error>,
}

/// What the reading of a rest came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestReading {
    /// Where the rest is all of the source this is what [`crate::read`] returns. Otherwise the
    /// notes on dates are missing: [`Table::notes`] says them of the whole source.
    pub reading: Reading,
    /// Dates of the rest that can only be read in the other order.
    pub contrary: Option<Contrary>,
}

/// Opens a source to be handed out in parts.
///
/// # Errors
/// When the file cannot be opened.
pub fn parts(source: &Source, limits: &Limits) -> Result<Parts, ReadError> {
    Parts::open(source, limits, PART_BYTES, MOST_BYTES)
        .map_err(|error| ReadError { name: source.name.clone(), source: error })
}

impl Parts {
    fn open(
        source: &Source,
        limits: &Limits,
        part_bytes: usize,
        most_bytes: usize,
    ) -> io::Result<Self> {
        let mut file = File::open(&source.path)?;
        let is_small = source.entry.is_none() && packed::is_small(&mut file, limits)?;
        let (state, opened) = if is_small {
            (State::Packed(file), Opened::nothing())
        } else {
            (State::Start, stream::open(Box::new(file), source.entry.as_ref(), limits)?)
        };
        let rest =
            Remaining { carried: Vec::new(), stream: opened.bytes, ended: false, failure: None };
        Ok(Self {
            source: source.clone(),
            name: source.name.as_str().into(),
            limits: *limits,
            consumed: opened.consumed,
            inflates: opened.inflates,
            part_bytes,
            most_bytes,
            state,
            rest,
            number: 0,
        })
    }

    /// Bytes of the file, as they are on disk, consumed so far.
    #[must_use]
    pub fn consumed(&self) -> u64 {
        self.consumed.bytes()
    }

    /// Whether [`Parts::next`] inflates, so that it takes about as long as reading the part does.
    #[must_use]
    pub fn inflates(&self) -> bool {
        self.inflates
    }

    /// Fills the part with what comes next.
    pub fn next(&mut self, part: &mut Part) -> Handed {
        part.begin(&self.name, self.number, &self.limits);
        let handed = self.fill(part);
        if matches!(handed, Handed::Text | Handed::Rows | Handed::Packed) {
            self.number += 1;
        }
        handed
    }

    fn fill(&mut self, part: &mut Part) -> Handed {
        loop {
            match &self.state {
                State::Start => self.state = self.begin(),
                State::Text => return self.text(part),
                State::Table => return self.first_rows(part),
                State::Rows(table) => {
                    let table = Arc::clone(table);
                    return self.rows(part, &table);
                }
                State::Packed(_) => {
                    if let State::Packed(file) = std::mem::replace(&mut self.state, State::End) {
                        self.consumed.add(self.source.bytes);
                        part.set_packed(file);
                    }
                    return Handed::Packed;
                }
                State::Whole | State::Rest(..) => return Handed::Rest,
                State::End => return Handed::End,
            }
        }
    }

    /// Looks at the first bytes.
    fn begin(&mut self) -> State {
        let (state, mark) = match cut::beginning(self.rest.stream.start(), &self.source.name) {
            Some((Format::Json, mark)) => (State::Text, mark),
            Some((Format::Csv, mark)) => (State::Table, mark),
            Some((Format::Other, _)) | None => (State::Whole, 0),
        };
        self.rest.stream.skip(mark);
        state
    }

    fn text(&mut self, part: &mut Part) -> Handed {
        let mut searched = 0;
        let cut = self.cut(part, |bytes| {
            let cut = cut::last(bytes, searched);
            searched = bytes.len();
            cut
        });
        match cut {
            Cut::Nowhere => {
                self.state = State::Rest(Format::Json, None);
                return Handed::Rest;
            }
            Cut::Found => {}
            Cut::End if part.bytes().is_empty() => {
                self.state = State::End;
                return Handed::End;
            }
            Cut::End => self.state = State::End,
        }
        Handed::Text
    }

    /// The header and the first rows.
    fn first_rows(&mut self, part: &mut Part) -> Handed {
        let limits = self.limits;
        let mut found = None;
        let cut = self.cut(part, |bytes| {
            let (table, begin) = Table::beginning(bytes, false, &limits)?;
            let cut = Surveyor::new(&table, begin, &limits).last_row(bytes)?;
            found = Some((table, begin));
            Some(cut)
        });
        let is_end = cut == Cut::End;
        if is_end {
            found = Table::beginning(part.bytes(), true, &limits);
        }
        let Some((table, begin)) = found else {
            self.rest.take_back(part);
            self.state = State::Rest(Format::Csv, None);
            return Handed::Rest;
        };
        let table = Arc::new(table.with_dates(self.dates(part.bytes(), is_end)));
        self.state = if is_end { State::End } else { State::Rows(Arc::clone(&table)) };
        part.set_table(table, begin);
        Handed::Rows
    }

    /// What the whole file says of its dates, if its first rows leave it open.
    fn dates(&self, first: &[u8], is_end: bool) -> csv::Dates {
        let dates = csv::decide(Window::new(first), &self.limits);
        if is_end || !dates.are_open() {
            return dates;
        }
        again(&self.source, &self.limits).map_or_else(
            |_| csv::Dates::default(),
            |bytes| csv::decide(Window::new(source::without_mark(bytes)), &self.limits),
        )
    }

    fn rows(&mut self, part: &mut Part, table: &Arc<Table>) -> Handed {
        let mut surveyor = Surveyor::new(table, 0, &self.limits);
        let cut = self.cut(part, |bytes| surveyor.last_row(bytes));
        match cut {
            Cut::Nowhere => {
                self.state = State::Rest(Format::Csv, Some(Arc::clone(table)));
                return Handed::Rest;
            }
            Cut::Found => {}
            Cut::End if part.bytes().is_empty() => {
                self.state = State::End;
                return Handed::End;
            }
            Cut::End => self.state = State::End,
        }
        part.set_table(Arc::clone(table), 0);
        Handed::Rows
    }

    /// Fills the part, more and more until there is a cut, and keeps what is behind it.
    fn cut(&mut self, part: &mut Part, mut find: impl FnMut(&[u8]) -> Option<usize>) -> Cut {
        part.put(&self.rest.carried);
        self.rest.carried.clear();
        let mut size = self.part_bytes;
        loop {
            self.rest.read(part, size);
            if self.rest.ended && self.rest.failure.is_none() {
                part.set_last();
                return Cut::End;
            }
            if let Some(cut) = find(part.bytes()) {
                self.rest.carried.extend_from_slice(part.bytes().get(cut..).unwrap_or_default());
                part.shorten(cut);
                return Cut::Found;
            }
            if self.rest.failure.is_some() || part.bytes().len() >= self.most_bytes {
                self.rest.take_back(part);
                return Cut::Nowhere;
            }
            size = size.saturating_mul(2).min(self.most_bytes);
        }
    }

    /// Reads what was not handed out, by the exact way. `progress` is told the bytes of the file
    /// consumed beyond [`Parts::consumed`]; lines are counted from `lines_before` on.
    ///
    /// Where nothing was handed out before, this is what [`crate::read`] does.
    pub fn read_rest(
        self,
        lines_before: u64,
        progress: &mut dyn FnMut(u64),
        sink: &mut dyn FnMut(&Record<'_>) -> Offer,
    ) -> RestReading {
        let told = self.consumed();
        let Self { source, limits, consumed, inflates, state, rest, .. } = self;
        let mut ledger = Ledger::new(&source.name, sink);
        let mut contrary = None;
        let again = || again(&source, &limits);
        if matches!(state, State::Start | State::Whole) {
            let opened = Opened { bytes: rest.stream, consumed, inflates };
            source::read_opened(opened, told, &again, &limits, progress, &mut ledger);
            return RestReading { reading: ledger.finish(), contrary };
        }
        let Remaining { carried, stream, ended, failure } = rest;
        let stream = Behind { stream, ended, failure };
        let telling = Telling::new(stream, consumed, told, progress);
        let window = Window::going_on(carried, telling, lines_before + 1);
        match state {
            State::Text | State::Rest(Format::Json, _) => {
                ledger.format(Format::Json);
                json::frame(window, &limits, &mut ledger);
            }
            State::Rows(table) | State::Rest(Format::Csv, Some(table)) => {
                ledger.format(Format::Csv);
                contrary = csv::frame_rest(window, &limits, &table, &mut ledger);
            }
            State::Table | State::Rest(Format::Csv, None) => {
                let again = || -> io::Result<Box<dyn Read>> {
                    Ok(Box::new(source::without_mark(again()?)))
                };
                source::frame(window, Format::Csv, &again, &limits, &mut ledger);
            }
            State::Start | State::Whole | State::Packed(_) | State::Rest(..) | State::End => {}
        }
        RestReading { reading: ledger.finish(), contrary }
    }
}

/// Where a part ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// Before what was kept for the next.
    Found,
    /// Where the source ends.
    End,
    /// There is none; all of it was kept.
    Nowhere,
}

/// The same bytes once more.
fn again(source: &Source, limits: &Limits) -> io::Result<Bytes<'static>> {
    let file = File::open(&source.path)?;
    Ok(stream::open(Box::new(file), source.entry.as_ref(), limits)?.bytes)
}

impl Remaining {
    /// Reads behind what the part holds, until it holds so many bytes, or the stream ends.
    fn read(&mut self, part: &mut Part, size: usize) {
        while !self.ended {
            let room = part.room(size);
            let length = room.len().min(CHUNK);
            let room = room.get_mut(..length).unwrap_or_default();
            if room.is_empty() {
                return;
            }
            match self.stream.read(room) {
                Ok(0) => self.ended = true,
                Ok(count) => part.filled(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    self.failure = Some(error);
                }
            }
        }
    }

    /// Takes all that the part holds.
    fn take_back(&mut self, part: &mut Part) {
        self.carried.extend_from_slice(part.bytes());
        part.shorten(0);
    }
}

/// What comes behind what was read already.
struct Behind {
    stream: Bytes<'static>,
    ended: bool,
    failure: Option<io::Error>,
}

impl Read for Behind {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None if self.ended => Ok(0),
            None => self.stream.read(room),
        }
    }
}
