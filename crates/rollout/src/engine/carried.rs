//! How a change set is carried out: proposed, confirmed, one change after the other, read back.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::days::Days;
use super::step::{keep, not_enough, told};
use super::{
    Confirmation, DoneChange, Effect, Exception, GapTimes, GateId, Phase, Progress, Record,
    Refusal, State, Waived, needs,
};
use crate::change::guard::{Guard, GuardResult, Unwaivable, Waivable, refusals};
use crate::change::{ChangeSet, Danger, Edit, Purpose};
use crate::exceptions;

/// What came of one change.
pub(super) struct Outcome<'a> {
    pub(super) place: usize,
    pub(super) intent: u64,
    pub(super) already: bool,
    pub(super) ids: &'a BTreeMap<String, String>,
}

/// A set was made and shown. What was proposed for the same and not confirmed is over.
pub(super) fn proposed(
    state: &State,
    set: &ChangeSet,
    of_plan: Option<&str>,
    now: Timestamp,
) -> Result<Vec<Effect>, Refusal> {
    untouched(set)?;
    match state.sets.get(&set.id).map(|it| &it.phase) {
        None | Some(Phase::Superseded { .. }) => {}
        Some(Phase::Proposed) => return Ok(Vec::new()),
        Some(_) => return Err(wrong(set, "was confirmed already")),
    }
    let new = Progress {
        set: set.id.clone(),
        of_plan: of_plan.map(str::to_owned),
        title: set.title.clone(),
        step: set.step,
        changes: set.changes.len(),
        phase: Phase::Proposed,
        confirmed: None,
        guards: Vec::new(),
        done: Vec::new(),
        unsettled: false,
        ids: BTreeMap::new(),
        gap: None,
    };
    let is_for_the_same = |it: &&Progress| {
        it.phase == Phase::Proposed
            && it.of_plan == new.of_plan
            && (new.of_plan.is_some() || it.title == new.title)
    };
    let mut effects: Vec<Effect> = state
        .sets
        .values()
        .filter(is_for_the_same)
        .map(|it| with(it, |it| it.phase = Phase::Superseded { at: now }))
        .collect();
    effects.push(keep(Record::Progress(Box::new(new))));
    Ok(effects)
}

/// Somebody confirmed a set: whether it may begin.
pub(super) fn confirmed(
    state: &State,
    set: &ChangeSet,
    confirmation: &Confirmation,
    guards: &[GuardResult],
    now: Timestamp,
) -> Result<Vec<Effect>, Refusal> {
    untouched(set)?;
    let progress = match state.sets.get(&set.id) {
        None => return Err(wrong(set, "was never shown to anybody")),
        Some(it) if it.phase != Phase::Proposed => {
            return Err(wrong(set, "is not waiting to be confirmed"));
        }
        Some(it) => it,
    };
    nothing_else_under_way(state, set, progress)?;
    told(&confirmation.by, "who confirms it")?;
    by_the_right_word(set, &confirmation.word)?;
    gates_open(state, set, now)?;
    guards_hold(state, guards, now)?;
    let note = format!("{} confirmed `{}` ({}).", confirmation.by, set.title, short(&set.id));
    let running = with(progress, |it| {
        it.phase = Phase::Running;
        it.confirmed = Some(confirmation.clone());
        it.guards = guards.to_vec();
    });
    Ok(vec![running, Effect::Note(note), next_change(set, 0, false)])
}

/// Severe changes ask for the primary domain of the tenant that the set was made for, typed; others for
/// a yes, or that.
fn by_the_right_word(set: &ChangeSet, word: &str) -> Result<(), Refusal> {
    let word = word.trim();
    let is_domain = match &set.tenant {
        Some(domain) => word.eq_ignore_ascii_case(domain),
        None if set.danger() == Danger::Severe => {
            return Err(Refusal::NoDomain { title: set.title.clone() });
        }
        None => false,
    };
    let is_right = match set.danger() {
        Danger::None => true,
        Danger::Moderate => {
            is_domain || ["y", "yes"].iter().any(|yes| word.eq_ignore_ascii_case(yes))
        }
        Danger::Severe => is_domain,
    };
    if is_right { Ok(()) } else { Err(Refusal::NotConfirmed) }
}

fn nothing_else_under_way(
    state: &State,
    set: &ChangeSet,
    progress: &Progress,
) -> Result<(), Refusal> {
    for other in state.sets.values().filter(|it| it.set != set.id) {
        let is_way_back =
            matches!(&set.purpose, Purpose::Rollback { of } if of.eq_ignore_ascii_case(&other.set));
        let stands = match other.phase {
            Phase::Running => true,
            // While the gap of a stopped set is open, nothing goes before closing it; nor before finding
            // out where a set stands.
            Phase::Stopped { .. } => {
                let goes_on = other.of_plan.is_some() && other.of_plan == progress.of_plan;
                let is_open = other.gap.is_some_and(|gap| gap.closed.is_none());
                (is_open || other.unsettled) && !is_way_back && !goes_on
            }
            _ => false,
        };
        if stands {
            let (set, title) = (other.set.clone(), other.title.clone());
            return Err(Refusal::UnderWay { set, title });
        }
    }
    Ok(())
}

/// Every gate that the set needs is passed, and what was waived for it is still waived.
fn gates_open(state: &State, set: &ChangeSet, now: Timestamp) -> Result<(), Refusal> {
    let today = Days::of_state(state).date(now);
    for gate in needs::gates(set) {
        if let Some(why) = closed(state, gate, today) {
            return Err(Refusal::Gate { gate, why });
        }
    }
    Ok(())
}

/// Why a gate is closed on a day; `None`: it is open.
pub(super) fn closed(state: &State, gate: GateId, today: jiff::civil::Date) -> Option<String> {
    let Some(record) = state.gates.get(&gate) else {
        return Some("it was never asked".to_owned());
    };
    if record.verdict != crate::plan::GateState::Passed {
        return Some(record.why.clone());
    }
    let ended = record.criteria.iter().find(|it| {
        it.verdict != crate::plan::GateState::Passed
            && !(it.waivable
                && state.waivers_on(today).any(|waiver| stands_for(&waiver.what, gate, &it.id)))
    });
    ended.map(|it| format!("the waiver of {} is over: {}", it.id, it.why))
}

/// Whether a waiver speaks of a criterion of a gate.
pub(super) fn stands_for(what: &Waived, gate: GateId, criterion: &str) -> bool {
    match what {
        Waived::Gate(it) => *it == gate,
        Waived::Criterion(it) => it.eq_ignore_ascii_case(criterion),
        Waived::Guard(_) => false,
    }
}

/// No guard refuses that nobody waived. Guards that were not asked hold nothing.
fn guards_hold(state: &State, guards: &[GuardResult], now: Timestamp) -> Result<(), Refusal> {
    for always in [Unwaivable::SnapshotFresh, Unwaivable::BeforeSeen] {
        if !guards.iter().any(|it| it.guard == Guard::Unwaivable(always)) {
            return Err(not_enough("the guards were not asked"));
        }
    }
    let today = Days::of_state(state).date(now);
    let waived: Vec<Waivable> = state
        .waivers_on(today)
        .filter_map(|it| match it.what {
            Waived::Guard(guard) => Some(guard),
            _ => None,
        })
        .collect();
    let refusing: Vec<GuardResult> = refusals(guards, &waived).into_iter().cloned().collect();
    if refusing.is_empty() { Ok(()) } else { Err(Refusal::Guards { guards: refusing }) }
}

/// A set goes on where it stopped or was killed.
pub(super) fn resumed(
    state: &State,
    set: &ChangeSet,
    unsettled: bool,
) -> Result<Vec<Effect>, Refusal> {
    untouched(set)?;
    let progress = known(state, set)?;
    if progress.confirmed.is_none() {
        return Err(wrong(set, "was never confirmed"));
    }
    match progress.phase {
        Phase::Running | Phase::Stopped { .. } => {}
        _ => return Err(wrong(set, "is not under way")),
    }
    nothing_else_under_way(state, set, progress)?;
    let mut effects = Vec::new();
    if progress.phase != Phase::Running {
        effects.push(with(progress, |it| it.phase = Phase::Running));
        effects.push(Effect::Note(format!("`{}` ({}) goes on.", set.title, short(&set.id))));
    }
    effects.push(next_change(set, progress.done.len(), unsettled));
    Ok(effects)
}

/// A change was carried out. Told twice, it counts once.
pub(super) fn carried_out(
    state: &State,
    set: &ChangeSet,
    outcome: &Outcome<'_>,
    now: Timestamp,
) -> Result<Vec<Effect>, Refusal> {
    let progress = known(state, set)?;
    let goes_on = match progress.phase {
        Phase::Running => true,
        // The answer of the call that was on its way when somebody stopped.
        Phase::Stopped { .. } => false,
        _ => return Err(wrong(set, "is not under way")),
    };
    if let Some(before) = progress.done.get(outcome.place) {
        if before.intent == outcome.intent {
            return Ok(Vec::new());
        }
        return Err(wrong(set, "has carried that change out already"));
    }
    if outcome.place != progress.done.len() || outcome.place >= set.changes.len() {
        return Err(wrong(set, "is not at that change"));
    }
    let kept = with(progress, |it| {
        let already = outcome.already;
        it.unsettled = false;
        it.done.push(DoneChange { intent: outcome.intent, at: now, already });
        it.ids.extend(outcome.ids.iter().map(|(new, id)| (new.clone(), id.clone())));
        it.gap = gap(set, it, outcome, now);
    });
    let mut effects = vec![kept];
    effects.extend(void_sheet(state, set, outcome.place, now));
    if goes_on {
        effects.push(next_change(set, outcome.place.saturating_add(1), false));
    }
    Ok(effects)
}

/// With another password the sheets of an account are worth nothing, until the new ones are printed.
fn void_sheet(state: &State, set: &ChangeSet, place: usize, now: Timestamp) -> Option<Effect> {
    let Edit::NewPassword { user } = &set.changes.get(place)?.edit else { return None };
    let mut sheet = state.sheets.get(&user.id.to_lowercase())?.clone();
    sheet.places.clear();
    sheet.set.clone_from(&set.id);
    sheet.at = now;
    Some(keep(Record::Sheet(sheet)))
}

/// The two times. What was done already was done at some time since the set was confirmed: the gap
/// is said to be longer rather than shorter than it was.
fn gap(
    set: &ChangeSet,
    progress: &Progress,
    outcome: &Outcome<'_>,
    now: Timestamp,
) -> Option<GapTimes> {
    let receipt = set.gap?;
    if outcome.place == receipt.opens {
        let confirmed = progress.confirmed.as_ref().map_or(now, |it| it.at);
        let opened = if outcome.already { confirmed.min(now) } else { now };
        return Some(GapTimes { opened, closed: None });
    }
    let open = progress.gap?;
    if outcome.place == receipt.closes {
        return Some(GapTimes { closed: Some(now), ..open });
    }
    Some(open)
}

/// A change could not be carried out, or nobody knows.
pub(super) fn not_carried_out(
    state: &State,
    set: &ChangeSet,
    (place, unsettled): (usize, bool),
    why: &str,
    now: Timestamp,
) -> Result<Vec<Effect>, Refusal> {
    let progress = known(state, set)?;
    if place != progress.done.len() || place >= set.changes.len() {
        return Err(wrong(set, "is not at that change"));
    }
    let number = place.saturating_add(1);
    let known = Progress { unsettled, ..progress.clone() };
    let why = format!("change {number} of {}: {why}", set.changes.len());
    let effects = halted(&known, set, &why, now)?;
    // It had stopped already, and what became of its change is known since, or is not.
    if effects.is_empty() && known != *progress {
        return Ok(vec![keep(Record::Progress(Box::new(known)))]);
    }
    Ok(effects)
}

/// Somebody asked to stop.
pub(super) fn stopped(
    state: &State,
    set: &ChangeSet,
    why: &str,
    now: Timestamp,
) -> Result<Vec<Effect>, Refusal> {
    halted(known(state, set)?, set, why, now)
}

fn halted(
    progress: &Progress,
    set: &ChangeSet,
    why: &str,
    now: Timestamp,
) -> Result<Vec<Effect>, Refusal> {
    match progress.phase {
        Phase::Running => {}
        Phase::Stopped { .. } => return Ok(Vec::new()),
        _ => return Err(wrong(set, "is not under way")),
    }
    let stopped = with(progress, |it| it.phase = Phase::Stopped { at: now, why: why.to_owned() });
    let mut effects = vec![stopped, Effect::Note(format!("`{}` stopped: {why}", set.title))];
    if progress.gap.is_some_and(|gap| gap.closed.is_none()) {
        effects.push(Effect::Tell {
            to: "Identity administrator".to_owned(),
            what: format!(
                "`{}` stopped while people have less protection than before: {why}",
                set.title
            ),
        });
    }
    Ok(effects)
}

/// The tenant was read back after the last change.
pub(super) fn read_back(
    state: &State,
    set: &ChangeSet,
    differs: &[String],
    now: Timestamp,
) -> Result<Vec<Effect>, Refusal> {
    let progress = known(state, set)?;
    if matches!(progress.phase, Phase::Done { .. }) && differs.is_empty() {
        return Ok(Vec::new());
    }
    if progress.phase != Phase::Running {
        return Err(wrong(set, "is not under way"));
    }
    if progress.done.len() != set.changes.len() {
        return Err(wrong(set, "is not carried out to its end"));
    }
    if !differs.is_empty() {
        let why = format!("read back, the tenant is not as it should be: {}", differs.join(" "));
        return halted(progress, set, &why, now);
    }
    let mut effects = vec![
        with(progress, |it| it.phase = Phase::Done { at: now }),
        Effect::Note(format!("`{}` ({}) is done and read back.", set.title, short(&set.id))),
    ];
    if let Purpose::Rollback { of } = &set.purpose
        && let Some(back) = state.sets.get(of)
    {
        effects.push(with(back, |it| {
            it.phase = Phase::TakenBack { by: set.id.clone(), at: now };
            // Whatever was open is as it was before.
            if let Some(gap) = &mut it.gap {
                gap.closed = gap.closed.or(Some(now));
            }
        }));
    }
    effects.extend(of_exceptions(state, set, now));
    Ok(effects)
}

/// Exceptions that begin or end with the memberships of a set.
fn of_exceptions(state: &State, set: &ChangeSet, now: Timestamp) -> Vec<Effect> {
    let is_about_exceptions = matches!(set.purpose, Purpose::Exception | Purpose::Rollback { .. });
    let mut effects = Vec::new();
    for change in set.changes.iter().filter(|_| is_about_exceptions) {
        let Edit::Membership { member, after, .. } = &change.edit else { continue };
        let is_of = |it: &&Exception| {
            it.subject.user_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(&member.id))
        };
        for exception in state.exceptions.values().filter(is_of) {
            let next = match after.is_there() {
                true => exceptions::begun(exception, &set.id, now),
                false => exceptions::ended(exception, &set.id, now),
            };
            effects.extend(next.map(|it| keep(Record::Exception(Box::new(it)))));
        }
    }
    effects
}

fn next_change(set: &ChangeSet, place: usize, unsettled: bool) -> Effect {
    let id = set.id.clone();
    if place < set.changes.len() {
        Effect::CarryOut { set: id, place, unsettled }
    } else {
        Effect::ReadBack { set: id }
    }
}

fn known<'s>(state: &'s State, set: &ChangeSet) -> Result<&'s Progress, Refusal> {
    state.sets.get(&set.id).ok_or_else(|| wrong(set, "was never shown to anybody"))
}

fn untouched(set: &ChangeSet) -> Result<(), Refusal> {
    set.verify().map_err(|error| not_enough(error.to_string()))
}

fn wrong(set: &ChangeSet, why: &str) -> Refusal {
    Refusal::WrongPhase { set: set.id.clone(), why: why.to_owned() }
}

fn with(progress: &Progress, change: impl FnOnce(&mut Progress)) -> Effect {
    let mut next = progress.clone();
    change(&mut next);
    keep(Record::Progress(Box::new(next)))
}

/// The beginning of a digest, as people see it.
fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
