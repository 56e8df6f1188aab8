//! What is kept between questions: nothing that could not be made again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::era::Era;
use super::log::DayOfLog;

/// How many rows of the log are kept between questions, beside the day asked for last: about a
/// hundred megabytes.
const MOST_ROWS: usize = 1_500_000;

/// Kept answers. A copy of a world begins with none.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    administrators: BTreeMap<usize, Arc<BTreeSet<Uuid>>>,
    report: Option<(ReportKey, Arc<Vec<u32>>)>,
    eras: BTreeMap<usize, Arc<Era>>,
    /// Days of the log by their first second, the one asked for last at the end.
    days: VecDeque<(i64, Arc<DayOfLog>)>,
    /// Accounts of which the rows of a day are to be made again, by the day's first second.
    stale: BTreeMap<i64, BTreeSet<u32>>,
}

/// When the report was asked for, and after how many changes.
type ReportKey = (i64, u64);

impl Clone for Cache {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Cache {
    fn kept<T>(&self, read: impl FnOnce(&mut Kept) -> T) -> T {
        read(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets what a change of the tenant may have made wrong.
    pub(crate) fn forget(&self) {
        self.kept(|kept| *kept = Kept::default());
    }

    pub(crate) fn administrators(&self, version: usize) -> Option<Arc<BTreeSet<Uuid>>> {
        self.kept(|kept| kept.administrators.get(&version).cloned())
    }

    pub(crate) fn keep_administrators(&self, version: usize, holders: &Arc<BTreeSet<Uuid>>) {
        self.kept(|kept| kept.administrators.insert(version, Arc::clone(holders)));
    }

    pub(crate) fn report(&self, key: ReportKey) -> Option<Arc<Vec<u32>>> {
        self.kept(|kept| {
            let (at, listed) = kept.report.as_ref()?;
            (*at == key).then(|| Arc::clone(listed))
        })
    }

    pub(crate) fn keep_report(&self, key: ReportKey, listed: &Arc<Vec<u32>>) {
        self.kept(|kept| kept.report = Some((key, Arc::clone(listed))));
    }

    pub(crate) fn era(&self, version: usize) -> Option<Arc<Era>> {
        self.kept(|kept| kept.eras.get(&version).cloned())
    }

    pub(crate) fn keep_era(&self, version: usize, era: &Arc<Era>) {
        self.kept(|kept| kept.eras.insert(version, Arc::clone(era)));
    }

    pub(crate) fn day(&self, begins: i64) -> Option<Arc<DayOfLog>> {
        self.kept(|kept| {
            let place = kept.days.iter().position(|(day, _)| *day == begins)?;
            let found = kept.days.remove(place)?;
            let day = Arc::clone(&found.1);
            kept.days.push_back(found);
            Some(day)
        })
    }

    pub(crate) fn keep_day(&self, begins: i64, day: &Arc<DayOfLog>) {
        self.kept(|kept| {
            kept.days.retain(|(kept, _)| *kept != begins);
            let mut rows = day.len();
            let mut room = 0;
            for (_, day) in kept.days.iter().rev() {
                rows += day.len();
                if rows > MOST_ROWS {
                    break;
                }
                room += 1;
            }
            while kept.days.len() > room {
                kept.days.pop_front();
            }
            kept.days.push_back((begins, Arc::clone(day)));
        });
    }

    /// The rows of an account on a day, and after it, depend on what has just happened.
    pub(crate) fn mark_stale(&self, begins: i64, person: u32) {
        self.kept(|kept| {
            kept.days.retain(|(day, _)| *day <= begins);
            if kept.days.iter().any(|(day, _)| *day == begins) {
                kept.stale.entry(begins).or_default().insert(person);
            }
        });
    }

    pub(crate) fn take_stale(&self, begins: i64) -> Vec<u32> {
        self.kept(|kept| kept.stale.remove(&begins).into_iter().flatten().collect())
    }
}
