//! Dated exceptions: which criteria they answer, and which change sets begin and end them.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::date;
use rollout::Account;
use rollout::change::draft::{begin_exception, end_exception, new_password};
use rollout::change::{ChangeSet, Draft, apply_to};
use rollout::engine::{Event, Exception, ExceptionPath, ExceptionPhase, Record, Sheet};
use rollout::plan::GateState::{Failed, Passed};

use crate::scene::{Scene, confirmation, guards, noon, result, set_of};
use crate::tenant::CA002;
use crate::world::account;

/// An approved exception of dan that holds on its last day still.
pub(crate) fn exception() -> Exception {
    Exception {
        id: "EX-001".to_owned(),
        subject: account("dan"),
        kind: "person".to_owned(),
        needs_letter: false,
        letter_because: Vec::new(),
        risk_owner: None,
        evidence: Vec::new(),
        exit_plan: String::new(),
        ticket: None,
        starts: date(2026, 12, 1),
        renewal: None,
        ending: None,
        path: ExceptionPath::default(),
        reason: "The plotter cannot do it.".to_owned(),
        compensating_control: String::new(),
        owner: "Ben".to_owned(),
        asked_by: "Ben".to_owned(),
        asked_at: noon(8),
        expires: date(2026, 12, 12),
        renewals: 0,
        decisions: Vec::new(),
        phase: ExceptionPhase::Approved,
        reminded: Vec::new(),
    }
}

fn keep(scene: &mut Scene, exception: Exception) {
    scene.state.add(Record::Exception(Box::new(exception)));
}

#[test]
fn only_an_exception_in_force_stands_for_somebody() {
    let at = noon(10);
    let set = || "set".to_owned();
    let nobody = Account { display_name: Some("dan".to_owned()), ..Account::default() };
    let by_id = Account { user_principal_name: None, ..account("dan") };
    let upper = |name: Option<String>| name.map(|it| it.to_uppercase());
    let by_name = Account {
        user_id: None,
        user_principal_name: upper(account("dan").user_principal_name),
        display_name: None,
    };
    let of = |phase| Exception { phase, ..exception() };
    let about = |subject| Exception { subject, ..exception() };
    let until = |days: i64| Exception { expires: date(2026, 12, 12) + days.days(), ..exception() };
    let cases = [
        ("approved", exception(), true),
        ("applied", of(ExceptionPhase::Applied { set: set(), at }), true),
        ("asked for", of(ExceptionPhase::Asked), false),
        ("refused", of(ExceptionPhase::Refused), false),
        ("over", of(ExceptionPhase::Ended { set: None, at, why: String::new() }), false),
        ("until yesterday", until(-1), false),
        ("until tomorrow", until(1), true),
        ("by object id", about(by_id), true),
        ("by name", about(by_name), true),
        ("by no name that tells", about(nobody), false),
        ("of another", about(account("cora")), false),
    ];
    for (what, exception, stands) in cases {
        let wanted = if stands { Passed } else { Failed };
        let mut scene = Scene::ready();
        scene.missing(&["dan"]);
        scene.sign_ins.as_mut().unwrap().results =
            vec![result(CA002, "dan", "reportOnlyInterrupted")];
        keep(&mut scene, exception);
        for id in ["G4.names", "G5.interrupted"] {
            let found = scene.criterion(id);
            assert_eq!(found.verdict, wanted, "{id} {what}: {}", found.why);
        }
    }
}

/// A set from its proposal to the read back.
fn carry_out(scene: &mut Scene, draft: Draft) -> ChangeSet {
    let set = set_of(&scene.world, draft);
    scene.step(&Event::Proposed { set: &set, of_plan: None });
    let confirmation = confirmation("ne.example");
    scene.step(&Event::Confirmed { set: &set, confirmation, guards: guards(None) });
    for place in 0..set.changes.len() {
        let intent = u64::try_from(place).unwrap();
        let ids = BTreeMap::new();
        scene.step(&Event::CarriedOut { set: &set, place, intent, already: false, ids });
    }
    scene.step(&Event::ReadBack { set: &set, differs: Vec::new() });
    scene.world.snapshot = apply_to(&scene.world.snapshot, &set);
    set
}

#[test]
fn an_exception_begins_and_ends_with_its_change_sets() {
    let mut scene = Scene::ready();
    scene.see();
    keep(&mut scene, exception());
    let other = Exception { id: "EX-002".to_owned(), subject: account("cora"), ..exception() };
    keep(&mut scene, other.clone());
    let draft = begin_exception(&scene.world.facts(), "m", &account("dan"), false, "x").unwrap();
    let begun = carry_out(&mut scene, draft);
    let at = scene.now;
    let applied = ExceptionPhase::Applied { set: begun.id.clone(), at };
    assert_eq!(scene.state.exceptions["EX-001"].phase, applied);
    let draft = end_exception(&scene.world.facts(), &account("dan"), false, "x").unwrap();
    let over = carry_out(&mut scene, draft);
    let why = "its last day was 2026-12-12".to_owned();
    let ended = ExceptionPhase::Ended { set: Some(over.id), at, why };
    assert_eq!(scene.state.exceptions["EX-001"].phase, ended);
    assert_eq!(scene.state.exceptions["EX-002"], other);
}

#[test]
fn a_new_password_voids_the_sheets_of_its_account_and_of_no_other() {
    let mut scene = Scene::ready();
    scene.see();
    let printed = |name: &str| Sheet {
        account: account(name),
        set: "before".to_owned(),
        places: vec!["safe 1".to_owned(), "safe 2".to_owned()],
        by: "Ada".to_owned(),
        at: noon(2),
    };
    for name in ["alpha", "bravo"] {
        scene.state.add(Record::Sheet(printed(name)));
    }
    let draft = new_password(&scene.world.facts(), "bravo@ne.example").unwrap();
    let set = carry_out(&mut scene, draft);
    let sheets: Vec<&Sheet> = scene.state.sheets.values().collect();
    let void = Sheet { set: set.id.clone(), places: Vec::new(), at: scene.now, ..printed("bravo") };
    assert_eq!(sheets, [&printed("alpha"), &void]);
}
