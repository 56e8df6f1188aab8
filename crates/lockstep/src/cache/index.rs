//! The files that were read, and what they looked like then.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use signins::cache::DigestOfBytes;

use crate::atomic_file;
use crate::cache::stamp::Stamp;
use crate::error::CommandError;

/// Its name in the cache.
pub(super) const FILE: &str = "index.json";

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    /// What it looked like.
    pub(super) stamp: Stamp,
    /// Any later change shows in its stamp.
    pub(super) settled: bool,
    /// Digest of what was in it.
    pub(super) digest: DigestOfBytes,
    /// SHA-256 of the same, once a document asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sha256: Option<String>,
    /// The entries made of it: one, or one for each source of an archive.
    pub(super) keys: BTreeSet<String>,
}

impl Known {
    /// True when a file of this stamp holds what it held, without looking.
    pub(super) fn is_trusted(&self, stamp: &Stamp) -> bool {
        self.settled && self.stamp == *stamp
    }
}

/// All of them, by absolute path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Index {
    /// By absolute path.
    pub(super) files: BTreeMap<String, Known>,
}

impl Index {
    /// Reads an index. A damaged one knows nothing: every digest is taken anew.
    pub(super) fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Writes it, whole or not at all.
    pub(super) fn write(&self, path: &Path) -> Result<(), Box<dyn std::error::Error>> {
        let bytes = serde_json::to_vec(self)?;
        atomic_file::write(path, &bytes).map_err(|error: CommandError| error.lines().into())
    }
}
