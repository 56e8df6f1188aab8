//! What each snapshot comes to, and the daily series that grow from one snapshot to the next.
//!
//! A live tenant tells how it is and not how it was: the curve of registration is known only because
//! every day was written down.

use jiff::Timestamp;
use jiff::civil::Date;
use rollout::engine::Seen;
use rollout::registration::SeriesPoint;
use serde::{Deserialize, Serialize};
use store::{Kind, NewDay, NewDocument, Series, Store, StoreError, Together};

use super::{Operator, failed, lease};
use crate::deciding;
use crate::error::CommandError;

/// Snapshots, by the name of the file that holds the whole record.
const SNAPSHOTS: Kind<SnapshotNote> = Kind::new("snapshot", "lockstep.snapshot-note/1");
/// People who can pass MFA.
const REGISTRATION: Series<RegistrationDay> =
    Series::new("registration", "lockstep.registration-day/1");
/// Successes of legacy authentication.
const LEGACY: Series<LegacyDay> = Series::new("legacy", "lockstep.legacy-day/1");

/// A snapshot that was taken. The whole record lies in `.lockstep/snapshots`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SnapshotNote {
    /// Name of the file of the record.
    pub(crate) file: String,
    /// When it was taken.
    pub(crate) taken_at: Timestamp,
    /// The moment it speaks of.
    pub(crate) as_of: Timestamp,
    /// Digest over its sources.
    pub(crate) digest: String,
    /// Records that could not be read.
    pub(crate) records_unreadable: u64,
}

/// How many people could pass MFA on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistrationDay {
    /// In-scope people who are capable.
    capable: u64,
    /// In-scope people.
    in_scope: u64,
    /// Oldest refresh time of the rows of the report. `None`: no row tells.
    as_of: Option<Timestamp>,
}

/// Legacy authentication in the window that ends on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LegacyDay {
    /// Successes in the window.
    successes: u64,
    /// Users, client apps and devices with at least one.
    dependencies: u64,
    /// Days of the window with a record.
    days_covered: u32,
}

impl Operator {
    /// Keeps that a snapshot was taken, and the figures of its day. A figure that cannot be said is
    /// not kept: a day nobody counted is no 0.
    pub(crate) fn keep_snapshot(
        &self,
        note: &SnapshotNote,
        seen: &Seen<'_>,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        let failed = |error| failed("write", error);
        let date = deciding::today(seen.facts.rollout, note.as_of);
        let by = &self.holder.user;
        let is_known = self.store.latest(&SNAPSHOTS, &note.file).map_err(failed)?.is_some();
        let writer = lease::writer(&self.store, &self.holder, now)?;
        let source = &note.digest;
        writer
            .together(now, |together| {
                if !is_known {
                    let document = NewDocument {
                        key: &note.file,
                        payload: note,
                        at: now,
                        by,
                        source: Some(source),
                    };
                    together.put(&SNAPSHOTS, &document)?;
                }
                let day = Counted { together, date, source, at: now, by };
                if let Some(value) = registration_of(seen) {
                    day.put(&self.store, &REGISTRATION, &value)?;
                }
                if let Some(value) = legacy_of(seen) {
                    day.put(&self.store, &LEGACY, &value)?;
                }
                Ok(())
            })
            .map_err(failed)
    }
}

/// A day that is counted.
struct Counted<'c> {
    together: &'c Together<'c>,
    date: Date,
    source: &'c str,
    at: Timestamp,
    by: &'c str,
}

impl Counted<'_> {
    /// Keeps the value, unless it is kept already.
    fn put<T>(&self, store: &Store, series: &Series<T>, value: &T) -> Result<(), StoreError>
    where
        T: Serialize + serde::de::DeserializeOwned + PartialEq,
    {
        let Self { together, date, source, at, by } = *self;
        for day in store.days(series, date, date)? {
            if day?.value == *value {
                return Ok(());
            }
        }
        together.put_day(series, &NewDay { date, value, source, at, by }).map(drop)
    }
}

fn registration_of(seen: &Seen<'_>) -> Option<RegistrationDay> {
    let report = &seen.plan.registration;
    Some(RegistrationDay {
        capable: report.capable?,
        in_scope: report.denominators.in_scope_people?,
        as_of: report.as_of,
    })
}

fn legacy_of(seen: &Seen<'_>) -> Option<LegacyDay> {
    let audit = seen.plan.legacy.as_ref()?;
    Some(LegacyDay {
        successes: audit.totals.legacy_successes,
        dependencies: u64::try_from(audit.dependencies.len()).unwrap_or(u64::MAX),
        days_covered: audit.window.days_covered,
    })
}

/// The curve of registration as it was written down, with what the files tell of other days.
pub(crate) fn curve(
    store: &Store,
    of_files: &[SeriesPoint],
) -> Result<Vec<SeriesPoint>, StoreError> {
    let mut points: std::collections::BTreeMap<Date, SeriesPoint> =
        of_files.iter().map(|it| (it.date, *it)).collect();
    for day in store.days(&REGISTRATION, Date::ZERO, Date::MAX)? {
        let day = day?;
        let RegistrationDay { capable, in_scope, .. } = day.value;
        points.insert(day.date, SeriesPoint { date: day.date, capable, in_scope });
    }
    Ok(points.into_values().collect())
}
