//! The register of exceptions: every enabled account that is no ordinary person.

use std::collections::BTreeMap;

use super::{Classification, ClassifiedAccount, Exceptions, Kind, treatment};
use crate::facts::Facts;
use crate::gaps;

/// Gaps that keep an account from being classified.
const GAPS: [&str; 12] = [
    "users",
    "account-enabled",
    "user-type",
    "sign-in-activity",
    "people-data",
    "sign-in-logs",
    "days-covered",
    "mailboxes",
    "roles",
    "groups",
    "group-members",
    "break-glass-names",
];

/// Writes the register of the enabled accounts.
///
/// An account of which no file tells whether it is enabled is not in it; the gap
/// `account-enabled` counts those.
#[must_use]
pub fn register(facts: &Facts<'_>, classification: &Classification) -> Exceptions {
    let users = facts.snapshot.users.as_deref().unwrap_or_default();
    let mut totals: BTreeMap<Kind, u64> = BTreeMap::new();
    let mut accounts = Vec::new();
    for (user, (kind, evidence)) in users.iter().zip(&classification.users) {
        if user.account_enabled != Some(true) {
            continue;
        }
        let total = totals.entry(*kind).or_default();
        *total = total.saturating_add(1);
        if *kind == Kind::Person {
            continue;
        }
        let treatment = treatment(*kind);
        accounts.push(ClassifiedAccount {
            account: user.account.clone(),
            kind: *kind,
            evidence: evidence.clone(),
            treatment: treatment.treatment,
            mfa_exempt: treatment.mfa_exempt,
            compensating_control: treatment.compensating_control,
            max_days: treatment.max_days,
            approver: treatment.approver,
        });
    }
    accounts
        .sort_by_cached_key(|it| (it.kind, it.account.label().to_lowercase(), it.account.clone()));
    Exceptions {
        schema: "lockstep.exceptions/1",
        totals,
        accounts,
        gaps: gaps::among(facts, &GAPS),
    }
}
