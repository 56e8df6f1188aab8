//! Where the rollout stands by the engine: gates as they are answered now, tasks with their state,
//! and what was decided.

use jiff::Timestamp;
use jiff::civil::Date;
use rollout::engine::{
    self, Criterion, Event, GateId, GateRecord, Issue, Progress, Schedule, Seen, Standing, State,
    TaskNow, Waiver,
};
use rollout::plan::{GateState, Plan};
use rollout::preflight::Stage;
use serde::Serialize;

use super::{TaskRow, day_of};
use crate::cli::waive::words_of;
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::words;

/// Document of `status` in a workspace that remembers. What `status` says elsewhere it says here too,
/// under the same names.
#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    schema: &'static str,
    generated_at: Timestamp,
    /// Day of the plan, from 1; 0 or less before it starts.
    pub(super) day: i64,
    date: Date,
    /// The first step whose gate is not passed; `null`: every gate is. No date moves it.
    step: Option<Stage>,
    /// One sentence why, then what to do.
    waiting_for: String,
    gates: Vec<GateRow<'a>>,
    due: Vec<TaskRow<'a>>,
    overdue: Vec<TaskRow<'a>>,
    /// Every task, with how it stands.
    tasks: Vec<TaskState<'a>>,
    /// The agreed dates; `null`: nobody agreed to any.
    schedule: Option<&'a Schedule>,
    /// The change set that was begun and not finished.
    under_way: Option<&'a Progress>,
    /// Waivers that hold today.
    waivers: Vec<&'a Waiver>,
    /// Issues that are open.
    issues: Vec<&'a Issue>,
}

#[derive(Debug, Serialize)]
struct GateRow<'a> {
    id: &'static str,
    step: Stage,
    date: Date,
    verdict: GateState,
    summary: &'a str,
    /// The thresholds.
    evidence: &'a [String],
    as_of: Timestamp,
    /// When it was asked with the data it rests on.
    asked_at: Timestamp,
    /// Since when it is passed.
    passed_at: Option<Timestamp>,
    /// The next step waits for it.
    holds: bool,
    criteria: &'a [Criterion],
}

#[derive(Debug, Serialize)]
struct TaskState<'a> {
    id: &'a str,
    state: &'static str,
    date: Date,
    title: &'a str,
    owner: &'a str,
    /// Who or what shows it, or why it is not done.
    why: Option<String>,
}

/// What is shown, with what it is taken from.
pub(super) struct View<'a> {
    /// As the engine has it after this look.
    pub(super) state: &'a State,
    pub(super) plan: &'a Plan,
    pub(super) tasks: &'a [TaskNow<'a>],
    pub(super) waiting_for: String,
    pub(super) today: Date,
    pub(super) now: Timestamp,
}

/// The state after a look at the tenant. Nothing is kept: `status` only looks.
pub(super) fn looked(state: &State, seen: &Seen<'_>, now: Timestamp) -> State {
    engine::step(state, &Event::Seen(seen), now).0
}

pub(super) fn document<'a>(view: &'a View<'a>) -> Document<'a> {
    let View { state, plan, tasks, today, .. } = *view;
    let open = |is_overdue: bool| {
        tasks
            .iter()
            .filter(move |it| match it.standing {
                Standing::Open { overdue, .. } => overdue == is_overdue,
                _ => false,
            })
            .map(|it| TaskRow { why: said_today(it), ..TaskRow::of(it.task) })
            .collect()
    };
    Document {
        schema: "lockstep.status/1",
        generated_at: view.now,
        day: day_of(plan, today),
        date: today,
        step: engine::step_now(state),
        waiting_for: view.waiting_for.clone(),
        gates: plan.gates.iter().filter_map(|gate| gate_row(state, gate)).collect(),
        due: open(false),
        overdue: open(true),
        tasks: tasks.iter().map(task_state).collect(),
        schedule: state.schedule.as_ref(),
        under_way: state.sets.values().find(|it| it.is_begun()),
        waivers: state.waivers_on(today).collect(),
        issues: state.issues.values().filter(|it| it.closed.is_none()).collect(),
    }
}

/// What is said of an open task today.
fn said_today<'a>(now: &'a TaskNow<'_>) -> Option<&'a str> {
    match &now.standing {
        Standing::Open { why, .. } => why.as_deref(),
        _ => None,
    }
}

fn gate_row<'a>(state: &'a State, plan: &'a rollout::plan::GatePlan) -> Option<GateRow<'a>> {
    let gate = GateId::of_word(plan.id)?;
    let GateRecord { verdict, why, criteria, asked_at, as_of, passed_at, .. } =
        state.gates.get(&gate)?;
    Some(GateRow {
        id: gate.word(),
        step: plan.step,
        date: plan.date,
        verdict: *verdict,
        summary: why,
        evidence: &plan.thresholds,
        as_of: *as_of,
        asked_at: *asked_at,
        passed_at: *passed_at,
        holds: gate.holds(),
        criteria,
    })
}

fn task_state<'a>(now: &'a TaskNow<'_>) -> TaskState<'a> {
    let (state, why) = match &now.standing {
        Standing::NotYet { gate: Some(gate) } => {
            ("not-yet", Some(format!("gate {} is not passed", gate.word())))
        }
        Standing::NotYet { gate: None } => ("not-yet", None),
        Standing::Open { overdue: true, why } => ("overdue", why.clone()),
        Standing::Open { overdue: false, why } => ("open", why.clone()),
        Standing::Shown { why } => ("shown", Some(why.clone())),
        Standing::CarriedOut { set, at } => {
            ("carried-out", Some(format!("change set {set}, {}", words::moment(*at))))
        }
        Standing::Attested { by, at } => {
            ("attested", Some(format!("{by}, {}", words::moment(*at))))
        }
    };
    let task = now.task;
    TaskState { id: &task.id, state, date: task.date, title: &task.title, owner: &task.owner, why }
}

pub(super) fn page(document: &Document<'_>, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    let step = match document.step {
        Some(_) if document.day < 1 => "not started",
        Some(step) => words::stage(step),
        None => "every gate is passed",
    };
    page.heading(&format!("Day {}, {}: {step}", document.day, words::date(document.date)));
    page.line(&document.waiting_for);
    gates(&mut page, document);
    for (heading, tasks) in
        [("Their day is over", &document.overdue), ("To do today", &document.due)]
    {
        if !tasks.is_empty() {
            page.heading(&format!("{heading} ({})", tasks.len()));
            page.table(
                &["task", "date", "what", "owner"],
                tasks.iter().map(TaskRow::row).collect(),
            );
        }
    }
    let done = document.tasks.iter().filter(|it| is_done(it.state)).count();
    page.line(&format!("{done} of {} tasks are done.", document.tasks.len()));
    decided(&mut page, document);
    page
}

fn is_done(state: &str) -> bool {
    matches!(state, "shown" | "carried-out" | "attested")
}

fn gates(page: &mut Page, document: &Document<'_>) {
    page.heading("Gates");
    let rows = document.gates.iter().map(|gate| {
        vec![
            (gate.id.to_owned(), Tone::Plain),
            (words::stage(gate.step).to_owned(), Tone::Plain),
            (words::short_date(gate.date), Tone::Plain),
            (words::gate(gate.verdict).to_owned(), super::tone(gate.verdict)),
            (gate.summary.to_owned(), Tone::Plain),
        ]
    });
    page.table(&["gate", "step", "date", "verdict", "why"], rows.collect());
    // Those whose date has come, and the one that holds the step of today.
    let of_step = |it: &&GateRow<'_>| it.holds && document.step == Some(it.step) && is_closed(it);
    let holds = document.gates.iter().find(of_step).map(|it| it.id);
    for gate in document.gates.iter().filter(|it| is_closed(it)) {
        if gate.date <= document.date || holds == Some(gate.id) {
            asks_for(page, gate);
        }
    }
}

const fn is_closed(gate: &GateRow<'_>) -> bool {
    !matches!(gate.verdict, GateState::Passed)
}

/// What holds a gate, thing by thing, and what helps.
fn asks_for(page: &mut Page, gate: &GateRow<'_>) {
    let holding: Vec<&Criterion> = gate.criteria.iter().filter(|it| !it.opens()).collect();
    if holding.is_empty() {
        return;
    }
    let of = gate.criteria.len();
    page.heading(&format!("What gate {} asks for ({} of {of} open)", gate.id, holding.len()));
    let rows = holding.iter().map(|it| {
        let helps = it.missing.first().map_or_else(String::new, |it| format!(" What helps: {it}"));
        vec![
            (it.id.clone(), Tone::Plain),
            (words::criterion(it.verdict).to_owned(), super::tone(it.verdict)),
            (format!("{}{helps}", it.why), Tone::Plain),
        ]
    });
    page.table(&["asks for", "verdict", "why"], rows.collect());
}

fn decided(page: &mut Page, document: &Document<'_>) {
    if let Some(progress) = document.under_way {
        page.heading(&format!("Begun and not finished: {}", progress.title));
        page.line(&format!("{} of {} changes are done.", progress.done.len(), progress.changes));
    }
    if !document.waivers.is_empty() {
        page.heading("Waived");
        for waiver in &document.waivers {
            page.item(&format!(
                "{}: {} until {}, by {}: {}",
                waiver.id,
                words_of(&waiver.what),
                words::date(waiver.until),
                waiver.by,
                waiver.reason
            ));
        }
    }
    if !document.issues.is_empty() {
        page.heading("Open issues");
        for issue in &document.issues {
            let blocking = if issue.blocking { " (blocking)" } else { "" };
            page.item(&format!("{}{blocking}: {}", issue.id, issue.text));
        }
    }
}
