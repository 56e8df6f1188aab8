//! From the text of a file to cases.

use serde_json::Value;
use serde_saphyr::{Options, Spanned};

use super::format::{RawCase, RawFile};
use super::{CaseProblem, Cases};

/// Reads cases from the text of a file: YAML with one key `cases`, or JSON lines.
#[must_use]
pub fn read_cases(text: &str) -> Cases {
    let text = text.trim_start_matches('\u{feff}');
    if is_json_lines(text) { read_json_lines(text) } else { read_yaml(text) }
}

/// True when the first line that is not blank is a whole JSON object, and no file of its own.
fn is_json_lines(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    match serde_json::from_str::<Value>(first) {
        Ok(Value::Object(map)) => !map.contains_key("cases"),
        _ => false,
    }
}

fn read_json_lines(text: &str) -> Cases {
    let mut all = Cases::default();
    for (line, number) in text.lines().zip(1_u64..) {
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str::<RawCase>(line) {
            Ok(case) => all.cases.push(case.into_case(number)),
            Err(error) => all.problems.push(CaseProblem {
                line: number,
                case: serde_json::from_str(line).ok().as_ref().and_then(name),
                message: error.to_string(),
            }),
        }
    }
    all
}

fn read_yaml(text: &str) -> Cases {
    let error = match serde_saphyr::from_str_with_options::<RawFile>(text, options()) {
        Ok(file) => {
            let mut all = Cases::default();
            file.cases.into_iter().for_each(|case| take(&mut all, case, text, 0));
            return all;
        }
        Err(error) => error,
    };
    let pieces = pieces(text);
    if pieces.is_empty() && has_json_lines(text) {
        return read_json_lines(text);
    }
    let mut all = Cases::default();
    for (before, piece) in pieces {
        read_piece(&mut all, &piece, before, &error);
    }
    if all.problems.is_empty() {
        let (line, wrong) = told(&error);
        let message = format!("{wrong}; a file of cases has one key, `cases`, with a list");
        all.problems.push(CaseProblem { line, case: None, message });
    }
    all
}

/// Takes one case of a list. `before` are the lines of the file before `text`.
fn take(all: &mut Cases, case: Spanned<Value>, text: &str, before: u64) {
    let Spanned { value, defined, .. } = case;
    let id = name(&value);
    let line = defined.line().saturating_add(before);
    match serde_json::from_value::<RawCase>(value) {
        Ok(case) => all.cases.push(case.into_case(line)),
        Err(error) => {
            let (line, message) = exactly(text, defined.line(), defined.column())
                .map_or((line, error.to_string()), |(line, message)| {
                    (line.saturating_add(before), message)
                });
            all.problems.push(CaseProblem { line, case: id, message });
        }
    }
}

/// Reads one item of the list by itself. `whole` is why the file cannot be read as one: an anchor
/// of another item is not there for want of it.
fn read_piece(all: &mut Cases, piece: &str, before: u64, whole: &serde_saphyr::Error) {
    match serde_saphyr::from_str_with_options::<Vec<Spanned<Value>>>(piece, options()) {
        Ok(cases) => cases.into_iter().for_each(|case| take(all, case, piece, before)),
        Err(error) => {
            let (line, mut message) = told(&error);
            if message.contains("unknown anchor") {
                let (line, wrong) = told(whole);
                message =
                    format!("needs the whole file, which cannot be read: line {line}: {wrong}");
            }
            let line = line.saturating_add(before);
            all.problems.push(CaseProblem { line, case: name_in(piece), message });
        }
    }
}

/// The items of the list `cases`, each with the number of lines before it, found by their margin
/// alone: a file that is no YAML as a whole loses only the cases that are broken.
fn pieces(text: &str) -> Vec<(u64, String)> {
    let is_blank = |line: &str| line.trim().is_empty() || line.trim().starts_with('#');
    let margin = |line: &str| line.chars().take_while(|it| *it == ' ').count();
    let is_item = |line: &str| line.trim() == "-" || line.trim_start().starts_with("- ");
    let mut lines = text.lines().zip(0_u64..).skip_while(|(line, _)| !line.starts_with("cases:"));
    lines.next();
    let mut lines = lines.skip_while(|(line, _)| is_blank(line)).peekable();
    let Some(list) = lines.peek().filter(|(line, _)| is_item(line)).map(|(line, _)| margin(line))
    else {
        return Vec::new();
    };
    let mut pieces: Vec<(u64, String)> = Vec::new();
    for (line, before) in lines {
        if is_item(line) && margin(line) == list {
            pieces.push((before, String::new()));
        }
        if let Some((_, piece)) = pieces.last_mut() {
            piece.push_str(line);
            piece.push('\n');
        }
    }
    pieces
}

/// True when some line is a JSON object by itself, in a text that is no JSON file of cases.
fn has_json_lines(text: &str) -> bool {
    let signs = text.chars().filter(|it| !it.is_whitespace());
    !signs.take("{\"cases\"".len()).eq("{\"cases\"".chars())
        && text.lines().any(|line| matches!(serde_json::from_str(line), Ok(Value::Object(_))))
}

/// The name of a case that cannot be read.
fn name_in(piece: &str) -> Option<String> {
    let mut lines = piece.lines().map(|line| line.trim().trim_start_matches("- "));
    let id = lines.find_map(|line| line.strip_prefix("id:"))?;
    let id = id.trim().trim_matches(['"', '\'']);
    (!id.is_empty()).then(|| id.to_owned())
}

fn name(case: &Value) -> Option<String> {
    case.get("id").and_then(Value::as_str).map(str::to_owned)
}

/// The exact line of what is wrong in a case: its own lines, read once more by themselves. A case
/// written in one line, or one that uses anchors of another, is told by the line it begins at.
fn exactly(text: &str, line: u64, column: u64) -> Option<(u64, String)> {
    let skipped = usize::try_from(line).ok()?.checked_sub(1)?;
    let indent = usize::try_from(column).ok()?.checked_sub(1)?;
    let mut own = " ".repeat(indent);
    for (position, line) in text.lines().skip(skipped).enumerate() {
        let margin = line.chars().take_while(|it| *it == ' ').count();
        let is_next = margin < indent && !line.trim().is_empty() && !line.trim().starts_with('#');
        if position > 0 && is_next {
            break;
        }
        own.extend(line.chars().skip(if position == 0 { indent } else { 0 }));
        own.push('\n');
    }
    let error = serde_saphyr::from_str_with_options::<RawCase>(&own, options()).err()?;
    let (inner, message) = told(&error);
    Some((inner.checked_add(line)?.checked_sub(1)?, message))
}

fn told(error: &serde_saphyr::Error) -> (u64, String) {
    let line = error.location().map_or(1, |location| location.line());
    let text = error.without_snippet().to_string();
    let place = text.rfind(" at line ").or_else(|| text.rfind(": line "));
    let message = place.and_then(|place| text.get(..place)).unwrap_or(&text);
    let message = message.trim_start_matches("error: ");
    (line, message.lines().next().unwrap_or(message).to_owned())
}

/// Words that anchors may repeat in one file. Cases share their policies by an anchor, so that there
/// are many; but a few lines of anchors within anchors must not fill the memory.
const MOST_REPEATED: usize = 4_000_000;

/// Words that may stand under anchors: many times those of the largest set of policies.
const MOST_ANCHORED: usize = 200_000;

/// Booleans are `true` and `false` only: `NO` is a country. Files are as long as the caller lets
/// them be.
fn options() -> Options {
    serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_nodes: usize::MAX,
            max_events: usize::MAX,
            max_total_scalar_bytes: usize::MAX,
            max_aliases: usize::MAX,
            max_recorded_anchor_events: MOST_ANCHORED,
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MOST_REPEATED,
        },
    }
}
