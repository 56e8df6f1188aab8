//! The pilot's matrix: unhappy rows first.

use rollout::Account;
use rollout::evidence::{
    DeviceClass, PilotMatrix, PilotQuestion, Proof, SignInRow, SignIns, pilot_matrix,
};
use rollout::plan::GateState;

use crate::world::{CA001, SINCE, account, claim, failure, log, minute, policy, row, time, with};

/// Six hours after the switch.
const NOW: i64 = 360;

fn asked(sign_ins: &SignIns, testers: &[Account], now: i64) -> PilotMatrix {
    pilot_matrix(&PilotQuestion {
        sign_ins,
        policies: &[CA001.to_uppercase()],
        testers,
        testers_untold: false,
        since: time(SINCE),
        failure_share: 0.08,
        now: minute(now),
    })
}

fn of_kim(rows: Vec<SignInRow>) -> PilotMatrix {
    asked(&log(rows, NOW), &[account("kim")], NOW)
}

#[test]
fn what_one_sign_in_proves() {
    let cases: Vec<(&str, Vec<SignInRow>, Proof, GateState)> = vec![
        ("nothing seen", vec![], Proof::NotSeen, GateState::Running),
        ("a row of another one", vec![row("pat", 10)], Proof::NotSeen, GateState::Running),
        ("a row of before", vec![row("kim", -10)], Proof::NotSeen, GateState::Running),
        (
            "a row without a time",
            vec![with(row("kim", 0), |row| row.at = None)],
            Proof::NotSeen,
            GateState::Running,
        ),
        (
            "no policy told",
            vec![with(row("kim", 10), |row| row.policies.clear())],
            Proof::NotTold,
            GateState::Inconclusive,
        ),
        (
            "another policy",
            vec![with(row("kim", 10), |row| {
                row.policies = vec![policy("ca002", "success"), policy(CA001, "notApplied")];
            })],
            Proof::NotAsked,
            GateState::Running,
        ),
        (
            "security defaults",
            vec![with(row("kim", 10), |row| {
                row.policies = vec![policy("SecurityDefaults", "success")];
            })],
            Proof::NotAsked,
            GateState::Running,
        ),
        (
            "refused by the policy",
            vec![failure("kim", 10, 53003)],
            Proof::Failed,
            GateState::Running,
        ),
        ("too young", vec![row("kim", NOW - 14)], Proof::Provisional, GateState::Running),
        ("old enough", vec![row("kim", NOW - 15)], Proof::Fresh, GateState::Passed),
        ("a young claim", vec![claim("kim", NOW - 119)], Proof::Provisional, GateState::Running),
        ("an old claim", vec![claim("kim", NOW - 120)], Proof::ByClaim, GateState::Running),
        (
            "satisfied, and skipped",
            vec![with(row("kim", 10), |row| {
                row.additional_details = Some("MFA requirement skipped due to location".to_owned());
            })],
            Proof::NotAsked,
            GateState::Running,
        ),
        (
            "Report-only",
            vec![with(row("kim", 10), |row| {
                row.policies = vec![policy(CA001, "reportOnlySuccess")];
            })],
            Proof::Fresh,
            GateState::Passed,
        ),
        (
            "the best counts",
            vec![claim("kim", 10), row("kim", 20), failure("kim", 30, 500_121)],
            Proof::Fresh,
            GateState::Passed,
        ),
        (
            "by name where no id is told",
            vec![with(row("kim", 10), |row| {
                row.account.user_id = None;
                row.account.user_principal_name = Some("KIM@ne.example".to_owned());
            })],
            Proof::Fresh,
            GateState::Passed,
        ),
        (
            "an id beats a name",
            vec![with(row("pat", 10), |row| {
                row.account.user_principal_name = Some("kim@ne.example".to_owned());
            })],
            Proof::NotSeen,
            GateState::Running,
        ),
    ];
    for (what, rows, proof, verdict) in cases {
        let matrix = of_kim(rows);
        assert_eq!(matrix.testers[0].proof, proof, "{what}");
        assert_eq!(matrix.by_tester.verdict, verdict, "{what}: {:?}", matrix.by_tester);
        assert_eq!(
            matrix.gaps.iter().any(|it| it.contains("kim@")),
            proof != Proof::Fresh,
            "{what}"
        );
    }
}

#[test]
fn a_log_that_does_not_reach_concludes_nothing() {
    let spoil: [(&str, fn(&mut SignIns)); 6] = [
        ("ends early", |it| it.newest = Some(minute(NOW - 121))),
        ("begins late", |it| it.oldest = Some(minute(1))),
        ("is empty", |it| (it.newest, it.oldest) = (None, None)),
        ("is damaged", |it| it.unreadable = 1),
        ("lacks rows", |it| it.left_out = 1),
        ("lacks a tab", |it| it.non_interactive = Some(false)),
    ];
    for (what, spoil) in spoil {
        let mut sign_ins = log(vec![], NOW);
        spoil(&mut sign_ins);
        let matrix = asked(&sign_ins, &[account("kim")], NOW);
        for standing in [&matrix.by_tester, &matrix.by_class, &matrix.failures] {
            assert_eq!(standing.verdict, GateState::Inconclusive, "{what}");
            assert!(!standing.missing.is_empty(), "{what}");
        }
        // What is there is proof all the same.
        sign_ins.rows = vec![row("kim", 10)];
        let matrix = asked(&sign_ins, &[account("kim")], NOW);
        assert_eq!(matrix.by_tester.verdict, GateState::Passed, "{what}");
        assert_eq!(matrix.failures.verdict, GateState::Inconclusive, "{what}");
    }
}

#[test]
fn nobody_to_test_is_no_pass() {
    let sign_ins = log(vec![row("kim", 10)], NOW);
    assert_eq!(asked(&sign_ins, &[], NOW).by_tester.verdict, GateState::Inconclusive);
    let testers = [account("kim")];
    let question = PilotQuestion {
        sign_ins: &sign_ins,
        policies: &[CA001.to_owned()],
        testers: &testers,
        testers_untold: true,
        since: time(SINCE),
        failure_share: 0.08,
        now: minute(NOW),
    };
    assert_eq!(pilot_matrix(&question).by_tester.verdict, GateState::Inconclusive);
    let no_policy = PilotQuestion { policies: &[], testers_untold: false, ..question };
    assert_eq!(pilot_matrix(&no_policy).by_tester.verdict, GateState::Running);
}

#[test]
fn every_kind_of_device_is_asked_for() {
    let on = |minutes, system: &'static str, managed, trust: &'static str| {
        with(row("kim", minutes), move |row| {
            row.operating_system = Some(system.to_owned());
            row.is_managed = Some(managed);
            row.is_compliant = Some(managed);
            row.trust_type = Some(trust.to_owned());
        })
    };
    let mut rows = vec![row("kim", 10), on(20, "Ios 26", true, "Azure AD registered")];
    let matrix = of_kim(rows.clone());
    assert_eq!(matrix.by_class.verdict, GateState::Running);
    assert_eq!(
        matrix.by_class.why,
        "No fresh challenge was passed from: personal computer, unenrolled device."
    );
    // A claim on a private computer is no test of it.
    let personal = on(30, "Windows11", false, "");
    rows.push(with(personal.clone(), |row| {
        *row = SignInRow { device_id: Some(String::new()), ..claim("kim", 30) }
    }));
    assert_eq!(of_kim(rows.clone()).by_class.verdict, GateState::Running);
    rows.push(personal);
    let matrix = of_kim(rows);
    assert_eq!(matrix.by_class.verdict, GateState::Passed, "{:?}", matrix.classes);
    assert!(matrix.classes.iter().all(|it| it.by == ["kim@ne.example"]), "{:?}", matrix.classes);
    let cell = |class| matrix.testers[0].cells.iter().find(|it| it.class == class).unwrap();
    assert_eq!(cell(DeviceClass::Phone).rows.len(), 1);
    // Without a device told, nobody can say what was tried.
    let untold = of_kim(vec![with(row("kim", 10), |row| row.operating_system = None)]);
    assert_eq!(untold.by_class.verdict, GateState::Inconclusive);
    assert_eq!(untold.by_tester.verdict, GateState::Passed);
}

#[test]
fn the_share_of_failed_challenges_counts_conversations() {
    let talk =
        |row: SignInRow, talk: &str| with(row, |row| row.correlation_id = Some(talk.to_owned()));
    let interrupt = |minutes| with(failure("kim", minutes, 50074), |row| row.interrupt = true);
    let passes = |number: i64| (0..number).map(|it| row("kim", it)).collect::<Vec<_>>();
    let cases: Vec<(&str, Vec<SignInRow>, (u64, u64), GateState)> = vec![
        ("none", vec![], (0, 0), GateState::Running),
        ("all passed", passes(3), (3, 0), GateState::Passed),
        (
            "asked, then passed, is one conversation",
            vec![
                talk(interrupt(1), "a"),
                talk(failure("kim", 2, 500_121), "A"),
                talk(row("kim", 3), "a"),
            ],
            (1, 0),
            GateState::Passed,
        ),
        ("given up", vec![row("kim", 1), interrupt(5)], (1, 1), GateState::Inconclusive),
        (
            "two failed",
            vec![row("kim", 1), failure("kim", 5, 500_121), failure("kim", 9, 500_121)],
            (1, 2),
            GateState::Failed,
        ),
        (
            "one in twenty is normal",
            [passes(20), vec![failure("kim", 99, 500_121)]].concat(),
            (20, 1),
            GateState::Passed,
        ),
        (
            "a wrong password is no challenge",
            vec![row("kim", 1), with(failure("kim", 2, 50126), |row| row.policies.clear())],
            (1, 0),
            GateState::Passed,
        ),
        (
            "a challenge of another policy",
            vec![
                row("kim", 1),
                with(failure("kim", 2, 500_121), |row| {
                    row.policies = vec![policy("other", "failure"), policy(CA001, "notApplied")];
                }),
            ],
            (1, 0),
            GateState::Passed,
        ),
        (
            "failures that join no other row",
            vec![
                row("kim", 1),
                with(failure("kim", 2, 500_121), |row| (row.id, row.correlation_id) = (None, None)),
                with(failure("kim", 3, 500_121), |row| (row.id, row.correlation_id) = (None, None)),
            ],
            (1, 2),
            GateState::Failed,
        ),
    ];
    for (what, rows, counts, verdict) in cases {
        let matrix = of_kim(rows);
        let challenges = matrix.challenges;
        assert_eq!((challenges.passed, challenges.failed), counts, "{what}");
        assert_eq!(matrix.failures.verdict, verdict, "{what}: {:?}", matrix.failures);
    }
}
