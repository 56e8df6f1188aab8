//! The structure of one JSON value, followed byte by byte and across chunks.
//!
//! Values themselves are not validated; what is checked is what may stand next to what. That is
//! what betrays a lost quote or bracket within a few bytes instead of at the end of the file.

use std::ops::Range;

/// Deepest nesting followed. `serde_json` refuses more than 127 as well.
const DEEPEST: u32 = 127;

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// After `{`: a key or `}`.
    FirstKey,
    /// After `,` in an object: a key. `}` is a trailing comma, left to the consumer.
    Key,
    /// After a key.
    Colon,
    /// After `:`.
    Value,
    /// After `[` or after `,` in an array: a value or `]`.
    Item,
    /// After a value: `,` or the closing bracket.
    Next,
}

/// What the position is in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    Text,
    Escape,
    Word,
}

/// Why following stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The bytes given are used up.
    More,
    /// The value closed; the position is behind it.
    Closed,
    /// The position is at the `[` of a list under a key that envelopes use.
    List,
    /// The bytes are no JSON here, because.
    Damaged(&'static str),
}

/// Follows one value. Positions are those of the bytes given to [`Nesting::follow`], which must
/// start with the value each time.
#[derive(Debug, Clone)]
pub(super) struct Nesting {
    objects: u128,
    depth: u32,
    expect: Expect,
    within: Within,
    /// Whether the keys of the outermost object are looked at.
    watch: bool,
    text_start: usize,
    key: Range<usize>,
    key_is_context: bool,
    context: Option<Range<usize>>,
    first_key: Option<Range<usize>>,
    second_key: Option<Range<usize>>,
    next_page: bool,
}

impl Nesting {
    /// Just behind the `{` of an object. `watch`: tell of lists under `value` and `records`.
    pub(super) fn object(watch: bool) -> Self {
        Self {
            objects: 1,
            depth: 1,
            expect: Expect::FirstKey,
            within: Within::Nothing,
            watch,
            text_start: 0,
            key: 0..0,
            key_is_context: false,
            context: None,
            first_key: None,
            second_key: None,
            next_page: false,
        }
    }

    /// Just behind the `[` of an array.
    pub(super) fn array() -> Self {
        Self { objects: 0, expect: Expect::Item, ..Self::object(false) }
    }

    /// In the outermost object, just behind the `]` of a list that was handed out.
    pub(super) fn behind_list() -> Self {
        Self { expect: Expect::Next, ..Self::object(true) }
    }

    /// Nothing more is said of keys and lists: the bytes are no longer kept.
    pub(super) fn stop_watching(&mut self) {
        self.watch = false;
    }

    /// Takes the list at which [`Step::List`] stopped as an ordinary value.
    pub(super) fn enter_list(&mut self) {
        self.push(false);
    }

    /// Where the text of `@odata.context` stands, without its quotes.
    pub(super) fn context(&self) -> Option<Range<usize>> {
        self.context.clone()
    }

    /// Where the first two keys of the outermost object stand, without their quotes.
    pub(super) fn keys(&self) -> (Option<Range<usize>>, Option<Range<usize>>) {
        (self.first_key.clone(), self.second_key.clone())
    }

    /// Whether the outermost object names a next page (`@odata.nextLink`).
    pub(super) fn next_page(&self) -> bool {
        self.next_page
    }

    /// Follows from `at` on, as far as the bytes go.
    pub(super) fn follow(&mut self, bytes: &[u8], at: &mut usize) -> Step {
        loop {
            let step = match self.within {
                Within::Nothing => self.structure(bytes, at),
                Within::Text => self.text(bytes, at),
                Within::Escape => match bytes.get(*at) {
                    None => Some(Step::More),
                    Some(b'\n') => Some(Step::Damaged(LINE_BREAK)),
                    Some(_) => {
                        *at += 1;
                        self.within = Within::Text;
                        None
                    }
                },
                Within::Word => {
                    let rest = bytes.get(*at..).unwrap_or_default();
                    match rest.iter().position(|byte| !is_word(*byte)) {
                        None => {
                            *at = bytes.len();
                            Some(Step::More)
                        }
                        Some(length) => {
                            *at += length;
                            self.within = Within::Nothing;
                            None
                        }
                    }
                }
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    /// Inside a text: on to its quote, an escape, or a raw line break, which no JSON text holds.
    fn text(&mut self, bytes: &[u8], at: &mut usize) -> Option<Step> {
        let rest = bytes.get(*at..).unwrap_or_default();
        let Some(stop) = memchr::memchr3(b'"', b'\\', b'\n', rest) else {
            *at = bytes.len();
            return Some(Step::More);
        };
        let stop = *at + stop;
        match bytes.get(stop) {
            Some(b'"') => {
                *at = stop + 1;
                self.within = Within::Nothing;
                self.text_ended(bytes, stop);
                None
            }
            Some(b'\\') => {
                *at = stop + 1;
                self.within = Within::Escape;
                None
            }
            _ => {
                *at = stop;
                Some(Step::Damaged(LINE_BREAK))
            }
        }
    }

    fn text_ended(&mut self, bytes: &[u8], end: usize) {
        let is_key = matches!(self.expect, Expect::FirstKey | Expect::Key);
        self.expect = if is_key { Expect::Colon } else { Expect::Next };
        if self.depth != 1 || self.objects & 1 == 0 {
            return;
        }
        if !is_key {
            if self.key_is_context && self.context.is_none() {
                self.context = Some(self.text_start..end);
            }
            self.key_is_context = false;
            return;
        }
        let range = self.text_start..end;
        if self.first_key.is_none() {
            self.first_key = Some(range.clone());
        } else if self.second_key.is_none() {
            self.second_key = Some(range.clone());
        }
        if self.watch {
            let key = bytes.get(range.clone()).unwrap_or_default();
            self.key_is_context = key.eq_ignore_ascii_case(b"@odata.context");
            self.next_page |= key.eq_ignore_ascii_case(b"@odata.nextLink");
            self.key = range;
        }
    }

    fn structure(&mut self, bytes: &[u8], at: &mut usize) -> Option<Step> {
        loop {
            let Some(byte) = bytes.get(*at).copied() else { return Some(Step::More) };
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'"' => {
                    if matches!(self.expect, Expect::Colon | Expect::Next) {
                        return Some(Step::Damaged("a text where none can stand"));
                    }
                    self.text_start = *at + 1;
                    *at += 1;
                    self.within = Within::Text;
                    return None;
                }
                b':' if self.expect == Expect::Colon => self.expect = Expect::Value,
                b',' if self.expect == Expect::Next => {
                    self.expect = if self.in_object() { Expect::Key } else { Expect::Item };
                }
                b'{' | b'[' if matches!(self.expect, Expect::Value | Expect::Item) => {
                    if self.depth >= DEEPEST {
                        return Some(Step::Damaged("values nested too deeply"));
                    }
                    if byte == b'[' && self.depth == 1 && self.at_list(bytes) {
                        return Some(Step::List);
                    }
                    self.push(byte == b'{');
                }
                b'}' if self.in_object() && self.may_close() => {
                    if self.pop() {
                        *at += 1;
                        return Some(Step::Closed);
                    }
                }
                b']' if !self.in_object() && self.may_close() => {
                    if self.pop() {
                        *at += 1;
                        return Some(Step::Closed);
                    }
                }
                _ if is_word(byte) && matches!(self.expect, Expect::Value | Expect::Item) => {
                    self.expect = Expect::Next;
                    self.within = Within::Word;
                    self.key_is_context = false;
                    return None;
                }
                _ => return Some(Step::Damaged("a sign where it cannot stand")),
            }
            *at += 1;
        }
    }

    fn at_list(&self, bytes: &[u8]) -> bool {
        self.watch && {
            let key = bytes.get(self.key.clone()).unwrap_or_default();
            key.eq_ignore_ascii_case(b"value") || key.eq_ignore_ascii_case(b"records")
        }
    }

    fn in_object(&self) -> bool {
        self.depth > 0 && self.objects >> (self.depth - 1) & 1 == 1
    }

    fn may_close(&self) -> bool {
        matches!(self.expect, Expect::FirstKey | Expect::Key | Expect::Item | Expect::Next)
    }

    fn push(&mut self, object: bool) {
        let bit = 1_u128 << self.depth;
        self.objects = if object { self.objects | bit } else { self.objects & !bit };
        self.depth += 1;
        self.expect = if object { Expect::FirstKey } else { Expect::Item };
        self.key_is_context = false;
    }

    /// Whether that was the outermost.
    fn pop(&mut self) -> bool {
        self.depth = self.depth.saturating_sub(1);
        self.expect = Expect::Next;
        self.depth == 0
    }
}

const LINE_BREAK: &str = "a line break inside a text, or a quotation mark too few";

/// Bytes of numbers and of `true`, `false`, `null`.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.' | b'_')
}
