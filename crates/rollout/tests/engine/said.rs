//! What people say, and what is not enough.

use jiff::SignedDuration;
use jiff::civil::date;
use rollout::change::guard::Waivable;
use rollout::engine::{
    Closed, Effect, Event, GateId, Issue, PlannedTest, Record, Refusal, Schedule, Sent, Waived,
};

use crate::scene::{START, Scene, refusal, waiver, word};
use crate::world::account;

fn refused(effects: &[Effect]) -> bool {
    matches!(effects, [Effect::Refuse(_)])
}

#[test]
fn dates_are_agreed_once_and_move_with_a_reason() {
    let mut scene = Scene::ready();
    scene.state.schedule = None;
    let agreed = Schedule {
        start: START,
        enforce: date(2026, 12, 12),
        by: "Mia Stone".to_owned(),
        at: scene.now,
        reason: String::new(),
        security_defaults: None,
    };
    let with = |change: fn(&mut Schedule)| {
        let mut it = agreed.clone();
        change(&mut it);
        Event::Scheduled(it)
    };
    assert!(refused(&scene.step(&with(|it| it.by = " ".to_owned()))));
    assert!(refused(&scene.step(&with(|it| it.enforce = date(2026, 11, 22)))));
    assert_eq!(scene.state.schedule, None);
    let same_day = with(|it| it.enforce = it.start);
    assert!(!refused(&Scene::ready().step(&with(|it| it.reason = "x".to_owned()))));
    assert_eq!(scene.step(&with(|_| {})).len(), 2);
    assert_eq!(scene.state.schedule.as_ref(), Some(&agreed));
    // The same dates again are no slip.
    assert_eq!(scene.step(&with(|it| it.by = "Robin".to_owned())), Vec::new());
    assert!(refused(&scene.step(&with(|it| it.enforce = date(2026, 12, 13)))));
    assert!(refused(&scene.step(&with(|it| it.start = date(2026, 11, 24)))));
    assert!(refused(&scene.step(&same_day)));
    let slip = with(|it| {
        it.enforce = date(2026, 12, 13);
        it.reason = "The keys are late.".to_owned();
    });
    let effects = scene.step(&slip);
    assert!(effects.iter().any(|it| matches!(it, Effect::Note(text) if text.contains("late"))));
    assert_eq!(scene.state.schedule.as_ref().unwrap().enforce, date(2026, 12, 13));
}

#[test]
fn an_attestation_has_a_task_a_name_and_a_note() {
    let mut scene = Scene::ready();
    let whole = word("P-26", scene.now);
    for change in [
        |it: &mut rollout::engine::Attestation| it.task.clear(),
        |it: &mut rollout::engine::Attestation| it.by.clear(),
        |it: &mut rollout::engine::Attestation| it.note = " ".to_owned(),
    ] {
        let mut lacking = whole.clone();
        change(&mut lacking);
        assert!(refused(&scene.step(&Event::Attested(lacking))));
    }
    assert_eq!(scene.step(&Event::Attested(whole.clone())).len(), 2);
    assert_eq!(scene.state.attestations["P-26"], whole);
}

#[test]
fn the_unwaivable_is_refused_by_its_name() {
    let mut scene = Scene::ready();
    for id in [
        "G1.snapshot",
        "G1.break-glass",
        "G1.sheets",
        "G1.proven",
        "G4.snapshot",
        "G5.snapshot",
        "G6.snapshot",
        "G6.proof",
        "G6.break-glass",
        "g6.PROOF",
        "G7.snapshot",
        "G8.snapshot",
        "G8.break-glass",
    ] {
        let effects =
            scene.step(&Event::Waived(waiver(Waived::Criterion(id.to_owned()), scene.now)));
        assert!(matches!(refusal(&effects), Refusal::NotWaivable { .. }), "{id}");
    }
    assert_eq!(scene.state.waivers.len(), 0);
    for (what, taken) in [
        (Waived::Criterion("G1.dormant".to_owned()), true),
        (Waived::Criterion("G9.nothing".to_owned()), false),
        (Waived::Gate(GateId::G6), true),
        (Waived::Gate(GateId::G2), false),
        (Waived::Gate(GateId::G3), false),
        (Waived::Guard(Waivable::OneRing), true),
    ] {
        let mut scene = Scene::ready();
        let effects = scene.step(&Event::Waived(waiver(what.clone(), scene.now)));
        assert_eq!(!refused(&effects), taken, "{what:?}");
    }
}

#[test]
fn a_waiver_has_a_name_a_reason_and_an_end() {
    let mut scene = Scene::ready();
    let whole = waiver(Waived::Gate(GateId::G6), scene.now);
    let today = date(2026, 12, 12);
    type Change = fn(&mut rollout::engine::Waiver);
    let cases: [(Change, bool); 9] = [
        (|it| it.id.clear(), false),
        (|it| it.by.clear(), false),
        (|it| it.reason.clear(), false),
        (|it| it.until = date(2026, 12, 11), false),
        (|it| it.until = date(2026, 12, 12), true),
        (|it| it.until = date(2027, 3, 12), true),
        (|it| it.until = date(2027, 3, 13), false),
        (|it| it.until = date(9999, 1, 1), false),
        (|_| {}, true),
    ];
    for (change, taken) in cases {
        let mut it = whole.clone();
        change(&mut it);
        let until = it.until;
        let mut scene = Scene::ready();
        assert_eq!(!refused(&scene.step(&Event::Waived(it))), taken, "{until} on {today}");
    }
    scene.step(&Event::Waived(whole.clone()));
    let other = waiver(Waived::Gate(GateId::G5), scene.now);
    assert!(refused(&scene.step(&Event::Waived(other))), "the number is taken");
    let longer = rollout::engine::Waiver { until: date(2026, 12, 20), ..whole };
    assert!(!refused(&scene.step(&Event::Waived(longer))));
}

fn issue(blocking: bool) -> Issue {
    Issue {
        id: "I-001".to_owned(),
        by: "Ben".to_owned(),
        at: crate::scene::noon(18),
        text: "The plotter does not print.".to_owned(),
        about: None,
        blocking,
        closed: None,
    }
}

#[test]
fn issues_are_closed_not_rewritten() {
    let closed = |by: &str, how: &str| {
        let closed = Closed { by: by.to_owned(), at: crate::scene::noon(19), how: how.to_owned() };
        Issue { closed: Some(closed), ..issue(true) }
    };
    let mut scene = Scene::ready();
    for lacking in [
        Issue { id: String::new(), ..issue(true) },
        Issue { by: String::new(), ..issue(true) },
        Issue { text: String::new(), ..issue(true) },
        closed("", "fixed"),
        closed("Ben", ""),
    ] {
        assert!(refused(&scene.step(&Event::IssueChanged(lacking))));
    }
    scene.step(&Event::IssueChanged(issue(true)));
    assert!(refused(&scene.step(&Event::IssueChanged(issue(false)))), "it blocks");
    let other = Issue { text: "Another.".to_owned(), ..issue(true) };
    assert!(refused(&scene.step(&Event::IssueChanged(other))));
    assert!(!refused(&scene.step(&Event::IssueChanged(closed("Ben", "A relay.")))));
    assert!(refused(&scene.step(&Event::IssueChanged(issue(true)))), "it is closed");
    let mut scene = Scene::ready();
    scene.step(&Event::IssueChanged(issue(false)));
    assert!(!refused(&scene.step(&Event::IssueChanged(issue(true)))), "it may come to block");
}

#[test]
fn a_test_is_announced_before_it_begins() {
    let mut scene = Scene::ready();
    let now = scene.now;
    let minutes = SignedDuration::from_mins;
    let planned = |from: i64, to: i64| PlannedTest {
        id: "T-001".to_owned(),
        accounts: vec![account("alpha")],
        from: now + minutes(from),
        to: now + minutes(to),
        by: "Ada".to_owned(),
        at: now,
    };
    for (from, to, taken) in [
        (0, 60, true),
        (-5, 60, true),
        (-6, 60, false),
        (60, 60, false),
        (60, 59, false),
        (0, 24 * 60, true),
        (0, 24 * 60 + 1, false),
        (600, 660, true),
    ] {
        let effects = Scene::ready().step(&Event::TestPlanned(planned(from, to)));
        assert_eq!(!refused(&effects), taken, "{from} to {to}");
    }
    for lacking in [
        PlannedTest { id: String::new(), ..planned(0, 60) },
        PlannedTest { by: String::new(), ..planned(0, 60) },
        PlannedTest { accounts: Vec::new(), ..planned(0, 60) },
    ] {
        assert!(refused(&scene.step(&Event::TestPlanned(lacking))));
    }
}

#[test]
fn nobody_gets_a_message_twice() {
    let sent = |at: Option<jiff::Timestamp>| {
        Event::MessageSent(Sent {
            message: "reminder".to_owned(),
            to: account("dan"),
            at,
            via: "graph".to_owned(),
            refused: None,
        })
    };
    let mut scene = Scene::ready();
    let now = Some(scene.now);
    assert!(!refused(&scene.step(&sent(None))));
    assert!(refused(&scene.step(&sent(None))), "nobody knows whether it went out");
    assert!(!refused(&scene.step(&sent(now))));
    assert!(refused(&scene.step(&sent(now))));
    assert!(refused(&scene.step(&sent(None))));
    let nameless = Event::MessageSent(Sent {
        message: String::new(),
        to: account("dan"),
        at: now,
        via: "graph".to_owned(),
        refused: None,
    });
    assert!(refused(&scene.step(&nameless)));
}

#[test]
fn a_refusal_changes_nothing() {
    let mut scene = Scene::ready();
    let before = scene.state.clone();
    let effects = scene.step(&Event::Attested(word("", scene.now)));
    assert!(refused(&effects));
    assert_eq!(scene.state, before);
    assert!(!effects.iter().any(|it| matches!(it, Effect::Keep(Record::Attestation(_)))));
}
