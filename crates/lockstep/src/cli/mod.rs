//! The verbs, one file each.

pub(crate) mod apply;
pub(crate) mod attest;
pub(crate) mod audit;
pub(crate) mod break_glass;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod exception;
pub(crate) mod impact;
pub(crate) mod init;
pub(crate) mod issue;
pub(crate) mod journal;
mod log_figures;
pub(crate) mod man;
pub(crate) mod message;
pub(crate) mod next;
pub(crate) mod plan;
pub(crate) mod policy_test;
pub(crate) mod proposed;
pub(crate) mod prove;
pub mod reference;
pub(crate) mod reset;
pub(crate) mod rollback;
mod said;
mod say;
pub(crate) mod schedule;
pub(crate) mod snapshot;
pub(crate) mod status;
pub(crate) mod unlock;
pub(crate) mod validate;
pub(crate) mod waive;

use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::path::Path;

use clap::Parser as _;
use clap::error::ErrorKind;
use rollout::Facts;
use signins::{Question, Scope};

use crate::arguments::{Arguments, Verb};
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::live;
use crate::reading::{self, Reading};
use crate::settings::Settings;
use crate::surroundings::Surroundings;
use crate::terminal::{self, Outcome};
use crate::workspace::Place;

/// Runs one command line.
pub(crate) fn run(
    arguments: impl IntoIterator<Item = OsString>,
    surroundings: &Surroundings,
) -> ExitStatus {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    let result = Settings::resolve(&arguments.options, surroundings)
        .and_then(|settings| carry_out(&arguments.verb, &settings));
    match result {
        Ok(status) => status,
        Err(error) => terminal::fail(&error),
    }
}

/// Help and version are results; anything else the parser says is wrong usage.
fn refuse(error: &clap::Error) -> ExitStatus {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => terminal::print(&error.to_string()),
        _ => {
            terminal::say(&error.render().to_string());
            ExitStatus::WrongInput
        }
    }
}

fn carry_out(verb: &Verb, settings: &Settings) -> Result<ExitStatus, CommandError> {
    match verb {
        Verb::Demo(verb) => verb.run(settings),
        Verb::Completions(verb) => Ok(verb.run()),
        Verb::Man(verb) => verb.run(),
        Verb::Reference(verb) => Ok(verb.run()),
        verb => Ok(outcome(verb, settings)?.print()),
    }
}

/// What a command line comes to, the verb first, in surroundings that are known. Nothing is printed.
fn outcome_of(line: &[&str], settings: &Settings) -> Result<Outcome, CommandError> {
    let words = std::iter::once("lockstep").chain(line.iter().copied());
    let arguments = Arguments::try_parse_from(words).map_err(|error| {
        CommandError::wrong_input(format!("`{}` is no command", line.join(" "))).because(error)
    })?;
    outcome(&arguments.verb, settings)
}

fn outcome(verb: &Verb, settings: &Settings) -> Result<Outcome, CommandError> {
    match verb {
        Verb::Init(verb) => verb.run(settings),
        Verb::Snapshot(verb) => verb.run(settings),
        Verb::Audit(verb) => verb.run(settings),
        Verb::Plan(verb) => verb.run(settings),
        Verb::Impact(verb) => verb.run(settings),
        Verb::Status(verb) => verb.run(settings),
        Verb::PolicyTest(verb) => verb.run(settings),
        Verb::Prove(verb) => verb.run(settings),
        Verb::Next(verb) => verb.run(settings),
        Verb::Apply(verb) => verb.run(settings),
        Verb::Rollback(verb) => verb.run(settings),
        Verb::Reset(verb) => verb.run(settings),
        Verb::Attest(verb) => verb.run(settings),
        Verb::Waive(verb) => verb.run(settings),
        Verb::Schedule(verb) => verb.run(settings),
        Verb::Issue(verb) => verb.run(settings),
        Verb::Exception(verb) => verb.run(settings),
        Verb::BreakGlass(verb) => verb.run(settings),
        Verb::Message(verb) => verb.run(settings),
        Verb::Validate(verb) => verb.run(settings),
        Verb::Journal(verb) => verb.run(settings),
        Verb::Unlock(verb) => verb.run(settings),
        Verb::Demo(_) | Verb::Completions(_) | Verb::Man(_) | Verb::Reference(_) => {
            Err(CommandError::wrong_input("this command prints what it has to say as it goes"))
        }
    }
}

/// Reads the exports of a place and says on stderr what of them could not be used. Whoever shows what
/// people notice of a change reads like this: the sign-ins come with it, so that they can be tried on.
pub(crate) fn read(
    place: &Place,
    settings: &Settings,
) -> Result<ManuallyDrop<Reading>, CommandError> {
    read_scope(place, None, Scope::Replay, settings)
}

/// The same for pages that try no policy on the sign-ins of the log.
fn read_figures(place: &Place, settings: &Settings) -> Result<ManuallyDrop<Reading>, CommandError> {
    read_scope(place, None, Scope::Everything, settings)
}

/// The same for a question that needs less of the sign-in logs, or another window.
fn read_scope(
    place: &Place,
    days: Option<u32>,
    scope: Scope,
    settings: &Settings,
) -> Result<ManuallyDrop<Reading>, CommandError> {
    if place.live {
        live::prepare(place, settings)?;
    }
    let days = days.unwrap_or(place.rollout.thresholds.legacy_days);
    let workspace = place.keeps(settings).map(Path::to_owned);
    let options =
        reading::Options::new(Question { days, scope }, settings.progress).keeping_in(workspace);
    let reading = reading::read(&place.exports, &options)?;
    terminal::remark_reading(&reading, settings);
    // A command reads once and then ends. What it read goes back to the system in one piece, and
    // not text by text: a tenth of a second for each 100,000 users.
    Ok(ManuallyDrop::new(reading))
}

/// Joins what was read with what the operator wants.
fn facts<'a>(reading: &'a Reading, place: &'a Place, settings: &Settings) -> Facts<'a> {
    Facts::new(&reading.snapshot, reading.measurement.as_ref(), &place.rollout, settings.now)
}
