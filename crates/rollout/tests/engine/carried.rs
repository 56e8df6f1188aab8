//! A change set is proposed, confirmed, carried out, stopped, resumed, read back.

use std::collections::BTreeMap;

use conditional_access::State as PolicyState;
use jiff::{SignedDuration, Timestamp};
use rollout::change::draft::{
    Standard, begin_exception, campaign, cut_over, put_policies, rollback,
};
use rollout::change::guard::{Guard, GuardResult, Unwaivable, Verdict, Waivable};
use rollout::change::{ChangeSet, Edit, Named, PolicyDocument, Presence, Purpose};
use rollout::engine::{
    Effect, Event, GateId, Phase, Progress, Record, Refusal, Waived, gates_needed,
};
use rollout::preflight::Stage;

use crate::scene::{Scene, confirmation, guards, noon, refusal, set_of, waiver};
use crate::tenant::{self, CA001};

/// The cut-over from security defaults: five changes with a gap.
fn with_defaults() -> (Scene, ChangeSet) {
    let mut scene = Scene::beside_defaults();
    scene.see();
    let set = set_of(&scene.world, cut_over(&scene.world.facts()).unwrap());
    (scene, set)
}

/// A set of one change that needs G1 only.
fn campaign_off() -> (Scene, ChangeSet) {
    let mut scene = Scene::ready();
    scene.see();
    let set = set_of(&scene.world, campaign(&scene.world.facts(), false, 1).unwrap());
    (scene, set)
}

fn propose(scene: &mut Scene, set: &ChangeSet, of_plan: &str) {
    let effects = scene.step(&Event::Proposed { set, of_plan: Some(of_plan.to_owned()) });
    assert!(matches!(effects.as_slice(), [.., Effect::Keep(Record::Progress(_))]), "{effects:?}");
}

fn confirm(
    scene: &mut Scene,
    set: &ChangeSet,
    word: &str,
    guards: Vec<GuardResult>,
) -> Vec<Effect> {
    scene.step(&Event::Confirmed { set, confirmation: confirmation(word), guards })
}

fn begin(scene: &mut Scene, set: &ChangeSet, of_plan: &str) {
    propose(scene, set, of_plan);
    let effects = confirm(scene, set, "ne.example", guards(None));
    assert_eq!(
        effects.last(),
        Some(&Effect::CarryOut { set: set.id.clone(), place: 0, unsettled: false }),
        "{effects:?}"
    );
}

fn carried(scene: &mut Scene, set: &ChangeSet, place: usize, at: Timestamp) -> Vec<Effect> {
    scene.now = at;
    let intent = u64::try_from(place).unwrap() + 10;
    scene.step(&Event::CarriedOut { set, place, intent, already: false, ids: BTreeMap::new() })
}

fn progress<'s>(scene: &'s Scene, set: &ChangeSet) -> &'s Progress {
    &scene.state.sets[&set.id]
}

#[test]
fn from_the_first_change_to_the_read_back() {
    let (mut scene, set) = with_defaults();
    begin(&mut scene, &set, "CS-07");
    let begun = scene.now;
    let last = set.changes.len() - 1;
    for place in 0..=last {
        let at = begun + SignedDuration::from_secs(i64::try_from(place).unwrap() + 1);
        let effects = carried(&mut scene, &set, place, at);
        let next = if place == last {
            Effect::ReadBack { set: set.id.clone() }
        } else {
            Effect::CarryOut { set: set.id.clone(), place: place + 1, unsettled: false }
        };
        assert_eq!(effects.last(), Some(&next));
    }
    let gap = progress(&scene, &set).gap.unwrap();
    assert_eq!(gap.opened, begun + SignedDuration::from_secs(1));
    assert_eq!(
        gap.closed,
        Some(begun + SignedDuration::from_secs(i64::try_from(last).unwrap() + 1))
    );
    assert_eq!(progress(&scene, &set).phase, Phase::Running);
    let effects = scene.step(&Event::ReadBack { set: &set, differs: Vec::new() });
    let note =
        format!("`Enforce for all users` ({}) is done and read back.", set.id.get(..12).unwrap());
    assert_eq!(effects[1..], [Effect::Note(note)]);
    assert_eq!(progress(&scene, &set).phase, Phase::Done { at: scene.now });
    // Told again, nothing happens.
    assert_eq!(scene.step(&Event::ReadBack { set: &set, differs: Vec::new() }), Vec::new());
}

#[test]
fn what_was_done_before_opens_the_gap_when_it_was_confirmed() {
    let (mut scene, set) = with_defaults();
    begin(&mut scene, &set, "CS-07");
    scene.now += SignedDuration::from_hours(1);
    scene.step(&Event::CarriedOut {
        set: &set,
        place: 0,
        intent: 3,
        already: true,
        ids: BTreeMap::from([("new:a".to_owned(), "a".to_owned())]),
    });
    let kept = progress(&scene, &set);
    assert_eq!(kept.gap.unwrap().opened, noon(20));
    assert_eq!(kept.gap.unwrap().closed, None);
    assert_eq!(kept.ids["new:a"], "a");
    assert!(kept.done[0].already);
}

#[test]
fn a_set_that_was_not_shown_or_was_altered_does_not_begin() {
    let (mut scene, set) = campaign_off();
    let why = refusal(&confirm(&mut scene, &set, "yes", guards(None)));
    assert!(matches!(why, Refusal::WrongPhase { .. }), "{why}");
    propose(&mut scene, &set, "CS-05/off");
    let mut altered = set.clone();
    altered.title.push('!');
    let why = refusal(&confirm(&mut scene, &altered, "yes", guards(None)));
    assert!(matches!(why, Refusal::NotEnough { .. }), "{why}");
    let why = refusal(&scene.step(&Event::Proposed { set: &altered, of_plan: None }));
    assert!(matches!(why, Refusal::NotEnough { .. }), "{why}");
}

#[test]
fn a_newer_proposal_takes_the_place_of_the_older() {
    let (mut scene, set) = campaign_off();
    propose(&mut scene, &set, "CS-05/off");
    // Shown again, it stays as it is.
    let again = Event::Proposed { set: &set, of_plan: Some("CS-05/off".to_owned()) };
    assert_eq!(scene.step(&again), Vec::new());
    let mut draft = campaign(&scene.world.facts(), false, 1).unwrap();
    draft.title = "Registration campaign off, once more".to_owned();
    let newer = set_of(&scene.world, draft);
    propose(&mut scene, &newer, "CS-05/off");
    assert!(matches!(progress(&scene, &set).phase, Phase::Superseded { .. }));
    assert_eq!(progress(&scene, &newer).phase, Phase::Proposed);
    let why = refusal(&confirm(&mut scene, &set, "yes", guards(None)));
    assert!(matches!(why, Refusal::WrongPhase { .. }), "{why}");
    // And back: it may be shown again.
    propose(&mut scene, &set, "CS-05/off");
    assert_eq!(progress(&scene, &set).phase, Phase::Proposed);
    assert!(matches!(progress(&scene, &newer).phase, Phase::Superseded { .. }));
    // A proposal for something else stays.
    let (_, other) = with_defaults();
    propose(&mut scene, &other, "CS-07");
    assert_eq!(progress(&scene, &set).phase, Phase::Proposed);
    // Without a place in the plan the heading tells what it is for.
    let mut draft = campaign(&scene.world.facts(), false, 1).unwrap();
    draft.rests_on.insert(rollout::change::Object::SecurityDefaults);
    let own = set_of(&scene.world, draft);
    scene.step(&Event::Proposed { set: &own, of_plan: None });
    let mut draft = campaign(&scene.world.facts(), false, 1).unwrap();
    draft.title = "Another heading".to_owned();
    let other_heading = set_of(&scene.world, draft.clone());
    scene.step(&Event::Proposed { set: &other_heading, of_plan: None });
    assert_eq!(progress(&scene, &own).phase, Phase::Proposed);
    draft.title = own.title.clone();
    draft.step = Stage::Validate;
    let same_heading = set_of(&scene.world, draft);
    scene.step(&Event::Proposed { set: &same_heading, of_plan: None });
    assert!(matches!(progress(&scene, &own).phase, Phase::Superseded { .. }));
}

#[test]
fn the_word_fits_the_danger() {
    for (word, moderate, severe) in [
        ("yes", true, false),
        ("Y", true, false),
        ("no", false, false),
        ("", false, false),
        ("ne.example", true, true),
        ("NE.Example ", true, true),
        // Any other word with a dot is none.
        ("other.example", false, false),
        ("yes.", false, false),
    ] {
        let (mut scene, set) = campaign_off();
        propose(&mut scene, &set, "CS-05/off");
        let effects = confirm(&mut scene, &set, word, guards(None));
        assert_eq!(!matches!(effects.as_slice(), [Effect::Refuse(_)]), moderate, "{word}");
        let (mut scene, set) = with_defaults();
        propose(&mut scene, &set, "CS-07");
        let effects = confirm(&mut scene, &set, word, guards(None));
        assert_eq!(!matches!(effects.as_slice(), [Effect::Refuse(_)]), severe, "{word}");
        if !severe {
            assert_eq!(refusal(&effects), Refusal::NotConfirmed);
        }
    }
    // Nobody read the domain: nothing severe is confirmed, by no word.
    let (mut scene, mut set) = with_defaults();
    set.tenant = None;
    set.id = set.content_digest();
    propose(&mut scene, &set, "CS-07");
    let effects = confirm(&mut scene, &set, "ne.example", guards(None));
    assert!(matches!(refusal(&effects), Refusal::NoDomain { .. }));
    // Anything else by a yes, and by no domain.
    for (word, confirms) in [("yes", true), ("ne.example", false)] {
        let (mut scene, mut set) = campaign_off();
        set.tenant = None;
        set.id = set.content_digest();
        propose(&mut scene, &set, "CS-05/off");
        let effects = confirm(&mut scene, &set, word, guards(None));
        assert_eq!(!matches!(effects.as_slice(), [Effect::Refuse(_)]), confirms, "{word}");
        if !confirms {
            assert_eq!(refusal(&effects), Refusal::NotConfirmed);
        }
    }
    let (mut scene, set) = campaign_off();
    propose(&mut scene, &set, "CS-05/off");
    let mut nobody = confirmation("yes");
    nobody.by = " ".to_owned();
    let guards = guards(None);
    let effects = scene.step(&Event::Confirmed { set: &set, confirmation: nobody, guards });
    assert!(matches!(refusal(&effects), Refusal::NotEnough { .. }));
}

#[test]
fn guards_are_asked_and_hold() {
    let violated = || Verdict::Violated { counter_examples: vec!["no".to_owned()] };
    let unknown = || Verdict::CannotTell { missing: vec!["that".to_owned()] };
    for (guard, verdict, waived, begins) in [
        (Guard::Waivable(Waivable::GoodDay), Verdict::Held, false, true),
        (Guard::Waivable(Waivable::GoodDay), violated(), false, false),
        (Guard::Waivable(Waivable::GoodDay), unknown(), false, false),
        (Guard::Waivable(Waivable::GoodDay), violated(), true, true),
        (Guard::Waivable(Waivable::NoGap), violated(), true, false),
        (Guard::Unwaivable(Unwaivable::LockoutProof), violated(), true, false),
        (Guard::Unwaivable(Unwaivable::SnapshotFresh), unknown(), true, false),
    ] {
        let (mut scene, set) = campaign_off();
        if waived {
            scene.waive(Waived::Guard(Waivable::GoodDay));
        }
        propose(&mut scene, &set, "CS-05/off");
        let asked = guards(Some((guard, verdict.clone())));
        let effects = confirm(&mut scene, &set, "yes", asked);
        assert_eq!(
            !matches!(effects.as_slice(), [Effect::Refuse(_)]),
            begins,
            "{guard:?} {verdict:?} {waived}"
        );
        if !begins {
            assert!(matches!(refusal(&effects), Refusal::Guards { guards } if guards.len() == 1));
        }
    }
    // Guards that were not asked hold nothing.
    for left_out in 0..2 {
        let (mut scene, set) = campaign_off();
        propose(&mut scene, &set, "CS-05/off");
        let mut asked = guards(None);
        asked.remove(left_out);
        let effects = confirm(&mut scene, &set, "yes", asked.clone());
        assert!(matches!(refusal(&effects), Refusal::NotEnough { .. }));
        // Nor does another that was.
        let guard = Guard::Waivable(Waivable::GoodDay);
        asked.push(GuardResult { guard, verdict: Verdict::Held });
        let effects = confirm(&mut scene, &set, "yes", asked);
        assert!(matches!(refusal(&effects), Refusal::NotEnough { .. }));
    }
}

#[test]
fn a_waived_guard_refuses_again_when_the_waiver_is_over() {
    let (mut scene, set) = campaign_off();
    let mut over = waiver(Waived::Guard(Waivable::GoodDay), scene.now);
    over.until = scene.now.to_zoned(jiff::tz::TimeZone::UTC).date();
    scene.state.add(Record::Waiver(over));
    propose(&mut scene, &set, "CS-05/off");
    let verdict = Verdict::Violated { counter_examples: vec!["no".to_owned()] };
    let asked = guards(Some((Guard::Waivable(Waivable::GoodDay), verdict)));
    scene.now += SignedDuration::from_hours(24);
    let effects = confirm(&mut scene, &set, "yes", asked.clone());
    assert!(matches!(refusal(&effects), Refusal::Guards { .. }));
    scene.now -= SignedDuration::from_hours(24);
    assert!(confirm(&mut scene, &set, "yes", asked).len() > 1);
}

#[test]
fn every_gate_that_a_set_needs_is_passed() {
    for gate in [GateId::G1, GateId::G4, GateId::G5, GateId::G6] {
        let (mut scene, set) = with_defaults();
        propose(&mut scene, &set, "CS-07");
        let mut closed = scene.state.gates[&gate].clone();
        closed.verdict = rollout::plan::GateState::Inconclusive;
        scene.state.add(Record::Gate(closed));
        let why = refusal(&confirm(&mut scene, &set, "ne.example", guards(None)));
        assert!(matches!(why, Refusal::Gate { gate: it, .. } if it == gate), "{why}");
        // Never asked is not passed.
        scene.state.gates.remove(&gate);
        let why = refusal(&confirm(&mut scene, &set, "ne.example", guards(None)));
        assert!(matches!(why, Refusal::Gate { gate: it, .. } if it == gate), "{why}");
    }
    let (mut scene, set) = with_defaults();
    for gate in [GateId::G2, GateId::G3, GateId::G7, GateId::G8] {
        scene.state.gates.remove(&gate);
    }
    begin(&mut scene, &set, "CS-07");
}

#[test]
fn a_gate_that_was_opened_by_a_waiver_closes_with_it() {
    let (mut scene, set) = with_defaults();
    scene.state.attestations.remove("L-12");
    scene.see();
    assert_ne!(scene.state.verdict(GateId::G6), rollout::plan::GateState::Passed);
    scene.waive(Waived::Criterion("G6.rollback".to_owned()));
    scene.see();
    assert_eq!(scene.state.verdict(GateId::G6), rollout::plan::GateState::Passed);
    propose(&mut scene, &set, "CS-07");
    // Two days later nobody has read the tenant again.
    scene.now += SignedDuration::from_hours(48);
    let why = refusal(&confirm(&mut scene, &set, "ne.example", guards(None)));
    assert!(matches!(why, Refusal::Gate { gate: GateId::G6, .. }), "{why}");
    scene.now -= SignedDuration::from_hours(48);
    assert!(confirm(&mut scene, &set, "ne.example", guards(None)).len() > 1);
}

#[test]
fn one_set_at_a_time() {
    let (mut scene, set) = with_defaults();
    begin(&mut scene, &set, "CS-07");
    let (_, other) = campaign_off();
    propose(&mut scene, &other, "CS-05/off");
    let why = refusal(&confirm(&mut scene, &other, "yes", guards(None)));
    assert!(matches!(&why, Refusal::UnderWay { set: it, .. } if *it == set.id), "{why}");
    // It stopped with the gap open: only its way back and what finishes it may begin.
    let now = scene.now;
    carried(&mut scene, &set, 0, now);
    let effects = scene.step(&Event::NotCarriedOut {
        set: &set,
        place: 1,
        unsettled: false,
        why: "throttled".to_owned(),
    });
    assert!(effects.iter().any(|it| matches!(it, Effect::Tell { .. })), "{effects:?}");
    let why = refusal(&confirm(&mut scene, &other, "yes", guards(None)));
    assert!(matches!(why, Refusal::UnderWay { .. }), "{why}");
    let back = set_of(&scene.world, rollback(&set, 1).draft);
    propose(&mut scene, &back, "back");
    assert!(confirm(&mut scene, &back, "ne.example", guards(None)).len() > 1);
    carried(&mut scene, &back, 0, now);
    scene.step(&Event::ReadBack { set: &back, differs: Vec::new() });
    assert_eq!(
        progress(&scene, &set).phase,
        Phase::TakenBack { by: back.id.clone(), at: scene.now }
    );
    assert_eq!(progress(&scene, &set).gap.unwrap().closed, Some(scene.now));
    assert!(confirm(&mut scene, &other, "yes", guards(None)).len() > 1);
}

#[test]
fn a_set_that_stopped_without_a_gap_holds_nobody_up() {
    let (mut scene, set) = with_defaults();
    begin(&mut scene, &set, "CS-07");
    scene.step(&Event::Stopped { set: &set, why: "asked to".to_owned() });
    let (_, other) = campaign_off();
    propose(&mut scene, &other, "CS-05/off");
    assert!(confirm(&mut scene, &other, "yes", guards(None)).len() > 1);
    // But the first does not go on meanwhile.
    let why = refusal(&scene.step(&Event::Resumed { set: &set, unsettled: false }));
    assert!(matches!(why, Refusal::UnderWay { .. }), "{why}");
}

#[test]
fn another_set_for_the_same_may_finish_what_stopped() {
    let (mut scene, set) = with_defaults();
    begin(&mut scene, &set, "CS-07");
    let now = scene.now;
    carried(&mut scene, &set, 0, now);
    scene.step(&Event::Stopped { set: &set, why: "asked to".to_owned() });
    let mut draft = cut_over(&scene.world.facts()).unwrap();
    draft.title = "The rest".to_owned();
    let rest = set_of(&scene.world, draft);
    propose(&mut scene, &rest, "CS-07");
    assert!(confirm(&mut scene, &rest, "ne.example", guards(None)).len() > 1);
}

#[test]
fn what_is_told_twice_counts_once_and_holes_are_refused() {
    let (mut scene, set) = with_defaults();
    begin(&mut scene, &set, "CS-07");
    let now = scene.now;
    let why = refusal(&carried(&mut scene, &set, 1, now));
    assert!(matches!(why, Refusal::WrongPhase { .. }), "{why}");
    carried(&mut scene, &set, 0, now);
    assert_eq!(carried(&mut scene, &set, 0, now), Vec::new());
    let other_intent =
        Event::CarriedOut { set: &set, place: 0, intent: 99, already: false, ids: BTreeMap::new() };
    assert!(matches!(refusal(&scene.step(&other_intent)), Refusal::WrongPhase { .. }));
    for place in [0, 2] {
        let not = Event::NotCarriedOut { set: &set, place, unsettled: false, why: "x".to_owned() };
        assert!(matches!(refusal(&scene.step(&not)), Refusal::WrongPhase { .. }), "{place}");
    }
    let early = Event::ReadBack { set: &set, differs: Vec::new() };
    assert!(matches!(refusal(&scene.step(&early)), Refusal::WrongPhase { .. }));
    let last = set.changes.len();
    for place in 1..last {
        carried(&mut scene, &set, place, now);
    }
    let why = refusal(&carried(&mut scene, &set, last, now));
    assert!(matches!(why, Refusal::WrongPhase { .. }), "{why}");
    let not =
        Event::NotCarriedOut { set: &set, place: last, unsettled: false, why: "x".to_owned() };
    assert!(matches!(refusal(&scene.step(&not)), Refusal::WrongPhase { .. }));
}

#[test]
fn stopped_means_that_nothing_more_is_written_but_the_answer_on_its_way_counts() {
    let (mut scene, set) = with_defaults();
    begin(&mut scene, &set, "CS-07");
    let now = scene.now;
    let effects = scene.step(&Event::Stopped { set: &set, why: "asked to".to_owned() });
    assert!(!effects.iter().any(|it| matches!(it, Effect::Tell { .. })), "no gap is open");
    assert_eq!(scene.step(&Event::Stopped { set: &set, why: "again".to_owned() }), Vec::new());
    let effects = carried(&mut scene, &set, 0, now);
    assert!(matches!(effects.as_slice(), [Effect::Keep(Record::Progress(_))]), "{effects:?}");
    assert_eq!(progress(&scene, &set).done.len(), 1);
    let effects = scene.step(&Event::Resumed { set: &set, unsettled: true });
    let next = Effect::CarryOut { set: set.id.clone(), place: 1, unsettled: true };
    assert_eq!(effects.last(), Some(&next));
    assert_eq!(progress(&scene, &set).phase, Phase::Running);
    // Killed and started again, it is running still.
    let effects = scene.step(&Event::Resumed { set: &set, unsettled: false });
    assert_eq!(effects, [Effect::CarryOut { set: set.id.clone(), place: 1, unsettled: false }]);
}

/// Nobody knows whether its first change worked: the set is begun, and nothing else goes before finding
/// out. Once it is known that nothing was carried out, it is not.
#[test]
fn what_nobody_knows_is_begun() {
    let (mut scene, set) = with_defaults();
    begin(&mut scene, &set, "CS-07");
    let not = |unsettled| Event::NotCarriedOut {
        set: &set,
        place: 0,
        unsettled,
        why: "the connection was reset".to_owned(),
    };
    scene.step(&not(true));
    assert!(matches!(progress(&scene, &set).phase, Phase::Stopped { .. }));
    assert!(progress(&scene, &set).is_begun());
    assert_eq!(scene.step(&not(true)), Vec::new());
    let (_, other) = campaign_off();
    propose(&mut scene, &other, "CS-05/off");
    let why = refusal(&confirm(&mut scene, &other, "yes", guards(None)));
    assert!(matches!(&why, Refusal::UnderWay { set: it, .. } if *it == set.id), "{why}");
    let effects = scene.step(&not(false));
    assert!(matches!(effects.as_slice(), [Effect::Keep(Record::Progress(_))]), "{effects:?}");
    assert!(!progress(&scene, &set).is_begun());
    assert!(confirm(&mut scene, &other, "yes", guards(None)).len() > 1);
}

#[test]
fn what_is_known_after_all_is_settled() {
    let (mut scene, set) = with_defaults();
    begin(&mut scene, &set, "CS-07");
    let why = "the connection was reset".to_owned();
    scene.step(&Event::NotCarriedOut { set: &set, place: 0, unsettled: true, why });
    let now = scene.now;
    carried(&mut scene, &set, 0, now);
    assert!(!progress(&scene, &set).unsettled && progress(&scene, &set).is_begun());
}

#[test]
fn only_what_was_confirmed_goes_on() {
    let (mut scene, set) = campaign_off();
    let refused = |scene: &mut Scene, event: &Event<'_>| {
        let why = refusal(&scene.step(event));
        assert!(matches!(why, Refusal::WrongPhase { .. }), "{why}");
    };
    let resumed = Event::Resumed { set: &set, unsettled: false };
    let out =
        Event::CarriedOut { set: &set, place: 0, intent: 1, already: false, ids: BTreeMap::new() };
    let not = Event::NotCarriedOut { set: &set, place: 0, unsettled: false, why: "x".to_owned() };
    let back = Event::ReadBack { set: &set, differs: Vec::new() };
    let stop = Event::Stopped { set: &set, why: "x".to_owned() };
    for event in [&resumed, &out, &not, &back, &stop] {
        refused(&mut scene, event);
    }
    propose(&mut scene, &set, "CS-05/off");
    for event in [&resumed, &out, &not, &back, &stop] {
        refused(&mut scene, event);
    }
    confirm(&mut scene, &set, "yes", guards(None));
    scene.step(&out);
    scene.step(&back);
    assert!(matches!(progress(&scene, &set).phase, Phase::Done { .. }));
    for event in [&resumed, &not, &stop] {
        refused(&mut scene, event);
    }
    let other =
        Event::CarriedOut { set: &set, place: 1, intent: 2, already: false, ids: BTreeMap::new() };
    refused(&mut scene, &other);
    let again = Event::Proposed { set: &set, of_plan: None };
    refused(&mut scene, &again);
}

#[test]
fn a_tenant_that_differs_stops_the_set() {
    let (mut scene, set) = campaign_off();
    begin(&mut scene, &set, "CS-05/off");
    let now = scene.now;
    carried(&mut scene, &set, 0, now);
    let effects = scene.step(&Event::ReadBack { set: &set, differs: vec!["It is on.".to_owned()] });
    assert!(
        matches!(&progress(&scene, &set).phase, Phase::Stopped { why, .. } if why.contains("It is on."))
    );
    assert!(effects.iter().any(|it| matches!(it, Effect::Note(_))));
    // It goes on where it was: reading back.
    let effects = scene.step(&Event::Resumed { set: &set, unsettled: false });
    assert_eq!(effects.last(), Some(&Effect::ReadBack { set: set.id.clone() }));
}

#[test]
fn gates_by_what_is_changed() {
    use GateId::{G1, G4, G5, G6, G7};
    let world = tenant::ne();
    let facts = world.facts();
    let snapshot = &world.snapshot;
    let on = PolicyState::Enabled;
    let report_only = PolicyState::EnabledForReportingButNotEnforced;
    let put = |which, state| set_of(&world, put_policies(&facts, "m", &[(which, state)]).unwrap());
    let purpose =
        |purpose, edits| ChangeSet::make(tenant::draft(purpose, edits), snapshot, tenant::made());
    let switch = vec![G1, G4, G5, G6];
    let own = |include: &str| {
        tenant::makes("Our own", |policy| {
            policy.state = on;
            policy.conditions.users.include_users = vec![include.to_owned()];
        })
    };
    let exception =
        begin_exception(&facts, "m", &crate::world::account("dan"), false, "x").unwrap();
    let cases: Vec<(&str, ChangeSet, Vec<GateId>)> = vec![
        ("the cut-over", set_of(&world, cut_over(&facts).unwrap()), switch.clone()),
        ("the pilot", put(Standard::Pilot, on), vec![G1, G4, G5]),
        ("the pilot in Report-only", put(Standard::ProtectRegistration, report_only), vec![]),
        ("legacy", put(Standard::BlockLegacy, on), vec![G1, G5]),
        ("administrators", put(Standard::Administrators, on), vec![G1, G5]),
        ("Azure", put(Standard::AzureManagement, on), vec![G1, G5]),
        ("device code", put(Standard::DeviceCode, on), vec![G1, G5]),
        ("registration", put(Standard::ProtectRegistration, on), vec![G1]),
        ("campaign", set_of(&world, campaign(&facts, true, 1).unwrap()), vec![G1]),
        ("an exception", set_of(&world, exception), vec![]),
        ("per-user MFA", purpose(Purpose::PerUserMfa, vec![]), vec![G7]),
        ("the bridge", purpose(Purpose::Bridge, vec![]), vec![G1]),
        ("a pilot of nothing", purpose(Purpose::Pilot, vec![]), vec![G1, G4, G5]),
        ("a cut-over of nothing", purpose(Purpose::CutOver, vec![]), switch.clone()),
        ("another policy for all", purpose(Purpose::Policies, vec![own("All")]), switch.clone()),
        ("another policy for one", purpose(Purpose::Policies, vec![own("x-1")]), vec![G1]),
        ("hidden in a reset", purpose(Purpose::Reset, vec![own("All")]), switch.clone()),
        (
            "the way back",
            purpose(Purpose::Rollback { of: "x".to_owned() }, vec![own("All")]),
            vec![],
        ),
        (
            "security defaults off",
            purpose(Purpose::Policies, vec![Edit::SecurityDefaults { before: None, after: false }]),
            switch.clone(),
        ),
        (
            "security defaults that are off",
            purpose(
                Purpose::Policies,
                vec![Edit::SecurityDefaults { before: Some(false), after: false }],
            ),
            vec![],
        ),
        (
            "security defaults on",
            purpose(
                Purpose::Policies,
                vec![Edit::SecurityDefaults { before: Some(false), after: true }],
            ),
            vec![],
        ),
    ];
    for (what, set, needed) in cases {
        assert_eq!(gates_needed(&set), needed, "{what}");
    }
}

#[test]
fn a_policy_that_is_on_needs_gates_only_when_it_reaches_more() {
    let mut scene = Scene::ready();
    scene.pilot(PolicyState::Enabled);
    let snapshot = &scene.world.snapshot;
    let becomes = |change: fn(&mut conditional_access::Policy)| {
        tenant::set_of(snapshot, vec![tenant::becomes(snapshot, CA001, change)])
    };
    let wider = becomes(|policy| policy.conditions.users.include_users = vec!["All".to_owned()]);
    assert_eq!(gates_needed(&wider), [GateId::G1, GateId::G4, GateId::G5, GateId::G6]);
    let excludes = becomes(|policy| policy.conditions.users.exclude_users.push("x-1".to_owned()));
    assert_eq!(gates_needed(&excludes), []);
    let off = becomes(|policy| policy.state = PolicyState::Disabled);
    assert_eq!(gates_needed(&off), []);
    scene.switch();
    let snapshot = &scene.world.snapshot;
    let stays = tenant::becomes(snapshot, CA001, |policy| policy.display_name.push_str(" (IT)"));
    assert_eq!(gates_needed(&tenant::set_of(snapshot, vec![stays])), []);
    let same = tenant::becomes(snapshot, CA001, |_| {});
    assert_eq!(gates_needed(&tenant::set_of(snapshot, vec![same])), []);
    let deleted = Edit::Policy {
        before: rollout::change::Before::Was(PolicyDocument::of(
            tenant::find(snapshot, CA001).clone(),
        )),
        after: None,
    };
    assert_eq!(gates_needed(&tenant::set_of(snapshot, vec![deleted])), []);
    let joins = Edit::Membership {
        group: Named::new(crate::world::PILOT, "IT team"),
        member: tenant::named("dan"),
        member_kind: rollout::MemberKind::User,
        before: Some(Presence::Absent),
        after: Presence::Present,
    };
    assert_eq!(gates_needed(&tenant::set_of(snapshot, vec![joins])), []);
}
