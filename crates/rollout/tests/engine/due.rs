//! Which change sets are due, and which tasks are done.

use conditional_access::{NamedLocation, NamedLocationKind, State as PolicyState};
use jiff::SignedDuration;
use rollout::change::Draft;
use rollout::change::text::heading;
use rollout::engine::{
    DueSet, Event, GateId, GateRecord, NotDue, Phase, Record, Standing, TaskNow, due_sets,
    rows_wanted, tasks,
};
use rollout::exceptions::{ClassifiedAccount, Kind};
use rollout::plan::GateState;
use rollout::preflight::Verdict as Found;
use rollout::{Campaign, PerUserMfa};

use crate::scene::{Scene, noon, set_of, word};
use crate::tenant::{self, CA001};
use crate::world::{EXCLUDED, account};

fn due(scene: &Scene) -> Vec<DueSet> {
    scene.with(|scene, seen| due_sets(&scene.state, seen, "m", scene.now))
}

/// Each set that is not done, with why not now.
fn lines(scene: &Scene) -> String {
    let line = |it: &DueSet| match &it.draft {
        Ok(_) => format!("{}: due", it.of_plan),
        Err(why) => format!("{}: {why}", it.of_plan),
    };
    due(scene).iter().map(line).collect::<Vec<_>>().join("\n")
}

fn drafted(scene: &Scene, of_plan: &str) -> Draft {
    due(scene).into_iter().find(|it| it.of_plan == of_plan).unwrap().draft.unwrap()
}

fn is_listed(scene: &Scene, of_plan: &str) -> bool {
    due(scene).iter().any(|it| it.of_plan == of_plan)
}

/// The first day, nothing is done yet.
fn bare(security_defaults: Option<bool>) -> Scene {
    let mut scene = Scene::ready();
    let snapshot = &mut scene.world.snapshot;
    snapshot.policies = Some(Vec::new());
    snapshot.security_defaults = security_defaults;
    snapshot.groups.as_mut().unwrap().retain(|it| {
        it.id.as_deref() != Some(EXCLUDED) && it.id.as_deref() != Some(tenant::BRIDGE)
    });
    let policy = snapshot.methods_policy.as_mut().unwrap();
    policy.campaign = Some(Campaign { state: Some("default".to_owned()), ..Campaign::default() });
    scene.now = noon(1);
    scene.snapshot_taken = Some(scene.now);
    scene.log();
    scene
}

fn break_glass_group(scene: &mut Scene) {
    let group =
        crate::world::group(EXCLUDED, "CA - Excluded emergency accounts", &["alpha", "bravo"]);
    scene.world.snapshot.groups.as_mut().unwrap().push(group);
}

#[test]
fn the_first_day() {
    insta::assert_snapshot!(lines(&bare(Some(true))), @"
    CS-01: due
    CS-02: it is planned for Tuesday 24 November 2026
    CS-03: it is planned for Tuesday 24 November 2026
    CS-04: it is planned for Tuesday 24 November 2026
    CS-05: it is planned for Wednesday 25 November 2026
    CS-07/bridge: it is planned for Tuesday 8 December 2026
    CS-07: it is planned for Saturday 12 December 2026
    ");
}

#[test]
fn what_comes_before_the_pilot_beside_security_defaults() {
    let mut scene = bare(Some(true));
    break_glass_group(&mut scene);
    scene.now = noon(3);
    scene.snapshot_taken = Some(scene.now);
    scene.see();
    insta::assert_snapshot!(lines(&scene), @"
    CS-02: due
    CS-03: due
    CS-04: due
    CS-05: due
    CS-07/bridge: it is planned for Tuesday 8 December 2026
    CS-07: it is planned for Saturday 12 December 2026
    ");
    // No policy is On beside security defaults.
    scene.now = noon(18);
    assert!(!is_listed(&scene, "CS-03/on") && !is_listed(&scene, "CS-02/on"));
}

#[test]
fn what_comes_before_the_switch_without_security_defaults() {
    let mut scene = Scene::ready();
    scene.pilot(PolicyState::EnabledForReportingButNotEnforced);
    for policy in scene.world.snapshot.policies.iter_mut().flatten() {
        policy.modified = Some(noon(2));
    }
    scene.log();
    insta::assert_snapshot!(lines(&scene), @"
    CS-02/on: gate G1 is not passed: it was never asked
    CS-04/on: gate G1 is not passed: it was never asked
    CS-03/on: gate G1 is not passed: it was never asked
    CS-07: gate G1 is not passed: it was never asked
    ");
    scene.see();
    insta::assert_snapshot!(lines(&scene), @"
    CS-02/on: due
    CS-04/on: due
    CS-03/on: due
    CS-07: gate G6 is not passed: The pilot is still in Report-only. 5 more things are open.
    ");
    assert!(!is_listed(&scene, "CS-07/bridge"), "there is no gap to bridge");
}

#[test]
fn the_bridge_is_filled_a_day_before() {
    let mut scene = Scene::beside_defaults();
    scene.see();
    let of = |scene: &Scene, of_plan: &str| -> Option<Result<(), String>> {
        let it = due(scene).into_iter().find(|it| it.of_plan == of_plan)?;
        Some(it.draft.map(drop).map_err(|why| why.to_string()))
    };
    // The four people who can pass MFA are in it, whoever put them there.
    assert_eq!(of(&scene, "CS-07/bridge"), None);
    assert_eq!(of(&scene, "CS-07"), Some(Ok(())));
    let members = |scene: &mut Scene, names: &[&str]| {
        let groups = scene.world.snapshot.groups.as_mut().unwrap();
        let bridge = groups.iter_mut().find(|it| it.id.as_deref() == Some(tenant::BRIDGE)).unwrap();
        bridge.members = Some(names.iter().map(|name| crate::world::member(name)).collect());
    };
    members(&mut scene, &["ann"]);
    assert_eq!(of(&scene, "CS-07/bridge"), Some(Ok(())));
    let filled = drafted(&scene, "CS-07/bridge");
    let headings: Vec<String> = filled.edits.iter().map(|(edit, _)| heading(edit)).collect();
    assert_eq!(headings.len(), 3, "{headings:?}");
    assert_eq!(of(&scene, "CS-07"), Some(Err("the bridge group is filled first".to_owned())));
    // Filled by lockstep, a day has to pass.
    let set = set_of(&scene.world, filled);
    scene.step(&Event::Proposed { set: &set, of_plan: Some("CS-07/bridge".to_owned()) });
    let mut done = scene.state.sets[&set.id].clone();
    let at = scene.now - SignedDuration::from_hours(23);
    done.phase = Phase::Done { at };
    scene.state.add(Record::Progress(Box::new(done.clone())));
    members(&mut scene, &["ann", "ben", "cora", "dan"]);
    assert!(matches!(of(&scene, "CS-07"), Some(Err(why)) if why.contains("less than a day ago")));
    done.phase = Phase::Done { at: at - SignedDuration::from_hours(1) };
    scene.state.add(Record::Progress(Box::new(done)));
    assert_eq!(of(&scene, "CS-07"), Some(Ok(())));
    // On the day itself nobody is added any more; the day before somebody is.
    members(&mut scene, &["ann"]);
    assert_eq!(of(&scene, "CS-07/bridge"), None);
    scene.now -= SignedDuration::from_hours(24);
    assert!(of(&scene, "CS-07/bridge").is_some());
}

#[test]
fn nothing_is_due_before_its_day_or_behind_a_closed_gate() {
    let mut scene = Scene::ready();
    scene.see();
    assert!(drafted(&scene, "CS-07").edits.len() == 1);
    let why = |scene: &Scene| {
        due(scene).into_iter().find(|it| it.of_plan == "CS-07").unwrap().draft.unwrap_err()
    };
    scene.now -= SignedDuration::from_hours(24);
    assert!(matches!(why(&scene), NotDue::NotBefore { .. }));
    scene.now += SignedDuration::from_hours(24);
    for gate in [GateId::G1, GateId::G4, GateId::G5, GateId::G6] {
        let mut scene = Scene::ready();
        scene.see();
        scene.state.gates.remove(&gate);
        assert!(matches!(why(&scene), NotDue::Gate { gate: it, .. } if it == gate));
    }
    scene.world.snapshot.policies = None;
    assert!(matches!(why(&scene), NotDue::CannotDraft(_)));
}

#[test]
fn what_is_done_is_not_due_again() {
    let mut scene = Scene::ready();
    scene.see();
    assert!(is_listed(&scene, "CS-07"));
    scene.switch();
    scene.see();
    insta::assert_snapshot!(lines(&scene), @"CS-05/off: it is planned for Tuesday 15 December 2026");
    // While it is carried out it is neither due nor done.
    let mut scene = Scene::ready();
    scene.see();
    let set = set_of(&scene.world, drafted(&scene, "CS-07"));
    scene.step(&Event::Proposed { set: &set, of_plan: Some("CS-07".to_owned()) });
    assert!(is_listed(&scene, "CS-07"));
    let mut running = scene.state.sets[&set.id].clone();
    running.phase = Phase::Running;
    scene.state.add(Record::Progress(Box::new(running.clone())));
    assert!(!is_listed(&scene, "CS-07"));
    running.phase = Phase::Stopped { at: scene.now, why: String::new() };
    scene.state.add(Record::Progress(Box::new(running)));
    assert!(is_listed(&scene, "CS-07"), "what is left of it");
}

#[test]
fn a_policy_goes_forward_never_back() {
    let with = |state, excludes: bool| {
        let mut scene = Scene::ready();
        scene.see();
        scene.state.waivers.clear();
        for policy in scene.world.snapshot.policies.iter_mut().flatten() {
            if policy.id.as_deref() == Some(tenant::CA000) {
                policy.state = state;
                if !excludes {
                    policy.conditions.users.exclude_groups.clear();
                }
            }
        }
        let listed = due(&scene);
        let is = |of_plan: &str| listed.iter().any(|it| it.of_plan == of_plan);
        (is("CS-02"), is("CS-02/on"))
    };
    let report_only = PolicyState::EnabledForReportingButNotEnforced;
    assert_eq!(with(PolicyState::Disabled, true), (true, true));
    assert_eq!(with(report_only, true), (false, true));
    assert_eq!(with(report_only, false), (true, true), "its exclusion is missing");
    assert_eq!(with(PolicyState::Enabled, true), (false, false));
    assert_eq!(with(PolicyState::Enabled, false), (false, true), "mended where it is On");
}

#[test]
fn people_come_before_some() {
    // HR says which accounts nobody needs.
    let mut scene = Scene::ready();
    scene.see();
    scene.plan.exceptions.accounts.push(ClassifiedAccount {
        account: account("dan"),
        kind: Kind::Dormant,
        evidence: Vec::new(),
        treatment: "",
        mfa_exempt: false,
        compensating_control: "",
        max_days: None,
        approver: "",
    });
    assert_eq!(drafted(&scene, "CS-10").edits.len(), 1);
    scene.state.attestations.remove("P-36");
    let why = due(&scene).into_iter().find(|it| it.of_plan == "CS-10").unwrap();
    assert!(matches!(why.draft, Err(NotDue::First { .. })));
}

/// Whoever has no method could not register one any more; and no report on a policy for registering
/// says whom it would bar.
#[test]
fn registering_is_protected_for_the_pilot_first_and_for_all_when_everybody_has_a_method() {
    let mut scene = Scene::ready();
    let all = scene.world.snapshot.policies.as_mut().unwrap().split_off(5).remove(0);
    assert!(all.display_name.starts_with("CA005"), "{}", all.display_name);
    scene.see();
    scene.now = noon(24);
    let said = |scene: &Scene| {
        ["CS-06/pilot", "CS-06"].map(|of_plan| {
            let it = due(scene).into_iter().find(|it| it.of_plan == of_plan);
            it.map_or_else(
                || "-".to_owned(),
                |it| it.draft.map_or_else(|why| why.to_string(), |_| "due".to_owned()),
            )
        })
    };
    let pilot_first = "the pilot group registers under it first";
    let missing = "1 person has no method yet: under it they could not register one";
    assert_eq!(said(&scene), ["due", pilot_first]);
    scene.missing(&["dan"]);
    assert_eq!(said(&scene), [missing, missing], "nowhere is trusted");
    let office = |trusted| NamedLocation {
        id: Some("office".to_owned()),
        display_name: "Office".to_owned(),
        kind: NamedLocationKind::Ip { trusted, ranges: Vec::new() },
    };
    scene.world.snapshot.named_locations = Some(vec![office(None)]);
    assert_eq!(said(&scene), [missing, missing], "whether it is trusted nobody tells");
    scene.world.snapshot.named_locations = Some(vec![office(Some(true))]);
    assert_eq!(said(&scene), ["due", pilot_first], "people register in the office");
    scene.switch();
    scene.world.snapshot.policies.as_mut().unwrap().truncate(5);
    scene.see();
    scene.now = noon(24);
    scene.state.gates.remove(&GateId::G7);
    assert_eq!(said(&scene), ["gate G7 is passed first"; 2], "the switch is watched");
    let passed = GateRecord { verdict: GateState::Passed, ..scene.gate(GateId::G7) };
    scene.state.gates.insert(GateId::G7, passed);
    assert_eq!(said(&scene), [missing, missing], "nobody signs in without MFA now");
    scene.missing(&[]);
    assert_eq!(said(&scene), ["due", pilot_first]);
    let mut few = all.clone();
    few.conditions.users.include_users.clear();
    few.conditions.users.include_groups = vec![crate::world::PILOT.to_owned()];
    few.modified = Some(scene.now - SignedDuration::from_hours(23));
    scene.world.snapshot.policies.as_mut().unwrap().push(few);
    assert_eq!(said(&scene), ["-", "the pilot group has it for a day first"]);
    scene.now += SignedDuration::from_hours(2);
    assert_eq!(said(&scene), ["-", "due"]);
    *scene.world.snapshot.policies.as_mut().unwrap().last_mut().unwrap() = all;
    assert_eq!(said(&scene), ["-", "-"]);
}

fn device_code(scene: &mut Scene, verdict: Found) {
    let found = scene.plan.preflight.iter_mut().find(|it| it.id == "NH-04").unwrap();
    found.verdict = verdict;
}

#[test]
fn device_code_flow_is_blocked_once_nobody_needs_it() {
    let mut scene = Scene::ready();
    let said = |scene: &Scene| {
        let it = due(scene).into_iter().find(|it| it.of_plan == "CS-04/device-code")?;
        Some(it.draft.map_or_else(|why| why.to_string(), |_| "due".to_owned()))
    };
    scene.see();
    scene.now = noon(24);
    assert_eq!(said(&scene), None, "everybody is asked first");
    scene.switch();
    let policies = scene.world.snapshot.policies.as_mut().unwrap();
    let policy = policies.iter_mut().find(|it| it.display_name.starts_with("CA004")).unwrap();
    policy.state = PolicyState::EnabledForReportingButNotEnforced;
    scene.see();
    scene.now = noon(24);
    scene.state.gates.remove(&GateId::G7);
    assert_eq!(said(&scene).as_deref(), Some("gate G7 is passed first"));
    let passed = GateRecord { verdict: GateState::Passed, ..scene.gate(GateId::G7) };
    scene.state.gates.insert(GateId::G7, passed);
    for verdict in [Found::Found, Found::Inconclusive, Found::NotApplicable] {
        device_code(&mut scene, verdict);
        assert!(said(&scene).unwrap().starts_with("nobody may need it any more (NH-04)"));
    }
    device_code(&mut scene, Found::Ok);
    assert_eq!(said(&scene).as_deref(), Some("due"));
    scene.plan.preflight.retain(|it| it.id != "NH-04");
    let unknown = "whether anybody uses it is not known (NH-04)";
    assert_eq!(said(&scene).as_deref(), Some(unknown));
}

#[test]
fn per_user_mfa_goes_last() {
    let mut scene = Scene::ready();
    scene.see();
    scene.world.snapshot.users.as_mut().unwrap()[2].per_user_mfa = Some(PerUserMfa::Enforced);
    assert!(!is_listed(&scene, "CS-08"));
    scene.switch();
    scene.now = noon(24);
    let it = due(&scene).into_iter().find(|it| it.of_plan == "CS-08").unwrap();
    assert!(matches!(it.draft, Err(NotDue::Gate { gate: GateId::G7, .. })), "{:?}", it.draft);
}

#[test]
fn without_policies_security_defaults_are_turned_on() {
    let mut scene = bare(Some(false));
    scene.plan.change_sets.retain(|it| !matches!(it.id, "CS-02" | "CS-03" | "CS-04"));
    insta::assert_snapshot!(lines(&scene), @"
    CS-05: it is planned for Wednesday 25 November 2026
    CS-07/defaults: it is planned for Saturday 12 December 2026
    ");
    scene.world.snapshot.security_defaults = Some(true);
    assert!(!is_listed(&scene, "CS-07/defaults"));
}

fn standing(scene: &Scene, id: &str) -> Standing {
    let all = scene.with(|scene, seen| {
        let found = tasks(&scene.state, seen, scene.now);
        found.into_iter().find(|it| it.task.id == id).map(|it: TaskNow<'_>| it.standing)
    });
    all.unwrap_or(Standing::NotYet { gate: None })
}

#[test]
fn tasks_are_shown_by_data_said_by_people_or_open() {
    let mut scene = Scene::ready();
    scene.see();
    for id in [
        "P-01", "P-02", "P-06", "P-07", "P-10", "P-11", "P-13", "P-14", "P-15", "P-17", "P-21",
        "P-23", "P-24", "P-27", "P-30", "R-03", "R-05", "R-06", "R-17", "R-18", "R-19", "R-20",
        "L-03", "L-04", "L-05", "L-06", "L-07", "L-08",
    ] {
        let found = scene.with(|scene, seen| {
            tasks(&scene.state, seen, scene.now).into_iter().any(|it| it.task.id == id)
        });
        if found && id != "P-23" {
            assert!(
                matches!(standing(&scene, id), Standing::Shown { .. }),
                "{id} {:?}",
                standing(&scene, id)
            );
        }
    }
    assert!(matches!(standing(&scene, "P-18"), Standing::Attested { .. }));
    assert!(matches!(standing(&scene, "P-20"), Standing::Open { overdue: true, .. }));
    assert!(matches!(standing(&scene, "E-02"), Standing::Open { overdue: false, .. }));
    assert!(matches!(standing(&scene, "V-03"), Standing::NotYet { gate: None }));
    scene.state.gates.remove(&GateId::G4);
    assert!(matches!(standing(&scene, "E-02"), Standing::NotYet { gate: Some(GateId::G4) }));
    // A person's word does not do what a change set does, where the tenant tells.
    scene.words(&["E-05"]);
    assert!(!standing(&scene, "E-05").is_done());
    scene.switch();
    assert!(matches!(standing(&scene, "E-05"), Standing::Shown { .. }));
    let mut scene = Scene::ready();
    scene.words(&["E-05"]);
    scene.world.snapshot.policies = None;
    assert!(matches!(standing(&scene, "E-05"), Standing::Attested { .. }));
}

/// The pilot's rows grow old: what was shown before the switch is not to be done again after it.
#[test]
fn what_was_shown_before_the_switch_stays_shown_after_it() {
    let mut scene = Scene::ready();
    scene.see();
    scene.switch();
    scene.moves_to(noon(23));
    scene.sign_ins.as_mut().unwrap().rows.clear();
    scene.see();
    assert_ne!(scene.criterion("G6.phone").verdict, rollout::plan::GateState::Passed);
    for task in ["L-03", "L-04", "L-05", "L-06", "L-07", "L-08"] {
        let found = standing(&scene, task);
        assert!(found.is_done(), "{task} {found:?}");
    }
}

#[test]
fn a_task_that_a_change_set_did_names_it() {
    let mut scene = Scene::ready();
    scene.see();
    let set = set_of(&scene.world, drafted(&scene, "CS-07"));
    scene.step(&Event::Proposed { set: &set, of_plan: Some("CS-07".to_owned()) });
    let mut done = scene.state.sets[&set.id].clone();
    done.phase = Phase::Done { at: noon(20) };
    scene.state.add(Record::Progress(Box::new(done)));
    assert!(!standing(&scene, "E-05").is_done(), "the tenant shows the contrary");
    scene.switch();
    assert_eq!(
        standing(&scene, "E-05"),
        Standing::CarriedOut { set: set.id.clone(), at: noon(20) }
    );
}

#[test]
fn rows_are_wanted_of_those_who_prove_something() {
    let mut scene = Scene::ready();
    let ask = scene.with(|scene, seen| rows_wanted(&scene.state, seen, scene.now));
    for name in ["alpha", "bravo", "ann", "cora"] {
        assert!(ask.accounts.contains(&crate::world::id(name)), "{name}");
        assert!(ask.accounts.contains(&format!("{name}@ne.example")), "{name}");
    }
    assert_eq!(ask.accounts.len(), 8);
    assert_eq!(ask.policies.len(), 6);
    assert!(ask.policies.contains(CA001));
    assert!(ask.most_rows > 1_000);
    assert_eq!((ask.failures_since, ask.single_factor_since, ask.legacy_since), (None, None, None));
    scene.switch();
    let ask = scene.with(|scene, seen| rows_wanted(&scene.state, seen, scene.now));
    let since = Some(noon(20));
    assert_eq!(
        (ask.failures_since, ask.single_factor_since, ask.legacy_since),
        (since, since, since)
    );
    let _ = word("x", noon(1));
}
