//! Payloads as JSON of which there is one text, and what no payload may hold.

use serde::Serialize;
use serde_json::Value;

/// Deepest nesting. Readers of JSON stop at some depth; what is kept must come back.
const DEPTH_MAX: usize = 100;

/// Keys under which a text is a secret, without `_` and `-`, in small letters. From the request bodies
/// of Microsoft Graph (`passwordProfile.password`, `passwordCredential.secretText`,
/// `temporaryAccessPassAuthenticationMethod.temporaryAccessPass`) and of the token endpoint (RFC 6749).
const SECRET_KEYS: [&str; 12] = [
    "password",
    "newpassword",
    "currentpassword",
    "clientsecret",
    "clientassertion",
    "secrettext",
    "temporaryaccesspass",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "devicecode",
    "privatekey",
];

/// Why a payload cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// The value does not become JSON.
    #[error("it cannot be written as JSON")]
    NotJson(#[source] serde_json::Error),
    /// Lists or objects nest too deep to be read again.
    #[error("it nests deeper than {DEPTH_MAX} levels at `{path}`")]
    TooDeep {
        /// Where, as keys and positions with `/` between.
        path: String,
    },
    /// A text stands under a key that is used for secrets.
    #[error("it holds a secret at `{path}`, and no secret is ever kept")]
    Secret {
        /// Where, as keys and positions with `/` between.
        path: String,
    },
    /// The text is too long for a journal.
    #[error("it has {bytes} bytes, and at most {most} are kept")]
    TooLong {
        /// Bytes of the text.
        bytes: usize,
        /// Most bytes.
        most: usize,
    },
}

/// Keys sorted by their bytes, no white space, numbers and escapes as `serde_json` writes them.
pub(crate) fn canonical<T: Serialize + ?Sized>(payload: &T) -> Result<String, PayloadError> {
    let value = serde_json::to_value(payload).map_err(PayloadError::NotJson)?;
    let mut text = String::new();
    write(&value, &mut Vec::new(), &mut text)?;
    Ok(text)
}

fn write(value: &Value, path: &mut Vec<String>, text: &mut String) -> Result<(), PayloadError> {
    if path.len() > DEPTH_MAX {
        return Err(PayloadError::TooDeep { path: path.join("/") });
    }
    match value {
        Value::Array(items) => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                path.push(position.to_string());
                write(item, path, text)?;
                path.pop();
            }
            text.push(']');
        }
        Value::Object(fields) => {
            // Sorted here: whether the map is depends on features that other crates turn on.
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| key.as_bytes());
            text.push('{');
            for (position, (key, item)) in fields.into_iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                path.push(key.clone());
                if is_secret(key, item) {
                    return Err(PayloadError::Secret { path: path.join("/") });
                }
                scalar(&Value::from(key.as_str()), text);
                text.push(':');
                write(item, path, text)?;
                path.pop();
            }
            text.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => scalar(value, text),
    }
    Ok(())
}

fn scalar(value: &Value, text: &mut String) {
    text.push_str(&value.to_string());
}

fn is_secret(key: &str, value: &Value) -> bool {
    let plain: String =
        key.chars().filter(|sign| !matches!(sign, '_' | '-')).collect::<String>().to_lowercase();
    SECRET_KEYS.contains(&plain.as_str()) && value.as_str().is_some_and(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{PayloadError, canonical};

    #[test]
    fn one_text_for_one_value() {
        let value = json!({"b": [1, 0.5, -3, null, true], "a": {"é": "\u{1}\n\"\\\u{7f}", "z": ""}, "B": {}});
        let text = r#"{"B":{},"a":{"z":"","é":"\u0001\n\"\\DEL"},"b":[1,0.5,-3,null,true]}"#;
        assert_eq!(canonical(&value).unwrap(), text.replace("DEL", "\u{7f}"));
        assert_eq!(serde_json::from_str::<Value>(&canonical(&value).unwrap()).unwrap(), value);
    }

    #[test]
    fn a_secret_is_refused_wherever_it_stands() {
        for (value, path) in [
            (json!({"password": "x"}), "password"),
            (
                json!({"a": [{"passwordProfile": {"password": "x"}}]}),
                "a/0/passwordProfile/password",
            ),
            (json!({"client_secret": "x"}), "client_secret"),
            (json!({"Access-Token": "x"}), "Access-Token"),
            (json!({"temporaryAccessPass": "x"}), "temporaryAccessPass"),
        ] {
            let error = canonical(&value).unwrap_err();
            assert!(
                matches!(&error, PayloadError::Secret { path: told } if told == path),
                "{error}"
            );
        }
    }

    #[test]
    fn a_word_about_a_secret_is_none() {
        for value in [
            json!({"methods": {"password": 3}}),
            json!({"password": null, "clientSecret": ""}),
            json!({"passwordProfile": {"forceChangePasswordNextSignIn": true}}),
            json!(["password", "accessToken"]),
        ] {
            assert!(canonical(&value).is_ok(), "{value}");
        }
    }

    #[test]
    fn what_would_not_come_back_is_refused() {
        let nested =
            |levels: usize| (0..levels).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        assert!(canonical(&nested(100)).is_ok());
        assert!(matches!(canonical(&nested(101)), Err(PayloadError::TooDeep { .. })));
        let keys = std::collections::BTreeMap::from([(vec![1], 2)]);
        assert!(matches!(canonical(&keys), Err(PayloadError::NotJson(_))));
    }
}
