//! Who asked for multifactor authentication, and what policies came to: counted by whole list, and
//! taken apart once at the end.

use std::collections::{BTreeMap, BTreeSet};

use rollout::Activity;

use crate::measures::by_place::ByPlace;
use crate::measures::kept::{FirstKept, keep_first};
use crate::measures::translation::Translation;
use crate::told::Told;
use crate::words::{List, Word, Words};

/// Most providers kept.
const MOST_PROVIDERS: usize = 1_000;
/// Most pairs of policy and result kept. A tenant holds at most 240 policies of its own.
const MOST_RESULTS: usize = 5_000;

/// Sign-ins by list of providers and by list of policies.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    providers: ByPlace<(List, u64)>,
    policies: ByPlace<(List, u64)>,
}

impl Lists {
    /// Counts a user sign-in. The answer is its list of policies.
    pub(crate) fn observe(&mut self, row: &impl Told, words: &mut Words) -> Option<List> {
        if let Some(list) = row.requirement_providers(words) {
            add(&mut self.providers, list, 1);
        }
        let policies = row.policies(words);
        if let Some(list) = policies {
            add(&mut self.policies, list, 1);
        }
        policies
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: &Self, to: &mut Translation<'_>, words: &mut Words) {
        for (mine, others) in
            [(&mut self.providers, &other.providers), (&mut self.policies, &other.policies)]
        {
            for (_, (list, times)) in others.iter() {
                if let Some(list) = to.list(list, words) {
                    add(mine, list, times);
                }
            }
        }
    }

    /// Writes the counts.
    pub(crate) fn finish(&self, activity: &mut Activity, words: &Words) {
        self.finish_providers(activity, words);
        let mut all = 0;
        let mut results: FirstKept<(Word, Word), u64> = FirstKept::new(MOST_RESULTS);
        let mut names: BTreeMap<Word, Option<Word>> = BTreeMap::new();
        for (_, (list, times)) in self.policies.iter() {
            let items: Vec<Option<Word>> = words.list(list).collect();
            for policy in items.chunks(3) {
                let [Some(id), name, Some(result)] = *policy else { continue };
                all += times;
                if let Some(count) = results.value((id, result), words) {
                    *count += times;
                    if let Some(name) = name {
                        keep_first(names.entry(id).or_default(), name, words);
                    }
                }
            }
        }
        let mut kept = 0;
        for ((id, result), times) in results.finish(words) {
            kept += times;
            let text = |word| words.text(word).to_owned();
            activity.policy_results.entry(text(id)).or_default().insert(text(result), times);
            if let Some(name) = names.get(&id).copied().flatten() {
                activity.policy_names.insert(text(id), text(name));
            }
        }
        activity.policy_results_left_out = all - kept;
    }

    fn finish_providers(&self, activity: &mut Activity, words: &Words) {
        let mut all = 0;
        let mut counts: FirstKept<Word, u64> = FirstKept::new(MOST_PROVIDERS);
        for (_, (list, times)) in self.providers.iter() {
            let providers: BTreeSet<Word> = words.list(list).flatten().collect();
            for provider in providers {
                all += times;
                if let Some(count) = counts.value(provider, words) {
                    *count += times;
                }
            }
        }
        let counts = counts.finish(words);
        let kept: u64 = counts.iter().map(|(_, times)| times).sum();
        activity.requirement_providers_left_out = all - kept;
        activity.requirement_providers =
            counts.into_iter().map(|(word, times)| (words.text(word).to_owned(), times)).collect();
    }
}

fn add(counts: &mut ByPlace<(List, u64)>, list: List, times: u64) {
    if let Some(slot) = counts.slot(list.place()) {
        slot.get_or_insert((list, 0)).1 += times;
    }
}
