//! A rollout whose operator, colleagues, network and luck are drawn from a seed.
//!
//! A seed is a script: it begins where a rollout has come to, goes on with what was drawn, and ends
//! with an operator who has the quiet to bring everything to an end. What must hold is judged from the
//! tenant's side; over all seeds of the test, everything that can happen has to happen.
//!
//! `LOCKSTEP_SEEDS=17..18` plays these seeds instead; `cargo xtask soak --from 17 --seeds 1` does so.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use crate::coverage::Coverage;
use crate::drawn::{Chance, lines};
use crate::judged::Judged;
use crate::script::{Checkpoint, Stage};

/// Seeds of the test.
const SEEDS: Range<u64> = 1..209;

#[test]
fn seeds_hold_and_everything_happens() {
    if asked().is_some() {
        return;
    }
    let coverage = play(SEEDS);
    eprintln!("{}", coverage.told());
    assert!(
        coverage.missing().is_empty(),
        "never happened: {:#?}\nhappened:\n{}",
        coverage.missing(),
        coverage.told()
    );
}

/// What `cargo xtask soak` runs.
#[test]
fn seeds_that_were_asked_for_hold() {
    if let Some(seeds) = asked() {
        let coverage = play(seeds);
        eprintln!("{}", coverage.told());
    }
}

/// The command that a failing seed prints plays it again, and comes to the same.
#[test]
fn a_failing_seed_is_the_same_again() {
    if asked().is_some() {
        return;
    }
    let seed = 6;
    let [once, again] = [(); 2].map(|()| one(seed, usize::MAX).0.unwrap());
    assert!(once.contains("OutsidePlan"), "{once}");
    assert!(once.contains("cargo xtask soak --from 6 --seeds 1"), "{once}");
    assert_eq!(once, again);
    assert_eq!(one(seed, 0).0, None);
}

/// A list that lags behind shows a tenant without the group that was made half a minute before (seed
/// 9797).
#[test]
fn what_was_just_made_and_is_not_shown_yet_is_not_made_again() {
    if asked().is_some() {
        return;
    }
    let (_, bridge) = beginnings().iter().find(|it| it.0 == "bridge").unwrap();
    let mut stage = Stage::of(bridge);
    stage.play("lockstep apply --confirm ne.example");
    assert_eq!(stage.code(), Some(0), "{}", stage.told());
    stage.play("fault stale-list 100%\nlockstep apply --confirm ne.example");
    let last = stage.told().rsplit("> lockstep apply").next().unwrap();
    let words: Vec<&str> = last.split_whitespace().collect();
    let told = words.join(" ");
    assert_eq!(stage.code(), Some(6), "{last}");
    assert!(told.contains("Fill the bridge group: refused"), "{last}");
    assert!(
        told.contains("`make the group MFA - Bridge` was done by another change set"),
        "{last}"
    );
    assert!(told.contains("it is not to be done twice: try again after 26 Jan 09:02"), "{last}");
    stage.play("fault none\nadvance 20m\nlockstep apply --confirm ne.example");
    let last = stage.told().rsplit("> lockstep apply").next().unwrap();
    assert!(!last.contains("make the group") && stage.code() != Some(6), "{last}");
}

#[expect(clippy::disallowed_methods, reason = "how the developer asks for seeds")]
fn asked() -> Option<Range<u64>> {
    let text = std::env::var("LOCKSTEP_SEEDS").ok()?;
    let (from, to) = text.split_once("..").expect("LOCKSTEP_SEEDS=17..18");
    Some(from.parse().unwrap()..to.parse().unwrap())
}

/// Plays seeds on every processor; panics with what failed, lowest seed first.
fn play(seeds: Range<u64>) -> Coverage {
    let next = AtomicU64::new(seeds.start);
    let came = Mutex::new((Coverage::default(), Vec::new()));
    beginnings();
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if seed >= seeds.end {
                return;
            }
            let (report, coverage) = one(seed, 0);
            let mut came = came.lock().unwrap();
            came.0.add(&coverage);
            came.1.extend(report.map(|it| (seed, it)));
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    let (coverage, mut failed) = came.into_inner().unwrap();
    failed.sort();
    if let Some((_, first)) = failed.first() {
        let broken = failed.iter().flat_map(|(seed, report)| {
            report
                .lines()
                .filter(|it| it.contains(" BROKEN "))
                .map(move |it| format!("{seed}:{it}\n"))
        });
        let broken: String = broken.collect();
        panic!("{}\n{} seeds failed\n{broken}\n{first}", coverage.told(), failed.len());
    }
    coverage
}

/// How far a rollout has come, and what it is called, made once.
fn beginnings() -> &'static [(String, Checkpoint)] {
    static MADE: OnceLock<Vec<(String, Checkpoint)>> = OnceLock::new();
    MADE.get_or_init(|| {
        let mut made: Vec<(String, Checkpoint)> = Vec::new();
        for part in include_str!("backbone.txt").split("--- ").skip(1) {
            let (heading, script) = part.split_once('\n').unwrap();
            let (name, after) = heading.split_once(" after ").unwrap_or((heading, ""));
            let before = made.iter().find(|it| it.0 == after);
            let mut stage = before.map_or_else(Stage::new, |it| Stage::of(&it.1));
            stage.play(script);
            let well = [" = exit 0:", " = exit 2:", " = exit 3:"];
            let badly =
                |line: &&str| line.starts_with("  = ") && !well.iter().any(|it| line.contains(it));
            assert_eq!(stage.told().lines().find(badly), None, "{}", stage.told());
            made.push((name.to_owned(), stage.checkpoint()));
        }
        made
    })
}

/// Plays a seed: what failed, and what happened. `forget`: see [`Judged::judge`].
fn one(seed: u64, forget: usize) -> (Option<String>, Coverage) {
    let mut chance = Chance(seed);
    let beginnings = beginnings();
    let place = seed % u64::try_from(beginnings.len()).unwrap();
    let (name, beginning) = &beginnings[usize::try_from(place).unwrap()];
    let mut judged = Judged::new(Stage::of(beginning));
    for line in lines(&mut chance, name) {
        judged.play(&line);
    }
    judged.judge(forget);
    let Judged { stage, coverage, broken, .. } = judged;
    if broken.is_empty() {
        stage.end();
        return (None, coverage);
    }
    let mut report = format!("seed {seed}, from `{name}`:\n");
    broken.iter().for_each(|it| writeln!(report, "  BROKEN {it}").unwrap());
    writeln!(report, "again: cargo xtask soak --from {seed} --seeds 1").unwrap();
    report.push_str(&stage.end());
    (Some(report), coverage)
}
