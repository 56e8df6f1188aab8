//! What holds of every history.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rollout::change::ChangeSet;
use rollout::change::draft::{campaign, cut_over, rollback};
use rollout::change::guard::{Guard, Unwaivable, Verdict, Waivable};
use rollout::engine::{
    Attestation, Closed, Effect, Event, Exception, GateId, GateRecord, Issue, Phase, PlannedTest,
    Progress, Record, Schedule, Sent, Sheet, State, Waived, Waiver,
};
use rollout::plan::GateState;

use crate::scene::{Scene, confirmation, guards, set_of, waiver, word};
use crate::world::account;

const CASES: u32 = 64;

fn runner() -> TestRunner {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]))
}

/// One thing that may happen, by two numbers.
type Happening = (u8, u8);

fn history() -> impl Strategy<Value = Vec<Happening>> {
    prop::collection::vec((0..20_u8, any::<u8>()), 1..30)
}

struct Story {
    scene: Scene,
    sets: Vec<ChangeSet>,
    /// Everything that was kept, in order.
    kept: Vec<Record>,
    /// Whether the last event was the tenant seen.
    saw: bool,
}

const IDS: [&str; 8] = [
    "G1.dormant",
    "G1.message",
    "G1.proven",
    "G4.rate",
    "G6.proof",
    "G6.issues",
    "G6.rollback",
    "G8.legacy",
];
const TASKS: [&str; 8] = ["P-09", "P-12", "P-13", "P-18", "R-18", "L-12", "L-15", "E-10"];

impl Story {
    fn new() -> Self {
        let mut scene = Scene::beside_defaults();
        let cut_over = set_of(&scene.world, cut_over(&scene.world.facts()).unwrap());
        let campaign = set_of(&scene.world, campaign(&scene.world.facts(), false, 1).unwrap());
        let back = set_of(&scene.world, rollback(&cut_over, 2).draft);
        scene.state.schedule = None;
        let kept = scene.state.attestations.values().cloned().map(Record::Attestation).collect();
        let mut story = Self { scene, sets: vec![cut_over, campaign, back], kept, saw: false };
        story.record(None);
        story
    }

    fn happen(&mut self, (what, how): Happening) -> Vec<Effect> {
        self.saw = what >= 17;
        let how_long = usize::from(how);
        self.scene.now += SignedDuration::from_mins(i64::from(how) * 3);
        let now = self.scene.now;
        let set = self.sets[how_long % 3].clone();
        let set = &set;
        let place = self.scene.state.sets.get(&set.id).map_or(0, |it| it.done.len());
        let place = if how.is_multiple_of(5) { how_long % 4 } else { place };
        let event = match what {
            0 => Event::Attested(word(TASKS[how_long % 8], now)),
            1 => {
                let mut it = waiver(Waived::Criterion(IDS[how_long % 8].to_owned()), now);
                it.id = format!("W-{how}");
                Event::Waived(it)
            }
            2 => {
                let mut it = waiver(Waived::Gate(GateId::ALL[how_long % 8]), now);
                it.id = format!("W-{how}");
                Event::Waived(it)
            }
            3 => Event::Waived(waiver(Waived::Guard(Waivable::GoodDay), now)),
            4 => Event::Scheduled(Schedule {
                start: crate::scene::START,
                enforce: jiff::civil::date(2026, 12, 1 + i8::try_from(how % 20).unwrap()),
                by: "Mia".to_owned(),
                at: now,
                reason: if how.is_multiple_of(3) { String::new() } else { "late".to_owned() },
                security_defaults: None,
            }),
            5 => Event::IssueChanged(Issue {
                id: format!("I-{}", how % 3),
                by: "Ben".to_owned(),
                at: now,
                text: "It prints not.".to_owned(),
                about: None,
                blocking: how.is_multiple_of(2),
                closed: (how % 4 == 3).then(|| Closed {
                    by: "Ben".to_owned(),
                    at: now,
                    how: "Mended.".to_owned(),
                }),
            }),
            6 => Event::TestPlanned(PlannedTest {
                id: format!("T-{how}"),
                accounts: vec![account("alpha")],
                from: now,
                to: now + SignedDuration::from_mins(i64::from(how)),
                by: "Ada".to_owned(),
                at: now,
            }),
            7 => Event::MessageSent(Sent {
                message: "reminder".to_owned(),
                to: account(["dan", "cora"][how_long % 2]),
                at: how.is_multiple_of(2).then_some(now),
                via: "graph".to_owned(),
                refused: None,
            }),
            8 | 9 => Event::Proposed { set, of_plan: Some(format!("CS-{}", how % 3)) },
            10 | 11 => {
                let against = match how % 7 {
                    0 => Some((Guard::Waivable(Waivable::GoodDay), violated())),
                    1 => Some((Guard::Unwaivable(Unwaivable::LockoutProof), violated())),
                    _ => None,
                };
                let confirmation = confirmation("ne.example");
                Event::Confirmed { set, confirmation, guards: guards(against) }
            }
            12 => Event::Resumed { set, unsettled: how.is_multiple_of(2) },
            13 | 14 => Event::CarriedOut {
                set,
                place,
                intent: u64::from(how),
                already: how.is_multiple_of(3),
                ids: BTreeMap::from([(format!("new:{how}"), how.to_string())]),
            },
            15 if how.is_multiple_of(2) => Event::NotCarriedOut {
                set,
                place,
                unsettled: how.is_multiple_of(4),
                why: "throttled".to_owned(),
            },
            15 => Event::Stopped { set, why: "asked".to_owned() },
            16 => {
                let differs = if how.is_multiple_of(3) { vec!["x".to_owned()] } else { Vec::new() };
                Event::ReadBack { set, differs }
            }
            _ => {
                self.change_tenant(how);
                return self.record(None);
            }
        };
        self.record(Some(&event))
    }

    /// What is seen is another tenant, a newer snapshot or the same again.
    fn change_tenant(&mut self, how: u8) {
        let scene = &mut self.scene;
        match how % 6 {
            0 => scene.missing(&["cora"]),
            1 => scene.missing(&[]),
            2 => scene.snapshot_taken = Some(scene.now),
            3 => scene.plan.proof.as_mut().unwrap().holds = how.is_multiple_of(4),
            4 => scene.world.snapshot.service_issues = (!how.is_multiple_of(4)).then(Vec::new),
            _ => {}
        }
    }

    fn record(&mut self, event: Option<&Event<'_>>) -> Vec<Effect> {
        let effects = match event {
            Some(event) => self.scene.step(event),
            None => self.scene.see(),
        };
        self.kept.extend(effects.iter().filter_map(|it| match it {
            Effect::Keep(record) => Some(record.clone()),
            _ => None,
        }));
        effects
    }
}

fn violated() -> Verdict {
    Verdict::Violated { counter_examples: vec!["no".to_owned()] }
}

/// What was kept, written and read again.
fn reread(record: &Record) -> Record {
    fn again<T: serde::Serialize + serde::de::DeserializeOwned>(it: &T) -> T {
        serde_json::from_str(&serde_json::to_string(it).unwrap()).unwrap()
    }
    match record {
        Record::Schedule(it) => Record::Schedule(again::<Schedule>(it)),
        Record::Gate(it) => Record::Gate(again::<GateRecord>(it)),
        Record::Attestation(it) => Record::Attestation(again::<Attestation>(it)),
        Record::Waiver(it) => Record::Waiver(again::<Waiver>(it)),
        Record::Exception(it) => Record::Exception(Box::new(again::<Exception>(it))),
        Record::Issue(it) => Record::Issue(again::<Issue>(it)),
        Record::Progress(it) => Record::Progress(Box::new(again::<Progress>(it))),
        Record::PlannedTest(it) => Record::PlannedTest(again::<PlannedTest>(it)),
        Record::Sheet(it) => Record::Sheet(again::<Sheet>(it)),
        Record::Sent(it) => Record::Sent(again::<Sent>(it)),
    }
}

#[test]
fn what_was_kept_and_read_again_is_the_same_state() {
    runner()
        .run(&history(), |history| {
            let mut story = Story::new();
            for happening in history {
                story.happen(happening);
            }
            let mut again = State::default();
            for record in &story.kept {
                again.add(reread(record));
            }
            prop_assert_eq!(&again, &story.scene.state);
            Ok(())
        })
        .unwrap();
}

#[test]
fn only_the_tenant_seen_changes_a_verdict() {
    runner()
        .run(&history(), |history| {
            let mut story = Story::new();
            for happening in history {
                let before = story.scene.state.gates.clone();
                story.happen(happening);
                if !story.saw {
                    prop_assert_eq!(&before, &story.scene.state.gates, "{:?}", happening);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn only_passed_criteria_and_waived_ones_open_and_a_waiver_changes_no_verdict() {
    runner()
        .run(&history(), |history| {
            let mut story = Story::new();
            for happening in history {
                story.happen(happening);
                if !story.saw {
                    continue;
                }
                let mut bare = State { waivers: BTreeMap::new(), ..story.scene.state.clone() };
                bare.gates.clear();
                let asked = &story.scene.state.gates;
                for record in asked.values() {
                    let opens = record.criteria.iter().all(|it| {
                        it.verdict == GateState::Passed || (it.waivable && it.waived_by.is_some())
                    });
                    prop_assert_eq!(record.verdict == GateState::Passed, opens, "{:?}", record);
                    prop_assert_eq!(record.passed_at.is_some(), opens);
                    for it in &record.criteria {
                        prop_assert!(it.waivable || it.waived_by.is_none());
                    }
                }
                // Asked by the same, with and without waivers, each criterion stands the same.
                let with_waivers = verdicts(&story.scene, story.scene.state.clone());
                prop_assert_eq!(with_waivers, verdicts(&story.scene, bare));
            }
            Ok(())
        })
        .unwrap();
}

/// Each criterion as it is asked now.
fn verdicts(scene: &Scene, mut state: State) -> Vec<(String, GateState)> {
    state.gates.clear();
    let (state, _) =
        scene.with(|scene, seen| rollout::engine::step(&state, &Event::Seen(seen), scene.now));
    let all = state.gates.into_values().flat_map(|it| it.criteria);
    all.map(|it| (it.id, it.verdict)).collect()
}

#[test]
fn no_time_promotes() {
    let hours = prop::collection::vec((history(), 0..4_000_i64), 1);
    runner()
        .run(&hours, |all| {
            for (history, hours) in all {
                let mut story = Story::new();
                for happening in history {
                    story.happen(happening);
                }
                story.scene.see();
                let passed = |scene: &Scene| -> Vec<GateId> {
                    let gates = scene.state.gates.values();
                    gates.filter(|it| it.verdict == GateState::Passed).map(|it| it.gate).collect()
                };
                let before = passed(&story.scene);
                story.scene.now += SignedDuration::from_hours(hours);
                story.scene.see();
                for gate in passed(&story.scene) {
                    prop_assert!(before.contains(&gate), "{:?} after {} hours", gate, hours);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_passed_gate_is_not_asked_again_by_the_same() {
    runner()
        .run(&history(), |history| {
            let mut story = Story::new();
            for happening in history {
                story.happen(happening);
            }
            story.scene.see();
            let before = story.scene.state.gates.clone();
            story.scene.see();
            for (gate, record) in &before {
                if record.verdict == GateState::Passed {
                    prop_assert_eq!(record, &story.scene.state.gates[gate]);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn nothing_is_written_before_it_is_confirmed_nor_after_it_stopped() {
    runner()
        .run(&history(), |history| {
            let mut story = Story::new();
            for happening in history {
                let before = story.scene.state.clone();
                let effects = story.happen(happening);
                for effect in &effects {
                    let Effect::CarryOut { set, place, .. } = effect else { continue };
                    let now = &story.scene.state.sets[set];
                    prop_assert_eq!(&now.phase, &Phase::Running);
                    prop_assert!(now.confirmed.is_some());
                    prop_assert_eq!(now.done.len(), *place);
                    prop_assert!(*place < now.changes);
                }
                let running =
                    story.scene.state.sets.values().filter(|it| it.phase == Phase::Running);
                prop_assert!(running.count() <= 1, "one at a time");
                for (id, was) in &before.sets {
                    let is = &story.scene.state.sets[id];
                    prop_assert!(is.done.starts_with(&was.done), "what was done stays done");
                    let gap_stays =
                        was.gap.is_none_or(|it| is.gap.is_some_and(|is| is.opened == it.opened));
                    prop_assert!(gap_stays);
                }
                if matches!(effects.as_slice(), [Effect::Refuse(_)]) {
                    prop_assert_eq!(&before, &story.scene.state, "a refusal changes nothing");
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_histories_reach_what_they_are_about() {
    let mut counts = (0, 0, 0, 0, 0);
    let mut runner = runner();
    for _ in 0..CASES {
        use proptest::strategy::ValueTree;
        let history = history().new_tree(&mut runner).unwrap().current();
        let mut story = Story::new();
        for happening in history {
            let effects = story.happen(happening);
            counts.0 += usize::from(matches!(effects.as_slice(), [Effect::Refuse(_)]));
            counts.1 += effects.iter().filter(|it| matches!(it, Effect::CarryOut { .. })).count();
        }
        let sets = || story.scene.state.sets.values();
        counts.2 += sets().filter(|it| matches!(it.phase, Phase::Stopped { .. })).count();
        counts.3 += sets().filter(|it| it.confirmed.is_some()).count();
        let passed = story.scene.state.gates.values();
        counts.4 += passed.filter(|it| it.verdict == GateState::Passed).count();
    }
    let all_reached = [counts.0, counts.1, counts.3, counts.4].iter().all(|it| *it > 5);
    assert!(all_reached, "{counts:?}");
}
