//! Killed at any moment: what was said to be kept is there, and the chain holds.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use super::{LASTS, PLANS, at, document, entry, holder, note, open};
use crate::{EntryKind, FILE_NAME, Store, StoreError, Verdict};

const KILLS: u32 = 60;
/// Rounds with one file, then a new one: some kills fall into its making.
const ROUNDS_OF_A_FILE: u32 = 6;
const BETWEEN_ROUNDS: i64 = 1000;

/// What the killed process does: it says each thing only after it was told that it is kept.
#[test]
#[ignore = "a process of its own, started and killed by the other test"]
fn child() {
    let mut asked = std::io::stdin().lines().map(|line| line.unwrap());
    let path = asked.next().expect("the other test says where");
    let now: i64 = asked.next().expect("and when").parse().unwrap();
    let mut out = std::io::stdout();
    let mut say = |text: String| {
        writeln!(out, "kept {text}").unwrap();
        out.flush().unwrap();
    };
    let store = Store::open_or_create(Path::new(&path)).unwrap();
    let writer = store.writer(&holder(std::process::id()), LASTS, at(now)).unwrap();
    for turn in 0.. {
        let payload = json!({"turn": turn, "text": "x".repeat(turn % 5000)});
        let intent = writer.append(&entry(now, EntryKind::Intent, &payload)).unwrap();
        say(format!("entry {intent}"));
        let outcome = EntryKind::Outcome { of: intent.number };
        say(format!("entry {}", writer.append(&entry(now, outcome, &payload)).unwrap()));
        let version = writer.put(&PLANS, &document("now", now, &payload)).unwrap();
        say(format!("version {}:{}", version.version, version.digest));
    }
}

/// Marsaglia's xorshift: the same numbers on every machine. When a kill falls is never the same.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn start(path: &Path, now: i64) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::killed::child", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut asked = child.stdin.take().unwrap();
    writeln!(asked, "{}\n{now}", path.display()).unwrap();
    child
}

/// What a child said is kept: numbers and hashes.
#[derive(Debug, Default)]
struct Kept {
    entries: BTreeMap<u64, String>,
    versions: BTreeMap<u64, String>,
}

impl Kept {
    /// Takes a line; whether it says that something is kept.
    fn take(&mut self, line: &str) -> bool {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["kept", what, pair] = words[..] else { return false };
        // A line the kill cut off says nothing.
        let Some((number, hash)) = pair.split_once(':').filter(|(_, hash)| hash.len() == 64) else {
            return false;
        };
        let map = if what == "entry" { &mut self.entries } else { &mut self.versions };
        map.insert(number.parse().unwrap(), hash.to_owned());
        true
    }
}

/// Lets a child write, kills it, and gives all it said.
fn killed(path: &Path, now: i64, chance: &mut Chance, kept: &mut Kept) -> u32 {
    let mut child = start(path, now);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut wanted = chance.below(30);
    while wanted > 0 {
        let line = lines.next().expect("it writes until it is killed").unwrap();
        wanted -= u64::from(kept.take(&line));
    }
    for _ in 0..chance.below(1 << 20) {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    for line in lines {
        kept.take(&line.unwrap());
    }
    assert!(!child.wait().unwrap().success(), "it did not end by itself");
    child.id()
}

/// Opens what the dead left, and checks everything that was said.
fn check(folder: &Path, pid: u32, now: i64, kept: &Kept) {
    let store = open(folder);
    let head = store.head().unwrap();
    assert_eq!(store.verify_journal(None).unwrap(), Verdict::Holds(head));
    assert_eq!(store.damages().unwrap(), Vec::<String>::new());
    for (number, hash) in &kept.entries {
        let entry = &store.entries(*number, 1).unwrap()[0];
        assert_eq!((entry.number, &entry.hash.to_string()), (*number, hash));
    }
    for (number, digest) in &kept.versions {
        let version = store.version(&PLANS, "now", *number).unwrap().unwrap().version;
        assert_eq!(version.digest.to_string(), *digest);
    }
    let said = kept.entries.keys().next_back().copied().unwrap_or(0);
    assert!(head.number <= said + 1, "one entry at most was kept and not said");

    let open_intents = store.open_intents().unwrap();
    assert!(open_intents.len() <= 1, "{open_intents:?}");
    if let Some(lease) = store.lease().unwrap() {
        assert_eq!(lease.holder.pid, pid, "the lease of the dead");
        let error = store.writer(&holder(0), LASTS, at(now + 59)).unwrap_err();
        assert!(matches!(error, StoreError::Held { .. }), "{error:?}");
    }
    let writer = store.writer(&holder(0), LASTS, at(now + 60)).unwrap();
    for intent in open_intents {
        let outcome = EntryKind::Outcome { of: intent.number };
        writer.append(&entry(now + 60, outcome, &json!({"found": "not done"}))).unwrap();
    }
    assert_eq!(store.open_intents().unwrap(), []);
}

#[test]
fn whatever_was_said_to_be_kept_is_kept() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (mut entries, mut versions) = (0, 0);
    let mut round = 0;
    while round < KILLS {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join(FILE_NAME);
        let mut kept = Kept::default();
        for _ in 0..ROUNDS_OF_A_FILE {
            round += 1;
            let now = i64::from(round) * BETWEEN_ROUNDS;
            let pid = killed(&path, now, &mut chance, &mut kept);
            check(folder.path(), pid, now, &kept);
            // What this process adds is not said by a child.
            let store = open(folder.path());
            let writer = store.writer(&holder(0), LASTS, at(now + 61)).unwrap();
            let head = note(&writer, now + 61, json!("looked at")).unwrap();
            kept.entries.insert(head.number, head.hash.to_string());
        }
        entries += kept.entries.len();
        versions += kept.versions.len();
    }
    println!("{round} kills, {entries} entries and {versions} versions said and found");
    assert!(entries > 200 && versions > 50, "the children wrote: {entries}, {versions}");
}
