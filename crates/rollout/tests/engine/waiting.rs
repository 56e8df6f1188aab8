//! What the rollout waits for, in the words of a colleague.

use conditional_access::State as PolicyState;
use jiff::SignedDuration;
use rollout::engine::{Event, GapTimes, GateId, Phase, Record, Waiting, step_now, waiting};
use rollout::plan::GateState;
use rollout::preflight::Stage;

use crate::scene::{Scene, noon, set_of};

fn says(scene: &Scene) -> String {
    scene.with(|scene, seen| waiting(&scene.state, seen, scene.now)).to_string()
}

fn is(scene: &Scene) -> Waiting {
    scene.with(|scene, seen| waiting(&scene.state, seen, scene.now))
}

/// Every task of the plan is done.
fn all_said(scene: &mut Scene) {
    let ids: Vec<String> = scene.plan.tasks.iter().map(|it| it.id.clone()).collect();
    for id in ids {
        scene.words(&[&id]);
    }
}

fn with_set(scene: &mut Scene, phase: Phase, gap: Option<GapTimes>) {
    let draft = rollout::change::draft::cut_over(&scene.world.facts()).unwrap();
    let set = set_of(&scene.world, draft);
    scene.step(&Event::Proposed { set: &set, of_plan: Some("CS-07".to_owned()) });
    let mut progress = scene.state.sets[&set.id].clone();
    progress.phase = phase;
    progress.gap = gap;
    progress.done.push(rollout::engine::DoneChange { intent: 1, at: scene.now, already: false });
    scene.state.add(Record::Progress(Box::new(progress)));
}

#[test]
fn one_sentence_why_then_what_to_do() {
    let mut scene = Scene::ready();
    scene.see();
    insta::assert_snapshot!(says(&scene), @"`Block legacy authentication, On` is due. `lockstep next` shows it, and what stands against it.");

    let mut fresh = Scene::ready();
    fresh.state.schedule = None;
    insta::assert_snapshot!(says(&fresh), @"Nobody has agreed to the dates yet. Agree with the manager on Saturday 12 December 2026 for MFA for everybody, and record it: `lockstep schedule --start 2026-11-23`.");

    let mut running = Scene::ready();
    running.see();
    with_set(&mut running, Phase::Running, None);
    insta::assert_snapshot!(says(&running), @"`Enforce for all users` was begun and is at 1 of 1 changes. Go on with `lockstep apply`; nothing is done twice.");

    let stopped = Phase::Stopped { at: noon(20), why: "change 2 of 5: throttled".to_owned() };
    let mut halted = Scene::ready();
    with_set(&mut halted, stopped.clone(), None);
    insta::assert_snapshot!(says(&halted), @"`Enforce for all users` stopped on the way: change 2 of 5: throttled. Go on with `lockstep apply`, or take it back with `lockstep rollback`.");
    let mut open = Scene::ready();
    with_set(&mut open, stopped, Some(GapTimes { opened: noon(20), closed: None }));
    insta::assert_snapshot!(says(&open), @"`Enforce for all users` stopped on the way: change 2 of 5: throttled. Go on with `lockstep apply`, or take it back with `lockstep rollback`. Until then people have less protection than before.");
}

#[test]
fn a_task_that_is_late_a_gate_that_is_closed_a_day_that_comes() {
    let mut scene = Scene::ready();
    scene.see();
    scene.now -= SignedDuration::from_hours(24);
    scene.snapshot_taken = Some(scene.now);
    // The sets that may be carried out without a day: none on this one.
    for policy in scene.world.snapshot.policies.iter_mut().flatten() {
        policy.state = PolicyState::Enabled;
    }
    scene.pilot(PolicyState::Enabled);
    insta::assert_snapshot!(says(&scene), @"Identity administrator has the task P-03: Close the gaps: export what no file told. Its day is over. When it is done: `lockstep attest P-03 --by WHO --note TEXT`. 18 more tasks are open.");
    all_said(&mut scene);
    insta::assert_snapshot!(says(&scene), @"Nothing is due before Saturday 12 December 2026, when Enforce for all users begins. Read the tenant again by then: `lockstep snapshot`.");
    scene.log();
    scene.missing(&["dan"]);
    scene.see();
    insta::assert_snapshot!(says(&scene), @"Gate G4 is closed: 3 of 4 people in scope can pass MFA (75 %; 95 % needed). Mend that, then read the tenant again: `lockstep snapshot`. One more thing is open there.");
}

#[test]
fn an_old_snapshot_a_hit_stop_rule_the_end() {
    let mut scene = Scene::ready();
    scene.snapshot_taken = Some(scene.now - SignedDuration::from_hours(30));
    scene.see();
    insta::assert_snapshot!(says(&scene), @"The tenant was read 30 hours ago; after 24 hours it may be another one. Read it again: `lockstep snapshot`.");

    let mut hit = Scene::ready();
    hit.switch();
    hit.see();
    let mut gate = hit.state.gates[&GateId::G7].clone();
    let watch = gate.criteria.iter_mut().find(|it| it.id == "G7.watch").unwrap();
    watch.verdict = GateState::Failed;
    watch.why = "3 % of the people have had only failures for 2 hours.".to_owned();
    hit.state.add(Record::Gate(gate.clone()));
    insta::assert_snapshot!(says(&hit), @"The stop rule is hit: 3 % of the people have had only failures for 2 hours. Help those people, or take the switch back with `lockstep rollback`.");
    // Waived, it goes on.
    let watch = gate.criteria.iter_mut().find(|it| it.id == "G7.watch").unwrap();
    watch.waived_by = Some("W-001".to_owned());
    hit.state.add(Record::Gate(gate));
    assert!(!matches!(is(&hit), Waiting::StopRule { .. }));

    let mut over = Scene::ready();
    over.see();
    assert_eq!(step_now(&over.state), Some(Stage::Enforce));
    for gate in GateId::ALL {
        let mut passed = over.state.gates[&gate].clone();
        passed.verdict = GateState::Passed;
        over.state.add(Record::Gate(passed));
    }
    assert_eq!(step_now(&over.state), None);
    over.switch();
    all_said(&mut over);
    insta::assert_snapshot!(says(&over), @"Nothing: every gate is passed. Keep the report: `lockstep validate`.");
}

#[test]
fn no_date_moves_the_step() {
    let mut scene = Scene::ready();
    assert_eq!(step_now(&scene.state), Some(Stage::Prepare));
    scene.see();
    for (gate, step) in [
        (GateId::G8, Stage::Enforce),
        (GateId::G7, Stage::Enforce),
        (GateId::G6, Stage::Pilot),
        (GateId::G4, Stage::Register),
        (GateId::G1, Stage::Prepare),
    ] {
        scene.state.gates.remove(&gate);
        scene.now += SignedDuration::from_hours(24 * 365);
        assert_eq!(step_now(&scene.state), Some(step));
    }
}

#[test]
fn of_the_tasks_whose_day_is_over_the_ones_that_hold_something_up_come_first() {
    let mut scene = Scene::ready();
    scene.now -= SignedDuration::from_hours(24);
    scene.snapshot_taken = Some(scene.now);
    for policy in scene.world.snapshot.policies.iter_mut().flatten() {
        policy.state = PolicyState::Enabled;
    }
    scene.pilot(PolicyState::Enabled);
    all_said(&mut scene);
    // Nothing waits for P-03 and P-20, which come first in the plan; G6 waits for the briefing.
    for task in ["P-03", "P-20", "P-19"] {
        scene.state.attestations.remove(task);
    }
    scene.log();
    scene.see();
    assert_eq!(step_now(&scene.state), Some(Stage::Pilot), "{:#?}", scene.state.gates);
    let Waiting::Task { id, overdue, others, .. } = is(&scene) else { panic!("{:?}", is(&scene)) };
    assert_eq!((id.as_str(), overdue, others), ("P-19", true, 2));
    // What tells people what comes holds no gate of this step, and still comes first.
    scene.words(&["P-19"]);
    scene.state.attestations.remove("P-18");
    scene.state.gates.clear();
    let Waiting::Task { id, .. } = is(&scene) else { panic!("{:?}", is(&scene)) };
    assert_eq!(id, "P-18");
}
