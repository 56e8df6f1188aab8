//! What lockstep does to a tenant: a change set is shown, confirmed, carried out and read back.
//!
//! Before anything is written, everything the set rests on is read again, and whatever moved stops it;
//! then the guards are asked about the world after it; then a person confirms it. Every write has its
//! intent in the journal before it leaves. Whoever is killed leaves an open intent, and the next run
//! looks before it sends.

mod chosen;
mod circumstances;
mod confirmation;
mod document;
mod drive;
mod joining;
mod just_made;
mod noted;
mod noticed;
pub(crate) mod passwords;
mod resting;
mod shown;
pub(crate) mod stop;
mod way_back;
mod writing;

use std::time::Duration;

use entra::graph::Client;
use entra::graph::again::{self, Wanted};
use jiff::{SignedDuration, Timestamp};
use rollout::Snapshot;
use rollout::change::guard::{self, GuardResult};
use rollout::change::{ChangeSet, Draft, Made, Moved};
use rollout::engine::{self, Confirmation, Effect, Event, Phase, Progress, Refusal, State, step};
use store::{Store, Writer};

use self::document::{Document, How, Resumed, WhatCame};
use self::drive::{Drive, Ended, Halt};
use self::just_made::DoneSet;
use self::passwords::PasswordDesk;
use self::stop::Stop;
use crate::error::CommandError;
use crate::live::{self, Tenant};
use crate::network::Network;
use crate::operator::{CHANGE_SETS, Operator, failed, lease, see, step_with};
use crate::reading::Reading;
use crate::settings::Settings;
use crate::terminal::Outcome;
use crate::workspace::Place;

pub(crate) use self::chosen::{Chosen, Later, Way, due, marker, to_apply, to_take_back};
pub(crate) use self::circumstances::application;
pub(crate) use self::noted::in_words;
pub(crate) use self::noticed::{of_plan, with_effects};
pub(crate) use self::shown::{diff, gets_in, guard_words, short};
pub(crate) use self::way_back::order as order_back;

/// How long a change set that was shown can be confirmed.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long what was read again is believed while somebody thinks about the question.
const BELIEVED: SignedDuration = SignedDuration::from_mins(2);
/// How long a tenant may take to show what was changed, unless the settings say otherwise.
const SETTLES: Duration = Duration::from_secs(120);

/// What somebody wants carried out.
#[derive(Debug)]
pub(crate) struct Order<'o> {
    /// Schema and name of what is printed: `apply`, `rollback`, ….
    pub(crate) verb: &'static str,
    /// The set.
    pub(crate) set: ChangeSet,
    /// The change set of the plan it carries out, `CS-07`.
    pub(crate) of_plan: Option<String>,
    /// The word that was given with `--confirm`, in place of an answer.
    pub(crate) confirm: Option<&'o str>,
    /// What to say above the diff.
    pub(crate) remarks: Vec<String>,
}

/// What it takes to carry something out.
pub(crate) struct Bench<'b> {
    /// Where.
    pub(crate) place: &'b Place,
    /// How.
    pub(crate) settings: &'b Settings,
    /// What was decided so far.
    pub(crate) operator: &'b mut Operator,
    /// The tenant as it was downloaded last.
    pub(crate) reading: &'b mut Reading,
}

/// Binds a draft to the tenant as it was read, so that it can be shown and confirmed.
pub(crate) fn bind(draft: Draft, snapshot: &Snapshot, from: &str, now: Timestamp) -> ChangeSet {
    let expires = now.saturating_add(GOOD_FOR).unwrap_or(Timestamp::MAX);
    ChangeSet::make(draft, snapshot, Made { at: now, from: from.to_owned(), expires })
}

/// Shows a set, asks, carries it out and reads it back; or goes on with one that is under way.
pub(crate) fn carry_out(
    order: &Order<'_>,
    bench: &mut Bench<'_>,
    desk: &mut dyn PasswordDesk,
) -> Result<Outcome, CommandError> {
    let place = bench.place;
    let tenant = tenant_of(place)?;
    for change in &order.set.changes {
        writing::check(&change.edit, &order.set.id).map_err(|error| {
            CommandError::refused(format!(
                "`{}` cannot be written",
                rollout::change::text::heading(&change.edit)
            ))
            .because(error)
        })?;
    }
    let settings = bench.settings;
    let document = live::block_on(settings, async {
        let client = tenant.writing_client(settings).await?;
        let graph = tenant.graph_root()?;
        let mut run = Run {
            order,
            place,
            settings,
            reading: &mut *bench.reading,
            client: &client,
            graph: &graph,
            wanted: resting::wanted(&order.set, &place.rollout),
        };
        run.whole(&mut *bench.operator, desk).await
    })?;
    Outcome::new(settings, document.status(), &document, || shown::page(&document, place, settings))
}

/// The tenant of a workspace that may be changed.
pub(crate) fn tenant_of(place: &Place) -> Result<Tenant<'_>, CommandError> {
    let Some(workspace) = place.workspace.as_deref().filter(|_| place.live) else {
        return Err(CommandError::wrong_input("there is no live tenant to change here")
            .hint("start a workspace with `lockstep init --graph TENANT`"));
    };
    Tenant::of(&place.rollout, workspace)
}

/// One set from the first look to the last.
struct Run<'r> {
    order: &'r Order<'r>,
    place: &'r Place,
    settings: &'r Settings,
    reading: &'r mut Reading,
    client: &'r Client<Network>,
    graph: &'r str,
    wanted: Wanted,
}

impl Run<'_> {
    async fn whole(
        &mut self,
        operator: &mut Operator,
        desk: &mut dyn PasswordDesk,
    ) -> Result<Document, CommandError> {
        let stop = Stop::listening(self.settings);
        let set = &self.order.set;
        let Operator { store, state, holder } = operator;
        let writer = lease::writer(store, holder, self.client.now())?;
        let unsettled =
            noted::open_intent(store, &set.id).map_err(|error| failed("read", error))?.is_some();
        let resumed = Resumed::of(state.sets.get(&set.id), unsettled, self.client.now());
        let came = self.steps(&writer, state, &stop, desk).await?;
        let came = WhatCame { resumed, ..came };
        let head = store.head().map_err(|error| failed("read", error))?;
        let is_open =
            noted::open_intent(store, &set.id).map_err(|error| failed("read", error))?.is_some();
        Ok(Document::of(self.order, state.sets.get(&set.id), came, is_open, head))
    }

    /// Everything but the report: looks, asks, writes, reads back.
    async fn steps(
        &mut self,
        writer: &Writer<'_>,
        state: &mut State,
        stop: &Stop,
        desk: &mut dyn PasswordDesk,
    ) -> Result<WhatCame, CommandError> {
        let set = &self.order.set;
        let known = state.sets.get(&set.id).cloned();
        let under_way =
            known.as_ref().filter(|it| matches!(it.phase, Phase::Running | Phase::Stopped { .. }));
        let done = under_way.map_or(0, |it| it.done.len());
        let unsettled = noted::open_intent(writer.store(), &set.id)
            .map_err(|error| failed("read", error))?
            .is_some();
        let again = self.again(&self.reading.snapshot).await?;
        self.reading.snapshot = again.snapshot.clone();
        let moved = self.moved(state, (done, unsettled), &again.snapshot);
        if !moved.is_empty() {
            return Ok(WhatCame::stale(set, &moved, &again.snapshot));
        }
        if under_way.is_none() && !unsettled {
            let now = self.client.now();
            let done = sets_done(writer.store(), state, self.window(), now)?;
            if let Some(why) = just_made::made_before(set, &done, self.window(), now) {
                return Ok(WhatCame { how: How::Refused, why: Some(why), ..WhatCame::default() });
            }
        }
        if known.is_none() {
            self.keep(writer)?;
            let of_plan = self.order.of_plan.clone();
            let event = Event::Proposed { set, of_plan };
            if let Some(refusal) = self.told(writer, state, &event)? {
                return Ok(WhatCame::refused(&refusal));
            }
        }
        let operator = circumstances::operator(self.client, &self.place.rollout).await;
        let (guards, gets_in) = self.guards(state, operator)?;
        let first = match under_way {
            Some(progress) => self.resume(writer, state, progress, &guards, unsettled),
            None => self.begin(writer, state, guards, gets_in.as_deref()),
        };
        let effects = match first? {
            Ok(effects) => effects,
            Err(refusal) => return Ok(WhatCame::refused(&refusal)),
        };
        if self.client.now().duration_since(again.read_at) > BELIEVED {
            let once_more = self.again(&again.snapshot).await?;
            let moved = self.moved(state, (done, unsettled), &once_more.snapshot);
            if !moved.is_empty() {
                let why = "the tenant was changed while the question stood".to_owned();
                self.told(writer, state, &Event::Stopped { set, why })?;
                return Ok(WhatCame::stale(set, &moved, &once_more.snapshot));
            }
        }
        Ok(self.drive((writer, state), (desk, stop), again, effects).await)
    }

    /// Carries out what the engine says, and tells what came of it.
    async fn drive(
        &self,
        (writer, state): (&Writer<'_>, &mut State),
        (desk, stop): (&mut dyn PasswordDesk, &Stop),
        again: again::Again,
        effects: Vec<Effect>,
    ) -> WhatCame {
        let set = &self.order.set;
        let mut drive = Drive {
            client: self.client,
            graph: self.graph,
            writer,
            state: &mut *state,
            by: &self.settings.user,
            set,
            snapshot: &again.snapshot,
            wanted: &self.wanted,
            desk,
            stop,
            window: self.window(),
            sent: None,
        };
        let ended = drive.run(effects).await;
        let sent = drive.sent;
        match ended {
            Ok(ended) => WhatCame::ended(ended, again.untold),
            Err(Halt::Refused(refusal)) if sent.is_none() && nothing_done(state, set) => {
                WhatCame::refused(&refusal)
            }
            // Whatever ends a run after a request went out, something may be in the tenant.
            Err(halt) => {
                let ended = Ended { why: Some(halt.words()), ..Ended::default() };
                WhatCame { unsettled: sent, ..WhatCame::ended(ended, Vec::new()) }
            }
        }
    }

    fn window(&self) -> Duration {
        window(self.place)
    }

    /// Keeps the set, so that whoever goes on with it finds it.
    fn keep(&self, writer: &Writer<'_>) -> Result<(), CommandError> {
        let set = &self.order.set;
        let known = writer.store().latest(&CHANGE_SETS, &set.id);
        if known.map_err(|error| failed("read", error))?.is_some() {
            return Ok(());
        }
        let document = store::NewDocument {
            key: &set.id,
            payload: set,
            at: self.client.now(),
            by: &self.settings.user,
            source: Some(&set.made_from),
        };
        writer.put(&CHANGE_SETS, &document).map(drop).map_err(|error| failed("write", error))
    }

    async fn again(&self, snapshot: &Snapshot) -> Result<again::Again, CommandError> {
        again::again(self.client, snapshot, &self.wanted).await.map_err(|error| {
            CommandError::unreachable("what the change set rests on cannot be read again")
                .because(error)
                .hint("nothing was changed; try again when the tenant answers")
        })
    }

    fn moved(&self, state: &State, (done, unsettled): (usize, bool), now: &Snapshot) -> Vec<Moved> {
        let set = &self.order.set;
        // All that is left is to read it back, which compares by itself.
        if done >= set.changes.len() && !unsettled {
            return Vec::new();
        }
        resting::moved(set, (done, unsettled), state.ids_of(&set.id), now)
    }

    /// What the guards say of the tenant as it was read again, and whom they proved to get in.
    fn guards(
        &self,
        state: &State,
        operator: Option<guard::Operator>,
    ) -> Result<(Vec<GuardResult>, Option<String>), CommandError> {
        // Of how the plan is dated, whoever drew the set has told.
        see(self.reading, self.place, state, &self.settings.quietly(), |seen| {
            let set = &self.order.set;
            let now = self.settings.now;
            let circumstances = engine::circumstances(state, seen, set, operator, now);
            let guards = guard::ask(set, seen.facts, &circumstances);
            Ok((guards, shown::gets_in(set, seen.facts)))
        })
    }

    fn told(
        &self,
        writer: &Writer<'_>,
        state: &mut State,
        event: &Event<'_>,
    ) -> Result<Option<Refusal>, CommandError> {
        let by = &self.settings.user;
        let effects = step_with(writer, state, event, by, self.client.now())?;
        Ok(refusal_in(&effects))
    }

    /// Asks whoever may confirm the set, after everything that would refuse it anyway.
    fn begin(
        &self,
        writer: &Writer<'_>,
        state: &mut State,
        guards: Vec<GuardResult>,
        gets_in: Option<&str>,
    ) -> Result<Result<Vec<Effect>, Refusal>, CommandError> {
        let set = &self.order.set;
        let by = self.settings.user.clone();
        let confirmed = |word: String, at| Event::Confirmed {
            set,
            confirmation: Confirmation { by: by.clone(), at, word },
            guards: guards.clone(),
        };
        let word = set.tenant.clone().unwrap_or_else(|| "yes".to_owned());
        let would_be = confirmed(word, self.client.now());
        if let Some(refusal) = refusal_in(&step(state, &would_be, self.client.now()).1) {
            return Ok(Err(refusal));
        }
        let Some(word) = confirmation::ask(self.order, gets_in, self.settings)? else {
            return Ok(Err(Refusal::NotConfirmed));
        };
        let now = self.client.now();
        let effects = step_with(writer, state, &confirmed(word, now), &by, now)?;
        Ok(refusal_in(&effects).map_or(Ok(effects), Err))
    }

    /// Goes on with a set that was confirmed before. One that was killed needs no other word; one that
    /// stopped does. Of the guards those still count that say who gets in: an open gap is not kept open
    /// because the snapshot grew old meanwhile.
    fn resume(
        &self,
        writer: &Writer<'_>,
        state: &mut State,
        progress: &Progress,
        guards: &[GuardResult],
        unsettled: bool,
    ) -> Result<Result<Vec<Effect>, Refusal>, CommandError> {
        use guard::{Guard, Unwaivable};
        let still_counts = |it: &&GuardResult| {
            it.refuses()
                && matches!(
                    it.guard,
                    Guard::Unwaivable(
                        Unwaivable::LockoutProof
                            | Unwaivable::BreakGlassExcluded
                            | Unwaivable::OperatorNotBarred
                    )
                )
        };
        let guards: Vec<GuardResult> = guards.iter().filter(still_counts).cloned().collect();
        if !guards.is_empty() {
            return Ok(Err(Refusal::Guards { guards }));
        }
        let set = &self.order.set;
        let event = Event::Resumed { set, unsettled };
        if let Some(refusal) = refusal_in(&step(state, &event, self.client.now()).1) {
            return Ok(Err(refusal));
        }
        if progress.phase != Phase::Running
            && confirmation::ask(self.order, None, self.settings)?.is_none()
        {
            return Ok(Err(Refusal::NotConfirmed));
        }
        let by = &self.settings.user;
        let effects = step_with(writer, state, &event, by, self.client.now())?;
        Ok(refusal_in(&effects).map_or(Ok(effects), Err))
    }
}

fn nothing_done(state: &State, set: &ChangeSet) -> bool {
    state.sets.get(&set.id).is_none_or(|it| it.done.is_empty() && !it.unsettled)
}

/// The sets that were read back less than the window ago.
fn sets_done(
    store: &Store,
    state: &State,
    window: Duration,
    now: Timestamp,
) -> Result<Vec<DoneSet>, CommandError> {
    let mut done = Vec::new();
    for (id, progress) in &state.sets {
        let Phase::Done { at } = progress.phase else { continue };
        if now.duration_since(at) > SignedDuration::try_from(window).unwrap_or(SignedDuration::MAX)
        {
            continue;
        }
        let kept = store.latest(&CHANGE_SETS, id).map_err(|error| failed("read", error))?;
        done.extend(kept.map(|it| DoneSet { at, set: it.payload }));
    }
    Ok(done)
}

fn window(place: &Place) -> Duration {
    let seconds = place.rollout.source.settle_seconds;
    seconds.map_or(SETTLES, |it| Duration::from_secs(u64::from(it)))
}

fn refusal_in(effects: &[Effect]) -> Option<Refusal> {
    effects.iter().find_map(|it| match it {
        Effect::Refuse(refusal) => Some(refusal.clone()),
        _ => None,
    })
}

impl WhatCame {
    fn stale(set: &ChangeSet, moved: &[Moved], now: &Snapshot) -> Self {
        Self { how: How::Stale, moved: document::moved(set, moved, now), ..Self::default() }
    }

    fn refused(refusal: &Refusal) -> Self {
        let guards = match refusal {
            Refusal::Guards { guards } => guards.clone(),
            _ => Vec::new(),
        };
        let how = match refusal {
            Refusal::Gate { .. } => How::GateClosed,
            Refusal::NotConfirmed => How::NotConfirmed,
            _ => How::Refused,
        };
        Self { how, why: Some(refusal.to_string()), guards, ..Self::default() }
    }

    fn ended(ended: Ended, untold: Vec<String>) -> Self {
        let remarks = ended.remarks.into_iter().chain(untold).collect();
        Self {
            how: How::Ended,
            why: ended.why,
            unreachable: ended.unreachable,
            told: ended.told,
            remarks,
            ..Self::default()
        }
    }
}
