//! Records as templates: the text that never changes is laid out once, and only what differs from
//! record to record is filled in. A million records are then written at the speed of copying.

use super::record::{Choice, Drawn, Slot, Value, World};

/// A part of a record, before it is laid out.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// Keys and what they hold.
    Object(Vec<(&'static str, Node)>),
    /// A list.
    Array(Vec<Node>),
    /// Text that never changes.
    Text(String),
    /// A number, a truth value or `null` that never changes.
    Raw(&'static str),
    /// Text that differs.
    Slot(Slot),
    /// A number or a truth value that differs.
    Bare(Slot),
    /// One of several parts.
    Choice(Choice, Vec<Node>),
    /// The key is left out. Only as an alternative, and never of the first key.
    Absent,
}

/// How the same record is written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Style {
    /// Keys in alphabetical order at every level.
    pub(super) sorted: bool,
    /// A blank after `:` and `,`, as `json.dumps` of Python writes.
    pub(super) spaced: bool,
    /// Everything but ASCII as `\uXXXX`, as Azure Monitor writes.
    pub(super) ascii: bool,
    /// Inside a quoted cell of CSV: quotation marks are doubled.
    pub(super) in_cell: bool,
}

/// A laid-out record.
#[derive(Debug, Default)]
pub(super) struct Template {
    segments: Vec<Segment>,
}

#[derive(Debug)]
enum Segment {
    Fixed(Vec<u8>),
    Slot(Slot, Escape),
    Choice(Choice, Vec<Template>),
}

/// What must be escaped where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    Json { ascii: bool, in_cell: bool },
    Cell,
}

impl Template {
    /// Lays out one JSON value.
    pub(super) fn json(node: &Node, style: Style) -> Self {
        let mut template = Self::default();
        template.lay_out(node, style);
        template
    }

    /// Adds text that never changes.
    pub(super) fn fixed(&mut self, text: &str) {
        if let Some(Segment::Fixed(before)) = self.segments.last_mut() {
            before.extend_from_slice(text.as_bytes());
        } else {
            self.segments.push(Segment::Fixed(text.as_bytes().to_vec()));
        }
    }

    /// Adds a cell of CSV: text in quotation marks, or JSON in quotation marks.
    pub(super) fn cell(&mut self, node: &Node) {
        match node {
            Node::Absent => {}
            Node::Bare(slot) => self.segments.push(Segment::Slot(*slot, Escape::Cell)),
            Node::Raw(text) => self.fixed(text),
            Node::Text(text) => self.fixed(&format!("\"{}\"", text.replace('"', "\"\""))),
            Node::Slot(slot) => {
                self.fixed("\"");
                self.segments.push(Segment::Slot(*slot, Escape::Cell));
                self.fixed("\"");
            }
            Node::Choice(choice, nodes) => {
                let alternatives = nodes.iter().map(|node| {
                    let mut alternative = Self::default();
                    alternative.cell(node);
                    alternative
                });
                self.segments.push(Segment::Choice(*choice, alternatives.collect()));
            }
            Node::Object(_) | Node::Array(_) => {
                self.fixed("\"");
                self.lay_out(node, Style { in_cell: true, ..Style::default() });
                self.fixed("\"");
            }
        }
    }

    fn lay_out(&mut self, node: &Node, style: Style) {
        let escape = Escape::Json { ascii: style.ascii, in_cell: style.in_cell };
        match node {
            Node::Object(entries) => self.object(entries, style),
            Node::Array(items) => {
                self.fixed("[");
                for (position, item) in items.iter().enumerate() {
                    self.fixed(separator(position, style));
                    self.lay_out(item, style);
                }
                self.fixed("]");
            }
            Node::Text(text) => {
                let mut bytes = Vec::new();
                escape_into(text, escape, &mut bytes);
                self.quotation_mark(style);
                self.fixed(&String::from_utf8_lossy(&bytes));
                self.quotation_mark(style);
            }
            Node::Raw(text) => self.fixed(text),
            Node::Slot(slot) => {
                self.quotation_mark(style);
                self.segments.push(Segment::Slot(*slot, escape));
                self.quotation_mark(style);
            }
            Node::Bare(slot) => self.segments.push(Segment::Slot(*slot, escape)),
            Node::Choice(choice, nodes) => {
                let alternatives = nodes.iter().map(|node| Self::json(node, style)).collect();
                self.segments.push(Segment::Choice(*choice, alternatives));
            }
            Node::Absent => {}
        }
    }

    fn object(&mut self, entries: &[(&'static str, Node)], style: Style) {
        let mut ordered: Vec<&(&str, Node)> = entries.iter().collect();
        if style.sorted {
            ordered.sort_by_key(|(key, _)| *key);
        }
        self.fixed("{");
        for (position, (key, node)) in ordered.into_iter().enumerate() {
            match node {
                Node::Choice(choice, nodes)
                    if nodes.iter().any(|node| matches!(node, Node::Absent)) =>
                {
                    let alternatives = nodes.iter().map(|node| {
                        let mut alternative = Self::default();
                        if !matches!(node, Node::Absent) {
                            alternative.entry(position, key, node, style);
                        }
                        alternative
                    });
                    self.segments.push(Segment::Choice(*choice, alternatives.collect()));
                }
                _ => self.entry(position, key, node, style),
            }
        }
        self.fixed("}");
    }

    fn entry(&mut self, position: usize, key: &str, node: &Node, style: Style) {
        self.fixed(separator(position, style));
        self.quotation_mark(style);
        self.fixed(key);
        self.quotation_mark(style);
        self.fixed(if style.spaced { ": " } else { ":" });
        self.lay_out(node, style);
    }

    fn quotation_mark(&mut self, style: Style) {
        self.fixed(if style.in_cell { "\"\"" } else { "\"" });
    }

    /// Writes the record.
    pub(super) fn write(&self, drawn: &Drawn, world: &World, out: &mut Vec<u8>) {
        for segment in &self.segments {
            match segment {
                Segment::Fixed(bytes) => out.extend_from_slice(bytes),
                Segment::Slot(slot, escape) => match drawn.value(*slot, world) {
                    Value::Text(text) => escape_into(text, *escape, out),
                    Value::Number(number) => push_number(number, 1, out),
                    Value::Guid(high, low) => push_guid(high, low, out),
                    Value::Stamp { hour, ticks, suffix } => push_stamp(hour, ticks, suffix, out),
                },
                Segment::Choice(choice, alternatives) => {
                    if let Some(chosen) = alternatives.get(drawn.chosen(*choice)) {
                        chosen.write(drawn, world, out);
                    }
                }
            }
        }
    }
}

fn separator(position: usize, style: Style) -> &'static str {
    match (position, style.spaced) {
        (0, _) => "",
        (_, true) => ", ",
        (_, false) => ",",
    }
}

/// Text with what its surroundings ask for. Most text needs nothing.
fn escape_into(text: &str, escape: Escape, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    if bytes.iter().all(|byte| byte.is_ascii() && !matches!(byte, b'"' | b'\\')) {
        out.extend_from_slice(bytes);
        return;
    }
    let mut buffer = [0_u8; 4];
    for character in text.chars() {
        match (character, escape) {
            ('"', Escape::Cell) => out.extend_from_slice(b"\"\""),
            ('"', Escape::Json { in_cell: true, .. }) => out.extend_from_slice(b"\\\"\""),
            ('"', Escape::Json { .. }) => out.extend_from_slice(b"\\\""),
            ('\\', Escape::Json { .. }) => out.extend_from_slice(b"\\\\"),
            (other, Escape::Json { ascii: true, .. }) if !other.is_ascii() => {
                let mut units = [0_u16; 2];
                for unit in other.encode_utf16(&mut units) {
                    out.extend_from_slice(format!("\\u{unit:04X}").as_bytes());
                }
            }
            (other, _) => out.extend_from_slice(other.encode_utf8(&mut buffer).as_bytes()),
        }
    }
}

/// A number in at least so many digits.
fn push_number(mut number: u64, digits: usize, out: &mut Vec<u8>) {
    let start = out.len();
    loop {
        out.push(b'0'.saturating_add(u8::try_from(number % 10).unwrap_or(0)));
        number /= 10;
        if number == 0 && out.len() - start >= digits {
            break;
        }
    }
    if let Some(written) = out.get_mut(start..) {
        written.reverse();
    }
}

/// A GUID of version 4.
fn push_guid(high: u64, low: u64, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let high = high & 0xffff_ffff_ffff_0fff | 0x4000;
    let low = low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
    let bytes = high.to_be_bytes().into_iter().chain(low.to_be_bytes());
    for (position, byte) in bytes.enumerate() {
        if matches!(position, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        let (upper, lower) = (usize::from(byte >> 4), usize::from(byte & 15));
        out.extend(DIGITS.get(upper));
        out.extend(DIGITS.get(lower));
    }
}

/// A time: the hour as text, then tenths of a microsecond into it. Azure drops the zeros at the
/// end of a fraction.
fn push_stamp(hour: &str, ticks: u64, suffix: &str, out: &mut Vec<u8>) {
    const SECOND: u64 = 10_000_000;
    out.extend_from_slice(hour.as_bytes());
    push_number(ticks / SECOND / 60, 2, out);
    out.push(b':');
    push_number(ticks / SECOND % 60, 2, out);
    let fraction = ticks % SECOND;
    if fraction > 0 {
        out.push(b'.');
        push_number(fraction, 7, out);
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
    out.extend_from_slice(suffix.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::{Escape, Node, Style, Template, escape_into, push_guid, push_number, push_stamp};

    fn written(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_is_escaped_as_its_surroundings_ask() {
        let text = "Zoë \"X\" \\ 😀";
        for (escape, expected) in [
            (Escape::Json { ascii: true, in_cell: false }, r#"Zo\u00EB \"X\" \\ \uD83D\uDE00"#),
            (Escape::Json { ascii: false, in_cell: false }, r#"Zoë \"X\" \\ 😀"#),
            (Escape::Json { ascii: false, in_cell: true }, r#"Zoë \""X\"" \\ 😀"#),
            (Escape::Cell, r#"Zoë ""X"" \ 😀"#),
        ] {
            assert_eq!(written(|out| escape_into(text, escape, out)), expected);
        }
    }

    #[test]
    fn numbers_ids_and_times_have_their_form() {
        assert_eq!(written(|out| push_number(0, 1, out)), "0");
        assert_eq!(written(|out| push_number(40_305, 7, out)), "0040305");
        assert_eq!(
            written(|out| push_guid(u64::MAX, 0, out)),
            "ffffffff-ffff-4fff-8000-000000000000"
        );
        let hour = "2026-11-20T05:";
        for (ticks, expected) in [
            (0, "2026-11-20T05:00:00Z"),
            (10_000_000 * 3_599 + 3_464_680, "2026-11-20T05:59:59.346468Z"),
            (1, "2026-11-20T05:00:00.0000001Z"),
        ] {
            assert_eq!(written(|out| push_stamp(hour, ticks, "Z", out)), expected);
        }
    }

    #[test]
    fn keys_are_sorted_and_spaced_at_every_level() {
        let node = Node::Object(vec![
            ("b", Node::Array(vec![Node::Raw("1"), Node::Object(vec![])])),
            ("a", Node::Object(vec![("d", Node::Raw("null")), ("c", Node::Text("ö".to_owned()))])),
        ]);
        let text = |style| {
            let template = Template::json(&node, style);
            template
                .segments
                .iter()
                .map(|segment| match segment {
                    super::Segment::Fixed(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                    _ => String::new(),
                })
                .collect::<String>()
        };
        let plain = Style::default();
        assert_eq!(text(plain), r#"{"b":[1,{}],"a":{"d":null,"c":"ö"}}"#);
        assert_eq!(
            text(Style { sorted: true, ascii: true, ..plain }),
            r#"{"a":{"c":"\u00F6","d":null},"b":[1,{}]}"#
        );
        assert_eq!(
            text(Style { spaced: true, ..plain }),
            r#"{"b": [1, {}], "a": {"d": null, "c": "ö"}}"#
        );
        assert_eq!(
            text(Style { in_cell: true, ..plain }),
            r#"{""b"":[1,{}],""a"":{""d"":null,""c"":""ö""}}"#
        );
    }
}
