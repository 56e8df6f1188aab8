//! `lockstep exception`

mod add;
mod decide;
mod end;
mod letter;
mod list;
mod renew;

use std::mem::ManuallyDrop;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rollout::change::{ChangeSet, Made};
use rollout::engine::{self, Effect, Event, Seen};
use rollout::exceptions;

use crate::arguments::ExportsOption;
use crate::cli::{read, read_figures};
use crate::error::CommandError;
use crate::operator::{Operator, see};
use crate::reading::Reading;
use crate::settings::Settings;
use crate::terminal::Outcome;
use crate::workspace::Place;
use crate::{deciding, effects};

/// How long a change set may wait to be confirmed.
const SET_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// Ask for, decide, renew and end exceptions
///
/// An exception is a path of sign-ins that goes without MFA for a while, with an owner, something in
/// its place and an end. It is decided by somebody else than who asked, and applied and ended by a
/// change set. For executives, finance and administrators it needs a letter and the signed decisions of
/// two people.
#[derive(Debug, Args)]
pub(crate) struct Exception {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Add(add::Add),
    List(list::List),
    Decide(decide::Decide),
    Renew(renew::Renew),
    End(end::End),
    Letter(letter::Letter),
}

impl Exception {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        match &self.what {
            What::Add(it) => it.run(settings),
            What::List(it) => it.run(settings),
            What::Decide(it) => it.run(settings),
            What::Renew(it) => it.run(settings),
            What::End(it) => it.run(settings),
            What::Letter(it) => it.run(settings),
        }
    }
}

/// What every part of the verb begins with.
struct Desk {
    place: Place,
    operator: Operator,
    today: Date,
}

impl Desk {
    fn open(exports: &ExportsOption, settings: &Settings) -> Result<Self, CommandError> {
        let place = Place::find(settings, exports.exports.as_deref())?;
        let operator = Operator::open(&place, settings)?;
        let today = deciding::today(&place.rollout, settings.now);
        Ok(Self { place, operator, today })
    }

    fn reading(&self, settings: &Settings) -> Result<ManuallyDrop<Reading>, CommandError> {
        read_figures(&self.place, settings)
    }

    /// The same with the sign-ins that policies can be tried on: what somebody meets is told by them.
    fn reading_with_sign_ins(
        &self,
        settings: &Settings,
    ) -> Result<ManuallyDrop<Reading>, CommandError> {
        read(&self.place, settings)
    }

    /// An exception by its id.
    fn exception(&self, id: &str) -> Result<engine::Exception, CommandError> {
        let id = id.trim().to_uppercase();
        self.operator.state.exceptions.get(&id).cloned().ok_or_else(|| {
            CommandError::wrong_input(format!("there is no exception `{id}`"))
                .hint(format!("`{}` lists them", self.place.command("exception list")))
        })
    }

    fn see<R>(
        &self,
        reading: &Reading,
        settings: &Settings,
        then: impl FnOnce(&Seen<'_>) -> Result<R, CommandError>,
    ) -> Result<R, CommandError> {
        see(reading, &self.place, &self.operator.state, settings, then)
    }

    /// Keeps a new exception, under the number that is free when it is kept.
    fn keep_new(
        &mut self,
        exception: engine::Exception,
        now: Timestamp,
    ) -> Result<engine::Exception, CommandError> {
        let mut kept = exception;
        let effects = self.operator.step_from(
            |state| {
                kept.id = exceptions::next_id(state);
                Event::ExceptionChanged(Box::new(kept.clone()))
            },
            now,
        )?;
        refused(effects)?;
        Ok(kept)
    }

    /// Keeps what became of an exception, unless somebody else has changed it meanwhile.
    fn keep(&mut self, exception: &engine::Exception, now: Timestamp) -> Result<(), CommandError> {
        let event = Event::ExceptionChanged(Box::new(exception.clone()));
        refused(self.operator.step_from(|_| event, now)?)
    }

    /// Makes the change set that an exception waits for and puts it before whoever confirms it.
    fn propose(
        &mut self,
        exception: &engine::Exception,
        reading: &Reading,
        settings: &Settings,
    ) -> Result<ChangeSet, CommandError> {
        let now = settings.now;
        let (made, of_plan) = self.see(reading, &settings.quietly(), |seen| {
            let marker = exception.id.to_lowercase();
            let sets = exceptions::sets_due(&self.operator.state, seen.facts, &marker, self.today);
            let due = sets.into_iter().find(|(due, _)| due.exception().id == exception.id);
            let (due, draft) = due.ok_or_else(|| {
                CommandError::wrong_input(format!("{} waits for no change set", exception.id))
            })?;
            let draft = draft.map_err(|error| {
                CommandError::wrong_input(format!("no change set can be made for {}", exception.id))
                    .because(error)
                    .hint("take a snapshot and ask again: `lockstep snapshot`")
            })?;
            let made = Made {
                at: now,
                from: seen.snapshot.to_owned(),
                expires: now.saturating_add(SET_LASTS).unwrap_or(now),
            };
            let set = ChangeSet::make(draft, seen.facts.snapshot, made);
            let of_plan = due.of_plan();
            let set = effects::of_plan(set, &of_plan, &self.operator.state, seen);
            Ok((set, of_plan))
        })?;
        self.operator.keep_set(&made, now)?;
        let event = Event::Proposed { set: &made, of_plan: Some(of_plan) };
        refused(self.operator.step(&event, now)?)?;
        Ok(made)
    }
}

/// What the engine says no to is an error; nothing was kept then.
fn refused(effects: Vec<Effect>) -> Result<(), CommandError> {
    for effect in effects {
        if let Effect::Refuse(refusal) = effect {
            return Err(CommandError::refused(refusal.to_string()));
        }
    }
    Ok(())
}
