//! Rows of a CSV stream, one at a time.
//!
//! A quotation mark that opens a cell and is never closed would swallow the rest of the file. It
//! is suspected where the file (or the limit of a record) ends inside a quoted cell, and where a
//! row of several lines has another number of cells than the header or something behind a closing
//! quotation mark. Then the lines of that row
//! are looked at one by one: the first that has, by itself, as many cells as the header is taken
//! as the next row, and the row before it is reported. Without such a line a row that ended is
//! handed out as it is.

use std::io::Read;

use crate::limits::Limits;
use crate::stream;
use crate::window::Window;

/// What comes next in a stream of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Row {
    /// Cells, in [`Rows::text`] and [`Rows::ends`], of a row that starts on this line.
    Cells(u64),
    /// No row, from this line on, because.
    Damaged(u64, String),
    /// More cells than the limit.
    TooWide(u64),
    /// The end.
    End,
}

/// Where in a row the reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    CellStart,
    Plain,
    Quoted,
    /// Behind a quote in a quoted cell: its end, or half of a doubled one.
    Quote,
}

/// How a row ended.
enum Ended {
    /// At its line break or the end of the file, after this many bytes.
    Row(usize),
    /// The file ended within quotes.
    Open,
    /// The file ended, or could not be read further, before the row was complete.
    CutOff,
    /// Longer than the limit: so many bytes are complete, or end at such a place.
    TooLong(usize, Option<Place>),
    /// Nothing was left.
    Nothing,
}

/// Splits a stream to rows.
pub(super) struct Rows<R> {
    window: Window<R>,
    delimiter: u8,
    record_bytes: usize,
    columns: usize,
    text: Vec<u8>,
    ends: Vec<usize>,
    too_wide: bool,
    /// Whether something else than a delimiter stands behind a closing quote.
    stray_quote: bool,
    /// Cells of the header, once known.
    header: Option<usize>,
    /// How far in the stream the last row was followed.
    reach: u64,
}

impl<R: Read> Rows<R> {
    /// Finds the delimiter in the first line and passes over a `sep=` line.
    pub(super) fn new(mut window: Window<R>, limits: &Limits) -> Self {
        window.keep_ahead(64 << 10);
        let mut delimiter = delimiter(window.kept());
        let first_line = first_line(window.kept());
        if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', named] = first_line.trim_ascii_end() {
            delimiter = *named;
            let length = first_line.len();
            window.release(length);
        }
        Self { header: None, ..Self::behind_header(window, delimiter, 0, limits) }
    }

    /// Goes on behind a header of so many cells.
    pub(super) fn behind_header(
        window: Window<R>,
        delimiter: u8,
        header: usize,
        limits: &Limits,
    ) -> Self {
        Self {
            window,
            delimiter,
            record_bytes: limits.record_bytes,
            columns: limits.columns,
            text: Vec::new(),
            ends: Vec::new(),
            too_wide: false,
            stray_quote: false,
            header: Some(header),
            reach: 0,
        }
    }

    /// How far in the stream the last row was followed: where it was damaged, further than to
    /// where the next is.
    pub(super) fn reach(&self) -> u64 {
        self.reach
    }

    /// The stream of the rows.
    pub(super) fn window(&mut self) -> &mut Window<R> {
        &mut self.window
    }

    /// What stands between the cells.
    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Line of the next row.
    pub(super) fn line(&self) -> u64 {
        self.window.line()
    }

    /// Cells of the last row, one behind the other.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Ends of the cells in the text.
    pub(super) fn ends(&self) -> &[usize] {
        &self.ends
    }

    /// Why the stream ended before its time, once.
    pub(super) fn take_failure(&mut self) -> Option<std::io::Error> {
        self.window.take_failure()
    }

    /// Tells how many cells a sound row has.
    pub(super) fn header_has(&mut self, cells: usize) {
        self.header = Some(cells);
    }

    /// The next row that is not blank.
    pub(super) fn next(&mut self) -> Row {
        loop {
            let line = self.window.line();
            match self.follow() {
                Ended::Nothing => return Row::End,
                Ended::Row(length) => {
                    let blank = self.text.is_empty() && self.ends.len() <= 1;
                    if self.is_suspect(length) && self.resume_at_sound_line(length) {
                        return Row::Damaged(line, OPEN_QUOTE.to_owned());
                    }
                    self.window.release(length);
                    if blank {
                        continue;
                    }
                    return if self.too_wide { Row::TooWide(line) } else { Row::Cells(line) };
                }
                Ended::Open => {
                    let length = self.window.kept().len();
                    if !self.resume_at_sound_line(length) {
                        self.window.release(length);
                    }
                    return Row::Damaged(line, OPEN_QUOTE.to_owned());
                }
                Ended::CutOff => {
                    self.window.release(self.window.kept().len());
                    let reason = match self.window.take_failure() {
                        Some(failure) => stream::describe(&failure),
                        None => CUT_OFF.to_owned(),
                    };
                    return Row::Damaged(line, reason);
                }
                Ended::TooLong(at, place) => {
                    let limit = self.record_bytes;
                    let kept = self.window.kept().len();
                    if place == Some(Place::Quoted) && self.resume_at_sound_line(kept) {
                        return Row::Damaged(line, OPEN_QUOTE.to_owned());
                    }
                    let length = self.pass_over(at, place);
                    let reason = format!(
                        "a row of {length} bytes; at most {limit} are read, so it was skipped"
                    );
                    return Row::Damaged(line, reason);
                }
            }
        }
    }

    /// Reads one row, which stays in the window.
    fn follow(&mut self) -> Ended {
        let mut at = 0;
        let ended = self.follow_from(&mut at);
        self.reach = self.window.released() + u64::try_from(at).unwrap_or(u64::MAX);
        ended
    }

    fn follow_from(&mut self, at: &mut usize) -> Ended {
        self.text.clear();
        self.ends.clear();
        self.too_wide = false;
        self.stray_quote = false;
        let mut place = Place::CellStart;
        loop {
            let complete = self.split(at, &mut place);
            if complete && *at <= self.record_bytes {
                return Ended::Row(*at);
            }
            if complete {
                return Ended::TooLong(*at, None);
            }
            if *at > self.record_bytes {
                return Ended::TooLong(*at, Some(place));
            }
            if self.window.more() {
                continue;
            }
            if *at == 0 {
                return Ended::Nothing;
            }
            if self.window.has_failed() {
                return Ended::CutOff;
            }
            if place == Place::Quoted {
                return Ended::Open;
            }
            self.end_cell();
            let short = self.header.is_some_and(|cells| self.ends.len() < cells);
            return if short { Ended::CutOff } else { Ended::Row(*at) };
        }
    }

    /// Splits what is kept from `at` on. Whether the row ended.
    fn split(&mut self, at: &mut usize, place: &mut Place) -> bool {
        let kept = self.window.kept();
        let delimiter = self.delimiter;
        while let Some(byte) = kept.get(*at).copied() {
            let rest = kept.get(*at..).unwrap_or_default();
            let stop = match *place {
                Place::Quoted => memchr::memchr(b'"', rest),
                Place::Plain => memchr::memchr2(delimiter, b'\n', rest),
                Place::CellStart | Place::Quote => Some(0),
            };
            let length = stop.unwrap_or(rest.len());
            self.text.extend_from_slice(rest.get(..length).unwrap_or_default());
            *at += length;
            if stop.is_none() {
                return false;
            }
            let byte = if length == 0 { byte } else { kept.get(*at).copied().unwrap_or(b'\n') };
            match (*place, byte) {
                (Place::Quoted, _) => *place = Place::Quote,
                (Place::CellStart, b'"') => *place = Place::Quoted,
                (Place::Quote, b'"') => {
                    self.text.push(b'"');
                    *place = Place::Quoted;
                }
                (before, b'\n') => {
                    if before == Place::Plain && self.text.last() == Some(&b'\r') {
                        self.text.pop();
                    }
                    *at += 1;
                    end_cell(&self.text, &mut self.ends, self.columns, &mut self.too_wide);
                    return true;
                }
                (_, byte) if byte == delimiter => {
                    end_cell(&self.text, &mut self.ends, self.columns, &mut self.too_wide);
                    *place = Place::CellStart;
                }
                (before, byte) => {
                    self.stray_quote |= before == Place::Quote && byte != b'\r';
                    self.text.push(byte);
                    *place = Place::Plain;
                }
            }
            *at += 1;
        }
        false
    }

    fn end_cell(&mut self) {
        end_cell(&self.text, &mut self.ends, self.columns, &mut self.too_wide);
    }

    /// A row of several lines that is not as it should be.
    fn is_suspect(&self, length: usize) -> bool {
        self.header.is_some_and(|cells| cells > 1 && (self.stray_quote || cells != self.ends.len()))
            && memchr::memchr(b'\n', self.window.kept())
                .is_some_and(|line_break| line_break + 1 < length)
    }

    /// Goes to the first line behind the one the row starts on that is a sound row by itself, of
    /// those that begin within `length` bytes.
    fn resume_at_sound_line(&mut self, length: usize) -> bool {
        let kept = self.window.kept().get(..length).unwrap_or_default();
        let mut breaks = memchr::memchr_iter(b'\n', kept).map(|line_break| line_break + 1);
        let Some(mut start) = breaks.next() else { return false };
        loop {
            let end = breaks.next().unwrap_or(kept.len());
            let line = kept.get(start..end).unwrap_or_default();
            let cells = cells_of_line(line, self.delimiter);
            let sound = self.header.is_none_or(|header| cells == Some(header));
            if !line.is_empty() && sound {
                self.window.release(start);
                return true;
            }
            if end == kept.len() {
                return false;
            }
            start = end;
        }
    }

    /// Goes behind a row without keeping it. Its length in bytes.
    fn pass_over(&mut self, mut at: usize, mut place: Option<Place>) -> u64 {
        let mut length = 0_u64;
        loop {
            length += u64::try_from(at).unwrap_or(u64::MAX);
            self.window.release(at);
            at = 0;
            self.text.clear();
            self.ends.clear();
            let Some(place) = place.as_mut() else { return length };
            if !self.window.more() {
                return length;
            }
            if self.split(&mut at, place) {
                self.window.release(at);
                return length + u64::try_from(at).unwrap_or(u64::MAX);
            }
        }
    }
}

const CUT_OFF: &str = "the last row has fewer cells than the header and no line end: the file may have been cut \
     off; download it again";
const OPEN_QUOTE: &str = "a quotation mark opened in this row is not closed";

fn end_cell(text: &[u8], ends: &mut Vec<usize>, columns: usize, too_wide: &mut bool) {
    if ends.len() < columns {
        ends.push(text.len());
    } else {
        *too_wide = true;
    }
}

/// Cells of one line taken by itself; `None` when a quote stays open.
fn cells_of_line(line: &[u8], delimiter: u8) -> Option<usize> {
    let mut place = Place::CellStart;
    let mut cells = 1;
    for byte in line {
        place = match (place, *byte) {
            (Place::Quoted, b'"') => Place::Quote,
            (Place::Quoted, _) | (Place::CellStart | Place::Quote, b'"') => Place::Quoted,
            (_, byte) if byte == delimiter => {
                cells += 1;
                Place::CellStart
            }
            _ => Place::Plain,
        };
    }
    (place != Place::Quoted).then_some(cells)
}

fn first_line(start: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'\n', start).map_or(start.len(), |line_break| line_break + 1);
    start.get(..end).unwrap_or_default()
}

/// The most frequent of `,`, `;` and tab outside quotes in the first line that is not blank.
fn delimiter(start: &[u8]) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in start.trim_ascii_start() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some((_, count)) = counts.iter_mut().find(|(sign, _)| sign == byte) {
                    *count += 1;
                }
            }
        }
    }
    let mut best = (b',', 0);
    for (sign, count) in counts {
        if count > best.1 {
            best = (sign, count);
        }
    }
    best.0
}
