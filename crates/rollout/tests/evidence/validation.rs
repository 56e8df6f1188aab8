//! The validation: three criteria and the log.

use conditional_access::{Policy, read_policy};
use jiff::SignedDuration;
use jiff::civil::date;
use rollout::engine::{Attestation, Phase, PlannedTest, Progress, State};
use rollout::evidence::{
    CountedFailures, SignInRow, SignIns, Validation, ValidationQuestion, enforced_at, validation,
    validation_ask,
};
use rollout::exceptions::classify;
use rollout::plan::GateState;
use rollout::registration::report;
use rollout::{
    BreakGlassSettings, Facts, Measurement, Registration, Rollout, SignInActivity, Snapshot, User,
    UserType, Window,
};
use serde_json::json;

use crate::world::{
    CA001, SINCE, account, failure, log, minute, policy, row, single, step, time, with,
};

/// Four days after the switch.
const NOW: i64 = 4 * 24 * 60;

fn ca001() -> Policy {
    read_policy(&json!({
        "id": CA001,
        "displayName": "CA001 - Require MFA - All users",
        "state": "enabled",
        "createdDateTime": "2026-12-01T10:00:00Z",
        "modifiedDateTime": SINCE,
        "conditions": {
            "users": {"includeUsers": ["All"], "excludeGroups": ["bg"]},
            "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"],
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    }))
    .unwrap()
}

fn user(name: &str) -> User {
    User {
        account: account(name),
        account_enabled: Some(true),
        user_type: Some(UserType::Member),
        job_title: Some(String::new()),
        activity: Some(SignInActivity {
            last_successful: Some(minute(NOW - 60)),
            ..SignInActivity::default()
        }),
        ..User::default()
    }
}

fn registered(name: &str, capable: bool) -> Registration {
    Registration {
        account: account(name),
        mfa_registered: Some(capable),
        mfa_capable: Some(capable),
        methods: Some(vec!["microsoftAuthenticatorPush".to_owned()]),
        last_updated: Some(minute(NOW - 120)),
        ..Registration::default()
    }
}

/// A break-glass sign-in to the portal by a key.
fn by_key() -> SignInRow {
    with(row("alpha", 60), |row| {
        row.app_id = Some("c44b4083-3bb0-49c1-b47d-974e53cbdf3c".to_owned());
        row.conditional_access = Some("notApplied".to_owned());
        row.policies = vec![policy(CA001, "notApplied")];
        row.steps = vec![step("Passkey (device-bound)", "MFA successfully completed", true)];
    })
}

/// A rollout in which everything is as it should be.
struct Done {
    snapshot: Snapshot,
    rollout: Rollout,
    rows: Option<SignIns>,
    state: Option<State>,
    now: i64,
}

/// Somebody states that a change was made and undone.
fn undone(minutes: i64) -> Attestation {
    Attestation {
        task: "V-08".to_owned(),
        by: "Sam".to_owned(),
        at: minute(minutes),
        note: "changed the department and back".to_owned(),
        file: None,
        about: Vec::new(),
    }
}

fn done() -> Done {
    let mut state = State::default();
    let test = PlannedTest {
        id: "T-001".to_owned(),
        accounts: vec![account("alpha")],
        from: minute(30),
        to: minute(90),
        by: "Kim".to_owned(),
        at: minute(0),
    };
    state.tests.insert(test.id.clone(), test);
    state.attestations.insert("V-08".to_owned(), undone(100));
    Done {
        snapshot: Snapshot {
            users: Some(["kim", "pat", "alpha"].map(user).to_vec()),
            registrations: Some(["kim", "pat"].map(|name| registered(name, true)).to_vec()),
            policies: Some(vec![ca001()]),
            ..Snapshot::default()
        },
        rollout: Rollout {
            break_glass: BreakGlassSettings {
                accounts: vec!["alpha@ne.example".to_owned()],
                ..BreakGlassSettings::default()
            },
            ..Rollout::default()
        },
        rows: Some(log(vec![by_key(), row("kim", NOW - 60)], NOW - 10)),
        state: Some(state),
        now: NOW,
    }
}

impl Done {
    fn validated(&self) -> Validation {
        let newest = self.rows.as_ref().and_then(|it| it.newest);
        let window = Window { to: newest, ..Window::default() };
        let measurement = Measurement { window, ..Measurement::default() };
        let measured = self.rows.as_ref().map(|_| &measurement);
        let facts = Facts::new(&self.snapshot, measured, &self.rollout, minute(self.now));
        let classification = classify(&facts);
        validation(&ValidationQuestion {
            facts: &facts,
            classification: &classification,
            registration: &report(&facts, &classification),
            sign_ins: self.rows.as_ref(),
            state: self.state.as_ref(),
            enforced: enforced_at(&facts, self.state.as_ref()),
            hours: 72,
            today: date(2026, 12, 12),
        })
    }

    fn rows(&mut self) -> &mut SignIns {
        self.rows.as_mut().unwrap()
    }
}

fn verdicts(validation: &Validation) -> [GateState; 3] {
    [0, 1, 2].map(|at| validation.criteria[at].standing.verdict)
}

#[test]
fn everything_met_is_met() {
    let validation = done().validated();
    assert_eq!(verdicts(&validation), [GateState::Passed; 3], "{:#?}", validation.criteria);
    assert_eq!(validation.verdict, GateState::Passed, "{}", validation.why);
    // From the switch on, however long ago: its first hours are the ones that matter.
    assert_eq!(validation.window.unwrap().from, time(SINCE));
    assert_eq!(validation.watch.unwrap().standing.verdict, GateState::Passed);
    let document = serde_json::to_value(done().validated()).unwrap();
    assert_eq!(document["schema"], "lockstep.validation/1");
    assert_eq!(document["criteria"][1]["verdict"], "passed");
    assert_eq!(document["criteria"].as_array().unwrap().len(), 3);
}

#[test]
fn whatever_is_wrong_or_not_told_keeps_it_open() {
    use GateState::{Failed as F, Inconclusive as I, Passed as P};
    type Change = fn(&mut Done);
    let cases: [(&str, Change, [GateState; 3], GateState); 25] = [
        (
            "somebody is not capable",
            |it| {
                it.snapshot.registrations =
                    Some(vec![registered("kim", true), registered("pat", false)])
            },
            [F, P, P],
            F,
        ),
        (
            "somebody is in no report",
            |it| it.snapshot.registrations = Some(vec![registered("kim", true)]),
            [F, P, P],
            F,
        ),
        ("no report", |it| it.snapshot.registrations = None, [I, P, P], I),
        ("no users", |it| it.snapshot.users = None, [I, P, P], I),
        (
            "an old report",
            |it| {
                let old =
                    |name| Registration { last_updated: Some(minute(0)), ..registered(name, true) };
                it.snapshot.registrations = Some(["kim", "pat"].map(old).to_vec());
            },
            [I, P, P],
            I,
        ),
        ("no log", |it| it.rows = None, [P, I, I], I),
        ("a log of yesterday", |it| it.now = NOW + 25 * 60, [P, I, P], I),
        (
            "the hours are not over",
            |it| {
                it.rows = Some(log(vec![by_key()], 48 * 60));
                it.now = 48 * 60;
            },
            [P, I, P],
            I,
        ),
        ("a damaged record", |it| it.rows().unreadable = 1, [P, I, P], I),
        (
            "a legacy success",
            |it| it.rows().rows.push(with(single("pat", NOW - 60), |row| row.legacy = true)),
            [P, F, P],
            F,
        ),
        (
            "a legacy success in the first hours",
            |it| it.rows().rows.push(with(single("pat", 5), |row| row.legacy = true)),
            [P, F, P],
            F,
        ),
        (
            "a legacy success before the switch",
            |it| it.rows().rows.push(with(single("pat", -5), |row| row.legacy = true)),
            [P, P, P],
            P,
        ),
        (
            "a legitimate failure in the first hours",
            |it| it.rows().rows.push(failure("kim", 5, 53003)),
            [P, P, P],
            F,
        ),
        (
            "nobody states that a change was undone",
            |it| drop(it.state.as_mut().unwrap().attestations.remove("V-08")),
            [P, P, I],
            I,
        ),
        (
            "it was stated before the switch",
            |it| {
                let words = &mut it.state.as_mut().unwrap().attestations;
                words.insert("V-08".to_owned(), undone(-1));
            },
            [P, P, I],
            I,
        ),
        (
            "a wrong password at a break-glass account, and nobody said who it was",
            |it| {
                let tried = with(by_key(), |row| {
                    row.at = Some(minute(200));
                    row.error_code = Some(50126);
                });
                it.rows().rows.push(tried);
            },
            [P, P, I],
            I,
        ),
        (
            "a wrong password, and somebody stated who it was",
            |it| {
                let tried = with(by_key(), |row| {
                    row.at = Some(minute(200));
                    row.error_code = Some(50126);
                });
                it.rows().rows.push(tried);
                let words = &mut it.state.as_mut().unwrap().attestations;
                words.insert("V-08".to_owned(), undone(300));
            },
            [P, P, P],
            P,
        ),
        (
            "legacy failures are noise",
            |it| {
                it.rows().rows.push(with(failure("pat", NOW - 60, 53003), |row| row.legacy = true))
            },
            [P, P, P],
            P,
        ),
        ("nobody was asked since", |it| it.snapshot.policies = Some(Vec::new()), [P, I, P], I),
        ("nobody told the policies", |it| it.snapshot.policies = None, [P, I, I], I),
        (
            "break-glass did not sign in",
            |it| {
                it.rows().rows.remove(0);
            },
            [P, P, I],
            I,
        ),
        (
            "break-glass was asked",
            |it| it.rows().rows[0].policies[0].result = Some("failure".to_owned()),
            [P, P, F],
            F,
        ),
        ("break-glass, not announced", |it| it.state.as_mut().unwrap().tests.clear(), [P, P, F], F),
        (
            "a legitimate failure",
            |it| it.rows().rows.push(failure("kim", NOW - 60, 53003)),
            [P, P, P],
            F,
        ),
        ("a success without MFA", |it| it.rows().rows.push(single("kim", NOW - 60)), [P, P, P], F),
    ];
    for (what, change, expected, verdict) in cases {
        let mut done = done();
        change(&mut done);
        let validation = done.validated();
        assert_eq!(verdicts(&validation), expected, "{what}: {:#?}", validation.criteria);
        assert_eq!(validation.verdict, verdict, "{what}: {}", validation.why);
        for criterion in &validation.criteria {
            let missing = !criterion.standing.missing.is_empty();
            assert_eq!(missing, criterion.standing.verdict == I, "{what}: {criterion:?}");
        }
    }
}

#[test]
fn without_a_register_nobody_knows_what_was_announced() {
    let exported = Done { state: None, ..done() };
    let validation = exported.validated();
    // That a change was made and undone whoever signs the report states.
    assert_eq!(verdicts(&validation), [GateState::Passed; 3]);
    let why = &validation.criteria[2].standing.why;
    assert!(why.ends_with("Whoever signs states that a change was made and undone."), "{why}");
    assert_eq!(validation.break_glass.unwrap().quiet.verdict, GateState::Failed);
}

#[test]
fn what_is_asked_of_the_log_reaches_back_to_the_switch() {
    let done = done();
    let window = Window { to: Some(minute(30 * 24 * 60)), ..Window::default() };
    let measurement = Measurement { window, ..Measurement::default() };
    let facts = Facts::new(&done.snapshot, Some(&measurement), &done.rollout, minute(NOW));
    let ask = validation_ask(&facts, 24, Some(time(SINCE))).unwrap();
    let since = Some(time(SINCE));
    assert_eq!(ask.failures_since, since);
    assert_eq!((ask.single_factor_since, ask.legacy_since), (since, since));
    // Before that, the hours that were asked for, and at least those of a watch.
    let back = minute(30 * 24 * 60) - SignedDuration::from_hours(72);
    assert_eq!(validation_ask(&facts, 24, None).unwrap().legacy_since, Some(back));
    assert_eq!(ask.accounts.into_iter().collect::<Vec<_>>(), ["alpha@ne.example", "id-alpha"]);
    let without = Facts::new(&done.snapshot, None, &done.rollout, minute(NOW));
    assert_eq!(validation_ask(&without, 24, None), None);
    // The date of a policy that nobody is asked by says nothing.
    let mut off = ca001();
    off.state = conditional_access::State::EnabledForReportingButNotEnforced;
    let snapshot = Snapshot { policies: Some(vec![off]), ..Snapshot::default() };
    let nobody = Facts::new(&snapshot, None, &done.rollout, minute(NOW));
    assert_eq!(enforced_at(&nobody, None), None);
    // What lockstep carried out itself it knows better than the policy, which was touched since.
    let mut state = State::default();
    for (set, of_plan, at, phase) in [
        ("a", "CS-07", 1, true),
        ("b", "CS-07/ring-3", 5, true),
        ("e", "CS-07/ring-2", 7, true),
        ("f", "CS-07/bridge", 8, true),
        ("c", "CS-070", 9, true),
        ("d", "CS-07", 9, false),
    ] {
        let phase = if phase { Phase::Done { at: minute(at) } } else { Phase::Running };
        let progress = Progress {
            set: set.to_owned(),
            of_plan: Some(of_plan.to_owned()),
            title: String::new(),
            step: rollout::preflight::Stage::Enforce,
            changes: 1,
            phase,
            confirmed: None,
            guards: Vec::new(),
            done: Vec::new(),
            unsettled: false,
            ids: std::collections::BTreeMap::new(),
            gap: None,
        };
        state.sets.insert(set.to_owned(), progress);
    }
    assert_eq!(enforced_at(&facts, None), Some(time(SINCE)));
    assert_eq!(enforced_at(&facts, Some(&state)), Some(minute(5)));
    assert_eq!(enforced_at(&nobody, Some(&state)), None);
}

#[test]
fn a_guest_who_was_asked_and_did_not_get_in_is_watched_as_everybody_is() {
    let mut done = done();
    let guest = User { user_type: Some(UserType::Guest), ..user("guest") };
    done.snapshot.users.as_mut().unwrap().push(guest);
    done.rows().given_up = vec![CountedFailures {
        account: account("guest"),
        code: 50079,
        sign_ins: 1,
        last: Some(minute(60)),
        ..CountedFailures::default()
    }];
    let watch = done.validated().watch.unwrap();
    let names: Vec<&str> = watch.rings[0].given_up.iter().map(rollout::Account::label).collect();
    assert_eq!(names, ["guest@ne.example"]);
}
