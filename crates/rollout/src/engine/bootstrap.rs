//! Whether the curve of registration reaches its goal, and what makes people register if not.

use jiff::civil::Date;

use super::days::Days;
use super::{Seen, tenant};
use crate::exceptions::Kind;
use crate::preflight::Stage;
use crate::registration::SeriesPoint;

/// Days over which the pace is measured: a week holds as many weekends as any other.
const PACE_DAYS: i64 = 7;

/// Where the curve leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// People in scope who can pass MFA today.
    pub capable: u64,
    /// People in scope.
    pub in_scope: u64,
    /// The last date of *Register*.
    pub by: Date,
    /// How many will be capable on that date, at the pace of the last week.
    pub expected: u64,
    /// How many are needed.
    pub wanted: u64,
}

impl Forecast {
    /// The goal is reached in time.
    #[must_use]
    pub const fn reaches(&self) -> bool {
        self.expected >= self.wanted
    }
}

/// Where the curve of the registration report leads by the end of *Register*. `None`: the report tells
/// of too few days.
#[must_use]
pub fn forecast(seen: &Seen<'_>, today: Date) -> Option<Forecast> {
    let registration = &seen.plan.registration;
    let (capable, in_scope) = (registration.capable?, registration.denominators.in_scope_people?);
    let by = seen.plan.steps.iter().find(|it| it.id == Stage::Register)?.last_date;
    let share = seen.facts.rollout.thresholds.capable_before_pilot;
    let wanted = share_of(in_scope, share)?;
    let left = Days::between(today, by).max(0);
    // What is reached needs no forecast.
    let gained = if capable >= wanted { 0 } else { pace(&registration.series, left)? };
    let expected = capable.saturating_add(gained).min(in_scope);
    Some(Forecast { capable, in_scope, by, expected, wanted })
}

/// How many more in so many days, at the pace of the last week. What is not whole is cut: people do
/// not register by halves.
fn pace(series: &[SeriesPoint], left: i64) -> Option<u64> {
    let last = series.last()?;
    let is_recent = |it: &&SeriesPoint| Days::between(it.date, last.date) <= PACE_DAYS;
    let first = series.iter().find(is_recent)?;
    let days = Days::between(first.date, last.date);
    if days < 2 {
        return None;
    }
    let gained = i64::try_from(last.capable.saturating_sub(first.capable)).ok()?;
    u64::try_from(gained.saturating_mul(left).checked_div(days)?).ok()
}

/// A share of people, rounded up: 95 % of 205 people are 195.
fn share_of(people: u64, share: f64) -> Option<u64> {
    let people = u32::try_from(people).ok()?;
    let wanted = f64::from(people) * share;
    // Counted up, because no conversion of a fraction to a whole number is exact.
    (0..=people).find(|it| f64::from(*it) + 1e-9 >= wanted).map(u64::from)
}

/// What makes people register who have no method, in this tenant: a sentence each, the strongest first
/// (Microsoft Entra documentation: *Plan a multifactor authentication deployment*, *Security
/// defaults*, *Temporary Access Pass*).
#[must_use]
pub fn triggers(seen: &Seen<'_>) -> Vec<String> {
    let facts = seen.facts;
    let missing = &seen.plan.registration.not_capable;
    let silent = missing
        .iter()
        .filter(|it| {
            facts.activity(&it.account).is_some_and(|seen| seen.interactive_successes == 0)
        })
        .count();
    let mut found = Vec::new();
    match facts.snapshot.security_defaults {
        Some(true) => found.push(
            "Security defaults are on and make everybody register at the next interactive sign-in: \
             leave them on."
                .to_owned(),
        ),
        Some(false) if tenant::has_policies(seen) => found.push(
            "A policy that asks for MFA in one application that everybody opens often and nobody \
             needs at once: whoever has no method registers there."
                .to_owned(),
        ),
        Some(false) | None => {}
    }
    if silent > 0 {
        found.push(format!(
            "End the sessions of the {silent} people who never meet a prompt \
             (`revokeSignInSessions`), in groups, not on a Monday morning."
        ));
    }
    if !missing.is_empty() {
        found.push(format!(
            "A Temporary Access Pass with an appointment for the {} people who are missing: `lockstep \
             reset USER --pass-only`, once it is certain who asks.",
            missing.len()
        ));
    }
    let no_phone =
        seen.plan.exceptions.accounts.iter().filter(|it| it.kind == Kind::NoSmartphone).count();
    if no_phone > 0 {
        found.push(format!("Hand FIDO2 keys to the {no_phone} people without a smartphone."));
    }
    found
}
