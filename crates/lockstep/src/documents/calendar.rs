//! The tasks as a calendar (RFC 5545).
//!
//! A task keeps its UID for ever, so a calendar that is imported again moves the appointment
//! instead of adding a second one. SEQUENCE rises only when the task really changed (RFC 5545,
//! section 3.8.7.4).

use std::collections::BTreeMap;

use icalendar::{Calendar, Component as _, Event, Property};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use rollout::plan::{Plan, Task};

use crate::{digest, words};

const DIGEST: &str = "X-LOCKSTEP-DIGEST";

/// The calendar. `before` is the calendar it replaces, from which the sequence numbers go on.
#[must_use]
pub fn calendar(plan: &Plan, before: Option<&str>, now: Timestamp) -> String {
    let known = before.map(sequences).unwrap_or_default();
    let mut calendar = Calendar::empty();
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", "-//lockstep//plan 1//EN"))
        .append_property(Property::new("CALSCALE", "GREGORIAN"))
        .append_property(Property::new("METHOD", "PUBLISH"))
        .append_property(text("NAME", &format!("MFA rollout {}", plan.tenant.name)))
        .append_property(text("X-WR-CALNAME", &format!("MFA rollout {}", plan.tenant.name)));
    for task in &plan.tasks {
        calendar.push(event(plan, task, &known, now));
    }
    for gate in &plan.gates {
        let title = format!("Gate {}: {}", gate.id, gate.question);
        let description = gate.thresholds.join("\n");
        calendar.push(entry(
            &Entry { plan, id: gate.id, date: gate.date, title: &title, description: &description },
            "GATE",
            &known,
            now,
        ));
    }
    calendar.to_string()
}

struct Entry<'a> {
    plan: &'a Plan,
    id: &'a str,
    date: Date,
    title: &'a str,
    description: &'a str,
}

fn event(plan: &Plan, task: &Task, known: &BTreeMap<String, Known>, now: Timestamp) -> Event {
    let title = format!("{} {}", task.id, task.title);
    let description = format!(
        "Owner: {}\nHow: {}\nlockstep: {}\nEvidence: {}",
        task.owner, task.how, task.lockstep, task.evidence
    );
    let category = words::task(task.kind).to_uppercase();
    entry(
        &Entry { plan, id: &task.id, date: task.date, title: &title, description: &description },
        &category,
        known,
        now,
    )
}

fn entry(
    entry: &Entry<'_>,
    category: &str,
    known: &BTreeMap<String, Known>,
    now: Timestamp,
) -> Event {
    let tenant = &entry.plan.tenant;
    let owner = tenant.id.as_ref().or(tenant.domain.as_ref()).unwrap_or(&tenant.name);
    let uid = format!(
        "{}@lockstep.invalid",
        digest::of_text(&format!("{owner}\n{}", entry.id)).get(..32).unwrap_or_default()
    );
    let content =
        digest::of_text(&format!("{}\n{}\n{}", entry.date, entry.title, entry.description));
    let content = digest::short(&content).to_owned();
    let sequence = known.get(&uid).map_or(0, |before| {
        if before.content == content { before.sequence } else { before.sequence.saturating_add(1) }
    });
    let mut event = Event::new();
    event
        .append_property(Property::new("UID", uid))
        .append_property(Property::new("SEQUENCE", sequence.to_string()))
        .append_property(Property::new("DTSTAMP", now.strftime("%Y%m%dT%H%M%SZ").to_string()))
        .append_property(day("DTSTART", entry.date))
        .append_property(day("DTEND", entry.date.saturating_add(1.day())))
        .append_property(text("SUMMARY", entry.title))
        .append_property(text("DESCRIPTION", entry.description))
        .append_property(Property::new("CATEGORIES", category))
        .append_property(Property::new("TRANSP", "TRANSPARENT"))
        .append_property(Property::new(DIGEST, content));
    event
}

fn day(name: &str, date: Date) -> Property {
    let mut property = Property::new(name, date.strftime("%Y%m%d").to_string());
    property.add_parameter("VALUE", "DATE");
    property
}

/// A text value. Line breaks are kept, other control characters are not: some calendars end a
/// value at them.
fn text(name: &str, value: &str) -> Property {
    Property::new(name, crate::plain_text::lines(value))
}

/// What a calendar already said of an appointment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Known {
    sequence: u32,
    content: String,
}

fn sequences(calendar: &str) -> BTreeMap<String, Known> {
    let mut known = BTreeMap::new();
    let unfolded = calendar.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let (mut uid, mut current) = (None, Known::default());
    for line in unfolded.lines() {
        match line.split_once(':') {
            Some(("BEGIN", "VEVENT")) => (uid, current) = (None, Known::default()),
            Some(("UID", value)) => uid = Some(value.to_owned()),
            Some(("SEQUENCE", value)) => current.sequence = value.trim().parse().unwrap_or(0),
            Some((DIGEST, value)) => value.trim().clone_into(&mut current.content),
            Some(("END", "VEVENT")) => {
                if let Some(uid) = uid.take() {
                    known.insert(uid, current.clone());
                }
            }
            _ => {}
        }
    }
    known
}
