//! `lockstep next`

mod due;
mod page;

use clap::Args;

use self::due::Due;
use crate::cli::read;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::live::Tenant;
use crate::operator::{Operator, see};
use crate::settings::Settings;
use crate::terminal::{self, Outcome, status_of};
use crate::workspace::Place;

/// Show what is due now: tasks, and the change set as a diff
///
/// Asks every gate, then shows the tasks that are due, and each change set whose day and gates have
/// come: what people notice first, then the dangerous changes, then what the guards answer as it
/// stands. What was shown is kept, so that `lockstep apply ID` carries out exactly that. Where
/// lockstep itself changed the live tenant since it was read, it is read again first. Exits 2 when a
/// change set is due, 3 when a gate is closed whose date has come, 0 when nothing is due.
#[derive(Debug, Args)]
pub(crate) struct Next {}

impl Next {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::of_workspace(settings)?;
        let mut operator = Operator::open(&place, settings)?;
        if let Some(folder) = place.workspace.as_deref().filter(|_| place.live)
            && due::was_changed_since_read(&operator.state, &place)?
        {
            if !settings.quiet {
                terminal::remark(
                    "note: lockstep changed the tenant since it was read; it is read again",
                );
            }
            Tenant::of(&place.rollout, folder)?.download(&place, settings)?;
        }
        let reading = read(&place, settings)?;
        let state = operator.state.clone();
        see(&reading, &place, &state, settings, |seen| {
            let due = Due::find(&mut operator, seen, &place, settings)?;
            let document = due.document(seen, settings);
            let status = match due.status() {
                ExitStatus::Done => status_of(&reading),
                other => other,
            };
            Outcome::new(settings, status, &document, || {
                page::page(&due, &document, &place, settings)
            })
        })
    }
}
