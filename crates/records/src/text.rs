//! Bytes to UTF-8.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_16BE, UTF_16LE};

/// Bytes at the start of a source that decide what it is.
pub(crate) const SNIFFED: usize = 4096;

/// Why a record with bytes that are no text is not handed out.
pub(crate) const NOT_UNICODE: &str =
    "the record holds bytes that are no UTF-8 text; save the file as UTF-8 or download it again";

/// What the first bytes of a source say it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    /// No bytes.
    Empty,
    /// Text, behind a mark of so many bytes.
    Text { utf16: Option<&'static Encoding>, mark: usize },
    /// Nothing but zeros, as a download leaves that reserved its room and was interrupted.
    Zeros,
    /// No text; what it is, where a reader should hear of it.
    Binary(Option<&'static str>),
}

/// Beginnings of files that are no text, with what to say of those that may hold records.
const KNOWN: [(&[u8], Option<&str>); 16] = [
    (b"\x89PNG", None),
    (b"\xff\xd8\xff", None),
    (b"GIF8", None),
    (b"%PDF-", None),
    (b"RIFF", None),
    (b"\x7fELF", None),
    (b"OggS", None),
    (
        b"PK\x03\x04",
        Some("a zip or a workbook that is not opened here: unpack it, or save it as CSV"),
    ),
    (b"PK\x05\x06", Some("an empty zip")),
    (b"\xd0\xcf\x11\xe0", Some("an old Office file: save it as CSV")),
    (b"7z\xbc\xaf\x27\x1c", Some("a 7z archive: unpack it")),
    (b"Rar!", Some("a RAR archive: unpack it")),
    (b"\x1f\x8b", Some("compressed more than once: unpack it")),
    (b"BZh", Some("compressed with bzip2: unpack it")),
    (b"\x28\xb5\x2f\xfd", Some("compressed with zstd: unpack it")),
    (b"PAR1", Some("a Parquet file: export it as JSON or CSV")),
];

/// Decides by the first [`SNIFFED`] bytes, or all of them where there are fewer.
pub(crate) fn nature(start: &[u8]) -> Nature {
    if start.is_empty() {
        return Nature::Empty;
    }
    if start.iter().all(|byte| *byte == 0) {
        return Nature::Zeros;
    }
    if let Some((encoding, mark)) = Encoding::for_bom(start) {
        let utf16 = (encoding != encoding_rs::UTF_8).then_some(encoding);
        return Nature::Text { utf16, mark };
    }
    if let Some((_, what)) = KNOWN.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Nature::Binary(*what);
    }
    if let Some(encoding) = utf16_without_mark(start) {
        return Nature::Text { utf16: Some(encoding), mark: 0 };
    }
    // JSON with damaged places is read for what can still be read.
    let is_json = matches!(start.trim_ascii_start().first(), Some(b'{' | b'['));
    if !is_json && looks_binary(start) {
        return Nature::Binary(None);
    }
    Nature::Text { utf16: None, mark: 0 }
}

/// UTF-16 of exported files is mostly ASCII, so every second byte is mostly zero.
fn utf16_without_mark(start: &[u8]) -> Option<&'static Encoding> {
    let pairs = start.len() / 2;
    let zeros = |offset: usize| {
        start.iter().skip(offset).step_by(2).take(pairs).filter(|byte| **byte == 0).count()
    };
    let (first, second) = (zeros(0), zeros(1));
    if pairs < 2 {
        None
    } else if second * 3 >= pairs && first * 20 <= pairs {
        Some(UTF_16LE)
    } else if first * 3 >= pairs && second * 20 <= pairs {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// More than one byte in a hundred is a control character other than white space, or more than one
/// in ten is no part of UTF-8 text.
fn looks_binary(start: &[u8]) -> bool {
    let controls = start
        .iter()
        .filter(|byte| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1e))
        .count();
    let broken: usize = start.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    controls * 100 > start.len() || broken * 10 > start.len()
}

/// UTF-16 to UTF-8, a chunk at a time. What is no valid UTF-16 becomes a byte that is no valid
/// UTF-8, so that the record it is in is seen to be damaged.
pub(crate) struct Utf16<R> {
    source: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_start: usize,
    raw_end: usize,
    ended: bool,
    finished: bool,
}

impl<R: Read> Utf16<R> {
    pub(crate) fn new(source: R, encoding: &'static Encoding) -> Self {
        Self {
            source,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: vec![0; 64 << 10],
            raw_start: 0,
            raw_end: 0,
            ended: false,
            finished: false,
        }
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        // The decoder wants room for a character, and this one byte for what is damaged.
        let Some((spare, most)) = room.split_last_mut() else { return Ok(0) };
        if most.len() < 16 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "too little room to decode"));
        }
        while !self.finished {
            if self.raw_start == self.raw_end && !self.ended {
                self.raw_end = self.source.read(&mut self.raw)?.min(self.raw.len());
                self.raw_start = 0;
                self.ended = self.raw_end == 0;
            }
            let raw = self.raw.get(self.raw_start..self.raw_end).unwrap_or_default();
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(raw, most, self.ended);
            self.raw_start += read;
            match result {
                DecoderResult::Malformed(..) => {
                    match most.get_mut(written) {
                        Some(byte) => *byte = 0xff,
                        None => *spare = 0xff,
                    }
                    return Ok(written + 1);
                }
                DecoderResult::OutputFull => return Ok(written),
                DecoderResult::InputEmpty => {
                    self.finished = self.ended;
                    if written > 0 {
                        return Ok(written);
                    }
                }
            }
        }
        Ok(0)
    }
}
