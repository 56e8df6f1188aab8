//! Counts over all user sign-ins: totals, by day, by client app, by code, by policy.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rollout::{DayCount, Measurement, Outcomes, Totals};

use crate::legacy_client::canonical_client_app;
use crate::measures::observed::Observed;
use crate::outcome::Outcome;

/// Client apps met, by name in lower case: the name to show and the counts.
type ClientApps = BTreeMap<String, (String, Outcomes)>;

/// Counts over the user sign-ins of the window.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    totals: Totals,
    by_day: BTreeMap<Date, DayCount>,
    by_client_app: ClientApps,
    by_code: BTreeMap<u32, u64>,
    providers: BTreeMap<String, u64>,
    policies: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Traffic {
    /// Counts a user sign-in.
    pub(crate) fn observe(&mut self, observed: &Observed<'_, '_>) {
        let day = self.by_day.entry(observed.date).or_default();
        self.totals.sign_ins += 1;
        day.sign_ins += 1;
        if observed.legacy {
            match observed.outcome {
                Outcome::Success => {
                    self.totals.legacy_successes += 1;
                    day.legacy_successes += 1;
                }
                Outcome::Failure(_) | Outcome::Interrupt(_) => {
                    self.totals.legacy_failures += 1;
                    day.legacy_failures += 1;
                }
                Outcome::Unknown => self.totals.legacy_unknown += 1,
            }
        }
        if let Some(code) = observed.outcome.code() {
            *self.by_code.entry(code).or_default() += 1;
        }
        self.observe_client_app(observed);
        let providers: BTreeSet<&str> =
            observed.sign_in.requirement_providers.iter().copied().collect();
        for provider in providers {
            count_text(&mut self.providers, provider);
        }
        for policy in &observed.sign_in.policies {
            let (Some(id), Some(result)) = (&policy.id, &policy.result) else { continue };
            match self.policies.get_mut(*id) {
                Some(results) => count_text(results, result),
                None => {
                    let results = BTreeMap::from([(result.to_string(), 1)]);
                    self.policies.insert(id.to_string(), results);
                }
            }
        }
    }

    fn observe_client_app(&mut self, observed: &Observed<'_, '_>) {
        let Some(written) = observed.sign_in.text.client_app else { return };
        let name = canonical_client_app(written);
        let outcomes = Outcomes {
            succeeded: u64::from(observed.outcome == Outcome::Success),
            failed: u64::from(matches!(observed.outcome, Outcome::Failure(_))),
            interrupted: u64::from(matches!(observed.outcome, Outcome::Interrupt(_))),
            unknown: u64::from(observed.outcome == Outcome::Unknown),
        };
        add_client_app(&mut self.by_client_app, &name.to_lowercase(), name, outcomes);
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: Self) {
        self.totals.sign_ins += other.totals.sign_ins;
        self.totals.legacy_successes += other.totals.legacy_successes;
        self.totals.legacy_failures += other.totals.legacy_failures;
        self.totals.legacy_unknown += other.totals.legacy_unknown;
        for (date, count) in other.by_day {
            let day = self.by_day.entry(date).or_default();
            day.sign_ins += count.sign_ins;
            day.legacy_successes += count.legacy_successes;
            day.legacy_failures += count.legacy_failures;
        }
        for (key, (name, outcomes)) in other.by_client_app {
            add_client_app(&mut self.by_client_app, &key, &name, outcomes);
        }
        add_counts(&mut self.by_code, other.by_code);
        add_counts(&mut self.providers, other.providers);
        for (policy, results) in other.policies {
            add_counts(self.policies.entry(policy).or_default(), results);
        }
    }

    /// The measurement of these counts.
    pub(crate) fn finish(self) -> Measurement {
        Measurement {
            totals: self.totals,
            by_day: self.by_day,
            by_client_app: self.by_client_app.into_values().collect(),
            by_code: self.by_code,
            requirement_providers: self.providers,
            policy_results: self.policies,
            ..Measurement::default()
        }
    }
}

/// Adds to a client app. Of spellings that differ in case only, the first in order is shown.
fn add_client_app(apps: &mut ClientApps, key: &str, name: &str, outcomes: Outcomes) {
    let Some((shown, sum)) = apps.get_mut(key) else {
        apps.insert(key.to_owned(), (name.to_owned(), outcomes));
        return;
    };
    if *name < **shown {
        name.clone_into(shown);
    }
    sum.succeeded += outcomes.succeeded;
    sum.failed += outcomes.failed;
    sum.interrupted += outcomes.interrupted;
    sum.unknown += outcomes.unknown;
}

fn count_text(counts: &mut BTreeMap<String, u64>, text: &str) {
    match counts.get_mut(text) {
        Some(count) => *count += 1,
        None => {
            counts.insert(text.to_owned(), 1);
        }
    }
}

fn add_counts<K: Ord>(counts: &mut BTreeMap<K, u64>, others: BTreeMap<K, u64>) {
    for (key, count) in others {
        *counts.entry(key).or_default() += count;
    }
}
