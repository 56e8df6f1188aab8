//! Rows of sign-ins as evidence: what an [`Ask`] wants of a log, in bounded memory.
//!
//! Rows are few and kept; what may be as many as sign-ins (what policies came to, guesses at
//! passwords, prompts, successes) is counted for each account. The same records give the same answer
//! in whatever order and by however many threads they are read, as long as nothing is left out.

mod count;
mod row;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use rollout::evidence::{
    Ask, SecondFactor, SignInRow, SignIns, SuccessClass, is_asking, is_guess, row_success_class,
};

use self::count::{Hours, Moments, Places, Results};
use crate::field::Field;
use crate::outcome::Outcome;
use crate::sign_in::SignIn;

/// Rows of each kind of success that the row alone explains.
const SAMPLES: usize = 20;

/// What one thread gathered.
#[derive(Debug)]
pub(crate) struct Gathered {
    ask: Arc<Ask>,
    rows: Newest,
    hours: Hours,
    results: Results,
    moments: Moments,
    guesses: Places,
    interrupts: u64,
    without_policies: u64,
    explained: BTreeMap<SuccessClass, (u64, Newest)>,
    passed: First,
    kinds: Kinds,
}

/// Which kinds of sign-in the log holds.
#[derive(Debug, Default, Clone, Copy)]
struct Kinds {
    interactive: bool,
    non_interactive: bool,
    untold: bool,
}

impl Gathered {
    pub(crate) fn new(ask: Arc<Ask>) -> Self {
        let rows = Newest::of(ask.most_rows);
        Self {
            ask,
            rows,
            hours: Hours::default(),
            results: Results::default(),
            moments: Moments::default(),
            guesses: Places::default(),
            interrupts: 0,
            without_policies: 0,
            explained: BTreeMap::new(),
            passed: First::default(),
            kinds: Kinds::default(),
        }
    }

    /// Takes in what is wanted of a sign-in.
    pub(crate) fn observe(&mut self, sign_in: &SignIn<'_>) {
        let kind = sign_in.kind();
        let Some(at) = sign_in.time().filter(|_| !kind.is_workload()) else { return };
        self.kinds.see(kind);
        let before = self.ask.from.is_some_and(|from| at < from);
        if before || self.ask.to.is_some_and(|to| at > to) {
            return;
        }
        self.hours.see(at);
        let outcome = sign_in.outcome();
        if outcome == Outcome::Success && sign_in.policies.is_empty() {
            self.without_policies = self.without_policies.saturating_add(1);
        }
        self.results.see(&self.ask.policies, sign_in, at);
        let mut wanted = is_of(&self.ask.accounts, sign_in);
        if reaches(self.ask.failures_since, at) {
            wanted |= self.failure(sign_in, outcome, at);
        }
        if outcome == Outcome::Success {
            let legacy = || crate::is_legacy(sign_in);
            wanted |= reaches(self.ask.legacy_since, at) && legacy();
            if !wanted && reaches(self.ask.fresh_since, at) && !legacy() {
                self.fresh(sign_in, at);
            }
            if reaches(self.ask.single_factor_since, at) {
                self.success(sign_in, wanted);
                return;
            }
        }
        if wanted {
            self.rows.push(row::of(sign_in, at, outcome));
        }
    }

    /// Takes a sign-in that passed a policy by a fresh second factor.
    fn fresh(&mut self, sign_in: &SignIn<'_>, at: Timestamp) {
        let has_passed = sign_in.policies.iter().any(|it| {
            it.result.is_some_and(|it| it.eq_ignore_ascii_case("success"))
                && it.id.is_some_and(|id| self.ask.policies.contains(&id.trim().to_lowercase()))
        });
        if !has_passed || !is_of(&self.ask.fresh_of, sign_in) {
            return;
        }
        let row = row::of(sign_in, at, Outcome::Success);
        if row.second_factor() == SecondFactor::Fresh {
            self.passed.push(row);
        }
    }

    /// Counts a failure, an interrupt or a success; true for a failure that is wanted as a row.
    fn failure(&mut self, sign_in: &SignIn<'_>, outcome: Outcome, at: Timestamp) -> bool {
        match outcome {
            Outcome::Success => {
                self.moments.succeeded(sign_in, at);
                self.guesses.got_in(sign_in);
                false
            }
            Outcome::Failure(Some(code)) if is_guess(code) => {
                self.guesses.see(sign_in, code, at);
                false
            }
            Outcome::Interrupt(Some(code)) if is_asking(code) => {
                self.moments.asked(sign_in, code, at);
                false
            }
            Outcome::Interrupt(_) => {
                self.interrupts = self.interrupts.saturating_add(1);
                false
            }
            // What does not tell its result may be a failure.
            Outcome::Failure(_) | Outcome::Unknown => true,
        }
    }

    /// Takes a success: as a row, or counted where the row alone explains it.
    fn success(&mut self, sign_in: &SignIn<'_>, wanted: bool) {
        let Some(at) = sign_in.time() else { return };
        let row = row::of(sign_in, at, Outcome::Success);
        let fresh = !row.legacy && row.second_factor() == SecondFactor::Fresh;
        let class = if fresh { None } else { row_success_class(&row) };
        if let Some(class) = class {
            let (count, samples) =
                self.explained.entry(class).or_insert_with(|| (0, Newest::of(SAMPLES)));
            *count = count.saturating_add(1);
            if !wanted {
                samples.push(row);
                return;
            }
        }
        if wanted || !fresh {
            self.rows.push(row);
        }
    }

    /// Adds what another thread gathered of other records.
    pub(crate) fn merge(&mut self, other: Self) {
        self.rows.merge(other.rows);
        self.hours.merge(other.hours);
        self.results.merge(other.results);
        self.moments.merge(other.moments);
        self.guesses.merge(other.guesses);
        self.interrupts = self.interrupts.saturating_add(other.interrupts);
        self.without_policies = self.without_policies.saturating_add(other.without_policies);
        for (class, (count, samples)) in other.explained {
            let mine = self.explained.entry(class).or_insert_with(|| (0, Newest::of(SAMPLES)));
            mine.0 = mine.0.saturating_add(count);
            mine.1.merge(samples);
        }
        self.passed.merge(other.passed);
        self.kinds.interactive |= other.kinds.interactive;
        self.kinds.non_interactive |= other.kinds.non_interactive;
        self.kinds.untold |= other.kinds.untold;
    }

    /// Everything gathered. What the reading knows of the log as a whole is left empty.
    pub(crate) fn finish(self) -> SignIns {
        let (mut rows, left_out) = self.rows.finish();
        let mut explained = BTreeMap::new();
        for (class, (count, samples)) in self.explained {
            explained.insert(class, count);
            rows.extend(samples.finish().0);
        }
        rows.extend(self.passed.finish());
        rows.sort_by(|a, b| {
            (a.at, &a.id).cmp(&(b.at, &b.id)).then_with(|| order(a).cmp(&order(b)))
        });
        let (results, policy_days) = self.results.finish();
        let (successes, given_up, passed_on) = self.moments.finish(&rows);
        let (guesses, guesses_left_out) = self.guesses.finish();
        SignIns {
            asked: self.ask.as_ref().clone(),
            rows,
            left_out,
            interactive: self.kinds.told(self.kinds.interactive),
            non_interactive: self.kinds.told(self.kinds.non_interactive),
            hours: self.hours.finish(),
            results,
            policy_days,
            without_policies: self.without_policies,
            successes,
            guesses,
            guesses_left_out,
            given_up,
            interrupts: self.interrupts.saturating_add(passed_on),
            explained,
            ..SignIns::default()
        }
    }
}

impl Kinds {
    fn see(&mut self, kind: crate::Kind) {
        match kind {
            crate::Kind::InteractiveUser => self.interactive = true,
            crate::Kind::NonInteractiveUser => self.non_interactive = true,
            crate::Kind::Unknown => self.untold = true,
            crate::Kind::ServicePrincipal | crate::Kind::ManagedIdentity => {}
        }
    }

    /// A kind that is not seen is known to be missing only if every sign-in tells its kind.
    fn told(self, seen: bool) -> Option<bool> {
        match (seen, self.untold) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        }
    }
}

fn reaches(since: Option<Timestamp>, at: Timestamp) -> bool {
    since.is_some_and(|since| at >= since)
}

fn is_of(accounts: &BTreeSet<String>, sign_in: &SignIn<'_>) -> bool {
    if accounts.is_empty() {
        return false;
    }
    [Field::UserId, Field::UserPrincipalName].into_iter().any(|field| {
        let told = sign_in.text.told(field);
        told.is_some_and(|name| accounts.contains(&name.trim().to_lowercase()))
    })
}

/// The first rows of all, a few.
#[derive(Debug, Default)]
struct First(Vec<SignInRow>);

impl First {
    fn push(&mut self, row: SignInRow) {
        self.0.push(row);
        if self.0.len() > SAMPLES.saturating_mul(2) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.0.sort_by_cached_key(|row| (row.at, order(row)));
        self.0.truncate(SAMPLES);
    }

    fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
        self.cut();
    }

    fn finish(mut self) -> Vec<SignInRow> {
        self.cut();
        self.0
    }
}

/// The newest rows, up to a limit.
#[derive(Debug)]
struct Newest {
    most: usize,
    rows: Vec<SignInRow>,
    wanted: u64,
}

impl Newest {
    fn of(most: usize) -> Self {
        Self { most, rows: Vec::new(), wanted: 0 }
    }

    fn push(&mut self, row: SignInRow) {
        self.wanted = self.wanted.saturating_add(1);
        self.rows.push(row);
        if self.rows.len() > self.most.saturating_mul(2).saturating_add(SAMPLES) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.rows.len() > self.most {
            self.rows.sort_by_cached_key(order);
            self.rows.truncate(self.most);
        }
    }

    fn merge(&mut self, other: Self) {
        self.wanted = self.wanted.saturating_add(other.wanted);
        self.rows.extend(other.rows);
        self.cut();
    }

    /// The rows, and how many more there were.
    fn finish(mut self) -> (Vec<SignInRow>, u64) {
        self.cut();
        let kept = u64::try_from(self.rows.len()).unwrap_or(u64::MAX);
        let left_out = self.wanted.saturating_sub(kept);
        (self.rows, left_out)
    }
}

/// Newest first; rows of one moment by what they show.
fn order(row: &SignInRow) -> impl Ord + use<> {
    let newest_first = std::cmp::Reverse(row.at);
    let who = (row.account.user_id.clone(), row.account.user_principal_name.clone());
    (newest_first, row.id.clone(), who, row.app_id.clone(), row.error_code, row.ip_address.clone())
}
