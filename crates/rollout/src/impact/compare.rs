//! What the log says of the tenant's policies beside what lockstep says of them.

use std::collections::BTreeMap;

use conditional_access::{CompiledWords, Matching, Policy, PolicyResult, Word};

use super::judge::Sets;
use super::sign_ins::{Proof, SignIns, named_targets, told};
use super::tables::{Question, Tables, ask};
use super::{Comparison, Disagreement};
use crate::account::Account;
use crate::facts::Facts;
use crate::measurement::{LoggedFactors, LoggedResult, ReplayRow};
use crate::tenant_facts;

/// What was found of one policy.
#[derive(Debug, Default)]
struct Found {
    name: Option<String>,
    compared: u64,
    agree: u64,
    unknown: u64,
    differ: BTreeMap<(Word, Word), (u64, Option<Account>)>,
}

/// A result of the log on a policy that the tenant has. No word: one that lockstep does not know.
type Logged = (usize, Option<Word>);

const WORDS: [Word; 8] = [
    Word::NotEnabled,
    Word::NotApplied,
    Word::Success,
    Word::Failure,
    Word::ReportOnlyNotApplied,
    Word::ReportOnlySuccess,
    Word::ReportOnlyInterrupted,
    Word::ReportOnlyFailure,
];

/// Compares, for each policy that the tenant has and the log names, by name.
///
/// The policies are those of today, the log is older: a policy that was changed within the window
/// may have said something else when the sign-in happened. What the log does not tell of factors
/// is not guessed here.
pub(super) fn compare(facts: &Facts<'_>, sign_ins: SignIns<'_>) -> Vec<Comparison> {
    let policies = facts.snapshot.policies.as_deref().unwrap_or_default();
    let results = &sign_ins.replay.results;
    let logged: Vec<Vec<Logged>> = results.iter().map(|all| of_tenant(policies, all)).collect();
    if logged.iter().all(Vec::is_empty) {
        return Vec::new();
    }
    let named = named_targets(policies);
    let sign_ins = SignIns { named: &named, ..sign_ins };
    let sets = Sets::of(policies, &tenant_facts::tenant(facts));
    let compiled = sets.compiled();
    let mut tables = compiled.as_ref().map(|compiled| Tables::of(compiled, sign_ins));
    let mut found: BTreeMap<usize, Found> = BTreeMap::new();
    for row in &sign_ins.replay.rows {
        let Some(logged) = place_of(row).and_then(|place| logged.get(place)) else { continue };
        let ours = Ours::of(&sets, tables.as_mut(), sign_ins, row);
        for (place, word) in logged {
            let found = found.entry(*place).or_default();
            let account = || sign_ins.subject(row).map(|it| it.account.clone());
            found.add(*word, ours.word(*place), row.sign_ins, account);
        }
    }
    for result in results.iter().flatten() {
        let place = place_in(policies, &result.policy);
        if let Some(found) = place.and_then(|place| found.get_mut(&place)) {
            found.name = found.name.take().max(told(result.name.as_deref()));
        }
    }
    let mut compared: Vec<Comparison> = found
        .into_iter()
        .filter_map(|(place, found)| Some(found.comparison(facts, policies.get(place)?)))
        .collect();
    compared
        .sort_by_cached_key(|it| (it.name.as_ref().map(|it| it.to_lowercase()), it.policy.clone()));
    compared
}

fn place_of(row: &ReplayRow) -> Option<usize> {
    usize::try_from(row.results?).ok()
}

fn place_in(policies: &[Policy], id: &str) -> Option<usize> {
    let is_it =
        |policy: &Policy| policy.id.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(id));
    policies.iter().position(is_it)
}

/// The results on policies that the tenant has, each policy once.
fn of_tenant(policies: &[Policy], results: &[LoggedResult]) -> Vec<Logged> {
    let mut all: BTreeMap<usize, Option<Word>> = BTreeMap::new();
    for result in results {
        if let Some(place) = place_in(policies, result.policy.trim()) {
            let logged = result.result.trim();
            let word = WORDS.into_iter().find(|it| it.as_str().eq_ignore_ascii_case(logged));
            all.entry(place).or_insert(word);
        }
    }
    all.into_iter().collect()
}

/// What lockstep says of every policy in one sign-in.
enum Ours<'t> {
    Looked(Matching, &'t CompiledWords),
    Evaluated(Vec<PolicyResult>),
}

impl<'t> Ours<'t> {
    fn of(
        sets: &Sets,
        tables: Option<&'t mut Tables<'_>>,
        sign_ins: SignIns<'_>,
        row: &ReplayRow,
    ) -> Self {
        let proof = match row.factors {
            LoggedFactors::Unknown => Proof::NotSeen,
            told => Proof::of(told),
        };
        let question = Question::as_logged(proof);
        if let Some(tables) = tables
            && let Some(applying) = tables.applying(row)
            && let Some(words) = tables.words(row, question)
        {
            return Self::Looked(applying, words);
        }
        let asked = ask(sign_ins, row, question);
        let outcome =
            asked.map(|(sign_in, registration)| sets.set.evaluate(&sign_in, &registration));
        Self::Evaluated(outcome.map(|it| it.per_policy).unwrap_or_default())
    }

    fn word(&self, place: usize) -> Word {
        match self {
            Self::Looked(applying, words) => words.word(place, applying.of(place)),
            Self::Evaluated(results) => results.get(place).map_or(Word::Unknown, |it| it.word),
        }
    }
}

impl Found {
    fn add(
        &mut self,
        logged: Option<Word>,
        ours: Word,
        sign_ins: u64,
        account: impl Fn() -> Option<Account>,
    ) {
        let Some(logged) = logged.filter(|_| ours != Word::Unknown) else {
            self.unknown = self.unknown.saturating_add(sign_ins);
            return;
        };
        self.compared = self.compared.saturating_add(sign_ins);
        if logged == ours {
            self.agree = self.agree.saturating_add(sign_ins);
            return;
        }
        let (count, example) = self.differ.entry((logged, ours)).or_default();
        *count = count.saturating_add(sign_ins);
        let key = |it: &Account| (it.label().to_lowercase(), it.clone());
        let candidate = account();
        if example
            .as_ref()
            .is_none_or(|known| candidate.as_ref().is_some_and(|it| key(it) < key(known)))
        {
            *example = candidate;
        }
    }

    fn comparison(self, facts: &Facts<'_>, policy: &Policy) -> Comparison {
        let from = facts.measurement.and_then(|measurement| measurement.window.from);
        let mut disagreements: Vec<Disagreement> = self
            .differ
            .into_iter()
            .map(|((logged, ours), (sign_ins, example))| Disagreement {
                logged: logged.as_str().to_owned(),
                ours: ours.as_str().to_owned(),
                sign_ins,
                example: example.unwrap_or_default(),
            })
            .collect();
        disagreements.sort_by_key(|it| std::cmp::Reverse(it.sign_ins));
        Comparison {
            policy: policy.id.clone().unwrap_or_default(),
            name: told(Some(&policy.display_name)).or(self.name),
            compared: self.compared,
            agree: self.agree,
            unknown: self.unknown,
            changed_within_window: policy
                .modified
                .zip(from)
                .map(|(modified, from)| modified >= from),
            disagreements,
        }
    }
}
