//! Values without parts: numbers, `true`, `false`, `null`.

/// A value without parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// `null`.
    Null,
    /// `true`, `false`, or a whole number that is written as `serde_json` would write it.
    Text,
    /// A number that would be written in another way: negative, with a fraction or an exponent, or
    /// longer than eighteen digits.
    Number,
}

/// What a word of JSON is. `None`: it is none.
pub(crate) fn scalar(word: &[u8]) -> Option<Scalar> {
    match word {
        b"null" => Some(Scalar::Null),
        b"true" | b"false" | b"0" => Some(Scalar::Text),
        [b'1'..=b'9', rest @ ..] if rest.len() < 18 && rest.iter().all(u8::is_ascii_digit) => {
            Some(Scalar::Text)
        }
        _ => is_number(word).then_some(Scalar::Number),
    }
}

/// Whether a word is a number (RFC 8259, section 6).
fn is_number(word: &[u8]) -> bool {
    let word = word.strip_prefix(b"-").unwrap_or(word);
    let (whole, rest) = digits(word);
    if whole.is_empty() || (whole.len() > 1 && whole.first() == Some(&b'0')) {
        return false;
    }
    let rest = match rest.strip_prefix(b".").map(digits) {
        Some(([], _)) => return false,
        Some((_, rest)) => rest,
        None => rest,
    };
    let exponent = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E"));
    let Some(exponent) = exponent else { return rest.is_empty() };
    let signed = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-"));
    let (power, rest) = digits(signed.unwrap_or(exponent));
    !power.is_empty() && rest.is_empty()
}

fn digits(word: &[u8]) -> (&[u8], &[u8]) {
    let count = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
    word.split_at_checked(count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Scalar, scalar};

    #[test]
    fn words_are_what_serde_json_says() {
        let words = [
            "null",
            "true",
            "false",
            "nul",
            "True",
            "0",
            "7",
            "10",
            "007",
            "-0",
            "-1",
            "1.5",
            "1.",
            ".5",
            "1e5",
            "1E+5",
            "1e-5",
            "1e",
            "1e+",
            "0.0",
            "00",
            "-",
            "+1",
            "0x1",
            "NaN",
            "",
            "1_0",
            "123456789012345678",
            "1234567890123456789",
            "18446744073709551616",
            "-0.5e-7",
            "999999999999999999",
            "1.5.5",
            "1e5e5",
            "\u{661}",
        ];
        for word in words {
            let ours = scalar(word.as_bytes());
            let theirs = serde_json::from_str::<Value>(word).ok();
            assert_eq!(ours.is_some(), theirs.is_some(), "{word}");
            match (ours, theirs) {
                (Some(Scalar::Null), Some(value)) => assert!(value.is_null()),
                (Some(Scalar::Text), Some(value)) => assert_eq!(value.to_string(), word),
                (Some(Scalar::Number), Some(value)) => assert!(value.is_number()),
                _ => {}
            }
        }
    }
}
