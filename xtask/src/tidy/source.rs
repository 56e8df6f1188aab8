//! Rules on Rust source, read with `syn`.

use std::collections::BTreeSet;

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use super::Problem;
use super::arrows::PURE;
use super::ratchets::{Measured, Ratchets};
use super::repository::TextFile;

/// Calls only their owners make, by the last two words of the path.
const BANNED: [&str; 8] = [
    "Timestamp::now",
    "Zoned::now",
    "SystemTime::now",
    "Instant::now",
    "env::var",
    "env::var_os",
    "Uuid::new_v4",
    "rand::rng",
];
/// What a pure crate must not name.
const IMPURE: [&str; 12] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::io",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
];
const PRINTING: [&str; 5] = ["println", "eprintln", "print", "eprint", "dbg"];

/// Checks one file, and adds what is longer than the limits to `measured`.
pub(crate) fn check(file: &TextFile, ratchets: &Ratchets, measured: &mut Measured) -> Vec<Problem> {
    let parsed = match syn::parse_file(&file.text) {
        Ok(parsed) => parsed,
        Err(error) => {
            return vec![Problem::new(
                (&file.path, error.span().start().line),
                format!("does not parse: {error}"),
                "an unread file is an unchecked one",
                "correct it, or teach tidy the new syntax",
            )];
        }
    };
    let mut reader =
        Reader { file, ratchets, found: Vec::new(), tests: BTreeSet::new(), functions: Vec::new() };
    reader.visit_file(&parsed);
    let code = code_lines(&file.text);
    let counted = |from: usize, to: usize| {
        code.range(from..=to).filter(|it| !reader.tests.contains(it)).count()
    };
    if !is_test(&file.path) {
        measured.files.insert(file.path.clone(), counted(1, usize::MAX - 1));
        for (name, from, to) in &reader.functions {
            measured
                .functions
                .entry(format!("{}::{name}", file.path))
                .and_modify(|it| {
                    if counted(*from, *to) > it.1 {
                        *it = (*from, counted(*from, *to))
                    }
                })
                .or_insert((*from, counted(*from, *to)));
        }
    }
    reader.found
}

/// Test code may be long and may read the clock of the machine it runs on.
fn is_test(path: &str) -> bool {
    path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.starts_with("fuzz/")
        || path.starts_with("bench/")
}

/// Numbers of the lines that hold code: not blank, not only a comment.
fn code_lines(text: &str) -> BTreeSet<usize> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with("//")
        })
        .map(|(number, _)| number + 1)
        .collect()
}

struct Reader<'a> {
    file: &'a TextFile,
    ratchets: &'a Ratchets,
    found: Vec<Problem>,
    /// Lines of test code.
    tests: BTreeSet<usize>,
    /// Name, first and last line of every function.
    functions: Vec<(String, usize, usize)>,
}

impl Reader<'_> {
    fn is_pure(&self) -> bool {
        PURE.iter().any(|name| self.file.path.starts_with(&format!("crates/{name}/src/")))
    }

    /// Judges a path such as `std::fs::read`, wherever it stands.
    fn judge(&mut self, path: &str, line: usize) {
        if self.is_pure()
            && let Some(word) = IMPURE.iter().find(|word| starts_with_path(path, word))
        {
            self.found.push(Problem::new(
                (&self.file.path, line),
                format!("a pure crate names `{word}`"),
                "decisions have no clock, chance, file, network or log",
                "take the value as a parameter; the shell does the rest",
            ));
        }
        if let Some(call) = BANNED.iter().find(|call| ends_with_path(path, call))
            && !self.ratchets.owns(call, &self.file.path)
            && !is_test(&self.file.path)
        {
            self.found.push(Problem::new(
                (&self.file.path, line),
                format!("calls `{call}`"),
                "time, chance and settings are parameters, so that every test is deterministic",
                format!(
                    "take it as a parameter, or add the file to `owners.\"{call}\"` in \
                         xtask/ratchets.toml with a reason in the commit"
                ),
            ));
        }
    }

    fn use_tree(&mut self, prefix: &str, tree: &syn::UseTree, line: usize) {
        match tree {
            syn::UseTree::Path(path) => {
                self.use_tree(&format!("{prefix}{}::", path.ident), &path.tree, line);
            }
            syn::UseTree::Group(group) => {
                for item in &group.items {
                    self.use_tree(prefix, item, line);
                }
            }
            syn::UseTree::Name(name) => self.judge(&format!("{prefix}{}", name.ident), line),
            syn::UseTree::Rename(name) => self.judge(&format!("{prefix}{}", name.ident), line),
            syn::UseTree::Glob(_) => self.judge(prefix.trim_end_matches(':'), line),
        }
    }

    /// Test code is skipped, and its lines are not counted. True when it was test code.
    fn skipped(&mut self, attributes: &[syn::Attribute], span: proc_macro2::Span) -> bool {
        let test = attributes.iter().any(is_test_attribute);
        if test {
            self.tests.extend(span.start().line..=span.end().line);
        }
        test
    }
}

fn is_test_attribute(attribute: &syn::Attribute) -> bool {
    let is_cfg_test = attribute.path().is_ident("cfg")
        && attribute.parse_args::<syn::Ident>().is_ok_and(|word| word == "test");
    is_cfg_test || attribute.path().is_ident("test")
}

fn starts_with_path(path: &str, word: &str) -> bool {
    path == word
        || path.strip_prefix(word).is_some_and(|rest| rest.starts_with("::"))
        || ends_with_path(path, word)
}

fn ends_with_path(path: &str, word: &str) -> bool {
    path == word || path.strip_suffix(word).is_some_and(|rest| rest.ends_with("::"))
}

fn text_of(path: &syn::Path) -> String {
    let words: Vec<String> =
        path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    words.join("::")
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes: &[syn::Attribute] = match item {
            syn::Item::Fn(it) => &it.attrs,
            syn::Item::Mod(it) => &it.attrs,
            syn::Item::Impl(it) => &it.attrs,
            syn::Item::Use(it) => &it.attrs,
            syn::Item::Const(it) => &it.attrs,
            syn::Item::Struct(it) => &it.attrs,
            _ => &[],
        };
        if !self.skipped(attributes, item.span()) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes: &[syn::Attribute] = match item {
            syn::ImplItem::Fn(it) => &it.attrs,
            syn::ImplItem::Const(it) => &it.attrs,
            _ => &[],
        };
        if !self.skipped(attributes, item.span()) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let from = item.sig.span().start().line;
        self.functions.push((item.sig.ident.to_string(), from, item.span().end().line));
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        let from = item.sig.span().start().line;
        self.functions.push((item.sig.ident.to_string(), from, item.span().end().line));
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree("", &item.tree, item.span().start().line);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.judge(&text_of(path), path.span().start().line);
        visit::visit_path(self, path);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if attribute.path().is_ident("allow") {
            self.found.push(Problem::new(
                (&self.file.path, attribute.span().start().line),
                "silences a lint with `allow`",
                "`allow` stays for ever, also when the reason is gone",
                "write `expect(lint, reason = \"…\")`, or do what the lint says",
            ));
        }
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let line = call.path.span().start().line;
        let name = text_of(&call.path);
        if self.is_pure() && PRINTING.contains(&name.as_str()) {
            self.found.push(Problem::new(
                (&self.file.path, line),
                format!("a pure crate prints with `{name}!`"),
                "decisions have no clock, chance, file, network or log",
                "return the words; the shell prints them",
            ));
        }
        // What stands inside a macro is no syntax tree: look for the calls in its text.
        let tokens = call.tokens.to_string().replace(' ', "");
        for banned in BANNED {
            if tokens.contains(banned) {
                self.judge(banned, line);
            }
        }
        visit::visit_macro(self, call);
    }
}

#[cfg(test)]
mod tests {
    use super::super::ratchets::{Measured, Ratchets};
    use super::super::repository::{Repository, TextFile};
    use super::check;

    fn judged(path: &str, text: &str) -> Vec<(usize, String)> {
        let owners = "[owners]\n\"Timestamp::now\" = [\"crates/lockstep/src/clock.rs\"]\n";
        let repository = Repository::of(&[("xtask/ratchets.toml", owners)]);
        let ratchets = Ratchets::read(&repository).unwrap();
        let file = TextFile { path: path.to_owned(), text: text.to_owned() };
        check(&file, &ratchets, &mut Measured::default())
            .into_iter()
            .map(|problem| (problem.line, problem.what))
            .collect()
    }

    const PURE: &str = "crates/rollout/src/plan.rs";
    const SHELL: &str = "crates/lockstep/src/plan.rs";

    #[test]
    fn a_pure_crate_names_no_file_clock_network_or_thread() {
        for (text, word) in [
            ("use std::fs;\n", "std::fs"),
            ("use std::{io::Read, fmt};\n", "std::io"),
            ("use std::time::{Duration, Instant};\n", "std::time::Instant"),
            ("fn f() { std::thread::yield_now(); }\n", "std::thread"),
            ("fn f() -> std::net::IpAddr { g() }\n", "std::net"),
            ("use std::env::*;\n", "std::env"),
        ] {
            let found = judged(PURE, text);
            assert_eq!(found, [(1, format!("a pure crate names `{word}`"))], "{text}");
            assert_eq!(judged(SHELL, text), [], "the shell may");
        }
    }

    #[test]
    fn a_pure_crate_prints_nothing() {
        let text = "fn f() {\n    println!(\"x\");\n}\n";
        assert_eq!(judged(PURE, text), [(2, "a pure crate prints with `println!`".to_owned())]);
    }

    #[test]
    fn only_the_owner_reads_the_clock() {
        let text = "fn f() { let now = jiff::Timestamp::now(); }\n";
        assert_eq!(judged(SHELL, text), [(1, "calls `Timestamp::now`".to_owned())]);
        assert_eq!(judged("crates/lockstep/src/clock.rs", text), []);
        let hidden = "fn f() { g!(\"{}\", Timestamp::now()); }\n";
        assert_eq!(judged(SHELL, hidden).len(), 1, "inside a macro too");
        assert_eq!(judged(SHELL, "fn f() { std::env::var(\"HOME\"); }\n").len(), 1);
    }

    #[test]
    fn tests_are_not_judged() {
        let text = "#[cfg(test)]\nmod tests {\n    use std::fs;\n    #[test]\n    fn f() { println!(); }\n}\n";
        assert_eq!(judged(PURE, text), []);
    }

    #[test]
    fn allow_is_caught_outside_and_inside() {
        let text = "#![allow(dead_code)]\n#[allow(unused)]\nfn f() {}\n#[expect(unused, reason = \"r\")]\nfn g() {}\n";
        let lines: Vec<usize> = judged(SHELL, text).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [1, 2]);
    }

    #[test]
    fn code_is_counted_without_comments_blank_lines_and_tests() {
        let mut text = String::from("//! About.\n\n/// A function.\nfn long() {\n");
        for _ in 0..69 {
            text.push_str("    work();\n\n    // why\n");
        }
        text.push_str("}\n#[cfg(test)]\nmod tests {\n");
        for _ in 0..600 {
            text.push_str("    fn t() {}\n");
        }
        text.push_str("}\n");
        let file = TextFile { path: SHELL.to_owned(), text };
        let mut measured = Measured::default();
        check(&file, &Ratchets::default(), &mut measured);
        assert_eq!(measured.functions[&format!("{SHELL}::long")], (4, 71));
        assert_eq!(measured.files[SHELL], 71);
    }

    #[test]
    fn a_file_that_does_not_parse_is_a_problem() {
        assert!(judged(SHELL, "fn f( {").first().unwrap().1.starts_with("does not parse"));
    }
}
