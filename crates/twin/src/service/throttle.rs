//! Budgets, by the twin's clock (Graph documentation, *Service-specific throttling limits*).
//!
//! A request that comes before its `Retry-After` is over is refused again, and its wait begins
//! anew, as Microsoft's Dev Proxy does it.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::refusal::Refusal;
use super::route::Workload;
use crate::fault::RetryAfter;

/// Who asks for what, as far as a budget needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charge<'a> {
    pub(super) workload: Workload,
    /// Resource units.
    pub(super) cost: u32,
    pub(super) writes: bool,
    /// Whose mailbox, in [`Workload::Outlook`].
    pub(super) mailbox: &'a str,
    /// Running number of the HTTP request: items of one batch came at once.
    pub(super) number: u64,
    pub(super) now: Timestamp,
    /// Users of the tenant.
    pub(super) people: usize,
}

#[derive(Debug, Clone)]
struct Window {
    span: SignedDuration,
    most: usize,
    times: VecDeque<Timestamp>,
}

impl Window {
    const fn new(seconds: i64, most: usize) -> Self {
        Self { span: SignedDuration::from_secs(seconds), most, times: VecDeque::new() }
    }

    /// Takes a place, or says in how many seconds one is free.
    fn take(&mut self, now: Timestamp) -> Result<(), u32> {
        while self.times.front().is_some_and(|it| now.duration_since(*it) >= self.span) {
            self.times.pop_front();
        }
        if self.times.len() < self.most {
            self.times.push_back(now);
            return Ok(());
        }
        let first = self.times.front().copied().unwrap_or(now);
        Err(seconds_up(self.span - now.duration_since(first)))
    }
}

fn seconds_up(wait: SignedDuration) -> u32 {
    let whole = wait.as_secs() + i64::from(wait.subsec_nanos() > 0);
    u32::try_from(whole.max(1)).unwrap_or(u32::MAX)
}

#[derive(Debug, Clone, Copy)]
struct Bar {
    until: Timestamp,
    wait: u32,
    number: u64,
}

/// What was used of every budget.
#[derive(Debug, Clone)]
pub(super) struct Throttle {
    reports: Window,
    alerts: Window,
    health: [Window; 2],
    writes: Window,
    mailboxes: BTreeMap<String, Window>,
    last_access: Option<Timestamp>,
    bucket: Option<(i64, Timestamp)>,
    bars: BTreeMap<Workload, Bar>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            reports: Window::new(10, 5),
            alerts: Window::new(60, 150),
            health: [Window::new(60, 240), Window::new(3600, 800)],
            writes: Window::new(150, 3000),
            mailboxes: BTreeMap::new(),
            last_access: None,
            bucket: None,
            bars: BTreeMap::new(),
        }
    }
}

const MESSAGE: &str = "Please retry again later.";

impl Throttle {
    /// Bars a workload until a time, because a fault said so.
    pub(super) fn bar(&mut self, workload: Workload, seconds: u32, number: u64, now: Timestamp) {
        let until = later(now, seconds);
        self.bars.insert(workload, Bar { until, wait: seconds, number });
    }

    /// Lets a request in, with the headers its answer carries, or refuses it.
    pub(super) fn admit(
        &mut self,
        charge: &Charge<'_>,
    ) -> Result<Vec<(&'static str, String)>, Refusal> {
        let Charge { workload, number, now, .. } = *charge;
        if let Some(bar) = self.bars.get_mut(&workload) {
            if now < bar.until && number != bar.number {
                *bar = Bar { until: later(now, bar.wait), wait: bar.wait, number };
                return Err(refusal(workload).after(RetryAfter::Seconds(bar.wait)));
            }
            if now >= bar.until {
                self.bars.remove(&workload);
            }
        }
        let taken = match workload {
            Workload::Reports => self.reports.take(now),
            Workload::Alerts => self.alerts.take(now),
            Workload::ServiceHealth => {
                let [minute, hour] = &mut self.health;
                minute.take(now).and_then(|()| hour.take(now))
            }
            Workload::Outlook => {
                let mailbox = charge.mailbox.to_ascii_lowercase();
                let window = self.mailboxes.entry(mailbox);
                window.or_insert_with(|| Window::new(600, 10_000)).take(now)
            }
            Workload::ConditionalAccess => return self.access(now),
            Workload::Directory => return self.directory(charge),
            Workload::Other => Ok(()),
        };
        taken.map(|()| Vec::new()).map_err(|wait| {
            self.bar(workload, wait, number, now);
            refusal(workload).after(RetryAfter::Seconds(wait))
        })
    }

    /// One a second for the whole tenant. A refused one counts, and no answer says how long.
    fn access(&mut self, now: Timestamp) -> Result<Vec<(&'static str, String)>, Refusal> {
        let last = self.last_access.replace(now);
        let is_early = last.is_some_and(|it| now.duration_since(it) < SignedDuration::from_secs(1));
        if is_early {
            return Err(refusal(Workload::ConditionalAccess).after(RetryAfter::Missing));
        }
        Ok(Vec::new())
    }

    fn directory(&mut self, charge: &Charge<'_>) -> Result<Vec<(&'static str, String)>, Refusal> {
        let now = charge.now;
        let limit: i64 = match charge.people {
            0..50 => 3_500,
            50..=500 => 5_000,
            _ => 8_000,
        };
        // Units times 10,000: the bucket fills in 10,000 milliseconds.
        let full = limit * 10_000;
        let (mut level, at) = self.bucket.unwrap_or((full, now));
        let passed = i64::try_from(now.duration_since(at).as_millis()).unwrap_or(0).max(0);
        level = level.saturating_add(limit.saturating_mul(passed)).min(full);
        let cost = i64::from(charge.cost) * 10_000;
        let refused = if level < cost {
            self.bucket = Some((level, now));
            Some((
                seconds_up(SignedDuration::from_millis((cost - level) / limit + 1)),
                "ResourceUnit",
            ))
        } else if charge.writes {
            self.bucket = Some((level - cost, now));
            self.writes.take(now).err().map(|wait| (wait, "Write"))
        } else {
            self.bucket = Some((level - cost, now));
            None
        };
        if let Some((wait, what)) = refused {
            self.bar(Workload::Directory, wait, charge.number, now);
            return Err(refusal(Workload::Directory)
                .after(RetryAfter::Seconds(wait))
                .with("x-ms-resource-unit", charge.cost.to_string())
                .with("x-ms-throttle-scope", format!("Tenant_Application/{limit}/-/-"))
                .with("x-ms-throttle-information", format!("{what}LimitExceeded")));
        }
        let mut headers = vec![("x-ms-resource-unit", charge.cost.to_string())];
        let used = full - (level - cost);
        if used * 10 >= full * 8 {
            let hundredths = used * 100 / full;
            let share = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            headers.push(("x-ms-throttle-limit-percentage", share));
        }
        Ok(headers)
    }
}

fn later(now: Timestamp, seconds: u32) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}

/// 429 as the workload words it.
pub(super) fn refusal(workload: Workload) -> Refusal {
    match workload {
        Workload::Reports => Refusal::new(
            429,
            "UnknownError",
            "This request is throttled. Try again after the number of seconds in Retry-After.",
        ),
        _ => Refusal::new(429, "TooManyRequests", MESSAGE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(1_790_000_000_000 + millisecond).unwrap()
    }

    fn charge(workload: Workload, number: u64, millisecond: i64) -> Charge<'static> {
        Charge {
            workload,
            cost: 1,
            writes: false,
            mailbox: "a",
            number,
            now: at(millisecond),
            people: 210,
        }
    }

    #[test]
    fn reports_take_five_in_ten_seconds_and_an_early_call_restarts_the_wait() {
        let mut throttle = Throttle::default();
        let mut ask = |number, at| throttle.admit(&charge(Workload::Reports, number, at));
        for number in 1..=5 {
            assert!(ask(number, 100).is_ok());
        }
        let wait = |it: Result<_, Refusal>| it.err().map(|it| it.retry_after);
        assert_eq!(wait(ask(6, 100)), Some(Some(RetryAfter::Seconds(10))));
        // A tick before: again ten seconds from now.
        assert_eq!(wait(ask(7, 10_099)), Some(Some(RetryAfter::Seconds(10))));
        assert_eq!(wait(ask(8, 10_101)), Some(Some(RetryAfter::Seconds(10))));
        assert_eq!(wait(ask(9, 20_101)), None);
    }

    #[test]
    fn conditional_access_takes_one_a_second_and_does_not_say_when() {
        let mut throttle = Throttle::default();
        let steps = [(0, true), (999, false), (1_998, false), (2_998, true), (3_998, true)];
        for (number, (at, is_taken)) in (1..).zip(steps) {
            let answer = throttle.admit(&charge(Workload::ConditionalAccess, number, at));
            assert_eq!(answer.is_ok(), is_taken, "{at}");
            if let Err(refusal) = answer {
                assert_eq!(refusal.retry_after, Some(RetryAfter::Missing));
            }
        }
    }

    #[test]
    fn the_directory_counts_units_and_fills_again() {
        let mut throttle = Throttle::default();
        let mut ask = |number, at, cost| {
            throttle.admit(&Charge { cost, ..charge(Workload::Directory, number, at) })
        };
        assert_eq!(ask(1, 0, 3_000).unwrap(), [("x-ms-resource-unit", "3000".to_owned())]);
        let near = ask(2, 0, 1_000).unwrap();
        assert!(near.contains(&("x-ms-throttle-limit-percentage", "0.80".to_owned())), "{near:?}");
        let refused = ask(3, 0, 2_000).unwrap_err();
        assert_eq!(refused.retry_after, Some(RetryAfter::Seconds(3)));
        assert!(refused.headers.iter().any(|(name, _)| *name == "x-ms-throttle-scope"));
        // Items of the same batch are not refused for its sake; a later request is, until then.
        assert!(ask(3, 0, 1).is_ok());
        assert!(ask(4, 2_999, 1).is_err());
        assert!(ask(5, 5_999, 1).is_ok());
    }

    #[test]
    fn writes_have_a_budget_of_their_own() {
        let mut throttle = Throttle::default();
        let mut refused = 0;
        for number in 0..3_001 {
            let charge = Charge { writes: true, ..charge(Workload::Directory, number, 0) };
            refused += u32::from(throttle.admit(&charge).is_err());
        }
        assert_eq!(refused, 1);
    }
}
