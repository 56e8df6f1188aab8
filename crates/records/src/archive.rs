//! The entries of a zip.

use std::collections::BTreeSet;
use std::io::{BufReader, Read, Seek};

use zip::{CompressionMethod, ZipArchive};

use crate::limits::Limits;

/// Where an entry's bytes are in its archive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) start: u64,
    pub(crate) packed_bytes: u64,
    pub(crate) deflated: bool,
    pub(crate) checksum: u32,
}

/// What an archive holds.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Names in the archive, with `/`.
    pub(crate) entries: Vec<(String, Entry)>,
    /// Names (or none for the archive itself) and why they are not read.
    pub(crate) problems: Vec<(Option<String>, String)>,
}

/// Lists a zip. `None` when it is an Office workbook or document, which is no archive to the one
/// who exported it.
pub(crate) fn list<R: Read + Seek>(archive: R, limits: &Limits) -> Option<Listing> {
    let mut listing = Listing::default();
    let mut archive = match ZipArchive::new(BufReader::new(archive)) {
        Ok(archive) => archive,
        Err(error) => {
            let reason = format!("the zip is damaged ({error}); download it again");
            listing.problems.push((None, reason));
            return Some(listing);
        }
    };
    if archive.index_for_name("[Content_Types].xml").is_some() {
        return None;
    }
    if archive.len() > limits.zip_entries {
        let (all, most) = (archive.len(), limits.zip_entries);
        let reason = format!("the zip holds {all} files, of which the first {most} are read");
        listing.problems.push((None, reason));
    }
    for index in 0..archive.len().min(limits.zip_entries) {
        let entry = match archive.by_index_raw(index) {
            Ok(entry) => entry,
            Err(error) => {
                let reason = format!("an entry of the zip is damaged ({error})");
                listing.problems.push((None, reason));
                continue;
            }
        };
        if entry.is_dir() {
            continue;
        }
        let name = String::from_utf8_lossy(entry.name_raw()).replace('\\', "/");
        let deflated = match entry.compression() {
            _ if entry.encrypted() => Err("it is encrypted: unpack it".to_owned()),
            CompressionMethod::Stored => Ok(false),
            CompressionMethod::Deflated => Ok(true),
            other => Err(format!("its compression ({other}) is not known here: unpack it")),
        };
        match (deflated, entry.data_start()) {
            (Ok(deflated), Some(start)) => {
                let packed_bytes = entry.compressed_size();
                let checksum = entry.crc32();
                listing.entries.push((name, Entry { start, packed_bytes, deflated, checksum }));
            }
            (Err(reason), _) => listing.problems.push((Some(name), reason)),
            (Ok(_), None) => {
                listing.problems.push((Some(name), "it has no place in the zip".to_owned()));
            }
        }
    }
    without_overlaps(&mut listing);
    Some(listing)
}

/// Takes out the entries whose bytes are another's, too: a small zip may name one long entry ten
/// thousand times.
fn without_overlaps(listing: &mut Listing) {
    let mut places: Vec<&Entry> = listing.entries.iter().map(|(_, entry)| entry).collect();
    places.sort();
    let mut free_from = 0;
    let mut sound = BTreeSet::new();
    for place in places {
        if place.start >= free_from {
            free_from = place.start.saturating_add(place.packed_bytes);
            sound.insert(place.start);
        }
    }
    let mut kept = Vec::with_capacity(sound.len());
    for (name, entry) in std::mem::take(&mut listing.entries) {
        // Of several at one place, the first listed is read.
        if entry.packed_bytes == 0 || sound.remove(&entry.start) {
            kept.push((name, entry));
        } else {
            let reason = "its bytes belong to another entry, too, as in a zip bomb: not read";
            listing.problems.push((Some(name), reason.to_owned()));
        }
    }
    listing.entries = kept;
}
