//! The watch after enforcement: who cannot get in any more, and whether that is a reason to stop.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::reach::Reach;
use super::review::{FailureClass, failure_class_of_row};
use super::row::{RowResult, SignInRow, key_of};
use super::standing::{Standing, counted, few};
use super::{SignIns, is_asking};
use crate::account::Account;
use crate::exceptions::{Classification, Kind};
use crate::facts::Facts;
use crate::percent::{percent_against, threshold_percent};
use crate::plan::GateState;

/// How much older than now the newest sign-in may be while the watch goes on: at night nobody signs
/// in.
const SLACK_BEFORE_THE_END: SignedDuration = SignedDuration::from_hours(24);
/// How much older than the end of the watch it may be when the watch is over.
const SLACK_AT_THE_END: SignedDuration = SignedDuration::from_hours(2);

/// Whoever met the change together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// Its name.
    pub name: String,
    /// Who is in it.
    pub people: Vec<Account>,
}

/// What is asked of the watch.
#[derive(Debug, Clone)]
pub struct WatchQuestion<'a> {
    /// The log, asked for failures since `since` at the latest.
    pub sign_ins: &'a SignIns,
    /// When the change was carried out.
    pub since: Timestamp,
    /// Hours that are watched.
    pub hours: u32,
    /// The rings.
    pub rings: &'a [Ring],
    /// Accounts of programs that got in before.
    pub programs: &'a [Account],
    /// Hours that failures must last without a success.
    pub stop_hours: u32,
    /// Share of a ring's people at which to stop (0–1).
    pub stop_share: f64,
    /// The clock.
    pub now: Timestamp,
}

/// Somebody who did not get in for longer than the stop rule allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OnlyFailures {
    /// Who.
    #[serde(flatten)]
    pub account: Account,
    /// The first failure.
    pub since: Timestamp,
    /// The last failure.
    pub last: Timestamp,
    /// When they got in again. `None`: not yet, as far as the log reaches.
    pub got_in: Option<Timestamp>,
    /// Failures between.
    pub failures: u64,
    /// The newest of them.
    pub row: String,
}

/// One ring.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RingWatch {
    /// Its name.
    pub ring: String,
    /// How many people are in it.
    pub people: u64,
    /// People with nothing but failures for longer than the stop rule allows, at any time of the
    /// watch.
    pub only_failures: Vec<OnlyFailures>,
    /// How many of them at one time, at the worst.
    pub at_worst: u64,
    /// When that was.
    pub worst_at: Option<Timestamp>,
    /// That number as a share of the ring. `None`: nobody is in it.
    pub share: Option<f64>,
    /// People who were asked for a second factor or for registration and did not go on. They count
    /// for no stop rule; somebody should call them.
    pub given_up: Vec<Account>,
    /// The stop rule is hit.
    pub stop: bool,
}

/// The watch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Watch {
    /// When the change was carried out.
    pub since: Timestamp,
    /// When the watch ends.
    pub until: Timestamp,
    /// Up to when the log shows what happened.
    pub seen_to: Option<Timestamp>,
    /// Minutes between that and the clock. `None`: nothing is behind, because the log reaches beyond the
    /// end of the watch; or the log is empty.
    pub lag_minutes: Option<i64>,
    /// The rings.
    pub rings: Vec<RingWatch>,
    /// Programs that got in before, and have been refused for half an hour or longer and not got in
    /// since: a business process may stand still. They count for no stop rule, which is about people.
    pub stopped: Vec<OnlyFailures>,
    /// Failures that say nothing of the change, by why: guesses at passwords, attacks, interrupts.
    pub excluded: BTreeMap<&'static str, u64>,
    /// How far the log reaches.
    pub reach: Reach,
    /// The stop rule was not hit.
    pub standing: Standing,
}

impl Watch {
    /// The log shows all of it.
    #[must_use]
    pub fn is_seen_to_its_end(&self) -> bool {
        self.seen_to == Some(self.until)
    }
}

/// Watches.
#[must_use]
pub fn watch(question: &WatchQuestion<'_>) -> Watch {
    let length = SignedDuration::from_hours(i64::from(question.hours));
    let until = question.since.saturating_add(length).unwrap_or(Timestamp::MAX);
    let to = question.now.min(until);
    let over = question.now >= until;
    let slack = if over { SLACK_AT_THE_END } else { SLACK_BEFORE_THE_END };
    let mut reach = Reach::over(question.sign_ins, question.since.min(to), to, slack);
    if question.sign_ins.asked.failures_since.is_none_or(|from| from > question.since) {
        reach.needs("the log was not asked for the failures since the change");
    }
    let seen_to = question.sign_ins.newest.map(|newest| newest.min(to));
    let mut excluded = BTreeMap::new();
    let failures = failures(question, to, &mut excluded);
    let of = |stop| runs(question, &failures, seen_to.unwrap_or(to), stop);
    let runs = of(SignedDuration::from_hours(i64::from(question.stop_hours)));
    let stopped = stopped(question, &of(STANDS_STILL));
    let rings: Vec<RingWatch> = question.rings.iter().map(|it| ring(question, it, &runs)).collect();
    Watch {
        since: question.since,
        until,
        seen_to,
        lag_minutes: question
            .sign_ins
            .newest
            .filter(|newest| *newest < until)
            .map(|newest| to.duration_since(newest).as_mins().max(0)),
        standing: standing(question, &rings, &reach, over),
        rings,
        stopped,
        excluded,
        reach,
    }
}

/// Whoever meets the change: enabled accounts of people, guests and those that nobody classified.
/// `None`: no file tells the accounts.
pub(crate) fn everybody(facts: &Facts<'_>, kinds: &Classification) -> Option<Vec<Account>> {
    let users = facts.snapshot.users.as_ref()?;
    let people = users.iter().zip(&kinds.users).filter(|(user, (kind, _))| {
        user.account_enabled != Some(false)
            && (kind.is_person() || matches!(kind, Kind::Unclassified | Kind::Guest))
    });
    Some(people.map(|(user, _)| user.account.clone()).collect())
}

/// Enabled accounts of programs and devices that are known to have got in: by legacy authentication, or
/// in any other way that the log measured.
pub(crate) fn programs(facts: &Facts<'_>, kinds: &Classification) -> Vec<Account> {
    let legacy: BTreeSet<String> = facts
        .measurement
        .iter()
        .flat_map(|it| &it.legacy)
        .filter(|it| it.succeeded > 0)
        .filter_map(|it| key_of(&facts.directory_form(&it.account)))
        .collect();
    let got_in = |account: &Account| {
        key_of(account).is_some_and(|key| legacy.contains(&key))
            || facts.activity(account).is_some_and(|it| it.last_success.is_some())
    };
    let users = facts.snapshot.users.iter().flatten();
    let programs = users.zip(&kinds.users).filter(|(user, (kind, _))| {
        let is_program = matches!(
            kind,
            Kind::Service | Kind::Sync | Kind::Room | Kind::Equipment | Kind::SharedMailbox
        );
        is_program && user.account_enabled != Some(false) && got_in(&user.account)
    });
    programs.map(|(user, _)| user.account.clone()).collect()
}

/// How long a program must be refused before a business process is taken to stand still.
const STANDS_STILL: SignedDuration = SignedDuration::from_mins(30);

/// Programs whose last run of failures goes on.
fn stopped(question: &WatchQuestion<'_>, runs: &Runs) -> Vec<OnlyFailures> {
    let of = |account: &Account| {
        let runs = names_of(account).iter().find_map(|name| runs.get(name))?;
        runs.last().filter(|it| it.only.got_in.is_none()).map(|it| it.only.clone())
    };
    question.programs.iter().filter_map(of).collect()
}

/// A time in which somebody had nothing but failures, long enough for the stop rule.
#[derive(Debug, Clone)]
struct Run {
    only: OnlyFailures,
    /// From when on it is too long.
    from: Timestamp,
    /// Up to when it lasts.
    to: Timestamp,
}

/// Runs by each name of an account, in lower case.
type Runs = BTreeMap<String, Vec<Run>>;

/// Failures of the watch by account, but for those that say nothing of the change, which are counted.
type Failures<'q> = BTreeMap<String, Vec<&'q SignInRow>>;

fn failures<'q>(
    question: &WatchQuestion<'q>,
    to: Timestamp,
    excluded: &mut BTreeMap<&'static str, u64>,
) -> Failures<'q> {
    let sign_ins = question.sign_ins;
    let mut count = |why: &'static str, sign_ins: u64| {
        let entry = excluded.entry(why).or_default();
        *entry = entry.saturating_add(sign_ins);
    };
    for guess in &sign_ins.guesses {
        count("guesses at passwords", guess.sign_ins);
    }
    count("guesses at passwords", sign_ins.guesses_left_out);
    count("interrupts", sign_ins.interrupts);
    let mut by_account = Failures::new();
    for row in &sign_ins.rows {
        let in_time = row.at.is_some_and(|at| at >= question.since && at <= to);
        if !in_time || row.result() != RowResult::Failure {
            continue;
        }
        let class = failure_class_of_row(row);
        if class.is_noise() {
            count(class.words(), 1);
        } else if let Some(key) = row.account_key() {
            by_account.entry(key).or_default().push(row);
        }
    }
    for rows in by_account.values_mut() {
        rows.sort_by_key(|row| row.at);
    }
    by_account
}

fn runs(
    question: &WatchQuestion<'_>,
    failures: &Failures<'_>,
    seen_to: Timestamp,
    stop: SignedDuration,
) -> Runs {
    let mut found = Runs::new();
    for (key, rows) in failures {
        let nothing = BTreeSet::new();
        let successes = question.sign_ins.successes.get(key).unwrap_or(&nothing);
        let runs = runs_of(rows, successes, seen_to, stop);
        if runs.is_empty() {
            continue;
        }
        let account = rows.first().map(|row| &row.account);
        for name in account.into_iter().flat_map(names_of) {
            found.entry(name).or_insert_with(|| runs.clone());
        }
    }
    found
}

/// The runs of one account. A run that a success ended lasts from its first to its last failure; one
/// that goes on lasts as far as the log reaches: somebody who has stopped trying is still locked out.
fn runs_of(
    rows: &[&SignInRow],
    successes: &BTreeSet<Timestamp>,
    seen_to: Timestamp,
    stop: SignedDuration,
) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut rest = rows;
    while let Some((first, since)) = rest.first().and_then(|row| Some((*row, row.at?))) {
        // Successes are rounded down to the minute: one in the minute of the failure counts as a later
        // one, because whoever fails tries again at once.
        let got_in = successes.range(minute_of(since)..).next().copied();
        let end = got_in.unwrap_or(Timestamp::MAX);
        let before = |row: &&&SignInRow| row.at.is_some_and(|at| minute_of(at) <= end);
        let in_run = rest.iter().take_while(before).count();
        let (run, after) = rest.split_at_checked(in_run.max(1)).unwrap_or((rest, &[]));
        rest = after;
        let newest = run.last().copied().unwrap_or(first);
        let last = newest.at.unwrap_or(since);
        let to = if got_in.is_some() { last } else { seen_to.max(last) };
        if to.duration_since(since) >= stop {
            runs.push(Run {
                only: OnlyFailures {
                    account: first.account.clone(),
                    since,
                    last,
                    got_in,
                    failures: u64::try_from(run.len()).unwrap_or(u64::MAX),
                    row: newest.line(),
                },
                from: since.saturating_add(stop).unwrap_or(Timestamp::MAX),
                to,
            });
        }
    }
    runs
}

/// The minute of a moment.
pub(super) fn minute_of(moment: Timestamp) -> Timestamp {
    let second = moment.as_second();
    Timestamp::from_second(second.saturating_sub(second.rem_euclid(60))).unwrap_or(moment)
}

fn names_of(account: &Account) -> Vec<String> {
    let names = [account.user_id.as_deref(), account.user_principal_name.as_deref()];
    names.into_iter().flatten().map(|it| it.trim().to_lowercase()).collect()
}

fn ring(question: &WatchQuestion<'_>, ring: &Ring, runs: &Runs) -> RingWatch {
    let mut found: Vec<Run> = Vec::new();
    let mut given_up = Vec::new();
    let asked: BTreeSet<String> = question
        .sign_ins
        .given_up
        .iter()
        .filter(|it| is_asking(it.code) && it.last >= Some(question.since))
        .flat_map(|it| names_of(&it.account))
        .collect();
    let mut seen = BTreeSet::new();
    for person in &ring.people {
        if !seen.insert(key_of(person)) {
            continue;
        }
        let names = names_of(person);
        if let Some(runs) = names.iter().find_map(|name| runs.get(name)) {
            found.extend(runs.iter().cloned());
        } else if names.iter().any(|name| asked.contains(name)) {
            given_up.push(person.clone());
        }
    }
    let (at_worst, worst_at) = worst(&found);
    let people = u64::try_from(seen.len()).unwrap_or(u64::MAX);
    let exact = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let share = (people > 0).then(|| exact(at_worst) / exact(people));
    RingWatch {
        ring: ring.name.clone(),
        people,
        only_failures: found.into_iter().map(|it| it.only).collect(),
        at_worst,
        worst_at,
        share,
        given_up,
        stop: share.is_some_and(|share| share > question.stop_share),
    }
}

/// How many runs there were at one time, at the worst, and when that was.
fn worst(runs: &[Run]) -> (u64, Option<Timestamp>) {
    // At one moment beginnings come before ends: both count there.
    let begins = runs.iter().map(|run| (run.from, false));
    let ends = runs.iter().map(|run| (run.to, true));
    let mut moments: Vec<(Timestamp, bool)> = begins.chain(ends).collect();
    moments.sort_unstable();
    let (mut now, mut most, mut when) = (0_u64, 0, None);
    for (moment, ends) in moments {
        if ends {
            now = now.saturating_sub(1);
        } else {
            now = now.saturating_add(1);
            if now > most {
                (most, when) = (now, Some(moment));
            }
        }
    }
    (most, when)
}

/// Each of them once, those first who have not got in since.
fn who(all: &[OnlyFailures]) -> Vec<&str> {
    let (got_in, not_yet): (Vec<_>, Vec<_>) = all.iter().partition(|it| it.got_in.is_some());
    let mut names = Vec::new();
    for it in not_yet.into_iter().chain(got_in) {
        let name = it.account.label();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn standing(
    question: &WatchQuestion<'_>,
    rings: &[RingWatch],
    reach: &Reach,
    over: bool,
) -> Standing {
    if question.now < question.since {
        return Standing::of(GateState::Pending, "The change has not been carried out.");
    }
    let limit = threshold_percent(question.stop_share);
    let hit: Vec<&RingWatch> = rings.iter().filter(|it| it.stop).collect();
    if let Some(ring) = hit.first() {
        let names = who(&ring.only_failures);
        let in_all = match u64::try_from(names.len()) {
            Ok(all) if all > ring.at_worst => format!(" at one time, {all} in all"),
            _ => String::new(),
        };
        let names = few(names);
        return Standing::of(
            GateState::Failed,
            format!(
                "Stop: {} of {} in `{}` ({}; more than {limit}) had nothing but failures for {} \
                 hours{in_all}: {names}.",
                ring.at_worst,
                ring.people,
                ring.ring,
                percent_against(ring.share.unwrap_or_default(), question.stop_share),
                question.stop_hours
            ),
        );
    }
    let mut missing = reach.holes.clone();
    if rings.iter().all(|it| it.people == 0) {
        missing.push("who is in the ring".to_owned());
    }
    if !missing.is_empty() {
        let why = "Nobody is seen locked out, and the log does not reach far enough to say that \
                   nobody is.";
        return Standing::inconclusive(why, missing);
    }
    let worst = rings.iter().map(|it| it.at_worst).max().unwrap_or_default();
    let locked = match counted(usize::try_from(worst).unwrap_or(usize::MAX), "person", "people") {
        _ if worst == 0 => "nobody had nothing but failures".to_owned(),
        some => format!("at most {some} at one time had nothing but failures"),
    };
    if over {
        let why = format!("{} hours watched: {locked}.", question.hours);
        return Standing::of(GateState::Passed, why);
    }
    let passed = question.now.duration_since(question.since).as_hours();
    Standing::of(
        GateState::Running,
        format!("{passed} of {} hours watched: {locked}.", question.hours),
    )
}

impl FailureClass {
    /// It says nothing of the change.
    fn is_noise(self) -> bool {
        matches!(self, Self::Attack | Self::WrongPassword | Self::AccountState | Self::Session)
    }
}
