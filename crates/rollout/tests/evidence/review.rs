//! The log, row by row.

use jiff::civil::date;
use rollout::engine::{Exception, ExceptionPath, ExceptionPhase, PlannedTest};
use rollout::evidence::{
    CountedFailures, FailureClass, Review, ReviewQuestion, SignInRow, SignIns, SuccessClass,
    review, row_success_class,
};
use rollout::exceptions::classify;
use rollout::plan::GateState;
use rollout::{
    Activity, BreakGlassSettings, Facts, LegacyUse, Measurement, PersonActivity, Rollout, Snapshot,
    User, UserType,
};

use crate::world::{
    CA001, account, claim, failure, log, minute, policy, row, single, step, time, with,
};

const DAY: i64 = 24 * 60;

fn user(name: &str) -> User {
    User {
        account: account(name),
        account_enabled: Some(true),
        user_type: Some(UserType::Member),
        ..User::default()
    }
}

/// NE with Kim, who got in from Great Britain only, a service account and a break-glass account.
struct World {
    snapshot: Snapshot,
    measurement: Measurement,
    rollout: Rollout,
    exceptions: Vec<Exception>,
    tests: Vec<PlannedTest>,
    policies: Vec<String>,
}

fn world() -> World {
    let person = |name: &str, country: &str| PersonActivity {
        account: account(name),
        countries: [country.to_owned()].into(),
        ..PersonActivity::default()
    };
    let activity = Activity {
        people: vec![person("kim", "GB"), person("svc-erp", "GB")],
        ..Activity::default()
    };
    World {
        snapshot: Snapshot {
            users: Some(["kim", "pat", "svc-erp", "alpha"].map(user).to_vec()),
            ..Snapshot::default()
        },
        measurement: Measurement {
            activity: Some(activity),
            legacy: vec![LegacyUse {
                account: account("svc-erp"),
                client_app: Some("IMAP4".to_owned()),
                succeeded: 40,
                ..LegacyUse::default()
            }],
            ..Measurement::default()
        },
        rollout: Rollout {
            break_glass: BreakGlassSettings {
                accounts: vec!["alpha@ne.example".to_owned()],
                ..BreakGlassSettings::default()
            },
            people: rollout::PeopleSettings {
                services: vec!["svc-erp@ne.example".to_owned()],
                ..rollout::PeopleSettings::default()
            },
            ..Rollout::default()
        },
        exceptions: Vec::new(),
        tests: Vec::new(),
        policies: vec![CA001.to_owned()],
    }
}

impl World {
    fn review(&self, sign_ins: &SignIns) -> Review {
        let now = time("2026-12-09T08:00:00Z");
        let facts = Facts::new(&self.snapshot, Some(&self.measurement), &self.rollout, now);
        let exceptions: Vec<&Exception> = self.exceptions.iter().collect();
        review(&ReviewQuestion {
            sign_ins,
            facts: Some(&facts),
            classification: &classify(&facts),
            policies: &self.policies,
            exceptions: &exceptions,
            tests: &self.tests,
            from: minute(0),
            to: minute(DAY),
            today: date(2026, 12, 9),
        })
    }

    fn failure(&self, row: SignInRow, got_in: &[i64]) -> FailureClass {
        let mut sign_ins = log(vec![row], DAY);
        let moments = got_in.iter().map(|it| minute(*it)).collect();
        sign_ins.successes.insert("id-kim".to_owned(), moments);
        let review = self.review(&sign_ins);
        assert_eq!(review.failures.len(), 1, "{review:#?}");
        let class = review.failures[0].class;
        let verdict = if class.is_legitimate() { GateState::Failed } else { GateState::Passed };
        assert_eq!(review.no_legitimate_failure.verdict, verdict, "{class:?}");
        class
    }

    fn success(&self, row: SignInRow) -> Option<SuccessClass> {
        let mut sign_ins = log(vec![row], DAY);
        // As whoever gathers rows counts them.
        if let Some(class) = row_success_class(&sign_ins.rows[0]) {
            sign_ins.explained.insert(class, 1);
        }
        let review = self.review(&sign_ins);
        let class = review.successes.first()?.class;
        let verdict = if class.is_explained() { GateState::Passed } else { GateState::Failed };
        assert_eq!(review.no_unexplained_success.verdict, verdict, "{class:?}");
        assert_eq!(review.successes_by_class.get(&class), Some(&1), "{class:?}");
        Some(class)
    }
}

#[test]
fn every_failure_has_a_class() {
    use FailureClass as It;
    let abroad = |code, risk: &str, said: &str| {
        let (risk, said) = (risk.to_owned(), said.to_owned());
        with(failure("kim", 10, code), move |row| {
            row.country = Some("KP".to_owned());
            row.risk = Some(risk);
            row.additional_details = Some(said);
        })
    };
    let legacy = |code| with(failure("kim", 10, code), |row| row.legacy = true);
    let legacy_of_erp = |code| with(failure("svc-erp", 10, code), |row| row.legacy = true);
    let cases: Vec<(&str, SignInRow, &[i64], FailureClass)> = vec![
        ("a challenge", failure("kim", 10, 500_121), &[], It::Challenge),
        ("a challenge, then in", failure("kim", 10, 500_121), &[12], It::Recovered),
        ("then in, an hour later", failure("kim", 10, 500_121), &[71], It::Challenge),
        ("in before", failure("kim", 10, 500_121), &[9], It::Challenge),
        ("must register", failure("kim", 10, 50079), &[], It::Registration),
        ("registration refused there", failure("kim", 10, 53010), &[], It::Registration),
        ("registered a little later", failure("kim", 10, 50079), &[12], It::Recovered),
        ("blocked", failure("kim", 10, 53003), &[], It::Blocked),
        // Another application may have let Kim in.
        ("blocked, and in somewhere", failure("kim", 10, 53003), &[12], It::Blocked),
        ("a device, and in somewhere", failure("kim", 10, 53000), &[12], It::Device),
        ("unknown, and in somewhere", failure("kim", 10, 987_654), &[12], It::Unexplained),
        ("not compliant", failure("kim", 10, 53000), &[], It::Device),
        ("a code nobody knows", failure("kim", 10, 987_654), &[], It::Unexplained),
        (
            "no code",
            with(failure("kim", 10, 1), |row| {
                row.error_code = None;
                row.result_word = Some("failure".to_owned());
            }),
            &[],
            It::Unexplained,
        ),
        ("a session", failure("kim", 10, 50173), &[], It::Session),
        ("not assigned to the application", failure("kim", 10, 50105), &[], It::Application),
        ("another tenant", failure("kim", 10, 500_212), &[], It::OtherTenant),
        ("Microsoft", failure("kim", 10, 90033), &[], It::Platform),
        ("legacy", legacy(53003), &[], It::LegacyBlocked),
        ("legacy that worked before", legacy_of_erp(53003), &[], It::LegacyInUse),
        ("the same, and a wrong password", legacy_of_erp(50126), &[], It::WrongPassword),
        ("legacy, and a wrong password", legacy(50126), &[], It::WrongPassword),
        ("a program", failure("svc-erp", 10, 50076), &[], It::Automation),
        // Behind the right password, from where Kim never was, and with another sign of it.
        ("an attack", abroad(500_121, "high", ""), &[], It::Attack),
        (
            "an attack that Kim declined",
            abroad(500_121, "none", "MFA denied; user declined the authentication"),
            &[],
            It::Attack,
        ),
        ("Kim on a journey", abroad(500_121, "none", ""), &[], It::Challenge),
        (
            "risk at home",
            with(abroad(500_121, "high", ""), |row| row.country = Some("gb".to_owned())),
            &[],
            It::Challenge,
        ),
        (
            "risk, and the place is not told",
            with(abroad(500_121, "high", ""), |row| row.country = None),
            &[],
            It::Challenge,
        ),
    ];
    let world = world();
    for (what, row, got_in, expected) in cases {
        assert_eq!(world.failure(row, got_in), expected, "{what}");
    }
}

#[test]
fn guesses_are_an_attack_only_where_nobody_gets_in() {
    let guess = |name: &str, address: &str, code, got_in| CountedFailures {
        account: account(name),
        code,
        ip_address: Some(address.to_owned()),
        got_in_from_there: got_in,
        sign_ins: 10,
        first: Some(minute(1)),
        last: Some(minute(5)),
        ..CountedFailures::default()
    };
    let of = |accounts: usize, got_in| {
        let mut sign_ins = log(vec![], DAY);
        let names = (0..accounts).map(|it| format!("p{it}"));
        sign_ins.guesses = names.map(|name| guess(&name, "203.0.113.9", 50126, got_in)).collect();
        let review = world().review(&sign_ins);
        assert_eq!(review.no_legitimate_failure.verdict, GateState::Passed);
        review.failures_by_class.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(of(4, Some(false)), [(FailureClass::WrongPassword, 40)]);
    assert_eq!(of(5, Some(false)), [(FailureClass::Attack, 50)]);
    // An office, in which people mistype; or nobody knows.
    assert_eq!(of(5, Some(true)), [(FailureClass::WrongPassword, 50)]);
    assert_eq!(of(5, None), [(FailureClass::WrongPassword, 50)]);
    let mut locked = log(vec![], DAY);
    locked.guesses = vec![guess("kim", "192.0.2.1", 50053, Some(false))];
    locked.guesses_left_out = 3;
    locked.interrupts = 4;
    let classes = world().review(&locked).failures_by_class;
    assert_eq!(
        classes.into_iter().collect::<Vec<_>>(),
        [
            (FailureClass::WrongPassword, 3),
            (FailureClass::AccountState, 10),
            (FailureClass::Interrupt, 4)
        ]
    );
}

#[test]
fn whoever_was_asked_and_did_not_go_on_is_a_failure() {
    let mut sign_ins = log(vec![], DAY);
    let asked = |name: &str, code, minutes| CountedFailures {
        account: account(name),
        code,
        sign_ins: 2,
        last: Some(minute(minutes)),
        ..CountedFailures::default()
    };
    sign_ins.given_up =
        vec![asked("kim", 50079, 10), asked("svc-erp", 50076, 10), asked("pat", 50074, -10)];
    let review = world().review(&sign_ins);
    let classes: Vec<_> = review.failures.iter().map(|it| (it.account.label(), it.class)).collect();
    assert_eq!(
        classes,
        [
            ("kim@ne.example", FailureClass::Registration),
            ("svc-erp@ne.example", FailureClass::Automation)
        ]
    );
    assert_eq!(review.no_legitimate_failure.verdict, GateState::Failed);
}

#[test]
fn every_success_with_one_factor_has_a_class() {
    use SuccessClass as It;
    let app = |name: &'static str, id: &'static str| {
        with(single("kim", 10), move |row| {
            row.app = Some(name.to_owned());
            row.app_id = Some(id.to_owned());
        })
    };
    let earlier = |verdict: &'static str, result: &'static str| {
        with(single("kim", 10), move |row| {
            let said = "First factor requirement satisfied by claim in the token";
            row.steps = vec![step("Previously satisfied", said, true)];
            row.conditional_access = Some(verdict.to_owned());
            row.policies = vec![policy(CA001, result)];
        })
    };
    let cases: Vec<(&str, SignInRow, Option<SuccessClass>)> = vec![
        ("a fresh second factor is none", row("kim", 10), None),
        ("before", single("kim", -10), None),
        ("later", single("kim", DAY + 1), None),
        ("no policy asked", single("kim", 10), Some(It::PolicyGap)),
        (
            "no policy is told",
            with(single("kim", 10), |row| row.policies.clear()),
            Some(It::Unexplained),
        ),
        (
            "satisfied by nothing",
            with(single("kim", 10), |row| {
                row.policies = vec![policy(CA001, "success")];
            }),
            Some(It::Unexplained),
        ),
        (
            "of other policies",
            with(single("kim", 10), |row| {
                row.policies = vec![policy("ca005", "notApplied")];
            }),
            Some(It::Unexplained),
        ),
        (
            "skipped",
            with(single("kim", 10), |row| {
                row.additional_details =
                    Some("MFA requirement skipped due to IP address".to_owned());
            }),
            Some(It::Skipped),
        ),
        (
            "nothing is told at all",
            SignInRow {
                at: Some(minute(10)),
                account: account("kim"),
                error_code: Some(0),
                ..SignInRow::default()
            },
            Some(It::Unexplained),
        ),
        ("legacy", with(single("kim", 10), |row| row.legacy = true), Some(It::Legacy)),
        // Even one that claims a second factor.
        ("legacy with a claim", with(claim("kim", 10), |row| row.legacy = true), Some(It::Legacy)),
        ("a service", single("svc-erp", 10), Some(It::Service)),
        ("break-glass", single("alpha", 10), Some(It::BreakGlass)),
        ("a claim", claim("kim", 10), Some(It::ClaimInToken)),
        (
            "Windows",
            app("Windows Sign In", "38aa3b87-a06d-4817-b275-7a289988d93b"),
            Some(It::WindowsSignIn),
        ),
        // A name is no id.
        (
            "an application that calls itself so",
            app("Windows Sign In", "evil"),
            Some(It::PolicyGap),
        ),
        (
            "the broker",
            app("Microsoft Authentication Broker", "29d9ed98-a469-4536-ade2-f981bc1d605e"),
            Some(It::AuthenticationBroker),
        ),
        (
            "a key",
            with(single("kim", 10), |row| row.steps = vec![step("FIDO2 security key", "", false)]),
            Some(It::PolicyGap),
        ),
        ("a session the policy accepted", earlier("success", "success"), Some(It::EarlierSession)),
        ("a session no policy looked at", earlier("notApplied", "notApplied"), Some(It::PolicyGap)),
        (
            "a session, and the verdict is of nobody",
            earlier("success", "notApplied"),
            Some(It::PolicyGap),
        ),
        (
            "a guest by the home tenant",
            with(earlier("success", "success"), |row| {
                row.steps = vec![step("Password", "", true)];
                row.user_type = Some("guest".to_owned());
                row.cross_tenant = Some("b2bCollaboration".to_owned());
            }),
            Some(It::HomeTenant),
        ),
        (
            "a guest that no policy asked",
            with(single("kim", 10), |row| {
                row.user_type = Some("guest".to_owned());
                row.cross_tenant = Some("b2bCollaboration".to_owned());
            }),
            Some(It::PolicyGap),
        ),
        (
            "registering a device",
            with(single("kim", 10), |row| {
                row.resource = Some("Device Registration Service".to_owned());
            }),
            Some(It::DeviceRegistration),
        ),
    ];
    let world = world();
    for (what, row, expected) in cases {
        assert_eq!(world.success(row), expected, "{what}");
    }
    // Without any policy that asks, everything is a gap.
    let nobody = World { policies: Vec::new(), ..world };
    assert_eq!(nobody.success(single("kim", 10)), Some(SuccessClass::PolicyGap));
}

#[test]
fn an_announced_test_explains_a_break_glass_sign_in() {
    let mut world = world();
    world.tests = vec![PlannedTest {
        id: "T-001".to_owned(),
        accounts: vec![account("alpha")],
        from: minute(0),
        to: minute(20),
        by: "Kim".to_owned(),
        at: minute(-5),
    }];
    assert_eq!(world.success(single("alpha", 20)), Some(SuccessClass::AnnouncedTest));
    assert_eq!(world.success(single("alpha", 21)), Some(SuccessClass::BreakGlass));
    assert_eq!(world.success(single("kim", 10)), Some(SuccessClass::PolicyGap));
}

#[test]
fn only_an_exception_in_force_explains_and_only_its_path() {
    let exception = |phase, expires, path| Exception {
        id: "EX-001".to_owned(),
        subject: account("kim"),
        kind: "service".to_owned(),
        phase,
        path,
        expires,
        ..exception()
    };
    let applied = || ExceptionPhase::Applied { set: "s".to_owned(), at: minute(-60) };
    let path = |app: Option<&str>, place: Option<&str>| ExceptionPath {
        app: app.map(str::to_owned),
        client_app: None,
        place: place.map(str::to_owned),
    };
    let (today, yesterday) = (date(2026, 12, 9), date(2026, 12, 8));
    let cases = [
        ("in force", applied(), today, path(None, None), true),
        ("over", applied(), yesterday, path(None, None), false),
        ("asked for", ExceptionPhase::Asked, today, path(None, None), false),
        ("approved, not applied", ExceptionPhase::Approved, today, path(None, None), false),
        (
            "of this application",
            applied(),
            today,
            path(Some("office 365 exchange online"), None),
            true,
        ),
        ("of another application", applied(), today, path(Some("Azure Portal"), None), false),
        ("from this address", applied(), today, path(None, Some("198.51.100.7")), true),
        ("from a named location", applied(), today, path(None, Some("Leeds office")), false),
    ];
    for (what, phase, expires, path, explains) in cases {
        let world = World { exceptions: vec![exception(phase, expires, path)], ..world() };
        let expected = if explains { SuccessClass::Excepted } else { SuccessClass::PolicyGap };
        assert_eq!(world.success(single("kim", 10)), Some(expected), "{what}");
        assert_eq!(world.success(single("pat", 10)), Some(SuccessClass::PolicyGap), "{what}");
    }
}

fn exception() -> Exception {
    Exception {
        id: String::new(),
        subject: account("kim"),
        kind: String::new(),
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
        reason: "The scanner cannot do it.".to_owned(),
        compensating_control: String::new(),
        owner: String::new(),
        asked_by: String::new(),
        asked_at: minute(-100),
        expires: date(2026, 12, 9),
        renewals: 0,
        decisions: Vec::new(),
        phase: ExceptionPhase::Asked,
        reminded: Vec::new(),
    }
}

#[test]
fn a_clean_log_passes_only_if_it_is_whole() {
    let world = world();
    let verdicts = |sign_ins: &SignIns| {
        let review = world.review(sign_ins);
        [review.no_legitimate_failure.verdict, review.no_unexplained_success.verdict]
    };
    assert_eq!(verdicts(&log(vec![row("kim", 10)], DAY)), [GateState::Passed; 2]);
    let spoil: [(&str, fn(&mut SignIns), [GateState; 2]); 6] = [
        ("thin", |it| it.newest = Some(minute(DAY - 121)), [GateState::Inconclusive; 2]),
        ("damaged", |it| it.unreadable = 1, [GateState::Inconclusive; 2]),
        ("short of rows", |it| it.left_out = 1, [GateState::Inconclusive; 2]),
        ("one tab", |it| it.interactive = Some(false), [GateState::Inconclusive; 2]),
        (
            "not asked for failures",
            |it| it.asked.failures_since = Some(minute(1)),
            [GateState::Inconclusive, GateState::Passed],
        ),
        (
            "not asked for successes",
            |it| it.asked.single_factor_since = None,
            [GateState::Passed, GateState::Inconclusive],
        ),
    ];
    for (what, spoil, expected) in spoil {
        let mut sign_ins = log(vec![row("kim", 10)], DAY);
        spoil(&mut sign_ins);
        assert_eq!(verdicts(&sign_ins), expected, "{what}");
    }
}
