//! G7: the stop rule stayed silent while the switch was watched.

use jiff::Timestamp;

use super::answer::{Answer, attest, counted, snapshot, word};
use super::pilot::issues;
use super::prepare::no_log;
use super::{Asked, Question, asked, ring, strict};
use crate::engine::GateId::G7;
use crate::engine::tenant::{self, Happened};
use crate::evidence::everybody;
use crate::plan::GateState;

/// What it asks for.
pub(super) const ASKS: &[Asked] = &[
    strict(G7, "G7.snapshot", "The tenant was read within the last day", snapshot),
    asked(
        G7,
        "G7.watch",
        "Few enough people had nothing but failures while it was watched",
        watched,
    ),
    asked(G7, "G7.issues", "No business process stands still", |question| {
        after_the_switch(question, |since| processes(question, since))
    }),
    asked(G7, "G7.calls", "The calls stayed within twice the forecast", calls),
];

/// The moment of the switch, or why nothing can be said after it.
pub(super) fn after_the_switch(
    question: &Question<'_>,
    then: impl FnOnce(Timestamp) -> Answer,
) -> Answer {
    match tenant::switched(question.state, question.seen) {
        Happened::No => Answer::pending("Not everybody is asked for MFA yet."),
        Happened::Unknown => Answer::error(
            "Whether everybody is asked for MFA cannot be said.",
            "The policies and the state of security defaults in the next snapshot.",
        ),
        Happened::Yes(None) => Answer::inconclusive(
            "Since when everybody is asked for MFA no file tells.",
            "The policies with `modifiedDateTime` in the next snapshot.",
        ),
        Happened::Yes(Some(since)) => then(since),
    }
}

/// No blocking issue is open, and no program that got in before is refused.
fn processes(question: &Question<'_>, since: Timestamp) -> Answer {
    let issues = issues(question);
    let hours = question.seen.facts.rollout.thresholds.watch_hours;
    let Some(watch) = ring::watch_for(question, since, hours, &[]) else { return no_log() };
    if watch.stopped.is_empty() {
        return issues;
    }
    let rows = watch
        .stopped
        .iter()
        .map(|it| format!("{}: refused since {:.0}, not in since", it.account.label(), it.since));
    let rows: Vec<String> = rows.collect();
    let what = counted(
        rows.len(),
        "program that got in before the switch is refused and",
        "programs that got in before the switch are refused and",
    );
    let also = if issues.verdict == GateState::Passed {
        String::new()
    } else {
        format!(" {}", issues.why)
    };
    Answer::failed(format!("{what} may stand still.{also}"))
        .rows(rows)
        .rows(issues.rows)
        .missing([
            "Ask the owner of each whether it works; move it, or leave it out until a day (`lockstep \
             exception add --help`)."
                .to_owned(),
        ])
        .missing(issues.missing)
}

/// Somebody counted them since the switch: E-10, or S-10 where security defaults are the switch.
fn calls(question: &Question<'_>) -> Answer {
    after_the_switch(question, |since| {
        let words = &question.state.attestations;
        let told = |task: &&str| words.get(*task).is_some_and(|it| it.at >= since);
        match ["E-10", "S-10"].into_iter().find(told) {
            Some(task) => word(question, task, "somebody decided by the numbers to go on"),
            None => {
                Answer::inconclusive("Nobody has stated how many calls there were.", attest("E-10"))
            }
        }
    })
}

fn watched(question: &Question<'_>) -> Answer {
    after_the_switch(question, |since| {
        let seen = question.seen;
        if seen.sign_ins.is_none() {
            return no_log();
        }
        let Some(people) = everybody(seen.facts, seen.classification) else {
            return super::prepare::no_users();
        };
        let hours = seen.facts.rollout.thresholds.watch_hours;
        match ring::rings_of(question, people) {
            Ok(rings) => ring::watch_for(question, since, hours, &rings)
                .map_or_else(no_log, |it| ring::of_watch(&it)),
            Err(answer) => answer,
        }
    })
}
