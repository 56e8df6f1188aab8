//! Sign-ins kept beside the workspace: where they lie, and when they are trusted.
//!
//! Everything stands in `.lockstep/cache/sign-ins` of a workspace and may be deleted at any time:
//!
//! * `index.json`: the files that were read, and what they looked like then;
//! * one folder for each source, named by its digest (see [`signins::cache`]);
//! * `writing`: folders that are being written, each with a lock that its process holds. What a
//!   killed process left is removed by the next one.
//!
//! An entry is trusted when the digest of the source is the one it was made of. Reading a log only
//! to take its digest would cost as much as measuring it, so a file that looks as it did when its
//! digest was taken is not read; see [`stamp`].

mod index;
mod stamp;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use jiff::Timestamp;
use serde_json::Value;
use signins::cache::{
    BatchFile, Digest, DigestOfBytes, Entry, Identity, NotKept, Refused, Writing,
};

use crate::cache::index::{Index, Known};
pub(crate) use crate::cache::stamp::Stamp;
use crate::digest;

/// Another version may read the same log differently.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// An entry that no index knows may be so fresh that its process has not written it there yet.
const FRESH: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// Names tried for a folder to write into.
const MOST_NAMES: u32 = 64;

/// Where the bytes of a source are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SourceFile<'s> {
    /// The file.
    pub(crate) path: &'s Path,
    /// What tells an entry of an archive apart from every other entry.
    pub(crate) member: Option<&'s str>,
    /// The name of the source, for what the name of a download tells.
    pub(crate) name: &'s str,
}

/// What is kept of a source.
#[derive(Debug)]
pub(crate) enum Found {
    /// Its sign-ins.
    Kept(Box<Entry>),
    /// Nothing to trust: it has to be read. The stamp belongs into [`Cache::keep`].
    Nothing(Option<Stamp>),
}

/// A folder in which sign-ins are being written. Dropped, it is removed again.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Makes the writers.
    pub(crate) writing: Writing,
    /// Lives as long as one of its drafts does.
    _place: Arc<WritingPlace>,
}

impl Drop for Draft {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next command.
        let _ = fs::remove_dir_all(self.writing.folder());
    }
}

/// The folder of this process for its drafts: one lock for all of them, however many files a log
/// has, because a process may hold only so many files open.
#[derive(Debug)]
struct WritingPlace {
    folder: PathBuf,
    lock: PathBuf,
    /// Held as long as this process lives.
    held: File,
}

impl Drop for WritingPlace {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
        let _ = fs::remove_file(&self.lock);
        let _ = self.held.unlock();
    }
}

/// The kept sign-ins of a workspace; off without one.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    open: Option<Open>,
    notes: Vec<String>,
}

#[derive(Debug)]
struct Open {
    root: PathBuf,
    now: Timestamp,
    index: Index,
    /// Files seen by this command, which its index knows better than another one's.
    seen: BTreeSet<String>,
    /// Digests taken by this command.
    taken: BTreeMap<String, (Stamp, DigestOfBytes)>,
    /// Entries of what files held before.
    stale: BTreeSet<String>,
    /// Where drafts are, while there are any.
    place: Weak<WritingPlace>,
    drafts: u32,
}

impl Cache {
    /// Keeps nothing and finds nothing.
    pub(crate) fn off() -> Self {
        Self::default()
    }

    /// The cache of a workspace. Where none can be made it is off, and a note says why.
    pub(crate) fn open(workspace: &Path, now: Timestamp) -> Self {
        let root = workspace.join(".lockstep").join("cache").join("sign-ins");
        let writing = root.join("writing");
        if let Err(error) = fs::create_dir_all(&writing) {
            let mut cache = Self::off();
            cache.note(&format!("no folder can be made at `{}`", root.display()), &error);
            return cache;
        }
        remove_leftovers(&writing);
        let open = Open {
            index: Index::read(&root.join(index::FILE)),
            root,
            now,
            seen: BTreeSet::new(),
            taken: BTreeMap::new(),
            stale: BTreeSet::new(),
            place: Weak::new(),
            drafts: 0,
        };
        Self { open: Some(open), notes: Vec::new() }
    }

    /// Things worth saying that are no failure.
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Looks for the sign-ins of a source. What is there and cannot be trusted is removed.
    pub(crate) fn find(&mut self, source: &SourceFile<'_>) -> Found {
        let Some(open) = &mut self.open else { return Found::Nothing(None) };
        let Some((name, stamp)) = name_of(source.path).zip(Stamp::of(source.path)) else {
            return Found::Nothing(None);
        };
        let Some(digest) = open.digest(&name, source.path, &stamp) else {
            return Found::Nothing(Some(stamp));
        };
        let identity = Identity::new(digest, stamp.bytes, source.member, source.name);
        let key = identity.key();
        match Entry::open(open.root.join(&key), VERSION, &identity) {
            Ok(entry) => {
                open.refer(&name, stamp, digest, key);
                Found::Kept(Box::new(entry))
            }
            Err(Refused::File { source, .. }) if source.kind() == ErrorKind::NotFound => {
                Found::Nothing(Some(stamp))
            }
            Err(error) => {
                self.remove(&key, &error);
                Found::Nothing(Some(stamp))
            }
        }
    }

    /// SHA-256 of a file. That of a file whose sign-ins are kept is taken once, and known for as long
    /// as the file looks the same: a document rests on it, and each command makes one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn sha256(&mut self, path: &Path) -> std::io::Result<String> {
        let seen = self.open.as_ref().and_then(|_| name_of(path).zip(Stamp::of(path)));
        let known = |open: &Open, name: &str, stamp: &Stamp| {
            open.index.files.get(name).filter(|known| known.is_trusted(stamp)).cloned()
        };
        if let (Some(open), Some((name, stamp))) = (&self.open, &seen)
            && let Some(sha256) = known(open, name, stamp).and_then(|known| known.sha256)
        {
            return Ok(sha256);
        }
        let sha256 = digest::of_file(path)?;
        if let (Some(open), Some((name, stamp))) = (&mut self.open, seen)
            && let Some(mut known) = known(open, &name, &stamp)
            && Stamp::of(path) == Some(stamp)
        {
            known.sha256 = Some(sha256.clone());
            open.index.files.insert(name.clone(), known);
            open.seen.insert(name);
        }
        Ok(sha256)
    }

    /// Removes an entry that turned out not to be what was kept, in a batch. Everything measured of
    /// it has to be measured again.
    pub(crate) fn refuse(&mut self, entry: &Entry, because: &Refused) {
        let key = entry.folder().file_name().and_then(|name| name.to_str()).map(str::to_owned);
        if let Some(key) = key {
            self.remove(&key, because);
        }
    }

    /// A folder to write into; `None` when the cache is off or the disk is full.
    pub(crate) fn draft(&mut self) -> Option<Draft> {
        let open = self.open.as_mut()?;
        match open.draft() {
            Ok(draft) => draft,
            Err(error) => {
                self.give_up(&error);
                None
            }
        }
    }

    /// Says why sign-ins are not kept.
    pub(crate) fn give_up(&mut self, error: &NotKept) {
        self.note("sign-ins are not kept for the next question", error);
    }

    /// Keeps what was written of a source. `stamp` was taken before it was read and `digest` while
    /// it was read; a file that changed meanwhile is not kept.
    pub(crate) fn keep(
        &mut self,
        draft: Draft,
        source: &SourceFile<'_>,
        (stamp, digest): (Stamp, DigestOfBytes),
        batches: Vec<BatchFile>,
        told: Value,
    ) {
        let Some(open) = &mut self.open else { return };
        let Some(name) = name_of(source.path) else { return };
        if Stamp::of(source.path) != Some(stamp) {
            return;
        }
        let identity = Identity::new(digest, stamp.bytes, source.member, source.name);
        let key = identity.key();
        match open.give_place(&draft, &identity, batches, told) {
            Ok(()) => open.refer(&name, stamp, digest, key),
            Err(error) => self.give_up(&error),
        }
    }

    /// Bytes on disk.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> u64 {
        self.open.as_ref().map_or(0, |open| size(&open.root))
    }

    /// True when something is known of a file that the index does not say.
    pub(crate) fn has_learned(&self) -> bool {
        self.open.as_ref().is_some_and(|open| !open.seen.is_empty())
    }

    /// Writes the index and removes what no file needs any more.
    pub(crate) fn finish(&mut self) {
        let Some(open) = &mut self.open else { return };
        if let Err(error) = open.finish() {
            self.note("what was kept of the sign-ins cannot be written down", &*error);
        }
    }

    fn remove(&mut self, key: &str, because: &Refused) {
        let Some(open) = &self.open else { return };
        // What cannot be removed is refused again.
        let _ = fs::remove_dir_all(open.root.join(key));
        self.note("kept sign-ins are dropped and the log is read again", because);
    }

    fn note(&mut self, what: &str, because: &dyn std::error::Error) {
        let mut note = format!("{what}: {because}");
        if let Some(source) = because.source() {
            note.push_str(&format!(": {source}"));
        }
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

impl Open {
    /// The digest of a file: the one known when the file looks the same, else taken anew when
    /// anything kept could fit. `None` when nothing could.
    fn digest(&mut self, name: &str, path: &Path, stamp: &Stamp) -> Option<DigestOfBytes> {
        if let Some(known) = self.index.files.get(name)
            && known.is_trusted(stamp)
        {
            return Some(known.digest);
        }
        if let Some((taken_of, digest)) = self.taken.get(name)
            && taken_of == stamp
        {
            return Some(*digest);
        }
        if !self.index.files.values().any(|known| known.stamp.bytes == stamp.bytes) {
            return None;
        }
        let mut digest = Digest::new();
        digest.read_all(File::open(path).ok()?).ok()?;
        let unchanged = Stamp::of(path).as_ref() == Some(stamp) && digest.bytes() == stamp.bytes;
        let digest = unchanged.then(|| digest.finish())?;
        self.taken.insert(name.to_owned(), (*stamp, digest));
        Some(digest)
    }

    /// Remembers that a file needs an entry.
    fn refer(&mut self, name: &str, stamp: Stamp, digest: DigestOfBytes, key: String) {
        self.stale.remove(&key);
        let settled = stamp.is_settled(self.now);
        if let Some(known) = self.index.files.get_mut(name) {
            if known.digest == digest {
                let trusted = known.is_trusted(&stamp);
                known.settled = trusted || settled;
                known.stamp = stamp;
                known.keys.insert(key);
                self.seen.insert(name.to_owned());
                return;
            }
            self.stale.append(&mut known.keys);
        }
        let known = Known { stamp, settled, digest, sha256: None, keys: BTreeSet::from([key]) };
        self.index.files.insert(name.to_owned(), known);
        self.seen.insert(name.to_owned());
    }

    /// `None` when every name that was tried is held by another command.
    fn draft(&mut self) -> Result<Option<Draft>, NotKept> {
        let place = match self.place.upgrade() {
            Some(place) => place,
            None => match self.writing_place()? {
                Some(place) => Arc::new(place),
                None => return Ok(None),
            },
        };
        self.place = Arc::downgrade(&place);
        self.drafts += 1;
        let writing = Writing::start(place.folder.join(self.drafts.to_string()))?;
        Ok(Some(Draft { writing, _place: place }))
    }

    fn writing_place(&self) -> Result<Option<WritingPlace>, NotKept> {
        let writing = self.root.join("writing");
        for number in 1..=MOST_NAMES {
            // Commands in two containers may have one process number: the lock tells them apart.
            let name = format!("{}-{number}", std::process::id());
            let failed = |source| NotKept::File { file: format!("writing/{name}.lock"), source };
            let lock = writing.join(format!("{name}.lock"));
            let held = File::create(&lock).map_err(failed)?;
            match held.try_lock() {
                Ok(()) => {
                    let folder = writing.join(&name);
                    return Ok(Some(WritingPlace { folder, lock, held }));
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
        Ok(None)
    }

    /// Gives a finished draft its place. Where another process was first, its entry stays.
    fn give_place(
        &self,
        draft: &Draft,
        identity: &Identity,
        batches: Vec<BatchFile>,
        told: Value,
    ) -> Result<(), NotKept> {
        draft.writing.finish(VERSION, identity.clone(), batches, told)?;
        let place = self.root.join(identity.key());
        if fs::rename(draft.writing.folder(), &place).is_ok()
            || Entry::open(place.clone(), VERSION, identity).is_ok()
        {
            return Ok(());
        }
        // Something that is no entry stands there.
        let _ = fs::remove_dir_all(&place);
        fs::rename(draft.writing.folder(), &place)
            .map_err(|source| NotKept::File { file: identity.key(), source })
    }

    fn finish(&mut self) -> Result<(), Box<dyn std::error::Error>> {
        let lock = File::create(self.root.join("index.lock"))?;
        lock.lock()?;
        let file = self.root.join(index::FILE);
        // Another command may have written what it saw meanwhile.
        let mut index = Index::read(&file);
        for name in &self.seen {
            if let Some(known) = self.index.files.get(name) {
                index.files.insert(name.clone(), known.clone());
            }
        }
        index.files.retain(|name, _| !is_gone(Path::new(name)));
        let needed: BTreeSet<&str> =
            index.files.values().flat_map(|known| &known.keys).map(String::as_str).collect();
        for folder in fs::read_dir(&self.root)?.flatten() {
            let name = folder.file_name();
            let Some(key) = name.to_str().filter(|name| is_key(name)) else { continue };
            if needed.contains(key) {
                continue;
            }
            let fresh = || Stamp::of(&folder.path()).is_none_or(|it| it.is_within(FRESH, self.now));
            if self.stale.contains(key) || !fresh() {
                // What cannot be removed now is removed by the next command.
                let _ = fs::remove_dir_all(folder.path());
            }
        }
        index.write(&file)?;
        self.index = index;
        Ok(())
    }
}

/// The name of a file in the index: its absolute path. Text only.
fn name_of(path: &Path) -> Option<String> {
    fs::canonicalize(path).ok()?.to_str().map(str::to_owned)
}

fn is_gone(path: &Path) -> bool {
    fs::metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

fn is_key(name: &str) -> bool {
    name.parse::<DigestOfBytes>().is_ok()
}

/// Removes what processes left that live no longer.
fn remove_leftovers(writing: &Path) {
    let Ok(entries) = fs::read_dir(writing) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|extension| extension == "lock") {
            let Ok(lock) = File::open(&path) else { continue };
            if lock.try_lock().is_ok() {
                let _ = fs::remove_dir_all(path.with_extension(""));
                let _ = fs::remove_file(&path);
            }
        } else if !path.with_extension("lock").exists() {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

#[cfg(test)]
fn size(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let of = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => size(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.flatten().map(of).sum()
}

#[cfg(test)]
mod tests;
