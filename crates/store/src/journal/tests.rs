//! The chain, its export, and the second verifier.

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::chain::Fault;
use super::format::{LINE_BYTES_MAX, Raw};
use crate::tests::{LASTS, at, beside, entry, fresh, holder, note};
use crate::{
    Broken, Digest, EntryKind, Head, NewEntry, PayloadError, Store, StoreError, Verdict, verify,
};

/// A journal with every kind of entry and texts that are hard to write.
fn journal() -> (TempDir, Store) {
    let (folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    let append = |seconds, actor, kind, change_set, payload: Value| {
        let new = NewEntry { time: at(seconds), actor, kind, change_set, payload: &payload };
        writer.append(&new).unwrap()
    };
    append(0, "anna@ne.example", EntryKind::Note, None, json!("begun"));
    let cs = Some("cs-\"1\"\\\u{1}\u{7f}\u{8}\n,\"payload\":");
    append(1, "Zoë ☃ 🦊", EntryKind::Intent, cs, json!({"b": [1, 0.25, -7, 1e300], "a": {}}));
    append(2, "anna@ne.example", EntryKind::Outcome { of: 2 }, cs, json!({"status": 201}));
    append(
        1,
        "anna@ne.example",
        EntryKind::Observation,
        Some("cs-2"),
        json!({"\u{0}é\"": "\t\u{1f}/"}),
    );
    append(4, "anna@ne.example", EntryKind::Intent, Some("cs-2"), json!([null, true, []]));
    append(5, "anna@ne.example", EntryKind::Note, None, json!(u64::MAX));
    drop(writer);
    (folder, store)
}

fn exported(store: &Store) -> Vec<u8> {
    let mut text = Vec::new();
    store.export_journal(&mut text).unwrap();
    text
}

fn lines(text: &[u8]) -> Vec<Vec<u8>> {
    text.split_inclusive(|sign| *sign == b'\n').map(<[u8]>::to_vec).collect()
}

/// The entry with one thing changed and its hash made anew, as a forger would.
fn forged(line: &[u8], change: impl FnOnce(&mut Raw)) -> Vec<u8> {
    let (mut raw, payload) = Raw::read(line).unwrap();
    change(&mut raw);
    raw.hash = raw.hash(payload).unwrap().to_string();
    (raw.line(payload).unwrap() + "\n").into_bytes()
}

/// A header that fits the lines after it.
fn with_header(entries: &[Vec<u8>]) -> Vec<u8> {
    let head =
        entries.last().map_or(Head::EMPTY.hash.to_string(), |line| Raw::read(line).unwrap().0.hash);
    let header = format!(
        "{{\"schema\":\"lockstep.journal/1\",\"entries\":{},\"head\":\"{head}\"}}\n",
        entries.len()
    );
    [header.into_bytes(), entries.concat()].concat()
}

/// A case for both verifiers.
struct Case {
    name: String,
    text: Vec<u8>,
    known: Option<Head>,
}

fn case(name: impl Into<String>, text: Vec<u8>) -> Case {
    Case { name: name.into(), text, known: None }
}

fn told(case: &Case) -> String {
    match verify(case.text.as_slice(), case.known).unwrap() {
        Verdict::Holds(head) => format!("holds: {} entries, head {head}", head.number),
        Verdict::Broken(broken) => broken.to_string(),
    }
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/verify-journal.py")
}

/// Calls the function of the script for each case: a process for each would take minutes.
const DRIVER: &str = r#"
import io, runpy, sys
script = runpy.run_path(sys.argv[1])
source = sys.stdin.buffer
while (size := source.read(8)):
    text = source.read(int.from_bytes(size, "big"))
    number, _, known_hash = source.readline().decode().strip().partition(":")
    try:
        print(script["verify"](io.BytesIO(text), int(number), known_hash))
    except script["Broken"] as broken:
        print("line {}, entry {}: {}".format(*broken.args))
"#;

/// What the script says; nothing where there is no Python.
fn told_by_script(cases: &[Case]) -> Option<Vec<String>> {
    let mut child = match Command::new("python3")
        .args(["-c", DRIVER])
        .arg(script())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    {
        Ok(child) => child,
        Err(error) => {
            println!("skipped: python3 cannot be started: {error}");
            return None;
        }
    };
    let mut asked = child.stdin.take().unwrap();
    let mut said = String::new();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for case in cases {
                let size = u64::try_from(case.text.len()).unwrap().to_be_bytes();
                let known = case.known.map_or("-1:".to_owned(), |known| known.to_string());
                asked.write_all(&size).unwrap();
                asked.write_all(&case.text).unwrap();
                writeln!(asked, "{known}").unwrap();
            }
        });
        child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    });
    assert!(child.wait().unwrap().success());
    Some(said.lines().map(str::to_owned).collect())
}

/// Both verifiers say the same of every case; gives what they say.
fn both(cases: &[Case]) -> Vec<String> {
    let said: Vec<String> = cases.iter().map(told).collect();
    if let Some(script) = told_by_script(cases) {
        assert_eq!(script.len(), said.len());
        for ((case, ours), theirs) in cases.iter().zip(&said).zip(&script) {
            assert_eq!(ours, theirs, "{}: {}", case.name, String::from_utf8_lossy(&case.text));
        }
    }
    said
}

#[test]
fn a_sound_journal_holds_for_both() {
    let (_folder, store) = journal();
    let head = store.head().unwrap();
    let holds = format!("holds: 6 entries, head {head}");
    let mut cases = vec![case("sound", exported(&store))];
    for entry in store.entries(1, 100).unwrap() {
        let known = Some(Head { number: entry.number, hash: entry.hash });
        cases.push(Case { known, ..case(format!("known at {}", entry.number), exported(&store)) });
    }
    cases.push(Case { known: Some(Head::EMPTY), ..case("known when empty", exported(&store)) });
    assert_eq!(both(&cases), vec![holds; 8]);
    assert_eq!(store.verify_journal(Some(head)).unwrap(), Verdict::Holds(head));
    let (_folder, empty) = fresh();
    assert_eq!(
        both(&[case("empty", exported(&empty))]),
        [format!("holds: 0 entries, head {}", Head::EMPTY)]
    );
}

/// Every byte, changed in three ways.
#[test]
fn any_changed_byte_is_found_by_both() {
    let (_folder, store) = journal();
    let text = exported(&store);
    let mut cases = Vec::new();
    for at in 0..text.len() {
        for mask in [0x01, 0x20, 0x80] {
            let mut damaged = text.clone();
            damaged[at] ^= mask;
            cases.push(case(format!("byte {at} by {mask:#x}"), damaged));
        }
    }
    for (case, said) in cases.iter().zip(both(&cases)) {
        assert!(said.starts_with("line "), "{}: {said}", case.name);
    }
}

#[test]
fn any_cut_is_found_by_both() {
    let (_folder, store) = journal();
    let text = exported(&store);
    let cases: Vec<Case> =
        (0..text.len()).map(|at| case(format!("cut at {at}"), text[..at].to_vec())).collect();
    for (case, said) in cases.iter().zip(both(&cases)) {
        assert!(said.ends_with(": truncated"), "{}: {said}", case.name);
    }
}

#[test]
fn each_damage_has_its_word() {
    let (_folder, store) = journal();
    let all = lines(&exported(&store));
    let (header, entries) = all.split_first().unwrap();
    let with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut entries = entries.to_vec();
        change(&mut entries);
        [header.clone(), entries.concat()].concat()
    };
    let replaced = |from: &str, to: &str| {
        String::from_utf8(all.concat()).unwrap().replacen(from, to, 1).into_bytes()
    };
    let other_number = forged(&entries[2], |raw| raw.number = 9);
    let same_number = forged(&entries[2], |raw| raw.actor = "mallory".to_owned());
    let long = [vec![b' '; LINE_BYTES_MAX], b"\n".to_vec()].concat();
    let cases = [
        ("line 4, entry 3: gap", with(&|it| drop(it.remove(2)))),
        ("line 2, entry 1: gap", with(&|it| drop(it.remove(0)))),
        ("line 7, entry 6: truncated", with(&|it| drop(it.pop()))),
        ("line 4, entry 3: reordered", with(&|it| it.swap(2, 3))),
        ("line 2, entry 1: reordered", with(&|it| it.reverse())),
        ("line 4, entry 3: repeated", with(&|it| it.insert(2, it[1].clone()))),
        ("line 8, entry 7: unannounced", with(&|it| it.push(it[5].clone()))),
        ("line 4, entry 3: gap", with(&|it| it[2] = other_number.clone())),
        ("line 5, entry 4: unchained", with(&|it| it[2] = same_number.clone())),
        ("line 5, entry 4: repeated", with(&|it| it.insert(2, same_number.clone()))),
        ("line 3, entry 2: unreadable", with(&|it| it.insert(1, b"\n".to_vec()))),
        ("line 3, entry 2: unreadable", with(&|it| it.insert(1, b"null\n".to_vec()))),
        ("line 3, entry 2: unreadable", with(&|it| it.insert(1, long.clone()))),
        ("line 4, entry 3: edited", replaced("\"status\":201", "\"status\":403")),
        ("line 4, entry 3: edited", replaced("\"number\":3", "\"number\":7")),
        ("line 4, entry 3: unreadable", replaced("\"number\":3", "\"number\":3.0")),
        ("line 4, entry 3: unreadable", replaced("\"number\":3,", "\"number\": 3,")),
        ("line 4, entry 3: unreadable", replaced("\"number\":3,", "\"number\":3,\"number\":3,")),
        ("line 4, entry 3: unreadable", replaced("\"status\":201}", "\"status\":NaN}")),
        ("line 4, entry 3: unreadable", replaced("\"status\":201}}", "\"status\":201}},{}")),
        ("line 4, entry 3: unreadable", replaced("\"kind\":\"outcome\"", "\"kind\":\"note\"")),
        ("line 4, entry 3: unreadable", replaced("\"kind\":\"outcome\"", "\"kind\":\"other\"")),
        ("line 2, entry 1: unreadable", replaced("\"change_set\":null", "\"change_set\":\"\"")),
        ("line 2, entry 1: edited", replaced("\"change_set\":null", "\"change_set\":\"a\"")),
        ("line 2, entry 1: unreadable", replaced(".000000000Z", "Z")),
        ("line 2, entry 1: unreadable", replaced("2026-12-07", "2026-02-30")),
        ("line 2, entry 1: edited", replaced("2026-12-07", "2026-12-08")),
        ("line 1, entry 0: unreadable", replaced("journal/1", "journal/2")),
        ("line 1, entry 0: unreadable", replaced("{", "\u{feff}{")),
        ("line 1, entry 0: unreadable", replaced("\n", "\r\n")),
        ("line 8, entry 7: truncated", replaced("\"entries\":6", "\"entries\":7")),
        ("line 7, entry 6: unannounced", replaced("\"entries\":6", "\"entries\":5")),
        ("line 1, entry 0: unreadable", entries.concat()),
        ("line 1, entry 0: truncated", Vec::new()),
        ("line 7, entry 6: unreadable", with(&|it| it[5].insert(0, b' '))),
        ("line 1, entry 0: unreadable", [&b"\0\xff\xfe\n"[..], &all.concat()].concat()),
    ];
    let (words, cases): (Vec<&str>, Vec<Case>) =
        cases.into_iter().map(|(word, text)| (word, case(word, text))).unzip();
    assert_eq!(both(&cases), words);
}

/// What the file alone does not show, and a known head does.
#[test]
fn what_only_a_known_head_shows() {
    let (_folder, store) = journal();
    let known = store.head().unwrap();
    let entries = lines(&exported(&store)).split_off(1);
    let short = with_header(&entries[..4]);
    // Everything from the second entry on, written anew and bound anew.
    let mut anew = vec![entries[0].clone()];
    for line in &entries[1..] {
        let previous = Raw::read(anew.last().unwrap()).unwrap().0.hash;
        anew.push(forged(line, |raw| {
            raw.previous = previous;
            raw.actor = "mallory".to_owned();
        }));
    }
    let anew = with_header(&anew);
    let early = Some(Head { number: 0, hash: Digest::of("another") });
    let said = both(&[
        case("short", short.clone()),
        case("anew", anew.clone()),
        Case { known: Some(known), ..case("short, known", short) },
        Case { known: Some(known), ..case("anew, known", anew) },
        Case { known: early, ..case("another beginning", exported(&store)) },
    ]);
    assert!(said[0].starts_with("holds: 4 entries"), "{}", said[0]);
    assert!(said[1].starts_with("holds: 6 entries"), "{}", said[1]);
    assert_eq!(said[2], "line 6, entry 5: truncated");
    assert_eq!(said[3], "line 7, entry 6: rewritten");
    assert_eq!(said[4], "line 1, entry 0: rewritten");
}

/// The example was made by the page alone: neither verifier had a part in it.
#[test]
fn the_example_of_the_page_is_what_is_written() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/JOURNAL.md");
    let page = std::fs::read_to_string(page).unwrap();
    let example: String = page
        .lines()
        .filter(|line| line.starts_with("{\""))
        .map(|line| line.to_owned() + "\n")
        .collect();
    let (_folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    writer.append(&entry(0, EntryKind::Intent, &json!({"create": "CA001"}))).unwrap();
    writer.append(&entry(0, EntryKind::Outcome { of: 1 }, &json!({"status": 201}))).unwrap();
    assert_eq!(String::from_utf8(exported(&store)).unwrap(), example);
    assert!(both(&[case("example", example.into_bytes())])[0].starts_with("holds: 2 entries"));
}

#[test]
fn the_script_is_a_command() {
    let (folder, store) = journal();
    let file = folder.path().join("journal.jsonl");
    let run = |file: &Path, head: Option<&str>| {
        let mut command = Command::new("python3");
        command.arg(script()).arg(file);
        command.args(head.map(|head| ["--head", head]).into_iter().flatten()).output()
    };
    std::fs::write(&file, exported(&store)).unwrap();
    let head = store.head().unwrap().to_string();
    let sound = match run(&file, Some(&head)) {
        Ok(output) => output,
        Err(error) => return println!("skipped: python3 cannot be started: {error}"),
    };
    let text = String::from_utf8(sound.stdout).unwrap();
    assert_eq!((sound.status.code(), text), (Some(0), format!("holds: 6 entries, head {head}\n")));
    let other = format!("6:{}", "0".repeat(64));
    let rewritten = run(&file, Some(&other)).unwrap();
    assert_eq!(rewritten.status.code(), Some(1));
    assert_eq!(String::from_utf8(rewritten.stdout).unwrap(), "line 7, entry 6: rewritten\n");
    assert_eq!(run(&folder.path().join("gone"), None).unwrap().status.code(), Some(2));
    let lines = std::fs::read_to_string(script()).unwrap().lines().count();
    assert!(lines <= 80, "short enough to be read: {lines}");
}

#[test]
fn damage_in_the_database_is_found_there_and_in_its_export() {
    for (sql, fault, at) in [
        ("UPDATE journal SET payload = '{}' WHERE number = 3", Fault::Edited, 3),
        ("UPDATE journal SET time = 'noon' WHERE number = 3", Fault::Unreadable, 3),
        ("UPDATE journal SET number = 99 WHERE number = 4", Fault::Gap, 4),
        ("DELETE FROM journal WHERE number = 4", Fault::Gap, 4),
        ("DELETE FROM journal WHERE number = 6", Fault::Truncated, 6),
    ] {
        let (_folder, store) = journal();
        let known = Some(store.head().unwrap());
        let other = beside(&store);
        other
            .execute_batch(&format!(
                "DROP TRIGGER journal_is_not_changed; DROP TRIGGER journal_is_not_deleted;
                 PRAGMA foreign_keys = OFF; {sql}"
            ))
            .unwrap();
        let broken = Broken { line: at + 1, entry: at, fault };
        assert_eq!(store.verify_journal(known).unwrap(), Verdict::Broken(broken), "{sql}");
        assert_eq!(verify(exported(&store).as_slice(), known).unwrap(), Verdict::Broken(broken));
    }
}

#[test]
fn nothing_said_is_changed_or_deleted() {
    let (_folder, store) = journal();
    let other = beside(&store);
    let columns = "number, previous, time, actor, kind, outcome_of, hash, payload";
    let row = |number: u64, kind: &str, of: &str, hash: &str| {
        format!("VALUES ({number}, '{0}', 't', 'a', '{kind}', {of}, '{hash}', '1')", "0".repeat(64))
    };
    let free = "f".repeat(64);
    let taken = store.entries(1, 1).unwrap()[0].hash.to_string();
    for sql in [
        "UPDATE journal SET actor = 'mallory'".to_owned(),
        "DELETE FROM journal WHERE number = 6".to_owned(),
        format!("INSERT OR REPLACE INTO journal ({columns}) {}", row(6, "note", "NULL", &free)),
        format!("INSERT OR REPLACE INTO journal ({columns}) {}", row(7, "note", "NULL", &taken)),
        format!("INSERT OR REPLACE INTO journal ({columns}) {}", row(7, "outcome", "2", &free)),
        format!("INSERT INTO journal ({columns}) {}", row(8, "note", "NULL", &free)),
        format!("INSERT INTO journal ({columns}) {}", row(7, "outcome", "NULL", &free)),
        format!("INSERT INTO journal ({columns}) {}", row(7, "other", "NULL", &free)),
    ] {
        assert!(other.execute_batch(&sql).is_err(), "{sql}");
    }
    let head = store.head().unwrap();
    assert_eq!(store.verify_journal(None).unwrap(), Verdict::Holds(head));
}

#[test]
fn an_intent_is_open_until_its_outcome() {
    let (_folder, store) = journal();
    let open = |store: &Store| -> Vec<u64> {
        store.open_intents().unwrap().iter().map(|it| it.number).collect()
    };
    assert_eq!(open(&store), [5]);
    let writer = store.writer(&holder(1), LASTS, at(9)).unwrap();
    let payload = json!({});
    for (of, change_set, why) in [
        (4, Some("cs-2"), "it is not an intent"),
        (2, Some("cs-2"), "it has one already"),
        (5, Some("cs-1"), "it belongs to another change set"),
        (5, None, "it belongs to another change set"),
        (99, None, "there is no such entry"),
    ] {
        let kind = EntryKind::Outcome { of };
        let new = NewEntry { change_set, ..entry(9, kind, &payload) };
        let error = writer.append(&new).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("entry {of} of the journal cannot have this outcome: {why}")
        );
    }
    let new =
        NewEntry { change_set: Some("cs-2"), ..entry(9, EntryKind::Outcome { of: 5 }, &payload) };
    assert_eq!(writer.append(&new).unwrap().number, 7);
    assert_eq!(open(&store), Vec::<u64>::new());
    let of_set: Vec<u64> = store.entries_of("cs-2").unwrap().iter().map(|it| it.number).collect();
    assert_eq!(of_set, [4, 5, 7]);
    let last: Vec<u64> = store.last_entries(2).unwrap().iter().map(|it| it.number).collect();
    assert_eq!(last, [6, 7]);
}

#[test]
fn what_cannot_be_written_so_that_it_comes_back_is_refused() {
    let (_folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    let payload = json!({});
    let sound = entry(0, EntryKind::Note, &payload);
    let long = "x".repeat(1025);
    for bad in [
        NewEntry { actor: "", ..sound },
        NewEntry { actor: &long, ..sound },
        NewEntry { change_set: Some(""), ..sound },
        NewEntry { change_set: Some(&long), ..sound },
    ] {
        let error = writer.append(&bad).unwrap_err();
        assert!(matches!(error, StoreError::Input { .. }), "{error:?}");
    }
    let error = note(&writer, 0, json!("x".repeat(8 << 20))).unwrap_err();
    assert!(
        matches!(&error, StoreError::Payload { source: PayloadError::TooLong { .. }, .. }),
        "{error:?}"
    );
    assert_eq!(store.head().unwrap(), Head::EMPTY);
    // The longest of everything still fits a line.
    let name = "\u{1}".repeat(1024);
    let largest = json!("x".repeat((8 << 20) - 2));
    let new = NewEntry { actor: &name, change_set: Some(&name), payload: &largest, ..sound };
    let head = writer.append(&new).unwrap();
    assert_eq!(verify(exported(&store).as_slice(), None).unwrap(), Verdict::Holds(head));
}

#[test]
fn an_export_that_cannot_be_read_or_written_is_no_verdict() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the cable"))
        }
    }
    impl io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("the cable"))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    assert!(verify(io::BufReader::new(Broken), None).is_err());
    let (_folder, store) = journal();
    let error = store.export_journal(&mut Broken).unwrap_err();
    assert!(matches!(error, StoreError::Export { .. }), "{error:?}");
    assert_eq!(store.head().unwrap().number, 6, "the store is still of use");
}

#[test]
fn a_head_is_written_and_read() {
    let head = Head { number: 7, hash: Digest::of("abc") };
    assert_eq!(head.to_string().parse(), Ok(head));
    for text in ["", "7", "7:", "x:ab", &format!("-1:{}", Digest::ZERO), &Digest::ZERO.to_string()]
    {
        assert!(text.parse::<Head>().is_err(), "{text}");
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(|number| json!(f64::from(number) / 4.0)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(72),
        ..ProptestConfig::default()
    })]

    /// Any payloads, actors and change sets: what was said comes back, and both verifiers agree.
    #[test]
    fn whatever_is_said_comes_back(
        said in proptest::collection::vec((value(), "\\PC{1,20}", proptest::option::of("(?s).{1,20}")), 1..6)
    ) {
        let (_folder, store) = fresh();
        let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
        for (payload, actor, change_set) in &said {
            let new = NewEntry {
                time: at(0), actor, kind: EntryKind::Observation, change_set: change_set.as_deref(), payload,
            };
            writer.append(&new).unwrap();
        }
        for (kept, (payload, actor, change_set)) in store.entries(1, 99).unwrap().iter().zip(&said) {
            prop_assert_eq!(&kept.payload::<Value>().unwrap(), payload);
            prop_assert_eq!(&kept.actor, actor);
            prop_assert_eq!(&kept.change_set, change_set);
        }
        let told = both(&[case("drawn", exported(&store))]);
        prop_assert!(told[0].starts_with("holds: "), "{}", told[0]);
    }
}
