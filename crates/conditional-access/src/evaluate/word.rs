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
        _ if blocks => Unmet { fails: Truth::True, interrupts: Truth::False },
        _ if grant.len() < 2 => Unmet::every(&grant),
        Some(Operator::And) => Unmet::every(&grant),
        Some(Operator::Or) => Unmet::one(&grant),
        None => Unmet::every(&grant).or_else(Unmet::one(&grant)),
    };
    of_grant.with(Unmet::every(&session)).word()
}

/// What is unmet of the controls of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unmet {
    /// Something nobody can act on.
    fails: Truth,
    /// Something the person can act on.
    interrupts: Truth,
}

impl Unmet {
    /// All are demanded.
    fn every(controls: &[(Truth, &Control)]) -> Self {
        let unmet = |interactive: bool| {
            let these = controls.iter().filter(|it| it.1.is_interactive() == interactive);
            these.fold(Truth::False, |unmet, (met, _)| unmet.or(met.negated()))
        };
        Self { fails: unmet(false), interrupts: unmet(true) }
    }

    /// One suffices.
    fn one(controls: &[(Truth, &Control)]) -> Self {
        let met = controls.iter().fold(Truth::False, |met, (it, _)| met.or(*it));
        if controls.iter().any(|(_, control)| control.is_interactive()) {
            Self { fails: Truth::False, interrupts: met.negated() }
        } else {
            Self { fails: met.negated(), interrupts: Truth::False }
        }
    }

    /// One of both readings, nobody can say which.
    fn or_else(self, other: Self) -> Self {
        let either = |one: Truth, other: Truth| if one == other { one } else { Truth::Unknown };
        Self {
            fails: either(self.fails, other.fails),
            interrupts: either(self.interrupts, other.interrupts),
        }
    }

    /// Both are demanded.
    fn with(self, other: Self) -> Self {
        Self { fails: self.fails.or(other.fails), interrupts: self.interrupts.or(other.interrupts) }
    }

    /// What fails outweighs what interrupts; what interrupts for certain does so whatever else may.
    fn word(self) -> Word {
        match (self.fails, self.interrupts) {
            (Truth::True, _) => Word::ReportOnlyFailure,
            (Truth::Unknown, _) | (Truth::False, Truth::Unknown) => Word::Unknown,
            (Truth::False, Truth::True) => Word::ReportOnlyInterrupted,
            (Truth::False, Truth::False) => Word::ReportOnlySuccess,
        }
    }
}
