//! `lockstep impact`

mod page;
#[cfg(test)]
mod tests;

use clap::Args;
use rollout::{exceptions, impact};

use crate::arguments::ExportsOption;
use crate::cli::proposed::ProposedOption;
use crate::cli::{facts, read};
use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};
use crate::workspace::Place;

/// Who would be locked out: the successful sign-ins of the log, tried on policies
///
/// Each account has the worst outcome that one of its sign-ins meets; what no file tells makes it
/// unknown, never ready. Without options CA001 of the plan for all users is tried, on top of the
/// tenant's own policies. Needs a sign-in log, and changes nothing in the tenant.
#[derive(Debug, Args)]
pub(crate) struct Impact {
    #[command(flatten)]
    exports: ExportsOption,
    #[command(flatten)]
    proposed: ProposedOption,
}

impl Impact {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let proposed = self.proposed.read()?;
        let place = Place::find(settings, self.exports.exports.as_deref())?;
        let reading = read(&place, settings)?;
        let facts = facts(&reading, &place, settings);
        let proposal = proposed.over(&facts)?;
        let classification = exceptions::classify(&facts);
        let Some(impact) = impact::impact(&facts, &classification, &proposal) else {
            return Err(CommandError::wrong_input(format!(
                "no sign-in log in `{}`, so no policy can be tried on one",
                place.exports.display()
            ))
            .hint(
                "download Entra admin centre > Monitoring > Sign-in logs, interactive and \
                 non-interactive, last 30 days, as JSON or CSV",
            ));
        };
        Outcome::new(settings, status_of(&reading), &impact, || {
            let mut page = page::page(&impact, settings);
            page.next(&format!("{}{}", place.command("prove"), self.proposed.given()));
            page
        })
    }
}
