//! What the rollout waits for: one sentence why, then what to do.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::gates::{Question, more_open, still_to_show, waits_for};
use super::tasks::{TaskNow, tasks};
use super::tenant::{self, under_way};
use super::{DueSet, ExceptionPhase, GateId, NotDue, Phase, Seen, State, due_sets};
use crate::plan::GateState;
use crate::plan::calendar::long_date;
use crate::preflight::Stage;

/// What the rollout waits for. As text: one sentence why, then what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// A change set is under way, or its program was killed.
    UnderWay {
        /// Its heading.
        title: String,
        /// Id of the set.
        set: String,
        /// Changes carried out.
        done: usize,
        /// Changes in all.
        of: usize,
    },
    /// A change set stopped on the way.
    Stopped {
        /// Its heading.
        title: String,
        /// Id of the set.
        set: String,
        /// Why.
        why: String,
        /// People have less protection than before until it is finished or taken back.
        gap_open: bool,
    },
    /// The stop rule is hit.
    StopRule {
        /// By what.
        why: String,
    },
    /// Nobody agreed to the dates.
    Dates {
        /// First day of the plan.
        start: Date,
        /// The day of enforcement that follows.
        enforce: Date,
    },
    /// The snapshot is too old to decide anything.
    Snapshot {
        /// How it stands.
        why: String,
    },
    /// An exception is over.
    Exception {
        /// Its id.
        id: String,
        /// Whose.
        subject: String,
        /// When it ended.
        ended: Date,
    },
    /// A change set is due.
    ChangeSet {
        /// Its heading.
        title: String,
        /// Of the plan.
        of_plan: String,
    },
    /// Everybody waits for what the second ring has to show.
    Ring {
        /// The set that waits.
        title: String,
        /// What holds it.
        verdict: GateState,
        /// Why.
        why: String,
        /// What would decide it.
        missing: Vec<String>,
        /// How many more things hold it.
        others: usize,
    },
    /// A gate is closed, and this is what holds it.
    Gate {
        /// The gate.
        gate: GateId,
        /// How it stands.
        verdict: GateState,
        /// Why.
        why: String,
        /// What would decide it or open it.
        missing: Vec<String>,
        /// How many of its criteria hold it.
        holding: usize,
    },
    /// Somebody has a task.
    Task {
        /// Its id.
        id: String,
        /// What.
        title: String,
        /// Who.
        owner: String,
        /// Its day is over.
        overdue: bool,
        /// How many more tasks are open.
        others: usize,
    },
    /// A day.
    Day {
        /// Which.
        date: Date,
        /// What begins then.
        what: String,
    },
    /// Nothing: the rollout is over.
    Nothing,
}

/// The step of today: the first one whose last gate is not passed. No date moves it. `None`: every
/// gate is passed.
#[must_use]
pub fn step_now(state: &State) -> Option<Stage> {
    let last = [
        (Stage::Prepare, GateId::G1),
        (Stage::Register, GateId::G4),
        (Stage::Pilot, GateId::G6),
        (Stage::Enforce, GateId::G7),
        (Stage::Validate, GateId::G8),
    ];
    last.into_iter().find(|(_, gate)| state.verdict(*gate) != GateState::Passed).map(|(it, _)| it)
}

/// What the rollout waits for now. What is dangerous comes first, then what lockstep can do, then
/// what people can do, then the calendar.
#[must_use]
pub fn waiting(state: &State, seen: &Seen<'_>, now: Timestamp) -> Waiting {
    let question = Question::new(state, seen, now);
    if let Some(waiting) = broken_off(state) {
        return waiting;
    }
    if let Some(waiting) = stop_rule(state, seen) {
        return waiting;
    }
    let Some(agreed) = &state.schedule else {
        let step = seen.plan.steps.iter().find(|it| it.id == Stage::Enforce);
        return Waiting::Dates {
            start: seen.plan.start,
            enforce: step.map_or(seen.plan.end, |it| it.first_date),
        };
    };
    if let Some(waiting) = snapshot(state).or_else(|| exception_over(state, question.today)) {
        return waiting;
    }
    let due = due_sets(state, seen, "waiting", now);
    if let Some(set) = due.iter().find(|it| it.draft.is_ok()) {
        return Waiting::ChangeSet { title: set.title.clone(), of_plan: set.of_plan.clone() };
    }
    if let Some(waiting) = second_ring(state, seen, &due, now) {
        return waiting;
    }
    let open: Vec<_> =
        tasks(state, seen, now).into_iter().filter(|it| it.standing.is_open()).collect();
    let step = step_now(state);
    if let Some(first) = most_pressing(state, step, &open) {
        let overdue = is_overdue(first);
        if overdue || step.is_none() || first.task.date == question.today {
            return Waiting::Task {
                id: first.task.id.clone(),
                title: first.task.title.clone(),
                owner: first.task.owner.clone(),
                overdue,
                others: open.len().saturating_sub(1),
            };
        }
    }
    let Some(step) = step else { return Waiting::Nothing };
    if question.today < agreed.start {
        return Waiting::Day { date: agreed.start, what: "Prepare".to_owned() };
    }
    closed_gate(state, step, &due).unwrap_or_else(|| next_day(&due, step, question.today))
}

fn is_overdue(task: &TaskNow<'_>) -> bool {
    matches!(task.standing, super::Standing::Open { overdue: true, .. })
}

/// Of the tasks whose day is over, first those that the next closed gate waits for or that tell people
/// what comes; else the first of all.
fn most_pressing<'o, 'p>(
    state: &State,
    step: Option<Stage>,
    open: &'o [TaskNow<'p>],
) -> Option<&'o TaskNow<'p>> {
    let mut of_step = GateId::ALL.into_iter().filter(|it| it.holds() && Some(it.step()) == step);
    let gate =
        of_step.find_map(|it| state.gates.get(&it).filter(|it| it.verdict != GateState::Passed));
    let presses = |it: &TaskNow<'_>| {
        let tells = it.task.document.as_deref().is_some_and(|it| TELLS.contains(&it));
        tells || gate.is_some_and(|gate| waits_for(gate, &it.task.id))
    };
    let overdue = open.iter().filter(|it| is_overdue(it));
    overdue.min_by_key(|it| !presses(it)).or_else(|| open.first())
}

/// Documents of the plan that go to people before a policy does.
const TELLS: [&str; 3] = ["announcement", "reminder", "personal-note"];

fn broken_off(state: &State) -> Option<Waiting> {
    let set = under_way(state)?;
    let (title, id) = (set.title.clone(), set.set.clone());
    Some(match &set.phase {
        Phase::Stopped { why, .. } => Waiting::Stopped {
            title,
            set: id,
            why: why.clone(),
            gap_open: set.gap.is_some_and(|gap| gap.closed.is_none()),
        },
        _ => Waiting::UnderWay { title, set: id, done: set.done.len(), of: set.changes },
    })
}

/// The stop rule is hit while the second ring or everybody is asked: that comes before anything else.
fn stop_rule(state: &State, seen: &Seen<'_>) -> Option<Waiting> {
    let watched = if tenant::switched(state, seen).is_yes() {
        "G7.watch"
    } else if tenant::second_ring(state, seen).is_yes() {
        "G7.ring"
    } else {
        return None;
    };
    let gate = state.gates.get(&GateId::G7)?;
    let hit = gate
        .criteria
        .iter()
        .find(|it| it.id == watched && it.verdict == GateState::Failed && !it.opens())?;
    Some(Waiting::StopRule { why: hit.why.clone() })
}

/// The day of the last ring has come, and the second has not shown enough.
fn second_ring(state: &State, seen: &Seen<'_>, due: &[DueSet], now: Timestamp) -> Option<Waiting> {
    let last = due.iter().find(|it| {
        it.of_plan == tenant::LAST_RING && matches!(it.draft, Err(NotDue::First { .. }))
    })?;
    if !tenant::second_ring(state, seen).is_yes() {
        return None;
    }
    let open = still_to_show(state, seen, now);
    let first = open.first()?;
    Some(Waiting::Ring {
        title: last.title.clone(),
        verdict: first.verdict,
        why: first.why.clone(),
        missing: first.missing.clone(),
        others: open.len().saturating_sub(1),
    })
}

fn snapshot(state: &State) -> Option<Waiting> {
    let old = state
        .gates
        .values()
        .flat_map(|it| &it.criteria)
        .find(|it| it.id.ends_with(".snapshot") && it.verdict == GateState::Failed)?;
    Some(Waiting::Snapshot { why: old.why.clone() })
}

fn exception_over(state: &State, today: Date) -> Option<Waiting> {
    let over = state
        .exceptions
        .values()
        .find(|it| matches!(it.phase, ExceptionPhase::Applied { .. }) && it.expires < today)?;
    Some(Waiting::Exception {
        id: over.id.clone(),
        subject: over.subject.label().to_owned(),
        ended: over.expires,
    })
}

/// The first gate of the step that holds it, unless it only waits for its time.
fn closed_gate(state: &State, step: Stage, due: &[DueSet]) -> Option<Waiting> {
    let of_step = GateId::ALL.into_iter().filter(|it| it.step() == step && it.holds());
    let asked_by_due = due.iter().filter_map(|it| match &it.draft {
        Err(NotDue::Gate { gate, .. }) => Some(*gate),
        _ => None,
    });
    let gate = asked_by_due
        .chain(of_step)
        .find_map(|gate| state.gates.get(&gate).filter(|it| it.verdict != GateState::Passed))?;
    if gate.verdict == GateState::Pending {
        return None;
    }
    let holding: Vec<_> = gate.criteria.iter().filter(|it| !it.opens()).collect();
    let first = holding.iter().find(|it| it.verdict == gate.verdict);
    Some(Waiting::Gate {
        gate: gate.gate,
        verdict: gate.verdict,
        why: first.map_or_else(|| gate.why.clone(), |it| it.why.clone()),
        missing: first.map(|it| it.missing.clone()).unwrap_or_default(),
        holding: holding.len(),
    })
}

/// The next date on which something is due.
fn next_day(due: &[DueSet], step: Stage, today: Date) -> Waiting {
    let next = due.iter().filter(|it| it.date > today).min_by_key(|it| it.date);
    match next {
        Some(set) => Waiting::Day { date: set.date, what: set.title.clone() },
        None => Waiting::Day { date: today, what: format!("the end of {}", name(step)) },
    }
}

const fn name(step: Stage) -> &'static str {
    match step {
        Stage::Prepare => "Prepare",
        Stage::Register => "Register",
        Stage::Pilot => "Pilot",
        Stage::Enforce => "Enforce",
        Stage::Validate => "Validate",
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnderWay { title, done, of, .. } => write!(
                out,
                "`{title}` was begun and is at {done} of {of} changes. Go on with `lockstep apply`; \
                 nothing is done twice."
            ),
            Self::Stopped { title, why, gap_open, .. } => {
                let gap = if *gap_open {
                    " Until then people have less protection than before."
                } else {
                    ""
                };
                write!(
                    out,
                    "`{title}` stopped on the way: {}. Go on with `lockstep apply`, or take it back \
                     with `lockstep rollback`.{gap}",
                    bare(why)
                )
            }
            Self::StopRule { why } => write!(
                out,
                "The stop rule is hit: {}. Help those people, or take the switch back with \
                 `lockstep rollback`.",
                bare(why)
            ),
            Self::Dates { start, enforce } => write!(
                out,
                "Nobody has agreed to the dates yet. Agree with the manager on {} for MFA for \
                 everybody, and record it: `lockstep schedule --start {start}`.",
                long_date(*enforce)
            ),
            Self::Snapshot { why } => {
                write!(out, "{}. Read it again: `lockstep snapshot`.", bare(why))
            }
            Self::Exception { id, subject, ended } => write!(
                out,
                "The exception {id} for {subject} ended on {}, and {subject} is still left out. End \
                 it: `lockstep exception end {id}`.",
                long_date(*ended)
            ),
            Self::ChangeSet { title, .. } => write!(
                out,
                "`{title}` is due. `lockstep next` shows it, and what stands against it."
            ),
            Self::Gate { gate, verdict, why, missing, holding } => {
                closed(out, *gate, *verdict, (why, missing), *holding)
            }
            Self::Ring { title, verdict, why, missing, others } => {
                let beside = more_open(*others, " there");
                let act = to_do(missing, *verdict);
                write!(out, "`{title}` waits for ring 2: {}. {act}{beside}", bare(why))
            }
            Self::Task { id, title, owner, overdue, others } => {
                open(out, (id, title, owner), *overdue, *others)
            }
            Self::Day { date, what } => write!(
                out,
                "Nothing is due before {}, when {what} begins. Read the tenant again by then: \
                 `lockstep snapshot`.",
                long_date(*date)
            ),
            Self::Nothing => out
                .write_str("Nothing: every gate is passed. Keep the report: `lockstep validate`."),
        }
    }
}

fn closed(
    out: &mut fmt::Formatter<'_>,
    gate: GateId,
    verdict: GateState,
    (why, missing): (&str, &[String]),
    holding: usize,
) -> fmt::Result {
    let word = gate.word();
    let beside = more_open(holding.saturating_sub(1), " there");
    let first = to_do(missing, verdict);
    write!(out, "Gate {word} is closed: {}. {first}{beside}", bare(why))
}

fn open(
    out: &mut fmt::Formatter<'_>,
    (id, title, owner): (&str, &str, &str),
    overdue: bool,
    others: usize,
) -> fmt::Result {
    let late = if overdue { " Its day is over." } else { "" };
    let more = match others {
        0 => String::new(),
        1 => " One more task is open.".to_owned(),
        some => format!(" {some} more tasks are open."),
    };
    write!(
        out,
        "{owner} has the task {id}: {title}.{late} When it is done: `lockstep attest {id} --by WHO \
         --note TEXT`.{more}"
    )
}

/// What would decide it, or what to do as it stands.
fn to_do(missing: &[String], verdict: GateState) -> String {
    let first = missing.first();
    first.map_or_else(|| default_act(verdict).to_owned(), |it| format!("What helps: {}.", bare(it)))
}

const fn default_act(verdict: GateState) -> &'static str {
    match verdict {
        GateState::Running => "It is being measured; read the tenant again tomorrow.",
        GateState::Failed => "Mend that, then read the tenant again: `lockstep snapshot`.",
        _ => "Read the tenant again: `lockstep snapshot`.",
    }
}

/// Without its full stop.
fn bare(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}
