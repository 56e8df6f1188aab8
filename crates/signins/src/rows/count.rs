//! What is counted for each account instead of being kept as rows.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::quality::FixedState;
use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;
use jiff::civil::Date;
use rollout::evidence::{CountedFailures, PolicyResults, SignInRow, key_of};

use super::row;
use crate::field::Field;
use crate::sign_in::SignIn;
use crate::words::fingerprint;

/// Most guesses that are told apart. More come from an attacker only.
const MOST_GUESSES: usize = 100_000;
/// Most addresses that are remembered as ones from which somebody got in.
const MOST_ADDRESSES: usize = 1_000_000;

/// Hours with a sign-in of a user, since 1970.
#[derive(Debug, Default)]
pub(super) struct Hours(HashSet<i64, FixedState>);

impl Hours {
    pub(super) fn see(&mut self, at: Timestamp) {
        self.0.insert(at.as_second().div_euclid(3600));
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(super) fn finish(self) -> BTreeMap<Date, u32> {
        let mut days = BTreeMap::new();
        for hour in self.0 {
            let Ok(moment) = Timestamp::from_second(hour.saturating_mul(3600)) else { continue };
            let civil = moment.to_zoned(jiff::tz::TimeZone::UTC);
            let Ok(of_day) = u32::try_from(civil.hour()) else { continue };
            let bits = days.entry(civil.date()).or_insert(0_u32);
            *bits |= 1_u32.checked_shl(of_day).unwrap_or(0);
        }
        days
    }
}

/// What policies came to.
#[derive(Debug, Default)]
pub(super) struct Results {
    counts: BTreeMap<(String, String, String), PolicyResults>,
    days: BTreeMap<String, BTreeSet<Date>>,
}

impl Results {
    /// Counts what the policies asked for came to.
    pub(super) fn see(&mut self, asked: &BTreeSet<String>, sign_in: &SignIn<'_>, at: Timestamp) {
        if asked.is_empty() {
            return;
        }
        for policy in &sign_in.policies {
            let (Some(id), Some(result)) = (policy.id, policy.result) else { continue };
            let id = id.trim().to_lowercase();
            if !asked.contains(&id) {
                continue;
            }
            let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
            match self.days.get_mut(&id) {
                Some(days) => {
                    days.insert(date);
                }
                None => {
                    self.days.insert(id.clone(), BTreeSet::from([date]));
                }
            }
            let nothing = ["notapplied", "reportonlynotapplied", "notenabled"];
            if nothing.contains(&result.to_ascii_lowercase().as_str()) {
                continue;
            }
            let account = row::account(sign_in);
            let key = (id.clone(), key_of(&account).unwrap_or_default(), result.to_owned());
            let one = PolicyResults {
                policy: id,
                name: policy.name.map(str::to_owned),
                account,
                result: result.to_owned(),
                sign_ins: 1,
                first: Some(at),
                last: Some(at),
            };
            self.add(key, one);
        }
    }

    fn add(&mut self, key: (String, String, String), other: PolicyResults) {
        let Some(mine) = self.counts.get_mut(&key) else {
            self.counts.insert(key, other);
            return;
        };
        mine.sign_ins = mine.sign_ins.saturating_add(other.sign_ins);
        mine.first = crate::reader::earlier(mine.first, other.first);
        mine.last = mine.last.max(other.last);
        // Of several names the one that is first in order, whatever the order of reading.
        mine.name = least(mine.name.take(), other.name);
        mine.account = least_named(&mine.account, other.account);
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (key, counted) in other.counts {
            self.add(key, counted);
        }
        for (policy, days) in other.days {
            self.days.entry(policy).or_default().extend(days);
        }
    }

    pub(super) fn finish(self) -> (Vec<PolicyResults>, BTreeMap<String, BTreeSet<Date>>) {
        (self.counts.into_values().collect(), self.days)
    }
}

fn least(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The names of one account, each the first in order of those told.
fn least_named(one: &rollout::Account, other: rollout::Account) -> rollout::Account {
    rollout::Account {
        user_principal_name: least(one.user_principal_name.clone(), other.user_principal_name),
        user_id: least(one.user_id.clone(), other.user_id),
        display_name: least(one.display_name.clone(), other.display_name),
    }
}

/// When accounts got in, and when they were asked for something.
#[derive(Debug, Default)]
pub(super) struct Moments {
    /// Minutes with a success as bits, by the hour since 1970, by account.
    successes: HashMap<String, BTreeMap<i64, u64>, FixedState>,
    asked: BTreeMap<(String, u32), CountedFailures>,
}

impl Moments {
    pub(super) fn succeeded(&mut self, sign_in: &SignIn<'_>, at: Timestamp) {
        let Some(key) = key_of_sign_in(sign_in) else { return };
        let (hour, minute) = hour_and_minute(at);
        let hours = self.successes.entry(key).or_default();
        *hours.entry(hour).or_default() |= 1_u64.checked_shl(minute).unwrap_or(0);
    }

    pub(super) fn asked(&mut self, sign_in: &SignIn<'_>, code: u32, at: Timestamp) {
        let account = row::account(sign_in);
        let key = (key_of(&account).unwrap_or_default(), code);
        add(&mut self.asked, key, counted(account, code, at));
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (key, hours) in other.successes {
            let mine = self.successes.entry(key).or_default();
            for (hour, minutes) in hours {
                *mine.entry(hour).or_default() |= minutes;
            }
        }
        for (key, asked) in other.asked {
            add(&mut self.asked, key, asked);
        }
    }

    /// When the accounts with a failure among the rows got in; who was asked and did not get in
    /// afterwards; and how many prompts were passed.
    pub(super) fn finish(
        self,
        rows: &[SignInRow],
    ) -> (BTreeMap<String, BTreeSet<Timestamp>>, Vec<CountedFailures>, u64) {
        let (mut given_up, mut passed_on) = (Vec::new(), 0_u64);
        for ((key, _), asked) in self.asked {
            let last = self.successes.get(&key).and_then(|hours| {
                let (hour, minutes) = hours.last_key_value()?;
                let minute = u64::BITS.checked_sub(minutes.leading_zeros().checked_add(1)?)?;
                moment(*hour, minute)
            });
            let asked_last = asked.last.map(|at| {
                let (hour, minute) = hour_and_minute(at);
                moment(hour, minute).unwrap_or(at)
            });
            if last.is_some() && last >= asked_last {
                passed_on = passed_on.saturating_add(asked.sign_ins);
            } else {
                given_up.push(asked);
            }
        }
        let failed = rows.iter().filter(|row| row.error_code != Some(0));
        let keys: BTreeSet<String> = failed.filter_map(SignInRow::account_key).collect();
        let of = |key: String| {
            let hours = self.successes.get(&key)?;
            Some((key, hours.iter().flat_map(|(hour, minutes)| of_hour(*hour, *minutes)).collect()))
        };
        (keys.into_iter().filter_map(of).collect(), given_up, passed_on)
    }
}

fn hour_and_minute(at: Timestamp) -> (i64, u32) {
    let second = at.as_second();
    let minute = second.rem_euclid(3600).div_euclid(60);
    (second.div_euclid(3600), u32::try_from(minute).unwrap_or(0))
}

fn moment(hour: i64, minute: u32) -> Option<Timestamp> {
    let seconds = hour.saturating_mul(3600).saturating_add(i64::from(minute).saturating_mul(60));
    Timestamp::from_second(seconds).ok()
}

fn of_hour(hour: i64, minutes: u64) -> impl Iterator<Item = Timestamp> {
    let is_set = move |minute: &u32| minutes & 1_u64.checked_shl(*minute).unwrap_or(0) != 0;
    (0..60).filter(is_set).filter_map(move |minute| moment(hour, minute))
}

/// The same key as [`key_of`] the account of the row.
fn key_of_sign_in(sign_in: &SignIn<'_>) -> Option<String> {
    let told = |field| sign_in.text.told(field).map(str::trim).filter(|it| !it.is_empty());
    let name = told(Field::UserId).or_else(|| told(Field::UserPrincipalName))?;
    Some(name.to_lowercase())
}

fn counted(account: rollout::Account, code: u32, at: Timestamp) -> CountedFailures {
    CountedFailures {
        account,
        code,
        sign_ins: 1,
        first: Some(at),
        last: Some(at),
        ..CountedFailures::default()
    }
}

fn add<K: Ord>(counts: &mut BTreeMap<K, CountedFailures>, key: K, other: CountedFailures) {
    let Some(mine) = counts.get_mut(&key) else {
        counts.insert(key, other);
        return;
    };
    mine.sign_ins = mine.sign_ins.saturating_add(other.sign_ins);
    mine.first = crate::reader::earlier(mine.first, other.first);
    mine.last = mine.last.max(other.last);
    mine.country = least(mine.country.take(), other.country);
    mine.account = least_named(&mine.account, other.account);
}

/// Guesses at passwords, and the addresses from which somebody got in.
#[derive(Debug, Default)]
pub(super) struct Places {
    guesses: BTreeMap<(String, u32, Option<String>), CountedFailures>,
    left_out: u64,
    got_in: HashSet<u64, FixedState>,
    /// More addresses than are remembered.
    overflowed: bool,
}

impl Places {
    pub(super) fn got_in(&mut self, sign_in: &SignIn<'_>) {
        let Some(address) = sign_in.ip_address() else { return };
        if self.got_in.len() < MOST_ADDRESSES {
            self.got_in.insert(fingerprint(address));
        } else {
            self.overflowed = true;
        }
    }

    pub(super) fn see(&mut self, sign_in: &SignIn<'_>, code: u32, at: Timestamp) {
        let account = row::account(sign_in);
        let address = sign_in.ip_address().map(str::to_owned);
        let key = (key_of(&account).unwrap_or_default(), code, address.clone());
        let guess = CountedFailures {
            ip_address: address,
            country: row::told(sign_in, Field::Country),
            ..counted(account, code, at)
        };
        self.add(key, guess);
    }

    fn add(&mut self, key: (String, u32, Option<String>), guess: CountedFailures) {
        if self.guesses.len() >= MOST_GUESSES && !self.guesses.contains_key(&key) {
            self.left_out = self.left_out.saturating_add(guess.sign_ins);
        } else {
            add(&mut self.guesses, key, guess);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (key, guess) in other.guesses {
            self.add(key, guess);
        }
        self.left_out = self.left_out.saturating_add(other.left_out);
        self.got_in.extend(other.got_in);
        self.overflowed |= other.overflowed;
    }

    /// The guesses, and how many found no room.
    pub(super) fn finish(self) -> (Vec<CountedFailures>, u64) {
        let Self { guesses, left_out, got_in, overflowed } = self;
        let guesses = guesses.into_values().map(|guess| {
            let known = guess.ip_address.as_deref().map(|it| got_in.contains(&fingerprint(it)));
            let got_in_from_there = known.filter(|got_in| *got_in || !overflowed);
            CountedFailures { got_in_from_there, ..guess }
        });
        (guesses.collect(), left_out)
    }
}
