//! What holds of every log.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rollout::Account;
use rollout::evidence::{
    PilotQuestion, Proof, Ring, SignInRow, SignIns, WatchQuestion, pilot_matrix, watch,
};
use rollout::plan::GateState;

use crate::world::{CA001, SINCE, account, claim, failure, log, minute, row, single, time, with};

const DAY: i64 = 24 * 60;

fn runner() -> TestRunner {
    runner_of(300)
}

fn runner_of(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]))
}

fn drawn() -> impl Strategy<Value = SignInRow> {
    let who = prop::sample::select(vec!["p0", "p1", "p2"]);
    let code = prop::sample::select(vec![500_121, 53003, 50126, 987_654]);
    (who, 0_i64..DAY, 0_u8..6, code).prop_map(|(who, minutes, kind, code)| match kind {
        0 | 1 => failure(who, minutes, code),
        2 => claim(who, minutes),
        3 => single(who, minutes),
        4 => with(row(who, minutes), |row| row.policies.clear()),
        _ => row(who, minutes),
    })
}

/// The successes of rows, as whoever gathers them tells them.
fn with_successes(rows: Vec<SignInRow>) -> SignIns {
    let mut sign_ins = log(rows, DAY);
    for row in sign_ins.rows.clone() {
        if row.error_code == Some(0) {
            let moments = sign_ins.successes.entry(row.account_key().unwrap()).or_default();
            moments.insert(row.at.unwrap());
        }
    }
    sign_ins
}

fn people() -> Vec<Account> {
    ["p0", "p1", "p2"].map(account).to_vec()
}

fn watched(sign_ins: &SignIns) -> rollout::evidence::Watch {
    watch(&WatchQuestion {
        programs: &[],
        sign_ins,
        since: time(SINCE),
        hours: 24,
        rings: &[Ring { name: "ring".to_owned(), people: people() }],
        stop_hours: 2,
        stop_share: 0.5,
        now: minute(DAY),
    })
}

fn piloted(sign_ins: &SignIns, now: i64) -> rollout::evidence::PilotMatrix {
    pilot_matrix(&PilotQuestion {
        sign_ins,
        policies: &[CA001.to_owned()],
        testers: &people(),
        testers_untold: false,
        since: time(SINCE),
        failure_share: 0.08,
        now: minute(now),
    })
}

/// A slow watch: for each minute, who has not got in since a failure two hours before, or tried and
/// failed until two hours after one.
fn slow(sign_ins: &SignIns) -> u64 {
    let mut most = 0;
    for now in 0..=DAY {
        let stuck = people().into_iter().filter(|person| {
            let of = |row: &&SignInRow| row.account.user_id == person.user_id;
            let at = |row: &SignInRow| row.at.unwrap();
            let fails: Vec<_> = sign_ins
                .rows
                .iter()
                .filter(of)
                .filter(|row| !matches!(row.error_code, Some(0 | 50126)))
                .map(at)
                .collect();
            let ins: Vec<_> = sign_ins
                .rows
                .iter()
                .filter(of)
                .filter(|row| row.error_code == Some(0))
                .map(at)
                .collect();
            fails.iter().any(|first| {
                // No success between the failure before it and it: it begins a run.
                let before = fails.iter().filter(|it| *it < first).max();
                let begins =
                    before.is_none_or(|before| ins.iter().any(|it| it >= before && it < first));
                let end = ins.iter().filter(|it| *it >= first).min();
                let last = fails
                    .iter()
                    .filter(|it| *it >= first && end.is_none_or(|end| *it <= end))
                    .max();
                let to = if end.is_some() { *last.unwrap() } else { minute(DAY) };
                let from = *first + jiff::SignedDuration::from_hours(2);
                begins && from <= to && from <= minute(now) && minute(now) <= to
            })
        });
        most = most.max(stuck.count() as u64);
    }
    most
}

#[test]
fn the_watch_agrees_with_a_slow_one() {
    let rows = prop::collection::vec(drawn(), 0..14);
    // The slow one looks at every minute of a day.
    runner_of(60)
        .run(&rows, |rows| {
            let sign_ins = with_successes(rows);
            let watch = watched(&sign_ins);
            prop_assert_eq!(watch.rings[0].at_worst, slow(&sign_ins));
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_order_of_rows_says_nothing() {
    let rows = prop::collection::vec(drawn(), 0..20).prop_flat_map(|rows| {
        let shuffled = Just(rows.clone()).prop_shuffle();
        (Just(rows), shuffled)
    });
    runner()
        .run(&rows, |(rows, shuffled)| {
            let (one, other) = (with_successes(rows), with_successes(shuffled));
            let counts = |it: &SignIns| {
                let watch = watched(it);
                (watch.rings[0].at_worst, watch.rings[0].only_failures.len(), watch.standing)
            };
            prop_assert_eq!(counts(&one), counts(&other));
            let matrix = |it: &SignIns| {
                let matrix = piloted(it, DAY);
                let proofs: Vec<_> = matrix.testers.iter().map(|it| it.proof).collect();
                (proofs, matrix.challenges, matrix.by_tester, matrix.by_class, matrix.failures)
            };
            prop_assert_eq!(matrix(&one), matrix(&other));
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_log_that_is_not_whole_passes_nothing_that_rests_on_absence() {
    let holes = prop::sample::select(vec![0_u8, 1, 2, 3, 4]);
    let drawn = (prop::collection::vec(drawn(), 0..10), holes);
    runner()
        .run(&drawn, |(rows, hole)| {
            let mut sign_ins = with_successes(rows);
            match hole {
                0 => sign_ins.unreadable = 1,
                1 => sign_ins.left_out = 1,
                2 => sign_ins.interactive = Some(false),
                3 => sign_ins.newest = Some(minute(DAY - 121)),
                _ => sign_ins.oldest = Some(minute(1)),
            }
            prop_assert_ne!(watched(&sign_ins).standing.verdict, GateState::Passed);
            prop_assert_ne!(piloted(&sign_ins, DAY).failures.verdict, GateState::Passed);
            Ok(())
        })
        .unwrap();
}

#[test]
fn waiting_makes_no_proof_worse_and_more_rows_take_none_away() {
    let drawn = (prop::collection::vec(drawn(), 0..10), drawn(), 0_i64..DAY);
    runner()
        .run(&drawn, |(rows, more, earlier)| {
            let proofs = |rows: &[SignInRow], now| -> Vec<Proof> {
                let matrix = piloted(&log(rows.to_vec(), DAY), now);
                matrix.testers.iter().map(|it| it.proof).collect()
            };
            let now = proofs(&rows, DAY);
            for (before, now) in proofs(&rows, earlier).iter().zip(&now) {
                prop_assert!(*before != Proof::Fresh || *now == Proof::Fresh);
            }
            let with_more = proofs(&[rows.clone(), vec![more]].concat(), DAY);
            for (without, with) in now.iter().zip(&with_more) {
                prop_assert!(with >= without);
            }
            Ok(())
        })
        .unwrap();
}
