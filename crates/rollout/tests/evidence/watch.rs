//! The watch and its stop rule.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rollout::Account;
use rollout::evidence::{CountedFailures, Ring, SignInRow, SignIns, Watch, WatchQuestion, watch};
use rollout::plan::GateState;

use crate::world::{SINCE, account, failure, log, minute, time, with};

const DAY: i64 = 24 * 60;

fn ring(people: usize) -> Vec<Ring> {
    let names = (0..people).map(|it| account(&format!("p{it}")));
    vec![Ring { name: "ring 1".to_owned(), people: names.collect() }]
}

fn at(sign_ins: &SignIns, rings: &[Ring], now: i64) -> Watch {
    with_programs(sign_ins, rings, &[], now)
}

fn with_programs(sign_ins: &SignIns, rings: &[Ring], programs: &[Account], now: i64) -> Watch {
    watch(&WatchQuestion {
        programs,
        sign_ins,
        since: time(SINCE),
        hours: 72,
        rings,
        stop_hours: 2,
        stop_share: 0.02,
        now: minute(now),
    })
}

fn got_in(sign_ins: &mut SignIns, name: &str, minutes: &[i64]) {
    let moments: BTreeSet<Timestamp> = minutes.iter().map(|it| minute(*it)).collect();
    sign_ins.successes.insert(format!("id-{name}"), moments);
}

/// How many had nothing but failures, in a ring of a hundred, 24 hours after the switch.
fn stuck(rows: Vec<SignInRow>, successes: &[i64]) -> usize {
    let mut sign_ins = log(rows, DAY);
    if !successes.is_empty() {
        got_in(&mut sign_ins, "p1", successes);
    }
    at(&sign_ins, &ring(100), DAY).rings[0].only_failures.len()
}

#[test]
fn who_has_nothing_but_failures() {
    let fails = |minutes: &[i64]| -> Vec<_> {
        minutes.iter().map(|it| failure("p1", *it, 500_121)).collect()
    };
    let cases: Vec<(&str, Vec<SignInRow>, &[i64], usize)> = vec![
        ("nobody", vec![], &[], 0),
        ("for a day", fails(&[10, 20, 30]), &[], 1),
        // Whoever has stopped trying is still locked out.
        ("once, and then silence", fails(&[10]), &[], 1),
        ("for less than two hours", fails(&[DAY - 119]), &[], 0),
        ("for two hours", fails(&[DAY - 120]), &[], 1),
        ("and then in", fails(&[10, 20]), &[30], 0),
        (
            "in within the same minute",
            vec![with(failure("p1", 10, 500_121), |row| {
                row.at = row.at.map(|at| at + jiff::SignedDuration::from_secs(40));
            })],
            &[10],
            0,
        ),
        ("in before, and never after", fails(&[10]), &[5], 1),
        ("in after two hours of failures", fails(&[10, 70, 140]), &[150], 1),
        ("in after two failures of two minutes, hours later", fails(&[10, 12]), &[600], 0),
        ("two times", fails(&[10, 140, 300, 500]), &[150], 1 + 1),
        ("before the switch", fails(&[-60, -30]), &[], 0),
        ("a wrong password", vec![failure("p1", 10, 50126)], &[], 0),
        ("a session that is over", vec![failure("p1", 10, 50173)], &[], 0),
        ("a prompt", vec![with(failure("p1", 10, 50140), |row| row.interrupt = true)], &[], 0),
        (
            "a success is none",
            vec![with(failure("p1", 10, 500_121), |row| row.error_code = Some(0))],
            &[],
            0,
        ),
        ("somebody outside the ring", vec![failure("guest", 10, 500_121)], &[], 0),
        ("a code nobody knows", vec![failure("p1", 10, 987_654)], &[], 1),
        (
            "no code at all",
            vec![with(failure("p1", 10, 1), |row| {
                row.error_code = None;
                row.result_word = Some("failure".to_owned());
            })],
            &[],
            1,
        ),
        (
            "known by name only",
            vec![with(failure("p1", 10, 500_121), |row| row.account.user_id = None)],
            &[],
            1,
        ),
    ];
    for (what, rows, successes, expected) in cases {
        assert_eq!(stuck(rows, successes), expected, "{what}");
    }
}

/// Whoever was locked out twice is one name, and those who have not got in come first.
#[test]
fn the_stop_rule_names_each_once() {
    let mut sign_ins = log(vec![], DAY);
    for start in [0, 300] {
        sign_ins.rows.push(failure("p0", start, 500_121));
        sign_ins.rows.push(failure("p0", start + 130, 500_121));
    }
    got_in(&mut sign_ins, "p0", &[140, 440]);
    sign_ins.rows.push(failure("p1", 900, 500_121));
    let why = |log: &SignIns| at(log, &ring(4), DAY).standing.why;
    let p = |number: usize| failure(&format!("p{number}"), 10, 500_121).account.label().to_owned();
    assert_eq!(
        why(&sign_ins),
        format!(
            "Stop: 1 of 4 in `ring 1` (25 %; more than 2 %) had nothing but failures for 2 hours at one \
             time, 2 in all: {}, {}.",
            p(1),
            p(0)
        )
    );
}

#[test]
fn the_stop_rule_is_a_share_at_one_time() {
    let of = |rows: Vec<SignInRow>, people| at(&log(rows, DAY), &ring(people), DAY);
    let all = |number: usize| -> Vec<_> {
        (0..number).map(|it| failure(&format!("p{it}"), 10, 500_121)).collect()
    };
    // Two of a hundred are two per cent, and more is asked.
    assert_eq!(of(all(2), 100).standing.verdict, GateState::Running);
    let hit = of(all(3), 100);
    assert_eq!(hit.standing.verdict, GateState::Failed);
    assert_eq!((hit.rings[0].at_worst, hit.rings[0].worst_at), (3, Some(minute(130))));
    // One of a ring of three is a third.
    assert_eq!(of(all(1), 3).standing.verdict, GateState::Failed);
    // Three people one after the other are never three at one time.
    let mut sign_ins = log(vec![], DAY);
    for (number, start) in [(0, 0), (1, 300), (2, 600)] {
        let name = format!("p{number}");
        sign_ins.rows.push(failure(&name, start, 500_121));
        sign_ins.rows.push(failure(&name, start + 130, 500_121));
        got_in(&mut sign_ins, &name, &[start + 140]);
    }
    let watch = at(&sign_ins, &ring(100), DAY);
    assert_eq!(watch.rings[0].only_failures.len(), 3);
    assert_eq!((watch.rings[0].at_worst, watch.standing.verdict), (1, GateState::Running));
    // It is hit even if the log has holes, and even if they got in later.
    let mut damaged = log(all(3), DAY);
    damaged.unreadable = 5;
    assert_eq!(at(&damaged, &ring(100), DAY).standing.verdict, GateState::Failed);
}

#[test]
fn only_a_log_that_reaches_the_end_passes() {
    let rings = ring(100);
    let end = 72 * 60;
    let verdict = |sign_ins: &SignIns, now| at(sign_ins, &rings, now).standing.verdict;
    assert_eq!(verdict(&log(vec![], -10), -5), GateState::Pending);
    assert_eq!(verdict(&log(vec![], DAY), DAY), GateState::Running);
    // At night nobody signs in.
    assert_eq!(verdict(&log(vec![], DAY), DAY + 600), GateState::Running);
    assert_eq!(verdict(&log(vec![], DAY), 2 * DAY + 1), GateState::Inconclusive);
    assert_eq!(verdict(&log(vec![], end - 121), end), GateState::Inconclusive);
    assert_eq!(verdict(&log(vec![], end - 120), end), GateState::Passed);
    assert_eq!(verdict(&log(vec![], end + 500), end + 600), GateState::Passed);
    let spoil: [(&str, fn(&mut SignIns)); 6] = [
        ("begins late", |it| it.oldest = Some(minute(1))),
        ("is damaged", |it| it.unreadable = 1),
        ("lacks rows", |it| it.left_out = 1),
        ("is silent for days", |it| it.hours.clear()),
        ("was not asked", |it| it.asked.failures_since = None),
        ("was asked too late", |it| it.asked.failures_since = Some(minute(1))),
    ];
    for (what, spoil) in spoil {
        let mut sign_ins = log(vec![], end + 10);
        spoil(&mut sign_ins);
        let watch = at(&sign_ins, &rings, end + 10);
        assert_eq!(watch.standing.verdict, GateState::Inconclusive, "{what}");
        assert!(!watch.standing.missing.is_empty(), "{what}");
    }
    assert_eq!(at(&log(vec![], end), &[], end).standing.verdict, GateState::Inconclusive);
    assert_eq!(at(&log(vec![], end), &ring(0), end).standing.verdict, GateState::Inconclusive);
}

#[test]
fn what_does_not_count_is_said() {
    let mut sign_ins = log(vec![failure("p1", 10, 50173)], DAY);
    sign_ins.interrupts = 40;
    sign_ins.guesses_left_out = 2;
    sign_ins.guesses = vec![CountedFailures {
        account: account("p2"),
        code: 50126,
        sign_ins: 7,
        ..CountedFailures::default()
    }];
    let asked = |name: &str, code, minutes| CountedFailures {
        account: account(name),
        code,
        sign_ins: 1,
        last: Some(minute(minutes)),
        ..CountedFailures::default()
    };
    sign_ins.given_up =
        vec![asked("p3", 50079, 30), asked("p4", 50074, -30), asked("guest", 50079, 30)];
    let watch = at(&sign_ins, &ring(100), DAY + 30);
    let excluded: Vec<_> = watch.excluded.into_iter().collect();
    assert_eq!(excluded, [("guesses at passwords", 9), ("interrupts", 40), ("session over", 1)]);
    let names: Vec<_> = watch.rings[0].given_up.iter().map(rollout::Account::label).collect();
    assert_eq!(names, ["p3@ne.example"]);
    assert_eq!((watch.seen_to, watch.lag_minutes), (Some(minute(DAY)), Some(30)));
}

#[test]
fn a_program_that_got_in_before_and_is_refused_stands_still() {
    let legacy = |minutes| {
        with(failure("svc-erp", minutes, 53003), |row| {
            row.legacy = true;
            row.client_app = Some("IMAP4".to_owned());
        })
    };
    let wrong = with(failure("svc-erp", 10, 50126), |row| row.legacy = true);
    let programs = [account("svc-erp")];
    let cases: [(&str, Vec<SignInRow>, &[i64], usize); 5] = [
        ("refused for a day", vec![legacy(10), legacy(700)], &[], 1),
        ("refused for less than half an hour", vec![legacy(DAY - 29)], &[], 0),
        ("in again", vec![legacy(10), legacy(20)], &[300], 0),
        ("refused again", vec![legacy(10), legacy(400)], &[300], 1),
        ("a stranger with a wrong password", vec![wrong], &[], 0),
    ];
    for (what, rows, successes, expected) in cases {
        let mut sign_ins = log(rows, DAY);
        got_in(&mut sign_ins, "svc-erp", successes);
        let watch = with_programs(&sign_ins, &ring(100), &programs, DAY);
        assert_eq!(watch.stopped.len(), expected, "{what}");
        // It is no person: the stop rule does not count it.
        assert_eq!(watch.rings[0].only_failures.len(), 0, "{what}");
        let nobody_knows_it = at(&sign_ins, &ring(100), DAY);
        assert_eq!(nobody_knows_it.stopped.len(), 0, "{what}");
    }
}

#[test]
fn what_was_watched_to_its_end_is_not_behind() {
    let end = 72 * 60;
    let beyond = at(&log(vec![], end + 300), &ring(100), end + 310);
    assert!(beyond.is_seen_to_its_end());
    assert_eq!((beyond.seen_to, beyond.lag_minutes), (Some(minute(end)), None));
    assert_eq!(beyond.standing.why, "72 hours watched: nobody had nothing but failures.");
    let short = at(&log(vec![], end - 30), &ring(100), end + 310);
    assert!(!short.is_seen_to_its_end());
    assert_eq!(short.lag_minutes, Some(30));
}
