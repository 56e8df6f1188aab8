//! `lockstep exception letter`

use std::path::{Path, PathBuf};

use clap::Args;
use rollout::exceptions::letter::{Letter as Written, letter};

use super::Desk;
use crate::arguments::ExportsOption;
use crate::atomic_file;
use crate::documents::{DocumentError, letter as documents};
use crate::error::CommandError;
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};

/// Write the letter that puts an exemption before whoever takes the risk
///
/// As a page to print, as Markdown and as plain text. Every fact was seen in the tenant; what nobody
/// measured says so.
#[derive(Debug, Args)]
pub(super) struct Letter {
    /// Id of the exception, such as EX-001
    id: String,
    /// Folder for the letter; without it, `letters` of the workspace
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    exports: ExportsOption,
}

impl Letter {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let desk = Desk::open(&self.exports, settings)?;
        let exception = desk.exception(&self.id)?;
        let reading = desk.reading(settings)?;
        let time = (settings.now, desk.today);
        let written = desk.see(&reading, settings, |seen| {
            letter(&exception, seen, time).ok_or_else(|| {
                CommandError::wrong_input(format!(
                    "{} needs no letter: one person who is not the one who asked decides",
                    exception.id
                ))
                .hint(
                    desk.place
                        .command(&format!("exception decide {} --approve --by WHO", exception.id)),
                )
            })
        })?;
        let folder = match (&self.out, &desk.place.workspace) {
            (Some(out), _) => settings.folder.join(out),
            (None, Some(workspace)) => workspace.join("letters"),
            (None, None) => settings.folder.join("letters"),
        };
        let files = write(&written, &folder)?;
        Outcome::new(settings, status_of(&reading), &written, || {
            let mut page = Page::new(settings.width, settings.color);
            page.heading(&format!("Letter {} to {}", written.reference, written.to));
            for file in &files {
                page.item(&file.display().to_string());
            }
            let facts = written.parts.iter().flat_map(|it| &it.facts);
            let missing: Vec<&str> =
                facts.filter(|it| it.found.is_none()).map(|it| it.what.as_str()).collect();
            if !missing.is_empty() {
                page.line(&format!("Not measured, and said so in it: {}.", missing.join(", ")));
            }
            page.line(&format!("Digest {}", written.digest));
            page.line(
                "Offer what it offers first. Until two people have signed, nothing is changed; the \
                 signed document of each is kept by its digest.",
            );
            let decide = |how: &str| {
                desk.place.command(&format!("exception decide {} {how}", written.reference))
            };
            let grants = decide("--approve --by WHO --document FILE");
            page.line(&format!("Each of the two who would grant it: `{grants}`."));
            page.next(&decide("--refuse --by WHO"));
            page
        })
    }
}

fn write(letter: &Written, folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let failed = |error: DocumentError| {
        CommandError::wrong_input("the letter could not be made").because(error)
    };
    let html = documents::html(letter).map_err(failed)?;
    let documents =
        [("html", html), ("md", documents::markdown(letter)), ("txt", documents::text(letter))];
    let mut files = Vec::new();
    for (kind, text) in documents {
        let path = folder.join(format!("{}.{kind}", letter.reference));
        atomic_file::write(&path, text.as_bytes())?;
        files.push(path);
    }
    Ok(files)
}
