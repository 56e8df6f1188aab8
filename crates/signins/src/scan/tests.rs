//! The scanner beside the exact way, on drawn and on chosen texts.

#![expect(clippy::string_slice, reason = "texts of the tests, cut where signs end")]

mod alone;
mod draw;
mod leniency;
mod shapes;
mod strict;
mod whole_texts;

use bumpalo::Bump;
use records::time::DateOrder;

use super::agree::pieces;
use super::{RECOGNITION, Scanner};
use crate::field::Field;
use crate::json::Reading;
use strict::is_sound_enough;

/// Every field, and the lists.
fn scanner() -> Scanner {
    Scanner::new(Field::ALL, true)
}

/// How often the scanner answered, and how often it left a piece to the exact way.
#[derive(Debug, Default, PartialEq, Eq)]
struct Shares {
    objects: usize,
    odd: usize,
    /// Objects that the exact way refuses.
    lenient: usize,
}

/// Reads a text in both ways and compares what is asked for. Lists are compared if `lists`.
fn agree(scanner: &mut Scanner, text: &str, asked: &[Field], lists: bool) -> Shares {
    let arena = Bump::new();
    let mut shares = Shares::default();
    let found = pieces(scanner, text, &arena, &mut |object, found| {
        let mut exact = Reading::new(DateOrder::default(), &arena);
        if exact.read(object.as_bytes()).is_err() {
            shares.lenient += 1;
            if !is_sound_enough(object) {
                return Err(format!("accepted: {object}"));
            }
            return Ok(());
        }
        let (ours, theirs) = (&found.sign_in, &exact.sign_in);
        let mut same = found.foreign == exact.foreign
            && found.has_result == exact.has_result
            && (ours.created, ours.logged) == (theirs.created, theirs.logged);
        for field in asked.iter().chain(&RECOGNITION) {
            same &= ours.text.told(*field) == theirs.text.told(*field);
        }
        if lists {
            same &= ours.policies == theirs.policies
                && ours.requirement_providers == theirs.requirement_providers
                && ours.steps == theirs.steps;
        }
        if same { Ok(()) } else { Err(format!("{object}\nis\n{found:?}\nand not\n{exact:?}")) }
    });
    let found = found.unwrap_or_else(|fault| panic!("{fault}\n--- in:\n{text}"));
    shares.objects = found.iter().filter(|piece| piece.is_object).count();
    shares.odd = found.len() - shares.objects;
    shares
}
