//! What policies in Report-only would have done.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::reach::Reach;
use super::{PolicyResults, SignIns};
use crate::account::Account;

/// How much older than now the newest sign-in may be (domain: wait a day before a gate).
const SLACK: SignedDuration = SignedDuration::from_hours(24);

/// What is asked of policies in Report-only.
#[derive(Debug, Clone)]
pub struct ReportOnlyQuestion<'a> {
    /// The log, asked for these policies.
    pub sign_ins: &'a SignIns,
    /// Ids of the policies.
    pub policies: &'a [String],
    /// Since when they are in Report-only.
    pub since: Timestamp,
    /// The clock.
    pub now: Timestamp,
}

/// Somebody for whom a policy would have done something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WouldBe {
    /// Who.
    #[serde(flatten)]
    pub account: Account,
    /// Sign-ins.
    pub sign_ins: u64,
    /// The first.
    pub first: Option<Timestamp>,
    /// The last.
    pub last: Option<Timestamp>,
}

/// What one policy would have done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportOnly {
    /// Policy id.
    pub id: String,
    /// Name, where told.
    pub name: Option<String>,
    /// Full days (UTC) since it is in Report-only on which the log tells of it. Today is none.
    pub days: u32,
    /// One of them is a Monday: the day on which most people sign in afresh.
    pub has_monday: bool,
    /// Whom it would have refused.
    pub failures: Vec<WouldBe>,
    /// Whom it would have asked for something: a second factor, mostly.
    pub interrupted: Vec<WouldBe>,
    /// Sign-ins it would have let through.
    pub successes: u64,
    /// How far the log reaches.
    pub reach: Reach,
}

/// What each policy would have done.
#[must_use]
pub fn report_only(question: &ReportOnlyQuestion<'_>) -> Vec<ReportOnly> {
    question.policies.iter().map(|id| one(question, &id.to_lowercase())).collect()
}

fn one(question: &ReportOnlyQuestion<'_>, id: &str) -> ReportOnly {
    let sign_ins = question.sign_ins;
    let mut reach = Reach::over(sign_ins, question.since, question.now, SLACK);
    if !sign_ins.asked.policies.contains(id) {
        reach.needs("the log was not asked for this policy");
    }
    let results = || sign_ins.results.iter().filter(|it| it.policy == id);
    let of = |word: &str| -> Vec<WouldBe> {
        results().filter(|it| it.result.eq_ignore_ascii_case(word)).map(would_be).collect()
    };
    let days = days(question, id);
    let monday = jiff::civil::Weekday::Monday;
    if days.is_empty() && sign_ins.without_policies > 0 {
        reach.needs("the rows tell nothing of any policy: read them with Policy.Read.All");
    }
    ReportOnly {
        id: id.to_owned(),
        name: results().find_map(|it| it.name.clone()),
        days: u32::try_from(days.len()).unwrap_or(u32::MAX),
        has_monday: days.iter().any(|day| day.weekday() == monday),
        failures: of("reportOnlyFailure"),
        interrupted: of("reportOnlyInterrupted"),
        successes: results()
            .filter(|it| it.result.eq_ignore_ascii_case("reportOnlySuccess"))
            .fold(0, |all, it| all.saturating_add(it.sign_ins)),
        reach,
    }
}

/// Whole days: after the one on which it was switched, before the one on which the log ends.
fn days(question: &ReportOnlyQuestion<'_>, id: &str) -> BTreeSet<Date> {
    let date = |at: Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let Some(newest) = question.sign_ins.newest else { return BTreeSet::new() };
    let (first, last) = (date(question.since), date(newest.min(question.now)));
    let told = question.sign_ins.policy_days.get(id);
    told.into_iter().flatten().filter(|day| **day > first && **day < last).copied().collect()
}

fn would_be(results: &PolicyResults) -> WouldBe {
    WouldBe {
        account: results.account.clone(),
        sign_ins: results.sign_ins,
        first: results.first,
        last: results.last,
    }
}
