//! Whether a caller behaved: judged from the request log and nothing else.
//!
//! The checker shares no table with the service or with any client. It reads addresses on its own,
//! so that an error in the service's table of addresses shows here as a disagreement.

mod asked;
mod conduct;
mod plan;
mod runs;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use conduct::{Broken, Promise, conduct, left_unprotected};
use jiff::{SignedDuration, Timestamp};
pub use plan::{Came, Confirmed, Explained, Intended, held_against_journal, held_against_plan};
pub use runs::{after_stop, not_restored, taken_for_missing};

use crate::request_log::{Entry, RequestLog};

/// What a caller is held to, as far as the log cannot tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How long an answer is on its way: a request sent meanwhile could not know of it. Zero when
    /// requests are made in process.
    pub in_flight: SignedDuration,
    /// Resource units of the directory in ten seconds: 3,500, 5,000 or 8,000 by the size of the
    /// tenant.
    pub units: u32,
}

impl Default for Rules {
    /// In process, in the smallest tenant.
    fn default() -> Self {
        Self { in_flight: SignedDuration::ZERO, units: 3_500 }
    }
}

/// What a request is throttled with, as its address says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Budget {
    /// Sign-ins, audits, registration, and when people were last seen.
    Reports,
    /// Conditional Access and risk.
    ConditionalAccess,
    /// Users, groups, roles, licences.
    Directory,
    /// Mailboxes.
    Outlook,
    /// Alerts.
    Alerts,
    /// Service health.
    ServiceHealth,
    /// `$batch` itself.
    Batch,
    /// Nothing with a limit of its own.
    Other,
}

/// A rule that was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A request came before the `Retry-After` of its budget was over.
    TooEarly,
    /// More requests than a budget has.
    OverBudget,
    /// A page link that nobody handed out.
    MadeUpLink,
    /// A write that had been applied was sent again.
    WrittenTwice,
    /// A secret stands where logs would keep it.
    Secret,
}

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Number of the request in the log.
    pub number: u64,
    /// The rule.
    pub rule: Rule,
    /// Which request, and what of it.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "request {}: {:?}: {}", self.number, self.rule, self.what)
    }
}

/// One request as budgets count it: of its own, or an item of a batch.
struct One<'a> {
    entry: &'a Entry,
    method: &'a str,
    target: &'a str,
    body: &'a str,
    applied: bool,
    retry_after: Option<u32>,
}

fn ones(entry: &Entry) -> Vec<One<'_>> {
    let own = One {
        entry,
        method: &entry.method,
        target: &entry.target,
        body: &entry.body_digest,
        applied: entry.applied && entry.batch.is_empty(),
        retry_after: entry.retry_after,
    };
    let bodies = entry.batch_bodies.iter().map(Some).chain(std::iter::repeat(None));
    let items = entry.batch.iter().zip(bodies).map(|(item, body)| One {
        entry,
        method: &item.0,
        target: &item.1,
        body: body.map_or("", |it| it.0.as_str()),
        applied: body.is_some_and(|it| it.1),
        retry_after: item.3,
    });
    std::iter::once(own).chain(items).collect()
}

/// Everything that can be judged without knowing more than the log.
#[must_use]
pub fn check(log: &RequestLog, rules: &Rules) -> Vec<Violation> {
    let mut all = too_early(log, rules);
    all.extend(over_budget(log, rules));
    all.extend(made_up_links(log));
    all.extend(written_twice(log));
    all.extend(secrets(log, &[]));
    all.sort_by_key(|it| (it.number, it.rule));
    all
}

/// Requests of a budget that came before its `Retry-After` was over.
#[must_use]
pub fn too_early(log: &RequestLog, rules: &Rules) -> Vec<Violation> {
    let mut barred: BTreeMap<Budget, (Timestamp, Timestamp)> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in &log.entries {
        let all = ones(entry);
        for one in &all {
            for budget in budgets(one.target) {
                let Some((since, until)) = barred.get(&budget) else { continue };
                let knew = entry.at.duration_since(*since) > rules.in_flight;
                if knew && entry.at < *until {
                    found.push(violation(one, Rule::TooEarly, &format!("wait until {until}")));
                }
            }
        }
        // Whom an answer did not reach whole was told nothing.
        let told = all.iter().filter(|_| !entry.answer_lost);
        for one in told {
            let Some(seconds) = one.retry_after else { continue };
            let until = later(entry.at, i64::from(seconds));
            for budget in budgets(one.target) {
                let bar = barred.entry(budget).or_insert((entry.at, until));
                *bar = (entry.at, bar.1.max(until));
            }
        }
    }
    found
}

/// Requests beyond a budget.
#[must_use]
pub fn over_budget(log: &RequestLog, rules: &Rules) -> Vec<Violation> {
    const WINDOWS: [(Budget, usize, i64); 6] = [
        (Budget::Reports, 5, 10),
        (Budget::ConditionalAccess, 1, 1),
        (Budget::Alerts, 150, 60),
        (Budget::ServiceHealth, 240, 60),
        (Budget::ServiceHealth, 800, 3600),
        (Budget::Outlook, 10_000, 600),
    ];
    let mut found = Vec::new();
    for (budget, most, seconds) in WINDOWS {
        // Outlook counts each mailbox by itself, the others the whole tenant.
        let mut all: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
        for one in log.entries.iter().flat_map(ones) {
            if !budgets(one.target).contains(&budget) {
                continue;
            }
            let at = one.entry.at;
            let of_mailbox = budget == Budget::Outlook;
            let mailbox = if of_mailbox { mailbox(one.target) } else { String::new() };
            let times = all.entry(mailbox).or_default();
            let before = times.len().checked_sub(most).and_then(|it| times.get(it));
            let span = SignedDuration::from_secs(seconds);
            if before.is_some_and(|it| at.duration_since(*it) < span) {
                let what = format!("more than {most} in {seconds} s of {budget:?}");
                found.push(violation(&one, Rule::OverBudget, &what));
            }
            times.push(at);
        }
    }
    found.extend(over_units(log, rules));
    found
}

/// The user in the address of a request to a mailbox, as it is written there.
fn mailbox(target: &str) -> String {
    let rest = target.split_once("/users/").map_or(target, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default().to_ascii_lowercase()
}

/// A bucket that fills in ten seconds.
fn over_units(log: &RequestLog, rules: &Rules) -> Vec<Violation> {
    let limit = i64::from(rules.units);
    let full = limit * 10_000;
    let mut level = full;
    let mut last: Option<Timestamp> = None;
    let mut found = Vec::new();
    for one in log.entries.iter().flat_map(ones) {
        if !budgets(one.target).contains(&Budget::Directory) {
            continue;
        }
        let at = one.entry.at;
        let passed = last.map_or(0, |it| at.duration_since(it).as_millis());
        let passed = i64::try_from(passed).unwrap_or(0).max(0);
        level = level.saturating_add(limit.saturating_mul(passed)).min(full);
        last = Some(at);
        level -= i64::from(units(one.target)) * 10_000;
        if level < 0 {
            level = 0;
            let what = format!("more than {limit} resource units in 10 s");
            found.push(violation(&one, Rule::OverBudget, &what));
        }
    }
    found
}

/// Pages asked for by a link that was in no answer before.
#[must_use]
pub fn made_up_links(log: &RequestLog) -> Vec<Violation> {
    let mut handed: BTreeSet<&str> = BTreeSet::new();
    let mut found = Vec::new();
    for entry in &log.entries {
        for one in ones(entry) {
            let is_page = one.target.to_ascii_lowercase().contains("skiptoken");
            if is_page && !handed.contains(one.target) {
                found.push(violation(&one, Rule::MadeUpLink, "the link was not handed out"));
            }
        }
        handed.extend(entry.next_links.iter().map(String::as_str));
    }
    found
}

/// Writes that were sent again, with the same body to the same address, after they were applied. A
/// reference that Graph refuses because it is there is none: a list that lags does not show it yet.
#[must_use]
pub fn written_twice(log: &RequestLog) -> Vec<Violation> {
    let mut applied: BTreeSet<(String, String, String)> = BTreeSet::new();
    let mut found = Vec::new();
    for one in log.entries.iter().flat_map(ones).filter(writes) {
        let key = (one.method.to_owned(), one.target.to_owned(), one.body.to_owned());
        let is_refused = one.target.ends_with("/$ref") && !one.applied;
        if applied.contains(&key) && !is_refused {
            found.push(violation(&one, Rule::WrittenTwice, "it had been applied"));
        }
        if one.applied {
            applied.insert(key);
        }
    }
    found
}

/// How many requests could have changed the tenant. A dry run has none.
#[must_use]
pub fn count_of_writes(log: &RequestLog) -> usize {
    log.entries.iter().flat_map(ones).filter(writes).count()
}

/// How many requests there were: batches and tokens count once.
#[must_use]
pub fn count_of_requests(log: &RequestLog) -> usize {
    log.entries.len()
}

/// The permissions that let requests in.
#[must_use]
pub fn permissions_used(log: &RequestLog) -> BTreeSet<&str> {
    log.entries.iter().flat_map(|it| &it.permissions).map(String::as_str).collect()
}

/// Granted permissions that no request needed.
#[must_use]
pub fn permissions_unused<'g>(log: &RequestLog, granted: &'g [String]) -> BTreeSet<&'g str> {
    let used = permissions_used(log);
    granted.iter().map(String::as_str).filter(|it| !used.contains(it)).collect()
}

/// Numbers of requests that came after a time: after the caller said it was done.
#[must_use]
pub fn after(log: &RequestLog, end: Timestamp) -> Vec<u64> {
    log.entries.iter().filter(|it| it.at > end).map(|it| it.number).collect()
}

/// Secrets in addresses or request ids: those named, and whatever looks like a token.
#[must_use]
pub fn secrets(log: &RequestLog, named: &[&str]) -> Vec<Violation> {
    const LOOKS: [&str; 6] =
        ["bearer", "eyj", "client_secret", "client_assertion=", "access_token", "password="];
    let mut found = Vec::new();
    for one in log.entries.iter().flat_map(ones) {
        let id = one.entry.client_request_id.as_deref().unwrap_or("");
        let text = format!("{} {id}", one.target);
        let lower = text.to_ascii_lowercase();
        let looks = LOOKS.iter().any(|it| lower.contains(it));
        if looks || named.iter().any(|it| !it.is_empty() && text.contains(it)) {
            // Not the address: it would put the secret into the report, too.
            let what = "a secret in the address or the request id".to_owned();
            found.push(Violation { number: one.entry.number, rule: Rule::Secret, what });
        }
    }
    found
}

fn violation(one: &One<'_>, rule: Rule, what: &str) -> Violation {
    let what = format!("{} {}: {what}", one.method, one.target);
    Violation { number: one.entry.number, rule, what }
}

fn writes(one: &One<'_>) -> bool {
    let path = path(one.target);
    let reads = ["/$batch", "/directoryobjects/getbyids", "/conditionalaccess/evaluate"];
    let is_token = path.contains("/oauth2/") || path.starts_with("/msi/");
    one.method != "GET" && !is_token && !reads.iter().any(|it| path.ends_with(it))
}

fn path(target: &str) -> String {
    target.split('?').next().unwrap_or("").to_ascii_lowercase()
}

/// The budgets an address draws on.
#[must_use]
pub fn budgets(target: &str) -> Vec<Budget> {
    let path = path(target);
    let rest = path.strip_prefix("/v1.0").or_else(|| path.strip_prefix("/beta"));
    let Some(rest) = rest else { return Vec::new() };
    let begins = |words: &[&str]| words.iter().any(|it| rest.starts_with(it));
    let of_reports = target.contains("signInActivity") && rest == "/users";
    let budget = if begins(&["/auditlogs/", "/reports/"]) {
        Budget::Reports
    } else if begins(&["/identity/conditionalaccess/", "/identityprotection/"]) {
        Budget::ConditionalAccess
    } else if rest.ends_with("/sendmail") || rest.contains("/mailboxsettings") {
        Budget::Outlook
    } else if begins(&["/security/alerts"]) {
        Budget::Alerts
    } else if begins(&["/admin/serviceannouncement/"]) {
        Budget::ServiceHealth
    } else if begins(&["/$batch"]) {
        Budget::Batch
    } else if rest.contains("/authentication/") {
        Budget::Other
    } else if begins(&[
        "/users",
        "/groups",
        "/directory",
        "/rolemanagement/",
        "/organization",
        "/subscribedskus",
        "/domains",
        "/devices",
    ]) {
        Budget::Directory
    } else {
        Budget::Other
    };
    if of_reports { vec![budget, Budget::Reports] } else { vec![budget] }
}

/// Resource units of an address (Graph documentation, *Throttling limits*, identity and access).
fn units(target: &str) -> u32 {
    let path = path(target);
    let base: u32 = if path.ends_with("/transitivemembers") || path.ends_with("/transitivememberof")
    {
        5
    } else if path.ends_with("/members") || path.ends_with("/subscribedskus") {
        3
    } else if path.ends_with("/users") {
        2
    } else {
        1
    };
    let query = target.split_once('?').map_or("", |(_, query)| query).to_ascii_lowercase();
    let option = |name: &str| {
        query.split('&').find_map(|it| {
            let (key, value) = it.split_once('=')?;
            (key.trim_start_matches("%24").trim_start_matches('$') == name).then_some(value)
        })
    };
    let few = option("top").and_then(|it| it.parse::<u32>().ok()).is_some_and(|it| it < 20);
    let less = u32::from(option("select").is_some()) + u32::from(few);
    (base + u32::from(option("expand").is_some())).saturating_sub(less).max(1)
}

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
