//! The tenant as it is seen now, with all that is worked out of it.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rollout::engine::{Seen, State, rows_wanted};
use rollout::{Facts, exceptions};

use super::{daily, failed, remembered};
use crate::cli::plan;
use crate::deciding;
use crate::error::CommandError;
use crate::reading::{self, Reading};
use crate::settings::Settings;
use crate::workspace::Place;

/// Works out of a reading all that the engine is told, and tells it to `then`.
pub(crate) fn see<R>(
    reading: &Reading,
    place: &Place,
    state: &State,
    settings: &Settings,
    then: impl FnOnce(&Seen<'_>) -> Result<R, CommandError>,
) -> Result<R, CommandError> {
    let start = match &state.schedule {
        Some(schedule) => schedule.start,
        None => plan::start(None, place, &plan::folder(place, None), settings)?,
    };
    see_from(start, reading, place, state, settings, then)
}

/// The same, with the first day as asked for.
pub(crate) fn see_from<R>(
    start: Date,
    reading: &Reading,
    place: &Place,
    state: &State,
    settings: &Settings,
    then: impl FnOnce(&Seen<'_>) -> Result<R, CommandError>,
) -> Result<R, CommandError> {
    let facts =
        Facts::new(&reading.snapshot, reading.measurement.as_ref(), &place.rollout, settings.now);
    let classification = exceptions::classify(&facts);
    let mut plan = deciding::plan_by(
        &facts,
        &classification,
        (start, state.schedule.as_ref().and_then(|it| it.security_defaults)),
        plan::made_from(reading, place, settings),
        place.templates()?,
        reading.unreadable_tenant(),
    )?;
    if let Some(store) = remembered(place)? {
        let known = &plan.registration.series;
        plan.registration.series =
            daily::curve(&store, known).map_err(|error| failed("read", error))?;
    }
    let snapshot_taken = reading.downloads.iter().map(|it| it.started).min();
    let snapshot_taken = snapshot_taken.map(|it| as_of_now(it, settings.now));
    let mut seen = Seen {
        facts: &facts,
        classification: &classification,
        plan: &plan,
        snapshot_taken,
        snapshot: &plan.made_from,
        unread: reading.unreadable_tenant(),
        sign_ins: None,
    };
    let ask = rows_wanted(state, &seen, settings.now);
    let keeps = place.keeps(settings);
    let sign_ins = reading::read_rows(&place.exports, reading, ask, keeps, settings.progress)?;
    seen.sign_ins = sign_ins.as_ref();
    then(&seen)
}

/// A download of this very run begins a moment after the clock was asked. It is of now; one that is
/// further ahead is not, and whoever looks at it says so.
fn as_of_now(taken: Timestamp, now: Timestamp) -> Timestamp {
    /// What a run may take from asking the clock to its first request.
    const A_MOMENT: SignedDuration = SignedDuration::from_mins(1);
    if taken.duration_since(now) <= A_MOMENT { taken.min(now) } else { taken }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_of_this_run_is_of_now_and_one_of_tomorrow_is_not() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = time("2026-11-23T09:00:00Z");
        let cases = [
            ("2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z"),
            ("2026-11-23T09:00:00.0004Z", "2026-11-23T09:00:00Z"),
            ("2026-11-23T09:02:00Z", "2026-11-23T09:02:00Z"),
        ];
        for (taken, told) in cases {
            assert_eq!(as_of_now(time(taken), now), time(told), "{taken}");
        }
    }
}
