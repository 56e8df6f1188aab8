//! The canary: what one sign-in shows before a policy is widened.

use rollout::Account;
use rollout::evidence::{Canary, CanaryQuestion, Proof, SignInRow, SignIns, canary};
use rollout::plan::GateState;

use crate::world::{
    CA001, SINCE, account, claim, failure, log, minute, policy, row, single, time, with,
};

/// Six hours after the policy asks them.
const NOW: i64 = 360;

fn asked(sign_ins: &SignIns, people: &[Account]) -> Canary {
    canary(&CanaryQuestion {
        sign_ins,
        policy: &CA001.to_uppercase(),
        people,
        since: time(SINCE),
        now: minute(NOW),
    })
}

/// A log that was asked for canaries.
fn whole(rows: Vec<SignInRow>) -> SignIns {
    let mut sign_ins = log(rows, NOW);
    sign_ins.asked.fresh_since = Some(time(SINCE));
    sign_ins
}

#[test]
fn what_one_sign_in_shows() {
    use GateState::{Inconclusive, Passed, Running};
    let cases: Vec<(&str, Vec<SignInRow>, Proof, GateState)> = vec![
        ("nothing seen", vec![], Proof::NotSeen, Running),
        ("a row of another one", vec![row("pat", 10)], Proof::NotSeen, Running),
        ("a row of before", vec![row("kim", -10)], Proof::NotSeen, Running),
        ("a row of tomorrow", vec![row("kim", NOW + 1)], Proof::NotSeen, Running),
        (
            "a row without a time",
            vec![with(row("kim", 0), |it| it.at = None)],
            Proof::NotSeen,
            Running,
        ),
        (
            "no policy told",
            vec![with(row("kim", 10), |it| it.policies.clear())],
            Proof::NotTold,
            Inconclusive,
        ),
        (
            "another policy",
            vec![with(row("kim", 10), |it| it.policies = vec![policy("ca002", "success")])],
            Proof::NotAsked,
            Running,
        ),
        (
            "in Report-only",
            vec![with(row("kim", 10), |it| it.policies = vec![policy(CA001, "reportOnlySuccess")])],
            Proof::NotAsked,
            Running,
        ),
        ("one factor", vec![single("kim", 10)], Proof::NotAsked, Running),
        ("refused", vec![failure("kim", 10, 53_003)], Proof::Failed, Running),
        ("a claim", vec![claim("kim", 10)], Proof::ByClaim, Running),
        ("a moment ago", vec![row("kim", NOW - 5)], Proof::Provisional, Running),
        (
            "somebody else with her old name",
            vec![with(row("kim", 10), |it| it.account.user_id = Some("id-other".to_owned()))],
            Proof::NotSeen,
            Running,
        ),
        (
            "by name alone",
            vec![with(row("kim", 10), |it| it.account.user_id = None)],
            Proof::Fresh,
            Passed,
        ),
        ("a fresh challenge", vec![row("kim", 10)], Proof::Fresh, Passed),
        (
            "after others",
            vec![failure("kim", 5, 53_003), claim("kim", 8), row("kim", 10)],
            Proof::Fresh,
            Passed,
        ),
        ("in the first second", vec![row("kim", 0)], Proof::Fresh, Passed),
    ];
    for (name, rows, proof, verdict) in cases {
        let found = asked(&whole(rows), &[account("kim")]);
        assert_eq!((found.proof, found.standing.verdict), (proof, verdict), "{name}");
        assert_eq!(found.row.is_some(), proof != Proof::NotSeen, "{name}");
        assert_eq!(found.standing.missing.is_empty(), verdict != Inconclusive, "{name}");
    }
    // Of several the first.
    let found = asked(&whole(vec![row("kim", 10), row("pat", 5)]), &["kim", "pat"].map(account));
    assert!(found.row.unwrap().contains("pat@ne.example"));
    // Whom the directory tells without an id is known by name.
    let named = Account { user_id: None, ..account("kim") };
    assert_eq!(asked(&whole(vec![row("kim", 10)]), &[named]).proof, Proof::Fresh);
}

/// From a row that is not there nothing follows where the log has a hole; a row that is there stands.
#[test]
fn a_log_with_a_hole() {
    let holes: [(&str, fn(&mut SignIns)); 5] = [
        ("never asked for it", |it| it.asked.fresh_since = None),
        ("asked for later ones", |it| it.asked.fresh_since = Some(minute(1))),
        ("it ends early", |it| it.newest = Some(minute(60))),
        ("rows were left out", |it| it.left_out = 1),
        ("records could not be read", |it| it.unreadable = 1),
    ];
    for (name, hole) in holes {
        for (rows, verdict) in [
            (vec![], GateState::Inconclusive),
            (vec![claim("kim", 10)], GateState::Inconclusive),
            (vec![row("kim", 10)], GateState::Passed),
        ] {
            let mut sign_ins = whole(rows);
            hole(&mut sign_ins);
            let found = asked(&sign_ins, &[account("kim")]).standing;
            assert_eq!(found.verdict, verdict, "{name}");
            assert_eq!(found.missing.is_empty(), verdict == GateState::Passed, "{name}");
        }
    }
    let nobody = asked(&whole(vec![row("kim", 10)]), &[]);
    assert_eq!(nobody.standing.verdict, GateState::Inconclusive);
}
