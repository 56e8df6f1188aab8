//! The gates G1 to G8: the question, the thresholds, the date, and how it stands today.

use super::calendar::days_later;
use super::situation::{Situation, counted, length};
use super::timeline::Day;
use super::{GatePlan, GateState, lockout};
use crate::exceptions::Kind;
use crate::percent::{percent, threshold_percent};
use crate::preflight::{Severity, Stage, Verdict};

/// The gates, in order.
pub(super) fn gates(situation: &Situation<'_>) -> Vec<GatePlan> {
    vec![
        prepare(situation),
        reminder(situation),
        contact(situation),
        register(situation),
        report_only(situation),
        pilot(situation),
        watch(situation),
        validate(situation),
    ]
}

fn lines(situation: &Situation<'_>, texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| situation.fill(text)).collect()
}

/// Pending is the state before a gate's time; missing data makes it inconclusive. A file read
/// before the gate's date never opens it.
fn not_yet(missing: bool) -> GateState {
    if missing { GateState::Inconclusive } else { GateState::Pending }
}

fn prepare(situation: &Situation<'_>) -> GatePlan {
    let found = |verdict| {
        situation
            .input
            .preflight
            .findings
            .iter()
            .filter(|it| {
                it.severity == Severity::Block
                    && it.verdict == verdict
                    && it.stage.iter().any(|it| matches!(it, Stage::Prepare | Stage::Register))
            })
            .count()
    };
    let (open, unsure) = (found(Verdict::Found), found(Verdict::Inconclusive));
    let missing = situation.input.legacy.is_none() || !situation.knows_users();
    let legacy = match &situation.input.legacy {
        None => "no sign-in log was read".to_owned(),
        Some(legacy) => format!(
            "{} of {} legacy dependencies have no owner or decision",
            situation.undecided(),
            legacy.dependencies.len()
        ),
    };
    GatePlan {
        id: "G1",
        step: Stage::Prepare,
        date: situation.timeline.last(Stage::Prepare),
        question: "Is everything prepared, so that registration can begin?".to_owned(),
        thresholds: lines(
            situation,
            &[
                "no blocking finding open that guards Prepare or Register",
                "both break-glass accounts proven, alert fired",
                "every legacy dependency has an owner and a decision",
                "no unclassified account; dormant accounts (over {dormant_days} days) disabled",
                "announcement approved",
            ],
        ),
        today: not_yet(missing),
        why: format!(
            "Blocking findings of this step: {open} open, {unsure} not decided by the files; \
             {legacy}; accounts unclassified: {}, dormant: {}.",
            situation.accounts(&[Kind::Unclassified]).len(),
            situation.accounts(&[Kind::Dormant]).len()
        ),
    }
}

/// The rate today in words, against a threshold.
fn rate(situation: &Situation<'_>, threshold: f64) -> (String, bool) {
    let registration = &situation.input.registration;
    match (registration.rate, registration.capable, situation.people()) {
        (Some(rate), Some(capable), Some(people)) => {
            let compared = if rate < threshold { "<" } else { "≥" };
            (
                format!(
                    "today {capable} of {people} people are capable ({} {compared} {})",
                    percent(rate),
                    threshold_percent(threshold)
                ),
                false,
            )
        }
        _ => {
            ("today's rate cannot be said: no file holds people and registration".to_owned(), true)
        }
    }
}

fn reminder(situation: &Situation<'_>) -> GatePlan {
    let (why, missing) = rate(situation, situation.rollout.thresholds.reminder_below);
    GatePlan {
        id: "G2",
        step: Stage::Register,
        date: situation.timeline.date_in(Stage::Register, Day::Reminder),
        question: "Is a reminder needed?".to_owned(),
        thresholds: lines(
            situation,
            &[
                "below {reminder_below} capable: the reminder goes out, by site and kind of person",
                "the curve will not reach {before_pilot} by {deadline}: change the trigger",
            ],
        ),
        today: not_yet(missing),
        why: format!("It is asked on {}; {why}.", situation.fill("{reminder_date}")),
    }
}

fn contact(situation: &Situation<'_>) -> GatePlan {
    let missing = situation.to_register();
    GatePlan {
        id: "G3",
        step: Stage::Register,
        date: situation.timeline.date_in(Stage::Register, Day::Contact),
        question: "Who is contacted in person?".to_owned(),
        thresholds: lines(
            situation,
            &[
                "everyone in scope who is not capable is called, with a method at hand",
                "people never seen at an interactive sign-in get a pass or an ended session, not a call",
            ],
        ),
        today: not_yet(missing.is_none()),
        why: match missing {
            Some(missing) => format!("Today the list would hold {missing} names."),
            None => "Who is missing cannot be said from the files.".to_owned(),
        },
    }
}

fn register(situation: &Situation<'_>) -> GatePlan {
    let (why, missing) = rate(situation, situation.rollout.thresholds.capable_before_pilot);
    let administrators = match situation.input.registration.administrators {
        Some(it) => format!("{} of {} administrators", it.capable, it.of),
        None => "administrators not known".to_owned(),
    };
    GatePlan {
        id: "G4",
        step: Stage::Register,
        date: situation.timeline.last(Stage::Register),
        question: "Are enough people registered for the pilot?".to_owned(),
        thresholds: lines(
            situation,
            &[
                "at least {before_pilot} of people in scope capable",
                "every administrator and every member of {pilot_group} capable, read live",
                "every remaining name has a reason and a date",
            ],
        ),
        today: not_yet(missing || situation.input.registration.administrators.is_none()),
        why: format!("It is asked on {}; {why}, {administrators}.", situation.fill("{deadline}")),
    }
}

/// Without Conditional Access nothing can be tried in Report-only.
fn legacy_settled(situation: &Situation<'_>) -> GatePlan {
    GatePlan {
        id: "G5",
        step: Stage::Pilot,
        date: situation.timeline.first(Stage::Pilot),
        question: "Can security defaults block legacy authentication without harm?".to_owned(),
        thresholds: lines(
            situation,
            &[
                "every legacy dependency has moved: there are no exceptions under security defaults",
                "rooms, services and synchronisation need no password sign-in",
                "no blocking finding open that guards Pilot",
            ],
        ),
        today: not_yet(situation.input.legacy.is_none()),
        why: match &situation.input.legacy {
            None => "No sign-in log was read.".to_owned(),
            Some(legacy) => format!(
                "{} still to move.",
                counted(
                    length(legacy.dependencies.len()),
                    "legacy dependency is",
                    "legacy dependencies are"
                )
            ),
        },
    }
}

fn report_only(situation: &Situation<'_>) -> GatePlan {
    if situation.without_conditional_access() {
        return legacy_settled(situation);
    }
    let ready = situation.policies.map(|policies| {
        policies.iter().any(|policy| {
            policy.is_live() && policy.display_name.to_ascii_lowercase().starts_with("ca001")
        })
    });
    GatePlan {
        id: "G5",
        step: Stage::Pilot,
        date: situation.timeline.first(Stage::Pilot),
        question: "Has Report-only shown what the policies would do?".to_owned(),
        thresholds: lines(
            situation,
            &[
                "at least {report_only_days} full days of Report-only, a Monday among them",
                "no Report-only failure of CA001 for a person known to be good",
                "everyone whom CA001 would have interrupted is capable or has an appointment",
                "no blocking finding open that guards Pilot",
            ],
        ),
        today: not_yet(ready.is_none()),
        why: match ready {
            None => "No file told which policies exist.".to_owned(),
            Some(false) => "CA001 does not exist yet.".to_owned(),
            Some(true) => "CA001 exists; its results are read when the time has come.".to_owned(),
        },
    }
}

const PILOT_THRESHOLDS: &[&str] = &[
    "the lockout proof of CA001 for all users holds (`lockstep prove`)",
    "nobody on the lockout list (`lockstep impact`) without an appointment or a dated exception",
    "a fresh challenge passed by every pilot member, by policy id in the log",
    "desktop, phone, personal and unenrolled device covered",
    "at most {challenge_share} of fresh challenges failed",
    "break-glass three-part test passed for both accounts",
    "no blocking finding open that guards Enforce: legacy clients moved, or left out until a day",
    "the announcement sent, the helpdesk briefed, people know the date",
    "no blocking issue open; rollback rehearsed; service health green",
];

fn pilot(situation: &Situation<'_>) -> GatePlan {
    GatePlan {
        id: "G6",
        step: Stage::Pilot,
        date: situation.timeline.last(Stage::Pilot),
        question: "Did the pilot prove the policy?".to_owned(),
        thresholds: if situation.without_conditional_access() {
            lines(
                situation,
                &[
                    "every pilot member passed with the registered method on each kind of device",
                    "both break-glass accounts opened the portal with their key",
                    "no blocking finding open that guards Enforce",
                    "the announcement sent, the helpdesk briefed",
                    "no blocking issue open; service health green",
                ],
            )
        } else {
            lines(situation, PILOT_THRESHOLDS)
        },
        today: if situation.without_conditional_access() {
            GateState::Pending
        } else {
            lockout::gate(situation.input.proof.as_ref())
        },
        why: pilot_today(situation),
    }
}

fn pilot_today(situation: &Situation<'_>) -> String {
    let group = match &situation.pilot {
        Some(members) => {
            let people = counted(length(members.len()), "person", "people");
            format!("The pilot has not begun; its group holds {people}.")
        }
        None => "The pilot has not begun; no file told who is in its group.".to_owned(),
    };
    if situation.without_conditional_access() {
        return group;
    }
    format!("{group} {}", lockout::proof_today(situation.input.proof.as_ref()))
}

fn watch(situation: &Situation<'_>) -> GatePlan {
    let days = situation.rollout.thresholds.watch_hours.div_ceil(24);
    let date = days_later(
        situation.timeline.date_in(Stage::Enforce, Day::Everybody),
        i32::try_from(days).unwrap_or(i32::MAX),
    );
    let mut asks = vec![
        "{watch_hours} hours watched: tokens issued before live on",
        "at most {stop_share} of people in a ring with only failures for {stop_hours} hours",
        "no business process down for 30 minutes",
        "calls at most twice the forecast",
    ];
    if situation.last_ring().is_some() {
        asks.insert(
            0,
            "before ring 3: a fresh challenge by CA001 passed in ring 2, and {ring_hours} hours of it \
             watched",
        );
    }
    GatePlan {
        id: "G7",
        step: Stage::Enforce,
        date,
        question: "Did the stop rule stay silent while the switch was watched?".to_owned(),
        thresholds: lines(situation, &asks),
        today: GateState::Pending,
        why: "Enforcement has not begun.".to_owned(),
    }
}

fn validate(situation: &Situation<'_>) -> GatePlan {
    let legacy = match &situation.input.legacy {
        Some(legacy) => format!("{} legacy successes", legacy.totals.legacy_successes),
        None => "legacy successes not known".to_owned(),
    };
    let (rate, missing) = rate(situation, situation.rollout.thresholds.capable_at_end);
    GatePlan {
        id: "G8",
        step: Stage::Validate,
        date: situation.timeline.last(Stage::Validate),
        question: "Are the three success criteria met, row by row?".to_owned(),
        thresholds: lines(
            situation,
            &[
                "{at_end} of active people in scope capable",
                "no legacy success outside a dated exception",
                if situation.without_conditional_access() {
                    "both break-glass accounts opened the portal with their key"
                } else {
                    "break-glass three-part test passed for both accounts"
                },
                "the log since the switch, at least {watch_hours} hours: no legitimate failure, every \
                 success without MFA explained",
            ],
        ),
        today: not_yet(missing || situation.input.legacy.is_none()),
        why: format!("Before the rollout: {rate}, {legacy} in the window."),
    }
}
