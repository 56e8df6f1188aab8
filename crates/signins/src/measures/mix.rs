//! Counts by client app and result code.

use std::collections::BTreeMap;

use rollout::{Activity, Outcomes};

use crate::measures::judged::Judged;
use crate::measures::kept::{FirstKept, keep_first};
use crate::measures::meaning::Client;
use crate::measures::translation::Translation;
use crate::outcome::Outcome;
use crate::words::{Word, Words};

/// Most client apps kept: the service writes some twenty, and a damaged log may write any.
const MOST_CLIENT_APPS: usize = 1_000;
/// Most result codes kept: Microsoft documents some hundreds.
const MOST_CODES: usize = 5_000;

/// One client app.
#[derive(Debug, Default)]
struct ClientUse {
    /// Of spellings that differ in case only, the first in order is shown.
    shown: Option<Word>,
    outcomes: Outcomes,
}

/// Counts over the user sign-ins of the window.
#[derive(Debug)]
pub(crate) struct Mix {
    client_apps: FirstKept<Word, ClientUse>,
    /// Sign-ins that tell their client app.
    with_client_app: u64,
    codes: FirstKept<u32, u64>,
    /// Sign-ins that tell their result code.
    with_code: u64,
}

impl Default for Mix {
    fn default() -> Self {
        Self {
            client_apps: FirstKept::new(MOST_CLIENT_APPS),
            with_client_app: 0,
            codes: FirstKept::new(MOST_CODES),
            with_code: 0,
        }
    }
}

impl Mix {
    /// Counts a user sign-in.
    pub(crate) fn observe(&mut self, judged: &Judged, words: &Words) {
        if let Some(code) = judged.outcome.code() {
            self.add_code(code, 1, words);
        }
        if let Some(Client { key, shown, .. }) = judged.client {
            let outcomes = Outcomes {
                succeeded: u64::from(judged.outcome == Outcome::Success),
                failed: u64::from(matches!(judged.outcome, Outcome::Failure(_))),
                interrupted: u64::from(matches!(judged.outcome, Outcome::Interrupt(_))),
                unknown: u64::from(judged.outcome == Outcome::Unknown),
            };
            self.add_client_app(key, shown, outcomes, words);
        }
    }

    fn add_code(&mut self, code: u32, times: u64, words: &Words) {
        self.with_code += times;
        if let Some(count) = self.codes.value(code, words) {
            *count += times;
        }
    }

    fn add_client_app(&mut self, key: Word, shown: Word, outcomes: Outcomes, words: &Words) {
        self.with_client_app += all(outcomes);
        let Some(used) = self.client_apps.value(key, words) else { return };
        keep_first(&mut used.shown, shown, words);
        used.outcomes.succeeded += outcomes.succeeded;
        used.outcomes.failed += outcomes.failed;
        used.outcomes.interrupted += outcomes.interrupted;
        used.outcomes.unknown += outcomes.unknown;
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: Self, to: &mut Translation<'_>, words: &mut Words) {
        let (with_code, with_client_app) =
            (self.with_code + other.with_code, self.with_client_app + other.with_client_app);
        for (code, times) in other.codes.into_values() {
            self.add_code(code, times, words);
        }
        for (key, used) in other.client_apps.into_values() {
            let shown = used.shown.and_then(|shown| to.word(shown));
            if let (Some(key), Some(shown)) = (to.word(key), shown) {
                self.add_client_app(key, shown, used.outcomes, words);
            }
        }
        (self.with_code, self.with_client_app) = (with_code, with_client_app);
    }

    /// Writes the counts.
    pub(crate) fn finish(self, activity: &mut Activity, words: &Words) {
        let codes = self.codes.finish(words);
        let kept: u64 = codes.iter().map(|(_, times)| times).sum();
        activity.codes_left_out = self.with_code - kept;
        activity.by_code = codes.into_iter().collect();
        let mut by_client_app: BTreeMap<String, Outcomes> = BTreeMap::new();
        let mut kept = 0;
        for (key, used) in self.client_apps.finish(words) {
            kept += all(used.outcomes);
            let shown = words.text(used.shown.unwrap_or(key)).to_owned();
            by_client_app.insert(shown, used.outcomes);
        }
        activity.client_apps_left_out = self.with_client_app - kept;
        activity.by_client_app = by_client_app;
    }
}

fn all(outcomes: Outcomes) -> u64 {
    outcomes.succeeded + outcomes.failed + outcomes.interrupted + outcomes.unknown
}
