//! As much of YAML as the case files use: block lists and maps, lists and maps in one line, quoted
//! and plain texts. Whatever else stands in a file stops the test.

use serde_json::{Map, Value};

/// The document as a JSON value.
pub(crate) fn read(text: &str) -> Value {
    let mut lines: Vec<(usize, &str)> = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .map(|line| (line.len() - line.trim_start().len(), line.trim()))
        .collect();
    lines.reverse();
    let value = block(&mut lines, 0);
    assert!(lines.is_empty(), "not read: {lines:?}");
    value
}

fn block(lines: &mut Vec<(usize, &str)>, least: usize) -> Value {
    let Some(&(indent, first)) = lines.last().filter(|(indent, _)| *indent >= least) else {
        return Value::Null;
    };
    if !first.starts_with("- ") {
        return map(lines, indent);
    }
    let mut items = Vec::new();
    while let Some(&(at, line)) = lines.last() {
        let Some(rest) = line.strip_prefix("- ").filter(|_| at == indent) else { break };
        lines.pop();
        if rest.starts_with(['{', '[']) || key(rest).is_none() {
            items.push(flow(rest));
        } else {
            lines.push((indent + 2, rest));
            items.push(map(lines, indent + 2));
        }
    }
    Value::Array(items)
}

fn map(lines: &mut Vec<(usize, &str)>, indent: usize) -> Value {
    let mut map = Map::new();
    while let Some(&(at, line)) = lines.last() {
        if at != indent || line.starts_with("- ") {
            break;
        }
        let Some((name, rest)) = key(line) else { panic!("no key: {line}") };
        lines.pop();
        let value = if !rest.is_empty() {
            flow(rest)
        } else if lines.last().is_some_and(|(at, line)| *at == indent && line.starts_with("- ")) {
            block(lines, indent)
        } else {
            block(lines, indent + 1)
        };
        map.insert(name.to_owned(), value);
    }
    Value::Object(map)
}

fn key(line: &str) -> Option<(&str, &str)> {
    if let Some(quoted) = line.strip_prefix('\'') {
        let (name, rest) = quoted.split_once('\'')?;
        return Some((name, rest.strip_prefix(':')?.trim()));
    }
    let (name, rest) = line.split_once(": ").or_else(|| Some((line.strip_suffix(':')?, "")))?;
    Some((name, rest.trim()))
}

fn flow(text: &str) -> Value {
    if !text.starts_with(['[', '{', '\'']) {
        return scalar(text);
    }
    let (value, rest) = flow_value(text);
    assert!(rest.trim().is_empty(), "not read: {rest}");
    value
}

fn flow_value(text: &str) -> (Value, &str) {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('[') {
        let mut items = Vec::new();
        loop {
            rest = rest.trim_start().trim_start_matches(',').trim_start();
            if let Some(after) = rest.strip_prefix(']') {
                return (Value::Array(items), after);
            }
            let (item, after) = flow_value(rest);
            items.push(item);
            rest = after;
        }
    }
    if let Some(mut rest) = text.strip_prefix('{') {
        let mut map = Map::new();
        loop {
            rest = rest.trim_start().trim_start_matches(',').trim_start();
            if let Some(after) = rest.strip_prefix('}') {
                return (Value::Object(map), after);
            }
            let Some((name, after)) = key(rest) else { panic!("no key: {rest}") };
            let (value, after) = flow_value(after);
            map.insert(name.to_owned(), value);
            rest = after;
        }
    }
    if let Some(quoted) = text.strip_prefix('\'') {
        let marked = quoted.replace("''", "\u{1}\u{1}");
        let Some(end) = marked.find('\'') else { panic!("no end: {text}") };
        let (inside, rest) = quoted.split_at(end);
        return (Value::String(inside.replace("''", "'")), rest.trim_start_matches('\''));
    }
    let end = text.find([',', ']', '}']).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (scalar(word), rest)
}

fn scalar(word: &str) -> Value {
    match word.trim() {
        "null" | "~" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        word => word.parse::<u64>().map_or_else(|_| Value::from(word), Value::from),
    }
}
