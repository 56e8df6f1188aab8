//! `lockstep apply`

use clap::Args;
use rollout::change::{Change, ChangeSet, Edit, Presence};
use serde::Serialize;

use crate::cli::read;
use crate::effects::passwords::NoDesk;
use crate::effects::{self, Bench, Chosen, Later, Order};
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::Operator;
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::Outcome;
use crate::workspace::Place;

/// Confirm a change set, carry it out, and read it back
///
/// Everything the set rests on is read again first; if anything moved, nothing is changed and the
/// three-way difference is printed (exit 4). Guards that refuse are printed with their counter-examples
/// (exit 6), a closed gate with why (exit 3). Severe changes ask for the primary domain of the tenant to be
/// typed, others for a yes. A set that was killed or stopped on the way is gone on with; so is the way
/// back. Ctrl-C stops it after the write that is on its way (exit 5).
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// Id of the change set, or the beginning of it; without it, the one that is under way, else the
    /// one that `next` showed last, else the first that is due
    #[arg(value_name = "CHANGESET")]
    set: Option<String>,
    /// The primary domain of the tenant, in place of an answer
    #[arg(long, value_name = "DOMAIN")]
    confirm: Option<String>,
}

/// Nothing is due.
#[derive(Debug, Serialize)]
struct Nothing<'l> {
    schema: &'static str,
    ended: &'static str,
    /// What waits, and why.
    later: &'l [Later],
}

impl<'l> Nothing<'l> {
    fn of(later: &'l [Later]) -> Self {
        let is_held = later.iter().any(|it| it.held);
        let ended = if is_held { "gate-closed" } else { "nothing-to-do" };
        Self { schema: "lockstep.apply/1", ended, later }
    }

    fn lines(&self) -> Vec<String> {
        let why = |it: &Later| it.why.trim_end_matches('.').to_owned();
        let held = self.later.iter().filter(|it| it.held);
        let held = held.map(|it| format!("The day of `{}` has come, and: {}.", it.title, why(it)));
        let mut lines: Vec<String> = held.collect();
        if let Some(next) = self.later.iter().filter(|it| !it.held).min_by_key(|it| it.date) {
            lines.push(format!("Next is `{}`: {}.", next.title, why(next)));
        }
        let nothing = match self.later {
            [] => "No change set waits to be carried out, and none is due.",
            _ => "Nothing can be carried out today.",
        };
        lines.insert(0, nothing.to_owned());
        lines
    }

    fn outcome(&self, place: &Place, settings: &Settings) -> Result<Outcome, CommandError> {
        let is_held = self.later.iter().any(|it| it.held);
        let status = if is_held { ExitStatus::GateClosed } else { ExitStatus::Done };
        Outcome::new(settings, status, self, || {
            let mut page = Page::new(settings.width, settings.color);
            self.lines().iter().for_each(|it| page.line(it));
            page.next(&place.command("next"));
            page
        })
    }
}

impl Apply {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::find(settings, None)?;
        let mut operator = Operator::open(&place, settings)?;
        let chosen = effects::to_apply(&operator, self.set.as_deref(), settings.now)?;
        let mut reading = read(&place, settings)?;
        let chosen = match chosen {
            Some(chosen) => Ok(chosen),
            None => effects::due(&reading, &place, &operator, settings)?,
        };
        let Chosen { set, of_plan } = match chosen {
            Ok(chosen) => chosen,
            Err(later) => return Nothing::of(&later).outcome(&place, settings),
        };
        refuse_secrets(&set, &place)?;
        let confirm = self.confirm.as_deref();
        let order = Order { verb: "apply", set, of_plan, confirm, remarks: Vec::new() };
        let mut bench =
            Bench { place: &place, settings, operator: &mut operator, reading: &mut reading };
        effects::carry_out(&order, &mut bench, &mut NoDesk)
    }
}

/// Accounts are made where their passwords can be put on paper, and passes issued where they are shown.
fn refuse_secrets(set: &ChangeSet, place: &Place) -> Result<(), CommandError> {
    let pass = set.changes.iter().find_map(|change| match &change.edit {
        Edit::TemporaryAccessPass { user, after: Presence::Present, .. } => Some(user),
        _ => None,
    });
    if let Some(user) = pass {
        let reset = format!("reset {} --by WHO --identity TEXT", user.name);
        return Err(CommandError::refused(format!("`{}` is not carried out here", set.title))
            .hint("nothing was changed: a pass has to be shown to somebody at once")
            .hint(format!("`{}` does that", place.command(&reset))));
    }
    let makes_one = |change: &Change| {
        matches!(
            change.edit,
            Edit::User { after: Presence::Present, .. } | Edit::NewPassword { .. }
        )
    };
    if !set.changes.iter().any(makes_one) {
        return Ok(());
    }
    Err(CommandError::refused(format!("`{}` is not carried out here", set.title))
        .hint("nothing was changed: a password that is made up has to be put on paper at once")
        .hint(format!("`{}` does that", place.command("break-glass create"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(title: &str, date: &str, why: &str, held: bool) -> Later {
        let (title, why) = (title.to_owned(), why.to_owned());
        Later { of_plan: "CS-07".to_owned(), title, date: date.parse().unwrap(), why, held }
    }

    #[test]
    fn what_waits_is_never_said_not_to_wait() {
        let planned = later("Enforce", "2027-02-02", "it is planned for Tuesday", false);
        let held = later("Pilot", "2027-01-26", "gate G5 is not passed: one is open.", true);
        let nothing = |later: &[Later]| Nothing::of(later).lines().join(" ");
        assert_eq!(nothing(&[]), "No change set waits to be carried out, and none is due.");
        let said = nothing(&[planned]);
        let next =
            "Nothing can be carried out today. Next is `Enforce`: it is planned for Tuesday.";
        assert_eq!(said, next);
        let later = [held];
        let nothing = Nothing::of(&later);
        assert_eq!(nothing.ended, "gate-closed");
        let says = "The day of `Pilot` has come, and: gate G5 is not passed: one is open.";
        assert_eq!(nothing.lines().last().map(String::as_str), Some(says));
    }
}
