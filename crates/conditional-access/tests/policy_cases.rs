//! Cases as data: what a sign-in should meet.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use conditional_access::Experience;
use conditional_access::cases::read_cases;

/// Runs every case of a file; what disagrees is told case by case.
fn run(text: &str) -> usize {
    let read = read_cases(text);
    let mut told = String::new();
    for problem in &read.problems {
        writeln!(told, "{problem}").unwrap();
    }
    for case in &read.cases {
        let outcome = case.run();
        let Some(expect) = &case.expect else {
            writeln!(told, "line {}, case `{}`: expects nothing", case.line, case.id).unwrap();
            continue;
        };
        for disagreement in expect.disagreements(&outcome) {
            writeln!(told, "line {}, case `{}`: {disagreement}", case.line, case.id).unwrap();
        }
        // An unknown verdict names what would decide it, a known one nothing.
        let is_unknown = outcome.verdict.as_str() == "unknown";
        if is_unknown == outcome.unknown.is_empty() {
            writeln!(
                told,
                "line {}, case `{}`: unknown facts {:?}",
                case.line, case.id, outcome.unknown
            )
            .unwrap();
        }
    }
    assert!(told.is_empty(), "\n{told}");
    read.cases.len()
}

#[test]
fn published_cases() {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let name = "shared/samples/conditional-access-cases.yaml";
    let Some(file) = folders.find_map(|it| Some(it.join(name)).filter(|it| it.is_file())) else {
        eprintln!("skipped: no published cases beside the workspace");
        return;
    };
    assert!(run(&std::fs::read_to_string(file).unwrap()) >= 25);
}

#[test]
fn our_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut names = BTreeSet::new();
    let mut rules = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        run(&text);
        for case in read_cases(&text).cases {
            assert!(names.insert(case.id.clone()), "two cases are called `{}`", case.id);
            rules.extend(case.rules);
        }
    }
    assert!(names.len() > 300, "{} cases", names.len());
    assert!(rules.len() > 120, "{} rules", rules.len());
}

#[test]
fn what_the_person_sees() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        cases.extend(read_cases(&std::fs::read_to_string(entry.unwrap().path()).unwrap()).cases);
    }
    let expected = [
        ("compliant-device-1", Experience::SatisfiedAlready),
        ("two-policies-both-count", Experience::Challenged),
        ("registration-free", Experience::MustRegister),
        ("registration-needs-mfa", Experience::Cannot),
        ("cannot-register", Experience::Cannot),
        ("strength-nothing-registrable", Experience::Cannot),
        ("password-cannot-change", Experience::Cannot),
        ("strength-risk", Experience::Cannot),
        ("legacy-with-claim", Experience::Blocked),
        ("password-grant", Experience::Blocked),
        ("block-beside-others", Experience::Blocked),
        ("compliant-device-2", Experience::Blocked),
        ("direct-connect-no-trust", Experience::Blocked),
        ("strength-microsoft-account", Experience::Blocked),
        ("registration-unseen-risk", Experience::Unknown),
    ];
    for (id, experience) in expected {
        let case = cases.iter().find(|case| case.id == id).unwrap();
        assert_eq!(case.run().experience, experience, "{id}");
    }
}

#[test]
fn the_documented_example_holds() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/POLICY-TESTS.md");
    let text = std::fs::read_to_string(page).unwrap();
    let example = text.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(run(example), 1);
}
