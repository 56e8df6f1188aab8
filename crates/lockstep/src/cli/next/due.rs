//! What is due: tasks, and change sets bound to the tenant as it was read.

use jiff::Timestamp;
use jiff::civil::Date;
use rollout::change::guard::{self, GuardResult, Waivable};
use rollout::change::text::{ChangeText, set_text};
use rollout::change::{ChangeSet, Danger};
use rollout::engine::{
    self, Effect, Event, Phase, Progress, Seen, Standing, State, TaskNow, Waiting, Waived,
};
use rollout::preflight::Stage;
use serde::Serialize;

use crate::cli::status::{closed, day_of};
use crate::deciding;
use crate::effects::{self, Later};
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::{Operator, refusal, refused};
use crate::settings::Settings;
use crate::workspace::Place;

/// What is due now.
pub(super) struct Due<'p> {
    /// Where the people are.
    pub(super) today: Date,
    /// What the rollout waits for.
    pub(super) waiting: Waiting,
    /// Tasks that somebody has to do now.
    pub(super) tasks: Vec<TaskNow<'p>>,
    /// Change sets that may be confirmed, in their order.
    pub(super) sets: Vec<Shown>,
    /// Change sets that are not due yet, and why.
    pub(super) later: Vec<Later>,
    /// The one that was begun and not finished.
    pub(super) under_way: Option<Progress>,
    /// Whom to tell what.
    pub(super) told: Vec<(String, String)>,
    /// A gate is closed whose date has come.
    closed: bool,
    step: Option<Stage>,
}

/// A change set as it is shown.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) of_plan: String,
    pub(super) date: Date,
    pub(super) set: ChangeSet,
    pub(super) guards: Vec<GuardResult>,
    /// Guards that refuse and that nobody waived.
    pub(super) refusing: Vec<GuardResult>,
    /// Who gets in afterwards whatever happens, where the guards had to prove it.
    pub(super) gets_in: Option<String>,
}

/// Whether lockstep changed the live tenant after it was read.
pub(super) fn was_changed_since_read(state: &State, place: &Place) -> Result<bool, CommandError> {
    let failed = |error| {
        CommandError::wrong_input("cannot read what was downloaded of the tenant").because(error)
    };
    entra::graph::settle(&place.exports).map_err(failed)?;
    let Some(download) = entra::graph::last_download(&place.exports).map_err(failed)? else {
        // Nothing to read is told by whoever reads.
        return Ok(false);
    };
    let changed = state.sets.values().filter_map(|it| match it.phase {
        Phase::Done { at } | Phase::TakenBack { at, .. } => Some(at),
        Phase::Stopped { .. } => it.done.last().map(|it| it.at),
        _ => None,
    });
    Ok(changed.max().is_some_and(|at| at >= download.started))
}

impl<'p> Due<'p> {
    /// Asks the gates, binds each due set, and keeps what is shown.
    pub(super) fn find(
        operator: &mut Operator,
        seen: &Seen<'p>,
        place: &Place,
        settings: &Settings,
    ) -> Result<Self, CommandError> {
        let now = settings.now;
        let left = operator.step(&Event::Seen(seen), now)?;
        let told = left.into_iter().filter_map(|effect| match effect {
            Effect::Tell { to, what } => Some((to, what)),
            _ => None,
        });
        let told = told.collect();
        let today = deciding::today(&place.rollout, now);
        let under_way = under_way(&operator.state).cloned();
        let mut sets = Vec::new();
        let mut later = Vec::new();
        // Ids of new objects are the same as long as the tenant is.
        let marker = effects::marker(seen.snapshot);
        for due in engine::due_sets(&operator.state, seen, &marker, now) {
            match due.draft {
                // One after the other: what is under way comes first.
                Ok(draft) if under_way.is_none() => {
                    let set = bind(operator, draft, seen, &due.of_plan, now)?;
                    operator.keep_set(&set, now)?;
                    let of_plan = Some(due.of_plan.clone());
                    let left = operator.step(&Event::Proposed { set: &set, of_plan }, now)?;
                    if let Some(refusal) = refusal(&left) {
                        return Err(refused(refusal));
                    }
                    sets.push((due.of_plan, due.date, set));
                }
                Ok(_) => {}
                Err(why) => {
                    later.push(Later::of((due.of_plan, due.title, due.date), &why, today));
                }
            }
        }
        let state = &operator.state;
        let shown = sets.into_iter().map(|(of_plan, date, set)| {
            let acts_as = effects::application(&place.rollout);
            let circumstances = engine::circumstances(state, seen, &set, acts_as, now);
            let guards = guard::ask(&set, seen.facts, &circumstances);
            let refusing = guard::refusals(&guards, &waived(state, today));
            let refusing = refusing.into_iter().cloned().collect();
            let gets_in = effects::gets_in(&set, seen.facts);
            Shown { of_plan, date, set, guards, refusing, gets_in }
        });
        let sets = shown.collect();
        let tasks = engine::tasks(state, seen, now);
        Ok(Self {
            today,
            waiting: engine::waiting(state, seen, now),
            tasks: tasks.into_iter().filter(|it| it.standing.is_open()).collect(),
            sets,
            closed: closed(state, seen.plan, today) || later.iter().any(|it| it.held),
            later,
            under_way,
            told,
            step: engine::step_now(state),
        })
    }

    /// How the command ends.
    pub(super) fn status(&self) -> ExitStatus {
        if self.under_way.is_some() || !self.sets.is_empty() {
            ExitStatus::ChangesPending
        } else if self.closed {
            ExitStatus::GateClosed
        } else {
            ExitStatus::Done
        }
    }

    /// Why it waits and what to do, said to somebody who has the change set before their eyes.
    fn sentence(&self) -> String {
        match (&self.waiting, self.sets.first()) {
            (Waiting::ChangeSet { .. }, Some(first)) => {
                let title = &first.set.title;
                match first.refusing.len() {
                    0 => format!(
                        "`{title}` is due, and nothing stands against it. It is shown below; \
                         `lockstep {}` carries it out.",
                        carries_out(first)
                    ),
                    1 => {
                        format!("`{title}` is due, and 1 guard stands against it, as shown below.")
                    }
                    some => format!(
                        "`{title}` is due, and {some} guards stand against it, as shown below."
                    ),
                }
            }
            (waiting, _) => waiting.to_string(),
        }
    }

    pub(super) fn document<'d>(&'d self, seen: &'d Seen<'_>, settings: &Settings) -> Document<'d> {
        Document {
            schema: "lockstep.next/1",
            generated_at: settings.now,
            day: day_of(seen.plan, self.today),
            date: self.today,
            step: self.step,
            waiting_for: self.sentence(),
            tasks: self.tasks.iter().map(|it| task_row(it)).collect(),
            under_way: self.under_way.as_ref(),
            change_sets: self.sets.iter().map(set_row).collect(),
            later: &self.later,
            told: self.told.iter().map(|(to, what)| ToldRow { to, what }).collect(),
        }
    }
}

/// The set that was begun and not finished.
fn under_way(state: &State) -> Option<&Progress> {
    state.sets.values().find(|it| it.is_begun())
}

/// Guards that somebody waived, as of a day.
fn waived(state: &State, today: Date) -> Vec<Waivable> {
    let guards = state.waivers_on(today).filter_map(|it| match it.what {
        Waived::Guard(guard) => Some(guard),
        Waived::Gate(_) | Waived::Criterion(_) => None,
    });
    guards.collect()
}

/// A draft bound to what was read. The set that was shown before, if it would be the same but for the
/// time at which it was made.
fn bind(
    operator: &Operator,
    draft: rollout::change::Draft,
    seen: &Seen<'_>,
    of_plan: &str,
    now: Timestamp,
) -> Result<ChangeSet, CommandError> {
    let made = effects::bind(draft, seen.facts.snapshot, seen.snapshot, now);
    let made = effects::of_plan(made, of_plan, &operator.state, seen);
    let shown_before = operator
        .state
        .sets
        .values()
        .filter(|it| it.phase == Phase::Proposed && it.of_plan.as_deref() == Some(of_plan));
    for progress in shown_before {
        let before = operator.set(&progress.set)?;
        let same = ChangeSet {
            id: String::new(),
            made_at: before.made_at,
            expires: before.expires,
            ..made.clone()
        };
        if !before.is_expired(now) && same.content_digest() == before.id {
            return Ok(before);
        }
    }
    Ok(made)
}

/// Document of `next`.
#[derive(Debug, Serialize)]
pub(super) struct Document<'d> {
    schema: &'static str,
    generated_at: Timestamp,
    /// Day of the plan, from 1; 0 or less before it starts.
    pub(super) day: i64,
    pub(super) date: Date,
    /// The step whose gate is not passed; `null`: all are.
    pub(super) step: Option<Stage>,
    /// One sentence why, then what to do.
    pub(super) waiting_for: String,
    pub(super) tasks: Vec<TaskRow<'d>>,
    under_way: Option<&'d Progress>,
    change_sets: Vec<SetRow<'d>>,
    later: &'d [Later],
    told: Vec<ToldRow<'d>>,
}

/// A task that is due.
#[derive(Debug, Serialize)]
pub(super) struct TaskRow<'d> {
    pub(super) id: &'d str,
    pub(super) step: Stage,
    pub(super) day: u16,
    pub(super) date: Date,
    pub(super) title: &'d str,
    pub(super) owner: &'d str,
    pub(super) how: &'d str,
    pub(super) evidence: &'d str,
    pub(super) overdue: bool,
    /// What is said of it today, such as why a person's word does not hold.
    pub(super) why: Option<&'d str>,
    /// Who or what it is about.
    pub(super) rows: &'d [String],
    /// The message of the plan that goes with it.
    pub(super) document: Option<&'d str>,
}

fn task_row<'d>(now: &'d TaskNow<'_>) -> TaskRow<'d> {
    let task = now.task;
    let (overdue, why) = match &now.standing {
        Standing::Open { overdue, why } => (*overdue, why.as_deref()),
        _ => (false, None),
    };
    TaskRow {
        id: &task.id,
        step: task.step,
        day: task.day,
        date: task.date,
        title: &task.title,
        owner: &task.owner,
        how: &task.how,
        evidence: &task.evidence,
        overdue,
        why,
        rows: if now.rows.is_empty() { &task.subjects } else { &now.rows },
        document: task.document.as_deref(),
    }
}

#[derive(Debug, Serialize)]
struct SetRow<'d> {
    id: &'d str,
    of_plan: &'d str,
    title: &'d str,
    date: Date,
    danger: Danger,
    /// What people notice.
    effects: Vec<String>,
    changes: Vec<ChangeText>,
    guards: &'d [GuardResult],
    /// Who gets in afterwards whatever happens; `null`: nothing of it can bar anybody, or it is not
    /// proven.
    gets_in: Option<&'d str>,
    /// A guard refuses it as it stands, and nobody waived that.
    refused: bool,
    expires: Timestamp,
    command: String,
}

/// The verb that carries a set out: passwords are made, and printed, by one alone.
pub(super) fn carries_out(shown: &Shown) -> String {
    match shown.of_plan.as_str() {
        "CS-01" => "break-glass create".to_owned(),
        _ => format!("apply {}", effects::short(&shown.set.id)),
    }
}

fn set_row(shown: &Shown) -> SetRow<'_> {
    let text = set_text(&shown.set);
    SetRow {
        id: &shown.set.id,
        of_plan: &shown.of_plan,
        title: &shown.set.title,
        date: shown.date,
        danger: text.danger,
        effects: text.effects,
        changes: text.changes,
        guards: &shown.guards,
        gets_in: shown.gets_in.as_deref(),
        refused: !shown.refusing.is_empty(),
        expires: shown.set.expires,
        command: format!("lockstep {}", carries_out(shown)),
    }
}

#[derive(Debug, Serialize)]
struct ToldRow<'d> {
    to: &'d str,
    what: &'d str,
}
