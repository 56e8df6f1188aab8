//! Which sources of a reading come from the cache, and which are kept in it.
//!
//! Whatever goes wrong with keeping ends the keeping of that source and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use records::{Source, Unreadable};
use serde::{Deserialize, Serialize};
use signins::Worker;
use signins::cache::{BatchFile, Digest, DigestOfBytes, Entry, NotKept, Refused};

use super::queue::lock;
use super::source_read::SourceRead;
use crate::cache::{Cache, Draft, Found, SourceFile, Stamp};
use crate::progress::Progress;

/// Bytes from which a source is kept: a smaller one is read as fast as its entry is opened.
pub(super) const WORTH_KEEPING: u64 = 1 << 20;

/// The cache during one reading.
pub(super) struct Keeping {
    cache: Mutex<Cache>,
    entries: Vec<Option<Kept>>,
    drafts: Vec<Mutex<Option<Drafting>>>,
    refused: Mutex<BTreeMap<usize, Refused>>,
}

/// A source that need not be read.
pub(super) struct Kept {
    pub(super) entry: Entry,
    read: SourceRead,
    problems: Vec<Unreadable>,
    notes: Vec<String>,
}

/// A source that is kept while it is read.
struct Drafting {
    member: Option<String>,
    stamp: Stamp,
    draft: Option<Draft>,
    batches: Vec<BatchFile>,
    writers: usize,
    given_up: bool,
}

/// What the reading of a source came to beside its sign-ins, as it stands in the manifest.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    name: String,
    sign_ins: u64,
    unreadable: u64,
    unreadable_sign_ins: u64,
    /// Line and reason.
    problems: Vec<(u64, String)>,
    notes: Vec<String>,
}

impl Keeping {
    /// Looks for every source that is worth it. Those of `without` are read and not kept.
    pub(super) fn find(mut cache: Cache, sources: &[Source], without: &BTreeSet<usize>) -> Self {
        let mut entries = Vec::with_capacity(sources.len());
        let mut drafts = Vec::with_capacity(sources.len());
        for (position, source) in sources.iter().enumerate() {
            let (mut entry, mut drafting) = (None, None);
            if is_worth_keeping(source) && !without.contains(&position) {
                let member = source.member().map(|start| start.to_string());
                match cache.find(&file_of(source, member.as_deref())) {
                    Found::Kept(kept) => entry = Kept::of(*kept, source),
                    Found::Nothing(stamp) => {
                        drafting = stamp.map(|stamp| Drafting {
                            member,
                            stamp,
                            draft: None,
                            batches: Vec::new(),
                            writers: 0,
                            given_up: false,
                        });
                    }
                }
            }
            entries.push(entry);
            drafts.push(Mutex::new(drafting));
        }
        Self { cache: Mutex::new(cache), entries, drafts, refused: Mutex::default() }
    }

    /// What is kept of a source.
    pub(super) fn kept(&self, position: usize) -> Option<&Kept> {
        self.entries.get(position)?.as_ref()
    }

    /// Lets a worker keep what it reads of a source from here on, if it is to be kept.
    pub(super) fn start(&self, position: usize, worker: &mut Worker<'_>) -> bool {
        let Some(drafting) = self.drafts.get(position) else { return false };
        let mut drafting = lock(drafting);
        let Some(drafting) = drafting.as_mut().filter(|it| !it.given_up) else { return false };
        if drafting.draft.is_none() {
            drafting.draft = lock(&self.cache).draft();
        }
        let Some(draft) = &drafting.draft else {
            drafting.given_up = true;
            return false;
        };
        worker.keep(&draft.writing, drafting.writers);
        drafting.writers += 1;
        true
    }

    /// Takes what a worker kept of a source.
    pub(super) fn add(&self, position: usize, kept: Result<Vec<BatchFile>, NotKept>) {
        let Some(drafting) = self.drafts.get(position) else { return };
        let mut drafting = lock(drafting);
        let Some(drafting) = drafting.as_mut() else { return };
        match kept {
            Ok(batches) => drafting.batches.extend(batches),
            Err(error) => {
                drafting.given_up = true;
                lock(&self.cache).give_up(&error);
            }
        }
    }

    /// Keeps nothing of a source: it holds something else, or could not be read in full.
    pub(super) fn give_up(&self, position: usize) {
        if let Some(drafting) = self.drafts.get(position)
            && let Some(drafting) = lock(drafting).as_mut()
        {
            drafting.given_up = true;
        }
    }

    /// Takes note of an entry that is not what was kept.
    pub(super) fn refuse(&self, position: usize, because: Refused) {
        lock(&self.refused).entry(position).or_insert(because);
    }

    /// Drops the entries that were refused. Where there are any, what was measured is of no use:
    /// the answer names their sources.
    pub(super) fn settle_refused(&mut self) -> BTreeSet<usize> {
        let refused = std::mem::take(&mut *lock(&self.refused));
        let cache = self.cache.get_mut().unwrap_or_else(PoisonError::into_inner);
        for (position, because) in &refused {
            if let Some(Some(kept)) = self.entries.get(*position) {
                cache.refuse(&kept.entry, because);
            }
        }
        refused.into_keys().collect()
    }

    /// Keeps what was written of the sources that turned out to be logs of sign-ins.
    pub(super) fn keep(
        &mut self,
        sources: &[Source],
        found: &[(SourceRead, Vec<Unreadable>, Vec<String>)],
        threads: usize,
    ) {
        let drafts = std::mem::take(&mut self.drafts);
        let drafts = drafts.iter().map(|drafting| lock(drafting).take());
        let ready: Vec<_> = sources
            .iter()
            .zip(found)
            .zip(drafts)
            .filter_map(|(of, drafting)| Some((of, drafting?)))
            .filter(|((_, (read, ..)), drafting)| {
                read.sign_ins > 0 && read.others == 0 && read.not_wanted == 0 && !drafting.given_up
            })
            .collect();
        let digests =
            digests(ready.iter().map(|((source, _), it)| (source.path(), it.stamp)), threads);
        let cache = self.cache.get_mut().unwrap_or_else(PoisonError::into_inner);
        for ((source, (read, problems, notes)), drafting) in ready {
            let Drafting { member, stamp, draft, batches, .. } = drafting;
            let told = Told {
                name: source.name.clone(),
                sign_ins: read.sign_ins,
                unreadable: read.unreadable,
                unreadable_sign_ins: read.unreadable_sign_ins,
                problems: problems.iter().map(|it| (it.line, it.reason.clone())).collect(),
                notes: notes.clone(),
            };
            let (Some(draft), Some(digest), Ok(told)) =
                (draft, digests.get(source.path()), serde_json::to_value(told))
            else {
                continue;
            };
            let file = file_of(source, member.as_deref());
            cache.keep(draft, &file, (stamp, *digest), batches, told);
        }
    }

    /// The cache, when all is read.
    pub(super) fn into_cache(self) -> Cache {
        self.cache.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The cache of a workspace, if any of the sources is worth keeping there.
pub(super) fn cache_of(workspace: Option<&Path>, sources: &[Source]) -> Option<Cache> {
    let workspace = workspace.filter(|_| sources.iter().any(is_worth_keeping))?;
    Some(Cache::open(workspace, crate::clock::now()))
}

/// Reads sources with what is kept of them. Where something kept turns out not to be what it should, the
/// whole reading begins anew without it.
pub(super) fn with_kept<T>(
    cache: &mut Option<Cache>,
    sources: &[Source],
    progress: &Progress,
    mut read: impl FnMut(Option<&mut Keeping>) -> T,
) -> T {
    let mut without = BTreeSet::new();
    loop {
        let mut keeping = cache.take().map(|cache| Keeping::find(cache, sources, &without));
        let answer = read(keeping.as_mut());
        let refused = keeping.as_mut().map(Keeping::settle_refused).unwrap_or_default();
        *cache = keeping.map(Keeping::into_cache);
        if refused.is_empty() {
            return answer;
        }
        without.extend(refused);
        progress.start_again(sources.iter().map(|source| source.bytes).sum());
    }
}

impl Kept {
    /// `None` when it was kept of the same bytes under a name its notes speak of.
    fn of(entry: Entry, source: &Source) -> Option<Self> {
        let told: Told = serde_json::from_value(entry.told().clone()).ok()?;
        if !told.notes.is_empty() && told.name != source.name {
            return None;
        }
        let read = SourceRead {
            name: source.name.clone(),
            bytes: source.bytes,
            sign_ins: told.sign_ins,
            unreadable: told.unreadable,
            unreadable_sign_ins: told.unreadable_sign_ins,
            ..SourceRead::default()
        };
        let problems = told.problems.into_iter();
        let file = || source.name.clone();
        let problems =
            problems.map(|(line, reason)| Unreadable { file: file(), line, reason }).collect();
        Some(Self { entry, read, problems, notes: told.notes })
    }

    /// What the source came to when it was read.
    pub(super) fn told(&self) -> (SourceRead, Vec<Unreadable>, Vec<String>) {
        (self.read.clone(), self.problems.clone(), self.notes.clone())
    }
}

/// Whether a source is large enough to be kept.
pub(super) fn is_worth_keeping(source: &Source) -> bool {
    source.bytes >= WORTH_KEEPING
}

fn file_of<'s>(source: &'s Source, member: Option<&'s str>) -> SourceFile<'s> {
    SourceFile { path: source.path(), member, name: &source.name }
}

/// Digests of files just read, by as many threads as read them: of a file that no longer looks as
/// it did, none.
fn digests<'s>(
    files: impl Iterator<Item = (&'s Path, Stamp)>,
    threads: usize,
) -> BTreeMap<PathBuf, DigestOfBytes> {
    let files: Vec<(&Path, Stamp)> = files.collect::<BTreeMap<_, _>>().into_iter().collect();
    let (next, found) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || {
        while let Some((path, stamp)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(digest) = digest(path, stamp) {
                lock(&found).insert(path.to_path_buf(), digest);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(files.len()) {
            scope.spawn(work);
        }
        work();
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn digest(path: &Path, stamp: &Stamp) -> Option<DigestOfBytes> {
    let mut digest = Digest::new();
    digest.read_all(File::open(path).ok()?).ok()?;
    let unchanged = Stamp::of(path).as_ref() == Some(stamp) && digest.bytes() == stamp.bytes;
    unchanged.then(|| digest.finish())
}
