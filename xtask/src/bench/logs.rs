//! The logs that are measured: each variant is written once below `target/bench` and used again.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::generate::volume::Variant;
use crate::say;

/// Goes up when the generator writes other records, so that no old log is measured.
pub(crate) const GENERATION: u32 = 1;

/// One log on disk.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    /// Its folder; nothing else is in it.
    pub(crate) folder: PathBuf,
    /// Its file, where it is one.
    pub(crate) file: Option<PathBuf>,
    /// Records in it.
    pub(crate) records: u64,
    /// Bytes of its text, before any compression.
    pub(crate) bytes: u64,
}

impl Log {
    /// The file, or the folder where there are many.
    pub(crate) fn path(&self) -> &Path {
        self.file.as_deref().unwrap_or(&self.folder)
    }
}

/// The logs of one size.
#[derive(Debug)]
pub(crate) struct Logs {
    folder: PathBuf,
    generator: PathBuf,
    records: u64,
}

impl Logs {
    /// Logs of so many records below `folder`, written by the release build of this program, which
    /// is many times faster than this one.
    pub(crate) fn new(folder: &Path, generator: &Path, records: u64) -> Self {
        Self { folder: folder.to_owned(), generator: generator.to_owned(), records }
    }

    /// Where the logs lie.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The log, written now if it was not.
    pub(crate) fn log(&self, variant: Variant) -> Outcome<Log> {
        let folder = self.folder.join(variant.name());
        let note = self.folder.join(format!("{}.bytes", variant.name()));
        let known = fs::read_to_string(&note).ok().and_then(|text| read_note(&text));
        let bytes = match known.filter(|_| folder.exists()) {
            Some(bytes) => bytes,
            None => {
                let bytes = self.write(variant, &folder)?;
                fs::write(&note, format!("{GENERATION} {bytes}\n"))?;
                bytes
            }
        };
        let file = variant.file().map(|name| folder.join(name));
        Ok(Log { folder, file, records: self.records, bytes })
    }

    fn write(&self, variant: Variant, folder: &Path) -> Outcome<u64> {
        say!("writing {} records as `{}`", self.records, variant.name());
        let unfinished = self.folder.join(format!("{}.unfinished", variant.name()));
        for old in [&unfinished, folder] {
            if old.exists() {
                fs::remove_dir_all(old)?;
            }
        }
        let written = Command::new(&self.generator)
            .args(["gen", "--records", &self.records.to_string(), "--variant", variant.name()])
            .arg("--out")
            .arg(&unfinished)
            .output()?;
        let told = String::from_utf8_lossy(&written.stdout);
        let bytes = told.split_whitespace().nth(2).and_then(|word| word.parse().ok());
        let (true, Some(bytes)) = (written.status.success(), bytes) else {
            let why = String::from_utf8_lossy(&written.stderr);
            return Err(Failure::new(format!("the log could not be written: {}", why.trim())));
        };
        fs::rename(&unfinished, folder)?;
        Ok(bytes)
    }

    /// The first records of the one-file log, for what would take minutes on all of it.
    pub(crate) fn slice(&self, records: u64) -> Outcome<Log> {
        let whole = self.log(Variant::Azure)?;
        if records >= self.records {
            return Ok(whole);
        }
        let folder = self.folder.join(format!("first-{records}"));
        let path = folder.join("PT1H.json");
        let note = self.folder.join(format!("first-{records}.bytes"));
        let known = fs::read_to_string(&note).ok().and_then(|text| read_note(&text));
        let bytes = match known.filter(|_| path.exists()) {
            Some(bytes) => bytes,
            None => {
                fs::create_dir_all(&folder)?;
                let bytes = copy_lines(whole.path(), &path, records)?;
                fs::write(&note, format!("{GENERATION} {bytes}\n"))?;
                bytes
            }
        };
        Ok(Log { folder, file: Some(path), records, bytes })
    }
}

/// The length of the text a log was noted to have, when it is of this generation.
fn read_note(text: &str) -> Option<u64> {
    let (generation, bytes) = text.trim().split_once(' ')?;
    bytes.parse().ok().filter(|_| generation.parse() == Ok(GENERATION))
}

fn copy_lines(from: &Path, to: &Path, lines: u64) -> Outcome<u64> {
    let mut source = File::open(from)?;
    let mut target = File::create(to)?;
    let (mut chunk, mut left, mut bytes) = (vec![0; 1 << 20], lines, 0);
    while left > 0 {
        let read = source.read(&mut chunk)?;
        let text = chunk.get(..read).unwrap_or_default();
        if text.is_empty() {
            return Err(Failure::at("too few lines in", from, &lines));
        }
        let mut end = 0;
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            if left == 0 {
                break;
            }
            end += line.len();
            left -= u64::from(line.ends_with(b"\n"));
        }
        let taken = text.get(..end).unwrap_or_default();
        target.write_all(taken)?;
        bytes += u64::try_from(taken.len()).unwrap_or(0);
    }
    Ok(bytes)
}

/// The file, or every file below the folder, by name.
pub(crate) fn files(path: &Path, found: &mut Vec<PathBuf>) -> Outcome<()> {
    if !path.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Outcome<_>>()?;
    entries.sort();
    entries.iter().try_for_each(|entry| files(entry, found))
}

/// Reads everything once, so that the page cache holds it.
pub(crate) fn warm(path: &Path) -> Outcome<()> {
    let mut found = Vec::new();
    files(path, &mut found)?;
    let mut room = vec![0; 1 << 20];
    for path in found {
        let mut file =
            File::open(&path).map_err(|error| Failure::at("cannot open", &path, &error))?;
        while file.read(&mut room)? > 0 {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{GENERATION, copy_lines, read_note};

    #[test]
    fn a_log_of_another_generation_is_not_known() {
        assert_eq!(read_note(&format!("{GENERATION} 42\n")), Some(42));
        for text in ["", "42", "x 42", &format!("{} 42", GENERATION + 1), "1 many"] {
            assert_eq!(read_note(text), None, "{text}");
        }
    }

    #[test]
    fn the_first_lines_are_copied_and_too_few_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        // One line ends exactly at the end of what is read at a time.
        let long = "x".repeat((1 << 20) - 1);
        std::fs::write(&from, format!("{long}\nb\nc\n")).unwrap();
        for (lines, expected) in [(1, format!("{long}\n")), (2, format!("{long}\nb\n"))] {
            let bytes = copy_lines(&from, &to, lines).unwrap();
            assert_eq!(std::fs::read_to_string(&to).unwrap(), expected);
            assert_eq!(bytes, u64::try_from(expected.len()).unwrap());
        }
        assert!(copy_lines(&from, &to, 4).is_err());
    }
}
