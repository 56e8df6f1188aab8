//! G2 and G3: whether a reminder is needed, and who is contacted in person. They hold nothing up.

use super::answer::{Answer, attest, counted, word_about};
use super::{Asked, Question, asked};
use crate::account::Account;
use crate::engine::GateId::{G2, G3};
use crate::engine::Sent;
use crate::engine::bootstrap::{Forecast, forecast, triggers};
use crate::percent::{percent, threshold_percent};

/// What they ask for.
pub(super) const ASKS: &[Asked] = &[
    asked(G2, "G2.reminder", "Enough people can pass MFA, or the rest was reminded", reminder),
    asked(G2, "G2.curve", "The curve reaches the goal by the end of Register", curve),
    asked(G3, "G3.contact", "Everybody who is missing was contacted in person", contact),
];

/// Those in scope who cannot pass MFA. `None`: nobody can say.
fn missing(question: &Question<'_>) -> Option<Vec<Account>> {
    let registration = &question.seen.plan.registration;
    registration.rate?;
    Some(registration.not_capable.iter().map(|it| it.account.clone()).collect())
}

/// No figure of registration can be had.
pub(super) fn no_rate() -> Answer {
    Answer::error(
        "How many people can pass MFA cannot be said.",
        "The users and the registration details (`userRegistrationDetails`) in the next snapshot.",
    )
}

/// Those of them who did not get a message.
fn without(question: &Question<'_>, message: &str, people: &[Account]) -> Vec<String> {
    let has_it = |account: &&Account| {
        let key = Sent::key_of(message, account);
        question.state.sent.get(&key).is_some_and(|it| it.at.is_some())
    };
    let not = people.iter().filter(|it| !has_it(it));
    not.map(|it| it.label().to_owned()).collect()
}

/// The date of a task of the plan has come.
fn has_come(question: &Question<'_>, task: &str) -> bool {
    let date = question.seen.plan.tasks.iter().find(|it| it.id == task).map(|it| it.date);
    date.is_some_and(|date| date <= question.today)
}

fn reminder(question: &Question<'_>) -> Answer {
    let Some(people) = missing(question) else { return no_rate() };
    let rate = question.seen.plan.registration.rate.unwrap_or_default();
    let wanted = question.seen.facts.rollout.thresholds.reminder_below;
    let figures = format!("{} of the people in scope can pass MFA", percent(rate));
    if rate >= wanted {
        return Answer::passed(format!("{figures}: no reminder is needed.")).on(figures);
    }
    if let Some(it) = question.state.attestations.get("R-17") {
        return Answer::passed(format!("{figures}; {} states: {}", it.by, it.note))
            .on(figures)
            .stated(it);
    }
    let rows = without(question, "reminder", &people);
    if rows.is_empty() {
        return Answer::passed(format!("{figures}; all others were reminded.")).on(figures);
    }
    let why = format!("{figures}, fewer than {}.", threshold_percent(wanted));
    if has_come(question, "R-17") {
        let next = "`lockstep message send reminder --to unregistered`".to_owned();
        Answer::failed(why).rows(rows).missing([next])
    } else {
        Answer::pending(format!("{why} The day of the reminder has not come.")).rows(rows)
    }
}

fn curve(question: &Question<'_>) -> Answer {
    let Some(forecast) = forecast(question.seen, question.today) else {
        return Answer::inconclusive(
            "The days measured so far are too few for a forecast.",
            "A snapshot a day: `lockstep snapshot`.",
        );
    };
    let Forecast { capable, in_scope, expected, wanted, by } = forecast;
    let figures = format!("{capable} of {in_scope} people, {wanted} needed by {by}");
    if forecast.reaches() {
        return Answer::passed(format!("At this pace the goal is reached: {figures}.")).on(figures);
    }
    Answer::failed(format!(
        "At this pace {expected} of {in_scope} people can pass MFA on {by}, {wanted} are needed: \
         change what makes people register, not the wording."
    ))
    .on(figures)
    .missing(triggers(question.seen))
}

fn contact(question: &Question<'_>) -> Answer {
    let Some(people) = missing(question) else { return no_rate() };
    if people.is_empty() {
        return Answer::passed("Nobody is missing.");
    }
    let rows = without(question, "personal-note", &people);
    if rows.is_empty() {
        return Answer::passed("Everybody who is missing got a personal note.")
            .on(format!("{} people", people.len()));
    }
    let newer = match word_about(question, "R-18", &rows) {
        Ok(it) => {
            return Answer::passed(format!("{} states: {}", it.by, it.note))
                .stated(it)
                .about(rows.clone())
                .rows(rows);
        }
        Err(newer) => newer,
    };
    let why = counted(rows.len(), "person is", "people are");
    if has_come(question, "R-18") {
        Answer::failed(format!("{why} missing and not contacted yet."))
            .about(rows.clone())
            .rows(rows)
            .missing(newer)
            .missing([format!("Call them with a method at hand, then {}.", attest("R-18"))])
    } else {
        Answer::pending(format!("{why} missing; the day of the calls has not come."))
            .about(rows.clone())
            .rows(rows)
    }
}
