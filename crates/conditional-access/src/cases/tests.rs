use super::read_cases;
use crate::facts::Session;
use crate::outcome::Verdict;

/// Line and message of every problem, and how many cases were read.
fn problems(text: &str) -> (usize, Vec<(u64, String)>) {
    let read = read_cases(text);
    (read.cases.len(), read.problems.into_iter().map(|it| (it.line, it.message)).collect())
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_the_rest_is_read() {
    let text = "\
# a comment
cases:
- id: good
  policies: []
  sign_in: {user: u}
- id: misspelt
  sign_in:
    user: u
    # a comment further left than it should be
    contry: GB
- id: wrong-word
  tenant:
    users:
    - {id: u, type: robot}
  sign_in: {}
- id: no-policy
  policies:
  - {displayName: P}
  sign_in: {}
- id: device
  sign_in:
    device: {registred: true}
- {id: in-one-line, sign_in: {}, expects: {}}
- id: also-good
  sign_in: {user: u}
  expect: {verdict: allow}
";
    let (cases, found) = problems(text);
    assert_eq!(cases, 2);
    let expected = [
        (10, "contry"),
        (14, "robot"),
        (18, "conditionalAccessPolicy"),
        (22, "registred"),
        (23, "expects"),
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for ((line, message), (expected_line, word)) in found.iter().zip(expected) {
        assert!(message.contains(word), "{message}");
        assert_eq!(*line, expected_line, "{message}");
    }
}

#[test]
fn a_case_that_is_no_yaml_costs_no_other() {
    let broken = [
        ("a list that never ends", "- id: broken\n  rule: [R1\n  sign_in: {}\n"),
        ("a key said twice", "- id: broken\n  sign_in: {}\n  sign_in: {}\n"),
        ("a tab", "- id: broken\n\tsign_in: {}\n"),
        ("a text that never ends", "- id: 'broken'\n  note: \"never\n  sign_in: {}\n"),
        ("an anchor nobody set", "- id: broken\n  sign_in: *nowhere\n"),
    ];
    for indent in ["", "  "] {
        for (what, case) in broken {
            let good = |id: &str| format!("- id: {id}\n  sign_in: {{user: u}}\n");
            let list = format!("{}{case}# a comment\n{}", good("a"), good("b"));
            let list: String = list.lines().map(|line| format!("{indent}{line}\n")).collect();
            let read = read_cases(&format!("# a file\ncases:\n\n{list}"));
            let found: Vec<(&str, u64)> =
                read.cases.iter().map(|it| (it.id.as_str(), it.line)).collect();
            let last = 7 + u64::try_from(case.lines().count()).unwrap();
            assert_eq!(found, [("a", 4), ("b", last)], "{what}: {:?}", read.problems);
            let [problem] = read.problems.as_slice() else { panic!("{what}: {read:?}") };
            assert_eq!(problem.case.as_deref(), Some("broken"), "{what}");
            assert!((6..last).contains(&problem.line), "{what}: {problem}");
        }
    }
}

#[test]
fn anchors_are_shared_by_many_cases_and_are_no_bomb() {
    let first = "cases:\n- id: first\n  policies: &all []\n  tenant: &ne {users: [{id: u}]}\n  sign_in: {}\n";
    let other = "- id: other\n  policies: *all\n  tenant: *ne\n  sign_in: {}\n";
    let read = read_cases(&format!("{first}{}", other.repeat(300)));
    assert_eq!((read.cases.len(), read.problems.len()), (301, 0), "{:?}", read.problems.first());
    let mut bomb = "- id: bomb\n  rule: [&a0 [x, x]".to_owned();
    for level in 1..40 {
        bomb.push_str(&format!(", &a{level} [*a{0}, *a{0}]", level - 1));
    }
    let read = read_cases(&format!("{first}{other}{bomb}]\n  sign_in: {{}}\n"));
    let told: Vec<_> = read.problems.iter().map(|it| it.case.as_deref()).collect();
    assert_eq!((read.cases.len(), told), (1, vec![Some("other"), Some("bomb")]));
    let needs = &read.problems[0].message;
    assert!(needs.starts_with("needs the whole file, which cannot be read: line "), "{needs}");
}

#[test]
fn what_is_wrong_beside_the_cases_is_told_and_they_are_read() {
    let text = "cases:\n- id: a\n  sign_in: {}\n- id: b\n  sign_in: {}\nverison: 2\n";
    let read = read_cases(&format!("verison: 1\n{}", text.replace("verison: 2\n", "")));
    assert_eq!(read.cases.len(), 2);
    assert_eq!(read.problems.len(), 1);
    assert!(read.problems[0].message.contains("verison"), "{:?}", read.problems);
}

#[test]
fn a_first_line_that_is_broken_costs_no_other() {
    let (cases, found) =
        problems("{\"id\": \"a\", \"sign_in\": {\n{\"id\": \"b\", \"sign_in\": {}}\n");
    assert_eq!((cases, found.len()), (1, 1), "{found:?}");
    assert_eq!(found[0].0, 1);
    let (cases, found) = problems("{\"cases\": [\n{\"id\": \"b\", \"sign_in\": {}}\n");
    assert_eq!((cases, found.len()), (0, 1), "{found:?}");
}

#[test]
fn a_file_that_is_none() {
    for text in ["", "cases: 7", "case: []", "- id: x", "cases:\n- id: [\n"] {
        let (cases, found) = problems(text);
        assert_eq!((cases, found.len()), (0, 1), "{text}: {found:?}");
    }
}

#[test]
fn json_lines_and_one_json_file() {
    let lines = "\n{\"id\": \"a\", \"sign_in\": {}}\n\n{\"id\": \"b\", \"sign_in\": 7}\n{\"id\": \"c\", \"sign_in\": {\"user\": null}}\n";
    let read = read_cases(lines);
    assert_eq!(
        read.cases.iter().map(|it| (it.id.as_str(), it.line)).collect::<Vec<_>>(),
        [("a", 2), ("c", 5)]
    );
    assert_eq!(read.problems.len(), 1);
    assert_eq!((read.problems[0].line, read.problems[0].case.as_deref()), (4, Some("b")));
    let file = "{\"cases\": [{\"id\": \"a\", \"sign_in\": {}}]}";
    assert_eq!(read_cases(file).cases.len(), 1);
}

#[test]
fn absent_and_null_are_kept_apart() {
    let text = "\
cases:
- id: absent
  sign_in: {}
- id: 'null'
  tenant: {security_defaults: null, mfa_trusted_ips: null, groups: null, per_user_mfa: {u: null}}
  sign_in: {session: null, flow: null, protocol: null, user_action: null, auth_contexts: null, scopes: null}
  registration: {usable: null, can_register: null}
- id: session
  sign_in: {session: {mfa: true}}
";
    let read = read_cases(text);
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    let [absent, null, session] = read.cases.as_slice() else { panic!("three cases") };
    assert_eq!(absent.sign_in.session, Session::fresh());
    assert!(absent.sign_in.flow.is_some() && absent.sign_in.protocol.is_some());
    assert_eq!(absent.tenant.security_defaults, Some(false));
    assert!(!absent.tenant.gaps.groups);
    assert_eq!(null.sign_in.session, Session::not_seen());
    assert!(null.sign_in.flow.is_none() && null.sign_in.protocol.is_none());
    assert!(null.sign_in.user_action.is_none() && null.sign_in.authentication_contexts.is_none());
    assert!(null.tenant.mfa_trusted_ips.is_none() && null.tenant.security_defaults.is_none());
    assert!(null.tenant.gaps.groups && !null.tenant.gaps.roles);
    assert!(null.registration.can_register);
    let seen = &session.sign_in.session;
    assert_eq!(
        (seen.mfa, seen.age_minutes, seen.password_changed),
        (Some(true), None, Some(false))
    );
}

#[test]
fn a_country_is_no_boolean() {
    let read = read_cases("cases: [{id: x, sign_in: {country: NO}}]");
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    assert_eq!(read.cases[0].sign_in.country.as_deref(), Some("NO"));
}

#[test]
fn disagreements_say_what_was_expected() {
    let text = "cases: [{id: x, sign_in: {user: u}, expect: {verdict: block, by: [P], per_policy: {P: failure}}}]";
    let read = read_cases(text);
    let case = &read.cases[0];
    let outcome = case.run();
    assert_eq!(outcome.verdict, Verdict::Allow);
    let found: Vec<String> = case
        .expect
        .as_ref()
        .unwrap()
        .disagreements(&outcome)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        found,
        [
            "verdict: expected block, found allow",
            "by: expected [P], found []",
            "per_policy.P: expected failure, found no such policy",
        ]
    );
}
