//! `$skiptoken`: opaque, and only those that were handed out are taken back.

use std::collections::BTreeMap;

use super::ask::Ask;
use super::refusal::Refusal;
use super::{digest_text, words_of};
use crate::world::SignInPosition;

/// Where a list goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// So many objects were passed.
    Place(usize),
    /// In a log, newest first.
    SignIn(SignInPosition),
}

#[derive(Debug, Clone)]
struct Handed {
    /// The request it belongs to, without the token.
    of: String,
    position: Position,
}

/// Every token that was handed out.
#[derive(Debug, Clone, Default)]
pub(super) struct Pages {
    handed: BTreeMap<String, Handed>,
}

impl Pages {
    /// Where the request goes on. `None`: at the beginning.
    pub(super) fn position(&self, ask: &Ask) -> Result<Option<Position>, Refusal> {
        let Some(token) = ask.option("$skiptoken") else { return Ok(None) };
        let handed = self.handed.get(token).filter(|it| it.of == without_token(&ask.target));
        let refused = || Refusal::new(400, "BadRequest", "The value of `$skiptoken` is not valid.");
        handed.map(|it| Some(it.position)).ok_or_else(refused)
    }

    /// The address of the next page, from the version on.
    pub(super) fn next(&mut self, ask: &Ask, position: Position) -> String {
        let of = without_token(&ask.target);
        let count = self.handed.len().to_string();
        let token = digest_text(&words_of(&["page", &count, &of]));
        let joint = if of.contains('?') { '&' } else { '?' };
        let target = format!("{of}{joint}$skiptoken={token}");
        self.handed.insert(token, Handed { of, position });
        target
    }
}

/// The address with its token taken out, byte for byte.
fn without_token(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let is_token = |it: &&str| {
        let name = it.split('=').next().unwrap_or("").to_ascii_lowercase();
        name == "$skiptoken" || name == "%24skiptoken"
    };
    let rest: Vec<&str> = query.split('&').filter(|it| !is_token(it) && !it.is_empty()).collect();
    if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    #[test]
    fn only_tokens_handed_out_for_the_same_request_are_taken() {
        let ask = |target: &str| Ask::of("GET", target, &HeaderMap::new(), Vec::new()).unwrap();
        let mut pages = Pages::default();
        let first = ask("/v1.0/users?$top=5&$select=id,mail");
        assert_eq!(pages.position(&first), Ok(None));
        let next = pages.next(&first, Position::Place(5));
        assert!(next.starts_with("/v1.0/users?$top=5&$select=id,mail&$skiptoken="), "{next}");
        assert_eq!(pages.position(&ask(&next)), Ok(Some(Position::Place(5))));
        let refused = [
            "/v1.0/users?$skiptoken=5".to_owned(),
            next.replace("$top=5", "$top=6"),
            next.replace("/users", "/groups"),
            format!("{next}0"),
        ];
        for target in refused {
            assert!(pages.position(&ask(&target)).is_err(), "{target}");
        }
        // The next page's link differs, and the old one stays good.
        let third = pages.next(&ask(&next), Position::Place(10));
        assert_ne!(third, next);
        assert_eq!(pages.position(&ask(&next)), Ok(Some(Position::Place(5))));
    }
}
