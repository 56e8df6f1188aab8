//! Which change sets of the plan are due.

mod parts;

use jiff::Timestamp;
use jiff::civil::Date;

use self::parts::{PARTS, Part, View};
use super::carried::closed;
use super::gates::Question;
use super::{GateId, Phase, Seen, State, needs};
use crate::change::Draft;
use crate::change::draft::CannotDraft;
use crate::exceptions::sets_due;
use crate::plan::calendar::long_date;

/// A change set of the plan that is not done.
#[derive(Debug, Clone, PartialEq)]
pub struct DueSet {
    /// The change set of the plan, and which part: `CS-07`, `CS-07/bridge`, `EX-001`, `EX-001/end`.
    pub of_plan: String,
    /// A heading.
    pub title: String,
    /// The date of the plan.
    pub date: Date,
    /// Its changes, or why not now.
    pub draft: Result<Draft, NotDue>,
}

/// Why a change set is not due.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDue {
    /// Its day has not come.
    #[error("it is planned for {}", long_date(*date))]
    NotBefore {
        /// The day.
        date: Date,
    },
    /// A gate is closed.
    #[error("gate {} is not passed: {why}", gate.word())]
    Gate {
        /// The gate.
        gate: GateId,
        /// Why.
        why: String,
    },
    /// Something else comes first.
    #[error("{what}")]
    First {
        /// What, a sentence without its full stop.
        what: String,
    },
    /// It cannot be drafted.
    #[error("{0}")]
    CannotDraft(CannotDraft),
}

/// The change sets of the plan that are not done, in the order in which they are carried out. What
/// the tenant shows already is not among them, whoever did it. `marker` makes provisional ids
/// unique.
#[must_use]
pub fn due_sets(state: &State, seen: &Seen<'_>, marker: &str, now: Timestamp) -> Vec<DueSet> {
    let question = Question::new(state, seen, now);
    let view = View::new(&question, marker);
    let mut due: Vec<DueSet> = PARTS.iter().filter_map(|part| of_part(&view, part)).collect();
    due.extend(exceptions(&view));
    due
}

fn of_part(view: &View<'_>, part: &Part) -> Option<DueSet> {
    if !(part.applies)(view) || is_running(view, part.of_plan) {
        return None;
    }
    let drafted = match (part.draft)(view) {
        Err(CannotDraft::NothingToChange) => return None,
        other => other,
    };
    let date = (part.date)(view);
    let first = (part.first)(view);
    let draft = match drafted {
        _ if date > view.today => Err(NotDue::NotBefore { date }),
        Err(why) => Err(NotDue::CannotDraft(why)),
        Ok(draft) => match (gate(view, &draft), first) {
            (Some(closed), _) => Err(closed),
            (None, Some(what)) => Err(NotDue::First { what }),
            (None, None) => Ok(draft),
        },
    };
    Some(DueSet { of_plan: part.of_plan.to_owned(), title: part.title.to_owned(), date, draft })
}

/// The first gate that the changes need and that is closed.
fn gate(view: &View<'_>, draft: &Draft) -> Option<NotDue> {
    let gates = needs::of_changes(&draft.purpose, draft.edits.iter().map(|(edit, _)| edit));
    gates
        .into_iter()
        .find_map(|gate| closed(view.state, gate, view.today).map(|why| NotDue::Gate { gate, why }))
}

/// It is being carried out: neither due nor done.
fn is_running(view: &View<'_>, of_plan: &str) -> bool {
    view.state
        .sets
        .values()
        .any(|it| it.of_plan.as_deref() == Some(of_plan) && it.phase == Phase::Running)
}

/// Approved exceptions that are not in force, and those whose end has come.
fn exceptions(view: &View<'_>) -> Vec<DueSet> {
    let sets = sets_due(view.state, view.seen.facts, view.marker, view.today);
    sets.into_iter()
        .map(|(due, draft)| (due, due.of_plan(), draft))
        .filter(|(_, of_plan, draft)| {
            !matches!(draft, Err(CannotDraft::NothingToChange)) && !is_running(view, of_plan)
        })
        .map(|(due, of_plan, draft)| DueSet {
            of_plan,
            title: due.title(),
            date: due.date(),
            draft: draft.map_err(NotDue::CannotDraft),
        })
        .collect()
}
