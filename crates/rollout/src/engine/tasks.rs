//! How each task of the plan stands.

mod shown;

use jiff::Timestamp;

use self::shown::{View, not_shown, shown};
use super::gates::Question;
use super::{GateId, Phase, Seen, State};
use crate::change::draft::CannotDraft;
use crate::plan::{GateState, Task, TaskKind};
use crate::preflight::Stage;

/// A task of the plan as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskNow<'p> {
    /// The task.
    pub task: &'p Task,
    /// How it stands.
    pub standing: Standing,
    /// Rows of today it is about, where it is about others than the plan says.
    pub rows: Vec<String>,
}

/// How a task stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Its day or its step has not come.
    NotYet {
        /// The gate it waits for; `None`: its day.
        gate: Option<GateId>,
    },
    /// To be done.
    Open {
        /// Its day is over.
        overdue: bool,
        /// What is said of it today, such as why a person's word does not hold.
        why: Option<String>,
    },
    /// Data shows that it is done, whoever did it.
    Shown {
        /// What shows it.
        why: String,
    },
    /// A change set did it, and it was read back.
    CarriedOut {
        /// Id of the set.
        set: String,
        /// When.
        at: Timestamp,
    },
    /// A person states that it is done.
    Attested {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
}

impl Standing {
    /// It is done.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Shown { .. } | Self::CarriedOut { .. } | Self::Attested { .. })
    }

    /// Somebody has to do it now.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }
}

/// Every task of the plan, in the order of the plan.
#[must_use]
pub fn tasks<'p>(state: &State, seen: &Seen<'p>, now: Timestamp) -> Vec<TaskNow<'p>> {
    let question = Question::new(state, seen, now);
    let view = View::new(&question);
    seen.plan
        .tasks
        .iter()
        .map(|task| TaskNow { task, standing: standing(&view, task), rows: view.rows(task) })
        .collect()
}

fn standing(view: &View<'_>, task: &Task) -> Standing {
    if let Some(why) = shown(view, task) {
        return match carried_out(view.state, task) {
            Some((set, at)) => Standing::CarriedOut { set, at },
            None => Standing::Shown { why },
        };
    }
    let contradicted = view.contradicted(task);
    if let Some(it) = view.state.attestations.get(&task.id)
        && contradicted.is_none()
        && attestation_counts(view, task)
    {
        return Standing::Attested { by: it.by.clone(), at: it.at };
    }
    if task.date > view.today {
        return Standing::NotYet { gate: None };
    }
    match waits_for(view.state, task) {
        Some(gate) => Standing::NotYet { gate: Some(gate) },
        None => Standing::Open {
            overdue: task.date < view.today,
            why: contradicted.or_else(|| not_shown(view, task)),
        },
    }
}

/// What a change set does, a person's word does not replace where the tenant shows whether it is
/// done. Where no file tells, the word stands.
fn attestation_counts(view: &View<'_>, task: &Task) -> bool {
    task.kind != TaskKind::Change || !view.can_show(task)
}

/// The last set that carried out the change set of a task.
fn carried_out(state: &State, task: &Task) -> Option<(String, Timestamp)> {
    let wanted = task.change_set?;
    let is_of_task =
        |it: &str| it == wanted || it.strip_prefix(wanted).is_some_and(|it| it.starts_with('/'));
    let of_task = state.sets.values().filter(|it| it.of_plan.as_deref().is_some_and(is_of_task));
    of_task
        .filter_map(|it| match it.phase {
            Phase::Done { at } => Some((it.set.clone(), at)),
            _ => None,
        })
        .max_by_key(|(_, at)| *at)
}

/// The gate that closes the step before, if it holds this task back.
fn waits_for(state: &State, task: &Task) -> Option<GateId> {
    let gates: &[GateId] = match task.step {
        Stage::Prepare => &[],
        Stage::Register => &[GateId::G1],
        Stage::Pilot => &[GateId::G1, GateId::G4],
        Stage::Enforce => &[GateId::G1, GateId::G4, GateId::G5, GateId::G6],
        Stage::Validate => &[GateId::G1, GateId::G4, GateId::G5, GateId::G6],
    };
    gates.iter().copied().find(|gate| state.verdict(*gate) != GateState::Passed)
}

/// Whether a draft has nothing to change: the tenant is as the task wants it.
fn is_nothing<T>(draft: &Result<T, CannotDraft>) -> bool {
    matches!(draft, Err(CannotDraft::NothingToChange))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::engine::gates;

    /// A criterion that nothing asks for is never passed, and what waits for it never ends.
    #[test]
    fn every_criterion_that_is_named_is_asked_by_a_gate() {
        let asked: BTreeSet<&str> = gates::criteria().map(|it| it.id).collect();
        let mut named = BTreeSet::new();
        for source in [
            include_str!("tasks/shown.rs"),
            include_str!("waiting.rs"),
            include_str!("gates/mod.rs"),
            include_str!("gates/answer.rs"),
            include_str!("gates/ring.rs"),
        ] {
            named.extend(source.split('"').filter(|word| {
                let of_gate = word.strip_prefix('G').and_then(|it| it.split_once('.'));
                of_gate.is_some_and(|(gate, name)| {
                    gate.len() == 1 && name.chars().all(|it| it.is_ascii_lowercase() || it == '-')
                })
            }));
        }
        assert!(named.len() > 30, "{named:?}");
        let unknown: Vec<&&str> = named.difference(&asked).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
