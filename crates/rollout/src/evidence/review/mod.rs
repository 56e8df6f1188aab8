//! The log, row by row: legitimate failures, and successes without a second factor.

mod failure;
mod success;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub use self::failure::FailureClass;
pub(super) use self::failure::failure_class_of_row;
pub use self::success::{SuccessClass, row_success_class};
use super::reach::Reach;
use super::row::{RowResult, SecondFactor, SignInRow};
use super::standing::{Standing, counted, few};
use super::{CountedFailures, SignIns};
use crate::account::Account;
use crate::engine::{Exception, PlannedTest};
use crate::exceptions::{Classification, Kind};
use crate::facts::Facts;
use crate::plan::GateState;

/// How much older than the end of the span the newest sign-in may be: everything that happened has
/// come into the log after some hours.
const SLACK: SignedDuration = SignedDuration::from_hours(2);

/// What is asked of the log.
#[derive(Debug, Clone)]
pub struct ReviewQuestion<'a> {
    /// The log, asked for failures and for successes with one factor since `from` at the latest.
    pub sign_ins: &'a SignIns,
    /// What is known of the tenant. `None`: nothing.
    pub facts: Option<&'a Facts<'a>>,
    /// What kind each account is.
    pub classification: &'a Classification,
    /// Ids of the policies that are On and ask for multifactor authentication.
    pub policies: &'a [String],
    /// The register of exceptions.
    pub exceptions: &'a [&'a Exception],
    /// Announced break-glass tests.
    pub tests: &'a [PlannedTest],
    /// First moment.
    pub from: Timestamp,
    /// Last moment.
    pub to: Timestamp,
    /// Today, where the people are.
    pub today: Date,
}

impl ReviewQuestion<'_> {
    fn kind(&self, account: &Account) -> Option<Kind> {
        let position = self.facts?.user_position(account)?;
        self.classification.users.get(position).map(|(kind, _)| *kind)
    }

    fn is_program(&self, account: &Account) -> bool {
        matches!(
            self.kind(account),
            Some(Kind::Service | Kind::Sync | Kind::Room | Kind::Equipment | Kind::SharedMailbox)
        )
    }

    /// The measurement saw the account get in by legacy authentication, which a stranger never did.
    fn got_in_by_legacy(&self, account: &Account) -> bool {
        let Some(facts) = self.facts else { return false };
        let account = facts.directory_form(account);
        let mut used = facts.measurement.iter().flat_map(|it| &it.legacy);
        used.any(|it| {
            it.succeeded > 0 && failure::same(&facts.directory_form(&it.account), &account)
        })
    }

    fn is_break_glass(&self, account: &Account) -> bool {
        self.kind(account) == Some(Kind::BreakGlass)
            || self.facts.is_some_and(|it| it.is_break_glass(&it.directory_form(account)))
    }

    fn holds(&self, at: Option<Timestamp>) -> bool {
        at.is_some_and(|at| at >= self.from && at <= self.to)
    }
}

/// A row, or rows of one account that say the same, and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reviewed<C> {
    /// What it is.
    pub class: C,
    /// Why it is taken for that.
    pub why: String,
    /// Whose.
    #[serde(flatten)]
    pub account: Account,
    /// When; of several the last.
    pub at: Option<Timestamp>,
    /// How many sign-ins.
    pub sign_ins: u64,
    /// Application.
    pub app: Option<String>,
    /// Client app.
    pub client_app: Option<String>,
    /// Device.
    pub device: Option<String>,
    /// Address.
    pub ip_address: Option<String>,
    /// Country or region.
    pub country: Option<String>,
    /// Result code.
    pub error_code: Option<u32>,
    /// Request id of the record.
    pub id: Option<String>,
}

/// The log, row by row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Review {
    /// First moment.
    pub from: Timestamp,
    /// Last moment.
    pub to: Timestamp,
    /// Failures; those that somebody must look at first, then by time.
    pub failures: Vec<Reviewed<FailureClass>>,
    /// Sign-ins per class of failure.
    pub failures_by_class: BTreeMap<FailureClass, u64>,
    /// Successes without a second factor; those that somebody must look at first, then by time. Of
    /// what the row alone explains, the first of each kind.
    pub successes: Vec<Reviewed<SuccessClass>>,
    /// Sign-ins per class of success.
    pub successes_by_class: BTreeMap<SuccessClass, u64>,
    /// How far the log reaches.
    pub reach: Reach,
    /// No legitimate failure.
    pub no_legitimate_failure: Standing,
    /// No success without a second factor that is not explained.
    pub no_unexplained_success: Standing,
}

/// Classifies every row.
#[must_use]
pub fn review(question: &ReviewQuestion<'_>) -> Review {
    let reach = Reach::over(question.sign_ins, question.from, question.to, SLACK);
    let mut failures = failures(question);
    let mut successes = successes(question);
    let asked = &question.sign_ins.asked;
    let mut failure_reach = reach.clone();
    if asked.failures_since.is_none_or(|from| from > question.from) {
        failure_reach.needs("the log was not asked for these failures");
    }
    let mut success_reach = reach.clone();
    if asked.single_factor_since.is_none_or(|from| from > question.from) {
        success_reach.needs("the log was not asked for these successes");
    }
    let mut failures_by_class = BTreeMap::new();
    for it in &failures {
        add(&mut failures_by_class, it.class, it.sign_ins);
    }
    add(&mut failures_by_class, FailureClass::Interrupt, question.sign_ins.interrupts);
    add(&mut failures_by_class, FailureClass::WrongPassword, question.sign_ins.guesses_left_out);
    let mut successes_by_class = BTreeMap::new();
    for it in &successes {
        // Those that the row alone explains are counted whole by whoever gathered them.
        if !question.sign_ins.explained.contains_key(&it.class) {
            add(&mut successes_by_class, it.class, it.sign_ins);
        }
    }
    for (class, sign_ins) in &question.sign_ins.explained {
        add(&mut successes_by_class, *class, *sign_ins);
    }
    failures.sort_by(|a, b| (a.class, a.at, &a.id).cmp(&(b.class, b.at, &b.id)));
    successes.sort_by(|a, b| (a.class, a.at, &a.id).cmp(&(b.class, b.at, &b.id)));
    Review {
        from: question.from,
        to: question.to,
        no_legitimate_failure: of_failures(&failures, &failure_reach),
        no_unexplained_success: of_successes(&successes, &success_reach),
        failures,
        failures_by_class,
        successes,
        successes_by_class,
        reach,
    }
}

fn add<C: Ord>(counts: &mut BTreeMap<C, u64>, class: C, sign_ins: u64) {
    if sign_ins > 0 {
        let count = counts.entry(class).or_default();
        *count = count.saturating_add(sign_ins);
    }
}

fn failures(question: &ReviewQuestion<'_>) -> Vec<Reviewed<FailureClass>> {
    let sign_ins = question.sign_ins;
    let rows = sign_ins
        .rows
        .iter()
        .filter(|row| question.holds(row.at) && matches!(row.result(), RowResult::Failure));
    let mut found: Vec<_> = rows
        .map(|row| {
            let (class, why) = failure::of_row(question, row);
            reviewed(class, why, row)
        })
        .collect();
    let mut from_address: BTreeMap<&str, BTreeSet<&Account>> = BTreeMap::new();
    for guess in &sign_ins.guesses {
        if let Some(address) = guess.ip_address.as_deref() {
            from_address.entry(address).or_default().insert(&guess.account);
        }
    }
    let of_span = |it: &&CountedFailures| it.last >= Some(question.from);
    for guess in sign_ins.guesses.iter().filter(of_span) {
        let address = guess.ip_address.as_deref();
        let accounts = address.and_then(|it| from_address.get(it)).map_or(1, BTreeSet::len);
        let (class, why) = failure::of_guesses(guess, accounts);
        found.push(counted_row(class, why, guess));
    }
    for asked in sign_ins.given_up.iter().filter(of_span) {
        let (class, why) = failure::of_given_up(question, asked);
        found.push(counted_row(class, why, asked));
    }
    found
}

fn successes(question: &ReviewQuestion<'_>) -> Vec<Reviewed<SuccessClass>> {
    let single = |row: &&SignInRow| {
        question.holds(row.at)
            && row.result() == RowResult::Success
            && (row.legacy || row.second_factor() != SecondFactor::Fresh)
    };
    // Rows that were gathered for another question, with the claim of a second factor, are none.
    let asked = |row: &&SignInRow| {
        row.second_factor() != SecondFactor::Claim
            || question.sign_ins.explained.contains_key(&SuccessClass::ClaimInToken)
            || row.legacy
    };
    let rows = question.sign_ins.rows.iter().filter(single).filter(asked);
    rows.map(|row| success_of(question, row)).collect()
}

/// What a success is, whatever its factors.
pub(super) fn success_of(question: &ReviewQuestion<'_>, row: &SignInRow) -> Reviewed<SuccessClass> {
    let (class, why) = success::of_row(question, row);
    reviewed(class, why, row)
}

impl<C> Reviewed<C> {
    /// The row in one line, for a person.
    #[must_use]
    pub fn line(&self) -> String {
        let at = self.at.map_or_else(|| "no time".to_owned(), |at| format!("{at:.0}"));
        let what = [&self.app, &self.client_app, &self.device, &self.ip_address, &self.country];
        let what: Vec<&str> = what.into_iter().flatten().map(String::as_str).collect();
        let times = if self.sign_ins > 1 { format!(" ×{}", self.sign_ins) } else { String::new() };
        format!("{at}{times} · {} · {} · {}", self.account.label(), what.join(", "), self.why)
    }
}

impl<C: Copy + Ord> Reviewed<C> {
    /// Rows that say the same of the same account, as one each: how many sign-ins, when the last was,
    /// and of device, address and country only what all of them have. In the order of the first rows.
    #[must_use]
    pub fn together<'r>(rows: impl IntoIterator<Item = &'r Self>) -> Vec<Self>
    where
        C: 'r,
    {
        let mut found: Vec<Self> = Vec::new();
        let mut places = BTreeMap::new();
        for row in rows {
            let kind = (row.class, row.account.label(), &row.app, &row.client_app, &row.why);
            let place = *places.entry(kind).or_insert(found.len());
            match found.get_mut(place) {
                Some(one) => one.takes_in(row),
                None => found.push(row.clone()),
            }
        }
        found
    }

    fn takes_in(&mut self, row: &Self) {
        fn shared<T: PartialEq>(one: &mut Option<T>, other: &Option<T>) {
            if one != other {
                *one = None;
            }
        }
        self.sign_ins = self.sign_ins.saturating_add(row.sign_ins);
        self.at = self.at.max(row.at);
        shared(&mut self.device, &row.device);
        shared(&mut self.ip_address, &row.ip_address);
        shared(&mut self.country, &row.country);
        shared(&mut self.error_code, &row.error_code);
        shared(&mut self.id, &row.id);
    }
}

fn reviewed<C>(class: C, why: String, row: &SignInRow) -> Reviewed<C> {
    Reviewed {
        class,
        why,
        account: row.account.clone(),
        at: row.at,
        sign_ins: 1,
        app: row.app.clone(),
        client_app: row.client_app.clone(),
        device: row.device.clone().or_else(|| row.operating_system.clone()),
        ip_address: row.ip_address.clone(),
        country: row.country.clone(),
        error_code: row.error_code,
        id: row.id.clone(),
    }
}

fn counted_row<C>(class: C, why: String, counted: &CountedFailures) -> Reviewed<C> {
    Reviewed {
        class,
        why,
        account: counted.account.clone(),
        at: counted.last,
        sign_ins: counted.sign_ins,
        app: None,
        client_app: None,
        device: None,
        ip_address: counted.ip_address.clone(),
        country: counted.country.clone(),
        error_code: Some(counted.code),
        id: None,
    }
}

fn of_failures(failures: &[Reviewed<FailureClass>], reach: &Reach) -> Standing {
    let open: Vec<_> = failures.iter().filter(|it| it.class.is_legitimate()).collect();
    if !open.is_empty() {
        let people: BTreeSet<&str> = open.iter().map(|it| it.account.label()).collect();
        let rows = open.iter().fold(0_u64, |all, it| all.saturating_add(it.sign_ins));
        return Standing::of(
            GateState::Failed,
            format!(
                "{} of {} failed: {}.",
                counted(
                    usize::try_from(rows).unwrap_or(usize::MAX),
                    "legitimate sign-in",
                    "legitimate sign-ins"
                ),
                counted(people.len(), "account", "accounts"),
                few(people)
            ),
        );
    }
    if !reach.is_whole() {
        let why = "No legitimate failure is seen, and the log does not show everything.";
        return Standing::inconclusive(why, reach.holes.clone());
    }
    Standing::of(GateState::Passed, "No legitimate sign-in failed.")
}

fn of_successes(successes: &[Reviewed<SuccessClass>], reach: &Reach) -> Standing {
    let open: Vec<_> = successes.iter().filter(|it| !it.class.is_explained()).collect();
    if !open.is_empty() {
        let people: BTreeSet<&str> = open.iter().map(|it| it.account.label()).collect();
        return Standing::of(
            GateState::Failed,
            format!(
                "{} of {} succeeded with one factor and without an explanation: {}.",
                counted(open.len(), "sign-in", "sign-ins"),
                counted(people.len(), "account", "accounts"),
                few(people)
            ),
        );
    }
    if !reach.is_whole() {
        let why = "Every success seen is explained, and the log does not show everything.";
        return Standing::inconclusive(why, reach.holes.clone());
    }
    Standing::of(GateState::Passed, "Every success with one factor is explained.")
}
