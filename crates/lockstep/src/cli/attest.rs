//! `lockstep attest`

use std::path::PathBuf;

use clap::Args;
use rollout::engine::{Attestation, Event};
use rollout::plan::{TaskKind, known_tasks};
use serde::Serialize;

use crate::cli::said;
use crate::digest;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::{Operator, refusal, refused};
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::Outcome;
use crate::workspace::Place;

/// State that a task is done, with a name and a note
///
/// Of a file that is shown, only its name and the SHA-256 of its content are kept. Saying it again
/// takes the place of what was said before, which stays readable.
#[derive(Debug, Args)]
pub(crate) struct Attest {
    /// Task of the plan, such as P-17
    #[arg(value_name = "TASK")]
    task: String,
    /// Who says so: a name, and a role
    #[arg(long, value_name = "WHO")]
    by: String,
    /// What was done, and how one can see it
    #[arg(long, value_name = "TEXT")]
    note: String,
    /// A file that shows it
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    title: &'a str,
    #[serde(flatten)]
    attestation: &'a Attestation,
}

impl Attest {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::of_workspace(settings)?;
        let known = known_tasks();
        let id = said::one_of("task", &self.task, known.iter().map(|it| it.id))?;
        let (title, kind) = known
            .iter()
            .find(|it| it.id == id)
            .map_or(("", TaskKind::Attestation), |it| (it.title.as_str(), it.kind));
        let file = self.file.as_deref().map(|path| said::file(path, &settings.folder));
        let attestation = Attestation {
            task: id.to_owned(),
            by: said::name(&self.by)?,
            at: settings.now,
            note: said::text("--note", &self.note)?,
            file: file.transpose()?,
            about: Vec::new(),
        };
        let mut operator = Operator::open(&place, settings)?;
        let left = operator.step(&Event::Attested(attestation.clone()), settings.now)?;
        if let Some(refusal) = refusal(&left) {
            return Err(refused(refusal));
        }
        // As it was kept: with what it is about.
        let attestation = operator.state.attestations.get(id).cloned().unwrap_or(attestation);
        let document =
            Document { schema: "lockstep.attestation/1", title, attestation: &attestation };
        Outcome::new(settings, ExitStatus::Done, &document, || {
            page(&document, kind, &place, settings)
        })
    }
}

/// Names, or sentences, one after the other.
fn listed(about: &[String]) -> String {
    /// How many are shown.
    const SHOWN: usize = 3;
    let shown = about.iter().take(SHOWN).map(|it| it.trim_end_matches('.'));
    let shown = shown.collect::<Vec<_>>().join("; ");
    match about.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

fn page(document: &Document<'_>, kind: TaskKind, place: &Place, settings: &Settings) -> Page {
    let Attestation { task, by, note, file, about, .. } = document.attestation;
    let mut page = Page::new(settings.width, settings.color);
    page.heading(&format!("Recorded: {task} is done"));
    page.line(document.title);
    page.line(&format!("{by}: {note}"));
    if let Some(file) = file {
        page.line(&format!(
            "Shown: {}, SHA-256 {}… (the content is not kept)",
            file.name,
            digest::short(&file.digest)
        ));
    }
    if !about.is_empty() {
        page.line(&format!(
            "It stands for whom or what the gates listed last: {}. Not for what comes onto the list \
             later.",
            listed(about)
        ));
    }
    if kind != TaskKind::Attestation {
        page.line(
            "lockstep also looks at the tenant for this task. Where the two differ, the tenant \
             counts.",
        );
    }
    page.next(&place.command("next"));
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_and_names_are_listed_alike() {
        let about = |all: &[&str]| {
            let all: Vec<String> = all.iter().map(|it| (*it).to_owned()).collect();
            listed(&all)
        };
        let sentences = ["AT-04: No export decides this.", "OP-05: A probe of the rights."];
        let said = "AT-04: No export decides this; OP-05: A probe of the rights";
        assert_eq!(about(&sentences), said);
        assert_eq!(about(&["a", "b", "c", "d", "e"]), "a; b; c; and 2 more");
    }
}
