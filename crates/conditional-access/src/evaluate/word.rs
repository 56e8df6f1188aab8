//! The words of a sign-in log (Graph, `appliedConditionalAccessPolicy`; Entra documentation,
//! *Conditional Access report-only mode*).

use super::controls::{Circumstances, Reading};
use super::person::Person;
use super::possible::Possible;
use super::rule::Rule;
use super::why::Why;
use crate::outcome::{Control, Fact, Word};
use crate::policy::Operator;
use crate::truth::Truth;

/// The word for a policy that is on. An open prompt is a failure until it is answered.
pub(super) fn enforced(applies: Truth, demanded: Possible) -> Word {
    match (applies, demanded.is_met()) {
        (Truth::False, _) => Word::NotApplied,
        (Truth::Unknown, _) | (Truth::True, Truth::Unknown) => Word::Unknown,
        (Truth::True, Truth::True) => Word::Success,
        (Truth::True, Truth::False) => Word::Failure,
    }
}

/// The word for a report-only policy. What the person has registered plays no part: who has
/// nothing is *interrupted* as well.
pub(super) fn report_only(
    rule: &Rule,
    applies: Truth,
    person: &Person<'_>,
    around: Circumstances,
    why: &mut Why,
) -> Word {
    match applies {
        Truth::False => return Word::ReportOnlyNotApplied,
        Truth::Unknown => return Word::Unknown,
        Truth::True => {}
    }
    let mut words = Vec::new();
    let readings: Vec<Reading> = rule.controls.readings(person, around, why).collect();
    for reading in readings {
        words.push(of_reading(rule, person, around, reading, why));
    }
    let Some((first, others)) = words.split_first() else { return Word::Unknown };
    let word = if others.iter().all(|it| it == first) { *first } else { Word::Unknown };
    // What the log says of a client that nobody can ask is not documented.
    let unasked = person.cannot_be_asked(&mut Why::unwanted());
    if word == Word::ReportOnlyInterrupted && !unasked.is_false() {
        why.missed(|| Fact::Behaviour("report-only results of clients that cannot be asked"));
        return Word::Unknown;
    }
    word
}

fn of_reading(
    rule: &Rule,
    person: &Person<'_>,
    around: Circumstances,
    reading: Reading,
    why: &mut Why,
) -> Word {
    let grant: Vec<(Truth, &Control)> = rule
        .controls
        .grant_outcomes(person, around, reading, why)
        .map(|(control, outcome)| (outcome.is_met(), control))
        .collect();
    let session: Vec<(Truth, &Control)> = rule
        .controls
        .session_outcomes(person, around, reading, why)
        .map(|(control, outcome)| (outcome.is_met(), control))
        .collect();
    let blocks = grant.iter().any(|(met, it)| **it == Control::Block && met.is_false());
    let of_grant = match rule.controls.operator {
        _ if blocks => Word::ReportOnlyFailure,
        _ if grant.len() < 2 => every(&grant),
        Some(Operator::And) => every(&grant),
        Some(Operator::Or) => one(&grant),
        None if every(&grant) == one(&grant) => every(&grant),
        None => Word::Unknown,
    };
    worse(of_grant, every(&session))
}

/// All are demanded: an unmet control that nobody can act on fails the policy, another interrupts.
fn every(controls: &[(Truth, &Control)]) -> Word {
    let has = |met: Truth, interactive: bool| {
        controls.iter().any(|(it, control)| *it == met && control.is_interactive() == interactive)
    };
    if has(Truth::False, false) {
        Word::ReportOnlyFailure
    } else if has(Truth::Unknown, false) {
        Word::Unknown
    } else if has(Truth::False, true) {
        Word::ReportOnlyInterrupted
    } else if has(Truth::Unknown, true) {
        Word::Unknown
    } else {
        Word::ReportOnlySuccess
    }
}

/// One suffices.
fn one(controls: &[(Truth, &Control)]) -> Word {
    let best = controls.iter().fold(Truth::False, |best, (met, _)| best.or(*met));
    match best {
        Truth::True => Word::ReportOnlySuccess,
        Truth::Unknown => Word::Unknown,
        Truth::False if controls.iter().any(|(_, control)| control.is_interactive()) => {
            Word::ReportOnlyInterrupted
        }
        Truth::False => Word::ReportOnlyFailure,
    }
}

fn worse(left: Word, right: Word) -> Word {
    let order = [
        Word::ReportOnlyFailure,
        Word::Unknown,
        Word::ReportOnlyInterrupted,
        Word::ReportOnlySuccess,
    ];
    let found = order.into_iter().find(|word| *word == left || *word == right);
    found.unwrap_or(Word::Unknown)
}
