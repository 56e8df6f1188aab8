//! Where `unsafe` may stand.

use proc_macro2::{TokenStream, TokenTree};

use super::Problem;
use super::repository::TextFile;

/// The files that may contain `unsafe`. Both call functions compiled for instructions that not
/// every processor has, after asking for them.
const MAY: [&str; 3] = [
    "crates/records/src/csv/bits.rs",
    "crates/signins/src/scan/bits.rs",
    "crates/signins/src/scan/blocks.rs",
];

/// Checks one file, tests and macros included. A file that is no Rust is told of elsewhere.
pub(crate) fn check(file: &TextFile) -> Vec<Problem> {
    let mut lines = Vec::new();
    if let Ok(tokens) = file.text.parse() {
        find(tokens, &mut lines);
    }
    let may = MAY.contains(&file.path.as_str());
    let wrong = lines.into_iter().filter(|line| !may || !is_explained(&file.text, *line));
    wrong
        .map(|line| {
            let (what, fix) = if may {
                ("`unsafe` without a reason", "say above it why it is sound: `// SAFETY: …`")
            } else {
                (
                    "contains `unsafe`",
                    "do without; the few files that may are listed in \
                     xtask/src/tidy/unsafe_code.rs",
                )
            };
            let why = "a mistake in unsafe code is no wrong answer but any answer";
            Problem::new((&file.path, line), what, why, fix)
        })
        .collect()
}

fn find(tokens: TokenStream, lines: &mut Vec<usize>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => find(group.stream(), lines),
            TokenTree::Ident(word) if word == "unsafe" => lines.push(word.span().start().line),
            _ => {}
        }
    }
}

/// Whether the comments right above a line, attributes between them or not, hold `SAFETY:`.
fn is_explained(text: &str, line: usize) -> bool {
    let above: Vec<&str> = text.lines().take(line.saturating_sub(1)).map(str::trim).collect();
    above
        .iter()
        .rev()
        .take_while(|line| line.starts_with("//") || line.starts_with("#["))
        .any(|line| line.starts_with("// SAFETY: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(path: &str, text: &str) -> Vec<(usize, String)> {
        let file = TextFile { path: path.to_owned(), text: text.to_owned() };
        check(&file).into_iter().map(|problem| (problem.line, problem.what)).collect()
    }

    #[test]
    fn a_third_file_with_unsafe_is_caught_wherever_it_stands() {
        for text in [
            "// SAFETY: sound.\nunsafe fn f() {}\n",
            "#[cfg(test)]\nmod tests { fn f() { unsafe { g() } } }\n",
            "h!(\n{ unsafe { g() } });\n",
            "\nunsafe impl Send for X {}\n",
        ] {
            let found = judged("crates/records/src/json/bits.rs", text);
            assert_eq!(found, [(2, "contains `unsafe`".to_owned())], "{text}");
        }
    }

    #[test]
    fn the_two_files_say_why_above_each_block() {
        let bare = "fn f() {\n    // It works.\n    unsafe { g() }\n}\n";
        let apart = "// SAFETY: sound.\nfn f() {\n    unsafe { g() }\n}\n";
        let said = "fn f() {\n    // SAFETY: sound,\n    // always.\n    unsafe { g() }\n}\n";
        for path in MAY {
            let found = [(3, "`unsafe` without a reason".to_owned())];
            assert_eq!(judged(path, bare), found);
            assert_eq!(judged(path, apart), found);
            assert_eq!(judged(path, said), []);
        }
    }

    #[test]
    fn words_and_comments_are_no_code() {
        let text = "//! unsafe\nconst A: &str = \"unsafe\";\n#![deny(unsafe_code)]\n";
        assert_eq!(judged("crates/records/src/lib.rs", text), []);
    }
}
