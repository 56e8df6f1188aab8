//! Ids and markers: texts that may stand in a path or a description.

use std::fmt;

/// Id of an object, safe to stand in a path: never empty, no slash, no query, no dots alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(String);

/// A text that is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the id of an object")]
pub struct NotAnId(String);

impl ObjectId {
    /// An id as Graph writes it.
    ///
    /// # Errors
    /// When it is empty, too long, or holds anything but letters, digits and `-`, `_`, `=`, `.`.
    pub fn new(id: &str) -> Result<Self, NotAnId> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_=.".contains(letter);
        let dots = id.chars().all(|letter| letter == '.');
        if id.len() > 256 || dots || !id.chars().all(plain) {
            return Err(NotAnId(id.chars().take(80).collect()));
        }
        Ok(Self(id.to_owned()))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Ids are compared without case.
    #[must_use]
    pub fn is(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What a run of lockstep leaves in the description of an object it makes, to find it again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marker(String);

/// A text that cannot mark an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no marker: 4 to 40 small letters, digits and `-`")]
pub struct NotAMarker(String);

impl Marker {
    /// A marker, such as `ca001-7f3a19`.
    ///
    /// # Errors
    /// When it is shorter than 4 or longer than 40 or holds anything but small letters, digits and
    /// `-`.
    pub fn new(word: &str) -> Result<Self, NotAMarker> {
        let plain =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if !(4..=40).contains(&word.len()) || !word.chars().all(plain) {
            return Err(NotAMarker(word.chars().take(80).collect()));
        }
        Ok(Self(word.to_owned()))
    }

    /// The word.
    #[must_use]
    pub fn word(&self) -> &str {
        &self.0
    }

    /// A description with the marker at its end.
    #[must_use]
    pub fn after(&self, description: &str) -> String {
        let description = description.trim_end();
        let gap = if description.is_empty() { "" } else { " " };
        format!("{description}{gap}{self}")
    }

    /// The marker stands in a description.
    #[must_use]
    pub fn is_in(&self, description: &str) -> bool {
        description.contains(&self.to_string())
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[lockstep {}]", self.0)
    }
}

/// A text as one segment of a path.
pub(super) fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let letter = char::from(byte);
        if letter.is_ascii_alphanumeric() || "-_.~@".contains(letter) {
            encoded.push(letter);
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// A text as a literal of a filter.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_lead_elsewhere_is_no_id() {
        for bad in ["", ".", "..", "a/b", "a?b", "a#b", "a%2fb", "a b", "ä", "a\n", "$ref"] {
            assert!(ObjectId::new(bad).is_err(), "{bad}");
        }
        assert!(ObjectId::new(&"a".repeat(257)).is_err());
        let good =
            ["28c10230-6103-485e-b985-444c60001490", "lAPpKirqfdYtqtbqtnb5lG7rojbzdzHt1a-1_0="];
        for id in good {
            assert_eq!(ObjectId::new(id).unwrap().as_str(), id);
        }
    }

    #[test]
    fn a_marker_is_found_whole_and_not_as_the_beginning_of_another() {
        let marker = Marker::new("ca001-7f3a").unwrap();
        assert!(marker.is_in(&marker.after("Asks for MFA.")));
        assert_eq!(marker.after(""), "[lockstep ca001-7f3a]");
        assert!(!marker.is_in("[lockstep ca001-7f3a1]"));
        assert!(!marker.is_in("ca001-7f3a"));
        for bad in ["", "abc", "CA001", "a b c d", "a]bcd", &"a".repeat(41)] {
            assert!(Marker::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_segment_stays_one_segment() {
        assert_eq!(segment("o'neil_x.y#EXT#@ne.example"), "o%27neil_x.y%23EXT%23@ne.example");
        assert_eq!(segment("../a?b"), "..%2Fa%3Fb");
        assert_eq!(literal("O'Neil"), "'O''Neil'");
    }
}
