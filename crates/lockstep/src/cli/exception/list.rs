//! `lockstep exception list`

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use rollout::engine::{Exception, ExceptionPhase};
use rollout::exceptions::{self, Standing};
use serde::Serialize;

use super::Desk;
use crate::arguments::ExportsOption;
use crate::cli::facts;
use crate::error::CommandError;
use crate::page::{Page, Tone};
use crate::reading::Reading;
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};
use crate::words;

/// Days before the end from which a row is marked.
const SOON: i64 = 14;

/// The register: every exception, what it waits for, and the days that are left
#[derive(Debug, Args)]
pub(super) struct List {
    /// Those that are over and refused, too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    exports: ExportsOption,
}

/// The register. Document `lockstep.exception-register/1`.
#[derive(Debug, Serialize)]
pub(super) struct Register {
    schema: &'static str,
    generated_at: Timestamp,
    date: Date,
    budget: Budget,
    exceptions: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Budget {
    standing: u64,
    enabled_members: Option<u64>,
    most: Option<u64>,
    exceeded: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    exception: Exception,
    standing: Standing,
    /// Applications that the account signed in to in the window and that are not of the path. `null`:
    /// it is not applied, the path names none, or no log tells.
    outside_path: Option<Vec<String>>,
}

impl List {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let desk = Desk::open(&self.exports, settings)?;
        let reading = desk.reading(settings)?;
        let document = document(&desk, Some(&reading), settings);
        Outcome::new(settings, status_of(&reading), &document, || {
            self.page(&desk, &document, settings)
        })
    }

    fn page(&self, desk: &Desk, document: &Register, settings: &Settings) -> Page {
        let mut page = Page::new(settings.width, settings.color);
        let shown: Vec<&Row> =
            document.exceptions.iter().filter(|it| self.all || it.is_open()).collect();
        page.heading(&format!("Exceptions, {}", words::date(document.date)));
        if shown.is_empty() {
            page.line("None is open.");
        } else {
            page.table(
                &["id", "account", "state", "last day", "waits for"],
                shown.iter().map(|it| it.cells()).collect(),
            );
        }
        let over = document.exceptions.len().saturating_sub(shown.len());
        if over > 0 {
            let over = words::count(u64::try_from(over).unwrap_or(u64::MAX), "is", "are");
            page.line(&format!("{over} over or refused (`--all` shows them)."));
        }
        page.line(&document.budget.sentence());
        for row in &shown {
            if let Some(outside) = row.outside_path.as_ref().filter(|it| !it.is_empty()) {
                page.line(&format!(
                    "{}: `{}` signed in outside its path, to {}.",
                    row.exception.id,
                    row.exception.subject.label(),
                    words::few(outside)
                ));
            }
        }
        page.next(&desk.place.command(&next(&shown)));
        page
    }
}

/// What to do next: what holds up the first one.
fn next(shown: &[&Row]) -> String {
    let waits = |it: &&&Row| match it.exception.phase {
        ExceptionPhase::Approved => true,
        ExceptionPhase::Applied { .. } => it.standing.waits_for.starts_with("the change set"),
        _ => false,
    };
    let undecided =
        |it: &&&Row| it.exception.phase == ExceptionPhase::Asked || it.exception.renewal.is_some();
    if shown.iter().any(|it| waits(&it)) {
        return "next".to_owned();
    }
    match shown.iter().find(undecided) {
        Some(row) if row.exception.needs_letter => format!("exception letter {}", row.exception.id),
        Some(row) => format!("exception decide {} --approve --by WHO", row.exception.id),
        None => "status".to_owned(),
    }
}

/// The register as it stands. Without a reading, what the tenant would tell stays unknown.
pub(super) fn document(desk: &Desk, reading: Option<&Reading>, settings: &Settings) -> Register {
    let state = &desk.operator.state;
    let facts = reading.map(|reading| facts(reading, &desk.place, settings));
    let budget = facts.as_ref().map(|facts| exceptions::budget(state, facts));
    let row = |exception: &Exception| Row {
        exception: exception.clone(),
        standing: exceptions::standing(exception, desk.today),
        outside_path: facts.as_ref().and_then(|facts| outside_path(facts, exception)),
    };
    let mut rows: Vec<Row> = state.exceptions.values().map(row).collect();
    rows.sort_by_key(|it| (!it.is_open(), it.exception.expires, it.exception.id.clone()));
    Register {
        schema: "lockstep.exception-register/1",
        generated_at: settings.now,
        date: desk.today,
        budget: Budget {
            standing: budget.map_or(0, |it| it.standing),
            enabled_members: budget.and_then(|it| it.enabled_members),
            most: budget.and_then(|it| it.most),
            exceeded: budget.and_then(|it| it.is_exceeded()),
        },
        exceptions: rows,
    }
}

fn outside_path(facts: &rollout::Facts<'_>, exception: &Exception) -> Option<Vec<String>> {
    let ExceptionPhase::Applied { .. } = exception.phase else { return None };
    let app = exception.path.app.as_deref()?;
    facts.measured_activity()?;
    let Some(activity) = facts.activity(&exception.subject) else { return Some(Vec::new()) };
    let others = activity.apps.iter().filter(|it| !it.eq_ignore_ascii_case(app.trim()));
    Some(others.map(str::to_owned).collect())
}

impl Register {
    /// Says it where more accounts are left out than should be.
    pub(super) fn warn(&self, page: &mut Page) {
        if self.budget.exceeded == Some(true) {
            page.line(&self.budget.sentence());
        }
    }
}

impl Row {
    const fn is_open(&self) -> bool {
        self.exception.is_open()
    }

    fn cells(&self) -> Vec<(String, Tone)> {
        let left = match self.standing.days_left {
            None => String::new(),
            Some(days) if days < 0 => " (over)".to_owned(),
            Some(days) => format!(" (T-{days})"),
        };
        let tone = match self.standing.days_left {
            Some(days) if days < 0 => Tone::Danger,
            Some(days) if days <= SOON => Tone::Caution,
            _ => Tone::Plain,
        };
        vec![
            (self.exception.id.clone(), Tone::Plain),
            (self.exception.subject.label().to_owned(), Tone::Plain),
            (self.standing.phase.to_owned(), Tone::Plain),
            (format!("{}{left}", self.exception.expires), tone),
            (self.standing.waits_for.clone(), Tone::Plain),
        ]
    }
}

impl Budget {
    fn sentence(&self) -> String {
        let standing = words::count(self.standing, "account is", "accounts are");
        match (self.enabled_members, self.most, self.exceeded) {
            (Some(members), Some(most), Some(true)) => format!(
                "{standing} left out of MFA, or approved to be, of {} enabled members. That is more than one in a hundred \
                 ({}): end some before another is approved.",
                words::number(members),
                words::number(most)
            ),
            (Some(members), Some(most), _) => format!(
                "{standing} left out of MFA, or approved to be, of {} enabled members; one in a hundred is {}.",
                words::number(members),
                words::number(most)
            ),
            _ => format!("{standing} left out of MFA; no file tells of how many."),
        }
    }
}

/// One exception, in lines.
pub(super) fn describe(page: &mut Page, exception: &Exception, today: Date) {
    let path = &exception.path;
    let named =
        [("application", &path.app), ("client app", &path.client_app), ("place", &path.place)];
    let path: Vec<String> = named
        .into_iter()
        .filter_map(|(what, word)| Some(format!("{what} `{}`", word.as_deref()?)))
        .collect();
    let standing = exceptions::standing(exception, today);
    page.line(&format!(
        "For `{}` ({}), {}.",
        exception.subject.label(),
        exception.kind,
        path.join(", ")
    ));
    page.item(&format!("why: {}", exception.reason));
    page.item(&format!("instead of MFA: {}", exception.compensating_control));
    page.item(&format!("last day: {}", words::date(exception.expires)));
    page.item(&format!("then: {}", exception.exit_plan));
    page.item(&format!("asked by {}; {} answers for it", exception.asked_by, exception.owner));
    for why in &exception.letter_because {
        page.item(&format!("needs the letter: {why}"));
    }
    page.item(&format!("waits for {}", standing.waits_for));
}
