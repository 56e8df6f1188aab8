//! G4: enough people are registered for the pilot.

use super::answer::{Answer, attest, counted, snapshot, word_about};
use super::campaign::no_rate;
use super::{Asked, Question, asked, strict};
use crate::account::Account;
use crate::engine::GateId::G4;
use crate::engine::{Exception, ExceptionPhase, tenant};
use crate::exceptions::Kind;
use crate::facts::Facts;
use crate::percent::{percent, threshold_percent};
use crate::registration::can_pass;

/// What it asks for.
pub(super) const ASKS: &[Asked] = &[
    strict(G4, "G4.snapshot", "The tenant was read within the last day", snapshot),
    asked(G4, "G4.report", "The registration report is fresh", report),
    asked(G4, "G4.rate", "Enough people in scope can pass MFA", rate),
    asked(G4, "G4.administrators", "Every administrator can pass MFA", administrators),
    asked(G4, "G4.pilot", "Every member of the pilot group can pass MFA", pilot),
    asked(G4, "G4.names", "Every name that remains has a reason", names),
];

fn report(question: &Question<'_>) -> Answer {
    let Some(as_of) = question.seen.plan.registration.as_of else {
        return Answer::inconclusive(
            "The registration report does not tell how old it is.",
            "Registration details with `lastUpdatedDateTime` in the next snapshot.",
        );
    };
    let hours = question.seen.facts.rollout.thresholds.report_stale_hours;
    let age = question.now.duration_since(as_of);
    if age.as_hours() > i64::from(hours) {
        return Answer::failed(format!(
            "The oldest row of the registration report is {} hours old; after {hours} hours it is \
             stale.",
            age.as_hours()
        ))
        .missing(["A new snapshot; Microsoft refreshes the report within 36 hours.".to_owned()])
        .by_the_clock();
    }
    Answer::passed("The registration report is fresh.")
}

fn rate(question: &Question<'_>) -> Answer {
    let wanted = question.seen.facts.rollout.thresholds.capable_before_pilot;
    reached(question, wanted)
}

/// A share of people in scope can pass MFA.
pub(super) fn reached(question: &Question<'_>, wanted: f64) -> Answer {
    let registration = &question.seen.plan.registration;
    let (Some(rate), Some(capable), Some(people)) =
        (registration.rate, registration.capable, registration.denominators.in_scope_people)
    else {
        return no_rate();
    };
    let figures = format!(
        "{capable} of {} in scope can pass MFA ({}; {} needed)",
        counted_people(people),
        percent(rate),
        threshold_percent(wanted)
    );
    let rows =
        registration.not_capable.iter().map(|it| format!("{}: {}", it.account.label(), it.reason));
    let answer = if rate >= wanted {
        Answer::passed(format!("{figures}."))
    } else {
        Answer::failed(format!("{figures}."))
    };
    answer.on(figures).rows(rows)
}

fn counted_people(people: u64) -> String {
    if people == 1 { "1 person".to_owned() } else { format!("{people} people") }
}

fn administrators(question: &Question<'_>) -> Answer {
    let Some(it) = question.seen.plan.registration.administrators else {
        return Answer::inconclusive(
            "Which people administer, or whether they can pass MFA, no file tells.",
            "The role assignments and the registration details in the next snapshot.",
        );
    };
    let figures = format!("{} of {} administrators can pass MFA", it.capable, it.of);
    if it.of == 0 {
        return Answer::inconclusive(
            "No administrator is among the people in scope.",
            "The role assignments in the next snapshot; somebody administers this tenant.",
        );
    }
    if it.capable >= it.of {
        Answer::passed(format!("{figures}.")).on(figures)
    } else {
        Answer::failed(format!("{figures}.")).on(figures)
    }
}

fn pilot(question: &Question<'_>) -> Answer {
    let facts = question.seen.facts;
    let Some(members) = tenant::pilot_members(facts) else {
        return Answer::inconclusive(
            "Who is in the pilot group is not told.",
            "`group` under `[pilot]`, and the groups with all their members in the next snapshot.",
        );
    };
    if members.is_empty() {
        return Answer::failed("The pilot group is empty.");
    }
    let (mut not, mut unknown) = (Vec::new(), Vec::new());
    for member in &members {
        match facts.registration(member).and_then(|it| can_pass(facts, it)) {
            Some(true) => {}
            Some(false) => not.push(member.label().to_owned()),
            None => unknown.push(member.label().to_owned()),
        }
    }
    let all = members.iter().map(|it| it.label().to_owned());
    if !not.is_empty() {
        let who = counted(not.len(), "member", "members");
        return Answer::failed(format!("{who} of the pilot group cannot pass MFA."))
            .rows(not)
            .rows(unknown);
    }
    if !unknown.is_empty() {
        return Answer::inconclusive(
            format!(
                "Of {} no file tells.",
                counted(unknown.len(), "pilot member", "pilot members")
            ),
            "Their rows in the registration details, in the next snapshot.",
        )
        .rows(unknown);
    }
    Answer::passed(format!(
        "{} of the pilot group can pass MFA.",
        match members.len() {
            1 => "The one member".to_owned(),
            some => format!("All {some} members"),
        }
    ))
    .rows(all)
}

/// A reason: on leave, without a smartphone, an exception, or somebody's word for all.
fn names(question: &Question<'_>) -> Answer {
    let registration = &question.seen.plan.registration;
    if registration.rate.is_none() {
        return no_rate();
    }
    let people = registration.not_capable.iter().map(|it| &it.account);
    let rows: Vec<String> =
        people.filter(|it| !has_reason(question, it)).map(|it| it.label().to_owned()).collect();
    if rows.is_empty() {
        return Answer::passed("Every name that remains has a reason.")
            .rows(registration.not_capable.iter().map(|it| it.account.label().to_owned()));
    }
    let newer = match word_about(question, "R-18", &rows) {
        Ok(it) => {
            return Answer::passed(format!("{} states of those who remain: {}", it.by, it.note))
                .stated(it)
                .about(rows.clone())
                .rows(rows);
        }
        Err(newer) => newer,
    };
    let what = counted(rows.len(), "name remains", "names remain");
    Answer::failed(format!("{what} without a reason."))
        .about(rows.clone())
        .rows(rows)
        .missing(newer)
        .missing([format!("Per name the blocker and its date: {}.", attest("R-18"))])
}

fn has_reason(question: &Question<'_>, account: &Account) -> bool {
    let facts = question.seen.facts;
    kind_of(question, facts, account)
        .is_some_and(|kind| matches!(kind, Kind::OnLeave | Kind::NoSmartphone))
        || has_exception(question, account)
}

fn kind_of(question: &Question<'_>, facts: &Facts<'_>, account: &Account) -> Option<Kind> {
    let position = facts.user_position(account)?;
    question.seen.classification.users.get(position).map(|(kind, _)| *kind)
}

/// A dated exception stands for an account.
pub(super) fn has_exception(question: &Question<'_>, account: &Account) -> bool {
    exceptions_of(question, account).next().is_some()
}

/// The exceptions of an account that are approved or in force, and that nobody ended.
pub(super) fn exceptions_of<'q>(
    question: &'q Question<'_>,
    account: &'q Account,
) -> impl Iterator<Item = &'q Exception> {
    question.state.exceptions.values().filter(|it| {
        let stands = matches!(it.phase, ExceptionPhase::Approved | ExceptionPhase::Applied { .. });
        let same = |one: &Option<String>, other: &Option<String>| match (one, other) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            _ => false,
        };
        stands
            && it.ending.is_none()
            && it.expires >= question.today
            && (same(&it.subject.user_id, &account.user_id)
                || same(&it.subject.user_principal_name, &account.user_principal_name))
    })
}
