//! `lockstep status`

use clap::Args;
use jiff::civil::Date;
use jiff::{Timestamp, Unit};
use rollout::plan::{GatePlan, GateState, Plan, Task};
use rollout::preflight::Stage;
use serde::Serialize;
use std::path::Path;

use crate::arguments::ExportsOption;
use crate::cli::{plan, read};
use crate::documents;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};
use crate::workspace::Place;
use crate::{deciding, words};

/// Where the rollout stands: day, step, every gate, and what it waits for
///
/// Exits 3 when a gate whose date has come is not passed. A gate that cannot be decided from the
/// files is not passed.
#[derive(Debug, Args)]
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
}

impl Status {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::find(&settings.folder, self.exports.exports.as_deref())?;
        let reading = read(&place, None, settings)?;
        let out = plan::folder(&place, Path::new(documents::FOLDER));
        let start = plan::start(self.start, &place, &out, settings)?;
        let plan = plan::made(&reading, &place, start, settings)?;
        let today = deciding::today(&place.rollout, settings.now);
        let document = document(&plan, today, settings.now);
        let mut page = page(&plan, &document, settings);
        page.next(&place.command(if document.day < 1 { "plan" } else { "audit preflight" }));
        let closed = plan.gates.iter().any(|gate| holds(gate, today));
        let status = if closed { ExitStatus::GateClosed } else { status_of(&reading) };
        Outcome::new(status, &document, page)
    }
}

/// True when a gate's date has come and it is not passed. Unknown is not passed.
fn holds(gate: &GatePlan, today: Date) -> bool {
    gate.date <= today && gate.today != GateState::Passed
}

fn document<'a>(plan: &'a Plan, today: Date, now: Timestamp) -> Document<'a> {
    let day = plan
        .start
        .until((Unit::Day, today))
        .map_or(0, |span| i64::from(span.get_days()))
        .saturating_add(1);
    let step = plan
        .steps
        .iter()
        .find(|step| step.first_date <= today && today <= step.last_date)
        .map(|step| step.id);
    let row = |task: &'a Task| TaskRow {
        id: &task.id,
        date: task.date,
        title: &task.title,
        owner: &task.owner,
        evidence: &task.evidence,
    };
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
        due: plan.tasks.iter().filter(|task| task.date == today).map(row).collect(),
        overdue: plan.tasks.iter().filter(|task| task.date < today).map(row).collect(),
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

fn page(plan: &Plan, document: &Document<'_>, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    let step = match document.step {
        Some(step) => words::stage(step),
        None if document.day < 1 => "not started",
        None => "after the last day",
    };
    page.heading(&format!("Day {}, {}: {step}", document.day, words::date(document.date)));
    page.line(&format!("Waiting for {}", document.waiting_for));
    page.heading("Gates");
    let rows = plan.gates.iter().map(|gate| {
        let tone = match gate.today {
            GateState::Passed => Tone::Good,
            GateState::Failed | GateState::Error => Tone::Danger,
            GateState::Inconclusive => Tone::Caution,
            GateState::Pending | GateState::Running => Tone::Plain,
        };
        vec![
            (gate.id.to_owned(), Tone::Plain),
            (words::stage(gate.step).to_owned(), Tone::Plain),
            (words::short_date(gate.date), Tone::Plain),
            (words::gate(gate.today).to_owned(), tone),
            (gate.why.clone(), Tone::Plain),
        ]
    });
    page.table(&["gate", "step", "date", "verdict", "why"], rows.collect());
    for (heading, tasks) in
        [("Date passed, not known to be done", &document.overdue), ("Due today", &document.due)]
    {
        if !tasks.is_empty() {
            page.heading(heading);
            let rows = tasks.iter().map(|task| {
                vec![
                    (task.id.to_owned(), Tone::Plain),
                    (words::short_date(task.date), Tone::Plain),
                    (task.title.to_owned(), Tone::Plain),
                    (task.owner.to_owned(), Tone::Plain),
                ]
            });
            page.table(&["task", "date", "what", "owner"], rows.collect());
        }
    }
    page
}
