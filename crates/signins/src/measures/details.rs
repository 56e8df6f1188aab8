//! What sign-ins tell of skipped challenges, of their devices and of other tenants.

use std::collections::BTreeMap;

use rollout::Activity;

use crate::field::Field;
use crate::measures::judged::{Details, Judged};
use crate::measures::kept::FirstKept;
use crate::measures::translation::Translation;
use crate::told::Told;
use crate::words::{Word, Words};

/// Most words kept of one kind: the service writes a handful, and a damaged log may write any.
const MOST_WORDS: usize = 64;

/// Counts by a word of the log.
#[derive(Debug)]
struct WordCounts {
    counts: FirstKept<Word, u64>,
    /// Sign-ins that tell a word.
    told: u64,
    /// Sign-ins that tell none where one might stand. They count under an empty word.
    untold: u64,
}

impl Default for WordCounts {
    fn default() -> Self {
        Self { counts: FirstKept::new(MOST_WORDS), told: 0, untold: 0 }
    }
}

impl WordCounts {
    fn add(&mut self, word: Word, times: u64, words: &Words) {
        self.told += times;
        if let Some(count) = self.counts.value(word, words) {
            *count += times;
        }
    }

    fn merge(&mut self, other: Self, to: &mut Translation<'_>, words: &mut Words) {
        let told = self.told + other.told;
        self.untold += other.untold;
        for (word, times) in other.counts.into_values() {
            if let Some(word) = to.word(word) {
                self.add(word, times, words);
            }
        }
        self.told = told;
    }

    /// The counts, and how many sign-ins found no room.
    fn finish(self, words: &Words) -> (BTreeMap<String, u64>, u64) {
        let counts = self.counts.finish(words);
        let kept: u64 = counts.iter().map(|(_, times)| times).sum();
        let mut counts: BTreeMap<String, u64> =
            counts.into_iter().map(|(word, times)| (words.text(word).to_owned(), times)).collect();
        if self.untold > 0 {
            *counts.entry(String::new()).or_default() += self.untold;
        }
        (counts, self.told - kept)
    }
}

/// Counts by the words of the log. An empty key counts where the word is missing.
#[derive(Debug, Default)]
pub(crate) struct DetailCounts {
    skipped: WordCounts,
    /// Successes that tell anything of their steps.
    steps_told: u64,
    trust_types: WordCounts,
    cross_tenant: WordCounts,
}

impl DetailCounts {
    /// Counts a user sign-in.
    pub(crate) fn observe(
        &mut self,
        row: &impl Told,
        judged: &Judged,
        details: &Details,
        words: &mut Words,
    ) {
        if let Some(kind) = row.word(Field::CrossTenantAccessType, words) {
            self.cross_tenant.add(kind, 1, words);
        }
        if !judged.succeeded() {
            return;
        }
        if let Some(challenge) = details.challenge {
            self.steps_told += u64::from(challenge.told);
            self.skipped.untold += u64::from(!challenge.told);
            if let Some(skipped) = challenge.skipped {
                self.skipped.add(skipped, 1, words);
            }
        }
        if let Some(kind) = row.word(Field::TrustType, words) {
            self.trust_types.add(kind, 1, words);
        } else {
            let device = [details.device_id, details.device_name, details.operating_system];
            let shown = device.into_iter().any(|word| word.is_some()) || row.tells(Field::Browser);
            self.trust_types.untold += u64::from(shown);
        }
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: Self, to: &mut Translation<'_>, words: &mut Words) {
        self.steps_told += other.steps_told;
        self.skipped.merge(other.skipped, to, words);
        self.trust_types.merge(other.trust_types, to, words);
        self.cross_tenant.merge(other.cross_tenant, to, words);
    }

    /// Writes the counts; nothing at all where the log tells nothing.
    pub(crate) fn finish(self, activity: &mut Activity, words: &Words) {
        let (steps, trust) = (self.steps_told > 0, self.trust_types.told > 0);
        let cross_tenant = self.cross_tenant.told > 0;
        let mut left_out = 0;
        let mut counts = |counts: WordCounts| {
            let (counts, lost) = counts.finish(words);
            left_out += lost;
            counts
        };
        activity.skipped_challenges = Some(counts(self.skipped)).filter(|_| steps);
        activity.trust_types = Some(counts(self.trust_types)).filter(|_| trust);
        activity.cross_tenant_types = Some(counts(self.cross_tenant)).filter(|_| cross_tenant);
        activity.words_left_out = left_out;
    }
}
