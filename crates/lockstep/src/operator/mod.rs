//! The operator: what was decided so far, in the store of the workspace, and the engine over it.
//!
//! Every verb that changes anything goes through [`Operator::step`]: the engine says what an event
//! means, what is to be kept is kept in one transaction, and what is left is given back to be done.

mod daily;
mod kept;
pub(crate) mod lease;
mod refusing;
mod seeing;

use std::path::Path;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rollout::change::ChangeSet;
use rollout::engine::{Effect, Event, State, step};
use store::{EntryKind, Holder, NewEntry, Store, StoreError, Together, Writer};

pub(crate) use daily::SnapshotNote;
pub(crate) use kept::CHANGE_SETS;
pub(crate) use refusing::{guard_name, refusal, refused};
pub(crate) use seeing::{see, see_from};

use crate::error::CommandError;
use crate::settings::Settings;
use crate::workspace::{Place, no_workspace};

/// How long a lease lasts without being renewed. Longer than any one call to Graph may take.
pub(crate) const LEASE: SignedDuration = SignedDuration::from_mins(15);

/// What was decided so far, and where it is kept.
#[derive(Debug)]
pub(crate) struct Operator {
    /// Where it is kept.
    pub(crate) store: Store,
    /// What is known so far.
    pub(crate) state: State,
    /// This process.
    pub(crate) holder: Holder,
}

impl Operator {
    /// Opens the store of a workspace; makes it if there is none.
    ///
    /// # Errors
    /// Outside a workspace, or when the store or one record in it cannot be read: nothing is decided on
    /// half of what is known.
    pub(crate) fn open(place: &Place, settings: &Settings) -> Result<Self, CommandError> {
        let Some(workspace) = place.workspace.as_deref() else {
            return Err(no_workspace());
        };
        let store = open_store(workspace)?;
        let state = kept::load(&store).map_err(|error| failed("read", error))?;
        let machine = settings.surroundings.machine.clone();
        let holder = Holder {
            host: machine.unwrap_or_else(lease::machine),
            pid: std::process::id(),
            user: settings.user.clone(),
        };
        Ok(Self { store, state, holder })
    }

    /// Tells the engine what happened, keeps what is to be kept, and gives back what is left to be done.
    pub(crate) fn step(
        &mut self,
        event: &Event<'_>,
        now: Timestamp,
    ) -> Result<Vec<Effect>, CommandError> {
        let writer = lease::writer(&self.store, &self.holder, now)?;
        step_with(&writer, &mut self.state, event, &self.holder.user, now)
    }

    /// The same for an event that depends on what is kept, such as the next free number: it is made
    /// while nobody else can write.
    pub(crate) fn step_from(
        &mut self,
        event: impl FnOnce(&State) -> Event<'static>,
        now: Timestamp,
    ) -> Result<Vec<Effect>, CommandError> {
        let writer = lease::writer(&self.store, &self.holder, now)?;
        self.state = kept::load(&self.store).map_err(|error| failed("read", error))?;
        let event = event(&self.state);
        step_with(&writer, &mut self.state, &event, &self.holder.user, now)
    }

    /// Keeps a change set, so that it can be confirmed later. Keeping it again changes nothing.
    pub(crate) fn keep_set(&self, set: &ChangeSet, now: Timestamp) -> Result<(), CommandError> {
        let failed = |error| failed("write", error);
        if self.store.latest(&CHANGE_SETS, &set.id).map_err(failed)?.is_some() {
            return Ok(());
        }
        let writer = lease::writer(&self.store, &self.holder, now)?;
        let document = store::NewDocument {
            key: &set.id,
            payload: set,
            at: now,
            by: &self.holder.user,
            source: Some(&set.made_from),
        };
        writer.put(&CHANGE_SETS, &document).map(drop).map_err(failed)
    }

    /// The first change set of a kind that was begun and not finished: a run that was killed goes on
    /// with it.
    pub(crate) fn begun(
        &self,
        is_wanted: impl Fn(&ChangeSet) -> bool,
    ) -> Result<Option<ChangeSet>, CommandError> {
        for progress in self.state.sets.values().filter(|it| it.is_begun()) {
            let set = self.set(&progress.set)?;
            if is_wanted(&set) {
                return Ok(Some(set));
            }
        }
        Ok(None)
    }

    /// A change set by its id, or by the beginning of it.
    pub(crate) fn set(&self, id: &str) -> Result<ChangeSet, CommandError> {
        let found: Vec<&String> =
            self.state.sets.keys().filter(|known| known.starts_with(id)).collect();
        let [only] = found.as_slice() else {
            let why = if found.is_empty() { "no" } else { "more than one" };
            return Err(CommandError::wrong_input(format!("{why} change set begins with `{id}`"))
                .hint("`lockstep next` shows the one that is due"));
        };
        let document = self.store.latest(&CHANGE_SETS, only).map_err(|it| failed("read", it))?;
        let set = document.map(|it| it.payload).ok_or_else(|| {
            CommandError::wrong_input(format!("the change set `{only}` is not in the store"))
        })?;
        set.verify().map_err(|error| {
            CommandError::wrong_input("the change set cannot be used").because(error)
        })?;
        Ok(set)
    }
}

/// What is known so far, read anew: whoever takes the lease may find what others kept meanwhile.
pub(crate) fn known(store: &Store) -> Result<State, CommandError> {
    kept::load(store).map_err(|error| failed("read", error))
}

/// The same as [`Operator::step`] for whoever holds the lease already.
pub(crate) fn step_with(
    writer: &Writer<'_>,
    state: &mut State,
    event: &Event<'_>,
    by: &str,
    now: Timestamp,
) -> Result<Vec<Effect>, CommandError> {
    step_noting(writer, state, event, (by, now), |_| Ok(()))
}

/// The same, with what else is to be kept in the same transaction: the outcome of a write and how far
/// its set is carried out are kept together or not at all.
pub(crate) fn step_noting(
    writer: &Writer<'_>,
    state: &mut State,
    event: &Event<'_>,
    (by, now): (&str, Timestamp),
    note: impl FnOnce(&Together<'_>) -> Result<(), StoreError>,
) -> Result<Vec<Effect>, CommandError> {
    let (next, effects) = step(state, event, now);
    let mut left = Vec::new();
    writer
        .together(now, |together| {
            note(together)?;
            for effect in effects {
                match effect {
                    Effect::Keep(record) => kept::keep(together, &record, by, now)?,
                    Effect::Note(text) => {
                        together.append(&NewEntry {
                            time: now,
                            actor: by,
                            kind: EntryKind::Note,
                            change_set: None,
                            payload: &text,
                        })?;
                    }
                    other => left.push(other),
                }
            }
            Ok(())
        })
        .map_err(|error| failed("write", error))?;
    *state = next;
    Ok(left)
}

/// The first day that was agreed on, where a workspace remembers one.
pub(crate) fn agreed_start(place: &Place) -> Result<Option<Date>, CommandError> {
    let Some(store) = remembered(place)? else { return Ok(None) };
    kept::agreed(&store).map_err(|error| failed("read", error)).map(|it| it.map(|it| it.start))
}

/// The store of a workspace that has one, where its own data is read: what other files tell is not
/// held against what was decided on these.
pub(crate) fn remembered(place: &Place) -> Result<Option<Store>, CommandError> {
    let workspace = place.workspace.as_deref().filter(|_| place.given.is_none());
    let Some(file) = workspace.map(|it| it.join(store::FILE_NAME)).filter(|it| it.is_file()) else {
        return Ok(None);
    };
    Store::open(&file).map(Some).map_err(|error| failed("open", error))
}

/// What is known so far, by a store that is only read.
pub(crate) fn state_of(store: &Store) -> Result<State, CommandError> {
    kept::load(store).map_err(|error| failed("read", error))
}

/// Makes the store of a workspace that has none.
pub(crate) fn make_store(workspace: &Path) -> Result<(), CommandError> {
    open_store(workspace).map(drop)
}

fn open_store(workspace: &Path) -> Result<Store, CommandError> {
    Store::open_or_create(&workspace.join(store::FILE_NAME)).map_err(|error| failed("open", error))
}

/// The store does not do what it should.
pub(crate) fn failed(what: &str, error: StoreError) -> CommandError {
    let hint = error.hint();
    let failed =
        CommandError::wrong_input(format!("cannot {what} what lockstep remembers")).because(error);
    match hint {
        Some(hint) => failed.hint(hint),
        None => failed,
    }
}
