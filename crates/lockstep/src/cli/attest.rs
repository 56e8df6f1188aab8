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
    if let [first, others @ ..] = &about[..] {
        let others = match others.len() {
            0 => String::new(),
            1 => format!(" and {}", others.concat()),
            some => format!(" and {some} more"),
        };
        page.line(&format!(
            "It stands for whom or what the gates listed last: {first}{others}. Not for what comes \
             onto the list later."
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
