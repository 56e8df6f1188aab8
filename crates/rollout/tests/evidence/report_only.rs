//! What policies in Report-only would have done.

use jiff::civil::date;
use rollout::evidence::{PolicyResults, ReportOnly, ReportOnlyQuestion, SignIns, report_only};

use crate::world::{CA001, account, every_hour, log, time};

/// Tuesday 1 December, before noon.
const SWITCHED: &str = "2026-12-01T10:00:00Z";
const NOW: &str = "2026-12-09T09:00:00Z";

fn results(name: &str, result: &str, sign_ins: u64) -> PolicyResults {
    PolicyResults {
        policy: CA001.to_owned(),
        name: Some("CA001 - Require MFA".to_owned()),
        account: account(name),
        result: result.to_owned(),
        sign_ins,
        first: Some(time("2026-12-02T08:00:00Z")),
        last: Some(time("2026-12-05T08:00:00Z")),
    }
}

/// A log of the eight days that tells of the policy on each.
fn eight_days() -> SignIns {
    let (oldest, newest) = (time("2026-11-25T00:00:00Z"), time("2026-12-09T08:00:00Z"));
    let mut sign_ins = log(vec![], 0);
    (sign_ins.oldest, sign_ins.newest) = (Some(oldest), Some(newest));
    sign_ins.hours = every_hour(oldest, newest);
    let days = (1..=9).map(|day| date(2026, 12, day));
    sign_ins.policy_days = [(CA001.to_owned(), days.collect())].into();
    sign_ins
}

fn asked(sign_ins: &SignIns) -> ReportOnly {
    let policies = [CA001.to_uppercase()];
    let now = time(NOW);
    let question = ReportOnlyQuestion { sign_ins, policies: &policies, since: time(SWITCHED), now };
    report_only(&question).pop().unwrap()
}

#[test]
fn only_whole_days_count() {
    let of = asked(&eight_days());
    // Not the day of the switch, not the last one.
    assert_eq!((of.days, of.has_monday), (7, true));
    assert!(of.reach.is_whole(), "{:?}", of.reach);
    let mut gap = eight_days();
    gap.policy_days.get_mut(CA001).unwrap().remove(&date(2026, 12, 7));
    assert_eq!((asked(&gap).days, asked(&gap).has_monday), (6, false));
    let mut short = eight_days();
    short.newest = Some(time("2026-12-04T12:00:00Z"));
    let of = asked(&short);
    assert_eq!(of.days, 2);
    assert!(!of.reach.is_whole());
    let mut empty = eight_days();
    (empty.newest, empty.oldest) = (None, None);
    assert_eq!(asked(&empty).days, 0);
}

#[test]
fn whom_it_would_have_refused_and_asked() {
    let mut sign_ins = eight_days();
    sign_ins.results = vec![
        results("kim", "reportOnlyFailure", 2),
        results("kim", "reportOnlySuccess", 30),
        results("pat", "reportOnlyInterrupted", 4),
        results("sam", "reportOnlySuccess", 12),
        PolicyResults { policy: "ca000".to_owned(), ..results("sam", "reportOnlyFailure", 9) },
    ];
    let of = asked(&sign_ins);
    assert_eq!(of.name.as_deref(), Some("CA001 - Require MFA"));
    assert_eq!(of.failures.len(), 1);
    assert_eq!((of.failures[0].account.label(), of.failures[0].sign_ins), ("kim@ne.example", 2));
    assert_eq!(of.interrupted.len(), 1);
    assert_eq!(of.interrupted[0].account.label(), "pat@ne.example");
    assert_eq!(of.successes, 42);
}

#[test]
fn what_nobody_asked_the_log_is_not_none() {
    let mut other = eight_days();
    other.asked.policies = ["ca000".to_owned()].into();
    assert!(asked(&other).reach.holes.iter().any(|it| it.contains("not asked")));
    let mut blind = eight_days();
    blind.policy_days.clear();
    blind.without_policies = 300;
    let of = asked(&blind);
    assert_eq!(of.days, 0);
    assert!(of.reach.holes.iter().any(|it| it.contains("Policy.Read.All")), "{:?}", of.reach);
}
