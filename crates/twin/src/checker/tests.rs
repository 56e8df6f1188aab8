//! Logs by hand, good and bad.

use super::*;

fn entry(number: u64, millisecond: i64, method: &str, target: &str) -> Entry {
    Entry {
        number,
        at: Timestamp::from_millisecond(1_790_000_000_000 + millisecond).unwrap(),
        caller: None,
        method: method.to_owned(),
        target: target.to_owned(),
        client_request_id: None,
        body_digest: "b".to_owned(),
        body: None,
        fault: None,
        batch: Vec::new(),
        batch_bodies: Vec::new(),
        status: 200,
        retry_after: None,
        applied: false,
        answer_lost: false,
        permissions: Vec::new(),
        next_links: Vec::new(),
    }
}

fn log(entries: Vec<Entry>) -> RequestLog {
    RequestLog { entries }
}

fn waits(mut entry: Entry, seconds: u32) -> Entry {
    entry.status = 429;
    entry.retry_after = Some(seconds);
    entry
}

fn batch(mut entry: Entry, items: &[(&str, &str, Option<u32>)]) -> Entry {
    for (method, target, wait) in items {
        let status = if wait.is_some() { 429 } else { 200 };
        entry.batch.push(((*method).to_owned(), (*target).to_owned(), status, *wait));
        entry.batch_bodies.push(("b".to_owned(), status == 200));
    }
    entry
}

fn broken(log: &RequestLog, rules: &Rules) -> Vec<(u64, Rule)> {
    check(log, rules).into_iter().map(|it| (it.number, it.rule)).collect()
}

const USERS: &str = "/v1.0/users?$top=999";
const POLICIES: &str = "/v1.0/identity/conditionalAccess/policies";
const AUDITS: &str = "/v1.0/auditLogs/directoryAudits";

#[test]
fn a_request_before_its_wait_is_over() {
    let cases = [
        (9_999, USERS, true),
        (10_000, USERS, false),
        (5_000, "/v1.0/groups", true),
        (5_000, POLICIES, false),
        (0, USERS, false),
    ];
    for (millisecond, target, is_broken) in cases {
        let all =
            log(vec![waits(entry(1, 0, "GET", USERS), 10), entry(2, millisecond, "GET", target)]);
        let expected = if is_broken { vec![(2, Rule::TooEarly)] } else { vec![] };
        assert_eq!(broken(&all, &Rules::default()), expected, "{millisecond} {target}");
    }
}

#[test]
fn what_was_on_its_way_could_not_know() {
    let all = log(vec![
        waits(entry(1, 0, "GET", USERS), 10),
        entry(2, 80, "GET", USERS),
        entry(3, 200, "GET", USERS),
    ]);
    let rules = Rules { in_flight: SignedDuration::from_millis(100), ..Rules::default() };
    assert_eq!(broken(&all, &rules), [(3, Rule::TooEarly)]);
    assert_eq!(broken(&all, &Rules::default()).len(), 2);
}

#[test]
fn whom_no_answer_reached_could_not_know() {
    let lost = Entry { answer_lost: true, ..waits(entry(1, 0, "GET", USERS), 10) };
    let all = log(vec![lost, entry(2, 200, "GET", USERS)]);
    assert_eq!(broken(&all, &Rules::default()), []);
}

#[test]
fn items_of_a_batch_are_requests() {
    let first = batch(
        entry(1, 0, "POST", "/v1.0/$batch"),
        &[("GET", "/v1.0/users/a", Some(20)), ("GET", "/v1.0/users/b", None)],
    );
    let second = batch(entry(2, 10_000, "POST", "/v1.0/$batch"), &[("GET", "/v1.0/users/b", None)]);
    let all = log(vec![first, second]);
    assert_eq!(broken(&all, &Rules::default()), [(2, Rule::TooEarly)]);
    let two = batch(
        entry(1, 0, "POST", "/v1.0/$batch"),
        &[("GET", POLICIES, None), ("GET", POLICIES, None)],
    );
    assert_eq!(broken(&log(vec![two]), &Rules::default()), [(1, Rule::OverBudget)]);
}

#[test]
fn each_mailbox_has_a_budget_of_its_own() {
    let to = |users: &dyn Fn(u64) -> u64| {
        let target = |number| format!("/v1.0/users/u{}/mailboxSettings/userPurpose", users(number));
        log((1..=10_001).map(|number| entry(number, 0, "GET", &target(number))).collect())
    };
    assert_eq!(broken(&to(&|number| number % 2), &Rules::default()), []);
    assert_eq!(broken(&to(&|_| 7), &Rules::default()), [(10_001, Rule::OverBudget)]);
}

#[test]
fn budgets_are_counted_over_any_window() {
    let at = |steps: &[i64], target: &str| {
        let entries = (1..).zip(steps).map(|(number, at)| entry(number, *at, "GET", target));
        log(entries.collect())
    };
    let rules = Rules::default();
    assert_eq!(broken(&at(&[0, 0, 0, 0, 0, 10_000], AUDITS), &rules), []);
    assert_eq!(broken(&at(&[0, 0, 0, 0, 0, 9_999], AUDITS), &rules), [(6, Rule::OverBudget)]);
    assert_eq!(broken(&at(&[0, 1_000, 1_999], POLICIES), &rules), [(3, Rule::OverBudget)]);
    let seen = "/v1.0/users?$select=id,signInActivity";
    assert_eq!(broken(&at(&[0; 6], seen), &rules), [(6, Rule::OverBudget)]);
    let few = Rules { units: 9, ..rules };
    let members = "/v1.0/groups/g/members";
    assert_eq!(broken(&at(&[0, 0, 0], members), &few), []);
    assert_eq!(broken(&at(&[0, 0, 0, 0], members), &few), [(4, Rule::OverBudget)]);
    assert_eq!(broken(&at(&[0, 0, 0, 4_000], members), &few), []);
}

#[test]
fn only_links_that_were_handed_out() {
    let next = "/v1.0/users?$top=999&$skiptoken=abc";
    let mut first = entry(1, 0, "GET", USERS);
    first.next_links.push(next.to_owned());
    let good = log(vec![first.clone(), entry(2, 1, "GET", next)]);
    assert_eq!(broken(&good, &Rules::default()), []);
    let bad = log(vec![first, entry(2, 1, "GET", "/v1.0/users?$skiptoken=abc&$top=999")]);
    assert_eq!(broken(&bad, &Rules::default()), [(2, Rule::MadeUpLink)]);
    let early = log(vec![entry(1, 0, "GET", next)]);
    assert_eq!(broken(&early, &Rules::default()), [(1, Rule::MadeUpLink)]);
}

#[test]
fn a_write_is_not_sent_again_once_it_was_applied() {
    let write = |number, applied, body: &str| {
        let mut entry = entry(number, i64::try_from(number).unwrap() * 5_000, "POST", POLICIES);
        entry.applied = applied;
        entry.answer_lost = applied;
        entry.body_digest = body.to_owned();
        entry
    };
    let rules = Rules::default();
    let good = log(vec![write(1, false, "a"), write(2, true, "a"), write(3, true, "b")]);
    assert_eq!(broken(&good, &rules), []);
    assert_eq!(count_of_writes(&good), 3);
    let bad = log(vec![write(1, true, "a"), write(2, true, "a")]);
    assert_eq!(broken(&bad, &rules), [(2, Rule::WrittenTwice)]);
    let of_group = |number, applied| {
        let target = "/v1.0/groups/g/members/$ref".to_owned();
        Entry { target, ..write(number, applied, "a") }
    };
    assert_eq!(broken(&log(vec![of_group(1, true), of_group(2, false)]), &rules), []);
    let bad = log(vec![of_group(1, true), of_group(2, true)]);
    assert_eq!(broken(&bad, &rules), [(2, Rule::WrittenTwice)]);
    let in_batch = |number, at| {
        batch(entry(number, at, "POST", "/v1.0/$batch"), &[("DELETE", "/v1.0/users/a", None)])
    };
    let bad = log(vec![in_batch(1, 0), in_batch(2, 5_000)]);
    assert_eq!(broken(&bad, &rules), [(2, Rule::WrittenTwice)]);
    let reads = log(vec![
        entry(1, 0, "POST", "/t/oauth2/v2.0/token"),
        entry(2, 0, "POST", "/v1.0/directoryObjects/getByIds"),
        entry(3, 0, "POST", "/v1.0/identity/conditionalAccess/evaluate"),
        batch(entry(4, 0, "POST", "/v1.0/$batch"), &[("GET", USERS, None)]),
    ]);
    assert_eq!(count_of_writes(&reads), 0);
}

#[test]
fn secrets_in_addresses_are_seen_and_not_repeated() {
    let mut named = entry(1, 0, "GET", "/v1.0/users?$filter=x");
    named.client_request_id = Some("hunter2".to_owned());
    let all = log(vec![
        named,
        entry(2, 0, "GET", "/v1.0/users?access_token=abc"),
        entry(3, 0, "GET", "/v1.0/users?$filter=eyJhbGciOi"),
        entry(4, 0, "GET", USERS),
    ]);
    let found = secrets(&all, &["hunter2"]);
    let numbers: Vec<u64> = found.iter().map(|it| it.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert!(found.iter().all(|it| !it.to_string().contains("abc")));
}

#[test]
fn permissions_and_the_end() {
    let mut first = entry(1, 0, "GET", USERS);
    first.permissions = vec!["User.Read.All".to_owned()];
    let all = log(vec![first, entry(2, 60_000, "GET", USERS)]);
    assert_eq!(permissions_used(&all), ["User.Read.All"].into());
    let granted = ["User.Read.All".to_owned(), "Mail.Send".to_owned()];
    assert_eq!(permissions_unused(&all, &granted), ["Mail.Send"].into());
    let end = Timestamp::from_millisecond(1_790_000_000_000).unwrap();
    assert_eq!(after(&all, end), [2]);
    assert_eq!(count_of_requests(&all), 2);
}
