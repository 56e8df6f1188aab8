//! `lockstep exception end`

use clap::Args;
use rollout::engine::{Closed, ExceptionPhase};
use rollout::exceptions;

use super::{Desk, list};
use crate::arguments::ExportsOption;
use crate::digest;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// End an exception before its last day
#[derive(Debug, Args)]
pub(super) struct End {
    /// Id of the exception, such as EX-001
    id: String,
    /// Who ends it
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    exports: ExportsOption,
}

impl End {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let mut desk = Desk::open(&self.exports, settings)?;
        let before = desk.exception(&self.id)?;
        let closed = Closed {
            by: self.by.trim().to_owned(),
            at: settings.now,
            how: self.reason.trim().to_owned(),
        };
        // Of one that is over for the day already, the change set alone is missing.
        let waits = before.ending.is_some() || exceptions::is_over(&before, desk.today);
        let applied = matches!(before.phase, ExceptionPhase::Applied { .. });
        let after = match applied && waits {
            true => before,
            false => exceptions::end(&before, closed).map_err(|why| {
                CommandError::refused(format!("{} is not ended: {why}", before.id))
            })?,
        };
        if !(applied && waits) {
            desk.keep(&after, settings.now)?;
        }
        let reading = desk.reading_with_sign_ins(settings)?;
        let set = if applied { Some(desk.propose(&after, &reading, settings)?) } else { None };
        let document = list::document(&desk, Some(&reading), settings);
        Outcome::new(settings, ExitStatus::Done, &document, || {
            let mut page = Page::new(settings.width, settings.color);
            let Some(set) = &set else {
                page.heading(&format!("{}: over; it was never applied", after.id));
                page.next(&desk.place.command("exception list"));
                return page;
            };
            page.heading(&format!("{}: ends when its change set is carried out", after.id));
            for effect in set.changes.iter().filter_map(|it| it.effect.as_deref()) {
                page.line(effect);
            }
            page.next(&desk.place.command(&format!("apply {}", digest::short(&set.id))));
            page
        })
    }
}
