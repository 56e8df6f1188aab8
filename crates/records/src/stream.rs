//! From the bytes on disk to the bytes that were packed: gzip, zip entries, and what they may cost.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
pub(crate) trait Seekable: Read + Seek + Send {}
impl<T: Read + Seek + Send> Seekable for T {}

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

/// The unpacked bytes of a file or an entry.
pub(crate) type Bytes<'s> = Peeked<Box<dyn Read + Send + 's>>;

/// A stream of unpacked bytes, with the packed ones counted.
pub(crate) struct Opened<'s> {
    pub(crate) bytes: Bytes<'s>,
    pub(crate) consumed: Consumed,
    /// Reading inflates.
    pub(crate) inflates: bool,
}

impl Opened<'_> {
    /// No bytes.
    pub(crate) fn nothing() -> Self {
        let nothing: Box<dyn Read + Send> = Box::new(io::empty());
        Self { bytes: Peeked::new(nothing), consumed: Consumed::default(), inflates: false }
    }
}

/// Opens a file that stands at its start. What is packed is unpacked.
pub(crate) fn open<'s>(
    mut file: Box<dyn Seekable + 's>,
    entry: Option<&Entry>,
    limits: &Limits,
) -> io::Result<Opened<'s>> {
    let consumed = Consumed::default();
    let guard = |packed| Guarded { packed, consumed: consumed.clone(), out: 0, limits: *limits };
    let stream: Box<dyn Read + Send + 's> = match entry {
        None => Box::new(Counted { file, consumed: consumed.clone() }),
        Some(entry) => {
            file.seek(SeekFrom::Start(entry.start))?;
            let file = file.take(entry.packed_bytes);
            let packed = Counted { file, consumed: consumed.clone() };
            if entry.deflated {
                let packed = BufReader::with_capacity(CHUNK, packed);
                let inflated: Box<dyn Read + Send + 's> =
                    Box::new(Checked::new(DeflateDecoder::new(packed), entry.checksum));
                Box::new(guard(inflated))
            } else {
                Box::new(Checked::new(packed, entry.checksum))
            }
        }
    };
    let peeked = Peeked::new(stream);
    if !peeked.start().starts_with(GZIP) {
        let inflates = entry.is_some_and(|entry| entry.deflated);
        return Ok(Opened { bytes: peeked, consumed, inflates });
    }
    let inflated = MultiGzDecoder::new(BufReader::with_capacity(CHUNK, peeked));
    let inflated: Box<dyn Read + Send + 's> = Box::new(guard(Box::new(inflated)));
    Ok(Opened { bytes: Peeked::new(inflated), consumed, inflates: true })
}

/// What a gzip member begins with (RFC 1952, section 2.3.1).
pub(crate) const GZIP: &[u8] = b"\x1f\x8b";

/// Bytes of a file consumed so far, as they are on disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Consumed(Arc<AtomicU64>);

impl Consumed {
    pub(crate) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Counts what is read of a file.
struct Counted<R> {
    file: R,
    consumed: Consumed,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(room)?;
        self.consumed.add(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(count)
    }
}

/// Tells after each reading what was consumed of the file since the last.
pub(crate) struct Telling<'p, R> {
    stream: R,
    consumed: Consumed,
    told: u64,
    progress: &'p mut dyn FnMut(u64),
}

impl<'p, R> Telling<'p, R> {
    /// Tells what goes beyond `told` from here on.
    pub(crate) fn new(
        stream: R,
        consumed: Consumed,
        told: u64,
        progress: &'p mut dyn FnMut(u64),
    ) -> Self {
        let mut telling = Self { stream, consumed, told, progress };
        telling.tell();
        telling
    }

    fn tell(&mut self) {
        let consumed = self.consumed.bytes();
        if consumed > self.told {
            (self.progress)(consumed - self.told);
            self.told = consumed;
        }
    }
}

impl<R: Read> Read for Telling<'_, R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let result = self.stream.read(room);
        self.tell();
        result
    }
}

/// Ends a stream that expands beyond all proportion.
struct Guarded<'p> {
    packed: Box<dyn Read + Send + 'p>,
    consumed: Consumed,
    out: u64,
    limits: Limits,
}

impl Read for Guarded<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let ratio = self.limits.inflate_ratio;
        let allowed = self.consumed.bytes().max(1).saturating_mul(ratio);
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
