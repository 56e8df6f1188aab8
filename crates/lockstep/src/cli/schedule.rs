//! `lockstep schedule`

use clap::Args;
use jiff::Unit;
use jiff::civil::Date;
use rollout::engine::{Event, Schedule as Kept};
use rollout::plan::timeline::Timeline;
use rollout::plan::{Collision, Plan};
use rollout::preflight::Stage;
use serde::Serialize;

use crate::cli::{plan, read, said};
use crate::error::CommandError;
use crate::operator::{Operator, refusal, refused};
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};
use crate::workspace::Place;
use crate::{deciding, words};

/// Agree on the dates, or move them: a decision that is written down
///
/// The first time it is the agreement, later a slip: both with a name and a reason, and with what
/// waiting costs. From then on every command plans by these dates, whatever lockstep.toml says.
#[derive(Debug, Args)]
pub(crate) struct Schedule {
    /// First day, as YYYY-MM-DD
    #[arg(long, value_name = "DATE", required_unless_present = "enforce")]
    start: Option<Date>,
    /// The day of enforcement, as YYYY-MM-DD; the first day follows from it
    #[arg(long, value_name = "DATE", conflicts_with = "start")]
    enforce: Option<Date>,
    /// Who decides: a name, and a role
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Why on these dates, or why they have to move
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    #[serde(flatten)]
    schedule: &'a Kept,
    /// What was agreed before. `null`: this is the agreement.
    before: Option<&'a Kept>,
    /// Days by which enforcement moves; below 0: earlier.
    moved_days: Option<i64>,
    /// People without MFA at every sign-in meanwhile, times the days. `null`: cannot be said.
    person_days: Option<u64>,
    /// Dates that fall badly.
    collisions: Vec<&'a Collision>,
}

impl Schedule {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::of_workspace(settings)?;
        let (by, reason) = (said::name(&self.by)?, said::text("--reason", &self.reason)?);
        let (start, enforce) = self.dates(&place)?;
        let mut operator = Operator::open(&place, settings)?;
        let before = operator.state.schedule.clone();
        let today = deciding::today(&place.rollout, settings.now);
        // A rollout that has begun by the plan can still be agreed on.
        let planned = plan::start(None, &place, &plan::folder(&place, None), &settings.quietly())?;
        if before.is_none() && self.enforce.is_none() && start != planned {
            said::not_past("--start", start, today)?;
        }
        if enforce < today {
            return Err(CommandError::wrong_input(format!(
                "enforcement would have been on {}, which lies in the past",
                words::date(enforce)
            )));
        }
        let reading = read(&place, settings)?;
        let plan = plan::made(&reading, &place, start, settings)?;
        let schedule = Kept {
            start,
            enforce,
            by,
            at: settings.now,
            reason,
            security_defaults: match &before {
                Some(before) => before.security_defaults,
                None => reading.snapshot.security_defaults,
            },
        };
        let left = operator.step(&Event::Scheduled(schedule.clone()), settings.now)?;
        if let Some(refusal) = refusal(&left) {
            return Err(refused(refusal));
        }
        let document = document(&schedule, before.as_ref(), &plan);
        Outcome::new(settings, status_of(&reading), &document, || {
            let mut page = page(&document, &plan, settings);
            page.next(&place.command("plan"));
            page
        })
    }

    /// The first day and the day of enforcement.
    fn dates(&self, place: &Place) -> Result<(Date, Date), CommandError> {
        let timeline = |start| Timeline::of(start, &place.rollout);
        let days = timeline(Date::ZERO);
        let ahead = i64::from(days.first_day(Stage::Enforce)).saturating_sub(1);
        let start = match (self.start, self.enforce) {
            (Some(start), _) => Some(start),
            (None, Some(enforce)) => enforce.checked_sub(jiff::ToSpan::days(ahead)).ok(),
            (None, None) => None,
        };
        let start = start.ok_or_else(|| {
            CommandError::wrong_input("no plan can have these dates")
                .hint("give `--start DATE` or `--enforce DATE`")
        })?;
        Ok((start, timeline(start).first(Stage::Enforce)))
    }
}

fn document<'a>(schedule: &'a Kept, before: Option<&'a Kept>, plan: &'a Plan) -> Document<'a> {
    let moved_days = before.and_then(|before| {
        let span = before.enforce.until((Unit::Day, schedule.enforce)).ok()?;
        Some(i64::from(span.get_days()))
    });
    let unprotected = plan.cost_of_waiting.unprotected;
    let person_days = match moved_days {
        Some(days) => {
            unprotected.map(|people| people.saturating_mul(u64::try_from(days).unwrap_or(0)))
        }
        None => plan.cost_of_waiting.person_days,
    };
    Document {
        schema: "lockstep.schedule/1",
        schedule,
        before,
        moved_days,
        person_days,
        collisions: plan.collisions.iter().filter(|it| it.serious).collect(),
    }
}

fn page(document: &Document<'_>, plan: &Plan, settings: &Settings) -> Page {
    let Document { schedule, before, moved_days, person_days, .. } = document;
    let mut page = Page::new(settings.width, settings.color);
    page.heading(&match moved_days {
        None => "The dates are agreed".to_owned(),
        Some(0) => "The dates stay as they are".to_owned(),
        Some(days) if *days < 0 => format!("Enforcement is {} earlier", in_days(days.abs())),
        Some(days) => format!("Enforcement slips by {}", in_days(*days)),
    });
    page.line(&format!("{}: {}", schedule.by, schedule.reason));
    let row = |what: &str, was: Option<Date>, is: Date| {
        let was = was.filter(|was| *was != is).map_or_else(String::new, words::date);
        vec![(what.to_owned(), Tone::Plain), (words::date(is), Tone::Plain), (was, Tone::Plain)]
    };
    let rows = vec![
        row("first day", before.map(|it| it.start), schedule.start),
        row("enforcement", before.map(|it| it.enforce), schedule.enforce),
        row("last day", None, plan.end),
    ];
    page.table(&["", "date", "was"], rows);
    match (moved_days, person_days) {
        (None, _) => page.line(&plan.cost_of_waiting.sentence),
        (Some(days), Some(cost)) if *days > 0 => page.line(&format!(
            "The slip costs {} person-days without MFA. {}",
            words::number(*cost),
            plan.cost_of_waiting.sentence
        )),
        (Some(days), None) if *days > 0 => page.line(&plan.cost_of_waiting.sentence),
        (Some(_), _) => {}
    }
    if !document.collisions.is_empty() {
        page.heading("Dates that fall badly");
        for collision in &document.collisions {
            page.item(&plan::collision(collision));
        }
    }
    page
}

/// Without remarks.
fn in_days(days: i64) -> String {
    words::count(days.unsigned_abs(), "day", "days")
}
