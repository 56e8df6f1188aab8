//! What bytes are told apart by.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use twox_hash::{XxHash3_64, XxHash3_128};

/// Bytes digested at a time.
const PIECE: usize = 1 << 20;

/// Digest of the bytes of a source: xxh3, 128 bits. It tells whether bytes changed; it does not
/// withstand somebody who makes two files with one digest on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DigestOfBytes(u128);

impl DigestOfBytes {
    /// The digest of bytes in memory.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(XxHash3_128::oneshot(bytes))
    }
}

impl fmt::Display for DigestOfBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl From<DigestOfBytes> for String {
    fn from(digest: DigestOfBytes) -> Self {
        digest.to_string()
    }
}

impl FromStr for DigestOfBytes {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits =
            text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = u128::from_str_radix(text, 16).ok().filter(|_| digits);
        number.map(Self).ok_or("not a digest of 32 hexadecimal digits")
    }
}

impl TryFrom<String> for DigestOfBytes {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// Takes the digest of a source on the way, from its bytes in order.
pub struct Digest {
    hasher: XxHash3_128,
    bytes: u64,
}

impl Digest {
    /// Before the first byte.
    #[must_use]
    pub fn new() -> Self {
        Self { hasher: XxHash3_128::new(), bytes: 0 }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.hasher.write(bytes);
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }

    /// Bytes taken so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The digest of everything taken.
    #[must_use]
    pub fn finish(&self) -> DigestOfBytes {
        DigestOfBytes(self.hasher.finish_128())
    }

    /// Takes everything a reader has.
    ///
    /// # Errors
    /// When reading fails.
    pub fn read_all(&mut self, mut reader: impl Read) -> io::Result<()> {
        let mut piece = vec![0; PIECE];
        loop {
            match reader.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(length) => self.update(piece.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Digest").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// Checksum of a file of an entry: xxh3, 64 bits, as hexadecimal digits.
#[must_use]
pub fn checksum(bytes: &[u8]) -> String {
    format!("{:016x}", XxHash3_64::oneshot(bytes))
}
