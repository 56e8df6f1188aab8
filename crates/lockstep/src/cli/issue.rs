//! `lockstep issue`

use clap::{Args, Subcommand};
use rollout::Account;
use rollout::engine::{Closed, Event, Issue as Kept};
use serde::Serialize;

use crate::cli::said;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::{Operator, refusal, refused};
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::Outcome;
use crate::words;
use crate::workspace::Place;

/// Write down what went wrong in the pilot, and how it ended
#[derive(Debug, Args)]
pub(crate) struct Issue {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Add(Add),
    List(List),
    Close(Close),
}

/// Note an issue
#[derive(Debug, Args)]
struct Add {
    /// Who notes it
    #[arg(long, value_name = "WHO")]
    by: String,
    /// What went wrong
    #[arg(long, value_name = "TEXT")]
    text: String,
    /// Whom it is about: a user principal name
    #[arg(long, value_name = "USER")]
    about: Option<String>,
    /// The step does not end while it is open
    #[arg(long)]
    blocking: bool,
}

/// Show every issue, open ones first
#[derive(Debug, Args)]
struct List {}

/// Say how an issue ended
#[derive(Debug, Args)]
struct Close {
    /// The issue, such as I-001
    #[arg(value_name = "ISSUE")]
    id: String,
    /// Who says so
    #[arg(long, value_name = "WHO")]
    by: String,
    /// How it ended
    #[arg(long, value_name = "TEXT")]
    how: String,
}

#[derive(Debug, Serialize)]
struct One<'a> {
    schema: &'static str,
    #[serde(flatten)]
    issue: &'a Kept,
}

#[derive(Debug, Serialize)]
struct All<'a> {
    schema: &'static str,
    open: usize,
    blocking: usize,
    issues: Vec<&'a Kept>,
}

impl Issue {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::of_workspace(settings)?;
        match &self.what {
            What::Add(add) => add.run(&place, settings),
            What::List(_) => list(&place, settings),
            What::Close(close) => close.run(&place, settings),
        }
    }
}

impl Add {
    fn run(&self, place: &Place, settings: &Settings) -> Result<Outcome, CommandError> {
        let (by, text) = (said::name(&self.by)?, said::text("--text", &self.text)?);
        let about = self.about.as_deref().map(|who| said::text("--about", who)).transpose()?;
        let about = about.map(|who| Account {
            user_principal_name: Some(who),
            user_id: None,
            display_name: None,
        });
        let blocking = self.blocking;
        let now = settings.now;
        change(place, settings, "Noted", |operator| {
            let mut kept = None;
            let left = operator.step_from(
                |state| {
                    let id = said::next_id('I', state.issues.keys());
                    let issue = Kept { id, by, at: now, text, about, blocking, closed: None };
                    kept = Some(issue.clone());
                    Event::IssueChanged(issue)
                },
                now,
            )?;
            Ok((kept, left))
        })
    }
}

impl Close {
    fn run(&self, place: &Place, settings: &Settings) -> Result<Outcome, CommandError> {
        let (by, how) = (said::name(&self.by)?, said::text("--how", &self.how)?);
        change(place, settings, "Closed", |operator| {
            let known = operator.state.issues.keys().map(String::as_str);
            let id = said::one_of("issue", &self.id, known)?.to_owned();
            let kept = operator.state.issues.get(&id).filter(|it| it.closed.is_none());
            let Some(open) = kept.cloned() else {
                return Err(CommandError::wrong_input(format!(
                    "the issue `{id}` is closed already"
                ))
                .hint("`lockstep issue list` shows how it ended"));
            };
            let closed = Some(Closed { by, at: settings.now, how });
            let issue = Kept { closed, ..open };
            let left = operator.step(&Event::IssueChanged(issue.clone()), settings.now)?;
            Ok((Some(issue), left))
        })
    }
}

/// Changes one issue and shows it.
fn change(
    place: &Place,
    settings: &Settings,
    word: &str,
    work: impl FnOnce(
        &mut Operator,
    ) -> Result<(Option<Kept>, Vec<rollout::engine::Effect>), CommandError>,
) -> Result<Outcome, CommandError> {
    let mut operator = Operator::open(place, settings)?;
    let (issue, left) = work(&mut operator)?;
    if let Some(refusal) = refusal(&left) {
        return Err(refused(refusal));
    }
    let issue = issue.ok_or_else(|| CommandError::wrong_input("nothing was noted"))?;
    let document = One { schema: "lockstep.issue/1", issue: &issue };
    Outcome::new(settings, ExitStatus::Done, &document, || {
        let mut page = Page::new(settings.width, settings.color);
        page.heading(&format!("{word}: {}", issue.id));
        page.line(&format!("{}: {}", issue.by, issue.text));
        if let Some(about) = &issue.about {
            page.line(&format!("It is about {}.", about.label()));
        }
        match &issue.closed {
            Some(closed) => page.line(&format!("{}: {}", closed.by, closed.how)),
            None if issue.blocking => page.line("The step does not end while it is open."),
            None => {}
        }
        page.next(&place.command(if issue.closed.is_some() { "status" } else { "issue list" }));
        page
    })
}

fn list(place: &Place, settings: &Settings) -> Result<Outcome, CommandError> {
    let operator = Operator::open(place, settings)?;
    let mut issues: Vec<&Kept> = operator.state.issues.values().collect();
    issues.sort_by_key(|it| (it.closed.is_some(), !it.blocking));
    let open = issues.iter().filter(|it| it.closed.is_none()).count();
    let blocking = issues.iter().filter(|it| it.closed.is_none() && it.blocking).count();
    let document = All { schema: "lockstep.issues/1", open, blocking, issues };
    Outcome::new(settings, ExitStatus::Done, &document, || {
        let mut page = Page::new(settings.width, settings.color);
        if document.issues.is_empty() {
            page.line("No issue was noted.");
            page.next("lockstep issue add --by WHO --text TEXT");
            return page;
        }
        page.heading(&format!("Issues: {open} open, {blocking} of them blocking"));
        let rows = document.issues.iter().map(|it| row(it)).collect();
        page.table(&["issue", "state", "noted", "what"], rows);
        page.next(&place.command("status"));
        page
    })
}

fn row(issue: &Kept) -> Vec<(String, Tone)> {
    let (state, tone) = match (&issue.closed, issue.blocking) {
        (Some(_), _) => ("closed", Tone::Good),
        (None, true) => ("blocking", Tone::Danger),
        (None, false) => ("open", Tone::Caution),
    };
    let about = issue.about.as_ref().map_or_else(String::new, |it| format!(" ({})", it.label()));
    let ended = match &issue.closed {
        Some(closed) => format!(" Ended: {} ({})", closed.how, closed.by),
        None => String::new(),
    };
    vec![
        (issue.id.clone(), Tone::Plain),
        (state.to_owned(), tone),
        (words::moment(issue.at), Tone::Plain),
        (format!("{}{about} ({}){ended}", issue.text, issue.by), Tone::Plain),
    ]
}
