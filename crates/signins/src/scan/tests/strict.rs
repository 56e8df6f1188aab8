//! What the scanner accepts, written down a second time: slowly, and from the outside in.

use serde::de::IgnoredAny;

use crate::keys::{Key, Part, key, part_key};

/// The text at a position of a record. Every step answers `None` where the record is to be refused.
struct Strict<'t> {
    text: &'t [u8],
    at: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Context {
    Record,
    Properties,
    Part(Part),
    Element(Part),
}

/// Whether everything that is asked for is sound, and the rest sound enough.
pub(super) fn is_sound_enough(record: &str) -> bool {
    let mut strict = Strict { text: record.as_bytes(), at: 0 };
    strict.object(Context::Record).is_some() && strict.at == record.len()
}

impl Strict<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn sign(&mut self, sign: u8) -> Option<()> {
        self.blanks();
        let there = self.peek()? == sign;
        self.at += 1;
        there.then_some(())
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn object(&mut self, context: Context) -> Option<()> {
        self.sign(b'{')?;
        self.members(b'}', |strict| {
            let name = strict.string()?;
            let name: String = serde_json::from_str(&name).ok()?;
            strict.sign(b':')?;
            strict.blanks();
            strict.value(context, &name)
        })
    }

    fn members(&mut self, end: u8, mut one: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.blanks();
        if self.peek()? == end {
            self.at += 1;
            return Some(());
        }
        loop {
            self.blanks();
            one(self)?;
            self.blanks();
            if self.peek()? == end {
                self.at += 1;
                return Some(());
            }
            self.sign(b',')?;
        }
    }

    fn value(&mut self, context: Context, name: &str) -> Option<()> {
        let asked = match context {
            Context::Record | Context::Properties => match key(name) {
                Some(Key::Part(Part::Properties)) if context == Context::Properties => false,
                Some(Key::Part(part)) => return self.part(part),
                Some(Key::Foreign) | None => false,
                Some(_) => true,
            },
            Context::Part(part) => part_key(part, name).is_some(),
            Context::Element(part) => is_item(part, name),
        };
        self.plain(asked)
    }

    fn part(&mut self, part: Part) -> Option<()> {
        match (self.peek()?, part) {
            (b'{', Part::Properties) => self.object(Context::Properties),
            (b'{', Part::Status | Part::Device | Part::Location | Part::Mfa) => {
                self.object(Context::Part(part))
            }
            (b'[', Part::Policies | Part::Providers | Part::Steps) => {
                self.at += 1;
                self.members(b']', |strict| strict.object(Context::Element(part)))
            }
            (b'[', Part::EventTypes) => {
                self.at += 1;
                self.members(b']', |strict| strict.plain(true))
            }
            (b'[', Part::Contexts | Part::Audiences) => {
                let start = self.at;
                self.brackets()?;
                serde_json::from_slice::<IgnoredAny>(&self.text[start..self.at]).ok().map(drop)
            }
            // A number here is passed over, however large it is.
            (byte, _) => self.plain(byte == b'"'),
        }
    }

    fn plain(&mut self, asked: bool) -> Option<()> {
        match self.peek()? {
            b'"' => {
                let text = self.string()?;
                let sound = serde_json::from_str::<String>(&text).is_ok();
                (!asked || sound).then_some(())
            }
            b'{' | b'[' => self.brackets(),
            _ => {
                let ends = |byte: &u8| b",]} \t\r\n".contains(byte);
                let rest = &self.text[self.at..];
                let word = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
                self.at += word.len();
                let sound = if asked {
                    serde_json::from_slice::<serde_json::Value>(word).is_ok()
                } else {
                    serde_json::from_slice::<IgnoredAny>(word).is_ok()
                };
                sound.then_some(())
            }
        }
    }

    /// A string with its quotes: it ends, and holds no control characters.
    fn string(&mut self) -> Option<String> {
        let start = self.at;
        let mut signs = self.text[start..].iter();
        if signs.next() != Some(&b'"') {
            return None;
        }
        loop {
            match signs.next()? {
                b'"' => break,
                b'\\' => drop(signs.next().filter(|it| **it >= b' ')?),
                0..b' ' => return None,
                _ => {}
            }
        }
        self.at = self.text.len() - signs.len();
        String::from_utf8(self.text[start..self.at].to_vec()).ok()
    }

    /// An object or list that nothing asks for: its brackets match, its strings end.
    fn brackets(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'\\' => return None,
                sign @ (b'{' | b'[') => open.push(sign),
                sign @ (b'}' | b']') if open.pop() != Some(sign - 2) => return None,
                _ => {}
            }
            self.at += 1;
            if open.is_empty() {
                return Some(());
            }
            if open.len() > 120 {
                return None;
            }
        }
    }
}

fn is_item(part: Part, name: &str) -> bool {
    let names: &[&str] = match part {
        Part::Policies => &["id", "displayname", "result"],
        Part::Providers => &["requirementprovider"],
        _ => &[
            "authenticationmethod",
            "authenticationmethoddetail",
            "authenticationstepresultdetail",
            "authenticationsteprequirement",
            "succeeded",
        ],
    };
    names.contains(&name.to_ascii_lowercase().as_str())
}
