//! What the first reading learns of the log as a whole.

use std::hash::BuildHasher;

use foldhash::quality::FixedState;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use jiff::Timestamp;

use crate::sign_in::SignIn;

/// Fingerprint of a text. The same in every run and on every machine.
pub(crate) fn fingerprint(text: &str) -> u64 {
    FixedState::default().hash_one(text)
}

/// How often one record id was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Copies {
    /// Records with this id, the first included.
    pub count: u32,
    /// Some copy shows something another does not.
    pub differ: bool,
}

/// Newest and oldest record, and which records are copies of one another. Sixteen bytes for each
/// id of the log: fingerprints of the id and of what the first copy shows.
#[derive(Debug, Default)]
pub(crate) struct Census {
    pub newest: Option<Timestamp>,
    pub oldest: Option<Timestamp>,
    pub duplicates: u64,
    ids: HashMap<u64, u64, FixedState>,
    pub copies: HashMap<u64, Copies, FixedState>,
}

impl Census {
    /// Takes note of a record; true when no record with its id was met before. Records without an
    /// id are all distinct.
    pub(crate) fn see(&mut self, sign_in: &SignIn<'_>, time: Timestamp) -> bool {
        self.newest = self.newest.max(Some(time));
        self.oldest = Some(self.oldest.map_or(time, |oldest| oldest.min(time)));
        let Some(id) = sign_in.text.id.as_deref() else { return true };
        let (id, content) = (fingerprint(id), FixedState::default().hash_one(sign_in));
        let first = match self.ids.entry(id) {
            Entry::Occupied(first) => *first.get(),
            Entry::Vacant(place) => {
                place.insert(content);
                return true;
            }
        };
        self.duplicates = self.duplicates.saturating_add(1);
        let copies = self.copies.entry(id).or_insert(Copies { count: 1, differ: false });
        copies.count = copies.count.saturating_add(1);
        copies.differ |= first != content;
        false
    }

    /// True when some record has copies that show different things.
    pub(crate) fn differ(&self) -> bool {
        self.copies.values().any(|copies| copies.differ)
    }
}
