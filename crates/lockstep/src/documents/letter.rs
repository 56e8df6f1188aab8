//! The letter of an exception: for the screen and the printer, for wikis, and as plain text.

use std::fmt::Write as _;

use askama::Template;
use rollout::exceptions::letter::{Fact, Letter, Part};

use super::DocumentError;
use super::markdown::safe;
use crate::plain_text::one_line;
use crate::words;

/// What stands where nobody measured.
const NOT_MEASURED: &str = "not measured";
/// A line to be filled in.
const LINE: &str = "______________________________";
/// Columns of the plain text.
const WIDTH: usize = 78;

/// Text of the tenant without the marks that other output puts around names.
fn plain(text: &str) -> String {
    one_line(&text.replace('`', ""))
}

/// The finding and its source; of what was not measured, what would tell.
fn cells(fact: &Fact) -> [String; 3] {
    let what = plain(&fact.what);
    match &fact.found {
        Some(found) => [what, plain(found), plain(&fact.source)],
        None => {
            [what, NOT_MEASURED.to_owned(), format!("would be told by: {}", plain(&fact.source))]
        }
    }
}

/// Whether the part is where people decide and sign.
const fn is_decision(part: &Part) -> bool {
    part.number == 8
}

#[derive(Template)]
#[template(path = "letter.html")]
struct PageTemplate {
    title: String,
    tenant: String,
    reference: String,
    date: String,
    to: String,
    from: String,
    parts: Vec<PagePart>,
    digest: String,
}

struct PagePart {
    number: usize,
    heading: &'static str,
    text: Vec<String>,
    facts: Vec<[String; 3]>,
    points: Vec<String>,
    blanks: Vec<String>,
    decision: bool,
}

/// The letter as one self-contained page that prints well.
///
/// # Errors
/// When the template cannot be filled in.
pub fn html(letter: &Letter) -> Result<String, DocumentError> {
    let all = |lines: &[String]| lines.iter().map(|it| plain(it)).collect::<Vec<_>>();
    let part = |part: &Part| PagePart {
        number: part.number,
        heading: part.heading,
        text: all(&part.text),
        facts: part.facts.iter().map(cells).collect(),
        points: all(&part.points),
        blanks: all(&part.blanks),
        decision: is_decision(part),
    };
    PageTemplate {
        title: plain(&letter.title),
        tenant: plain(&letter.tenant),
        reference: plain(&letter.reference),
        date: words::date(letter.date),
        to: plain(&letter.to),
        from: plain(&letter.from),
        parts: letter.parts.iter().map(part).collect(),
        digest: letter.digest.clone(),
    }
    .render()
    .map_err(DocumentError::Html)
}

/// The letter as Markdown.
#[must_use]
pub fn markdown(letter: &Letter) -> String {
    let mut text = String::new();
    let line = |it: &str| safe(&plain(it));
    // Writing to a text cannot fail, here and below.
    let _ = writeln!(text, "# {}\n", line(&letter.title));
    for (what, value) in head(letter) {
        let _ = writeln!(text, "{what}: {}  ", line(&value));
    }
    for part in &letter.parts {
        let _ = writeln!(text, "\n## {}. {}\n", part.number, part.heading);
        for paragraph in &part.text {
            let _ = writeln!(text, "{}\n", line(paragraph));
        }
        if !part.facts.is_empty() {
            let _ = writeln!(text, "| What | Found | Seen in |\n|---|---|---|");
            for fact in &part.facts {
                let [what, found, source] = cells(fact).map(|it| safe(&it));
                let _ = writeln!(text, "| {what} | {found} | {source} |");
            }
        }
        for point in &part.points {
            let mark = if is_decision(part) { "- [ ] " } else { "- " };
            let _ = writeln!(text, "{mark}{}", line(point));
        }
        if !part.blanks.is_empty() {
            text.push('\n');
        }
        for blank in &part.blanks {
            let _ = writeln!(text, "{}: {}  ", line(blank), LINE.replace('_', "\\_"));
        }
    }
    let _ = writeln!(text, "\nDigest of this letter (SHA-256): {}", letter.digest);
    text
}

/// The letter as plain text.
#[must_use]
pub fn text(letter: &Letter) -> String {
    let mut text = String::new();
    wrapped(&mut text, &plain(&letter.title), "", "");
    text.push('\n');
    for (what, value) in head(letter) {
        wrapped(&mut text, &format!("{what}: {}", plain(&value)), "", "  ");
    }
    for part in &letter.parts {
        let _ = write!(text, "\n{}. {}\n\n", part.number, part.heading.to_uppercase());
        for paragraph in &part.text {
            wrapped(&mut text, &plain(paragraph), "", "");
        }
        for fact in &part.facts {
            let [what, found, source] = cells(fact);
            wrapped(&mut text, &format!("{what}: {found} ({source})"), "  ", "    ");
        }
        for point in &part.points {
            let mark = if is_decision(part) { "  [ ] " } else { "  - " };
            wrapped(&mut text, &plain(point), mark, "      ");
        }
        for blank in &part.blanks {
            wrapped(&mut text, &format!("{}: {LINE}", plain(blank)), "  ", "    ");
        }
    }
    let _ = write!(text, "\nDigest of this letter (SHA-256):\n  {}\n", letter.digest);
    text
}

fn head(letter: &Letter) -> [(&'static str, String); 5] {
    [
        ("To", letter.to.clone()),
        ("From", letter.from.clone()),
        ("Date", words::date(letter.date)),
        ("Reference", letter.reference.clone()),
        ("Company", letter.tenant.clone()),
    ]
}

fn wrapped(text: &mut String, line: &str, first: &str, rest: &str) {
    let mut row = first.to_owned();
    let mut empty = true;
    for word in line.split(' ') {
        if !empty && row.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(row.trim_end());
            text.push('\n');
            row = rest.to_owned();
            empty = true;
        }
        if !empty {
            row.push(' ');
        }
        row.push_str(word);
        empty = false;
    }
    text.push_str(row.trim_end());
    text.push('\n');
}
