//! What of foreign words may stand in a message.

/// Longest foreign text in a message, in characters. The longest error text that matters, of a
/// licence that is missing, has about 300.
const LONGEST: usize = 500;

/// A foreign text in one line that shows no secret: without control characters and line ends,
/// without the query of an address (it may hold names), without anything that looks like a token,
/// and not endless.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&shown(word));
    }
    if line.chars().count() > LONGEST {
        line = line.chars().take(LONGEST).collect();
        line.push('…');
    }
    line
}

/// One word as it may be shown.
fn shown(word: &str) -> String {
    // A JSON web token: base64url of `{"…`, twice, with dots. Microsoft's own tokens are such.
    if word.contains("eyJ") && word.len() > 40 {
        return "…".to_owned();
    }
    match word.split_once('?') {
        Some((address, query)) if address.contains('/') && !query.is_empty() => {
            format!("{address}?…")
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_text_becomes_one_line_without_secrets() {
        let table = [
            ("", ""),
            ("two\r\nlines\u{1b}[31m red", "two lines [31m red"),
            (
                "no `https://graph.microsoft.com/v1.0/users?$filter=name%20eq%20'ann'` here",
                "no `https://graph.microsoft.com/v1.0/users?… here",
            ),
            ("what? nothing", "what? nothing"),
            ("'eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwcyJ9.c2ln' is bad", "… is bad"),
        ];
        for (text, line) in table {
            assert_eq!(one_line(text), line);
        }
        assert_eq!(one_line(&"ä".repeat(5_000)).chars().count(), LONGEST + 1);
    }
}
