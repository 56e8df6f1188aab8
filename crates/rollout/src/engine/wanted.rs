//! Which rows of the sign-in log the gates rest on.

use jiff::Timestamp;

use super::tenant::{
    Happened, SECOND_RING, break_glass, done, in_rings, pilot_members, policy_ids, second_ring,
    second_ring_people, switched,
};
use super::{Seen, State};
use crate::account::Account;
use crate::evidence::Ask;

/// Most rows that are gathered. A row is small; a watch of three days of a large tenant fits.
const MOST_ROWS: usize = 50_000;

/// The rows that the gates need, and the letters of exceptions. `seen` is the tenant as just read,
/// still without rows.
#[must_use]
pub fn rows_wanted(state: &State, seen: &Seen<'_>, now: Timestamp) -> Ask {
    let facts = seen.facts;
    // The letter of an exception says what was tried against the account.
    let letters = state.exceptions.values().filter(|it| it.needs_letter && it.is_open());
    let letters = letters.map(|it| it.subject.clone());
    let pilot = pilot_members(facts).unwrap_or_default();
    let people = break_glass(facts).into_iter().chain(pilot).chain(letters);
    let accounts = people.flat_map(names);
    let since = match switched(state, seen) {
        Happened::Yes(since) => Some(since.unwrap_or(facts.as_of).min(now)),
        // While the second ring is in flight, its failures are watched.
        Happened::No | Happened::Unknown => match second_ring(state, seen) {
            Happened::Yes(since) => Some(since.unwrap_or(facts.as_of).min(now)),
            Happened::No | Happened::Unknown => None,
        },
    };
    let fresh_since = since.filter(|_| in_rings(seen));
    let canaries = fresh_since.and_then(|_| second_ring_people(facts)).unwrap_or_default();
    Ask {
        from: None,
        to: None,
        accounts: accounts.collect(),
        policies: policy_ids(facts).iter().map(|id| id.to_lowercase()).collect(),
        failures_since: since,
        single_factor_since: since,
        legacy_since: since,
        fresh_of: canaries.into_iter().flat_map(names).collect(),
        // The canary sang before the last ring was asked.
        fresh_since: done(state, SECOND_RING).min(fresh_since).or(fresh_since),
        most_rows: MOST_ROWS,
    }
}

fn names(account: Account) -> impl Iterator<Item = String> {
    let names = [account.user_id, account.user_principal_name];
    names.into_iter().flatten().map(|name| name.to_lowercase())
}
