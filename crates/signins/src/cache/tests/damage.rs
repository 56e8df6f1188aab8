//! What is not what was kept is refused.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::support::{Owned, VERSION, batches, kept, open, runner, sign_in, source};
use crate::cache::batch::Wanted;
use crate::cache::layout::Part;
use crate::cache::{DigestOfBytes, Entry, FORMAT, Identity, Refused};

/// Some sign-ins, the same in every run.
fn some(count: usize) -> Vec<Owned> {
    let mut runner = runner(1);
    let strategy = proptest::collection::vec(sign_in(), count..=count);
    strategy.new_tree(&mut runner).unwrap().current()
}

/// The reason an entry is refused, whether by its manifest or by a batch.
fn refusal(folder: &Path) -> String {
    match batches(folder, &Wanted::EVERYTHING) {
        Ok(_) => "taken".to_owned(),
        Err(error) => error.to_string(),
    }
}

const FILES: [&str; 2] = ["measured/00-0000.arrow", "further/00-0000.arrow"];

#[test]
fn a_damaged_batch_is_refused() {
    let folder = kept(&[&some(5)]);
    let other = kept(&[&some(6)]);
    for (file, twin) in [(FILES[0], FILES[1]), (FILES[1], FILES[0])] {
        let path = folder.path().join(file);
        let whole = fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        let swapped = fs::read(folder.path().join(twin)).unwrap();
        let foreign = fs::read(other.path().join(file)).unwrap();
        let cases: [(&str, &[u8], &str); 6] = [
            ("empty", &[], "length"),
            ("cut", &whole[..whole.len() - 1], "length"),
            ("longer", &[&whole[..], &[0]].concat(), "length"),
            ("a bit", &flipped, "checksum"),
            ("of the other part", &swapped, "length"),
            ("of another source", &foreign, "length"),
        ];
        for (name, bytes, reason) in cases {
            fs::write(&path, bytes).unwrap();
            let refusal = refusal(folder.path());
            assert!(refusal.contains(file) && refusal.contains(reason), "{name}: {refusal}");
            assert!(open(folder.path()).unwrap().verify().is_err(), "{name}");
        }
        fs::remove_file(&path).unwrap();
        assert!(refusal(folder.path()).contains("cannot read"), "missing");
        fs::write(&path, &whole).unwrap();
        assert_eq!(refusal(folder.path()), "taken");
        open(folder.path()).unwrap().verify().unwrap();
    }
}

#[test]
fn an_entry_without_its_whole_manifest_is_none() {
    let folder = kept(&[&some(3)]);
    let path = folder.path().join("manifest.json");
    let whole = fs::read_to_string(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole.as_bytes()[..length]).unwrap();
        assert!(open(folder.path()).is_err(), "{length} bytes");
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(open(folder.path()), Err(Refused::File { .. })));
}

#[test]
fn another_version_or_source_is_refused() {
    let folder = kept(&[&some(3)]);
    let folder = folder.path();
    let digest = DigestOfBytes::of(b"a log");
    let sources = [
        Identity::new(DigestOfBytes::of(b"b log"), 5, None, "log.json"),
        Identity::new(digest, 6, None, "log.json"),
        Identity::new(digest, 5, Some(""), "log.json"),
        Identity::new(digest, 5, None, "x/InteractiveSignIns_2026.json"),
        Identity::new(digest, 5, None, "x/InteractiveSignIns_AuthDetails.csv"),
    ];
    let mut keys = vec![source().key()];
    for other in sources {
        let error = Entry::open(folder.to_owned(), VERSION, &other).unwrap_err();
        assert!(error.to_string().contains("another source"), "{other:?}: {error}");
        assert!(!keys.contains(&other.key()), "{other:?}");
        keys.push(other.key());
    }
    let error = Entry::open(folder.to_owned(), "1.2.4", &source()).unwrap_err();
    assert!(error.to_string().contains("another version"), "{error}");
    let renamed = Identity::new(digest, 5, None, "other/../../\u{0}name.json");
    assert_eq!(renamed, source(), "of a name only the kind of download counts");
}

#[test]
fn a_manifest_that_was_edited_is_refused() {
    let folder = kept(&[&some(3)]);
    let path = folder.path().join("manifest.json");
    let whole = fs::read_to_string(&path).unwrap();
    let format = |number: u32, more: &str| format!("\"format\":{number}{more}");
    let edits = [
        ("\"rows\":3", "\"rows\":2", "checksum"),
        ("\"unreadable\":2", "\"unreadable\":0", "checksum"),
        ("00-0000.arrow", "../../../x.arrow", "checksum"),
        (&format(FORMAT, ""), &format(FORMAT + 1, ""), "another format"),
        (&format(FORMAT, ""), &format(FORMAT, ",\"more\":1"), "not a manifest"),
    ];
    for (from, to, reason) in edits {
        fs::write(&path, whole.replace(from, to)).unwrap();
        let error = open(folder.path()).unwrap_err().to_string();
        assert!(whole.contains(from) && error.contains(reason), "{from}: {error}");
    }
}

#[test]
fn a_forged_manifest_leads_nowhere_else() {
    for name in ["../00-0000.arrow", "/etc/passwd", "a-b.arrow", "00-0000.arrow/", "0000.arrow", ""]
    {
        let folder = tempfile::tempdir().unwrap();
        let writing = crate::cache::Writing::start(folder.path().to_owned()).unwrap();
        let mut writer = writing.writer(0);
        writer.push(&crate::sign_in::SignIn::default(), 0);
        let mut files = writer.end().unwrap();
        files[0].name = name.to_owned();
        writing.finish(VERSION, source(), files, serde_json::Value::Null).unwrap();
        let error = open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("a name that is none"), "{name}: {error}");
    }
}

#[test]
fn rows_are_counted_again() {
    let folder = tempfile::tempdir().unwrap();
    let writing = crate::cache::Writing::start(folder.path().to_owned()).unwrap();
    let mut writer = writing.writer(0);
    writer.push(&crate::sign_in::SignIn::default(), 0);
    let mut files = writer.end().unwrap();
    files[0].rows = 2;
    writing.finish(VERSION, source(), files, serde_json::Value::Null).unwrap();
    assert!(refusal(folder.path()).contains("another number of rows"));
}

/// Whatever stands in a file whose checksum was made to fit, reading it ends.
#[test]
fn bytes_made_to_harm_are_refused_or_read() {
    let folder = kept(&[&some(12)]);
    let entry = open(folder.path()).unwrap();
    let flips = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4);
    let cut = proptest::option::weighted(0.2, any::<prop::sample::Index>());
    let strategy = (flips, cut);
    for (part, file) in [(Part::Measured, FILES[0]), (Part::Further, FILES[1])] {
        let whole = fs::read(folder.path().join(file)).unwrap();
        let result = runner(400).run(&strategy, |(flips, cut)| {
            let mut bytes = whole.clone();
            for (place, byte) in flips {
                *place.get_mut(&mut bytes) = byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            if let Ok(batch) = forge(&entry, folder.path(), file, &bytes) {
                let arena = bumpalo::Bump::new();
                let rows = batch.rows();
                let spelled: Vec<_> = rows.iter().map(|row| row.spell(&arena)).collect();
                prop_assert_eq!(spelled.len(), 12);
            }
            Ok(())
        });
        assert!(result.is_ok(), "{part:?}: {result:?}");
        fs::write(folder.path().join(file), &whole).unwrap();
    }
}

/// Opens the batch with other bytes for one of its files and a checksum that fits them.
fn forge(
    entry: &Entry,
    folder: &Path,
    file: &str,
    bytes: &[u8],
) -> Result<crate::cache::batch::Batch, Refused> {
    fs::write(folder.join(file), bytes).unwrap();
    let mut batch = entry.batches()[0].clone();
    let part = if file == FILES[0] { &mut batch.measured } else { &mut batch.further };
    part.bytes = u64::try_from(bytes.len()).unwrap();
    part.checksum = crate::cache::checksum(bytes);
    entry.batch(&batch, &Wanted::EVERYTHING)
}
