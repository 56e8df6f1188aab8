//! What guards must be told, because no snapshot holds it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rollout::change::ChangeSet;
use rollout::change::guard::{Approval, Circumstances, Operator};
use rollout::engine::{ExceptionPhase, Phase, Seen, State};

use super::GOOD_FOR;

/// As it stands now.
pub(super) fn of(state: &State, seen: &Seen<'_>, set: &ChangeSet, now: Timestamp) -> Circumstances {
    let rollout = seen.facts.rollout;
    let in_flight =
        state.sets.values().filter(|it| it.set != set.id && matches!(it.phase, Phase::Running));
    let approvals = state.exceptions.values().filter(|it| it.phase != ExceptionPhase::Refused);
    Circumstances {
        operator: match rollout.source.sign_in.as_deref() {
            Some("device-code") | None => None,
            Some(_) => Some(Operator::Application { service_principal: None }),
        },
        today: TimeZone::get(&rollout.calendar.time_zone).ok().map(|it| now.to_zoned(it).date()),
        snapshot_taken: seen.snapshot_taken,
        snapshot_lasts: GOOD_FOR,
        rings_in_flight: Some(in_flight.map(|it| it.title.clone()).collect()),
        proven_break_glass: None,
        approvals: approvals
            .map(|it| Approval {
                subject: it.subject.clone(),
                approvers: it
                    .decisions
                    .iter()
                    .filter(|it| it.approves)
                    .map(|it| it.by.clone())
                    .collect(),
                decision: it.decisions.iter().find_map(|it| it.document.clone()),
            })
            .collect(),
    }
}
