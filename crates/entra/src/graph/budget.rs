//! How many requests each workload takes, and for how long it takes none.
//!
//! Figures are those of the Graph documentation, *Microsoft Graph service-specific throttling
//! limits* (<https://learn.microsoft.com/graph/throttling-limits>), its sections *Identity and
//! access reports service limits*, *Identity protection and conditional access service limits*,
//! *Identity and access service limits*, *Outlook service limits*, *Security detections and
//! incidents service limits* and *Service Communications service limits*. They are limits of an app
//! in a tenant, or of a tenant for all its apps; a budget does not know what other apps do, so a
//! refusal is still to be expected, and closes its workload.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::call::{Call, Workload};
use super::clock::instant;

/// Kept between our window and Microsoft's: requests do not arrive as evenly as they leave.
const MARGIN: Duration = Duration::from_millis(100);

/// Requests one mailbox takes at once.
const AT_ONCE_PER_MAILBOX: u32 = 4;

/// Mailboxes remembered before those without recent requests are forgotten.
const MAILBOXES_KEPT: usize = 1_024;

/// At most so much in any stretch of time of a given length.
#[derive(Debug)]
struct Window {
    limit: u32,
    span: Duration,
    /// When what was sent, oldest first.
    sent: VecDeque<(Instant, u32)>,
    /// Sum of `sent`.
    spent: u32,
}

impl Window {
    fn of(limit: u32, seconds: u64) -> Self {
        let span = Duration::from_secs(seconds).saturating_add(MARGIN);
        Self { limit, span, sent: VecDeque::new(), spent: 0 }
    }

    fn forget(&mut self, now: Instant) {
        while let Some((at, cost)) = self.sent.front().copied() {
            if now.saturating_duration_since(at) < self.span {
                break;
            }
            self.sent.pop_front();
            self.spent = self.spent.saturating_sub(cost);
        }
    }

    /// When `cost` more may be sent, if not now. `part` of the limit is used.
    fn free_at(&mut self, cost: u32, part: u32, now: Instant) -> Option<Instant> {
        self.forget(now);
        let limit = (self.limit / part.max(1)).max(1);
        // What costs more than there is at all is sent alone.
        let cost = cost.min(limit);
        let mut over = self.spent.saturating_add(cost).saturating_sub(limit);
        for (at, freed) in &self.sent {
            if over == 0 {
                break;
            }
            over = over.saturating_sub(*freed);
            if over == 0 {
                return at.checked_add(self.span);
            }
        }
        None
    }

    fn take(&mut self, cost: u32, now: Instant) {
        self.sent.push_back((now, cost));
        self.spent = self.spent.saturating_add(cost);
    }
}

/// One mailbox: requests in flight and those of the last ten minutes.
#[derive(Debug)]
struct Mailbox {
    in_flight: u32,
    recent: Window,
}

impl Mailbox {
    /// 10,000 requests in 10 minutes.
    fn new() -> Self {
        Self { in_flight: 0, recent: Window::of(10_000, 600) }
    }
}

/// The state of one workload.
#[derive(Debug)]
struct State {
    /// Limits of requests, each counted as one.
    requests: Vec<Window>,
    /// Limit of resource units.
    units: Option<Window>,
    /// Limit of writes.
    writes: Option<Window>,
    /// Mailboxes, by the path of their user; only where the workload counts by mailbox.
    mailboxes: Option<HashMap<String, Mailbox>>,
    /// When mailboxes are looked through the next time.
    forget_mailboxes_at: usize,
    /// No request leaves before then.
    closed_until: Option<Instant>,
    /// Only this part of the resource units is used until then, because Graph said that the limit
    /// is near.
    eased: Option<(Instant, u32)>,
}

/// The budget of one workload.
#[derive(Debug)]
pub(super) struct Budget {
    state: Mutex<State>,
    /// Held by whoever waits to send, so that requests leave in the order they came.
    pub(super) turn: tokio::sync::Mutex<()>,
    freed: Notify,
}

/// Why a request may not leave now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// The workload takes nothing before then.
    Closed(Instant),
    /// The budget is spent until then.
    Spent(Instant),
    /// Too many are in flight. [`Budget::freed`] tells when one has come back.
    InFlight,
}

/// Leave to send one request, held until its answer is there. Dropping it, also in the middle of a
/// request that is cancelled, gives the place back; the request stays counted, as it may have left.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    budget: &'a Budget,
    mailbox: Option<String>,
}

impl Budget {
    fn of(requests: Vec<Window>) -> Self {
        let state = State {
            requests,
            units: None,
            writes: None,
            mailboxes: None,
            forget_mailboxes_at: MAILBOXES_KEPT,
            closed_until: None,
            eased: None,
        };
        Self { state: Mutex::new(state), turn: tokio::sync::Mutex::new(()), freed: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes leave to send a request at this moment.
    pub(super) fn take(&self, call: &Call) -> Result<Permit<'_>, Wait> {
        let now = instant();
        let mut state = self.state();
        if let Some(until) = state.closed_until.filter(|until| *until > now) {
            return Err(Wait::Closed(until));
        }
        let part = state.eased.filter(|(until, _)| *until > now).map_or(1, |(_, part)| part);
        let State { requests, units, writes, mailboxes, .. } = &mut *state;
        let mut free_at = requests
            .iter_mut()
            .filter_map(|window| window.free_at(1, 1, now))
            .chain(units.iter_mut().filter_map(|units| units.free_at(call.cost, part, now)))
            .max();
        if call.writes() {
            free_at = free_at.max(writes.as_mut().and_then(|writes| writes.free_at(1, 1, now)));
        }
        let mailbox = mailboxes.as_mut().map(|mailboxes| {
            let key = mailbox_of(&call.path);
            let mailbox = mailboxes.entry(key.clone()).or_insert_with(Mailbox::new);
            free_at = free_at.max(mailbox.recent.free_at(1, 1, now));
            (key, mailbox)
        });
        if let Some(at) = free_at {
            return Err(Wait::Spent(at));
        }
        let mailbox = match mailbox {
            Some((_, mailbox)) if mailbox.in_flight >= AT_ONCE_PER_MAILBOX => {
                return Err(Wait::InFlight);
            }
            Some((key, mailbox)) => {
                mailbox.in_flight += 1;
                mailbox.recent.take(1, now);
                Some(key)
            }
            None => None,
        };
        requests.iter_mut().for_each(|window| window.take(1, now));
        units.iter_mut().for_each(|units| units.take(call.cost, now));
        if call.writes() {
            writes.iter_mut().for_each(|writes| writes.take(1, now));
        }
        state.forget_mailboxes(now);
        Ok(Permit { budget: self, mailbox })
    }

    /// When a request that belongs to another workload as well may leave, if not now. Nothing is
    /// taken.
    pub(super) fn admits(&self) -> Result<(), Wait> {
        let now = instant();
        let mut state = self.state();
        if let Some(until) = state.closed_until.filter(|until| *until > now) {
            return Err(Wait::Closed(until));
        }
        let free_at = state.requests.iter_mut().filter_map(|window| window.free_at(1, 1, now));
        free_at.max().map_or(Ok(()), |at| Err(Wait::Spent(at)))
    }

    /// Counts a request that leaves now by the leave of another workload.
    pub(super) fn count(&self) {
        let now = instant();
        self.state().requests.iter_mut().for_each(|window| window.take(1, now));
    }

    /// No request of the workload leaves before then.
    pub(super) fn close_until(&self, until: Instant) {
        let mut state = self.state();
        state.closed_until = state.closed_until.max(Some(until));
    }

    /// Graph said how near the limit of resource units is: 0.8 to 1.8 of it were used
    /// (`x-ms-throttle-limit-percentage`). Half, or a quarter past the limit, is used for the next
    /// ten seconds.
    pub(super) fn near_limit(&self, used: f64) {
        let part = match used {
            used if used >= 1.0 => 4,
            used if used >= 0.8 => 2,
            _ => return,
        };
        let mut state = self.state();
        if let Some(span) = state.units.as_ref().map(|units| units.span) {
            let until = instant().checked_add(span);
            state.eased = until.map(|until| (until, part));
        }
    }

    /// Ends when a request has come back. To be called before [`Budget::take`], so that none comes
    /// back unseen in between.
    pub(super) fn freed(&self) -> tokio::sync::futures::Notified<'_> {
        self.freed.notified()
    }
}

impl State {
    fn forget_mailboxes(&mut self, now: Instant) {
        let Some(mailboxes) = &mut self.mailboxes else { return };
        if mailboxes.len() < self.forget_mailboxes_at {
            return;
        }
        mailboxes.retain(|_, mailbox| {
            mailbox.recent.forget(now);
            mailbox.in_flight > 0 || mailbox.recent.spent > 0
        });
        self.forget_mailboxes_at = mailboxes.len().saturating_mul(2).max(MAILBOXES_KEPT);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let Some(mailbox) = &self.mailbox else { return };
        let mut state = self.budget.state();
        if let Some(mailbox) = state.mailboxes.as_mut().and_then(|all| all.get_mut(mailbox)) {
            mailbox.in_flight = mailbox.in_flight.saturating_sub(1);
        }
        drop(state);
        self.budget.freed.notify_waiters();
    }
}

/// Whose mailbox a path is of: `/users/{id}`.
fn mailbox_of(path: &str) -> String {
    path.split('/').take(3).collect::<Vec<_>>().join("/")
}

/// The budgets of all workloads.
#[derive(Debug)]
pub(super) struct Budgets {
    reports: Budget,
    conditional_access: Budget,
    directory: Budget,
    outlook: Budget,
    alerts: Budget,
    service_health: Budget,
    other: Budget,
}

impl Budgets {
    pub(super) fn new() -> Self {
        // 3,500 units in 10 seconds are those of a tenant of fewer than 50 users, the smallest
        // budget: how many users there are is not known before they were read. 3,000 writes in 150
        // seconds hold for every size.
        let mut directory = Budget::of(Vec::new());
        let state = directory.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        state.units = Some(Window::of(3_500, 10));
        state.writes = Some(Window::of(3_000, 150));
        let mut outlook = Budget::of(Vec::new());
        let state = outlook.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        state.mailboxes = Some(HashMap::new());
        Self {
            reports: Budget::of(vec![Window::of(5, 10)]),
            conditional_access: Budget::of(vec![Window::of(1, 1)]),
            directory,
            outlook,
            alerts: Budget::of(vec![Window::of(150, 60)]),
            service_health: Budget::of(vec![Window::of(240, 60), Window::of(800, 3_600)]),
            other: Budget::of(Vec::new()),
        }
    }

    /// None at all. A refusal still closes its workload.
    pub(super) fn none() -> Self {
        let without = || Budget::of(Vec::new());
        Self {
            reports: without(),
            conditional_access: without(),
            directory: without(),
            outlook: without(),
            alerts: without(),
            service_health: without(),
            other: without(),
        }
    }

    pub(super) fn of(&self, workload: Workload) -> &Budget {
        match workload {
            Workload::Reports => &self.reports,
            Workload::ConditionalAccess => &self.conditional_access,
            Workload::Directory => &self.directory,
            Workload::Outlook => &self.outlook,
            Workload::Alerts => &self.alerts,
            Workload::ServiceHealth => &self.service_health,
            Workload::Other => &self.other,
        }
    }
}
