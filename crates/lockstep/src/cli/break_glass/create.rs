//! `lockstep break-glass create`

use clap::Args;
use rollout::change::ChangeSet;
use rollout::change::draft::{CannotDraft, break_glass};
use rollout::engine::Seen;

use super::paper::{PaperOptions, carry_out, paper, told, under_way, unprinted};
use crate::break_glass::{Paper, keys};
use crate::cli::read;
use crate::effects::{self, Bench, Order};
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::{Operator, see};
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::Outcome;
use crate::workspace::Place;

/// Make the break-glass accounts, their role and their group, and print each password once
///
/// Change set CS-01 of the plan: the accounts that the settings name, or two with names that point to
/// nobody; Global Administrator, active and without end; a role-assignable group that every policy
/// leaves out. Carried out as `apply` does: shown, confirmed by the primary domain, read back. Then each
/// password is shown, one page for each account and place, and you say that it is on paper.
///
/// In the public cloud the portals ask every account for MFA. What comes next (a Temporary Access Pass by
/// another administrator, two security keys each, the proof) is printed below the result.
#[derive(Debug, Args)]
pub(super) struct Create {
    #[command(flatten)]
    paper: PaperOptions,
    /// The primary domain of the tenant, in place of an answer
    #[arg(long, value_name = "DOMAIN")]
    confirm: Option<String>,
}

impl Create {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let showing = self.paper.showing(settings)?;
        let place = Place::of_workspace(settings)?;
        let mut operator = Operator::open(&place, settings)?;
        let mut reading = read(&place, settings)?;
        let begun = under_way(&operator)?;
        let (drafted, paper, hints) = see(&reading, &place, &operator.state, settings, |seen| {
            Ok((draft(seen, settings)?, paper(seen.facts, settings), settings_hint(seen)))
        })?;
        let Some(set) = begun.or(drafted) else {
            return nothing(&operator, &paper, settings, &place);
        };
        let order = Order {
            verb: "break-glass",
            set,
            of_plan: Some("CS-01".to_owned()),
            confirm: self.confirm.as_deref(),
            remarks: vec![keys::of(paper.phishing_resistant).why.to_owned()],
        };
        let mut bench =
            Bench { place: &place, settings, operator: &mut operator, reading: &mut reading };
        let printed = carry_out(&order, &mut bench, showing, &paper)?;
        let lost = unprinted(&operator)?;
        let done = matches!(&printed.outcome, Ok(it) if it.status == ExitStatus::Done);
        told(
            printed,
            &lost,
            settings,
            |page| {
                if done {
                    then(page, &paper, &hints);
                }
            },
            &place.command(if done { "break-glass runbook" } else { "next" }),
        )
    }
}

/// The set, bound to the tenant as it was read. `None`: everything is there.
fn draft(seen: &Seen<'_>, settings: &Settings) -> Result<Option<ChangeSet>, CommandError> {
    let marker: String =
        seen.snapshot.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    match break_glass(seen.facts, &marker) {
        Ok(draft) => {
            let set = effects::bind(draft, seen.facts.snapshot, seen.snapshot, settings.now);
            Ok(Some(effects::with_effects(set, Some(seen))))
        }
        Err(CannotDraft::NothingToChange) => Ok(None),
        Err(error) => Err(CommandError::wrong_input("the break-glass accounts cannot be made")
            .because(error)
            .hint("see `accounts` under `[break_glass]` in lockstep.toml, and take a snapshot")),
    }
}

/// What the settings do not say yet: without it nobody knows that these accounts are break-glass.
fn settings_hint(seen: &Seen<'_>) -> Vec<String> {
    let wanted = &seen.facts.rollout.break_glass;
    let mut hints = Vec::new();
    if wanted.accounts.len() < 2 {
        hints.push(
            "Name both accounts as `accounts` under `[break_glass]` in lockstep.toml: no account is \
             guessed to be break-glass."
                .to_owned(),
        );
    }
    if wanted.group.is_none() {
        let name = rollout::plan::BREAK_GLASS_GROUP;
        hints.push(format!("Set `group = \"{name}\"` there, too."));
    }
    hints
}

/// What comes next, and why.
fn then(page: &mut Page, paper: &Paper, hints: &[String]) {
    let keys = keys::of(paper.phishing_resistant);
    for hint in hints {
        page.line(hint);
    }
    page.heading(if paper.phishing_resistant {
        "Now the keys: a password alone does not do"
    } else {
        "Now the proof: a password alone does, here"
    });
    page.line(keys.why);
    for (number, step) in (1..).zip(keys.steps) {
        page.line(&format!("{number}. {step}"));
    }
}

fn nothing(
    operator: &Operator,
    paper: &Paper,
    settings: &Settings,
    place: &Place,
) -> Result<Outcome, CommandError> {
    let lost = unprinted(operator)?;
    let mut page = Page::new(settings.width, settings.color);
    page.heading("Accounts, role and group are there; nothing was changed");
    for user in &lost {
        page.item(&format!("Nobody said that the password of {user} stands on paper."));
    }
    then(&mut page, paper, &[]);
    let next = match lost.first() {
        Some(user) => place.command(&format!("break-glass sheet {user}")),
        None => place.command("break-glass test"),
    };
    page.next(&next);
    let status = if lost.is_empty() { ExitStatus::Done } else { ExitStatus::PartlyApplied };
    let document = serde_json::json!({"schema": "lockstep.break-glass-sheets/1"});
    Outcome::new(settings, status, &document, || page)
}
