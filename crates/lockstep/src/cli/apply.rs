//! `lockstep apply`

use clap::Args;
use rollout::change::{Change, ChangeSet, Edit, Presence};
use serde::Serialize;

use crate::cli::read;
use crate::effects::passwords::NoDesk;
use crate::effects::{self, Bench, Chosen, Order};
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
struct Nothing {
    schema: &'static str,
    ended: &'static str,
}

impl Apply {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::find(settings, None)?;
        let mut operator = Operator::open(&place, settings)?;
        let mut chosen = effects::to_apply(&operator, self.set.as_deref(), settings.now)?;
        let mut reading = read(&place, settings)?;
        if chosen.is_none() {
            chosen = effects::due(&reading, &place, &operator, settings)?;
        }
        let Some(Chosen { set, of_plan }) = chosen else {
            let nothing = Nothing { schema: "lockstep.apply/1", ended: "nothing-to-do" };
            return Outcome::new(settings, ExitStatus::Done, &nothing, || {
                let mut page = Page::new(settings.width, settings.color);
                page.line("No change set waits to be carried out, and none is due.");
                page.next(&place.command("next"));
                page
            });
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
