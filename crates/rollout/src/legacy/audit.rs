//! The audit: legacy uses joined with the directory, judged and sorted.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::causes::judge;
use super::subject::Subject;
use super::{Dependency, LegacyAudit, LegacyDay, LegacyTotals};
use crate::account::Account;
use crate::exceptions::declared::Declared;
use crate::facts::Facts;
use crate::gaps;
use crate::measurement::LegacyUse;
use crate::rollout::LegacyDecision;

/// Gaps that matter for a legacy audit.
const GAPS: [&str; 11] = [
    "sign-in-logs",
    "days-covered",
    "sign-in-age",
    "interactive-sign-ins",
    "non-interactive-sign-ins",
    "authentication-protocol",
    "unreadable-sign-ins",
    "sign-ins-left-out",
    "users",
    "mailboxes",
    "smtp-auth-settings",
];

/// One use: whose, by which client app, from which device (by id, else as shown); lower case.
type Key = (String, Option<String>, Option<String>, Option<String>);

/// Audits legacy authentication. `None` without any sign-in log.
///
/// A dependency is one user × client app × device with at least one success. The log may name one
/// account in several ways (a guest with and without `#EXT#`); those are folded once the directory
/// tells that they are the same.
#[must_use]
pub fn audit(facts: &Facts<'_>) -> Option<LegacyAudit> {
    let measurement = facts.measurement?;
    let uses = fold(facts, &measurement.legacy);
    let declared = Declared::new(facts);
    let mut dependencies: Vec<Dependency> = uses
        .values()
        .filter(|legacy| legacy.succeeded > 0)
        .map(|legacy| dependency(facts, &declared, legacy))
        .collect();
    dependencies.sort_by_cached_key(|it| {
        (
            std::cmp::Reverse(it.succeeded),
            it.account.label().to_lowercase(),
            it.client_app.clone(),
            it.device.clone(),
            it.account.clone(),
        )
    });
    let users: std::collections::BTreeSet<String> =
        dependencies.iter().map(|it| identity(&it.account)).collect();
    Some(LegacyAudit {
        schema: "lockstep.legacy-audit/1",
        generated_at: facts.now,
        window: measurement.window.clone(),
        coverage: measurement.coverage.clone(),
        totals: LegacyTotals {
            sign_ins: measurement.totals.sign_ins,
            legacy_successes: measurement.totals.legacy_successes,
            legacy_failures: measurement.totals.legacy_failures,
            legacy_unknown: measurement.totals.legacy_unknown,
            dependencies: count(dependencies.len()),
            users: count(users.len()),
        },
        dependencies,
        by_day: measurement
            .by_day
            .iter()
            .map(|(date, count)| LegacyDay { date: *date, count: *count })
            .collect(),
        gaps: gaps::among(facts, &GAPS),
    })
}

/// What makes two accounts the same one: the object id, else the name.
fn identity(account: &Account) -> String {
    account
        .user_id
        .as_deref()
        .or(account.user_principal_name.as_deref())
        .or(account.display_name.as_deref())
        .unwrap_or_default()
        .to_lowercase()
}

fn fold(facts: &Facts<'_>, uses: &[LegacyUse]) -> BTreeMap<Key, LegacyUse> {
    let mut folded: BTreeMap<Key, LegacyUse> = BTreeMap::new();
    for legacy in uses {
        let mut legacy = legacy.clone();
        legacy.account = facts.directory_form(&legacy.account);
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        let device_id = lower(&legacy.device_id);
        let device = if device_id.is_some() { None } else { lower(&legacy.device) };
        let key = (identity(&legacy.account), lower(&legacy.client_app), device_id, device);
        match folded.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(legacy);
            }
            Entry::Occupied(mut entry) => merge(entry.get_mut(), legacy),
        }
    }
    folded
}

/// Adds a use of the same key. Addresses cannot be compared any more, so the larger count is kept:
/// a lower bound. ROPC comes before any other protocol; else the larger use decides.
fn merge(into: &mut LegacyUse, other: LegacyUse) {
    let other_is_larger = (other.succeeded, other.failed) > (into.succeeded, into.failed);
    let is_ropc = |legacy: &LegacyUse| {
        legacy.protocol.as_deref().is_some_and(|it| it.eq_ignore_ascii_case("ropc"))
    };
    let protocol = if is_ropc(into) || (!is_ropc(&other) && !other_is_larger) {
        into.protocol.clone().or(other.protocol)
    } else {
        other.protocol.or_else(|| into.protocol.clone())
    };
    into.protocol = protocol;
    if other_is_larger && other.app.is_some() {
        into.app = other.app;
        into.app_id = other.app_id;
    }
    into.operating_system = into.operating_system.take().or(other.operating_system);
    into.trust_type = into.trust_type.take().or(other.trust_type);
    into.user_agents.extend(other.user_agents);
    into.succeeded = into.succeeded.saturating_add(other.succeeded);
    into.failed = into.failed.saturating_add(other.failed);
    into.first_seen = match (into.first_seen, other.first_seen) {
        (Some(left), Some(right)) => Some(left.min(right)),
        (left, right) => left.or(right),
    };
    into.last_seen = into.last_seen.max(other.last_seen);
    into.ip_addresses = into.ip_addresses.max(other.ip_addresses);
    into.days.extend(other.days);
    into.hours |= other.hours;
}

fn dependency(facts: &Facts<'_>, declared: &Declared, legacy: &LegacyUse) -> Dependency {
    let service = facts
        .user_position(&legacy.account)
        .and_then(|position| declared.service(position, &legacy.account));
    let judgement = judge(&Subject::new(facts, legacy, service));
    let decision = decision(facts, legacy);
    Dependency {
        account: legacy.account.clone(),
        client_app: legacy.client_app.clone(),
        protocol: legacy.protocol.clone(),
        app: legacy.app.clone(),
        device: legacy.device.clone(),
        succeeded: legacy.succeeded,
        failed: legacy.failed,
        first_seen: legacy.first_seen,
        last_seen: legacy.last_seen,
        ip_addresses: legacy.ip_addresses,
        finding: judgement.finding,
        cause: judgement.cause,
        evidence: judgement.evidence,
        remedy: judgement.remedy.to_owned(),
        owner: decision.and_then(|decision| decision.owner.clone()),
        decision: decision.and_then(|decision| decision.decision.clone()),
        due: decision.and_then(|decision| decision.due),
    }
}

/// What `lockstep.toml` records for the use: the entry that names its client app before one that
/// covers all of the user's.
fn decision<'a>(facts: &Facts<'a>, legacy: &LegacyUse) -> Option<&'a LegacyDecision> {
    let rollout = facts.rollout;
    let of_user = |entry: &&LegacyDecision| {
        let name = entry.user.trim();
        let named = [&legacy.account.user_principal_name, &legacy.account.user_id]
            .into_iter()
            .flatten()
            .any(|known| known.eq_ignore_ascii_case(name));
        named
            || facts
                .user_named(name)
                .is_some_and(|user| identity(&user.account) == identity(&legacy.account))
    };
    let client_app = legacy.client_app.as_deref().unwrap_or_default();
    let entries = || rollout.legacy.iter().filter(of_user);
    entries()
        .find(|entry| {
            let named = entry.client_app.trim();
            !named.is_empty() && named.eq_ignore_ascii_case(client_app)
        })
        .or_else(|| entries().find(|entry| entry.client_app.trim().is_empty()))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
