//! What the journal holds of a change set that is carried out.

use std::collections::BTreeMap;

use entra::graph::writes;
use jiff::Timestamp;
use rollout::change::Edit;
use serde::{Deserialize, Serialize};
use store::{Entry, EntryKind, NewEntry, Store, StoreError, Together, Writer};

/// What is about to be done.
#[derive(Debug, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Intent<'i> {
    /// Place of the change in its set, from 0.
    pub(super) place: usize,
    /// What is done to what.
    pub(super) change: String,
    /// What is asked of Graph.
    pub(super) write: Option<String>,
    /// The change, with the ids that Graph gave.
    pub(super) edit: &'i Edit,
}

/// Of an intent, where the next run goes on.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct OpenIntent {
    /// Place of the change in its set, from 0.
    pub(super) place: usize,
    /// What is done to what.
    pub(super) change: String,
}

/// What came of it.
#[derive(Debug, Serialize)]
#[serde(tag = "ended", rename_all = "kebab-case")]
pub(super) enum CameOfIt {
    /// It is as wanted now.
    Done {
        /// What has happened.
        what: &'static str,
        /// How often the request was sent.
        sent: u32,
        /// Id of the object, where it has one.
        id: Option<String>,
        /// Ids that Graph gave, by provisional id.
        ids: BTreeMap<String, String>,
    },
    /// It is not, and nothing was changed.
    NotDone {
        /// Why.
        why: String,
    },
    /// The tenant does not show it. Whether it was done, and somebody undid it since, nobody can tell
    /// any more.
    NotSeen {
        /// What was looked for.
        why: String,
    },
}

/// What was seen in between.
#[derive(Debug, Serialize)]
#[serde(tag = "seen", rename_all = "kebab-case")]
pub(super) enum Sight {
    /// A run goes on with an intent that an earlier one left open.
    GoesOn {
        /// Number of the intent.
        intent: u64,
    },
    /// Nobody knows what came of an intent. It stays open; the next run looks.
    NotKnown {
        /// Number of the intent.
        intent: u64,
        /// Why not.
        why: String,
    },
    /// The tenant was read back after the last change.
    ReadBack {
        /// What is not as the set leaves it.
        differs: Vec<String>,
    },
    /// The gap receipt.
    Gap {
        /// The gap opened.
        opened: Timestamp,
        /// It was closed.
        closed: Option<Timestamp>,
    },
}

pub(super) const fn done_word(done: writes::Done) -> &'static str {
    match done {
        writes::Done::Created => "created",
        writes::Done::Changed => "changed",
        writes::Done::Removed => "removed",
        writes::Done::Accepted => "accepted",
        writes::Done::AlreadyAsWanted => "already as wanted",
    }
}

/// Who notes, when, of which set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hand<'h> {
    pub(super) actor: &'h str,
    pub(super) set: &'h str,
}

impl Hand<'_> {
    /// Notes an intent, and tells its number.
    pub(super) fn intent(
        self,
        writer: &Writer<'_>,
        intent: &Intent<'_>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        writer.append(&self.entry(EntryKind::Intent, intent, now)).map(|head| head.number)
    }

    /// Notes what was seen.
    pub(super) fn sight(
        self,
        writer: &Writer<'_>,
        sight: &Sight,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        writer.append(&self.entry(EntryKind::Observation, sight, now)).map(drop)
    }

    /// Notes what came of an intent, together with what else is kept of it.
    pub(super) fn outcome(
        self,
        together: &Together<'_>,
        of: u64,
        came: &CameOfIt,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        together.append(&self.entry(EntryKind::Outcome { of }, came, now)).map(drop)
    }

    fn entry<'e, T>(&self, kind: EntryKind, payload: &'e T, time: Timestamp) -> NewEntry<'e, T>
    where
        Self: 'e,
    {
        NewEntry { time, actor: self.actor, kind, change_set: Some(self.set), payload }
    }
}

/// The intent of a set of which nobody knows what came, with its number.
///
/// # Errors
/// When the journal cannot be read.
pub(super) fn open_intent(
    store: &Store,
    set: &str,
) -> Result<Option<(u64, OpenIntent)>, StoreError> {
    let open = store.open_intents()?;
    let of_set = |it: &&Entry| it.change_set.as_deref() == Some(set);
    match open.iter().find(of_set) {
        Some(entry) => Ok(Some((entry.number, entry.payload()?))),
        None => Ok(None),
    }
}

/// What an entry says, in words.
pub(crate) fn in_words(payload: &serde_json::Value) -> String {
    use serde_json::Value;
    let text = |key: &str| payload.get(key).and_then(Value::as_str).unwrap_or_default();
    let number = |key: &str| payload.get(key).and_then(Value::as_u64).unwrap_or_default();
    if let Value::String(said) = payload {
        return said.clone();
    }
    match (text("seen"), text("ended")) {
        ("goes-on", _) => format!("goes on with entry {}", number("intent")),
        ("not-known", _) => format!("entry {}: not known: {}", number("intent"), text("why")),
        ("read-back", _) => {
            let differs: Vec<&str> = (payload.get("differs").and_then(Value::as_array))
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            if differs.is_empty() {
                "read back: as it should be".to_owned()
            } else {
                format!("read back, and differs: {}", differs.join(" "))
            }
        }
        ("gap", _) => match payload.get("closed").and_then(Value::as_str) {
            Some(closed) => format!("gap receipt: {} to {closed}", text("opened")),
            None => format!("gap open since {}", text("opened")),
        },
        (_, "done") => text("what").to_owned(),
        (_, "not-done") => format!("not done: {}", text("why")),
        (_, "not-seen") => format!("not seen: {}", text("why")),
        _ if payload.get("change").is_some() => text("change").to_owned(),
        _ => payload.to_string(),
    }
}
