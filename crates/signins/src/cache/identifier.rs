//! One column of identifiers: 16 bytes where it is a GUID, the text where it is not.

/// Length of a GUID as text.
const LENGTH: usize = 36;
/// Where its hyphens stand.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Where the two digits of each byte stand.
const PAIRS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
/// The value of each digit in lower case; more than four bits for anything else.
const DIGITS: [u8; 256] = digits();

const fn digits() -> [u8; 256] {
    let mut values = [0; 256];
    let mut places: &mut [u8] = &mut values;
    let mut digit = 0_u8;
    while let [place, rest @ ..] = places {
        *place = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => u8::MAX,
        };
        digit = digit.wrapping_add(1);
        places = rest;
    }
    values
}

/// The 16 bytes of a GUID written in lower case with hyphens; `None` for any other text, so that
/// every text comes back as it was.
pub(crate) fn guid(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; LENGTH] = text.as_bytes().try_into().ok()?;
    if HYPHENS.iter().any(|at| text.get(*at) != Some(&b'-')) {
        return None;
    }
    let value = |at: usize| {
        let digit = text.get(at).copied().unwrap_or_default();
        DIGITS.get(usize::from(digit)).copied().unwrap_or(u8::MAX)
    };
    let mut bytes = [0; 16];
    let mut seen = 0;
    for (byte, at) in bytes.iter_mut().zip(PAIRS) {
        let (high, low) = (value(at), value(at + 1));
        seen |= high | low;
        *byte = high << 4 | low;
    }
    (seen < 16).then_some(bytes)
}

/// A GUID as it was written.
pub(crate) fn text_of(guid: &[u8], text: &mut String) {
    text.clear();
    for byte in guid {
        if HYPHENS.contains(&text.len()) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 0x0f] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
}

/// The identifiers of a batch.
#[derive(Debug, Default)]
pub(crate) struct Identifiers {
    /// Fingerprint of each, whichever way it is kept.
    pub(crate) prints: Vec<Option<u64>>,
    /// GUIDs.
    pub(crate) guids: Vec<Option<[u8; 16]>>,
    /// Texts that are no GUID, one behind the other.
    pub(crate) text: String,
    /// For each row, the end of its text; `None` where there is none.
    pub(crate) texts: Vec<Option<usize>>,
}

impl Identifiers {
    /// Takes what the next row tells.
    pub(crate) fn push(&mut self, told: Option<&str>) {
        let guid = told.and_then(guid);
        self.prints.push(told.map(crate::words::fingerprint));
        self.guids.push(guid);
        let other = told.filter(|_| guid.is_none());
        self.texts.push(other.map(|text| {
            self.text.push_str(text);
            self.text.len()
        }));
    }

    /// The texts that are no GUID, by row.
    pub(crate) fn texts(&self) -> impl Iterator<Item = Option<&str>> {
        let mut start = 0;
        self.texts.iter().map(move |end| {
            let text = self.text.get(start..(*end)?);
            start = (*end)?;
            text
        })
    }

    /// Forgets everything but its room.
    pub(crate) fn clear(&mut self) {
        self.prints.clear();
        self.guids.clear();
        self.text.clear();
        self.texts.clear();
    }
}
