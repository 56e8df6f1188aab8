//! Files of cases and the standard input, as text.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{IsTerminal as _, Read};
use std::path::{Path, PathBuf};

use conditional_access::cases::{Cases, read_cases};
use encoding_rs::{Encoding, UTF_8};

use crate::error::CommandError;

/// The longest file. A case is about 1 kB, and a file is in memory while it is read.
const MOST_BYTES: u64 = 256 << 20;

/// Stands for bytes that are no text. Neither YAML nor JSON takes it, so that the case it is in,
/// and no other, is seen to be damaged.
const DAMAGE: &str = "\u{1}";

/// A file of cases.
#[derive(Debug)]
pub(super) struct Source {
    /// The file as it was given; or that it is the standard input.
    pub(super) name: String,
    /// `None`: the standard input.
    file: Option<PathBuf>,
}

/// What the arguments name. Without any, the standard input, unless somebody would have to type.
pub(super) fn sources(named: &[PathBuf]) -> Result<Vec<Source>, CommandError> {
    if named.is_empty() {
        if std::io::stdin().is_terminal() {
            return Err(CommandError::wrong_input("no file of cases given")
                .hint("name files: `lockstep policy-test cases.yaml`")
                .hint("docs/POLICY-TESTS.md shows what a case looks like"));
        }
        return Ok(vec![standard_input()]);
    }
    Ok(named
        .iter()
        .map(|path| {
            if path.as_os_str() == "-" {
                standard_input()
            } else {
                Source { name: path.display().to_string(), file: Some(path.clone()) }
            }
        })
        .collect())
}

fn standard_input() -> Source {
    Source { name: "standard input".to_owned(), file: None }
}

impl Source {
    /// Reads the cases.
    pub(super) fn read(&self) -> Result<Cases, CommandError> {
        let bytes = match &self.file {
            None => bytes_of(std::io::stdin().lock()),
            Some(path) => open(path).and_then(bytes_of),
        };
        let bytes = bytes.map_err(|error| {
            CommandError::wrong_input(format!("cannot read `{}`", self.name))
                .because(error)
                .hint("give files of cases, such as `cases.yaml`, or `-` for the standard input")
        })?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MOST_BYTES {
            return Err(CommandError::wrong_input(format!(
                "`{}` is longer than {} MiB",
                self.name,
                MOST_BYTES >> 20
            ))
            .hint("split it into several files"));
        }
        Ok(cases_of(&bytes))
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    if path.is_dir() {
        return Err(std::io::Error::other("it is a folder"));
    }
    File::open(path)
}

fn bytes_of(source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MOST_BYTES.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Cases from bytes: UTF-8, or UTF-16 with its mark, as PowerShell writes it.
fn cases_of(bytes: &[u8]) -> Cases {
    let encoding = Encoding::for_bom(bytes).map_or(UTF_8, |(encoding, _)| encoding);
    if encoding != UTF_8 {
        let (text, _) = encoding.decode_with_bom_removal(bytes);
        return read_cases(&text);
    }
    let mut text = String::with_capacity(bytes.len());
    let mut damaged = BTreeSet::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push_str(DAMAGE);
            damaged.insert(text.bytes().fold(1_u64, |line, byte| line + u64::from(byte == b'\n')));
        }
    }
    let mut cases = read_cases(&text);
    for problem in &mut cases.problems {
        if damaged.contains(&problem.line) {
            "the line holds bytes that are no UTF-8 text; save the file as UTF-8"
                .clone_into(&mut problem.message);
        }
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::cases_of;

    const TEXT: &str = "cases:\n- id: café\n  sign_in: {}\n- id: b\n  sign_in: {}\n";

    #[test]
    fn text_in_the_encodings_people_save() {
        let marked = |mark: &[u8], units: Vec<u8>| [mark, &units].concat();
        let little = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big = TEXT.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            TEXT.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", TEXT.as_bytes().to_vec()),
            marked(b"\xff\xfe", little),
            marked(b"\xfe\xff", big),
        ] {
            let cases = cases_of(&bytes);
            assert_eq!((cases.cases.len(), cases.problems.len()), (2, 0), "{bytes:?}");
            assert_eq!(cases.cases[0].id, "café");
        }
    }

    #[test]
    fn bytes_that_are_no_text_cost_their_case_and_no_other() {
        let latin = |text: &str| {
            text.chars().map(|it| u8::try_from(u32::from(it)).unwrap()).collect::<Vec<u8>>()
        };
        let lines = "{\"id\": \"b\", \"sign_in\": {}}\n{\"id\": \"café\", \"sign_in\": {}}\n";
        for bytes in [latin(TEXT), latin(lines)] {
            let cases = cases_of(&bytes);
            assert_eq!(cases.cases.len(), 1);
            assert_eq!(cases.cases[0].id, "b");
            assert_eq!(cases.problems.len(), 1);
            assert_eq!(cases.problems[0].line, 2);
            assert!(cases.problems[0].message.contains("save the file as UTF-8"));
        }
    }

    #[test]
    fn any_bytes_are_cases_or_a_problem() {
        for bytes in
            [&b""[..], b"\0\0\0", b"\xff", b"\xff\xfe", b"PK\x03\x04\x14", b"\x89PNG\r\n\x1a\n"]
        {
            let cases = cases_of(bytes);
            assert_eq!((cases.cases.len(), cases.problems.len()), (0, 1), "{bytes:?}");
        }
    }
}
