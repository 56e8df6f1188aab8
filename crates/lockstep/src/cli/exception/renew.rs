//! `lockstep exception renew`

use clap::Args;
use jiff::civil::Date;
use rollout::engine;
use rollout::exceptions;

use super::{Desk, list};
use crate::arguments::ExportsOption;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Ask for a later end; it is decided like the exception itself, and the end stays until then
#[derive(Debug, Args)]
pub(super) struct Renew {
    /// Id of the exception, such as EX-001
    id: String,
    /// The last day it would hold then
    #[arg(long, value_name = "DATE")]
    until: Date,
    /// Why it is still needed
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who asks
    #[arg(long, value_name = "WHO")]
    asked_by: String,
    #[command(flatten)]
    exports: ExportsOption,
}

impl Renew {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let mut desk = Desk::open(&self.exports, settings)?;
        let before = desk.exception(&self.id)?;
        let reading = desk.reading(settings)?;
        let asked_by = desk.see(&reading, settings, |seen| {
            Ok(exceptions::named(seen.facts, &self.asked_by).name)
        })?;
        let renewal = engine::Renewal {
            asked_by,
            asked_at: settings.now,
            asked_on: desk.today,
            until: self.until,
            reason: self.reason.trim().to_owned(),
            decisions: Vec::new(),
        };
        let after = exceptions::renew(&before, renewal)
            .map_err(|why| CommandError::refused(format!("{} is not renewed: {why}", before.id)))?;
        desk.keep(&after, settings.now)?;
        let document = list::document(&desk, Some(&reading), settings);
        Outcome::new(settings, ExitStatus::Done, &document, || {
            let mut page = Page::new(settings.width, settings.color);
            page.heading(&format!(
                "{}: a renewal to {} was asked for; until it is decided, {} stays the last day",
                after.id, self.until, after.expires
            ));
            list::describe(&mut page, &after, desk.today);
            let decide = format!("exception decide {} --approve --by WHO", after.id);
            page.next(&desk.place.command(&decide));
            page
        })
    }
}
