//! G6: people were told before anybody but the pilot is asked.

use super::Question;
use super::answer::{Answer, attest};
use crate::recipients::{Circle, Recipients, recipients};

/// How one part of it stands.
enum Part {
    /// It is shown, or a person states it.
    Done(Answer),
    /// It is not: what, and what to do.
    Open(String, String),
}

/// The announcement was sent, the helpdesk is briefed, people know the date. Where the plan has no such
/// task, nobody has to do it.
pub(super) fn told(question: &Question<'_>) -> Answer {
    let is_planned = |id: &str| question.seen.plan.tasks.iter().any(|it| it.id == id);
    let mut parts = Vec::new();
    if is_planned("R-01") {
        parts.push(announcement(question));
    }
    if is_planned("P-19") {
        parts.push(by_word(question, "P-19", "the helpdesk is briefed"));
    }
    if is_planned("L-16") {
        parts.push(by_word(question, "L-16", "people know the date"));
    }
    let (mut why, mut open, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    let mut done = Answer::passed("");
    for part in parts {
        match part {
            Part::Done(it) => {
                why.push(it.why.clone());
                done = done.and(it);
            }
            Part::Open(what, act) => {
                open.push(what);
                missing.push(act);
            }
        }
    }
    if open.is_empty() {
        done.why = if why.is_empty() { "Nobody has to be told.".to_owned() } else { why.join(" ") };
        return done;
    }
    let what = format!("Not shown and not stated: {}.", open.join("; "));
    let mut missing = missing.into_iter();
    Answer::inconclusive(what, missing.next().unwrap_or_default()).missing(missing).rows(why)
}

fn by_word(question: &Question<'_>, task: &str, what: &str) -> Part {
    match question.state.attestations.get(task) {
        Some(it) => Part::Done(
            Answer::passed(format!("{} states of {task}: {}.", it.by, bare(&it.note))).stated(it),
        ),
        None => Part::Open(format!("that {what} ({task})"), attest(task)),
    }
}

/// It went to everybody in scope, or a person states it: what lockstep did not send it cannot see.
fn announcement(question: &Question<'_>) -> Part {
    if question.state.attestations.contains_key("R-01") {
        return by_word(question, "R-01", "the announcement was sent");
    }
    let send = "`lockstep message send announcement --to all`";
    let told = recipients(question.state, question.seen, "announcement", Circle::All);
    let Ok(Recipients { to_send, have_it, doubtful, without_address }) = told else {
        let act = format!("{send}, or, where it was sent by other means, {}", attest("R-01"));
        return Part::Open("that the announcement was sent (R-01)".to_owned(), act);
    };
    let number = have_it.len();
    if to_send.is_empty() && doubtful.is_empty() && without_address.is_empty() && number > 0 {
        let why = format!("The announcement was sent to all {number} in scope.");
        return Part::Done(Answer::passed(why.clone()).on(why));
    }
    let of = number
        .saturating_add(to_send.len())
        .saturating_add(doubtful.len())
        .saturating_add(without_address.len());
    let what = format!("that everybody got the announcement (R-01: {number} of {of} have it)");
    let act = if to_send.is_empty() {
        format!("Tell those whom no mail reaches, then {}", attest("R-01"))
    } else {
        format!("{send}, or, where it was sent by other means, {}", attest("R-01"))
    };
    Part::Open(what, act)
}

fn bare(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}
