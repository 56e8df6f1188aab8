//! What a file looks like from outside, and when that is enough to know what is in it.

use std::fs::Metadata;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How coarse the times of a file system may be (two seconds on FAT), and a second more.
const COARSE: SignedDuration = SignedDuration::from_secs(3);

/// Size and times of a file. A file that changes gets another one, unless it changes twice within
/// what its file system takes for one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stamp {
    /// Its size.
    pub(crate) bytes: u64,
    /// When its content changed last, in nanoseconds.
    modified: i64,
    /// When anything of it changed last, which no program can set, in nanoseconds. `None`: the
    /// system does not tell.
    changed: Option<i64>,
    /// Which file of which device it is. `None`: the system does not tell.
    place: Option<(u64, u64)>,
}

impl Stamp {
    /// The stamp of a file; `None` when it is not there or has times of no use.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        let modified = nanoseconds(metadata.modified().ok()?)?;
        let (changed, place) = inner(&metadata);
        Some(Self { bytes: metadata.len(), modified, changed, place })
    }

    /// True when a change from `now` on cannot leave the stamp as it is: its times lie clearly
    /// before. (Git calls an entry of its index that is not so racily clean.)
    pub(crate) fn is_settled(&self, now: Timestamp) -> bool {
        !self.is_within(COARSE, now)
    }

    /// True when the file changed less than so long before `now`, or after it.
    pub(crate) fn is_within(&self, length: SignedDuration, now: Timestamp) -> bool {
        let latest = self.changed.map_or(self.modified, |changed| changed.max(self.modified));
        i128::from(latest).saturating_add(length.as_nanos()) >= now.as_nanosecond()
    }
}

fn nanoseconds(time: SystemTime) -> Option<i64> {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).ok(),
        Err(before) => i64::try_from(before.duration().as_nanos()).ok().map(|before| -before),
    }
}

#[cfg(unix)]
fn inner(metadata: &Metadata) -> (Option<i64>, Option<(u64, u64)>) {
    use std::os::unix::fs::MetadataExt as _;
    let seconds = metadata.ctime().checked_mul(1_000_000_000);
    let changed = seconds.and_then(|seconds| seconds.checked_add(metadata.ctime_nsec()));
    (changed, Some((metadata.dev(), metadata.ino())))
}

#[cfg(not(unix))]
fn inner(_: &Metadata) -> (Option<i64>, Option<(u64, u64)>) {
    (None, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_settled_only_clearly_after_every_change() {
        let second = 1_000_000_000;
        let at = |modified, changed| Stamp { bytes: 1, modified, changed, place: None };
        let now = Timestamp::from_second(1_000).unwrap();
        let cases = [
            (at(996 * second, None), true),
            (at(997 * second, None), false),
            (at(1_000 * second, None), false),
            (at(i64::MAX, None), false),
            (at(i64::MIN, Some(996 * second)), true),
            (at(996 * second, Some(999 * second)), false),
            (at(999 * second, Some(996 * second)), false),
        ];
        for (stamp, settled) in cases {
            assert_eq!(stamp.is_settled(now), settled, "{stamp:?}");
        }
    }

    #[test]
    fn a_file_without_use_has_no_stamp() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Stamp::of(&folder.path().join("none")), None);
        let before = UNIX_EPOCH.checked_sub(std::time::Duration::from_nanos(5));
        assert_eq!(nanoseconds(before.unwrap()), Some(-5));
    }
}
