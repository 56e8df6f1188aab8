//! What came of a change set, for scripts.

use jiff::Timestamp;
use rollout::Snapshot;
use rollout::change::guard::GuardResult;
use rollout::change::text::{SetText, heading, set_text};
use rollout::change::{ChangeSet, Moved, Object};
use rollout::engine::{GapTimes, Phase, Progress};
use serde::Serialize;
use serde_json::Value;
use store::Head;

use super::resting::ThreeWays;
use super::{Order, resting};
use crate::exit::ExitStatus;

/// How it ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum How {
    /// By carrying out, to the end or not.
    #[default]
    Ended,
    /// The tenant moved since the set was made.
    Stale,
    /// A gate is closed.
    GateClosed,
    /// Refused for safety.
    Refused,
    /// Nobody confirmed it.
    NotConfirmed,
}

/// What a run came to.
#[derive(Debug, Default)]
pub(super) struct WhatCame {
    pub(super) how: How,
    pub(super) why: Option<String>,
    pub(super) moved: Vec<MovedObject>,
    pub(super) guards: Vec<GuardResult>,
    pub(super) unreachable: bool,
    pub(super) told: Vec<String>,
    pub(super) remarks: Vec<String>,
    /// Place of a change whose request went out, and nobody could write down what came of it.
    pub(super) unsettled: Option<usize>,
    pub(super) resumed: Option<Resumed>,
}

/// A property that is not what it was, three ways.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct MovedObject {
    object: Object,
    /// The object as people know it.
    pub(super) name: String,
    /// The property.
    pub(super) property: String,
    /// What the set makes of it.
    pub(super) planned: Option<Value>,
    /// What it was.
    pub(super) then: Option<Value>,
    /// What it is.
    pub(super) now: Option<Value>,
    /// The same for people, with names.
    pub(super) words: ThreeWays,
}

/// What moved, with names. What says who is asked stands first.
pub(super) fn moved(set: &ChangeSet, moved: &[Moved], now: &Snapshot) -> Vec<MovedObject> {
    let names = resting::names(set, now);
    let all = moved.iter().map(|it| MovedObject {
        object: it.object.clone(),
        name: resting::object_words(&it.object, &names),
        words: ThreeWays::of(it, &names),
        property: it.property.clone(),
        planned: it.planned.clone(),
        then: it.then.clone(),
        now: it.now.clone(),
    });
    let mut all: Vec<MovedObject> = all.collect();
    all.sort_by_key(|it| resting::rank(&it.object, &it.property));
    all
}

/// One change and what came of it.
#[derive(Debug, Serialize)]
pub(super) struct ChangeState {
    /// Its number in the set, from 1.
    pub(super) number: usize,
    /// What is done to what.
    pub(super) change: String,
    /// What came of it.
    pub(super) state: Word,
    /// Number of its intent in the journal.
    intent: Option<u64>,
    /// When its outcome was written down.
    pub(super) at: Option<Timestamp>,
}

/// What came of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Word {
    /// Carried out, and read back.
    Done,
    /// Carried out by an earlier run, which broke off.
    BeforeTheBreak,
    /// On its way when an earlier run broke off; looked for, and found as wanted.
    Found,
    /// It was as wanted before.
    Already,
    /// Sent, or about to be, and nobody knows what came of it.
    NotKnown,
    /// Not carried out.
    NotDone,
}

/// A set that an earlier run began and did not bring to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Resumed {
    /// When it was confirmed.
    pub(super) began: Option<Timestamp>,
    /// Number of the change it broke off at, from 1. `None`: all of them were carried out.
    pub(super) number: Option<usize>,
    /// That change may have been sent: nobody had written down what came of it.
    unsettled: bool,
    /// When the gap was opened, and when this run found it open.
    pub(super) gap: Option<(Timestamp, Timestamp)>,
}

impl Resumed {
    /// What an earlier run left. `None`: none began.
    pub(super) fn of(progress: Option<&Progress>, unsettled: bool, now: Timestamp) -> Option<Self> {
        let progress = progress
            .filter(|it| matches!(it.phase, Phase::Running | Phase::Stopped { .. }))
            .filter(|it| unsettled || !it.done.is_empty())?;
        let done = progress.done.len();
        let gap = progress.gap.filter(|it| it.closed.is_none());
        Some(Self {
            began: progress.confirmed.as_ref().map(|it| it.at),
            number: (done < progress.changes).then(|| done.saturating_add(1)),
            unsettled,
            gap: gap.map(|it| (it.opened, now)),
        })
    }

    /// What came of a change that is done, where this run did not do it.
    fn word(&self, place: usize, already: bool) -> Option<Word> {
        match self.number.map(|it| it.saturating_sub(1)) {
            Some(broke_off) if place == broke_off && self.unsettled && already => Some(Word::Found),
            Some(broke_off) if place >= broke_off => None,
            _ => (!already).then_some(Word::BeforeTheBreak),
        }
    }
}

/// The last entry of the journal, to be kept somewhere else.
#[derive(Debug, Clone, Serialize)]
pub(super) struct KnownHead {
    /// Its number.
    pub(super) number: u64,
    /// Its hash.
    pub(super) hash: String,
}

/// What came of a change set.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    schema: String,
    /// The set.
    pub(super) set: String,
    /// The change set of the plan it carries out.
    of_plan: Option<String>,
    /// How it ended.
    pub(super) ended: How,
    /// Where the set stands now. `None`: it was never proposed.
    pub(super) phase: Option<Phase>,
    /// Why it did not come to its end.
    pub(super) why: Option<String>,
    /// What an earlier run had begun; `null`: this run began it, or nothing was begun.
    pub(super) resumed: Option<Resumed>,
    /// The set in words.
    pub(super) text: SetText,
    /// What came of each change.
    pub(super) changes: Vec<ChangeState>,
    /// What moved since the set was made.
    pub(super) moved: Vec<MovedObject>,
    /// Guards that refuse.
    pub(super) guards: Vec<GuardResult>,
    /// The gap receipt.
    pub(super) gap: Option<GapTimes>,
    /// What the engine has to say to people.
    pub(super) told: Vec<String>,
    /// What else to know.
    pub(super) remarks: Vec<String>,
    /// The last entry of the journal.
    pub(super) journal: KnownHead,
    #[serde(skip)]
    unreachable: bool,
    #[serde(skip)]
    is_open: bool,
}

impl Document {
    pub(super) fn of(
        order: &Order<'_>,
        progress: Option<&Progress>,
        came: WhatCame,
        is_open: bool,
        head: Head,
    ) -> Self {
        let set = &order.set;
        let done = progress.map_or(&[][..], |it| it.done.as_slice());
        let changes = set.changes.iter().enumerate();
        let changes = changes.map(|(place, change)| {
            let of = done.get(place);
            let resumed = came.resumed.as_ref().zip(of);
            let before = resumed.and_then(|(resumed, it)| resumed.word(place, it.already));
            let state = match of {
                Some(it) if it.already && before.is_none() => Word::Already,
                Some(_) => before.unwrap_or(Word::Done),
                None if is_open && place == done.len() => Word::NotKnown,
                None if came.unsettled == Some(place) => Word::NotKnown,
                None => Word::NotDone,
            };
            ChangeState {
                number: place.saturating_add(1),
                change: heading(&change.edit),
                state,
                intent: of.map(|it| it.intent),
                at: of.map(|it| it.at),
            }
        });
        let changes = changes.collect();
        Self {
            schema: format!("lockstep.{}/1", order.verb),
            set: set.id.clone(),
            of_plan: progress.and_then(|it| it.of_plan.clone()).or_else(|| order.of_plan.clone()),
            ended: came.how,
            phase: progress.map(|it| it.phase.clone()),
            why: came.why,
            resumed: came.resumed,
            text: set_text(set),
            changes,
            moved: came.moved,
            guards: came.guards,
            gap: progress.and_then(|it| it.gap),
            told: came.told,
            remarks: came.remarks,
            journal: KnownHead { number: head.number, hash: head.hash.to_string() },
            unreachable: came.unreachable,
            is_open,
        }
    }

    /// Something of the set is in the tenant, or may be, and not all of it.
    pub(super) fn is_partly(&self) -> bool {
        let done = self.changes.iter().any(|it| it.state != Word::NotDone);
        done && !matches!(self.phase, Some(Phase::Done { .. } | Phase::TakenBack { .. }))
    }

    /// How the command ends.
    pub(super) fn status(&self) -> ExitStatus {
        match self.ended {
            How::Stale => ExitStatus::StaleChangeSet,
            How::GateClosed => ExitStatus::GateClosed,
            How::Refused | How::NotConfirmed => ExitStatus::Refused,
            How::Ended if matches!(self.phase, Some(Phase::Done { .. })) => ExitStatus::Done,
            How::Ended if self.is_partly() || self.is_open => ExitStatus::PartlyApplied,
            How::Ended if self.unreachable => ExitStatus::TenantUnreachable,
            How::Ended => ExitStatus::WrongInput,
        }
    }
}
