//! JSON framing: lines, concatenated objects, arrays, Graph pages and event-hub envelopes, told
//! apart while reading and mixed at will.
//!
//! Damage costs the record it is in. Reading goes on at the next place that looks like the start
//! of a record: a line that begins with `{` at the same indentation, or, within one line, `},{`
//! followed by the key that records of this list begin with.

mod nesting;
mod recovery;
mod trailing_commas;

use std::io::Read;

use nesting::{Nesting, Step, is_word};
use recovery::{Found, Landmark};
pub use trailing_commas::without_trailing_commas;

use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::record::{JsonRecord, Record};
use crate::stream;
use crate::window::Window;

const NOT_CLOSED: &str = "the record is not closed before the file ends; the file may have been \
                          cut off: download it again";

/// Noted of a page that is not the last of its list.
pub const NAMES_A_NEXT_PAGE: &str =
    "names a next page (`@odata.nextLink`): make sure that every page was downloaded";

/// Frames a whole stream.
pub(crate) fn frame<R: Read>(window: Window<R>, limits: &Limits, ledger: &mut Ledger<'_>) {
    frame_until(window, u64::MAX, limits, ledger);
}

/// Frames whole texts out of a stream that goes on: `{` stands at the position `until`, and what
/// is not complete there is reported as it is where the next record follows.
pub(crate) fn frame_until<R: Read>(
    window: Window<R>,
    until: u64,
    limits: &Limits,
    ledger: &mut Ledger<'_>,
) {
    let landmark = Landmark::default();
    let mut framer = Framer { window, until, limits, ledger, landmark, in_envelope: false };
    framer.top();
    if let Some(failure) = framer.window.take_failure() {
        let line = framer.window.line();
        framer.ledger.unreadable(line, stream::describe(&failure));
    }
}

/// How the following of a value ended.
enum Ended {
    /// It is complete in the window, of this length.
    Complete(usize),
    /// It is a page or envelope: the window is at the `[` at this position.
    AtList(usize),
    /// It was reported and let go; the window is behind it.
    PastIt,
    /// It was reported; the next record is to be looked for in the window from this position on.
    Damaged(usize),
}

struct Framer<'f, 'l, R> {
    window: Window<R>,
    /// Where the framing ends although the stream goes on.
    until: u64,
    limits: &'f Limits,
    ledger: &'f mut Ledger<'l>,
    landmark: Landmark,
    /// Inside the list of a page or envelope: such lists do not nest.
    in_envelope: bool,
}

impl<R: Read> Framer<'_, '_, R> {
    fn top(&mut self) {
        while let Some(byte) = self.significant() {
            match byte {
                b'{' => self.top_object(),
                b'[' => {
                    self.window.release(1);
                    self.list(None);
                }
                b',' => self.window.release(1),
                _ => {
                    let line = self.window.line();
                    self.ledger.unreadable(line, "no JSON object begins here");
                    self.landmark = Landmark::any_line();
                    self.skip_to_next(0);
                }
            }
        }
    }

    /// An object outside any list: a record, or a page or envelope around a list.
    fn top_object(&mut self) {
        let line = self.window.line();
        let opening = self.landmark.take_opening();
        self.landmark = Landmark::of_record(self.window.indentation(), opening);
        let mut nesting = Nesting::object(true);
        match self.value(&mut nesting) {
            Ended::Complete(length) => self.hand_out(length, line, None),
            Ended::AtList(position) => self.envelope(&nesting, position),
            Ended::PastIt => {}
            Ended::Damaged(from) => self.skip_to_next(from),
        }
    }

    /// A page or envelope whose list begins at `position`; `nesting` is its head.
    fn envelope(&mut self, head: &Nesting, mut position: usize) {
        let context = head.context().and_then(|range| text(self.window.kept().get(range)?));
        let mut next_page = head.next_page();
        let outer = self.landmark.clone();
        loop {
            self.window.release(position + 1);
            self.in_envelope = true;
            let closed = self.list(context.as_deref());
            self.in_envelope = false;
            self.landmark = outer.clone();
            if !closed {
                break;
            }
            // Behind the list the object goes on.
            let mut tail = Nesting::behind_list();
            let ended = self.value_from(&mut tail, 0);
            next_page |= tail.next_page();
            match ended {
                Ended::AtList(at) => position = at,
                Ended::Complete(length) => {
                    self.window.release(length);
                    break;
                }
                Ended::PastIt => break,
                Ended::Damaged(_) => {
                    self.skip_to_next(0);
                    break;
                }
            }
        }
        if next_page {
            self.ledger.note(NAMES_A_NEXT_PAGE);
        }
    }

    /// The elements of a list, from behind its `[`. Whether the list was closed.
    fn list(&mut self, context: Option<&str>) -> bool {
        let mut elements = 0_u64;
        let mut opening: Option<Vec<u8>> = None;
        loop {
            let line = self.window.line();
            match self.significant() {
                None => {
                    let reason = if self.at_end() {
                        "the list is not closed before the next record begins".to_owned()
                    } else {
                        self.end_reason(
                            "the list is not closed: the file ends too early; download it again",
                        )
                    };
                    self.ledger.unreadable(line, reason);
                    return false;
                }
                Some(b',') => self.window.release(1),
                Some(b']') => {
                    self.window.release(1);
                    if elements == 0 {
                        self.ledger.offer(&Record::EmptyList { context });
                    }
                    return true;
                }
                Some(byte) => {
                    elements += 1;
                    if !self.element(byte, context, &mut opening) {
                        return false;
                    }
                }
            }
        }
    }

    /// One element of a list. `false` when the list was lost on it.
    fn element(&mut self, byte: u8, context: Option<&str>, opening: &mut Option<Vec<u8>>) -> bool {
        let line = self.window.line();
        self.landmark = Landmark::of_record(self.window.indentation(), opening.take());
        // Pages and envelopes that were collected stand in a list of their own.
        let watch = !self.in_envelope;
        let mut nesting = if byte == b'{' { Nesting::object(watch) } else { Nesting::array() };
        let mut lost = None;
        match byte {
            b'{' | b'[' => match self.value(&mut nesting) {
                Ended::Complete(length) if byte == b'{' => self.hand_out(length, line, context),
                Ended::Complete(length) => {
                    self.ledger.unreadable(line, NO_OBJECT);
                    self.window.release(length);
                }
                Ended::AtList(position) => self.envelope(&nesting, position),
                Ended::PastIt => {}
                Ended::Damaged(from) => lost = Some(from),
            },
            b'"' => lost = (!self.text_element()).then_some(0),
            _ if is_word(byte) => self.word_element(),
            _ => {
                self.ledger.unreadable(line, "no JSON object begins here");
                lost = Some(1);
            }
        }
        if lost.is_some_and(|from| !self.find_next_element(from, context)) {
            return false;
        }
        *opening = self.landmark.take_opening();
        true
    }

    /// After damage in a list: hands out what can be recognised, until the list is itself again.
    /// `false` when no further element was found.
    fn find_next_element(&mut self, mut from: usize, context: Option<&str>) -> bool {
        loop {
            match recovery::find(&mut self.window, &self.landmark, from) {
                Found::Element if !self.at_end() => {}
                Found::Element | Found::Top | Found::Nothing => return false,
            }
            let line = self.window.line();
            let mut nesting = Nesting::object(false);
            match self.value(&mut nesting) {
                Ended::Complete(length) => self.hand_out(length, line, context),
                Ended::AtList(_) | Ended::PastIt => {}
                Ended::Damaged(further) => {
                    from = further;
                    continue;
                }
            }
            // A `,` and another record: the list goes on. Anything else may be the inside of the
            // damaged record, where `]` would close the wrong list.
            if self.landmark.goes_on(&mut self.window) {
                return true;
            }
            from = 0;
        }
    }

    /// A text among the elements. `false` when it is damaged.
    fn text_element(&mut self) -> bool {
        let line = self.window.line();
        self.ledger.unreadable(line, NO_OBJECT);
        self.window.release(1);
        loop {
            let kept = self.window.kept();
            match memchr::memchr3(b'"', b'\\', b'\n', kept) {
                Some(stop) => match kept.get(stop) {
                    Some(b'"') => {
                        self.window.release(stop + 1);
                        return true;
                    }
                    Some(b'\\') => {
                        self.window.release(stop);
                        // The sign escaped, whatever it is.
                        self.window.byte(1);
                        self.window.release(2);
                    }
                    _ => return false,
                },
                None => {
                    self.window.release(kept.len());
                    if !self.window.more() {
                        return true;
                    }
                }
            }
        }
    }

    /// A number or `true`, `false`, `null` among the elements.
    fn word_element(&mut self) {
        let line = self.window.line();
        self.ledger.unreadable(line, NO_OBJECT);
        while self.window.byte(0).is_some_and(is_word) {
            let word = self.window.kept().iter().take_while(|byte| is_word(**byte)).count();
            self.window.release(word);
        }
    }

    fn value(&mut self, nesting: &mut Nesting) -> Ended {
        self.value_from(nesting, 1)
    }

    /// Follows a value to its end, keeping no more of it than the limit.
    fn value_from(&mut self, nesting: &mut Nesting, mut at: usize) -> Ended {
        let line = self.window.line();
        loop {
            match nesting.follow(self.window.kept(), &mut at) {
                Step::Closed if at > self.limits.record_bytes => {
                    self.report_length(line, u64::try_from(at).unwrap_or(u64::MAX));
                    self.window.release(at);
                    return Ended::PastIt;
                }
                Step::Closed => {
                    self.landmark.learn(self.window.kept(), nesting);
                    return Ended::Complete(at);
                }
                Step::List => {
                    if matches!(self.after_bracket(at), None | Some(b'{' | b']')) {
                        return Ended::AtList(at);
                    }
                    nesting.enter_list();
                    at += 1;
                }
                Step::Damaged(reason) => {
                    self.landmark.learn(self.window.kept(), nesting);
                    self.ledger.unreadable(line, format!("not valid JSON: {reason}"));
                    return Ended::Damaged(1);
                }
                Step::More if self.window.kept().len() > self.limits.record_bytes => {
                    self.landmark.learn(self.window.kept(), nesting);
                    return self.too_long(nesting, at, line);
                }
                Step::More => {
                    if !self.window.more() {
                        self.landmark.learn(self.window.kept(), nesting);
                        let reason = self.end_reason(NOT_CLOSED);
                        self.ledger.unreadable(line, reason);
                        return Ended::Damaged(1);
                    }
                }
            }
        }
    }

    /// A record beyond the limit: either it was never closed, and another record begins in what
    /// is kept; or it is followed to its end without being kept.
    fn too_long(&mut self, nesting: &mut Nesting, mut at: usize, line: u64) -> Ended {
        if self.landmark.begins_in(self.window.kept()) {
            self.ledger.unreadable(
                line,
                "the record is not closed before the next one begins: a bracket is missing",
            );
            return Ended::Damaged(1);
        }
        nesting.stop_watching();
        let mut length = 0_u64;
        loop {
            let step = nesting.follow(self.window.kept(), &mut at);
            length += u64::try_from(at).unwrap_or(u64::MAX);
            self.window.release(at);
            at = 0;
            match step {
                Step::Closed => {
                    self.report_length(line, length);
                    return Ended::PastIt;
                }
                Step::More if self.window.more() => {}
                Step::More | Step::List | Step::Damaged(_) => {
                    self.report_length(line, length);
                    return Ended::Damaged(0);
                }
            }
        }
    }

    fn report_length(&mut self, line: u64, length: u64) {
        let limit = self.limits.record_bytes;
        self.ledger.unreadable(
            line,
            format!("a record of {length} bytes; at most {limit} are read, so it was skipped"),
        );
    }

    /// Why the stream ended: its failure, or `otherwise`.
    fn end_reason(&mut self, otherwise: &str) -> String {
        self.window
            .take_failure()
            .map_or_else(|| otherwise.to_owned(), |failure| stream::describe(&failure))
    }

    fn hand_out(&mut self, length: usize, line: u64, context: Option<&str>) {
        let bytes = self.window.kept().get(..length).unwrap_or_default();
        if std::str::from_utf8(bytes).is_ok() {
            self.ledger.offer(&Record::Json(JsonRecord { bytes, line, context }));
        } else {
            self.ledger.unreadable(line, crate::text::NOT_UNICODE);
        }
        self.window.release(length);
    }

    /// To the next record that begins a line, or the end.
    fn skip_to_next(&mut self, from: usize) {
        recovery::find(&mut self.window, &self.landmark, from);
    }

    /// Goes on to the next byte that is no white space, and tells it.
    fn significant(&mut self) -> Option<u8> {
        loop {
            let kept = self.window.kept();
            // 0x1E separates the texts of a JSON text sequence (RFC 7464). The other three are the
            // mark of UTF-8, which stands between records where files were joined.
            let blank =
                |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0x1e | 0xef | 0xbb | 0xbf);
            let blanks = kept.iter().take_while(|byte| blank(byte)).count();
            let byte = kept.get(blanks).copied();
            self.window.release(blanks);
            if byte.is_some() {
                return byte.filter(|_| !self.at_end());
            }
            if !self.window.more() {
                return None;
            }
        }
    }

    /// Whether the framing is to end here.
    fn at_end(&self) -> bool {
        self.window.released() >= self.until
    }

    /// The first significant byte behind the bracket at a position, which stays in the window.
    fn after_bracket(&mut self, position: usize) -> Option<u8> {
        let mut at = position + 1;
        loop {
            let byte = self.window.byte(at)?;
            if !byte.is_ascii_whitespace() {
                return Some(byte);
            }
            at += 1;
            if at > self.limits.record_bytes {
                return None;
            }
        }
    }
}

const NO_OBJECT: &str = "an element of the list is no object";

/// The text between two quotes, unescaped.
fn text(between_quotes: &[u8]) -> Option<String> {
    let mut quoted = Vec::with_capacity(between_quotes.len() + 2);
    quoted.push(b'"');
    quoted.extend_from_slice(between_quotes);
    quoted.push(b'"');
    serde_json::from_slice(&quoted).ok()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::frame;
    use crate::ledger::Ledger;
    use crate::limits::Limits;
    use crate::record::{Offer, Record};
    use crate::source::Reading;
    use crate::window::Window;

    fn reading_of(stream: impl Read) -> (Vec<u64>, Reading) {
        let mut lines = Vec::new();
        let mut sink = |record: &Record<'_>| {
            lines.push(record.line());
            Offer::Taken
        };
        let mut ledger = Ledger::new("long.json", &mut sink);
        frame(Window::new(stream), &Limits::default(), &mut ledger);
        let reading = ledger.finish();
        (lines, reading)
    }

    #[test]
    fn a_line_of_two_gigabytes_is_passed_over() {
        const LENGTH: u64 = 2 << 30;
        let stream = b"{\"a\":1}\n{\"a\":\""
            .chain(std::io::repeat(b'x').take(LENGTH))
            .chain(b"\"}\n{\"a\":2}\n".as_slice());
        let (lines, reading) = reading_of(stream);
        assert_eq!(lines, [1, 3]);
        assert_eq!((reading.unreadable, reading.problems[0].line), (1, 2));
        let length = (LENGTH + 8).to_string();
        assert!(reading.problems[0].reason.contains(&length), "{:?}", reading.problems);
    }

    /// Gives one byte at a time, then fails.
    struct Failing(Vec<u8>);

    impl Read for Failing {
        fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                return Err(std::io::Error::other("the disk is gone"));
            }
            room[0] = self.0.remove(0);
            Ok(1)
        }
    }

    #[test]
    fn what_was_read_before_a_failure_is_used() {
        for (text, taken, line) in [
            ("{\"a\":1}\n{\"a\":2}\n", 2, 3),
            ("{\"a\":1}\n{\"a\":", 1, 2),
            ("{\"value\":[{\"a\":1},\n{\"a\":2}", 2, 2),
            ("", 0, 1),
        ] {
            let (lines, reading) = reading_of(Failing(text.as_bytes().to_vec()));
            assert_eq!(lines.len(), taken, "{text}");
            assert_eq!(reading.unreadable, 1, "{text}: {:?}", reading.problems);
            assert_eq!(reading.problems[0].line, line, "{text}");
            assert!(reading.problems[0].reason.contains("the disk is gone"));
        }
    }
}
