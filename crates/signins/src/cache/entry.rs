//! One source kept: its folder and its manifest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::batch::{Batch, Wanted, bytes_of};
use super::digest::{DigestOfBytes, checksum};
use super::layout::Part;
use super::write::Writer;
use super::{FORMAT, NotKept, Refused};
use crate::portal_file;

/// Name of the manifest in the folder of an entry.
const MANIFEST: &str = "manifest.json";
/// Most bytes of a manifest that are read: a batch takes a few hundred.
const MOST_MANIFEST: u64 = 64 << 20;

/// What a source is, as far as it decides what is read from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    digest: DigestOfBytes,
    bytes: u64,
    member: Option<String>,
    named_as: String,
}

impl Identity {
    /// The identity of a file with this digest and size, or of one of its entries where the file is
    /// an archive. `member` names the entry and tells it apart from every other entry. Of the name
    /// of the source only the kind of download that it tells is kept.
    #[must_use]
    pub fn new(digest: DigestOfBytes, bytes: u64, member: Option<&str>, name: &str) -> Self {
        let details = portal_file::is_authentication_details(name);
        let kind = if details { Some("details") } else { portal_file::kind(name) };
        let named_as = kind.unwrap_or_default().to_owned();
        Self { digest, bytes, member: member.map(str::to_owned), named_as }
    }

    /// Name of the folder of the entry: digits only, whatever the source is called.
    #[must_use]
    pub fn key(&self) -> String {
        let Self { digest, bytes, member, named_as } = self;
        let told = (member.is_some(), member.as_deref().unwrap_or_default());
        let text = format!("{FORMAT} {digest} {bytes} {named_as} {} {}", told.0, told.1);
        DigestOfBytes::of(text.as_bytes()).to_string()
    }
}

/// A batch in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchFile {
    pub(super) name: String,
    pub(super) rows: usize,
    pub(super) measured: PartFile,
    pub(super) further: PartFile,
}

impl BatchFile {
    /// Sign-ins in it.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }
}

/// One of the files of a batch in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartFile {
    pub(super) bytes: u64,
    pub(super) checksum: String,
}

/// What stands in a manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: u32,
    /// Version of the program: another one may read a log differently.
    version: String,
    source: Identity,
    batches: Vec<BatchFile>,
    /// What else the reading of the source yielded.
    told: Value,
    /// Checksum of the manifest with this text empty.
    checksum: String,
}

impl Manifest {
    fn sealed(mut self) -> serde_json::Result<Self> {
        self.checksum.clear();
        let text = serde_json::to_string(&self)?;
        self.checksum = checksum(text.as_bytes());
        Ok(self)
    }

    /// What does not fit; `None` for a manifest to be trusted.
    fn fault(&self, version: &str, source: &Identity) -> Option<&'static str> {
        let sealed = self.clone().sealed();
        let names: BTreeSet<&str> = self.batches.iter().map(|batch| batch.name.as_str()).collect();
        if self.format != FORMAT {
            Some("it is of another format")
        } else if self.version != version {
            Some("another version made it")
        } else if sealed.is_ok_and(|sealed| sealed.checksum != self.checksum) {
            Some("its checksum differs")
        } else if self.source != *source {
            Some("it is of another source")
        } else if !names.iter().all(|name| is_name_of_a_batch(name)) {
            Some("a batch has a name that is none")
        } else if names.len() != self.batches.len() {
            Some("a batch stands in it twice")
        } else {
            None
        }
    }
}

/// A name cannot lead out of the entry.
fn is_name_of_a_batch(name: &str) -> bool {
    name.strip_suffix(".arrow").is_some_and(|stem| {
        stem.contains('-') && stem.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
    })
}

/// A folder in which an entry is being written. Nothing reads it before it has its place.
#[derive(Debug)]
pub struct Writing {
    folder: PathBuf,
}

impl Writing {
    /// Starts an entry in a folder that nobody else uses. What stands in it is overwritten.
    ///
    /// # Errors
    /// When folders cannot be made there.
    pub fn start(folder: PathBuf) -> Result<Self, NotKept> {
        for part in [Part::Measured, Part::Further] {
            std::fs::create_dir_all(folder.join(part.folder()))
                .map_err(|source| NotKept::File { file: part.folder().to_owned(), source })?;
        }
        Ok(Self { folder })
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A writer for one thread. Each thread takes another number.
    pub(crate) fn writer(&self, number: usize) -> Writer {
        Writer::new(self.folder.clone(), number)
    }

    /// Writes the manifest over the batches of all writers. Then the folder may be given its place.
    ///
    /// # Errors
    /// When the manifest cannot be written.
    pub fn finish(
        &self,
        version: &str,
        source: Identity,
        batches: Vec<BatchFile>,
        told: Value,
    ) -> Result<(), NotKept> {
        let checksum = String::new();
        let version = version.to_owned();
        let manifest = Manifest { format: FORMAT, version, source, batches, told, checksum };
        let text = manifest
            .sealed()
            .and_then(|manifest| serde_json::to_string(&manifest))
            .map_err(|source| NotKept::Manifest { source })?;
        std::fs::write(self.folder.join(MANIFEST), text)
            .map_err(|source| NotKept::File { file: MANIFEST.to_owned(), source })
    }
}

/// A source kept, whose manifest is in order. Its batches are checked when they are opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    folder: PathBuf,
    manifest: Manifest,
}

impl Entry {
    /// Opens the entry of a source, as this version of the program wrote it.
    ///
    /// # Errors
    /// When it is not there, or its manifest is damaged, of another version or of another source.
    pub fn open(folder: PathBuf, version: &str, source: &Identity) -> Result<Self, Refused> {
        let path = folder.join(MANIFEST);
        let file = || MANIFEST.to_owned();
        let unread = |source| Refused::File { file: file(), source };
        let foreign = |reason| Refused::Foreign { file: file(), reason };
        if std::fs::metadata(&path).map_err(unread)?.len() > MOST_MANIFEST {
            return Err(foreign("it is too long"));
        }
        let bytes = std::fs::read(&path).map_err(unread)?;
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|_| foreign("it is not a manifest"))?;
        match manifest.fault(version, source) {
            Some(reason) => Err(foreign(reason)),
            None => Ok(Self { folder, manifest }),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its batches, in no order that means anything.
    #[must_use]
    pub fn batches(&self) -> &[BatchFile] {
        &self.manifest.batches
    }

    /// What else the reading of the source yielded.
    #[must_use]
    pub fn told(&self) -> &Value {
        &self.manifest.told
    }

    /// Reads what is wanted of one of its batches.
    ///
    /// # Errors
    /// When a file is not there, is not what the manifest says, or is not in the columns it was
    /// written in.
    pub(crate) fn batch(&self, file: &BatchFile, wanted: &Wanted<'_>) -> Result<Batch, Refused> {
        Batch::open(&self.folder, file, wanted)
    }

    /// Reads every file of the entry and compares its checksum: costs about as much as `cat`.
    ///
    /// # Errors
    /// When a file is missing or damaged.
    pub fn verify(&self) -> Result<(), Refused> {
        for batch in &self.manifest.batches {
            for part in [Part::Measured, Part::Further] {
                bytes_of(&self.folder, batch, part)?;
            }
        }
        Ok(())
    }
}
