//! What criteria tell of numbers, names and lists.

use rollout::Account;
use rollout::engine::{Issue, Record, Sheet};
use rollout::impact::UserOutcome;
use rollout::preflight::Verdict as Found;
use rollout::registration::CapableOf;

use crate::gates::{dependency, locked_out, program_refused, switched, with_dependency};
use crate::scene::{Scene, applied, challenged, noon};
use crate::tenant::{CA001, CA002};
use crate::world::account;

fn blocking_issue(scene: &mut Scene, number: u32) {
    scene.state.add(Record::Issue(Issue {
        id: format!("I-{number:03}"),
        by: "Ben".to_owned(),
        at: scene.now,
        text: "It prints not.".to_owned(),
        about: None,
        blocking: true,
        closed: None,
    }));
}

#[test]
fn a_long_list_is_cut_and_the_rest_is_counted() {
    for (open, shown, last) in [
        (49, 49, "I-048: It prints not."),
        (50, 50, "I-049: It prints not."),
        (51, 51, "and 1 more"),
        (60, 51, "and 10 more"),
    ] {
        let mut scene = Scene::ready();
        for number in 0..open {
            blocking_issue(&mut scene, number);
        }
        let rows = scene.criterion("G6.issues").rows;
        assert_eq!((rows.len(), rows.last().unwrap().as_str()), (shown, last), "{open}");
    }
}

#[test]
fn one_and_many() {
    type Change = fn(&mut Scene);
    let cases: [(&str, Change, &str); 8] = [
        ("G4.rate", |_| {}, "4 of 4 people in scope can pass MFA (100 %; 95 % needed)."),
        (
            "G4.rate",
            |it| {
                let registration = &mut it.plan.registration;
                registration.capable = Some(1);
                registration.denominators.in_scope_people = Some(1);
            },
            "1 of 1 person in scope can pass MFA (100 %; 95 % needed).",
        ),
        (
            "G4.administrators",
            |it| it.plan.registration.administrators = Some(CapableOf { capable: 1, of: 2 }),
            "1 of 2 administrators can pass MFA.",
        ),
        (
            "G1.legacy-owners",
            |it| with_dependency(it, dependency("dan", None, None)),
            "1 of 1 legacy dependency has no owner or no decision.",
        ),
        (
            "G1.legacy-owners",
            |it| {
                with_dependency(it, dependency("dan", None, None));
                with_dependency(it, dependency("cora", None, None));
            },
            "2 of 2 legacy dependencies have no owner or no decision.",
        ),
        (
            "G1.findings",
            |it| it.finding("TN-04", Found::Found),
            "1 blocking finding is open, first TN-04: ",
        ),
        ("G6.lockout", |it| locked_out(it, UserOutcome::Blocked), "1 account would be locked out."),
        (
            "G6.lockout",
            |it| locked_out(it, UserOutcome::Unknown),
            "Of 1 account nobody can say whether they would get in.",
        ),
    ];
    for (id, change, why) in cases {
        let mut scene = Scene::ready();
        change(&mut scene);
        let said = scene.criterion(id).why;
        assert!(said.starts_with(why), "{id}: {said}");
    }
}

#[test]
fn rows_name_what_they_are_about() {
    let mut scene = Scene::ready();
    scene.finding("OP-05", Found::Inconclusive);
    let finding = scene.plan.preflight.iter().find(|it| it.id == "OP-05").unwrap();
    let line = format!("OP-05: {}", finding.subject);
    let found = scene.criterion("G1.findings");
    assert_eq!((&found.rows, &found.about), (&vec![line.clone()], &vec![line]));
    for (outcome, about) in [
        (UserOutcome::Blocked, "dan@ne.example (locked out)"),
        (UserOutcome::Cannot, "dan@ne.example (locked out)"),
        (UserOutcome::Unknown, "dan@ne.example (not known)"),
    ] {
        let mut scene = Scene::ready();
        locked_out(&mut scene, outcome);
        let found = scene.criterion("G6.lockout");
        assert_eq!(found.about, [about]);
        assert_eq!(found.rows, [format!("{about}: Because.")]);
    }
    // Of each policy, for how many days it was observed.
    let mut scene = Scene::ready();
    let days = &mut scene.sign_ins.as_mut().unwrap().policy_days;
    days.insert(CA002.to_owned(), [jiff::civil::date(2026, 11, 30)].into());
    assert_eq!(
        scene.criterion("G5.days").rows,
        ["CA000: 17 full days", "CA001: On", "CA002: 1 full day", "CA003: 17 full days"]
    );
}

/// What is found stays found, whatever somebody says of what is not decided.
#[test]
fn a_word_does_not_close_what_was_found() {
    let mut scene = Scene::ready();
    scene.finding("OP-05", Found::Inconclusive);
    scene.finding("TN-04", Found::Found);
    scene.words(&["P-07"]);
    assert_eq!(scene.criterion("G1.findings").verdict, rollout::plan::GateState::Failed);
}

#[test]
fn sheets_are_of_an_account_by_either_name() {
    use rollout::plan::GateState::{Inconclusive, Passed};
    let upper = |name: Option<String>| name.map(|it| it.to_uppercase());
    let by_id = |name| Account {
        user_id: upper(account(name).user_id),
        user_principal_name: None,
        display_name: None,
    };
    let by_name = |name| Account {
        user_id: None,
        user_principal_name: upper(account(name).user_principal_name),
        display_name: None,
    };
    let nameless = Account { display_name: Some("bravo".to_owned()), ..Account::default() };
    for (bravo, verdict) in
        [(by_id("bravo"), Passed), (by_name("bravo"), Passed), (nameless, Inconclusive)]
    {
        let mut scene = Scene::ready();
        scene.state.attestations.remove("P-09");
        for account in [by_name("alpha"), bravo.clone()] {
            scene.state.add(Record::Sheet(Sheet {
                account,
                set: "set".to_owned(),
                places: vec!["safe 1".to_owned(), "safe 2".to_owned()],
                by: "Ada".to_owned(),
                at: scene.now,
            }));
        }
        assert_eq!(scene.criterion("G1.sheets").verdict, verdict, "{bravo:?}");
    }
}

/// Who is nobody that signs in is nobody of the people that were watched.
#[test]
fn the_watch_counts_people_who_can_sign_in() {
    let why = |change: fn(&mut Scene)| {
        let mut scene = Scene::ready();
        switched(&mut scene);
        change(&mut scene);
        for hour in 0..4 {
            let mut row = challenged(
                "dan",
                noon(21) + jiff::SignedDuration::from_hours(hour),
                &("Windows 11", "device-1", Some(true)),
            );
            row.error_code = Some(53003);
            row.policies = vec![applied(CA001, "failure")];
            scene.sign_ins.as_mut().unwrap().rows.push(row);
        }
        let why = scene.criterion("G7.watch").why;
        why.split(" (").next().unwrap().to_owned()
    };
    assert_eq!(why(|_| {}), "Stop: 1 of 4 in `everybody`");
    let disabled = why(|it| {
        let users = it.world.snapshot.users.iter_mut().flatten();
        for user in users.filter(|user| user.account == account("cora")) {
            user.account_enabled = Some(false);
        }
    });
    assert_eq!(disabled, "Stop: 1 of 3 in `everybody`");
}

/// A criterion says how far the kind of device has come.
#[test]
fn how_far_a_kind_of_device_has_come() {
    let mut scene = Scene::ready();
    let rows = &mut scene.sign_ins.as_mut().unwrap().rows;
    rows.retain(|row| row.operating_system.as_deref() != Some("Windows 11"));
    let why = scene.criterion("G6.desktop").why;
    assert!(why.ends_with(": no sign-in seen."), "{why}");
}

/// What is still to be stated is asked for by the task that the plan has.
#[test]
fn the_word_on_break_glass_is_asked_for_by_the_task_of_the_plan() {
    for task in ["V-08", "E-06", "S-12"] {
        let mut scene = Scene::ready();
        switched(&mut scene);
        for attested in ["V-08", "E-06", "S-12"] {
            scene.state.attestations.remove(attested);
        }
        let tasks = &mut scene.plan.tasks;
        tasks.retain(|it| !["E-06", "S-12"].contains(&it.id.as_str()));
        tasks.iter_mut().find(|it| it.id == "V-08").unwrap().id = task.to_owned();
        let found = scene.criterion("G8.break-glass");
        let asked = format!("`lockstep attest {task}");
        assert!(found.missing.iter().any(|it| it.contains(&asked)), "{task}: {:?}", found.missing);
    }
}

/// What is open besides a program that stands still is said with it, and nothing else is.
#[test]
fn a_program_that_is_refused_and_an_issue_that_is_open() {
    let mut scene = Scene::ready();
    program_refused(&mut scene);
    let alone = scene.criterion("G7.issues").why;
    assert!(alone.ends_with("is refused and may stand still."), "{alone}");
    blocking_issue(&mut scene, 1);
    let both = scene.criterion("G7.issues").why;
    assert!(both.starts_with(&alone) && both.len() > alone.len() + 1, "{both}");
}
