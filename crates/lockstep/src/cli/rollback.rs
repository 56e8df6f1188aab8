//! `lockstep rollback`

use clap::Args;
use serde::Serialize;

use crate::cli::read;
use crate::effects::passwords::NoDesk;
use crate::effects::{self, Bench, Order, Way};
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::Operator;
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::Outcome;
use crate::workspace::Place;

/// Take a change set back: the exact inverse, as a change set of its own
///
/// Of a set that was carried out in part, what was done is taken back. It is shown, confirmed by typing
/// the primary domain of the tenant, carried out and read back as every change set is. Whatever cannot be
/// taken back is said, with what to do instead.
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// Id of the change set, or the beginning of it; without it, the one that is under way, else the one
    /// that was carried out last
    #[arg(value_name = "CHANGESET")]
    set: Option<String>,
    /// The primary domain of the tenant, in place of an answer
    #[arg(long, value_name = "DOMAIN")]
    confirm: Option<String>,
}

/// Nothing was carried out.
#[derive(Debug, Serialize)]
struct Nothing<'n> {
    schema: &'static str,
    ended: &'static str,
    of: &'n str,
}

impl Rollback {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::find(settings, None)?;
        let mut operator = Operator::open(&place, settings)?;
        let (chosen, way) = effects::to_take_back(&operator, self.set.as_deref())?;
        let mut reading = read(&place, settings)?;
        let mut bench =
            Bench { place: &place, settings, operator: &mut operator, reading: &mut reading };
        let confirm = self.confirm.as_deref();
        let order = match way {
            Way::Begins => effects::order_back(&chosen, &mut bench, confirm)?,
            Way::GoesOn => Some(Order {
                verb: "rollback",
                set: chosen.set.clone(),
                of_plan: None,
                confirm,
                remarks: Vec::new(),
            }),
        };
        if let Some(order) = order {
            return effects::carry_out(&order, &mut bench, &mut NoDesk);
        }
        let nothing =
            Nothing { schema: "lockstep.rollback/1", ended: "nothing-to-do", of: &chosen.set.id };
        Outcome::new(settings, ExitStatus::Done, &nothing, || {
            let mut page = Page::new(settings.width, settings.color);
            page.line(&format!("Nothing of `{}` is there to be taken back.", chosen.set.title));
            page.next(&place.command("next"));
            page
        })
    }
}
