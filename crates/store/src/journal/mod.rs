//! The journal: what was about to be done, what came of it, what was seen, what was said.

mod chain;
mod export;
mod format;
mod verify;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, named_params};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use chain::{Broken, Fault, Head, Verdict};
pub use verify::verify;

use self::format::{PAYLOAD_BYTES_MAX, Raw, is_name};
use crate::canonical::{PayloadError, canonical};
use crate::{Digest, Store, StoreError, Together, instant};

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// What is about to be done.
    Intent,
    /// What came of an intent. Each intent has at most one.
    Outcome {
        /// The number of the intent.
        of: u64,
    },
    /// What was seen, for example when the tenant was read back.
    Observation,
    /// What a person said, or what lockstep has to say for itself.
    Note,
}

/// An entry to be appended.
#[derive(Debug, Clone, Copy)]
pub struct NewEntry<'a, T: ?Sized> {
    /// Now.
    pub time: Timestamp,
    /// Who.
    pub actor: &'a str,
    /// What it is.
    pub kind: EntryKind,
    /// The change set it belongs to. An outcome belongs to the change set of its intent.
    pub change_set: Option<&'a str>,
    /// What it says. No secret: see the page about the journal.
    pub payload: &'a T,
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// 1, 2, 3 …
    pub number: u64,
    /// The hash of the entry before.
    pub previous: Digest,
    /// When.
    pub time: Timestamp,
    /// Who.
    pub actor: String,
    /// What it is.
    pub kind: EntryKind,
    /// The change set it belongs to.
    pub change_set: Option<String>,
    /// What it says, as text.
    pub payload: String,
    /// What binds it: `docs/JOURNAL.md` says how it is made.
    pub hash: Digest,
}

impl Entry {
    /// What it says.
    ///
    /// # Errors
    ///
    /// [`StoreError::Shape`] if it is not of this type.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_str(&self.payload).map_err(|source| StoreError::Shape {
            place: "journal".to_owned(),
            version: self.number,
            schema: format::SCHEMA.to_owned(),
            source,
        })
    }
}

const COLUMNS: &str = "number, previous, time, actor, kind, change_set, outcome_of, hash, payload";

impl Store {
    /// Number and hash of the last entry. Kept somewhere else, it shows later that the journal was not cut
    /// off or written anew.
    ///
    /// # Errors
    ///
    /// If the database cannot be asked, or its last entry is damaged.
    pub fn head(&self) -> Result<Head, StoreError> {
        let row: Option<(u64, String)> = self.read("read the journal", |connection| {
            connection
                .query_row(
                    "SELECT number, hash FROM journal ORDER BY number DESC LIMIT 1",
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()
        })?;
        let Some((number, hash)) = row else { return Ok(Head::EMPTY) };
        let hash = hash.parse().map_err(|_| self.unreadable(number))?;
        Ok(Head { number, hash })
    }

    /// Entries from a number on, at most so many.
    ///
    /// # Errors
    ///
    /// If the database cannot be asked, or one of the entries is damaged.
    pub fn entries(&self, from: u64, most: u32) -> Result<Vec<Entry>, StoreError> {
        self.select("number >= :from", "LIMIT :most", named_params! {":from": from, ":most": most})
    }

    /// The last entries, at most so many, oldest first.
    ///
    /// # Errors
    ///
    /// As [`Store::entries`].
    pub fn last_entries(&self, most: u32) -> Result<Vec<Entry>, StoreError> {
        self.select(
            "number IN (SELECT number FROM journal ORDER BY number DESC LIMIT :most)",
            "",
            named_params! {":most": most},
        )
    }

    /// All entries of a change set, in order.
    ///
    /// # Errors
    ///
    /// As [`Store::entries`].
    pub fn entries_of(&self, change_set: &str) -> Result<Vec<Entry>, StoreError> {
        self.select("change_set = :change_set", "", named_params! {":change_set": change_set})
    }

    /// The intents of which nobody knows what came of them: where the next run begins after a crash.
    ///
    /// # Errors
    ///
    /// As [`Store::entries`].
    pub fn open_intents(&self) -> Result<Vec<Entry>, StoreError> {
        self.select(
            "kind = 'intent' AND NOT EXISTS
                (SELECT 1 FROM journal AS outcome WHERE outcome.outcome_of = journal.number)",
            "",
            &[],
        )
    }

    fn select(
        &self,
        which: &str,
        limit: &str,
        parameters: &[(&str, &dyn rusqlite::ToSql)],
    ) -> Result<Vec<Entry>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM journal WHERE {which} ORDER BY number {limit}");
        let rows = self.read("read the journal", |connection| {
            connection.prepare(&sql)?.query_map(parameters, row_of)?.collect::<Result<Vec<_>, _>>()
        })?;
        rows.into_iter()
            .map(|(raw, payload)| {
                let number = raw.number;
                raw.entry(payload).ok_or_else(|| self.unreadable(number))
            })
            .collect()
    }

    fn unreadable(&self, number: u64) -> StoreError {
        StoreError::Damaged {
            path: self.path().to_owned(),
            what: format!("entry {number} of the journal cannot be read"),
            source: None,
        }
    }
}

impl Together<'_> {
    /// Appends an entry to the journal.
    ///
    /// # Errors
    ///
    /// If an outcome has no open intent of the same change set, the payload holds a secret or is no JSON,
    /// a name is empty or too long, or the database cannot be written to.
    pub fn append<T: Serialize + ?Sized>(
        &self,
        entry: &NewEntry<'_, T>,
    ) -> Result<Head, StoreError> {
        let names = [("actor", Some(entry.actor)), ("change set", entry.change_set)];
        for (what, name) in names {
            if name.is_some_and(|name| !is_name(name)) {
                return Err(StoreError::Input {
                    what,
                    why: "it is empty or longer than 1,024 bytes",
                });
            }
        }
        if let EntryKind::Outcome { of } = entry.kind {
            self.check_outcome(of, entry.change_set)?;
        }
        let payload = payload_of(entry.payload)
            .map_err(|source| StoreError::Payload { place: "journal".to_owned(), source })?;
        let before = self.store.head()?;
        let raw = Raw::new(&before, entry, instant::text_of(entry.time)?, &payload);
        let hash = raw.hash(&payload).ok_or(StoreError::Input {
            what: "entry",
            why: "what follows the last entry cannot be numbered",
        })?;
        self.transaction
            .execute(
                "INSERT INTO journal
                    (number, previous, time, actor, kind, change_set, outcome_of, hash, payload)
                 VALUES (:number, :previous, :time, :actor, :kind, :change_set, :outcome_of, :hash,
                    :payload)",
                named_params! {
                    ":number": raw.number, ":previous": raw.previous, ":time": raw.time,
                    ":actor": raw.actor, ":kind": raw.kind, ":change_set": raw.change_set,
                    ":outcome_of": raw.outcome_of, ":hash": hash.to_string(), ":payload": payload,
                },
            )
            .map_err(|source| StoreError::of(self.store.path(), "append to the journal", source))?;
        Ok(Head { number: raw.number, hash })
    }

    fn check_outcome(&self, of: u64, change_set: Option<&str>) -> Result<(), StoreError> {
        let intent: Option<(String, Option<String>, bool)> = self
            .transaction
            .query_row(
                "SELECT kind, change_set, number IN (SELECT outcome_of FROM journal WHERE outcome_of = :of)
                 FROM journal WHERE number = :of",
                named_params! {":of": of},
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()
            .map_err(|source| StoreError::of(self.store.path(), "look for the intent", source))?;
        let why = match intent {
            None => "there is no such entry",
            Some((kind, ..)) if kind != "intent" => "it is not an intent",
            Some((_, _, true)) => "it has one already",
            Some((_, intended, _)) if intended.as_deref() != change_set => {
                "it belongs to another change set"
            }
            Some(_) => return Ok(()),
        };
        Err(StoreError::Outcome { of, why })
    }
}

fn payload_of<T: Serialize + ?Sized>(payload: &T) -> Result<String, PayloadError> {
    let text = canonical(payload)?;
    if text.len() > PAYLOAD_BYTES_MAX {
        return Err(PayloadError::TooLong { bytes: text.len(), most: PAYLOAD_BYTES_MAX });
    }
    Ok(text)
}

fn row_of(row: &Row<'_>) -> rusqlite::Result<(Raw, String)> {
    let raw = Raw {
        number: row.get(0)?,
        previous: row.get(1)?,
        time: row.get(2)?,
        actor: row.get(3)?,
        kind: row.get(4)?,
        change_set: row.get(5)?,
        outcome_of: row.get(6)?,
        hash: row.get(7)?,
    };
    Ok((raw, row.get(8)?))
}
