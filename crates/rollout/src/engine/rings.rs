//! Whom the next change asks for MFA.

use super::tenant::{self, Happened};
use super::{GateId, Seen, State};
use crate::account::Account;
use crate::plan::GateState;

/// Whom the next change asks for MFA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NextRing {
    /// The pilot group.
    Pilot,
    /// Whoever else can pass MFA. `None`: nobody told them all.
    Second(Option<Vec<Account>>),
    /// Everybody but the members of the pilot and bridge groups, of whom nobody told them all if
    /// `None`.
    AllBut(Option<Vec<Account>>),
    /// Everybody.
    Everybody,
}

/// Whom the next change asks for MFA. The pilot, until it has passed its gate.
pub(crate) fn next_ring(state: &State, seen: &Seen<'_>) -> NextRing {
    if state.verdict(GateId::G6) != GateState::Passed {
        return NextRing::Pilot;
    }
    if !tenant::in_rings(seen) {
        return NextRing::Everybody;
    }
    let second = tenant::second_ring_people(seen.facts);
    let is_asked = tenant::second_ring(state, seen) != Happened::No;
    if !is_asked && !tenant::switched(state, seen).is_yes() {
        return NextRing::Second(second);
    }
    let pilot = tenant::pilot_members(seen.facts);
    NextRing::AllBut(pilot.zip(second).map(|(pilot, second)| [pilot, second].concat()))
}
