//! A rollout whose operator, colleagues, network and luck are drawn from a seed.
//!
//! A seed is a script: it begins where a rollout has come to, goes on with what was drawn, and ends
//! with an operator who has the quiet to bring everything to an end. What must hold is judged from the
//! tenant's request log and documents alone; lockstep's own journal is only held against them.
//!
//! `LOCKSTEP_SEEDS=17..18` plays these seeds instead.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::OnceLock;

use serde_json::Value;
use twin::RequestLog;
use twin::checker::{self, Rules, conduct};

use crate::script::{Checkpoint, Stage};
use crate::told::mark;

/// Seeds of one test; there are four.
const EACH: u64 = 52;

#[test]
fn the_first_seeds_hold() {
    play(1..1 + EACH);
}

#[test]
fn the_second_seeds_hold() {
    play(1 + EACH..1 + 2 * EACH);
}

#[test]
fn the_third_seeds_hold() {
    play(1 + 2 * EACH..1 + 3 * EACH);
}

#[test]
fn the_fourth_seeds_hold() {
    play(1 + 3 * EACH..1 + 4 * EACH);
}

/// What `cargo xtask soak` runs.
#[test]
fn seeds_that_were_asked_for_hold() {
    if let Some(seeds) = asked() {
        seeds.for_each(one);
    }
}

#[expect(clippy::disallowed_methods, reason = "how the developer asks for seeds")]
fn asked() -> Option<Range<u64>> {
    let text = std::env::var("LOCKSTEP_SEEDS").ok()?;
    let (from, to) = text.split_once("..").expect("LOCKSTEP_SEEDS=17..18");
    Some(from.parse().unwrap()..to.parse().unwrap())
}

fn play(seeds: Range<u64>) {
    if asked().is_none() {
        seeds.for_each(one);
    }
}

/// How far a rollout has come, made once.
fn beginnings() -> &'static [Checkpoint] {
    static MADE: OnceLock<Vec<Checkpoint>> = OnceLock::new();
    MADE.get_or_init(|| {
        let mut stage = Stage::new();
        let mut made = Vec::new();
        for part in include_str!("backbone.txt").split("---\n") {
            stage.play(part);
            made.push(stage.checkpoint());
        }
        made
    })
}

/// Numbers drawn from a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64, so that a seed stays the same for ever.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        let place = self.below(u64::try_from(items.len()).unwrap());
        items[usize::try_from(place).unwrap()]
    }
}

const FAULTS: [&str; 10] = [
    "throttle",
    "server-error",
    "reset-before",
    "reset-after",
    "answer-lost",
    "truncated",
    "conflict",
    "token-refused",
    "stale-list",
    "not-found-yet",
];

const SOMEBODY: [&str; 6] = [
    "maybe someone edits CA000 {\"state\": \"disabled\"}",
    "maybe someone edits CA001 {\"displayName\": \"CA001 - changed by hand\"}",
    "maybe someone edits CA001 {\"conditions\": {\"users\": {\"excludeGroups\": []}}}",
    "maybe someone turns security defaults on",
    "maybe someone turns security defaults off",
    "maybe someone deletes policy CA002",
];

/// What goes before a command that writes.
fn mishap(chance: &mut Chance) -> Option<String> {
    Some(match chance.below(10) {
        0 | 1 => {
            let when = chance.pick(&["before", "at", "after"]);
            format!("kill {when} write {}", 1 + chance.below(4))
        }
        2 => format!("fault {} {}%", chance.pick(&FAULTS), 10 + chance.below(40)),
        3 => format!("fault {} on-every-write", chance.pick(&FAULTS)),
        4 => format!("stop at write {}", 1 + chance.below(4)),
        5 => format!("at write {}: lockstep apply --confirm ne.example", 1 + chance.below(3)),
        6 => format!("at write {}: {}", 1 + chance.below(3), chance.pick(&SOMEBODY)),
        7 => format!("replica lags {}s", 1 + chance.below(60)),
        _ => return None,
    })
}

/// What is done under a seed.
fn lines(chance: &mut Chance) -> Vec<String> {
    let mut lines = Vec::new();
    for _ in 0..2 + chance.below(4) {
        if chance.below(10) < 7 {
            lines.extend(mishap(chance));
        }
        match chance.below(20) {
            0..=8 => lines.push("lockstep apply --confirm ne.example".to_owned()),
            9 | 10 => {
                lines.push("lockstep next".to_owned());
                lines.push("lockstep apply --confirm ne.example".to_owned());
            }
            11 | 12 => lines.push("lockstep rollback --confirm ne.example".to_owned()),
            13 => lines.push("lockstep apply --confirm wrong.example".to_owned()),
            14 => {
                lines.push(format!("answer {}", chance.pick(&["no", "yes", "ne.example", ""])));
                lines.push("lockstep apply".to_owned());
            }
            15 => lines.push(chance.pick(&SOMEBODY).to_owned()),
            16 => lines.push(format!("advance {}", chance.pick(&["20m", "3h", "1d", "2d"]))),
            17 => lines.push("lockstep snapshot --quiet".to_owned()),
            18 => lines.push("fault none".to_owned()),
            _ => lines.push("tokens end".to_owned()),
        }
    }
    lines
}

/// The operator has quiet: whatever is under way is brought to an end.
const QUIET: [&str; 5] = [
    "fault none",
    "replica lags 0s",
    "advance 20m",
    "lockstep apply --confirm ne.example",
    "lockstep journal verify",
];

fn one(seed: u64) {
    let mut chance = Chance(seed);
    let beginnings = beginnings();
    let place = chance.below(u64::try_from(beginnings.len()).unwrap());
    let beginning = &beginnings[usize::try_from(place).unwrap()];
    let mut drawn = lines(&mut chance);
    drawn.extend(QUIET.map(str::to_owned));
    let mut stage = Stage::of(beginning);
    let mut broken = Vec::new();
    for line in &drawn {
        broken.extend(played(&mut stage, line));
    }
    broken.extend(taken_back(&mut stage));
    broken.extend(judged(&mut stage));
    if broken.is_empty() {
        stage.end();
        return;
    }
    let mut report = format!("seed {seed}, from checkpoint {place}:\n");
    broken.iter().for_each(|it| writeln!(report, "  BROKEN {it}").unwrap());
    write!(
        report,
        "again: LOCKSTEP_SEEDS={seed}..{} cargo test -p lockstep --test operator \
         seeds_that_were_asked_for_hold\n{}",
        seed + 1,
        stage.end(),
    )
    .unwrap();
    panic!("{report}");
}

/// Plays a line and judges what the run did on the wire.
fn played(stage: &mut Stage, line: &str) -> Vec<String> {
    let from = stage.tenant().with(|it| it.log.entries.len());
    let stops = line.contains("stop at write").then(|| line.to_owned());
    let stop = stage.stop_at();
    stage.play(line);
    if stops.is_some() || !line.starts_with("lockstep") {
        return Vec::new();
    }
    let mut broken = Vec::new();
    if stage.panicked() {
        broken.push(format!("`{line}` panicked"));
    }
    stage.tenant().with(|service| {
        let run = &service.log.entries[from..];
        let mut callers: Vec<Option<u64>> = run.iter().map(|it| it.caller).collect();
        callers.sort_unstable();
        callers.dedup();
        for caller in callers {
            let entries = run.iter().filter(|it| it.caller == caller).cloned().collect();
            let log = RequestLog { entries };
            let all = checker::too_early(&log, &Rules::default());
            let all = all.into_iter().chain(checker::written_twice(&log));
            broken.extend(all.map(|it| it.to_string()));
        }
        let writes = u64::try_from(run.iter().filter(|it| it.applied).count()).unwrap();
        if let Some(stop) = stop.filter(|stop| writes > *stop) {
            broken.push(format!("{writes} writes although somebody asked to stop at {stop}"));
        }
    });
    broken
}

/// What was done last is undone, and everything it touched is as it was.
fn taken_back(stage: &mut Stage) -> Vec<String> {
    stage.play("lockstep next");
    let before = mark(stage.tenant());
    let writes = |stage: &Stage| {
        stage.tenant().with(|it| it.log.entries.iter().filter(|it| it.applied).count())
    };
    let at_first = writes(stage);
    stage.play("lockstep apply --confirm ne.example");
    if writes(stage) == at_first || stage.code() != Some(0) {
        return Vec::new();
    }
    stage.play("lockstep rollback --confirm ne.example");
    let after = mark(stage.tenant());
    // What cannot be taken back is said with another code.
    if stage.code() == Some(0) && before != after {
        let differs = before.lines().zip(after.lines()).find(|(was, is)| was != is);
        return vec![format!("rolled back, but not as before: {differs:?}")];
    }
    Vec::new()
}

/// The whole run, from the tenant's side.
fn judged(stage: &mut Stage) -> Vec<String> {
    stage.play("lockstep journal verify");
    let mut broken = Vec::new();
    if stage.code() != Some(0) {
        broken.push("the journal does not verify".to_owned());
    }
    let journal = stage.json("lockstep journal show --json");
    let intents = intents(&journal);
    stage.tenant().with(|service| {
        let log = &service.log;
        broken.extend(checker::made_up_links(log).iter().map(ToString::to_string));
        broken.extend(checker::secrets(log, &[]).iter().map(ToString::to_string));
        broken.extend(conduct(log, &service.world).iter().map(ToString::to_string));
        let unprotected = checker::left_unprotected(log, &service.world);
        broken.extend(unprotected.iter().map(ToString::to_string));
        broken.extend(unknown_writes(log, &intents));
    });
    broken
}

/// Method and kind of object of every intent.
fn intents(journal: &Value) -> Vec<String> {
    let all = journal["entries"].as_array().expect("entries of the journal");
    all.iter()
        .filter(|it| it["kind"] == "intent" || it["kind"]["intent"].is_object())
        .map(|it| it["payload"]["write"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// Writes the tenant saw and the journal does not hold.
fn unknown_writes(log: &RequestLog, intents: &[String]) -> Vec<String> {
    let applied: Vec<String> = (log.entries.iter().filter(|it| it.applied))
        .map(|it| format!("{} {}", it.method, it.target.split('?').next().unwrap_or_default()))
        .collect();
    if applied.len() > intents.len() {
        return vec![format!(
            "the tenant saw {} writes, the journal intends {}: {applied:?} {intents:?}",
            applied.len(),
            intents.len()
        )];
    }
    Vec::new()
}
