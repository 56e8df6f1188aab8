//! The files of a download: pages beside a manifest, swapped in whole.
//!
//! While a download runs, everything lies in `graph.next`. Saying in its manifest that it is
//! finished is the one moment from which on it counts. What follows (pages of sign-ins beside the
//! older ones, the old tenant away, the new one in its place) is done again by whoever comes next
//! if it was interrupted, at whatever instant.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::download::DownloadError;
use super::manifest::{self, Manifest, ReadState};

/// Lists of the tenant.
const TENANT: &str = "tenant";
/// Sign-in logs, of all downloads.
const SIGN_INS: &str = "sign-ins";
/// Where partial lists lie in the folder of the tenant: readers pass over a folder of this name.
const APART: &str = ".lockstep";

/// The folder of a download, held by one process at a time.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    /// Held as long as the folder is.
    _lock: File,
    #[cfg(test)]
    fuse: std::cell::Cell<u32>,
}

impl Folder {
    /// Takes the folder and finishes what a download left unfinished.
    pub(super) fn open(root: &Path) -> Result<Self, DownloadError> {
        if let Some(parent) = root.parent() {
            fs::create_dir_all(parent).map_err(|source| keep(parent, source))?;
        }
        let path = beside(root, ".lock");
        let lock = File::create(&path).map_err(|source| keep(&path, source))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(DownloadError::Busy { folder: root.to_owned() });
            }
            Err(fs::TryLockError::Error(source)) => return Err(keep(&path, source)),
        }
        let folder = Self {
            root: root.to_owned(),
            _lock: lock,
            #[cfg(test)]
            fuse: std::cell::Cell::new(u32::MAX),
        };
        folder.settle()?;
        Ok(folder)
    }

    fn next(&self) -> PathBuf {
        beside(&self.root, ".next")
    }

    fn old(&self) -> PathBuf {
        beside(&self.root, ".old")
    }

    /// The last download that was finished.
    pub(super) fn last(&self) -> Result<Option<Manifest>, DownloadError> {
        read_manifest(&self.root.join(TENANT))
    }

    /// The download that was interrupted.
    pub(super) fn unfinished(&self) -> Result<Option<Manifest>, DownloadError> {
        read_manifest(&self.next().join(TENANT))
    }

    /// True when sign-ins of earlier downloads are there.
    pub(super) fn has_log(&self, id: &str) -> bool {
        self.root.join(SIGN_INS).join(id).is_dir()
    }

    /// Forgets a download that was interrupted. Its manifest goes first: without one nobody takes
    /// what is left for something to go on with.
    pub(super) fn discard(&self) -> Result<(), DownloadError> {
        let next = self.next();
        let manifest = next.join(TENANT).join(manifest::FILE);
        if manifest.exists() {
            self.act(&manifest, |path| fs::remove_file(path))?;
        }
        self.remove(&next)
    }

    /// Writes down how far the download is.
    pub(super) fn save(&self, manifest: &Manifest) -> Result<(), DownloadError> {
        let path = self.next().join(TENANT).join(manifest::FILE);
        let text = serde_json::to_vec_pretty(manifest)
            .map_err(|error| keep(&path, io::Error::other(error)))?;
        // Of one that is lost with the power the download begins again; a finished one must not be.
        self.write(&path, &text, manifest.finished.is_some())
    }

    /// Keeps a page of a list.
    pub(super) fn page(&self, id: &str, number: u64, body: &[u8]) -> Result<(), DownloadError> {
        self.write(&self.pages(id).join(format!("{number:06}.json")), body, true)
    }

    /// Keeps a page of a log.
    pub(super) fn log_page(
        &self,
        (id, run): (&str, &str),
        number: u64,
        body: &[u8],
    ) -> Result<(), DownloadError> {
        let folder = self.next().join(SIGN_INS).join(id);
        self.write(&folder.join(format!("{run}-{number:06}.json")), body, true)
    }

    /// Removes the pages of a list, to begin again.
    pub(super) fn clear(&self, id: &str) -> Result<(), DownloadError> {
        self.remove(&self.pages(id))?;
        self.remove(&self.next().join(SIGN_INS).join(id))
    }

    fn pages(&self, id: &str) -> PathBuf {
        self.next().join(TENANT).join(id)
    }

    /// Hands out every page of a list that is being downloaded, in order.
    pub(super) fn read_pages(
        &self,
        state: &ReadState,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), DownloadError> {
        for number in 1..=state.pages {
            let path = self.pages(&state.id).join(format!("{number:06}.json"));
            take(&fs::read(&path).map_err(|source| keep(&path, source))?);
        }
        Ok(())
    }

    /// Ends a download: from here on it counts, and it takes the place of the last one.
    pub(super) fn finish(&self, manifest: &Manifest) -> Result<(), DownloadError> {
        self.save(manifest)?;
        self.settle()
    }

    /// Finishes what was interrupted after a download had come whole.
    fn settle(&self) -> Result<(), DownloadError> {
        let (next, old) = (self.next(), self.old());
        let (fresh, tenant) = (next.join(TENANT), self.root.join(TENANT));
        match self.unfinished()? {
            Some(manifest) if manifest.finished.is_some() => {
                self.set_apart(&manifest)?;
                self.add_logs()?;
                if tenant.exists() {
                    self.remove(&old)?;
                    self.rename(&tenant, &old)?;
                }
                self.rename(&fresh, &tenant)?;
            }
            Some(_) => return Ok(()),
            None => {}
        }
        // Nobody says what is left in there.
        self.remove(&next)?;
        self.remove(&old)
    }

    /// Puts what is half, and what is nothing without another list, where no reader looks.
    fn set_apart(&self, manifest: &Manifest) -> Result<(), DownloadError> {
        let tenant = self.next().join(TENANT);
        for state in &manifest.reads {
            let pages = tenant.join(&state.id);
            if (state.is_apart() || manifest.is_held_back(state)) && pages.is_dir() {
                self.rename(&pages, &tenant.join(APART).join("partial").join(&state.id))?;
            }
        }
        Ok(())
    }

    /// Puts new pages of logs beside the older ones. One of that name is of another run of the same
    /// second: a page that was moved is here no more.
    fn add_logs(&self) -> Result<(), DownloadError> {
        for log in entries(&self.next().join(SIGN_INS))? {
            let Some(id) = log.file_name() else { continue };
            let kept = self.root.join(SIGN_INS).join(id);
            for page in entries(&log)? {
                let Some(name) = page.file_name() else { continue };
                let mut place = kept.join(name);
                let mut number = 1_u32;
                while place.exists() {
                    number = number.saturating_add(1);
                    place = kept.join(name).with_extension(format!("{number}.json"));
                }
                self.rename(&page, &place)?;
            }
        }
        Ok(())
    }

    /// Removes pages of logs that were read before a run: a name begins with the time of its run.
    pub(super) fn prune(&self, id: &str, oldest: &str) -> Result<(), DownloadError> {
        for page in entries(&self.root.join(SIGN_INS).join(id))? {
            let name = page.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let run = name.split('-').next().unwrap_or_default();
            if run.len() == oldest.len() && run < oldest {
                self.act(&page, |path| fs::remove_file(path))?;
            }
        }
        Ok(())
    }

    /// Writes a file through one beside it, and waits for the disk where that is asked for.
    fn write(&self, path: &Path, content: &[u8], on_disk: bool) -> Result<(), DownloadError> {
        let part = path.with_extension("part");
        if let Some(folder) = path.parent() {
            self.act(folder, |folder| fs::create_dir_all(folder))?;
        }
        self.act(&part, |part| {
            let mut file = File::create(part)?;
            file.write_all(content)?;
            if on_disk { file.sync_all() } else { Ok(()) }
        })?;
        self.act(path, |path| fs::rename(&part, path))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), DownloadError> {
        if let Some(folder) = to.parent() {
            self.act(folder, |folder| fs::create_dir_all(folder))?;
        }
        self.act(to, |to| fs::rename(from, to))
    }

    fn remove(&self, folder: &Path) -> Result<(), DownloadError> {
        if !folder.exists() {
            return Ok(());
        }
        self.act(folder, |folder| fs::remove_dir_all(folder))
    }

    /// One step that changes files: the places where a process may be killed.
    fn act(
        &self,
        path: &Path,
        step: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Result<(), DownloadError> {
        #[cfg(test)]
        {
            let left = self.fuse.get().checked_sub(1);
            self.fuse.set(left.unwrap_or(0));
            if left.is_none() {
                return Err(keep(path, io::Error::other("killed")));
            }
        }
        step(path).map_err(|source| keep(path, source))
    }
}

/// Finishes an interrupted swap before a reader reads, unless a download is running.
///
/// # Errors
/// When the files cannot be moved.
pub fn settle(root: &Path) -> Result<(), DownloadError> {
    if !beside(root, ".next").exists() && !beside(root, ".old").exists() {
        return Ok(());
    }
    match Folder::open(root) {
        Ok(_) | Err(DownloadError::Busy { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The manifest of the last download that was finished. `None`: there is none.
///
/// # Errors
/// When it cannot be read.
pub fn last_download(root: &Path) -> Result<Option<Manifest>, DownloadError> {
    read_manifest(&root.join(TENANT))
}

/// A manifest nobody can read is none: what lies beside it is nobody's.
fn read_manifest(folder: &Path) -> Result<Option<Manifest>, DownloadError> {
    let path = folder.join(manifest::FILE);
    match fs::read(&path) {
        Ok(text) => Ok(serde_json::from_slice(&text)
            .ok()
            .filter(|manifest: &Manifest| manifest.schema == manifest::SCHEMA)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(keep(&path, source)),
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, DownloadError> {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(keep(folder, source)),
    };
    let paths: io::Result<Vec<PathBuf>> =
        listed.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(|source| keep(folder, source))?;
    paths.sort();
    Ok(paths)
}

/// A folder or file beside another: `graph` and `graph.next`.
fn beside(root: &Path, ending: &str) -> PathBuf {
    let mut name = root.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    root.with_file_name(name)
}

fn keep(path: &Path, source: io::Error) -> DownloadError {
    DownloadError::Keep { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
