//! Which change set a command is about.

use jiff::Timestamp;
use rollout::change::{ChangeSet, Purpose};
use rollout::engine::{Phase, Progress, State};

use crate::error::CommandError;
use crate::operator::Operator;

/// A set, and where it stands.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// The set.
    pub(crate) set: ChangeSet,
    /// The change set of the plan it carries out.
    pub(crate) of_plan: Option<String>,
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
    let under_way = under_way(&operator.state);
    if let Some(id) = id {
        let set = operator.set(id)?;
        if let Some(other) = under_way.filter(|it| it.set != set.id) {
            return Err(busy(other));
        }
        return Ok(Some(with_plan(operator, set)));
    }
    if let Some(progress) = under_way {
        return operator.set(&progress.set).map(|set| Some(with_plan(operator, set)));
    }
    let waiting = operator.state.sets.values().filter(|it| it.phase == Phase::Proposed);
    let mut newest: Option<ChangeSet> = None;
    for progress in waiting {
        let set = operator.set(&progress.set)?;
        let is_newer = newest.as_ref().is_none_or(|it| set.made_at > it.made_at);
        if !set.is_expired(now) && is_newer {
            newest = Some(set);
        }
    }
    Ok(newest.map(|set| with_plan(operator, set)))
}

/// The set to take back: the one that is named, else the one that is under way, else the one that was
/// carried out last.
///
/// # Errors
/// When there is none.
pub(crate) fn to_take_back(operator: &Operator, id: Option<&str>) -> Result<Chosen, CommandError> {
    if let Some(id) = id {
        return operator.set(id).map(|set| with_plan(operator, set));
    }
    if let Some(progress) = under_way(&operator.state) {
        return operator.set(&progress.set).map(|set| with_plan(operator, set));
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
            return Ok(with_plan(operator, set));
        }
    }
    Err(CommandError::wrong_input("there is no change set to take back")
        .hint("`lockstep journal show` lists what was done"))
}

/// The set that was begun and is not at its end.
pub(crate) fn under_way(state: &State) -> Option<&Progress> {
    let mut begun = state.sets.values().filter(|it| match &it.phase {
        Phase::Running => true,
        Phase::Stopped { .. } => !it.done.is_empty(),
        _ => false,
    });
    let first = begun.next()?;
    // What runs goes before what stopped.
    let all = std::iter::once(first).chain(begun);
    all.max_by_key(|it| it.phase == Phase::Running)
}

fn busy(other: &Progress) -> CommandError {
    let id = super::shown::short(&other.set);
    CommandError::refused(format!("the change set `{}` is under way", other.title)).hint(format!(
        "`lockstep apply {id}` goes on with it, `lockstep rollback {id}` takes it back"
    ))
}

fn with_plan(operator: &Operator, set: ChangeSet) -> Chosen {
    let of_plan = operator.state.sets.get(&set.id).and_then(|it| it.of_plan.clone());
    Chosen { set, of_plan }
}
