//! Dates that fall badly, and the next good ones.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::calendar::{Calendar, Work, days_between, days_later, long_date};
use super::timeline::{Day, Timeline};
use super::{ChangeSetPlan, Collision, PlatformDate, Task};
use crate::preflight::Stage;

/// How far a better start is looked for, in days.
const START_HORIZON_DAYS: i32 = 120;
/// How many names one line carries before it counts the rest.
const NAMES: usize = 4;

/// Something that happens on a day of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub what: String,
    /// Day of the plan, from 1.
    pub day: u16,
    /// What kind of work.
    pub work: Work,
}

/// The events of a plan: step boundaries, change sets, and the tasks people do.
///
/// A task that carries out a change set is not an event of its own: the change set is.
#[must_use]
pub fn events(timeline: &Timeline, change_sets: &[ChangeSetPlan], tasks: &[Task]) -> Vec<Event> {
    let day_of = |date: Date| {
        let days = days_between(timeline.start, date);
        u16::try_from(days.saturating_add(1)).unwrap_or(1)
    };
    let boundaries = [
        ("Prepare begins", Stage::Prepare, Work::Start),
        ("Pilot begins", Stage::Pilot, Work::PilotStart),
        ("Enforce begins", Stage::Enforce, Work::Enforcement),
    ]
    .map(|(what, stage, work)| Event {
        what: what.to_owned(),
        day: timeline.first_day(stage),
        work,
    });
    let changes = change_sets.iter().map(|set| Event {
        what: format!("{} {}", set.id, set.title),
        day: day_of(set.date),
        work: match set.date {
            date if set.danger == "severe"
                && (date == timeline.first(Stage::Enforce)
                    || date == timeline.date_in(Stage::Enforce, Day::Everybody)) =>
            {
                Work::Enforcement
            }
            _ => Work::Change,
        },
    });
    let people = tasks.iter().filter(|task| task.change_set.is_none()).map(|task| Event {
        what: format!("{} {}", task.id, task.title),
        day: task.day,
        work: Work::People,
    });
    boundaries.into_iter().chain(changes).chain(people).collect()
}

/// One line per date and kind of work that falls badly, serious ones first within a date.
#[must_use]
pub fn collisions(
    calendar: &Calendar<'_>,
    timeline: &Timeline,
    events: &[Event],
    platform: &[PlatformDate],
) -> Vec<Collision> {
    let mut groups: BTreeMap<(u16, Work), Vec<&str>> = BTreeMap::new();
    for event in events {
        groups.entry((event.day, event.work)).or_default().push(&event.what);
    }
    let mut found: Vec<Collision> = groups
        .into_iter()
        .filter_map(|((day, work), names)| {
            let date = timeline.date(day);
            let (mut with, serious) = judged(calendar, timeline, date, work)?;
            let proposed = calendar.next_good(date, work);
            if let (Work::Enforcement, true, Some(proposed)) = (work, serious, proposed) {
                let days = days_between(date, proposed)
                    .saturating_add(i64::from(timeline.length(Stage::Pilot)));
                with.push_str(&format!(
                    "; `pilot_days = {days}` under [steps] keeps this start, and enforcement is \
                     then on {}",
                    long_date(proposed)
                ));
            }
            Some(Collision { what: joined(&names), date, with, serious, proposed })
        })
        .chain(
            platform.iter().filter(|it| it.date >= timeline.start && it.days_after_end <= 0).map(
                |it| Collision {
                    what: "the plan as a whole".to_owned(),
                    date: it.date,
                    with: it.event.clone(),
                    serious: false,
                    proposed: None,
                },
            ),
        )
        .collect();
    found.sort_by(|left, right| {
        (left.date, !left.serious, &left.what).cmp(&(right.date, !right.serious, &right.what))
    });
    found
}

/// The earliest start after this one with no serious collision. `None` when this start has none,
/// or when no start within 120 days is better; the collisions tell the two apart.
#[must_use]
pub fn proposed_start(
    calendar: &Calendar<'_>,
    timeline: &Timeline,
    events: &[Event],
) -> Option<Date> {
    let serious = |start: Date| {
        let timeline = timeline.from(start);
        events.iter().any(|event| {
            judged(calendar, &timeline, timeline.date(event.day), event.work)
                .is_some_and(|(_, serious)| serious)
        })
    };
    if !serious(timeline.start) {
        return None;
    }
    (1..=START_HORIZON_DAYS)
        .map(|days| days_later(timeline.start, days))
        .find(|start| !serious(*start))
}

/// When enforcement falls badly: the two ways out in one sentence, a longer pilot first because
/// it keeps the start, then the other start. `None`: enforcement falls well.
#[must_use]
pub fn choice(
    calendar: &Calendar<'_>,
    timeline: &Timeline,
    events: &[Event],
    proposed_start: Option<Date>,
) -> Option<String> {
    let enforcement = timeline.first(Stage::Enforce);
    let (reason, serious) = judged(calendar, timeline, enforcement, Work::Enforcement)?;
    if !serious {
        return None;
    }
    let mut ways = Vec::new();
    if let Some(way) = longer_pilot(calendar, timeline, events) {
        ways.push(way);
    }
    if let Some(start) = proposed_start {
        let moved = timeline.from(start);
        ways.push(format!(
            "start on {} (enforcement on {}, end on {})",
            long_date(start),
            long_date(moved.first(Stage::Enforce)),
            long_date(moved.end())
        ));
    }
    let reason = reason.split("; ").next().unwrap_or_default();
    let ways = match ways.is_empty() {
        true => "change the days under [steps] or the calendar".to_owned(),
        false => ways.join(", or "),
    };
    Some(format!("Enforcement on {} falls badly ({reason}): {ways}.", long_date(enforcement)))
}

/// The same start with a pilot so much longer that enforcement falls on the next good date, as
/// long as nothing else then falls badly.
fn longer_pilot(calendar: &Calendar<'_>, timeline: &Timeline, events: &[Event]) -> Option<String> {
    let enforcement = timeline.first(Stage::Enforce);
    let good = calendar.next_good(enforcement, Work::Enforcement)?;
    let more = u16::try_from(days_between(enforcement, good)).ok()?;
    let days = timeline.length(Stage::Pilot).saturating_add(more);
    let bad = events.iter().any(|event| {
        let later = if event.day >= timeline.first_day(Stage::Enforce) { more } else { 0 };
        let date = timeline.date(event.day.saturating_add(later));
        judged(calendar, timeline, date, event.work).is_some_and(|(_, serious)| serious)
    });
    (!bad).then(|| {
        format!(
            "keep the start and give the pilot {days} days (enforcement on {}, end on {})",
            long_date(good),
            long_date(days_later(timeline.end(), i32::from(more)))
        )
    })
}

/// What speaks against a date, in one line. A pilot whose first day is a day off is not serious
/// as long as the step still holds a good day to begin on.
fn judged(
    calendar: &Calendar<'_>,
    timeline: &Timeline,
    date: Date,
    work: Work,
) -> Option<(String, bool)> {
    let objections = calendar.objections(date, work);
    if objections.is_empty() {
        return None;
    }
    let mut serious = objections.iter().any(|objection| objection.serious);
    if work == Work::PilotStart
        && !calendar.is_working_day(date)
        && calendar.next_good(date, work).is_some_and(|next| next <= timeline.last(Stage::Pilot))
    {
        serious = false;
    }
    let reasons: Vec<String> = objections.into_iter().map(|objection| objection.reason).collect();
    Some((reasons.join("; "), serious))
}

fn joined(names: &[&str]) -> String {
    let shown = names.iter().take(NAMES).copied().collect::<Vec<_>>().join("; ");
    match names.len().saturating_sub(NAMES) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}
