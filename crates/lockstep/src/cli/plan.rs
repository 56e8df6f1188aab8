//! `lockstep plan`

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use rollout::engine::{Event, GateId, step};
use rollout::plan::{Collision, Plan as Made};
use serde_json::Value;
use signins::Scope;
use store::Store;

use crate::arguments::ExportsOption;
use crate::cli::{facts, read_scope, say, snapshot};
use crate::deciding;
use crate::documents::{self, DocumentFormat};
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::page::{Page, Tone};
use crate::reading::Reading;
use crate::settings::Settings;
use crate::terminal::{self, Outcome, status_of};
use crate::workspace::{Place, quoted};
use crate::{digest, operator, words};

/// Make the complete, dated plan and write its documents
///
/// Reads the files, decides, and writes plan.html and the other documents. Running it again
/// replaces them. Without a start date it takes the one of the settings, else that of the plan
/// already there, else next Monday. In a workspace, templates/NAME.txt replaces the built-in text of
/// the message of that name, and the gates stand as `status` has them.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    exports: ExportsOption,
    /// First day, as YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    start: Option<Date>,
    /// Folder the documents go to; `plan` beside the settings file unless given
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Documents to write, separated by commas
    #[arg(
        long, value_name = "LIST", value_enum, value_delimiter = ',',
        default_values_t = DocumentFormat::DEFAULT
    )]
    formats: Vec<DocumentFormat>,
    /// Write nothing; exit 2 when the plan is missing or no longer matches the files
    #[arg(long)]
    check: bool,
}

impl Default for Plan {
    /// As given without any option.
    fn default() -> Self {
        Self {
            exports: ExportsOption::default(),
            start: None,
            out: None,
            formats: DocumentFormat::DEFAULT.to_vec(),
            check: false,
        }
    }
}

impl Plan {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::find(settings, self.exports.exports.as_deref())?;
        let reading = read_scope(&place, None, Scope::Replay, settings)?;
        let out = folder(&place, self.out.as_deref());
        let start = start(self.start, &place, &out, settings)?;
        let plan = match operator::remembered(&place)? {
            Some(store) => as_known(&store, &reading, &place, start, settings)?,
            None => made(&reading, &place, start, settings)?,
        };
        if self.check {
            return self.checked(&plan, &out, &place, &reading, settings);
        }
        let written = documents::write(
            &plan,
            &out,
            &self.formats,
            place.rollout.thresholds.capable_before_pilot,
            settings.now,
        )?;
        let mut page = page(&plan, settings);
        page.heading(&format!("Written to {}", out.display()));
        say_written(&mut page, &written, &out);
        self.remark_pdf(settings);
        let next = match plan.proposed_start.filter(|proposed| *proposed != plan.start) {
            Some(proposed) if plan.collisions.iter().any(|collision| collision.serious) => {
                let again = match &self.out {
                    Some(out) => format!("plan --start {proposed} --out {}", quoted(out)),
                    None => format!("plan --start {proposed}"),
                };
                place.command(&again)
            }
            _ => place.command("status"),
        };
        page.next(&next);
        Outcome::new(settings, status_of(&reading), &plan, || page)
    }

    fn remark_pdf(&self, settings: &Settings) {
        if cfg!(not(feature = "pdf"))
            && self.formats.contains(&DocumentFormat::Pdf)
            && !settings.quiet
        {
            terminal::remark(
                "note: this build has no PDF engine; open plan.html and print it, its print style \
                 is made for that",
            );
        }
    }

    fn checked(
        &self,
        plan: &Made,
        out: &Path,
        place: &Place,
        reading: &Reading,
        settings: &Settings,
    ) -> Result<Outcome, CommandError> {
        let file = out.join("plan.json");
        let kept = std::fs::read(&file).ok().and_then(|text| lasting(&text));
        let fresh = serde_json::to_vec(plan).ok().and_then(|text| lasting(&text));
        let mut page = page(plan, settings);
        let status = if kept.is_some() && kept == fresh {
            page.line(&format!("{} is up to date.", file.display()));
            page.next(&place.command("status"));
            status_of(reading)
        } else {
            page.line(&format!(
                "{} {}.",
                file.display(),
                if kept.is_some() { "no longer matches the files" } else { "is not there yet" }
            ));
            page.next(&place.command("plan"));
            ExitStatus::ChangesPending
        };
        Outcome::new(settings, status, plan, || page)
    }
}

/// The documents in one line, the texts to send in another.
fn say_written(page: &mut Page, written: &[PathBuf], folder: &Path) {
    let names = |messages: bool| {
        written
            .iter()
            .map(|path| path.strip_prefix(folder).unwrap_or(path).display().to_string())
            .filter(|name| name.starts_with("messages") == messages)
            .collect::<Vec<_>>()
            .join(", ")
    };
    for line in [names(false), names(true)].iter().filter(|line| !line.is_empty()) {
        page.item(line);
    }
}

/// The documents' folder: `--out` is relative to where the command runs, like any path; only its
/// default is the workspace's own.
pub(crate) fn folder(place: &Place, out: Option<&Path>) -> PathBuf {
    match (out, &place.workspace) {
        (Some(out), _) => out.to_owned(),
        (None, Some(workspace)) => workspace.join(documents::FOLDER),
        (None, None) => PathBuf::from(documents::FOLDER),
    }
}

/// The plan of a reading.
pub(super) fn made(
    reading: &Reading,
    place: &Place,
    start: Date,
    settings: &Settings,
) -> Result<Made, CommandError> {
    let facts = facts(reading, place, settings);
    let unread = reading.unreadable_tenant();
    let made_from = made_from(reading, place, settings);
    deciding::plan(&facts, start, made_from, place.templates()?, unread)
}

/// The plan of a reading in a workspace that remembers what was done: each gate stands as the engine
/// judges it, not as far as the files alone tell.
fn as_known(
    store: &Store,
    reading: &Reading,
    place: &Place,
    start: Date,
    settings: &Settings,
) -> Result<Made, CommandError> {
    let state = operator::state_of(store)?;
    operator::see_from(start, reading, place, &state, settings, |seen| {
        let (looked, _) = step(&state, &Event::Seen(seen), settings.now);
        let mut plan = seen.plan.clone();
        for gate in &mut plan.gates {
            if let Some(known) = GateId::of_word(gate.id).and_then(|id| looked.gates.get(&id)) {
                gate.today = known.verdict;
                gate.why.clone_from(&known.why);
            }
        }
        Ok(plan)
    })
}

/// The digest of everything a plan is made from.
pub(crate) fn made_from(reading: &Reading, place: &Place, settings: &Settings) -> String {
    let sources = snapshot::sources(place, reading, settings);
    format!("sha256:{}", snapshot::digest_of(&sources))
}

/// The first day: as given, else as agreed with `lockstep schedule`, else by the settings, else of the
/// plan already there, else next Monday.
pub(crate) fn start(
    given: Option<Date>,
    place: &Place,
    out: &Path,
    settings: &Settings,
) -> Result<Date, CommandError> {
    let agreed = operator::agreed_start(place)?;
    if let (Some(given), Some(agreed)) = (given, agreed)
        && given != agreed
        && !settings.quiet
    {
        terminal::remark(&format!(
            "note: {} is agreed; `lockstep schedule` moves it",
            words::date(agreed)
        ));
    }
    if let Some(start) = given.or(agreed).or(place.rollout.calendar.start) {
        return Ok(start);
    }
    let file = out.join("plan.json");
    if let Ok(text) = std::fs::read(&file) {
        let kept = serde_json::from_slice::<Value>(&text).ok();
        let start = kept.as_ref().and_then(|plan| plan.get("start")?.as_str()?.parse().ok());
        return start.ok_or_else(|| {
            CommandError::wrong_input(format!("`{}` is no plan of lockstep", file.display()))
                .hint("give `--start DATE`, or another folder with `--out DIR`")
        });
    }
    let monday = deciding::next_monday(deciding::today(&place.rollout, settings.now));
    if !settings.quiet {
        terminal::remark(&format!(
            "note: no start date given; planning from {}, the next Monday",
            words::date(monday)
        ));
    }
    Ok(monday)
}

/// A plan without what changes by the clock alone, for comparison.
fn lasting(text: &[u8]) -> Option<Value> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| name != "generated_at" && name != "source_age_hours");
                // How the gates stand is of the day; what the files say of them is in the rest.
                if let Some(Value::Array(gates)) = fields.get_mut("gates") {
                    for gate in gates.iter_mut().filter_map(Value::as_object_mut) {
                        gate.retain(|name, _| name != "today" && name != "why");
                    }
                }
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::from_slice(text).ok()?;
    strip(&mut value);
    Some(value)
}

/// A date that falls badly, in one line.
pub(super) fn collision(collision: &Collision) -> String {
    let instead = collision
        .proposed
        .map_or_else(String::new, |date| format!("; better {}", words::date(date)));
    format!("{} on {}: {}{instead}", collision.what, words::date(collision.date), collision.with)
}

fn page(plan: &Made, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    for sentence in &plan.summary.sentences {
        page.line(sentence);
    }
    let serious = plan.collisions.iter().filter(|it| it.serious).collect::<Vec<_>>();
    if !serious.is_empty() {
        page.heading("Dates that fall badly");
        for one in serious {
            page.item(&collision(one));
        }
    }
    page.heading(&format!(
        "Plan {} for {}",
        digest::short(plan.made_from.trim_start_matches("sha256:")),
        plan.tenant.name
    ));
    let rows = plan.steps.iter().map(|step| {
        let tasks = plan.tasks.iter().filter(|task| task.step == step.id).count();
        vec![
            (words::stage(step.id).to_owned(), Tone::Plain),
            (words::span(step.first_day.to_string(), step.last_day.to_string()), Tone::Plain),
            (
                format!(
                    "{} to {}",
                    words::short_date(step.first_date),
                    words::short_date(step.last_date)
                ),
                Tone::Plain,
            ),
            (tasks.to_string(), Tone::Figure),
        ]
    });
    page.table(&["step", "days", "dates", "tasks"], rows.collect());
    say::gaps(&mut page, &plan.gaps);
    page
}
