//! What a manager reads first, and the three success criteria.

use super::calendar::long_date;
use super::situation::{Situation, counted};
use super::timeline::Day;
use super::{CostOfWaiting, Criterion, Summary, lockout};
use crate::percent::percent;
use crate::preflight::Stage;

/// The figures and two to six sentences.
pub(super) fn summary(
    situation: &Situation<'_>,
    cost: &CostOfWaiting,
    choice: Option<&str>,
) -> Summary {
    let registration = &situation.input.registration;
    let dependencies = situation.input.legacy.as_ref().map(|legacy| legacy.totals.dependencies);
    let blockers = situation.blockers();
    let mut sentences = vec![readiness(situation)];
    let better = choice.map_or_else(String::new, |choice| format!(" {choice}"));
    sentences.push(format!(
        "The rollout begins on {}, MFA is enforced for everyone on {}, and it ends on {}.{better}",
        long_date(situation.timeline.start),
        long_date(situation.timeline.date_in(Stage::Enforce, Day::Nth(1))),
        long_date(situation.timeline.end())
    ));
    sentences.extend(situation.input.lockout.as_ref().map(lockout::sentence));
    sentences.push(match dependencies {
        Some(0) => "No successful legacy sign-in was found in the days the logs cover.".to_owned(),
        Some(count) => format!(
            "{} must be settled before, because a legacy sign-in cannot pass MFA.",
            counted(count, "legacy dependency", "legacy dependencies")
        ),
        None => {
            "Neither legacy authentication nor who would be locked out is known: no sign-in log \
                 was read."
                .to_owned()
        }
    });
    if !blockers.is_empty() {
        let count = u64::try_from(blockers.len()).unwrap_or(u64::MAX);
        sentences.push(format!(
            "{} before the step it guards (P-07): {}.",
            if count == 1 {
                "1 blocking finding has to be settled".to_owned()
            } else {
                format!("{count} blocking findings have to be settled, each")
            },
            blockers.join(", ")
        ));
    }
    sentences.push(cost.sentence.clone());
    Summary {
        sentences,
        people: situation.people(),
        rate: registration.rate,
        to_register: situation.to_register(),
        dependencies,
        blockers: u64::try_from(blockers.len()).unwrap_or(u64::MAX),
    }
}

/// How many can pass MFA today.
pub(super) fn readiness(situation: &Situation<'_>) -> String {
    let registration = &situation.input.registration;
    match (registration.capable, situation.people(), registration.rate, situation.to_register()) {
        (Some(capable), Some(people), Some(rate), Some(missing)) => format!(
            "{capable} of {people} people ({}) can already pass MFA and need not register again; \
             {} still to register.",
            percent(rate),
            if missing == 1 { "1 has".to_owned() } else { format!("{missing} have") }
        ),
        (_, Some(people), _, _) => format!(
            "{people} people are in scope; how many can pass MFA is not known, because no \
             registration report was read."
        ),
        _ => "How many people are in scope, and how many can pass MFA, is not known from the \
              files."
            .to_owned(),
    }
}

/// The three success criteria.
pub(super) fn success_criteria(situation: &Situation<'_>) -> Vec<Criterion> {
    let share = match (situation.input.registration.rate, situation.to_register()) {
        (Some(rate), Some(missing)) => format!("{}, {missing} missing", percent(rate)),
        _ => "not known".to_owned(),
    };
    let legacy = match &situation.input.legacy {
        Some(legacy) => format!(
            "{} in {} of {} days{}",
            counted(legacy.totals.legacy_successes, "success", "successes"),
            legacy.window.days_covered,
            legacy.window.days_asked,
            if legacy.coverage.non_interactive == Some(true) {
                ""
            } else {
                "; non-interactive sign-ins not known to be in the files"
            }
        ),
        None => "not known: no sign-in log".to_owned(),
    };
    let named = situation.rollout.break_glass.accounts.len();
    let tested = match situation.rollout.break_glass.alert_tested {
        Some(date) => format!("alert last tested on {date}"),
        None => "no alert test recorded".to_owned(),
    };
    vec![
        Criterion {
            title: situation.fill("Registration is {at_end} of active people in scope"),
            measured_by: "capable people (registered and allowed) of people in scope, in the \
                          registration report and, for the last names, read live; every other \
                          enabled account has an unexpired exception"
                .to_owned(),
            today: share,
        },
        Criterion {
            title: "No successful legacy authentication".to_owned(),
            measured_by: "successful sign-ins by a legacy client app or a password grant, \
                          interactive and non-interactive, outside dated exceptions"
                .to_owned(),
            today: legacy,
        },
        Criterion {
            title: "The break-glass accounts work".to_owned(),
            measured_by: if situation.without_conditional_access() {
                "per account: portal opened with the key, a change made and undone, alert received"
                    .to_owned()
            } else if situation.is_public_cloud() {
                "per account: Conditional Access not applied, portal opened with the key, a \
                 change made and undone, alert received"
                    .to_owned()
            } else {
                "per account: signs in without being challenged by Conditional Access, a change \
                 made and undone, alert received"
                    .to_owned()
            },
            today: format!("{named} of 2 accounts named; {tested}"),
        },
    ]
}
