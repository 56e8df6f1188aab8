//! What sign-ins tell of skipped challenges, of their devices and of other tenants.

use std::collections::BTreeMap;

use rollout::Measurement;

use crate::factors::{skipped_challenge, words_of_steps};
use crate::measures::kept::keep_count;
use crate::measures::observed::Observed;

/// Most words kept of one kind: the service writes a handful, and a damaged log may write any.
const MOST_WORDS: usize = 64;

/// Counts by the words of the log. An empty key counts where the word is missing.
#[derive(Debug, Default)]
pub(crate) struct Details {
    skipped: BTreeMap<String, u64>,
    /// Successes that tell anything of their steps.
    steps_told: u64,
    trust_types: BTreeMap<String, u64>,
    /// Successes that show a trust type.
    trust_told: u64,
    cross_tenant: BTreeMap<String, u64>,
}

impl Details {
    /// Counts a user sign-in.
    pub(crate) fn observe(&mut self, observed: &Observed<'_, '_>) {
        let text = &observed.sign_in.text;
        if let Some(kind) = text.cross_tenant_access_type {
            keep_count(&mut self.cross_tenant, kind, 1, MOST_WORDS);
        }
        if !observed.succeeded() {
            return;
        }
        if words_of_steps(observed.sign_in).next().is_none() {
            keep_count(&mut self.skipped, "", 1, MOST_WORDS);
        } else {
            self.steps_told += 1;
            if let Some(words) = skipped_challenge(observed.sign_in) {
                keep_count(&mut self.skipped, words, 1, MOST_WORDS);
            }
        }
        let device = [&text.device_id, &text.device_name, &text.operating_system, &text.browser];
        if let Some(kind) = text.trust_type {
            self.trust_told += 1;
            keep_count(&mut self.trust_types, kind, 1, MOST_WORDS);
        } else if device.into_iter().any(Option::is_some) {
            keep_count(&mut self.trust_types, "", 1, MOST_WORDS);
        }
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: Self) {
        self.steps_told += other.steps_told;
        self.trust_told += other.trust_told;
        for (mine, others) in [
            (&mut self.skipped, other.skipped),
            (&mut self.trust_types, other.trust_types),
            (&mut self.cross_tenant, other.cross_tenant),
        ] {
            for (word, times) in others {
                keep_count(mine, &word, times, MOST_WORDS);
            }
        }
    }

    /// Writes the counts; nothing at all where the log tells nothing.
    pub(crate) fn finish(self, measurement: &mut Measurement) {
        measurement.skipped_challenges = (self.steps_told > 0).then_some(self.skipped);
        measurement.trust_types = (self.trust_told > 0).then_some(self.trust_types);
        measurement.cross_tenant_types =
            (!self.cross_tenant.is_empty()).then_some(self.cross_tenant);
    }
}
