//! What one thread reads of a log.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::atomic::Ordering;

use bumpalo::Bump;
use jiff::Timestamp;
use records::time::DateOrder;
use records::{CsvRow, Offer, Record, cut_behind, without_trailing_commas};

use crate::cache::{self, Batch, BatchFile, Entry, NotKept, Refused, Writer, Writing};
use crate::census::{Census, lock};
use crate::columns::Columns;
use crate::content::content_print;
use crate::field::Field;
use crate::json::Reading;
use crate::measures::Scope;
use crate::portal_file;
use crate::reader::{Pass, Reader, Tally, earlier, window_start};
use crate::recognise::{Recognised, recognise, would_be_sign_in};
use crate::scan::{Found, Scanner, Wanted};
use crate::sign_in::SignIn;
use crate::told::Told;
use crate::words::fingerprint;

/// Bytes of text looked at together, and then all lines up to where one begins a JSON text: what is
/// found in them stays in the processor's second cache.
const AT_A_TIME: usize = if cfg!(test) { 200 } else { 512 << 10 };

/// Reads parts of a log for a [`Reader`], on a thread of its own.
#[derive(Debug)]
pub struct Worker<'r> {
    reader: &'r Reader,
    tally: Tally,
    window: Known,
    scanner: Scanner,
    wanted: Wanted,
    columns: Option<(u64, Option<Columns>)>,
    file: File,
    /// Where the records taken are kept, too.
    writer: Option<Writer>,
    /// Room for rewritten texts of one record or part.
    arena: Bump,
}

/// What is known of the window.
#[derive(Debug, Clone, Copy)]
struct Known {
    newest: Timestamp,
    from: Timestamp,
}

/// What the name of the file tells.
#[derive(Debug, Default)]
struct File {
    name: String,
    kind: Option<&'static str>,
    authentication_details: bool,
}

/// What came of one part of a text.
#[derive(Debug, Default)]
pub struct PartRead {
    /// Sign-ins taken.
    pub taken: u64,
    /// Line ends in the part.
    pub lines: u64,
    /// What is to be read the exact way: where it stands in the part, and how many lines of the
    /// part come before it.
    pub odd: Vec<(Range<usize>, u64)>,
}

impl<'r> Worker<'r> {
    pub(crate) fn new(reader: &'r Reader) -> Self {
        // What is kept must answer any question, and make any row.
        let scope = if reader.keeps { Scope::Rows } else { reader.question.scope };
        Self {
            reader,
            tally: Tally::new(reader.question.scope, reader.room.clone(), reader.ask.clone()),
            window: Known { newest: Timestamp::MIN, from: Timestamp::MIN },
            scanner: Scanner::for_scope(scope),
            wanted: Wanted::of_scope(scope),
            columns: None,
            file: File::default(),
            writer: None,
            arena: Bump::new(),
        }
    }

    /// What was measured.
    #[must_use]
    pub fn finish(mut self) -> Tally {
        // Here every thread does its own; where tallies are joined, one does all of it.
        self.tally.measures.settle();
        self.tally
    }

    /// Offers one record of the source named `file`. The name tells the kind of a portal download
    /// (`InteractiveSignIns_…`) and nothing else.
    pub fn offer(&mut self, record: &Record<'_>, file: &str) -> Offer {
        self.file.is(file);
        let mut arena = std::mem::take(&mut self.arena);
        let offer = match record {
            Record::Json(record) => self.offer_json(record.bytes, &arena),
            Record::Csv(row) => self.offer_row(row, &arena),
            Record::EmptyList { context } => {
                let of_sign_ins = context.is_some_and(|context| {
                    context.to_ascii_lowercase().contains("auditlogs/signins")
                });
                if of_sign_ins { Offer::Taken } else { Offer::NotMine }
            }
        };
        arena.reset();
        self.arena = arena;
        offer
    }

    /// Reads a part of a text that holds JSON texts, each beginning a line of its own. Takes the
    /// sign-ins that are plain to see; the rest is for [`Self::offer`].
    pub fn read_text(&mut self, bytes: &[u8], file: &str) -> PartRead {
        self.file.is(file);
        let mut arena = std::mem::take(&mut self.arena);
        let mut scanner = std::mem::take(&mut self.scanner);
        let mut read = PartRead::default();
        let mut at = 0;
        while at < bytes.len() {
            let end = cut_behind(bytes, at.saturating_add(AT_A_TIME));
            self.read_lines(bytes, at..end, &mut scanner, &arena, &mut read);
            arena.reset();
            at = end;
        }
        (self.arena, self.scanner) = (arena, scanner);
        self.tell_newest();
        read
    }

    /// Reads some of the lines of a part.
    fn read_lines(
        &mut self,
        part: &[u8],
        lines: Range<usize>,
        scanner: &mut Scanner,
        arena: &Bump,
        read: &mut PartRead,
    ) {
        let start = lines.start;
        let bytes = part.get(lines).unwrap_or_default();
        if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
            self.scan(text, start, scanner, arena, read);
            return;
        }
        // Lines with bytes that are no text are left to the exact way, the others read.
        for lines in crate::scan::pieces(bytes) {
            let piece = bytes.get(lines.clone()).unwrap_or_default();
            let lines = lines.start + start..lines.end + start;
            match std::str::from_utf8(piece) {
                Ok(text) => self.scan(text, lines.start, scanner, arena, read),
                Err(_) => {
                    read.odd.push((lines, read.lines));
                    read.lines += crate::scan::line_ends(piece);
                }
            }
        }
    }

    fn scan(
        &mut self,
        text: &str,
        offset: usize,
        scanner: &mut Scanner,
        arena: &Bump,
        read: &mut PartRead,
    ) {
        let PartRead { taken, lines, odd } = read;
        let before = *lines;
        *lines += scanner.read(text, arena, &mut |found| match found {
            Found::Object(reading) => {
                let sign_in = recognise(reading) == Recognised::SignIn;
                if sign_in {
                    self.take_of_file(&mut reading.sign_in, arena);
                    *taken += 1;
                }
                sign_in
            }
            Found::Odd(range, lines) => {
                odd.push((range.start + offset..range.end + offset, before + lines));
                true
            }
        });
    }

    fn offer_json(&mut self, bytes: &[u8], arena: &Bump) -> Offer {
        let mut reading = Reading::new(DateOrder::default(), arena);
        let Err(fault) = reading.read(bytes) else { return self.judge_json(reading, arena) };
        if let Some(repaired) = without_trailing_commas(bytes) {
            let mut again = Reading::new(DateOrder::default(), arena);
            if again.read(arena.alloc_slice_copy(&repaired)).is_ok() {
                return self.judge_json(again, arena);
            }
        }
        if would_be_sign_in(&reading, bytes) {
            return self.unreadable(format!("a sign-in that is not valid JSON: {fault}"));
        }
        Offer::NotMine
    }

    fn offer_row(&mut self, row: &CsvRow<'_>, arena: &Bump) -> Offer {
        if self.file.authentication_details {
            return Offer::NotMine;
        }
        if self.columns.as_ref().is_none_or(|(id, _)| *id != row.header_id) {
            self.columns = Some((row.header_id, Columns::of(row.header, &self.wanted)));
        }
        let Some((_, Some(columns))) = &mut self.columns else { return Offer::NotMine };
        let reading = columns.read(row, arena);
        self.judge(reading, arena)
    }

    /// What the exact way read, as the scanner would have read it: copies must compare.
    fn judge_json(&mut self, mut reading: Reading<'_>, arena: &Bump) -> Offer {
        self.wanted.strip(&mut reading.sign_in);
        self.judge(reading, arena)
    }

    fn judge(&mut self, mut reading: Reading<'_>, arena: &Bump) -> Offer {
        match recognise(&reading) {
            Recognised::Other => Offer::NotMine,
            Recognised::Unreadable(reason) => self.unreadable(reason),
            Recognised::SignIn => {
                self.take_of_file(&mut reading.sign_in, arena);
                Offer::Taken
            }
        }
    }

    fn unreadable(&mut self, reason: String) -> Offer {
        if matches!(self.reader.pass, Pass::First(_)) {
            self.tally.counts.unreadable = self.tally.counts.unreadable.saturating_add(1);
        }
        Offer::Unreadable(reason)
    }

    fn take_of_file(&mut self, sign_in: &mut SignIn<'_>, arena: &Bump) {
        if let Some(kind) = self.file.kind {
            sign_in.text.set(Field::FileKind, kind);
        }
        self.take(sign_in, arena);
    }

    fn take(&mut self, sign_in: &SignIn<'_>, arena: &Bump) {
        let Some(time) = sign_in.time() else { return };
        let id = sign_in.text.told(Field::Id).map(fingerprint);
        let content = OnceCell::new();
        let content = || *content.get_or_init(|| content_print(sign_in));
        if let Some(writer) = &mut self.writer {
            writer.push(sign_in, content());
        }
        self.take_with(sign_in, (time, id), content, arena);
    }

    /// Takes a sign-in of which time, fingerprint of the id and fingerprint of the content are known.
    fn take_with(
        &mut self,
        sign_in: &SignIn<'_>,
        (time, id): (Timestamp, Option<u64>),
        content: impl FnOnce() -> u64,
        arena: &Bump,
    ) {
        match &self.reader.pass {
            Pass::First(census) => self.first(census, sign_in, time, id, content),
            Pass::Later { from, copies, held } => {
                if id.is_some_and(|id| copies.contains_key(&id)) {
                    let mut count = |sign_in: &SignIn<'_>| self.tally.count(sign_in, *from);
                    lock(held).arrive(sign_in, content(), arena, &mut count);
                } else {
                    self.tally.count(sign_in, *from);
                }
            }
        }
    }

    /// Takes a record in the first reading.
    fn first(
        &mut self,
        census: &Census,
        row: &impl Told,
        time: Timestamp,
        id: Option<u64>,
        content: impl FnOnce() -> u64,
    ) {
        let Self { reader, tally, window, .. } = self;
        let counts = &mut tally.counts;
        counts.read = counts.read.saturating_add(1);
        counts.newest = counts.newest.max(Some(time));
        counts.oldest = earlier(counts.oldest, Some(time));
        if id.is_some_and(|id| !census.see(id, content())) {
            counts.duplicates = counts.duplicates.saturating_add(1);
            return;
        }
        window.reach(time, reader.question.days);
        if time < window.from {
            counts.older = counts.older.saturating_add(1);
            return;
        }
        counts.oldest_counted = earlier(counts.oldest_counted, Some(time));
        tally.observe(row);
    }

    /// Keeps the records taken from here on, too.
    pub fn keep(&mut self, writing: &Writing, number: usize) {
        match &mut self.writer {
            Some(writer) => writer.start(writing, number),
            None => self.writer = Some(writing.writer(number)),
        }
    }

    /// Ends what [`Self::keep`] began: what is kept belongs into [`Writing::finish`].
    ///
    /// # Errors
    /// When anything of it could not be kept: the first failure.
    pub fn kept(&mut self) -> Result<Vec<BatchFile>, NotKept> {
        self.writer.as_mut().map_or_else(|| Ok(Vec::new()), Writer::end)
    }

    /// Takes the sign-ins of a batch that was kept, as if they were read from where they came
    /// from. The answer is how many there were.
    ///
    /// # Errors
    /// When the batch is not what was kept. Some of it may have been taken: the whole reading is to
    /// begin anew without it.
    pub fn read_kept(&mut self, entry: &Entry, file: &BatchFile) -> Result<u64, Refused> {
        let scope = self.reader.question.scope;
        let batch = entry.batch(file, &cache::Wanted::of(scope))?;
        match &self.reader.pass {
            _ if scope == Scope::Rows => self.spell_kept(&batch),
            Pass::First(census) => {
                for row in batch.rows().iter() {
                    let Some(time) = row.time() else { continue };
                    self.first(census, &row, time, row.print(Field::Id), || row.content());
                }
            }
            Pass::Later { from, copies, held } => {
                let mut copied = Vec::new();
                for (place, row) in batch.rows().iter().enumerate() {
                    if row.print(Field::Id).is_some_and(|id| copies.contains_key(&id)) {
                        copied.push(place);
                    } else if row.time().is_some() {
                        self.tally.count(&row, *from);
                    }
                }
                if !copied.is_empty() {
                    let batch = entry.batch(file, &cache::Wanted::EVERYTHING)?;
                    let rows = batch.rows();
                    let mut count = |sign_in: &SignIn<'_>| self.tally.count(sign_in, *from);
                    for row in copied.into_iter().map(|place| rows.row(place)) {
                        let (spelled, room) = (Bump::new(), Bump::new());
                        let sign_in = row.spell(&spelled);
                        lock(held).arrive(&sign_in, row.content(), &room, &mut count);
                    }
                }
            }
        }
        self.tell_newest();
        Ok(u64::try_from(file.rows()).unwrap_or(u64::MAX))
    }

    /// Takes the sign-ins of a batch as whole as they were kept.
    fn spell_kept(&mut self, batch: &Batch) {
        let (mut spelled, mut room) = (Bump::new(), Bump::new());
        for row in batch.rows().iter() {
            if let Some(time) = row.time() {
                let known = (time, row.print(Field::Id));
                self.take_with(&row.spell(&spelled), known, || row.content(), &room);
            }
            spelled.reset();
            room.reset();
        }
    }

    /// Tells the other threads of the newest record, and takes in what they told.
    fn tell_newest(&mut self) {
        let mine = self.tally.counts.newest.map_or(i64::MIN, Timestamp::as_second);
        let theirs = self.reader.newest.fetch_max(mine, Ordering::Relaxed);
        // The second may have begun before the record, never after it.
        if let Ok(time) = Timestamp::from_second(theirs) {
            self.window.reach(time, self.reader.question.days);
        }
    }
}

impl Known {
    fn reach(&mut self, time: Timestamp, days: u32) {
        if time > self.newest {
            *self = Self { newest: time, from: window_start(time, days) };
        }
    }
}

impl File {
    fn is(&mut self, name: &str) {
        if self.name != name {
            *self = Self {
                kind: portal_file::kind(name),
                authentication_details: portal_file::is_authentication_details(name),
                name: name.to_owned(),
            };
        }
    }
}
