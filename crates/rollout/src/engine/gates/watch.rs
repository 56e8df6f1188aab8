//! G7: the stop rule stayed silent while the switch was watched.

use jiff::Timestamp;

use super::answer::{Answer, snapshot, word};
use super::pilot::issues;
use super::prepare::no_log;
use super::{Asked, Question, asked, ring, strict};
use crate::account::Account;
use crate::engine::GateId::G7;
use crate::engine::tenant::{self, Happened};
use crate::exceptions::Kind;

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
        after_the_switch(question, |_| issues(question))
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

/// Somebody counted them since the switch: E-10, or S-10 where security defaults are the switch.
fn calls(question: &Question<'_>) -> Answer {
    after_the_switch(question, |since| {
        let words = &question.state.attestations;
        let told = |task: &&str| words.get(*task).is_some_and(|it| it.at >= since);
        match ["E-10", "S-10"].into_iter().find(told) {
            Some(task) => word(question, task, "somebody decided by the numbers to go on"),
            None => Answer::inconclusive(
                "Nobody has stated how many calls there were.",
                "`lockstep attest E-10 --by WHO --note TEXT`",
            ),
        }
    })
}

/// Whoever meets the switch.
fn everybody(question: &Question<'_>) -> Option<Vec<Account>> {
    let users = question.seen.facts.snapshot.users.as_ref()?;
    let people =
        users.iter().zip(&question.seen.classification.users).filter(|(user, (kind, _))| {
            user.account_enabled != Some(false)
                && (kind.is_person() || matches!(kind, Kind::Unclassified | Kind::Guest))
        });
    Some(people.map(|(user, _)| user.account.clone()).collect())
}

fn watched(question: &Question<'_>) -> Answer {
    after_the_switch(question, |since| {
        let seen = question.seen;
        if seen.sign_ins.is_none() {
            return no_log();
        }
        let Some(people) = everybody(question) else { return super::prepare::no_users() };
        let hours = seen.facts.rollout.thresholds.watch_hours;
        match ring::rings_of(question, people) {
            Ok(rings) => ring::watch_for(question, since, hours, &rings)
                .map_or_else(no_log, |it| ring::of_watch(&it)),
            Err(answer) => answer,
        }
    })
}
