//! Which change set a command is about.

use jiff::Timestamp;
use jiff::civil::Date;
use rollout::change::{ChangeSet, Purpose};
use rollout::engine::{NotDue, Phase, Progress, due_sets};
use serde::Serialize;

use super::{bind, of_plan};
use crate::deciding;
use crate::error::CommandError;
use crate::operator::{Operator, see};
use crate::reading::Reading;
use crate::settings::Settings;
use crate::workspace::Place;

/// A set, and where it stands.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// The set.
    pub(crate) set: ChangeSet,
    /// The change set of the plan it carries out.
    pub(crate) of_plan: Option<String>,
}

/// What is to be done about a set that is to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// The way back is made.
    Begins,
    /// The set is a way back that was begun.
    GoesOn,
}

/// The set to carry out: the one that is named, else the one that is under way, else the newest of
/// those that wait to be confirmed.
///
/// # Errors
/// When there is no such set, or another is under way.
pub(crate) fn to_apply(
    operator: &Operator,
    id: Option<&str>,
    now: Timestamp,
) -> Result<Option<Chosen>, CommandError> {
    let under_way = under_way(operator)?;
    if let Some(id) = id {
        let set = operator.set(id)?;
        if let Some(other) = under_way.filter(|it| it.set.id != set.id) {
            return Err(busy(&other.set));
        }
        return Ok(Some(with_plan(operator, set)));
    }
    if under_way.is_some() {
        return Ok(under_way);
    }
    let waiting = operator.state.sets.values().filter(|it| it.phase == Phase::Proposed);
    let mut newest: Option<(ChangeSet, Option<String>)> = None;
    for progress in waiting {
        let set = operator.set(&progress.set)?;
        // Of those that were shown together the plan says which comes first.
        let is_newer = newest.as_ref().is_none_or(|(it, of_plan)| {
            (set.made_at, std::cmp::Reverse(&progress.of_plan))
                > (it.made_at, std::cmp::Reverse(of_plan))
        });
        if !set.is_expired(now) && is_newer {
            newest = Some((set, progress.of_plan.clone()));
        }
    }
    Ok(newest.map(|(set, of_plan)| Chosen { set, of_plan }))
}

/// A change set of the plan that is not due yet.
#[derive(Debug, Serialize)]
pub(crate) struct Later {
    /// Its number in the plan, `CS-07`.
    pub(crate) of_plan: String,
    /// What it does.
    pub(crate) title: String,
    /// The day it is planned for.
    pub(crate) date: Date,
    /// Why it is not due.
    pub(crate) why: String,
    /// Its day has come, and something else holds it.
    pub(crate) held: bool,
}

impl Later {
    /// As of a day.
    pub(crate) fn of(
        (of_plan, title, date): (String, String, Date),
        why: &NotDue,
        today: Date,
    ) -> Self {
        let held = date <= today && !matches!(why, NotDue::NotBefore { .. });
        Self { of_plan, title, date, why: why.to_string(), held }
    }
}

/// The first change set of the plan that is due now, drafted from the tenant as it was downloaded last;
/// where none is, those that wait.
///
/// # Errors
/// When the plan cannot be made.
pub(crate) fn due(
    reading: &Reading,
    place: &Place,
    operator: &Operator,
    settings: &Settings,
) -> Result<Result<Chosen, Vec<Later>>, CommandError> {
    see(reading, place, &operator.state, settings, |seen| {
        let marker = marker(seen.snapshot);
        let today = deciding::today(&place.rollout, settings.now);
        let mut later = Vec::new();
        for due in due_sets(&operator.state, seen, &marker, settings.now) {
            match due.draft {
                Ok(draft) => {
                    let set = bind(draft, seen.facts.snapshot, seen.snapshot, settings.now);
                    let set = of_plan(set, &due.of_plan, &operator.state, seen);
                    return Ok(Ok(Chosen { set, of_plan: Some(due.of_plan) }));
                }
                Err(why) => {
                    later.push(Later::of((due.of_plan, due.title, due.date), &why, today));
                }
            }
        }
        Ok(Err(later))
    })
}

/// What makes the provisional ids of sets from one snapshot unique.
pub(crate) fn marker(snapshot: &str) -> String {
    snapshot.chars().filter(char::is_ascii_alphanumeric).take(8).collect()
}

/// The set to take back: the one that is named, else the one that is under way, else the one that was
/// carried out last. A way back that is under way is gone on with, and not itself taken back.
///
/// # Errors
/// When there is none.
pub(crate) fn to_take_back(
    operator: &Operator,
    id: Option<&str>,
) -> Result<(Chosen, Way), CommandError> {
    let under_way = under_way(operator)?;
    let named = id.map(|id| operator.set(id)).transpose()?;
    if let Some(chosen) = under_way {
        let is_way_back = match (&chosen.set.purpose, &named) {
            (Purpose::Rollback { of }, Some(named)) => *of == named.id || chosen.set.id == named.id,
            (Purpose::Rollback { .. }, None) => true,
            _ => false,
        };
        if is_way_back {
            return Ok((chosen, Way::GoesOn));
        }
        if named.is_none() {
            return Ok((chosen, Way::Begins));
        }
    }
    if let Some(set) = named {
        return Ok((with_plan(operator, set), Way::Begins));
    }
    let mut done: Vec<(Timestamp, &Progress)> = Vec::new();
    for progress in operator.state.sets.values() {
        if let Phase::Done { at } = progress.phase {
            done.push((at, progress));
        }
    }
    done.sort_by_key(|it| it.0);
    while let Some((_, progress)) = done.pop() {
        let set = operator.set(&progress.set)?;
        if !matches!(set.purpose, Purpose::Rollback { .. }) {
            return Ok((with_plan(operator, set), Way::Begins));
        }
    }
    Err(CommandError::wrong_input("there is no change set to take back")
        .hint("`lockstep journal show` lists what was done"))
}

/// The set that was begun and is not at its end. What runs goes before what stopped, and the way back of
/// a set before the set.
fn under_way(operator: &Operator) -> Result<Option<Chosen>, CommandError> {
    let mut found: Option<((bool, bool), ChangeSet)> = None;
    for progress in operator.state.sets.values().filter(|it| it.is_begun()) {
        let set = operator.set(&progress.set)?;
        let is_way_back = matches!(set.purpose, Purpose::Rollback { .. });
        let rank = (progress.phase == Phase::Running, is_way_back);
        if found.as_ref().is_none_or(|it| rank > it.0) {
            found = Some((rank, set));
        }
    }
    Ok(found.map(|(_, set)| with_plan(operator, set)))
}

fn busy(other: &ChangeSet) -> CommandError {
    let id = super::shown::short(&other.id);
    CommandError::refused(format!("the change set `{}` is under way", other.title)).hint(format!(
        "`lockstep apply {id}` goes on with it, `lockstep rollback {id}` takes it back"
    ))
}

fn with_plan(operator: &Operator, set: ChangeSet) -> Chosen {
    let of_plan = operator.state.sets.get(&set.id).and_then(|it| it.of_plan.clone());
    Chosen { set, of_plan }
}
