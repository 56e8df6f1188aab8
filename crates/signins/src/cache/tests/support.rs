//! Sign-ins of every kind, and entries of them.

use std::hash::BuildHasher as _;

use foldhash::quality::FixedState;
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value, json};

use crate::cache::batch::{Batch, Wanted};
use crate::cache::{DigestOfBytes, Entry, Identity, NotKept, Refused, Writing};
use crate::field::Field;
use crate::sign_in::{AppliedPolicy, SignIn, Step};

/// Version that writes and reads.
pub(super) const VERSION: &str = "1.2.3";

/// A sign-in whose texts are its own.
pub(super) type Owned = crate::sign_in::Row<String>;

pub(super) fn borrowed(sign_in: &Owned) -> SignIn<'_> {
    sign_in.convert_ref(&mut |text: &String| text.as_str())
}

fn text() -> impl Strategy<Value = String> {
    let known = [
        "",
        "a",
        "A",
        "ü",
        "192.0.2.1",
        "2001:db8::1",
        "tab\t\"quote\" \\ \u{0}",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "0F8FAD5B-D9CB-469F-A165-70867728950E",
        "0f8fad5bd9cb-469f-a165-70867728950e-",
        "0f8fad5b-d9cb-469f-a165-70867728950g",
        "00000000-0000-0000-0000-000000000000",
    ];
    prop_oneof![
        4 => proptest::sample::select(known.map(str::to_owned).to_vec()),
        1 => any::<String>(),
    ]
}

fn told() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(text())
}

fn time() -> impl Strategy<Value = Option<Timestamp>> {
    // From the first to the last second that 64 bits of nanoseconds can tell.
    proptest::option::of((-9_223_372_036_i64..9_223_372_036, 0_i32..1_000_000_000))
        .prop_map(|time| time.and_then(|(second, part)| Timestamp::new(second, part).ok()))
}

pub(super) fn sign_in() -> impl Strategy<Value = Owned> {
    let texts = proptest::collection::vec(told(), Field::ALL.len());
    let policies = proptest::collection::vec((told(), told(), told()), 0..3);
    let steps = proptest::collection::vec((told(), told(), told(), told(), told()), 0..3);
    let providers = proptest::collection::vec(text(), 0..3);
    (time(), time(), texts, policies, steps, providers).prop_map(
        |(created, logged, texts, policies, steps, requirement_providers)| {
            let mut sign_in = Owned { created, logged, requirement_providers, ..Owned::default() };
            for (field, text) in Field::ALL.iter().zip(texts) {
                sign_in.text.put(*field, text);
            }
            sign_in.policies = policies
                .into_iter()
                .map(|(id, name, result)| AppliedPolicy { id, name, result })
                .collect();
            sign_in.steps = steps
                .into_iter()
                .map(|(method, method_detail, result_detail, requirement, succeeded)| Step {
                    method,
                    method_detail,
                    result_detail,
                    requirement,
                    succeeded,
                })
                .collect();
            sign_in
        },
    )
}

pub(super) fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..Config::default()
    })
}

pub(super) fn content(sign_in: &SignIn<'_>) -> u64 {
    FixedState::default().hash_one(sign_in)
}

/// The source that [`kept`] keeps.
pub(super) fn source() -> Identity {
    Identity::new(DigestOfBytes::of(b"a log"), 5, None, "log.json")
}

/// What else its reading yielded.
pub(super) fn aside() -> Value {
    json!({ "unreadable": 2, "notes": ["a note"], "share": 0.1 })
}

/// Writes an entry; one writer for each of `parts`.
pub(super) fn keep(folder: &std::path::Path, parts: &[&[Owned]]) -> Result<(), NotKept> {
    let writing = Writing::start(folder.to_owned())?;
    let mut batches = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let mut writer = writing.writer(number);
        for sign_in in *part {
            let sign_in = borrowed(sign_in);
            writer.push(&sign_in, content(&sign_in));
        }
        batches.extend(writer.end()?);
    }
    writing.finish(VERSION, source(), batches, aside())
}

/// An entry in a folder of its own.
pub(super) fn kept(parts: &[&[Owned]]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    keep(folder.path(), parts).unwrap();
    folder
}

pub(super) fn open(folder: &std::path::Path) -> Result<Entry, Refused> {
    Entry::open(folder.to_owned(), VERSION, &source())
}

/// Every batch of an entry.
pub(super) fn batches(
    folder: &std::path::Path,
    wanted: &Wanted<'_>,
) -> Result<Vec<Batch>, Refused> {
    let entry = open(folder)?;
    entry.batches().iter().map(|batch| entry.batch(batch, wanted)).collect()
}
