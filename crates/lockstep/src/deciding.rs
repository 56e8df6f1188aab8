//! Facts to decisions, in the one order they depend on one another.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rollout::exceptions::{self, Classification};
use rollout::plan::{self, GatePlan, GateState, Plan};
use rollout::proof::{self, Proof};
use rollout::proposal::Proposal;
use rollout::{Facts, Rollout, gaps, impact, legacy, preflight, registration};

use crate::error::CommandError;
use crate::words;

/// The plan for a start date. `templates` replace the built-in messages, by their names. `unread`
/// are the records of the tenant that could not be read.
pub(crate) fn plan(
    facts: &Facts<'_>,
    start: Date,
    made_from: String,
    templates: BTreeMap<String, String>,
    unread: u64,
) -> Result<Plan, CommandError> {
    let classification = exceptions::classify(facts);
    let mut plan = plan_by(facts, &classification, (start, None), made_from, templates, unread)?;
    let (today, as_of) = (today(facts.rollout, facts.now), plan.as_of);
    for gate in &mut plan.gates {
        has_come(gate, today, as_of);
    }
    Ok(plan)
}

/// The plan judges a gate by its data. One whose date has come since is no longer pending: data from
/// before that date just cannot judge it.
fn has_come(gate: &mut GatePlan, today: Date, as_of: Timestamp) {
    if gate.today == GateState::Pending && gate.date <= today {
        gate.today = GateState::Inconclusive;
        gate.why = format!(
            "Its date has come, but the newest data is of {}. {}",
            words::moment(as_of),
            gate.why
        );
    }
}

/// The same where the accounts are classified already, and with the first day stands whether security
/// defaults were on when it was agreed.
pub(crate) fn plan_by(
    facts: &Facts<'_>,
    classification: &Classification,
    (start, agreed_defaults): (Date, Option<bool>),
    made_from: String,
    templates: BTreeMap<String, String>,
    unread: u64,
) -> Result<Plan, CommandError> {
    let legacy = legacy::audit(facts);
    let proposal = Proposal::all_users(facts);
    let input = plan::Input {
        facts,
        preflight: preflight::run(facts, classification, legacy.as_ref()),
        registration: registration::report(facts, classification),
        exceptions: exceptions::register(facts, classification),
        gaps: gaps::find(facts),
        lockout: impact::impact(facts, classification, &proposal),
        proof: Some(proof(facts, &proposal, unread)),
        caught: impact::caught(facts, classification, &proposal),
        classification,
        legacy,
        start,
        agreed_defaults,
        made_from,
        templates,
    };
    plan::make(input).map_err(|error| {
        CommandError::wrong_input(format!("cannot make a plan that starts on `{start}`"))
            .because(error)
    })
}

/// The lockout proof. It does not hold while a record of the tenant could not be read.
pub(crate) fn proof(facts: &Facts<'_>, proposal: &Proposal, unread: u64) -> Proof {
    let mut proof = proof::proof(facts, proposal);
    if unread > 0 {
        proof.holds = false;
        proof.shortfalls.push(format!(
            "{} could not be read: what it holds may bar anybody.",
            words::count(unread, "record of the tenant", "records of the tenant")
        ));
    }
    proof
}

/// Today where the people are. An unknown time zone falls back to UTC; settings are checked for
/// that when they are read.
pub(crate) fn today(rollout: &Rollout, now: Timestamp) -> Date {
    let zone = TimeZone::get(&rollout.calendar.time_zone).unwrap_or(TimeZone::UTC);
    now.to_zoned(zone).date()
}

/// The Monday after a date: the start nobody chose.
pub(crate) fn next_monday(today: Date) -> Date {
    let mut day = today;
    for _ in 0..7 {
        day = day.saturating_add(1.day());
        if day.weekday() == Weekday::Monday {
            break;
        }
    }
    day
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rollout::preflight::Stage;

    use super::*;

    fn gate(today: GateState) -> GatePlan {
        GatePlan {
            id: "G1",
            step: Stage::Prepare,
            date: date(2026, 11, 24),
            question: "Is everything prepared?".to_owned(),
            thresholds: Vec::new(),
            today,
            why: "Two are open.".to_owned(),
        }
    }

    #[test]
    fn a_gate_is_not_pending_after_its_date() {
        let as_of = "2026-11-20T02:10:00Z".parse().unwrap();
        let on = |state, today| {
            let mut gate = gate(state);
            has_come(&mut gate, today, as_of);
            (gate.today, gate.why)
        };
        let before = on(GateState::Pending, date(2026, 11, 23));
        assert_eq!(before, (GateState::Pending, "Two are open.".to_owned()));
        let (state, why) = on(GateState::Pending, date(2026, 11, 24));
        assert_eq!(state, GateState::Inconclusive);
        let said =
            "Its date has come, but the newest data is of 20 Nov 2026 02:10 UTC. Two are open.";
        assert_eq!(why, said);
        let (state, _) = on(GateState::Failed, date(2026, 11, 24));
        assert_eq!(state, GateState::Failed, "what was measured stays");
    }

    #[test]
    fn the_start_nobody_chose_is_a_monday_ahead() {
        assert_eq!(next_monday(date(2026, 11, 20)), date(2026, 11, 23));
        assert_eq!(next_monday(date(2026, 11, 22)), date(2026, 11, 23));
        assert_eq!(next_monday(date(2026, 11, 23)), date(2026, 11, 30));
    }
}
