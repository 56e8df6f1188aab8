//! G8: the three success criteria are met, row by row.

use jiff::{SignedDuration, Timestamp};

use super::answer::{Answer, counted, snapshot};
use super::prepare::no_log;
use super::register::{has_exception, reached};
use super::watch::after_the_switch;
use super::{Asked, Question, asked, proof, strict, with_policies};
use crate::engine::GateId::G8;
use crate::engine::{Exception, PlannedTest, tenant};
use crate::evidence::{Review, ReviewQuestion, asking, review};

/// What it asks for.
pub(super) const ASKS: &[Asked] = &[
    strict(G8, "G8.snapshot", "The tenant was read within the last day", snapshot),
    asked(G8, "G8.registration", "Active people in scope can pass MFA", |question| {
        after_the_switch(question, |_| {
            reached(question, question.seen.facts.rollout.thresholds.capable_at_end)
        })
    }),
    asked(
        G8,
        "G8.legacy",
        "No legacy sign-in succeeded since the switch, outside a dated exception",
        legacy,
    ),
    strict(G8, "G8.break-glass", "Both break-glass accounts got in since the switch", |question| {
        after_the_switch(question, |since| proof::proven_after(question, since))
    }),
    asked(G8, "G8.failures", "No legitimate failure is open", |question| {
        of_review(question, |it| Answer::standing(&it.no_legitimate_failure))
    }),
    with_policies(asked(
        G8,
        "G8.single-factor",
        "Every success without MFA is explained",
        |question| of_review(question, |it| Answer::standing(&it.no_unexplained_success)),
    )),
];

fn legacy(question: &Question<'_>) -> Answer {
    after_the_switch(question, |since| {
        let Some(legacy) = &question.seen.plan.legacy else { return no_log() };
        let rows: Vec<String> = legacy
            .dependencies
            .iter()
            .filter(|it| it.last_seen.is_none_or(|seen| seen > since))
            .filter(|it| !has_exception(question, &it.account))
            .map(|it| {
                let client = it.client_app.as_deref().unwrap_or("client app not told");
                format!("{}: {client}", it.account.label())
            })
            .collect();
        if !rows.is_empty() {
            let what = counted(rows.len(), "legacy dependency", "legacy dependencies");
            return Answer::failed(format!("{what} got in since the switch.")).rows(rows);
        }
        let reviewed = match reviewed(question, since) {
            Ok(review) => review,
            Err(answer) => return answer,
        };
        match reviewed.reach.holes.first() {
            None => Answer::passed("No legacy sign-in succeeded since the switch."),
            Some(hole) => Answer::inconclusive(
                format!("No legacy success is seen, but the log has a hole: {hole}."),
                "Whole logs since the switch in the next snapshot.",
            )
            .missing(reviewed.reach.holes.clone()),
        }
    })
}

fn of_review(question: &Question<'_>, answer: impl Fn(&Review) -> Answer) -> Answer {
    after_the_switch(question, |since| match reviewed(question, since) {
        Ok(review) => answer(&review),
        Err(answer) => answer,
    })
}

/// The log since the switch, row by row, once so many hours are over.
fn reviewed(question: &Question<'_>, since: Timestamp) -> Result<Review, Answer> {
    let seen = question.seen;
    let Some(sign_ins) = seen.sign_ins else { return Err(no_log()) };
    let hours = seen.facts.rollout.thresholds.watch_hours;
    let length = SignedDuration::from_hours(i64::from(hours));
    let to = tenant::seen_at(seen, question.now);
    if to.duration_since(since) < length {
        return Err(Answer::running(format!(
            "{} of {hours} hours of log since the switch are there.",
            to.duration_since(since).as_hours().max(0)
        )));
    }
    let policies: Vec<String> = asking(seen.facts).filter_map(|it| it.id.clone()).collect();
    let exceptions: Vec<&Exception> = question.state.exceptions.values().collect();
    let tests: Vec<PlannedTest> = question.state.tests.values().cloned().collect();
    Ok(review(&ReviewQuestion {
        sign_ins,
        facts: Some(seen.facts),
        classification: seen.classification,
        policies: &policies,
        exceptions: &exceptions,
        tests: &tests,
        from: since,
        to,
        today: question.today,
    }))
}
