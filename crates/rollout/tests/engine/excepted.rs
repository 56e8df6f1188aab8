//! Dated exceptions: which criteria they answer, and which change sets begin and end them.

use std::collections::BTreeMap;

use jiff::civil::date;
use jiff::{SignedDuration, ToSpan as _};
use rollout::Account;
use rollout::change::draft::{begin_exception, end_exception, new_password};
use rollout::change::{ChangeSet, Draft, apply_to};
use rollout::engine::{
    Closed, Effect, Event, Exception, ExceptionPath, ExceptionPhase, Record, Sheet,
};
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
        ("in force, and somebody ended it", ending(), false),
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

/// An exception that is applied and that somebody ended: its change set is still to be carried out.
fn ending() -> Exception {
    let closed = Closed { by: "Ben".to_owned(), at: noon(11), how: "A new plotter.".to_owned() };
    let phase = ExceptionPhase::Applied { set: "set".to_owned(), at: noon(10) };
    Exception { phase, ending: Some(closed), ..exception() }
}

/// Dan, who uses a legacy client or does not, was put into the groups; somebody took him out of some.
#[test]
fn an_exception_does_not_outlive_its_groups_nor_they_the_exception() {
    const MFA: &str = "CA - Dated exceptions";
    const LEGACY: &str = "CA - Dated legacy exceptions";
    let over = |why: &str| (Some(why.to_owned()), None);
    let ends = |how: &str| (None, Some(how.to_owned()));
    let holds = || (None, None);
    let cases = [
        (false, vec![], holds()),
        (false, vec![MFA], over("somebody took the account out of the group")),
        (true, vec![], holds()),
        (true, vec![MFA, LEGACY], over("somebody took the account out of the group")),
        (true, vec![MFA], ends("somebody took the account out of `CA - Dated exceptions`")),
        (
            true,
            vec![LEGACY],
            ends("somebody took the account out of `CA - Dated legacy exceptions`"),
        ),
    ];
    for (is_legacy, out_of, expected) in cases {
        let client_app = is_legacy.then(|| "IMAP4".to_owned());
        let path = ExceptionPath { client_app, ..ExceptionPath::default() };
        assert_eq!(path.is_legacy(), is_legacy);
        let mut scene = Scene::ready();
        scene.see();
        keep(&mut scene, Exception { path, ..exception() });
        let facts = scene.world.facts();
        let draft = begin_exception(&facts, "m", &account("dan"), is_legacy, "x").unwrap();
        carry_out(&mut scene, draft);
        for group in scene.world.snapshot.groups.iter_mut().flatten() {
            if out_of.iter().any(|it| group.display_name.as_deref() == Some(it)) {
                group.members.as_mut().unwrap().clear();
            }
        }
        // A snapshot that is no younger tells nothing.
        scene.snapshot_taken = Some(scene.now);
        scene.see();
        let applied = |it: &ExceptionPhase| matches!(it, ExceptionPhase::Applied { .. });
        assert!(applied(&scene.state.exceptions["EX-001"].phase), "{out_of:?}");
        scene.snapshot_taken = Some(scene.now + SignedDuration::from_secs(1));
        scene.see();
        let found = &scene.state.exceptions["EX-001"];
        let ended = match &found.phase {
            ExceptionPhase::Ended { why, set: None, .. } => Some(why.clone()),
            other => {
                assert!(applied(other), "{other:?}");
                None
            }
        };
        let ending = found.ending.as_ref().map(|it| it.how.clone());
        assert_eq!((ended, ending), expected, "{is_legacy} {out_of:?}");
        let notes = scene.see().into_iter().filter(|it| matches!(it, Effect::Note(_))).count();
        assert_eq!(notes, 0, "said once: {out_of:?}");
    }
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
