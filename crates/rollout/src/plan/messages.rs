//! Texts ready to send, from templates the operator may change.
//!
//! A template is plain text with `{{ names }}`. Its first line is `Subject: …`. An unknown name
//! is an error, so that no message goes out with a hole in it.

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use super::calendar::long_date;
use super::make::PlanError;
use super::situation::Situation;
use super::summary::{readiness, success_criteria};
use super::timeline::Day;
use super::{CostOfWaiting, Message};
use crate::exceptions::Kind;
use crate::percent::{percent, threshold_percent};
use crate::preflight::Stage;

/// The messages: id, recipients, step and day of sending, built-in template.
struct BuiltIn {
    id: &'static str,
    to: &'static str,
    send: (Stage, Day),
    text: &'static str,
    applies: fn(&Situation<'_>) -> bool,
}

/// Ids of the messages, in the order of their dates.
///
/// `guest-note` is part of a plan only where the tenant has guests.
pub const MESSAGES: [&str; 6] = [
    "manager-summary",
    "helpdesk-guide",
    "announcement",
    "guest-note",
    "reminder",
    "personal-note",
];

const BUILT_IN: [BuiltIn; 6] = [
    BuiltIn {
        id: "manager-summary",
        to: "the manager who sponsors the rollout",
        send: (Stage::Prepare, Day::Nth(1)),
        text: include_str!("../../templates/messages/manager-summary.txt"),
        applies: |_| true,
    },
    BuiltIn {
        id: "helpdesk-guide",
        to: "everyone who answers helpdesk calls",
        send: (Stage::Prepare, Day::Last),
        text: include_str!("../../templates/messages/helpdesk-guide.txt"),
        applies: |_| true,
    },
    BuiltIn {
        id: "announcement",
        to: "all people in scope",
        send: (Stage::Register, Day::Nth(1)),
        text: include_str!("../../templates/messages/announcement.txt"),
        applies: |_| true,
    },
    BuiltIn {
        id: "guest-note",
        to: "guests, through the people who invited them",
        send: (Stage::Register, Day::Nth(1)),
        text: include_str!("../../templates/messages/guest-note.txt"),
        applies: |situation| !situation.accounts(&[Kind::Guest]).is_empty(),
    },
    BuiltIn {
        id: "reminder",
        to: "people who have not registered",
        send: (Stage::Register, Day::Reminder),
        text: include_str!("../../templates/messages/reminder.txt"),
        applies: |_| true,
    },
    BuiltIn {
        id: "personal-note",
        to: "one person who has not registered",
        send: (Stage::Register, Day::Contact),
        text: include_str!("../../templates/messages/personal-note.txt"),
        applies: |_| true,
    },
];

/// What a template may name.
#[derive(Debug, Serialize)]
struct Context {
    tenant: String,
    helpdesk: String,
    start: String,
    register_from: String,
    reminder: String,
    contact: String,
    deadline: String,
    pilot: String,
    enforce: String,
    end: String,
    register_days: u16,
    watch_hours: u32,
    readiness: String,
    people: String,
    capable: String,
    rate: String,
    to_register: String,
    dependencies: String,
    blockers: u64,
    before_pilot: String,
    reminder_below: String,
    cost: String,
    choice: Option<String>,
    asks_everyone: bool,
    criteria: Vec<String>,
    stop_share: String,
    stop_hours: u32,
}

/// The messages, filled.
///
/// # Errors
/// When a template of the operator has no known id or cannot be filled.
pub(super) fn messages(
    situation: &Situation<'_>,
    cost: &CostOfWaiting,
    choice: Option<&str>,
    templates: &BTreeMap<String, String>,
) -> Result<Vec<Message>, PlanError> {
    if let Some(name) = templates.keys().find(|name| !MESSAGES.contains(&name.as_str())) {
        return Err(PlanError::UnknownMessage { name: name.clone(), known: MESSAGES.join(", ") });
    }
    let context = context(situation, cost, choice);
    BUILT_IN
        .iter()
        .filter(|built_in| (built_in.applies)(situation))
        .map(|built_in| {
            let text = templates.get(built_in.id).map_or(built_in.text, String::as_str);
            let (subject, body) = filled(built_in.id, text, &context)?;
            let (stage, day) = built_in.send;
            Ok(Message {
                id: built_in.id,
                subject,
                to: built_in.to.to_owned(),
                send_on: situation.timeline.date_in(stage, day),
                body,
            })
        })
        .collect()
}

/// Most steps of filling one template: a hundred times what the longest built-in one takes, and
/// an end for loops in loops.
const TEMPLATE_STEPS: u64 = 100_000;

fn filled(name: &str, text: &str, context: &Context) -> Result<(String, String), PlanError> {
    let broken = |error: minijinja::Error| PlanError::Template {
        name: name.to_owned(),
        line: error.line().unwrap_or(1),
        what: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
        source: Some(Box::new(error)),
    };
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(TEMPLATE_STEPS));
    environment.add_template(name, text).map_err(broken)?;
    let filled =
        environment.get_template(name).and_then(|it| it.render(Serde(context))).map_err(broken)?;
    let filled = filled.replace("\r\n", "\n");
    let (first, body) = filled.split_once('\n').unwrap_or((filled.as_str(), ""));
    let subject = first.strip_prefix("Subject:").map(str::trim).filter(|it| !it.is_empty());
    match subject {
        Some(subject) => Ok((subject.to_owned(), body.trim().to_owned())),
        None => Err(PlanError::Template {
            name: name.to_owned(),
            line: 1,
            what: "the first line must be `Subject: …`".to_owned(),
            source: None,
        }),
    }
}

fn context(situation: &Situation<'_>, cost: &CostOfWaiting, choice: Option<&str>) -> Context {
    let registration = &situation.input.registration;
    let thresholds = &situation.rollout.thresholds;
    let date = |stage, day| long_date(situation.timeline.date_in(stage, day));
    let number =
        |number: Option<u64>| number.map_or_else(|| "not known".to_owned(), |it| it.to_string());
    Context {
        tenant: situation.tenant.clone(),
        helpdesk: situation.rollout.tenant.helpdesk.clone(),
        start: long_date(situation.timeline.start),
        register_from: date(Stage::Register, Day::Nth(1)),
        reminder: date(Stage::Register, Day::Reminder),
        contact: date(Stage::Register, Day::Contact),
        deadline: date(Stage::Register, Day::Last),
        pilot: date(Stage::Pilot, Day::Nth(1)),
        enforce: date(Stage::Enforce, Day::Nth(1)),
        end: date(Stage::Validate, Day::Last),
        register_days: situation.rollout.steps.register_days,
        watch_hours: thresholds.watch_hours,
        readiness: readiness(situation),
        people: number(situation.people()),
        capable: number(registration.capable),
        rate: registration.rate.map_or_else(|| "not known".to_owned(), percent),
        to_register: number(situation.to_register()),
        dependencies: number(situation.input.legacy.as_ref().map(|it| it.totals.dependencies)),
        blockers: u64::try_from(situation.blockers().len()).unwrap_or(u64::MAX),
        before_pilot: threshold_percent(thresholds.capable_before_pilot),
        reminder_below: threshold_percent(thresholds.reminder_below),
        cost: cost.sentence.clone(),
        choice: choice.map(str::to_owned),
        asks_everyone: !situation.without_conditional_access(),
        criteria: success_criteria(situation)
            .into_iter()
            .map(|it| format!("{} (today: {})", it.title, it.today))
            .collect(),
        stop_share: threshold_percent(thresholds.stop_failure_share),
        stop_hours: thresholds.stop_hours,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_ids_are_the_built_in_ones() {
        assert_eq!(BUILT_IN.map(|it| it.id), MESSAGES);
    }
}
