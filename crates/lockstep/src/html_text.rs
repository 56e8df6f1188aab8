//! Texts in HTML pages.

use std::fmt::{self, Write};

use askama::filters::{Escaper, Html};

/// Escapes every value of a page, and shows what a sentence has between backticks as code.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Text;

impl Escaper for Text {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some((before, code, after)) = next_code(rest) {
            Html.write_escaped_str(&mut dest, before)?;
            dest.write_str("<code>")?;
            Html.write_escaped_str(&mut dest, code)?;
            dest.write_str("</code>")?;
            rest = after;
        }
        Html.write_escaped_str(dest, rest)
    }
}

/// What stands before, within and behind the next two backticks that have something between them.
fn next_code(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    (!code.is_empty() && !code.contains('\n')).then_some((before, code, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code_and_everything_is_escaped() {
        let cases = [
            ("run `lockstep next` now", "run <code>lockstep next</code> now"),
            ("`a` and `b`", "<code>a</code> and <code>b</code>"),
            ("`<b>` & <i>", "<code>&#60;b&#62;</code> &#38; &#60;i&#62;"),
            ("one ` alone", "one ` alone"),
            ("`a` and ` alone", "<code>a</code> and ` alone"),
            ("``", "``"),
            ("a `line\nbreak` stays", "a `line\nbreak` stays"),
            ("", ""),
        ];
        for (text, html) in cases {
            let mut written = String::new();
            Text.write_escaped_str(&mut written, text).unwrap();
            assert_eq!(written, html, "{text}");
        }
    }
}
