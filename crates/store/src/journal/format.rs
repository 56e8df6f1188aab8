//! How an entry is written, in the database and in an export: `docs/JOURNAL.md`.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::chain::Head;
use super::{Entry, EntryKind, NewEntry};
use crate::{Digest, instant};

/// The name of the format.
pub(super) const SCHEMA: &str = "lockstep.journal/1";
/// Longest line of an export, with its line feed.
pub(super) const LINE_BYTES_MAX: usize = 9 << 20;
/// Longest payload: a line has room for it and for all other fields, escaped.
pub(super) const PAYLOAD_BYTES_MAX: usize = 8 << 20;
/// Longest name.
const NAME_BYTES_MAX: usize = 1024;
/// What stands before a payload. No other field can hold it: a quote in a text has a `\` before it.
const BEFORE_PAYLOAD: &str = r#","payload":"#;
/// Numbers are kept in eight bytes with a sign.
const NUMBER_MAX: u64 = (1 << 63) - 1;

/// The first line of an export.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub(super) schema: String,
    pub(super) entries: u64,
    pub(super) head: String,
}

/// The fields of an entry but its payload, as they are written and in their order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) number: u64,
    pub(super) previous: String,
    pub(super) time: String,
    pub(super) actor: String,
    pub(super) kind: String,
    pub(super) change_set: Option<String>,
    pub(super) outcome_of: Option<u64>,
    pub(super) hash: String,
}

/// Whether a text may be an actor or a change set.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= NAME_BYTES_MAX
}

impl Header {
    /// Entries and the hash of the last one, if this is the one way to write a header.
    pub(super) fn read(line: &[u8]) -> Option<Head> {
        let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
        let header: Self = serde_json::from_str(text).ok()?;
        let is_exact = header.schema == SCHEMA && serde_json::to_string(&header).ok()? == text;
        let is_sound = is_exact && header.entries <= NUMBER_MAX && line.len() <= LINE_BYTES_MAX;
        let head = Head { number: header.entries, hash: header.head.parse().ok()? };
        is_sound.then_some(head)
    }
}

impl Raw {
    /// The entry that follows the last one; its hash is still to be made.
    pub(super) fn new<T: ?Sized>(
        before: &Head,
        entry: &NewEntry<'_, T>,
        time: String,
        payload: &str,
    ) -> Self {
        let (kind, outcome_of) = match entry.kind {
            EntryKind::Intent => ("intent", None),
            EntryKind::Outcome { of } => ("outcome", Some(of)),
            EntryKind::Observation => ("observation", None),
            EntryKind::Note => ("note", None),
        };
        let mut raw = Self {
            number: before.number.saturating_add(1),
            previous: before.hash.to_string(),
            time,
            actor: entry.actor.to_owned(),
            kind: kind.to_owned(),
            change_set: entry.change_set.map(str::to_owned),
            outcome_of,
            hash: String::new(),
        };
        raw.hash = raw.hash(payload).map(|hash| hash.to_string()).unwrap_or_default();
        raw
    }

    /// The hash of these fields; none if they cannot be those of an entry.
    pub(super) fn hash(&self, payload: &str) -> Option<Digest> {
        let previous: Digest = self.previous.parse().ok()?;
        if self.number > NUMBER_MAX || self.outcome_of.is_some_and(|of| of > NUMBER_MAX) {
            return None;
        }
        let told =
            |bytes: Option<&[u8]>| bytes.map_or_else(|| vec![0], |bytes| [&[1], bytes].concat());
        let outcome_of = self.outcome_of.map(u64::to_be_bytes);
        Some(Digest::of_fields(&[
            SCHEMA.as_bytes(),
            previous.as_bytes(),
            &self.number.to_be_bytes(),
            self.time.as_bytes(),
            self.actor.as_bytes(),
            self.kind.as_bytes(),
            &told(self.change_set.as_deref().map(str::as_bytes)),
            &told(outcome_of.as_ref().map(<[u8; 8]>::as_slice)),
            payload.as_bytes(),
        ]))
    }

    /// As a line of an export, without its line feed.
    pub(super) fn line(&self, payload: &str) -> serde_json::Result<String> {
        let mut line = serde_json::to_string(self)?;
        line.pop();
        line.push_str(BEFORE_PAYLOAD);
        line.push_str(payload);
        line.push('}');
        Ok(line)
    }

    /// Fields and payload of a line with its line feed, if it is written in the one way.
    pub(super) fn read(line: &[u8]) -> Option<(Self, &str)> {
        if line.len() > LINE_BYTES_MAX {
            return None;
        }
        let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
        let (fields, rest) = text.split_once(BEFORE_PAYLOAD)?;
        let payload = rest.strip_suffix('}')?;
        let raw: Self = serde_json::from_str(&format!("{fields}}}")).ok()?;
        serde_json::from_str::<IgnoredAny>(payload).ok()?;
        let is_exact = raw.line(payload).ok()?.as_str() == text;
        is_exact.then_some((raw, payload))
    }

    /// As an entry; none if a field is not what it may be.
    pub(super) fn entry(self, payload: String) -> Option<Entry> {
        let kind = match (self.kind.as_str(), self.outcome_of) {
            ("intent", None) => EntryKind::Intent,
            ("outcome", Some(of)) if (1..=NUMBER_MAX).contains(&of) => EntryKind::Outcome { of },
            ("observation", None) => EntryKind::Observation,
            ("note", None) => EntryKind::Note,
            _ => return None,
        };
        let has_names = is_name(&self.actor) && self.change_set.as_deref().is_none_or(is_name);
        let is_numbered = (1..=NUMBER_MAX).contains(&self.number);
        (has_names && is_numbered).then_some(())?;
        Some(Entry {
            number: self.number,
            previous: self.previous.parse().ok()?,
            time: instant::read(&self.time)?,
            actor: self.actor,
            kind,
            change_set: self.change_set,
            payload,
            hash: self.hash.parse().ok()?,
        })
    }
}
