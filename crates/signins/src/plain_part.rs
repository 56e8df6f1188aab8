//! Parts that came as JSON within text, where the text is plain.
//!
//! Log Analytics writes status, device, location and policies as JSON into cells of CSV, and into
//! texts of JSON lines. Where such a text has neither backslashes nor control characters, it is
//! read here, in a cell even before its doubled quotes are made single; whatever is not as plain
//! as that, or has any fault, is left as it is to the exact way.

use crate::field::Field;
use crate::json::{Reading, told};
use crate::keys::{Part, part_key};
use crate::scan::value::{Scalar, scalar};
use crate::sign_in::{AppliedPolicy, Step};

/// How a text writes the quotes of its JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// `"`.
    Single,
    /// `""`, as within a quoted cell of CSV.
    Doubled,
}

/// Most fields of a part.
const FIELDS: usize = 16;
/// Deepest nesting stepped over.
const DEEPEST: u8 = 16;

impl<'a> Reading<'a> {
    /// Takes a part, if its text is plain JSON: what the exact way would take of it. The answer is
    /// whether it was; if not, nothing was taken.
    pub(crate) fn take_plain_part(&mut self, part: Part, text: &'a str, quotes: Quotes) -> bool {
        let is_json = matches!(text.as_bytes(), [b'{' | b'[', ..]);
        if !is_json || !is_plain(text.as_bytes()) {
            return false;
        }
        let mut walk = Walk { text, at: 1, quotes };
        let is_list = text.starts_with('[');
        let taken = match part {
            Part::Status | Part::Device | Part::Location | Part::Mfa if !is_list => {
                self.take_fields(part, &mut walk)
            }
            Part::Policies | Part::Providers | Part::Steps if is_list => {
                self.take_list(part, &mut walk)
            }
            Part::EventTypes if is_list => self.take_event_types(&mut walk),
            _ => None,
        };
        taken.is_some()
    }

    fn take_fields(&mut self, part: Part, walk: &mut Walk<'a>) -> Option<()> {
        let mut found = [None; FIELDS];
        let mut free = found.iter_mut();
        walk.object(&mut |walk, name| {
            let Some(field) = part_key(part, name) else { return walk.skip(0) };
            if let Some(text) = walk.plain()? {
                *free.next()? = Some((field, text));
            }
            Some(())
        })?;
        self.has_result |= part == Part::Status;
        for (field, text) in found.into_iter().flatten() {
            self.set(field, text);
        }
        Some(())
    }

    fn take_list(&mut self, part: Part, walk: &mut Walk<'a>) -> Option<()> {
        let (mut policies, mut providers, mut steps) = (Vec::new(), Vec::new(), Vec::new());
        walk.list(&mut |walk| {
            walk.sign(b'{')?;
            match part {
                Part::Policies => policies.push(policy(walk)?),
                Part::Providers => providers.extend(provider(walk)?),
                _ => steps.push(step(walk)?),
            }
            Some(())
        })?;
        // An empty list takes nothing away.
        let sign_in = &mut self.sign_in;
        if !policies.is_empty() {
            sign_in.policies = policies;
        }
        if !providers.is_empty() {
            sign_in.requirement_providers = providers;
        }
        if !steps.is_empty() {
            sign_in.steps = steps;
        }
        Some(())
    }

    fn take_event_types(&mut self, walk: &mut Walk<'a>) -> Option<()> {
        let mut names: Option<&'a str> = None;
        let arena = self.arena();
        walk.list(&mut |walk| {
            if let Some(name) = walk.plain()? {
                names = Some(match names {
                    None => name,
                    Some(names) => arena.alloc_str(&[names, name].join(",")),
                });
            }
            Some(())
        })?;
        self.set(Field::EventTypes, names.unwrap_or_default());
        Some(())
    }
}

fn policy<'a>(walk: &mut Walk<'a>) -> Option<AppliedPolicy<&'a str>> {
    let mut policy = AppliedPolicy::default();
    walk.object(&mut |walk, name| {
        let is = |key: &str| name.eq_ignore_ascii_case(key);
        let slot = if is("id") {
            &mut policy.id
        } else if is("displayName") {
            &mut policy.name
        } else if is("result") {
            &mut policy.result
        } else {
            return walk.skip(0);
        };
        walk.fill(slot)
    })?;
    Some(policy)
}

fn provider<'a>(walk: &mut Walk<'a>) -> Option<Option<&'a str>> {
    let mut provider = None;
    walk.object(&mut |walk, name| {
        if name.eq_ignore_ascii_case("requirementProvider") {
            walk.fill(&mut provider)
        } else {
            walk.skip(0)
        }
    })?;
    Some(provider)
}

fn step<'a>(walk: &mut Walk<'a>) -> Option<Step<&'a str>> {
    let mut step = Step::default();
    walk.object(&mut |walk, name| {
        let is = |key: &str| name.eq_ignore_ascii_case(key);
        let slot = if is("authenticationMethod") {
            &mut step.method
        } else if is("authenticationMethodDetail") {
            &mut step.method_detail
        } else if is("authenticationStepResultDetail") {
            &mut step.result_detail
        } else if is("authenticationStepRequirement") {
            &mut step.requirement
        } else if is("succeeded") {
            &mut step.succeeded
        } else {
            return walk.skip(0);
        };
        walk.fill(slot)
    })?;
    Some(step)
}

/// Whether a text has neither backslashes nor control characters, line breaks among them.
fn is_plain(text: &[u8]) -> bool {
    // Without an early end the compiler looks at many bytes at a time.
    text.iter().fold(true, |plain, byte| plain & (*byte >= b' ') & (*byte != b'\\'))
}

/// A walk through plain JSON. Every step answers `None` at a fault, and at what is not plain.
struct Walk<'a> {
    text: &'a str,
    at: usize,
    quotes: Quotes,
}

impl<'a> Walk<'a> {
    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn blanks(&mut self) {
        while self.byte() == Some(b' ') {
            self.at += 1;
        }
    }

    #[inline]
    fn sign(&mut self, sign: u8) -> Option<()> {
        (self.byte()? == sign).then(|| self.at += 1)
    }

    #[inline]
    fn quote(&mut self) -> Option<()> {
        self.sign(b'"')?;
        if self.quotes == Quotes::Doubled { self.sign(b'"') } else { Some(()) }
    }

    /// An object, from behind its bracket to behind its other one.
    fn object(&mut self, value: &mut impl FnMut(&mut Self, &'a str) -> Option<()>) -> Option<()> {
        self.blanks();
        if self.byte()? == b'}' {
            return self.sign(b'}');
        }
        loop {
            let name = self.string()?;
            self.blanks();
            self.sign(b':')?;
            self.blanks();
            value(self, name)?;
            self.blanks();
            if self.byte()? == b'}' {
                return self.sign(b'}');
            }
            self.sign(b',')?;
            self.blanks();
        }
    }

    /// A list, from behind its bracket to behind its other one.
    fn list(&mut self, element: &mut impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.blanks();
        if self.byte()? == b']' {
            return self.sign(b']');
        }
        loop {
            element(self)?;
            self.blanks();
            if self.byte()? == b']' {
                return self.sign(b']');
            }
            self.sign(b',')?;
            self.blanks();
        }
    }

    #[inline]
    fn string(&mut self) -> Option<&'a str> {
        self.quote()?;
        let rest = self.text.get(self.at..)?;
        let length = memchr::memchr(b'"', rest.as_bytes())?;
        self.at += length;
        self.quote()?;
        rest.get(..length)
    }

    /// The end of a number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<&'a str> {
        let rest = self.text.get(self.at..)?;
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ');
        let length = rest.as_bytes().iter().position(ends)?;
        self.at += length;
        rest.get(..length)
    }

    /// A value without parts, as text; nothing for `null`.
    #[inline]
    fn plain(&mut self) -> Option<Option<&'a str>> {
        match self.byte()? {
            b'"' => self.string().map(Some),
            b'{' | b'[' => None,
            _ => {
                let word = self.word()?;
                match scalar(word.as_bytes())? {
                    Scalar::Null => Some(None),
                    Scalar::Text => Some(Some(word)),
                    Scalar::Number => None,
                }
            }
        }
    }

    #[inline]
    fn fill(&mut self, slot: &mut Option<&'a str>) -> Option<()> {
        if let Some(text) = self.plain()?.and_then(told) {
            *slot = Some(text);
        }
        Some(())
    }

    /// Steps over a value, which is sound.
    fn skip(&mut self, depth: u8) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match self.byte()? {
            b'"' => self.string().map(|_| ()),
            b'{' => {
                self.at += 1;
                self.object(&mut |walk, _| walk.skip(depth + 1))
            }
            b'[' => {
                self.at += 1;
                self.list(&mut |walk| walk.skip(depth + 1))
            }
            _ => scalar(self.word()?.as_bytes()).map(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests;
