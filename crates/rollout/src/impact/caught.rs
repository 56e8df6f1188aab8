//! Whom the policies catch: people, and what is no person.

use std::collections::BTreeMap;

use conditional_access::{PolicySet, Truth};

use super::{Caught, CaughtKind};
use crate::account::Account;
use crate::exceptions::{Classification, Kind};
use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::tenant_facts;

/// Whom the proposal's policies catch: accounts of the directory that are enabled, or of which
/// nobody told whether they are, and that the users of a judged policy take in, or may take in.
#[must_use]
pub fn caught(facts: &Facts<'_>, classification: &Classification, proposal: &Proposal) -> Caught {
    let set = PolicySet::of(&proposal.policies, &proposal.tenant(facts));
    let judged: Vec<usize> =
        proposal.judged.iter().copied().filter(|place| set.counts(*place)).collect();
    let mut kinds: BTreeMap<Kind, (u64, Vec<Account>)> = BTreeMap::new();
    let users = facts.snapshot.users.iter().flatten();
    for (user, (kind, _)) in users.zip(&classification.users) {
        if user.account_enabled == Some(false) {
            continue;
        }
        let taken_in = set.takes_in(tenant_facts::user_id(facts, &user.account).as_deref());
        let is_out = |place: &usize| taken_in.get(*place).is_none_or(|it: &Truth| it.is_false());
        if judged.iter().all(is_out) {
            continue;
        }
        let (count, accounts) = kinds.entry(*kind).or_default();
        *count = count.saturating_add(1);
        if *kind != Kind::Person {
            accounts.push(user.account.clone());
        }
    }
    let total = kinds.values().fold(0_u64, |total, (count, _)| total.saturating_add(*count));
    let mut kinds: Vec<(Kind, CaughtKind)> = kinds
        .into_iter()
        .map(|(kind, (count, mut accounts))| {
            accounts
                .sort_by_cached_key(|account| (account.label().to_lowercase(), account.clone()));
            let people = is_people(kind);
            let meets = meets(kind).to_owned();
            (kind, CaughtKind { kind: word(kind).to_owned(), people, count, accounts, meets })
        })
        .collect();
    kinds.sort_by_key(|(kind, caught)| (!caught.people, *kind != Kind::Person, *kind));
    Caught { total, kinds: kinds.into_iter().map(|(_, caught)| caught).collect() }
}

/// People, guests included.
const fn is_people(kind: Kind) -> bool {
    kind.is_person() || matches!(kind, Kind::Guest)
}

/// The kind in the words of the exceptions audit.
const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::BreakGlass => "break-glass",
        Kind::Sync => "sync",
        Kind::Room => "room",
        Kind::Equipment => "equipment",
        Kind::SharedMailbox => "shared-mailbox",
        Kind::Guest => "guest",
        Kind::Service => "service",
        Kind::SharedLogin => "shared-login",
        Kind::Dormant => "dormant",
        Kind::OnLeave => "on-leave",
        Kind::NoSmartphone => "no-smartphone",
        Kind::Executive => "executive",
        Kind::Administrator => "administrator",
        Kind::Person => "person",
        Kind::Unclassified => "unclassified",
    }
}

/// What becomes of an account of this kind when MFA is asked of it.
const fn meets(kind: Kind) -> &'static str {
    match kind {
        Kind::BreakGlass => {
            "It is asked for MFA like everybody: in the emergency it is for, nobody may be able to \
             answer; exclude it from every policy."
        }
        Kind::Sync => {
            "It cannot answer a challenge: directory synchronisation stops at its next cycle."
        }
        Kind::Room => {
            "Nobody stands at it to answer a challenge: the room device signs out and meetings \
             cannot be joined from it."
        }
        Kind::Equipment => {
            "Nobody signs in to it, bookings go on; block its sign-in, since whoever finds its \
             password could register a method for it."
        }
        Kind::SharedMailbox => {
            "Nobody should sign in to it, delegates go on reading it; block its sign-in, since \
             whoever finds its password could register a method for it."
        }
        Kind::Guest => {
            "Is asked for MFA by the own organisation where its MFA is trusted, and else has to \
             register in this tenant."
        }
        Kind::Service => "It cannot answer a challenge: its sign-ins fail, and what it does stops.",
        Kind::SharedLogin => {
            "Only one person can hold its method: the others cannot sign in any more."
        }
        Kind::Dormant => {
            "Nobody uses it, so nobody registers; whoever guesses its password is asked to \
             register a method of their own."
        }
        Kind::OnLeave => "Must register on the first day back, when every prompt comes at once.",
        Kind::NoSmartphone => "Needs a security key or hardware token before the first prompt.",
        Kind::Executive => "Is asked for MFA; an exemption is refused.",
        Kind::Administrator => "Is asked for MFA, and should have a phishing-resistant method.",
        Kind::Person => "Is asked for MFA, and must register first where no method is.",
        Kind::Unclassified => {
            "Nobody can say: if a program uses it, its sign-ins fail; if a person, they are asked."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_exceptions_audit() {
        for kind in Kind::ALL {
            let written = serde_json::to_value(kind).unwrap();
            assert_eq!(written.as_str(), Some(word(kind)));
            assert!(meets(kind).ends_with('.') && !meets(kind).contains("  "), "{kind:?}");
        }
    }
}
