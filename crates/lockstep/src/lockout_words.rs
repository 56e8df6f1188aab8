//! The lockout list in words: on the page of `impact` and in every document of a plan the same.

use rollout::impact::{Cut, PersonImpact, SignInCounts, UserCounts, UserOutcome};

use crate::words::{count, number};

/// What becomes of an account, in words.
pub(crate) const fn outcome(outcome: UserOutcome) -> &'static str {
    match outcome {
        UserOutcome::Blocked => "blocked",
        UserOutcome::Cannot => "cannot pass MFA",
        UserOutcome::BlockedLegacy => "legacy blocked",
        UserOutcome::MustRegister => "must register",
        UserOutcome::Unknown => "unknown",
        UserOutcome::Ready => "ready",
        UserOutcome::NotTouched => "not touched",
    }
}

/// What the word means.
pub(crate) const fn outcome_means(outcome: UserOutcome) -> &'static str {
    match outcome {
        UserOutcome::Blocked => "locked out, whatever is registered",
        UserOutcome::Cannot => "locked out, can register nothing",
        UserOutcome::BlockedLegacy => "loses legacy sign-ins only",
        UserOutcome::MustRegister => "can register, and has to first",
        UserOutcome::Unknown => "nobody can say",
        UserOutcome::Ready => "can show all that is asked for",
        UserOutcome::NotTouched => "nothing judged reaches it",
    }
}

/// The accounts of each outcome, worst first.
pub(crate) const fn by_outcome(users: &UserCounts) -> [(UserOutcome, u64); 7] {
    [
        (UserOutcome::Blocked, users.blocked),
        (UserOutcome::Cannot, users.cannot),
        (UserOutcome::BlockedLegacy, users.blocked_legacy),
        (UserOutcome::MustRegister, users.must_register),
        (UserOutcome::Unknown, users.unknown),
        (UserOutcome::Ready, users.ready),
        (UserOutcome::NotTouched, users.not_touched),
    ]
}

/// What the successful sign-ins would have met, in one sentence.
pub(crate) fn sign_ins(counts: &SignInCounts) -> String {
    format!(
        "{}: {} end in a block, {} ask for something, {} hold all that is asked for, {} are not \
         touched, of {} nobody can say.",
        count(counts.total, "successful sign-in", "successful sign-ins"),
        number(counts.blocked),
        number(counts.challenged),
        number(counts.already_satisfied),
        number(counts.not_touched),
        number(counts.unknown),
    )
}

/// Sign-ins by what they share: those that are blocked first, then those of which nobody can say.
pub(crate) fn worst_first(cuts: &[Cut]) -> Vec<&Cut> {
    let mut order: Vec<&Cut> = cuts.iter().collect();
    order.sort_by_key(|cut| {
        let counts = &cut.sign_ins;
        (std::cmp::Reverse((counts.blocked, counts.unknown, counts.total)), &cut.name, &cut.id)
    });
    order
}

/// People of one outcome, reason and way out, in the order of the first of each.
pub(crate) fn alike(people: &[PersonImpact]) -> Vec<Vec<&PersonImpact>> {
    let mut groups: Vec<Vec<&PersonImpact>> = Vec::new();
    for person in people {
        let alike = |group: &&mut Vec<&PersonImpact>| {
            group.first().is_some_and(|first| {
                first.outcome == person.outcome
                    && first.why == person.why
                    && first.next == person.next
            })
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(person),
            None => groups.push(vec![person]),
        }
    }
    groups
}
