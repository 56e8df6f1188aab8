//! Many small errors in one program, each behind a switch.
//!
//! A function with mutants becomes one that holds, before its own body, a copy of that body for each
//! mutant: `if crate::mutant_on(7) { return { the body with mutant 7 in it }; }`. So each mutant is
//! exactly the one that a patch would make, and all are compiled at once. Two kinds of function
//! cannot be asked at run time and are left to a real patch: `const fn`, and one that returns
//! `impl Trait`, where each copy would be a type of its own.

use std::ops::{Range, RangeInclusive};

use proc_macro2::LineColumn;
use syn::visit::Visit;
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn, TypeImplTrait};

use super::list::{Mutant, Place, Span};

/// The switch, for the root of the crate.
pub(crate) const SWITCH: &str = r#"
/// Whether a mutant is the one that is asked for.
#[doc(hidden)]
pub fn mutant_on(number: u32) -> bool {
    static ASKED: std::sync::LazyLock<Option<u32>> =
        std::sync::LazyLock::new(|| std::env::var("MUTANT").ok()?.parse().ok());
    *ASKED == Some(number)
}
"#;
/// The variable that names the mutant to put in.
pub(crate) const VARIABLE: &str = "MUTANT";

/// A text with its mutants in it.
#[derive(Debug, Default)]
pub(crate) struct Woven {
    pub(crate) text: String,
    /// The lines where each mutant stands, and its number.
    pub(crate) lines: Vec<(RangeInclusive<usize>, usize)>,
    /// The numbers of those that could not be woven in.
    pub(crate) left_out: Vec<usize>,
}

impl Woven {
    /// The mutant that stands at a line.
    pub(crate) fn at(&self, line: usize) -> Option<usize> {
        self.lines.iter().find(|(lines, _)| lines.contains(&line)).map(|(_, number)| *number)
    }
}

/// The body of a function.
struct Body {
    /// From behind the first brace to before the last.
    span: Span,
    /// Its copies can stand in one function.
    can_be_asked: bool,
}

/// Weaves mutants into the text they belong to.
pub(crate) fn weave(text: &str, mutants: &[&Mutant]) -> syn::Result<Woven> {
    let mut bodies = Bodies::default();
    bodies.visit_file(&syn::parse_str(text)?);
    let mut woven = Woven::default();
    let mut written = 0;
    for body in bodies.0.iter().filter(|body| body.can_be_asked) {
        let inside: Vec<_> = mutants.iter().filter(|it| body.span.holds(it.span)).collect();
        let (start, end) = (offset(text, body.span.start), offset(text, body.span.end));
        if !inside.is_empty() {
            woven.text.push_str(text.get(written..start).unwrap_or_default());
            written = start;
        }
        for mutant in inside {
            let changed = replaced(text, mutant, start..end);
            let number = mutant.number;
            woven.text.push('\n');
            let first = lines(&woven.text);
            woven.text.push_str(&format!(
                "if crate::mutant_on({number}) {{ return {{\n{changed}\n}}; }}"
            ));
            woven.lines.push((first..=lines(&woven.text), number));
        }
    }
    woven.text.push_str(text.get(written..).unwrap_or_default());
    let is_woven = |number: usize| woven.lines.iter().any(|(_, it)| *it == number);
    woven.left_out = mutants.iter().map(|it| it.number).filter(|it| !is_woven(*it)).collect();
    Ok(woven)
}

/// The text with one mutant in it for good.
pub(crate) fn patched(text: &str, mutant: &Mutant) -> String {
    replaced(text, mutant, 0..text.len())
}

fn replaced(text: &str, mutant: &Mutant, range: Range<usize>) -> String {
    let (start, end) = (offset(text, mutant.span.start), offset(text, mutant.span.end));
    let before = text.get(range.start..start).unwrap_or_default();
    let after = text.get(end..range.end).unwrap_or_default();
    format!("{before} {} {after}", mutant.replacement)
}

/// How many bytes stand before a place.
fn offset(text: &str, place: Place) -> usize {
    let before = place.line.saturating_sub(1);
    let lines: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let line = text.split_inclusive('\n').nth(before).unwrap_or_default();
    let columns = line.chars().take(place.column.saturating_sub(1)).map(char::len_utf8);
    lines.saturating_add(columns.sum())
}

/// How many lines a text has, the last one begun or not.
fn lines(text: &str) -> usize {
    text.split('\n').count()
}

/// The bodies of the functions of a file; what stands within another is part of that.
#[derive(Default)]
struct Bodies(Vec<Body>);

impl Bodies {
    fn add(&mut self, signature: &Signature, block: &Block) {
        let mut types = ImplTypes::default();
        types.visit_return_type(&signature.output);
        let braces = block.brace_token.span;
        self.0.push(Body {
            span: Span {
                start: Place::from(braces.open().end()),
                end: Place::from(braces.close().start()),
            },
            can_be_asked: signature.constness.is_none() && !types.found,
        });
    }
}

impl<'ast> Visit<'ast> for Bodies {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.add(&item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.add(&item.sig, &item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(block) = &item.default {
            self.add(&item.sig, block);
        }
    }
}

/// Whether a type says `impl Trait` somewhere.
#[derive(Default)]
struct ImplTypes {
    found: bool,
}

impl<'ast> Visit<'ast> for ImplTypes {
    fn visit_type_impl_trait(&mut self, _: &'ast TypeImplTrait) {
        self.found = true;
    }
}

impl From<LineColumn> for Place {
    fn from(place: LineColumn) -> Self {
        Self { line: place.line, column: place.column.saturating_add(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::{patched, weave};
    use crate::mutants::list::Mutant;

    /// The mutant that replaces `what`, which stands once in the text, by something else.
    fn mutant(text: &str, number: usize, what: &str, by: &str) -> Mutant {
        assert_eq!(text.matches(what).count(), 1, "`{what}` in {text}");
        let place = |offset: usize| {
            let before: Vec<&str> = text.get(..offset).unwrap().split('\n').collect();
            let column = before.last().unwrap().chars().count() + 1;
            serde_json::json!({ "line": before.len(), "column": column })
        };
        let start = text.find(what).unwrap();
        let span = serde_json::json!({ "start": place(start), "end": place(start + what.len()) });
        let read = serde_json::json!({
            "file": "src/x.rs", "name": what, "span": span, "replacement": by,
        });
        Mutant { number, ..serde_json::from_value(read).unwrap() }
    }

    #[test]
    fn what_cannot_be_asked_at_run_time_is_left_out_and_not_touched() {
        for text in [
            "const fn f(a: u8) -> bool { a > 0 }\n",
            "fn f(a: u8) -> impl Iterator<Item = bool> { once(a > 0) }\n",
            "fn f(a: u8) -> Option<Box<impl Fn() -> bool>> { g(a > 0) }\n",
            "const F: bool = a > 0;\n",
            "struct S { #[serde(default = 1 > 0)] a: u8 }\nfn f() { 1 }",
        ] {
            let one = mutant(text, 7, " > 0", " < 0");
            let woven = weave(text, &[&one]).unwrap();
            assert_eq!((woven.text.as_str(), woven.left_out), (text, vec![7]), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_program_is_told() {
        let text = "fn f( { 1 }";
        assert!(weave(text, &[&mutant(text, 1, "1", "2")]).is_err());
    }

    #[test]
    fn each_mutant_is_a_body_of_its_own_before_the_real_one() {
        let text = "impl S {\n    fn f(&self) -> bool {\n        !self.a && self.b\n    }\n}\n";
        let (and, not) = (mutant(text, 1, "&&", "||"), mutant(text, 2, "!", ""));
        let woven = weave(text, &[&and, &not]).unwrap();
        assert_eq!(
            woven.text,
            "impl S {\n    fn f(&self) -> bool {\n\
             if crate::mutant_on(1) { return {\n\n        !self.a  ||  self.b\n    \n}; }\n\
             if crate::mutant_on(2) { return {\n\n          self.a && self.b\n    \n}; }\n        \
             !self.a && self.b\n    }\n}\n"
        );
        assert!(woven.left_out.is_empty());
        let at: Vec<_> = (1..=14).map(|line| woven.at(line)).collect();
        let (first, second) = ([Some(1); 5], [Some(2); 5]);
        assert_eq!(at, [&[None; 2][..], &first, &second, &[None; 2]].concat());
    }

    #[test]
    fn what_stands_within_a_function_is_changed_in_a_copy_of_the_whole() {
        let text = "fn f() -> u8 { fn g() -> u8 { 1 } g() }";
        let woven = weave(text, &[&mutant(text, 3, "1", "0")]).unwrap();
        assert_eq!(
            woven.text,
            "fn f() -> u8 {\nif crate::mutant_on(3) { return {\n fn g() -> u8 {  0  } g() \n}; } \
             fn g() -> u8 { 1 } g() }"
        );
    }

    #[test]
    fn columns_count_characters_and_nothing_else_moves() {
        let text = "fn f() { g(\"é…\", 1); }\nfn h() {}\n";
        assert_eq!(
            patched(text, &mutant(text, 1, "1", "2")),
            "fn f() { g(\"é…\",  2 ); }\nfn h() {}\n"
        );
    }
}
