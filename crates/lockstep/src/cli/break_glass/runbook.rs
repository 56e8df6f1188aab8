//! `lockstep break-glass runbook`

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::arguments::ExportsOption;
use crate::atomic_file;
use crate::break_glass::runbook::{Runbook as Made, moment};
use crate::cli::{facts, read};
use crate::error::CommandError;
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};
use crate::workspace::Place;

/// Name of the file.
const FILE: &str = "break-glass-runbook.html";

/// Write the page that lies beside the sheets: addresses, ids, and the request that undoes a policy
///
/// No secret stands on it. Print it and put a copy to each sheet; make it again when a policy was made
/// or switched.
#[derive(Debug, Args)]
pub(super) struct Runbook {
    #[command(flatten)]
    exports: ExportsOption,
    /// The file; `break-glass-runbook.html` beside the settings file unless given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Document {
    schema: &'static str,
    written: String,
}

impl Runbook {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::find(settings, self.exports.exports.as_deref())?;
        let reading = read(&place, settings)?;
        let facts = facts(&reading, &place, settings);
        let read = reading.downloads.iter().map(|it| it.started).min();
        let seen = read.map_or_else(
            || "the files of the exports folder".to_owned(),
            |at| format!("the tenant as it was on {}", moment(at)),
        );
        let made = Made::of(&facts, &seen, &moment(settings.now));
        let out = match &self.out {
            Some(out) => settings.folder.join(out),
            None => place.workspace.as_deref().unwrap_or(&settings.folder).join(FILE),
        };
        atomic_file::write(&out, made.html()?.as_bytes())?;
        let written = out.display().to_string();
        let document = Document { schema: "lockstep.break-glass-runbook/1", written };
        Outcome::new(settings, status_of(&reading), &document, || {
            let mut page = Page::new(settings.width, settings.color);
            page.line(&format!("Written: {}", document.written));
            page.line(
                "Open it, print it once for each place, and put it beside the sealed sheet. It holds \
                 no secret.",
            );
            page.next(&place.command("break-glass watch --out alerts"));
            page
        })
    }
}
