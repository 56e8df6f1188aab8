//! What the sign-in log shows of the break-glass accounts.

use jiff::Timestamp;

use super::{PlannedTest, Seen, State, tenant};
use crate::account::Account;
use crate::evidence::{
    BreakGlassProof, BreakGlassQuestion, BreakGlassWatch, KnownPolicy, break_glass_proof,
    break_glass_watch,
};
use crate::facts::Facts;

/// The break-glass accounts that the settings name, as the directory knows them.
#[must_use]
pub fn break_glass_accounts(facts: &Facts<'_>) -> Vec<Account> {
    tenant::break_glass(facts)
}

/// Proves the break-glass accounts by sign-ins since a moment. `None`: there is no sign-in log.
#[must_use]
pub fn prove_break_glass(
    state: &State,
    seen: &Seen<'_>,
    since: Timestamp,
    now: Timestamp,
) -> Option<BreakGlassProof> {
    let accounts = tenant::break_glass(seen.facts);
    let policies = KnownPolicy::all(seen.facts.snapshot.policies.as_deref());
    let tests = tests(state);
    Some(break_glass_proof(&BreakGlassQuestion {
        sign_ins: seen.sign_ins?,
        accounts: &accounts,
        policies: policies.as_deref(),
        password_allowed: !seen.facts.rollout.break_glass.is_phishing_resistant(),
        tests: &tests,
        since,
        now: tenant::seen_at(seen, now),
    }))
}

/// Every sign-in of the break-glass accounts since a moment. `None`: there is no sign-in log.
#[must_use]
pub fn watch_break_glass(
    state: &State,
    seen: &Seen<'_>,
    since: Timestamp,
    now: Timestamp,
) -> Option<BreakGlassWatch> {
    let accounts = tenant::break_glass(seen.facts);
    Some(break_glass_watch(seen.sign_ins?, &accounts, &tests(state), since, now))
}

fn tests(state: &State) -> Vec<PlannedTest> {
    state.tests.values().cloned().collect()
}
