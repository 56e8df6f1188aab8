//! `lockstep status`

use clap::Args;
use jiff::civil::Date;
use jiff::{Timestamp, Unit};
use rollout::plan::{GatePlan, GateState, Plan, Task};
use rollout::preflight::Stage;
use serde::Serialize;

use crate::arguments::ExportsOption;
use crate::cli::{plan, read};
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
    summary: String,
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
        let place = Place::find(settings, self.exports.exports.as_deref())?;
        let reading = read(&place, settings)?;
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

/// True when a gate's date has come and it is not passed. Unknown is not passed.
fn holds(gate: &GatePlan, today: Date) -> bool {
    gate.date <= today && gate.today != GateState::Passed
}

/// How a gate stands today, and why. The plan judges by its data; a gate whose date has come since
/// is no longer pending, it just cannot be judged by data from before that date.
fn standing(gate: &GatePlan, today: Date, as_of: Timestamp) -> (GateState, String) {
    if gate.today == GateState::Pending && gate.date <= today {
        let why = format!(
            "Its date has come, but the newest data is of {}. {}",
            words::moment(as_of),
            gate.why
        );
        return (GateState::Inconclusive, why);
    }
    (gate.today, gate.why.clone())
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
            .map(|gate| {
                let (verdict, summary) = standing(gate, today, plan.as_of);
                GateRow {
                    id: gate.id,
                    step: gate.step,
                    date: gate.date,
                    verdict,
                    summary,
                    evidence: &gate.thresholds,
                    as_of: plan.as_of,
                }
            })
            .collect(),
        due: plan.tasks.iter().filter(|task| task.date == today).map(row).collect(),
        overdue: plan.tasks.iter().filter(|task| task.date < today).map(row).collect(),
    }
}

/// What the rollout waits for, in one sentence.
fn waiting_for(plan: &Plan, today: Date, day: i64) -> String {
    if let Some(gate) = plan.gates.iter().find(|gate| holds(gate, today)) {
        let (verdict, why) = standing(gate, today, plan.as_of);
        return format!("gate {} ({}): {why}", gate.id, words::gate(verdict));
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
        let tone = match gate.verdict {
            GateState::Passed => Tone::Good,
            GateState::Failed | GateState::Error => Tone::Danger,
            GateState::Inconclusive => Tone::Caution,
            GateState::Pending | GateState::Running => Tone::Plain,
        };
        vec![
            (gate.id.to_owned(), Tone::Plain),
            (words::stage(gate.step).to_owned(), Tone::Plain),
            (words::short_date(gate.date), Tone::Plain),
            (words::gate(gate.verdict).to_owned(), tone),
            (gate.summary.clone(), Tone::Plain),
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

    #[test]
    fn a_gate_is_not_pending_after_its_date() {
        let as_of = "2026-11-20T02:10:00Z".parse().unwrap();
        let before = standing(&gate(GateState::Pending), date(2026, 11, 23), as_of);
        assert_eq!(before, (GateState::Pending, "Two are open.".to_owned()));
        let (state, why) = standing(&gate(GateState::Pending), date(2026, 11, 24), as_of);
        assert_eq!(state, GateState::Inconclusive);
        let said =
            "Its date has come, but the newest data is of 20 Nov 2026 02:10 UTC. Two are open.";
        assert_eq!(why, said);
        let (state, _) = standing(&gate(GateState::Failed), date(2026, 11, 24), as_of);
        assert_eq!(state, GateState::Failed, "what was measured stays");
    }
}
