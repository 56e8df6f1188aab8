//! Ring by ring: what ring 2 has to show before everybody is asked, and who is told so.

use conditional_access::State as PolicyState;
use jiff::{SignedDuration, Timestamp};
use rollout::change::guard::Operator;
use rollout::change::{ChangeSet, Draft};
use rollout::engine::{
    Event, GateId, NotDue, Phase, Record, Standing, Waiting, Waived, circumstances, due_sets,
    rows_wanted, tasks, waiting,
};
use rollout::evidence::{AuthenticationStep, SignInRow};
use rollout::plan::GateState;
use rollout::recipients::{Circle, recipients};
use rollout::{Enforcement, Member};

use crate::scene::{Scene, applied, challenged, noon, set_of};
use crate::tenant::{self, BRIDGE, CA001, CA002};
use crate::world::{account, member};

const PHONE: (&str, &str, Option<bool>) = ("iOS 18", "", None);

fn hours(number: i64) -> SignedDuration {
    SignedDuration::from_hours(number)
}

/// The moment ring 2 was asked.
fn ring() -> Timestamp {
    noon(20)
}

fn of(scene: &Scene, of_plan: &str) -> Option<Result<Draft, NotDue>> {
    let all = scene.with(|scene, seen| due_sets(&scene.state, seen, "m", scene.now));
    all.into_iter().find(|it| it.of_plan == of_plan).map(|it| it.draft)
}

/// How the last ring stands: `due`, or why not.
fn last(scene: &Scene) -> String {
    match of(scene, "CS-07/ring-3") {
        None => "not listed".to_owned(),
        Some(Ok(_)) => "due".to_owned(),
        Some(Err(why)) => why.to_string(),
    }
}

fn in_flight(scene: &Scene, set: &ChangeSet) -> Vec<String> {
    let operator = Some(Operator::Application { service_principal: None });
    let told =
        scene.with(|scene, seen| circumstances(&scene.state, seen, set, operator, scene.now));
    told.rings_in_flight.unwrap()
}

fn rows(scene: &mut Scene) -> &mut Vec<SignInRow> {
    &mut scene.sign_ins.as_mut().unwrap().rows
}

fn bens(scene: &mut Scene) -> &mut SignInRow {
    rows(scene).iter_mut().find(|row| row.account == account("ben")).unwrap()
}

fn members(scene: &mut Scene, group: &str, members: Option<Vec<Member>>) {
    let groups = scene.world.snapshot.groups.as_mut().unwrap();
    groups.iter_mut().find(|it| it.id.as_deref() == Some(group)).unwrap().members = members;
}

fn policy(scene: &mut Scene) -> &mut conditional_access::Policy {
    let mut all = scene.world.snapshot.policies.iter_mut().flatten();
    all.find(|it| it.id.as_deref() == Some(CA001)).unwrap()
}

/// Dan had nothing but failures from here to there.
fn dan_fails(scene: &mut Scene, from: Timestamp, to: Timestamp) {
    for at in [from, to] {
        let mut row = challenged("dan", at, &PHONE);
        row.error_code = Some(53_003);
        row.result_word = None;
        row.policies = vec![applied(CA001, "failure")];
        row.steps.clear();
        rows(scene).push(row);
    }
}

type Case = (&'static str, fn(&mut Scene), &'static str);

/// What keeps everybody from being asked, and what does not.
const CASES: &[Case] = &[
    ("everything is shown", |_| {}, "due"),
    (
        "nobody of ring 2 signed in freshly",
        |it| rows(it).retain(|row| row.account != account("ben")),
        "ring 2 has not shown enough: Nobody is seen to pass a fresh challenge by this policy yet",
    ),
    (
        "only a pilot member did, who proves nothing new",
        |it| bens(it).account = account("ann"),
        "ring 2 has not shown enough: Nobody is seen to pass a fresh challenge by this policy yet",
    ),
    (
        "only the claim of an earlier sign-in",
        |it| {
            let claim = "MFA requirement satisfied by claim in the token".to_owned();
            let step =
                AuthenticationStep { result_detail: Some(claim), ..bens(it).steps[1].clone() };
            bens(it).steps[1] = step;
        },
        "ring 2 has not shown enough: Whoever passed was let in by the claim of an earlier sign-in",
    ),
    (
        "before the ring was asked",
        |it| bens(it).at = Some(ring() - hours(1)),
        "ring 2 has not shown enough: Nobody is seen to pass a fresh challenge by this policy yet",
    ),
    (
        "by another policy",
        |it| bens(it).policies = vec![applied(CA002, "success"), applied(CA001, "notApplied")],
        "ring 2 has not shown enough: Nobody is seen to pass a fresh challenge by this policy yet",
    ),
    (
        "in Report-only, before the policy had spread",
        |it| bens(it).policies = vec![applied(CA001, "reportOnlySuccess")],
        "ring 2 has not shown enough: Nobody is seen to pass a fresh challenge by this policy yet",
    ),
    (
        "a moment ago",
        |it| bens(it).at = Some(it.snapshot_taken.unwrap() - SignedDuration::from_mins(3)),
        "ring 2 has not shown enough: Somebody passed a moment ago; the row is not complete before \
         two hours are over",
    ),
    (
        "asked, and not passed",
        |it| bens(it).policies = vec![applied(CA001, "failure")],
        "ring 2 has not shown enough: Somebody was asked and did not pass, and nobody else passed yet",
    ),
    (
        "there is no log",
        |it| it.sign_ins = None,
        "ring 2 has not shown enough: No sign-in log was read; one thing more is open",
    ),
    (
        "the log ends before the hours are over",
        |it| it.sign_ins.as_mut().unwrap().newest = Some(ring() + hours(20)),
        "ring 2 has not shown enough: Nobody is seen locked out, and the log does not reach far \
         enough to say that nobody is",
    ),
    (
        "the log was not asked for the failures since the ring",
        |it| it.sign_ins.as_mut().unwrap().asked.failures_since = Some(ring() + hours(1)),
        "ring 2 has not shown enough: Nobody is seen locked out, and the log does not reach far \
         enough to say that nobody is",
    ),
    (
        "somebody is locked out in its hours",
        |it| dan_fails(it, ring() + hours(2), ring() + hours(5)),
        "ring 2 has not shown enough: Stop: 1 of 2 in `ring 2` (50 %; more than 2 %) had nothing but \
         failures for 2 hours: dan@ne.example",
    ),
    (
        "somebody is locked out on the second day, when its hours are over",
        |it| dan_fails(it, ring() + hours(40), ring() + hours(43)),
        "ring 2 has not shown enough: Stop: 1 of 2 in `ring 2` (50 %; more than 2 %) had nothing but \
         failures for 2 hours: dan@ne.example",
    ),
    (
        "somebody is locked out, and nobody signed in freshly: what is found goes first",
        |it| {
            rows(it).retain(|row| row.account != account("ben"));
            dan_fails(it, ring() + hours(2), ring() + hours(5));
        },
        "ring 2 has not shown enough: Stop: 1 of 2 in `ring 2` (50 %; more than 2 %) had nothing but \
         failures for 2 hours: dan@ne.example",
    ),
    (
        "who is in it nobody told",
        |it| members(it, BRIDGE, None),
        "ring 2 has not shown enough: Who is in ring 2 no file tells",
    ),
    (
        "nobody is in it beyond the pilot",
        |it| members(it, BRIDGE, Some(vec![member("ann"), member("cora")])),
        "ring 2 has not shown enough: Nobody is known who could try it",
    ),
    (
        "since when it is asked nobody told",
        |it| {
            policy(it).modified = None;
            policy(it).created = None;
        },
        "ring 2 has not shown enough: Since when ring 2 is asked for MFA no file tells",
    ),
    (
        "somebody changed the policy since: what was seen before proves nothing of it",
        |it| policy(it).modified = Some(ring() + hours(40)),
        "ring 2 has not shown enough: Nobody is seen to pass a fresh challenge by this policy yet",
    ),
    (
        "whether it is asked nobody can say",
        |it| it.world.snapshot.groups = None,
        "ring 2 is asked first",
    ),
    (
        "it was taken back",
        |it| drop(policy(it).conditions.users.include_groups.pop()),
        "ring 2 is asked first",
    ),
    (
        "its hours are not over",
        |it| it.world.rollout.steps.ring_hours = 72,
        "ring 2 has not shown enough: 47 of 72 hours watched: nobody had nothing but failures",
    ),
    (
        "a person takes both on",
        |it| {
            it.sign_ins = None;
            it.waive(Waived::Gate(GateId::G7));
        },
        "due",
    ),
];

/// What helps is told where there is something to do; whoever passed a moment ago is only to be read
/// again.
#[test]
fn who_is_to_try_it_is_asked_only_while_nobody_has() {
    let tries = |scene: &Scene| {
        let missing = scene.criterion("G7.canary").missing;
        missing.iter().any(|it| it.starts_with("A member of the bridge group beyond the pilot"))
    };
    let mut scene = Scene::in_rings();
    assert!(!tries(&scene));
    bens(&mut scene).at = Some(scene.snapshot_taken.unwrap() - SignedDuration::from_mins(3));
    assert!(!tries(&scene));
    rows(&mut scene).retain(|row| row.account != account("ben"));
    assert!(tries(&scene));
}

/// A set for everybody, as it will be confirmed.
fn last_ring(scene: &Scene) -> ChangeSet {
    let draft = rollout::change::draft::last_ring(&scene.world.facts()).unwrap();
    set_of(&scene.world, draft)
}

#[test]
fn everybody_waits_for_ring_2() {
    let set = last_ring(&Scene::in_rings());
    for (name, change, expected) in CASES {
        let mut scene = Scene::in_rings();
        scene.see();
        change(&mut scene);
        let stands = last(&scene);
        assert!(stands.starts_with(expected), "{name}: {stands}");
        // The guard sees it the same way, whoever asked the ring.
        let is_asked = *expected != "ring 2 is asked first";
        let rings = in_flight(&scene, &set);
        assert_eq!(!rings.is_empty(), *expected != "due" && is_asked, "{name}: {rings:?}");
        // And so it does with the ring that lockstep asked, taken back by hand or not.
        done(&mut scene, "CS-07/ring-2", Phase::Done { at: ring() });
        let rings = in_flight(&scene, &set);
        assert_eq!(!rings.is_empty(), last(&scene) != "due", "{name}: {rings:?}");
    }
}

/// A set of the plan in a phase.
fn done(scene: &mut Scene, of_plan: &str, phase: Phase) {
    let edit = tenant::turned(&scene.world.snapshot, CA002, PolicyState::Disabled);
    let mut draft = tenant::draft(rollout::change::Purpose::CutOver, vec![edit]);
    draft.step = rollout::preflight::Stage::Enforce;
    draft.title = format!("A set of {of_plan}");
    let set = set_of(&scene.world, draft);
    scene.step(&Event::Proposed { set: &set, of_plan: Some(of_plan.to_owned()) });
    let mut progress = scene.state.sets[&set.id].clone();
    progress.phase = phase;
    scene.state.add(Record::Progress(Box::new(progress)));
}

/// No time promotes alone, and no evidence before its time.
#[test]
fn neither_the_hours_nor_the_canary_are_enough_alone() {
    for hour in 0..60 {
        for has_canary in [false, true] {
            let mut scene = Scene::in_rings();
            scene.see();
            scene.moves_to(ring() + hours(hour) + SignedDuration::from_mins(6));
            if !has_canary {
                rows(&mut scene).retain(|row| row.account != account("ben"));
            }
            // The date is of the plan; here only the evidence is asked.
            let shown = in_flight(&scene, &last_ring(&scene)).is_empty();
            assert_eq!(shown, has_canary && hour >= 24, "{hour} hours, canary {has_canary}");
        }
    }
}

#[test]
fn the_sets_of_the_rings_in_their_order() {
    let mut scene = Scene::in_rings();
    scene.see();
    assert!(of(&scene, "CS-07").is_none(), "everybody at once is not among them");
    assert!(of(&scene, "CS-07/ring-2").is_none(), "it is asked");
    assert_eq!(last(&scene), "due");
    // The day before its date nothing is due, whatever is shown.
    scene.plan.change_sets.iter_mut().find(|it| it.id == "CS-07/ring-3").unwrap().date =
        rollout::plan::calendar::days_later(scene.plan.start, 22);
    assert_eq!(last(&scene), "it is planned for Tuesday 15 December 2026");

    // Before: ring 2 comes first, and the bridge group before it.
    policy(&mut scene).conditions.users.include_groups.pop();
    assert!(of(&scene, "CS-07/ring-2").unwrap().is_ok());
    members(&mut scene, BRIDGE, Some(vec![member("ann")]));
    let first = of(&scene, "CS-07/ring-2").unwrap().unwrap_err().to_string();
    assert_eq!(first, "the bridge group is filled first");
    assert!(of(&scene, "CS-07/bridge").unwrap().is_ok(), "without security defaults too");
    // While ring 2 is asked nobody is added to it.
    policy(&mut scene).conditions.users.include_groups.push(BRIDGE.to_owned());
    assert!(of(&scene, "CS-07/bridge").is_none());
    // Everybody is asked: nothing of it is left.
    scene.switch();
    for set in ["CS-07", "CS-07/bridge", "CS-07/ring-2", "CS-07/ring-3"] {
        assert!(of(&scene, set).is_none(), "{set}");
    }
    // At once nothing of the rings is there.
    let mut scene = Scene::ready();
    scene.see();
    assert!(of(&scene, "CS-07/ring-2").is_none() && of(&scene, "CS-07/ring-3").is_none());
}

#[test]
fn beside_security_defaults_the_last_ring_cannot_be_drafted() {
    let mut scene = Scene::in_rings();
    scene.see();
    policy(&mut scene).conditions.users.include_groups.pop();
    scene.world.snapshot.security_defaults = Some(true);
    assert!(last(&scene).contains("no policy can be On beside them"), "{}", last(&scene));
    let ring = of(&scene, "CS-07/ring-2").unwrap().unwrap();
    assert!(ring.gap.is_some());
}

/// What the pilot proved stays proved in ring 2; who would be locked out is asked anew.
#[test]
fn the_gates_before_everybody_in_ring_2() {
    let mut scene = Scene::in_rings();
    rows(&mut scene).retain(|row| row.account == account("ben"));
    scene.see();
    for gate in [GateId::G5, GateId::G6] {
        let record = &scene.state.gates[&gate];
        let open: Vec<_> = record.criteria.iter().filter(|it| !it.opens()).collect();
        let open: Vec<&str> = open.iter().map(|it| it.id.as_str()).collect();
        // The tests of the break-glass accounts are rows too, and are not there any more.
        let expected: &[&str] = if gate == GateId::G6 { &["G6.break-glass"] } else { &[] };
        assert_eq!(open, expected);
    }
    // What was never passed is not passed by the ring.
    let mut scene = Scene::in_rings();
    rows(&mut scene).retain(|row| row.account == account("ben"));
    scene.state.gates.clear();
    scene.see();
    assert_ne!(scene.state.gates[&GateId::G6].verdict, GateState::Passed);
}

/// The criteria of the gate before everybody, as they stand when the tenant was read once more.
fn before_everybody(scene: &mut Scene) -> Vec<(String, GateState)> {
    scene.see();
    let all = &scene.state.gates[&GateId::G6].criteria;
    all.iter().map(|it| (it.id.clone(), it.verdict)).collect()
}

/// It stays under its own name, while ring 2 is in flight; before, it is asked anew.
#[test]
fn only_what_was_passed_before_ring_2_stays_passed() {
    const DESKTOP: &str = "G6.desktop";
    let no_desktop = |it: &mut Scene| {
        rows(it).retain(|row| row.operating_system.as_deref() != Some("Windows 11"))
    };
    let with = |all: &[(String, GateState)], id: &str, verdict: GateState| {
        let is = |it: &String, was: GateState| if it == id { verdict } else { was };
        all.iter().map(|(it, was)| (it.clone(), is(it, *was))).collect::<Vec<_>>()
    };
    // Ring by ring, and ring 2 is not asked yet.
    let mut scene = Scene::ready();
    scene.world.rollout.steps.enforcement = Enforcement::Rings;
    let passed = before_everybody(&mut scene);
    assert!(passed.iter().all(|it| it.1 == GateState::Passed), "{passed:?}");
    no_desktop(&mut scene);
    assert_eq!(before_everybody(&mut scene), with(&passed, DESKTOP, GateState::Running));
    // Ring 2 is in flight.
    let mut scene = Scene::in_rings();
    let passed = before_everybody(&mut scene);
    no_desktop(&mut scene);
    assert_eq!(before_everybody(&mut scene), passed);
    let record = scene.state.gates.get_mut(&GateId::G6).unwrap();
    let desktop = record.criteria.iter_mut().find(|it| it.id == DESKTOP).unwrap();
    desktop.verdict = GateState::Running;
    assert_eq!(before_everybody(&mut scene), with(&passed, DESKTOP, GateState::Running));
}

fn says(scene: &Scene) -> String {
    scene.with(|scene, seen| waiting(&scene.state, seen, scene.now)).to_string()
}

#[test]
fn one_sentence_why_then_what_to_do() {
    let after = |change: fn(&mut Scene)| {
        let mut scene = Scene::in_rings();
        change(&mut scene);
        scene.see();
        says(&scene)
    };
    let due = after(|_| {});
    insta::assert_snapshot!(due, @"`Ring 3: MFA for all users` is due. `lockstep next` shows it, and what stands against it.");
    let no_canary = after(|it| rows(it).retain(|row| row.account != account("ben")));
    insta::assert_snapshot!(no_canary, @"`Ring 3: MFA for all users` waits for ring 2: Nobody is seen to pass a fresh challenge by this policy yet. What helps: A member of the bridge group beyond the pilot signs out and in again (E-04); then `lockstep snapshot`.");
    let too_early = after(|it| it.world.rollout.steps.ring_hours = 72);
    insta::assert_snapshot!(too_early, @"`Ring 3: MFA for all users` waits for ring 2: 47 of 72 hours watched: nobody had nothing but failures. It is being measured; read the tenant again tomorrow.");
    let short_log = after(|it| it.sign_ins.as_mut().unwrap().newest = Some(ring() + hours(20)));
    insta::assert_snapshot!(short_log, @"`Ring 3: MFA for all users` waits for ring 2: Nobody is seen locked out, and the log does not reach far enough to say that nobody is. What helps: the log ends at 2026-12-13T08:00:00Z, before 2026-12-13T12:00:00Z.");
    let stop = after(|it| dan_fails(it, ring() + hours(2), ring() + hours(5)));
    insta::assert_snapshot!(stop, @"The stop rule is hit: Stop: 1 of 2 in `ring 2` (50 %; more than 2 %) had nothing but failures for 2 hours: dan@ne.example. Help those people, or take the switch back with `lockstep rollback`.");
    // A person took it on: it is said no more.
    let mut waived = Scene::in_rings();
    dan_fails(&mut waived, ring() + hours(2), ring() + hours(5));
    waived.waive(Waived::Criterion("G7.ring".to_owned()));
    waived.see();
    assert!(matches!(
        waived.with(|scene, seen| waiting(&scene.state, seen, scene.now)),
        Waiting::ChangeSet { of_plan, .. } if of_plan == "CS-07/ring-3"
    ));
}

/// G7 asks for the canary while ring 2 is in flight only, and its watch begins with the last ring.
#[test]
fn the_watch_begins_with_the_last_ring() {
    let mut scene = Scene::in_rings();
    let asks = |scene: &Scene| {
        let gate = scene.gate(GateId::G7);
        (gate.criteria.iter().any(|it| it.id == "G7.canary"), gate.verdict)
    };
    assert_eq!(asks(&scene), (true, GateState::Pending));
    scene.switch();
    policy(&mut scene).modified = Some(noon(22));
    done(&mut scene, "CS-07/ring-2", Phase::Done { at: ring() });
    scene.moves_to(noon(24));
    assert!(!asks(&scene).0);
    let why = |scene: &Scene| scene.criterion("G7.watch").why;
    assert!(why(&scene).starts_with("47 of 72 hours watched"), "{}", why(&scene));
    // Each ring is judged by itself: one of the few who remain is more than the share.
    scene.world.snapshot.groups.as_mut().unwrap().iter_mut().for_each(|group| {
        if group.id.as_deref() == Some(BRIDGE) {
            group.members = Some(vec![member("ann"), member("ben"), member("cora")]);
        }
    });
    dan_fails(&mut scene, noon(22) + hours(2), noon(22) + hours(5));
    assert!(why(&scene).contains("`ring 3`"), "{}", why(&scene));
    scene.world.rollout.steps.enforcement = Enforcement::AllAtOnce;
    assert!(why(&scene).contains("`everybody`"), "{}", why(&scene));
    // Who is in the rings nobody told: nothing is said.
    scene.world.rollout.steps.enforcement = Enforcement::Rings;
    members(&mut scene, BRIDGE, None);
    assert_eq!(scene.criterion("G7.watch").verdict, GateState::Error);
    // The last ring that lockstep carried out tells the moment.
    let mut scene = Scene::in_rings();
    scene.switch();
    done(&mut scene, "CS-07/ring-3", Phase::Done { at: noon(23) });
    scene.moves_to(noon(24));
    assert!(why(&scene).starts_with("23 of 72 hours watched"), "{}", why(&scene));
}

#[test]
fn the_rows_that_ring_2_is_judged_by() {
    let scene = Scene::in_rings();
    let ask = scene.with(|scene, seen| rows_wanted(&scene.state, seen, scene.now));
    assert_eq!((ask.failures_since, ask.fresh_since), (Some(ring()), Some(ring())));
    let of = |names: &[&str]| {
        let names = names.iter();
        names.flat_map(|it| [crate::world::id(it), format!("{it}@ne.example")]).collect()
    };
    assert_eq!(ask.fresh_of, of(&["ben", "dan"]));
    // After the last ring the canary is still read from ring 2 on.
    let mut scene = Scene::in_rings();
    scene.switch();
    done(&mut scene, "CS-07/ring-2", Phase::Done { at: ring() });
    policy(&mut scene).modified = Some(noon(22));
    let ask = scene.with(|scene, seen| rows_wanted(&scene.state, seen, scene.now));
    assert_eq!((ask.failures_since, ask.fresh_since), (Some(noon(22)), Some(ring())));
    let before = Scene::ready();
    let ask = before.with(|scene, seen| rows_wanted(&scene.state, seen, scene.now));
    assert_eq!((ask.fresh_since, ask.fresh_of.len()), (None, 0));
}

#[test]
fn the_tasks_of_the_rings() {
    let standing = |scene: &Scene, id: &str| {
        let all = scene.with(|scene, seen| {
            let found = tasks(&scene.state, seen, scene.now);
            found.into_iter().find(|it| it.task.id == id).map(|it| it.standing)
        });
        all.unwrap()
    };
    let is_shown = |scene: &Scene, id: &str| matches!(standing(scene, id), Standing::Shown { .. });
    let mut scene = Scene::in_rings();
    scene.see();
    assert!(is_shown(&scene, "E-03") && is_shown(&scene, "E-04") && !is_shown(&scene, "E-05"));
    rows(&mut scene).retain(|row| row.account != account("ben"));
    assert!(!is_shown(&scene, "E-04"));
    // It stays shown when everybody is asked.
    let mut scene = Scene::in_rings();
    done(&mut scene, "CS-07/ring-2", Phase::Done { at: ring() });
    scene.switch();
    policy(&mut scene).modified = Some(noon(21));
    scene.moves_to(noon(22));
    assert!(is_shown(&scene, "E-04") && is_shown(&scene, "E-05"));
}

#[test]
fn messages_go_to_the_ring_that_is_asked_next() {
    let to = |scene: &Scene| -> Result<Vec<String>, String> {
        let found =
            scene.with(|scene, seen| recipients(&scene.state, seen, "announcement", Circle::Ring));
        let found = found.map_err(|error| error.to_string())?;
        let people = found.to_send.into_iter().map(|it| it.account);
        let mut names: Vec<String> = people
            .chain(found.without_address)
            .map(|it| it.user_principal_name.unwrap().replace("@ne.example", ""))
            .collect();
        names.sort_unstable();
        Ok(names)
    };
    let mut scene = Scene::in_rings();
    scene.see();
    assert_eq!(to(&scene).unwrap(), Vec::<String>::new(), "all four are in a ring that is asked");
    members(&mut scene, BRIDGE, Some(["ann", "ben", "cora"].map(member).to_vec()));
    assert_eq!(to(&scene).unwrap(), ["dan"]);
    // Before ring 2 is asked, it is told.
    policy(&mut scene).conditions.users.include_groups.pop();
    assert_eq!(to(&scene).unwrap(), ["ben"]);
    members(&mut scene, BRIDGE, None);
    assert_eq!(
        to(&scene).unwrap_err(),
        "no file tells all members of the pilot group and of the bridge group `MFA - Bridge`"
    );
    // Before the pilot has passed its gate, the pilot is.
    scene.state.gates.remove(&GateId::G6);
    assert_eq!(to(&scene).unwrap(), ["ann", "cora"]);
    // At once: everybody in scope.
    let mut at_once = Scene::ready();
    at_once.see();
    assert!(to(&at_once).unwrap().len() >= 4);
}

#[test]
fn the_plan_of_the_rings() {
    let scene = Scene::in_rings();
    let sets: Vec<String> = scene
        .plan
        .change_sets
        .iter()
        .filter(|it| it.id.starts_with("CS-07"))
        .map(|it| format!("{} {} {}", it.id, it.date, it.title))
        .collect();
    insta::assert_snapshot!(sets.join("\n"), @"
    CS-07/ring-2 2026-12-12 Ring 2: MFA for whoever can pass it
    CS-07/ring-3 2026-12-14 Ring 3: MFA for all users
    ");
    let step = |stage| scene.plan.steps.iter().find(|it| it.id == stage).unwrap();
    use rollout::preflight::Stage::{Enforce, Validate};
    assert!(step(Enforce).last_date < step(Validate).first_date);
    let of = |task: &str| {
        let task = scene.plan.tasks.iter().find(|it| it.id == task).unwrap();
        format!("{} {} {}", task.date, task.change_set.unwrap_or("-"), task.title)
    };
    insta::assert_snapshot!(["R-21", "E-03", "E-04", "E-05", "E-06"].map(of).join("\n"), @"
    2026-12-08 CS-07/ring-2 Fill the bridge group: everyone who can already pass MFA
    2026-12-12 CS-07/ring-2 Cut over without a gap: CA001 for the bridge group
    2026-12-12 - Canary: one sign-in under CA001 before it is widened to all users
    2026-12-14 CS-07/ring-3 CA001 for all users, only `CA - Excluded emergency accounts` and the dated exceptions excluded
    2026-12-14 - Break-glass: sign in once after the switch
    ");
}
