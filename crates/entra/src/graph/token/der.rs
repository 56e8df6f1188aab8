//! As much of DER (ITU-T X.690) as says whose key a certificate is of and when it ends.

use jiff::Timestamp;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// `[0] EXPLICIT Version` of a certificate.
const VERSION: u8 = 0xa0;

/// `rsaEncryption`, 1.2.840.113549.1.1.1 (RFC 8017).
const RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// Elements not read yet.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The next element: its tag and its content.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let length = if first < 0x80 {
            usize::from(first)
        } else {
            let bytes = usize::from(first & 0x7f);
            // Indefinite lengths are not DER, and nothing here has more than 4 GB.
            if bytes == 0 || bytes > 4 {
                return None;
            }
            let (length, after) = rest.split_at_checked(bytes)?;
            rest = after;
            length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte))
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// The content of the next element, which has to have this tag.
    fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }
}

/// What of a certificate (RFC 5280, 4.1) is looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Certificate<'a> {
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    /// Modulus of the key. `None`: no RSA key.
    pub(super) modulus: Option<&'a [u8]>,
}

pub(super) fn certificate(der: &[u8]) -> Option<Certificate<'_>> {
    let mut signed = Reader(Reader(der).expect(SEQUENCE)?);
    let mut fields = Reader(signed.expect(SEQUENCE)?);
    let (tag, _) = fields.next()?;
    if tag == VERSION {
        // The serial number.
        fields.expect(INTEGER)?;
    }
    // The algorithm of the signature, and the issuer.
    fields.expect(SEQUENCE)?;
    fields.expect(SEQUENCE)?;
    let mut validity = Reader(fields.expect(SEQUENCE)?);
    let not_before = time(validity.next()?)?;
    let not_after = time(validity.next()?)?;
    // The subject.
    fields.expect(SEQUENCE)?;
    let mut key = Reader(fields.expect(SEQUENCE)?);
    let algorithm = key.expect(SEQUENCE)?;
    let bits = key.expect(BIT_STRING)?;
    let modulus = if is_rsa(algorithm) {
        let (_unused, key) = bits.split_first()?;
        Some(Reader(Reader(key).expect(SEQUENCE)?).expect(INTEGER)?)
    } else {
        None
    };
    Some(Certificate { not_before, not_after, modulus })
}

/// The RSA key in a PKCS#8 envelope (RFC 5958): `Some(None)` when it is a key of another kind.
pub(super) fn pkcs8_rsa_key(der: &[u8]) -> Option<Option<&[u8]>> {
    let mut fields = Reader(Reader(der).expect(SEQUENCE)?);
    fields.expect(INTEGER)?;
    let algorithm = fields.expect(SEQUENCE)?;
    let key = fields.expect(OCTET_STRING)?;
    Some(is_rsa(algorithm).then_some(key))
}

/// The modulus of a PKCS#1 private key (RFC 8017, A.1.2).
pub(super) fn rsa_modulus(der: &[u8]) -> Option<&[u8]> {
    let mut fields = Reader(Reader(der).expect(SEQUENCE)?);
    fields.expect(INTEGER)?;
    fields.expect(INTEGER)
}

fn is_rsa(algorithm: &[u8]) -> bool {
    Reader(algorithm).expect(OBJECT_IDENTIFIER) == Some(RSA.as_slice())
}

fn time((tag, text): (u8, &[u8])) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let text = match tag {
        // RFC 5280, 4.1.2.5.1: two digits from 50 on are of the last century.
        UTC_TIME => {
            let century = if text.get(..2)? < "50" { "20" } else { "19" };
            format!("{century}{text}")
        }
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let (date, clock) = (text.get(..8)?, text.get(8..)?.strip_suffix('Z')?);
    let civil: jiff::civil::DateTime = format!("{date}T{clock}").parse().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}
