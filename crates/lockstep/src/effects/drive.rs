//! One change set on its way: intent into the journal, the call, its outcome into the journal, next.

use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::time::Duration;

use entra::graph::writes::{Done, Outcome, Patience, Repeat, Write, WriteError, carry_out};
use entra::graph::{Client, GraphError};
use jiff::Timestamp;
use rollout::Snapshot;
use rollout::change::{ChangeSet, Edit, stale, text};
use rollout::engine::{Effect, Event, Refusal, State};
use store::Writer;

use super::noted::{CameOfIt, Hand, Intent, Sight, done_word, open_intent};
use super::passwords::PasswordDesk;
use super::resting;
use super::stop::Stop;
use super::writing::{CannotWrite, Given, makes_account, write_of};
use crate::error::CommandError;
use crate::network::Network;
use crate::operator::{failed, step_noting, step_with};
use crate::plain_text::one_line;

/// A set on its way, with everything it takes.
pub(super) struct Drive<'d> {
    pub(super) client: &'d Client<Network>,
    /// Root of Graph.
    pub(super) graph: &'d str,
    pub(super) writer: &'d Writer<'d>,
    pub(super) state: &'d mut State,
    pub(super) by: &'d str,
    pub(super) set: &'d ChangeSet,
    /// The tenant as it was when the set was confirmed; what is read back is put over it.
    pub(super) snapshot: &'d Snapshot,
    pub(super) wanted: &'d entra::graph::again::Wanted,
    pub(super) desk: &'d mut dyn PasswordDesk,
    pub(super) stop: &'d Stop,
    /// How long the tenant may take to show what was done.
    pub(super) window: Duration,
    /// Place of the change whose request this run sent last and whose outcome is not written down.
    pub(super) sent: Option<usize>,
}

/// How a run ended that was not refused.
#[derive(Debug, Default)]
pub(super) struct Ended {
    /// Why it stopped, if it did.
    pub(super) why: Option<String>,
    /// The tenant was out of reach.
    pub(super) unreachable: bool,
    /// What the engine has to say to people.
    pub(super) told: Vec<String>,
    /// What to know of single changes.
    pub(super) remarks: Vec<String>,
}

/// What came of one write.
enum Came {
    Carried {
        already: bool,
        ids: BTreeMap<String, String>,
        outcome: CameOfIt,
    },
    /// It was not carried out, and that is certain.
    Not {
        why: String,
        unreachable: bool,
    },
    /// Nobody knows.
    Unknown {
        why: String,
        unreachable: bool,
    },
}

impl Drive<'_> {
    /// Carries out what the engine says, until it has nothing more to say.
    pub(super) async fn run(&mut self, effects: Vec<Effect>) -> Result<Ended, Halt> {
        let mut ended = Ended::default();
        let mut left: VecDeque<Effect> = effects.into();
        while let Some(effect) = left.pop_front() {
            match effect {
                Effect::CarryOut { .. } if self.stop.is_asked() => {
                    let why = "somebody asked to stop".to_owned();
                    let event = Event::Stopped { set: self.set, why: why.clone() };
                    left.extend(self.step(&event)?);
                    ended.why = Some(why);
                }
                Effect::CarryOut { place, unsettled, .. } => {
                    left.extend(self.one(place, unsettled, &mut ended).await?);
                }
                Effect::ReadBack { .. } => left.extend(self.read_back(&mut ended).await?),
                Effect::Tell { to, what } => ended.told.push(format!("{to}: {what}")),
                Effect::Refuse(refusal) => return Err(Halt::Refused(refusal)),
                // Kept by whoever steps; the end of an exception is a set of its own.
                Effect::Keep(_) | Effect::Note(_) | Effect::EndException { .. } => {}
            }
        }
        Ok(ended)
    }

    fn now(&self) -> Timestamp {
        self.client.now()
    }

    const fn hand(&self) -> Hand<'_> {
        Hand { actor: self.by, set: self.set.id.as_str() }
    }

    fn step(&mut self, event: &Event<'_>) -> Result<Vec<Effect>, Halt> {
        let now = self.now();
        Ok(step_with(self.writer, self.state, event, self.by, now)?)
    }

    /// One change: the lease is renewed and the intent on the disk before anything is sent.
    async fn one(
        &mut self,
        place: usize,
        unsettled: bool,
        ended: &mut Ended,
    ) -> Result<Vec<Effect>, Halt> {
        let set = self.set;
        let ids = self.state.ids_of(&set.id);
        let edit = set.edit_with_ids(place, &|id| ids.get(id).cloned());
        let prepared = match edit {
            Ok(edit) => match self.prepare(&edit).await {
                Ok(write) => Ok((edit, write)),
                Err(error) => Err(error),
            },
            Err(error) => Err(Unprepared::Never(chain(&error))),
        };
        let (edit, write) = match prepared {
            Ok(prepared) => prepared,
            Err(unprepared) => {
                let why = unprepared.words()?;
                ended.why = Some(why.clone());
                return self.step(&Event::NotCarriedOut { set, place, unsettled, why });
            }
        };
        let intent = self.intend(place, &edit, write.as_ref())?;
        let came = match &write {
            None => Came::nothing(),
            Some(write) => {
                self.sent = Some(place);
                self.send(place, &edit, write, unsettled).await
            }
        };
        let left = self.came(place, intent, came, ended)?;
        // It is written down, unless the engine would not have it.
        if !left.iter().any(|it| matches!(it, Effect::Refuse(_))) {
            self.sent = None;
        }
        Ok(left)
    }

    /// Writes down what came of one change.
    fn came(
        &mut self,
        place: usize,
        intent: u64,
        came: Came,
        ended: &mut Ended,
    ) -> Result<Vec<Effect>, Halt> {
        let set = self.set;
        let now = self.now();
        match came {
            Came::Carried { already, ids, outcome } => {
                let event = Event::CarriedOut { set, place, intent, already, ids };
                let hand = Hand { actor: self.by, set: set.id.as_str() };
                let by = (self.by, now);
                Ok(step_noting(self.writer, self.state, &event, by, |together| {
                    hand.outcome(together, intent, &outcome, now)
                })?)
            }
            Came::Not { why, unreachable } => {
                let event = Event::NotCarriedOut { set, place, unsettled: false, why: why.clone() };
                let hand = Hand { actor: self.by, set: set.id.as_str() };
                let outcome = CameOfIt::NotDone { why: why.clone() };
                let by = (self.by, now);
                let effects = step_noting(self.writer, self.state, &event, by, |together| {
                    hand.outcome(together, intent, &outcome, now)
                })?;
                ended.why = Some(why);
                ended.unreachable = unreachable;
                Ok(effects)
            }
            Came::Unknown { why, unreachable } => {
                // The intent stays open: the next run looks before it sends.
                let sight = Sight::NotKnown { intent, why: why.clone() };
                self.hand().sight(self.writer, &sight, now).map_err(journal)?;
                ended.why = Some(format!("nobody knows whether it worked: {why}"));
                ended.unreachable = unreachable;
                self.step(&Event::NotCarriedOut { set, place, unsettled: true, why })
            }
        }
    }

    /// The write of a change; `None` if what was there is what is wanted.
    async fn prepare(&mut self, edit: &Edit) -> Result<Option<Write>, Unprepared> {
        if edit.changes_nothing() {
            return Ok(None);
        }
        let password = match makes_account(edit) {
            Some(user) => Some(self.desk.new_password(user).map_err(Unprepared::NoPassword)?),
            None => None,
        };
        let given = Given { set: &self.set.id, graph: self.graph, password };
        match write_of(self.client, edit, &given).await {
            Ok(write) => Ok(Some(write)),
            Err(CannotWrite::Read(source)) => Err(Unprepared::Never(chain(&*source))),
            Err(error) => Err(Unprepared::Never(chain(&error))),
        }
    }

    /// Notes the intent, or takes up the one that an earlier run left open.
    fn intend(&self, place: usize, edit: &Edit, write: Option<&Write>) -> Result<u64, Halt> {
        let now = self.now();
        self.writer.renew(now).map_err(|error| failed("write", error))?;
        let open = open_intent(self.writer.store(), &self.set.id).map_err(journal)?;
        if let Some((number, open)) = open {
            if open.place != place {
                return Err(Halt::Failed(CommandError::refused(format!(
                    "the journal has an open intent ({number}: {}) that is not of change {}",
                    open.change,
                    place.saturating_add(1)
                ))));
            }
            let sight = Sight::GoesOn { intent: number };
            self.hand().sight(self.writer, &sight, now).map_err(journal)?;
            return Ok(number);
        }
        let intent =
            Intent { place, change: text::heading(edit), write: write.map(Write::words), edit };
        Ok(self.hand().intent(self.writer, &intent, now).map_err(journal)?)
    }

    async fn send(&mut self, place: usize, edit: &Edit, write: &Write, unsettled: bool) -> Came {
        let patience = Patience {
            window: self.window,
            // What can be sent twice without harm is not waited for.
            unsettled: unsettled && write.repeat() == Repeat::Doubles,
            ..Patience::default()
        };
        match carry_out(self.client, write, &patience).await {
            Ok(outcome) => self.carried(place, edit, outcome),
            Err(error) => not_carried(&error, unsettled),
        }
    }

    fn carried(&mut self, place: usize, edit: &Edit, outcome: Outcome) -> Came {
        let already = outcome.done == Done::AlreadyAsWanted;
        let made = self.set.changes.get(place).and_then(|it| it.edit.made_id());
        let ids: BTreeMap<String, String> = made
            .zip(outcome.id.as_ref())
            .map(|(made, id)| (made.to_owned(), id.clone()))
            .into_iter()
            .collect();
        if let Some(user) = makes_account(edit) {
            match &outcome.id {
                Some(id) if !already => self.desk.created(user, id),
                _ => self.desk.there_already(user),
            }
        }
        if let (Edit::TemporaryAccessPass { user, .. }, Some(pass)) = (edit, outcome.pass) {
            self.desk.pass(&user.name, pass);
        }
        let outcome = CameOfIt::Done {
            what: done_word(outcome.done),
            sent: outcome.sent,
            id: outcome.id,
            ids: ids.clone(),
        };
        Came::Carried { already, ids, outcome }
    }

    /// Reads back what the set rests on until it is as the set leaves it, or the window is over.
    async fn read_back(&mut self, ended: &mut Ended) -> Result<Vec<Effect>, Halt> {
        let until = self
            .now()
            .saturating_add(jiff::SignedDuration::try_from(self.window).unwrap_or_default())
            .unwrap_or(Timestamp::MAX);
        let mut pause = Duration::from_secs(1);
        let (count, ids) = (self.set.changes.len(), self.state.ids_of(&self.set.id));
        let differs = loop {
            let again = entra::graph::again::again(self.client, self.snapshot, self.wanted).await;
            let differs = match again {
                Ok(again) => {
                    let moved = stale(self.set, count, ids, &again.snapshot);
                    let moved = resting::of_changes(self.set, moved);
                    resting::all_words(self.set, &moved, &again.snapshot)
                }
                Err(error) => vec![format!("{}.", chain(&error))],
            };
            // Over when it is negative.
            let left = Duration::try_from(until.duration_since(self.now())).unwrap_or_default();
            if differs.is_empty() || left.is_zero() {
                break differs;
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 2).min(Duration::from_secs(15));
        };
        let now = self.now();
        self.writer.renew(now).map_err(|error| failed("write", error))?;
        let sight = Sight::ReadBack { differs: differs.clone() };
        self.hand().sight(self.writer, &sight, now).map_err(journal)?;
        if let Some(gap) = self.state.sets.get(&self.set.id).and_then(|it| it.gap) {
            let sight = Sight::Gap { opened: gap.opened, closed: gap.closed };
            self.hand().sight(self.writer, &sight, now).map_err(journal)?;
        }
        if !differs.is_empty() {
            ended.why = Some("read back, the tenant is not as it should be".to_owned());
            ended.remarks.extend(differs.iter().cloned());
        }
        self.step(&Event::ReadBack { set: self.set, differs })
    }
}

impl Came {
    /// A change that changes nothing.
    fn nothing() -> Self {
        let outcome =
            CameOfIt::Done { what: "nothing to change", sent: 0, id: None, ids: BTreeMap::new() };
        Self::Carried { already: true, ids: BTreeMap::new(), outcome }
    }
}

/// Why a change was not even sent.
enum Unprepared {
    /// Whatever is tried, it cannot be.
    Never(String),
    /// There is no password for the account.
    NoPassword(CommandError),
}

impl Unprepared {
    fn words(self) -> Result<String, Halt> {
        match self {
            Self::Never(why) => Ok(why),
            Self::NoPassword(error) => Err(Halt::Failed(error)),
        }
    }
}

/// Why a run ended before its set did.
#[derive(Debug)]
pub(super) enum Halt {
    /// The engine refuses.
    Refused(Refusal),
    /// It could not go on: the store, or the lease.
    Failed(CommandError),
}

impl Halt {
    /// Why, on one line.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.to_string(),
            Self::Failed(error) => {
                let lines = error.lines();
                lines.trim_start_matches("error: ").lines().collect::<Vec<_>>().join("; ")
            }
        }
    }
}

impl From<CommandError> for Halt {
    fn from(error: CommandError) -> Self {
        Self::Failed(error)
    }
}

fn journal(error: store::StoreError) -> CommandError {
    failed("write", error)
}

/// What a failed write means for its intent.
fn not_carried(error: &WriteError, unsettled: bool) -> Came {
    let why = chain(error);
    let unreachable = source_of(error).is_some_and(is_unreachable);
    let is_certain = match error {
        WriteError::NotThere { .. } | WriteError::Taken { .. } => true,
        WriteError::Differs { sent, .. } | WriteError::Look { sent, .. } => *sent == 0,
        WriteError::Graph { source, .. } => is_certain(source),
        WriteError::Doubtful { .. }
        | WriteError::Duplicates { .. }
        | WriteError::NotReadBack { .. } => false,
    };
    // An earlier run may have sent it, and somebody else may have changed what came of it since.
    if is_certain && !unsettled {
        Came::Not { why, unreachable }
    } else {
        Came::Unknown { why, unreachable }
    }
}

/// Graph said no, or the request never left.
const fn is_certain(error: &GraphError) -> bool {
    matches!(
        error,
        GraphError::Refused { .. }
            | GraphError::NoToken { .. }
            | GraphError::Unsendable { .. }
            | GraphError::Unreachable { source: entra::graph::TransportError::NotSent { .. }, .. }
    )
}

fn source_of(error: &WriteError) -> Option<&GraphError> {
    match error {
        WriteError::Graph { source, .. }
        | WriteError::Look { source, .. }
        | WriteError::Doubtful { source, .. } => Some(source),
        _ => None,
    }
}

const fn is_unreachable(error: &GraphError) -> bool {
    matches!(
        error,
        GraphError::NoToken { .. }
            | GraphError::Unreachable { .. }
            | GraphError::GaveUp { .. }
            | GraphError::Unknown { .. }
    )
}

/// An error with its causes, on one line.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    one_line(&words)
}
