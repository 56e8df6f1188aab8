//! The gates: what each asks for, and how it is answered from what was seen.
//!
//! A criterion is *passed* only when data or a person's word shows it. *Failed*: data shows the
//! contrary. *Inconclusive*: it was looked at and cannot be said. *Error*: what it rests on could not
//! be read at all. *Running*: it is being measured. *Pending*: what it asks about has not begun. No
//! date opens anything, and the clock is used only to find that something is too old.

mod answer;
mod campaign;
mod findings;
mod pilot;
mod prepare;
mod proof;
mod register;
mod report_only;
mod ring;
mod told;
mod validate;
mod watch;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;

use self::answer::Answer;
pub(super) use self::answer::listed;
use self::pilot::BEFORE_THE_SWITCH;
pub(super) use self::proof::proven_break_glass;
pub(super) use self::ring::{canary_shown, still_to_show};
use super::carried::stands_for;
use super::days::Days;
use super::tenant;
use super::{Criterion, GateId, GateRecord, Seen, State};
use crate::change::digest;
use crate::plan::GateState;

/// What a gate asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// Stable id: the gate and a word.
    pub(super) id: &'static str,
    /// The gate.
    pub(super) gate: GateId,
    /// What must be true.
    pub(super) asks: &'static str,
    /// A person may waive it.
    pub(super) waivable: bool,
    /// Which rollouts it is asked in.
    rollouts: Rollouts,
    /// How it stands.
    answer: fn(&Question<'_>) -> Answer,
}

/// Which rollouts a criterion is asked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rollouts {
    /// All.
    All,
    /// Those that end with policies.
    WithPolicies,
    /// Those that end with security defaults, for want of a licence.
    WithoutPolicies,
    /// Those that go ring by ring, while the second ring is asked and not yet everybody.
    InSecondRing,
}

const fn asked(
    gate: GateId,
    id: &'static str,
    asks: &'static str,
    answer: fn(&Question<'_>) -> Answer,
) -> Asked {
    Asked { id, gate, asks, waivable: true, rollouts: Rollouts::All, answer }
}

/// One that nobody can waive.
const fn strict(
    gate: GateId,
    id: &'static str,
    asks: &'static str,
    answer: fn(&Question<'_>) -> Answer,
) -> Asked {
    Asked { waivable: false, ..asked(gate, id, asks, answer) }
}

/// The same, only where policies enforce MFA.
const fn with_policies(asked: Asked) -> Asked {
    Asked { rollouts: Rollouts::WithPolicies, ..asked }
}

/// The same, only where security defaults do.
const fn without_policies(asked: Asked) -> Asked {
    Asked { rollouts: Rollouts::WithoutPolicies, ..asked }
}

/// The same, only while the second ring is in flight.
const fn in_second_ring(asked: Asked) -> Asked {
    Asked { rollouts: Rollouts::InSecondRing, ..asked }
}

/// Every criterion of every gate, in order.
pub(super) fn criteria() -> impl Iterator<Item = &'static Asked> {
    [
        prepare::ASKS,
        campaign::ASKS,
        register::ASKS,
        report_only::ASKS,
        pilot::ASKS,
        ring::ASKS,
        watch::ASKS,
        validate::ASKS,
    ]
    .into_iter()
    .flatten()
}

/// Tasks by which people make a criterion pass.
const TASKS: [(&str, &[&str]); 24] = [
    ("G1.break-glass", &["P-12", "P-27", "P-07"]),
    ("G1.sheets", &["P-09"]),
    ("G1.proven", &["P-13", "S-02"]),
    ("G1.findings", &["P-07"]),
    ("G1.legacy-owners", &["P-17"]),
    ("G1.legacy-coverage", &["P-16"]),
    ("G1.classified", &["P-30"]),
    ("G1.dormant", &["P-36"]),
    ("G1.message", &["P-18"]),
    ("G4.names", &["R-18"]),
    ("G5.interrupted", &["R-18"]),
    ("G5.findings", &["P-07"]),
    ("G6.break-glass", &["L-08", "P-13", "S-02"]),
    ("G6.lockout", &["L-15"]),
    ("G6.challenges", &["L-07"]),
    ("G6.desktop", &["L-03"]),
    ("G6.phone", &["L-04"]),
    ("G6.personal", &["L-05"]),
    ("G6.unenrolled", &["L-06"]),
    ("G6.methods", &["S-06"]),
    ("G6.findings", &["P-07"]),
    ("G6.told", &["R-01", "P-19", "L-16"]),
    ("G6.rollback", &["L-12"]),
    ("G7.calls", &["E-10", "S-10"]),
];

/// Whether a closed gate waits for a task.
pub(super) fn waits_for(gate: &GateRecord, task: &str) -> bool {
    let open = gate.criteria.iter().filter(|it| !it.opens());
    let mut named =
        open.flat_map(|it| TASKS.iter().filter(|(id, _)| *id == it.id).flat_map(|(_, all)| *all));
    named.any(|it| *it == task)
}

/// What is asked about.
pub(super) struct Question<'q> {
    pub(super) state: &'q State,
    pub(super) seen: &'q Seen<'q>,
    pub(super) now: Timestamp,
    /// The date where the people are.
    pub(super) today: Date,
}

impl<'q> Question<'q> {
    pub(super) fn new(state: &'q State, seen: &'q Seen<'q>, now: Timestamp) -> Self {
        let zone = &seen.facts.rollout.calendar.time_zone;
        Self { state, seen, now, today: Days::of(zone).date(now) }
    }

    fn asks(&self, rollouts: Rollouts) -> bool {
        match rollouts {
            Rollouts::All => true,
            Rollouts::WithPolicies => self.has_policies(),
            Rollouts::WithoutPolicies => !self.has_policies(),
            Rollouts::InSecondRing => ring::is_in_flight(self),
        }
    }

    /// The rollout ends with policies: where the plan knows that there is no licence for them, it
    /// ends with security defaults.
    pub(super) fn has_policies(&self) -> bool {
        tenant::has_policies(self.seen)
    }
}

/// Every gate, asked anew.
pub(super) fn ask_all(state: &State, seen: &Seen<'_>, now: Timestamp) -> Vec<GateRecord> {
    let question = Question::new(state, seen, now);
    GateId::ALL.into_iter().map(|gate| ask(&question, gate)).collect()
}

/// Every gate as it stands: what was settled before the switch as it was found then, the others asked
/// anew.
pub(super) fn as_they_stand(question: &Question<'_>) -> Vec<GateRecord> {
    let is_switched = tenant::switched(question.state, question.seen).is_yes();
    let of = |gate| {
        let before = question.state.gates.get(&gate);
        before.filter(|it| is_settled(it, is_switched)).cloned()
    };
    GateId::ALL.into_iter().map(|gate| of(gate).unwrap_or_else(|| ask(question, gate))).collect()
}

/// What was passed before the switch stays as it was found then, while the switch stands: the pilot's
/// rows grow old, and nothing waits for them any more.
pub(super) fn is_settled(before: &GateRecord, is_switched: bool) -> bool {
    is_switched && before.verdict == GateState::Passed && BEFORE_THE_SWITCH.contains(&before.gate)
}

fn ask(question: &Question<'_>, gate: GateId) -> GateRecord {
    let mut rests_on = Vec::new();
    let criteria: Vec<Criterion> = criteria()
        .filter(|asked| asked.gate == gate && question.asks(asked.rollouts))
        .map(|asked| {
            let (criterion, rests) = criterion(question, asked);
            rests_on.push(rests);
            criterion
        })
        .collect();
    let thresholds = serde_json::to_value(&question.seen.facts.rollout.thresholds);
    let evidence = digest(&json!([rests_on, thresholds.unwrap_or_default()]));
    let verdict = verdict(gate, &criteria);
    let before = question.state.gates.get(&gate);
    let since = before
        .filter(|it| it.verdict == GateState::Passed)
        .and_then(|it| it.passed_at)
        .unwrap_or(question.now);
    GateRecord {
        gate,
        verdict,
        why: why(verdict, &criteria),
        criteria,
        evidence,
        asked_at: question.now,
        as_of: question.seen.facts.as_of,
        passed_at: (verdict == GateState::Passed).then_some(since),
        time_zone: question.seen.facts.rollout.calendar.time_zone.clone(),
    }
}

/// A criterion, with what it rests on.
fn criterion(question: &Question<'_>, asked: &Asked) -> (Criterion, serde_json::Value) {
    let waived_by = waiver(question, asked);
    if let Some(settled) = ring::settled(question, asked) {
        return (settled, json!([asked.id, "settled"]));
    }
    let answer = (asked.answer)(question);
    let rests_on = json!([asked.id, answer.rests_on(), waived_by]);
    (answer.criterion(asked, waived_by), rests_on)
}

/// The waiver that stands for a criterion today, if it may be waived.
fn waiver(question: &Question<'_>, asked: &Asked) -> Option<String> {
    if !asked.waivable {
        return None;
    }
    let mut waivers = question.state.waivers_on(question.today);
    waivers.find(|it| stands_for(&it.what, asked.gate, asked.id)).map(|it| it.id.clone())
}

/// Passed only if every criterion opens; else the one that holds most firmly. A gate whose time has
/// not come is pending, whatever else is open; of G2 and G3, which hold nothing, the worst is told.
fn verdict(gate: GateId, criteria: &[Criterion]) -> GateState {
    const WORST: [GateState; 4] =
        [GateState::Failed, GateState::Error, GateState::Inconclusive, GateState::Running];
    if criteria.is_empty() {
        return GateState::Error;
    }
    let holds =
        |verdict: &GateState| criteria.iter().any(|it| !it.opens() && it.verdict == *verdict);
    let pending = Some(GateState::Pending).filter(holds);
    let worst = WORST.into_iter().find(holds);
    let found = if gate.holds() { pending.or(worst) } else { worst.or(pending) };
    found.unwrap_or(GateState::Passed)
}

/// The first reason of the verdict, and how many more there are. Of a passed gate, what of it a person
/// stated and what somebody waived.
fn why(verdict: GateState, criteria: &[Criterion]) -> String {
    if verdict == GateState::Passed {
        let stated: Vec<String> = criteria.iter().filter_map(stated).collect();
        let shown = if stated.is_empty() { "shown" } else { "shown or stated" };
        let by = match stated.as_slice() {
            [] => String::new(),
            some => format!("; stated by a person: {}", some.join(", ")),
        };
        return match criteria.iter().filter(|it| it.verdict != GateState::Passed).count() {
            0 => format!("Everything it asks for is {shown}{by}."),
            1 => format!("Everything it asks for is {shown}, or waived in 1 case{by}."),
            some => format!("Everything it asks for is {shown}, or waived in {some} cases{by}."),
        };
    }
    let holding: Vec<&Criterion> =
        criteria.iter().filter(|it| !it.opens() && it.verdict == verdict).collect();
    let others = criteria.iter().filter(|it| !it.opens()).count().saturating_sub(1);
    let first = holding.first().map_or("", |it| it.why.as_str());
    format!("{first}{}", more_open(others, ""))
}

/// A passed criterion that rests on somebody's word, and whose: `G6.lockout (Bea Brook)`.
fn stated(criterion: &Criterion) -> Option<String> {
    let name = |by: &String| by.split(',').next().unwrap_or_default().trim().to_owned();
    let names: Vec<String> = criterion.stated_by.iter().map(name).collect();
    (criterion.verdict == GateState::Passed && !names.is_empty())
        .then(|| format!("{} ({})", criterion.id, names.join(", ")))
}

/// ` One more thing is open.`, ` 6 more things are open.`, or nothing. `there`: where.
pub(super) fn more_open(others: usize, there: &str) -> String {
    match others {
        0 => String::new(),
        1 => format!(" One more thing is open{there}."),
        some => format!(" {some} more things are open{there}."),
    }
}
