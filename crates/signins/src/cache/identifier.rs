//! One column of identifiers: 16 bytes where it is a GUID, the text where it is not.

/// Length of a GUID as text.
const LENGTH: usize = 36;
/// Where its hyphens stand.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The 16 bytes of a GUID written in lower case with hyphens; `None` for any other text, so that
/// every text comes back as it was.
pub(crate) fn guid(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; LENGTH] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; 16];
    let mut digits = text.iter().enumerate();
    for byte in &mut bytes {
        let mut next = || loop {
            let (at, digit) = digits.next()?;
            match (HYPHENS.contains(&at), digit) {
                (true, b'-') => {}
                (false, b'0'..=b'9') => return Some(digit - b'0'),
                (false, b'a'..=b'f') => return Some(digit - b'a' + 10),
                _ => return None,
            }
        };
        *byte = next()? << 4 | next()?;
    }
    Some(bytes)
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
