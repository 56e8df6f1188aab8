//! `lockstep status`

mod engine;

use clap::Args;
use jiff::civil::Date;
use jiff::{Timestamp, Unit};
use rollout::engine::{GateId, State};
use rollout::plan::{GatePlan, GateState, Plan, Task};
use rollout::preflight::Stage;
use serde::Serialize;
use store::Store;

use crate::arguments::ExportsOption;
use crate::cli::{plan, read, read_figures};
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::{remembered, see, state_of};
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};
use crate::workspace::Place;
use crate::{deciding, words};

/// Where the rollout stands: day, step, every gate, and what it waits for
///
/// In a workspace every gate is asked now, and what was attested, waived and carried out counts.
/// Nothing is written. Exits 3 when a gate whose date has come is not passed. A gate that cannot be
/// decided from what was read is not passed.
#[derive(Debug, Default, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    exports: ExportsOption,
    /// First day, as YYYY-MM-DD, where neither settings nor a plan tell
    #[arg(long, value_name = "DATE")]
    start: Option<Date>,
}

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    generated_at: Timestamp,
    /// Day of the plan, from 1; 0 or less before it starts.
    day: i64,
    date: Date,
    /// `null` before the first and after the last day.
    step: Option<Stage>,
    waiting_for: String,
    gates: Vec<GateRow<'a>>,
    due: Vec<TaskRow<'a>>,
    overdue: Vec<TaskRow<'a>>,
}

#[derive(Debug, Serialize)]
struct GateRow<'a> {
    id: &'a str,
    step: Stage,
    date: Date,
    verdict: GateState,
    summary: &'a str,
    evidence: &'a [String],
    as_of: Timestamp,
}

#[derive(Debug, Serialize)]
struct TaskRow<'a> {
    id: &'a str,
    date: Date,
    title: &'a str,
    owner: &'a str,
    evidence: &'a str,
    /// What is said of it today, such as what is missing to call it done.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

impl<'a> TaskRow<'a> {
    fn of(task: &'a Task) -> Self {
        Self {
            id: &task.id,
            date: task.date,
            title: &task.title,
            owner: &task.owner,
            evidence: &task.evidence,
            why: None,
        }
    }

    fn row(&self) -> Vec<(String, Tone)> {
        vec![
            (self.id.to_owned(), Tone::Plain),
            (words::short_date(self.date), Tone::Plain),
            (with_why(self.title, self.why), Tone::Plain),
            (self.owner.to_owned(), Tone::Plain),
        ]
    }
}

/// What to do, and what is said of it today.
pub(super) fn with_why(title: &str, why: Option<&str>) -> String {
    why.map_or_else(|| title.to_owned(), |why| format!("{title}. Today: {why}"))
}

impl Status {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::find(settings, self.exports.exports.as_deref())?;
        if let Some(store) = remembered(&place)? {
            return remembering(&store, &place, settings);
        }
        let reading = read_figures(&place, settings)?;
        let out = plan::folder(&place, None);
        let start = plan::start(self.start, &place, &out, settings)?;
        let plan = plan::made(&reading, &place, start, settings)?;
        let today = deciding::today(&place.rollout, settings.now);
        let document = document(&plan, today, settings.now);
        let mut page = page(&document, settings);
        page.next(&place.command(if document.day < 1 { "plan" } else { "audit preflight" }));
        let closed = plan.gates.iter().any(|gate| holds(gate, today));
        let status = if closed { ExitStatus::GateClosed } else { status_of(&reading) };
        Outcome::new(settings, status, &document, || page)
    }
}

/// The same in a workspace that remembers what was decided and done.
fn remembering(store: &Store, place: &Place, settings: &Settings) -> Result<Outcome, CommandError> {
    let state = state_of(store)?;
    let reading = read(place, settings)?;
    see(&reading, place, &state, settings, |seen| {
        let now = settings.now;
        let today = deciding::today(&place.rollout, now);
        let looked = engine::looked(&state, seen, now);
        let tasks = rollout::engine::tasks(&looked, seen, now);
        let view = engine::View {
            state: &looked,
            plan: seen.plan,
            tasks: &tasks,
            waiting_for: rollout::engine::waiting(&looked, seen, now).to_string(),
            today,
            now,
        };
        let document = engine::document(&view);
        let is_closed = closed(&looked, seen.plan, today);
        let status = if is_closed { ExitStatus::GateClosed } else { status_of(&reading) };
        Outcome::new(settings, status, &document, || {
            let mut page = engine::page(&document, settings);
            page.next(&place.command("next"));
            page
        })
    })
}

/// Whether a gate is closed that the next step waits for and whose date has come.
pub(super) fn closed(state: &State, plan: &Plan, today: Date) -> bool {
    plan.gates.iter().filter(|gate| gate.date <= today).any(|gate| {
        GateId::of_word(gate.id)
            .is_none_or(|it| it.holds() && state.verdict(it) != GateState::Passed)
    })
}

/// Day of the plan, from 1; 0 or less before it starts.
pub(super) fn day_of(plan: &Plan, today: Date) -> i64 {
    let span = plan.start.until((Unit::Day, today));
    span.map_or(0, |span| i64::from(span.get_days())).saturating_add(1)
}

const fn tone(verdict: GateState) -> Tone {
    match verdict {
        GateState::Passed => Tone::Good,
        GateState::Failed | GateState::Error => Tone::Danger,
        GateState::Inconclusive => Tone::Caution,
        GateState::Pending | GateState::Running => Tone::Plain,
    }
}

/// True when a gate's date has come and it is not passed. Unknown is not passed.
fn holds(gate: &GatePlan, today: Date) -> bool {
    gate.date <= today && gate.today != GateState::Passed
}

fn document<'a>(plan: &'a Plan, today: Date, now: Timestamp) -> Document<'a> {
    let day = day_of(plan, today);
    let step = plan
        .steps
        .iter()
        .find(|step| step.first_date <= today && today <= step.last_date)
        .map(|step| step.id);
    Document {
        schema: "lockstep.status/1",
        generated_at: now,
        day,
        date: today,
        step,
        waiting_for: waiting_for(plan, today, day),
        gates: plan
            .gates
            .iter()
            .map(|gate| GateRow {
                id: gate.id,
                step: gate.step,
                date: gate.date,
                verdict: gate.today,
                summary: &gate.why,
                evidence: &gate.thresholds,
                as_of: plan.as_of,
            })
            .collect(),
        due: plan.tasks.iter().filter(|task| task.date == today).map(TaskRow::of).collect(),
        overdue: plan.tasks.iter().filter(|task| task.date < today).map(TaskRow::of).collect(),
    }
}

/// What the rollout waits for, in one sentence.
fn waiting_for(plan: &Plan, today: Date, day: i64) -> String {
    if let Some(gate) = plan.gates.iter().find(|gate| holds(gate, today)) {
        return format!("gate {} ({}): {}", gate.id, words::gate(gate.today), gate.why);
    }
    if day < 1 {
        return format!("the first day, {}", words::date(plan.start));
    }
    match plan.gates.iter().find(|gate| gate.date > today) {
        Some(gate) => {
            format!("gate {} on {}: {}", gate.id, words::date(gate.date), gate.question)
        }
        None => "nothing: every gate has passed".to_owned(),
    }
}

fn page(document: &Document<'_>, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    let step = match document.step {
        Some(step) => words::stage(step),
        None if document.day < 1 => "not started",
        None => "after the last day",
    };
    page.heading(&format!("Day {}, {}: {step}", document.day, words::date(document.date)));
    page.line(&format!("Waiting for {}", document.waiting_for));
    page.heading("Gates");
    let rows = document.gates.iter().map(|gate| {
        vec![
            (gate.id.to_owned(), Tone::Plain),
            (words::stage(gate.step).to_owned(), Tone::Plain),
            (words::short_date(gate.date), Tone::Plain),
            (words::gate(gate.verdict).to_owned(), tone(gate.verdict)),
            (gate.summary.to_owned(), Tone::Plain),
        ]
    });
    page.table(&["gate", "step", "date", "verdict", "why"], rows.collect());
    for (heading, tasks) in
        [("Date passed, not known to be done", &document.overdue), ("Due today", &document.due)]
    {
        if !tasks.is_empty() {
            page.heading(heading);
            let rows = tasks.iter().map(TaskRow::row);
            page.table(&["task", "date", "what", "owner"], rows.collect());
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

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
    fn from_its_date_on_only_a_passed_gate_opens() {
        let (before, on) = (date(2026, 11, 23), date(2026, 11, 24));
        for state in [
            GateState::Pending,
            GateState::Running,
            GateState::Failed,
            GateState::Inconclusive,
            GateState::Error,
        ] {
            assert!(!holds(&gate(state), before), "{state:?}");
            assert!(holds(&gate(state), on), "{state:?}");
        }
        assert!(!holds(&gate(GateState::Passed), on));
    }
}
