//! What a download of a tenant asked, what came, and what was refused.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::catalogue::{self, Read, Shape, Weight};

/// Name of the manifest's file in a downloaded folder.
pub const FILE: &str = "lockstep-download.json";

/// Schema of the manifest.
pub const SCHEMA: &str = "lockstep.download/1";

/// The record of one download. Lies beside the pages; read again to go on after an interruption and
/// to say what a snapshot could not show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `lockstep.download/1`.
    pub schema: String,
    /// Tenant as it was named.
    pub tenant: String,
    /// Word of the cloud.
    pub cloud: String,
    /// Days of sign-ins that were asked for.
    pub sign_in_days: u32,
    /// When the download began.
    pub started: Timestamp,
    /// When it ended; `None` while it runs or after it was interrupted.
    pub finished: Option<Timestamp>,
    /// What was read, in the order of the catalogue.
    pub reads: Vec<ReadState>,
}

/// One list or object of the tenant, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadState {
    /// Stable name: `users`, `sign-ins-interactive`, `conditional-access-policies`, ….
    pub id: String,
    /// Name of the request: `GET /v1.0/users`.
    pub request: String,
    /// Pages kept.
    pub pages: u64,
    /// Objects on them.
    pub objects: u64,
    /// Where to go on. `None`: from the start, or done.
    pub next: Option<String>,
    /// Of a log: the time asked for, and the time everything of which is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogSpan>,
    /// How it ended.
    pub state: State,
}

/// How far a log was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogSpan {
    /// From when this download asked.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// From when on earlier downloads had brought everything, and until when.
    pub before: Option<(Timestamp, Timestamp)>,
}

/// A row may change for some hours after its sign-in: details of MFA are added late (Graph
/// documentation, *List signIns*).
const OVERLAP: SignedDuration = SignedDuration::from_hours(3);

impl LogSpan {
    /// What to ask for: everything back to `days` ago, or what is new since everything had come.
    pub(super) fn wanted(
        days: u32,
        until: Timestamp,
        before: Option<(Timestamp, Timestamp)>,
    ) -> Self {
        let back =
            SignedDuration::from_hours(24).saturating_mul(i32::try_from(days).unwrap_or(i32::MAX));
        let oldest = until.saturating_sub(back).unwrap_or(Timestamp::MIN);
        let from = match before {
            Some((from, whole_until)) if from <= oldest => {
                whole_until.saturating_sub(OVERLAP).unwrap_or(Timestamp::MIN).max(oldest)
            }
            _ => oldest,
        };
        Self { from, until, before }
    }

    /// The time everything of which is here once this download is over.
    pub(super) fn whole(&self, came: bool) -> Option<(Timestamp, Timestamp)> {
        if !came {
            return self.before;
        }
        // What was asked for begins before the end of what had come, or stands for itself.
        let from = self.before.map_or(self.from, |(from, until)| {
            if until >= self.from { from.min(self.from) } else { self.from }
        });
        Some((from, self.until))
    }
}

/// How the reading of one list ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// Not begun, or begun and interrupted.
    Pending,
    /// Everything came.
    Done,
    /// The app registration lacks a permission: the exact one that would close the gap.
    PermissionMissing {
        /// Application permission to grant, such as `Policy.Read.All`.
        permission: String,
    },
    /// The tenant lacks a licence.
    LicenceMissing {
        /// Which one, in Microsoft's words.
        licence: String,
    },
    /// Not there in this cloud or tenant.
    NotOffered {
        /// What Graph said.
        why: String,
    },
    /// Could not be read, or not to the end. What came is kept.
    Failed {
        /// Why, in one line.
        why: String,
    },
}

impl ReadState {
    /// A read nobody began.
    pub(super) fn pending(read: &Read) -> Self {
        Self {
            id: read.id.to_owned(),
            request: read.request(),
            pages: 0,
            objects: 0,
            next: None,
            log: None,
            state: State::Pending,
        }
    }

    /// Everything of it came.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.state == State::Done
    }

    /// Something of it came, but not everything.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.pages > 0 && !self.is_whole()
    }

    /// It did not come although it should have: it broke off, failed, or a part of the plan that
    /// needs it was refused. What a tenant does not have is no failure.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        let needed = self.read().is_none_or(|read| read.weight == Weight::Needed);
        match &self.state {
            State::Done | State::NotOffered { .. } => false,
            State::Pending | State::Failed { .. } => true,
            State::PermissionMissing { .. } => needed || self.is_partial(),
            State::LicenceMissing { .. } => self.is_partial(),
        }
    }

    /// The read of the catalogue. `None`: one of a later version of lockstep.
    #[must_use]
    pub fn read(&self) -> Option<&'static Read> {
        catalogue::read(&self.id)
    }

    /// Half of it would be taken for the whole: it is kept apart from what the snapshot reads.
    pub(super) fn is_apart(&self) -> bool {
        let list = self.read().is_none_or(|it| matches!(it.shape, Shape::List | Shape::Object));
        list && self.is_partial()
    }
}

impl Manifest {
    /// What was read of one list.
    #[must_use]
    pub fn state(&self, id: &str) -> Option<&ReadState> {
        self.reads.iter().find(|state| state.id == id)
    }

    /// True when everything of a list came.
    #[must_use]
    pub fn is_whole(&self, id: &str) -> bool {
        self.state(id).is_some_and(ReadState::is_whole)
    }

    /// Lists that did not come although they should have.
    pub fn failures(&self) -> impl Iterator<Item = &ReadState> {
        self.reads.iter().filter(|state| state.is_failure())
    }

    /// True when one of these lists is read only together with another that did not come whole.
    pub(super) fn is_held_back(&self, state: &ReadState) -> bool {
        let other = state.read().and_then(|read| read.only_with);
        state.pages > 0 && other.is_some_and(|other| !self.is_whole(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_log_goes_on_where_everything_had_come_and_a_little_before() {
        let now = at("2026-11-21T12:00:00Z");
        let first = LogSpan::wanted(30, now, None);
        assert_eq!(first.from, at("2026-10-22T12:00:00Z"));
        let whole = first.whole(true);
        assert_eq!(whole, Some((first.from, now)));
        let later = at("2026-11-22T12:00:00Z");
        let second = LogSpan::wanted(30, later, whole);
        assert_eq!(second.from, at("2026-11-21T09:00:00Z"));
        assert_eq!(second.whole(true), Some((first.from, later)));
        // It broke off: the next one asks from the same time again.
        assert_eq!(second.whole(false), whole);
        let third = LogSpan::wanted(30, at("2026-11-23T12:00:00Z"), second.whole(false));
        assert_eq!(third.from, second.from);
        // More days are wanted than had come: everything is asked for again.
        assert_eq!(LogSpan::wanted(60, later, whole).from, at("2026-09-23T12:00:00Z"));
        // Nothing for a long time: no more than what is wanted.
        let late = at("2027-03-01T00:00:00Z");
        let long = LogSpan::wanted(30, late, whole);
        assert_eq!(long.from, at("2027-01-30T00:00:00Z"));
        assert_eq!(long.whole(true), Some((long.from, late)));
    }

    #[test]
    fn what_a_tenant_does_not_have_is_no_failure_and_what_broke_off_is() {
        let of = |id: &str, pages: u64, state: State| {
            let mut read = ReadState::pending(catalogue::read(id).unwrap());
            (read.pages, read.state) = (pages, state);
            (read.is_failure(), read.is_partial(), read.is_apart())
        };
        let licence = State::LicenceMissing { licence: "Entra ID P2".to_owned() };
        let permission = State::PermissionMissing { permission: "x".to_owned() };
        let failed = State::Failed { why: "x".to_owned() };
        assert_eq!(of("risky-users", 0, licence.clone()), (false, false, false));
        assert_eq!(of("risky-users", 1, licence), (true, true, true));
        assert_eq!(of("alerts", 0, permission.clone()), (false, false, false));
        assert_eq!(of("users", 0, permission.clone()), (true, false, false));
        assert_eq!(of("users", 3, permission.clone()), (true, true, true));
        assert_eq!(of("sign-ins-interactive", 3, permission.clone()), (true, true, false));
        assert_eq!(of("per-user-mfa", 3, permission), (true, true, false));
        assert_eq!(of("rooms", 0, failed), (true, false, false));
        assert_eq!(of("users", 3, State::Done), (false, false, false));
    }
}
