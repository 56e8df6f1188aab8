//! Break-glass: what sign-ins prove, and what they do not.

use rollout::engine::PlannedTest;
use rollout::evidence::{
    BreakGlassProof, BreakGlassQuestion, KnownPolicy, Shown, SignInRow, SignIns, break_glass_proof,
};
use rollout::plan::GateState;

use crate::world::{CA001, SINCE, account, log, minute, policy, row, step, time, with};

const NOW: i64 = 360;

/// A sign-in to the portal by a key, with both policies told as not applied.
fn by_key(name: &str, minutes: i64) -> SignInRow {
    with(row(name, minutes), |row| {
        row.app = Some("Azure Portal".to_owned());
        row.app_id = Some("c44b4083-3bb0-49c1-b47d-974e53cbdf3c".to_owned());
        row.conditional_access = Some("notApplied".to_owned());
        row.policies = vec![policy(CA001, "notApplied"), policy("ca000", "reportOnlyNotApplied")];
        row.steps = vec![step("Passkey (device-bound)", "MFA successfully completed", true)];
    })
}

fn test(name: &str) -> PlannedTest {
    PlannedTest {
        id: "T-001".to_owned(),
        accounts: vec![account(name)],
        from: minute(0),
        to: minute(60),
        by: "Kim".to_owned(),
        at: minute(-10),
    }
}

/// A policy that is On or off since so many minutes after the switch.
fn known(id: &str, is_live: bool, changed: Option<i64>) -> KnownPolicy {
    KnownPolicy { id: Some(id.to_owned()), is_live, changed: changed.map(minute) }
}

fn asked(sign_ins: &SignIns, password_allowed: bool, tests: &[PlannedTest]) -> BreakGlassProof {
    let policies = [known(CA001, true, Some(0)), known("ca000", true, Some(0))];
    among(sign_ins, Some(&policies), password_allowed, tests)
}

fn among(
    sign_ins: &SignIns,
    policies: Option<&[KnownPolicy]>,
    password_allowed: bool,
    tests: &[PlannedTest],
) -> BreakGlassProof {
    break_glass_proof(&BreakGlassQuestion {
        sign_ins,
        accounts: &[account("alpha")],
        policies,
        password_allowed,
        tests,
        since: time(SINCE),
        now: minute(NOW),
    })
}

fn proven(rows: Vec<SignInRow>) -> BreakGlassProof {
    asked(&log(rows, NOW), false, &[test("alpha")])
}

#[test]
fn what_is_proof_and_what_is_not() {
    use GateState::{Failed, Inconclusive, Passed};
    let key = || by_key("alpha", 10);
    let cases: Vec<(&str, Vec<SignInRow>, GateState)> = vec![
        ("nothing", vec![], Inconclusive),
        ("somebody else", vec![by_key("bravo", 10)], Inconclusive),
        ("before the policies were as they are", vec![by_key("alpha", -10)], Inconclusive),
        ("not complete yet", vec![by_key("alpha", NOW - 5)], Inconclusive),
        ("no policy told", vec![with(key(), |row| row.policies.clear())], Inconclusive),
        (
            "one policy not told",
            vec![with(key(), |row| {
                row.policies.pop();
            })],
            Inconclusive,
        ),
        (
            "a policy asked",
            vec![with(key(), |row| row.policies[0].result = Some("success".to_owned()))],
            Failed,
        ),
        (
            "a policy would ask",
            vec![with(key(), |row| {
                row.policies[1].result = Some("reportOnlyInterrupted".to_owned())
            })],
            Failed,
        ),
        ("no portal", vec![with(key(), |row| row.app_id = Some("other".to_owned()))], Inconclusive),
        (
            "by a push",
            vec![with(key(), |row| row.steps = vec![step("Mobile app notification", "", true)])],
            Failed,
        ),
        ("no method told", vec![with(key(), |row| row.steps.clear())], Inconclusive),
        ("it failed", vec![with(key(), |row| row.error_code = Some(50074))], Inconclusive),
        ("by a key", vec![key()], Passed),
        // The portal itself asks: that is no broken exclusion.
        (
            "asked by the portal",
            vec![with(key(), |row| row.requirement_providers = vec!["request".to_owned()])],
            Passed,
        ),
        (
            "security defaults are no policy of Conditional Access",
            vec![with(key(), |row| row.policies.push(policy("SecurityDefaults", "success")))],
            Passed,
        ),
        // The newest row decides.
        (
            "an older one was not asked, the newest was",
            vec![
                key(),
                with(by_key("alpha", 20), |row| {
                    row.policies[0].result = Some("failure".to_owned())
                }),
            ],
            Failed,
        ),
        (
            "a newer success tells of no policy",
            vec![key(), with(by_key("alpha", 20), |row| row.policies.clear())],
            Inconclusive,
        ),
        (
            "a newer wrong password says nothing",
            vec![
                key(),
                with(by_key("alpha", 20), |row| {
                    row.error_code = Some(50126);
                    row.policies.clear();
                }),
            ],
            Passed,
        ),
    ];
    for (what, rows, verdict) in cases {
        let proof = proven(rows);
        assert_eq!(proof.proven.verdict, verdict, "{what}: {:#?}", proof.accounts);
        assert_eq!(proof.proven.missing.is_empty(), verdict != Inconclusive, "{what}");
    }
}

#[test]
fn where_no_policy_was_a_row_needs_to_tell_of_none() {
    use GateState::{Failed, Inconclusive, Passed};
    let silent = || with(by_key("alpha", 10), |row| row.policies.clear());
    let told = || with(silent(), |row| row.policies = vec![policy("gone", "notApplied")]);
    let nameless = KnownPolicy { id: None, is_live: true, changed: Some(minute(0)) };
    type Known = Option<Vec<KnownPolicy>>;
    let cases: Vec<(&str, SignInRow, Known, GateState)> = vec![
        ("nobody told the policies", silent(), None, Inconclusive),
        ("nobody told them, and the row tells of one", told(), None, Inconclusive),
        ("nobody told them, and the row tells of all", by_key("alpha", 10), None, Inconclusive),
        (
            "one that asked is gone since",
            with(silent(), |row| row.policies = vec![policy("gone", "success")]),
            Some(Vec::new()),
            Failed,
        ),
        ("a push", with(silent(), |row| row.steps.clear()), Some(Vec::new()), Inconclusive),
        (
            "it failed",
            with(silent(), |row| row.error_code = Some(50074)),
            Some(Vec::new()),
            Inconclusive,
        ),
        // A proof older than the first policy says nothing of it.
        (
            "the first policy came later",
            silent(),
            Some(vec![known(CA001, true, Some(20))]),
            Inconclusive,
        ),
        ("it was there, untold", silent(), Some(vec![known(CA001, true, Some(0))]), Inconclusive),
        ("one that no file names", silent(), Some(vec![nameless]), Inconclusive),
        (
            "one was switched off later",
            silent(),
            Some(vec![known(CA001, false, Some(20))]),
            Inconclusive,
        ),
        (
            "one is off, since when nobody told",
            silent(),
            Some(vec![known(CA001, false, None)]),
            Inconclusive,
        ),
        ("one was off before", silent(), Some(vec![known(CA001, false, Some(0))]), Passed),
        ("none, and one that is gone left it alone", told(), Some(Vec::new()), Passed),
        ("none", silent(), Some(Vec::new()), Passed),
    ];
    for (what, row, policies, verdict) in cases {
        let proof = among(&log(vec![row], NOW), policies.as_deref(), false, &[test("alpha")]);
        assert_eq!(proof.proven.verdict, verdict, "{what}: {:#?}", proof.accounts);
    }
    // A wrong password shows nothing, whatever policies there are.
    let wrong = with(silent(), |row| row.error_code = Some(50126));
    let proof = among(&log(vec![wrong], NOW), Some(&[]), false, &[]);
    assert!(!proof.accounts[0].not_applied.is_yes(), "{:#?}", proof.accounts);
}

#[test]
fn a_password_is_enough_only_where_it_is() {
    let rows = || {
        vec![with(by_key("alpha", 10), |row| {
            row.steps = vec![step("Password", "Correct password", true)];
            row.requirement = Some("singleFactorAuthentication".to_owned());
        })]
    };
    let tests = [test("alpha")];
    assert_eq!(asked(&log(rows(), NOW), false, &tests).proven.verdict, GateState::Failed);
    let allowed = asked(&log(rows(), NOW), true, &tests);
    assert_eq!(allowed.proven.verdict, GateState::Passed);
    let Shown::Yes { method, .. } = &allowed.accounts[0].portal else { panic!("{allowed:?}") };
    assert_eq!(method.as_deref(), Some("Password"));
}

#[test]
fn a_sign_in_outside_every_announced_test_is_loud() {
    let within = proven(vec![by_key("alpha", 10)]);
    assert_eq!(within.accounts[0].test.as_deref(), Some("T-001"));
    assert_eq!(within.quiet.verdict, GateState::Passed);
    for (what, loud) in [
        ("an hour later", by_key("alpha", 61)),
        ("a second factor failed", with(by_key("alpha", 90), |row| row.error_code = Some(500_121))),
    ] {
        let proof = proven(vec![by_key("alpha", 10), loud]);
        assert_eq!(proof.quiet.verdict, GateState::Failed, "{what}");
        assert_eq!(proof.accounts[0].unannounced.len(), 1, "{what}");
    }
    // Whoever gives a wrong password holds none; nobody uses the account, so who was it?
    let guess = with(by_key("alpha", 90), |row| row.error_code = Some(50126));
    let proof = proven(vec![by_key("alpha", 10), guess]);
    assert_eq!(proof.quiet.verdict, GateState::Inconclusive);
    assert!(proof.quiet.why.contains("198.51.100.7"), "{}", proof.quiet.why);
    let alpha = &proof.accounts[0];
    assert_eq!((alpha.unannounced.len(), alpha.guesses, alpha.wrong_passwords.len()), (0, 1, 1));
    assert_eq!(alpha.wrong_passwords[0].at, minute(90));
    // Within the test somebody mistyped it.
    let mistyped = with(by_key("alpha", 12), |row| row.error_code = Some(50126));
    let proof = proven(vec![by_key("alpha", 10), mistyped]);
    assert_eq!(proof.quiet.verdict, GateState::Passed);
    assert_eq!((proof.accounts[0].guesses, proof.accounts[0].wrong_passwords.len()), (1, 0));
    // A test of the other account does not announce this one.
    let other = asked(&log(vec![by_key("alpha", 10)], NOW), false, &[test("bravo")]);
    assert_eq!(other.quiet.verdict, GateState::Failed);
    // Silence in a log that ends early is no silence.
    let mut thin = log(vec![], NOW);
    thin.newest = Some(minute(-25 * 60));
    assert_eq!(asked(&thin, false, &[]).quiet.verdict, GateState::Inconclusive);
}

#[test]
fn without_an_account_nothing_is_proven() {
    let sign_ins = log(vec![], NOW);
    let proof = break_glass_proof(&BreakGlassQuestion {
        sign_ins: &sign_ins,
        accounts: &[],
        policies: Some(&[]),
        password_allowed: true,
        tests: &[],
        since: time(SINCE),
        now: minute(NOW),
    });
    assert_eq!(proof.proven.verdict, GateState::Inconclusive);
    assert_eq!(proof.quiet.verdict, GateState::Inconclusive);
}
