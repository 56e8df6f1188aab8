//! What a sign-in shows, as one number.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::quality::FixedState;

use crate::field::Field;
use crate::sign_in::SignIn;

/// Fingerprint of everything a sign-in shows. The same in every run and on every machine.
pub(crate) fn content_print(sign_in: &SignIn<'_>) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    for (field, text) in sign_in.text.all() {
        hasher.write_u32(number(field, text.len()));
        hasher.write(text.as_bytes());
    }
    (sign_in.created, sign_in.logged).hash(&mut hasher);
    (&sign_in.policies, &sign_in.requirement_providers, &sign_in.steps).hash(&mut hasher);
    hasher.finish()
}

/// A field and the length of its text, so that texts do not run into one another.
fn number(field: Field, length: usize) -> u32 {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    field.number() << 24 ^ length
}

#[cfg(test)]
mod tests {
    use super::content_print;
    use crate::field::Field;
    use crate::sign_in::{SignIn, Step};

    #[test]
    fn whatever_is_shown_makes_a_difference() {
        let mut prints = vec![content_print(&SignIn::default())];
        for field in Field::ALL {
            for text in ["a", "ab", ""] {
                let mut sign_in = SignIn::default();
                sign_in.text.set(*field, text);
                prints.push(content_print(&sign_in));
            }
        }
        for created in [Some(jiff::Timestamp::UNIX_EPOCH), None] {
            let logged = if created.is_none() { Some(jiff::Timestamp::UNIX_EPOCH) } else { None };
            prints.push(content_print(&SignIn { created, logged, ..SignIn::default() }));
        }
        let steps = vec![Step { method: Some("a"), ..Step::default() }];
        prints.push(content_print(&SignIn { steps, ..SignIn::default() }));
        let providers = vec!["a"];
        prints
            .push(content_print(&SignIn { requirement_providers: providers, ..SignIn::default() }));
        let all = prints.len();
        prints.sort_unstable();
        prints.dedup();
        assert_eq!(prints.len(), all);
    }
}
