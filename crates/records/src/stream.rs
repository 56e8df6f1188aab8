//! From the bytes on disk to the bytes that were packed: gzip, zip entries, and what they may cost.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use flate2::Crc;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder};

use crate::archive::Entry;
use crate::limits::Limits;
use crate::text::SNIFFED;

/// Bytes asked of a file at a time.
const CHUNK: usize = 128 << 10;

/// Where bytes are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Medium<'m> {
    File(&'m Path),
    Bytes(&'m [u8]),
}

/// What can be sought, so that an archive can be listed.
pub(crate) trait Seekable: Read + Seek {}
impl<T: Read + Seek> Seekable for T {}

impl<'m> Medium<'m> {
    pub(crate) fn open(self) -> io::Result<Box<dyn Seekable + 'm>> {
        Ok(match self {
            Self::File(path) => Box::new(File::open(path)?),
            Self::Bytes(bytes) => Box::new(Cursor::new(bytes)),
        })
    }
}

/// Why a stream is not read further, beside what the operating system says.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(
        "expands more than {0} times, as a zip bomb does; what came out so far was used, the rest \
         is not read: unpack it yourself if it is genuine"
    )]
    Expands(u64),
    #[error("the checksum of the archive's entry does not match; download the archive again")]
    Checksum,
}

/// A stream's error in words.
pub(crate) fn describe(error: &io::Error) -> String {
    if let Some(fault) = error.get_ref().and_then(|inner| inner.downcast_ref::<Fault>()) {
        return fault.to_string();
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            "the file ends in the middle of its compressed data; download it again".to_owned()
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            format!("the compressed data is damaged ({error}); download it again")
        }
        _ => format!("cannot be read further: {error}"),
    }
}

/// The unpacked bytes of a file or an entry. `progress` is told the packed bytes consumed.
pub(crate) fn open<'s>(
    medium: Medium<'s>,
    entry: Option<&Entry>,
    limits: &Limits,
    progress: &'s mut dyn FnMut(u64),
) -> io::Result<Peeked<Box<dyn Read + 's>>> {
    let mut file = medium.open()?;
    let consumed = Rc::new(Cell::new(0));
    let guard =
        |packed| Guarded { packed, consumed: Rc::clone(&consumed), out: 0, limits: *limits };
    let stream: Box<dyn Read + 's> = match entry {
        None => Box::new(Counted { file, consumed: Rc::clone(&consumed), progress }),
        Some(entry) => {
            file.seek(SeekFrom::Start(entry.start))?;
            let file = file.take(entry.packed_bytes);
            let packed = Counted { file, consumed: Rc::clone(&consumed), progress };
            if entry.deflated {
                let packed = BufReader::with_capacity(CHUNK, packed);
                let inflated: Box<dyn Read + 's> =
                    Box::new(Checked::new(DeflateDecoder::new(packed), entry.checksum));
                Box::new(guard(inflated))
            } else {
                Box::new(Checked::new(packed, entry.checksum))
            }
        }
    };
    let peeked = Peeked::new(stream);
    if !peeked.start().starts_with(b"\x1f\x8b") {
        return Ok(peeked);
    }
    let inflated = MultiGzDecoder::new(BufReader::with_capacity(CHUNK, peeked));
    Ok(Peeked::new(Box::new(guard(Box::new(inflated)))))
}

/// Counts what is read of a file.
struct Counted<'p, R> {
    file: R,
    consumed: Rc<Cell<u64>>,
    progress: &'p mut dyn FnMut(u64),
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(room)?;
        let bytes = u64::try_from(count).unwrap_or(u64::MAX);
        self.consumed.set(self.consumed.get() + bytes);
        (self.progress)(bytes);
        Ok(count)
    }
}

/// Ends a stream that expands beyond all proportion.
struct Guarded<'p> {
    packed: Box<dyn Read + 'p>,
    consumed: Rc<Cell<u64>>,
    out: u64,
    limits: Limits,
}

impl Read for Guarded<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let ratio = self.limits.inflate_ratio;
        let allowed = self.consumed.get().max(1).saturating_mul(ratio);
        if self.out > self.limits.inflated_free.max(allowed) {
            return Err(io::Error::other(Fault::Expands(ratio)));
        }
        let count = self.packed.read(room)?;
        self.out += u64::try_from(count).unwrap_or(u64::MAX);
        Ok(count)
    }
}

/// Compares the checksum at the end of a zip's entry.
struct Checked<R> {
    entry: R,
    sum: Crc,
    expected: u32,
    compared: bool,
}

impl<R> Checked<R> {
    fn new(entry: R, expected: u32) -> Self {
        Self { entry, sum: Crc::new(), expected, compared: false }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = self.entry.read(room)?;
        self.sum.update(room.get(..count).unwrap_or_default());
        if count == 0 && !room.is_empty() && !self.compared {
            self.compared = true;
            if self.sum.sum() != self.expected {
                return Err(io::Error::other(Fault::Checksum));
            }
        }
        Ok(count)
    }
}

/// A stream whose first bytes were looked at.
pub(crate) struct Peeked<R> {
    start: Vec<u8>,
    taken: usize,
    /// What ended the looking, told when the start is used up.
    failure: Option<io::Error>,
    rest: R,
}

impl<R: Read> Peeked<R> {
    pub(crate) fn new(mut rest: R) -> Self {
        let mut start = vec![0; SNIFFED];
        let mut filled = 0;
        let mut failure = None;
        while let Some(room) = start.get_mut(filled..).filter(|room| !room.is_empty()) {
            match rest.read(room) {
                Ok(0) => break,
                Ok(count) => filled += count.min(room.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        start.truncate(filled);
        Self { start, taken: 0, failure, rest }
    }

    pub(crate) fn start(&self) -> &[u8] {
        self.start.get(self.taken..).unwrap_or_default()
    }

    /// Passes over bytes of the start.
    pub(crate) fn skip(&mut self, count: usize) {
        self.taken += count.min(self.start().len());
    }

    /// Why there is no more than the start.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }
}

impl<R: Read> Read for Peeked<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = self.start().len().min(room.len());
        if count > 0 {
            let start = self.start.get(self.taken..self.taken + count).unwrap_or_default();
            room.get_mut(..count).unwrap_or_default().copy_from_slice(start);
            self.taken += count;
            return Ok(count);
        }
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.rest.read(room),
        }
    }
}
