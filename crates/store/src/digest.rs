//! SHA-256 digests and how they are written.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, written as 64 small hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

/// A text that is not 64 small hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a digest: 64 digits of 0-9 and a-f are wanted")]
pub struct NotADigest;

impl Digest {
    /// What stands before the first entry of a journal.
    pub const ZERO: Self = Self([0; 32]);

    /// Of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// Of fields, each preceded by its length in eight bytes, the most significant first: no two
    /// lists of fields come to the same bytes.
    pub(crate) fn of_fields(fields: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for field in fields {
            // A length is at most `isize::MAX`, so nothing saturates.
            hasher.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(field);
        }
        Self(hasher.finalize().into())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let nibble = |sign: u8| match sign {
            b'0'..=b'9' => Some(sign - b'0'),
            b'a'..=b'f' => Some(sign - b'a' + 10),
            _ => None,
        };
        let signs = text.as_bytes();
        if signs.len() != 64 {
            return Err(NotADigest);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(signs.chunks_exact(2)) {
            let [high, low] = pair else { return Err(NotADigest) };
            let (Some(high), Some(low)) = (nibble(*high), nibble(*low)) else {
                return Err(NotADigest);
            };
            *byte = high * 16 + low;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn a_digest_is_the_published_one() {
        // FIPS 180-4, the example of one block.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of("abc").to_string(), abc);
        assert_eq!(abc.parse(), Ok(Digest::of("abc")));
        assert_eq!(Digest::ZERO.to_string(), "0".repeat(64));
    }

    #[test]
    fn what_is_not_a_digest_is_refused() {
        let long = "0".repeat(65);
        let capital = "A".repeat(64);
        let wide = "é".repeat(32);
        for text in ["", "ab", &long, &capital, &wide, &"g".repeat(64)] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }

    #[test]
    fn fields_that_are_cut_elsewhere_differ() {
        assert_ne!(Digest::of_fields(&[b"ab", b"c"]), Digest::of_fields(&[b"a", b"bc"]));
        assert_ne!(Digest::of_fields(&[b"abc"]), Digest::of_fields(&[b"abc", b""]));
    }
}
