//! Makes the plan out of what is known.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::calendar::Calendar;
use super::situation::Situation;
use super::timeline::{STAGES, Timeline};
use super::{
    Plan, PlanTenant, Step, Task, change_sets, collisions, conversations, cost, departures, gates,
    messages, platform, summary, tasks,
};
use crate::exceptions::{Classification, Exceptions};
use crate::facts::Facts;
use crate::gaps::Gap;
use crate::impact::{Caught, Impact};
use crate::legacy::LegacyAudit;
use crate::preflight::{Preflight, Stage};
use crate::proof::Proof;
use crate::registration::RegistrationReport;

/// Everything a plan is made from.
#[derive(Debug)]
pub struct Input<'a> {
    /// The tenant, the measurement and the operator's wishes.
    pub facts: &'a Facts<'a>,
    /// The legacy audit; `None` without any sign-in log.
    pub legacy: Option<LegacyAudit>,
    /// The registration report.
    pub registration: RegistrationReport,
    /// The kind of every user.
    pub classification: &'a Classification,
    /// The exceptions register.
    pub exceptions: Exceptions,
    /// The pre-flight.
    pub preflight: Preflight,
    /// The impact of MFA for everybody; `None` without any sign-in log.
    pub lockout: Option<Impact>,
    /// The lockout proof of the same; `None`: not tried. Left out of the plan where the licences
    /// hold no Conditional Access.
    pub proof: Option<Proof>,
    /// Whom *All users* means.
    pub caught: Caught,
    /// What no file told.
    pub gaps: Vec<Gap>,
    /// First day of the plan.
    pub start: Date,
    /// Whether security defaults were on when the dates were agreed. `None`: no dates are agreed, or
    /// it was not known.
    pub agreed_defaults: Option<bool>,
    /// Digest of what the plan is made from.
    pub made_from: String,
    /// The operator's own message templates, by the id of the message (`announcement`,
    /// `guest-note`, `reminder`, `personal-note`, `helpdesk-guide`, `manager-summary`); the built-in text
    /// stands for any that is missing.
    pub templates: BTreeMap<String, String>,
}

/// Why no plan can be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The settings contradict themselves or name something that does not exist.
    #[error("cannot plan with these settings: {}", problems.join("; "))]
    Settings {
        /// What is wrong, one sentence each.
        problems: Vec<String>,
    },
    /// The dates leave the calendar.
    #[error("a plan that starts on `{start}` leaves the calendar; give a start before 9990")]
    OutsideCalendar {
        /// The start asked for.
        start: Date,
    },
    /// A message template names no message.
    #[error("`{name}` is no message; the messages are {known}")]
    UnknownMessage {
        /// The template's name.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A message template cannot be filled.
    #[error("the message template `{name}` is wrong in line {line}: {what}")]
    Template {
        /// The template's name.
        name: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
        /// Why.
        #[source]
        source: Option<Box<minijinja::Error>>,
    },
}

/// Makes the plan.
///
/// # Errors
/// When the settings are wrong (an unknown time zone, a step without days), the dates leave the
/// calendar, or a message template cannot be filled.
pub fn make(input: Input<'_>) -> Result<Plan, PlanError> {
    let rollout = input.facts.rollout;
    let (timeline, calendar) = dates(&input)?;
    let situation = Situation::new(&input, &timeline);
    let change_sets = change_sets::change_sets(&situation);
    let mut tasks = tasks::tasks(&situation);
    let cost_of_waiting = cost::cost_of_waiting(&situation);
    let platform_dates =
        platform::platform_dates(&calendar, &timeline, situation.policies.unwrap_or_default());
    let events = collisions::events(&timeline, &change_sets, &tasks);
    let proposed_start = collisions::proposed_start(&calendar, &timeline, &events);
    let choice = collisions::choice(&calendar, &timeline, &events, proposed_start);
    let messages =
        messages::messages(&situation, &cost_of_waiting, choice.as_deref(), &input.templates)?;
    if let Some(choice) = &choice {
        ask_for_date(&mut tasks, choice);
    }
    let without_policies = situation.without_conditional_access();
    let parts = Parts {
        collisions: collisions::collisions(&calendar, &timeline, &events, &platform_dates),
        gates: gates::gates(&situation),
        steps: steps(&timeline, &situation),
        tenant: PlanTenant {
            name: situation.tenant.clone(),
            id: input.facts.snapshot.tenant.id.clone(),
            domain: situation.domain.clone(),
        },
        summary: summary::summary(&situation, &cost_of_waiting, choice.as_deref()),
        success_criteria: summary::success_criteria(&situation),
        conversations: conversations::conversations(&situation),
        departures: departures::departures(&situation),
    };
    Ok(Plan {
        schema: "lockstep.plan/1",
        generated_at: input.facts.now,
        as_of: input.facts.as_of,
        start: input.start,
        end: timeline.end(),
        time_zone: rollout.calendar.time_zone.clone(),
        tenant: parts.tenant,
        summary: parts.summary,
        steps: parts.steps,
        tasks,
        gates: parts.gates,
        change_sets,
        closed_days: calendar.closed_days(input.start, timeline.end()),
        collisions: parts.collisions,
        proposed_start,
        platform_dates,
        success_criteria: parts.success_criteria,
        conversations: parts.conversations,
        messages,
        cost_of_waiting,
        departures: parts.departures,
        made_from: input.made_from,
        legacy: input.legacy,
        registration: input.registration,
        exceptions: input.exceptions,
        preflight: input.preflight.findings,
        lockout: input.lockout,
        proof: input.proof.filter(|_| !without_policies),
        caught: input.caught,
        gaps: input.gaps,
    })
}

/// The agreement on the date begins with the choice between the good ones.
fn ask_for_date(tasks: &mut [Task], choice: &str) {
    if let Some(agreement) = tasks.iter_mut().find(|task| task.id == "P-01") {
        agreement.how = format!(
            "{choice} Days are set under [steps] in lockstep.toml, the start with --start; then \
             plan again. {}",
            agreement.how
        );
    }
}

/// The timeline and the calendar of sound settings.
fn dates<'a>(input: &Input<'a>) -> Result<(Timeline, Calendar<'a>), PlanError> {
    let rollout = input.facts.rollout;
    let problems = rollout.check();
    if !problems.is_empty() {
        return Err(PlanError::Settings { problems });
    }
    let timeline = Timeline::of(input.start, rollout);
    if input.start.year() > 9_989 || timeline.end() <= input.start {
        return Err(PlanError::OutsideCalendar { start: input.start });
    }
    let Some(calendar) = Calendar::new(&rollout.calendar) else {
        return Err(PlanError::Settings {
            problems: vec![format!("time zone `{}` is unknown", rollout.calendar.time_zone)],
        });
    };
    Ok((timeline, calendar))
}

/// What is derived while the input is still borrowed.
struct Parts {
    tenant: PlanTenant,
    summary: super::Summary,
    steps: Vec<Step>,
    gates: Vec<super::GatePlan>,
    collisions: Vec<super::Collision>,
    success_criteria: Vec<super::Criterion>,
    conversations: Vec<super::Conversation>,
    departures: Vec<super::Departure>,
}

fn steps(timeline: &Timeline, situation: &Situation<'_>) -> Vec<Step> {
    let without = situation.without_conditional_access();
    STAGES
        .into_iter()
        .map(|id| {
            let (what, gate) = match id {
                Stage::Prepare => (
                    "Break-glass accounts are made and proven, legacy authentication of the last \
                     {legacy_days} days is listed, exceptions get an owner, the texts are \
                     approved.",
                    "G1",
                ),
                Stage::Register => (
                    "The announcement goes out, people register within {register_days} days, the \
                     rate is looked at every day, and whoever is missing is helped in person.",
                    "G4",
                ),
                Stage::Pilot if without => (
                    "{pilot_group} tries every kind of device and method first; security \
                     defaults cannot be tried on a group.",
                    "G6",
                ),
                Stage::Enforce if without => (
                    "Security defaults are on for everybody, without exception, and the first \
                     {watch_hours} hours are watched.",
                    "G7",
                ),
                Stage::Pilot => (
                    "{pilot_group} works under the new policy and tries every kind of device; \
                     the break-glass accounts are tested.",
                    "G6",
                ),
                Stage::Enforce => (
                    "Everybody is asked for MFA, only the break-glass group and the dated \
                     exceptions are excluded, and the first {watch_hours} hours are watched.",
                    "G7",
                ),
                Stage::Validate => {
                    ("The three success criteria are checked row by row and signed.", "G8")
                }
            };
            Step {
                id,
                first_day: timeline.first_day(id),
                last_day: timeline.last_day(id),
                first_date: timeline.first(id),
                last_date: timeline.last(id),
                what: situation.fill(what),
                gate: Some(gate),
            }
        })
        .collect()
}
