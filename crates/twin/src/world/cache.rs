//! What is kept between questions: nothing that could not be made again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

/// Kept answers. A copy of a world begins with none.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    administrators: BTreeMap<usize, Arc<BTreeSet<Uuid>>>,
    report: Option<(ReportKey, Arc<Vec<u32>>)>,
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
}
