//! The one way to write a document, and its digest.
//!
//! Keys are sorted, nothing stands between tokens, texts are written as `serde_json` writes them.
//! lockstep's own documents hold whole numbers only; a fraction in a property of a policy that
//! nobody models is written as it is printed, so that the same document has the same digest.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// SHA-256 of a document, as 64 hexadecimal digits. The order of keys makes no difference.
#[must_use]
pub fn digest(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value);
    let mut hexadecimal = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a text cannot fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    hexadecimal
}

fn write(text: &mut String, value: &Value) {
    match value {
        Value::Array(all) => {
            text.push('[');
            for (place, it) in all.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write(text, it);
            }
            text.push(']');
        }
        Value::Object(all) => {
            let mut keys: Vec<&String> = all.keys().collect();
            keys.sort_unstable();
            text.push('{');
            for (place, key) in keys.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write(text, all.get(key).unwrap_or(&Value::Null));
            }
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(value: &Value) -> String {
        let mut text = String::new();
        write(&mut text, value);
        text
    }

    #[test]
    fn one_way_to_write() {
        let cases = [
            (json!({"b": 1, "a": [true, null]}), r#"{"a":[true,null],"b":1}"#),
            (json!({"a": {"d": "x\"y", "c": ""}}), r#"{"a":{"c":"","d":"x\"y"}}"#),
            (json!([]), "[]"),
            (json!({"é": "ü\n"}), r#"{"é":"ü\n"}"#),
        ];
        for (value, expected) in cases {
            assert_eq!(written(&value), expected);
        }
    }

    /// The digest of the empty object, as any other program computes it.
    #[test]
    fn digest_of_a_known_text() {
        assert_eq!(
            digest(&json!({})),
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        );
    }
}
