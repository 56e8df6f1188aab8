//! The lockout proof and the proof of the break-glass accounts, for the gates that ask for them.

use jiff::{SignedDuration, Timestamp};

use super::Question;
use super::answer::{Answer, attest};
use super::prepare::no_log;
use crate::account::Account;
use crate::change::{ChangeSet, apply_to};
use crate::engine::break_glass::prove_break_glass;
use crate::engine::{Seen, State, tenant};
use crate::evidence::UNDONE;
use crate::plan::GateState;
use crate::proof::Refutation;
use crate::snapshot::Snapshot;

/// How long a test of a break-glass account counts (Microsoft: *Manage emergency access accounts*,
/// which asks for one every 90 days).
pub(super) const DRILL: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The oldest test that counts.
pub(super) fn days_ago(question: &Question<'_>) -> Timestamp {
    let at = tenant::seen_at(question.seen, question.now);
    at.saturating_sub(DRILL).unwrap_or(Timestamp::MIN)
}

/// Break-glass accounts of which the sign-in log shows that no policy asks them for anything and that
/// they get into a portal. `None`: nobody can say.
pub(in crate::engine) fn proven_break_glass(
    state: &State,
    seen: &Seen<'_>,
    set: &ChangeSet,
    now: Timestamp,
) -> Option<Vec<Account>> {
    let since = tenant::seen_at(seen, now).saturating_sub(DRILL).unwrap_or(Timestamp::MIN);
    let proof = prove_break_glass(state, seen, since, now)?;
    // Where no policy stood in the way yet, a test shows nothing of the one that is about to.
    let is_live = |snapshot: &Snapshot| {
        snapshot.policies.iter().flatten().any(conditional_access::Policy::is_live)
    };
    let before = seen.facts.snapshot;
    if !is_live(before) && is_live(&apply_to(before, set)) {
        return Some(Vec::new());
    }
    let proven = proof.accounts.iter().filter(|it| it.not_applied.is_yes() && it.portal.is_yes());
    Some(proven.map(|it| it.account.clone()).collect())
}

/// Every break-glass account is proven since a moment: by the log, and, for the change that was made
/// and undone, by a person's word for one of these tasks.
pub(super) fn proven(question: &Question<'_>, since: Timestamp, tasks: &[&str]) -> Answer {
    let Some(proof) = prove_break_glass(question.state, question.seen, since, question.now) else {
        return no_log();
    };
    let rows = proof.accounts.iter().map(|it| {
        let of = |shown: &crate::evidence::Shown| match shown {
            crate::evidence::Shown::Yes { row, .. } | crate::evidence::Shown::No { row, .. } => {
                row.clone()
            }
            crate::evidence::Shown::Unknown { why } => why.clone(),
        };
        format!("{}: {}; {}", it.account.label(), of(&it.not_applied), of(&it.portal))
    });
    let rows: Vec<String> = rows.collect();
    if proof.proven.verdict != GateState::Passed {
        return Answer::standing(&proof.proven).rows(rows);
    }
    let words = tasks.iter().filter_map(|task| question.state.attestations.get(*task));
    let word = words.into_iter().find(|it| it.at >= since);
    match word {
        Some(it) => Answer::passed(format!(
            "Each got into a portal and was asked by no policy; {} states the rest: {}",
            it.by, it.note
        ))
        .stated(it)
        .rows(rows),
        None => Answer::inconclusive(
            "Each got in; that a change was made and undone, nobody has stated.",
            attest(tasks.first().copied().unwrap_or_default()),
        )
        .rows(rows),
    }
}

/// The third success criterion: the same since the switch, and nobody else signed in.
pub(super) fn proven_after(question: &Question<'_>, since: Timestamp) -> Answer {
    let Some(proof) = prove_break_glass(question.state, question.seen, since, question.now) else {
        return no_log();
    };
    let is_planned = |id: &&&str| question.seen.plan.tasks.iter().any(|it| it.id == ***id);
    let task = UNDONE.iter().find(is_planned).copied().unwrap_or("V-08");
    let words = UNDONE.iter().filter_map(|task| question.state.attestations.get(*task));
    let (standing, word) = proof.with_words(words.filter(|it| it.at >= since), true, task);
    let answer = Answer::standing(&standing).rows(proof.rows());
    word.into_iter().fold(answer, Answer::stated)
}

/// The lockout proof of the policies to be.
pub(super) fn lockout_proof(question: &Question<'_>) -> Answer {
    let Some(proof) = &question.seen.plan.proof else {
        return Answer::error(
            "The lockout proof could not be tried.",
            "The users, roles, policies and registration details in the next snapshot.",
        );
    };
    let label = |account: &Account| account.label().to_owned();
    let people = proof.administrators_who_can_sign_in.iter().map(label);
    let accounts = proof.break_glass.iter().map(|it| label(&it.account));
    let holds: Vec<String> = people.chain(accounts).collect();
    let against: Vec<String> = proof
        .counter_examples
        .iter()
        .map(|it| format!("{}: {}", it.account.label(), it.why.join(" ")))
        .chain(proof.shortfalls.iter().cloned())
        .collect();
    if proof.holds && against.is_empty() {
        return Answer::passed(format!("Whatever the facts, these get in: {}.", holds.join(", ")))
            .rows(holds)
            .on(proof.policies.join(", "));
    }
    let first = against.first().map_or("nothing was read that shows it", String::as_str);
    let why = format!("The lockout proof does not hold: {}.", first.trim_end_matches('.'));
    let certain = |it: &Refutation| it.unknown.is_empty();
    if proof.counter_examples.iter().any(certain) {
        let mend = proof.counter_examples.iter().flat_map(|it| it.mend.clone());
        return Answer::failed(why).rows(against).missing(mend);
    }
    let unknown = proof.counter_examples.iter().flat_map(|it| it.unknown.clone());
    Answer::inconclusive(why, "`lockstep prove` names what stands against it.")
        .missing(unknown)
        .rows(against)
}
