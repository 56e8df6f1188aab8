//! Commas before a closing bracket, as in documentation examples and files edited by hand.

/// The same object without trailing commas, or `None` when it has none.
#[must_use]
pub fn without_trailing_commas(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut cleaned = Vec::new();
    let mut copied = 0;
    let mut comma = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                comma = None;
                at = end_of_text(bytes, at + 1);
                continue;
            }
            b',' => comma = Some(at),
            b'}' | b']' => {
                if let Some(comma) = comma.take() {
                    cleaned.extend_from_slice(bytes.get(copied..comma).unwrap_or_default());
                    copied = comma + 1;
                }
            }
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => comma = None,
        }
        at += 1;
    }
    if copied == 0 {
        return None;
    }
    cleaned.extend_from_slice(bytes.get(copied..).unwrap_or_default());
    Some(cleaned)
}

/// Behind the quote that ends the text.
fn end_of_text(bytes: &[u8], mut at: usize) -> usize {
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(stop) = memchr::memchr2(b'"', b'\\', rest) else { return bytes.len() };
        at += stop + 1;
        if rest.get(stop) == Some(&b'"') {
            return at;
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::without_trailing_commas;

    #[test]
    fn only_commas_before_a_bracket_outside_texts_go() {
        let table = [
            (r#"{"a":1}"#, None),
            (r#"{"a":",}"}"#, None),
            (r#"{"a":"\",}"}"#, None),
            (r#"{"a":1,}"#, Some(r#"{"a":1}"#)),
            ("{\"a\":[1,2, \r\n ],\t}", Some("{\"a\":[1,2 \r\n ]\t}")),
            (r#"{"a":"x\\",}"#, Some(r#"{"a":"x\\"}"#)),
            (r#"{"a":"unclosed,}"#, None),
            (r#"{,}"#, Some("{}")),
        ];
        for (given, expected) in table {
            let cleaned = without_trailing_commas(given.as_bytes());
            assert_eq!(cleaned.as_deref(), expected.map(str::as_bytes), "{given}");
        }
    }
}
