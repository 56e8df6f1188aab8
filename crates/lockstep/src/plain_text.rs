//! Text of strangers, made fit for a line of a terminal.
//!
//! Names, devices and user agents in a log are written by whoever signs in. A control character
//! among them could move the cursor, colour the screen, or reverse the reading order of what
//! follows.

/// The text on one line: control characters and direction overrides removed, white space taken as
/// one blank.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().filter(|character| !is_dangerous(*character)));
    }
    line
}

/// The text with its line breaks, everything else as in [`one_line`].
#[must_use]
pub fn lines(text: &str) -> String {
    text.lines().map(one_line).collect::<Vec<_>>().join("\n")
}

/// True for characters that do something instead of showing something: control characters,
/// direction overrides and isolates, tags, the byte order mark.
fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
                | '\u{feff}' | '\u{e0000}'..='\u{e007f}' | '\u{2028}' | '\u{2029}'
        )
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn only_what_shows_is_kept() {
        let cases = [
            ("plain", "plain"),
            ("  two\n lines\t", "two lines"),
            ("\u{1b}[2Jgone", "[2Jgone"),
            ("\u{9b}31mred", "31mred"),
            ("evil\u{202e}gpj.exe", "evilgpj.exe"),
            ("\u{2067}אבג\u{2069}", "אבג"),
            ("👩\u{200d}💻", "👩\u{200d}💻"),
            ("a\u{0}b\u{7f}c", "abc"),
        ];
        for (given, shown) in cases {
            assert_eq!(one_line(given), shown, "{given:?}");
        }
    }
}
