//! A sliding view of a stream: what the current record needs is kept, the rest is let go.

use std::io::{self, Read};

/// Bytes asked of the stream at a time.
const CHUNK: usize = 128 << 10;

/// The kept part of a stream, with the line it starts on.
///
/// Positions are relative to the first kept byte and stay valid until [`Window::release`].
pub(crate) struct Window<R> {
    source: R,
    data: Vec<u8>,
    start: usize,
    end: usize,
    line: u64,
    released: u64,
    indentation: Option<usize>,
    ended: bool,
    failure: Option<io::Error>,
}

impl<R: Read> Window<R> {
    pub(crate) fn new(source: R) -> Self {
        Self::going_on(Vec::new(), source, 1)
    }

    /// What was already read and the rest of the stream behind it; the first byte begins a line.
    pub(crate) fn going_on(read: Vec<u8>, source: R, line: u64) -> Self {
        Self {
            source,
            start: 0,
            end: read.len(),
            data: read,
            line,
            released: 0,
            indentation: Some(0),
            ended: false,
            failure: None,
        }
    }

    /// The same room for another stream, of which the first byte begins a line.
    pub(crate) fn restart(&mut self, source: R, line: u64) {
        let read = std::mem::take(&mut self.data);
        *self = Self { data: read, end: 0, ..Self::going_on(Vec::new(), source, line) };
    }

    /// Bytes let go so far.
    pub(crate) fn released(&self) -> u64 {
        self.released
    }

    /// The stream.
    pub(crate) fn source(&self) -> &R {
        &self.source
    }

    /// Everything read and not yet released.
    pub(crate) fn kept(&self) -> &[u8] {
        self.data.get(self.start..self.end).unwrap_or_default()
    }

    /// Line of the first kept byte, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Blanks before the first kept byte, where nothing else stands before it on its line.
    pub(crate) fn indentation(&self) -> Option<usize> {
        self.indentation
    }

    /// Lets the first `count` bytes go.
    pub(crate) fn release(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        let gone = self.data.get(self.start..self.start + count).unwrap_or_default();
        self.line += u64::try_from(memchr::memchr_iter(b'\n', gone).count()).unwrap_or(u64::MAX);
        let (before, on_this_line) = match memchr::memrchr(b'\n', gone) {
            Some(line_break) => (Some(0), gone.get(line_break + 1..).unwrap_or_default()),
            None => (self.indentation, gone),
        };
        let blank = on_this_line.iter().all(|byte| matches!(byte, b' ' | b'\t'));
        self.indentation = before.filter(|_| blank).map(|blanks| blanks + on_this_line.len());
        self.start += count;
        self.released += u64::try_from(count).unwrap_or(u64::MAX);
    }

    /// Reads more behind what is kept; `false` at the end of the stream, or where it fails.
    pub(crate) fn more(&mut self) -> bool {
        if self.ended {
            return false;
        }
        self.make_room();
        loop {
            let room = self.data.get_mut(self.end..).unwrap_or_default();
            match self.source.read(room) {
                Ok(0) => break,
                Ok(count) => {
                    self.end += count.min(room.len());
                    return true;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    break;
                }
            }
        }
        self.ended = true;
        false
    }

    /// The byte at a position, read if need be.
    pub(crate) fn byte(&mut self, position: usize) -> Option<u8> {
        loop {
            if let Some(byte) = self.kept().get(position) {
                return Some(*byte);
            }
            if !self.more() {
                return None;
            }
        }
    }

    /// Reads until so many bytes are kept, or the stream ends.
    pub(crate) fn keep_ahead(&mut self, count: usize) {
        while self.kept().len() < count && self.more() {}
    }

    /// Whether the stream ended before its time.
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Why the stream ended before its time, once.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// At least half a chunk of room behind `end`. Growing by half keeps the copying linear; the
    /// caller bounds what is kept, and thereby this.
    fn make_room(&mut self) {
        if self.data.len() - self.end >= CHUNK / 2 {
            return;
        }
        let length = self.end - self.start;
        if self.data.len() - length >= CHUNK / 2 && self.start >= length {
            self.data.copy_within(self.start..self.end, 0);
        } else {
            // Fresh zeros come from the system for nothing; growing in place would write them.
            let mut data = vec![0; length + (length / 2).max(CHUNK)];
            if let Some(room) = data.get_mut(..length) {
                room.copy_from_slice(self.kept());
            }
            self.data = data;
        }
        self.start = 0;
        self.end = length;
    }
}
