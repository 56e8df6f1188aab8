//! Kept sign-ins are found while their log is the same, and never after.

use std::time::{Duration, SystemTime};

use super::*;

/// Long after the files of the tests were written.
fn later() -> Timestamp {
    "2200-01-01T00:00:00Z".parse().unwrap()
}

/// Before they were written.
fn earlier() -> Timestamp {
    "2000-01-01T00:00:00Z".parse().unwrap()
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        place.write("log.json", b"one");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn root(&self) -> PathBuf {
        self.path(".lockstep/cache/sign-ins")
    }

    fn open(&self, now: Timestamp) -> Cache {
        Cache::open(self.folder.path(), now)
    }

    /// What is told of a source; `None` when it has to be read.
    fn found(&self, cache: &mut Cache, name: &str, member: Option<&str>) -> Option<Value> {
        let path = self.path(name);
        match cache.find(&SourceFile { path: &path, member, name }) {
            Found::Kept(entry) => {
                entry.verify().unwrap();
                Some(entry.told().clone())
            }
            Found::Nothing(_) => None,
        }
    }

    /// Reads a source as a command would: from the cache, or the file, which is then kept.
    fn read(&self, cache: &mut Cache, name: &str, member: Option<&str>) {
        let path = self.path(name);
        let source = SourceFile { path: &path, member, name };
        if let Found::Nothing(stamp) = cache.find(&source) {
            let draft = cache.draft().unwrap();
            let bytes = fs::read(&path).unwrap();
            let told = String::from_utf8_lossy(&bytes).into_owned().into();
            let digest = DigestOfBytes::of(&bytes);
            cache.keep(draft, &source, (stamp.unwrap(), digest), Vec::new(), told);
        }
    }

    /// A whole command.
    fn command(&self, now: Timestamp, name: &str) {
        let mut cache = self.open(now);
        self.read(&mut cache, name, None);
        cache.finish();
        assert_eq!(cache.notes(), [""; 0]);
    }

    /// Names of the entries there are.
    fn entries(&self) -> usize {
        let names = fs::read_dir(self.root()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| is_key(name.to_str().unwrap())).count()
    }
}

#[test]
fn off_it_keeps_and_finds_nothing() {
    let place = Place::new();
    let mut cache = Cache::off();
    assert_eq!(place.found(&mut cache, "log.json", None), None);
    assert!(cache.draft().is_none());
    cache.finish();
    assert_eq!((cache.bytes(), cache.notes().len()), (0, 0));
    assert!(!place.path(".lockstep").exists());
}

#[test]
fn a_workspace_that_cannot_be_written_is_a_note() {
    let place = Place::new();
    place.write(".lockstep", b"a file where the folder should be");
    let mut cache = place.open(later());
    assert!(cache.notes()[0].starts_with("no folder can be made"), "{:?}", cache.notes());
    assert_eq!(place.found(&mut cache, "log.json", None), None);
}

#[test]
fn what_was_read_once_is_found_by_the_next_command() {
    let place = Place::new();
    for now in [later(), earlier()] {
        let mut first = place.open(now);
        assert_eq!(place.found(&mut first, "none.json", None), None);
        place.command(now, "log.json");
        let mut second = place.open(now);
        assert_eq!(place.found(&mut second, "log.json", None), Some("one".into()));
        assert!(second.bytes() > 0);
    }
}

#[test]
fn the_sha_256_of_a_file_is_taken_once_for_as_long_as_it_looks_the_same() {
    let place = Place::new();
    let of = |text: &str| digest::of_text(text);
    let command = |now| {
        let mut cache = place.open(now);
        let sha256 = cache.sha256(&place.path("log.json")).unwrap();
        let learned = cache.has_learned();
        cache.finish();
        (sha256, learned)
    };
    assert_eq!(command(later()), (of("one"), false), "nothing is kept of it");
    // One that may change unseen is not believed, and neither is what was taken of it.
    place.command(earlier(), "log.json");
    assert_eq!(command(earlier()), (of("one"), false));
    place.command(later(), "log.json");
    assert_eq!(command(later()), (of("one"), true));
    let index = place.root().join(index::FILE);
    let marked = "m".repeat(64);
    let text = fs::read_to_string(&index).unwrap().replace(&of("one"), &marked);
    fs::write(&index, text).unwrap();
    assert_eq!(command(later()), (marked.clone(), false), "not taken again");
    // Touched, it is the same once its digest was compared.
    let file = File::options().write(true).open(place.path("log.json")).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(5)).unwrap();
    assert_eq!(command(later()), (of("one"), false));
    place.command(later(), "log.json");
    assert_eq!(command(later()), (marked, false));
    place.write("log.json", b"two");
    assert_eq!(command(later()), (of("two"), false));
    place.command(later(), "log.json");
    assert_eq!(command(later()), (of("two"), true));
    assert_eq!(Cache::off().sha256(&place.path("log.json")).unwrap(), of("two"));
    assert!(place.open(later()).sha256(&place.path("gone.json")).is_err());
}

#[test]
fn a_changed_file_is_stale_and_its_entry_goes() {
    let place = Place::new();
    place.command(later(), "log.json");
    for text in ["two!", "", "one more"] {
        place.write("log.json", text.as_bytes());
        let mut cache = place.open(later());
        assert_eq!(place.found(&mut cache, "log.json", None), None, "{text}");
        place.command(later(), "log.json");
        assert_eq!(place.entries(), 1);
        let mut cache = place.open(later());
        assert_eq!(place.found(&mut cache, "log.json", None), Some(text.into()));
    }
}

/// The file is written again with the same size, and its times are set back to what they were.
#[test]
fn an_edit_of_the_same_size_in_the_same_moment_is_caught() {
    for now in [later(), earlier()] {
        let place = Place::new();
        place.command(now, "log.json");
        let path = place.path("log.json");
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        place.write("log.json", b"two");
        File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        let before = Stamp::of(&path).unwrap();
        // The coarse clock of a file system may not have moved between the two writes; a stamp that
        // is not settled is not believed, so only the other half of the cases needs it to.
        let mut cache = place.open(now);
        let known = cache.open.as_ref().unwrap().index.files.values().next().unwrap().clone();
        assert_eq!(known.settled, now == later());
        if now == later() && known.stamp == before {
            continue;
        }
        assert_eq!(place.found(&mut cache, "log.json", None), None);
        place.command(now, "log.json");
        assert_eq!(place.found(&mut place.open(now), "log.json", None), Some("two".into()));
    }
}

/// The same where the stamp cannot show the edit at all: it was taken in the moment of the edit.
#[test]
fn a_stamp_that_is_not_settled_is_not_believed() {
    let place = Place::new();
    place.command(earlier(), "log.json");
    place.write("log.json", b"two");
    let mut cache = place.open(earlier());
    let stamp = Stamp::of(&place.path("log.json")).unwrap();
    for known in cache.open.as_mut().unwrap().index.files.values_mut() {
        known.stamp = stamp;
    }
    assert_eq!(place.found(&mut cache, "log.json", None), None);
    let mut cache = place.open(earlier());
    for known in cache.open.as_mut().unwrap().index.files.values_mut() {
        (known.stamp, known.settled) = (stamp, true);
    }
    let found = place.found(&mut cache, "log.json", None);
    assert_eq!(found, Some("one".into()), "a settled one would have been");
}

#[test]
fn a_file_that_was_touched_copied_or_renamed_is_the_same() {
    let place = Place::new();
    place.command(later(), "log.json");
    let path = place.path("log.json");
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    assert_eq!(place.found(&mut place.open(later()), "log.json", None), Some("one".into()));
    fs::copy(&path, place.path("copy.json")).unwrap();
    place.command(later(), "copy.json");
    assert_eq!(place.entries(), 1);
    fs::rename(&path, place.path("moved.json")).unwrap();
    assert_eq!(place.found(&mut place.open(later()), "moved.json", None), Some("one".into()));
    assert_eq!(place.found(&mut place.open(later()), "log.json", None), None);
}

#[test]
fn what_a_download_is_called_counts_and_nothing_else_of_its_name() {
    let place = Place::new();
    place.command(later(), "log.json");
    place.write("InteractiveSignIns_2026.csv", b"one");
    place.write("$(rm -rf ..) \"' .json", b"one");
    let mut cache = place.open(later());
    assert_eq!(place.found(&mut cache, "InteractiveSignIns_2026.csv", None), None);
    assert_eq!(place.found(&mut cache, "$(rm -rf ..) \"' .json", None), Some("one".into()));
}

#[test]
fn entries_of_an_archive_are_kept_apart() {
    let place = Place::new();
    let mut cache = place.open(later());
    for member in ["0 a.json", "1 ../../b.json"] {
        place.read(&mut cache, "log.json", Some(member));
    }
    cache.finish();
    assert_eq!(place.entries(), 2);
    let mut cache = place.open(later());
    for (member, there) in [("0 a.json", true), ("1 ../../b.json", true), ("2 c.json", false)] {
        assert_eq!(place.found(&mut cache, "log.json", Some(member)).is_some(), there);
    }
    assert_eq!(place.found(&mut cache, "log.json", None), None);
    cache.finish();
    assert_eq!(place.entries(), 2);
}

#[test]
fn entries_of_files_that_are_gone_go_too_but_not_those_another_command_just_wrote() {
    let place = Place::new();
    place.write("other.json", b"other");
    place.command(later(), "log.json");
    place.command(later(), "other.json");
    assert_eq!(place.entries(), 2);
    fs::remove_file(place.path("other.json")).unwrap();
    place.command(later(), "log.json");
    assert_eq!(place.entries(), 1);
    let fresh = place.root().join(DigestOfBytes::of(b"fresh").to_string());
    fs::create_dir(&fresh).unwrap();
    place.command(earlier(), "log.json");
    assert!(fresh.exists(), "it may not stand in the index yet");
    place.command(later(), "log.json");
    assert!(!fresh.exists());
}

#[test]
fn a_file_that_changes_while_it_is_read_is_not_kept() {
    let place = Place::new();
    let mut cache = place.open(later());
    let path = place.path("log.json");
    let source = SourceFile { path: &path, member: None, name: "log.json" };
    let Found::Nothing(Some(stamp)) = cache.find(&source) else { panic!("nothing is kept") };
    let draft = cache.draft().unwrap();
    place.write("log.json", b"longer");
    cache.keep(draft, &source, (stamp, DigestOfBytes::of(b"one")), Vec::new(), Value::Null);
    cache.finish();
    assert_eq!(place.entries(), 0);
    assert_eq!(fs::read_dir(place.root().join("writing")).unwrap().count(), 0);
}

#[test]
fn what_is_damaged_is_dropped_said_and_rebuilt() {
    let place = Place::new();
    place.command(later(), "log.json");
    let entry = fs::read_dir(place.root()).unwrap().map(|entry| entry.unwrap().path());
    let entry = entry.into_iter().find(|path| is_key(path.file_name().unwrap().to_str().unwrap()));
    let manifest = entry.unwrap().join("manifest.json");
    let whole = fs::read(&manifest).unwrap();
    for bytes in [&whole[..whole.len() / 2], b"{}", b"", &[0xff; 100]] {
        fs::write(&manifest, bytes).unwrap();
        let mut cache = place.open(later());
        assert_eq!(place.found(&mut cache, "log.json", None), None);
        assert!(cache.notes()[0].contains("read again"), "{:?}", cache.notes());
        assert_eq!(place.entries(), 0);
        place.command(later(), "log.json");
        assert_eq!(place.found(&mut place.open(later()), "log.json", None), Some("one".into()));
    }
}

#[test]
fn a_refused_batch_drops_its_entry() {
    let place = Place::new();
    place.command(later(), "log.json");
    let mut cache = place.open(later());
    let path = place.path("log.json");
    let source = SourceFile { path: &path, member: None, name: "log.json" };
    let Found::Kept(entry) = cache.find(&source) else { panic!("it is kept") };
    let because = Refused::Foreign { file: "measured/00-0000.arrow".to_owned(), reason: "cut" };
    cache.refuse(&entry, &because);
    assert_eq!(place.entries(), 0);
    assert_eq!(place.found(&mut cache, "log.json", None), None);
}

#[test]
fn a_damaged_index_knows_nothing() {
    let place = Place::new();
    place.command(later(), "log.json");
    let index = place.root().join(index::FILE);
    for bytes in ["", "{", "{\"files\":{\"a\":1}}", "{\"files\":{},\"x\":0}"] {
        fs::write(&index, bytes).unwrap();
        assert_eq!(place.found(&mut place.open(later()), "log.json", None), None);
    }
    place.command(later(), "log.json");
    assert_eq!(place.found(&mut place.open(later()), "log.json", None), Some("one".into()));
}

#[test]
fn two_commands_at_once_end_with_one_entry() {
    let place = Place::new();
    let (mut first, mut second) = (place.open(later()), place.open(later()));
    let path = place.path("log.json");
    let source = SourceFile { path: &path, member: None, name: "log.json" };
    let drafts = [first.draft().unwrap(), second.draft().unwrap()];
    let stamp = Stamp::of(&path).unwrap();
    let seen = (stamp, DigestOfBytes::of(b"one"));
    for (cache, draft) in [&mut first, &mut second].into_iter().zip(drafts) {
        cache.keep(draft, &source, seen, Vec::new(), "one".into());
    }
    first.finish();
    second.finish();
    assert_eq!((first.notes().len(), second.notes().len(), place.entries()), (0, 0, 1));
    assert_eq!(place.found(&mut place.open(later()), "log.json", None), Some("one".into()));
    assert_eq!(fs::read_dir(place.root().join("writing")).unwrap().count(), 0);
}

#[test]
fn leftovers_of_a_killed_process_go_and_those_of_a_living_one_stay() {
    let place = Place::new();
    let mut cache = place.open(later());
    let living = cache.draft().unwrap();
    let writing = place.root().join("writing");
    fs::create_dir_all(writing.join("1-1/measured")).unwrap();
    fs::write(writing.join("1-1.lock"), b"").unwrap();
    fs::create_dir_all(writing.join("2-1/measured")).unwrap();
    drop(place.open(later()));
    let left = fs::read_dir(&writing).unwrap().count();
    assert_eq!(left, 2, "folder and lock of the living one");
    drop(living);
    assert_eq!(fs::read_dir(&writing).unwrap().count(), 0);
}

#[test]
fn something_else_at_the_place_of_an_entry_makes_room() {
    let place = Place::new();
    let identity = Identity::new(DigestOfBytes::of(b"one"), 3, None, "log.json");
    fs::create_dir_all(place.root().join(identity.key()).join("x")).unwrap();
    place.command(later(), "log.json");
    assert_eq!(place.found(&mut place.open(later()), "log.json", None), Some("one".into()));
}
