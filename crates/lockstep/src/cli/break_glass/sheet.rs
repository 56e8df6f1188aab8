//! `lockstep break-glass sheet`

use clap::Args;
use rollout::change::ChangeSet;
use rollout::change::Edit;
use rollout::change::draft::{CannotDraft, new_password};
use rollout::engine::Seen;

use super::paper::{PaperOptions, carry_out, paper, told, under_way, unprinted};
use crate::break_glass::blank_page;
use crate::cli::read;
use crate::effects::{self, Bench, Order};
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::{Operator, see};
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::Outcome;
use crate::workspace::Place;

/// What it takes, said before it is confirmed.
const NEEDS: &str = "Of an administrator's account an app may set the password only while it holds the \
                     role Privileged Authentication Administrator itself. Without it the tenant \
                     refuses and nothing is changed: then another administrator sets the password in \
                     the portal, and writes it on the sheet by hand.";

/// Set a new password for a break-glass account, and print it once
///
/// The password of before is kept nowhere, so that no sheet can be printed twice: after a use, after
/// somebody left, or when a run was killed before it printed, the account gets another password. It is a
/// change set of its own, confirmed and read back.
#[derive(Debug, Args)]
pub(super) struct Sheet {
    /// One of the accounts that the settings name
    #[arg(value_name = "ACCOUNT", required_unless_present = "blank")]
    account: Option<String>,
    #[command(flatten)]
    paper: PaperOptions,
    /// The primary domain of the tenant, in place of an answer
    #[arg(long, value_name = "DOMAIN")]
    confirm: Option<String>,
    /// Change nothing: print a page without a password, to try the printer
    #[arg(long, conflicts_with = "account")]
    blank: bool,
}

impl Sheet {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let showing = self.paper.showing(settings)?;
        let place = Place::of_workspace(settings)?;
        let Some(account) = self.account.as_deref() else {
            blank_page(&showing, settings)?;
            return blank(settings, &place);
        };
        let mut operator = Operator::open(&place, settings)?;
        let mut reading = read(&place, settings)?;
        let begun = under_way(&operator)?.filter(|set| is_for(set, account));
        let (drafted, paper) = see(&reading, &place, &operator.state, settings, |seen| {
            Ok((draft(seen, account, settings)?, paper(seen.facts, settings)))
        })?;
        let order = Order {
            verb: "break-glass",
            set: begun.unwrap_or(drafted),
            of_plan: None,
            confirm: self.confirm.as_deref(),
            remarks: vec![NEEDS.to_owned()],
        };
        let mut bench =
            Bench { place: &place, settings, operator: &mut operator, reading: &mut reading };
        let printed = carry_out(&order, &mut bench, showing, &paper)?;
        let lost = unprinted(&operator)?;
        told(printed, &lost, settings, |_| {}, &place.command("break-glass test"))
    }
}

fn is_for(set: &ChangeSet, account: &str) -> bool {
    set.changes.iter().any(|it| match &it.edit {
        Edit::NewPassword { user } => {
            user.name.eq_ignore_ascii_case(account) || user.id.eq_ignore_ascii_case(account)
        }
        _ => false,
    })
}

fn draft(seen: &Seen<'_>, account: &str, settings: &Settings) -> Result<ChangeSet, CommandError> {
    let draft = new_password(seen.facts, account).map_err(|error| {
        let hint = match &error {
            CannotDraft::NotBreakGlass { .. } => {
                "name it as `accounts` under `[break_glass]` in lockstep.toml, if it is one"
            }
            _ => "take a snapshot first: `lockstep snapshot`",
        };
        CommandError::wrong_input("no new password can be set").because(error).hint(hint)
    })?;
    let set = effects::bind(draft, seen.facts.snapshot, seen.snapshot, settings.now);
    Ok(effects::with_effects(set, Some(seen)))
}

fn blank(settings: &Settings, place: &Place) -> Result<Outcome, CommandError> {
    let mut page = Page::new(settings.width, settings.color);
    page.line("A page without a password was shown. If it came out, sheets will.");
    page.next(&place.command("break-glass create"));
    let document = serde_json::json!({"schema": "lockstep.break-glass-sheets/1"});
    Outcome::new(settings, ExitStatus::Done, &document, || page)
}
