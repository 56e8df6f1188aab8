//! JSON text with keys in alphabetical order, whatever features `serde_json` was built with: the
//! committed example must not change because another crate turned one on.

use serde_json::Value;

/// The value on one line.
pub(crate) fn line(value: &Value) -> String {
    let mut text = String::new();
    write(value, None, 0, &mut text);
    text
}

/// The value, indented by two spaces, with a final newline.
pub(crate) fn pretty(value: &Value) -> String {
    let mut text = String::new();
    write(value, Some("  "), 0, &mut text);
    text.push('\n');
    text
}

fn write(value: &Value, indent: Option<&str>, depth: usize, text: &mut String) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                separate(position, indent, depth, text);
                write(item, indent, depth + 1, text);
            }
            finish(indent, depth, text);
            text.push(']');
        }
        Value::Object(map) if !map.is_empty() => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            text.push('{');
            for (position, (key, item)) in entries.into_iter().enumerate() {
                separate(position, indent, depth, text);
                text.push_str(&Value::String(key.clone()).to_string());
                text.push_str(if indent.is_some() { ": " } else { ":" });
                write(item, indent, depth + 1, text);
            }
            finish(indent, depth, text);
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

fn separate(position: usize, indent: Option<&str>, depth: usize, text: &mut String) {
    if position > 0 {
        text.push(',');
    }
    finish(indent, depth + 1, text);
}

fn finish(indent: Option<&str>, depth: usize, text: &mut String) {
    if let Some(step) = indent {
        text.push('\n');
        text.push_str(&step.repeat(depth));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{line, pretty};

    #[test]
    fn keys_are_sorted_at_every_depth() {
        let value = json!({"b": [1, {"z": null, "a": "x\"y"}], "a": {}, "@odata.context": []});
        assert_eq!(line(&value), r#"{"@odata.context":[],"a":{},"b":[1,{"a":"x\"y","z":null}]}"#);
    }

    #[test]
    fn the_text_reads_back_as_the_same_value() {
        let value = json!({"list": [1.5, true, null, "ä\n"], "deep": {"deeper": [[], {}]}});
        for text in [line(&value), pretty(&value)] {
            assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        }
    }
}
